/* SPDX-License-Identifier: Apache-2.0
 *
 * traces — what tells who somebody is without being a name: e-mail and web addresses, nicks after
 * an @, and numbers and codes of five digits and more (phones, accounts, identity codes, orders,
 * dates of birth), with what people write between their digits.
 */
#ifndef PRESENCE_TRACES_H
#define PRESENCE_TRACES_H

#include "base/slice.h"

/* Bytes of the trace that begins here, where a word may begin; 0: none. Its kind: "email", "url",
 * "nick", "number". */
size_t trace_at(struct slice text, size_t at, const char **ret_kind);

/* Bytes of the run of letters from `at` on. */
size_t trace_word(struct slice text, size_t at);
/* Bytes of the run of letters and digits from `at` on that begins with a letter; else 0. */
size_t trace_nick(struct slice text, size_t at);
/* The same, with those that underscores join to it (sini_88). */
size_t trace_joined(struct slice text, size_t at);
/* The code point at a place, and its bytes; -1: no valid one, of one byte. */
int32_t trace_point(struct slice text, size_t at, size_t *ret_len);
bool trace_is_letter(int32_t point);
bool trace_is_digit(int32_t point);

#endif
