/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/page_texts.h"

#include "base/format/json.h"

/* By language what it has of them: of the widget's files, by the build. */
extern const unsigned char widget_texts_page[];
extern const size_t widget_texts_page_bytes;

/* Those that every site needs, one for who greets, one for who asks buyers: as loader.ts, rules.ts
 * and ask.ts count them. */
static const char *const names[] = { "openChat", "closeChat", "unread", "closeGreeting", "bought" };
enum { NAMES_OF_EVERY_SITE = 3, NAMES_TO_GREET = 4, NAME_COUNT = 5 };
_Static_assert(sizeof(names) / sizeof(names[0]) == NAME_COUNT, "each name has its place");

bool page_texts_has(const char *name)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static void note_rules(void *context, const char *language, const char *rules)
{
    bool *greets = context;

    (void)language;
    *greets = *greets || rules[0] != '\0';
}

static size_t count_needed(const struct tenant_settings *settings)
{
    bool greets = false;

    if (settings->widget_buyers)
        return NAME_COUNT;
    tenant_settings_each_wording(settings, "widget.proactive", note_rules, &greets);
    return greets ? NAMES_TO_GREET : NAMES_OF_EVERY_SITE;
}

/* The tenant's own, else ours, else ours in English. */
static const char *said(const char *name, const json_t *own, const json_t *ours,
                        const json_t *english)
{
    const json_t *const said_by[] = { own, ours, english };
    const char *text = NULL;

    for (size_t i = 0; text == NULL && i < sizeof(said_by) / sizeof(said_by[0]); i++)
        text = json_string_value(json_object_get(said_by[i], name));
    return text == NULL ? "" : text;
}

static void add_list(const struct tenant_settings *settings, const json_t *page,
                     struct slice language, struct buf *to)
{
    const json_t *ours = json_object_getn(page, language.data, language.len);
    AUTO_JSON own = tenant_settings_own_texts(settings, language);
    size_t needed = count_needed(settings);

    buf_add_json(to, language);
    buf_add_text(to, ":[");
    for (size_t i = 0; i < needed; i++) {
        buf_add_text(to, i == 0 ? "" : ",");
        buf_add_json(to, slice_of(said(names[i], own, ours, json_object_get(page, "en"))));
    }
    buf_add_text(to, "]");
}

void page_texts_add(const struct tenant_settings *settings, const char *languages, struct buf *to)
{
    const struct slice built_in = { (const char *)widget_texts_page, widget_texts_page_bytes };
    const char *at = languages[0] == '\0' ? "en" : languages, *sep = "{";
    AUTO_JSON page = NULL;

    if (json_read(built_in, &page) != OK) /* no memory: then nothing is said */
        page = NULL;
    while (*at != '\0') {
        size_t len = strcspn(at, " ");

        buf_add_text(to, sep);
        add_list(settings, page, (struct slice){ at, len }, to);
        sep = ",";
        at += len + strspn(at + len, " ");
    }
    buf_add_text(to, "}");
}
