/* SPDX-License-Identifier: Apache-2.0
 *
 * views — how tenants, agents and conversations look as JSON, and how lists page.
 */
#ifndef SERVER_BRIDGE_CORE_API_VIEWS_H
#define SERVER_BRIDGE_CORE_API_VIEWS_H

#include "server-bridge/core/api/answer.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500, PAGE_CURSOR_BYTES = 64, PAGE_KEY_BYTES = 256 };

/* `limit` and `cursor` of the query. False: the call is answered. */
bool page_read(struct call *call, size_t *ret_limit, struct slice *ret_cursor);
/* A cursor that is a number; 0 when there is none. False: the call is answered. */
bool page_number(struct call *call, struct slice cursor, uint64_t *ret_number);
/* The same of a list by time: "<milliseconds>-<id>" of the last one given; without a cursor both
 * stay as they are. */
bool page_moment(struct call *call, struct slice cursor, uint64_t *ret_ms, struct id *ret_id);
void page_cursor(uint64_t ms, struct id id, char ret_cursor[PAGE_CURSOR_BYTES]);
/* { "items": [ … ], "next": cursor | null } of one page of `all` (taken over), sorted by the
 * text member `key`, which is also the cursor. */
void answer_sorted(struct call *call, json_t *all, const char *key);
/* The same of items that are in an order of their own and never lose one: the cursor is the `key`,
 * a text or a number, of the last one given. */
void answer_ordered(struct call *call, json_t *all, const char *key);
/* The same of items that are in order and cut already; empty `next`: the end. */
void answer_page(struct call *call, json_t *items, const char *next);

/* Everything of a tenant that may be shown; never its secret. */
json_t *tenant_view(const struct live_tenant *tenant);
json_t *site_view(const struct site *site);
json_t *agent_view(const struct agent *agent);
json_t *member_view(const struct membership *member, const char *agent_name);
json_t *conversation_view(const struct live_tenant *tenant,
                          const struct stored_conversation *conversation);

const char *conversation_state_name(enum conversation_state state);

/* Looks an agent up in the directory. DIRECTORY_E_NONE. The caller owns *ret_agent
 * (agent_release). */
int agent_find(const struct core *core, const char *jid, struct agent *ret_agent) MUST_CHECK;

/* Whether the XMPP server does as we say with this account. */
bool agent_account_is_ours(const struct core *core, const char *jid);

#endif
