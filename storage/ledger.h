/* SPDX-License-Identifier: Apache-2.0
 *
 * ledger — what must not come back: visitors (and buyers' orders) that were erased, tenants that
 * were removed, access that was ended (tokens and agents revoked, console users removed or kept
 * out); and what tenants were renamed to, so that an erasure under one name holds for a copy that
 * bears another.
 *
 * A file of its own, beside the databases and outside every backup that is put back: an erasure is
 * written there first, and done again at each start. So a kill, or an old copy of a database,
 * brings nobody back. It holds tenants' names, random ids, hashes and times, nothing else: a line
 * each,
 *
 *     acme 5jz…q4 1767225600000      erased
 *     acme - 1767225600000           removed
 *     acme > acme-oy 1767225600000   renamed
 *     - token 7qk…a2 1767225600000   shut out; of agent and user a hash of the name
 *     + agent 3hd…x7 1767225600000   let in again
 */
#ifndef STORAGE_LEDGER_H
#define STORAGE_LEDGER_H

#include "base/buf.h"
#include "base/result.h"
#include "tenant/tenant.h"

enum ledger_kind { LEDGER_ERASED, LEDGER_REMOVED, LEDGER_RENAMED, LEDGER_SHUT_OUT, LEDGER_LET_IN };
enum ledger_whom { LEDGER_TOKEN, LEDGER_AGENT, LEDGER_USER, LEDGER_WHOM_COUNT };

struct ledger_line {
    struct tenant_name tenant; /* as it was called then; "": of the server */
    enum ledger_kind kind;
    struct visitor_id visitor; /* who was erased; or an order: no two things share an id */
    struct tenant_name to;     /* what it was renamed to */
    enum ledger_whom whom;     /* shut out, let in: … */
    struct id whose;           /* … ledger_id() */
    uint64_t at_ms;
};

/* False: a line, or a part of one, that says nothing we understand. */
bool ledger_line_read(struct slice text, struct ledger_line *ret_line);

/* `dir` is the data folder. Each of these: on disk when it returns. */
int ledger_add_line(const char *dir, const struct ledger_line *line) MUST_CHECK;
int ledger_add(const char *dir, const struct tenant_name *tenant, struct visitor_id visitor,
               uint64_t at_ms) MUST_CHECK;
/* The whole tenant is gone. */
int ledger_add_tenant(const char *dir, const struct tenant_name *tenant, uint64_t at_ms) MUST_CHECK;
/* The same again adds nothing. */
int ledger_add_renaming(const char *dir, const struct tenant_name *from,
                        const struct tenant_name *to, uint64_t at_ms) MUST_CHECK;

/* Who was erased of this tenant, under whichever of its names; the caller frees *ret_visitors. Of
 * tenants that had one name after another there may be each other's ids: they find nothing. */
int ledger_read(const char *dir, const struct tenant_name *tenant, struct visitor_id **ret_visitors,
                size_t *ret_count) MUST_CHECK;
/* What became first, after that time, of the tenant that was called so then: the line that removes
 * or renames it. at_ms 0: nothing. */
int ledger_fate(const char *dir, const struct tenant_name *tenant, uint64_t after_ms,
                struct ledger_line *ret_line) MUST_CHECK;
/* --- who has access --- */

/* What a token (by its id), an agent (JID) or a console user (name) is called in it. */
struct id ledger_id(enum ledger_whom whom, const char *name);
int ledger_add_access(const char *dir, enum ledger_whom whom, const char *name, bool shut_out,
                      uint64_t at_ms) MUST_CHECK;

struct ledger_access {
    struct ledger_line *lines; /* owned: the caller frees it */
    size_t count, cap;
    uint64_t after_ms;
};
/* All that it says of access after that time. */
int ledger_read_access(const char *dir, uint64_t after_ms,
                       struct ledger_access *ret_access) MUST_CHECK;
/* Whether the last of it shuts them out. */
bool ledger_shuts_out(const struct ledger_access *access, enum ledger_whom whom, struct id whose);

/* Appends the ledger as it stands (NULL); or what it says of one tenant, under the name it has now:
 * elsewhere a former one may be another's. ERR_LIMIT: not all of it has room. */
int ledger_copy(const char *dir, const struct tenant_name *tenant, struct buf *to) MUST_CHECK;

#endif
