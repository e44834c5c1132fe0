/* SPDX-License-Identifier: Apache-2.0
 *
 * A visitor's earlier conversations, said again to the agent who asks: oldest first, each with
 * one line of its own, every line delay-stamped. What the visitor said comes as the visitor's;
 * agents' words of then are marked as ours are, so that nobody takes them for the visitor's, and so
 * are the emojis beside either.
 */
#include "server-bridge/core/files/files.h"

#include "base/clock.h"
#include "base/grow.h"
#include "storage/transcripts/reactions.h"

#include <stdio.h>
#include <stdlib.h>

enum { EARLIER_MAX = 10, MESSAGES_MAX = 60 /* the last of each conversation */ };

struct earlier {
    struct conversation_id conversation;
    uint64_t opened_ms, last_seq;
    char outcome[128];
};

struct beside {
    uint64_t seq;
    char *line; /* owned: "Anna: 👍" */
};

struct retelling {
    struct live_tenant *tenant;
    const struct chat_effect *effect;
    char from[CONTACT_LOCAL_BYTES];
    struct earlier earlier[EARLIER_MAX];
    unsigned count;
    struct beside *besides; /* of the conversation that is retold; owned */
    size_t beside_count, beside_cap;
};

static int gather(void *context, const struct stored_conversation *row)
{
    struct retelling *telling = context;
    struct earlier *earlier = &telling->earlier[telling->count];

    if (conversation_id_equal(row->conversation, telling->effect->conversation))
        return 0;
    if (telling->count == EARLIER_MAX || telling->count == telling->effect->limit)
        return 1;
    *earlier = (struct earlier){ .conversation = row->conversation,
                                 .opened_ms = row->opened_ms,
                                 .last_seq = row->last_seq };
    (void)slice_copy(row->outcome, earlier->outcome, sizeof(earlier->outcome));
    telling->count++;
    return 0;
}

/* Fresh ids: what a client saw then, and would drop now, is to be seen again. */
static void say(const struct retelling *telling, struct slice text, bool address, uint64_t at_ms)
{
    const struct message_id message = { id_new() };

    IPC_SEND(telling->tenant->link, link_say, .ordinal = carry_aside(telling->tenant, message),
             .to = telling->effect->agent, .from = slice_of(telling->from), .stanza = message.id,
             .text = text, .at_ms = at_ms, .address = address);
}

/* --- emojis --- */

static int gather_beside(void *context, const struct stored_reaction *reaction)
{
    struct retelling *telling = context;
    AUTO_BUF line;
    char *copy;

    buf_init(&line, IPC_TEXT_MAX);
    if (reaction->emojis.len == 0)
        return 0;
    if (reaction->name.len > 0)
        buf_addf(&line, "%.*s: ", SLICE_ARG(reaction->name));
    buf_add_slice(&line, reaction->emojis);
    copy = buf_failed(&line) ? NULL : slice_dup(buf_slice(&line));
    if (copy == NULL || GROW(telling->besides, telling->beside_count, &telling->beside_cap) != OK) {
        free(copy);
        return ERR_NO_MEMORY;
    }
    telling->besides[telling->beside_count++] = (struct beside){ reaction->seq, copy };
    return 0;
}

static void forget_besides(struct retelling *telling)
{
    for (size_t i = 0; i < telling->beside_count; i++)
        free(telling->besides[i].line);
    free(telling->besides);
    telling->besides = NULL;
    telling->beside_count = telling->beside_cap = 0;
}

/* "[lasna] ↳ Anna: 👍", behind what it stands beside. */
static void say_besides(const struct retelling *telling, const struct stored_message *row)
{
    for (size_t i = 0; i < telling->beside_count; i++) {
        AUTO_BUF line;

        buf_init(&line, IPC_TEXT_MAX);
        buf_addf(&line, "[lasna] ↳ %s", telling->besides[i].line);
        if (telling->besides[i].seq == row->seq && !buf_failed(&line))
            say(telling, buf_slice(&line), false, row->at_ms);
    }
}

/* --- messages --- */

static void say_message(const struct retelling *telling, const struct stored_message *row)
{
    AUTO_BUF line;

    buf_init(&line, IPC_TEXT_MAX);
    if (!file_id_is_none(row->file.id)) {
        file_address(telling->tenant, &row->file, row->text, true, &line);
        say(telling, buf_slice(&line), true, row->at_ms);
        return;
    }
    if (row->from == FROM_VISITOR) {
        quote_add_words(&line, row->text);
        say(telling, buf_slice(&line), false, row->at_ms);
        return;
    }
    if (row->withdrawn_ms != 0)
        return;
    buf_addf(&line, "[lasna] %.*s: ", SLICE_ARG(row->name));
    buf_add_slice(&line, row->text);
    if (!buf_failed(&line))
        say(telling, buf_slice(&line), false, row->at_ms);
}

static int retell_message(void *context, const struct stored_message *row)
{
    say_message(context, row);
    say_besides(context, row);
    return 0;
}

/* "[lasna] 2026-03-02 09:14 · solved" */
static void retell(struct retelling *telling, const struct earlier *earlier)
{
    uint64_t after = earlier->last_seq > MESSAGES_MAX ? earlier->last_seq - MESSAGES_MAX : 0;
    const struct tenant_name *name = &telling->tenant->about.name;
    struct store *store = telling->tenant->core->store;
    char opened[CLOCK_TEXT_BYTES], line[256];

    clock_format(earlier->opened_ms, opened);
    (void)snprintf(line, sizeof(line), "[lasna] %.10s %.5s UTC%s%s", opened, opened + 11,
                   earlier->outcome[0] == '\0' ? "" : " · ", earlier->outcome);
    say(telling, slice_of(line), false, earlier->opened_ms);
    if (reactions_read(store, name, earlier->conversation, gather_beside, telling) < 0 ||
        STORE_CALL(store, messages, name, earlier->conversation, after, SIZE_MAX, retell_message,
                   telling) < 0)
        log_event(LOG_ERROR, &telling->tenant->log, "history.unreadable", "");
    forget_besides(telling);
}

void history_send(struct live_tenant *tenant, const struct chat_effect *effect)
{
    struct retelling telling = { .tenant = tenant, .effect = effect };
    char agent[IPC_JID_MAX + 1];

    contact_local(effect->visitor, telling.from);
    if (STORE_CALL(tenant->core->store, conversations_of, &tenant->about.name, effect->visitor,
                   EARLIER_MAX + 1, gather, &telling) < 0)
        log_event(LOG_ERROR, &tenant->log, "history.unreadable", "");
    for (unsigned i = telling.count; i > 0; i--)
        retell(&telling, &telling.earlier[i - 1]);
    (void)slice_copy(effect->agent, agent, sizeof(agent));
    tenants_later(tenant, &(struct later){ .type = CHAT_SENT_HISTORY,
                                           .visitor = effect->visitor,
                                           .seq = telling.count,
                                           .agent = agent });
}
