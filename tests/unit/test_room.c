/* SPDX-License-Identifier: Apache-2.0
 *
 * The team room, with a server that answers what each case has it say. What is sent stands in
 * `sent`, what the core is told in `told`.
 */
#include "server-bridge/xmpp/room.h"

#include "server-bridge/xmpp/stanza_write.h"
#include "tests/support/cmocka.h"
#include "tests/support/fake_xmpp.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM "team-1@rooms.example"
#define OURS "acme.chat.example"
#define DESK "desk@" OURS "/lasna"
#define ANNA "anna@agents.example"
#define BEN  "ben@agents.example"

struct scene {
    struct event_base *base;
    xmpp_ctx_t *ctx;
    struct members members;
    struct room *room;
    struct buf sent, told;
};

static void send_stanza(void *context, struct slice xml)
{
    struct scene *scene = context;

    buf_add_slice(&scene->sent, xml);
    buf_add_text(&scene->sent, "\n");
}

static void tell_state(void *context, bool open, const char *reason)
{
    struct scene *scene = context;

    buf_addf(&scene->told, "%s%s\n", open ? "open" : "closed ", open ? "" : reason);
}

static void tell_emptied(void *context)
{
    struct scene *scene = context;

    buf_add_text(&scene->told, "emptied\n");
}

static void tell_admitted(void *context, struct slice jid)
{
    struct scene *scene = context;

    buf_addf(&scene->told, "admitted %.*s\n", SLICE_ARG(jid));
}

static int place(struct scene *scene, const char *address, const char *title, bool anew)
{
    const struct ipc_link_room where = { .address = slice_of(address), .title = slice_of(title) };

    return room_place(scene->room, OURS, &where, anew);
}

static int switch_off(struct scene *scene, bool empty)
{
    const struct ipc_link_room none = { .address = SLICE_LITERAL(ROOM),
                                        .title = SLICE_LITERAL("Acme & Sons"),
                                        .off = true,
                                        .empty = empty };

    return room_place(scene->room, OURS, &none, false);
}

/* The tenant is disabled: the link forgets its members, and is told so. */
static int shut(struct scene *scene)
{
    const struct ipc_link_room closed = { .address = SLICE_LITERAL(ROOM),
                                          .title = SLICE_LITERAL("Acme & Sons"),
                                          .empty = true };

    members_release(&scene->members);
    return room_place(scene->room, OURS, &closed, true);
}

static int begin(void **state)
{
    static const struct room_port port = { send_stanza, tell_state, tell_admitted, tell_emptied };
    struct scene *scene = calloc(1, sizeof(*scene));
    struct room_setup setup = { .port = &port, .answer_ms = 50, .again_ms = 50 };

    assert_non_null(scene);
    xmpp_initialize();
    scene->ctx = xmpp_ctx_new(NULL, NULL);
    scene->base = event_base_new();
    buf_init(&scene->sent, 1 << 20);
    buf_init(&scene->told, 1 << 16);
    setup.base = scene->base;
    setup.members = &scene->members;
    setup.context = scene;
    assert_int_equal(room_new(&scene->room, &setup), OK);
    assert_int_equal(members_add(&scene->members, SLICE_LITERAL(ANNA), MEMBER_AGENT, LANGUAGE_EN),
                     OK);
    assert_int_equal(
        members_add(&scene->members, SLICE_LITERAL("bot@agents.example"), MEMBER_BOT, LANGUAGE_EN),
        OK);
    assert_int_equal(place(scene, ROOM, "Acme & Sons", false), OK);
    *state = scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;

    room_free(scene->room);
    members_release(&scene->members);
    buf_release(&scene->sent);
    buf_release(&scene->told);
    event_base_free(scene->base);
    xmpp_ctx_free(scene->ctx);
    free(scene);
    return 0;
}

static void forget(struct scene *scene)
{
    buf_clear(&scene->sent);
    buf_clear(&scene->told);
}

/* A stanza to us. False: the room says it does not come from there. */
static bool arrives(struct scene *scene, const char *xml)
{
    xmpp_stanza_t *stanza = xmpp_stanza_new_from_string(scene->ctx, xml);
    const char *type;
    struct arrival arrival;
    bool heard;

    assert_non_null(stanza);
    type = xmpp_stanza_get_type(stanza);
    arrival = (struct arrival){ .stanza = stanza,
                                .name = xmpp_stanza_get_name(stanza),
                                .type = type == NULL ? "" : type,
                                .id = slice_of(xmpp_stanza_get_id(stanza)) };
    assert_int_equal(jid_split(slice_of(xmpp_stanza_get_from(stanza)), &arrival.from), 0);
    assert_int_equal(jid_split(slice_of(xmpp_stanza_get_to(stanza)), &arrival.to), 0);
    heard = room_hear(scene->room, &arrival);
    xmpp_stanza_release(stanza);
    return heard;
}

static bool was_sent(const struct scene *scene, const char *text)
{
    return scene->sent.len > 0 && strstr(scene->sent.data, text) != NULL;
}

static void assert_told(const struct scene *scene, const char *lines)
{
    assert_string_equal(scene->told.len == 0 ? "" : scene->told.data, lines);
}

/* Our own presence in the room: `status` beside the 110 that says it is ours. */
static void we_come_in(struct scene *scene, const char *status)
{
    char xml[512];

    (void)snprintf(xml, sizeof(xml),
                   "<presence from='" ROOM "/desk' to='" DESK "'>"
                   "<x xmlns='http://jabber.org/protocol/muc#user'>"
                   "<item affiliation='owner' role='moderator'/>%s<status code='110'/></x>"
                   "</presence>",
                   status);
    assert_true(arrives(scene, xml));
}

/* The answer to the last request. */
static void is_answered(struct scene *scene, const char *type, const char *payload)
{
    const char *id = NULL;
    char xml[1024];

    for (const char *at = scene->sent.data; at != NULL; at = strstr(at + 1, " id='room-"))
        id = at;
    assert_non_null(id);
    (void)snprintf(xml, sizeof(xml), "<iq type='%s'%.*s from='" ROOM "' to='" DESK "'>%s</iq>",
                   type, (int)(strchr(id + 5, '\'') + 1 - id), id, payload);
    assert_true(arrives(scene, xml));
}

#define LIST(items) "<query xmlns='http://jabber.org/protocol/muc#admin'>" items "</query>"

static void opens(struct scene *scene)
{
    room_set_up(scene->room, true);
    we_come_in(scene, "<status code='201'/>");
    is_answered(scene, "result", "");
    forget(scene);
}

static void room__that_is_new__is_formed_and_its_members_let_in(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(scene->sent.len, 0); /* not before the stream is up */
    room_set_up(scene->room, true);
    assert_true(was_sent(scene, "<presence from='" DESK "' to='" ROOM "/desk'>"));
    we_come_in(scene, "<status code='201'/>");
    assert_true(was_sent(scene, "roomname'><value>Acme &amp; Sons</value>"));
    assert_true(was_sent(scene, "membersonly'><value>1<"));
    assert_true(was_sent(scene, "publicroom'><value>0<"));
    assert_true(was_sent(scene, "allowinvites'><value>0<"));
    is_answered(scene, "result", "");
    assert_true(was_sent(scene, "<item affiliation='member' jid='" ANNA "'/>"));
    assert_false(was_sent(scene, "bot@"));
    assert_told(scene, "open\nadmitted " ANNA "\n");
}

static void room__that_was_there__is_compared__and_who_left_meanwhile_is_put_out(void **state)
{
    struct scene *scene = *state;

    room_set_up(scene->room, true);
    we_come_in(scene, "");
    is_answered(scene, "result", "");
    forget(scene);
    /* The list was asked for with what is forgotten now: say its number. */
    assert_true(arrives(scene, "<iq type='result' id='room-2' from='" ROOM "' to='" DESK
                               "'>" LIST("<item affiliation='member' jid='" BEN "'/>"
                                         "<item affiliation='member' jid='" ANNA "'/>") "</iq>"));
    assert_true(was_sent(scene, "<item affiliation='none' jid='" BEN "'/>"));
    assert_false(was_sent(scene, ANNA));
    assert_told(scene, "open\n");
}

static void member__who_comes_or_goes__is_let_in_or_put_out(void **state)
{
    struct scene *scene = *state;

    room_member_changed(scene->room, SLICE_LITERAL(ANNA));
    assert_int_equal(scene->sent.len, 0); /* not open yet: they are compared when it is */
    opens(scene);
    assert_int_equal(
        members_add(&scene->members, SLICE_LITERAL(BEN), MEMBER_SUPERVISOR, LANGUAGE_EN), OK);
    room_member_changed(scene->room, SLICE_LITERAL(BEN));
    assert_true(was_sent(scene, "<item affiliation='member' jid='" BEN "'/>"));
    assert_told(scene, "admitted " BEN "\n");
    forget(scene);
    members_remove(&scene->members, SLICE_LITERAL(BEN));
    room_member_changed(scene->room, SLICE_LITERAL(BEN));
    assert_true(was_sent(scene, "<item affiliation='none' jid='" BEN "'/>"));
    assert_told(scene, "");
}

static bool asks_again(void *context)
{
    return was_sent(context, "<presence from='" DESK "' to='" ROOM "/desk'>");
}

static void change__the_server_refuses__has_all_compared_again(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    room_member_changed(scene->room, SLICE_LITERAL(ANNA));
    is_answered(scene, "error",
                "<error type='wait'><resource-constraint "
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
    assert_told(scene, "admitted " ANNA "\nclosed resource-constraint\n");
    forget(scene);
    assert_true(wait_until(scene->base, asks_again, scene, 5000));
}

static bool was_closed(void *context)
{
    const struct scene *scene = context;

    return scene->told.len > 0 && strstr(scene->told.data, "closed") != NULL;
}

static void rooms__that_are_not_there__are_told_and_tried_again(void **state)
{
    struct scene *scene = *state;

    room_set_up(scene->room, true);
    assert_true(arrives(scene, "<presence type='error' from='" ROOM "/desk' to='" DESK "'><error "
                               "type='cancel'><remote-server-not-found "
                               "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"));
    assert_told(scene, "closed remote-server-not-found\n");
    forget(scene);
    assert_true(wait_until(scene->base, asks_again, scene, 5000));
    assert_true(wait_until(scene->base, was_closed, scene, 5000)); /* nobody answers now */
    assert_told(scene, "closed the XMPP server's rooms do not answer\n");
    room_say(scene->room, (struct id){ { 1 } }, SLICE_LITERAL("news"));
    assert_false(was_sent(scene, "news"));
}

static void nick__that_somebody_took__keeps_nobody_in_the_room(void **state)
{
    struct scene *scene = *state;
    const char *nick;
    char xml[512];

    room_set_up(scene->room, true);
    forget(scene);
    assert_true(arrives(scene, "<presence type='error' from='" ROOM "/desk' to='" DESK "'><error "
                               "type='cancel'><conflict "
                               "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"));
    assert_told(scene, "");
    assert_true(was_sent(scene, "' to='" ROOM "/desk-"));
    nick = strstr(scene->sent.data, "/desk-");
    (void)snprintf(xml, sizeof(xml),
                   "<presence from='" ROOM "%.*s' to='" DESK "'>"
                   "<x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>"
                   "</presence>",
                   (int)strcspn(nick, "'"), nick);
    assert_true(arrives(scene, xml));
    is_answered(scene, "result", "");
    is_answered(scene, "result", LIST("<item affiliation='member' jid='" BEN "'/>"));
    assert_true(was_sent(scene, "<item affiliation='none' jid='" BEN "'/>"));
    assert_told(scene, "open\nadmitted " ANNA "\n");
}

static bool joins_anew(void *context)
{
    const struct scene *scene = context;
    const char *destroyed = scene->sent.len == 0 ? NULL : strstr(scene->sent.data, "<destroy/>");

    return destroyed != NULL && strstr(destroyed, "<presence ") != NULL;
}

static void list__that_never_comes__makes_the_room_anew(void **state)
{
    struct scene *scene = *state;

    room_set_up(scene->room, true);
    we_come_in(scene, "");
    is_answered(scene, "result", "");
    assert_true(wait_until(scene->base, was_closed, scene, 5000));
    assert_false(was_sent(scene, "<destroy/>")); /* the server may just be slow */
    forget(scene);
    assert_true(wait_until(scene->base, asks_again, scene, 5000));
    we_come_in(scene, "");
    is_answered(scene, "result", "");
    assert_true(wait_until(scene->base, joins_anew, scene, 5000));
}

static void room__that_is_closed_by_others__is_made_again(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    assert_true(arrives(scene, "<presence type='unavailable' from='" ROOM "/desk' to='" DESK "'>"
                               "<x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x>"
                               "</presence>"));
    assert_told(scene, "closed the room was closed\n");
    assert_true(wait_until(scene->base, asks_again, scene, 5000));
}

static void room__that_shall_not_be__is_destroyed__and_moves_when_told(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    assert_int_equal(place(scene, ROOM, "Acme & Sons", false), OK);
    assert_int_equal(scene->sent.len, 0); /* no news */
    assert_int_equal(place(scene, ROOM, "Acme Oy", false), OK);
    assert_true(was_sent(scene, "/desk'>"));
    we_come_in(scene, "");
    is_answered(scene, "result", "");
    is_answered(scene, "result", LIST("<item affiliation='member' jid='" ANNA "'/>"));
    forget(scene);
    assert_int_equal(place(scene, "team-2@rooms.example", "Acme Oy", false), OK);
    assert_true(was_sent(scene, "to='" ROOM "'"));
    assert_true(was_sent(scene, "<destroy/>"));
    assert_true(was_sent(scene, "to='team-2@rooms.example/desk'"));
    assert_told(scene, "closed \n");
}

static void room__that_is_not_open_just_then__is_destroyed_all_the_same(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    room_member_changed(scene->room, SLICE_LITERAL(ANNA));
    is_answered(scene, "error", "");
    assert_told(scene, "admitted " ANNA "\nclosed an error without a reason\n");
    forget(scene);
    assert_int_equal(switch_off(scene, false), OK);
    assert_true(was_sent(scene, "to='" ROOM "'"));
    assert_true(was_sent(scene, "<destroy/>"));
    is_answered(scene, "result", "");
    forget(scene);
    assert_int_equal(switch_off(scene, false), OK);
    assert_int_equal(scene->sent.len, 0); /* no news */
}

static void room__switched_off_while_we_are_away__is_destroyed_when_we_are_back(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    room_set_up(scene->room, false);
    forget(scene);
    assert_int_equal(switch_off(scene, false), OK);
    assert_int_equal(scene->sent.len, 0); /* nobody hears us */
    room_set_up(scene->room, true);
    assert_true(was_sent(scene, "to='" ROOM "'"));
    assert_true(was_sent(scene, "<destroy/>"));
    assert_false(was_sent(scene, "<presence"));
    is_answered(scene, "error",
                "<error type='cancel'><item-not-found "
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
    assert_told(scene, ""); /* there was none */
    forget(scene);
    assert_int_equal(place(scene, ROOM, "Acme & Sons", false), OK);
    assert_true(was_sent(scene, "to='" ROOM "/desk'"));
}

static void list_is_answered(struct scene *scene)
{
    we_come_in(scene, "");
    is_answered(scene, "result", "");
    is_answered(scene, "result",
                LIST("<item affiliation='member' jid='" ANNA "'/>"
                     "<item affiliation='member' jid='" BEN "'/>"));
}

static void room__of_a_tenant_that_is_disabled__is_emptied_one_by_one__and_stays(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    assert_int_equal(shut(scene), OK);
    list_is_answered(scene);
    assert_true(was_sent(scene, "<item affiliation='none' jid='" ANNA "'/>"));
    assert_true(was_sent(scene, "<item affiliation='none' jid='" BEN "'/>"));
    assert_told(scene, "closed \n"); /* and not emptied before the server says so */
    is_answered(scene, "result", "");
    assert_told(scene, "closed \nemptied\n");
    assert_false(was_sent(scene, "<destroy/>"));
    forget(scene);
    assert_int_equal(members_add(&scene->members, SLICE_LITERAL(ANNA), MEMBER_AGENT, LANGUAGE_EN),
                     OK);
    room_member_changed(scene->room, SLICE_LITERAL(ANNA)); /* assigned where nobody is served */
    assert_int_equal(scene->sent.len, 0);
    assert_int_equal(place(scene, ROOM, "Acme & Sons", true), OK); /* it is enabled */
    we_come_in(scene, "");
    is_answered(scene, "result", "");
    is_answered(scene, "result", LIST(""));
    assert_true(was_sent(scene, "<item affiliation='member' jid='" ANNA "'/>"));
    assert_told(scene, "open\nadmitted " ANNA "\n");
}

static void emptying__that_is_refused__is_tried_again(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(shut(scene), OK); /* the link was away when the tenant was disabled */
    room_set_up(scene->room, true);
    list_is_answered(scene);
    is_answered(scene, "error", "");
    assert_told(scene, "closed an error without a reason\n");
    forget(scene);
    assert_true(wait_until(scene->base, asks_again, scene, 5000));
    we_come_in(scene, "");
    is_answered(scene, "result", "");
    is_answered(scene, "result", LIST(""));
    assert_told(scene, "emptied\n"); /* nobody was left */
}

static void emptying__of_a_room_that_is_not_to_be__ends_with_its_end(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    assert_int_equal(shut(scene), OK);
    assert_int_equal(switch_off(scene, true), OK);
    assert_true(was_sent(scene, "<destroy/>"));
    assert_told(scene, "closed \nemptied\n");
}

static void stanza__of_others__is_none_of_the_room(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    assert_false(arrives(scene, "<message from='" ANNA "/x' to='desk@" OURS "'/>"));
    assert_false(
        arrives(scene, "<iq type='error' id='room-3' from='rooms.example' to='" DESK "'/>"));
    assert_true(arrives(scene, "<message type='groupchat' from='" ROOM "/Anna' to='" DESK "'>"
                               "<body>!end</body></message>"));
    assert_true(
        arrives(scene, "<presence type='unavailable' from='" ROOM "/Anna' to='" DESK "'/>"));
    assert_int_equal(scene->sent.len, 0);
    assert_told(scene, "");
    room_say(scene->room, (struct id){ { 1 } }, SLICE_LITERAL("a < b"));
    assert_true(was_sent(scene, "<message type='groupchat' from='" DESK "' to='" ROOM "'"));
    assert_true(was_sent(scene, "<body>a &lt; b</body>"));
}

static void question__of_somebody_in_the_room__leaves_it_open(void **state)
{
    struct scene *scene = *state;

    opens(scene);
    assert_false(arrives(scene, "<iq type='get' id='1' from='" ROOM "/Anna' to='desk@" OURS "'>"
                                "<vCard xmlns='vcard-temp'/></iq>"));
    assert_true(arrives(scene, "<iq type='error' id='1' from='" ROOM "/Anna' to='" DESK "'/>"));
    assert_told(scene, "");
    room_member_changed(scene->room, SLICE_LITERAL(ANNA));
    assert_told(scene, "admitted " ANNA "\n");
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SCENE(room__that_is_new__is_formed_and_its_members_let_in),
        IN_A_SCENE(room__that_was_there__is_compared__and_who_left_meanwhile_is_put_out),
        IN_A_SCENE(member__who_comes_or_goes__is_let_in_or_put_out),
        IN_A_SCENE(change__the_server_refuses__has_all_compared_again),
        IN_A_SCENE(rooms__that_are_not_there__are_told_and_tried_again),
        IN_A_SCENE(nick__that_somebody_took__keeps_nobody_in_the_room),
        IN_A_SCENE(list__that_never_comes__makes_the_room_anew),
        IN_A_SCENE(room__that_is_closed_by_others__is_made_again),
        IN_A_SCENE(room__that_shall_not_be__is_destroyed__and_moves_when_told),
        IN_A_SCENE(room__that_is_not_open_just_then__is_destroyed_all_the_same),
        IN_A_SCENE(room__switched_off_while_we_are_away__is_destroyed_when_we_are_back),
        IN_A_SCENE(room__of_a_tenant_that_is_disabled__is_emptied_one_by_one__and_stays),
        IN_A_SCENE(emptying__that_is_refused__is_tried_again),
        IN_A_SCENE(emptying__of_a_room_that_is_not_to_be__ends_with_its_end),
        IN_A_SCENE(stanza__of_others__is_none_of_the_room),
        IN_A_SCENE(question__of_somebody_in_the_room__leaves_it_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
