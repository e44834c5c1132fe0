/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures_json.h"

#include "base/clock.h"

#include <math.h>
#include <stdio.h>

static const char *const side_names[SIDE_COUNT] = { "visitor", "agent" };

/* Six significant digits: more would claim more than anyone counted. */
static json_t *number(double value)
{
    char text[32];

    if (!isfinite(value))
        return json_null();
    (void)snprintf(text, sizeof(text), "%.6g", value);
    return json_real(strtod(text, NULL));
}

static json_t *count(size_t n)
{
    return json_integer((json_int_t)n);
}

static void set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

static void set_interval(json_t *object, const char *low, const char *high, struct interval of,
                         double scale)
{
    set(object, low, number(of.low * scale));
    set(object, high, number(of.high * scale));
}

/* A share with its n and interval. */
static json_t *share(size_t hits, size_t n)
{
    json_t *object = json_pack("{s:o, s:o}", "count", count(hits), "n", count(n));

    set(object, "too_few", json_boolean(n < FIGURES_FEW_CHATS));
    if (n > 0) {
        set(object, "share", number((double)hits / (double)n));
        set_interval(object, "low", "high", stats_wilson(hits, n), 1);
    }
    return object;
}

static json_t *time_text(uint64_t at_ms)
{
    char text[CLOCK_TEXT_BYTES];

    if (at_ms == 0)
        return json_null();
    clock_format(at_ms, text);
    return json_string(text);
}

/* --- about --- */

static json_t *about_json(const struct figures *figures, const struct figures_about *about)
{
    json_t *object = json_pack("{s:s, s:s}", "tenant", about->tenant, "title", about->title);

    set(object, "since", time_text(about->since_ms));
    set(object, "until", time_text(about->until_ms));
    set(object, "first", time_text(figures->first_ms));
    set(object, "last", time_text(figures->last_ms));
    set(object, "stage", json_string(about->stage));
    set(object, "language", json_string(about->language));
    set(object, "outcome", json_string(about->outcome));
    set(object, "coder", json_string(about->coder));
    set(object, "book", json_string(about->book));
    set(object, "machine", json_boolean(about->machine));
    return object;
}

static json_t *chats_json(const struct figures *figures)
{
    json_t *object = json_object(), *stages = json_object(), *languages = json_object();
    size_t by_stage[STAGE_COUNT] = { 0 }, by_language[FIGURES_LANGUAGES] = { 0 }, coded = 0;

    for (size_t i = 0; i < figures->count; i++) {
        by_stage[figures->rows[i].stage]++;
        by_language[figures->rows[i].language]++;
        coded += figures->rows[i].coded;
    }
    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++)
        set(stages, figures_stage_name(stage), count(by_stage[stage]));
    for (size_t i = 0; i < figures->language_count; i++)
        set(languages, figures->languages[i][0] != '\0' ? figures->languages[i] : "not told",
            count(by_language[i]));
    set(object, "n", count(figures->count));
    set(object, "coded", count(coded));
    set(object, "one_sided", count(figures->one_sided));
    set(object, "empty", count(figures->empty));
    set(object, "by_stage", stages);
    set(object, "by_language", languages);
    return object;
}

static json_t *messages_json(const struct figures *figures)
{
    uint64_t words[SIDE_COUNT] = { 0 };
    json_t *object = json_object();

    for (size_t i = 0; i < figures->count; i++)
        for (int side = 0; side < SIDE_COUNT; side++)
            words[side] += figures->rows[i].side[side].words;
    set(object, "visitor", count(figures->messages[FROM_VISITOR]));
    set(object, "agent", count(figures->messages[FROM_AGENT]));
    set(object, "bot", count(figures->messages[FROM_BOT]));
    set(object, "system", count(figures->messages[FROM_SYSTEM]));
    set(object, "canned", share(figures->canned, figures->messages[FROM_AGENT]));
    set(object, "visitor_words", count(words[SIDE_VISITOR]));
    set(object, "agent_words", count(words[SIDE_AGENT]));
    if (words[SIDE_VISITOR] > 0)
        set(object, "agent_per_visitor_word",
            number((double)words[SIDE_AGENT] / (double)words[SIDE_VISITOR]));
    return object;
}

/* --- times --- */

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static json_t *time_json(const struct figures_waits *waits)
{
    json_t *object = json_pack("{s:o}", "n", count(waits->count));

    set(object, "too_few", json_boolean(waits->count < FIGURES_FEW_CHATS));
    if (waits->count == 0)
        return object;
    qsort(waits->ms, waits->count, sizeof(*waits->ms), by_size);
    set(object, "median_s", number((double)stats_quantile(waits->ms, waits->count, 0.5) / 1000));
    set_interval(object, "median_low_s", "median_high_s",
                 stats_quantile_interval(waits->ms, waits->count, 0.5), 0.001);
    set(object, "p90_s", number((double)stats_quantile(waits->ms, waits->count, 0.9) / 1000));
    set_interval(object, "p90_low_s", "p90_high_s",
                 stats_quantile_interval(waits->ms, waits->count, 0.9), 0.001);
    return object;
}

static json_t *times_json(const struct figures *figures)
{
    static const char *const names[TIME_COUNT] = { "first_response", "response", "duration",
                                                   "queue" };
    json_t *object = json_object();

    for (int i = 0; i < TIME_COUNT; i++)
        set(object, names[i], time_json(&figures->times[i]));
    set(object, "left_out_no_time", count(figures->untimed));
    set(object, "left_out_backwards", count(figures->timed_backwards));
    return object;
}

/* --- surveys --- */

static json_t *csat_json(const struct figures *figures)
{
    json_t *object = share(figures->survey.good, figures->survey.rated);

    if (figures->survey.rated > 0)
        set(object, "score",
            number(100.0 * (double)figures->survey.good / (double)figures->survey.rated));
    set(object, "responded", share(figures->survey.rated, figures->count));
    return object;
}

/* Each answer counts +1, 0 or −1; the score is 100 times their mean. */
static json_t *nps_json(const struct figures *figures)
{
    size_t n = figures->survey.nps_rated;
    double sum = (double)figures->survey.promoters - (double)figures->survey.detractors;
    double squares = (double)(figures->survey.promoters + figures->survey.detractors);
    json_t *object =
        json_pack("{s:o, s:o, s:o}", "n", count(n), "promoters", count(figures->survey.promoters),
                  "detractors", count(figures->survey.detractors));

    set(object, "too_few", json_boolean(n < FIGURES_FEW_CHATS));
    if (n > 0)
        set(object, "score", number(100 * sum / (double)n));
    if (n > 1)
        set_interval(object, "low", "high", stats_mean_interval(sum, squares, n), 100);
    set(object, "responded", share(n, figures->count));
    return object;
}

static json_t *effort_json(const struct figures *figures)
{
    size_t n = figures->survey.effort_rated;
    json_t *object = json_pack("{s:o}", "n", count(n));

    set(object, "too_few", json_boolean(n < FIGURES_FEW_CHATS));
    if (n > 0)
        set(object, "mean", number(figures->survey.effort_sum / (double)n));
    if (n > 1)
        set_interval(
            object, "low", "high",
            stats_mean_interval(figures->survey.effort_sum, figures->survey.effort_squares, n), 1);
    set(object, "responded", share(n, figures->count));
    return object;
}

/* --- signs: codes and groups --- */

static json_t *sign_json(const struct figures_cell *cell, int sign, const char *language,
                         const struct figures_about *about)
{
    bool is_code = sign < PRESENCE_CODE_COUNT;
    enum presence_code code = (enum presence_code)(is_code ? sign : 0);
    enum presence_group group = (enum presence_group)(sign - PRESENCE_CODE_COUNT);
    char class[2] = "";
    json_t *object;

    if (is_code && about->class_of != NULL)
        class[0] = about->class_of(about->context, language, code);
    object = json_pack("{s:s}", is_code ? "code" : "group",
                       is_code ? presence_code_row(code)->id : presence_group_name(group));
    if (class[0] != '\0')
        set(object, "class", json_string(class));
    if (is_code && about->machine && class[0] != 'A' && class[0] != 'B') {
        set(object, "withheld", json_true()); /* a person must code it */
        return object;
    }
    set(object, "instances", count(cell->instances));
    set(object, "too_few", json_boolean(cell->too_few));
    if (cell->too_few)
        return object;
    set(object, "density", number(cell->density));
    set_interval(object, "low", "high", cell->density_interval, 1);
    set(object, "message_share", number((double)cell->messages_with / (double)cell->messages));
    set(object, "chats", share(cell->chats_with, cell->chats));
    return object;
}

static json_t *side_json(const struct figures *figures, const struct figures_subset *subset,
                         enum figures_side side, const struct figures_about *about, bool codes)
{
    AUTO_MEM struct figures_cell *cells = calloc(FIGURES_SIGNS, sizeof(*cells));
    json_t *object, *signs = json_array();

    if (cells == NULL || figures_cells(figures, subset, side, cells) != OK) {
        json_decref(signs);
        return NULL;
    }
    for (int sign = codes ? 0 : PRESENCE_CODE_COUNT; sign < FIGURES_SIGNS; sign++)
        (void)json_array_append_new(
            signs, sign_json(&cells[sign], sign, figures->languages[subset->language], about));
    object =
        json_pack("{s:s, s:o, s:I, s:o}", "side", side_names[side], "chats", count(cells[0].chats),
                  "words", (json_int_t)cells[0].words, "messages", count(cells[0].messages));
    set(object, "too_few", json_boolean(cells[0].too_few));
    set(object, "signs", signs);
    return object;
}

static json_t *subset_json(const struct figures *figures, const struct figures_subset *subset,
                           const struct figures_about *about, bool codes)
{
    json_t *object = json_object(), *sides = json_array();
    char month[32];

    if (subset->month > 0) {
        (void)snprintf(month, sizeof(month), "%04u-%02u", subset->month / 12,
                       subset->month % 12 + 1);
        set(object, "month", json_string(month));
    } else {
        set(object, "stage", json_string(figures_stage_name(subset->stage)));
    }
    set(object, "coded", count(figures_subset_count(figures, subset)));
    for (enum figures_side side = 0; side < SIDE_COUNT; side++)
        (void)json_array_append_new(sides, side_json(figures, subset, side, about, codes));
    set(object, "sides", sides);
    return object;
}

/* Every month between the first and the last that has a coded chat. */
static json_t *months_json(const struct figures *figures, size_t language,
                           const struct figures_about *about)
{
    uint32_t first = UINT32_MAX, last = 0;
    json_t *months = json_array();

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        if (!row->coded || row->language != language || row->month == 0)
            continue;
        first = row->month < first ? row->month : first;
        last = row->month > last ? row->month : last;
    }
    for (uint32_t month = first; month <= last && first != UINT32_MAX; month++) {
        struct figures_subset subset = { language, STAGE_ANY, month };

        if (figures_subset_count(figures, &subset) > 0)
            (void)json_array_append_new(months, subset_json(figures, &subset, about, false));
    }
    return months;
}

/* --- both sides --- */

static json_t *completeness_json(const struct figures *figures, size_t language)
{
    size_t chats = 0, greeted = 0, closed = 0;

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        if (!row->coded || row->language != language || row->side[SIDE_VISITOR].messages == 0 ||
            row->side[SIDE_AGENT].messages == 0)
            continue;
        chats++;
        greeted += row->greeted[SIDE_VISITOR] && row->greeted[SIDE_AGENT];
        closed += row->closed[SIDE_VISITOR] && row->closed[SIDE_AGENT];
    }
    return json_pack("{s:o, s:o}", "both_greet", share(greeted, chats), "both_close",
                     share(closed, chats));
}

static json_t *reciprocity_json(const struct figures *figures, size_t language)
{
    json_t *list = json_array();

    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++) {
        const struct figures_windows *windows = &figures->windows[language][code];
        double base;
        json_t *object;

        if (windows->given == 0)
            continue;
        base = (double)windows->all_hit / (double)windows->all;
        object = json_pack("{s:s, s:o, s:o}", "code", presence_code_row(code)->id, "given",
                           share(windows->given_hit, windows->given), "base_rate", number(base));
        if (windows->given >= FIGURES_FEW_CHATS) {
            struct interval given = stats_wilson(windows->given_hit, windows->given);

            set(object, "reciprocity",
                number((double)windows->given_hit / (double)windows->given - base));
            set(object, "low", number(given.low - base));
            set(object, "high", number(given.high - base));
        }
        (void)json_array_append_new(list, object);
    }
    return list;
}

static json_t *language_json(const struct figures *figures, size_t language,
                             const struct figures_about *about)
{
    const char *name = figures->languages[language];
    json_t *object = json_pack("{s:s}", "language", name[0] != '\0' ? name : "not told");
    json_t *stages = json_array();

    for (int i = 0; i <= STAGE_COUNT; i++) {
        struct figures_subset subset = { language, i == 0 ? STAGE_ANY : (enum figures_stage)(i - 1),
                                         0 };

        if (i == 0 || figures_subset_count(figures, &subset) > 0)
            (void)json_array_append_new(stages, subset_json(figures, &subset, about, true));
    }
    set(object, "stages", stages);
    set(object, "months", months_json(figures, language, about));
    set(object, "completeness", completeness_json(figures, language));
    set(object, "reciprocity", reciprocity_json(figures, language));
    return object;
}

/* --- over languages: functions, word of mouth, the study's check --- */

static json_t *functions_json(const struct figures *figures)
{
    unsigned table[STAGE_COUNT * FUNCTION_COUNT] = { 0 };
    size_t chats[STAGE_COUNT] = { 0 };
    json_t *object = json_object(), *stages = json_array();
    struct chi2 chi2;

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        chats[row->stage] += row->functions != 0;
        for (int function = 0; function < FUNCTION_COUNT; function++)
            table[row->stage * FUNCTION_COUNT + function] += row->functions >> function & 1;
    }
    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++) {
        json_t *of = json_object(), *entry;

        for (enum figures_function function = 0; function < FUNCTION_COUNT; function++)
            set(of, figures_function_id(function),
                share(table[(int)stage * FUNCTION_COUNT + (int)function], chats[stage]));
        entry = json_pack("{s:s, s:o, s:o}", "stage", figures_stage_name(stage), "chats",
                          count(chats[stage]), "functions", of);
        (void)json_array_append_new(stages, entry);
    }
    /* The test asks whether stages differ: who is of no known stage tells nothing of that. */
    chi2 = stats_chi2(table, STAGE_UNKNOWN, FUNCTION_COUNT);
    set(object, "stages", stages);
    set(object, "df", count(chi2.df));
    if (chi2.df > 0) {
        set(object, "chi2", number(chi2.chi2));
        set(object, "p", number(chi2.p));
        set(object, "cramers_v", number(chi2.v));
        set(object, "least_expected", number(chi2.least_expected));
    }
    return object;
}

static json_t *word_of_mouth_json(const struct figures *figures)
{
    size_t with[FIGURES_SIGNS] = { 0 }, coded = 0, referred = 0;
    double good, bad;
    json_t *object = json_object();

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        coded += row->coded;
        referred += row->coded && row->referred;
        for (int sign = 0; row->coded && sign < PRESENCE_CODE_COUNT; sign++)
            with[sign] += row->side[SIDE_VISITOR].with[sign];
    }
    good = (double)with[PRESENCE_WOM_POS];
    bad = (double)with[PRESENCE_WOM_NEG];
    set(object, "positive", count(with[PRESENCE_WOM_POS]));
    set(object, "negative", count(with[PRESENCE_WOM_NEG]));
    set(object, "balance", good + bad > 0 ? number((good - bad) / (good + bad)) : json_null());
    set(object, "referral", share(referred, coded));
    return object;
}

static json_t *study_json(const struct figures *figures)
{
    enum { REL = PRESENCE_CODE_COUNT + PRESENCE_RELATIONSHIP };
    size_t chats[STAGE_COUNT] = { 0 }, with[STAGE_COUNT] = { 0 };
    json_t *list = json_array();

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        chats[row->stage] += row->coded;
        with[row->stage] += row->coded && (row->side[SIDE_VISITOR].with[REL] > 0 ||
                                           row->side[SIDE_AGENT].with[REL] > 0);
    }
    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++) {
        json_t *entry = json_pack("{s:s, s:o}", "stage", figures_stage_name(stage), "chats",
                                  share(with[stage], chats[stage]));

        (void)json_array_append_new(list, entry);
    }
    return json_pack("{s:o}", "relationship_by_stage", list);
}

/* --- the whole --- */

json_t *figures_json(const struct figures *figures, const struct figures_about *about)
{
    json_t *document = json_pack("{s:s}", "format", "lasna-figures-1");
    json_t *languages = json_array();

    if (document == NULL || languages == NULL)
        return NULL;
    set(document, "about", about_json(figures, about));
    set(document, "chats", chats_json(figures));
    set(document, "messages", messages_json(figures));
    set(document, "times", times_json(figures));
    set(document, "csat", csat_json(figures));
    set(document, "nps", nps_json(figures));
    set(document, "effort", effort_json(figures));
    for (size_t i = 0; about->coder[0] != '\0' && i < figures->language_count; i++)
        (void)json_array_append_new(languages, language_json(figures, i, about));
    set(document, "languages", languages);
    if (about->coder[0] == '\0')
        return document;
    set(document, "functions", functions_json(figures));
    set(document, "word_of_mouth", word_of_mouth_json(figures));
    set(document, "study_check", study_json(figures));
    return document;
}

static int add_dump(const char *bytes, size_t len, void *context)
{
    buf_add(context, bytes, len);
    return buf_failed(context) ? -1 : 0;
}

void figures_dump(const json_t *document, struct buf *to)
{
    if (json_dump_callback(document, add_dump, to, JSON_COMPACT | JSON_REAL_PRECISION(8)) != 0)
        to->failed = true;
}
