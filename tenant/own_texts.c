/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/own_texts.h"

#include "base/auto.h"
#include "base/format/text.h"
#include "tenant/page_texts.h"

/* widget/texts/en.json, by the build. */
extern const unsigned char widget_texts_english[];
extern const size_t widget_texts_english_bytes;

enum { NAME_MAX_BYTES = 80, NAME_TOLD_POINTS = 40, OWN_TEXTS_MAX_BYTES = 32 * 1024 };

/* What comes to the browser by itself; and what names several signs, each at its place. */
static const char *const lists[] = { "page", "more", "react", "seldom" };
static const char *const series[] = { "emojiNames", "signNames" };

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof((names)[0]))

/* Flattens `texts` into `all`; `above` is what stands before a name: "states.". */
static int gather(json_t *all, const json_t *texts, const char *above)
{
    const char *key;
    json_t *words;
    int rc = OK;

    json_object_foreach((json_t *)(uintptr_t)texts, key, words)
    {
        AUTO_BUF name;

        buf_init(&name, NAME_MAX_BYTES);
        if (!json_is_object(words))
            buf_addf(&name, "%s%s", above, key);
        else if (!IS_ONE_OF(key, lists))
            buf_addf(&name, "%s.", key);
        else
            buf_add_text(&name, "");
        if (rc == OK && (buf_failed(&name) ||
                         (json_is_string(words) && json_object_set(all, name.data, words) != 0)))
            rc = RAISE(ERR_NO_MEMORY);
        if (rc == OK && json_is_object(words))
            rc = gather(all, words, name.data);
    }
    return rc;
}

json_t *own_texts_english(void)
{
    const struct slice english = { (const char *)widget_texts_english, widget_texts_english_bytes };
    AUTO_JSON texts = NULL;
    json_t *all = json_object();

    if (all != NULL && json_read(english, &texts) == OK && gather(all, texts, "") == OK)
        return all;
    json_decref(all);
    return NULL;
}

static size_t count_of(struct slice text, const char *what)
{
    size_t len = strlen(what), count = 0;

    for (size_t at = 0; at + len <= text.len; at++)
        count += memcmp(text.data + at, what, len) == 0;
    return count;
}

static int refuse(struct buf *problem, const char *name, const char *why)
{
    buf_add_text(problem, "\"");
    text_one_line(slice_of(name), NAME_TOLD_POINTS, problem);
    buf_addf(problem, "\" %s", why);
    return 1;
}

static bool has_parts(const char *name, struct slice text, struct slice ours)
{
    return !IS_ONE_OF(name, series) || count_of(text, ", ") == count_of(ours, ", ");
}

static int put_one(const char *name, const json_t *value, struct slice ours, json_t *right,
                   struct buf *problem)
{
    struct slice text = { json_string_value(value), json_string_length(value) };
    size_t most = page_texts_has(name) ? PAGE_TEXT_MAX_POINTS : OWN_TEXT_MAX_POINTS;
    AUTO_BUF clean;
    AUTO_BUF line;

    buf_init(&clean, OWN_TEXTS_MAX_BYTES);
    buf_init(&line, OWN_TEXTS_MAX_BYTES);
    if (text.data == NULL || text_clean(text, most, &clean) != TEXT_FINE) {
        (void)refuse(problem, name, "must be a text of 1 to ");
        buf_addf(problem, "%zu characters.", most);
        return 1;
    }
    text_one_line(buf_slice(&clean), most, &line);
    if (count_of(buf_slice(&line), "{}") != count_of(ours, "{}")) {
        (void)refuse(problem, name,
                     count_of(ours, "{}") == 0
                         ? "has nothing that is filled in for {}: \""
                         : "must hold {} once, where something is filled in: \"");
        buf_addf(problem, "%.*s\".", SLICE_ARG(ours));
        return 1;
    }
    if (!has_parts(name, buf_slice(&line), ours))
        return refuse(problem, name, "must name all of them, with commas between.");
    return json_object_set_new(right, name, json_stringn(line.data, line.len)) == 0
               ? OK
               : RAISE(ERR_NO_MEMORY);
}

static int put_all(const json_t *given, json_t *right, struct buf *problem)
{
    AUTO_JSON english = own_texts_english();
    const char *name;
    json_t *value;
    int rc = english == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    json_object_foreach((json_t *)(uintptr_t)given, name, value)
    {
        const json_t *ours = json_object_get(english, name);
        struct slice text = { json_string_value(ours), json_string_length(ours) };

        if (rc == OK && ours == NULL)
            rc = refuse(problem, name,
                        "is none of the chat's texts; `lasnactl texts list` lists them.");
        else if (rc == OK)
            rc = put_one(name, value, text, right, problem);
    }
    return rc;
}

int own_texts_put_right(struct slice value, struct buf *ret_value, struct buf *problem)
{
    AUTO_JSON given = NULL;
    AUTO_JSON right = json_object();
    AUTO_MEM char *text = NULL;
    int rc;

    if (json_read(value, &given) != OK || !json_is_object(given)) {
        buf_add_text(problem, "must be a JSON object of texts by their names, as in "
                              "{\"write\": \"Write to us\"}; each name once.");
        return 1;
    }
    rc = put_all(given, right, problem);
    if (rc != OK)
        return rc == 1 ? 1 : TRACE(rc);
    text = json_dumps(right, JSON_COMPACT);
    if (text == NULL)
        return RAISE(ERR_NO_MEMORY);
    buf_add_text(ret_value, text);
    return OK;
}
