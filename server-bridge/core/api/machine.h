/* SPDX-License-Identifier: Apache-2.0
 *
 * machine — the rules of the machine coder, read when first asked for and kept: they never change
 * while we run, so the threads of work.h share them.
 */
#ifndef SERVER_BRIDGE_CORE_API_MACHINE_H
#define SERVER_BRIDGE_CORE_API_MACHINE_H

#include "presence/coder.h"
#include "server-bridge/core/api/call.h"

enum { CODER_NAME_MAX = 64, CODER_ASKED_MAX = 256 };

/* NULL: they cannot be read, and the call is answered with why. */
const struct presence_rules *machine_rules(struct call *call);
/* The same without an answer: NULL when they cannot be read. */
const struct presence_rules *machine_try(struct core *core);
/* "machine@1.0-3fa9c2d1" */
void machine_name(const struct presence_rules *rules, char name[CODER_NAME_MAX]);

/* Whose codes count: `asked`, "none" for nobody's (an empty name), else those that people settled
 * on, else whoever coded last. STORE_E_NONE: the one asked for has coded nothing here. */
int coder_choose(struct store *view, const struct tenant_name *tenant, const char *asked,
                 char name[CODER_ASKED_MAX], char book[32]) MUST_CHECK;

/* One conversation as the coder wants it, read from a store. */
struct machine_chat {
    struct presence_message *messages; /* owned, and their texts */
    size_t count, cap;
    uint64_t last_seq;
    char language[32], *visitor_name;
    struct slice names[1];
};

/* STORE_E_NONE, STORE_E_UNAVAILABLE, ERR_*. */
int machine_chat_read(struct machine_chat *chat, struct store *store,
                      const struct tenant_name *tenant, struct conversation_id id) MUST_CHECK;
void machine_chat_release(struct machine_chat *chat);
struct presence_conversation machine_chat_view(const struct machine_chat *chat);

#endif
