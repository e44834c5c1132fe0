/* SPDX-License-Identifier: Apache-2.0
 *
 * A link and the provisioning link against a real Prosody, with a real client at the other end.
 * The test is the core: it speaks to both by role sockets.
 */
#include "chat/chat.h"
#include "server-bridge/ipc/peer.h"
#include "server-bridge/xmpp/link.h"
#include "server-bridge/xmpp/provision/provision.h"
#include "tests/support/cmocka.h"
#include "tests/support/fake_xmpp.h"
#include "tests/support/prosody.h"
#include "tests/support/xmpp_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define VISITOR     "vaaaaaaaaaaaaaaaaaaaaaaaaae"
#define ACME        "acme.chat.localhost"
#define ANNA        "anna@agents.localhost"
#define MALLORY     "mallory@agents.localhost"
#define CONTACT_JID VISITOR "@" ACME
#define LITERAL     SLICE_LITERAL

enum { PATIENCE_MS = 60000 };

struct world {
    struct prosody prosody;
    struct event_base *base;
    struct link *link;
    struct provision *provision;
    struct ipc_peer *to_link, *to_provision;
    struct buf told;
    const char *awaited;
};

static struct world world;

/* ---- the core's ears -------------------------------------------------------------------- */

static void on_state(void *context, const union ipc_message *message)
{
    buf_addf(&world.told, message->link_state.up ? "%s up\n" : "%s down %.*s\n",
             (const char *)context, SLICE_ARG(message->link_state.reason));
}

static void on_message(void *context, const union ipc_message *message)
{
    const struct ipc_heard_message *heard = &message->heard_message;

    (void)context;
    buf_addf(&world.told, "%.*s/%.*s > %.*s: %.*s\n", SLICE_ARG(heard->agent),
             SLICE_ARG(heard->resource), SLICE_ARG(heard->to), SLICE_ARG(heard->text));
    IPC_SEND(world.to_link, link_receipt, .to = heard->agent, .from = heard->to,
             .stanza = heard->stanza);
    IPC_SEND(world.to_link, link_handled, .ordinal = heard->ordinal);
}

static void on_presence(void *context, const union ipc_message *message)
{
    const struct ipc_heard_presence *heard = &message->heard_presence;

    (void)context;
    buf_addf(&world.told, "%.*s/%.*s shows %d\n", SLICE_ARG(heard->agent),
             SLICE_ARG(heard->resource), (int)heard->show);
}

static void on_chat_state(void *context, const union ipc_message *message)
{
    const struct ipc_heard_chat_state *heard = &message->heard_chat_state;

    (void)context;
    buf_addf(&world.told, "%.*s types %d\n", SLICE_ARG(heard->agent), heard->composing);
}

static void on_receipt(void *context, const union ipc_message *message)
{
    (void)context;
    buf_addf(&world.told, "receipt %d %d\n", message->heard_receipt.stanza.bytes[0],
             message->heard_receipt.displayed);
}

static void on_routed(void *context, const union ipc_message *message)
{
    (void)context;
    buf_addf(&world.told, "routed %d\n", (int)message->link_routed.ordinal);
}

static void on_bounced(void *context, const union ipc_message *message)
{
    (void)context;
    buf_addf(&world.told, "bounced %d %.*s\n", message->link_bounced.stanza.bytes[0],
             SLICE_ARG(message->link_bounced.condition));
}

static void on_done(void *context, const union ipc_message *message)
{
    (void)context;
    buf_addf(&world.told, "provision %d %s %.*s\n", (int)message->provision_done.request,
             message->provision_done.done ? "done" : "failed",
             SLICE_ARG(message->provision_done.reason));
}

static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = {
    [IPC_link_state] = on_state,        [IPC_heard_message] = on_message,
    [IPC_heard_presence] = on_presence, [IPC_heard_chat_state] = on_chat_state,
    [IPC_heard_receipt] = on_receipt,   [IPC_link_routed] = on_routed,
    [IPC_link_bounced] = on_bounced,    [IPC_provision_done] = on_done,
};

static void never(void *context)
{
    (void)context;
    fail();
}

static struct ipc_peer *peer_to(enum ipc_role role, void *name, int *ret_fd)
{
    const struct ipc_peer_setup blank = { .base = world.base,
                                          .self = IPC_CORE,
                                          .other = role,
                                          .handlers = handlers,
                                          .closed = never,
                                          .context = name,
                                          .queue_max_bytes = 1 << 20 };
    struct ipc_peer_setup setup = blank;
    struct ipc_peer *peer = NULL;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    setup.fd = pair[0];
    assert_int_equal(ipc_peer_new(&peer, &setup), OK);
    *ret_fd = pair[1];
    return peer;
}

/* ---- the world -------------------------------------------------------------------------- */

static bool was_told(void *context)
{
    (void)context;
    return world.told.data != NULL && strstr(world.told.data, world.awaited) != NULL;
}

static void await_told(const char *line)
{
    world.awaited = line;
    if (wait_until(world.base, was_told, NULL, PATIENCE_MS))
        return;
    print_error("not told \"%s\" but:\n%s", line, world.told.data == NULL ? "" : world.told.data);
    fail();
}

static void pump(void *context)
{
    (void)context;
    (void)event_base_loop(world.base, EVLOOP_NONBLOCK);
}

static struct xmpp_client *log_in(const char *jid)
{
    const struct xmpp_client_setup setup = { .jid = jid,
                                             .password = "secret",
                                             .host = "127.0.0.1",
                                             .port = world.prosody.c2s_port,
                                             .pump = pump };
    struct xmpp_client *client = xmpp_client_new(&setup, PATIENCE_MS);

    assert_non_null(client);
    return client;
}

static void start_link(void)
{
    const struct link_setup setup = { .base = world.base, .tenant = "acme" };
    int fd;

    assert_int_equal(link_new(&world.link, &setup), OK);
    world.to_link = peer_to(IPC_LINK, "link", &fd);
    link_attach(world.link, fd);
    IPC_SEND(world.to_link, link_start, .domain = LITERAL(ACME), .host = LITERAL("127.0.0.1"),
             .port = world.prosody.component_port, .secret = LITERAL("acme"));
    IPC_SEND(world.to_link, link_member, .reset = true);
    IPC_SEND(world.to_link, link_member, .jid = LITERAL(ANNA), .member = true);
}

static void start_provision(void)
{
    const struct provision_setup setup = { .base = world.base };
    int fd;

    assert_int_equal(provision_new(&world.provision, &setup), OK);
    world.to_provision = peer_to(IPC_PROVISION, "provision", &fd);
    provision_attach(world.provision, fd);
    IPC_SEND(world.to_provision, link_start, .domain = LITERAL("control.localhost"),
             .host = LITERAL("127.0.0.1"), .port = world.prosody.component_port,
             .secret = LITERAL("control"), .agents_domain = LITERAL("agents.localhost"));
}

static int begin(void **state)
{
    (void)state;
    world = (struct world){ 0 };
    buf_init(&world.told, 1 << 20);
    world.base = event_base_new();
    assert_true(prosody_start(&world.prosody));
    prosody_account(&world.prosody, "anna", "secret");
    prosody_account(&world.prosody, "mallory", "secret");
    start_provision();
    await_told("provision up\n");
    return 0;
}

static int end(void **state)
{
    (void)state;
    link_free(world.link);
    provision_free(world.provision);
    ipc_peer_free(world.to_link);
    ipc_peer_free(world.to_provision);
    event_base_free(world.base);
    prosody_release(&world.prosody);
    buf_release(&world.told);
    return 0;
}

static void activate(const char *name, unsigned request)
{
    char domain[64], line[64];

    prosody_tenant(&world.prosody, name, name);
    (void)snprintf(domain, sizeof(domain), "%s.chat.localhost", name);
    (void)snprintf(line, sizeof(line), "provision %u done", request);
    IPC_SEND(world.to_provision, provision_host, .request = request, .domain = slice_of(domain),
             .active = true);
    await_told(line);
}

static void introduce(unsigned request)
{
    char line[64];

    (void)snprintf(line, sizeof(line), "provision %u done", request);
    IPC_SEND(world.to_provision, provision_roster, .request = request, .owner = LITERAL(ANNA),
             .contact = LITERAL(CONTACT_JID), .name = LITERAL("Maria & Co \xc2\xb7 Acme"),
             .group = LITERAL("Acme <1>"), .present = true);
    await_told(line);
}

static void say(unsigned ordinal, const char *text)
{
    struct ipc_link_say message = { .ordinal = ordinal,
                                    .to = LITERAL(ANNA),
                                    .from = LITERAL(VISITOR),
                                    .text = slice_of(text),
                                    .receipts = true };

    message.stanza.bytes[0] = (uint8_t)ordinal;
    ipc_peer_send(world.to_link, IPC_link_say, &message);
}

/* ---- the cases -------------------------------------------------------------------------- */

static void tenant__added_while_the_server_runs__gets_its_component(void **state)
{
    (void)state;
    activate("acme", 1);
    start_link();
    await_told("link up\n");
    activate("acme", 2); /* again: active already is as good as activated */
    assert_false(prosody_logged(&world.prosody, "error\tTraceback"));
    IPC_SEND(world.to_provision, provision_host, .request = 3,
             .domain = LITERAL("nobody.chat.localhost"), .active = true);
    await_told("provision 3 failed the XMPP server does not know it");
}

static void tenant__taken_away__is_refused_from_then_on(void **state)
{
    char path[128];

    (void)state;
    activate("acme", 1);
    start_link();
    await_told("link up\n");
    world.link = link_free(world.link);
    world.to_link = ipc_peer_free(world.to_link);
    (void)snprintf(path, sizeof(path), "%s/tenants/acme.cfg.lua", world.prosody.dir);
    assert_int_equal(unlink(path), 0);
    IPC_SEND(world.to_provision, provision_host, .request = 2, .domain = LITERAL(ACME));
    await_told("provision 2 done");
    buf_clear(&world.told);
    start_link();
    await_told("link down host-unknown\n");
}

static void messages__both_ways__arrive_and_are_receipted(void **state)
{
    struct xmpp_client *anna;

    (void)state;
    activate("acme", 1);
    start_link();
    await_told("link up\n");
    anna = log_in(ANNA "/phone");
    say(7, "Hei! 1 < 2 & \xf0\x9f\x91\x8b");
    assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, "<body>Hei! 1 &lt; 2 &amp; \xf0\x9f\x91\x8b",
                               "from=\"" CONTACT_JID "\"", "<request", "<markable"));
    await_told("routed 7\n");
    xmpp_client_send(anna, "<message type='chat' to='" CONTACT_JID "'><received "
                           "xmlns='urn:xmpp:receipts' id='a4aaaaaaaaaaaaaaaaaaaaaaaa'/></message>"
                           "<message type='chat' to='" CONTACT_JID "'><composing "
                           "xmlns='http://jabber.org/protocol/chatstates'/></message>");
    xmpp_client_say(anna, CONTACT_JID, "m1", "Moi & terve");
    assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, "<received", "id=\"m1\"", "urn:xmpp:receipts"));
    await_told(ANNA "/phone > " VISITOR ": Moi & terve\n");
    await_told("receipt 7 0\n");
    await_told(ANNA " types 1\n");
    xmpp_client_free(anna);
}

static void stranger__with_an_account__gets_forbidden_and_is_not_heard(void **state)
{
    struct xmpp_client *mallory;

    (void)state;
    activate("acme", 1);
    start_link();
    await_told("link up\n");
    mallory = log_in(MALLORY "/x");
    xmpp_client_say(mallory, CONTACT_JID, "m1", "let me in");
    assert_non_null(XMPP_AWAIT(mallory, PATIENCE_MS, "type=\"error\"", "id=\"m1\"", "<forbidden"));
    xmpp_client_send(mallory, "<message type='chat' to='desk@" ACME "' id='m2' xmlns:x='urn:x' "
                              "x:from='" ANNA "/phone'><body>I am anna</body></message>");
    assert_non_null(XMPP_AWAIT(mallory, PATIENCE_MS, "type=\"error\"", "id=\"m2\"", "<forbidden"));
    xmpp_client_send(mallory, "<iq type='get' id='d1' to='" ACME "'>"
                              "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    assert_non_null(XMPP_AWAIT(mallory, PATIENCE_MS, "id=\"d1\"", "<forbidden"));
    assert_null(strstr(world.told.data, "mallory"));
    assert_null(strstr(world.told.data, "I am anna"));
    xmpp_client_free(mallory);
}

static void server__killed_and_restarted__is_found_again_and_delivers(void **state)
{
    struct xmpp_client *anna;

    (void)state;
    activate("acme", 1);
    start_link();
    await_told("link up\n");
    for (unsigned round = 1; round <= 3; round++) {
        char text[32];

        buf_clear(&world.told);
        prosody_kill(&world.prosody);
        await_told("link down ");
        assert_true(prosody_restart(&world.prosody));
        await_told("link up\n");
        anna = log_in(ANNA "/phone");
        (void)snprintf(text, sizeof(text), "round %u", round);
        say(round, text);
        assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, "<body>round"));
        xmpp_client_say(anna, CONTACT_JID, "m", text);
        await_told("> " VISITOR ": round");
        xmpp_client_free(anna);
    }
}

static void roster_item__pushed__arrives_live_and_stays(void **state)
{
    struct xmpp_client *anna;

    (void)state;
    anna = log_in(ANNA "/phone");
    introduce(1);
    assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, "type=\"set\"", "jid=\"" CONTACT_JID "\"",
                               "subscription=\"both\"", "name=\"Maria &amp; Co \xc2\xb7 Acme\"",
                               "<group>Acme &lt;1&gt;</group>"));
    introduce(2); /* again does no harm */
    xmpp_client_free(anna);
    anna = log_in(ANNA "/laptop");
    assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, "id=\"roster\"", CONTACT_JID));
    xmpp_client_forget(anna);
    for (unsigned request = 3; request <= 4; request++) { /* gone already is gone */
        char line[32];

        IPC_SEND(world.to_provision, provision_roster, .request = request, .owner = LITERAL(ANNA),
                 .contact = LITERAL(CONTACT_JID));
        (void)snprintf(line, sizeof(line), "provision %u done", request);
        await_told(line);
    }
    assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, "subscription=\"remove\"", CONTACT_JID));
    xmpp_client_free(anna);
}

static void presence__of_a_visitor__is_seen_by_the_agent_who_has_the_contact(void **state)
{
    struct xmpp_client *anna;

    (void)state;
    activate("acme", 1);
    introduce(2);
    start_link();
    await_told("link up\n");
    IPC_SEND(world.to_link, link_presence, .to = LITERAL(ANNA), .from = LITERAL(VISITOR),
             .show = SHOW_AWAY, .status = LITERAL("/pricing"));
    pump(NULL);
    anna = log_in(ANNA "/phone"); /* came later: her server asks for it */
    assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, "<presence", CONTACT_JID "/lasna",
                               "<show>away</show>", "<status>/pricing</status>"));
    IPC_SEND(world.to_link, link_presence, .to = LITERAL(ANNA), .from = LITERAL(VISITOR),
             .show = SHOW_GONE);
    assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, CONTACT_JID "/lasna", "type=\"unavailable\""));
    xmpp_client_free(anna);
}

static void agents_presence__shown_to_the_desk__is_heard_and_can_be_asked_for(void **state)
{
    struct xmpp_client *anna;

    (void)state;
    activate("acme", 1);
    start_link();
    await_told("link up\n");
    IPC_SEND(world.to_provision, provision_roster, .request = 2, .owner = LITERAL(ANNA),
             .contact = LITERAL("desk@" ACME), .name = LITERAL("Acme desk"),
             .group = LITERAL("Acme"), .present = true);
    await_told("provision 2 done");
    anna = log_in(ANNA "/phone");
    await_told(ANNA "/phone shows 4\n");
    xmpp_client_send(anna, "<presence><show>dnd</show></presence>");
    await_told(ANNA "/phone shows 1\n");
    buf_clear(&world.told);
    IPC_SEND(world.to_link, link_probe, .to = LITERAL(ANNA), .from = LITERAL("desk"));
    await_told(ANNA "/phone shows 1\n");
    xmpp_client_free(anna);
    await_told(ANNA "/phone shows 0\n");
}

static void account__made_and_deleted__works_and_then_does_not(void **state)
{
    const struct xmpp_client_setup ben = { .jid = "ben@agents.localhost/x",
                                           .password = "p\"w'<&>",
                                           .host = "127.0.0.1",
                                           .port = world.prosody.c2s_port,
                                           .pump = pump };
    struct xmpp_client *client;

    (void)state;
    IPC_SEND(world.to_provision, provision_account, .request = 1,
             .jid = LITERAL("ben@agents.localhost"), .password = LITERAL("p\"w'<&>"));
    await_told("provision 1 done");
    client = xmpp_client_new(&ben, PATIENCE_MS);
    assert_non_null(client);
    xmpp_client_free(client);
    IPC_SEND(world.to_provision, provision_account, .request = 2,
             .jid = LITERAL("ben@agents.localhost"), .password = LITERAL("another"));
    await_told("provision 2 done Account already exists");
    client = xmpp_client_new(&ben, PATIENCE_MS); /* his password is still his */
    assert_non_null(client);
    xmpp_client_free(client);
    IPC_SEND(world.to_provision, provision_account, .request = 3,
             .jid = LITERAL("ben@agents.localhost"));
    await_told("provision 3 done");
    assert_null(xmpp_client_new(&ben, 2000));
    IPC_SEND(world.to_provision, provision_account, .request = 4,
             .jid = LITERAL("ben@elsewhere.localhost"), .password = LITERAL("another"));
    await_told("provision 4 failed");
}

/* Many at once are split over many of the server's reads: none may get stuck in its parser. */
static void burst__of_messages__is_routed_to_the_last_one(void **state)
{
    (void)state;
    activate("acme", 1);
    start_link();
    await_told("link up\n");
    for (unsigned round = 1; round <= 20; round++) {
        char line[32];

        for (unsigned i = 1; i <= 50; i++)
            say(round * 50 + i, "one of many");
        (void)snprintf(line, sizeof(line), "routed %u\n", round * 50 + 50);
        await_told(line);
    }
    assert_null(strstr(world.told.data, "half-open"));
}

/* Whatever is asked of us, Prosody never finds fault with what we send. */
static void poison__in_every_field__ends_no_stream(void **state)
{
    static const char *const poison[] = { "\x01", "\xef\xbf\xbf",    "\xed\xa0\x80", "\xff",
                                          "\0x",  "</body>",         "]]>",          "<!--",
                                          "&#1;", "\xf0\x9f\xbf\xbe" };
    struct xmpp_client *anna;

    (void)state;
    activate("acme", 1);
    start_link();
    await_told("link up\n");
    anna = log_in(ANNA "/phone");
    buf_clear(&world.told);
    for (size_t i = 0; i < sizeof(poison) / sizeof(poison[0]); i++) {
        struct slice text = slice_of(poison[i]);

        say(1, poison[i]);
        IPC_SEND(world.to_link, link_presence, .to = LITERAL(ANNA), .from = LITERAL(VISITOR),
                 .show = SHOW_AWAY, .status = text);
        IPC_SEND(world.to_link, link_presence, .to = text, .from = LITERAL(VISITOR),
                 .show = SHOW_AWAY);
        IPC_SEND(world.to_link, link_receipt, .to = LITERAL(ANNA), .from = LITERAL(VISITOR),
                 .stanza = text);
        IPC_SEND(world.to_link, link_chat_state, .to = LITERAL(ANNA), .from = text);
        IPC_SEND(world.to_provision, provision_roster, .request = 100 + i, .owner = LITERAL(ANNA),
                 .contact = LITERAL(CONTACT_JID), .name = text, .group = text, .present = true);
    }
    say(99, "after all that");
    assert_non_null(XMPP_AWAIT(anna, PATIENCE_MS, "after all that"));
    await_told("provision 109 ");
    assert_null(strstr(world.told.data, "down"));
    assert_false(prosody_logged(&world.prosody, "invalid-from"));
    assert_false(prosody_logged(&world.prosody, "not-well-formed"));
    xmpp_client_free(anna);
}

#define IN_THE_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

RUN(IN_THE_WORLD(tenant__added_while_the_server_runs__gets_its_component),
    IN_THE_WORLD(tenant__taken_away__is_refused_from_then_on),
    IN_THE_WORLD(messages__both_ways__arrive_and_are_receipted),
    IN_THE_WORLD(stranger__with_an_account__gets_forbidden_and_is_not_heard),
    IN_THE_WORLD(server__killed_and_restarted__is_found_again_and_delivers),
    IN_THE_WORLD(roster_item__pushed__arrives_live_and_stays),
    IN_THE_WORLD(presence__of_a_visitor__is_seen_by_the_agent_who_has_the_contact),
    IN_THE_WORLD(agents_presence__shown_to_the_desk__is_heard_and_can_be_asked_for),
    IN_THE_WORLD(account__made_and_deleted__works_and_then_does_not),
    IN_THE_WORLD(burst__of_messages__is_routed_to_the_last_one),
    IN_THE_WORLD(poison__in_every_field__ends_no_stream))
