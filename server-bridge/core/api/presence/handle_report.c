/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures of a tenant's transcripts. Reading years of them takes seconds, so it is done off the
 * loop (work.h), with a reader of its own.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/walk.h"

#include "presence/classes.h"
#include "presence/figures/figures_json.h"
#include "presence/figures/gather.h"
#include "presence/report/report.h"
#include "tenant/period.h"
#include "tenant/settings.h"

enum { WORD_BYTES = 256, MINUTE_MS = 60 * 1000, HOUR_MINUTES = 60 };

struct reporting {
    struct task task;
    char *title;
    bool html;
    struct gather_wish wish;
    struct figures_about about;
    struct zone zone;
    char zone_name[ZONE_TEXT_MAX + 1];
    struct {
        char since[DAY_NAME_BYTES], until[DAY_NAME_BYTES], first[DAY_NAME_BYTES],
            last[DAY_NAME_BYTES];
    } days;
    const struct presence_rules *rules; /* as they are now: NULL when they cannot be read */
    char stage[16], language[16], outcome[WORD_BYTES];
    struct coder_choice coder;
    struct buf out;
};

/* --- what is asked for --- */

static bool read_word(struct call *call, const char *name, char *to, size_t size)
{
    if (slice_copy(query_get(&call->query, name), to, size))
        return true;
    answer_problem(call, 400, "bad_parameter", "\"%s\" is too long.", name);
    return false;
}

static bool read_stage(struct call *call, struct reporting *reporting)
{
    enum figures_stage stage = 0;

    if (!read_word(call, "stage", reporting->stage, sizeof(reporting->stage)))
        return false;
    while (stage < STAGE_COUNT && strcmp(reporting->stage, figures_stage_name(stage)) != 0)
        stage++;
    reporting->wish.stage = stage; /* STAGE_COUNT is STAGE_ANY */
    if (stage < STAGE_COUNT || reporting->stage[0] == '\0')
        return true;
    answer_problem(call, 400, "bad_parameter",
                   "\"stage\" must be potential, new, existing or unknown.");
    return false;
}

static bool read_format(struct call *call, struct reporting *reporting)
{
    struct slice format = query_get(&call->query, "format");

    reporting->html = slice_is(format, "html");
    if (format.data == NULL || reporting->html || slice_is(format, "json"))
        return true;
    answer_problem(call, 400, "bad_parameter", "\"format\" must be json or html.");
    return false;
}

/* Chats count by their language without its region: fi-FI asks for fi. */
static bool read_language(struct call *call, struct reporting *reporting)
{
    if (!read_word(call, "language", reporting->language, sizeof(reporting->language)))
        return false;
    reporting->language[strcspn(reporting->language, "-_")] = '\0';
    return true;
}

/* A date counts as its first moment where the tenant is, as months do. */
static bool read_time(struct call *call, const char *name, const struct zone *zone,
                      uint64_t *time_ms)
{
    bool is_date = query_get(&call->query, name).len == sizeof("2026-03-02") - 1;
    int64_t minute;

    if (!query_time(call, name, time_ms))
        return false;
    minute = zone_utc(zone, (int64_t)(*time_ms / MINUTE_MS));
    if (is_date && minute > 0)
        *time_ms = (uint64_t)minute * MINUTE_MS;
    return true;
}

static bool read_wish(struct call *call, struct reporting *reporting)
{
    const struct zone *zone = &reporting->zone;

    return read_format(call, reporting) &&
           read_time(call, "since", zone, &reporting->wish.since_ms) &&
           read_time(call, "until", zone, &reporting->wish.until_ms) &&
           read_stage(call, reporting) && read_language(call, reporting) &&
           read_word(call, "outcome", reporting->outcome, sizeof(reporting->outcome)) &&
           coder_asked(call, &reporting->coder);
}

/* --- on the thread --- */

/* What the machine may be trusted with, measured on the very rules it coded by. */
static char class_of(const void *context, const char *language, enum presence_code code)
{
    return presence_class_letter(presence_class_of(context, language, code).class_);
}

static presence_codes shown(const void *context, const char *language)
{
    presence_codes codes = 0;

    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
        if (presence_class_of(context, language, code).class_ != PRESENCE_CLASS_H)
            codes |= PRESENCE_CODE_BIT(code);
    return codes;
}

static presence_codes none_shown(const void *context, const char *language)
{
    (void)context;
    (void)language;
    return 0;
}

/* Codes by other rules than those of now have no classes: nothing of them is shown. */
static void trust(struct reporting *reporting)
{
    char name[CODER_NAME_MAX] = "";

    if (reporting->rules != NULL)
        machine_name(reporting->rules, name);
    if (strcmp(name, reporting->coder.name) == 0) {
        reporting->about.class_of = class_of;
        reporting->wish.shown = shown;
    } else {
        reporting->wish.shown = none_shown;
    }
    reporting->about.context = reporting->wish.context = reporting->rules;
}

static int find_coder(struct reporting *reporting)
{
    int rc = coder_choose(reporting->task.view, &reporting->task.tenant, &reporting->coder);

    reporting->about.machine = strncmp(reporting->coder.name, "machine@", 8) == 0;
    if (reporting->about.machine)
        trust(reporting);
    return rc;
}

static const char *day_there(const struct reporting *reporting, uint64_t wall_ms,
                             char name[DAY_NAME_BYTES])
{
    if (wall_ms > 0)
        period_day_name(period_day(&reporting->zone, wall_ms), name);
    return name;
}

/* The days that people read, where the tenant is. */
static void name_days(struct reporting *reporting, const struct figures *figures)
{
    struct figures_about *about = &reporting->about;

    about->since_ms = reporting->wish.since_ms;
    about->until_ms = reporting->wish.until_ms;
    about->since_day = day_there(reporting, about->since_ms, reporting->days.since);
    about->until_day = day_there(reporting, about->until_ms, reporting->days.until);
    about->first_day = day_there(reporting, figures->first_ms, reporting->days.first);
    about->last_day = day_there(reporting, figures->last_ms, reporting->days.last);
}

static int make_report(struct reporting *reporting)
{
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;
    int rc = figures == NULL ? RAISE(ERR_NO_MEMORY) : find_coder(reporting);

    if (rc == OK)
        rc = gather(reporting->task.view, &reporting->task.tenant, &reporting->wish, figures);
    if (rc == OK) {
        name_days(reporting, figures);
        document = figures_json(figures, &reporting->about);
    }
    if (rc == OK && document == NULL)
        rc = RAISE(ERR_NO_MEMORY);
    if (rc == OK && reporting->html)
        report_html(document, &reporting->out);
    else if (rc == OK)
        figures_dump(document, &reporting->out);
    if (rc == OK && buf_failed(&reporting->out))
        rc = RAISE(ERR_LIMIT);
    return rc;
}

/* --- back on the loop --- */

static int run(struct task *task)
{
    return make_report((struct reporting *)task);
}

static void release(struct task *task)
{
    struct reporting *reporting = (struct reporting *)task;

    buf_release(&reporting->out);
    free(reporting->title);
    free(reporting);
}

static void answer(struct task *task, struct call *call)
{
    static const char page_headers[] =
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n";
    struct reporting *reporting = (struct reporting *)task;

    answer_text(call, reporting->html ? "text/html; charset=utf-8" : "application/json",
                reporting->html ? page_headers : "", &reporting->out);
}

static int hour_of(const void *zone, uint64_t wall_ms)
{
    int64_t minute = zone_minute(zone, (int64_t)(wall_ms / MINUTE_MS));

    return (int)(minute % ZONE_DAY_MINUTES / HOUR_MINUTES);
}

static uint32_t month_of(const void *zone, uint64_t wall_ms)
{
    struct day day = zone_day(period_day(zone, wall_ms));

    return (uint32_t)(day.year * 12 + day.month - 1);
}

static int read_settings(const struct call *call, struct reporting *reporting)
{
    AUTO(tenant_settings) settings = NULL;
    int rc = settings_of(call->tenant, NULL, &settings);

    if (rc != OK)
        return rc;
    reporting->about.by_agent = settings->figures_by_agent;
    reporting->wish.hour_of = hour_of;
    reporting->wish.month_of = month_of;
    reporting->wish.zone = &reporting->zone;
    reporting->about.zone = reporting->zone_name;
    (void)slice_copy(slice_of(settings->hours_zone), reporting->zone_name,
                     sizeof(reporting->zone_name));
    (void)zone_parse(slice_of(settings->hours_zone), &reporting->zone);
    return OK;
}

static bool prepare(struct call *call, struct reporting *reporting)
{
    int rc;

    reporting->title = strdup(call->tenant->about.title);
    reporting->rules = machine_try(call->core);
    reporting->wish.language = reporting->language;
    reporting->wish.outcome = reporting->outcome;
    reporting->wish.coder = reporting->coder.name;
    reporting->wish.book = reporting->coder.book;
    reporting->about = (struct figures_about){ .tenant = reporting->task.tenant.text,
                                               .title = reporting->title,
                                               .stage = reporting->stage,
                                               .language = reporting->language,
                                               .outcome = reporting->outcome,
                                               .coder = reporting->coder.name,
                                               .book = reporting->coder.book };
    rc = reporting->title == NULL ? RAISE(ERR_NO_MEMORY) : read_settings(call, reporting);
    if (rc != OK)
        answer_failed(call, rc);
    return rc == OK;
}

void handle_presence_report(struct call *call)
{
    struct reporting *reporting = calloc(1, sizeof(*reporting));

    if (reporting == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    reporting->task =
        (struct task){ .run = run, .answer = answer, .what = "coder", .release = release };
    buf_init(&reporting->out, CALL_DOCUMENT_MAX_BYTES);
    if (prepare(call, reporting) && read_wish(call, reporting))
        task_begin(call, &reporting->task, WORK_LONG, "report", false);
    else
        release(&reporting->task);
}
