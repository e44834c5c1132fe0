/* SPDX-License-Identifier: Apache-2.0
 *
 * changing — for the files of billing/ alone: a change on its way to the store, and the call that
 * waits for it.
 */
#ifndef SERVER_BRIDGE_CORE_API_BILLING_CHANGING_H
#define SERVER_BRIDGE_CORE_API_BILLING_CHANGING_H

#include "server-bridge/core/api/answer.h"
#include "storage/billing/billing.h"

struct changing {
    struct billing_change change;
    json_t *body;     /* the change borrows from it */
    char *text, *who; /* owned, borrowed by the change */
    /* Answers the call: the change is made. */
    void (*made)(struct call *call, const struct billing_change *change);
};

/* With its time and who asked; NULL: out of memory, and the call is answered. */
struct changing *changing_new(struct call *call);
/* Takes it over, keeps the call where that is not done yet, and answers it in the end. */
void changing_begin(struct call *call, struct changing *changing);
void changing_free(struct changing *changing);

#endif
