/* SPDX-License-Identifier: Apache-2.0
 *
 * revisions — what agents change of what they said. A message holds its latest words; each change
 * leaves a revision with the words it put an end to. Both go with the conversation's words: by
 * erasure, by retention.
 */
#ifndef STORAGE_REVISIONS_H
#define STORAGE_REVISIONS_H

#include "storage/store.h"

/* WRITE_EDIT and WRITE_WITHDRAW of a conversation in the open transaction. `may_change`: it is
 * active, and its agent says so. */
int revisions_apply(struct writer_db *writer, uint64_t row, uint64_t last_seq, bool may_change,
                    const struct chat_write *write, struct store_answer *answer) MUST_CHECK;

struct stored_revision {
    uint64_t seq;
    uint64_t until_ms; /* when the message stopped saying so */
    struct slice cid;  /* of the change that put an end to it */
    struct slice text;
};
/* The row's texts live until it returns; not 0 stops the walk and is returned. */
typedef int revisions_fn(void *context, const struct stored_revision *revision);

/* By seq, oldest first. */
int revisions_read(struct store *store, const struct tenant_name *tenant,
                   struct conversation_id conversation, revisions_fn *fn, void *context);

#endif
