/* SPDX-License-Identifier: Apache-2.0
 *
 * user — a console user: somebody who runs, watches or studies chats in a browser. Known by a
 * short name, with one role; all but admins are bound to tenants. Here stands what a name and a
 * password may be.
 */
#ifndef TENANT_USER_H
#define TENANT_USER_H

#include "base/slice.h"

enum {
    USER_NAME_MAX = 64,
    PASSWORD_POINTS_MIN = 12,
    PASSWORD_POINTS_MAX = 256,
};

/* Brings a name to its one spelling: lower case, a-z, 0-9 and . _ - + @, a letter or digit first,
 * so that an e-mail address will do. 1: it is none. */
int user_name_parse(struct slice text, char ret_name[USER_NAME_MAX + 1]);

/* Why this may not be that user's password, for people; NULL: it may. Length counts, not kinds of
 * characters (NIST SP 800-63B). */
const char *password_objection(struct slice password, const char *user);

#endif
