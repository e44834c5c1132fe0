/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/both_stores.h"

#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <string.h>

static int open_memory(struct store **ret_store, const char *dir)
{
    (void)dir;
    return store_memory_open(ret_store);
}

static int open_sqlite(struct store **ret_store, const char *dir)
{
    return store_sqlite_open(ret_store, dir, 2);
}

const struct backend backends[] = { { "memory", open_memory },
                                    { "sqlite", open_sqlite },
                                    { NULL, NULL } };

const struct backend *backend;
struct tenant_name acme, borealis;
struct store *store;
static char *dir;

int store_begin(void **state)
{
    (void)state;
    acme = tenant_called("acme");
    borealis = tenant_called("borealis");
    dir = scratch_new();
    assert_int_equal(backend->open(&store, dir), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &borealis), OK);
    return 0;
}

int store_end(void **state)
{
    (void)state;
    store = store_free(store);
    scratch_free(dir);
    return 0;
}

/* --- what Acme's visitor and agents do --- */

const char *const anna = "anna@agents.example", *const ben = "ben@agents.example";

struct conversation_id opened(const char *text)
{
    struct chat_write write = a_visitors_message((struct conversation_id){ id_new() }, "c1", text);

    write.opens = true;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    return write.conversation;
}

struct store_answer visitor_says(struct conversation_id conversation, const char *cid,
                                 const char *text)
{
    struct chat_write write = a_visitors_message(conversation, cid, text);

    return store_now(store, &acme, &write);
}

struct store_answer agent_says(struct conversation_id conversation, const char *agent,
                               const char *stanza, const char *text)
{
    struct chat_write write = an_agents_message(conversation, agent, stanza, text);

    return store_now(store, &acme, &write);
}

enum store_outcome act(enum chat_write_kind kind, struct conversation_id conversation,
                       const char *agent)
{
    struct chat_write write = { .kind = kind,
                                .conversation = conversation,
                                .at_ms = 5000,
                                .agent = slice_of(agent),
                                .name = SLICE_LITERAL("Anna"),
                                .reason = SLICE_LITERAL("why") };

    return store_now(store, &acme, &write).outcome;
}

void mark(enum chat_write_kind kind, struct conversation_id conversation, uint64_t seq,
          enum delivery delivery, bool single)
{
    struct chat_write write = { .kind = kind,
                                .conversation = conversation,
                                .at_ms = 7000,
                                .seq = seq,
                                .delivery = delivery,
                                .single = single };

    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
}

/* --- what is read back, as one line --- */

char line[4096];

void add(const char *format, ...)
{
    size_t len = strlen(line);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line + len, sizeof(line) - len, format, args);
    va_end(args);
}

int add_message(void *context, const struct stored_message *message)
{
    (void)context;
    add("%llu %.*s;", (unsigned long long)message->seq, SLICE_ARG(message->text));
    return 0;
}

static int add_marks(void *context, const struct stored_message *message)
{
    (void)context;
    add("%d%s%s ", (int)message->delivery, message->delivered_ms != 0 ? "d" : "",
        message->read_ms != 0 ? "r" : "");
    return 0;
}

static int add_event(void *context, const struct stored_event *event)
{
    (void)context;
    add("%.*s ", SLICE_ARG(event->type));
    return 0;
}

int add_conversation(void *context, const struct stored_conversation *conversation)
{
    static const char *const states[] = { "queued", "active", "ended" };

    (void)context;
    add("%s %.*s last=%llu;", states[conversation->state], SLICE_ARG(conversation->agent),
        (unsigned long long)conversation->last_seq);
    return 0;
}

const char *messages_after(struct conversation_id conversation, uint64_t seq, size_t limit,
                           store_message_fn *fn)
{
    line[0] = '\0';
    assert_int_equal(STORE_CALL(store, messages, &acme, conversation, seq, limit, fn, NULL), OK);
    return line;
}

const char *messages(struct conversation_id conversation)
{
    return messages_after(conversation, 0, 100, add_message);
}

const char *marks(struct conversation_id conversation)
{
    return messages_after(conversation, 0, 100, add_marks);
}

static int take_routed(void *context, const struct stored_conversation *row)
{
    *(uint64_t *)context = row->routed_seq;
    return 0;
}

uint64_t routed_of(struct conversation_id conversation)
{
    uint64_t seq = UINT64_MAX;

    assert_int_equal(STORE_CALL(store, conversation_get, &acme, conversation, take_routed, &seq),
                     OK);
    return seq;
}

const char *state_of(struct conversation_id conversation)
{
    line[0] = '\0';
    assert_int_equal(
        STORE_CALL(store, conversation_get, &acme, conversation, add_conversation, NULL), OK);
    return line;
}

const char *events(struct conversation_id conversation)
{
    line[0] = '\0';
    assert_int_equal(STORE_CALL(store, events, &acme, conversation, add_event, NULL), OK);
    return line;
}
