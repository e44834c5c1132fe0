/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of ours to agents that the link could not carry, for it was down. Storage answers meanwhile
 * and visitors end what they began: an agent who were told nothing of it would go on as before. All
 * is said when the link is up, in order; of very much only the last.
 */
#include "chat/state.h"

#include <stdlib.h>

enum { UNSAID_MAX = 200 };

struct unsaid {
    struct unsaid *prev, *next;
    const struct member *member;
    struct visitor_id visitor; /* none: the desk says it */
    uint64_t at_ms;
    char *text;
};

static void drop(struct chat *chat, struct unsaid *unsaid)
{
    DL_DELETE(chat->unsaid, unsaid);
    chat->unsaid_count--;
    free(unsaid->text);
    free(unsaid);
}

void unsaid_keep(struct chat *chat, const struct member *member, struct visitor_id visitor,
                 uint64_t at_ms, struct slice text)
{
    struct unsaid *unsaid = calloc(1, sizeof(*unsaid));

    if (unsaid == NULL || (unsaid->text = slice_dup(text)) == NULL) {
        free(unsaid);
        return;
    }
    unsaid->member = member;
    unsaid->visitor = visitor;
    unsaid->at_ms = at_ms == 0 ? chat->now_ms : at_ms;
    DL_APPEND(chat->unsaid, unsaid);
    if (++chat->unsaid_count > UNSAID_MAX)
        drop(chat, chat->unsaid);
}

static void say(struct chat *chat, const struct unsaid *unsaid)
{
    const struct message_id message = chat_new_message_id(chat);
    const struct slice agent = slice_of(unsaid->member->jid), text = slice_of(unsaid->text);

    if (visitor_id_is_none(unsaid->visitor))
        DO(chat, CHAT_DO_SAY_DESK, .agent = agent, .message = message, .text = text);
    else
        DO(chat, CHAT_DO_SAY_CONTACT, .agent = agent, .visitor = unsaid->visitor,
           .message = message, .text = text, .at_ms = unsaid->at_ms);
}

void unsaid_resume(struct chat *chat)
{
    while (chat->unsaid != NULL) {
        if (chat->unsaid->member->assigned) /* or they are to hear nothing any more */
            say(chat, chat->unsaid);
        drop(chat, chat->unsaid);
    }
}

void unsaid_free_all(struct chat *chat)
{
    while (chat->unsaid != NULL)
        drop(chat, chat->unsaid);
}
