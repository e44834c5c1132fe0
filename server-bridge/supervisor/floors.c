/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/supervisor/floors.h"

#include "base/log.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char status_path[] = "/var/lib/dpkg/status";

static const struct floor {
    const char *package, *version, *why;
} floors[] = {
#define FLOOR(package, version, why) { #package, version, why },
#include "server-bridge/supervisor/floors.def"
#undef FLOOR
};

/* --- versions --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters sort before other characters, '~' before everything, even the end. */
static int rank(char c)
{
    if (c == '~')
        return -1;
    if (c == '\0' || is_digit(c))
        return 0;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return c;
    return (unsigned char)c + 256;
}

/* Numbers of any length, without their leading zeros. Moves both behind their digits. */
static int compare_numbers(const char **a, const char **b)
{
    size_t a_len, b_len;
    int difference;

    *a += strspn(*a, "0");
    *b += strspn(*b, "0");
    a_len = strspn(*a, "0123456789");
    b_len = strspn(*b, "0123456789");
    difference = a_len == b_len ? strncmp(*a, *b, a_len) : a_len < b_len ? -1 : 1;
    *a += a_len;
    *b += b_len;
    return difference;
}

static int compare_part(const char *a, const char *b)
{
    int difference = 0;

    while (difference == 0 && (*a != '\0' || *b != '\0')) {
        while (difference == 0 && (rank(*a) != 0 || rank(*b) != 0)) {
            difference = rank(*a) - rank(*b);
            a += *a != '\0' && !is_digit(*a);
            b += *b != '\0' && !is_digit(*b);
        }
        if (difference == 0)
            difference = compare_numbers(&a, &b);
    }
    return difference;
}

/* epoch:upstream-revision, split into pieces of `text`. */
static void split(char *text, const char **ret_epoch, const char **ret_upstream,
                  const char **ret_revision)
{
    char *colon = strchr(text, ':'), *dash;

    *ret_epoch = "";
    *ret_revision = "";
    if (colon != NULL) {
        *colon = '\0';
        *ret_epoch = text;
        text = colon + 1;
    }
    dash = strrchr(text, '-');
    if (dash != NULL) {
        *dash = '\0';
        *ret_revision = dash + 1;
    }
    *ret_upstream = text;
}

int floors_compare(const char *a, const char *b)
{
    char a_text[128], b_text[128];
    const char *a_part[3], *b_part[3];
    int difference = 0;

    (void)snprintf(a_text, sizeof(a_text), "%s", a);
    (void)snprintf(b_text, sizeof(b_text), "%s", b);
    split(a_text, &a_part[0], &a_part[1], &a_part[2]);
    split(b_text, &b_part[0], &b_part[1], &b_part[2]);
    for (int i = 0; i < 3 && difference == 0; i++)
        difference = compare_part(a_part[i], b_part[i]);
    return difference;
}

/* --- the machine --- */

static const struct floor *find(const char *package)
{
    for (size_t i = 0; i < sizeof(floors) / sizeof(floors[0]); i++) {
        if (strcmp(floors[i].package, package) == 0)
            return &floors[i];
    }
    return NULL;
}

/* "Key: value\n" → value without its end; NULL: another key. */
static char *value_of(char *line, const char *key)
{
    size_t len = strlen(key);

    if (strncmp(line, key, len) != 0)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    return line + len;
}

void floors_check(FILE *status, floors_fn *fn, void *context)
{
    const struct floor *floor = NULL;
    bool installed = false;
    char *line = NULL, *value;
    size_t cap = 0;

    while (getline(&line, &cap, status) > 0) {
        if ((value = value_of(line, "Package: ")) != NULL) {
            floor = find(value);
            installed = false;
        } else if ((value = value_of(line, "Status: ")) != NULL) {
            installed = strstr(value, " installed") != NULL;
        } else if (floor != NULL && installed && (value = value_of(line, "Version: ")) != NULL &&
                   floors_compare(value, floor->version) < 0) {
            fn(context, floor->package, value, floor->version, floor->why);
        }
    }
    free(line);
}

static void warn(void *context, const char *package, const char *have, const char *floor,
                 const char *why)
{
    (void)context;
    log_event(LOG_WARNING, NULL, "package.below_floor",
              "package=%s have=%s floor=%s why=\"%s\" remedy=\"apt-get install %s\"", package, have,
              floor, why, package);
}

void floors_warn(void)
{
    FILE *status = fopen(status_path, "re");

    if (status == NULL) /* not a Debian: its own maintainers look after that */
        return;
    floors_check(status, warn, NULL);
    (void)fclose(status);
}
