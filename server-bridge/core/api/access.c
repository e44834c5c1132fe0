/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/access.h"

#include "storage/tokens.h"

#include <stdio.h>

enum { USED_EVERY_MS = 3600000 }; /* its last use is written down no more often */

static const enum authority authorities[ROLE_NAME_COUNT] = {
    [ROLE_CODER] = AUTHORITY_CODER,           [ROLE_ANALYST] = AUTHORITY_ANALYST,
    [ROLE_SUPERVISOR] = AUTHORITY_SUPERVISOR, [ROLE_TENANT_ADMIN] = AUTHORITY_TENANT_ADMIN,
    [ROLE_ADMIN] = AUTHORITY_ADMIN,
};

/* The label goes with the row: it is copied beside. */
struct found {
    struct access_token token;
    char label[sizeof(((struct caller *)NULL)->coder)];
};

static int take_copy(void *context, const struct access_token *token)
{
    struct found *found = context;

    found->token = *token;
    found->token.label = SLICE_NONE;
    (void)slice_copy(token->label, found->label, sizeof(found->label));
    return 0;
}

/* False: no such token, or its time is over. */
static bool find(struct core *core, const struct digest *hash, struct found *ret_found)
{
    return directory_token_find(core->directory, hash, take_copy, ret_found) == OK &&
           ret_found->token.expires_ms > core_now_ms(core);
}

static void note_use(struct core *core, const struct access_token *token)
{
    uint64_t now_ms = core_now_ms(core);

    if (now_ms - token->used_ms >= USED_EVERY_MS &&
        directory_token_used(core->directory, token->id, now_ms) != OK)
        log_event(LOG_WARNING, NULL, "token.use_unwritten", "");
}

void access_identify(struct call *call, struct slice bearer)
{
    struct caller *caller = &call->caller;
    const struct access_token *token;
    struct found found = { .label = "" };

    *caller = (struct caller){ .who = "anyone", .authority = AUTHORITY_ANYONE };
    if (call->web->role == IPC_CONTROL) {
        (void)snprintf(caller->who, sizeof(caller->who), "operator");
        caller->authority = AUTHORITY_OPERATOR;
        return;
    }
    if (!token_is_wellformed(bearer))
        return;
    caller->token = digest_sha256(bearer);
    if (!find(call->core, &caller->token, &found))
        return;
    token = &found.token;
    (void)snprintf(caller->who, sizeof(caller->who), "token:%s", token->id);
    caller->authority = authorities[token->role];
    caller->tenant = token->tenant;
    if (token->role == ROLE_CODER)
        memcpy(caller->coder, found.label, sizeof(caller->coder));
    note_use(call->core, token);
}

bool access_still_holds(const struct call *call)
{
    struct found found;

    return call->caller.authority == AUTHORITY_OPERATOR || call->route->least == AUTHORITY_ANYONE ||
           find(call->core, &call->caller.token, &found);
}
