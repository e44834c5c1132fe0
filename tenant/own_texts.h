/* SPDX-License-Identifier: Apache-2.0
 *
 * own_texts — what a tenant says in its own words where the chat has words of ours, a JSON object
 * by their names:
 *
 *     { "write": "Write to the Acme team", "states.offline": "We are back at nine" }
 *
 * The names are those of widget/texts/en.json, which the build puts in here: what stands within
 * another has that name before it ("states.offline"), but for `page`, `more`, `react` and `seldom`,
 * which only tell when it comes to the browser.
 */
#ifndef TENANT_OWN_TEXTS_H
#define TENANT_OWN_TEXTS_H

#include "base/buf.h"
#include "base/format/json.h"

enum { OWN_TEXT_MAX_POINTS = 400 };

/* All the chat ever says, in English, by name: { "write": "Write a message", … }. NULL: memory. */
json_t *own_texts_english(void) MUST_CHECK;

/* Each of them is one of the chat's, is a line, and has its places to be filled in (`{}`) where
 * ours has them. Writes them as they are kept. 1: they cannot be; which, and why, stands in
 * `problem`, for people. */
int own_texts_put_right(struct slice value, struct buf *ret_value, struct buf *problem) MUST_CHECK;

#endif
