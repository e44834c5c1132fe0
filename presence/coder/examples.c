/* SPDX-License-Identifier: Apache-2.0
 *
 * The examples in rule files, run as the tests they are. In a `hit` the rule itself must count; a
 * `miss` must not get the code from any rule. What stands before " -> " are the messages that came
 * before, spoken by turns.
 */
#include "presence/coder/coder_state.h"

#include <string.h>

enum { MAX_MESSAGES = 8, MAX_NAMES = 16 };

struct tested {
    size_t message; /* the last: the one tested */
    enum presence_code code;
    bool bears_code;
};

static void note(void *context, const struct presence_instance *instance)
{
    struct tested *tested = context;

    if (instance->message == tested->message && instance->code == tested->code)
        tested->bears_code = true;
}

/* Whether the rule counts in the message, though another may have carried the code first. */
static bool counts(struct presence_coder *coder, const struct rule *rule, size_t message)
{
    const struct reading *reading = &coder->messages[message].reading;
    struct match match;

    coder_look_at(coder, reading);
    for (size_t at = reading->first; coder_next_match(coder, rule, reading, &at, &match);) {
        if (coder_judge(coder, rule, message, &match) == VERDICT_COUNTS)
            return true;
    }
    return false;
}

static struct slice take_until_arrow(struct slice *rest)
{
    const char *arrow = memmem(rest->data, rest->len, " -> ", 4);
    size_t len = arrow == NULL ? rest->len : (size_t)(arrow - rest->data);
    struct slice text = { rest->data, len };

    *rest =
        arrow == NULL ? SLICE_NONE : (struct slice){ rest->data + len + 4, rest->len - len - 4 };
    return text;
}

/* The last message is the role's that the rule is for; before it they take turns. */
static size_t messages_of(const struct rule *rule, struct slice text,
                          struct presence_message messages[MAX_MESSAGES])
{
    enum presence_role last =
        rule->roles == 1u << PRESENCE_AGENT ? PRESENCE_AGENT : PRESENCE_VISITOR;
    size_t count = 0;

    while (text.len > 0 && count < MAX_MESSAGES)
        messages[count++] = (struct presence_message){ .text = take_until_arrow(&text),
                                                       .reply_to = PRESENCE_NO_REPLY };
    for (size_t i = 0; i < count; i++)
        messages[i].role = (count - 1 - i) % 2 == 0
                               ? last
                               : (last == PRESENCE_AGENT ? PRESENCE_VISITOR : PRESENCE_AGENT);
    return count;
}

/* Whom the examples may address: the words of the list example-names. */
static size_t names_of(const struct presence_rules *rules, struct slice names[MAX_NAMES])
{
    size_t count = 0;

    for (size_t i = 0; i < rules->list_count; i++) {
        struct slice words = rules->lists[i].words;

        if (!slice_is(rules->lists[i].name, "example-names"))
            continue;
        for (size_t at = 0, from = 0; at <= words.len && count < MAX_NAMES; at++) {
            if (at < words.len && strchr(" \t\r\n", words.data[at]) == NULL)
                continue;
            if (at > from)
                names[count++] = (struct slice){ words.data + from, at - from };
            from = at + 1;
        }
    }
    return count;
}

static bool holds(struct presence_coder *coder, const struct rule *rule,
                  const struct example *example)
{
    struct presence_message messages[MAX_MESSAGES];
    struct slice names[MAX_NAMES];
    const struct presence_rules *rules = coder->rules;
    const char *language = rules->languages[rule->language];
    struct presence_conversation conversation = {
        .messages = messages,
        .count = messages_of(rule, example->text, messages),
        .language = strcmp(language, "any") == 0 ? SLICE_LITERAL("en") : slice_of(language),
        .names = names,
        .name_count = names_of(rules, names),
    };
    struct tested tested = { conversation.count - 1, rule->code, false };
    struct presence_outcome outcome;

    if (conversation.count == 0 ||
        presence_code(coder, &conversation, note, &tested, &outcome) != OK)
        return false;
    return example->hit ? counts(coder, rule, tested.message) : !tested.bears_code;
}

static size_t check_rule(struct presence_coder *coder, const struct rule *rule,
                         struct buf *problems)
{
    size_t failed = 0;

    for (size_t i = 0; i < rule->example_count; i++) {
        const struct example *example = &rule->examples[i];

        if (holds(coder, rule, example))
            continue;
        buf_addf(problems, "%s:%u: %s %s: %.*s\n", coder->rules->files[rule->file].path,
                 example->line, rule->id, example->hit ? "does not hit" : "should miss",
                 SLICE_ARG(example->text));
        failed++;
    }
    return failed;
}

size_t presence_rules_check(const struct presence_rules *rules, struct buf *problems)
{
    AUTO(presence_coder) coder = NULL;
    size_t failed = 0;

    if (presence_coder_new(&coder, rules) != OK)
        return 1;
    for (size_t i = 0; i < rules->rule_count; i++) {
        if (!rules->rules[i].names)
            failed += check_rule(coder, &rules->rules[i], problems);
    }
    return failed;
}
