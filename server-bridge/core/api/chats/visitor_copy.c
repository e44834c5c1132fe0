/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of all that is kept of a visitor, as it goes. As lines: one for the visitor, then one for
 * each conversation, and one for each survey answered as a buyer. As a tar archive: visitor.json,
 * conversations/<id>.json, answers/<order>.json, and beside them, as files/<id>/<name>, what they
 * sent; a message's `file` says which <id> is its.
 */
#include "server-bridge/core/api/chats/visitor_copy.h"

#include "base/grow.h"
#include "server-bridge/core/api/presence/buyers_in.h"
#include "storage/backup/pack.h"
#include "storage/files.h"
#include "storage/transcripts/transcript.h"

#include <stdio.h>

enum { TAR_NAME_MAX = 100, FILES_PAGE = 500 };

struct sent {
    struct chat_file file;
    uint64_t at_ms;
    char *name; /* owned; in plain letters */
};

struct copying {
    struct core *core;
    struct tenant_name tenant;
    struct visitor_record record;
    json_t *self; /* NULL: written */
    size_t next;
    struct buf *answers_to; /* while they are written */
    bool answers_told;
    bool archive;
    struct sent *sent; /* of an archive */
    size_t sent_count, sent_cap, sent_next;
    uint64_t at; /* of the file that is on its way; 0: its head is not written */
    char part[CALL_PART_BYTES];
};

static void copying_free(void *context)
{
    struct copying *copying = context;

    for (size_t i = 0; i < copying->sent_count; i++)
        free(copying->sent[i].name);
    free(copying->sent);
    json_decref(copying->self);
    visitor_record_release(&copying->record);
    free(copying);
}

/* --- documents --- */

static void add_padding(struct buf *to, uint64_t bytes)
{
    static const char zeros[PACK_BLOCK_BYTES];

    buf_add(to, zeros, pack_padding(bytes));
}

/* A line, or a file of the archive. */
static void add_document(const struct copying *copying, const char *folder, const char *name,
                         uint64_t at_ms, struct slice document, struct buf *to)
{
    char head[PACK_BLOCK_BYTES];

    if (copying->archive) {
        pack_head(head, folder, name, document.len + 1, at_ms / 1000);
        buf_add(to, head, sizeof(head));
    }
    buf_add_slice(to, document);
    buf_add_text(to, "\n");
    if (copying->archive)
        add_padding(to, document.len + 1);
}

static int write_self(struct copying *copying, struct buf *to)
{
    AUTO_MEM char *text = json_dumps(copying->self, JSON_COMPACT);

    json_decref(copying->self);
    copying->self = NULL;
    if (text == NULL)
        return RAISE(ERR_NO_MEMORY);
    add_document(copying, "", "visitor.json", copying->record.created_ms, slice_of(text), to);
    return OK;
}

static int write_next(struct copying *copying, struct buf *to)
{
    struct conversation_id conversation = copying->record.conversations[copying->next++];
    char id[ID_TEXT_BYTES], name[ID_TEXT_BYTES + sizeof(".json")];
    AUTO_BUF document;
    int rc;

    buf_init(&document, CALL_DOCUMENT_MAX_BYTES);
    rc = transcript_write(copying->core->store, &copying->tenant, conversation, &document);
    if (rc == STORE_E_NONE) /* erased meanwhile */
        return OK;
    if (rc == OK && buf_failed(&document))
        rc = RAISE(ERR_LIMIT);
    if (rc != OK)
        return rc;
    id_format(conversation.id, id);
    (void)snprintf(name, sizeof(name), "%s.json", id);
    add_document(copying, "conversations", name, core_now_ms(copying->core), buf_slice(&document),
                 to);
    return OK;
}

static int write_answer(void *context, const struct buyer *buyer)
{
    struct copying *copying = context;
    json_t *document = json_pack("{s:o}", "buyer", buyers_view(buyer));
    AUTO_MEM char *text = json_dumps(document, JSON_COMPACT);
    char id[ID_TEXT_BYTES], name[ID_TEXT_BYTES + sizeof(".json")];

    json_decref(document);
    if (text == NULL)
        return RAISE(ERR_NO_MEMORY);
    id_format(buyer->id, id);
    (void)snprintf(name, sizeof(name), "%s.json", id);
    add_document(copying, "answers", name, buyer->at_ms, slice_of(text), copying->answers_to);
    return OK;
}

static int write_answers(struct copying *copying, struct buf *to)
{
    copying->answers_told = true;
    copying->answers_to = to;
    return buyers_of_visitor(copying->core->store, &copying->tenant, copying->record.visitor,
                             write_answer, copying);
}

/* --- files --- */

/* A name that is too long loses its beginning: its ending says what it is. */
static void add_head(const struct sent *sent, struct buf *to)
{
    char head[PACK_BLOCK_BYTES], id[ID_TEXT_BYTES], folder[sizeof("files/") + ID_TEXT_BYTES];
    size_t len = strlen(sent->name);

    id_format(sent->file.id.id, id);
    (void)snprintf(folder, sizeof(folder), "files/%s", id);
    pack_head(head, folder, sent->name + (len > TAR_NAME_MAX ? len - TAR_NAME_MAX : 0),
              sent->file.bytes, sent->at_ms / 1000);
    buf_add(to, head, sizeof(head));
}

static bool is_erased(const struct copying *copying, const struct sent *sent)
{
    struct stored_file found = { .name = NULL };
    int rc = files_find(copying->core->store, &copying->tenant, sent->file.id, &found);

    free(found.name);
    return rc == STORE_E_NONE;
}

/* What was erased before its head was written is left out; after that it ends the copy. So does
 * what cannot be read: nobody shall take a part for the whole. */
static int write_part(struct copying *copying, struct buf *to)
{
    const struct sent *sent = &copying->sent[copying->sent_next];
    uint64_t left = sent->file.bytes - copying->at;
    size_t max = left < sizeof(copying->part) ? (size_t)left : sizeof(copying->part), got;
    int rc = files_read(copying->core->tenants_folder, &copying->tenant, sent->file.id, copying->at,
                        copying->part, max, &got);

    if (rc != OK && copying->at == 0 && is_erased(copying, sent)) {
        copying->sent_next++;
        return OK;
    }
    if (rc == OK && got < max)
        rc = RAISE(ERR_IO); /* shorter than its row says */
    if (rc != OK)
        return rc;
    if (copying->at == 0)
        add_head(sent, to);
    buf_add(to, copying->part, got);
    copying->at += got;
    if (copying->at < sent->file.bytes)
        return OK;
    add_padding(to, sent->file.bytes);
    copying->at = 0;
    copying->sent_next++;
    return OK;
}

static int add_sent(void *context, const struct listed_file *listed)
{
    struct copying *copying = context;
    struct sent sent = { .file = listed->file, .at_ms = listed->at_ms };
    AUTO_BUF name;

    buf_init(&name, 1024);
    filetype_plain_name(listed->name, listed->file.type, &name);
    sent.name = slice_dup(buf_slice(&name));
    if (sent.name == NULL || GROW(copying->sent, copying->sent_count, &copying->sent_cap) != OK) {
        free(sent.name);
        return RAISE(ERR_NO_MEMORY);
    }
    copying->sent[copying->sent_count++] = sent;
    return OK;
}

/* All of them, a page at a time. */
static int list_sent(struct copying *copying)
{
    struct files_wish wish = { .of = FILES_OF_VISITOR,
                               .id = copying->record.visitor.id,
                               .limit = FILES_PAGE };
    size_t before;
    int rc;

    do {
        before = copying->sent_count;
        rc = files_list(copying->core->store, &copying->tenant, &wish, add_sent, copying);
        if (copying->sent_count > before) {
            wish.before_ms = copying->sent[copying->sent_count - 1].at_ms;
            wish.after = copying->sent[copying->sent_count - 1].file.id;
        }
    } while (rc == OK && copying->sent_count == before + FILES_PAGE);
    return rc;
}

/* --- all of it --- */

static bool is_done(const struct copying *copying)
{
    return copying->self == NULL && copying->next == copying->record.count &&
           copying->answers_told && copying->sent_next == copying->sent_count;
}

static int write_more(struct copying *copying, struct buf *to)
{
    if (copying->self != NULL)
        return write_self(copying, to);
    if (copying->next < copying->record.count)
        return write_next(copying, to);
    return copying->answers_told ? write_part(copying, to) : write_answers(copying, to);
}

static int refill(void *context, struct buf *to, bool *last)
{
    static const char end[2 * PACK_BLOCK_BYTES];
    struct copying *copying = context;
    int rc = OK;

    while (rc == OK && !is_done(copying) && to->len < CALL_PART_BYTES)
        rc = write_more(copying, to);
    *last = is_done(copying);
    if (*last && copying->archive)
        buf_add(to, end, sizeof(end));
    return rc;
}

void visitor_copy(struct call *call, struct visitor_record *record, json_t *self, bool archive)
{
    struct copying *copying = calloc(1, sizeof(*copying));
    int rc = copying == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (copying == NULL) {
        json_decref(self);
        visitor_record_release(record);
        answer_failed(call, rc);
        return;
    }
    copying->core = call->core;
    copying->tenant = call->tenant->about.name;
    copying->record = *record;
    copying->self = self;
    copying->archive = archive;
    if (archive)
        rc = list_sent(copying);
    if (rc == OK) {
        answer_stream(call, archive ? "application/x-tar" : "application/jsonl", refill, copying,
                      copying_free);
        return;
    }
    copying_free(copying);
    answer_failed(call, rc);
}
