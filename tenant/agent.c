/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/agent.h"

#include "base/format/text.h"

#include <stdlib.h>

static const char *const role_names[AGENT_ROLE_COUNT] = { "agent", "supervisor", "bot" };

const char *agent_role_name(enum agent_role role)
{
    return role_names[role];
}

int agent_role_parse(struct slice name, enum agent_role *ret_role)
{
    for (enum agent_role role = 0; role < AGENT_ROLE_COUNT; role++) {
        if (slice_is(name, role_names[role])) {
            *ret_role = role;
            return 0;
        }
    }
    return 1;
}

int skill_normalise(struct slice text, char *ret_skill, size_t size)
{
    if (text.len == 0 || text_points(text) > SKILL_MAX || !slice_copy(text, ret_skill, size))
        return 1;
    for (char *c = ret_skill; *c != '\0'; c++) {
        if (*c == ' ' || (unsigned char)*c < 0x20)
            return 1;
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    return 0;
}

void agent_release(struct agent *agent)
{
    free(agent->jid);
    free(agent->name);
    *agent = (struct agent){ .jid = NULL };
}

void membership_release(struct membership *membership)
{
    free(membership->jid);
    free(membership->persona);
    free(membership->signature);
    free(membership->skills);
    membership->jid = membership->persona = membership->signature = membership->skills = NULL;
}
