/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's access record: who could see its chats, and who did. The audit and the transcripts
 * know it all; here it stands together. Off the loop, for an audit may be long.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/walk.h"

#include "storage/directory/access_record.h"

struct recording {
    struct task task;
    char *dir; /* owned */
    struct access_question question;
    json_t *could, *did;
};

static void release(struct task *task)
{
    struct recording *recording = (struct recording *)task;

    json_decref(recording->could);
    json_decref(recording->did);
    free(recording->dir);
    free(recording);
}

/* --- on the thread --- */

static const char *kind_of(struct slice who)
{
    if (slice_starts_with(who, "token:"))
        return "token";
    return slice_starts_with(who, "user:") ? "user"
           : slice_is(who, "operator")     ? who.data
                                           : "agent";
}

static int add_span(void *context, const struct access_span *span)
{
    struct recording *recording = context;
    json_t *view =
        json_pack("{s:o, s:s, s:o, s:b, s:o, s:o, s:o, s:o}", "who", json_text_or_null(span->who),
                  "kind", kind_of(span->who), "role", json_text_or_null(span->role), "everywhere",
                  span->everywhere, "from", json_time_or_null(span->from_ms), "until",
                  json_time_or_null(span->until_ms), "given_by", json_text_or_null(span->given_by),
                  "ended_by", json_text_or_null(span->ended_by));

    return json_array_append_new(recording->could, view) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

static int add_look(void *context, const struct access_look *look)
{
    struct recording *recording = context;
    const char *as = audit_reads(look->action);
    json_t *view;

    if (as == NULL)
        return 0;
    view =
        json_pack("{s:o, s:s, s:o, s:s, s:I, s:I, s:o, s:o}", "who", json_text_or_null(look->who),
                  "kind", kind_of(look->who), "what", json_text_or_null(look->action), "as", as,
                  "times", (json_int_t)look->times, "things", (json_int_t)look->things, "first_at",
                  json_time_or_null(look->first_ms), "last_at", json_time_or_null(look->last_ms));
    return json_array_append_new(recording->did, view) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

static int run(struct task *task)
{
    struct recording *recording = (struct recording *)task;
    int rc = access_could(&recording->question, add_span, recording);

    if (rc == OK)
        rc = access_did(&recording->question, add_look, recording);
    if (rc == OK)
        rc = access_served(task->view, &recording->question, add_look, recording);
    return rc;
}

/* --- on the loop --- */

static void answer(struct task *task, struct call *call)
{
    struct recording *recording = (struct recording *)task;
    const struct access_question *question = &recording->question;

    answer_json(call, 200,
                json_pack("{s:s, s:o, s:o, s:O, s:O}", "tenant", question->tenant.text, "since",
                          json_time_or_null(question->since_ms), "until",
                          json_time_or_null(question->now_ms), "could", recording->could, "did",
                          recording->did));
}

void handle_tenant_access_show(struct call *call)
{
    struct recording *recording = calloc(1, sizeof(*recording));
    const struct settings *settings = call->core->role->settings;

    if (recording == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    recording->task =
        (struct task){ .run = run, .answer = answer, .what = "tenant", .release = release };
    recording->dir = settings_path(settings, settings->storage_dir);
    recording->could = json_array();
    recording->did = json_array();
    recording->question = (struct access_question){ .dir = recording->dir,
                                                    .tenant = call->tenant->about.name,
                                                    .created_ms = call->tenant->about.created_ms,
                                                    .now_ms = core_now_ms(call->core) };
    if (recording->dir == NULL || recording->could == NULL || recording->did == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        release(&recording->task);
    } else if (query_time(call, "since", &recording->question.since_ms)) {
        task_begin(call, &recording->task, WORK_QUICK, "access", false);
    } else {
        release(&recording->task);
    }
}
