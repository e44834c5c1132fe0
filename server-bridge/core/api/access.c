/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/access.h"

#include "server-bridge/core/api/people/second_factor.h"

#include "storage/directory/tokens.h"
#include "storage/directory/user_sessions.h"

#include <stdio.h>

/* Its last use is written down no more often. */
enum { TOKEN_USED_EVERY_MS = 3600000, SESSION_USED_EVERY_MS = 300000 };

static const enum authority authorities[ROLE_NAME_COUNT] = {
    [ROLE_CODER] = AUTHORITY_CODER,           [ROLE_ANALYST] = AUTHORITY_ANALYST,
    [ROLE_SUPERVISOR] = AUTHORITY_SUPERVISOR, [ROLE_TENANT_ADMIN] = AUTHORITY_TENANT_ADMIN,
    [ROLE_ADMIN] = AUTHORITY_ADMIN,
};

/* False: out of memory, and the caller sees nothing. */
static bool may_see(struct caller *caller, enum role_name role, const char *tenants)
{
    free(caller->tenants);
    caller->tenants = strdup(tenants);
    caller->everywhere = role == ROLE_ADMIN;
    caller->authority = authorities[role];
    return caller->tenants != NULL;
}

/* --- tokens --- */

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
static bool find_token(struct core *core, const struct digest *hash, struct found *ret_found)
{
    return directory_token_find(core->directory, hash, take_copy, ret_found) == OK &&
           ret_found->token.expires_ms > core_now_ms(core);
}

static void note_token(struct core *core, const struct access_token *token)
{
    uint64_t now_ms = core_now_ms(core);

    if (now_ms - token->used_ms >= TOKEN_USED_EVERY_MS &&
        directory_token_used(core->directory, token->id, now_ms) != OK)
        log_event(LOG_WARNING, NULL, "token.use_unwritten", "");
}

static bool by_token(struct call *call)
{
    struct caller *caller = &call->caller;
    const struct access_token *token;
    struct found found = { .label = "" };

    if (!find_token(call->core, &caller->token, &found))
        return false;
    token = &found.token;
    (void)snprintf(caller->who, sizeof(caller->who), "token:%s", token->id);
    if (token->role == ROLE_CODER)
        memcpy(caller->coder, found.label, sizeof(caller->coder));
    note_token(call->core, token);
    return may_see(caller, token->role, token->tenant.text);
}

/* --- sessions --- */

static void note_session(struct core *core, const struct user_session *session)
{
    uint64_t now_ms = core_clock_ms();

    if (now_ms - session->used_ms >= SESSION_USED_EVERY_MS &&
        directory_session_used(core->directory, session->id, now_ms) != OK)
        log_event(LOG_WARNING, NULL, "session.use_unwritten", "");
}

bool access_is_user(struct call *call, const struct user *user)
{
    struct caller *caller = &call->caller;

    (void)snprintf(caller->who, sizeof(caller->who), "user:%s", user->name);
    (void)slice_copy(slice_of(user->name), caller->user, sizeof(caller->user));
    caller->unproven = factor_is_missing(call->core, user);
    return may_see(caller, user->role, user->tenants);
}

static bool by_session(struct call *call)
{
    struct user_session session;
    struct user user;
    bool is_user;

    if (directory_session_find(call->core->directory, &call->caller.token, core_clock_ms(),
                               &session) != OK ||
        directory_user_find(call->core->directory, session.user, &user) != OK)
        return false;
    is_user = access_is_user(call, &user);
    user_release(&user);
    memcpy(call->caller.session, session.id, sizeof(session.id));
    note_session(call->core, &session);
    return is_user;
}

/* --- */

void access_identify(struct call *call, struct slice bearer, struct slice cookie)
{
    struct caller *caller = &call->caller;
    struct slice shown = bearer.len > 0 ? bearer : cookie;

    *caller = (struct caller){ .who = "anyone", .authority = AUTHORITY_ANYONE };
    if (call->web->role == IPC_CONTROL) {
        (void)snprintf(caller->who, sizeof(caller->who), "operator");
        caller->authority = AUTHORITY_OPERATOR;
        caller->everywhere = true;
        return;
    }
    if (!token_is_wellformed(shown))
        return;
    caller->token = digest_sha256(shown);
    caller->by_cookie = bearer.len == 0;
    if (!(bearer.len > 0 && by_token(call)) && !by_session(call))
        caller->authority = AUTHORITY_ANYONE;
}

bool access_is_open_to_unproven(const struct route *route)
{
    return route->least == AUTHORITY_ANYONE || strncmp(route->path, "/session", 8) == 0;
}

/* Whether the user may still ask what was asked. */
static bool may_still(const struct call *call, const struct user *user)
{
    return authorities[user->role] >= call->route->least &&
           (call->values.tenant[0] == '\0' || user->role == ROLE_ADMIN ||
            words_have(user->tenants, slice_of(call->values.tenant))) &&
           (access_is_open_to_unproven(call->route) || !factor_is_missing(call->core, user));
}

static bool session_holds(const struct call *call)
{
    struct directory *directory = call->core->directory;
    struct user_session session;
    struct user user;
    bool may;

    if (directory_session_find(directory, &call->caller.token, core_clock_ms(), &session) != OK ||
        directory_user_find(directory, session.user, &user) != OK)
        return false;
    may = may_still(call, &user);
    user_release(&user);
    return may;
}

bool access_still_holds(const struct call *call)
{
    struct found found;

    if (call->caller.authority == AUTHORITY_OPERATOR || call->route->least == AUTHORITY_ANYONE)
        return true;
    if (call->caller.user[0] != '\0')
        return session_holds(call);
    return find_token(call->core, &call->caller.token, &found);
}

/* Whoever works for it goes on and answers nobody. */
static void send_away(struct call *call)
{
    IPC_SEND(call->web->ipc, api_answer, .request = call->request, .status = 401,
             .content_type = SLICE_LITERAL("application/problem+json"),
             .body = SLICE_LITERAL("{\"type\":\"about:blank\",\"title\":\"Unauthorized\","
                                   "\"status\":401,\"code\":\"not_authenticated\",\"detail\":"
                                   "\"This access was ended while the answer was made.\"}"));
    call->web = NULL;
}

static void break_off(struct call *call)
{
    IPC_SEND(call->web->ipc, api_part, .request = call->request, .broken = true);
    (void)call_free(call);
}

static bool is_to_go(const struct call *call)
{
    return !call->busy && call->web != NULL && call->route != NULL &&
           (call->streaming || (call->kept && !call->answered)) && !access_still_holds(call);
}

static int enter(struct core *core, enum ledger_whom whom, const char *name, bool shut_out)
{
    AUTO_MEM char *data = settings_path(core->role->settings, core->role->settings->storage_dir);

    return data == NULL ? RAISE(ERR_NO_MEMORY)
                        : ledger_add_access(data, whom, name, shut_out, core_now_ms(core));
}

int access_shut_out(struct core *core, enum ledger_whom whom, const char *name)
{
    return enter(core, whom, name, true);
}

void access_let_in(struct core *core, enum ledger_whom whom, const char *name)
{
    if (enter(core, whom, name, false) != OK)
        log_event(LOG_WARNING, NULL, "access.not_entered",
                  "remedy=\"a backup from before that is put back keeps them out\"");
}

/* From the first again after each: what is broken off leaves the list. */
void access_ended(struct core *core)
{
    struct call *call = core->calls;

    while (call != NULL) {
        if (!is_to_go(call)) {
            call = call->next;
            continue;
        }
        if (call->streaming)
            break_off(call);
        else
            send_away(call);
        call = core->calls;
    }
}
