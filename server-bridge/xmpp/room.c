/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/room.h"

#include "server-bridge/xmpp/parser_guard.h"
#include "server-bridge/xmpp/stanza_write.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ADMIN_NS "http://jabber.org/protocol/muc#admin"
#define OWNER_NS "http://jabber.org/protocol/muc#owner"
#define USER_NS  "http://jabber.org/protocol/muc#user"

enum { ANSWER_MS = 10000, AGAIN_MS = 30000, STANZA_BYTES_MAX = 64 * 1024 };
enum { ASKED_BYTES = 32, NICK_BYTES = 16, UNLISTED_MAX = 2 };

enum room_state {
    ROOM_NOWHERE, /* there is to be none, or the stream is down */
    ROOM_LATER,   /* it did not work; it is tried again */
    ROOM_JOINING,
    ROOM_FORMING,
    ROOM_LISTING,
    ROOM_EMPTYING, /* everybody was put out; the last of it is not answered yet */
    ROOM_OPEN
};

struct room {
    struct room_setup setup;
    const char *domain;      /* borrowed */
    char *address, *title;   /* owned; NULL: none yet; an empty address: none */
    bool off;                /* there is to be none there */
    bool empty;              /* nobody is to be in it */
    char nick[NICK_BYTES];   /* ours there */
    char asked[ASKED_BYTES]; /* id of the last request in this state; "": none */
    enum room_state state;
    bool up;
    bool fresh;        /* nobody is a member yet, so there is nothing to list */
    unsigned unlisted; /* so often in a row no list came */
    uint64_t last_id;
    struct event *timer;
    struct buf payload, out;
};

/* --- sending --- */

static void send_if_written(struct room *room, int rc)
{
    if (rc == OK)
        room->setup.port->send(room->setup.context, buf_slice(&room->out));
    else
        log_event(LOG_WARNING, room->setup.log, "room.not_sent", "rc=%s",
                  rc == STANZA_E_REFUSED ? "refused" : result_name(rc));
}

static void wait_for(struct room *room, unsigned ms)
{
    const struct timeval in = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };

    (void)event_add(room->timer, &in);
}

/* What stands in `payload`, as a request of the desk's. */
static void ask(struct room *room, const char *type)
{
    buf_clear(&room->out);
    (void)snprintf(room->asked, sizeof(room->asked), "room-%" PRIu64, ++room->last_id);
    send_if_written(room, buf_failed(&room->payload)
                              ? STANZA_E_REFUSED
                              : stanza_write_request(&room->out, room->domain, "desk", type,
                                                     slice_of(room->address), room->asked,
                                                     buf_slice(&room->payload)));
}

static struct buf *fresh_payload(struct room *room)
{
    buf_clear(&room->payload);
    return &room->payload;
}

/* --- its states --- */

static void enter(struct room *room, enum room_state next, const char *why)
{
    bool was_open = room->state == ROOM_OPEN;

    if (room->state == ROOM_LISTING)
        parser_guard_expect("", "");
    room->state = next;
    room->asked[0] = '\0';
    (void)event_del(room->timer);
    if (next == ROOM_OPEN)
        log_event(LOG_INFO, room->setup.log, "room.open", "");
    if (next == ROOM_LATER)
        log_event(LOG_WARNING, room->setup.log, "room.closed", "reason=\"%s\"", why);
    if (next == ROOM_OPEN || was_open || next == ROOM_LATER)
        room->setup.port->state(room->setup.context, next == ROOM_OPEN, why);
}

static void later(struct room *room, const char *why)
{
    enter(room, ROOM_LATER, why);
    wait_for(room, room->setup.again_ms);
}

static void join_as(struct room *room, const char *nick)
{
    enter(room, ROOM_JOINING, "");
    (void)snprintf(room->nick, sizeof(room->nick), "%s", nick);
    buf_clear(&room->out);
    send_if_written(
        room, stanza_write_join(&room->out, room->domain, slice_of(room->address), room->nick));
    wait_for(room, room->setup.answer_ms);
}

static void join(struct room *room)
{
    join_as(room, STANZA_NICK);
}

/* Somebody took our nick while we were away. They may be one who is to be put out: that must not
 * wait until they go by themselves. */
static void join_beside(struct room *room)
{
    char nick[NICK_BYTES], id[ID_TEXT_BYTES];

    id_format(id_new(), id);
    (void)snprintf(nick, sizeof(nick), STANZA_NICK "-%.8s", id);
    join_as(room, nick);
}

static void add_field(struct buf *to, const char *var, const char *value)
{
    buf_addf(to, "<field var='muc#roomconfig_%s'><value>", var);
    buf_add_xml(to, slice_of(value));
    buf_add_text(to, "</value></field>");
}

static void form(struct room *room)
{
    static const char *const fields[][2] = {
        { "persistentroom", "1" }, { "publicroom", "0" },   { "membersonly", "1" },
        { "whois", "moderators" }, { "allowinvites", "0" }, { "moderatedroom", "0" },
        { "changesubject", "0" },
    };
    struct buf *payload = fresh_payload(room);

    enter(room, ROOM_FORMING, "");
    buf_add_text(payload, "<query xmlns='" OWNER_NS "'><x xmlns='jabber:x:data' type='submit'>"
                          "<field var='FORM_TYPE' type='hidden'>"
                          "<value>http://jabber.org/protocol/muc#roomconfig</value></field>");
    add_field(payload, "roomname", room->title);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        add_field(payload, fields[i][0], fields[i][1]);
    buf_add_text(payload, "</x></query>");
    ask(room, "set");
    wait_for(room, room->setup.answer_ms);
}

static void list(struct room *room)
{
    enter(room, ROOM_LISTING, "");
    buf_add_text(fresh_payload(room),
                 "<query xmlns='" ADMIN_NS "'><item affiliation='member'/></query>");
    ask(room, "get");
    parser_guard_expect(room->address, room->asked);
    wait_for(room, room->setup.answer_ms);
}

static void emptied(struct room *room)
{
    enter(room, ROOM_NOWHERE, "");
    log_event(LOG_INFO, room->setup.log, "room.emptied", "");
    room->setup.port->emptied(room->setup.context);
}

/* Closed for good. What is answered, and whether, changes nothing. */
static void destroy(struct room *room)
{
    buf_add_text(fresh_payload(room), "<query xmlns='" OWNER_NS "'><destroy/></query>");
    ask(room, "set");
}

/* One that is not to be may be there all the same, switched off while we could not reach it. Nobody
 * keeps whether: its end is asked for each time, and where nothing is, that does nothing. */
static void begin(struct room *room)
{
    bool reached = room->up && room->address != NULL && room->address[0] != '\0';

    if (reached && !room->off) {
        join(room);
        return;
    }
    enter(room, ROOM_NOWHERE, "");
    if (reached)
        destroy(room);
    if (reached && room->empty)
        emptied(room);
}

/* It cannot be known who is in it: more than PARSER_GUARD_LIST_MAX, or than the server's guard
 * before us lets through. So everybody is put out, with the room, and let in again. */
static void make_anew(struct room *room)
{
    room->unlisted = 0;
    log_event(LOG_WARNING, room->setup.log, "room.made_anew", "");
    destroy(room);
    join(room);
}

/* --- who is in it --- */

static bool belongs(const struct room *room, struct slice jid)
{
    return !room->empty && members_in_room(room->setup.members, jid);
}

/* One a request: Prosody looks at no more than the first. An answer is not awaited; an error has
 * the whole list compared again. */
static void set_member(struct room *room, struct slice jid, bool in)
{
    struct buf *payload = fresh_payload(room);

    buf_addf(payload, "<query xmlns='" ADMIN_NS "'><item affiliation='%s' jid='",
             in ? "member" : "none");
    buf_add_xml(payload, jid);
    buf_add_text(payload, "'/></query>");
    ask(room, "set");
}

/* `query`: as the room answered; NULL: nobody. */
static int read_list(xmpp_stanza_t *query, struct members *to)
{
    xmpp_stanza_t *item = query == NULL ? NULL : xmpp_stanza_get_children(query);
    int rc = OK;

    for (; rc == OK && item != NULL; item = xmpp_stanza_get_next(item)) {
        const char *jid = xmpp_stanza_is_tag(item) ? xmpp_stanza_get_attribute(item, "jid") : NULL;

        if (jid != NULL)
            rc = members_add(to, slice_of(jid), MEMBER_AGENT, LANGUAGE_EN);
    }
    return rc;
}

static void put_out(struct room *room, const struct members *listed)
{
    for (size_t i = 0; i < listed->count; i++) {
        struct slice jid = slice_of(listed->known[i].jid);

        if (!belongs(room, jid))
            set_member(room, jid, false);
    }
}

static void let_in(struct room *room, const struct members *listed)
{
    const struct members *members = room->setup.members;

    for (size_t i = 0; i < members->count; i++) {
        struct slice jid = slice_of(members->known[i].jid);

        if (!belongs(room, jid) || members_has(listed, jid))
            continue;
        set_member(room, jid, true);
        room->setup.port->admitted(room->setup.context, jid);
    }
}

/* A room answers in the order it was asked: the last answer says that all are out. */
static void empty(struct room *room, const struct members *listed)
{
    enter(room, ROOM_EMPTYING, "");
    put_out(room, listed);
    if (room->asked[0] == '\0')
        emptied(room);
    else
        wait_for(room, room->setup.answer_ms);
}

static void open_room(struct room *room, const struct members *listed)
{
    enter(room, ROOM_OPEN, "");
    put_out(room, listed);
    let_in(room, listed);
}

static void compare(struct room *room, xmpp_stanza_t *query)
{
    struct members listed = { 0 };

    room->fresh = false;
    room->unlisted = 0;
    if (read_list(query, &listed) != OK)
        later(room, "no memory");
    else if (room->empty)
        empty(room, &listed);
    else
        open_room(room, &listed);
    members_release(&listed);
}

void room_member_changed(struct room *room, struct slice jid)
{
    bool in = members_in_room(room->setup.members, jid);

    if (room->state != ROOM_OPEN)
        return;
    set_member(room, jid, in);
    if (in)
        room->setup.port->admitted(room->setup.context, jid);
}

/* --- what it says --- */

static const char *why_not(const struct arrival *arrival)
{
    xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(arrival->stanza, "error");
    xmpp_stanza_t *condition =
        error == NULL ? NULL
                      : xmpp_stanza_get_child_by_ns(error, "urn:ietf:params:xml:ns:xmpp-stanzas");

    return condition == NULL ? "an error without a reason" : xmpp_stanza_get_name(condition);
}

/* Ours carries status 110; 201 with it: it is new. */
static bool has_status(const struct arrival *arrival, const char *code)
{
    xmpp_stanza_t *x = xmpp_stanza_get_child_by_ns(arrival->stanza, USER_NS);
    xmpp_stanza_t *status = x == NULL ? NULL : xmpp_stanza_get_children(x);

    for (; status != NULL; status = xmpp_stanza_get_next(status)) {
        const char *given =
            xmpp_stanza_is_tag(status) ? xmpp_stanza_get_attribute(status, "code") : NULL;

        if (given != NULL && strcmp(xmpp_stanza_get_name(status), "status") == 0 &&
            strcmp(given, code) == 0)
            return true;
    }
    return false;
}

static void on_refused(struct room *room, const char *why)
{
    if (strcmp(why, "conflict") == 0 && strcmp(room->nick, STANZA_NICK) == 0)
        join_beside(room);
    else
        later(room, why);
}

static void on_presence(struct room *room, const struct arrival *arrival)
{
    if (strcmp(arrival->type, "error") == 0) {
        if (room->state == ROOM_JOINING)
            on_refused(room, why_not(arrival));
        return;
    }
    if (!slice_is(arrival->from.resource, room->nick))
        return;
    if (strcmp(arrival->type, "unavailable") == 0) {
        if (room->state > ROOM_JOINING)
            later(room, "the room was closed");
    } else if (room->state == ROOM_JOINING && has_status(arrival, "110")) {
        room->fresh = has_status(arrival, "201");
        form(room);
    }
}

static void on_answer(struct room *room, const struct arrival *arrival)
{
    bool failed = strcmp(arrival->type, "result") != 0;
    bool awaited = room->state >= ROOM_FORMING && room->state <= ROOM_EMPTYING &&
                   slice_is(arrival->id, room->asked);

    if (awaited && room->state == ROOM_LISTING && parser_guard_was_cut())
        make_anew(room);
    else if (failed && (awaited || room->state >= ROOM_EMPTYING))
        later(room, why_not(arrival));
    else if (awaited && room->state == ROOM_EMPTYING)
        emptied(room);
    else if (awaited && room->state == ROOM_LISTING)
        compare(room, xmpp_stanza_get_child_by_ns(arrival->stanza, ADMIN_NS));
    else if (awaited && room->fresh)
        compare(room, NULL);
    else if (awaited)
        list(room);
}

/* What clients in the room ask of whoever is there (vCards, versions) is passed on to us, and comes
 * from the room and a nick: it is refused as strangers are, and answers nothing we asked. */
static bool on_iq(struct room *room, const struct arrival *arrival)
{
    if (strcmp(arrival->type, "get") == 0 || strcmp(arrival->type, "set") == 0)
        return false;
    if (arrival->from.resource.len == 0)
        on_answer(room, arrival);
    return true;
}

bool room_hear(struct room *room, const struct arrival *arrival)
{
    if (room->address == NULL || !slice_is(arrival->from.bare, room->address))
        return false;
    if (!slice_is(arrival->to.local, "desk"))
        return true;
    if (strcmp(arrival->name, "presence") == 0)
        on_presence(room, arrival);
    else if (strcmp(arrival->name, "iq") == 0)
        return on_iq(room, arrival);
    return true;
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct room *room = context;

    (void)fd;
    (void)what;
    if (room->state == ROOM_LATER)
        begin(room);
    else if (room->state == ROOM_LISTING && ++room->unlisted == UNLISTED_MAX)
        make_anew(room);
    else
        later(room, "the XMPP server's rooms do not answer");
}

/* --- told --- */

void room_set_up(struct room *room, bool up)
{
    room->up = up;
    begin(room);
}

void room_say(struct room *room, struct id stanza, struct slice text)
{
    if (room->state != ROOM_OPEN)
        return;
    buf_clear(&room->out);
    send_if_written(room, stanza_write_groupchat(&room->out, room->domain, slice_of(room->address),
                                                 stanza, text));
}

int room_place(struct room *room, const char *domain, const struct ipc_link_room *place, bool anew)
{
    bool moves = room->address == NULL || !slice_is(place->address, room->address);
    char *address, *title;

    room->domain = domain;
    if (!moves && !anew && place->off == room->off && place->empty == room->empty &&
        slice_is(place->title, room->title))
        return OK;
    address = slice_dup(place->address);
    title = slice_dup(place->title);
    if (address == NULL || title == NULL) {
        free(address);
        free(title);
        return RAISE(ERR_NO_MEMORY);
    }
    if (moves && room->state != ROOM_NOWHERE) /* open to us or not, people may be in it */
        destroy(room);
    free(room->address);
    free(room->title);
    room->address = address;
    room->title = title;
    room->off = place->off;
    room->empty = place->empty;
    begin(room);
    return OK;
}

int room_new(struct room **ret_room, const struct room_setup *setup)
{
    struct room *room = calloc(1, sizeof(*room));

    if (room == NULL)
        return RAISE(ERR_NO_MEMORY);
    room->setup = *setup;
    if (room->setup.answer_ms == 0)
        room->setup.answer_ms = ANSWER_MS;
    if (room->setup.again_ms == 0)
        room->setup.again_ms = AGAIN_MS;
    buf_init(&room->payload, STANZA_BYTES_MAX);
    buf_init(&room->out, STANZA_BYTES_MAX);
    room->timer = event_new(setup->base, -1, 0, on_timer, room);
    if (room->timer == NULL) {
        room_free(room);
        return RAISE(ERR_NO_MEMORY);
    }
    *ret_room = room;
    return OK;
}

struct room *room_free(struct room *room)
{
    if (room == NULL)
        return NULL;
    if (room->timer != NULL)
        event_free(room->timer);
    buf_release(&room->payload);
    buf_release(&room->out);
    free(room->address);
    free(room->title);
    free(room);
    return NULL;
}
