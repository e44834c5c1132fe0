/* SPDX-License-Identifier: Apache-2.0
 *
 * agent — a person who answers, known by a bare JID, and what they are to one tenant.
 */
#ifndef TENANT_AGENT_H
#define TENANT_AGENT_H

#include "tenant/tenant.h"

enum agent_role { AGENT_ROLE_AGENT, AGENT_ROLE_SUPERVISOR, AGENT_ROLE_BOT, AGENT_ROLE_COUNT };
enum { AGENT_LIMIT_DEFAULT = 3, SKILL_MAX = 32 /* code points */, SIGNATURE_MAX = 500 };

const char *agent_role_name(enum agent_role role);
/* 1: no such role. */
int agent_role_parse(struct slice name, enum agent_role *ret_role);
/* A word without spaces; in lower case where it is ASCII. 1: not a skill. */
int skill_normalise(struct slice text, char *ret_skill, size_t size);

struct agent {
    char *jid;  /* owned; bare, normalised: "anna@agents.example" */
    char *name; /* owned; for colleagues and supervisors */
    uint64_t created_ms;
    bool revoked;
    unsigned limit;   /* conversations at once over all tenants; 0: only each tenant's counts */
    bool unstaffed;   /* an admin says that nobody sits there */
    char language[8]; /* what the desk speaks with them; "": nothing chosen */
};

struct membership {
    struct tenant_name tenant;
    char *jid;       /* owned */
    char *persona;   /* owned; what this tenant's visitors see; NULL: the agent's name */
    char *signature; /* owned; under mailed copies; NULL or "": what the tenant has for that */
    char *skills;    /* owned; separated by a space; may be "" */
    enum agent_role role;
    unsigned limit;   /* conversations at once for this tenant */
    bool away;        /* they said !away at its desk */
    struct id avatar; /* what their picture is known by (avatar.h); none: they have none */
    /* While the core runs: the agent's limit, what they have in hand here, and whether the rules
     * know of the limit. */
    unsigned overall, load;
    bool capped;
};

void agent_release(struct agent *agent);
void membership_release(struct membership *membership);

#endif
