/* SPDX-License-Identifier: Apache-2.0
 *
 * page — somebody's page, read as far as our widget is concerned: its snippet, and what its
 * Content-Security-Policy lets it do. Pure, and unmoved by whatever stands there: it is a
 * stranger's.
 *
 * It looks at the page as it was sent. What scripts put there later it cannot see.
 */
#ifndef SERVER_BRIDGE_CORE_OUTWARD_PAGE_H
#define SERVER_BRIDGE_CORE_OUTWARD_PAGE_H

#include "base/buf.h"
#include "tenant/tenant.h"

/* A script element that loads our widget, from whichever host. Slices borrow from the page. */
struct page_snippet {
    struct slice origin; /* "https://chat.example"; empty: the page's own */
    struct slice tenant; /* of /w/TENANT.js */
    struct slice nonce;  /* empty: none */
    bool is_async, has_integrity;
};

/* The page's snippets, the first `max` of them; returns how many there are. */
size_t page_snippets(struct slice html, struct page_snippet *ret_snippets, size_t max);

/* The value of a header, from "Name: value" lines; `nth` counts those of that name. Empty: there
 * is no such one. */
struct slice page_header(struct slice headers, const char *name, size_t nth);
/* The policy of the page's nth <meta http-equiv="Content-Security-Policy">. Empty: no such one. */
struct slice page_meta_policy(struct slice html, size_t nth);

enum page_need { PAGE_NEEDS_SCRIPT, PAGE_NEEDS_FRAME };

/* Whether a policy lets a page do that with our origin. Else *ret_directive is the one that stands
 * in the way, and *ret_allowed what that says. `same`: the page is of our own origin. */
bool page_policy_allows(struct slice policy, enum page_need need, const char *origin, bool same,
                        struct slice nonce, struct slice *ret_directive, struct slice *ret_allowed);

#endif
