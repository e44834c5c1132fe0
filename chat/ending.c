/* SPDX-License-Identifier: Apache-2.0
 *
 * Ending a conversation, as its agent does: what the tenant wants known of it first (tags, an
 * outcome, perhaps one of its list) is asked for before. What ends in another way (the visitor, a
 * time-out, an operator) asks nobody.
 */
#include "chat/commands.h"

#include "base/format/text.h"
#include "tenant/agent.h"

#include <strings.h>

static struct slice trim(struct slice text)
{
    while (text.len > 0 && text.data[0] == ' ')
        text = (struct slice){ text.data + 1, text.len - 1 };
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* Without regard to the capitals that a phone writes by itself. */
static bool is_same(struct slice a, struct slice b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

/* As the tenant's list writes it; false: it is not in the list. Where there is none, any will do.
 */
static bool find_outcome(const char *list, struct slice wanted, struct slice *ret_outcome)
{
    *ret_outcome = wanted;
    if (*list == '\0')
        return true;
    while (*list != '\0') {
        size_t len = strcspn(list, ",");

        *ret_outcome = trim((struct slice){ list, len });
        if (ret_outcome->len > 0 && is_same(*ret_outcome, wanted))
            return true;
        list += len + (list[len] == ',');
    }
    return false;
}

static void refuse(const struct call *call, enum line line, const char *arg)
{
    const char *outcomes = call->chat->rules.outcomes;
    enum language language = call->member->language;
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES);
    texts_write(&text, language, line, ARGS(arg));
    if (line != LINE_END_NEEDS_TAGS && outcomes[0] != '\0') {
        buf_add_text(&text, " ");
        texts_write(&text, language, LINE_OUTCOMES_ARE, ARGS(outcomes));
    }
    if (!buf_failed(&text))
        commands_answer_text(call, text.data);
}

bool ending_may(const struct call *call, struct slice *ret_outcome)
{
    static const enum line missing[] = { [END_NEEDS_TAGS] = LINE_END_NEEDS_TAGS,
                                         [END_NEEDS_OUTCOME] = LINE_END_NEEDS_OUTCOME,
                                         [END_NEEDS_BOTH] = LINE_END_NEEDS_BOTH };
    const struct chat_rules *rules = &call->chat->rules;
    unsigned lacks = END_NEEDS_NOTHING;
    char given[64];

    *ret_outcome = call->rest;
    if (call->member->role == AGENT_ROLE_BOT) /* nobody is there to be asked */
        return true;
    if (strcmp(call->conv->tags, "[]") == 0)
        lacks |= END_NEEDS_TAGS;
    if (call->rest.len == 0)
        lacks |= END_NEEDS_OUTCOME;
    lacks &= rules->end_needs;
    if (lacks != END_NEEDS_NOTHING) {
        refuse(call, missing[lacks], "");
        return false;
    }
    if (call->rest.len == 0 || find_outcome(rules->outcomes, call->rest, ret_outcome))
        return true;
    (void)slice_copy(text_start(call->rest, 40), given, sizeof(given));
    refuse(call, LINE_NO_SUCH_OUTCOME, given);
    return false;
}
