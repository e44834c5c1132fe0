/* SPDX-License-Identifier: Apache-2.0
 *
 * reactions — the emojis beside a message. Each is an event of the conversation that holds all its
 * sender has put there from then on, so the last one counts; none at all takes them back. They go
 * with the conversation's other events: by erasure, by retention.
 */
#ifndef STORAGE_REACTIONS_H
#define STORAGE_REACTIONS_H

#include "storage/store.h"

/* So many are kept of one conversation: whoever plays with them fills no disk. */
enum { REACTIONS_MAX = 500 };

/* WRITE_REACTION of a conversation in the open transaction. `may_react`: it is open, and whoever
 * reacts takes part in it. */
int reactions_apply(struct writer_db *writer, uint64_t row, bool may_react,
                    const struct chat_write *write, struct store_answer *answer) MUST_CHECK;

struct stored_reaction {
    uint64_t seq; /* of the message */
    enum message_from from;
    struct slice agent;  /* the account; of visitors, and where no transcript says which, empty */
    struct slice name;   /* as the visitor sees it; of visitors empty */
    struct slice emojis; /* a space between; empty: taken back */
};
/* The row's texts live until it returns; not 0 stops the walk and is returned. */
typedef int reactions_fn(void *context, const struct stored_reaction *reaction);

/* What stands beside each message now, of each sender; beside one that is withdrawn: nothing. */
int reactions_read(struct store *store, const struct tenant_name *tenant,
                   struct conversation_id conversation, reactions_fn *fn, void *context);

#endif
