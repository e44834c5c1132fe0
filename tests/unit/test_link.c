/* SPDX-License-Identifier: Apache-2.0
 *
 * A link between a core (the test, by a real role socket) and a server (fake_xmpp).
 */
#include "base/clock.h"
#include "chat/chat.h"
#include "server-bridge/ipc/peer.h"
#include "server-bridge/xmpp/link.h"
#include "tests/support/cmocka.h"
#include "tests/support/fake_xmpp.h"

#include <stdio.h>
#include <sys/socket.h>

#define VISITOR "vaaaaaaaaaaaaaaaaaaaaaaaaae"
#define ANNA    "anna@agents.example"

enum { PATIENCE_MS = 60000 };

struct scene {
    struct event_base *base;
    struct fake_xmpp fake;
    struct link *link;
    struct ipc_peer *core;
    const char *awaited;
    struct buf told; /* what the core was told, a line each */
    unsigned barrier_ms;
};

static void on_state(void *context, const union ipc_message *message)
{
    struct scene *scene = context;

    buf_addf(&scene->told, message->link_state.up ? "up\n" : "down %.*s\n",
             SLICE_ARG(message->link_state.reason));
}

static void on_routed(void *context, const union ipc_message *message)
{
    struct scene *scene = context;

    buf_addf(&scene->told, "routed %d\n", (int)message->link_routed.ordinal);
}

static void on_bounced(void *context, const union ipc_message *message)
{
    struct scene *scene = context;

    buf_addf(&scene->told, "bounced %d %.*s %.*s\n", message->link_bounced.stanza.bytes[0],
             SLICE_ARG(message->link_bounced.from), SLICE_ARG(message->link_bounced.condition));
}

static void on_broke(void *context, const union ipc_message *message)
{
    struct scene *scene = context;

    buf_addf(&scene->told, "broke %d\n", message->link_broke_stream.stanza.bytes[0]);
}

static void on_message(void *context, const union ipc_message *message)
{
    struct scene *scene = context;

    buf_addf(&scene->told, "heard %d %.*s\n", (int)message->heard_message.ordinal,
             SLICE_ARG(message->heard_message.text));
}

static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = {
    [IPC_link_state] = on_state,      [IPC_link_routed] = on_routed,
    [IPC_link_bounced] = on_bounced,  [IPC_link_broke_stream] = on_broke,
    [IPC_heard_message] = on_message,
};

static void on_closed(void *context)
{
    struct scene *scene = context;

    scene->core = ipc_peer_free(scene->core);
}

static void start_core(struct scene *scene)
{
    struct ipc_peer_setup setup = { .base = scene->base,
                                    .self = IPC_CORE,
                                    .other = IPC_LINK,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = scene,
                                    .queue_max_bytes = 64 << 20 };
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    ipc_peer_free(scene->core);
    setup.fd = pair[0];
    assert_int_equal(ipc_peer_new(&scene->core, &setup), OK);
    link_attach(scene->link, pair[1]);
    IPC_SEND(scene->core, link_start, .domain = SLICE_LITERAL("acme.chat.example"),
             .host = SLICE_LITERAL("127.0.0.1"), .port = scene->fake.port,
             .secret = SLICE_LITERAL("s"));
    IPC_SEND(scene->core, link_member, .reset = true);
    IPC_SEND(scene->core, link_member, .jid = SLICE_LITERAL(ANNA), .member = true);
}

static bool was_told(void *context)
{
    struct scene *scene = context;

    return scene->told.data != NULL && strstr(scene->told.data, scene->awaited) != NULL;
}

static bool was_received(void *context)
{
    struct scene *scene = context;

    return fake_xmpp_has(&scene->fake, scene->awaited);
}

static void await_told(struct scene *scene, const char *line)
{
    scene->awaited = line;
    assert_true(wait_until(scene->base, was_told, scene, PATIENCE_MS));
}

static void await_received(struct scene *scene, const char *text)
{
    scene->awaited = text;
    assert_true(wait_until(scene->base, was_received, scene, PATIENCE_MS));
}

static void forget(struct scene *scene)
{
    buf_clear(&scene->told);
    buf_clear(&scene->fake.received);
}

static void begin_with(struct scene *scene)
{
    struct link_setup setup = { .tenant = "acme", .barrier_ms = scene->barrier_ms };

    scene->base = setup.base = event_base_new();
    buf_init(&scene->told, 1 << 20);
    fake_xmpp_start(&scene->fake, scene->base);
    assert_int_equal(link_new(&scene->link, &setup), OK);
    start_core(scene);
    await_told(scene, "up\n");
    forget(scene);
}

static int begin(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    scene->barrier_ms = 1000;
    begin_with(scene);
    *state = scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;

    link_free(scene->link);
    ipc_peer_free(scene->core);
    fake_xmpp_release(&scene->fake);
    buf_release(&scene->told);
    event_base_free(scene->base);
    free(scene);
    return 0;
}

static void say(struct scene *scene, unsigned ordinal, const char *text)
{
    struct ipc_link_say message = { .ordinal = ordinal,
                                    .to = SLICE_LITERAL(ANNA),
                                    .from = SLICE_LITERAL(VISITOR),
                                    .text = slice_of(text),
                                    .receipts = true };

    message.stanza.bytes[0] = (uint8_t)ordinal;
    ipc_peer_send(scene->core, IPC_link_say, &message);
}

static void arrives(struct scene *scene, const char *xml)
{
    fake_xmpp_say(&scene->fake, xml, strlen(xml));
}

static void say__to_an_agent__goes_out_escaped_and_counts_as_routed_behind_the_barrier(void **state)
{
    struct scene *scene = *state;

    say(scene, 1, "1 < 2 & \"so\" <body/>");
    say(scene, 2, "second");
    await_told(scene, "routed 2\n");
    assert_true(fake_xmpp_has(&scene->fake, "from='" VISITOR "@acme.chat.example' to='" ANNA "'"));
    assert_true(fake_xmpp_has(&scene->fake, "<body>1 &lt; 2 &amp; "));
    assert_false(fake_xmpp_has(&scene->fake, "<body/>"));
    assert_true(fake_xmpp_has(&scene->fake, "<request xmlns='urn:xmpp:receipts'/>"));
    assert_true(strstr(scene->fake.received.data, "1 &lt;") <
                strstr(scene->fake.received.data, "second"));
}

static void say__with_what_xml_does_not_know__bounces_and_the_stream_stays(void **state)
{
    static const char *const poison[] = { "a\x01", "a\xef\xbf\xbf", "a\xed\xa0\x80", "a\xff",
                                          "a\xf0\x9f\xbf\xbe" };
    struct scene *scene = *state;

    for (unsigned i = 0; i < sizeof(poison) / sizeof(poison[0]); i++) {
        char line[64];

        say(scene, 10 + i, poison[i]);
        (void)snprintf(line, sizeof(line), "bounced %u " ANNA " not-acceptable\n", 10 + i);
        await_told(scene, line);
    }
    say(scene, 20, "fine");
    await_told(scene, "routed 20\n");
    assert_int_equal(scene->fake.accepted, 1);
}

static void server__killed_and_back__is_found_again_and_messages_are_left_to_the_core(void **state)
{
    struct scene *scene = *state;

    scene->fake.manner.deaf = true;
    say(scene, 1, "never routed");
    await_received(scene, "never routed");
    fake_xmpp_stop(&scene->fake);
    await_told(scene, "down ");
    scene->fake.manner.deaf = false;
    forget(scene);
    fake_xmpp_start(&scene->fake, scene->base);
    await_told(scene, "up\n");
    say(scene, 2, "again");
    await_told(scene, "routed 2\n");
    assert_false(fake_xmpp_has(&scene->fake, "never routed"));
}

static void server__that_answers_nothing__is_left(void **state)
{
    struct scene *scene = *state;

    scene->fake.manner.deaf = true;
    say(scene, 1, "hello?");
    await_told(scene, "down half-open\n");
    scene->fake.manner.deaf = false;
    await_told(scene, "up\n");
}

static void server__that_does_not_return_a_barrier__is_nudged_with_white_space(void **state)
{
    struct scene *scene = *state;
    char blank[513];

    (void)memset(blank, ' ', sizeof(blank) - 1);
    blank[sizeof(blank) - 1] = '\0';
    scene->fake.manner.deaf = true;
    say(scene, 1, "stuck in your parser?");
    await_received(scene, blank);
    assert_true(strstr(scene->fake.received.data, "barrier-") <
                strstr(scene->fake.received.data, blank));
}

static void breach__of_the_stream__names_all_in_flight_and_then_finds_the_culprit(void **state)
{
    struct scene *scene = *state;

    scene->fake.manner.breaks_at = "poison";
    say(scene, 1, "innocent");
    say(scene, 2, "poison");
    say(scene, 3, "bystander");
    await_told(scene, "down policy-violation\n");
    assert_string_equal(scene->told.data, "broke 1\nbroke 2\nbroke 3\ndown policy-violation\n");
    await_told(scene, "up\n");
    forget(scene);
    say(scene, 4, "innocent");
    say(scene, 5, "poison");
    say(scene, 6, "bystander");
    await_told(scene, "down policy-violation\n");
    assert_string_equal(scene->told.data, "routed 4\nbroke 5\ndown policy-violation\n");
}

static void core__that_restarted__hears_again_what_was_not_handled(void **state)
{
    struct scene *scene = *state;

    arrives(scene, "<message from='" ANNA "/x' to='desk@acme.chat.example' id='1'>"
                   "<body>one</body></message>"
                   "<message from='" ANNA "/x' to='desk@acme.chat.example' id='2'>"
                   "<body>two</body></message>");
    await_told(scene, "heard 2 two\n");
    IPC_SEND(scene->core, link_handled, .ordinal = 1);
    say(scene, 1, "so that the handled one was read");
    await_told(scene, "routed 1\n");
    forget(scene);
    start_core(scene);
    await_told(scene, "heard 2 two\n");
    assert_string_equal(scene->told.data, "up\nheard 2 two\n");
    assert_int_equal(scene->fake.accepted, 1); /* the server noticed nothing */
}

static void message__while_the_core_is_away__is_kept_for_it(void **state)
{
    struct scene *scene = *state;

    scene->core = ipc_peer_free(scene->core);
    arrives(scene, "<message from='" ANNA "/x' to='desk@acme.chat.example' id='1'>"
                   "<body>anyone?</body></message>");
    settle(scene->base, 50);
    start_core(scene);
    await_told(scene, "heard 1 anyone?\n");
}

static void stranger__on_the_wire__gets_forbidden(void **state)
{
    struct scene *scene = *state;

    arrives(scene, "<message from='mallory@agents.example/x' to='desk@acme.chat.example' id='m'>"
                   "<body>let me in</body></message>");
    await_received(scene, "<forbidden ");
    assert_true(fake_xmpp_has(&scene->fake, "to='mallory@agents.example/x' id='m'"));
    assert_false(fake_xmpp_has(&scene->fake, "let me in"));
    assert_int_equal(scene->told.len, 0);
}

static void presence_and_receipts__while_the_server_is_away__go_out_when_it_is_back(void **state)
{
    struct scene *scene = *state;

    fake_xmpp_stop(&scene->fake);
    await_told(scene, "down ");
    IPC_SEND(scene->core, link_presence, .to = SLICE_LITERAL(ANNA), .from = SLICE_LITERAL(VISITOR),
             .show = SHOW_XA, .status = SLICE_LITERAL("/old"));
    IPC_SEND(scene->core, link_presence, .from = SLICE_LITERAL("desk"), .show = SHOW_AVAILABLE,
             .status = SLICE_LITERAL("2 waiting"));
    IPC_SEND(scene->core, link_presence, .to = SLICE_LITERAL(ANNA), .from = SLICE_LITERAL(VISITOR),
             .show = SHOW_AVAILABLE, .status = SLICE_LITERAL("/new"));
    IPC_SEND(scene->core, link_receipt, .to = SLICE_LITERAL(ANNA "/x"),
             .from = SLICE_LITERAL("desk"), .stanza = SLICE_LITERAL("a1"));
    IPC_SEND(scene->core, link_chat_state, .to = SLICE_LITERAL(ANNA),
             .from = SLICE_LITERAL(VISITOR), .composing = true);
    settle(scene->base, 20);
    forget(scene);
    fake_xmpp_start(&scene->fake, scene->base);
    await_received(scene, "<received xmlns='urn:xmpp:receipts' id='a1'/>");
    await_received(scene, "<status>/new</status>");
    await_received(scene, "<presence from='desk@acme.chat.example/lasna' to='" ANNA "'");
    assert_false(fake_xmpp_has(&scene->fake, "/old"));
    assert_false(fake_xmpp_has(&scene->fake, "composing"));
}

static void look__that_changes__reaches_whoever_sees_a_contact(void **state)
{
    struct scene *scene = *state;
    const char *photo;

    IPC_SEND(scene->core, link_look, .title = SLICE_LITERAL("Acme"), .color = 0x1f6feb);
    IPC_SEND(scene->core, link_presence, .to = SLICE_LITERAL(ANNA), .from = SLICE_LITERAL("desk"),
             .show = SHOW_AVAILABLE, .status = SLICE_LITERAL("2 waiting"));
    IPC_SEND(scene->core, link_presence, .to = SLICE_LITERAL(ANNA), .from = SLICE_LITERAL(VISITOR),
             .show = SHOW_GONE);
    await_received(scene, "<photo>");
    await_received(scene, "unavailable");
    forget(scene);
    IPC_SEND(scene->core, link_look, .title = SLICE_LITERAL("Acme Oy"), .color = 0x1f6feb);
    IPC_SEND(scene->core, link_look, .title = SLICE_LITERAL("Acme Oy"), .color = 0x8f2f6b);
    await_received(scene, "<presence from='desk@acme.chat.example/lasna' to='" ANNA "'");
    say(scene, 1, "behind all of it");
    await_told(scene, "routed 1\n");
    photo = strstr(scene->fake.received.data, "<photo>");
    assert_non_null(photo);
    assert_null(strstr(photo + 1, "<photo>")); /* the same look is no news, nor is who is gone */
}

static void outbox__filled_faster_than_the_server_reads__holds_the_core_back(void **state)
{
    enum { COUNT = 30000 };
    struct scene *scene = *state;
    char text[4001], line[32];
    uint64_t until_ms;

    (void)memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (unsigned i = 1; i <= COUNT; i++) { /* 120 MB through a 16 MB outbox */
        if (ipc_peer_queued(scene->core) > 32 << 20)
            settle(scene->base, 10);
        say(scene, i, text);
        if (scene->fake.received.len > 8 << 20)
            buf_clear(&scene->fake.received);
    }
    (void)snprintf(line, sizeof(line), "routed %d\n", COUNT);
    buf_clear(&scene->fake.received);
    scene->awaited = line;
    until_ms = clock_steady_ms() + 2 * PATIENCE_MS; /* 32 MB may be on their way still */
    while (!was_told(scene) && clock_steady_ms() < until_ms) {
        settle(scene->base, 20);
        buf_clear(&scene->fake.received);
    }
    assert_true(was_told(scene));
}

static void link__told_to_close__says_goodbye(void **state)
{
    struct scene *scene = *state;

    assert_false(link_close(scene->link));
    await_received(scene, "</stream:stream>");
    await_told(scene, "down ");
    assert_true(link_close(scene->link));
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

RUN(IN_A_SCENE(say__to_an_agent__goes_out_escaped_and_counts_as_routed_behind_the_barrier),
    IN_A_SCENE(say__with_what_xml_does_not_know__bounces_and_the_stream_stays),
    IN_A_SCENE(server__killed_and_back__is_found_again_and_messages_are_left_to_the_core),
    IN_A_SCENE(server__that_answers_nothing__is_left),
    IN_A_SCENE(server__that_does_not_return_a_barrier__is_nudged_with_white_space),
    IN_A_SCENE(breach__of_the_stream__names_all_in_flight_and_then_finds_the_culprit),
    IN_A_SCENE(core__that_restarted__hears_again_what_was_not_handled),
    IN_A_SCENE(message__while_the_core_is_away__is_kept_for_it),
    IN_A_SCENE(stranger__on_the_wire__gets_forbidden),
    IN_A_SCENE(presence_and_receipts__while_the_server_is_away__go_out_when_it_is_back),
    IN_A_SCENE(look__that_changes__reaches_whoever_sees_a_contact),
    IN_A_SCENE(outbox__filled_faster_than_the_server_reads__holds_the_core_back),
    IN_A_SCENE(link__told_to_close__says_goodbye))
