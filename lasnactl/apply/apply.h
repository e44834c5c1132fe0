/* SPDX-License-Identifier: Apache-2.0
 *
 * apply — tenants as a document, and an instance brought to what a document says.
 *
 *     { "lasna": "tenants/1",
 *       "agents":  [ { "jid", "name", "limit" } ],
 *       "tenants": [ { "tenant", "name", "languages", "disabled", "identity": { "required" },
 *                      "sites": [ { "origins", "settings" } ], "settings", "avatar",
 *                      "agents": [ { "jid", "role", "skills", "limit", "persona", "signature",
 * "avatar" } ] } ]
 * }
 *
 * An avatar is the picture itself, in base64: so a document is whole wherever it is applied.
 * Absent, it stays as it is; null takes it away.
 *
 * Read (read.c), found on the instance (found.c), compared into a plan (compare.c, no I/O), carried
 * out (carry.c). No secret, key, token or word of a chat stands in it, nor anything an instance
 * made itself (ids, times): two instances in the same state give the same bytes. What the document
 * does not say stays as it is.
 */
#ifndef LASNACTL_APPLY_APPLY_H
#define LASNACTL_APPLY_APPLY_H

#include "base/buf.h"
#include "lasnactl/command.h"

#define APPLY_FORMAT "tenants/1"

int apply_run(struct client *client, const struct args *args);
int tenant_export_run(struct client *client, const struct args *args);

/* The document in the one spelling the API keeps ("20s" becomes "20000"), with what an assignment
 * leaves out filled in. NULL: it cannot be; where ("tenants[0].settings.widget.color") and why
 * stand in `problem`. The caller owns it. */
json_t *apply_read(const char *text, size_t len, struct buf *problem);

/* What there is, in the same form, with more that only comparing wants: "revoked" of each agent,
 * whether an identity has a "key", and of "all" tenants former names and origins. `names`: of these
 * tenants alone, if they exist; NULL: of all. An exit code; said why. The caller owns *ret_found.
 */
int apply_find(struct client *client, const json_t *names, json_t **ret_found) MUST_CHECK;

/* What must be done, in order: [ { "lines": ["~ acme name …"], "method", "path", "body" } ], and
 * where a site is meant "site_of", "site_place", for its id is known only then. With `prune` also
 * takes back settings and assignments of which a list in the document does not tell. NULL: it
 * cannot be done; where and why stand in `problem`. The caller owns it. */
json_t *apply_compare(const json_t *wanted, const json_t *found, bool prune, struct buf *problem);

/* Does it, up to the first refusal, which it tells with what was done and what was not. */
int apply_carry_out(struct client *client, const json_t *plan) MUST_CHECK;
/* The lines of a plan from its change number `from` on, after `before`. */
void apply_print(const json_t *plan, size_t from, const char *before, FILE *to);

#endif
