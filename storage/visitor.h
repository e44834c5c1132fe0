/* SPDX-License-Identifier: Apache-2.0
 *
 * visitor — what is remembered of one visitor: themselves, and which conversations are theirs.
 */
#ifndef STORAGE_VISITOR_H
#define STORAGE_VISITOR_H

#include "storage/store.h"

enum { VISITOR_CONVERSATIONS_MAX = 10000 };

struct visitor_record {
    struct visitor_id visitor;
    bool known; /* there is a row of them; imported ones have only conversations */
    char *name, *language, *subject; /* owned; may be "" */
    uint64_t created_ms;
    struct conversation_id *conversations; /* owned; oldest first */
    size_t count;
};

/* STORE_E_NONE, STORE_E_UNAVAILABLE, ERR_IO. visitor_record_release() it. */
int visitor_read(struct store *store, const struct tenant_name *tenant, struct visitor_id visitor,
                 struct visitor_record *ret_record) MUST_CHECK;
void visitor_record_release(struct visitor_record *record);

#endif
