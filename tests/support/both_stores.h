/* SPDX-License-Identifier: Apache-2.0
 *
 * both_stores — what store.h promises, the same cases for every backend: in each, Acme and Borealis
 * are open, Acme's visitor and agents do something, and what is stored of it is read back as one
 * line.
 */
#ifndef TESTS_SUPPORT_BOTH_STORES_H
#define TESTS_SUPPORT_BOTH_STORES_H

#include "tests/support/storing.h"

extern struct tenant_name acme, borealis;
extern struct store *store;
extern const char *const anna, *const ben;

/* Each case has a store of its own. A program ends with RUN_ON_BOTH(CASE(…), …). */
#define CASE(name) cmocka_unit_test_setup_teardown(name, store_begin, store_end)
int store_begin(void **state);
int store_end(void **state);

extern const struct backend {
    const char *name;
    int (*open)(struct store **ret_store, const char *dir);
} backends[]; /* the last has no name */
extern const struct backend *backend;

#define RUN_ON_BOTH(...)                                                             \
    int main(int argc, char **argv)                                                  \
    {                                                                                \
        const struct CMUnitTest tests[] = { __VA_ARGS__ };                           \
        int failed = 0;                                                              \
                                                                                     \
        if (argc > 1)                                                                \
            cmocka_set_test_filter(argv[1]);                                         \
        for (backend = backends; backend->name != NULL; backend++)                   \
            failed += cmocka_run_group_tests_name(backend->name, tests, NULL, NULL); \
        return failed;                                                               \
    }

/* --- what Acme's visitor and agents do --- */

struct conversation_id opened(const char *text);
struct store_answer visitor_says(struct conversation_id conversation, const char *cid,
                                 const char *text);
struct store_answer agent_says(struct conversation_id conversation, const char *agent,
                               const char *stanza, const char *text);
enum store_outcome act(enum chat_write_kind kind, struct conversation_id conversation,
                       const char *agent);
void mark(enum chat_write_kind kind, struct conversation_id conversation, uint64_t seq,
          enum delivery delivery, bool single);

/* --- what is read back, as one line --- */

extern char line[4096];
void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
int add_message(void *context, const struct stored_message *message);
int add_conversation(void *context, const struct stored_conversation *conversation);
const char *messages_after(struct conversation_id conversation, uint64_t seq, size_t limit,
                           store_message_fn *fn);
const char *messages(struct conversation_id conversation);
const char *marks(struct conversation_id conversation);
uint64_t routed_of(struct conversation_id conversation);
const char *state_of(struct conversation_id conversation);
const char *events(struct conversation_id conversation);

#endif
