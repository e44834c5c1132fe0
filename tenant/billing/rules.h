/* SPDX-License-Identifier: Apache-2.0
 *
 * rules — which conversations a tenant pays for: an ordered list, of which the first rule whose
 * conditions all hold decides. The last has no conditions, so every conversation has its rule.
 *
 *     { "id": "too-short", "if": { "visitor_words_below": 3 }, "billable": false },
 *     { "id": "standard", "price": 450 }
 *
 * Pure: facts in, a rule and its reason out. Prices are whole numbers of a currency's smallest
 * unit. A reason holds words of the rules and numbers, none of a conversation, for statements
 * outlive what they tell of.
 */
#ifndef TENANT_BILLING_RULES_H
#define TENANT_BILLING_RULES_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/format/json.h"

enum {
    BILLING_RULES_MAX = 40,
    BILLING_WORDS_MAX = 40,
    BILLING_ID_MAX = 32,
    BILLING_TEXT_MAX = 120,
    BILLING_PRICE_MAX = 100000000
};
enum { BILLING_E_WRONG = 1 };
#define BILLING_NEVER INT64_MAX

struct billing_facts {
    int64_t visitor_messages, visitor_words, agent_messages;
    int64_t answered_s; /* first message of the visitor → first of an agent; BILLING_NEVER */
    int64_t duration_s; /* first → last message of visitor, agent or bot */
    int64_t again_ms;   /* since the end of the visitor's last one that counted; BILLING_NEVER */
    bool bot_only, imported;
    const json_t *tags; /* a list; NULL: none. Borrowed, like the words */
    struct slice outcome, language, stage;
};

enum billing_condition {
#define CONDITION(name, kind, fact, says) BILLING_##name,
#include "tenant/billing/conditions.def"
#undef CONDITION
    BILLING_CONDITION_COUNT
};

struct billing_rule {
    const char *id, *text; /* text: the reason for people, in place of ours; NULL: ours */
    bool billable;
    int64_t price;     /* 0 where nothing has one */
    const json_t *ifs; /* an object of conditions; NULL: none */
};

struct billing_rules {
    json_t *list; /* as it was given; the rules borrow from it */
    struct billing_rule rules[BILLING_RULES_MAX];
    size_t count;
    unsigned again_h; /* the longest reopened_within_h; 0: no rule asks for it */
};

/* `priced`: there is a currency, so each billable rule needs a price. BILLING_E_WRONG: what is
 * wrong stands in `problem`, for people. The caller owns *ret_rules. */
int billing_rules_read(json_t *list, bool priced, struct billing_rules **ret_rules,
                       struct buf *problem) MUST_CHECK;
struct billing_rules *billing_rules_free(struct billing_rules *rules);
DEFINE_AUTO(billing_rules)

const struct billing_rule *billing_decide(const struct billing_rules *rules,
                                          const struct billing_facts *facts);
/* Why that rule decided, on one line. */
void billing_reason(const struct billing_rule *rule, const struct billing_facts *facts,
                    struct buf *to);
/* For the files of billing/ alone. */
bool billing_condition_find(const char *name, enum billing_condition *ret_condition);
bool billing_condition_fits(enum billing_condition condition, const json_t *value,
                            struct buf *problem);

#endif
