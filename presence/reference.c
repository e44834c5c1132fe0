/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/reference.h"

#include "base/format/text.h"
#include "base/grow.h"
#include "presence/coder/coder_state.h"
#include "presence/reference_read.h"

#include <stdlib.h>
#include <string.h>

struct reference {
    struct coded_conversation *at; /* owned */
    size_t count, cap;
};

int reference_new(struct reference **ret_reference)
{
    *ret_reference = calloc(1, sizeof(**ret_reference));
    return *ret_reference == NULL ? RAISE(ERR_NO_MEMORY) : OK;
}

struct reference *reference_free(struct reference *reference)
{
    if (reference == NULL)
        return NULL;
    for (size_t i = 0; i < reference->count; i++)
        coded_conversation_release(&reference->at[i]);
    free(reference->at);
    free(reference);
    return NULL;
}

size_t reference_count(const struct reference *reference)
{
    return reference->count;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t reference_languages(const struct reference *reference,
                           const char *languages[REFERENCE_LANGUAGES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < reference->count; i++) {
        size_t known = 0;

        while (known < count && strcmp(languages[known], reference->at[i].language) != 0)
            known++;
        if (known == count && count < REFERENCE_LANGUAGES_MAX)
            languages[count++] = reference->at[i].language;
    }
    qsort(languages, count, sizeof(*languages), by_name);
    return count;
}

static bool has_room_for(const struct reference *reference, const char *language)
{
    const char *known[REFERENCE_LANGUAGES_MAX] = { NULL };
    size_t count = reference_languages(reference, known), i = 0;

    while (i < count && strcmp(known[i], language) != 0)
        i++;
    return i < REFERENCE_LANGUAGES_MAX;
}

static int add_line(struct reference *reference, struct slice line, unsigned number,
                    struct buf *problems)
{
    struct coded_conversation conversation;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 4096);
    rc = coded_conversation_read(line, &conversation, &problem);
    if (rc == OK && !has_room_for(reference, conversation.language)) {
        coded_conversation_release(&conversation);
        buf_addf(&problem, "it is of one language more than %d.", REFERENCE_LANGUAGES_MAX);
        rc = REFERENCE_E_REFUSED;
    }
    if (rc == REFERENCE_E_REFUSED) {
        buf_addf(problems, "line %u: %.*s\n", number, SLICE_ARG(buf_slice(&problem)));
        return OK;
    }
    if (rc != OK)
        return rc;
    rc = GROW(reference->at, reference->count, &reference->cap);
    if (rc == OK)
        reference->at[reference->count++] = conversation;
    else
        coded_conversation_release(&conversation);
    return rc;
}

static bool is_blank(struct slice line)
{
    while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]) != NULL)
        line.len--;
    return line.len == 0;
}

int reference_add(struct reference *reference, struct slice text, struct buf *problems)
{
    unsigned number = 0;
    int rc = OK;

    for (size_t from = text_mark(text), end; rc == OK && from < text.len; from = end + 1) {
        const char *newline = memchr(text.data + from, '\n', text.len - from);
        struct slice line = { text.data + from, 0 };

        end = newline != NULL ? (size_t)(newline - text.data) : text.len;
        line.len = end - from;
        number++;
        if (!is_blank(line))
            rc = add_line(reference, line, number, problems);
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

/* A language that nobody told is the one the machine reads it in. */
static int code_one(struct presence_coder *coder, struct coded_conversation *conversation,
                    struct score *scores)
{
    struct presence_conversation asked = { .messages = conversation->messages,
                                           .count = conversation->count,
                                           .language = slice_of(conversation->language) };
    struct noting noting = { conversation, coder->rules, scores };
    struct presence_outcome outcome;
    int rc;

    memset(conversation->machine, 0, conversation->count * sizeof(*conversation->machine));
    rc = presence_code(coder, &asked, note, &noting, &outcome);
    if (rc == OK && conversation->language[0] == '\0')
        memcpy(conversation->language, outcome.language, sizeof(conversation->language));
    return rc;
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
