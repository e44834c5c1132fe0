/* SPDX-License-Identifier: Apache-2.0
 *
 * second_factor — a user's authenticator app, and the codes for the day it is lost.
 */
#ifndef SERVER_BRIDGE_CORE_API_PEOPLE_SECOND_FACTOR_H
#define SERVER_BRIDGE_CORE_API_PEOPLE_SECOND_FACTOR_H

#include "server-bridge/core/core.h"
#include "storage/directory/users.h"

enum { RECOVERY_CODES = 10, RECOVERY_BYTES = 10, RECOVERY_TEXT_BYTES = 20 /* with hyphens */ };
enum { FACTOR_E_WRONG = 1 };

/* Uses a code up: of the app, or one for recovery. FACTOR_E_WRONG: it is neither, or was used. */
int factor_use(struct core *core, const struct user *user, struct slice code) MUST_CHECK;
/* Whether this user must have one, by the strictest of what the server and their tenants say
 * (users.second_factor). */
bool factor_is_required(struct core *core, const struct user *user);
/* They must, and have none yet: till then their sessions are good for setting it up alone. */
bool factor_is_missing(struct core *core, const struct user *user);
/* A new code for recovery, and what is kept of it. */
struct digest recovery_new(char text[RECOVERY_TEXT_BYTES]);
/* What an authenticator app reads, from a QR code or as a link. */
void factor_uri(const char *user, const char *secret, struct buf *to);

#endif
