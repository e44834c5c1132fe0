/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/people/user_scope.h"

#include "server-bridge/core/api/answer.h"

bool scope_is_tenant(const struct call *call)
{
    return call->values.tenant[0] != '\0';
}

bool scope_sees(const struct call *call, const struct user *user)
{
    return !scope_is_tenant(call) ||
           (user->role != ROLE_ADMIN && words_have(user->tenants, slice_of(call->values.tenant)));
}

/* Walks the user's tenants; those the caller sees go to `list`. Returns whether these are all. */
static bool walk_tenants(const struct caller *caller, const struct user *user, json_t *list)
{
    struct slice rest = slice_of(user->tenants), word;
    bool all = true;

    while (slice_next_word(&rest, &word)) {
        bool sees =
            caller->everywhere || (caller->tenants != NULL && words_have(caller->tenants, word));

        if (sees && list != NULL)
            (void)json_array_append_new(list, json_stringn(word.data, word.len));
        all = all && sees;
    }
    return all;
}

bool scope_may_change(const struct call *call, const struct user *user)
{
    return walk_tenants(&call->caller, user, NULL);
}

bool scope_grows(const struct user *before, const struct user *after)
{
    bool grows = after->role > before->role;
    struct slice rest = slice_of(after->tenants), word;

    if (before->role == ROLE_ADMIN)
        return false;
    while (!grows && slice_next_word(&rest, &word))
        grows = !words_have(before->tenants, word);
    return grows;
}

bool scope_has_room(struct call *call, const struct user *before, const struct user *after)
{
    struct slice rest = slice_of(after->tenants), word;

    while (slice_next_word(&rest, &word)) {
        const struct live_tenant *tenant = tenants_find(call->core, word);
        uint64_t count = 0;
        int rc = OK;

        if (tenant == NULL || (before != NULL && words_have(before->tenants, word)))
            continue;
        rc = directory_users_of(call->core->directory, tenant->about.name.text, &count);
        if (rc == OK && count < tenant->quota.users)
            continue;
        if (rc != OK)
            answer_failed(call, rc);
        else
            answer_problem(call, 409, "too_many",
                           "%s has the %llu console users it is granted (quota.users): remove one, "
                           "or have an admin of the service raise it.",
                           tenant->about.name.text, (unsigned long long)tenant->quota.users);
        return false;
    }
    return true;
}

json_t *scope_tenants(const struct call *call, const struct user *user)
{
    json_t *list;

    if (user->role == ROLE_ADMIN)
        return json_null();
    list = json_array();
    (void)walk_tenants(&call->caller, user, list);
    return list;
}

bool scope_find(struct call *call, struct user *ret_user)
{
    struct user user;
    int rc = directory_user_find(call->core->directory, call->values.user, &user);

    if (rc == OK && !scope_sees(call, &user)) {
        user_release(&user);
        rc = DIRECTORY_E_NONE;
    }
    if (rc == DIRECTORY_E_NONE)
        answer_not_found(call, "user");
    else if (rc != OK)
        answer_failed(call, rc);
    else
        *ret_user = user;
    return rc == OK;
}

bool scope_find_to_change(struct call *call, struct user *ret_user)
{
    if (!scope_find(call, ret_user))
        return false;
    if (scope_may_change(call, ret_user))
        return true;
    user_release(ret_user);
    answer_problem(call, 403, "shared_user",
                   "That user sees other tenants, too: an admin of the service changes them.");
    return false;
}
