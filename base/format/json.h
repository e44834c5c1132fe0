/* SPDX-License-Identifier: Apache-2.0
 *
 * json — reading JSON from strangers with jansson, within limits.
 *
 * Strict on purpose: duplicate keys, trailing data and invalid UTF-8 are refused, depth is
 * bounded before the parser sees the text, a string means a string. NUL and lone surrogates,
 * which only escapes can bring, become U+FFFE: base/format/text.h refuses that as it would them.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/result.h"
#include "base/slice.h"

#include <jansson.h>
#include <stdint.h>

enum { JSON_E_BAD = 1, JSON_E_DEEP, JSON_E_ABSENT, JSON_E_TYPE };
enum { JSON_MAX_DEPTH = 16 };

/* The caller owns *ret_json (json_decref). JSON_E_BAD, JSON_E_DEEP. */
int json_read(struct slice text, json_t **ret_json) MUST_CHECK;

/* Whether brackets nest no deeper than `max`; strings are skipped. Linear, no recursion. */
bool json_depth_is_within(struct slice text, unsigned max);

/* Members of an object. null counts as absent. The slice is borrowed from the object.
 * JSON_E_ABSENT leaves *ret as it was; JSON_E_TYPE: it is there, but something else. */
int json_get_text(const json_t *object, const char *key, struct slice *ret) MUST_CHECK;
int json_get_uint(const json_t *object, const char *key, uint64_t *ret) MUST_CHECK;
int json_get_bool(const json_t *object, const char *key, bool *ret) MUST_CHECK;
int json_get_object(const json_t *object, const char *key, const json_t **ret) MUST_CHECK;

static inline void json_auto_decref(json_t **json)
{
    json_decref(*json);
}
#define AUTO_JSON __attribute__((cleanup(json_auto_decref))) json_t *

#endif
