/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/role.h"

static const char *const names[ROLE_NAME_COUNT] = { "analyst", "supervisor", "tenant-admin",
                                                    "admin", "coder" };

const char *role_name(enum role_name role)
{
    return names[role];
}

int role_name_parse(struct slice text, enum role_name *ret_role)
{
    for (enum role_name role = 0; role < ROLE_NAME_COUNT; role++) {
        if (slice_is(text, names[role])) {
            *ret_role = role;
            return 0;
        }
    }
    return 1;
}
