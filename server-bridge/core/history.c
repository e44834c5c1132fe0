/* SPDX-License-Identifier: Apache-2.0
 *
 * A visitor's earlier conversations, said again to the agent who asks: oldest first, each with
 * one line of its own, every line delay-stamped. What the visitor said comes as the visitor's;
 * agents' words of then are marked as ours are, so that nobody takes them for the visitor's.
 */
#include "server-bridge/core/files/files.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { EARLIER_MAX = 10, MESSAGES_MAX = 60 /* the last of each conversation */ };

struct earlier {
    struct conversation_id conversation;
    uint64_t opened_ms, last_seq;
    char outcome[128];
};

struct retelling {
    struct live_tenant *tenant;
    const struct chat_effect *effect;
    char from[CONTACT_LOCAL_BYTES];
    struct earlier earlier[EARLIER_MAX];
    unsigned count;
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

static int retell_message(void *context, const struct stored_message *row)
{
    const struct retelling *telling = context;
    AUTO_BUF line;

    buf_init(&line, IPC_TEXT_MAX);
    if (!file_id_is_none(row->file.id)) {
        file_address(telling->tenant, &row->file, row->text, true, &line);
        say(telling, buf_slice(&line), true, row->at_ms);
        return 0;
    }
    if (row->from == FROM_VISITOR) {
        quote_add_words(&line, row->text);
        say(telling, buf_slice(&line), false, row->at_ms);
        return 0;
    }
    if (row->withdrawn_ms != 0)
        return 0;
    buf_addf(&line, "[lasna] %.*s: ", SLICE_ARG(row->name));
    buf_add_slice(&line, row->text);
    if (!buf_failed(&line))
        say(telling, buf_slice(&line), false, row->at_ms);
    return 0;
}

/* "[lasna] 2026-03-02 09:14 · solved" */
static void retell(struct retelling *telling, const struct earlier *earlier)
{
    uint64_t after = earlier->last_seq > MESSAGES_MAX ? earlier->last_seq - MESSAGES_MAX : 0;
    char opened[CLOCK_TEXT_BYTES], line[256];

    clock_format(earlier->opened_ms, opened);
    (void)snprintf(line, sizeof(line), "[lasna] %.10s %.5s UTC%s%s", opened, opened + 11,
                   earlier->outcome[0] == '\0' ? "" : " · ", earlier->outcome);
    say(telling, slice_of(line), false, earlier->opened_ms);
    if (STORE_CALL(telling->tenant->core->store, messages, &telling->tenant->about.name,
                   earlier->conversation, after, SIZE_MAX, retell_message, telling) < 0)
        log_event(LOG_ERROR, &telling->tenant->log, "history.unreadable", "");
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
