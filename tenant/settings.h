/* SPDX-License-Identifier: Apache-2.0
 *
 * settings — what a tenant may have its own way, in layers: what is built in, what the server
 * says for all tenants, what the tenant says, what one of its sites says. The lowest layer
 * that says something counts. The table is settings.def.
 *
 * A layer is a JSON object of texts, only of what it says: { "routing.offer_ms": "30000" }.
 * Values are checked and put right when they are set, so a layer holds nothing wrong; what a
 * later version set and we do not know is left alone.
 */
#ifndef TENANT_SETTINGS_H
#define TENANT_SETTINGS_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/format/json.h"

enum setting_type {
    SETTING_NUMBER,
    SETTING_MILLISECONDS,
    SETTING_FLAG,
    SETTING_CHOICE,
    SETTING_LINE,
    SETTING_WORDING,
    SETTING_COLOR,
    SETTING_LINES,
    SETTING_RULES,
    SETTING_PRIORITY,
    SETTING_OUTSIDERS,
    SETTING_WEEK,
    SETTING_ZONE,
    SETTING_DAYS,
    SETTING_TEXTS,
};

enum setting_layer {
    LAYER_BUILT_IN,
    LAYER_SERVER,
    LAYER_TENANT,
    LAYER_SITE,
    LAYER_COUNT,
};
const char *setting_layer_name(enum setting_layer layer);

enum { SETTINGS_LAYER_MAX_BYTES = 32 * 1024 };

struct setting {
    const char *key; /* "routing.offer_ms" */
    enum setting_type type;
    const char *initial;
    const char *words;  /* of a CHOICE, separated by a space */
    uint64_t low, high; /* a number's range; a text's length in code points */
    bool of_site;       /* a site may differ from its tenant */
    bool next_page;     /* counts from a page's next load; else at once */
    const char *meaning;
    bool of_admin; /* what the server grants: a tenant's own admin does not change it */
};

size_t setting_count(void);
const struct setting *setting_at(size_t i);
/* By its key; of a WORDING also with a language: "widget.title:fi". NULL: no such setting. */
const struct setting *setting_find(struct slice key);
/* Whether it may differ by language: group.name:fi. */
bool setting_has_languages(const struct setting *setting);
const char *setting_type_name(enum setting_type type);
/* "5000 to 3600000 ms", "1 to 80 characters", "least-busy or in-turn": for people. */
void setting_range(const struct setting *setting, struct buf *to);
/* 20s, 5min, 12h, 90d, or milliseconds as such. 1: no such thing. */
int duration_parse(struct slice text, uint64_t *ret_ms);
/* Writes the value as it is kept (20s becomes 20000). 1: it cannot be; why stands in
 * `problem`, for people. */
int setting_put_right(const struct setting *setting, struct slice value, struct buf *ret_value,
                      struct buf *problem);

/* The place of a CHOICE's word among `words`; SIZE_MAX: it is none of them. */
size_t setting_word_place(const char *words, struct slice word);

/* Applies `changes`, an object of texts and nulls (back to what the layer above says), to a
 * layer; `layer` NULL: an empty one. The caller owns *ret_layer. 1: refused whole, see
 * `problem`. ERR_NO_MEMORY. */
int settings_layer_change(const char *layer, enum setting_layer which, const json_t *changes,
                          char **ret_layer, struct buf *problem) MUST_CHECK;
/* A layer that came along from another server; "": none. What we would not take today is passed
 * over like any old value, but own words that are no object of texts are no old value of ours. 1:
 * it holds such, or is no object itself; why stands in `problem`. */
int settings_layer_look(struct slice layer, struct buf *problem) MUST_CHECK;

#define TENANT_SETTING_C_NUMBER       uint64_t
#define TENANT_SETTING_C_MILLISECONDS uint64_t
#define TENANT_SETTING_C_FLAG         bool
#define TENANT_SETTING_C_CHOICE       unsigned
#define TENANT_SETTING_C_LINE         const char *
#define TENANT_SETTING_C_WORDING      const char *
#define TENANT_SETTING_C_COLOR        const char *
#define TENANT_SETTING_C_LINES        const char *
#define TENANT_SETTING_C_RULES        const char *
#define TENANT_SETTING_C_PRIORITY     const char *
#define TENANT_SETTING_C_OUTSIDERS    const char *
#define TENANT_SETTING_C_WEEK         const char *
#define TENANT_SETTING_C_ZONE         const char *
#define TENANT_SETTING_C_DAYS         const char *
#define TENANT_SETTING_C_TEXTS        const char *

/* What counts, of all layers. routing.offer_ms becomes routing_offer_ms; a CHOICE is the place
 * of its word. Texts are never NULL, and live as long as this does. */
struct tenant_settings {
#define TENANT_SETTING(group, name, type, ...) TENANT_SETTING_C_##type group##_##name;
#include "tenant/settings.def"
#undef TENANT_SETTING
    json_t *values; /* { "widget.title:fi": { "value": "…", "from": "tenant" }, … } */
};

/* layers[LAYER_BUILT_IN] is not looked at; NULL: a layer that says nothing. */
int tenant_settings_new(struct tenant_settings **ret_settings,
                        const char *const layers[LAYER_COUNT]) MUST_CHECK;
struct tenant_settings *tenant_settings_free(struct tenant_settings *settings);
DEFINE_AUTO(tenant_settings)

/* What counts for a key, with a language perhaps. NULL: no layer says it in that language. */
const char *tenant_settings_get(const struct tenant_settings *settings, const char *key);

/* Calls fn for a LINES, WORDING or TEXTS setting in each language it is said in, "" first. */
typedef void tenant_settings_wording_fn(void *context, const char *language, const char *text);
void tenant_settings_each_wording(const struct tenant_settings *settings, const char *key,
                                  tenant_settings_wording_fn *fn, void *context);

/* Members of the widget's configuration, each with a comma before it: numbers and flags as
 * such, a WORDING as an object by language, "" for all others, of TEXTS only that there are any.
 * But for colours, only what some layer says: each byte stands in the script that every page of
 * the site loads. */
void tenant_settings_widget(const struct tenant_settings *settings, struct buf *to);

/* A tenant's own words (own_texts.h) in a language, as the chat chooses: what is said in it, else
 * what is said for all. The caller owns them; NULL: there are none. */
json_t *tenant_settings_own_texts(const struct tenant_settings *settings,
                                  struct slice language) MUST_CHECK;

/* What an opened chat fetches beside that, an object by language; nothing where no layer says it.
 */
void tenant_settings_texts(const struct tenant_settings *settings, struct buf *to);

#endif
