/* SPDX-License-Identifier: Apache-2.0
 *
 * walk — through a tenant's conversations, newest first, a page at a time, with what the
 * query's `state`, `stage`, `agent`, `tag`, `since`, `until` and `cursor` leave of them. Reading
 * stops between pages, so a long walk holds nothing up, and new conversations do not disturb it.
 */
#ifndef SERVER_BRIDGE_CORE_API_WALK_H
#define SERVER_BRIDGE_CORE_API_WALK_H

#include "server-bridge/core/api/views.h"

struct walk {
    enum conversation_filter filter;
    struct slice stage, agent,
        tag;            /* of the query, borrowed from it; empty: any. agent: a bare JID */
    uint64_t since_ms;  /* opened then or later; 0: any */
    uint64_t before_ms; /* where the next page begins … */
    struct conversation_id after; /* … behind this one */
    size_t limit;                 /* of a page */
    bool done;                    /* nothing is left */
};

/* A time of the query, if it is there. False: it is none, and the call is answered. */
bool query_time(struct call *call, const char *name, uint64_t *time_ms);
/* False: the query is wrong, and the call is answered. */
bool walk_read(struct call *call, struct walk *ret_walk);
/* Up to walk->limit conversations; moves on. STORE_E_UNAVAILABLE, ERR_*. */
int walk_page(struct walk *walk, struct store *store, const struct tenant_name *tenant,
              store_conversation_fn *fn, void *context) MUST_CHECK;
/* Answers one page as a list of conversation_view()s. */
void walk_answer(struct call *call, struct walk *walk);

#endif
