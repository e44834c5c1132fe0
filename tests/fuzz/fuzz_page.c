/* SPDX-License-Identifier: Apache-2.0
 *
 * Somebody's page, its headers and its policy: whatever stands there, what is found lies within it,
 * and finding it ends.
 */
#include "server-bridge/core/outward/page.h"
#include "tests/fuzz/fuzz.h"

static struct slice whole;

static void is_within(struct slice part)
{
    MUST(part.len == 0 ||
         (part.data >= whole.data && part.data + part.len <= whole.data + whole.len));
}

static void look_at_policy(struct slice policy)
{
    struct slice directive = SLICE_NONE, allowed = SLICE_NONE;

    is_within(policy);
    for (int need = PAGE_NEEDS_SCRIPT; need <= PAGE_NEEDS_FRAME; need++) {
        if (!page_policy_allows(policy, (enum page_need)need, "https://chat.example", false,
                                SLICE_LITERAL("abc"), &directive, &allowed)) {
            MUST(directive.len > 0);
            is_within(directive);
            is_within(allowed);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char *copy = slice_dup((struct slice){ (const char *)input, len });
    struct page_snippet snippets[3];
    size_t count;

    MUST(copy != NULL);
    whole = (struct slice){ copy, len };
    count = page_snippets(whole, snippets, 3);
    for (size_t i = 0; i < count && i < 3; i++) {
        MUST(snippets[i].tenant.len > 0);
        is_within(snippets[i].tenant);
        is_within(snippets[i].origin);
        is_within(snippets[i].nonce);
    }
    for (size_t i = 0; i < 3; i++) {
        is_within(page_header(whole, "content-security-policy", i));
        look_at_policy(page_meta_policy(whole, i));
    }
    look_at_policy(whole);
    free(copy);
    return 0;
}
