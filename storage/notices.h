/* SPDX-License-Identifier: Apache-2.0
 *
 * notices — what is still to be told to a hook, and what could not be told. A notice comes into
 * being in the transaction of what it tells of (triggers in storage/sqlite/) and only points to
 * it: what is erased meanwhile takes its notices along, and no copy stays anywhere.
 */
#ifndef STORAGE_NOTICES_H
#define STORAGE_NOTICES_H

#include "storage/hooks.h"

/* With all it tells of, as that stands now. */
struct notice {
    uint64_t row, hook; /* rows */
    struct notice_id notice;
    enum hook_event event;
    uint64_t at_ms, since_ms, dead_ms, tries;
    struct slice error;               /* of a dead one */
    struct stored_conversation about; /* what storage/notices.c reads of it */
    struct stored_message message;    /* HOOK_MESSAGE; HOOK_OFFLINE: the first */
    /* HOOK_CALLBACK: callback or meeting; what is asked for; what visitors call the agent who noted
     * it, or empty. */
    struct slice kind, detail, agent;
    struct slice address; /* of a mail to somebody: to whom */
};

typedef int notice_fn(void *context, const struct notice *notice);
/* The first that waits. STORE_E_NONE. The callback is called once. */
int notice_next(struct store *store, const struct tenant_name *tenant, uint64_t hook, notice_fn *fn,
                void *context);
/* Those given up, of all hooks, newest first; from `before` (a row; 0: the newest). */
int notices_dead(struct store *store, const struct tenant_name *tenant, uint64_t before,
                 size_t limit, notice_fn *fn, void *context);

enum notice_fate {
    NOTICE_TOLD,  /* it goes */
    NOTICE_LATER, /* others go before it; `row` is then its new one */
    NOTICE_DEAD,  /* it is kept, but not tried any more */
    NOTICE_AGAIN, /* a dead one is to be tried again; row 0: all of them */
    NOTICE_SWEEP, /* those dead since before at_ms go */
};
struct notice_change {
    struct store_bulk bulk; /* .apply by notice_changing(), .done by the caller */
    enum notice_fate fate;
    uint64_t row, at_ms, tries;
    char error[160];
    struct notice_id notice; /* NOTICE_AGAIN: this one; none: all */
    uint64_t changed;        /* how many */
};
void notice_changing(struct notice_change *change, enum notice_fate fate, uint64_t row,
                     uint64_t at_ms);

/* --- a copy of a conversation, by mail --- */

enum { MAIL_COPIES_MAX = 5 /* of one conversation, ever: we are no way to write to strangers */ };
enum mail_verdict { MAIL_ORDERED, MAIL_NO_CONVERSATION, MAIL_TOO_MANY };
struct mail_order {
    struct store_bulk bulk; /* .apply by mail_ordering(), .done by the caller */
    struct conversation_id conversation;
    uint64_t at_ms;
    char address[255];
    enum mail_verdict verdict;
};
void mail_ordering(struct mail_order *order, struct conversation_id conversation, uint64_t at_ms);

#endif
