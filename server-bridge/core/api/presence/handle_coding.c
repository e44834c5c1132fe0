/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine codes a tenant's conversations, a slice a request: so whoever asks can show how far
 * it is, stop at any time, and go on later. What is coded already, as it is now and by the same
 * rules, is left alone. Coding is done off the loop, its codes are stored by the tenant's writer.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/writing.h"

#include "base/clock.h"
#include "storage/codes.h"

enum { SLICE_CHATS = 1000, SLICE_MS = 1000 };

/* The codes outlive the task: the writer has them when the work is done. */
struct coded {
    struct codes_bulk bulk;
    uint64_t left;
    size_t chats, messages, refused, instances;
};

struct coding_task {
    struct task task;
    const struct presence_rules *rules;
    char coder[CODER_NAME_MAX];
    uint64_t now_ms;
    struct coded *coded; /* NULL once the writer has it */
};

/* --- on the thread --- */

struct hearing {
    struct coding *coding;
    int rc;
};

static void take_instance(void *context, const struct presence_instance *instance)
{
    struct hearing *hearing = context;
    const struct stored_code code = { .seq = instance->message + 1,
                                      .code = slice_of(presence_code_row(instance->code)->id),
                                      .rule = slice_of(instance->rule),
                                      .first = instance->from,
                                      .last = instance->to };

    if (hearing->rc == OK)
        hearing->rc = coding_add(hearing->coding, &code);
}

static int code_one(struct coding_task *task, struct presence_coder *coder,
                    struct conversation_id id)
{
    struct coded *coded = task->coded;
    struct coding *coding = &coded->bulk.codings[coded->bulk.count];
    struct hearing hearing = { coding, OK };
    struct presence_outcome outcome;
    struct presence_conversation view;
    struct machine_chat chat;
    int rc = machine_chat_read(&chat, task->task.view, &task->task.tenant, id);

    if (rc != OK)
        return rc == STORE_E_NONE ? OK : rc; /* erased meanwhile */
    *coding = (struct coding){ .conversation = id, .last_seq = chat.last_seq };
    coded->bulk.count++;
    view = machine_chat_view(&chat);
    rc = presence_code(coder, &view, take_instance, &hearing, &outcome);
    machine_chat_release(&chat);
    if (rc != OK)
        return rc;
    memcpy(coding->read_in, outcome.language, sizeof(coding->read_in));
    coded->chats++;
    coded->messages += outcome.coded;
    coded->refused += outcome.refused;
    coded->instances += outcome.instances;
    return hearing.rc;
}

static int code_slice(struct coding_task *task, struct presence_coder *coder)
{
    AUTO_MEM struct conversation_id *ids = calloc(SLICE_CHATS, sizeof(*ids));
    const struct coder_key machine = { slice_of(task->coder),
                                       SLICE_LITERAL(PRESENCE_CODEBOOK_VERSION) };
    uint64_t until_ms = clock_steady_ms() + SLICE_MS;
    size_t count = 0, i = 0;
    int rc;

    task->coded->bulk.codings = calloc(SLICE_CHATS, sizeof(*task->coded->bulk.codings));
    if (ids == NULL || task->coded->bulk.codings == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = codes_uncoded(task->task.view, &task->task.tenant, &machine, SLICE_CHATS, ids, &count,
                       &task->coded->left);
    for (; rc == OK && i < count && (i == 0 || clock_steady_ms() < until_ms); i++)
        rc = code_one(task, coder, ids[i]);
    task->coded->left -= i;
    return rc;
}

static int run(struct task *base)
{
    struct coding_task *task = (struct coding_task *)base;
    AUTO(presence_coder) coder = NULL;
    int rc = presence_coder_new(&coder, task->rules);

    return rc == OK ? code_slice(task, coder) : rc;
}

/* --- back on the loop --- */

static void coded_free(void *job)
{
    struct coded *coded = job;

    if (coded != NULL)
        codes_bulk_release(&coded->bulk);
    free(coded);
}

static void release(struct task *base)
{
    struct coding_task *task = (struct coding_task *)base;

    coded_free(task->coded);
    free(task);
}

static void answer_coded(struct call *call, void *job)
{
    const struct coded *coded = job;

    answer_json(call, 200,
                json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "coder", coded->bulk.coder, "chats",
                          (json_int_t)coded->chats, "messages", (json_int_t)coded->messages,
                          "codes", (json_int_t)coded->instances, "refused",
                          (json_int_t)coded->refused, "left", (json_int_t)coded->left));
}

/* Nothing was left to code: nothing is to be written either. */
static void answer(struct task *base, struct call *call)
{
    static const struct writing_way way = { .answer = answer_coded,
                                            .release = coded_free,
                                            .failed = "The codes could not be stored; try again." };
    struct coding_task *task = (struct coding_task *)base;
    struct coded *coded = task->coded;

    if (coded->chats == 0) {
        answer_coded(call, coded);
        return;
    }
    task->coded = NULL;
    writing_begin(call, &base->tenant, &coded->bulk.bulk, coded, &way);
}

void handle_presence_code(struct call *call)
{
    const struct presence_rules *rules = machine_rules(call);
    struct coding_task *task;

    if (rules == NULL)
        return;
    task = calloc(1, sizeof(*task));
    if (task != NULL)
        task->coded = calloc(1, sizeof(*task->coded));
    if (task == NULL || task->coded == NULL) {
        free(task);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    task->task = (struct task){ .run = run, .answer = answer, .release = release };
    task->rules = rules;
    machine_name(rules, task->coder);
    if (codes_bulk_init(&task->coded->bulk, slice_of(task->coder), PRESENCE_CODEBOOK_VERSION,
                        core_now_ms(call->core)) != OK) {
        release(&task->task);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    task_begin(call, &task->task, WORK_LONG, "coding", true);
}

/* --- why a message has its codes --- */

struct explaining {
    struct task task;
    const struct presence_rules *rules;
    struct conversation_id conversation;
    uint64_t seq;
    struct buf text;
};

static int run_explain(struct task *base)
{
    struct explaining *explaining = (struct explaining *)base;
    AUTO(presence_coder) coder = NULL;
    struct presence_conversation view;
    struct machine_chat chat;
    int rc = machine_chat_read(&chat, base->view, &base->tenant, explaining->conversation);

    if (rc != OK)
        return rc;
    view = machine_chat_view(&chat);
    if (explaining->seq > chat.count)
        rc = STORE_E_NONE;
    if (rc == OK && explaining->seq > 0)
        rc = presence_coder_new(&coder, explaining->rules);
    if (rc == OK && explaining->seq > 0)
        rc = presence_explain(coder, &view, (size_t)explaining->seq - 1, &explaining->text);
    machine_chat_release(&chat);
    return rc;
}

static void answer_explain(struct task *base, struct call *call)
{
    struct explaining *explaining = (struct explaining *)base;
    char coder[CODER_NAME_MAX];

    if (explaining->seq == 0) {
        answer_problem(call, 400, "bad_parameter", "\"seq\" must be that of a message, from 1.");
        return;
    }
    machine_name(explaining->rules, coder);
    answer_json(call, 200,
                json_pack("{s:o, s:I, s:s, s:s%}", "conversation",
                          json_id(explaining->conversation.id), "seq", (json_int_t)explaining->seq,
                          "coder", coder, "text", explaining->text.data, explaining->text.len));
}

static void release_explain(struct task *base)
{
    struct explaining *explaining = (struct explaining *)base;

    buf_release(&explaining->text);
    free(explaining);
}

static uint64_t read_seq(struct slice text)
{
    uint64_t seq = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || seq > 100000000)
            return 0;
        seq = seq * 10 + (uint64_t)(text.data[i] - '0');
    }
    return seq;
}

void handle_presence_explain(struct call *call)
{
    const struct presence_rules *rules = machine_rules(call);
    struct explaining *explaining;

    if (rules == NULL)
        return;
    explaining = calloc(1, sizeof(*explaining));
    if (explaining == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    explaining->task = (struct task){
        .run = run_explain, .answer = answer_explain, .what = "message", .release = release_explain
    };
    explaining->rules = rules;
    explaining->conversation.id = call->values.id;
    explaining->seq = read_seq(query_get(&call->query, "seq"));
    buf_init(&explaining->text, 1024 * 1024);
    task_begin(call, &explaining->task, WORK_QUICK, "explain", false);
}
