/* SPDX-License-Identifier: Apache-2.0
 *
 * What one tenant may use of what all share, where the core sees it: conversations that are open,
 * and bytes on disk. Both stop new conversations alone: who is talking goes on, and an agent's word
 * is never refused. Frames and browsers are counted by web (web/sites.c), before they come here.
 */
#include "server-bridge/core/files/files.h"

#include <stdio.h>
#include <sys/stat.h>

enum { MEASURED_EVERY_MS = 10000 };

static uint64_t size_of(const char *folder, const struct tenant_name *tenant, const char *file)
{
    char path[4096];
    struct stat stat_of;

    (void)snprintf(path, sizeof(path), "%s/tenants/%s/%s", folder, tenant->text, file);
    return stat(path, &stat_of) == 0 ? (uint64_t)stat_of.st_size : 0;
}

static uint64_t size_of_files(const struct live_tenant *tenant)
{
    const struct visitor_id nobody = { { { 0 } } };
    struct files_usage usage;

    return files_count(tenant->core->store, &tenant->about.name, nobody, 0, &usage) == OK
               ? usage.bytes
               : 0;
}

uint64_t quota_used_bytes(struct live_tenant *tenant)
{
    const struct settings *settings = tenant->core->role->settings;
    struct quota *quota = &tenant->quota;
    uint64_t now_ms = core_now_ms(tenant->core);
    AUTO_MEM char *data = NULL;

    if (quota->measured_ms != 0 && now_ms - quota->measured_ms < MEASURED_EVERY_MS)
        return quota->used_bytes;
    data = settings_path(settings, settings->storage_dir);
    if (data == NULL)
        return quota->used_bytes;
    quota->measured_ms = now_ms;
    quota->used_bytes = size_of(data, &tenant->about.name, "transcripts.db") +
                        size_of(data, &tenant->about.name, "transcripts.db-wal") +
                        size_of_files(tenant);
    return quota->used_bytes;
}

const char *quota_exhausted(struct live_tenant *tenant)
{
    const struct quota *quota = &tenant->quota;
    struct chat_counts counts;

    chat_counts(tenant->chat, &counts);
    if (counts.queued + counts.active >= quota->conversations)
        return "conversations";
    if (quota->storage_bytes > 0 && quota_used_bytes(tenant) >= quota->storage_bytes)
        return "storage";
    return NULL;
}

bool quota_refuses(struct session *session, struct slice cid)
{
    struct live_tenant *tenant = session->tenant;
    struct conversation_id open;
    const char *exhausted;

    if (tenant->chat == NULL || chat_has_conversation(tenant->chat, session->visitor->id, &open))
        return false;
    exhausted = quota_exhausted(tenant);
    if (exhausted == NULL)
        return false;
    if (!tenant->quota.told)
        log_event(LOG_WARNING, &tenant->log, "quota.exhausted", "quota=%s", exhausted);
    tenant->quota.told = true;
    IPC_SEND(session->web->ipc, tell_error, .session = session->id.id,
             .code = SLICE_LITERAL("unavailable"),
             .text = SLICE_LITERAL("No more conversations can begin here now. Try again later."),
             .cid = cid);
    return true;
}
