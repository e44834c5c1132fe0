/* SPDX-License-Identifier: Apache-2.0
 *
 * calls — who outside is yet to be told that somebody wants to be called back, or to meet. What
 * stores the wish (chat_write.hears) says who, in the same transaction; WRITE_TOLD ends it. What is
 * erased meanwhile takes its calls along.
 */
#ifndef STORAGE_CALLS_H
#define STORAGE_CALLS_H

#include "storage/store.h"

struct stored_call {
    struct message_id line; /* the stanza's */
    struct conversation_id conversation;
    struct visitor_id visitor;
    struct slice jid;               /* who is to hear of it */
    struct slice event;             /* callback, meeting */
    struct slice agent, agent_name; /* who noted it; empty: the visitor asked */
    struct slice text;              /* when, or which number; or what they said */
    struct slice visitor_name, email, language;
};

/* The row's texts live until it returns; not 0 stops the walk and is returned. */
typedef int calls_fn(void *context, const struct stored_call *call);
/* Oldest first. */
int calls_waiting(struct store *store, const struct tenant_name *tenant, calls_fn *fn,
                  void *context);
/* What the rules are told of it at start; its texts are the row's. */
struct chat_event calls_restored(const struct stored_call *row);

#endif
