/* SPDX-License-Identifier: Apache-2.0
 *
 * http_head — the head of an HTTP/1.1 request, strictly (RFC 9112), without I/O.
 *
 * Lenient parsers are what smuggling is made of. So whatever two parsers could read in two
 * ways is refused: bare line feeds, folded lines, spaces before a colon, any
 * Transfer-Encoding, more than one Content-Length or Host, NUL, targets of odd forms.
 */
#ifndef SERVER_BRIDGE_WEB_HTTP_HEAD_H
#define SERVER_BRIDGE_WEB_HTTP_HEAD_H

#include "base/slice.h"

#include <stdint.h>

enum { HTTP_HEAD_MAX_BYTES = 16384, HTTP_HEADERS_MAX = 64, HTTP_TARGET_MAX = 2048 };

struct http_header {
    struct slice name, value; /* the value without white space around it */
};

struct http_head {
    struct slice method, path, query; /* borrowed; the path as it came */
    bool http_1_0;
    bool keep_alive;
    bool has_body;
    uint64_t body_bytes; /* Content-Length; 0 without */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
};

/* What is wrong with a head: its HTTP status and a word for people. */
struct http_refusal {
    unsigned status;
    const char *text; /* static */
};

/* Whether the head is all there: its length with the empty line; 0: not yet. SIZE_MAX: it can
 * never become one (*ret says why). Cheap to ask again as bytes come in. */
size_t http_head_end(struct slice bytes, struct http_refusal *ret_refusal);

/* Takes apart the head of exactly these bytes (as http_head_end told). False: *ret_refusal. */
bool http_head_parse(struct slice bytes, struct http_head *ret_head,
                     struct http_refusal *ret_refusal);

/* The header of that name (lower case); NULL: none. *ret_count, when not NULL: how many. */
const struct http_header *http_head_find(const struct http_head *head, const char *name,
                                         size_t *ret_count);
/* Whether a comma-separated header holds the token, in any case. */
bool http_head_has_token(const struct http_head *head, const char *name, const char *token);
/* The same for one text. */
bool http_token_in(struct slice list, const char *token);
bool http_equal_nocase(struct slice a, const char *b);

#endif
