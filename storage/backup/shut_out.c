/* SPDX-License-Identifier: Apache-2.0
 *
 * A backup holds who had access when it was made. Whoever was shut out since, as the ledger says,
 * does not get in by it.
 */
#include "storage/backup/staging.h"

#include "base/grow.h"
#include "storage/backup/record.h"
#include "storage/directory/directory.h"
#include "storage/directory/tokens.h"
#include "storage/directory/users.h"
#include "tenant/jid.h"

#include <stdio.h>
#include <stdlib.h>

/* Gathered first: nothing is changed while it is read. */
struct shutting {
    struct ledger_access access;
    struct shut {
        enum ledger_whom whom;
        char name[JID_MAX + 1];
    } * found; /* owned */
    size_t count, cap;
};

static int look_at(struct shutting *shutting, enum ledger_whom whom, const char *name)
{
    struct shut *shut;
    int rc;

    if (!ledger_shuts_out(&shutting->access, whom, ledger_id(whom, name)))
        return OK;
    rc = GROW(shutting->found, shutting->count, &shutting->cap);
    if (rc != OK)
        return rc;
    shut = &shutting->found[shutting->count++];
    shut->whom = whom;
    (void)snprintf(shut->name, sizeof(shut->name), "%s", name);
    return OK;
}

static int look_at_token(void *context, const struct access_token *token)
{
    return look_at(context, LEDGER_TOKEN, token->id);
}

static int look_at_agent(void *context, const struct agent *agent)
{
    return agent->revoked ? OK : look_at(context, LEDGER_AGENT, agent->jid);
}

static int look_at_user(void *context, const struct user *user)
{
    return user->disabled ? OK : look_at(context, LEDGER_USER, user->name);
}

static int shut_out(struct directory *directory, const struct shut *shut)
{
    if (shut->whom == LEDGER_TOKEN)
        return directory_token_remove(directory, shut->name);
    return shut->whom == LEDGER_AGENT ? directory_agent_revoke(directory, shut->name)
                                      : directory_user_keep_out(directory, shut->name);
}

int staging_shut_out(struct restoring *restoring, struct directory *directory)
{
    struct shutting shutting = { .count = 0 };
    int rc =
        ledger_read_access(restoring->wish->data, staging_made_ms(restoring), &shutting.access);

    if (rc == OK)
        rc = directory_tokens(directory, look_at_token, &shutting);
    if (rc == OK)
        rc = directory_agents(directory, look_at_agent, &shutting);
    if (rc == OK)
        rc = directory_users(directory, look_at_user, &shutting);
    for (size_t i = 0; rc == OK && i < shutting.count; i++)
        rc = shut_out(directory, &shutting.found[i]);
    restoring->report->shut_out = shutting.count;
    free(shutting.found);
    free(shutting.access.lines);
    return FOLD(rc);
}

static int drop_tokens(const struct restoring *restoring, const char *ledger, const char *path)
{
    struct ledger_access access;
    char id[ID_TEXT_BYTES];
    int rc = ledger_read_access(ledger, staging_made_ms(restoring), &access);

    for (size_t i = 0; rc == OK && i < access.count; i++) {
        id_format(access.lines[i].whose, id);
        if (access.lines[i].whom == LEDGER_TOKEN)
            rc = record_drop_token(path, id);
    }
    free(access.lines);
    return rc;
}

/* By our ledger, and by those of the server it comes from, which are not joined to ours. */
int staging_shut_out_of_record(struct restoring *restoring, const char *path)
{
    int rc = drop_tokens(restoring, restoring->wish->data, path);

    return rc == OK ? drop_tokens(restoring, restoring->staging, path) : rc;
}
