/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/people/user_session_begin.h"

#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/audit.h"

#include "storage/directory/user_sessions.h"

#include <stdio.h>

/* The prefix makes the browser see to it that it is ours alone: Secure, of this host, for all of
 * it. */
#define COOKIE     "Set-Cookie: __Host-lasna=%s; Path=/; Secure; HttpOnly; SameSite=Strict; "
#define MAX_AGE(s) "Max-Age=" #s "\r\n"

void user_session_forget(struct call *call)
{
    answer_header(call, COOKIE MAX_AGE(0), "");
}

json_t *caller_view(struct call *call)
{
    const struct caller *caller = &call->caller;

    return json_pack("{s:s, s:s, s:o, s:o, s:b, s:o}", "who", caller->who, "role",
                     authority_name(caller->authority), "user",
                     json_text_or_null(slice_of(caller->user)), "session",
                     json_text_or_null(slice_of(caller->session)), "second_factor_wanted",
                     caller->unproven, "tenants",
                     caller->everywhere ? json_null() : json_words(caller->tenants));
}

/* A browser has one cookie: the session of the one before it is over. */
static int end_before(struct call *call, const char *before)
{
    int rc = directory_session_remove(call->core->directory, before);

    if (rc == OK)
        access_ended(call->core);
    return rc == DIRECTORY_E_NONE ? OK : rc;
}

static int store(struct call *call, const struct user *user, const char *token,
                 struct user_session *session)
{
    struct digest hash = digest_sha256(slice_of(token));
    int rc;

    id_format(id_new(), session->id);
    memcpy(session->user, user->name, sizeof(session->user));
    session->created_ms = session->used_ms = core_clock_ms();
    session->expires_ms = session->created_ms + USER_SESSION_MS;
    memcpy(call->caller.session, session->id, sizeof(session->id));
    if (!call->audited) /* with another password it is already */
        audit_join(call);
    rc = directory_session_add(call->core->directory, session, &hash);
    if (rc == OK)
        rc = directory_user_seen(call->core->directory, user->name, session->created_ms);
    call->caller.token = hash; /* what speaks for the caller from here on */
    return FOLD(rc);
}

void user_session_begin(struct call *call, const struct user *user, bool as_cookie)
{
    struct user_session session;
    char token[TOKEN_TEXT_BYTES], before[ID_TEXT_BYTES] = "";
    json_t *view;
    int rc;

    if (as_cookie && call->caller.by_cookie)
        memcpy(before, call->caller.session, sizeof(before));
    token_new(token);
    rc = access_is_user(call, user) ? store(call, user, token, &session) : RAISE(ERR_NO_MEMORY);
    if (rc == OK && before[0] != '\0')
        rc = end_before(call, before);
    if (rc != OK) {
        answer_failed(call, rc);
        return;
    }
    view = caller_view(call);
    (void)json_object_set_new(view, "expires_at", json_time_or_null(session.expires_ms));
    (void)json_object_set_new(view, "second_factor", json_boolean(user->totp[0] != '\0'));
    if (as_cookie)
        answer_header(call, COOKIE MAX_AGE(43200), token);
    else
        (void)json_object_set_new(view, "token", json_string(token));
    explicit_bzero(token, sizeof(token));
    answer_json(call, 200, view);
}
