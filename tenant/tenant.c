/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/tenant.h"

#include <stdio.h>
#include <stdlib.h>

/* Names that stand for something else in a path, a domain or on the command line. */
static const char *const reserved[] = { "admin", "api",       "control", "desk",
                                        "lasna", "localhost", "system",  "www" };

int tenant_name_parse(struct slice text, struct tenant_name *ret_name)
{
    if (text.len == 0 || text.len > TENANT_NAME_MAX || text.data[0] == '-' ||
        text.data[text.len - 1] == '-')
        return 1;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return 1;
    }
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (slice_is(text, reserved[i]))
            return 1;
    }
    *ret_name = (struct tenant_name){ "" };
    (void)slice_copy(text, ret_name->text, sizeof(ret_name->text));
    return 0;
}

void tenant_release(struct tenant *tenant)
{
    for (size_t i = 0; i < tenant->site_count; i++) {
        free(tenant->sites[i].origins);
        free(tenant->sites[i].settings);
    }
    free(tenant->sites);
    free(tenant->title);
    free(tenant->domain);
    free(tenant->languages);
    if (tenant->secret != NULL)
        explicit_bzero(tenant->secret, strlen(tenant->secret));
    free(tenant->secret);
    free(tenant->settings);
    free(tenant->former);
    *tenant = (struct tenant){ .name = tenant->name };
}

bool tenant_was_called(const struct tenant *tenant, struct slice name)
{
    return tenant->former != NULL && origin_list_has(tenant->former, name);
}

/* --- origins --- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_host_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == ':' || c == '[' || c == ']';
}

/* A port's number, or -1. */
static int parse_port(struct slice text)
{
    int port = 0;

    if (text.len == 0 || text.len > 5)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return -1;
        port = port * 10 + (text.data[i] - '0');
    }
    return port >= 1 && port <= 65535 ? port : -1;
}

/* Splits "host[:port]"; an IPv6 host stands in brackets. 0: no port; -1: not such a thing. */
static int split_port(struct slice *host)
{
    size_t colon = host->len;
    struct slice port;

    for (size_t i = 0; i < host->len; i++) {
        if (host->data[i] == ':' && (host->data[0] != '[' || (i > 0 && host->data[i - 1] == ']')))
            colon = i;
    }
    if (colon == host->len)
        return 0;
    port = (struct slice){ host->data + colon + 1, host->len - colon - 1 };
    host->len = colon;
    return parse_port(port);
}

static bool is_host(struct slice host)
{
    bool bracketed = host.len > 0 && host.data[0] == '[';

    if (host.len == 0 || (bracketed && (host.len < 4 || host.data[host.len - 1] != ']')))
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = lower(host.data[i]);
        bool inner = bracketed && i > 0 && i + 1 < host.len;

        if (!is_host_character(c) || (!bracketed && (c == ':' || c == '[' || c == ']')) ||
            (inner && (c == '[' || c == ']')))
            return false;
    }
    return true;
}

/* --- languages --- */

static bool is_letters(struct slice word, size_t least, size_t most)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] < 'a' || word.data[i] > 'z')
            return false;
    return word.len >= least && word.len <= most;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_region(struct slice word)
{
    return is_letters(word, 2, 2) || (word.len == 3 && is_digit(word.data[0]) &&
                                      is_digit(word.data[1]) && is_digit(word.data[2]));
}

static bool is_variant(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_digit(word.data[i]) && (word.data[i] < 'a' || word.data[i] > 'z'))
            return false;
    return word.len == 4 ? is_digit(word.data[0]) : word.len >= 5 && word.len <= 8;
}

/* Takes the next subtag off; of length 0: there is none, or it is empty. */
static struct slice next_subtag(struct slice *rest)
{
    const char *hyphen = rest->len > 0 ? memchr(rest->data, '-', rest->len) : NULL;
    struct slice word = { rest->data, hyphen != NULL ? (size_t)(hyphen - rest->data) : rest->len };
    size_t taken = word.len + (hyphen != NULL);

    rest->data += taken;
    rest->len -= taken;
    return word;
}

/* Of variants there is room for one, twice would be one too many for browsers: de-1996-1996. */
bool language_is_tag(struct slice text)
{
    bool ends = text.len == 0 || text.len > TENANT_LANGUAGE_MAX || text.data[text.len - 1] == '-';
    struct slice word = next_subtag(&text);

    if (ends || !(is_letters(word, 2, 3) || is_letters(word, 5, 8)))
        return false;
    word = next_subtag(&text);
    if (is_letters(word, 4, 4))
        word = next_subtag(&text);
    if (is_region(word))
        word = next_subtag(&text);
    return text.len == 0 && (word.len == 0 || is_variant(word));
}

int language_normalise(struct slice text, char *ret_language, size_t size)
{
    if (text.len > TENANT_LANGUAGE_MAX || !slice_copy(text, ret_language, size))
        return 1;
    for (char *c = ret_language; *c != '\0'; c++)
        *c = lower(*c);
    return language_is_tag((struct slice){ ret_language, text.len }) ? 0 : 1;
}

/* --- origins --- */

int origin_normalise(struct slice text, char *ret_origin, size_t size)
{
    bool secure = slice_starts_with(text, "https://");
    size_t skip = secure ? 8 : 7;
    struct slice host;
    int port, used;
    char number[16] = "";

    if (!secure && !slice_starts_with(text, "http://"))
        return 1;
    host = (struct slice){ text.data + skip, text.len - skip };
    port = split_port(&host);
    if (port < 0 || !is_host(host))
        return 1;
    if (port != 0 && port != (secure ? 443 : 80))
        (void)snprintf(number, sizeof(number), ":%d", port);
    used = snprintf(ret_origin, size, "%s://%.*s%s", secure ? "https" : "http", SLICE_ARG(host),
                    number);
    if (used < 0 || (size_t)used >= size)
        return 1;
    for (char *c = ret_origin; *c != '\0'; c++)
        *c = lower(*c);
    return 0;
}

bool origin_list_has(const char *list, struct slice origin)
{
    for (const char *at = list; *at != '\0';) {
        size_t len = strcspn(at, " ");

        if (len > 0 && slice_equal((struct slice){ at, len }, origin))
            return true;
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    return false;
}
