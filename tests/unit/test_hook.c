/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/hook.h"

#include "tests/support/cmocka.h"

static bool is_fine(const char *url)
{
    return hook_url_is_fine(slice_of(url));
}

static void a_plain_https_url__is_fine(void **state)
{
    static const char *const all[] = { "https://hooks.acme.example",
                                       "https://hooks.acme.example/",
                                       "https://hooks.acme.example:8443/lasna?key=a%20b&c=d",
                                       "https://h/~acme/in(1)",
                                       "https://1.1.1.1/hook",
                                       "https://[2a00:1450::1]:443/hook" };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!is_fine(all[i]))
            fail_msg("%s is fine", all[i]);
    }
}

static void what_two_may_read_differently__is_not(void **state)
{
    static const char *const all[] = { "",
                                       "https://",
                                       "http://hooks.acme.example/",
                                       "HTTPS://hooks.acme.example/",
                                       "ftp://hooks.acme.example/",
                                       "file:///etc/passwd",
                                       "https:hooks.acme.example",
                                       "https:///hooks.acme.example",
                                       "https://user@hooks.acme.example/",
                                       "https://user:pass@hooks.acme.example/",
                                       "https://acme.example\\@127.0.0.1/",
                                       "https://acme.example#@127.0.0.1/",
                                       "https://acme.example?x",
                                       "https://acme.example/#part",
                                       "https://acme.example/a b",
                                       "https://acme.example/\r\nHost: x",
                                       "https://acme.example/\"<>",
                                       "https://acme.example:/",
                                       "https://acme.example:0/",
                                       "https://acme.example:65536/",
                                       "https://acme.example:999999999999/",
                                       "https://acme.example:80x/",
                                       "https://[::1/",
                                       "https://[]/",
                                       "https://-acme.example/",
                                       "https://\xc3\xa4.example/",
                                       " https://acme.example/" };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (is_fine(all[i]))
            fail_msg("%s is not fine", all[i]);
    }
    assert_false(hook_url_is_fine((struct slice){ "https://a\0b/", 12 }));
}

static void a_long_url__is_fine_up_to_its_bound(void **state)
{
    char url[HOOK_URL_MAX + 2] = "https://h/";

    (void)state;
    memset(url + strlen(url), 'a', HOOK_URL_MAX + 1 - strlen(url));
    assert_true(hook_url_is_fine((struct slice){ url, HOOK_URL_MAX }));
    assert_false(hook_url_is_fine((struct slice){ url, HOOK_URL_MAX + 1 }));
}

static void a_hook__leads_to_a_url_or_an_address(void **state)
{
    (void)state;
    assert_true(hook_target_is_fine(SLICE_LITERAL("https://hooks.acme.example/")));
    assert_true(hook_target_is_fine(SLICE_LITERAL("mailto:sales@acme.example")));
    assert_true(
        slice_is(hook_address(SLICE_LITERAL("mailto:sales@acme.example")), "sales@acme.example"));
    assert_int_equal(hook_address(SLICE_LITERAL("https://mailto:x/")).len, 0);
    assert_false(hook_target_is_fine(SLICE_LITERAL("mailto:")));
    assert_false(hook_target_is_fine(SLICE_LITERAL("mailto:a@b.example?bcc=c@d.example")));
    assert_false(hook_target_is_fine(SLICE_LITERAL("MAILTO:a@b.example")));
    assert_false(hook_target_is_fine(SLICE_LITERAL("sales@acme.example")));
}

static void every_event__is_known_by_its_name(void **state)
{
    enum hook_event event;

    (void)state;
    for (int i = 0; i < HOOK_EVENT_COUNT; i++) {
        assert_int_equal(hook_event_parse(slice_of(hook_event_name((enum hook_event)i)), &event),
                         0);
        assert_int_equal(event, i);
    }
    assert_int_equal(hook_event_parse(SLICE_LITERAL("everything"), &event), 1);
    assert_int_equal(hook_event_parse(SLICE_LITERAL(""), &event), 1);
}

RUN(cmocka_unit_test(a_plain_https_url__is_fine),
    cmocka_unit_test(what_two_may_read_differently__is_not),
    cmocka_unit_test(a_long_url__is_fine_up_to_its_bound),
    cmocka_unit_test(a_hook__leads_to_a_url_or_an_address),
    cmocka_unit_test(every_event__is_known_by_its_name))
