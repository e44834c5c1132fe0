/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/exported.h"

#include "base/clock.h"
#include "base/format/text.h"
#include "base/grow.h"
#include "presence/export/said_names.h"
#include "storage/codes.h"
#include "storage/transcripts/names.h"

enum { PAGE = 64, NAME_WORDS_MAX = 3 };

/* A name in a text, in code points. */
struct spoken {
    uint64_t seq;
    uint32_t first, last;
};

struct loading {
    const struct export_wish *wish;
    struct exported_chat chat;
    struct spoken *spoken; /* owned */
    size_t spoken_count, spoken_cap;
    int rc;
};

void exported_release(struct exported_chat *chat)
{
    for (size_t i = 0; i < chat->count; i++) {
        free(chat->messages[i].speaker);
        free(chat->messages[i].text);
        free(chat->messages[i].codes);
        replaced_release(&chat->messages[i].replaced);
    }
    free(chat->messages);
    free(chat->visitor);
    free(chat->person);
    free(chat->outcome);
    *chat = (struct exported_chat){ 0 };
}

const char *exported_from_name(enum message_from from)
{
    static const char *const names[FROM_COUNT] = { "visitor", "agent", "bot", "system" };

    return names[from];
}

const char *exported_origin_name(enum message_origin origin)
{
    static const char *const names[ORIGIN_COUNT] = { "typed", "canned", "bot", "system" };

    return names[origin];
}

void exported_time(uint64_t at_ms, struct buf *to)
{
    char text[CLOCK_TEXT_BYTES];

    if (at_ms == 0)
        return;
    clock_format(at_ms, text);
    buf_add_text(to, text);
}

/* --- who speaks --- */

/* "V-4f2a9c01", or the name as it is. Bots and the system have no name to hide. */
static char *speaker_of(const struct export_wish *wish, enum message_from from, struct slice name,
                        const char *visitor)
{
    AUTO_BUF text;

    buf_init(&text, 4096);
    if (from == FROM_VISITOR)
        buf_add_text(&text, visitor);
    else if (from != FROM_AGENT)
        buf_add_text(&text, exported_from_name(from));
    else if (wish->pseudonyms != NULL)
        pseudonym_of(wish->pseudonyms, "A", name, &text);
    else
        text_one_line(name.len > 0 ? name : SLICE_LITERAL("agent"), 200, &text);
    return slice_dup(buf_slice(&text));
}

static char *person_of(const struct export_wish *wish, const struct stored_conversation *row)
{
    char id[ID_TEXT_BYTES];
    AUTO_BUF text;

    buf_init(&text, 4096);
    id_format(row->visitor.id, id);
    if (wish->pseudonyms != NULL)
        pseudonym_of(wish->pseudonyms, "V", slice_of(id), &text);
    else
        buf_add_text(&text, id);
    return slice_dup(buf_slice(&text));
}

static char *visitor_of(const struct export_wish *wish, const struct stored_conversation *row)
{
    AUTO_BUF text;

    buf_init(&text, 4096);
    if (wish->pseudonyms != NULL || row->visitor_name.len == 0)
        return person_of(wish, row);
    text_one_line(row->visitor_name, 200, &text);
    return slice_dup(buf_slice(&text));
}

/* --- loading --- */

static int take_head(void *context, const struct stored_conversation *row)
{
    struct loading *loading = context;
    struct exported_chat *chat = &loading->chat;
    struct slice language = conversation_language(row);

    language.len = language.len < LANGUAGE_BYTES ? language.len : LANGUAGE_BYTES - 1;
    id_format(row->conversation.id, chat->id);
    chat->opened_ms = row->opened_ms;
    chat->ended_ms = row->ended_ms;
    (void)slice_copy(language, chat->language, sizeof(chat->language));
    (void)slice_copy(row->stage, chat->stage, sizeof(chat->stage));
    chat->outcome = slice_dup(row->outcome);
    chat->visitor = visitor_of(loading->wish, row);
    chat->person = person_of(loading->wish, row);
    if (chat->outcome == NULL || chat->visitor == NULL || chat->person == NULL)
        return RAISE(ERR_NO_MEMORY);
    return loading->wish->pseudonyms == NULL
               ? OK
               : pseudonyms_add(loading->wish->pseudonyms, row->visitor_name);
}

/* Whom a coder saw addressed by name is a name, also where the set has no members for names. Any
 * coder's eyes count, so that a text reads the same whoever's codes it is exported with. */
static int take_vocative(void *context, const struct stored_code *row)
{
    struct loading *loading = context;

    if (GROW(loading->spoken, loading->spoken_count, &loading->spoken_cap) != OK)
        return ERR_NO_MEMORY;
    loading->spoken[loading->spoken_count++] = (struct spoken){ row->seq, row->first, row->last };
    return OK;
}

/* Where a code point of a valid text begins. */
static size_t byte_of(struct slice text, uint32_t point)
{
    size_t at = 0;

    for (uint32_t i = 0; at < text.len; at++) {
        bool begins = ((unsigned char)text.data[at] & 0xc0) != 0x80;

        if (begins && i++ == point)
            break;
    }
    return at;
}

/* Somebody who marked the whole sentence did not mark a name. */
static bool may_be_name(struct slice words)
{
    size_t count = 0;
    struct slice word;

    while (slice_next_word(&words, &word))
        count++;
    return count <= NAME_WORDS_MAX;
}

/* Names must be known before the first text is read. */
static int note_name(void *context, const struct stored_message *row)
{
    struct loading *loading = context;
    struct pseudonyms *pseudonyms = loading->wish->pseudonyms;
    int rc = OK;

    for (size_t i = 0; rc == OK && i < loading->spoken_count; i++) {
        const struct spoken *spoken = &loading->spoken[i];
        size_t from, to;
        struct slice words;

        if (spoken->seq != row->seq)
            continue;
        from = byte_of(row->text, spoken->first);
        to = byte_of(row->text, spoken->last);
        words = (struct slice){ row->text.data + from, to - from };
        if (may_be_name(words))
            rc = pseudonyms_add(pseudonyms, words);
    }
    return rc;
}

static int note_names(struct loading *loading, struct conversation_id id)
{
    const struct export_wish *wish = loading->wish;
    int rc = codes_spans(wish->store, wish->tenant, id,
                         slice_of(presence_code_row(PRESENCE_COH_VOC)->id), take_vocative, loading);

    if (rc != OK || loading->spoken_count == 0)
        return rc;
    return STORE_CALL(wish->store, messages, wish->tenant, id, 0, SIZE_MAX, note_name, loading);
}

static int put_text(struct loading *loading, struct exported_message *message, struct slice text)
{
    if (loading->wish->pseudonyms == NULL) {
        message->text = slice_dup(text);
    } else {
        int rc = pseudonyms_replace(loading->wish->pseudonyms, text, &message->replaced);

        if (rc != OK)
            return rc;
        message->text = slice_dup(buf_slice(&message->replaced.text));
    }
    if (message->text == NULL)
        return RAISE(ERR_NO_MEMORY);
    message->points = (uint32_t)text_points(slice_of(message->text));
    return OK;
}

static int take_message(void *context, const struct stored_message *row)
{
    struct loading *loading = context;
    struct exported_message *message;

    if (GROW(loading->chat.messages, loading->chat.count, &loading->chat.cap) != OK)
        return ERR_NO_MEMORY;
    message = &loading->chat.messages[loading->chat.count++];
    *message = (struct exported_message){ .seq = row->seq,
                                          .at_ms = row->at_ms,
                                          .reply_to = row->reply_to,
                                          .edited_ms = row->edited_ms,
                                          .withdrawn_ms = row->withdrawn_ms,
                                          .from = row->from,
                                          .origin = row->origin };
    message->speaker = speaker_of(loading->wish, row->from, row->name, loading->chat.visitor);
    return message->speaker == NULL ? RAISE(ERR_NO_MEMORY) : put_text(loading, message, row->text);
}

static int put_code(struct exported_message *message, const struct stored_code *row)
{
    bool has_span = row->last > row->first;
    struct exported_code *code;

    if (GROW(message->codes, message->code_count, &message->code_cap) != OK)
        return ERR_NO_MEMORY;
    code = &message->codes[message->code_count++];
    /* Without a span the whole message bears it. */
    code->first = has_span ? replaced_place(&message->replaced, row->first, false) : 0;
    code->last = has_span ? replaced_place(&message->replaced, row->last, true) : message->points;
    if (code->last > message->points)
        code->last = message->points;
    (void)slice_copy(row->code, code->code, sizeof(code->code));
    return OK;
}

static int take_code(void *context, const struct stored_code *row)
{
    struct exported_chat *chat = &((struct loading *)context)->chat;

    if (row->seq == 0) {
        for (unsigned i = 0; i < FUNCTION_COUNT; i++)
            if (slice_is(row->code, figures_function_id((enum figures_function)i)))
                chat->functions |= 1u << i;
        return OK;
    }
    if (row->seq > chat->count)
        return OK;
    chat->codes++;
    return put_code(&chat->messages[row->seq - 1], row);
}

/* An agent says in words of its own how a chat came out. */
static int hide_outcome(struct loading *loading)
{
    struct exported_chat *chat = &loading->chat;
    struct replaced replaced = { 0 };
    int rc = pseudonyms_replace(loading->wish->pseudonyms, slice_of(chat->outcome), &replaced);

    if (rc == OK) {
        free(chat->outcome);
        chat->outcome = slice_dup(buf_slice(&replaced.text));
        rc = chat->outcome == NULL ? RAISE(ERR_NO_MEMORY) : OK;
    }
    replaced_release(&replaced);
    return rc;
}

static int load(struct loading *loading, struct conversation_id id)
{
    const struct export_wish *wish = loading->wish;
    const struct coder_key coder = { slice_of(wish->coder), slice_of(wish->book) };
    int rc;

    if (wish->pseudonyms != NULL)
        pseudonyms_clear(wish->pseudonyms);
    rc = STORE_CALL(wish->store, conversation_get, wish->tenant, id, take_head, loading);
    if (rc == OK && wish->pseudonyms != NULL)
        rc = note_names(loading, id);
    if (rc == OK && wish->pseudonyms != NULL && wish->reader != NULL)
        rc = said_names_add(wish->reader, wish->store, wish->tenant, id,
                            slice_of(loading->chat.language), wish->pseudonyms);
    if (rc == OK && wish->pseudonyms != NULL)
        rc = hide_outcome(loading);
    if (rc == OK)
        rc =
            STORE_CALL(wish->store, messages, wish->tenant, id, 0, SIZE_MAX, take_message, loading);
    if (rc != OK || wish->coder[0] == '\0')
        return rc;
    rc = codes_read(wish->store, wish->tenant, &coder, id, take_code, loading);
    loading->chat.coded = rc == OK;
    return rc == STORE_E_NONE ? OK : rc;
}

/* --- the walk --- */

struct page {
    struct conversation_id ids[PAGE], last;
    uint64_t last_ms, since_ms;
    size_t count;
    bool past;
};

static int take_id(void *context, const struct stored_conversation *row)
{
    struct page *page = context;

    if (row->opened_ms < page->since_ms) {
        page->past = true;
        return 1;
    }
    page->ids[page->count++] = row->conversation;
    page->last = row->conversation;
    page->last_ms = row->opened_ms;
    return 0;
}

static int each_of(const struct export_wish *wish, const struct page *page, exported_fn *fn,
                   void *context)
{
    int rc = OK;

    for (size_t i = 0; rc == OK && i < page->count; i++) {
        struct loading loading = { .wish = wish };

        rc = load(&loading, page->ids[i]);
        if (rc == OK)
            rc = fn(context, &loading.chat);
        if (rc == STORE_E_NONE) /* erased meanwhile */
            rc = OK;
        exported_release(&loading.chat);
        free(loading.spoken);
    }
    return rc;
}

static int note_agent(void *context, struct slice name)
{
    return pseudonyms_add_lasting(context, name);
}

int exported_each(const struct export_wish *wish, exported_fn *fn, void *context)
{
    enum conversation_filter filter = wish->ended_only ? LIST_ENDED : LIST_ALL;
    struct page page = { .last_ms = wish->until_ms, .since_ms = wish->since_ms };
    int rc = wish->pseudonyms == NULL
                 ? OK
                 : names_of_agents(wish->store, wish->tenant, note_agent, wish->pseudonyms);

    while (rc == OK) {
        page.count = 0;
        rc = STORE_CALL(wish->store, conversations, wish->tenant, filter, page.last_ms, page.last,
                        PAGE, take_id, &page);
        if (rc == 1 && page.past)
            rc = OK;
        if (rc == OK)
            rc = each_of(wish, &page, fn, context);
        if (page.count < PAGE || page.past)
            break;
    }
    return rc;
}
