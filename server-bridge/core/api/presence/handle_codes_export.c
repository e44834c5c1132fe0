/* SPDX-License-Identifier: Apache-2.0
 *
 * A coder's codes going out: a line a chat, its messages with their codes and without their words,
 * in the shape in which they come in again.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/presence/sheet.h"
#include "server-bridge/core/api/task.h"

#include "storage/codes.h"

enum { CODES_MAX_BYTES = 1024 * 1024 * 1024, PAGE = 128 };

struct listing {
    struct task task;
    struct coder_choice coder;
    struct conversation_id page[PAGE];
    uint64_t last_seqs[PAGE], opened_ms;
    size_t count;
    struct buf out;
};

static int take_head(void *context, const struct stored_conversation *row)
{
    struct listing *listing = context;

    listing->last_seqs[listing->count] = row->last_seq;
    listing->page[listing->count++] = row->conversation;
    listing->opened_ms = row->opened_ms;
    return 0;
}

static int take_code(void *context, const struct stored_code *row)
{
    json_t *line = context, *code;
    json_t *list =
        row->seq == 0 ? json_object_get(line, "functions") : sheet_list(line, row->seq, "codes");

    if (row->last > 0)
        code = json_pack("{s:s%, s:I, s:I}", "code", row->code.data, row->code.len, "first",
                         (json_int_t)row->first, "last", (json_int_t)row->last);
    else
        code = json_stringn(row->code.data, row->code.len);
    return json_array_append_new(list, code) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

static int add_text(const char *bytes, size_t len, void *context)
{
    buf_add(context, bytes, len);
    return buf_failed(context) ? -1 : 0;
}

static int add_line(struct listing *listing, size_t at)
{
    const struct coder_key coder = { slice_of(listing->coder.name), slice_of(listing->coder.book) };
    json_t *messages = json_array();
    AUTO_JSON line = json_pack("{s:o, s:s, s:o, s:[]}", "id", json_id(listing->page[at].id), "book",
                               listing->coder.book, "messages", messages, "functions");
    int rc;

    for (uint64_t seq = 1; seq <= listing->last_seqs[at]; seq++)
        (void)json_array_append_new(messages, json_pack("{s:[]}", "codes"));
    rc = codes_read(listing->task.view, &listing->task.tenant, &coder, listing->page[at], take_code,
                    line);
    if (rc != OK)
        return rc == STORE_E_NONE ? OK : rc;
    if (json_dump_callback(line, add_text, &listing->out, JSON_COMPACT) != 0)
        return RAISE(ERR_LIMIT);
    buf_add_text(&listing->out, "\n");
    return OK;
}

static int run(struct task *base)
{
    struct listing *listing = (struct listing *)base;
    struct conversation_id before = { 0 };
    int rc = coder_choose(base->view, &base->tenant, &listing->coder);

    do {
        listing->count = 0;
        if (rc == OK)
            rc = STORE_CALL(base->view, conversations, &base->tenant, LIST_ALL, listing->opened_ms,
                            before, PAGE, take_head, listing);
        for (size_t i = 0; rc == OK && i < listing->count; i++)
            rc = add_line(listing, i);
        before = listing->count > 0 ? listing->page[listing->count - 1] : before;
    } while (rc == OK && listing->count == PAGE);
    return rc;
}

static void answer(struct task *base, struct call *call)
{
    struct listing *listing = (struct listing *)base;

    if (asprintf(&call->changed, "coder=%s", listing->coder.name) < 0)
        call->changed = NULL;
    answer_text(call, "application/x-ndjson", "", &listing->out);
}

static void release(struct task *base)
{
    struct listing *listing = (struct listing *)base;

    buf_release(&listing->out);
    free(listing);
}

void handle_presence_codes_list(struct call *call)
{
    struct listing *listing = calloc(1, sizeof(*listing));

    if (listing == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    listing->task =
        (struct task){ .run = run, .answer = answer, .what = "coder", .release = release };
    buf_init(&listing->out, CODES_MAX_BYTES);
    if (coder_asked(call, &listing->coder))
        task_begin(call, &listing->task, WORK_LONG, "codes", false);
    else
        release(&listing->task);
}
