/* SPDX-License-Identifier: Apache-2.0
 *
 * Libstrophe's component connections crash unless approached our way (component.c). If this
 * test fails after a library update, the way round no longer fits: look there first.
 */
#include "server-bridge/xmpp/component.h"
#include "server-bridge/xmpp/parser_guard.h"
#include "tests/support/cmocka.h"
#include "tests/support/fake_xmpp.h"

enum { PATIENCE_MS = 60000 };

struct watcher {
    struct event_base *base;
    struct fake_xmpp fake;
    struct component *component;
    unsigned ups, downs, stanzas, wanted;
    char condition[64];
    bool breach;
};

static void on_up(void *context)
{
    ((struct watcher *)context)->ups++;
}

static void on_down(void *context, const struct component_end *end)
{
    struct watcher *watcher = context;

    watcher->downs++;
    watcher->breach = end->is_breach;
    (void)snprintf(watcher->condition, sizeof(watcher->condition), "%s", end->condition);
}

static void on_stanza(void *context, xmpp_stanza_t *stanza)
{
    (void)stanza;
    ((struct watcher *)context)->stanzas++;
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
    struct watcher *watcher = context;

    return watcher->ups >= watcher->wanted && component_is_up(watcher->component);
}

static bool was_refused(void *context)
{
    struct watcher *watcher = context;

    return watcher->downs >= watcher->wanted;
}

static bool has_heard(void *context)
{
    struct watcher *watcher = context;

    return watcher->stanzas >= watcher->wanted;
}

static void begin(struct watcher *watcher, unsigned connect_ms)
{
    struct component_setup setup = { .domain = "acme.chat.example",
                                     .host = "127.0.0.1",
                                     .secret = "s",
                                     .handlers = &handlers,
                                     .context = watcher,
                                     .connect_ms = connect_ms };

    watcher->base = event_base_new();
    fake_xmpp_start(&watcher->fake, watcher->base);
    setup.base = watcher->base;
    setup.port = watcher->fake.port;
    assert_int_equal(component_new(&watcher->component, &setup), OK);
}

static void end(struct watcher *watcher)
{
    component_free(watcher->component);
    fake_xmpp_release(&watcher->fake);
    event_base_free(watcher->base);
}

static void component__by_our_way_round__connects_without_crash(void **state)
{
    struct watcher watcher = { .wanted = 1 };

    (void)state;
    begin(&watcher, 0);
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    assert_true(parser_guard_is_active());
    assert_int_equal(watcher.fake.accepted, 1); /* the first, refused try sent no packet */
    end(&watcher);
}

static void component__with_the_wrong_secret__keeps_trying_slowly(void **state)
{
    struct watcher watcher = { .fake.manner.refuses = true, .wanted = 3 };

    (void)state;
    begin(&watcher, 0);
    assert_true(wait_until(watcher.base, was_refused, &watcher, PATIENCE_MS));
    assert_string_equal(watcher.condition, "not-authorized");
    assert_false(watcher.breach);
    assert_int_equal(watcher.ups, 0);
    watcher.fake.manner.refuses = false; /* the secret was corrected */
    watcher.wanted = 1;
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    end(&watcher);
}

static void component__whose_server_is_killed_and_comes_back__reconnects(void **state)
{
    struct watcher watcher = { .wanted = 1 };

    (void)state;
    begin(&watcher, 0);
    for (unsigned round = 1; round <= 3; round++) {
        watcher.wanted = round;
        assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
        fake_xmpp_stop(&watcher.fake);
        watcher.wanted = watcher.downs + 2; /* the loss, and a refused try */
        assert_true(wait_until(watcher.base, was_refused, &watcher, PATIENCE_MS));
        assert_string_equal(watcher.condition, "refused");
        fake_xmpp_start(&watcher.fake, watcher.base);
    }
    watcher.wanted = 4;
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    end(&watcher);
}

static void component__whose_server_says_nothing__gives_up_and_tries_again(void **state)
{
    struct watcher watcher = { .fake.manner.mute = true, .wanted = 1 };

    (void)state;
    begin(&watcher, 200);
    assert_true(wait_until(watcher.base, was_refused, &watcher, PATIENCE_MS));
    assert_string_equal(watcher.condition, "timeout");
    watcher.fake.manner.mute = false;
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    end(&watcher);
}

static void component__that_is_dropped__comes_back(void **state)
{
    struct watcher watcher = { .wanted = 1 };

    (void)state;
    begin(&watcher, 0);
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    component_drop(watcher.component, "half-open");
    assert_int_equal(watcher.downs, 1);
    assert_string_equal(watcher.condition, "half-open");
    watcher.wanted = 2;
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    end(&watcher);
}

static void stream_error__that_a_stanza_may_have_caused__is_a_breach(void **state)
{
    struct watcher watcher = { .fake.manner.breaks_at = "poison", .wanted = 1 };

    (void)state;
    begin(&watcher, 0);
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    component_send(watcher.component, SLICE_LITERAL("<message><body>poison</body></message>"));
    assert_true(wait_until(watcher.base, was_refused, &watcher, PATIENCE_MS));
    assert_true(watcher.breach);
    assert_string_equal(watcher.condition, "policy-violation");
    end(&watcher);
}

static void component__that_is_closed__says_goodbye_and_stays_down(void **state)
{
    struct watcher watcher = { .wanted = 1 };

    (void)state;
    begin(&watcher, 0);
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    component_close(watcher.component);
    assert_true(wait_until(watcher.base, was_refused, &watcher, PATIENCE_MS));
    assert_true(fake_xmpp_has(&watcher.fake, "</stream:stream>"));
    settle(watcher.base, 500); /* longer than the first pause before a new try */
    assert_int_equal(watcher.fake.accepted, 1);
    end(&watcher);
}

/* Ten thousand stanzas in, more than one round of reading. */
static void stanzas__more_than_one_read_holds__all_arrive(void **state)
{
    static const char stanza[] = "<message from='a@b' to='c'><body>hello</body></message>";
    struct watcher watcher = { .wanted = 1 };

    (void)state;
    begin(&watcher, 0);
    assert_true(wait_until(watcher.base, is_up, &watcher, PATIENCE_MS));
    for (int i = 0; i < 10000; i++)
        fake_xmpp_say(&watcher.fake, stanza, sizeof(stanza) - 1);
    watcher.wanted = 10000;
    assert_true(wait_until(watcher.base, has_heard, &watcher, PATIENCE_MS));
    end(&watcher);
}

RUN(cmocka_unit_test(component__by_our_way_round__connects_without_crash),
    cmocka_unit_test(component__with_the_wrong_secret__keeps_trying_slowly),
    cmocka_unit_test(component__whose_server_is_killed_and_comes_back__reconnects),
    cmocka_unit_test(component__whose_server_says_nothing__gives_up_and_tries_again),
    cmocka_unit_test(component__that_is_dropped__comes_back),
    cmocka_unit_test(stream_error__that_a_stanza_may_have_caused__is_a_breach),
    cmocka_unit_test(component__that_is_closed__says_goodbye_and_stays_down),
    cmocka_unit_test(stanzas__more_than_one_read_holds__all_arrive))
