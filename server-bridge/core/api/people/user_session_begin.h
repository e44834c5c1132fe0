/* SPDX-License-Identifier: Apache-2.0
 *
 * user_session_begin — a console user is who they say: from here on a session speaks for them. Its
 * token goes into a cookie no script can read, or, to whoever is no browser, into the answer.
 */
#ifndef SERVER_BRIDGE_CORE_API_PEOPLE_USER_SESSION_BEGIN_H
#define SERVER_BRIDGE_CORE_API_PEOPLE_USER_SESSION_BEGIN_H

#include "server-bridge/core/api/answer.h"

/* Answers the call. */
void user_session_begin(struct call *call, const struct user *user, bool as_cookie);
/* Who the caller is. */
json_t *caller_view(struct call *call);
/* The browser is to forget its cookie. */
void user_session_forget(struct call *call);

#endif
