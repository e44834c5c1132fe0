/* SPDX-License-Identifier: Apache-2.0
 *
 * one_chat — a store in a fresh folder, and one chat of acme's in it: what tests of what becomes of
 * a chat begin with. The visitor, Maria, asks in Finland "how much is it?" (1); Anna takes it with
 * "29 euros a year" (2), her stanza s1.
 */
#ifndef TESTS_SUPPORT_ONE_CHAT_H
#define TESTS_SUPPORT_ONE_CHAT_H

#include "tests/support/storing.h"

extern const char *const anna, *const ben;
extern struct tenant_name acme;
extern struct store *store;
extern struct conversation_id chat;

#define IN_ONE_CHAT(test) cmocka_unit_test_setup_teardown(test, one_chat_begin, one_chat_go)
int one_chat_begin(void **state);
int one_chat_go(void **state);

/* The store is closed and opened again. */
void one_chat_restart(void);
/* At 6000 ms Anna ends it. */
void one_chat_end(void);
/* Its visitor wants to be forgotten. */
void one_chat_erase(void);
/* Retention at 9000 ms takes what ended before this. How many chats' words went. */
uint64_t one_chat_fade(uint64_t before_ms);

#endif
