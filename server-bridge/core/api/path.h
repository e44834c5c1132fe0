/* SPDX-License-Identifier: Apache-2.0
 *
 * path — where a request points, and what it asks beside that. Pure: text in, values out.
 *
 * A path has one spelling. What could be written plainly must be; a slash, a dot segment or a
 * control character behind percent signs, an empty segment, a trailing slash: all of these
 * match nothing, so nobody can reach a route by a name its rule does not know.
 */
#ifndef SERVER_BRIDGE_CORE_API_PATH_H
#define SERVER_BRIDGE_CORE_API_PATH_H

#include "base/id.h"
#include "base/slice.h"

enum { PATH_TEXT_MAX = 3071, QUERY_TEXT_MAX = 2048, QUERY_PARAMETERS_MAX = 12 };

struct path_values {
    char tenant[64];             /* {tenant} */
    char jid[PATH_TEXT_MAX + 1]; /* {jid}: decoded, not yet known to be one */
    char user[65];               /* {user}: decoded, not yet known to be one */
    struct id id;                /* {id} */
};

/* `pattern` is "/tenants/{tenant}/agents/{jid}". False leaves *ret_values in any state. */
bool path_matches(const char *pattern, struct slice path, struct path_values *ret_values);

/* Decodes one segment or one query word. False: bad or needless escapes, control characters,
 * a slash, no valid UTF-8, or too long. `plus`: '+' is a space, as in queries. */
bool path_decode(struct slice raw, bool plus, char *ret_text, size_t size, size_t *ret_len);

struct query {
    size_t count;
    struct query_parameter {
        char name[16];
        struct slice value; /* in `text` of the same query */
    } parameters[QUERY_PARAMETERS_MAX];
    char text[QUERY_TEXT_MAX + 1];
};

enum { QUERY_E_UNKNOWN = 1, QUERY_E_DOUBLED, QUERY_E_BAD };

/* Only names that stand in `allowed` ("state cursor limit") are taken, each once. On failure
 * ret_query->parameters[count].name tells which one, as far as it could be read. The query
 * points into itself: do not copy it. */
int query_read(struct slice raw, const char *allowed, struct query *ret_query);
/* NULL data: not given. */
struct slice query_get(const struct query *query, const char *name);

/* Whether a list of words separated by one space holds this one. */
bool words_have(const char *words, struct slice word);

#endif
