/* SPDX-License-Identifier: Apache-2.0
 *
 * directory — `lasna.db`: tenants and their sites, agents and their memberships, the audit.
 *
 * Small and rarely written, so every verb is synchronous and durable when it returns. Only
 * the core opens it; opening takes a lock on the data folder, which refuses a second core.
 */
#ifndef STORAGE_DIRECTORY_H
#define STORAGE_DIRECTORY_H

#include "base/auto.h"
#include "base/result.h"
#include "tenant/agent.h"
#include "tenant/identity_key.h"
#include "tenant/tenant.h"

struct directory;

enum { DIRECTORY_E_NONE = 1, DIRECTORY_E_EXISTS, DIRECTORY_E_LOCKED /* another core runs */ };

/* Makes the folder (0700), the lock (dir/lock) and the database when missing; migrates. */
int directory_open(struct directory **ret_directory, const char *dir) MUST_CHECK;
struct directory *directory_close(struct directory *directory);
/* Its file, for who reads it on another thread by a connection of their own. Borrowed. */
const char *directory_path(const struct directory *directory);

/* Callbacks borrow; 0 goes on, anything else stops and is returned. */
typedef int directory_tenant_fn(void *context, const struct tenant *tenant);
typedef int directory_agent_fn(void *context, const struct agent *agent);
typedef int directory_member_fn(void *context, const struct membership *membership);

/* A tenant with its sites, whole or not at all. DIRECTORY_E_EXISTS. */
int directory_tenant_add(struct directory *directory, const struct tenant *tenant) MUST_CHECK;
int directory_tenant_remove(struct directory *directory, const struct tenant_name *name) MUST_CHECK;
/* Each of these: DIRECTORY_E_NONE. */
int directory_tenant_settings(struct directory *directory, const struct tenant_name *name,
                              const char *settings) MUST_CHECK;
/* Takes over title, languages, and the origins of each of its sites: all, or nothing. */
int directory_tenant_describe(struct directory *directory, const struct tenant *tenant) MUST_CHECK;
int directory_tenant_state(struct directory *directory, const struct tenant_name *name,
                           enum tenant_state state) MUST_CHECK;
/* From now on the tenant is called `to`, in every row there is of it, and what it was called stays
 * its own. Until directory_tenant_moved() says that the rest has followed, its tenant.moving tells
 * where from. DIRECTORY_E_NONE; DIRECTORY_E_EXISTS: another one is, or was, called that. */
int directory_tenant_rename(struct directory *directory, const struct tenant_name *from,
                            const struct tenant_name *to, uint64_t at_ms) MUST_CHECK;
int directory_tenant_moved(struct directory *directory, const struct tenant_name *name) MUST_CHECK;
/* Whether it was renamed then from that name, whatever became of it since. DIRECTORY_E_NONE: no. */
int directory_tenant_renamed(struct directory *directory, const struct tenant_name *from,
                             uint64_t at_ms) MUST_CHECK;
/* Behind those it has. */
int directory_site_add(struct directory *directory, const struct tenant_name *tenant,
                       const struct site *site) MUST_CHECK;
/* Each of these: DIRECTORY_E_NONE: no such site of this tenant. */
int directory_site_remove(struct directory *directory, const struct tenant_name *tenant,
                          const char *site) MUST_CHECK;
int directory_site_set(struct directory *directory, const struct tenant_name *tenant,
                       const char *site, const char *settings) MUST_CHECK;
int directory_tenants(struct directory *directory, directory_tenant_fn *fn, void *context);

int directory_agent_add(struct directory *directory, const struct agent *agent) MUST_CHECK;
/* DIRECTORY_E_NONE */
int directory_agent_rename(struct directory *directory, const char *jid,
                           const char *name) MUST_CHECK;
int directory_agent_revoke(struct directory *directory, const char *jid) MUST_CHECK;
/* DIRECTORY_E_NONE */
int directory_agent_speaks(struct directory *directory, const char *jid,
                           const char *language) MUST_CHECK;
/* DIRECTORY_E_NONE */
int directory_agent_limit(struct directory *directory, const char *jid, unsigned limit) MUST_CHECK;
/* DIRECTORY_E_NONE */
int directory_agent_staffed(struct directory *directory, const char *jid, bool staffed) MUST_CHECK;
int directory_agents(struct directory *directory, directory_agent_fn *fn, void *context);

/* Assigning again replaces role, limit, persona and skills; who was away stays so, and the avatar.
 * DIRECTORY_E_NONE: no such agent or tenant. */
int directory_member_set(struct directory *directory,
                         const struct membership *membership) MUST_CHECK;
/* DIRECTORY_E_NONE */
int directory_member_away(struct directory *directory, const struct tenant_name *tenant,
                          const char *jid, bool away) MUST_CHECK;
int directory_member_remove(struct directory *directory, const struct tenant_name *tenant,
                            const char *jid) MUST_CHECK;
int directory_members(struct directory *directory, directory_member_fn *fn, void *context);

/* What its site signs identities with; none is OK too, kid "" then. DIRECTORY_E_SEALED
 * (tenant_keys.h): its secret does not open. */
int directory_identity_key_get(struct directory *directory, const struct tenant_name *tenant,
                               struct identity_key *ret_key) MUST_CHECK;
/* The only key there is from now on. DIRECTORY_E_NONE: no such tenant. */
int directory_identity_key_set(struct directory *directory, const struct tenant_name *tenant,
                               const struct identity_key *key) MUST_CHECK;

/* Small secrets and marks of the instance: "address_key", the settings of the server ….
 * DIRECTORY_E_NONE. */
int directory_note_get(struct directory *directory, const char *key, char *ret_value,
                       size_t size) MUST_CHECK;
int directory_note_set(struct directory *directory, const char *key, const char *value) MUST_CHECK;

/* --- the audit: who changed or read what ---
 *
 * Each entry carries a hash over itself and the hash before it, so that none can be altered,
 * left out or put in between without all later ones showing it. */
struct audit_entry {
    uint64_t number; /* from 1, gapless */
    uint64_t at_ms;  /* wall */
    struct slice who, action;
    struct slice tenant; /* empty: none in particular */
    struct slice detail; /* what changed, for people; never a secret, never a word of a chat */
    struct slice hash;   /* hex; given by the directory */
};
typedef int directory_audit_fn(void *context, const struct audit_entry *entry);

/* Number and hash are given here. */
int directory_audit_add(struct directory *directory, const struct audit_entry *entry) MUST_CHECK;
/* The next change to the directory and this entry share one commit: both hold, or neither. Borrowed
 * until then; *ret_joined tells that it was. NULL: nothing waits any more. */
void directory_audit_join(struct directory *directory, const struct audit_entry *entry,
                          bool *ret_joined);
/* Newest first, those before `before` (0: all); of one tenant, or of all (empty);
 * not older than `since_ms`, for a name may have been somebody else's before; under a name the
 * tenant had before, while it had that. */
int directory_audit(struct directory *directory, struct slice tenant, uint64_t since_ms,
                    uint64_t before, size_t limit, directory_audit_fn *fn, void *context);
/* Computes the whole chain again. ERR_CORRUPT: *ret_broken is the first entry that does not
 * fit; otherwise the number of entries. */
int directory_audit_check(struct directory *directory, uint64_t *ret_broken) MUST_CHECK;

#endif
