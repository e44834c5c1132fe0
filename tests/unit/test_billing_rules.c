/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/billing/rules.h"

#include "tests/support/cmocka.h"

/* An outsourcer's contract, as one might read: what it says of a chat is worked out by hand below.
 */
static const char contract[] =
    "[{'id':'spam','if':{'tags':['spam','test']},'billable':false},"
    "{'id':'moved','if':{'imported':true},'billable':false,'text':'was billed by the old system'},"
    "{'id':'too-short','if':{'visitor_words_below':3},'billable':false},"
    "{'id':'late','if':{'answered_after_s':120,'outcomes_not':['sold']},'billable':false},"
    "{'id':'again','if':{'reopened_within_h':24},'billable':false},"
    "{'id':'bot','if':{'bot_only':true},'price':90},"
    "{'id':'long','if':{'longer_than_s':1200,'languages':['fi','sv']},'price':900},"
    "{'id':'standard','price':450}]";

static struct billing_rules *rules;

static int read_rules(const char *text, bool priced, struct buf *problem)
{
    AUTO_MEM char *json = strdup(text);
    AUTO_JSON list = NULL;

    for (char *at = json; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    list = json_loads(json, JSON_DECODE_ANY, NULL);
    assert_non_null(list);
    return billing_rules_read(list, priced, &rules, problem);
}

static int start(void **state)
{
    AUTO_BUF problem;

    (void)state;
    buf_init(&problem, 1024);
    return read_rules(contract, true, &problem);
}

static int stop(void **state)
{
    (void)state;
    rules = billing_rules_free(rules);
    return 0;
}

/* A chat that is in order, and that nothing but the last rule speaks of. */
static struct billing_facts in_order(void)
{
    return (struct billing_facts){ .visitor_messages = 4,
                                   .visitor_words = 31,
                                   .agent_messages = 5,
                                   .answered_s = 20,
                                   .duration_s = 600,
                                   .again_ms = BILLING_NEVER,
                                   .outcome = SLICE_LITERAL("solved"),
                                   .language = SLICE_LITERAL("fi"),
                                   .stage = SLICE_LITERAL("existing") };
}

static void decides(const struct billing_facts *facts, const char *id, int64_t price,
                    const char *reason)
{
    const struct billing_rule *rule = billing_decide(rules, facts);
    AUTO_BUF said;

    buf_init(&said, 1024);
    billing_reason(rule, facts, &said);
    assert_string_equal(rule->id, id);
    assert_int_equal(rule->price, price);
    assert_int_equal(rule->billable, price > 0);
    assert_string_equal(said.data, reason);
}

static void a_chat_in_order__falls_to_the_last_rule(void **state)
{
    struct billing_facts facts = in_order();

    (void)state;
    decides(&facts, "standard", 450, "no other rule holds");
}

static void each_condition__decides_at_its_border(void **state)
{
    struct billing_facts facts = in_order();
    AUTO_JSON tags = json_pack("[s,s]", "price", "test");

    (void)state;
    facts.tags = tags;
    decides(&facts, "spam", 0, "tag: test");
    facts = in_order();
    facts.imported = true;
    decides(&facts, "moved", 0, "was billed by the old system");
    facts = in_order();
    facts.visitor_words = 3;
    decides(&facts, "standard", 450, "no other rule holds");
    facts.visitor_words = 2;
    decides(&facts, "too-short", 0, "words of the visitor: 2, below 3");
    facts = in_order();
    facts.again_ms = 24LL * 3600000;
    decides(&facts, "standard", 450, "no other rule holds");
    facts.again_ms--;
    decides(&facts, "again", 0, "hours since the visitor's last one that counted: 23, within 24");
    facts = in_order();
    facts.bot_only = true;
    decides(&facts, "bot", 90, "answered by a bot alone");
}

static void conditions_of_one_rule__must_all_hold(void **state)
{
    struct billing_facts facts = in_order();

    (void)state;
    facts.answered_s = 120;
    decides(&facts, "standard", 450, "no other rule holds");
    facts.answered_s = BILLING_NEVER;
    decides(&facts, "late", 0,
            "seconds until the first answer: none came, above 120; outcome: none of those named");
    facts.outcome = SLICE_LITERAL("sold");
    decides(&facts, "standard", 450, "no other rule holds");
    facts.duration_s = 1201;
    decides(&facts, "long", 900,
            "seconds from first to last message: 1201, above 1200; language: fi");
    facts.language = SLICE_LITERAL("en");
    decides(&facts, "standard", 450, "no other rule holds");
}

/* Short and tagged as spam: the rule that stands first decides. */
static void the_first_rule_that_holds__decides(void **state)
{
    struct billing_facts facts = in_order();
    AUTO_JSON tags = json_pack("[s]", "spam");

    (void)state;
    facts.tags = tags;
    facts.visitor_words = 1;
    decides(&facts, "spam", 0, "tag: spam");
}

static void rules_that_make_no_sense__are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *text, *says;
    } wrong[] = {
        { "[]", "must be a list" },
        { "{}", "must be a list" },
        { "[3]", "Rule 1: it is no object" },
        { "[{'id':'Big','price':1}]", "Rule 1: \"id\"" },
        { "[{'id':'a','price':1,'if':{'tags':['x']}},{'id':'a','price':1}]",
          "Rule 2: another one" },
        { "[{'id':'a','price':1,'when':{}}]", "member that no rule has" },
        { "[{'id':'a','price':4.5}]", "whole number" },
        { "[{'id':'a','price':-1}]", "whole number" },
        { "[{'id':'a','price':100000001}]", "whole number" },
        { "[{'id':'a'}]", "\"price\" is missing" },
        { "[{'id':'a','billable':false,'price':3}]", "no price" },
        { "[{'id':'a','billable':1,'price':3}]", "true or false" },
        { "[{'id':'a','price':3,'text':'two\\nlines'}]", "one line" },
        { "[{'id':'a','price':3,'if':[]}]", "object of conditions" },
        { "[{'id':'a','price':3,'if':{'words':3}}]", "unknown condition \"words\"" },
        { "[{'id':'a','price':3,'if':{'bot_only':1}}]", "must be true or false" },
        { "[{'id':'a','price':3,'if':{'longer_than_s':'9'}}]", "must be a whole number" },
        { "[{'id':'a','price':3,'if':{'tags':'spam'}}]", "must be a list of 1 to" },
        { "[{'id':'a','price':3,'if':{'tags':[]}}]", "must be a list of 1 to" },
        { "[{'id':'a','price':3,'if':{'tags':['x']}}]", "must hold always" },
        { "[{'id':'a','price':3},{'id':'b','price':3}]", "Rule 1 holds always" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        AUTO_BUF problem;

        buf_init(&problem, 1024);
        assert_int_equal(read_rules(wrong[i].text, true, &problem), BILLING_E_WRONG);
        if (strstr(problem.data, wrong[i].says) == NULL)
            fail_msg("%s: %s", wrong[i].text, problem.data);
    }
}

static void without_a_currency__nothing_has_a_price(void **state)
{
    AUTO_BUF problem;

    (void)state;
    buf_init(&problem, 1024);
    assert_int_equal(read_rules("[{'id':'a','price':3}]", false, &problem), BILLING_E_WRONG);
    assert_non_null(strstr(problem.data, "no \"currency\""));
    rules = billing_rules_free(rules);
    assert_int_equal(read_rules("[{'id':'a'}]", false, &problem), OK);
    assert_true(rules->rules[0].billable);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(a_chat_in_order__falls_to_the_last_rule), CASE(each_condition__decides_at_its_border),
    CASE(conditions_of_one_rule__must_all_hold), CASE(the_first_rule_that_holds__decides),
    CASE(rules_that_make_no_sense__are_refused_with_the_reason),
    CASE(without_a_currency__nothing_has_a_price))
