/* SPDX-License-Identifier: Apache-2.0
 *
 * storing — writes as the rules would make them, and their answers, for tests of storage.
 */
#ifndef TESTS_SUPPORT_STORING_H
#define TESTS_SUPPORT_STORING_H

#include "storage/store.h"

extern const struct visitor_id the_visitor;

struct tenant_name tenant_called(const char *name);
/* At 1000 ms, of the_visitor; the texts are borrowed. */
struct chat_write a_visitors_message(struct conversation_id conversation, const char *cid,
                                     const char *text);
struct chat_write an_agents_message(struct conversation_id conversation, const char *agent,
                                    const char *stanza, const char *text);

/* Waits for one answer; the test fails when none comes. */
struct store_answer next_answer(struct store *store);
/* Submits, and waits for the answer to just that. */
struct store_answer store_now(struct store *store, const struct tenant_name *tenant,
                              const struct chat_write *write);
/* The same with work in bulk, which is to succeed; its `done` is ours. */
void bulk_now(struct store *store, const struct tenant_name *tenant, struct store_bulk *bulk);

#endif
