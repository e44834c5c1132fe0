/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/one_chat.h"

#include "storage/erase.h"
#include "storage/retention.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

const char *const anna = "anna@agents.example", *const ben = "ben@agents.example";
struct tenant_name acme;
struct store *store;
struct conversation_id chat;

static char *dir;

static void open_store(void)
{
    assert_int_equal(store_sqlite_open(&store, dir, 1), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
}

int one_chat_begin(void **state)
{
    struct chat_write write;

    (void)state;
    acme = tenant_called("acme");
    dir = scratch_new();
    open_store();
    chat = (struct conversation_id){ id_new() };
    write = a_visitors_message(chat, "c1", "how much is it?");
    write.opens = true;
    write.visitor_name = SLICE_LITERAL("Maria");
    write.language = SLICE_LITERAL("fi");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    write = an_agents_message(chat, anna, "s1", "29 euros a year");
    write.claims = true;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    return 0;
}

int one_chat_go(void **state)
{
    (void)state;
    store = store_free(store);
    dir = scratch_free(dir);
    return 0;
}

void one_chat_restart(void)
{
    store = store_free(store);
    open_store();
}

void one_chat_end(void)
{
    const struct chat_write write = { .kind = WRITE_END,
                                      .conversation = chat,
                                      .visitor = the_visitor,
                                      .at_ms = 6000,
                                      .reason = SLICE_LITERAL("agent") };

    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
}

void one_chat_erase(void)
{
    struct erasure erasure;

    assert_int_equal(erasure_init(&erasure, &the_visitor, 1), OK);
    bulk_now(store, &acme, &erasure.bulk);
    erasure_release(&erasure);
}

uint64_t one_chat_fade(uint64_t before_ms)
{
    struct fading fading;

    fading_init(&fading, before_ms, 9000);
    bulk_now(store, &acme, &fading.bulk);
    return fading.conversations;
}
