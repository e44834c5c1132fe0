/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/reference.h"

#include "base/format/json.h"
#include "presence/coder/coder_state.h"

#include <stdlib.h>
#include <string.h>

/* One conversation, still in its JSON: texts are borrowed from it. */
struct coded_conversation {
    json_t *json; /* owned */
    char language[8];
    struct presence_message *messages; /* owned */
    struct agreement_rating *ratings;  /* owned: the reference's, one a message */
    presence_codes *machine;           /* owned: filled anew by each measuring */
    size_t count;
};

struct reference {
    struct coded_conversation *at; /* owned */
    size_t count, cap;
};

int reference_new(struct reference **ret_reference)
{
    *ret_reference = calloc(1, sizeof(**ret_reference));
    return *ret_reference == NULL ? RAISE(ERR_NO_MEMORY) : OK;
}

static void release(struct coded_conversation *conversation)
{
    json_decref(conversation->json);
    free(conversation->messages);
    free(conversation->ratings);
    free(conversation->machine);
}

struct reference *reference_free(struct reference *reference)
{
    if (reference == NULL)
        return NULL;
    for (size_t i = 0; i < reference->count; i++)
        release(&reference->at[i]);
    free(reference->at);
    free(reference);
    return NULL;
}

size_t reference_count(const struct reference *reference)
{
    return reference->count;
}

static struct slice text_of(const json_t *object, const char *key)
{
    struct slice text = SLICE_NONE;

    return json_get_text(object, key, &text) == OK ? text : SLICE_NONE;
}

static enum presence_role role_of(const json_t *turn)
{
    struct slice role = text_of(turn, "role");

    role = role.len == 0 ? text_of(turn, "from") : role;
    if (slice_is(role, "visitor"))
        return PRESENCE_VISITOR;
    if (slice_is(role, "agent"))
        return PRESENCE_AGENT;
    return slice_is(role, "bot") ? PRESENCE_BOT : PRESENCE_SYSTEM;
}

static enum presence_origin origin_of(const json_t *turn)
{
    struct slice origin = text_of(turn, "origin");

    if (slice_is(origin, "canned"))
        return PRESENCE_CANNED;
    if (slice_is(origin, "bot"))
        return PRESENCE_BY_BOT;
    return slice_is(origin, "system") ? PRESENCE_BY_SYSTEM : PRESENCE_TYPED;
}

static presence_codes codes_of(const json_t *turn, const char *key)
{
    const json_t *list = json_object_get(turn, key), *item;
    presence_codes codes = 0;
    size_t i;

    json_array_foreach(list, i, item)
    {
        enum presence_code code;

        if (json_is_string(item) &&
            presence_code_find(slice_of(json_string_value(item)), &code) == 0)
            codes |= PRESENCE_CODE_BIT(code);
    }
    return codes;
}

static int read_turns(struct coded_conversation *conversation, const json_t *turns)
{
    const presence_codes all = ((presence_codes)1 << PRESENCE_CODE_COUNT) - 1;
    size_t count = json_array_size(turns);

    conversation->messages = calloc(count + 1, sizeof(*conversation->messages));
    conversation->ratings = calloc(count + 1, sizeof(*conversation->ratings));
    conversation->machine = calloc(count + 1, sizeof(*conversation->machine));
    if (conversation->messages == NULL || conversation->ratings == NULL ||
        conversation->machine == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < count; i++) {
        const json_t *turn = json_array_get(turns, i);

        conversation->messages[i] = (struct presence_message){ .role = role_of(turn),
                                                               .origin = origin_of(turn),
                                                               .text = text_of(turn, "text"),
                                                               .name = text_of(turn, "name"),
                                                               .reply_to = PRESENCE_NO_REPLY };
        conversation->ratings[i].marked = codes_of(turn, "codes");
        conversation->ratings[i].judged = all & ~codes_of(turn, "disputed");
    }
    conversation->count = count;
    return OK;
}

static int grow(struct reference *reference)
{
    size_t cap = reference->cap == 0 ? 64 : reference->cap * 2;
    struct coded_conversation *grown = realloc(reference->at, cap * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    reference->at = grown;
    reference->cap = cap;
    return OK;
}

static int add_line(struct reference *reference, struct slice line, unsigned number,
                    struct buf *problems)
{
    struct coded_conversation conversation = { 0 };
    const json_t *turns;
    struct slice language;
    int rc = json_read(line, &conversation.json);

    turns = rc != OK ? NULL : json_object_get(conversation.json, "turns");
    if (rc == OK && turns == NULL)
        turns = json_object_get(conversation.json, "messages");
    if (!json_is_array(turns)) {
        buf_addf(problems, "line %u: not a conversation with turns\n", number);
        json_decref(conversation.json);
        return OK;
    }
    language = text_of(conversation.json, "lang");
    language = language.len == 0 ? text_of(conversation.json, "language") : language;
    (void)slice_copy(language, conversation.language, sizeof(conversation.language));
    rc = read_turns(&conversation, turns);
    if (rc == OK && reference->count == reference->cap)
        rc = grow(reference);
    if (rc != OK) {
        release(&conversation);
        return rc;
    }
    reference->at[reference->count++] = conversation;
    return OK;
}

int reference_add(struct reference *reference, struct slice text, struct buf *problems)
{
    unsigned number = 0;
    int rc = OK;

    for (size_t from = 0; rc == OK && from < text.len;) {
        size_t end = from;

        while (end < text.len && text.data[end] != '\n')
            end++;
        number++;
        if (end > from)
            rc = add_line(reference, (struct slice){ text.data + from, end - from }, number,
                          problems);
        from = end + 1;
    }
    return rc;
}

/* How often each rule was right and wrong, for choosing among them. */
struct score {
    unsigned right, wrong;
};

struct noting {
    struct coded_conversation *conversation;
    const struct presence_rules *rules;
    struct score *scores; /* NULL: not wanted */
};

static void note(void *context, const struct presence_instance *instance)
{
    struct noting *noting = context;
    const struct agreement_rating *rating = &noting->conversation->ratings[instance->message];
    presence_codes bit = PRESENCE_CODE_BIT(instance->code);

    noting->conversation->machine[instance->message] |= bit;
    if (noting->scores == NULL || (rating->judged & bit) == 0)
        return;
    for (size_t i = 0; i < noting->rules->rule_count; i++) {
        if (noting->rules->rules[i].id != instance->rule)
            continue;
        noting->scores[i].right += (rating->marked & bit) != 0;
        noting->scores[i].wrong += (rating->marked & bit) == 0;
    }
}

static int code_one(struct presence_coder *coder, struct coded_conversation *conversation,
                    struct score *scores)
{
    struct presence_conversation asked = { .messages = conversation->messages,
                                           .count = conversation->count,
                                           .language = slice_of(conversation->language) };
    struct noting noting = { conversation, coder->rules, scores };
    struct presence_outcome outcome;

    memset(conversation->machine, 0, conversation->count * sizeof(*conversation->machine));
    return presence_code(coder, &asked, note, &noting, &outcome);
}

/* Switches off what was wrong more often than right outside this fold, then codes the fold. */
static int code_fold(const struct reference *reference, struct presence_coder *coder, size_t fold)
{
    struct score *scores = calloc(coder->rules->rule_count + 1, sizeof(*scores));
    int rc = scores == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    for (size_t i = 0; rc == OK && i < reference->count; i++) {
        if (i % REFERENCE_FOLDS != fold)
            rc = code_one(coder, &reference->at[i], scores);
    }
    for (size_t i = 0; rc == OK && i < coder->rules->rule_count; i++)
        coder->off[i] = scores[i].wrong > scores[i].right;
    for (size_t i = fold; rc == OK && i < reference->count; i += REFERENCE_FOLDS)
        rc = code_one(coder, &reference->at[i], NULL);
    memset(coder->off, 0, coder->rules->rule_count * sizeof(*coder->off));
    free(scores);
    return rc;
}

static int add_conversation(struct agreement *agreement, size_t number,
                            const struct coded_conversation *conversation)
{
    int rc = OK;

    for (size_t i = 0; rc == OK && i < conversation->count; i++) {
        const struct presence_message *message = &conversation->messages[i];
        const struct agreement_rating ratings[] = {
            [REFERENCE_CODER] = conversation->ratings[i],
            [MACHINE_CODER] = { ~(presence_codes)0, conversation->machine[i] },
        };

        if (message->origin == PRESENCE_TYPED && message->role <= PRESENCE_AGENT)
            rc = agreement_add(agreement, number, conversation->language, message->role, ratings);
    }
    return rc;
}

int reference_measure(const struct reference *reference, struct presence_coder *coder, bool folds,
                      struct agreement **ret_agreement)
{
    AUTO(agreement) agreement = NULL;
    struct agreement *held; /* each fold's codes are taken before the next fold overwrites them */
    int rc = agreement_new(&agreement, 2);

    held = agreement;
    for (size_t fold = 0; rc == OK && folds && fold < REFERENCE_FOLDS; fold++) {
        rc = code_fold(reference, coder, fold);
        for (size_t i = fold; rc == OK && i < reference->count; i += REFERENCE_FOLDS)
            rc = add_conversation(held, i, &reference->at[i]);
    }
    for (size_t i = 0; rc == OK && !folds && i < reference->count; i++) {
        rc = code_one(coder, &reference->at[i], NULL);
        if (rc == OK)
            rc = add_conversation(agreement, i, &reference->at[i]);
    }
    if (rc != OK)
        return TRACE(rc);
    *ret_agreement = agreement;
    agreement = NULL;
    return OK;
}

int reference_differences(const struct reference *reference, struct presence_coder *coder,
                          enum presence_code code, struct buf *to)
{
    presence_codes bit = PRESENCE_CODE_BIT(code);

    for (size_t i = 0; i < reference->count; i++) {
        struct coded_conversation *conversation = &reference->at[i];
        int rc = code_one(coder, conversation, NULL);

        if (rc != OK)
            return TRACE(rc);
        for (size_t k = 0; k < conversation->count; k++) {
            const struct presence_message *message = &conversation->messages[k];
            bool marked = (conversation->ratings[k].marked & bit) != 0;

            if ((conversation->ratings[k].judged & bit) == 0 ||
                marked == ((conversation->machine[k] & bit) != 0) ||
                message->origin != PRESENCE_TYPED || message->role > PRESENCE_AGENT)
                continue;
            buf_addf(to, "%s %s %s %zu: %.*s\n", presence_code_row(code)->id,
                     conversation->language, marked ? "missed" : "wrong", k,
                     SLICE_ARG(message->text));
        }
    }
    return OK;
}
