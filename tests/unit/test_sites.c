/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/web.h"

#include "tests/support/cmocka.h"

static struct web web;

static void add_site(const char *tenant, const char *key, const char *origins)
{
    const struct ipc_tenant_site site = { .tenant = slice_of(tenant),
                                          .site = { { (uint8_t)key[0] } },
                                          .key = slice_of(key),
                                          .origins = slice_of(origins),
                                          .config = SLICE_LITERAL("{}"),
                                          .texts = slice_of(key[1] == '2' ? "{\"fi\":{}}" : "") };

    sites_add(&web, &site);
}

static void open_tenant(const char *tenant)
{
    const struct ipc_tenant_open open = { .tenant = slice_of(tenant) };

    sites_open(&web, &open);
}

static int start(void **state)
{
    static char own[] = "https://chat.example";

    (void)state;
    web = (struct web){ .own_origins = own };
    open_tenant("acme");
    add_site("acme", "k1", "https://acme.example https://www.acme.example");
    add_site("acme", "k2", "https://shop.acme.example");
    sites_told(&web, SLICE_LITERAL("acme"));
    open_tenant("borealis");
    add_site("borealis", "k3", "https://borealis.example");
    sites_told(&web, SLICE_LITERAL("borealis"));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sites_free_all(&web);
    return 0;
}

static struct web_tenant *tenant(const char *name)
{
    return sites_find(&web, slice_of(name));
}

static bool allows(const char *name, const char *origin)
{
    return sites_allows(&web, tenant(name), slice_of(origin));
}

static void an_origin__is_allowed_where_it_was_named(void **state)
{
    (void)state;
    assert_true(allows("acme", "https://acme.example"));
    assert_true(allows("acme", "https://www.acme.example"));
    assert_true(allows("acme", "https://shop.acme.example"));
    assert_true(allows("borealis", "https://borealis.example"));
    assert_true(allows("acme", "https://chat.example")); /* our own: the widget's frame */
}

static void a_former_name__leads_to_the_tenant(void **state)
{
    const struct ipc_tenant_open open = { .tenant = SLICE_LITERAL("acme-oy"),
                                          .former = SLICE_LITERAL("acme-old acme") };

    (void)state;
    sites_close(&web, SLICE_LITERAL("acme"));
    assert_null(tenant("acme"));
    sites_open(&web, &open);
    add_site("acme-oy", "k1", "https://acme.example");
    sites_told(&web, open.tenant);
    assert_ptr_equal(tenant("acme"), tenant("acme-oy"));
    assert_ptr_equal(tenant("acme-old"), tenant("acme-oy"));
    assert_null(tenant("acme-"));
    assert_true(allows("acme", "https://acme.example"));
    sites_close(&web, SLICE_LITERAL("acme")); /* it is another's, as far as this goes */
    assert_non_null(tenant("acme"));
    sites_close(&web, SLICE_LITERAL("acme-oy"));
    assert_null(tenant("acme"));
}

static void an_origin__is_not_allowed_next_door_or_nearby(void **state)
{
    static const char *const origins[] = {
        "https://borealis.example",
        "http://acme.example",
        "https://acme.example:8443",
        "https://acme.example.evil.example",
        "https://evil-acme.example",
        "null",
        "",
        "https://acme.example https://www.acme.example",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
        if (allows("acme", origins[i]))
            fail_msg("\"%s\"", origins[i]);
    }
}

static void a_key__is_known_to_its_tenant_alone(void **state)
{
    (void)state;
    assert_int_equal(sites_by_key(tenant("acme"), SLICE_LITERAL("k2"))->id.id.bytes[0], 'k');
    assert_null(sites_by_key(tenant("acme"), SLICE_LITERAL("k3")));
    assert_null(sites_by_key(tenant("acme"), SLICE_LITERAL("k")));
    assert_null(sites_by_key(tenant("acme"), SLICE_NONE));
}

static void own_words__are_those_of_their_site(void **state)
{
    const struct web_site *site = sites_by_key(tenant("acme"), SLICE_LITERAL("k2"));

    (void)state;
    assert_true(slice_is(site->texts->body[ENCODING_PLAIN], "{\"fi\":{}}"));
    assert_null(sites_by_key(tenant("acme"), SLICE_LITERAL("k1"))->texts);
}

static void while_it_is_told_anew__a_tenant_is_what_it_was(void **state)
{
    (void)state;
    open_tenant("acme");
    assert_non_null(sites_by_key(tenant("acme"), SLICE_LITERAL("k2")));
    add_site("acme", "k4", "https://new.acme.example");
    assert_true(allows("acme", "https://acme.example"));
    assert_false(allows("acme", "https://new.acme.example"));
    assert_string_equal(tenant("acme")->sites->key, "k1");
}

static void told_anew_in_the_middle__what_came_before_is_not_there_twice(void **state)
{
    (void)state;
    open_tenant("acme");
    add_site("acme", "k1", "https://acme.example");
    open_tenant("acme"); /* another change, or a core that has taken over */
    add_site("acme", "k4", "https://new.acme.example");
    sites_told(&web, SLICE_LITERAL("acme"));
    assert_null(sites_by_key(tenant("acme"), SLICE_LITERAL("k1")));
    assert_ptr_equal(sites_by_key(tenant("acme"), SLICE_LITERAL("k4")), tenant("acme")->sites);
}

static void told_anew__only_what_is_told_now_counts(void **state)
{
    (void)state;
    open_tenant("acme");
    add_site("acme", "k4", "https://new.acme.example");
    sites_told(&web, SLICE_LITERAL("acme"));
    assert_true(allows("acme", "https://new.acme.example"));
    assert_false(allows("acme", "https://acme.example"));
    assert_null(sites_by_key(tenant("acme"), SLICE_LITERAL("k1")));
    assert_true(allows("borealis", "https://borealis.example"));
}

static void closed__it_is_not_known_any_more(void **state)
{
    (void)state;
    sites_close(&web, SLICE_LITERAL("acme"));
    sites_close(&web, SLICE_LITERAL("nobody"));
    assert_null(tenant("acme"));
    assert_null(tenant("acm"));
    add_site("acme", "k5", "https://acme.example"); /* late: of a tenant that is gone */
    sites_told(&web, SLICE_LITERAL("acme"));
    assert_null(tenant("acme"));
    assert_non_null(tenant("borealis"));
}

/* --- quotas --- */

static void grant(const char *name, uint64_t messages, uint64_t sessions)
{
    const struct ipc_tenant_open open = { .tenant = slice_of(name),
                                          .messages = messages,
                                          .sessions = sessions };

    sites_open(&web, &open);
}

static unsigned passing(const char *name, unsigned frames)
{
    unsigned passed = 0;

    for (unsigned i = 0; i < frames; i++)
        passed += sites_spend(&web, slice_of(name), PURSE_CHAT, 1) == 0;
    return passed;
}

static void a_tenants_frames__end_with_its_quota__and_anothers_do_not(void **state)
{
    (void)state;
    grant("acme", 10, 5);
    grant("borealis", 100, 5);
    assert_int_equal(passing("acme", 1000), 20);
    assert_in_range(sites_spend(&web, SLICE_LITERAL("acme"), PURSE_CHAT, 1), 1, 100);
    assert_int_equal(passing("borealis", 50), 50);
    web.now_ms += 1000;
    assert_int_equal(passing("acme", 1000), 10);
    grant("acme", 10, 5); /* told anew for another reason: what was spent stays spent */
    assert_int_equal(passing("acme", 1000), 0);
    grant("acme", 1, 5);
    assert_int_equal(sites_spend(&web, SLICE_LITERAL("acme"), PURSE_CHAT, 5),
                     0); /* a hello is never too dear */
}

static void buyers_who_answer_a_survey__leave_the_chat_what_it_has(void **state)
{
    unsigned answered = 0;

    (void)state;
    grant("acme", 10, 5);
    for (unsigned i = 0; i < 100; i++)
        answered += sites_spend(&web, SLICE_LITERAL("acme"), PURSE_SURVEY, 5) == 0;
    assert_int_equal(answered, 4);
    assert_int_equal(passing("acme", 1000), 20);
}

static void a_tenant_that_is_granted_nothing_in_particular__has_no_limit(void **state)
{
    (void)state;
    assert_int_equal(passing("acme", 10000), 10000);
    assert_true(sites_has_room(&web, tenant("acme")));
}

static void browsers__are_as_many_as_are_granted__and_lifted_limits_lift_it(void **state)
{
    (void)state;
    grant("acme", 10, 2);
    tenant("acme")->sessions = 1;
    assert_true(sites_has_room(&web, tenant("acme")));
    tenant("acme")->sessions = 2;
    assert_false(sites_has_room(&web, tenant("acme")));
    web.loads = true;
    assert_true(sites_has_room(&web, tenant("acme")));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(an_origin__is_allowed_where_it_was_named), CASE(a_former_name__leads_to_the_tenant),
    CASE(an_origin__is_not_allowed_next_door_or_nearby), CASE(a_key__is_known_to_its_tenant_alone),
    CASE(own_words__are_those_of_their_site), CASE(while_it_is_told_anew__a_tenant_is_what_it_was),
    CASE(told_anew_in_the_middle__what_came_before_is_not_there_twice),
    CASE(told_anew__only_what_is_told_now_counts),
    CASE(a_tenants_frames__end_with_its_quota__and_anothers_do_not),
    CASE(buyers_who_answer_a_survey__leave_the_chat_what_it_has),
    CASE(a_tenant_that_is_granted_nothing_in_particular__has_no_limit),
    CASE(browsers__are_as_many_as_are_granted__and_lifted_limits_lift_it),
    CASE(closed__it_is_not_known_any_more))
