/* SPDX-License-Identifier: Apache-2.0
 *
 * What a tenant's link says. The tenant is the one whose socket it came by; whoever is no
 * member of it is not heard, though the link has checked that already.
 */
#include "server-bridge/core/core.h"

#include "base/format/upload_url.h"

#include <stdio.h>
#include <stdlib.h>

enum contact { CONTACT_DESK, CONTACT_VISITOR, CONTACT_NONE };

static enum contact parse_contact(struct slice local, struct visitor_id *ret_visitor)
{
    struct visitor_id visitor = { { { 0 } } };

    if (slice_is(local, "desk")) {
        *ret_visitor = visitor;
        return CONTACT_DESK;
    }
    if (local.len != 1 + ID_TEXT_LEN || local.data[0] != 'v' ||
        id_parse((struct slice){ local.data + 1, ID_TEXT_LEN }, &visitor.id) != 0)
        return CONTACT_NONE;
    *ret_visitor = visitor;
    return CONTACT_VISITOR;
}

static void on_presence(void *context, const union ipc_message *message)
{
    const struct ipc_heard_presence *heard = &message->heard_presence;
    struct live_tenant *tenant = context;
    struct chat_event presence = { .type = CHAT_AGENT_PRESENCE,
                                   .agent = heard->agent,
                                   .resource = heard->resource,
                                   .show = (enum show)heard->show };

    if (tenants_member(tenant, heard->agent) != NULL && heard->show <= SHOW_AVAILABLE)
        tenants_handle(tenant, &presence);
}

static void on_chat_state(void *context, const union ipc_message *message)
{
    const struct ipc_heard_chat_state *heard = &message->heard_chat_state;
    struct live_tenant *tenant = context;
    struct chat_event typing = { .type = CHAT_AGENT_TYPING,
                                 .agent = heard->agent,
                                 .on = heard->composing };

    if (tenants_hears(tenant, heard->agent) &&
        parse_contact(heard->to, &typing.visitor) == CONTACT_VISITOR)
        tenants_handle(tenant, &typing);
}

static bool find_in_flight(struct live_tenant *tenant, struct id stanza, struct chat_event *event)
{
    for (size_t i = 0; i < tenant->in_flight_count; i++) {
        const struct in_flight *flying =
            &tenant->in_flight[(tenant->in_flight_first + i) % tenant->in_flight_cap];

        if (id_equal(flying->message.id, stanza)) {
            event->conversation = flying->conversation;
            event->seq = flying->seq;
            event->round = flying->round;
            return !conversation_id_is_none(flying->conversation);
        }
    }
    return false;
}

/* Finds the message a stanza id speaks of: among those in flight, or else in the store, among
 * those of the event's visitor. */
static bool find_message(struct live_tenant *tenant, struct id stanza, struct chat_event *event)
{
    return find_in_flight(tenant, stanza, event) ||
           STORE_CALL(tenant->core->store, message_by_id, &tenant->about.name, event->visitor,
                      (struct message_id){ stanza }, &event->conversation, &event->seq) == OK;
}

/* Of a file its name counts, as the visitor will read it, and not where all of them lie. */
static struct slice brand_in(struct live_tenant *tenant, const struct ipc_heard_message *heard)
{
    const char *place = tenant->core->role->settings->xmpp_upload_url;
    AUTO_BUF name;

    buf_init(&name, IPC_NAME_MAX * 4);
    if (upload_url_name(place, heard->text, &name))
        return brands_in(tenant, heard->agent, buf_slice(&name));
    return brands_in(tenant, heard->agent, heard->text);
}

/* A reply or reaction names a message of ours; where it names anything else, it is words, or to
 * nothing. */
static void hear(struct live_tenant *tenant, const struct ipc_heard_message *heard,
                 struct chat_event *said)
{
    struct id answered;
    bool answers = heard->speech == SPEECH_REPLY || heard->speech == SPEECH_REACTION;

    if (answers && id_parse(heard->about, &answered) == 0 && find_message(tenant, answered, said))
        said->reply_to = said->seq;
    if (!visitor_id_is_none(said->visitor))
        said->names = brand_in(tenant, heard);
    tenants_handle(tenant, said);
}

static void on_message(void *context, const union ipc_message *message)
{
    const struct ipc_heard_message *heard = &message->heard_message;
    struct live_tenant *tenant = context;
    struct chat_event said = { .type = CHAT_AGENT_SAID,
                               .agent = heard->agent,
                               .resource = heard->resource,
                               .ordinal = heard->ordinal,
                               .stanza = heard->stanza,
                               .text = heard->text,
                               .speech = (enum speech)heard->speech,
                               .about = heard->about };

    if (!tenants_hears(tenant, heard->agent) || heard->speech >= SPEECH_COUNT ||
        parse_contact(heard->to, &said.visitor) == CONTACT_NONE || tenant->chat == NULL)
        IPC_SEND(tenant->link, link_handled, .ordinal = heard->ordinal);
    else
        hear(tenant, heard, &said);
}

static void on_receipt(void *context, const union ipc_message *message)
{
    const struct ipc_heard_receipt *heard = &message->heard_receipt;
    struct live_tenant *tenant = context;
    char stanza[ID_TEXT_BYTES];
    struct chat_event receipt = { .type = CHAT_AGENT_RECEIPT,
                                  .agent = heard->agent,
                                  .message = { heard->stanza },
                                  .delivery =
                                      heard->displayed ? DELIVERY_READ : DELIVERY_DELIVERED };

    if (!tenants_hears(tenant, heard->agent) ||
        parse_contact(heard->to, &receipt.visitor) != CONTACT_VISITOR ||
        !find_message(tenant, heard->stanza, &receipt))
        return;
    id_format(heard->stanza, stanza);
    receipt.stanza = slice_of(stanza);
    tenants_handle(tenant, &receipt);
}

static void on_routed(void *context, const union ipc_message *message)
{
    carry_routed(context, message->link_routed.ordinal);
}

static void on_bounced(void *context, const union ipc_message *message)
{
    struct live_tenant *tenant = context;
    struct chat_event bounced = { .type = CHAT_BOUNCED, .agent = message->link_bounced.from };
    enum contact contact = parse_contact(message->link_bounced.to, &bounced.visitor);

    if (contact == CONTACT_NONE)
        return;
    if (contact == CONTACT_DESK || !find_message(tenant, message->link_bounced.stanza, &bounced))
        bounced.message.id = message->link_bounced.stanza; /* a line of ours */
    tenants_handle(tenant, &bounced);
}

static void on_broke_stream(void *context, const union ipc_message *message)
{
    struct live_tenant *tenant = context;
    struct chat_event broke = { .type = CHAT_BROKE_STREAM,
                                .message = { message->link_broke_stream.stanza } };

    (void)find_in_flight(tenant, message->link_broke_stream.stanza, &broke);
    tenants_handle(tenant, &broke);
}

static void on_room_state(void *context, const union ipc_message *message)
{
    rooms_state(context, message->link_room_state.open, message->link_room_state.reason);
}

static void on_admitted(void *context, const union ipc_message *message)
{
    rooms_admitted(context, message->link_admitted.jid);
}

static void on_room_emptied(void *context, const union ipc_message *message)
{
    (void)message;
    rooms_emptied(context);
}

static void lost(struct live_tenant *tenant)
{
    struct chat_event down = { .type = CHAT_LINK_DOWN };

    carry_link_lost(tenant);
    if (tenant->room_open)
        rooms_state(tenant, false, SLICE_LITERAL("the link is down"));
    if (!tenant->link_up)
        return;
    tenant->link_up = false;
    tenants_handle(tenant, &down);
}

/* Agents' presence is asked for anew: nothing is replayed to a component that reconnects. */
static void probe_members(struct live_tenant *tenant)
{
    for (size_t i = 0; i < tenant->member_count; i++)
        IPC_SEND(tenant->link, link_probe, .to = slice_of(tenant->members[i].jid),
                 .from = SLICE_LITERAL("desk"));
}

static void on_mended(void *context, bool done, const char *reason)
{
    struct core *core = context;

    (void)core;
    if (!done)
        log_event(LOG_WARNING, NULL, "host.not_mended", "reason=\"%s\"", reason);
}

/* The server does not know the tenant's host: it was set up anew, or we died between writing
 * the tenant down and telling the server. One that is disabled may never have been here (it was
 * imported): there is no room to empty then. */
static void mend_host(struct live_tenant *tenant)
{
    rooms_emptied(tenant);
    if (!provision_is_automatic(tenant->core) || tenant->about.state != TENANT_LIVE)
        return;
    log_event(LOG_WARNING, &tenant->log, "host.mending", "");
    provision_host(tenant->core, &tenant->about, true, on_mended, tenant->core);
}

static void on_state(void *context, const union ipc_message *message)
{
    struct live_tenant *tenant = context;
    struct chat_event up = { .type = CHAT_LINK_UP };

    if (!message->link_state.up) {
        log_event(LOG_INFO, &tenant->log, "link.down", "reason=%.*s",
                  SLICE_ARG(message->link_state.reason));
        lost(tenant);
        if (slice_is(message->link_state.reason, "host-unknown"))
            mend_host(tenant);
        return;
    }
    log_event(LOG_INFO, &tenant->log, "link.up", "");
    tenant->link_up = true;
    tenants_handle(tenant, &up);
    if (tenant->about.state == TENANT_LIVE)
        probe_members(tenant);
}

static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = {
    [IPC_link_state] = on_state,
    [IPC_heard_message] = on_message,
    [IPC_heard_presence] = on_presence,
    [IPC_heard_chat_state] = on_chat_state,
    [IPC_heard_receipt] = on_receipt,
    [IPC_link_routed] = on_routed,
    [IPC_link_bounced] = on_bounced,
    [IPC_link_broke_stream] = on_broke_stream,
    [IPC_link_room_state] = on_room_state,
    [IPC_link_admitted] = on_admitted,
    [IPC_link_room_emptied] = on_room_emptied,
};

void link_side_detach(struct live_tenant *tenant)
{
    tenant->link = ipc_peer_free(tenant->link);
    lost(tenant);
}

static void on_closed(void *context)
{
    link_side_detach(context);
    tenants_link_closed(context);
}

/* Where its widget stands: the first origin of its first site. */
static struct slice site_of(const struct tenant *about)
{
    const char *origins = about->site_count > 0 ? about->sites[0].origins : "";

    return (struct slice){ origins, strcspn(origins, " ") };
}

void link_side_look(struct live_tenant *tenant)
{
    AUTO(tenant_settings) settings = NULL;

    if (settings_of(tenant, NULL, &settings) != OK) {
        log_event(LOG_ERROR, &tenant->log, "settings.untold", "");
        return;
    }
    IPC_SEND(tenant->link, link_look, .title = slice_of(tenant->about.title),
             .site = site_of(&tenant->about),
             .color = strtoul(settings->widget_color + 1, NULL, 16));
}

void link_side_member(struct live_tenant *tenant, const struct membership *member)
{
    struct slice jid = slice_of(member->jid);

    IPC_SEND(tenant->link, link_member, .jid = jid, .member = true,
             .supervises = member->role == AGENT_ROLE_SUPERVISOR,
             .bot = member->role == AGENT_ROLE_BOT,
             .language = slice_of(tenant->chat == NULL ? "" : chat_language(tenant->chat, jid)));
}

void link_side_brief(struct live_tenant *tenant)
{
    const struct settings *settings = tenant->core->role->settings;
    bool served = tenant->about.state == TENANT_LIVE;

    IPC_SEND(tenant->link, link_start, .domain = slice_of(tenant->about.domain),
             .host = slice_of(settings->xmpp_host), .port = settings->xmpp_port,
             .secret = slice_of(provision_secret_of(tenant->core, &tenant->about)),
             .agents_domain = slice_of(settings->xmpp_agents_domain));
    link_side_look(tenant);
    IPC_SEND(tenant->link, link_member, .reset = true);
    for (size_t i = 0; served && i < tenant->member_count; i++)
        link_side_member(tenant, &tenant->members[i]);
    if (served)
        settings_tell_outsiders(tenant, true);
    rooms_tell(tenant);
}

void link_side_attach(struct core *core, int fd, const char *name)
{
    struct live_tenant *tenant = tenants_find(core, slice_of(name));
    struct ipc_peer_setup setup = { .base = core->role->base,
                                    .fd = fd,
                                    .self = IPC_CORE,
                                    .other = IPC_LINK,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = tenant,
                                    .queue_max_bytes = LINK_QUEUE_MAX_BYTES };

    if (tenant == NULL || (tenant->about.state != TENANT_LIVE && !tenant->emptying)) {
        (void)close(fd);
        return;
    }
    link_side_detach(tenant);
    if (ipc_peer_new(&tenant->link, &setup) != OK) {
        log_event(LOG_ERROR, &tenant->log, "core.no_memory", "");
        (void)close(fd);
        return;
    }
    link_side_brief(tenant);
}
