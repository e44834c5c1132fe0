/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/coder_state.h"

static const char *const reasons[VERDICT_COUNT] = {
    [VERDICT_COUNTS] = "counts",
    [VERDICT_UNLESS] = "no: an \"unless\" of the rule fits over it",
    [VERDICT_NEVER] = "no: a \"never\" of the rule fits in this message",
    [VERDICT_NEGATED] = "no: a negation stands before it",
    [VERDICT_PLACE] = "no: not at this place in the chat",
    [VERDICT_LINK] = "no: the message points at no other",
    [VERDICT_ROLE] = "no: not for this speaker",
    [VERDICT_CODES] = "no: the codes here or before are against it",
    [VERDICT_ANSWERS] = "no: what the other said last is against it",
};

static void tell_word(const struct presence_coder *coder, const struct token *token, struct buf *to)
{
    static const char *const kinds[TOKEN_KIND_COUNT] = { "word", "number", "mark", "icon",
                                                         "left out" };
    struct slice text = token_text(&coder->tokens, token);

    buf_addf(to, "  %u-%u %s", token->from, token->to, kinds[token->kind]);
    if (text.len > 0)
        buf_addf(to, " %.*s", SLICE_ARG(text));
    if (token->plain != token->word)
        buf_addf(to, " = %s", coder->rules->lexicon.words[token->plain].text);
    if ((token->flags & TOKEN_NAME) != 0)
        buf_add_text(to, " (a name here)");
    buf_add_text(to, "\n");
}

/* To judge one match takes time linear in the message: of very many matches of one rule the first
 * tell enough. */
enum { TOLD_MAX = 20 };

static void tell_rule(const struct presence_coder *coder, const struct rule *rule, size_t index,
                      struct buf *to)
{
    const struct reading *reading = &coder->messages[index].reading;
    struct match match;
    size_t told = 0;

    for (size_t at = reading->first; coder_next_match(coder, rule, reading, &at, &match);) {
        enum verdict verdict;

        if (match.span_end <= match.span_first)
            continue;
        if (told++ == TOLD_MAX) {
            buf_addf(to, "  %s %s: and more\n", presence_code_row(rule->code)->id, rule->id);
            return;
        }
        verdict = coder_judge(coder, rule, index, &match);
        if (verdict == VERDICT_LINK) /* fits every message, and says nothing */
            return;
        buf_addf(to, "  %s %s %u-%u (%s:%u): %s\n", presence_code_row(rule->code)->id, rule->id,
                 coder->tokens.at[match.span_first].from, coder->tokens.at[match.span_end - 1].to,
                 coder->rules->files[rule->file].path, rule->line, reasons[verdict]);
    }
}

static void tell_codes(const struct presence_coder *coder, const struct read_message *message,
                       struct buf *to)
{
    buf_add_text(to, "codes:\n");
    if (message->codes == 0)
        buf_add_text(to, "  none\n");
    for (unsigned code = 0; code < PRESENCE_CODE_COUNT; code++) {
        const struct found *found = &message->found[code];

        if ((message->codes & PRESENCE_CODE_BIT(code)) != 0)
            buf_addf(to, "  %s %u-%u by %s\n", presence_code_row((enum presence_code)code)->id,
                     found->from, found->to, coder->rules->rules[found->rule].id);
    }
}

int presence_explain(struct presence_coder *coder, const struct presence_conversation *conversation,
                     size_t index, struct buf *to)
{
    struct presence_outcome outcome = { 0 };
    const struct read_message *message;
    int rc = coder_read(coder, conversation, &outcome);

    if (rc != OK)
        return TRACE(rc);
    coder_apply(coder);
    message = &coder->messages[index];
    buf_addf(to, "rules: %s\nlanguage: %s\nwords:\n", coder->rules->version,
             coder->language == SIZE_MAX ? "not found" : coder->rules->languages[coder->language]);
    for (size_t i = message->reading.first; i < message->reading.end; i++)
        tell_word(coder, &coder->tokens.at[i], to);
    if (!message->coded) {
        buf_add_text(to, "not coded: not typed by visitor or agent, or not UTF-8\n");
        return OK;
    }
    coder_look_at(coder, &message->reading);
    buf_add_text(to, "rules that fit:\n");
    for (size_t i = 0; i < coder->rules->rule_count; i++) {
        const struct rule *rule = &coder->rules->rules[i];

        if (coder_uses(coder, rule))
            tell_rule(coder, rule, index, to);
    }
    tell_codes(coder, message, to);
    return OK;
}
