/* SPDX-License-Identifier: Apache-2.0
 *
 * Exports for researchers' tools: CSV, JSON lines with codes, a ConvoKit corpus, a REFI-QDA project
 * and its code book. Each is made whole off the loop and sent when it is done; the plain lines of
 * an archive are handle_transcripts.c's. Names and numbers are replaced by marks unless asked
 * otherwise.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/walk.h"

#include "presence/export/exported.h"

enum { EXPORT_MAX_BYTES = 1024 * 1024 * 1024 };

struct exporting {
    struct task task;
    const struct export_format *format;
    struct export_wish wish;
    struct pseudonyms pseudonyms;
    char key[TOKEN_TEXT_BYTES];
    struct coder_choice coder;
    const struct presence_rules *rules; /* of the core; NULL: names stay as they are */
    struct buf out;
};

static int write_qdc(const struct export_wish *wish, struct buf *to)
{
    (void)wish;
    return export_qdc(to);
}

static const struct export_format {
    const char *name, *type;
    int (*write)(const struct export_wish *wish, struct buf *to);
} formats[] = {
    { "csv", "text/csv; charset=utf-8", export_csv },
    { "coded", "application/jsonl", export_coded },
    { "convokit", "application/zip", export_convokit },
    { "qdpx", "application/zip", export_qdpx },
    { "qdc", "application/xml", write_qdc },
};

static int run(struct task *task)
{
    struct exporting *exporting = (struct exporting *)task;
    AUTO(presence_coder) reader = NULL;
    int rc = coder_choose(task->view, &task->tenant, &exporting->coder);

    if (rc == OK && exporting->rules != NULL)
        rc = presence_coder_new(&reader, exporting->rules);

    exporting->wish.store = task->view;
    exporting->wish.tenant = &task->tenant;
    exporting->wish.reader = reader;
    return rc == OK ? exporting->format->write(&exporting->wish, &exporting->out) : rc;
}

static void answer(struct task *task, struct call *call)
{
    struct exporting *exporting = (struct exporting *)task;

    answer_text(call, exporting->format->type, "", &exporting->out);
}

static void release(struct task *task)
{
    struct exporting *exporting = (struct exporting *)task;

    pseudonyms_release(&exporting->pseudonyms);
    explicit_bzero(exporting->key, sizeof(exporting->key));
    buf_release(&exporting->out);
    free(exporting);
}

/* One key for the instance, made when first needed: so marks are the same from export to export. */
static int load_key(struct core *core, char key[TOKEN_TEXT_BYTES])
{
    int rc = directory_note_get(core->directory, "pseudonym_key", key, TOKEN_TEXT_BYTES);

    if (rc != DIRECTORY_E_NONE)
        return FOLD(rc);
    token_new(key);
    return FOLD(directory_note_set(core->directory, "pseudonym_key", key));
}

static bool read_names(struct call *call, struct exporting *exporting)
{
    struct slice names = query_get(&call->query, "names");

    if (slice_is(names, "plain"))
        return true;
    if (names.data != NULL && !slice_is(names, "marks")) {
        answer_problem(call, 400, "bad_parameter", "\"names\" must be marks or plain.");
        return false;
    }
    if (load_key(call->core, exporting->key) != OK) {
        answer_failed(call, ERR_IO);
        return false;
    }
    exporting->pseudonyms.key = slice_of(exporting->key);
    exporting->wish.pseudonyms = &exporting->pseudonyms;
    exporting->rules = machine_rules(call);
    return exporting->rules != NULL; /* without them names would stay in, without a word */
}

static bool read_wish(struct call *call, struct exporting *exporting)
{
    struct slice state = query_get(&call->query, "state");

    exporting->wish.coder = exporting->coder.name;
    exporting->wish.book = exporting->coder.book;
    exporting->wish.ended_only = slice_is(state, "ended");
    if (state.data != NULL && !exporting->wish.ended_only && !slice_is(state, "all")) {
        answer_problem(call, 400, "bad_parameter",
                       "\"state\" must be all or ended in this format.");
        return false;
    }
    return coder_asked(call, &exporting->coder) &&
           query_time(call, "since", &exporting->wish.since_ms) &&
           query_time(call, "until", &exporting->wish.until_ms) && read_names(call, exporting);
}

static const struct export_format *find_format(struct slice name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (slice_is(name, formats[i].name))
            return &formats[i];
    return NULL;
}

bool export_begin(struct call *call)
{
    const struct export_format *format = find_format(query_get(&call->query, "format"));
    struct exporting *exporting;

    if (format == NULL)
        return false;
    exporting = calloc(1, sizeof(*exporting));
    if (exporting == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return true;
    }
    exporting->task =
        (struct task){ .run = run, .answer = answer, .what = "coder", .release = release };
    exporting->format = format;
    buf_init(&exporting->out, EXPORT_MAX_BYTES);
    if (read_wish(call, exporting))
        task_begin(call, &exporting->task, WORK_LONG, "export", false);
    else
        release(&exporting->task);
    return true;
}
