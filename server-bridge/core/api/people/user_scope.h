/* SPDX-License-Identifier: Apache-2.0
 *
 * user_scope — whom of the console users a caller may see and change. At /users, an admin's, that
 * is everybody. Within a tenant it is those who are bound to it; changed are only those who see no
 * tenant that the caller does not see: what ends their access there must not come from here.
 */
#ifndef SERVER_BRIDGE_CORE_API_PEOPLE_USER_SCOPE_H
#define SERVER_BRIDGE_CORE_API_PEOPLE_USER_SCOPE_H

#include "server-bridge/core/api/call.h"

/* Whether the call is about users of one tenant. */
bool scope_is_tenant(const struct call *call);
bool scope_sees(const struct call *call, const struct user *user);
bool scope_may_change(const struct call *call, const struct user *user);
/* Whether they may more than they might: in another tenant, or by a higher role, which counts in
 * all of them. */
bool scope_grows(const struct user *before, const struct user *after);
/* Whether each tenant they did not see before has room for one more (quota.users); `before` NULL:
 * they saw none. False: one has not, and the call is answered. */
bool scope_has_room(struct call *call, const struct user *before, const struct user *after);
/* The user's tenants, as far as the caller may know of them; null: an admin, who sees all. */
json_t *scope_tenants(const struct call *call, const struct user *user);

/* The user of the path. False: there is none in sight, and the call is answered. The caller owns
 * *ret_user. */
bool scope_find(struct call *call, struct user *ret_user);
/* The same, to be changed. */
bool scope_find_to_change(struct call *call, struct user *ret_user);

#endif
