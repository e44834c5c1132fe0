/* SPDX-License-Identifier: Apache-2.0
 *
 * Agents' presence: every number was worked by hand.
 */
#include "presence/figures/desk.h"
#include "tenant/hours.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct desk desk;
static struct hours helsinki;

static int start(void **state)
{
    (void)state;
    memset(&desk, 0, sizeof(desk));
    return hours_parse(SLICE_NONE, SLICE_LITERAL("Europe/Helsinki"), SLICE_NONE, &helsinki);
}

static void is_near(const json_t *object, const char *key, double wanted)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_number(value) || !(fabs(json_number_value(value) - wanted) < 1e-4))
        fail_msg("%s is %.8g, not %.8g", key, json_number_value(value), wanted);
}

static void event(struct desk_offers *offers, const char *type, const char *agent)
{
    desk_event(&desk, offers, slice_of(type), slice_of(agent));
}

/* Anna misses, Bo declines, Cy takes it while Dee has it offered, too: four offers, one of each
 * end. A claim that nobody was offered (a bot's, an import's) is none. */
static void offers__end_as_taken_declined_missed_or_withdrawn(void **state)
{
    struct desk_offers first = { .count = 0 }, second = { .count = 0 };
    const json_t *offers;
    AUTO_JSON document = NULL;

    (void)state;
    event(&first, "queued", "");
    event(&first, "offered", "anna");
    event(&first, "missed", "anna");
    event(&first, "offered", "bo");
    event(&first, "offered", "cy");
    event(&first, "offered", "dee");
    event(&first, "declined", "bo");
    event(&first, "claimed", "cy");
    event(&second, "claimed", "anna");
    assert_int_equal(desk.offered, 4);
    assert_int_equal(desk.missed, 1);
    assert_int_equal(desk.declined, 1);
    assert_int_equal(desk.taken, 1);
    document = desk_json(&desk);
    offers = json_object_get(document, "offers");
    is_near(json_object_get(offers, "withdrawn"), "count", 1);
    assert_true(json_is_true(json_object_get(json_object_get(offers, "taken"), "too_few")));
}

/* Offered again after it was missed, and then taken; an answer without an offer counts for nothing.
 */
static void an_offer__has_one_end(void **state)
{
    struct desk_offers offers = { .count = 0 };

    (void)state;
    event(&offers, "offered", "anna");
    event(&offers, "missed", "anna");
    event(&offers, "missed", "anna");
    event(&offers, "offered", "anna");
    event(&offers, "transferred", "anna");
    assert_int_equal(desk.offered, 2);
    assert_int_equal(desk.missed, 1);
    assert_int_equal(desk.taken, 1);
}

/* 2026-03-02 07:00 UTC is nine in Helsinki, 2026-07-02 06:00 UTC, in summer, is nine, too. */
static const uint64_t winter_nine = 1772434800, summer_nine = 1782972000;

/* Two hours at nine: seen 3600 + 1800 s, open 3600 + 1800, staffed 1800 + 900, agents 3600 + 900,
 * held 1800 + 900, and 2700 s without anybody: 90 open minutes, 45 of them staffed, 4500 ÷ 5400
 * agents, 2700 ÷ 5400 chats in hand, 2700 ÷ 4500 for each agent. */
static void hours__are_those_of_the_tenants_own_day(void **state)
{
    struct staffing_hour winter = { winter_nine / 3600, 3600, 3600, 1800, 3600, 1800, 0 };
    struct staffing_hour summer = { summer_nine / 3600, 1800, 1800, 900, 900, 900, 900 };
    const json_t *hour;
    AUTO_JSON document = NULL;

    (void)state;
    desk_staffing(&desk, hours_local_hour(&helsinki, winter.hour * 3600000), &winter);
    desk_staffing(&desk, hours_local_hour(&helsinki, summer.hour * 3600000), &summer);
    desk_chat(&desk, hours_local_hour(&helsinki, winter_nine * 1000 + 59 * 60000));
    desk_chat(&desk, hours_local_hour(&helsinki, summer_nine * 1000));
    document = desk_json(&desk);
    hour = json_array_get(json_object_get(document, "hours"), 9);
    is_near(hour, "chats", 2);
    is_near(hour, "open_min", 90);
    is_near(hour, "staffed_min", 45);
    is_near(hour, "unstaffed_min", 45);
    is_near(hour, "staffed_share", 0.5);
    is_near(hour, "agents", 4500.0 / 5400);
    is_near(hour, "held", 0.5);
    is_near(hour, "queued", 900.0 / 5400);
    is_near(document, "open_min", 90);
    is_near(document, "held_per_agent", 0.6);
    hour = json_array_get(json_object_get(document, "hours"), 8);
    is_near(hour, "chats", 0);
    assert_true(json_is_null(json_object_get(hour, "agents")));
}

static void a_desk_nobody_saw__is_left_out(void **state)
{
    (void)state;
    desk_chat(&desk, 3);
    assert_null(desk_json(&desk));
}

/* --- what the core sees --- */

static void what_is_seen__adds_up_to_seconds(void **state)
{
    struct staffing_hour hour = { 0 };
    const struct chat_counts two = {
        .active = 3, .queued = 1, .people_available = 2, .agents_available = 3, .open = true
    };
    const struct chat_counts none = { .active = 1, .agents_available = 1, .open = true };
    const struct chat_counts closed = { .active = 1, .people_available = 4 };

    (void)state;
    staffing_see(&hour, &two, 10);
    staffing_see(&hour, &none, 10); /* a bot alone does not staff a desk */
    staffing_see(&hour, &closed, 10);
    assert_int_equal(hour.seen_s, 30);
    assert_int_equal(hour.open_s, 20);
    assert_int_equal(hour.staffed_s, 10);
    assert_int_equal(hour.agent_s, 20);
    assert_int_equal(hour.held_s, 50);
    assert_int_equal(hour.queued_s, 10);
}

/* --- what is stored --- */

static int list(void *context, const struct staffing_hour *hour)
{
    char *text = context;
    size_t len = strlen(text);

    (void)snprintf(text + len, 200 - len, "%d:%d/%d ", (int)hour->hour, (int)hour->staffed_s,
                   (int)hour->open_s);
    return 0;
}

static void stored_hours__add_up_and_are_read_by_time(void **state)
{
    static const struct staffing_hour hours[] = { { 100, 300, 300, 200, 1, 1, 1 },
                                                  { 100, 300, 300, 100, 1, 1, 1 },
                                                  { 102, 300, 300, 0, 1, 1, 1 } };
    struct tenant_name acme;
    AUTO(store) store = NULL;
    char text[200] = "";

    (void)state;
    assert_int_equal(tenant_name_parse(SLICE_LITERAL("acme"), &acme), 0);
    assert_int_equal(store_memory_open(&store), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    for (int i = 0; i < 3; i++) {
        struct staffing_bulk bulk;

        staffing_bulk_init(&bulk, &hours[i]);
        bulk_now(store, &acme, &bulk.bulk);
    }
    assert_int_equal(staffing_read(store, &acme, 0, 0, list, text), OK);
    assert_string_equal(text, "100:300/600 102:0/300 ");
    text[0] = '\0';
    assert_int_equal(
        staffing_read(store, &acme, 100ull * 3600000 + 1, 103ull * 3600000, list, text), OK);
    assert_string_equal(text, "102:0/300 ");
}

#define CASE(name) cmocka_unit_test_setup(name, start)
RUN(CASE(offers__end_as_taken_declined_missed_or_withdrawn), CASE(an_offer__has_one_end),
    CASE(hours__are_those_of_the_tenants_own_day), CASE(a_desk_nobody_saw__is_left_out),
    CASE(what_is_seen__adds_up_to_seconds), CASE(stored_hours__add_up_and_are_read_by_time))
