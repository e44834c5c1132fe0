/* SPDX-License-Identifier: Apache-2.0
 *
 * hooks — where a tenant wants to be told what happens. They stand in the tenant's own database,
 * for its triggers make notices of them (storage/sqlite/, storage/notices.h).
 */
#ifndef STORAGE_HOOKS_H
#define STORAGE_HOOKS_H

#include "storage/keys/tenant_key.h"
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
/* In the order they were made. A secret that none of the keys opens is "". NULL: they all are. */
int hooks_read(struct store *store, const struct tenant_name *tenant,
               const struct tenant_keys *keys, stored_hook_fn *fn, void *context);

/* Adding one, giving it another secret, or removing it with its notices. */
struct hook_change {
    struct store_bulk bulk;  /* .apply by one of those below, .done by the caller */
    struct stored_hook hook; /* its texts are borrowed until it is done; adding sets its row; 0: its
                                URL is there already, or HOOKS_MAX others are */
    struct sealed_secret sealed;
};
int hook_adding(struct hook_change *change, const struct stored_hook *hook,
                const struct tenant_keys *keys) MUST_CHECK;
/* The secret that `hook` has becomes the old one, until hook->old_until_ms (0: it counts no more),
 * and hook->secret the one it has. */
int hook_rotating(struct hook_change *change, const struct stored_hook *hook,
                  const struct tenant_keys *keys) MUST_CHECK;
void hook_removing(struct hook_change *change, uint64_t row);

/* All that is plain, or under the key before, is sealed by the first of the keys. */
struct hooks_sealing {
    struct store_bulk bulk;
    struct tenant_keys keys; /* wipe them when it is done */
};
void hooks_sealing_init(struct hooks_sealing *sealing, const struct tenant_keys *keys);
/* Whether there is such a one. */
int hooks_are_stale(struct store *store, const struct tenant_name *tenant,
                    const struct tenant_keys *keys, bool *ret_stale) MUST_CHECK;
/* What the log still holds of them leaves the disk; where somebody reads right now, a later commit
 * writes over it. */
int hooks_forget_log(struct store *store, const struct tenant_name *tenant) MUST_CHECK;

/* --- beside the store: in a copy, or for a look --- */

/* A copy that is opened elsewhere: its secrets are plain. What does not open stays as it is. */
int hooks_copy_bare(const char *path, const struct tenant_keys *keys) MUST_CHECK;
/* A line in `problems` for each that does not open (secrets_check). */
int hooks_check(struct store *store, const struct tenant_name *tenant,
                const struct tenant_keys *keys, bool opened, struct buf *problems) MUST_CHECK;

#endif
