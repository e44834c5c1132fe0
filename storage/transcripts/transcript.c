/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/transcript.h"

#include "base/clock.h"
#include "storage/transcripts/revisions.h"

#include <stdlib.h>

static const char *const from_names[FROM_COUNT] = { "visitor", "agent", "bot", "system" };
static const char *const origin_names[ORIGIN_COUNT] = { "typed", "canned", "bot", "system" };

/* What is needed to write a conversation, while its rows come by. */
struct writing {
    struct buf *to;
    const char *sep;
    struct id visitor;
    struct earlier *earlier; /* by seq: what messages said before they were changed */
    size_t earlier_count, earlier_at;
};

static void add_key(struct buf *to, const char *sep, const char *key)
{
    buf_addf(to, "%s\"%s\":", sep, key);
}

static void add_text(struct buf *to, const char *sep, const char *key, struct slice text)
{
    add_key(to, sep, key);
    buf_add_json(to, text);
}

/* null where the text is empty */
static void add_text_or_null(struct buf *to, const char *sep, const char *key, struct slice text)
{
    add_key(to, sep, key);
    if (text.len == 0)
        buf_add_text(to, "null");
    else
        buf_add_json(to, text);
}

static void add_id(struct buf *to, const char *sep, const char *key, struct id id)
{
    char text[ID_TEXT_BYTES];

    id_format(id, text);
    add_text(to, sep, key, slice_of(text));
}

static void add_time(struct buf *to, const char *sep, const char *key, uint64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(wall_ms, text);
    add_text_or_null(to, sep, key, wall_ms == 0 ? SLICE_NONE : slice_of(text));
}

/* JSON that we stored ourselves goes in as it is. */
static void add_json(struct buf *to, const char *sep, const char *key, struct slice json,
                     const char *otherwise)
{
    add_key(to, sep, key);
    if (json.len == 0)
        buf_add_text(to, otherwise);
    else
        buf_add_slice(to, json);
}

static int write_head(void *context, const struct stored_conversation *row)
{
    struct writing *writing = context;
    struct buf *to = writing->to;

    writing->visitor = row->visitor.id;
    add_id(to, "{", "id", row->conversation.id);
    add_text(to, ",", "tenant", slice_of(writing->sep));
    add_id(to, ",", "site", row->site.id);
    add_text(to, ",", "language", row->language);
    add_text(to, ",", "stage", row->stage);
    add_text_or_null(to, ",", "stage_source", row->stage_source);
    add_id(to, ",\"visitor\":{", "id", row->visitor.id);
    add_text_or_null(to, ",", "name", row->visitor_name);
    buf_addf(to, ",\"verified\":%s", row->verified ? "true" : "false");
    add_text_or_null(to, ",", "email", row->email);
    add_json(to, ",", "attributes", row->attributes, "{}");
    buf_add_text(to, "}");
    add_time(to, ",", "opened_at", row->opened_ms);
    add_time(to, ",", "ended_at", row->ended_ms);
    add_text_or_null(to, ",", "end_reason", row->end_reason);
    add_json(to, ",", "tags", row->tags, "[]");
    add_text_or_null(to, ",", "outcome", row->outcome);
    add_json(to, ",", "survey", row->survey, "null");
    return 0;
}

/* --- messages, and what they said before --- */

struct earlier {
    uint64_t seq, until_ms;
    char *text;
};

static int take_earlier(void *context, const struct stored_revision *row)
{
    struct writing *writing = context;
    struct earlier *grown =
        realloc(writing->earlier, (writing->earlier_count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    writing->earlier = grown;
    grown[writing->earlier_count] =
        (struct earlier){ row->seq, row->until_ms, slice_dup(row->text) };
    return grown[writing->earlier_count++].text == NULL ? RAISE(ERR_NO_MEMORY) : OK;
}

static void forget_earlier(struct writing *writing)
{
    for (size_t i = 0; i < writing->earlier_count; i++)
        free(writing->earlier[i].text);
    free(writing->earlier);
}

static void write_earlier(struct writing *writing, uint64_t seq)
{
    const char *sep = ",\"earlier\":[", *end = "";

    for (; writing->earlier_at < writing->earlier_count; writing->earlier_at++) {
        const struct earlier *earlier = &writing->earlier[writing->earlier_at];

        if (earlier->seq != seq)
            break;
        buf_add_text(writing->to, sep);
        add_text(writing->to, "{", "text", slice_of(earlier->text));
        add_time(writing->to, ",", "until", earlier->until_ms);
        buf_add_text(writing->to, "}");
        sep = ",";
        end = "]";
    }
    buf_add_text(writing->to, end);
}

/* Only where there is one: {"id":…,"type":…}. Its name is the message's text. */
static void add_file(struct buf *to, const struct chat_file *file)
{
    char sha256[DIGEST_HEX_BYTES];

    if (file_id_is_none(file->id))
        return;
    digest_hex(&file->sha256, sha256);
    add_id(to, ",\"file\":{", "id", file->id.id);
    add_text(to, ",", "type", slice_of(filetype_mime(file->type)));
    buf_addf(to, ",\"bytes\":%llu", (unsigned long long)file->bytes);
    if (filetype_is_picture(file->type))
        buf_addf(to, ",\"width\":%u,\"height\":%u", file->width, file->height);
    add_text(to, ",", "sha256", slice_of(sha256));
    buf_add_text(to, "}");
}

static int write_message(void *context, const struct stored_message *row)
{
    struct writing *writing = context;
    struct buf *to = writing->to;

    buf_addf(to, "%s{\"seq\":%llu", writing->sep, (unsigned long long)row->seq);
    add_text(to, ",", "from", slice_of(from_names[row->from]));
    add_text_or_null(to, ",", "name", row->name);
    add_text(to, ",", "origin", slice_of(origin_names[row->origin]));
    add_time(to, ",", "at", row->at_ms);
    add_text(to, ",", "text", row->text);
    add_file(to, &row->file);
    if (row->reply_to == 0)
        buf_add_text(to, ",\"reply_to\":null");
    else
        buf_addf(to, ",\"reply_to\":%llu", (unsigned long long)row->reply_to);
    add_time(to, ",", "delivered_at", row->delivered_ms);
    add_time(to, ",", "read_at", row->read_ms);
    if (row->edited_ms != 0)
        add_time(to, ",", "edited_at", row->edited_ms);
    if (row->withdrawn_ms != 0)
        add_time(to, ",", "withdrawn_at", row->withdrawn_ms);
    write_earlier(writing, row->seq);
    buf_add_text(to, "}");
    writing->sep = ",";
    return buf_failed(to) ? ERR_LIMIT : 0;
}

/* {"at":…,"type":…} and then whatever the detail holds. */
static int write_event(void *context, const struct stored_event *row)
{
    struct writing *writing = context;
    struct buf *to = writing->to;

    buf_add_text(to, writing->sep);
    add_time(to, "{", "at", row->at_ms);
    add_text(to, ",", "type", row->type);
    if (row->name.len > 0)
        add_text(to, ",", "agent", row->name);
    if (row->detail.len > 2 && row->detail.data[0] == '{') {
        buf_add_text(to, ",");
        buf_add(to, row->detail.data + 1, row->detail.len - 2);
    }
    buf_add_text(to, "}");
    writing->sep = ",";
    return buf_failed(to) ? ERR_LIMIT : 0;
}

static int write_note(void *context, const struct stored_note *row)
{
    struct writing *writing = context;
    struct buf *to = writing->to;

    buf_add_text(to, writing->sep);
    add_time(to, "{", "at", row->at_ms);
    add_text(to, ",", "by", row->name);
    add_text(to, ",", "text", row->text);
    buf_add_text(to, "}");
    writing->sep = ",";
    return buf_failed(to) ? ERR_LIMIT : 0;
}

/* The holder's stay runs from a `claimed` or `transferred` event to the next of them, to `released`
 * or `ended`; a supervisor's beside them from `joined` to `left`, `ended`, or being the holder. */
enum { STAYS_MAX = 64 };

struct stay {
    char *agent, *name; /* owned */
    uint64_t joined_ms, left_ms;
    bool holds;
};

struct stays {
    struct stay all[STAYS_MAX]; /* the first so many are told */
    size_t count;
};

static bool ends(const struct stay *stay, const struct stored_event *row)
{
    bool moves = slice_is(row->type, "claimed") || slice_is(row->type, "transferred");
    bool theirs = slice_is(row->agent, stay->agent);

    if (slice_is(row->type, "ended"))
        return true;
    if (stay->holds)
        return moves || slice_is(row->type, "released");
    return theirs && (moves || slice_is(row->type, "left"));
}

static int gather_stay(void *context, const struct stored_event *row)
{
    struct stays *stays = context;
    bool holds = slice_is(row->type, "claimed") || slice_is(row->type, "transferred");

    for (size_t i = 0; i < stays->count; i++) {
        if (stays->all[i].left_ms == 0 && ends(&stays->all[i], row))
            stays->all[i].left_ms = row->at_ms;
    }
    if ((holds || slice_is(row->type, "joined")) && stays->count < STAYS_MAX) {
        struct stay *stay = &stays->all[stays->count];

        *stay = (struct stay){ .joined_ms = row->at_ms, .holds = holds };
        stay->agent = slice_dup(row->agent);
        stay->name = slice_dup(row->name);
        stays->count += stay->agent != NULL && stay->name != NULL;
    }
    return 0;
}

static int write_stays(struct store *store, const struct tenant_name *tenant,
                       struct conversation_id conversation, struct buf *to)
{
    struct stays stays = { .count = 0 };
    int rc = STORE_CALL(store, events, tenant, conversation, gather_stay, &stays);

    buf_add_text(to, ",\"agents\":[");
    for (size_t i = 0; i < stays.count; i++) {
        struct stay *stay = &stays.all[i];

        add_text(to, i == 0 ? "{" : ",{", "name", slice_of(stay->name));
        add_time(to, ",", "joined_at", stay->joined_ms);
        add_time(to, ",", "left_at", stay->left_ms);
        buf_add_text(to, "}");
        free(stay->agent);
        free(stay->name);
    }
    buf_add_text(to, "]");
    return rc;
}

int transcript_write(struct store *store, const struct tenant_name *tenant,
                     struct conversation_id conversation, struct buf *to)
{
    struct writing writing = { .to = to, .sep = tenant->text };
    int rc = STORE_CALL(store, conversation_get, tenant, conversation, write_head, &writing);

    if (rc == OK)
        rc = write_stays(store, tenant, conversation, to);
    writing.sep = "";
    buf_add_text(to, ",\"messages\":[");
    if (rc == OK)
        rc = revisions_read(store, tenant, conversation, take_earlier, &writing);
    if (rc == OK)
        rc =
            STORE_CALL(store, messages, tenant, conversation, 0, SIZE_MAX, write_message, &writing);
    forget_earlier(&writing);
    writing.sep = "";
    buf_add_text(to, "],\"events\":[");
    if (rc == OK)
        rc = STORE_CALL(store, events, tenant, conversation, write_event, &writing);
    writing.sep = "";
    buf_add_text(to, "],\"notes\":[");
    if (rc == OK)
        rc = STORE_CALL(store, notes, tenant, conversation, write_note, &writing);
    buf_add_text(to, "]}");
    if (rc == OK && buf_failed(to))
        return RAISE(ERR_LIMIT);
    return rc;
}
