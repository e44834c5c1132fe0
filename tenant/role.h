/* SPDX-License-Identifier: Apache-2.0
 *
 * role — what someone with a token may be; each may all that those before it may, but a coder, who
 * stands before them all: the numbers are in the directory, so the latest role has the last. All
 * but admins are bound to one tenant and see nothing outside it.
 */
#ifndef TENANT_ROLE_H
#define TENANT_ROLE_H

#include "base/slice.h"

enum role_name {
    ROLE_ANALYST,
    ROLE_SUPERVISOR,
    ROLE_TENANT_ADMIN,
    ROLE_ADMIN,
    ROLE_CODER,
    ROLE_NAME_COUNT
};

const char *role_name(enum role_name role);
/* 1: no such role. */
int role_name_parse(struct slice text, enum role_name *ret_role);

#endif
