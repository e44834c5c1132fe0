/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/coder.h"

#include "presence/coder/coder_state.h"

#include <stdlib.h>
#include <string.h>

int presence_coder_new(struct presence_coder **ret_coder, const struct presence_rules *rules)
{
    AUTO(presence_coder) coder = calloc(1, sizeof(*coder));
    int rc = OK;

    if (coder == NULL)
        return RAISE(ERR_NO_MEMORY);
    coder->rules = rules;
    coder->candidate = calloc(rules->index.patterns + 1, sizeof(*coder->candidate));
    coder->fitting = calloc(rules->index.patterns + 1, sizeof(*coder->fitting));
    coder->off = calloc(rules->rule_count + 1, sizeof(*coder->off));
    coder->cache = calloc(CODER_CACHE, sizeof(*coder->cache));
    if (coder->candidate == NULL || coder->fitting == NULL || coder->off == NULL ||
        coder->cache == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; rc == OK && i < rules->language_count; i++)
        rc = stems_init(&coder->stems[i], rules->languages[i]);
    if (rc == OK && rules->voikko)
        rc = FOLD(presence_coder_use_voikko(coder));
    if (rc != OK)
        return rc;
    *ret_coder = coder;
    coder = NULL;
    return OK;
}

struct presence_coder *presence_coder_free(struct presence_coder *coder)
{
    if (coder == NULL)
        return NULL;
    points_release(&coder->points);
    tokens_release(&coder->tokens);
    for (size_t i = 0; i < RULES_MAX_LANGUAGES; i++)
        stems_release(&coder->stems[i]);
    voikko_free(coder->voikko);
    free(coder->messages);
    free(coder->candidate);
    free(coder->fitting);
    free(coder->off);
    free(coder->cache);
    free(coder);
    return NULL;
}

int presence_coder_use_voikko(struct presence_coder *coder)
{
    int rc = coder->voikko != NULL ? OK : voikko_open(&coder->voikko);

    if (rc == VOIKKO_E_ABSENT)
        return PRESENCE_E_NO_VOIKKO;
    memset(coder->cache, 0, CODER_CACHE * sizeof(*coder->cache));
    return rc;
}

bool presence_rules_use_voikko(struct presence_rules *rules)
{
    struct voikko *voikko = NULL;

    rules->voikko = voikko_open(&voikko) == OK;
    (void)voikko_free(voikko);
    return rules->voikko;
}

bool presence_rules_have_voikko(const struct presence_rules *rules)
{
    return rules->voikko;
}

static void hand_out(const struct presence_coder *coder, size_t index, presence_instance_fn *each,
                     void *context, struct presence_outcome *outcome)
{
    const struct read_message *message = &coder->messages[index];

    for (unsigned code = 0; code < PRESENCE_CODE_COUNT; code++) {
        const struct found *found = &message->found[code];

        if ((message->codes & PRESENCE_CODE_BIT(code)) == 0)
            continue;
        outcome->instances++;
        each(context, &(struct presence_instance){ .message = index,
                                                   .code = (enum presence_code)code,
                                                   .rule = coder->rules->rules[found->rule].id,
                                                   .from = found->from,
                                                   .to = found->to });
    }
}

int presence_names(struct presence_coder *coder, const struct presence_conversation *conversation,
                   presence_name_fn *each, void *context)
{
    struct presence_outcome outcome = { 0 };
    int rc = coder_read(coder, conversation, &outcome);

    for (size_t i = 0; rc == OK && i < coder->name_count; i++)
        each(context, (struct slice){ coder->names[i].text, coder->names[i].len });
    return TRACE(rc);
}

int presence_code(struct presence_coder *coder, const struct presence_conversation *conversation,
                  presence_instance_fn *each, void *context, struct presence_outcome *ret_outcome)
{
    struct presence_outcome outcome = { 0 };
    int rc = coder_read(coder, conversation, &outcome);

    if (rc != OK)
        return TRACE(rc);
    if (coder->language != SIZE_MAX)
        memcpy(outcome.language, coder->rules->languages[coder->language],
               sizeof(outcome.language));
    coder_apply(coder);
    for (size_t i = 0; i < coder->count; i++)
        hand_out(coder, i, each, context, &outcome);
    *ret_outcome = outcome;
    return OK;
}
