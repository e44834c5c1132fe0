/* SPDX-License-Identifier: Apache-2.0
 *
 * A browser that comes back, told page by page. Storage is real and can be made unreadable; web
 * and the rules are played.
 */
#include "server-bridge/core/files/files.h"
#include "server-bridge/core/replay.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <stdio.h>

enum { CONVERSATIONS = 2, TOLD_BYTES = 1024 };

static struct core the_core;
static struct web_peer the_web = { .core = &the_core };
static struct live_tenant acme;
static struct visitor maria;
static struct session browser;
static struct store_ops ops;
static const struct store_ops *real_ops;
static struct conversation_id ids[CONVERSATIONS];
static const char *persona;   /* of whoever has the conversation, as the rules say */
static char told[TOLD_BYTES]; /* "message 1, page, …" */
static unsigned messages;
static bool has_come, unreadable;
static uint64_t hole_from, hole_to; /* what is asked for behind these cannot be read */

/* --- web, and the rest of the core --- */

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...)
{
    size_t len = strlen(told);
    va_list args;

    va_start(args, format);
    if (len > 0)
        len += (size_t)snprintf(told + len, sizeof(told) - len, ", ");
    (void)vsnprintf(told + len, sizeof(told) - len, format, args);
    va_end(args);
}

static void on_conversation(const struct ipc_tell_conversation *state)
{
    static const char *const names[] = { "queued", "active", "ended" };

    for (int i = 0; i < CONVERSATIONS; i++) {
        if (id_equal(state->conversation, ids[i].id))
            note("%d is %s", i, names[state->state]);
    }
}

void ipc_peer_send(struct ipc_peer *peer, enum ipc_type type, const void *message)
{
    const union ipc_message *sent = message;

    (void)peer;
    messages += type == IPC_tell_message;
    if (type == IPC_tell_message && sent->tell_message.from == FROM_SYSTEM)
        note("%u: %.*s", (unsigned)sent->tell_message.seq, SLICE_ARG(sent->tell_message.text));
    if (type == IPC_tell_page)
        note(sent->tell_page.last ? "done" : "page");
    else if (type == IPC_tell_conversation)
        on_conversation(&sent->tell_conversation);
    else if (type == IPC_tell_ended)
        note("ended by %.*s", SLICE_ARG(sent->tell_ended.reason));
    else if (type == IPC_tell_agent)
        note("%.*s %s", SLICE_ARG(sent->tell_agent.name),
             sent->tell_agent.joined ? "joined" : "left");
    else if (type == IPC_tell_reaction)
        note("%.*s beside %u", SLICE_ARG(sent->tell_reaction.emojis),
             (unsigned)sent->tell_reaction.seq);
}

void hello_come(struct session *session, struct slice page, const char *familiar)
{
    (void)session;
    (void)page;
    (void)familiar;
    has_come = true;
}

uint64_t core_now_ms(struct core *core)
{
    return core->now_ms;
}

void hello_refuse_later(struct session *session)
{
    session->replay = replay_free(session->replay);
    note("try later");
}

struct slice avatar_of(const struct live_tenant *tenant, struct slice jid,
                       char ret_address[AVATAR_ADDRESS_BYTES])
{
    (void)tenant;
    (void)jid;
    (void)ret_address;
    return SLICE_NONE;
}

struct slice avatar_of_words(const struct live_tenant *tenant, enum message_from from,
                             struct slice sender, char ret_address[AVATAR_ADDRESS_BYTES])
{
    (void)from;
    return avatar_of(tenant, sender, ret_address);
}

void file_view(const struct live_tenant *tenant, enum message_from from,
               const struct chat_file *file, struct slice text, struct buf *to)
{
    (void)tenant;
    (void)from;
    (void)file;
    (void)text;
    (void)to;
}

bool chat_view(const struct chat *chat, struct conversation_id conversation,
               struct chat_conversation_view *ret_view)
{
    (void)chat;
    *ret_view = (struct chat_conversation_view){ .conversation = conversation,
                                                 .agent = "anna@agents.example",
                                                 .persona = persona };
    return true;
}

/* --- storage --- */

static int read_messages(struct store *store, const struct tenant_name *tenant,
                         struct conversation_id conversation, uint64_t after, size_t limit,
                         store_message_fn *fn, void *context)
{
    return unreadable || (after >= hole_from && after < hole_to)
               ? ERR_IO
               : real_ops->messages(store, tenant, conversation, after, limit, fn, context);
}

static int read_latest(struct store *store, const struct tenant_name *tenant,
                       struct visitor_id visitor, store_conversation_fn *fn, void *context)
{
    return unreadable ? ERR_IO : real_ops->conversation_latest(store, tenant, visitor, fn, context);
}

static void store_it(const struct chat_write *write)
{
    assert_int_equal(store_now(the_core.store, &acme.about.name, write).outcome, STORE_DONE);
}

static void said_on(int conversation, unsigned first, unsigned count)
{
    char cid[32];

    for (unsigned i = first; i < first + count; i++) {
        struct chat_write write;

        (void)snprintf(cid, sizeof(cid), "c%d-%u", conversation, i);
        write = a_visitors_message(ids[conversation], cid, "hello");
        write.at_ms += (uint64_t)conversation * 1000;
        write.opens = i == 0;
        store_it(&write);
    }
}

static void said(int conversation, unsigned count)
{
    said_on(conversation, 0, count);
}

static void claimed(int conversation)
{
    store_it(&(struct chat_write){ .kind = WRITE_CLAIM,
                                   .conversation = ids[conversation],
                                   .visitor = the_visitor,
                                   .at_ms = 2000,
                                   .agent = SLICE_LITERAL("anna@agents.example"),
                                   .name = SLICE_LITERAL("Anna") });
    persona = "Anna";
}

static void ended(int conversation)
{
    store_it(&(struct chat_write){ .kind = WRITE_END,
                                   .conversation = ids[conversation],
                                   .visitor = the_visitor,
                                   .at_ms = 2000,
                                   .reason = SLICE_LITERAL("visitor") });
    persona = "";
}

static int start(void **state)
{
    (void)state;
    the_core = (struct core){ .now_ms = 1000 };
    assert_int_equal(store_memory_open(&the_core.store), OK);
    real_ops = the_core.store->ops;
    ops = *real_ops;
    ops.messages = read_messages;
    ops.conversation_latest = read_latest;
    the_core.store->ops = &ops;
    acme = (struct live_tenant){ .core = &the_core, .about.name = tenant_called("acme") };
    log_context_init(&acme.log, NULL, "tenant", "acme");
    maria = (struct visitor){ .id = the_visitor };
    browser = (struct session){ .web = &the_web, .tenant = &acme, .visitor = &maria };
    for (int i = 0; i < CONVERSATIONS; i++)
        ids[i].id = id_new();
    persona = "";
    has_come = unreadable = false;
    hole_from = hole_to = 0;
    assert_int_equal(STORE_CALL(the_core.store, tenant_open, &acme.about.name), OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    browser.replay = replay_free(browser.replay);
    the_core.store = store_free(the_core.store);
    return 0;
}

/* The browser says hello, and gets the first page. */
static void comes_back(uint64_t after)
{
    struct current current;

    told[0] = '\0';
    messages = 0;
    assert_int_equal(replay_current(&acme, the_visitor, &current), OK);
    assert_true(replay_begin(&browser, &current, after, SLICE_LITERAL("/pricing")));
}

static void asks_for_more(void)
{
    told[0] = '\0';
    replay_next(&browser);
}

/* --- the cases --- */

static void a_long_chat__comes_a_page_at_a_time(void **state)
{
    (void)state;
    said(0, PAGE_ROWS + 3);
    comes_back(0);
    assert_int_equal(messages, PAGE_ROWS);
    assert_string_equal(told, "page");
    assert_false(has_come);
    asks_for_more();
    assert_int_equal(messages, PAGE_ROWS + 3);
    assert_string_equal(told, "0 is queued, done");
    assert_true(has_come);
    assert_null(browser.replay);
}

static void a_page_that_cannot_be_read__sends_the_browser_away_for_a_moment(void **state)
{
    (void)state;
    said(0, PAGE_ROWS + 3);
    comes_back(0);
    unreadable = true;
    asks_for_more();
    assert_string_equal(told, "try later");
    assert_false(has_come);
    assert_null(browser.replay);
    unreadable = false;
    comes_back(PAGE_ROWS); /* for what it has not got */
    assert_int_equal(messages, 3);
    assert_string_equal(told, "0 is queued, done");
}

static void one_that_cannot_be_read_for_good__is_passed_over_with_a_word(void **state)
{
    (void)state;
    said(0, PAGE_ROWS + 40);
    hole_from = PAGE_ROWS;
    hole_to = PAGE_ROWS + 10;
    for (unsigned i = 1; i < 3; i++) {
        comes_back(0);
        asks_for_more();
        assert_string_equal(told, "try later");
    }
    comes_back(0);
    asks_for_more();
    assert_string_equal(told, "201: What was said here cannot be shown right now. You can go on "
                              "writing., page");
    asks_for_more();
    assert_int_equal(messages, PAGE_ROWS + 40 - 16 + 1);
    assert_string_equal(told, "0 is queued, done");
    assert_true(has_come);
    hole_from = hole_to = 0; /* mended */
    comes_back(PAGE_ROWS);
    assert_int_equal(messages, 40);
    hole_to = 1;
    comes_back(0);
    assert_string_equal(told, "try later"); /* it is tried as often as before */
}

static void one_of_which_nothing_can_be_read__is_open_all_the_same(void **state)
{
    (void)state;
    said(0, 3);
    hole_to = UINT64_MAX;
    for (unsigned i = 1; i < 3; i++) {
        comes_back(0);
        assert_string_equal(told, "try later");
    }
    comes_back(0);
    assert_string_equal(told, "1: What was said here cannot be shown right now. You can go on "
                              "writing., page");
    asks_for_more();
    assert_string_equal(told, "0 is queued, done");
    assert_true(has_come);
}

static void what_is_said_while_a_page_is_passed_over__is_told(void **state)
{
    (void)state;
    said(0, 20);
    hole_to = 20;
    for (unsigned i = 0; i < 3; i++)
        comes_back(0);
    said_on(0, 20, 5);
    asks_for_more();
    asks_for_more();
    assert_int_equal(messages, 1 + 5);
    assert_string_equal(told, "0 is queued, done");
    assert_int_equal(browser.told_seq, 25);
}

static void where_nothing_is_left_to_read__no_line_takes_the_place_of_the_next_words(void **state)
{
    (void)state;
    said(0, PAGE_ROWS);
    hole_from = PAGE_ROWS;
    hole_to = PAGE_ROWS + 1;
    for (unsigned i = 0; i < 3; i++) {
        comes_back(0);
        asks_for_more();
    }
    assert_string_equal(told, "0 is queued, done");
    assert_int_equal(browser.told_seq, PAGE_ROWS);
}

static void an_agent_who_comes_meanwhile__is_told_behind_all_words(void **state)
{
    (void)state;
    said(0, PAGE_ROWS + 3);
    comes_back(0);
    claimed(0);
    asks_for_more();
    assert_string_equal(told, "0 is active, Anna joined, done");
}

static void an_agent_who_goes_meanwhile__is_told_as_left(void **state)
{
    (void)state;
    said(0, PAGE_ROWS + 3);
    claimed(0);
    comes_back(0);
    persona = "Ben";
    asks_for_more();
    assert_string_equal(told, "0 is active, Anna left, Ben joined, done");
}

static void an_end_meanwhile__is_told_once(void **state)
{
    (void)state;
    said(0, PAGE_ROWS + 3);
    claimed(0);
    comes_back(0);
    ended(0);
    asks_for_more();
    assert_string_equal(told, "0 is ended, ended by visitor, done");
}

static void another_that_begins_meanwhile__follows_the_end_of_the_one_before(void **state)
{
    (void)state;
    said(0, PAGE_ROWS + 3);
    claimed(0);
    comes_back(0);
    ended(0);
    said(1, 2);
    asks_for_more();
    assert_string_equal(told, "0 is ended, ended by visitor, 1 is queued, page");
    assert_int_equal(messages, PAGE_ROWS + 3);
    claimed(1);
    asks_for_more();
    assert_string_equal(told, "1 is active, Anna joined, done"); /* of the new one, too */
    assert_int_equal(messages, PAGE_ROWS + 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(a_long_chat__comes_a_page_at_a_time),
    CASE(a_page_that_cannot_be_read__sends_the_browser_away_for_a_moment),
    CASE(one_that_cannot_be_read_for_good__is_passed_over_with_a_word),
    CASE(one_of_which_nothing_can_be_read__is_open_all_the_same),
    CASE(what_is_said_while_a_page_is_passed_over__is_told),
    CASE(where_nothing_is_left_to_read__no_line_takes_the_place_of_the_next_words),
    CASE(an_agent_who_comes_meanwhile__is_told_behind_all_words),
    CASE(an_agent_who_goes_meanwhile__is_told_as_left), CASE(an_end_meanwhile__is_told_once),
    CASE(another_that_begins_meanwhile__follows_the_end_of_the_one_before))
