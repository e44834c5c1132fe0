/* SPDX-License-Identifier: Apache-2.0
 *
 * A stanza whose bytes arrive in two reads must be heard as soon as the second is there. Newer
 * expats wait for the next stanza, and libstrophe lets them (parser_guard.h).
 */
#include "server-bridge/xmpp/component.h"
#include "server-bridge/xmpp/parser_guard.h"
#include "tests/support/cmocka.h"
#include "tests/support/fake_xmpp.h"

enum { PATIENCE_MS = 60000 };

struct listener {
    struct event_base *base;
    struct fake_xmpp fake;
    struct component *component;
    unsigned heard, wanted;
    bool up, cut;
    char from[64], body[64];
    size_t children;
};

static void on_up(void *context)
{
    ((struct listener *)context)->up = true;
}

static void on_down(void *context, const struct component_end *end)
{
    (void)end;
    ((struct listener *)context)->up = false;
}

static void on_stanza(void *context, xmpp_stanza_t *stanza)
{
    struct listener *listener = context;
    xmpp_stanza_t *body = xmpp_stanza_get_child_by_name(stanza, "body");
    char *text = body == NULL ? NULL : xmpp_stanza_get_text(body);

    listener->heard++;
    listener->cut = parser_guard_was_cut();
    (void)snprintf(listener->from, sizeof(listener->from), "%s", xmpp_stanza_get_from(stanza));
    (void)snprintf(listener->body, sizeof(listener->body), "%s", text == NULL ? "" : text);
    if (text != NULL)
        xmpp_free(xmpp_stanza_get_context(stanza), text);
    listener->children = 0;
    for (xmpp_stanza_t *child = xmpp_stanza_get_children(stanza); child != NULL;
         child = xmpp_stanza_get_next(child))
        listener->children++;
}

static void on_drained(void *context)
{
    (void)context;
}

static const struct component_handlers handlers = {
    .up = on_up, .down = on_down, .stanza = on_stanza, .drained = on_drained
};

static bool is_up(void *context)
{
    return ((struct listener *)context)->up;
}

static bool has_heard(void *context)
{
    struct listener *listener = context;

    return listener->heard >= listener->wanted;
}

static int begin(void **state)
{
    struct listener *listener = calloc(1, sizeof(*listener));
    struct component_setup setup = { .domain = "acme.chat.example",
                                     .host = "127.0.0.1",
                                     .secret = "s",
                                     .handlers = &handlers,
                                     .context = listener };

    listener->base = event_base_new();
    fake_xmpp_start(&listener->fake, listener->base);
    setup.base = listener->base;
    setup.port = listener->fake.port;
    assert_int_equal(component_new(&listener->component, &setup), OK);
    assert_true(wait_until(listener->base, is_up, listener, PATIENCE_MS));
    *state = listener;
    return 0;
}

static int end(void **state)
{
    struct listener *listener = *state;

    component_free(listener->component);
    fake_xmpp_release(&listener->fake);
    event_base_free(listener->base);
    free(listener);
    return 0;
}

static void stanza__split_at_every_byte__arrives_with_its_last_byte(void **state)
{
    static const char stanza[] =
        "<message from='anna@agents.example/x' to='desk@acme.chat.example' id='a1' type='chat'>"
        "<body>Hei &amp; p\xc3\xa4iv\xc3\xa4\xc3\xa4 \xf0\x9f\x91\x8b</body></message>";
    struct listener *listener = *state;

    for (size_t at = 1; at < sizeof(stanza) - 1; at++) {
        fake_xmpp_say(&listener->fake, stanza, at);
        settle(listener->base, 3); /* so that the two parts are two reads */
        assert_int_equal(listener->heard, at - 1);
        fake_xmpp_say(&listener->fake, stanza + at, sizeof(stanza) - 1 - at);
        listener->wanted = (unsigned)at;
        assert_true(wait_until(listener->base, has_heard, listener, PATIENCE_MS));
        assert_string_equal(listener->body, "Hei & p\xc3\xa4iv\xc3\xa4\xc3\xa4 \xf0\x9f\x91\x8b");
    }
}

static void say(struct listener *listener, const char *stanza)
{
    fake_xmpp_say(&listener->fake, stanza, strlen(stanza));
    listener->wanted = listener->heard + 1;
    assert_true(wait_until(listener->base, has_heard, listener, PATIENCE_MS));
}

/* Libstrophe drops prefixes: x:from would become from, and anyone anna. */
static void attributes__with_a_prefix__are_not_taken_for_plain_ones(void **state)
{
    struct listener *listener = *state;

    say(listener, "<message from='mallory@evil.example' xmlns:x='urn:x' "
                  "x:from='anna@agents.example' to='acme.chat.example'/>");
    assert_string_equal(listener->from, "mallory@evil.example");
    say(listener, "<message xmlns:x='urn:x' x:from='anna@agents.example' "
                  "from='mallory@evil.example' to='acme.chat.example'/>");
    assert_string_equal(listener->from, "mallory@evil.example");
}

static void say_wide(struct listener *listener, unsigned elements)
{
    AUTO_BUF xml;

    buf_init(&xml, 1 << 20);
    buf_add_text(&xml, "<message from='a@b.example' to='acme.chat.example'><body>first</body>");
    for (unsigned i = 0; i < elements; i++)
        buf_add_text(&xml, "<x>t<y/></x>");
    buf_add_text(&xml, "</message>");
    say(listener, xml.data);
}

static void stanza__of_5000_elements__is_cut_and_marked(void **state)
{
    struct listener *listener = *state;

    say_wide(listener, 5000);
    assert_true(listener->cut);
    assert_string_equal(listener->body, "first");
    assert_in_range(listener->children, 2, PARSER_GUARD_ELEMENTS_MAX);
    say_wide(listener, 20); /* and the next one is itself again */
    assert_false(listener->cut);
    assert_int_equal(listener->children, 21);
}

static void say_list(struct listener *listener, const char *from, const char *id, unsigned items)
{
    AUTO_BUF xml;

    buf_init(&xml, 1 << 20);
    buf_addf(&xml, "<iq type='result' to='acme.chat.example' from='%s' id='%s'>", from, id);
    for (unsigned i = 0; i < items; i++)
        buf_add_text(&xml, "<item/>");
    buf_add_text(&xml, "</iq>");
    say(listener, xml.data);
}

static void answer__that_is_expected__may_be_a_long_list(void **state)
{
    struct listener *listener = *state;
    const char *room = "team@rooms.example";

    parser_guard_expect(room, "room-1");
    say_list(listener, room, "room-1", 5000);
    assert_false(listener->cut);
    assert_int_equal(listener->children, 5000);
    say_list(listener, room, "room-1", PARSER_GUARD_LIST_MAX);
    assert_true(listener->cut);
    say_list(listener, "team@rooms.example/mallory", "room-1", 300);
    assert_true(listener->cut);
    say_list(listener, room, "room-2", 300);
    assert_true(listener->cut);
    parser_guard_expect("", "");
    say_list(listener, room, "room-1", 300);
    assert_true(listener->cut);
}

static void stanza__nested_4000_deep__is_cut_and_marked(void **state)
{
    struct listener *listener = *state;
    AUTO_BUF xml;

    buf_init(&xml, 1 << 20);
    buf_add_text(&xml, "<message from='a@b.example' to='acme.chat.example'>");
    for (unsigned i = 0; i < 4000; i++)
        buf_add_text(&xml, "<x>");
    for (unsigned i = 0; i < 4000; i++)
        buf_add_text(&xml, "</x>");
    buf_add_text(&xml, "<body>after</body></message>");
    say(listener, xml.data);
    assert_true(listener->cut);
    say(listener, "<message from='a@b.example' to='acme.chat.example'><body>ok</body></message>");
    assert_false(listener->cut);
    assert_string_equal(listener->body, "ok");
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, begin, end)

RUN(WITH_SERVER(stanza__split_at_every_byte__arrives_with_its_last_byte),
    WITH_SERVER(attributes__with_a_prefix__are_not_taken_for_plain_ones),
    WITH_SERVER(stanza__of_5000_elements__is_cut_and_marked),
    WITH_SERVER(answer__that_is_expected__may_be_a_long_list),
    WITH_SERVER(stanza__nested_4000_deep__is_cut_and_marked))
