/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/storing.h"

#include "tests/support/cmocka.h"

#include <poll.h>

enum { PATIENCE_S = 120 };

const struct visitor_id the_visitor = { { { 'v' } } };

struct tenant_name tenant_called(const char *name)
{
    struct tenant_name tenant;

    assert_int_equal(tenant_name_parse(slice_of(name), &tenant), 0);
    return tenant;
}

struct chat_write a_visitors_message(struct conversation_id conversation, const char *cid,
                                     const char *text)
{
    return (struct chat_write){ .kind = WRITE_MESSAGE,
                                .conversation = conversation,
                                .visitor = the_visitor,
                                .at_ms = 1000,
                                .message = (struct message_id){ id_new() },
                                .from = FROM_VISITOR,
                                .sender = SLICE_LITERAL("visitor"),
                                .cid = slice_of(cid),
                                .text = slice_of(text),
                                .language = SLICE_LITERAL("en") };
}

struct chat_write an_agents_message(struct conversation_id conversation, const char *agent,
                                    const char *stanza, const char *text)
{
    return (struct chat_write){ .kind = WRITE_MESSAGE,
                                .conversation = conversation,
                                .visitor = the_visitor,
                                .at_ms = 1500,
                                .message = (struct message_id){ id_new() },
                                .from = FROM_AGENT,
                                .sender = slice_of(agent),
                                .agent = slice_of(agent),
                                .name = SLICE_LITERAL("Anna"),
                                .cid = slice_of(stanza),
                                .text = slice_of(text) };
}

struct store_answer next_answer(struct store *store)
{
    struct pollfd wait = { store->ops->answer_fd(store), POLLIN, 0 };
    struct store_answer answer;

    while (STORE_CALL(store, collect, &answer, 1) == 0) {
        assert_true(wait.fd >= 0); /* without one, the answer is there at once */
        assert_int_equal(poll(&wait, 1, PATIENCE_S * 1000), 1);
    }
    return answer;
}

struct store_answer store_now(struct store *store, const struct tenant_name *tenant,
                              const struct chat_write *write)
{
    struct store_answer answer;

    assert_int_equal(STORE_CALL(store, submit, tenant, write), OK);
    answer = next_answer(store);
    assert_ptr_equal(answer.write, write);
    assert_string_equal(answer.tenant.text, tenant->text);
    return answer;
}

static void expect_done(struct store_bulk *bulk, enum store_outcome outcome)
{
    (void)bulk;
    assert_int_equal(outcome, STORE_DONE);
}

void bulk_now(struct store *store, const struct tenant_name *tenant, struct store_bulk *bulk)
{
    struct store_answer answer;

    bulk->done = expect_done;
    assert_int_equal(STORE_CALL(store, bulk, tenant, bulk), OK);
    answer = next_answer(store);
    assert_ptr_equal(answer.bulk, bulk);
    assert_string_equal(answer.tenant.text, tenant->text);
    bulk->done(bulk, answer.outcome);
}
