/* SPDX-License-Identifier: Apache-2.0
 *
 * writing — a call that is answered once what it brought is stored. The work outlives the call:
 * whoever asked may be gone before the writer is done, and then it is stored all the same and
 * nobody is told.
 */
#ifndef SERVER_BRIDGE_CORE_API_WRITING_H
#define SERVER_BRIDGE_CORE_API_WRITING_H

#include "server-bridge/core/api/answer.h"
#include "storage/store.h"

struct writing_way {
    /* It is stored, and the call, if there still is one, hears what came of it. */
    void (*answer)(struct call *call, void *job);
    /* Frees the job, which the bulk is a part of. */
    void (*release)(void *job);
    /* It is stored, whether anybody hears of it or not; NULL: nothing follows. */
    void (*stored)(void *job);
    const char *failed; /* what the call hears where it could not be stored */
};

/* Takes the job over, keeps the call where that is not done yet, and answers it in the end. The
 * bulk's .apply is set; .done and .context are ours. */
void writing_begin(struct call *call, const struct tenant_name *tenant, struct store_bulk *bulk,
                   void *job, const struct writing_way *way);

#endif
