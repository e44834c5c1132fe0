/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/figures_json_parts.h"

#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *const figure_sides[SIDE_COUNT] = { "visitor", "agent" };

/* --- one figure --- */

json_t *figure_number(double value)
{
    char text[32];

    if (!isfinite(value))
        return json_null();
    (void)snprintf(text, sizeof(text), "%.6g", value);
    return json_real(strtod(text, NULL));
}

json_t *figure_count(size_t n)
{
    return json_integer((json_int_t)n);
}

void figure_set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

void figure_interval(json_t *object, const char *low, const char *high, struct interval of,
                     double scale)
{
    figure_set(object, low, figure_number(of.low * scale));
    figure_set(object, high, figure_number(of.high * scale));
}

void figure_set_share(json_t *object, size_t hits, size_t n)
{
    figure_set(object, "count", figure_count(hits));
    figure_set(object, "n", figure_count(n));
    figure_set(object, "too_few", json_boolean(n < FIGURES_FEW_CHATS));
    if (n == 0)
        return;
    figure_set(object, "share", figure_number((double)hits / (double)n));
    figure_interval(object, "low", "high", stats_wilson(hits, n), 1);
}

json_t *figure_share(size_t hits, size_t n)
{
    json_t *object = json_object();

    figure_set_share(object, hits, n);
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

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        figure_set(object, key, json_string(text));
}

static json_t *about_json(const struct figures *figures, const struct figures_about *about)
{
    json_t *object = json_pack("{s:s, s:s}", "tenant", about->tenant, "title", about->title);

    figure_set(object, "since", time_text(about->since_ms));
    figure_set(object, "until", time_text(about->until_ms));
    figure_set(object, "first", time_text(figures->first_ms));
    figure_set(object, "last", time_text(figures->last_ms));
    set_text(object, "zone", about->zone);
    set_text(object, "since_day", about->since_day);
    set_text(object, "until_day", about->until_day);
    set_text(object, "first_day", about->first_day);
    set_text(object, "last_day", about->last_day);
    figure_set(object, "stage", json_string(about->stage));
    figure_set(object, "language", json_string(about->language));
    figure_set(object, "outcome", json_string(about->outcome));
    figure_set(object, "coder", json_string(about->coder));
    figure_set(object, "book", json_string(about->book));
    figure_set(object, "machine", json_boolean(about->machine));
    return object;
}

const char *figures_language_name(const struct figures *figures, size_t language)
{
    const char *name = figures->languages[language];

    return name[0] != '\0' ? name : "not told";
}

static json_t *chats_json(const struct figures *figures)
{
    json_t *object = json_object(), *stages = json_object(), *languages = json_object();
    size_t by_stage[STAGE_COUNT] = { 0 }, by_language[FIGURES_LANGUAGES] = { 0 };
    size_t coded = 0, faded = 0;

    for (size_t i = 0; i < figures->count; i++) {
        by_stage[figures->rows[i].stage]++;
        by_language[figures->rows[i].language]++;
        coded += figures->rows[i].coded;
        faded += figures->rows[i].faded;
    }
    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++)
        figure_set(stages, figures_stage_name(stage), figure_count(by_stage[stage]));
    for (size_t i = 0; i < figures->language_count; i++)
        figure_set(languages, figures_language_name(figures, i), figure_count(by_language[i]));
    figure_set(object, "n", figure_count(figures->count));
    figure_set(object, "coded", figure_count(coded));
    figure_set(object, "faded", figure_count(faded));
    figure_set(object, "one_sided", figure_count(figures->one_sided));
    figure_set(object, "empty", figure_count(figures->empty));
    figure_set(object, "by_stage", stages);
    figure_set(object, "by_language", languages);
    return object;
}

static json_t *words_json(const struct figures *figures, size_t language)
{
    struct figures_words words;
    json_t *object;

    if (figures_words(figures, language, &words) != OK)
        return NULL;
    object = json_pack("{s:s, s:o, s:o, s:o, s:b}", "language",
                       figures_language_name(figures, language), "chats", figure_count(words.chats),
                       "visitor", figure_count(words.words[SIDE_VISITOR]), "agent",
                       figure_count(words.words[SIDE_AGENT]), "too_few", words.too_few);
    if (words.too_few)
        return object;
    figure_set(object, "agent_per_visitor", figure_number(words.ratio));
    figure_interval(object, "low", "high", words.interval, 1);
    return object;
}

static json_t *messages_json(const struct figures *figures)
{
    json_t *object = json_object(), *words = json_array();

    figure_set(object, "visitor", figure_count(figures->messages[FROM_VISITOR]));
    figure_set(object, "agent", figure_count(figures->messages[FROM_AGENT]));
    figure_set(object, "bot", figure_count(figures->messages[FROM_BOT]));
    figure_set(object, "system", figure_count(figures->messages[FROM_SYSTEM]));
    figure_set(object, "canned", figure_share(figures->canned, figures->messages[FROM_AGENT]));
    for (size_t i = 0; i < figures->language_count; i++)
        (void)json_array_append_new(words, words_json(figures, i));
    figure_set(object, "words", words);
    return object;
}

/* --- the whole --- */

static json_t *orders_json(const char *currency, const struct figures_waits *orders)
{
    struct figures_quantile median;
    json_t *object =
        json_pack("{s:s, s:o, s:b}", "currency", currency, "n", figure_count(orders->count),
                  "too_few", orders->count < FIGURES_FEW_CHATS);

    if (orders->count < FIGURES_FEW_CHATS || figures_quantile(orders, 0.5, &median) != OK)
        return object;
    figure_set(object, "median_value", figure_number((double)median.ms / 100));
    figure_interval(object, "low", "high", median.interval, 0.01);
    return object;
}

/* Of chats whose site tells of purchases; a site that tells of none has none. */
static json_t *purchases_json(const struct figures *figures)
{
    const struct currencies *currencies = &figures->currencies;
    json_t *list = json_array();

    for (size_t i = currency_after(currencies, NULL); i < CURRENCIES_MAX;
         i = currency_after(currencies, currencies->names[i]))
        (void)json_array_append_new(list, orders_json(currencies->names[i], &figures->orders[i]));
    return json_pack("{s:o, s:o}", "chats", figure_share(figures->bought, figures->count), "orders",
                     list);
}

json_t *figures_json(const struct figures *figures, const struct figures_about *about)
{
    json_t *document = json_pack("{s:s}", "format", "lasna-figures-1");
    json_t *languages = json_array(), *desk = desk_json(&figures->desk);
    json_t *effect = effect_json(&figures->effect);

    if (document == NULL || languages == NULL)
        return NULL;
    figure_set(document, "about", about_json(figures, about));
    figure_set(document, "chats", chats_json(figures));
    figure_set(document, "messages", messages_json(figures));
    figure_set(document, "times", figures_times_json(figures));
    figure_set(document, "purchases", purchases_json(figures));
    if (effect != NULL)
        figure_set(document, "effect", effect);
    if (desk != NULL)
        figure_set(document, "desk", desk);
    figure_set(document, "another_channel", figures_channel_json(figures));
    figure_set(document, "load", figures_load_json(figures));
    figure_set(document, "canned", figures_canned_json(figures));
    figure_set(document, "csat", figures_csat_json(figures));
    figure_set(document, "nps", figures_nps_json(figures));
    figure_set(document, "effort", figures_effort_json(figures));
    for (size_t i = 0; about->coder[0] != '\0' && i < figures->language_count; i++)
        (void)json_array_append_new(languages, figures_language_json(figures, i, about));
    figure_set(document, "languages", languages);
    if (about->by_agent)
        figure_set(document, "agents", figures_agents_json(figures, about));
    if (about->coder[0] == '\0')
        return document;
    figure_set(document, "functions", figures_functions_json(figures));
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
