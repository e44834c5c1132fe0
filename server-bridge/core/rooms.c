/* SPDX-License-Identifier: Apache-2.0
 *
 * Each tenant's team room: where it is, and whether it is open. The link makes it and lets the
 * members in (xmpp/room.c); the rules invite them, and announce there (chat/room.c).
 *
 * The address is made of the tenant's component secret: whoever is not told it cannot guess it,
 * there is nothing to store, and the tenant that comes after one of the same name has another.
 */
#include "server-bridge/core/core.h"

#include <stdio.h>

enum { SECRET_HALF = DIGEST_BYTES / 2 };
enum { ROOM_OFF, ROOM_QUIET, ROOM_ANNOUNCES }; /* as in the words of desk.room */

void rooms_address(const struct core *core, const struct tenant *about, struct buf *to)
{
    struct digest digest;
    char hex[DIGEST_HEX_BYTES];

    if (core->role->settings->xmpp_rooms_domain[0] == '\0')
        return;
    digest = digest_hmac(slice_of(about->secret), SLICE_LITERAL("team room"));
    digest_hex(&digest, hex);
    buf_addf(to, "team-%.*s@%s", 2 * SECRET_HALF, hex, core->role->settings->xmpp_rooms_domain);
}

/* Settings that cannot be read take no room away. */
static bool is_off(const struct live_tenant *tenant)
{
    AUTO(tenant_settings) settings = NULL;

    return settings_of(tenant, NULL, &settings) == OK && settings->desk_room == ROOM_OFF;
}

void rooms_tell(struct live_tenant *tenant)
{
    char title[IPC_NAME_MAX];
    AUTO_BUF address;

    buf_init(&address, IPC_JID_MAX);
    rooms_address(tenant->core, &tenant->about, &address);
    (void)snprintf(title, sizeof(title), "%s \xc2\xb7 team", tenant->about.title);
    IPC_SEND(tenant->link, link_room, .address = buf_slice(&address), .title = slice_of(title),
             .off = is_off(tenant), .empty = tenant->about.state == TENANT_DISABLED);
}

/* Announcements are in the first of the tenant's languages. */
void rooms_state(struct live_tenant *tenant, bool open, struct slice reason)
{
    const char *languages = tenant->about.languages;
    struct chat_event set = { .type = CHAT_ROOM_SET,
                              .language = { languages, strcspn(languages, " ") } };
    AUTO_BUF address;

    buf_init(&address, IPC_JID_MAX);
    if (open)
        rooms_address(tenant->core, &tenant->about, &address);
    set.text = buf_slice(&address);
    tenant->room_open = open;
    (void)slice_copy(reason, tenant->room_reason, sizeof(tenant->room_reason));
    tenants_handle(tenant, &set);
}

void rooms_admitted(struct live_tenant *tenant, struct slice jid)
{
    struct chat_event admitted = { .type = CHAT_ROOM_ADMITTED, .agent = jid };

    tenants_handle(tenant, &admitted);
}

/* Where nobody is to be served, nobody goes on talking either; who is put out by affiliation, and
 * not by the room's end, finds what was said when they come back. */
bool rooms_empty(struct live_tenant *tenant)
{
    tenant->emptying = tenant->about.state == TENANT_DISABLED &&
                       tenant->core->role->settings->xmpp_rooms_domain[0] != '\0';
    return tenant->emptying;
}

void rooms_emptied(struct live_tenant *tenant)
{
    if (!tenant->emptying) /* it was enabled meanwhile */
        return;
    tenant->emptying = false;
    tenants_link_unwanted(tenant);
}

const char *rooms_problem(const struct live_tenant *tenant)
{
    if (tenant->core->role->settings->xmpp_rooms_domain[0] == '\0' || tenant->room_open ||
        is_off(tenant))
        return NULL;
    return tenant->room_reason[0] != '\0' ? tenant->room_reason : "it is being made";
}
