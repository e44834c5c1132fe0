/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/outward/page.h"

#include <ctype.h>
#include <strings.h>

static struct slice part(struct slice text, size_t from, size_t to)
{
    return (struct slice){ text.data + from, to - from };
}

static struct slice after(struct slice text, size_t from)
{
    return part(text, from < text.len ? from : text.len, text.len);
}

static bool same_word(struct slice a, const char *b)
{
    return a.len == strlen(b) && strncasecmp(a.data, b, a.len) == 0;
}

static bool starts(struct slice text, const char *word)
{
    return text.len >= strlen(word) && strncasecmp(text.data, word, strlen(word)) == 0;
}

/* Where `word` begins, in any case; text.len: nowhere. */
static size_t seek(struct slice text, const char *word)
{
    size_t at = 0;

    while (at < text.len && !starts(after(text, at), word))
        at++;
    return at;
}

static struct slice trim(struct slice text)
{
    while (text.len > 0 && isspace((unsigned char)text.data[0]))
        text = after(text, 1);
    while (text.len > 0 && isspace((unsigned char)text.data[text.len - 1]))
        text.len--;
    return text;
}

/* Cuts the next word off `rest`; empty: there is none. */
static struct slice next_word(struct slice *rest)
{
    size_t len = 0;
    struct slice word;

    *rest = trim(*rest);
    while (len < rest->len && !isspace((unsigned char)rest->data[len]))
        len++;
    word = part(*rest, 0, len);
    *rest = after(*rest, len);
    return word;
}

/* Cuts off what stands before the next `mark`. */
static struct slice next_between(struct slice *rest, char mark)
{
    const char *at = rest->len == 0 ? NULL : memchr(rest->data, mark, rest->len);
    size_t len = at == NULL ? rest->len : (size_t)(at - rest->data);
    struct slice found = part(*rest, 0, len);

    *rest = after(*rest, len + 1);
    return found;
}

/* --- tags --- */

struct tag {
    struct slice name, attributes;
};

/* Where the tag's attributes end: the first '>' that is in no quotes. */
static size_t tag_end(struct slice text)
{
    char quote = '\0';
    size_t at = 0;

    for (; at < text.len && (quote != '\0' || text.data[at] != '>'); at++) {
        if (quote != '\0')
            quote = text.data[at] == quote ? '\0' : quote;
        else if (text.data[at] == '"' || text.data[at] == '\'')
            quote = text.data[at];
    }
    return at;
}

/* Cuts off up to and with the next tag; what a script or a comment holds is no tag. */
static bool next_tag(struct slice *rest, struct tag *ret_tag)
{
    for (;;) {
        size_t at = seek(*rest, "<"), len = 0, end;

        if (at >= rest->len)
            return false;
        *rest = after(*rest, at);
        if (starts(*rest, "<!--")) {
            *rest = after(*rest, seek(*rest, "-->") + 3);
            continue;
        }
        *rest = after(*rest, 1);
        while (len < rest->len && isalnum((unsigned char)rest->data[len]))
            len++;
        if (len == 0)
            continue;
        ret_tag->name = part(*rest, 0, len);
        *rest = after(*rest, len);
        end = tag_end(*rest);
        if (end == rest->len) /* it never ends, so it is none */
            return false;
        ret_tag->attributes = part(*rest, 0, end);
        *rest = after(*rest, end + 1);
        if (same_word(ret_tag->name, "script"))
            *rest = after(*rest, seek(*rest, "</script"));
        return true;
    }
}

/* Cuts off the next attribute; its value is empty where it has none. */
static bool next_attribute(struct slice *rest, struct slice *ret_name, struct slice *ret_value)
{
    size_t len = 0;

    while (rest->len > 0 && (isspace((unsigned char)rest->data[0]) || rest->data[0] == '/'))
        *rest = after(*rest, 1);
    if (rest->len == 0)
        return false;
    while (len < rest->len && !isspace((unsigned char)rest->data[len]) && rest->data[len] != '=')
        len++;
    *ret_name = part(*rest, 0, len);
    *ret_value = SLICE_NONE;
    *rest = trim(after(*rest, len));
    if (rest->len == 0 || rest->data[0] != '=') {
        if (len == 0) /* a lone mark: no attribute, and no end either */
            *rest = after(*rest, 1);
        return true;
    }
    *rest = trim(after(*rest, 1));
    if (rest->len > 0 && (rest->data[0] == '"' || rest->data[0] == '\'')) {
        char quote = rest->data[0];

        *rest = after(*rest, 1);
        *ret_value = next_between(rest, quote);
    } else {
        *ret_value = next_word(rest);
    }
    return true;
}

static bool attribute(const struct tag *tag, const char *wanted, struct slice *ret_value)
{
    struct slice rest = tag->attributes, name, value;

    while (next_attribute(&rest, &name, &value)) {
        if (!same_word(name, wanted))
            continue;
        *ret_value = value;
        return true;
    }
    return false;
}

/* --- snippets --- */

/* "https://chat.example/w/acme.js", or the same without a host. */
static bool read_src(struct slice src, struct page_snippet *ret_snippet)
{
    size_t path, name;
    struct slice file;

    src = trim(src);
    path = seek(src, "/w/");
    if (path == src.len)
        return false;
    file = after(src, path + 3);
    name = seek(file, ".js");
    if (name == 0 || name == file.len || memchr(file.data, '/', name) != NULL)
        return false;
    file = after(file, name + 3);
    if (file.len > 0 && file.data[0] != '?' && file.data[0] != '#')
        return false;
    ret_snippet->origin = part(src, 0, path);
    ret_snippet->tenant = (struct slice){ src.data + path + 3, name };
    return true;
}

size_t page_snippets(struct slice html, struct page_snippet *ret_snippets, size_t max)
{
    struct slice value;
    struct tag tag;
    size_t count = 0;

    while (next_tag(&html, &tag)) {
        struct page_snippet snippet = { .nonce = SLICE_NONE };

        if (!same_word(tag.name, "script") || !attribute(&tag, "src", &value) ||
            !read_src(value, &snippet))
            continue;
        snippet.is_async = attribute(&tag, "async", &value) || attribute(&tag, "defer", &value);
        snippet.has_integrity = attribute(&tag, "integrity", &value);
        if (attribute(&tag, "nonce", &value))
            snippet.nonce = value;
        if (count < max)
            ret_snippets[count] = snippet;
        count++;
    }
    return count;
}

struct slice page_meta_policy(struct slice html, size_t nth)
{
    struct slice value, content;
    struct tag tag;

    while (next_tag(&html, &tag)) {
        if (same_word(tag.name, "meta") && attribute(&tag, "http-equiv", &value) &&
            same_word(trim(value), "content-security-policy") &&
            attribute(&tag, "content", &content) && nth-- == 0)
            return content;
    }
    return SLICE_NONE;
}

struct slice page_header(struct slice headers, const char *name, size_t nth)
{
    while (headers.len > 0) {
        struct slice value = next_between(&headers, '\n');
        struct slice key = next_between(&value, ':');

        if (same_word(trim(key), name) && nth-- == 0)
            return trim(value);
    }
    return SLICE_NONE;
}

/* --- policies --- */

/* What the policy says under this name, the first time. */
static bool find_directive(struct slice policy, const char *name, struct slice *ret_name,
                           struct slice *ret_sources)
{
    while (policy.len > 0) {
        struct slice rest = next_between(&policy, ';'), word = next_word(&rest);

        if (!same_word(word, name))
            continue;
        *ret_name = word;
        *ret_sources = trim(rest);
        return true;
    }
    return false;
}

/* "chat.example", "*.example", with or without a port. Ours has one only where it is odd. */
static bool host_matches(struct slice pattern, struct slice host)
{
    struct slice port = after(pattern, seek(pattern, ":")), name = pattern;

    if (same_word(port, ":443") && seek(host, ":") == host.len)
        name.len -= port.len;
    if (same_word(port, ":*")) {
        name.len -= port.len;
        host.len = seek(host, ":");
    }
    if (starts(name, "*."))
        return host.len > name.len - 1 &&
               strncasecmp(host.data + host.len - (name.len - 1), name.data + 1, name.len - 1) == 0;
    return name.len == host.len && strncasecmp(name.data, host.data, host.len) == 0;
}

/* A source that names places: scheme, host, perhaps a path, which may be ours. */
static bool source_matches(struct slice source, const char *origin, bool same)
{
    struct slice ours = slice_of(origin), host = after(ours, seek(ours, "://") + 3);
    size_t scheme = seek(source, "://"), path;

    if (same_word(source, "*") || (same && same_word(source, "'self'")))
        return true;
    if (source.len > 1 && source.data[source.len - 1] == ':')
        return starts(ours, "https:") && same_word(source, "https:");
    if (scheme < source.len) {
        if (!starts(ours, "https:") || !starts(source, "https:"))
            return false;
        source = after(source, scheme + 3);
    }
    path = seek(source, "/");
    return host_matches(part(source, 0, path), host) &&
           (path == source.len || starts(after(source, path), "/w/") || source.len == path + 1);
}

/* "'nonce-…'" with the very nonce the snippet has. */
static bool nonce_matches(struct slice source, struct slice nonce)
{
    size_t prefix = strlen("'nonce-");

    return nonce.len > 0 && starts(source, "'nonce-") && source.len == prefix + nonce.len + 1 &&
           memcmp(source.data + prefix, nonce.data, nonce.len) == 0;
}

static bool sources_allow(struct slice sources, enum page_need need, const char *origin, bool same,
                          struct slice nonce)
{
    bool strict = need == PAGE_NEEDS_SCRIPT && seek(sources, "'strict-dynamic'") < sources.len;

    while (sources.len > 0) {
        struct slice source = next_word(&sources);

        if (need == PAGE_NEEDS_SCRIPT && nonce_matches(source, nonce))
            return true;
        if (!strict && source.len > 0 && source_matches(source, origin, same))
            return true;
    }
    return false;
}

bool page_policy_allows(struct slice policy, enum page_need need, const char *origin, bool same,
                        struct slice nonce, struct slice *ret_directive, struct slice *ret_allowed)
{
    /* The first of these that stands there counts. */
    static const char *const names[][3] = {
        [PAGE_NEEDS_SCRIPT] = { "script-src-elem", "script-src", "default-src" },
        [PAGE_NEEDS_FRAME] = { "frame-src", "child-src", "default-src" },
    };
    struct slice directive, sources;

    for (size_t i = 0; i < 3; i++) {
        if (!find_directive(policy, names[need][i], &directive, &sources))
            continue;
        if (sources_allow(sources, need, origin, same, nonce))
            return true;
        *ret_directive = directive;
        *ret_allowed = sources;
        return false;
    }
    return true;
}
