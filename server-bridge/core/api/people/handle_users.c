/* SPDX-License-Identifier: Apache-2.0
 *
 * Console users: added, listed, changed, removed, and shown out. An invitation is in the answer
 * that makes it, and never anywhere again. The same handlers serve an admin, for all there are, and
 * a tenant's admin, for those of that tenant (user_scope.h).
 */
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/people/password_job.h"
#include "server-bridge/core/api/people/user_scope.h"
#include "server-bridge/core/api/views.h"

#include "storage/directory/user_sessions.h"

#include <stdio.h>

static const uint64_t invitation_ms = 72ULL * 3600000;

static const char *state_of(const struct user *user)
{
    if (user->disabled)
        return "disabled";
    return user->password[0] == '\0' ? "invited" : "active";
}

static json_t *user_view(const struct call *call, const struct user *user)
{
    return json_pack(
        "{s:s, s:s, s:o, s:b, s:s, s:b, s:I, s:o, s:o, s:o}", "user", user->name, "role",
        role_name(user->role), "tenants", scope_tenants(call, user), "changeable",
        scope_may_change(call, user), "state", state_of(user), "second_factor",
        user->totp[0] != '\0', "recovery_codes", (json_int_t)user->recovery_codes, "created_at",
        json_time_or_null(user->created_ms), "seen_at", json_time_or_null(user->seen_ms),
        "invited_until", json_time_or_null(user->invited_ms));
}

/* What storage says of a user, for people. */
static void answer_outcome(struct call *call, int rc)
{
    if (rc == DIRECTORY_E_NONE)
        answer_not_found(call, "user");
    else if (rc == DIRECTORY_E_EXISTS)
        answer_problem(call, 409, "user_exists", "There is a user of that name already.");
    else if (rc == USERS_E_NO_TENANT)
        answer_not_found(call, "tenant");
    else if (rc == USERS_E_LAST_ADMIN)
        answer_problem(call, 409, "last_admin",
                       "That is the last admin who can log in. Make another one first.");
    else
        answer_failed(call, rc);
}

/* `more`: what this answer alone says of them, taken over; NULL: nothing. */
static void answer_user(struct call *call, unsigned status, const char *name, json_t *more)
{
    struct user user;
    json_t *view;
    int rc = directory_user_find(call->core->directory, name, &user);

    if (rc != OK) {
        json_decref(more);
        answer_outcome(call, rc);
        return;
    }
    view = user_view(call, &user);
    user_release(&user);
    if (more != NULL)
        (void)json_object_update(view, more);
    json_decref(more);
    answer_json(call, status, view);
}

/* --- looking --- */

struct gathering {
    const struct call *call;
    json_t *all;
};

static int gather(void *context, const struct user *user)
{
    struct gathering *gathering = context;

    if (!scope_sees(gathering->call, user))
        return 0;
    return json_array_append_new(gathering->all, user_view(gathering->call, user)) == 0
               ? 0
               : RAISE(ERR_NO_MEMORY);
}

void handle_users_list(struct call *call)
{
    struct gathering gathering = { .call = call, .all = json_array() };
    int rc = directory_users(call->core->directory, gather, &gathering);

    if (rc == OK) {
        answer_sorted(call, gathering.all, "user");
        return;
    }
    json_decref(gathering.all);
    answer_failed(call, rc);
}

void handle_user_show(struct call *call)
{
    struct user user;

    if (!scope_find(call, &user))
        return;
    answer_json(call, 200, user_view(call, &user));
    user_release(&user);
}

static int gather_session(void *context, const struct user_session *session)
{
    return json_array_append_new(context,
                                 json_pack("{s:s, s:o, s:o, s:o}", "id", session->id, "created_at",
                                           json_time_or_null(session->created_ms), "used_at",
                                           json_time_or_null(session->used_ms), "expires_at",
                                           json_time_or_null(session->expires_ms))) == 0
               ? 0
               : RAISE(ERR_NO_MEMORY);
}

void handle_user_sessions(struct call *call)
{
    json_t *all;
    struct user user;
    int rc;

    if (!scope_find(call, &user))
        return;
    all = json_array();
    rc = directory_sessions(call->core->directory, user.name, core_clock_ms(), gather_session, all);
    user_release(&user);
    if (rc == OK) {
        answer_sorted(call, all, "id");
        return;
    }
    json_decref(all);
    answer_failed(call, rc);
}

/* --- role and tenants --- */

static int put_right(struct slice word, char *ret_word, size_t size)
{
    struct tenant_name name;

    return tenant_name_parse(word, &name) == 0 && slice_copy(slice_of(name.text), ret_word, size)
               ? 0
               : 1;
}

/* False: it is no role that somebody may be given there, and the call is answered. */
static bool take_role(struct call *call, struct user *user)
{
    struct slice role = body_text(call, "role");

    if (role.len == 0 || (role_name_parse(role, &user->role) == 0 && user->role != ROLE_CODER &&
                          !(user->role == ROLE_ADMIN && scope_is_tenant(call))))
        return true;
    answer_problem(call, 400, "bad_field",
                   "\"role\" must be %stenant-admin, supervisor or analyst.",
                   scope_is_tenant(call) ? "" : "admin, ");
    return false;
}

/* Who is added within a tenant sees that one; who is changed there goes on seeing the same. */
static bool bind_to_tenant(struct call *call, struct user *user)
{
    if (user->tenants == NULL)
        user->tenants = strdup(call->values.tenant);
    if (user->tenants == NULL)
        answer_failed(call, RAISE(ERR_NO_MEMORY));
    return user->tenants != NULL;
}

/* Takes what the body says of them; what it does not stays. False: it does not fit together, and
 * the call is answered. */
static bool take_rights(struct call *call, struct user *user)
{
    const char *as_before = user->tenants == NULL ? "" : user->tenants;
    char *tenants = NULL;

    if (!take_role(call, user))
        return false;
    if (scope_is_tenant(call))
        return bind_to_tenant(call, user);
    if (!body_words(call, "tenants", user->role == ROLE_ADMIN ? "" : as_before, put_right,
                    &tenants))
        return false;
    free(user->tenants);
    user->tenants = tenants;
    if ((user->role == ROLE_ADMIN) == (tenants[0] == '\0'))
        return true;
    if (body_text(call, "role").len == 0 &&
        json_array_size(json_object_get(call->body, "tenants")) == 0)
        return true; /* of all they saw, nothing is left: they see nothing, and may be kept out */
    answer_problem(call, 400, "bad_field",
                   "\"tenants\" must be given, but for an admin, who is bound to none.");
    return false;
}

/* --- invitations --- */

/* Where a browser takes it (console/). The token stands behind the #, which no browser sends and no
 * server writes down. null: nobody said where the service is reached. */
static json_t *link_with(const struct core *core, const char *token)
{
    const char *origins = core->role->settings->web_origins;
    AUTO_BUF url;
    json_t *text;

    buf_init(&url, 4096);
    if (origins[0] != '\0')
        buf_addf(&url, "%.*s/console/join#%s", (int)strcspn(origins, " "), origins, token);
    text = json_text_or_null(buf_slice(&url));
    if (url.data != NULL)
        explicit_bzero(url.data, url.len);
    return text;
}

/* What is kept of a new one, and what is answered: the caller owns that. */
static struct user_invitation new_invitation(const struct call *call, json_t **ret_view)
{
    struct user_invitation invitation = { .expires_ms = core_clock_ms() + invitation_ms };
    char token[TOKEN_TEXT_BYTES];

    token_new(token);
    invitation.hash = digest_sha256(slice_of(token));
    *ret_view = json_pack("{s:{s:s, s:o, s:o}}", "invitation", "token", token, "url",
                          link_with(call->core, token), "expires_at",
                          json_time_or_null(invitation.expires_ms));
    explicit_bzero(token, sizeof(token));
    return invitation;
}

void handle_user_reset(struct call *call)
{
    bool factor_too = json_is_true(json_object_get(call->body, "second_factor"));
    struct user_invitation invitation;
    struct user user;
    json_t *view = NULL;
    int rc;

    if (!scope_find_to_change(call, &user))
        return;
    user_release(&user);
    invitation = new_invitation(call, &view);
    if (factor_too)
        call->changed = strdup("second_factor=removed");
    audit_join(call);
    rc = directory_user_reset(call->core->directory, call->values.user, &invitation, factor_too);
    if (rc != OK) {
        json_decref(view);
        answer_outcome(call, rc);
        return;
    }
    access_ended(call->core);
    answer_user(call, 200, call->values.user, view);
}

/* --- adding --- */

static void add(struct call *call, struct user *user, const char *password)
{
    bool invited = password[0] == '\0';
    json_t *view = NULL;
    struct user_invitation invitation = { .expires_ms = 0 };
    int rc;

    if (!scope_has_room(call, NULL, user))
        return;
    if (invited)
        invitation = new_invitation(call, &view);
    (void)slice_copy(slice_of(password), user->password, sizeof(user->password));
    user->created_ms = core_now_ms(call->core);
    if (asprintf(&call->changed, "role=%s tenants=\"%s\"", role_name(user->role),
                 user->tenants == NULL ? "" : user->tenants) < 0)
        call->changed = NULL;
    audit_join(call);
    rc = directory_user_add(call->core->directory, user, invited ? &invitation : NULL);
    if (rc != OK) {
        json_decref(view);
        answer_outcome(call, rc);
        return;
    }
    answer_user(call, 201, user->name, view);
}

/* False: the body does not make one, and the call is answered. */
static bool read_user(struct call *call, struct user *ret_user)
{
    if (user_name_parse(body_text(call, "user"), ret_user->name) != 0) {
        answer_problem(call, 400, "bad_field",
                       "\"user\" must be of a-z, 0-9 and . _ - + @, 64 at most, beginning with a "
                       "letter or a digit.");
        return false;
    }
    return take_rights(call, ret_user);
}

static void hashed(struct password_job *job, struct call *call)
{
    struct user user = { .name = "" };

    if (read_user(call, &user))
        add(call, &user, job->hash);
    user_release(&user);
}

void handle_user_add(struct call *call)
{
    struct slice password = body_text(call, "password");
    struct user user = { .name = "" };
    const char *objection;

    if (read_user(call, &user)) {
        objection = password.len > 0 ? password_objection(password, user.name) : NULL;
        if (objection != NULL)
            answer_problem(call, 400, "bad_password", "%s", objection);
        else if (password.len > 0)
            password_choose(call, user.name, password, hashed);
        else
            add(call, &user, "");
    }
    user_release(&user);
}

/* --- changing, showing out, removing --- */

/* Whoever made an invitation has it, too: it lets nobody in to more than it was made for. */
static bool ends_invitation(const struct user *before, const struct user *after)
{
    return before->invited_ms != 0 && scope_grows(before, after);
}

static int change(struct call *call, const struct user *before, const struct user *after)
{
    bool ends = ends_invitation(before, after), shuts = after->disabled && !before->disabled;
    int rc = shuts ? access_shut_out(call->core, LEDGER_USER, after->name) : OK;

    if (rc != OK)
        return rc;
    if (asprintf(&call->changed, "role=%s tenants=\"%s\" disabled=%d%s", role_name(after->role),
                 after->tenants, after->disabled, ends ? " invitation=ended" : "") < 0)
        call->changed = NULL;
    audit_join(call);
    rc = directory_user_change(call->core->directory, after, ends);
    if (rc == OK ? before->disabled && !after->disabled : shuts)
        access_let_in(call->core, LEDGER_USER, after->name);
    return rc;
}

/* False: the body does not fit, and the call is answered. */
static bool read_change(struct call *call, const struct user *before, struct user *user)
{
    const json_t *disabled = json_object_get(call->body, "disabled");

    if (!take_rights(call, user) || !scope_has_room(call, before, user))
        return false;
    if (json_is_boolean(disabled))
        user->disabled = json_is_true(disabled);
    return true;
}

static void change_from(struct call *call, const struct user *before)
{
    struct user after = { .name = "" };
    int rc = directory_user_find(call->core->directory, before->name, &after);

    if (rc == OK && !read_change(call, before, &after)) {
        user_release(&after);
        return;
    }
    if (rc == OK)
        rc = change(call, before, &after);
    if (rc != OK) {
        answer_outcome(call, rc);
    } else {
        access_ended(call->core);
        answer_user(call, 200, after.name,
                    json_pack("{s:b}", "invitation_ended", ends_invitation(before, &after)));
    }
    user_release(&after);
}

void handle_user_change(struct call *call)
{
    struct user user;

    if (!scope_find_to_change(call, &user))
        return;
    change_from(call, &user);
    user_release(&user);
}

static void end(struct call *call, int (*how)(struct call *call, const struct user *user))
{
    struct user user;
    int rc;

    if (!scope_find_to_change(call, &user))
        return;
    rc = how(call, &user);
    user_release(&user);
    if (rc != OK) {
        answer_outcome(call, rc);
        return;
    }
    access_ended(call->core);
    answer_nothing(call);
}

static int end_sessions(struct call *call, const struct user *user)
{
    audit_join(call);
    return directory_user_epoch(call->core->directory, user->name);
}

void handle_user_sessions_end(struct call *call)
{
    end(call, end_sessions);
}

/* One who must stay may come in by a backup, too; but not who was kept out before. */
static int remove_for_good(struct call *call, const struct user *user)
{
    int rc = access_shut_out(call->core, LEDGER_USER, user->name);

    if (rc != OK)
        return rc;
    audit_join(call);
    rc = directory_user_remove(call->core->directory, user->name);
    if (rc != OK && !user->disabled)
        access_let_in(call->core, LEDGER_USER, user->name);
    return rc;
}

void handle_user_remove(struct call *call)
{
    end(call, remove_for_good);
}
