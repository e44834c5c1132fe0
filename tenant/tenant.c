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

int language_normalise(struct slice text, char *ret_language, size_t size)
{
    size_t subtag = 0;

    if (text.len < 2 || text.len > TENANT_LANGUAGE_MAX || !slice_copy(text, ret_language, size))
        return 1;
    for (char *c = ret_language; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
        if (*c == '-' ? subtag < 2 : !((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')))
            return 1;
        subtag = *c == '-' ? 0 : subtag + 1;
    }
    return subtag >= 2 && ret_language[0] >= 'a' ? 0 : 1;
}

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
