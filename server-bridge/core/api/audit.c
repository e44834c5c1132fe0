/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/audit.h"

#include "server-bridge/core/api/body.h"

/* Whatever changes something, and whoever reads people's words. Whom an invitation is for is asked
 * by POST, to keep it out of addresses; by whoever has it, as often as they like. */
bool audit_tells(const struct route *route)
{
    static const char *const told[] = { "/transcripts",   "/visitors",         "/files",
                                        "/presence/next", "/presence/explain", "/presence/codes" };
    bool reads = false;

    if (strcmp(route->name, "session_invitation_show") == 0)
        return false;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        reads |= strstr(route->path, told[i]) != NULL;
    return reads || strcmp(route->method, "GET") != 0;
}

/* Whatever shows people's words. A route that reads them and is not here: a test says so. */
static const struct reading {
    const char *action, *as;
} readings[] = {
    { "transcripts_list", "look" },
    { "transcripts_search", "look" },
    { "transcript_show", "look" },
    { "visitor_show", "look" },
    { "files_list", "look" },
    { "file_fetch", "look" },
    { "presence_next", "look" },
    { "presence_explain", "look" },
    { "presence_adjudicate", "look" },
    { "conversation.history", "look" },
    { "conversation.join", "look" },
    { "conversation.takeover", "look" },
    { "conversation.watch", "look" },
    { "conversation.whisper", "look" },
    { "transcripts_export", "export" },
    { "visitor_export", "export" },
    { "presence_codes_list", "export" },
    { "conversation_mail", "export" },
    { "snapshot_make", "export" },
    { "offered", "serve" },
    { "served", "serve" },
};

const char *audit_reads(struct slice action)
{
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        if (slice_is(action, readings[i].action))
            return readings[i].as;
    }
    return NULL;
}

static void add_detail(const struct call *call, struct buf *to)
{
    struct slice jid =
        call->values.jid[0] != '\0' ? slice_of(call->values.jid) : body_text(call, "jid");
    struct slice user = about_user(call);
    char id[ID_TEXT_BYTES];

    if (jid.len > 0)
        buf_addf(to, "jid=%.*s", SLICE_ARG(jid));
    if (user.len > 0)
        buf_addf(to, "user=%.*s", SLICE_ARG(user));
    if (!id_is_none(call->values.id)) {
        id_format(call->values.id, id);
        buf_addf(to, "%sid=%s", to->len > 0 ? " " : "", id);
    }
    if (call->changed != NULL)
        buf_addf(to, "%s%s", to->len > 0 ? " " : "", call->changed);
}

/* False: out of memory. */
static bool fill_entry(struct call *call)
{
    AUTO_BUF detail;

    buf_init(&detail, SETTINGS_LAYER_MAX_BYTES + PATH_TEXT_MAX + 64);
    add_detail(call, &detail);
    free(call->entry_detail);
    call->entry_detail = slice_dup(buf_slice(&detail));
    call->entry = (struct audit_entry){
        .at_ms = core_now_ms(call->core),
        .who = slice_of(call->caller.who),
        .action = slice_of(call->route->name),
        .tenant = about_tenant(call),
        .detail = { call->entry_detail, detail.len },
    };
    return call->entry_detail != NULL && !buf_failed(&detail);
}

void audit_join(struct call *call)
{
    if (fill_entry(call))
        directory_audit_join(call->core->directory, &call->entry, &call->audited);
}

void audit_call(struct call *call, unsigned status)
{
    int rc = ERR_NO_MEMORY;

    directory_audit_join(call->core->directory, NULL, NULL);
    if (call->route == NULL || status >= 400 || call->audited || !audit_tells(call->route))
        return;
    if (fill_entry(call))
        rc = directory_audit_add(call->core->directory, &call->entry);
    if (rc != OK)
        log_event(LOG_ERROR, NULL, "audit.unwritten", "action=%s error=%s", call->route->name,
                  result_name(rc));
}
