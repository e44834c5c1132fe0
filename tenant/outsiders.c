/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/outsiders.h"

#include "tenant/jid.h"

#include <string.h>
#include <strings.h>

const struct outsider *outsiders_named(const struct outsiders *outsiders, struct slice name)
{
    for (unsigned i = 0; i < outsiders->count; i++) {
        const char *known = outsiders->all[i].name;

        if (name.len == strlen(known) && strncasecmp(name.data, known, name.len) == 0)
            return &outsiders->all[i];
    }
    return NULL;
}

const struct outsider *outsiders_at(const struct outsiders *outsiders, struct slice jid)
{
    for (unsigned i = 0; i < outsiders->count; i++) {
        if (slice_is(jid, outsiders->all[i].jid))
            return &outsiders->all[i];
    }
    return NULL;
}

static bool next_word(struct slice *rest, struct slice *ret_word)
{
    size_t from = 0, to;

    while (from < rest->len && (rest->data[from] == ' ' || rest->data[from] == '\n'))
        from++;
    for (to = from; to < rest->len && rest->data[to] != ' ' && rest->data[to] != '\n'; to++)
        ;
    *ret_word = (struct slice){ rest->data + from, to - from };
    *rest = (struct slice){ rest->data + to, rest->len - to };
    return to > from;
}

static bool is_language(struct slice word)
{
    return slice_is(word, "en") || slice_is(word, "fi") || slice_is(word, "sv");
}

/* What they get, and what we speak with them. */
static bool read_rest(struct slice rest, struct outsider *outsider)
{
    struct slice word;

    while (next_word(&rest, &word)) {
        if (slice_is(word, "callbacks"))
            outsider->callbacks = true;
        else if (slice_is(word, "transfers"))
            outsider->transfers = true;
        else if (is_language(word))
            (void)slice_copy(word, outsider->language, sizeof(outsider->language));
        else
            return false;
    }
    if (!outsider->callbacks && !outsider->transfers)
        outsider->callbacks = outsider->transfers = true;
    return true;
}

/* `Tuula: tuula@sales.example callbacks` */
static bool add(struct outsiders *outsiders, struct slice part)
{
    struct outsider outsider = { .callbacks = false };
    struct slice name, jid, rest = part;

    if (!next_word(&rest, &name))
        return true; /* nothing between two commas */
    if (outsiders->count == OUTSIDERS_MAX || name.len < 2 || name.data[name.len - 1] != ':' ||
        !next_word(&rest, &jid))
        return false;
    name.len--;
    if (outsiders_named(outsiders, name) != NULL || memchr(name.data, '@', name.len) != NULL ||
        !slice_copy(name, outsider.name, sizeof(outsider.name)) ||
        jid_normalise_bare(jid, outsider.jid, sizeof(outsider.jid)) != 0 ||
        outsiders_at(outsiders, slice_of(outsider.jid)) != NULL || !read_rest(rest, &outsider))
        return false;
    outsiders->all[outsiders->count++] = outsider;
    return true;
}

bool outsiders_parse(struct slice text, struct outsiders *ret_outsiders)
{
    size_t at = 0;

    *ret_outsiders = (struct outsiders){ .count = 0 };
    while (at < text.len) {
        const char *comma = memchr(text.data + at, ',', text.len - at);
        size_t end = comma == NULL ? text.len : (size_t)(comma - text.data);

        if (!add(ret_outsiders, (struct slice){ text.data + at, end - at }))
            return false;
        at = end + 1;
    }
    return true;
}
