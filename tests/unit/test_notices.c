/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/erase.h"
#include "storage/notices.h"
#include "storage/transcripts/import.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <stdio.h>

enum { ALL = (1 << HOOK_EVENT_COUNT) - 1 };

static struct tenant_name acme;
static struct store *store;
static struct tenant_keys keys;
static char *dir;
static char told[512];
static struct notice last;

static int start(void **state)
{
    (void)state;
    acme = tenant_called("acme");
    keys = (struct tenant_keys){ .all = { tenant_key_new() }, .count = 1 };
    dir = scratch_new();
    assert_int_equal(store_sqlite_open(&store, dir, 1), OK);
    return STORE_CALL(store, tenant_open, &acme);
}

static int stop(void **state)
{
    (void)state;
    store = store_free(store);
    scratch_free(dir);
    return 0;
}

static uint64_t a_hook_at(const char *url, unsigned events)
{
    const struct stored_hook hook = { .hook = { id_new() },
                                      .events = events,
                                      .texts = true,
                                      .url = slice_of(url),
                                      .secret = SLICE_LITERAL("whsec_x"),
                                      .created_ms = 5 };
    struct hook_change change;

    assert_int_equal(hook_adding(&change, &hook, &keys), OK);
    bulk_now(store, &acme, &change.bulk);
    return change.hook.row;
}

static uint64_t a_hook(unsigned events)
{
    static unsigned made;
    char url[64];

    (void)snprintf(url, sizeof(url), "https://hooks.example/%u", ++made);
    return a_hook_at(url, events);
}

static void settle(enum notice_fate fate, uint64_t row, uint64_t at_ms)
{
    struct notice_change change;

    notice_changing(&change, fate, row, at_ms);
    change.tries = 7;
    (void)snprintf(change.error, sizeof(change.error), "it answered 500");
    bulk_now(store, &acme, &change.bulk);
}

static int take(void *context, const struct notice *notice)
{
    (void)context;
    last = *notice;
    (void)snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s%.*s ",
                   hook_event_name(notice->event), SLICE_ARG(notice->message.text));
    return 0;
}

/* All that waits for the hook, in order, each taken away once it was read. */
static const char *tells(uint64_t hook)
{
    told[0] = '\0';
    while (notice_next(store, &acme, hook, take, NULL) == OK)
        settle(NOTICE_TOLD, last.row, 0);
    return told;
}

static struct conversation_id opened(const char *text)
{
    struct chat_write write = a_visitors_message((struct conversation_id){ id_new() }, "c1", text);

    write.opens = true;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    return write.conversation;
}

static void does(struct conversation_id conversation, struct chat_write write)
{
    write.conversation = conversation;
    write.visitor = the_visitor;
    write.at_ms = 2000;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
}

static void calls_back(struct conversation_id conversation, const char *agent)
{
    does(conversation, (struct chat_write){ .kind = WRITE_EVENT,
                                            .event = SLICE_LITERAL("callback"),
                                            .agent = slice_of(agent),
                                            .name = SLICE_LITERAL("Anna"),
                                            .detail = SLICE_LITERAL("{\"time\":\"noon\"}") });
}

static void ends(struct conversation_id conversation)
{
    does(conversation,
         (struct chat_write){ .kind = WRITE_END, .reason = SLICE_LITERAL("visitor") });
}

static void answers_survey(struct conversation_id conversation)
{
    does(conversation,
         (struct chat_write){ .kind = WRITE_SURVEY, .detail = SLICE_LITERAL("{\"csat\":5}") });
}

/* A whole conversation. */
static void chats(const char *text)
{
    struct conversation_id conversation = opened(text);
    struct chat_write answer = an_agents_message(conversation, "anna@agents.example", "s1", "!");

    answer.claims = true;
    assert_int_equal(store_now(store, &acme, &answer).outcome, STORE_DONE);
    calls_back(conversation, "anna@agents.example");
    ends(conversation);
    answers_survey(conversation);
}

static void what_happens__is_told_in_order_and_once(void **state)
{
    uint64_t hook = a_hook(ALL);

    (void)state;
    chats("A");
    assert_string_equal(tells(hook), "conversation.started messageA message! callback "
                                     "conversation.ended survey ");
    assert_string_equal(tells(hook), "");
}

static void a_hook__is_told_what_it_asked_for(void **state)
{
    uint64_t ended = a_hook(1U << HOOK_ENDED), nothing = a_hook(0);
    uint64_t words = a_hook(1U << HOOK_MESSAGE | 1U << HOOK_SURVEY);

    (void)state;
    chats("A");
    assert_string_equal(tells(nothing), "");
    assert_string_equal(tells(words), "messageA message! survey ");
    assert_string_equal(tells(ended), "conversation.ended ");
}

static void a_repeat__is_told_once(void **state)
{
    uint64_t hook = a_hook(ALL);
    struct conversation_id conversation = opened("A");
    struct chat_write again = a_visitors_message(conversation, "c1", "A");

    (void)state;
    assert_int_equal(store_now(store, &acme, &again).outcome, STORE_REPEAT);
    again.opens = true;
    assert_int_equal(store_now(store, &acme, &again).outcome, STORE_REPEAT);
    assert_string_equal(tells(hook), "conversation.started messageA ");
}

static void a_visitor_who_asks_to_be_called__is_told_of_too(void **state)
{
    uint64_t hook = a_hook(1U << HOOK_CALLBACK);
    struct conversation_id conversation = opened("A");

    (void)state;
    calls_back(conversation, "");
    assert_string_equal(tells(hook), "callback ");
}

static void what_a_page_calls_a_callback__is_none(void **state)
{
    uint64_t hook = a_hook(1U << HOOK_CALLBACK);
    struct conversation_id conversation = opened("A");

    (void)state;
    does(conversation,
         (struct chat_write){ .kind = WRITE_EVENT, .event = SLICE_LITERAL("site_callback") });
    assert_string_equal(tells(hook), "");
}

static void what_was_imported__is_no_news(void **state)
{
    uint64_t hook = a_hook(ALL);
    const char *line = "{\"id\":\"1\",\"turns\":[{\"role\":\"visitor\",\"text\":\"hi\"}],"
                       "\"events\":[{\"at\":\"2026-03-02T09:14:05Z\",\"type\":\"callback\"}]}";
    struct import_item *items = calloc(1, sizeof(*items));
    struct import import;
    AUTO_JSON json = json_loads(line, 0, NULL);
    AUTO_BUF problem;

    (void)state;
    buf_init(&problem, 512);
    assert_int_equal(transcript_read(json, &acme, &items[0].transcript, &problem), OK);
    import_init(&import, items, 1);
    bulk_now(store, &acme, &import.bulk);
    assert_int_equal(items[0].verdict, IMPORT_NEW);
    import_release(&import);
    assert_string_equal(tells(hook), "");
}

static void a_notice__says_what_it_is_about(void **state)
{
    uint64_t hook = a_hook(1U << HOOK_CALLBACK);
    struct conversation_id conversation = opened("A");

    (void)state;
    calls_back(conversation, "anna@agents.example");
    assert_int_equal(notice_next(store, &acme, hook, take, NULL), OK);
    assert_true(conversation_id_equal(last.about.conversation, conversation));
    assert_true(visitor_id_equal(last.about.visitor, the_visitor));
    assert_false(notice_id_is_none(last.notice));
    assert_int_equal(last.at_ms, 2000);
    assert_int_equal(notice_next(store, &acme, hook + 1, take, NULL), STORE_E_NONE);
}

static int count_dead(void *context, const struct notice *notice)
{
    ++*(size_t *)context;
    last = *notice;
    return 0;
}

static size_t dead_count(void)
{
    size_t dead = 0;

    assert_int_equal(notices_dead(store, &acme, 0, 10, count_dead, &dead), OK);
    return dead;
}

static void a_dead_one__waits_no_more_until_it_is_tried_again(void **state)
{
    uint64_t hook = a_hook(1U << HOOK_MESSAGE), row;
    struct conversation_id conversation = opened("A");
    struct chat_write second = a_visitors_message(conversation, "c2", "B");

    (void)state;
    assert_int_equal(store_now(store, &acme, &second).outcome, STORE_DONE);
    assert_int_equal(notice_next(store, &acme, hook, take, NULL), OK);
    row = last.row;
    settle(NOTICE_DEAD, row, 9000);
    assert_int_equal(dead_count(), 1);
    assert_int_equal(last.tries, 7);
    assert_string_equal(tells(hook), "messageB ");
    settle(NOTICE_AGAIN, 0, 20000);
    assert_int_equal(dead_count(), 0);
    assert_int_equal(notice_next(store, &acme, hook, take, NULL), OK);
    assert_int_equal(last.row, row);
    assert_int_equal(last.since_ms, 20000);
    settle(NOTICE_DEAD, row, 30000);
    settle(NOTICE_SWEEP, 0, 30000);
    assert_int_equal(dead_count(), 1);
    settle(NOTICE_SWEEP, 0, 30001);
    assert_int_equal(dead_count(), 0);
}

static void what_is_written_while_nobody_is_there__is_told(void **state)
{
    uint64_t hook = a_hook(1U << HOOK_OFFLINE);
    struct chat_write write = a_visitors_message((struct conversation_id){ id_new() }, "c1", "A");

    (void)state;
    write.opens = true;
    write.event = SLICE_LITERAL("offline_form");
    write.visitor_name = SLICE_LITERAL("Vera");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    write = a_visitors_message(write.conversation, "c2", "B");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    assert_string_equal(tells(hook), "offline_formA ");
}

static enum mail_verdict order(struct conversation_id conversation, const char *address)
{
    struct mail_order wanted;

    mail_ordering(&wanted, conversation, 5000);
    (void)snprintf(wanted.address, sizeof(wanted.address), "%s", address);
    bulk_now(store, &acme, &wanted.bulk);
    return wanted.verdict;
}

static int take_address(void *context, const struct notice *notice)
{
    (void)slice_copy(notice->address, told, sizeof(told));
    last = *notice;
    (void)context;
    return 0;
}

static void a_copy_by_mail__is_a_notice_with_its_address(void **state)
{
    struct conversation_id conversation = opened("A");

    (void)state;
    assert_int_equal(order(conversation, "vera@buyer.example"), MAIL_ORDERED);
    assert_int_equal(notice_next(store, &acme, 0, take_address, NULL), OK);
    assert_string_equal(told, "vera@buyer.example");
    assert_int_equal(last.event, HOOK_TRANSCRIPT);
    assert_int_equal(order((struct conversation_id){ id_new() }, "x@y.example"),
                     MAIL_NO_CONVERSATION);
    for (int i = 1; i < MAIL_COPIES_MAX; i++)
        assert_int_equal(order(conversation, "other@buyer.example"), MAIL_ORDERED);
    assert_int_equal(order(conversation, "vera@buyer.example"), MAIL_TOO_MANY);
}

static void a_mail_that_cannot_go_now__lets_others_go_first(void **state)
{
    struct conversation_id conversation = opened("A");

    (void)state;
    assert_int_equal(order(conversation, "one@buyer.example"), MAIL_ORDERED);
    assert_int_equal(order(conversation, "two@buyer.example"), MAIL_ORDERED);
    assert_int_equal(notice_next(store, &acme, 0, take_address, NULL), OK);
    settle(NOTICE_LATER, last.row, 0);
    assert_int_equal(notice_next(store, &acme, 0, take_address, NULL), OK);
    assert_string_equal(told, "two@buyer.example");
    settle(NOTICE_TOLD, last.row, 0);
    assert_int_equal(notice_next(store, &acme, 0, take_address, NULL), OK);
    assert_string_equal(told, "one@buyer.example");
}

static void an_erased_visitor__leaves_no_notice(void **state)
{
    uint64_t hook = a_hook(ALL);
    struct erasure erasure;

    (void)state;
    (void)opened("A");
    assert_int_equal(erasure_init(&erasure, &the_visitor, 1), OK);
    bulk_now(store, &acme, &erasure.bulk);
    erasure_release(&erasure);
    assert_string_equal(tells(hook), "");
}

static int count(void *context, const struct stored_hook *hook)
{
    uint64_t *counts = context;

    counts[0]++;
    counts[1] += hook->waiting;
    counts[2] += hook->dead;
    assert_true(slice_is(hook->url, counts[3] == hook->row ? "https://hooks.example/a"
                                                           : "https://hooks.example/b"));
    assert_true(slice_is(hook->secret, "whsec_x"));
    assert_int_equal(hook->created_ms, 5);
    assert_true(hook->texts);
    return 0;
}

static void a_hook_that_goes__takes_its_notices_along(void **state)
{
    uint64_t hook = a_hook_at("https://hooks.example/a", 1U << HOOK_MESSAGE);
    uint64_t other = a_hook_at("https://hooks.example/b", 1U << HOOK_MESSAGE);
    uint64_t counts[4] = { 0, 0, 0, hook };
    struct hook_change change;

    (void)state;
    (void)opened("A");
    assert_int_equal(notice_next(store, &acme, other, take, NULL), OK);
    settle(NOTICE_DEAD, last.row, 9000);
    assert_int_equal(hooks_read(store, &acme, &keys, count, counts), OK);
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 1);
    assert_int_equal(counts[2], 1);
    hook_removing(&change, hook);
    bulk_now(store, &acme, &change.bulk);
    assert_string_equal(tells(hook), "");
    memset(counts, 0, 3 * sizeof(counts[0]));
    assert_int_equal(hooks_read(store, &acme, &keys, count, counts), OK);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 0);
}

/* Two may be asked for before one of them is there: what counts is the order of their writes. */
static void a_hook_too_many__or_there_already__is_not_added(void **state)
{
    (void)state;
    assert_true(a_hook_at("https://hooks.example/again", ALL) > 0);
    assert_int_equal(a_hook_at("https://hooks.example/again", ALL), 0);
    for (int i = 1; i < HOOKS_MAX; i++)
        assert_true(a_hook(ALL) > 0);
    assert_int_equal(a_hook(ALL), 0);
}

static void notices__survive_the_process(void **state)
{
    uint64_t hook = a_hook(1U << HOOK_STARTED);

    (void)state;
    (void)opened("A");
    store = store_free(store);
    assert_int_equal(store_sqlite_open(&store, dir, 1), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    assert_string_equal(tells(hook), "conversation.started ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(what_happens__is_told_in_order_and_once), CASE(a_hook__is_told_what_it_asked_for),
    CASE(a_repeat__is_told_once), CASE(a_visitor_who_asks_to_be_called__is_told_of_too),
    CASE(what_a_page_calls_a_callback__is_none), CASE(what_was_imported__is_no_news),
    CASE(a_notice__says_what_it_is_about), CASE(a_dead_one__waits_no_more_until_it_is_tried_again),
    CASE(what_is_written_while_nobody_is_there__is_told),
    CASE(a_copy_by_mail__is_a_notice_with_its_address),
    CASE(a_mail_that_cannot_go_now__lets_others_go_first),
    CASE(an_erased_visitor__leaves_no_notice), CASE(a_hook_that_goes__takes_its_notices_along),
    CASE(a_hook_too_many__or_there_already__is_not_added), CASE(notices__survive_the_process))
