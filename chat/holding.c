/* SPDX-License-Identifier: Apache-2.0
 *
 * What an agent wrote and the desk has held back, until they say that it was meant: words that name
 * another company they serve, or of which a line looks like a command. `!!` sends them. They are
 * kept in memory alone: no receipt was given, and the agent was told that they are not sent.
 */
#include "chat/state.h"

#include "base/format/text.h"
#include "tenant/agent.h"

struct held {
    struct member *member;
    enum speech speech;
    uint64_t reply_to;
    char *text, *about;
    char *sent_by; /* the stanza that said it was meant, which may come again; NULL: none yet */
};

void holding_drop(struct conversation *conv)
{
    if (conv->held == NULL)
        return;
    free(conv->held->text);
    free(conv->held->about);
    free(conv->held->sent_by);
    free(conv->held);
    conv->held = NULL;
}

static bool names_another(const struct chat *chat, const struct chat_event *said)
{
    return chat->rules.guards_brands && said->names.len > 0;
}

bool holding_is_wanted(const struct chat *chat, const struct member *member,
                       const struct conversation *conv, const struct chat_event *said)
{
    struct slice word;

    return conv != NULL && member->role != AGENT_ROLE_BOT && !slice_starts_with(said->text, "!!") &&
           (names_another(chat, said) || commands_stand_in(said->text, &word));
}

static void tell_why(struct chat *chat, const struct member *member, const struct chat_event *said)
{
    bool names = names_another(chat, said);
    struct slice what = said->names;
    char text[NAME_BYTES];

    if (!names)
        (void)commands_stand_in(said->text, &what);
    (void)slice_copy(text_start(what, 100), text, sizeof(text));
    chat_aside(chat, member, said->visitor, names ? LINE_NAMES_OTHER : LINE_LINE_LIKE_COMMAND,
               ARGS(text));
}

void holding_back(struct chat *chat, struct member *member, struct conversation *conv,
                  const struct chat_event *said)
{
    struct held *held = calloc(1, sizeof(*held));

    holding_drop(conv);
    conv->held = held;
    if (held != NULL) {
        held->member = member;
        held->speech = said->speech;
        held->reply_to = conversation_id_equal(conv->id, said->conversation) ? said->reply_to : 0;
        held->text = slice_dup(said->text);
        held->about = slice_dup(said->about);
        if (held->text == NULL || held->about == NULL)
            holding_drop(conv);
    }
    tell_why(chat, member, said);
    DO(chat, CHAT_DO_HANDLED, .ordinal = said->ordinal);
}

/* Theirs, and not sent yet, unless by this very stanza. */
static bool may_send(const struct held *held, const struct member *member,
                     const struct chat_event *said)
{
    return held != NULL && held->member == member &&
           (held->sent_by == NULL || slice_is(said->stanza, held->sent_by));
}

bool holding_send(struct chat *chat, struct member *member, struct conversation *conv,
                  const struct chat_event *meant)
{
    struct held *held = conv == NULL ? NULL : conv->held;
    struct chat_event said = *meant;

    if (!may_send(held, member, meant))
        return false;
    if (held->sent_by == NULL)
        held->sent_by = slice_dup(meant->stanza);
    said.speech = held->speech;
    said.about = slice_of(held->about);
    said.conversation = conv->id;
    said.reply_to = held->reply_to;
    if (held->speech == SPEECH_CORRECTION)
        revising_ask(chat, conv, &said, slice_of(held->text));
    else
        saying_send(chat, member, conv, &said, slice_of(held->text), ORIGIN_TYPED);
    return true;
}
