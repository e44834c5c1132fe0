/* SPDX-License-Identifier: Apache-2.0
 *
 * A month's statement: shown, and closed. Reading a month of conversations takes a while, so it is
 * done off the loop (task.h), also before closing: the store only keeps the bytes then, if nothing
 * they rest on has changed meanwhile.
 */
#include "server-bridge/core/api/billing/changing.h"
#include "server-bridge/core/api/billing/statement_page.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/format.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/views.h"

#include "presence/figures/figures_json.h"

#include <stdio.h>

enum { MINUTE_MS = 60000 };

struct reading {
    struct task task;
    char *title;
    char month[PERIOD_NAME_BYTES];
    enum format format;
    struct billing_statement statement;
    int outcome;               /* BILLING_E_*, or OK */
    struct changing *changing; /* owned; NULL: it is only shown */
    struct buf out;
};

static void release(struct task *task)
{
    struct reading *reading = (struct reading *)task;

    if (reading->changing != NULL)
        changing_free(reading->changing);
    billing_statement_release(&reading->statement);
    buf_release(&reading->out);
    free(reading->title);
    free(reading);
}

/* --- on the thread --- */

static int render(struct reading *reading)
{
    if (reading->format == FORMAT_CSV)
        statement_csv(&reading->statement, &reading->out);
    else if (reading->format == FORMAT_HTML)
        statement_html(&reading->statement, &reading->out);
    else if (reading->statement.closed)
        buf_add_slice(&reading->out, buf_slice(&reading->statement.bytes));
    else
        figures_dump(reading->statement.document, &reading->out);
    return buf_failed(&reading->out) ? RAISE(ERR_LIMIT) : OK;
}

static int prepare_closing(struct reading *reading)
{
    struct changing *changing = reading->changing;
    struct billing_change *change = &changing->change;

    if (reading->statement.closed)
        return OK; /* the store refuses it: it is not the next one */
    changing->text = billing_closed_document(&reading->statement, change->at_ms, changing->who);
    if (changing->text == NULL)
        return RAISE(ERR_NO_MEMORY);
    change->text = slice_of(changing->text);
    change->digest = digest_sha256(change->text);
    change->period = reading->statement.period;
    change->basis = reading->statement.basis;
    return OK;
}

static int run(struct task *task)
{
    struct reading *reading = (struct reading *)task;
    int rc = billing_statement_read(task->view, &task->tenant, reading->title,
                                    slice_of(reading->month), &reading->statement);

    reading->outcome = rc;
    if (rc == BILLING_E_NO_RULES || rc == BILLING_E_NO_MONTH)
        return OK;
    if (rc != OK)
        return rc;
    return reading->changing != NULL ? prepare_closing(reading) : render(reading);
}

/* --- back on the loop --- */

static bool refused(const struct reading *reading, struct call *call)
{
    if (reading->outcome == BILLING_E_NO_RULES)
        answer_problem(call, 404, "no_rules",
                       "No rules hold for %s: POST …/billing/rules sets them from a month on.",
                       reading->month);
    else if (reading->outcome == BILLING_E_NO_MONTH)
        answer_problem(call, 400, "bad_parameter", "\"month\" must be a month: 2026-10.");
    return reading->outcome != OK;
}

static void answer_statement(struct task *task, struct call *call)
{
    struct reading *reading = (struct reading *)task;

    if (!refused(reading, call))
        format_answer(call, reading->format, &reading->out);
}

static struct reading *reading_new(struct call *call, struct slice month)
{
    struct reading *reading = calloc(1, sizeof(*reading));

    if (reading != NULL)
        reading->title = strdup(call->tenant->about.title);
    if (reading == NULL || reading->title == NULL) {
        free(reading);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return NULL;
    }
    buf_init(&reading->out, CALL_DOCUMENT_MAX_BYTES);
    (void)slice_copy(month, reading->month, sizeof(reading->month));
    reading->task = (struct task){
        .run = run, .answer = answer_statement, .what = "statement", .release = release
    };
    return reading;
}

void handle_billing_statement_show(struct call *call)
{
    struct reading *reading;
    enum format format;

    if (!format_read(call, &format))
        return;
    reading = reading_new(call, query_get(&call->query, "month"));
    if (reading == NULL)
        return;
    reading->format = format;
    task_begin(call, &reading->task, WORK_LONG, "statement", false);
}

/* --- closing --- */

static void made(struct call *call, const struct billing_change *change)
{
    char digest[DIGEST_HEX_BYTES];

    digest_hex(&change->digest, digest);
    if (asprintf(&call->changed, "month=%.*s digest=%s", SLICE_ARG(change->month), digest) < 0)
        call->changed = NULL;
    answer_json(call, 201,
                json_pack("{s:s%, s:s, s:o, s:s%}", "month", change->month.data, change->month.len,
                          "digest", digest, "closed_at", json_time_or_null(change->at_ms),
                          "closed_by", change->who.data, change->who.len));
}

static void go_on_closing(struct task *task, struct call *call)
{
    struct reading *reading = (struct reading *)task;
    struct changing *changing = reading->changing;

    if (refused(reading, call))
        return;
    if (reading->statement.period.to_ms + MINUTE_MS > changing->change.at_ms) {
        answer_problem(call, 409, "not_over", "%s is not over yet, by the clock of its zone.",
                       reading->month);
        return;
    }
    reading->changing = NULL;
    changing_begin(call, changing);
}

void handle_billing_statement_close(struct call *call)
{
    struct changing *changing = changing_new(call);
    struct reading *reading;

    if (changing == NULL)
        return;
    changing->change.month = body_text(call, "month");
    billing_close_change(&changing->change);
    changing->made = made;
    reading = reading_new(call, changing->change.month);
    if (reading == NULL) {
        changing_free(changing);
        return;
    }
    reading->changing = changing;
    reading->task.answer = go_on_closing;
    task_begin(call, &reading->task, WORK_LONG, "statement", false);
}

/* --- the closed ones --- */

static int add_closed(void *context, const struct billing_closed *closed)
{
    AUTO_JSON totals = NULL;
    char digest[DIGEST_HEX_BYTES];

    digest_hex(&closed->digest, digest);
    if (json_read(closed->totals, &totals) != OK)
        return RAISE(ERR_CORRUPT);
    return json_array_append_new(
               context,
               json_pack("{s:s%, s:s, s:o, s:s%, s:s, s:O}", "month", closed->month.data,
                         closed->month.len, "state", "closed", "closed_at",
                         json_time_or_null(closed->closed_ms), "closed_by", closed->closed_by.data,
                         closed->closed_by.len, "digest", digest, "totals", totals)) == 0
               ? 0
               : RAISE(ERR_NO_MEMORY);
}

/* The one that may be closed next stands first, as open. */
static int add_next(struct call *call, json_t *items)
{
    struct billing_basis basis = { .next = "" };
    int rc = billing_basis_read(call->core->store, &call->tenant->about.name, &basis);

    if (rc == OK && basis.next[0] != '\0')
        rc = json_array_append_new(
                 items, json_pack("{s:s, s:s}", "month", basis.next, "state", "open")) == 0
                 ? OK
                 : RAISE(ERR_NO_MEMORY);
    return rc;
}

void handle_billing_statements_list(struct call *call)
{
    json_t *items = json_array();
    int rc = add_next(call, items);

    if (rc == OK)
        rc = billing_closed_list(call->core->store, &call->tenant->about.name, add_closed, items);
    if (rc == OK) {
        answer_ordered(call, items, "month");
        return;
    }
    json_decref(items);
    answer_failed(call, rc);
}
