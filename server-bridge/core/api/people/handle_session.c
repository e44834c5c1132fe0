/* SPDX-License-Identifier: Apache-2.0
 *
 * A console user logs in and out, takes an invitation, changes the password.
 *
 * What is wrong about a name, a password or a code gives one and the same answer, after the same
 * time. Whoever is let in begins a session; a changed password ends all there were.
 */
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/people/guesses.h"
#include "server-bridge/core/api/people/password_job.h"
#include "server-bridge/core/api/people/second_factor.h"
#include "server-bridge/core/api/people/user_session_begin.h"

#include "storage/directory/user_sessions.h"

/* --- in --- */

static void refuse(struct call *call, const char *name)
{
    guesses_wrong(call->core, name);
    answer_problem(call, 401, "bad_credentials",
                   "No user has that name with that password and code.");
}

static bool wants_token(const struct call *call)
{
    return json_is_true(json_object_get(call->body, "bearer"));
}

/* The password was right. */
static void let_in(struct call *call, const struct user *user)
{
    struct slice code = body_text(call, "code");
    int rc = OK;

    if (user->totp[0] != '\0' && code.len == 0) {
        answer_problem(call, 403, "code_wanted",
                       "This user's authenticator app shows a code: send it as \"code\", too.");
        return;
    }
    if (user->totp[0] != '\0')
        rc = factor_use(call->core, user, code);
    if (rc == FACTOR_E_WRONG) {
        refuse(call, user->name);
    } else if (rc != OK) {
        answer_failed(call, rc);
    } else {
        guesses_right(call->core, user->name);
        user_session_begin(call, user, !wants_token(call));
    }
}

/* The user as the directory knows them now, if the comparison still tells of them. */
static int find_compared(const struct password_job *job, struct user *ret_user)
{
    int rc = directory_user_find(job->core->directory, job->user, ret_user);

    if (rc == OK &&
        (!job->matches || ret_user->disabled || strcmp(ret_user->password, job->kept) != 0)) {
        user_release(ret_user);
        rc = DIRECTORY_E_NONE;
    }
    return rc;
}

static void compared_in(struct password_job *job, struct call *call)
{
    struct user user;
    int rc = find_compared(job, &user);

    if (rc == DIRECTORY_E_NONE) {
        refuse(call, job->user);
    } else if (rc != OK) {
        answer_failed(call, rc);
    } else {
        let_in(call, &user);
        user_release(&user);
    }
}

void handle_session_begin(struct call *call)
{
    char name[USER_NAME_MAX + 1];
    struct user user = { .name = "" };
    int rc;

    if (user_name_parse(body_text(call, "user"), name) != 0)
        name[0] = '\0'; /* nobody's, and waits like any other */
    if (guesses_hold_back(call, name))
        return;
    rc = directory_user_find(call->core->directory, name, &user);
    if (rc < 0)
        answer_failed(call, rc);
    else
        password_compare(call, name, rc == OK ? &user : NULL, SLICE_NONE, compared_in);
    user_release(&user);
}

/* --- who am I, and out --- */

void handle_session_show(struct call *call)
{
    answer_json(call, 200, caller_view(call));
}

/* False: it is a token's or the operator's, and the call is answered. */
static bool is_user(struct call *call)
{
    if (call->caller.user[0] == '\0')
        answer_problem(call, 409, "no_session", "Only a console user's session has this.");
    return call->caller.user[0] != '\0';
}

void handle_session_end(struct call *call)
{
    int rc;

    if (!is_user(call))
        return;
    audit_join(call);
    rc = directory_session_remove(call->core->directory, call->caller.session);
    if (rc != OK && rc != DIRECTORY_E_NONE) {
        answer_failed(call, rc);
        return;
    }
    access_ended(call->core);
    user_session_forget(call);
    answer_nothing(call);
}

/* --- another password --- */

static bool is_fit(struct call *call, struct slice password, const char *user)
{
    const char *objection = password_objection(password, user);

    if (objection != NULL)
        answer_problem(call, 400, "bad_password", "%s", objection);
    return objection == NULL;
}

static void compared_change(struct password_job *job, struct call *call)
{
    struct user user;
    int rc = find_compared(job, &user);

    if (rc == DIRECTORY_E_NONE) {
        guesses_wrong(call->core, job->user);
        answer_problem(call, 403, "wrong_password", "That is not the password of now.");
        return;
    }
    if (rc == OK) {
        audit_join(call);
        rc = directory_user_password(call->core->directory, user.name, job->hash);
        if (rc == OK)
            user_session_begin(call, &user, call->caller.by_cookie);
        user_release(&user);
    }
    if (rc == OK)
        access_ended(job->core);
    else
        answer_failed(call, rc);
}

void handle_session_password(struct call *call)
{
    struct slice fresh = body_text(call, "new");
    struct user user;
    int rc;

    if (!is_user(call) || guesses_hold_back(call, call->caller.user) ||
        !is_fit(call, fresh, call->caller.user))
        return;
    rc = directory_user_find(call->core->directory, call->caller.user, &user);
    if (rc != OK) {
        answer_failed(call, rc);
        return;
    }
    password_compare(call, user.name, &user, fresh, compared_change);
    user_release(&user);
}

/* --- by invitation --- */

/* Whose it is; false: nobody's, and the call is answered. */
static bool find_invited(struct call *call, char ret_user[USER_NAME_MAX + 1])
{
    struct slice token = body_text(call, "invitation");
    struct digest hash = digest_sha256(token);
    int rc = DIRECTORY_E_NONE;

    if (token_is_wellformed(token))
        rc = directory_invitation_find(call->core->directory, &hash, core_clock_ms(), ret_user);
    if (rc == DIRECTORY_E_NONE)
        answer_problem(
            call, 401, "bad_invitation",
            "That invitation was used, its time is over, or the user was given more rights "
            "since. An admin gives another: lasnactl user reset.");
    else if (rc != OK)
        answer_failed(call, rc);
    return rc == OK;
}

static void chosen(struct password_job *job, struct call *call)
{
    char name[USER_NAME_MAX + 1] = "";
    struct user user;
    int rc;

    if (!find_invited(call, name)) /* again: it may have been taken meanwhile */
        return;
    rc = directory_user_find(call->core->directory, name, &user);
    if (rc == OK && !access_is_user(call, &user))
        rc = RAISE(ERR_NO_MEMORY);
    if (rc == OK) {
        user_release(&user);
        audit_join(call);
        rc = directory_user_password(call->core->directory, name, job->hash);
    }
    if (rc != OK) {
        answer_failed(call, rc);
        return;
    }
    guesses_right(call->core, name);
    answer_json(call, 200, json_pack("{s:s}", "user", name));
}

void handle_session_invitation_show(struct call *call)
{
    char name[USER_NAME_MAX + 1] = "";
    struct user user;
    int rc;

    if (!find_invited(call, name))
        return;
    rc = directory_user_find(call->core->directory, name, &user);
    if (rc != OK) {
        answer_failed(call, rc);
        return;
    }
    answer_json(call, 200,
                json_pack("{s:s, s:s, s:b, s:o}", "user", user.name, "role", role_name(user.role),
                          "second_factor", user.totp[0] != '\0', "expires_at",
                          json_time_or_null(user.invited_ms)));
    user_release(&user);
}

void handle_session_invitation(struct call *call)
{
    struct slice fresh = body_text(call, "password");
    char name[USER_NAME_MAX + 1] = "";

    if (find_invited(call, name) && is_fit(call, fresh, name))
        password_choose(call, name, fresh, chosen);
}
