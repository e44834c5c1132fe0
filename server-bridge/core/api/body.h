/* SPDX-License-Identifier: Apache-2.0
 *
 * body — taking a request's body apart. Its form was checked against the route's fields;
 * what is left is meaning. What returns false has answered the call.
 */
#ifndef SERVER_BRIDGE_CORE_API_BODY_H
#define SERVER_BRIDGE_CORE_API_BODY_H

#include "server-bridge/core/api/answer.h"

/* Empty when absent; borrowed from the call. */
struct slice body_text(const struct call *call, const char *key);
/* Whom the call is about: by its path, else by its body. Borrowed from the call, as it was written
 * there; empty: nobody. */
struct slice about_tenant(const struct call *call);
struct slice about_user(const struct call *call);
/* One line for people: NFC, no control characters, not blank. `when_absent` may be NULL; so
 * is *ret_line then. The caller owns it. */
bool body_line(struct call *call, const char *key, unsigned max, const char *when_absent,
               char **ret_line);
/* The same in as many lines as it has; empty is nothing, as absent is. */
bool body_lines(struct call *call, const char *key, unsigned max, char **ret_lines);
/* A list joined by single spaces, each word put right (1: it is none), doubles left out. The
 * caller owns it. */
typedef int put_right_fn(struct slice word, char *ret_word, size_t size);
bool body_words(struct call *call, const char *key, const char *when_absent,
                put_right_fn *put_right, char **ret_words);

#endif
