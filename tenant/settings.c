/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/settings.h"

#include "base/format/text.h"
#include "tenant/tenant.h"

#include <inttypes.h>

/* --- one layer --- */

static int refuse(struct buf *problem, const char *key, const char *why)
{
    buf_add_text(problem, "\"");
    text_one_line(slice_of(key), 40, problem);
    buf_addf(problem, "\" %s", why);
    return 1;
}

/* What stands before a colon may be a setting; then what stands behind it is no language. */
static int refuse_unknown(struct buf *problem, const char *key)
{
    const char *colon = strchr(key, ':');
    struct slice name = { key, colon != NULL ? (size_t)(colon - key) : 0 };
    const struct setting *setting = setting_find(name);

    return refuse(problem, key,
                  setting != NULL && setting_has_languages(setting)
                      ? "does not end with a language as fi, en-gb or zh-hant, in small letters."
                      : "is no setting; `lasnactl settings list` lists them.");
}

static int change_one(json_t *layer, enum setting_layer which, const char *key, const json_t *value,
                      struct buf *problem)
{
    const struct setting *setting = setting_find(slice_of(key));
    struct slice text = { json_string_value(value), json_string_length(value) };
    AUTO_BUF right;

    buf_init(&right, SETTINGS_LAYER_MAX_BYTES);
    if (json_is_null(value) && json_object_del(layer, key) == 0)
        return OK; /* what we would not take today, too */
    if (setting == NULL)
        return refuse_unknown(problem, key);
    if (which == LAYER_SITE && !setting->of_site)
        return refuse(problem, key, "cannot differ by site: set it for the tenant.");
    if (json_is_null(value))
        return OK;
    if (!json_is_string(value))
        return refuse(problem, key, "must be a text, or null.");
    if (setting_put_right(setting, text, &right, problem) != 0)
        return 1;
    return json_object_set_new(layer, key, json_stringn(right.data, right.len)) == 0
               ? OK
               : RAISE(ERR_NO_MEMORY);
}

static json_t *layer_read(const char *layer)
{
    json_t *read = NULL;

    if (layer == NULL || json_read(slice_of(layer), &read) != OK || !json_is_object(read)) {
        json_decref(read);
        return json_object();
    }
    return read;
}

int settings_layer_change(const char *layer, enum setting_layer which, const json_t *changes,
                          char **ret_layer, struct buf *problem)
{
    AUTO_JSON changed = layer_read(layer);
    AUTO_MEM char *text = NULL;
    const char *key;
    json_t *value;
    int rc = OK;

    json_object_foreach((json_t *)(uintptr_t)changes, key, value)
    {
        rc = change_one(changed, which, key, value, problem);
        if (rc != OK)
            return rc;
    }
    text = json_dumps(changed, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (strlen(text) > SETTINGS_LAYER_MAX_BYTES) {
        buf_add_text(problem, "These settings hold too much together.");
        return 1;
    }
    *ret_layer = text;
    text = NULL;
    return OK;
}

static bool is_object_of_texts(struct slice text)
{
    AUTO_JSON read = NULL;
    const char *name;
    json_t *value;
    bool texts = json_read(text, &read) == OK && json_is_object(read);

    json_object_foreach(read, name, value)
    {
        texts = texts && json_is_string(value);
    }
    return texts;
}

int settings_layer_look(struct slice layer, struct buf *problem)
{
    AUTO_JSON read = NULL;
    const char *key;
    json_t *value;

    if (layer.len == 0)
        return OK;
    if (layer.len > SETTINGS_LAYER_MAX_BYTES) {
        buf_addf(problem, "Its settings are longer than %d bytes.", SETTINGS_LAYER_MAX_BYTES);
        return 1;
    }
    if (json_read(layer, &read) != OK || !json_is_object(read)) {
        buf_add_text(problem, "Its settings are no JSON object.");
        return 1;
    }
    json_object_foreach(read, key, value)
    {
        const struct setting *setting = setting_find(slice_of(key));
        struct slice text = { json_string_value(value), json_string_length(value) };

        if (setting != NULL && setting->type == SETTING_TEXTS && !is_object_of_texts(text))
            return refuse(problem, key, "is no JSON object of texts.");
    }
    return OK;
}

/* --- all layers --- */

static int put(struct tenant_settings *settings, const char *key, const char *value,
               enum setting_layer layer)
{
    return json_object_set_new(
               settings->values, key,
               json_pack("{s:s, s:s}", "value", value, "from", setting_layer_name(layer))) == 0
               ? OK
               : RAISE(ERR_NO_MEMORY);
}

/* As it counts today. What the chat says was checked when it was set, or came along from another
 * server, and the chat passes over what it does not know: much to read for each look at the
 * settings. */
static bool still_fits(const struct setting *setting, const char *given, struct buf *right,
                       struct buf *problem)
{
    if (setting->type != SETTING_TEXTS)
        return setting_put_right(setting, slice_of(given), right, problem) == 0;
    buf_clear(right);
    buf_add_text(right, given);
    return !buf_failed(right);
}

/* What we know no more, or would not take today, is skipped: the layer above counts then. */
static int put_layer(struct tenant_settings *settings, const char *text, enum setting_layer layer)
{
    AUTO_JSON read = layer_read(text);
    AUTO_BUF right;
    AUTO_BUF problem;
    const char *key;
    json_t *value;
    int rc = OK;

    buf_init(&right, SETTINGS_LAYER_MAX_BYTES);
    buf_init(&problem, 1024);
    json_object_foreach(read, key, value)
    {
        const struct setting *setting = setting_find(slice_of(key));
        const char *given = json_string_value(value);

        if (rc == OK && setting != NULL && given != NULL &&
            still_fits(setting, given, &right, &problem))
            rc = put(settings, key, right.data, layer);
    }
    return rc;
}

#define FROM_TEXT_NUMBER(text, words)       strtoull(text, NULL, 10)
#define FROM_TEXT_MILLISECONDS(text, words) strtoull(text, NULL, 10)
#define FROM_TEXT_FLAG(text, words)         (strcmp(text, "yes") == 0)
#define FROM_TEXT_CHOICE(text, words)       (unsigned)setting_word_place(words, slice_of(text))
#define FROM_TEXT_LINE(text, words)         (text)
#define FROM_TEXT_WORDING(text, words)      (text)
#define FROM_TEXT_COLOR(text, words)        (text)
#define FROM_TEXT_LINES(text, words)        (text)
#define FROM_TEXT_RULES(text, words)        (text)
#define FROM_TEXT_PRIORITY(text, words)     (text)
#define FROM_TEXT_OUTSIDERS(text, words)    (text)
#define FROM_TEXT_WEEK(text, words)         (text)
#define FROM_TEXT_ZONE(text, words)         (text)
#define FROM_TEXT_DAYS(text, words)         (text)
#define FROM_TEXT_TEXTS(text, words)        (text)

static void fill_members(struct tenant_settings *settings)
{
#define TENANT_SETTING(group, name, type, initial, words, ...) \
    settings->group##_##name =                                 \
        FROM_TEXT_##type(tenant_settings_get(settings, #group "." #name), words);
#include "tenant/settings.def"
#undef TENANT_SETTING
}

int tenant_settings_new(struct tenant_settings **ret_settings,
                        const char *const layers[LAYER_COUNT])
{
    AUTO(tenant_settings) settings = calloc(1, sizeof(*settings));
    int rc = OK;

    if (settings == NULL || (settings->values = json_object()) == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; rc == OK && i < setting_count(); i++)
        rc = put(settings, setting_at(i)->key, setting_at(i)->initial, LAYER_BUILT_IN);
    for (enum setting_layer layer = LAYER_SERVER; rc == OK && layer < LAYER_COUNT; layer++)
        rc = put_layer(settings, layers[layer], layer);
    if (rc != OK)
        return TRACE(rc);
    fill_members(settings);
    *ret_settings = settings;
    settings = NULL;
    return OK;
}

struct tenant_settings *tenant_settings_free(struct tenant_settings *settings)
{
    if (settings != NULL)
        json_decref(settings->values);
    free(settings);
    return NULL;
}

const char *tenant_settings_get(const struct tenant_settings *settings, const char *key)
{
    return json_string_value(json_object_get(json_object_get(settings->values, key), "value"));
}

void tenant_settings_each_wording(const struct tenant_settings *settings, const char *key,
                                  tenant_settings_wording_fn *fn, void *context)
{
    size_t len = strlen(key);
    const char *each;
    json_t *value;

    fn(context, "", tenant_settings_get(settings, key));
    json_object_foreach(settings->values, each, value)
    {
        if (strncmp(each, key, len) == 0 && each[len] == ':')
            fn(context, each + len + 1, json_string_value(json_object_get(value, "value")));
    }
}

/* --- the widget's --- */

static void add_wording(const struct tenant_settings *settings, const char *key, struct buf *to)
{
    size_t len = strlen(key);
    const char *each;
    json_t *value;

    buf_add_text(to, "{\"\":");
    buf_add_json(to, slice_of(tenant_settings_get(settings, key)));
    json_object_foreach(settings->values, each, value)
    {
        if (strncmp(each, key, len) != 0 || each[len] != ':')
            continue;
        buf_add_text(to, ",");
        buf_add_json(to, slice_of(each + len + 1));
        buf_add_text(to, ":");
        buf_add_json(to, slice_of(json_string_value(json_object_get(value, "value"))));
    }
    buf_add_text(to, "}");
}

static void add_member(const struct tenant_settings *settings, const struct setting *setting,
                       struct buf *to)
{
    const char *value = tenant_settings_get(settings, setting->key);

    buf_addf(to, ",\"%s\":", strchr(setting->key, '.') + 1);
    switch (setting->type) {
    case SETTING_NUMBER:
    case SETTING_MILLISECONDS:
        buf_add_text(to, value);
        break;
    case SETTING_FLAG:
        buf_add_text(to, strcmp(value, "yes") == 0 ? "true" : "false");
        break;
    case SETTING_WORDING:
    case SETTING_RULES:
        add_wording(settings, setting->key, to);
        break;
    case SETTING_TEXTS:
        buf_add_text(to, "true");
        break;
    case SETTING_CHOICE:
    case SETTING_LINE:
    case SETTING_COLOR:
    case SETTING_LINES:
    case SETTING_PRIORITY:
    case SETTING_OUTSIDERS:
    case SETTING_WEEK:
    case SETTING_ZONE:
    case SETTING_DAYS:
        buf_add_json(to, slice_of(value));
        break;
    }
}

/* Whether no layer says anything of it, in any language: the widget knows what is built in. */
static bool is_built_in(const struct tenant_settings *settings, const struct setting *setting)
{
    size_t len = strlen(setting->key);
    const char *each;
    json_t *value;

    json_object_foreach(settings->values, each, value)
    {
        if (strncmp(each, setting->key, len) == 0 && (each[len] == '\0' || each[len] == ':') &&
            strcmp(json_string_value(json_object_get(value, "from")),
                   setting_layer_name(LAYER_BUILT_IN)) != 0)
            return false;
    }
    return true;
}

void tenant_settings_widget(const struct tenant_settings *settings, struct buf *to)
{
    for (size_t i = 0; i < setting_count(); i++) {
        const struct setting *setting = setting_at(i);

        if (strncmp(setting->key, "widget.", 7) == 0 &&
            (setting->type == SETTING_COLOR || !is_built_in(settings, setting)))
            add_member(settings, setting, to);
    }
}

json_t *tenant_settings_own_texts(const struct tenant_settings *settings, struct slice language)
{
    char key[sizeof("widget.texts:") + TENANT_LANGUAGE_MAX];
    const char *text = NULL;
    json_t *own = NULL;

    if (language.len > 0 && language.len <= TENANT_LANGUAGE_MAX) {
        (void)snprintf(key, sizeof(key), "widget.texts:%.*s", SLICE_ARG(language));
        text = tenant_settings_get(settings, key);
    }
    if (text == NULL)
        text = settings->widget_texts;
    return json_read(slice_of(text), &own) == OK ? own : NULL;
}

static void add_texts(void *context, const char *language, const char *text)
{
    struct buf *to = context;

    if (language[0] == '\0' && strcmp(text, "{}") == 0)
        return; /* nothing for all; for one language it takes back what is said for all */
    if (!is_object_of_texts(slice_of(text)))
        return; /* it would spoil what is said in all other languages, too */
    buf_add_text(to, to->len == 0 ? "{" : ",");
    buf_add_json(to, slice_of(language));
    buf_addf(to, ":%s", text);
}

void tenant_settings_texts(const struct tenant_settings *settings, struct buf *to)
{
    tenant_settings_each_wording(settings, "widget.texts", add_texts, to);
    if (to->len > 0)
        buf_add_text(to, "}");
}
