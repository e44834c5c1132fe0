/* SPDX-License-Identifier: Apache-2.0
 *
 * A console user's second factor: shown once, proven by a code, taken away by another. From the
 * proof on, every log-in takes a code; sessions that were begun without one end, but the prover's.
 */
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/people/guesses.h"
#include "server-bridge/core/api/people/password_job.h"
#include "server-bridge/core/api/people/second_factor.h"

/* The user whose session this is. False: there is none, or they have to wait; answered. */
static bool find_self(struct call *call, struct user *ret_user)
{
    int rc = DIRECTORY_E_NONE;

    if (call->caller.user[0] != '\0' && guesses_hold_back(call, call->caller.user))
        return false;
    if (call->caller.user[0] != '\0')
        rc = directory_user_find(call->core->directory, call->caller.user, ret_user);
    if (rc == DIRECTORY_E_NONE)
        answer_problem(call, 409, "no_session", "Only a console user's session has this.");
    else if (rc != OK)
        answer_failed(call, rc);
    return rc == OK;
}

/* --- shown --- */

static void answer_exists(struct call *call)
{
    answer_problem(call, 409, "second_factor_exists", "There is one already; take it away first.");
}

static void compared(struct password_job *job, struct call *call)
{
    char secret[TOTP_SECRET_TEXT_BYTES];
    AUTO_BUF uri;
    int rc;

    buf_init(&uri, 512);
    if (!job->matches) {
        guesses_wrong(call->core, job->user);
        answer_problem(call, 403, "wrong_password", "That is not the password of now.");
        return;
    }
    totp_secret_new(secret);
    audit_join(call);
    rc = directory_totp_begin(call->core->directory, job->user, secret);
    factor_uri(job->user, secret, &uri);
    if (rc == OK)
        answer_json(call, 200,
                    json_pack("{s:s, s:s%}", "secret", secret, "uri", uri.data, uri.len));
    else if (rc == DIRECTORY_E_NONE) /* proven while the password was looked at */
        answer_exists(call);
    else
        answer_failed(call, rc);
    explicit_bzero(secret, sizeof(secret));
    if (uri.data != NULL)
        explicit_bzero(uri.data, uri.len);
}

void handle_totp_begin(struct call *call)
{
    struct user user;

    if (!find_self(call, &user))
        return;
    if (user.totp[0] != '\0')
        answer_exists(call);
    else
        password_compare(call, user.name, &user, SLICE_NONE, compared);
    user_release(&user);
}

/* --- proven --- */

static void begin_asking(struct call *call, const struct user *user, uint64_t step)
{
    struct digest hashes[RECOVERY_CODES];
    char text[RECOVERY_TEXT_BYTES];
    json_t *codes = json_array();
    int rc;

    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        hashes[i] = recovery_new(text);
        (void)json_array_append_new(codes, json_string(text));
    }
    audit_join(call);
    rc = directory_totp_prove(call->core->directory, user->name, call->caller.session, step, hashes,
                              RECOVERY_CODES);
    if (rc == OK) {
        access_ended(call->core);
        answer_json(call, 200, json_pack("{s:o}", "recovery_codes", codes));
        return;
    }
    json_decref(codes);
    answer_failed(call, rc == DIRECTORY_E_NONE ? ERR_CLOSED : rc);
}

void handle_totp_prove(struct call *call)
{
    struct user user;
    uint64_t step;

    if (!find_self(call, &user))
        return;
    if (user.totp_new[0] == '\0') {
        answer_problem(call, 409, "nothing_to_prove",
                       "Ask for a secret first: POST /session/totp.");
    } else if (totp_check(user.totp_new, body_text(call, "code"), core_clock_ms(), 0, &step) != 0) {
        guesses_wrong(call->core, user.name);
        answer_problem(call, 403, "wrong_code",
                       "That is not the code of now. Is the clock of that device right?");
    } else {
        begin_asking(call, &user, step);
    }
    user_release(&user);
}

/* --- taken away --- */

void handle_totp_remove(struct call *call)
{
    struct user user;
    int rc;

    if (!find_self(call, &user))
        return;
    rc = factor_use(call->core, &user, body_text(call, "code"));
    if (rc == FACTOR_E_WRONG) {
        guesses_wrong(call->core, user.name);
        answer_problem(call, 403, "wrong_code", "That is no code of now, nor one for recovery.");
    } else {
        if (rc == OK) {
            audit_join(call);
            rc = directory_totp_remove(call->core->directory, user.name);
        }
        if (rc == OK)
            answer_nothing(call);
        else
            answer_failed(call, rc);
    }
    user_release(&user);
}
