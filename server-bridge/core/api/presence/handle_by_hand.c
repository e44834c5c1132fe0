/* SPDX-License-Identifier: Apache-2.0
 *
 * Coding by hand, chat by chat: the next one for a coder, and what its two coders differ about. A
 * coder is blind: the sheet holds nobody's codes, and a coder's token opens nothing else. Who reads
 * which chat stands in the audit.
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/codes_in.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/presence/sample_rows.h"
#include "server-bridge/core/api/presence/sheet.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/writing.h"

#include "base/grow.h"
#include "storage/samples.h"

/* --- the next chat --- */

struct nexting {
    struct task task;
    char *coder, *asked; /* owned; asked: a sample, "" for any */
    struct conversation_id id;
    size_t chats, left; /* of the sample, for this coder */
    bool found;
    char *sample; /* owned; the one it is from */
    json_t *sheet;
};

static int take_place(void *context, const struct sampled *row)
{
    struct nexting *nexting = context;
    int mine = slice_is(row->coders[0], nexting->coder)   ? 0
               : slice_is(row->coders[1], nexting->coder) ? 1
                                                          : -1;

    if (mine < 0 || (row->faded && !row->done[mine]))
        return 0;
    nexting->chats++;
    if (row->done[mine])
        return 0;
    if (nexting->left++ == 0)
        nexting->id = row->conversation;
    nexting->found = true;
    return 0;
}

static int look(struct nexting *nexting, const char *sample)
{
    const struct task *task = &nexting->task;
    int rc;

    nexting->chats = nexting->left = 0;
    rc = samples_read(task->view, &task->tenant, slice_of(sample), take_place, nexting);
    if (rc != OK || !nexting->found)
        return rc;
    nexting->sample = strdup(sample);
    return sheet_read(task->view, &task->tenant, nexting->id, &nexting->sheet);
}

static int run_next(struct task *base)
{
    struct nexting *nexting = (struct nexting *)base;
    struct sample_names names;
    int rc;

    if (nexting->asked[0] != '\0')
        return look(nexting, nexting->asked);
    rc = sample_names_read(base->view, &base->tenant, &names);
    for (size_t i = 0; rc == OK && !nexting->found && i < names.count; i++)
        rc = look(nexting, names.names[i]);
    sample_names_release(&names);
    return rc;
}

static void answer_next(struct task *base, struct call *call)
{
    struct nexting *nexting = (struct nexting *)base;
    json_t *answer = nexting->found ? json_incref(nexting->sheet) : json_pack("{s:n}", "id");
    char id[ID_TEXT_BYTES] = "-";

    if (nexting->found)
        id_format(nexting->id.id, id);
    if (asprintf(&call->changed, "coder=%s id=%s", nexting->coder, id) < 0)
        call->changed = NULL;
    (void)json_object_set_new(answer, "coder", json_string(nexting->coder));
    if (nexting->sample != NULL)
        (void)json_object_set_new(answer, "sample", json_string(nexting->sample));
    (void)json_object_set_new(answer, "dealt", json_integer((json_int_t)nexting->chats));
    (void)json_object_set_new(answer, "left", json_integer((json_int_t)nexting->left));
    answer_json(call, 200, answer);
}

static void release_next(struct task *base)
{
    struct nexting *nexting = (struct nexting *)base;

    json_decref(nexting->sheet);
    free(nexting->coder);
    free(nexting->asked);
    free(nexting->sample);
    free(nexting);
}

void handle_presence_next(struct call *call)
{
    AUTO_MEM char *asked = slice_dup(query_get(&call->query, "coder"));
    const char *coder = asked == NULL ? NULL : coder_of(call, asked);
    struct nexting *nexting;

    if (asked == NULL)
        answer_failed(call, RAISE(ERR_NO_MEMORY));
    if (coder == NULL)
        return;
    nexting = calloc(1, sizeof(*nexting));
    if (nexting != NULL) {
        nexting->task = (struct task){
            .run = run_next, .answer = answer_next, .what = "sample", .release = release_next
        };
        nexting->coder = strdup(coder);
        nexting->asked = slice_dup(query_get(&call->query, "sample"));
    }
    if (nexting != NULL && nexting->coder != NULL && nexting->asked != NULL) {
        task_begin(call, &nexting->task, WORK_QUICK, "next", false);
        return;
    }
    if (nexting != NULL)
        release_next(&nexting->task);
    answer_failed(call, RAISE(ERR_NO_MEMORY));
}

/* --- what they differ about --- */

/* What is settled outlives the task: the writer has it when the work is done. */
struct settled {
    struct codes_bulk bulk;
    char *sample; /* owned */
    size_t open;  /* chats still to be settled by a person */
    json_t *next; /* the first of them */
};

struct settling {
    struct task task;
    struct settled *settled; /* NULL once the writer has it */
    size_t cap;
};

static int note_code(void *context, const struct stored_code *row)
{
    struct coding *coding = context;
    struct stored_code code = *row;

    code.code = code_name(row->code);
    code.rule = SLICE_NONE;
    return code.code.len > 0 ? coding_add(coding, &code) : 0;
}

/* In order of seq, then code, as they are read. */
static int compare(const struct stored_code *a, const struct stored_code *b)
{
    size_t len = a->code.len < b->code.len ? a->code.len : b->code.len;
    int by_code;

    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    by_code = memcmp(a->code.data, b->code.data, len);
    return by_code != 0 ? by_code : (int)a->code.len - (int)b->code.len;
}

typedef void code_pair_fn(void *context, const struct stored_code *first,
                          const struct stored_code *second); /* NULL: that coder did not say it */

static void each_code(const struct coding codings[2], code_pair_fn *fn, void *context)
{
    size_t i = 0, j = 0;

    while (i < codings[0].count || j < codings[1].count) {
        int order = i == codings[0].count   ? 1
                    : j == codings[1].count ? -1
                                            : compare(&codings[0].codes[i], &codings[1].codes[j]);

        fn(context, order <= 0 ? &codings[0].codes[i] : NULL,
           order >= 0 ? &codings[1].codes[j] : NULL);
        i += order <= 0;
        j += order >= 0;
    }
}

static void count_dispute(void *context, const struct stored_code *first,
                          const struct stored_code *second)
{
    *(size_t *)context += first == NULL || second == NULL;
}

struct marking {
    json_t *sheet;
    const struct sampled *row;
};

static json_t *code_json(const struct stored_code *code)
{
    if (code->last == 0)
        return json_stringn(code->code.data, code->code.len);
    return json_pack("{s:s%, s:I, s:I}", "code", code->code.data, code->code.len, "first",
                     (json_int_t)code->first, "last", (json_int_t)code->last);
}

/* Agreed codes stand where the settled ones will; a disputed one beside them, with who said it. */
static void mark(void *context, const struct stored_code *first, const struct stored_code *second)
{
    const struct marking *marking = context;
    const struct stored_code *code = first != NULL ? first : second;
    struct slice by = marking->row->coders[first == NULL];
    bool agreed = first != NULL && second != NULL, function = code->seq == 0;
    json_t *list = function ? json_object_get(marking->sheet, agreed ? "functions" : "disputed")
                            : sheet_list(marking->sheet, code->seq, agreed ? "codes" : "disputed");

    if (list == NULL && function) {
        list = json_array();
        (void)json_object_set_new(marking->sheet, "disputed", list);
    }
    (void)json_array_append_new(list, agreed ? code_json(code)
                                             : json_pack("{s:s%, s:s%}", "code", code->code.data,
                                                         code->code.len, "by", by.data, by.len));
}

static int keep_open(struct settling *settling, const struct sampled *row,
                     const struct coding codings[2])
{
    struct settled *settled = settling->settled;
    const struct task *task = &settling->task;
    struct marking marking = { NULL, row };
    int rc;

    if (settled->open++ > 0)
        return OK;
    rc = sheet_read(task->view, &task->tenant, row->conversation, &settled->next);
    if (rc != OK)
        return rc;
    marking.sheet = settled->next;
    each_code(codings, mark, &marking);
    return OK;
}

static int keep_agreed(struct settling *settling, const struct sampled *row, struct coding *coding)
{
    struct codes_bulk *bulk = &settling->settled->bulk;

    if (GROW(bulk->codings, bulk->count, &settling->cap) != OK)
        return ERR_NO_MEMORY;
    bulk->codings[bulk->count] = *coding;
    bulk->codings[bulk->count].conversation = row->conversation;
    bulk->codings[bulk->count++].last_seq = row->last_seq;
    coding->codes = NULL; /* the bulk's now */
    return OK;
}

static int settle_one(struct settling *settling, const struct sampled *row)
{
    const struct task *task = &settling->task;
    struct coding codings[2] = { { .count = 0 }, { .count = 0 } };
    size_t disputes = 0;
    int rc = OK;

    if (!row->done[0] || !row->done[1] || row->settled || row->faded)
        return OK;
    for (int i = 0; rc == OK && i < 2; i++) {
        const struct coder_key coder = { row->coders[i], SLICE_LITERAL(PRESENCE_CODEBOOK_VERSION) };

        rc = codes_read(task->view, &task->tenant, &coder, row->conversation, note_code,
                        &codings[i]);
    }
    each_code(codings, count_dispute, &disputes);
    if (rc == OK)
        rc = disputes > 0 ? keep_open(settling, row, codings)
                          : keep_agreed(settling, row, &codings[0]);
    free(codings[0].codes);
    free(codings[1].codes);
    return rc;
}

static int run_settle(struct task *base)
{
    struct settling *settling = (struct settling *)base;
    struct sample_rows rows;
    int rc =
        sample_rows_read(base->view, &base->tenant, slice_of(settling->settled->sample), &rows);

    for (size_t i = 0; rc == OK && i < rows.count; i++)
        rc = settle_one(settling, &rows.rows[i]);
    sample_rows_release(&rows);
    return rc;
}

static void settled_free(void *job)
{
    struct settled *settled = job;

    if (settled != NULL) {
        codes_bulk_release(&settled->bulk);
        json_decref(settled->next);
        free(settled->sample);
    }
    free(settled);
}

static void release_settle(struct task *base)
{
    struct settling *settling = (struct settling *)base;

    settled_free(settling->settled);
    free(settling);
}

static void answer_settled(struct call *call, void *job)
{
    const struct settled *settled = job;

    const char *id = json_string_value(json_object_get(settled->next, "id"));

    if (asprintf(&call->changed, "sample=%s id=%s", settled->sample, id != NULL ? id : "-") < 0)
        call->changed = NULL;
    answer_json(call, 200,
                json_pack("{s:s, s:I, s:I, s:O?}", "sample", settled->sample, "settled",
                          (json_int_t)settled->bulk.count, "open", (json_int_t)settled->open,
                          "next", settled->next));
}

static void answer_settle(struct task *base, struct call *call)
{
    struct settling *settling = (struct settling *)base;
    struct settled *settled = settling->settled;
    static const struct writing_way way = { .answer = answer_settled,
                                            .release = settled_free,
                                            .failed = "It could not be stored; try again." };

    if (settled->bulk.count == 0) {
        answer_settled(call, settled);
        return;
    }
    settling->settled = NULL;
    writing_begin(call, &base->tenant, &settled->bulk.bulk, settled, &way);
}

static int prepare(const struct call *call, struct settled *settled)
{
    return codes_bulk_init(&settled->bulk, SLICE_LITERAL(SAMPLES_SETTLED),
                           PRESENCE_CODEBOOK_VERSION, core_now_ms(call->core));
}

void handle_presence_adjudicate(struct call *call)
{
    struct settling *settling = calloc(1, sizeof(*settling));

    if (settling != NULL)
        settling->settled = calloc(1, sizeof(*settling->settled));
    if (settling == NULL || settling->settled == NULL || prepare(call, settling->settled) != OK) {
        if (settling != NULL)
            settled_free(settling->settled);
        free(settling);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    settling->task = (struct task){
        .run = run_settle, .answer = answer_settle, .what = "sample", .release = release_settle
    };
    if (body_line(call, "sample", CODER_POINTS_MAX, NULL, &settling->settled->sample))
        task_begin(call, &settling->task, WORK_QUICK, "adjudication", true);
    else
        release_settle(&settling->task);
}
