/* SPDX-License-Identifier: Apache-2.0
 *
 * hooks — where a tenant wants to be told what happens. They stand in the tenant's own database,
 * for its triggers make notices of them (storage/sqlite/, storage/notices.h).
 */
#ifndef STORAGE_HOOKS_H
#define STORAGE_HOOKS_H

#include "storage/store.h"
#include "tenant/hook.h"

struct stored_hook {
    struct hook_id hook;
    uint64_t row;    /* 0: not stored yet */
    unsigned events; /* bits: 1 << enum hook_event */
    bool texts;      /* what people said goes along */
    struct slice url, secret;
    struct slice old_secret; /* counts, too, until … */
    uint64_t old_until_ms;
    uint64_t created_ms;
    uint64_t waiting, dead; /* its notices; read only */
};

typedef int stored_hook_fn(void *context, const struct stored_hook *hook);
/* In the order they were made. */
int hooks_read(struct store *store, const struct tenant_name *tenant, stored_hook_fn *fn,
               void *context);

/* Adding one, giving it another secret, or removing it with its notices. */
struct hook_change {
    struct store_bulk bulk;  /* .apply by one of those below, .done by the caller */
    struct stored_hook hook; /* its texts are borrowed until it is done; adding sets its row; 0: its
                                URL is there already, or HOOKS_MAX others are */
};
void hook_adding(struct hook_change *change, const struct stored_hook *hook);
/* The secret it has becomes the old one, until then. */
void hook_rotating(struct hook_change *change, uint64_t row, struct slice secret,
                   uint64_t old_until_ms);
void hook_removing(struct hook_change *change, uint64_t row);

#endif
