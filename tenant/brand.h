/* SPDX-License-Identifier: Apache-2.0
 *
 * brand — how tenants are known: by their names, the hosts of their sites, and what they let their
 * agents say ready-made. Finds whose brand a text holds, so that an agent who serves several does
 * not speak as one in the conversation of another.
 *
 * Compared word by word in lower case: "borealis" is in "BOREALIS-laskutus", not in
 * "Borealistic". What is also our own brand names nobody else, and of overlapping ones the longest
 * counts.
 */
#ifndef TENANT_BRAND_H
#define TENANT_BRAND_H

#include "base/auto.h"
#include "base/result.h"
#include "base/slice.h"

struct brands; /* opaque */

enum {
    BRAND_NAME_LETTERS = 4, /* a shorter name of one word is too common a word to tell by */
    BRAND_CANNED_WORDS = 6, /* shorter stretches of ready-made words are everybody's */
};

int brands_new(struct brands **ret_brands) MUST_CHECK;
struct brands *brands_free(struct brands *brands);
DEFINE_AUTO(brands)

/* `owner`: the tenant's short name. "Borealis Oy" is told and known as "Borealis". */
int brands_add_name(struct brands *brands, const char *owner, const char *title) MUST_CHECK;
/* scheme://host[:port]; hosts without a name of their own (127.0.0.1, localhost) are passed over.
 */
int brands_add_origin(struct brands *brands, const char *owner, struct slice origin) MUST_CHECK;
/* Lines of "name: text": their long stretches without a {placeholder}. */
int brands_add_canned(struct brands *brands, const char *owner, const char *lines) MUST_CHECK;

/* What the tenant is called, other than `own`, whose brand the text holds; NULL: none. */
const char *brands_named(const struct brands *brands, const char *own, struct slice text);

#endif
