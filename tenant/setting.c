/* SPDX-License-Identifier: Apache-2.0
 *
 * One setting by itself: what it is called, and what may be its value.
 */
#include "base/format/text.h"
#include "tenant/hours.h"
#include "tenant/outsiders.h"
#include "tenant/own_texts.h"
#include "tenant/priority.h"
#include "tenant/rules.h"
#include "tenant/settings.h"
#include "tenant/tenant.h"

#include <inttypes.h>

enum { SITE = 1, TENANT = 0, ADMIN = 2, PAGE = 1, NOW = 0 };

static const struct setting settings[] = {
#define TENANT_SETTING(group, name, type, initial, words, low, high, site, when, meaning) \
    { #group "." #name, SETTING_##type, initial, words,          low, high,               \
      (site) == SITE,   when,           meaning, (site) == ADMIN },
#include "tenant/settings.def"
#undef TENANT_SETTING
};

static const char *const layer_names[LAYER_COUNT] = { "built-in", "server", "tenant", "site" };

static const char *const type_names[] = {
    [SETTING_NUMBER] = "number",     [SETTING_MILLISECONDS] = "milliseconds",
    [SETTING_FLAG] = "flag",         [SETTING_CHOICE] = "choice",
    [SETTING_LINE] = "line",         [SETTING_WORDING] = "wording",
    [SETTING_COLOR] = "color",       [SETTING_WEEK] = "week",
    [SETTING_LINES] = "lines",       [SETTING_ZONE] = "zone",
    [SETTING_DAYS] = "days",         [SETTING_RULES] = "rules",
    [SETTING_PRIORITY] = "priority", [SETTING_OUTSIDERS] = "outsiders",
    [SETTING_TEXTS] = "texts",
};

const char *setting_layer_name(enum setting_layer layer)
{
    return layer_names[layer];
}

const char *setting_type_name(enum setting_type type)
{
    return type_names[type];
}

size_t setting_count(void)
{
    return sizeof(settings) / sizeof(settings[0]);
}

const struct setting *setting_at(size_t i)
{
    return &settings[i];
}

bool setting_has_languages(const struct setting *setting)
{
    return setting->type == SETTING_WORDING || setting->type == SETTING_LINES ||
           setting->type == SETTING_RULES || setting->type == SETTING_TEXTS;
}

const struct setting *setting_find(struct slice key)
{
    const char *colon = key.len == 0 ? NULL : memchr(key.data, ':', key.len);
    struct slice name = { key.data, colon == NULL ? key.len : (size_t)(colon - key.data) };

    for (size_t i = 0; i < setting_count(); i++) {
        if (!slice_is(name, settings[i].key))
            continue;
        if (colon == NULL)
            return &settings[i];
        if (setting_has_languages(&settings[i]) &&
            language_is_tag((struct slice){ colon + 1, key.len - name.len - 1 }))
            return &settings[i];
    }
    return NULL;
}

static void add_words(const char *words, struct buf *to)
{
    for (const char *at = words; *at != '\0';) {
        size_t len = strcspn(at, " ");
        bool last = at[len] == '\0', next_last = !last && strchr(at + len + 1, ' ') == NULL;

        buf_add(to, at, len);
        buf_add_text(to, last ? "" : next_last ? " or " : ", ");
        at += len + !last;
    }
}

void setting_range(const struct setting *setting, struct buf *to)
{
    switch (setting->type) {
    case SETTING_NUMBER:
        buf_addf(to, "%" PRIu64 " to %" PRIu64, setting->low, setting->high);
        break;
    case SETTING_MILLISECONDS:
        buf_addf(to, "%" PRIu64 " to %" PRIu64 " ms", setting->low, setting->high);
        break;
    case SETTING_FLAG:
        buf_add_text(to, "yes or no");
        break;
    case SETTING_CHOICE:
        add_words(setting->words, to);
        break;
    case SETTING_LINE:
    case SETTING_WORDING:
        buf_addf(to, "%" PRIu64 " to %" PRIu64 " characters", setting->low, setting->high);
        break;
    case SETTING_COLOR:
        buf_add_text(to, "#rrggbb");
        break;
    case SETTING_LINES:
        buf_addf(to, "lines of text, at most %" PRIu64 " characters together", setting->high);
        break;
    case SETTING_RULES:
        buf_addf(to,
                 "at most %d lines of conditions, \": \" and a greeting, as in page=/pricing* "
                 "after=30s: Questions about prices? Conditions: page=/path* after=30s or 2min "
                 "scroll=50 (per cent) cart=100 visit=2 times=1",
                 RULES_MAX);
        break;
    case SETTING_PRIORITY:
        buf_addf(to,
                 "at most %d words with 1 to %d points each, as in existing:2 fi:1 billing:3: "
                 "stages, languages, skills",
                 PRIORITY_WORDS_MAX, PRIORITY_POINTS_MAX);
        break;
    case SETTING_OUTSIDERS:
        buf_addf(to,
                 "at most %d people with commas between, each a name of one word, a colon, an XMPP "
                 "address and what they get (callbacks, transfers; none: both) and speak (en, fi, "
                 "sv), as in Tuula: tuula@sales.example callbacks fi",
                 OUTSIDERS_MAX);
        break;
    case SETTING_WEEK:
        buf_add_text(to, "always, or days and times: mon-fri 9-17, sat 10:30-14");
        break;
    case SETTING_ZONE:
        buf_add_text(to, "a zone of Europe (Europe/Helsinki), UTC, or a rule as POSIX writes it "
                         "(EET-2EEST,M3.5.0/3,M10.5.0/4)");
        break;
    case SETTING_DAYS:
        buf_addf(to, "none, or at most %d days: 2026-04-03, each year 12-25", HOURS_CLOSED_MAX);
        break;
    case SETTING_TEXTS:
        buf_add_text(to, "a JSON object of texts by their names, as {\"write\": \"Write to us\"}");
        break;
    }
}

/* --- values --- */

/* 0 with the digits' value and what follows them; 1: no digits, or too many. */
static int read_digits(struct slice text, uint64_t *ret_number, struct slice *ret_rest)
{
    size_t i = 0;

    *ret_number = 0;
    for (; i < text.len && text.data[i] >= '0' && text.data[i] <= '9' && i < 15; i++)
        *ret_number = *ret_number * 10 + (uint64_t)(text.data[i] - '0');
    *ret_rest = (struct slice){ text.data + i, text.len - i };
    return i > 0 ? 0 : 1;
}

static int read_unit(struct slice unit, uint64_t *number)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {
        { "", 1 },        { "ms", 1 },      { "s", 1000 },
        { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (slice_is(unit, units[i].name)) {
            *number *= units[i].ms;
            return 0;
        }
    }
    return 1;
}

int duration_parse(struct slice text, uint64_t *ret_ms)
{
    struct slice unit;

    return read_digits(text, ret_ms, &unit) == 0 ? read_unit(unit, ret_ms) : 1;
}

static bool put_number(const struct setting *setting, struct slice value, struct buf *ret_value)
{
    uint64_t number;
    struct slice rest;

    if (setting->type == SETTING_MILLISECONDS
            ? duration_parse(value, &number) != 0
            : read_digits(value, &number, &rest) != 0 || rest.len > 0)
        return false;
    if (number < setting->low || number > setting->high)
        return false;
    buf_addf(ret_value, "%" PRIu64, number);
    return true;
}

static bool put_flag(struct slice value, struct buf *ret_value)
{
    static const char *const names[][2] = {
        { "yes", "yes" }, { "true", "yes" }, { "on", "yes" },
        { "no", "no" },   { "false", "no" }, { "off", "no" },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (slice_is(value, names[i][0])) {
            buf_add_text(ret_value, names[i][1]);
            return true;
        }
    }
    return false;
}

size_t setting_word_place(const char *words, struct slice word)
{
    size_t place = 0;

    for (const char *at = words; *at != '\0'; place++) {
        size_t len = strcspn(at, " ");

        if (slice_equal((struct slice){ at, len }, word))
            return place;
        at += len + (at[len] != '\0');
    }
    return SIZE_MAX;
}

static bool put_choice(const struct setting *setting, struct slice value, struct buf *ret_value)
{
    if (setting_word_place(setting->words, value) == SIZE_MAX)
        return false;
    buf_add_slice(ret_value, value);
    return true;
}

static bool put_line(const struct setting *setting, struct slice value, struct buf *ret_value)
{
    AUTO_BUF clean;
    size_t points;

    buf_init(&clean, SETTINGS_LAYER_MAX_BYTES);
    if (text_clean(value, (size_t)setting->high, &clean) != TEXT_FINE)
        return false;
    text_one_line(buf_slice(&clean), (size_t)setting->high, ret_value);
    points = text_points(buf_slice(ret_value));
    return points >= setting->low && points <= setting->high;
}

static bool put_lines(const struct setting *setting, struct slice value, struct buf *ret_value)
{
    if (value.len == 0) {
        buf_add_text(ret_value, "");
        return true;
    }
    return text_clean(value, (size_t)setting->high, ret_value) == TEXT_FINE;
}

static bool put_color(struct slice value, struct buf *ret_value)
{
    if (value.len != 7 || value.data[0] != '#')
        return false;
    buf_add_text(ret_value, "#");
    for (size_t i = 1; i < value.len; i++) {
        char c = value.data[i];

        c = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        buf_add(ret_value, &c, 1);
    }
    return true;
}

/* Kept as it was written, if it can be understood. */
static bool put_hours(enum setting_type type, struct slice value, struct buf *ret_value)
{
    const struct slice utc = SLICE_LITERAL("UTC");
    struct hours hours;

    if (value.len > 1000 ||
        hours_parse(type == SETTING_WEEK ? value : SLICE_NONE, type == SETTING_ZONE ? value : utc,
                    type == SETTING_DAYS ? value : SLICE_NONE, &hours) != 0)
        return false;
    buf_add_slice(ret_value, value);
    return true;
}

static bool put_priority(struct slice value, struct buf *ret_value)
{
    struct priority priority;

    if (!priority_parse(value, &priority))
        return false;
    buf_add_slice(ret_value, value);
    return true;
}

static bool put_outsiders(struct slice value, struct buf *ret_value)
{
    struct outsiders outsiders;

    if (!outsiders_parse(value, &outsiders))
        return false;
    buf_add_slice(ret_value, value);
    return true;
}

static bool put_value(const struct setting *setting, struct slice value, struct buf *ret_value)
{
    switch (setting->type) {
    case SETTING_NUMBER:
    case SETTING_MILLISECONDS:
        return put_number(setting, value, ret_value);
    case SETTING_FLAG:
        return put_flag(value, ret_value);
    case SETTING_CHOICE:
        return put_choice(setting, value, ret_value);
    case SETTING_LINE:
    case SETTING_WORDING:
        return put_line(setting, value, ret_value);
    case SETTING_COLOR:
        return put_color(value, ret_value);
    case SETTING_LINES:
        return put_lines(setting, value, ret_value);
    case SETTING_RULES:
        return put_lines(setting, value, ret_value) && rules_check(buf_slice(ret_value)) == 0;
    case SETTING_PRIORITY:
        return put_priority(value, ret_value);
    case SETTING_OUTSIDERS:
        return put_outsiders(value, ret_value);
    case SETTING_WEEK:
    case SETTING_ZONE:
    case SETTING_DAYS:
        return put_hours(setting->type, value, ret_value);
    case SETTING_TEXTS:
        break; /* which of them is wrong is told by itself */
    }
    return false;
}

static int put_texts(const struct setting *setting, struct slice value, struct buf *ret_value,
                     struct buf *problem)
{
    AUTO_BUF why;

    buf_init(&why, 1024);
    if (own_texts_put_right(value, ret_value, &why) == 0 && !buf_failed(ret_value))
        return 0;
    buf_addf(problem, "\"%s\": %.*s", setting->key, SLICE_ARG(buf_slice(&why)));
    return 1;
}

int setting_put_right(const struct setting *setting, struct slice value, struct buf *ret_value,
                      struct buf *problem)
{
    buf_clear(ret_value);
    if (setting->type == SETTING_TEXTS)
        return put_texts(setting, value, ret_value, problem);
    if (put_value(setting, value, ret_value) && !buf_failed(ret_value))
        return 0;
    buf_addf(problem, "\"%s\" must be ", setting->key);
    setting_range(setting, problem);
    buf_add_text(problem, ".");
    return 1;
}
