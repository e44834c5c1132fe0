/* SPDX-License-Identifier: Apache-2.0
 *
 * A conversation, a message a line, read by the rules that ship. Whatever the bytes: spans lie in
 * their message, the counts add up, and a second reading gives the same.
 */
#include "base/format/text.h"
#include "presence/coder/coder.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_MESSAGES = 64 };

struct seen {
    const struct presence_conversation *conversation;
    uint64_t digest;
    size_t count;
};

static void look(void *context, const struct presence_instance *instance)
{
    struct seen *seen = context;

    MUST(instance->message < seen->conversation->count);
    MUST(instance->code < PRESENCE_CODE_COUNT);
    MUST(instance->from < instance->to);
    MUST(instance->to <= text_points(seen->conversation->messages[instance->message].text));
    seen->digest =
        (seen->digest * 31 + instance->from) * 31 + instance->to + (uint64_t)instance->code;
    seen->count++;
}

static size_t split(struct slice text, struct presence_message messages[MAX_MESSAGES])
{
    size_t count = 0, from = 0;

    for (size_t i = 0; i <= text.len && count < MAX_MESSAGES; i++) {
        if (i < text.len && text.data[i] != '\n')
            continue;
        messages[count] = (struct presence_message){ .role = (enum presence_role)(count % 4),
                                                     .text = { text.data + from, i - from } };
        count++;
        from = i + 1;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    static struct presence_rules *rules;
    static struct presence_coder *coder;
    struct presence_message messages[MAX_MESSAGES];
    struct presence_conversation conversation = { .messages = messages };
    struct seen first = { &conversation, 0, 0 }, second = first;
    struct presence_outcome outcome;
    AUTO_BUF told;

    buf_init(&told, 1 << 22);
    if (coder == NULL) {
        MUST(presence_rules_load(&rules, RULES_FOLDER, &told) == OK);
        MUST(presence_coder_new(&coder, rules) == OK);
    }
    conversation.count = split((struct slice){ (const char *)input, len }, messages);
    MUST(presence_code(coder, &conversation, look, &first, &outcome) == OK);
    MUST(outcome.coded + outcome.left_out + outcome.refused == conversation.count);
    MUST(outcome.instances == first.count);
    MUST(presence_code(coder, &conversation, look, &second, &outcome) == OK);
    MUST(first.digest == second.digest && first.count == second.count);
    MUST(presence_explain(coder, &conversation, conversation.count - 1, &told) == OK);
    return 0;
}
