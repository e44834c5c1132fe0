/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's month or week, for the tenant. Read off the loop (task.h).
 */
#include "server-bridge/core/api/format.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/task.h"

#include "presence/figures/figures_json.h"
#include "presence/summary.h"
#include "tenant/period.h"
#include "tenant/settings.h"

enum { HOUR_MINUTES = 60, MINUTE_MS = 60000, DAY_HOURS = 24 };

struct reporting {
    struct task task;
    char *title, *zone_name;
    struct zone zone;
    struct period period;
    enum format format;
    struct buf out;
};

static void release(struct task *task)
{
    struct reporting *reporting = (struct reporting *)task;

    buf_release(&reporting->out);
    free(reporting->title);
    free(reporting->zone_name);
    free(reporting);
}

/* --- on the thread --- */

static size_t day_of(const void *context, uint64_t wall_ms)
{
    const struct reporting *reporting = context;

    return (size_t)(period_day(&reporting->zone, wall_ms) - reporting->period.first_day);
}

static int hour_of(const void *context, uint64_t wall_ms)
{
    const struct reporting *reporting = context;
    int64_t minute = zone_minute(&reporting->zone, (int64_t)(wall_ms / MINUTE_MS));

    return (int)(minute / HOUR_MINUTES % DAY_HOURS);
}

static struct summary_about about_of(const struct reporting *reporting)
{
    struct summary_about about = { .tenant = reporting->task.tenant.text,
                                   .title = reporting->title,
                                   .period = reporting->period.name,
                                   .zone = reporting->zone_name,
                                   .from_ms = reporting->period.from_ms,
                                   .to_ms = reporting->period.to_ms,
                                   .days = reporting->period.days,
                                   .day_of = day_of,
                                   .hour_of = hour_of,
                                   .context = reporting };

    for (unsigned i = 0; i < reporting->period.days && i < SUMMARY_DAYS_MAX; i++)
        period_day_name(reporting->period.first_day + i, about.day_names[i]);
    return about;
}

static int run(struct task *task)
{
    struct reporting *reporting = (struct reporting *)task;
    const struct summary_about about = about_of(reporting);
    AUTO_JSON document = NULL;
    int rc = summary_read(task->view, &task->tenant, &about, &document);

    if (rc != OK)
        return rc;
    if (reporting->format == FORMAT_CSV)
        summary_csv(document, &reporting->out);
    else if (reporting->format == FORMAT_HTML)
        summary_html(document, &reporting->out);
    else
        figures_dump(document, &reporting->out);
    return buf_failed(&reporting->out) ? RAISE(ERR_LIMIT) : OK;
}

/* --- on the loop --- */

static void answer(struct task *task, struct call *call)
{
    struct reporting *reporting = (struct reporting *)task;

    format_answer(call, reporting->format, &reporting->out);
}

static bool read_period(struct call *call, struct reporting *reporting)
{
    struct slice month = query_get(&call->query, "month"), week = query_get(&call->query, "week");
    enum period_kind kind = month.data != NULL ? PERIOD_MONTH : PERIOD_WEEK;

    if ((month.data == NULL) != (week.data == NULL) &&
        period_parse(&reporting->zone, month.data != NULL ? month : week, &reporting->period) ==
            0 &&
        reporting->period.kind == kind)
        return true;
    answer_problem(call, 400, "bad_parameter",
                   "Say either \"month\", 2026-10, or \"week\", 2026-W43.");
    return false;
}

static bool prepare(struct call *call, struct reporting *reporting)
{
    AUTO(tenant_settings) settings = NULL;
    int rc = settings_of(call->tenant, NULL, &settings);

    if (rc == OK) {
        reporting->title = strdup(call->tenant->about.title);
        reporting->zone_name = strdup(settings->hours_zone);
        (void)zone_parse(slice_of(settings->hours_zone), &reporting->zone);
    }
    if (rc == OK && (reporting->title == NULL || reporting->zone_name == NULL))
        rc = RAISE(ERR_NO_MEMORY);
    if (rc != OK)
        answer_failed(call, rc);
    return rc == OK && read_period(call, reporting);
}

void handle_report_show(struct call *call)
{
    struct reporting *reporting;
    enum format format;

    if (!format_read(call, &format))
        return;
    reporting = calloc(1, sizeof(*reporting));
    if (reporting == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    reporting->format = format;
    reporting->task =
        (struct task){ .run = run, .answer = answer, .what = "report", .release = release };
    buf_init(&reporting->out, CALL_DOCUMENT_MAX_BYTES);
    if (prepare(call, reporting))
        task_begin(call, &reporting->task, WORK_LONG, "report", false);
    else
        release(&reporting->task);
}
