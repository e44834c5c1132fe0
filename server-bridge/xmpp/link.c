/* SPDX-License-Identifier: Apache-2.0
 *
 * The link's side towards the core: what it is told, and what it tells.
 */
#include "server-bridge/xmpp/link.h"

#include "server-bridge/ipc/peer.h"
#include "server-bridge/xmpp/inbound/inbound.h"
#include "server-bridge/xmpp/inbound/iq_info.h"
#include "server-bridge/xmpp/room.h"
#include "server-bridge/xmpp/stanza_write.h"
#include "server-bridge/xmpp/stream.h"

#include <stdlib.h>

enum { STANZA_BYTES_MAX = 256 << 10, CORE_QUEUE_BYTES_MAX = 64 << 20 };

struct link {
    struct link_setup setup;
    struct log_context log;
    char *domain, *host, *secret; /* owned; of link_start; NULL before */
    uint64_t port;
    struct ipc_peer *core; /* NULL: away */
    struct stream *stream; /* NULL before link_start */
    struct look look;
    struct members members;
    struct contacts *contacts;
    struct room *room;
    bool refilling; /* the members come anew, all of them, and the room's place behind them */
    struct unhandled unhandled;
    struct inbound inbound;
    struct buf scratch;
};

/* Sends what one of the writers made; says so when it refused. */
static void put_written(struct link *link, int rc, enum outbox_kind kind)
{
    if (rc == OK)
        stream_put(link->stream, kind, buf_slice(&link->scratch), 0, (struct id){ { 0 } });
    else
        log_event(LOG_WARNING, &link->log, "link.not_sent", "rc=%s",
                  rc == STANZA_E_REFUSED ? "refused" : result_name(rc));
}

static struct buf *fresh(struct link *link)
{
    buf_clear(&link->scratch);
    return &link->scratch;
}

static void put_presence(struct link *link, const struct ipc_link_presence *presence)
{
    put_written(link,
                stanza_write_presence(fresh(link), link->domain, presence,
                                      iq_caps_ver(presence->from),
                                      look_picture(&link->look, presence->from)->hash),
                OUTBOX_FLEETING);
}

/* To one agent, or, with no address, to every member. */
static void show_presence(void *context, const struct ipc_link_presence *presence)
{
    struct ipc_link_presence each = *presence;
    struct link *link = context;

    if (presence->to.len > 0) {
        put_presence(link, presence);
        return;
    }
    for (size_t i = 0; i < link->members.count; i++) {
        if (link->members.known[i].kind == MEMBER_OUTSIDER)
            continue;
        each.to = slice_of(link->members.known[i].jid);
        put_presence(link, &each);
    }
}

/* ---- the stream ------------------------------------------------------------------------- */

static void on_up(void *context)
{
    struct link *link = context;

    log_event(LOG_INFO, &link->log, "link.up", "domain=%s", link->domain);
    contacts_each_owed(link->contacts, show_presence, link);
    IPC_SEND(link->core, link_state, .up = true);
    room_set_up(link->room, true);
}

static void on_broke(void *context, struct id stanza)
{
    struct link *link = context;

    IPC_SEND(link->core, link_broke_stream, .stanza = stanza);
}

static void on_down(void *context, const struct component_end *end)
{
    struct link *link = context;

    log_event(end->was_up ? LOG_WARNING : LOG_DEBUG, &link->log, "link.down",
              "domain=%s reason=%s breach=%d", link->domain, end->condition, end->is_breach);
    room_set_up(link->room, false);
    IPC_SEND(link->core, link_state, .up = false, .reason = slice_of(end->condition));
    if (link->setup.down != NULL)
        link->setup.down(link->setup.context);
}

static void on_stanza(void *context, xmpp_stanza_t *stanza)
{
    struct link *link = context;

    inbound_handle(&link->inbound, stanza);
}

static void on_routed(void *context, uint64_t ordinal)
{
    struct link *link = context;

    IPC_SEND(link->core, link_routed, .ordinal = ordinal);
}

static void on_crowded(void *context, bool crowded)
{
    struct link *link = context;

    ipc_peer_pause(link->core, crowded);
}

static const struct stream_handlers stream_handlers = { .up = on_up,
                                                        .down = on_down,
                                                        .stanza = on_stanza,
                                                        .routed = on_routed,
                                                        .broke = on_broke,
                                                        .crowded = on_crowded };

/* ---- what came in ----------------------------------------------------------------------- */

static void tell_core(void *context, enum ipc_type type, const void *message)
{
    struct link *link = context;

    ipc_peer_send(link->core, type, message);
}

static void answer(void *context, struct slice xml)
{
    struct link *link = context;

    stream_put(link->stream, OUTBOX_FLEETING, xml, 0, (struct id){ { 0 } });
}

static void on_barrier(void *context, uint64_t number)
{
    struct link *link = context;

    stream_barrier(link->stream, number);
}

static const struct inbound_port inbound_port = { .tell = tell_core,
                                                  .answer = answer,
                                                  .barrier = on_barrier };

/* ---- the team room ---------------------------------------------------------------------- */

static void on_room_state(void *context, bool open, const char *reason)
{
    struct link *link = context;

    IPC_SEND(link->core, link_room_state, .open = open, .reason = slice_of(reason));
}

static void on_admitted(void *context, struct slice jid)
{
    struct link *link = context;

    IPC_SEND(link->core, link_admitted, .jid = jid);
}

static void on_room_emptied(void *context)
{
    struct link *link = context;

    IPC_SEND(link->core, link_room_emptied, .emptied = true);
}

static const struct room_port room_port = {
    .send = answer, .state = on_room_state, .admitted = on_admitted, .emptied = on_room_emptied
};

/* ---- what the core says ----------------------------------------------------------------- */

static void retell(void *context, const struct ipc_heard_message *message)
{
    struct link *link = context;

    ipc_peer_send(link->core, IPC_heard_message, message);
}

static int replace_text(char **at, struct slice text)
{
    char *copy = slice_dup(text);

    if (copy == NULL)
        return RAISE(ERR_NO_MEMORY);
    free(*at);
    *at = copy;
    return OK;
}

static bool is_same(const struct link *link, const struct ipc_link_start *start)
{
    return link->stream != NULL && slice_is(start->domain, link->domain) &&
           slice_is(start->host, link->host) && slice_is(start->secret, link->secret) &&
           start->port == link->port;
}

static int connect_anew(struct link *link, const struct ipc_link_start *start)
{
    struct stream_setup setup = { .base = link->setup.base,
                                  .port = (unsigned short)start->port,
                                  .handlers = &stream_handlers,
                                  .context = link,
                                  .log = &link->log,
                                  .barrier_ms = link->setup.barrier_ms };

    link->stream = stream_free(link->stream);
    if (replace_text(&link->domain, start->domain) != OK ||
        replace_text(&link->host, start->host) != OK ||
        replace_text(&link->secret, start->secret) != OK)
        return RAISE(ERR_NO_MEMORY);
    link->port = start->port;
    link->inbound.domain = setup.domain = link->domain;
    setup.host = link->host;
    setup.secret = link->secret;
    return TRACE(stream_new(&link->stream, &setup));
}

/* A core that came anew says the same again: the connection stays. */
static void on_start(void *context, const union ipc_message *message)
{
    const struct ipc_link_start *start = &message->link_start;
    struct link *link = context;
    int rc = is_same(link, start) ? OK : connect_anew(link, start);

    if (rc != OK)
        log_event(LOG_ERROR, &link->log, "link.start_failed", "rc=%s", result_name(rc));
    IPC_SEND(link->core, link_state, .up = stream_is_up(link->stream),
             .reason = SLICE_LITERAL("connecting"));
    unhandled_each(&link->unhandled, retell, link);
}

/* Whoever sees our contacts gets the hashes of their new pictures, and asks for those. */
static void on_look(void *context, const union ipc_message *message)
{
    struct link *link = context;
    int rc = look_set(&link->look, &message->link_look);

    if (rc < 0)
        log_event(LOG_ERROR, &link->log, "link.no_memory", "");
    if (rc == LOOK_E_REDRAWN && stream_is_up(link->stream))
        contacts_each_shown(link->contacts, show_presence, link);
}

static void on_member(void *context, const union ipc_message *message)
{
    const struct ipc_link_member *member = &message->link_member;
    enum member_kind kind = member->outsider     ? MEMBER_OUTSIDER
                            : member->supervises ? MEMBER_SUPERVISOR
                            : member->bot        ? MEMBER_BOT
                                                 : MEMBER_AGENT;
    struct link *link = context;
    bool was_in = members_in_room(&link->members, member->jid);
    enum language language = LANGUAGE_EN;

    (void)language_parse(member->language, &language);
    if (member->reset) {
        members_release(&link->members);
        link->refilling = true;
    }
    if (!member->member)
        members_remove(&link->members, member->jid);
    else if (members_add(&link->members, member->jid, kind, language) != OK)
        log_event(LOG_ERROR, &link->log, "link.no_memory", "");
    if (!link->refilling && was_in != members_in_room(&link->members, member->jid))
        room_member_changed(link->room, member->jid);
}

static void on_room(void *context, const union ipc_message *message)
{
    struct link *link = context;

    if (room_place(link->room, link->domain, &message->link_room, link->refilling) != OK)
        log_event(LOG_ERROR, &link->log, "link.no_memory", "");
    link->refilling = false;
}

static void on_announce(void *context, const union ipc_message *message)
{
    struct link *link = context;

    room_say(link->room, message->link_announce.stanza, message->link_announce.text);
}

static void on_say(void *context, const union ipc_message *message)
{
    const struct ipc_link_say *say = &message->link_say;
    struct link *link = context;

    if (!stream_is_up(link->stream))
        return; /* it comes again once we are */
    if (stanza_write_say(fresh(link), link->domain, say) == OK) {
        stream_put(link->stream, OUTBOX_SAY, buf_slice(&link->scratch), say->ordinal, say->stanza);
        if (say->invites.len > 0)
            put_written(link, stanza_write_invitation(fresh(link), link->domain, say),
                        OUTBOX_FLEETING);
        return;
    }
    log_event(LOG_ERROR, &link->log, "link.say_refused", "");
    IPC_SEND(link->core, link_bounced, .to = say->from, .from = say->to, .stanza = say->stanza,
             .condition = SLICE_LITERAL("not-acceptable"));
}

static void on_chat_state(void *context, const union ipc_message *message)
{
    struct link *link = context;

    if (stream_is_up(link->stream))
        put_written(link,
                    stanza_write_chat_state(fresh(link), link->domain, &message->link_chat_state),
                    OUTBOX_FLEETING);
}

static void on_presence(void *context, const union ipc_message *message)
{
    const struct ipc_link_presence *presence = &message->link_presence;
    struct link *link = context;
    bool up = stream_is_up(link->stream);

    if (contacts_set(link->contacts, presence, up) != OK)
        log_event(LOG_WARNING, &link->log, "link.contacts_full", "");
    if (up)
        show_presence(link, presence);
}

static void on_receipt(void *context, const union ipc_message *message)
{
    struct ipc_link_receipt receipt = message->link_receipt;
    struct link *link = context;
    struct jid agent;
    struct slice id;

    if (link->stream == NULL || jid_split(receipt.to, &agent) != 0)
        return;
    if (!receipt.displayed &&
        unhandled_receipt_id(&link->unhandled, agent.bare, receipt.from, receipt.stanza, &id)) {
        if (id.len == 0)
            return; /* nobody asked for one */
        receipt.stanza = id;
    }
    put_written(link, stanza_write_receipt(fresh(link), link->domain, &receipt), OUTBOX_KEPT);
}

static void on_handled(void *context, const union ipc_message *message)
{
    struct link *link = context;

    unhandled_done(&link->unhandled, message->link_handled.ordinal);
}

static void on_probe(void *context, const union ipc_message *message)
{
    const struct ipc_link_probe *probe = &message->link_probe;
    struct ipc_link_presence ours;
    struct link *link = context;

    if (!stream_is_up(link->stream))
        return;
    put_written(link, stanza_write_probe(fresh(link), link->domain, probe), OUTBOX_FLEETING);
    if (probe->show && contacts_get(link->contacts, probe->to, probe->from, &ours))
        put_presence(link, &ours);
}

static ipc_handler_fn *const core_handlers[IPC_TYPE_COUNT] = {
    [IPC_link_start] = on_start,       [IPC_link_member] = on_member,
    [IPC_link_say] = on_say,           [IPC_link_chat_state] = on_chat_state,
    [IPC_link_presence] = on_presence, [IPC_link_receipt] = on_receipt,
    [IPC_link_handled] = on_handled,   [IPC_link_probe] = on_probe,
    [IPC_link_look] = on_look,         [IPC_link_room] = on_room,
    [IPC_link_announce] = on_announce,
};

static void on_core_gone(void *context)
{
    struct link *link = context;

    link->core = ipc_peer_free(link->core);
}

void link_attach(struct link *link, int fd)
{
    const struct ipc_peer_setup setup = { .base = link->setup.base,
                                          .fd = fd,
                                          .self = IPC_LINK,
                                          .other = IPC_CORE,
                                          .handlers = core_handlers,
                                          .closed = on_core_gone,
                                          .context = link,
                                          .queue_max_bytes = CORE_QUEUE_BYTES_MAX };

    link->core = ipc_peer_free(link->core);
    stream_forget(link->stream);
    if (ipc_peer_new(&link->core, &setup) != OK) {
        log_event(LOG_ERROR, &link->log, "link.no_memory", "");
        (void)close(fd);
    }
}

static int room_begin(struct link *link)
{
    const struct room_setup setup = { .base = link->setup.base,
                                      .members = &link->members,
                                      .port = &room_port,
                                      .context = link,
                                      .log = &link->log };

    return room_new(&link->room, &setup);
}

int link_new(struct link **ret_link, const struct link_setup *setup)
{
    struct link *link = calloc(1, sizeof(*link));

    if (link == NULL)
        return RAISE(ERR_NO_MEMORY);
    link->setup = *setup;
    log_context_init(&link->log, NULL, "tenant", setup->tenant);
    if (contacts_new(&link->contacts) != OK || room_begin(link) != OK) {
        contacts_free(link->contacts);
        free(link);
        return RAISE(ERR_NO_MEMORY);
    }
    buf_init(&link->scratch, STANZA_BYTES_MAX);
    look_init(&link->look);
    link->inbound = (struct inbound){ .look = &link->look,
                                      .members = &link->members,
                                      .contacts = link->contacts,
                                      .room = link->room,
                                      .unhandled = &link->unhandled,
                                      .port = &inbound_port,
                                      .context = link,
                                      .log = &link->log };
    inbound_init(&link->inbound);
    *ret_link = link;
    return OK;
}

struct link *link_free(struct link *link)
{
    if (link == NULL)
        return NULL;
    stream_free(link->stream);
    ipc_peer_free(link->core);
    room_free(link->room);
    contacts_free(link->contacts);
    look_release(&link->look);
    members_release(&link->members);
    unhandled_release(&link->unhandled);
    inbound_release(&link->inbound);
    buf_release(&link->scratch);
    if (link->secret != NULL)
        explicit_bzero(link->secret, strlen(link->secret));
    free(link->secret);
    free(link->domain);
    free(link->host);
    free(link);
    return NULL;
}

bool link_close(struct link *link)
{
    if (link->stream == NULL || !stream_is_up(link->stream))
        return true;
    stream_close(link->stream);
    return false;
}
