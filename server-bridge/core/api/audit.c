/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/audit.h"

#include "server-bridge/core/api/body.h"

/* Whatever changes something, and whoever reads people's words. */
static bool is_audited(const struct route *route)
{
    static const char *const told[] = { "/transcripts", "/visitors", "/presence/next",
                                        "/presence/explain", "/presence/codes" };
    bool reads = false;

    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        reads |= strstr(route->path, told[i]) != NULL;
    return reads || strcmp(route->method, "GET") != 0;
}

static void add_detail(const struct call *call, struct buf *to)
{
    struct slice jid =
        call->values.jid[0] != '\0' ? slice_of(call->values.jid) : body_text(call, "jid");
    char id[ID_TEXT_BYTES];

    if (jid.len > 0)
        buf_addf(to, "jid=%.*s", SLICE_ARG(jid));
    if (!id_is_none(call->values.id)) {
        id_format(call->values.id, id);
        buf_addf(to, "%sid=%s", to->len > 0 ? " " : "", id);
    }
    if (call->changed != NULL)
        buf_addf(to, "%s%s", to->len > 0 ? " " : "", call->changed);
}

void audit_call(struct call *call, unsigned status)
{
    struct audit_entry entry = { .at_ms = core_now_ms(call->core),
                                 .who = slice_of(call->caller.who) };
    AUTO_BUF detail;
    int rc;

    buf_init(&detail, SETTINGS_LAYER_MAX_BYTES + PATH_TEXT_MAX + 64);
    if (call->route == NULL || status >= 400 || !is_audited(call->route))
        return;
    add_detail(call, &detail);
    entry.action = slice_of(call->route->name);
    entry.tenant =
        call->values.tenant[0] != '\0' ? slice_of(call->values.tenant) : body_text(call, "tenant");
    entry.detail = buf_slice(&detail);
    rc = directory_audit_add(call->core->directory, &entry);
    if (rc != OK)
        log_event(LOG_ERROR, NULL, "audit.unwritten", "action=%s error=%s", call->route->name,
                  result_name(rc));
}
