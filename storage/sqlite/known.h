/* SPDX-License-Identifier: Apache-2.0
 *
 * known — what a tenant's writer still knows of the conversations people talk in, so that their
 * next message asks the database nothing before it goes in. There is one writer, and it holds
 * here what the transaction under way has made of them: whoever changes a conversation in another
 * way than by a message, or loses the transaction, forgets it here.
 */
#ifndef STORAGE_KNOWN_H
#define STORAGE_KNOWN_H

#include "chat/write.h"

#include <uthash.h>

enum { KNOWN_MAX = 1000 };

struct known {
    UT_hash_handle hh;
    struct conversation_id conversation;
    struct visitor_id visitor;
    uint64_t row, last_seq;
    enum conversation_state state;
    struct slice agent; /* who holds it; behind this structure */
    bool indexed;       /* all of it can be searched */
    bool alone;         /* the visitor has no other conversation */
};

/* NULL: not known. `all` is the writer's; NULL: none is. */
struct known *known_find(struct known *all, struct conversation_id conversation);
/* Keeps a copy, if it can: of a conversation that is not known yet. */
void known_add(struct known **all, const struct known *what);
void known_forget(struct known **all, struct conversation_id conversation);
void known_forget_visitor(struct known **all, struct visitor_id visitor);
void known_forget_all(struct known **all);

#endif
