/* SPDX-License-Identifier: Apache-2.0
 *
 * machine — the rules of the machine coder, read when first asked for and kept: they never change
 * while we run, so the threads of work.h share them.
 */
#ifndef SERVER_BRIDGE_CORE_API_MACHINE_H
#define SERVER_BRIDGE_CORE_API_MACHINE_H

#include "presence/coder/coder.h"
#include "server-bridge/core/api/call.h"

enum { CODER_NAME_MAX = 64, CODER_ASKED_MAX = 256, CODER_BOOK_MAX = 32, CODER_POINTS_MAX = 60 };

/* NULL: they cannot be read, and the call is answered with why. */
const struct presence_rules *machine_rules(struct call *call);
/* The same without an answer: NULL when they cannot be read. */
const struct presence_rules *machine_try(struct core *core);
/* "machine@1.0-3fa9c2d1" */
void machine_name(const struct presence_rules *rules, char name[CODER_NAME_MAX]);

struct coder_choice {
    char asked[CODER_ASKED_MAX], asked_book[CODER_BOOK_MAX]; /* "": not asked for */
    char name[CODER_ASKED_MAX], book[CODER_BOOK_MAX];        /* found; name "": nobody's */
};
/* `coder` and `book` of the query. False: the call is answered. */
bool coder_asked(struct call *call, struct coder_choice *choice);
/* Whose codes count: those asked for, "none" for nobody's, else those that people settled on, else
 * whoever coded last; of one name by more than one code book, the book used last. STORE_E_NONE: the
 * one asked for has coded nothing here. */
int coder_choose(struct store *view, const struct tenant_name *tenant,
                 struct coder_choice *choice) MUST_CHECK;

/* Whether it may be a person's name. NULL may not. */
bool coder_is_person(const char *name);
/* As whom the caller codes: a coder's token says so itself, others name the coder. Borrowed from
 * either. NULL: the call is answered. */
const char *coder_of(struct call *call, const char *asked);

/* One conversation as the coder wants it, read from a store. */
struct machine_chat {
    struct presence_message *messages; /* owned, and their texts */
    size_t count, cap;
    uint64_t last_seq;
    char language[32];
};

/* STORE_E_NONE, STORE_E_UNAVAILABLE, ERR_*. */
int machine_chat_read(struct machine_chat *chat, struct store *store,
                      const struct tenant_name *tenant, struct conversation_id id) MUST_CHECK;
void machine_chat_release(struct machine_chat *chat);
struct presence_conversation machine_chat_view(const struct machine_chat *chat);

#endif
