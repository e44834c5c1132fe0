/* SPDX-License-Identifier: Apache-2.0
 *
 * Load, canned replies, thirds of a chat, agents: every number was worked by hand.
 */
#include "presence/figures/figures_json.h"
#include "presence/report/report.h"
#include "tests/support/cmocka.h"
#include "tests/support/json_at.h"

#include <math.h>
#include <stdio.h>

enum { ANNA, BO };

static struct figures *figures;

static int start(void **state)
{
    (void)state;
    figures = figures_new();
    assert_int_equal(
        figures_agent(figures, SLICE_LITERAL("anna@agents.example"), SLICE_LITERAL("Anna")), ANNA);
    assert_int_equal(
        figures_agent(figures, SLICE_LITERAL("bo@agents.example"), SLICE_LITERAL("Bo")), BO);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    figures = figures_free(figures);
    return 0;
}

static void is_near(double is, double wanted)
{
    if (!(fabs(is - wanted) < 1e-4))
        fail_msg("%.10g is not %.10g", is, wanted);
}

static json_t *written(bool by_agent)
{
    const struct figures_about about = { .tenant = "acme",
                                         .title = "Acme Oy",
                                         .stage = "",
                                         .language = "",
                                         .outcome = "",
                                         .coder = "Erik",
                                         .book = "spc-1",
                                         .by_agent = by_agent };

    return figures_json(figures, &about);
}

/* --- a chat in few words --- */

static struct figures_message visitor(uint64_t at_s)
{
    return (struct figures_message){
        .from = FROM_VISITOR, .at_ms = at_s * 1000, .words = 50, .agent = FIGURES_NOBODY
    };
}

static struct figures_message agent(uint64_t at_s, uint16_t who)
{
    return (struct figures_message){
        .from = FROM_AGENT, .at_ms = at_s * 1000, .words = 50, .agent = who
    };
}

static void add(const struct figures_message *messages, size_t count, int csat,
                enum figures_stage stage)
{
    const struct figures_chat chat = { .language = SLICE_LITERAL("fi"),
                                       .stage = stage,
                                       .opened_ms = 1,
                                       .messages = messages,
                                       .count = count,
                                       .coded = true,
                                       .csat = csat,
                                       .nps = -1,
                                       .effort = -1 };

    assert_int_equal(figures_add(figures, &chat), OK);
}

/* --- load --- */

static void waits_are(const struct figures_waits *waits, const uint64_t *wanted, size_t count)
{
    assert_int_equal(waits->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(waits->of[i].ms, wanted[i] * 1000);
}

/* Anna speaks in the first chat from 20 to 130, in the second from 60 to 115. Asked at 10 she has
 * nothing else in hand: 1. At 50 the first chat is open: 2. At 100 and at 110 both are: 2. Bo's
 * chat from 45 to 200 is no load of hers. */
static void load__is_what_the_agent_had_in_hand_when_asked(void **state)
{
    const struct figures_message first[] = { visitor(10), agent(20, ANNA), visitor(100),
                                             agent(130, ANNA) };
    const struct figures_message second[] = { visitor(50), agent(60, ANNA), visitor(110),
                                              agent(115, ANNA) };
    const struct figures_message third[] = { visitor(40), agent(45, BO), visitor(190),
                                             agent(200, BO) };
    static const uint64_t one[] = { 10, 5, 10 }, two[] = { 30, 10, 5 };
    struct figures_waits loads[FIGURES_LOADS];

    (void)state;
    add(first, 4, -1, STAGE_UNKNOWN);
    add(second, 4, -1, STAGE_UNKNOWN);
    add(third, 4, -1, STAGE_UNKNOWN);
    assert_int_equal(figures_loads(figures, loads), OK);
    waits_are(&loads[0], one, 3);
    waits_are(&loads[1], two, 3);
    assert_int_equal(loads[2].count, 0);
    for (int i = 0; i < FIGURES_LOADS; i++)
        free(loads[i].of);
}

/* As above, but only the second chat was asked for: the first is in her hand all the same. */
static void load__counts_chats_that_were_not_asked_for(void **state)
{
    const struct figures_message first[] = { visitor(10), agent(20, ANNA), visitor(100),
                                             agent(130, ANNA) };
    const struct figures_message second[] = { visitor(50), agent(60, ANNA), visitor(110),
                                              agent(115, ANNA) };
    static const uint64_t two[] = { 10, 5 };
    struct figures_waits loads[FIGURES_LOADS];

    (void)state;
    add(second, 4, -1, STAGE_UNKNOWN);
    assert_int_equal(figures_add_unasked(figures, first, 4), OK);
    assert_int_equal(figures->count, 1);
    assert_int_equal(figures_loads(figures, loads), OK);
    assert_int_equal(loads[0].count, 0);
    waits_are(&loads[1], two, 2);
    for (int i = 0; i < FIGURES_LOADS; i++)
        free(loads[i].of);
}

/* Seven chats of Anna's at once: the last of them is asked with six others open, which is 7: "5 and
 * more". */
static void load__beyond_the_last__is_counted_there(void **state)
{
    struct figures_waits loads[FIGURES_LOADS];

    (void)state;
    for (uint64_t i = 0; i < 7; i++) {
        const struct figures_message messages[] = { visitor(10 + i), agent(20, ANNA),
                                                    agent(500, ANNA), visitor(600 + i) };

        add(messages, i < 6 ? 4 : 2, -1, STAGE_UNKNOWN);
    }
    {
        const struct figures_message late[] = { visitor(300), agent(310, ANNA) };

        add(late, 2, -1, STAGE_UNKNOWN);
    }
    assert_int_equal(figures_loads(figures, loads), OK);
    assert_int_equal(loads[0].count, 7); /* the first seven: nobody had spoken yet */
    assert_int_equal(loads[FIGURES_LOADS - 1].count, 1);
    assert_int_equal(loads[FIGURES_LOADS - 1].of[0].ms, 10000);
    for (int i = 0; i < FIGURES_LOADS; i++)
        free(loads[i].of);
}

/* --- canned --- */

/* 40 chats with a canned answer after 5 s, 30 satisfied; 40 with a typed one after 9 s, 10
 * satisfied: the difference is 75 % − 25 % = 50 points. */
static void canned_replies__are_set_beside_typed_ones(void **state)
{
    AUTO_JSON document = NULL;

    (void)state;
    for (int i = 0; i < 40; i++) {
        struct figures_message canned[] = { visitor(10), agent(15, ANNA) };
        const struct figures_message typed[] = { visitor(10), agent(19, ANNA) };

        canned[1].origin = ORIGIN_CANNED;
        add(canned, 2, i < 30 ? 5 : 1, STAGE_UNKNOWN);
        add(typed, 2, i < 10 ? 4 : 3, STAGE_UNKNOWN);
    }
    document = written(false);
    is_near(number_at(document, "canned.response_canned.median_s"), 5);
    is_near(number_at(document, "canned.response_typed.median_s"), 9);
    is_near(number_at(document, "canned.csat_with.share"), 0.75);
    is_near(number_at(document, "canned.csat_without.share"), 0.25);
    is_near(number_at(document, "canned.csat_with_less_without.difference"), 0.5);
    assert_true(number_at(document, "canned.csat_with_less_without.low") > 0.25);
}

/* --- waits, clustered in chats --- */

/* 100 waits of 0 to 99 s. Each of a chat of its own: as by the binomial, 50 ± 1.96 × √25, 40 to 60.
 * Ten to a chat: all ten stand on the same side, Σ (10 − 5)² over ten chats = 250, and 50 ± 1.96 ×
 * √250 = 30.99, 19 to 81. By fives: ten chats, each with five below 50 and five above, Σ = 0: 50.
 */
static void a_median__knows_that_waits_of_a_chat_lean_on_each_other(void **state)
{
    static const struct {
        uint64_t low_s, high_s;
    } wanted[] = { { 40, 60 }, { 19, 81 }, { 50, 50 } };

    (void)state;
    for (int way = 0; way < 3; way++) {
        struct figures_waits waits = { .count = 0 };
        struct figures_quantile median;

        for (uint64_t i = 0; i < 100; i++) {
            uint64_t spread = i % 10 < 5 ? i / 10 * 5 + i % 5 : 50 + i / 10 * 5 + i % 5;

            assert_int_equal(
                figures_wait_add(&waits, way == 0 ? i : i / 10, (way == 2 ? spread : i) * 1000),
                OK);
        }
        assert_int_equal(figures_waits_chats(&waits), way == 0 ? 100 : 10);
        assert_int_equal(figures_quantile(&waits, 0.5, &median), OK);
        assert_int_equal(median.ms, 50000);
        is_near(median.interval.low, (double)wanted[way].low_s * 1000);
        is_near(median.interval.high, (double)wanted[way].high_s * 1000);
        free(waits.of);
    }
}

/* Forty waits in one chat are one chat's: too few. */
static void waits__are_too_few_by_chats(void **state)
{
    struct figures_message messages[80];
    AUTO_JSON document = NULL;

    (void)state;
    for (uint64_t i = 0; i < 40; i++) {
        messages[2 * i] = visitor(10 * i + 10);
        messages[2 * i + 1] = agent(10 * i + 15, ANNA);
    }
    add(messages, 80, -1, STAGE_UNKNOWN);
    document = written(false);
    is_near(number_at(document, "times.response.n"), 40);
    is_near(number_at(document, "times.response.chats"), 1);
    assert_true(json_is_true(at(document, "times.response.too_few")));
    assert_true(json_is_true(at(document, "load.0.response.too_few")));
    assert_true(json_is_true(at(document, "canned.response_typed.too_few")));
}

/* --- how chats go --- */

/* 40 chats of six messages of 50 words; the visitor greets in the first, thanks in the last. Places
 * 0 and 1 are the first third, 4 and 5 the last: 40 ÷ (40 × 50) × 1000 = 20. A chat of five has no
 * course. All chats are alike, so every resample gives the same. */
static void thirds__are_cut_by_the_number_of_messages(void **state)
{
    struct figures_third_cell cells[FIGURES_THIRDS][PRESENCE_GROUP_COUNT];

    (void)state;
    for (int i = 0; i < 40; i++) {
        struct figures_message six[] = { visitor(1),     agent(2, ANNA), visitor(3),
                                         agent(4, ANNA), visitor(5),     agent(6, ANNA) };

        six[0].codes = PRESENCE_CODE_BIT(PRESENCE_COH_GREET);
        six[4].codes = PRESENCE_CODE_BIT(PRESENCE_INT_THANK);
        add(six, 6, -1, STAGE_UNKNOWN);
        add(six, 5, -1, STAGE_UNKNOWN);
    }
    assert_int_equal(figures_thirds(figures, 0, SIDE_VISITOR, cells), OK);
    assert_false(cells[0][0].too_few);
    assert_int_equal(cells[0][PRESENCE_COHESIVE].chats, 40);
    assert_int_equal(cells[0][PRESENCE_COHESIVE].words, 2000);
    is_near(cells[0][PRESENCE_COHESIVE].density, 20);
    is_near(cells[0][PRESENCE_COHESIVE].interval.low, 20);
    is_near(cells[0][PRESENCE_COHESIVE].interval.high, 20);
    is_near(cells[1][PRESENCE_COHESIVE].density, 0);
    is_near(cells[1][PRESENCE_COHESIVE].interval.high, 1.84444); /* −ln .025 ÷ 2,000 words */
    is_near(cells[2][PRESENCE_INTERACTIVE].density, 20);
    assert_int_equal(figures_thirds(figures, 0, SIDE_AGENT, cells), OK);
    is_near(cells[0][PRESENCE_COHESIVE].density, 0);
}

/* As above, but of 20 words in the last third: 40 × 20 = 800 are too few, and those alone. In ten
 * more chats the visitor says nothing: they are the agent's alone. */
static void a_third__is_too_few_by_itself(void **state)
{
    struct figures_third_cell cells[FIGURES_THIRDS][PRESENCE_GROUP_COUNT];
    AUTO_JSON document = NULL;

    (void)state;
    for (int i = 0; i < 40; i++) {
        struct figures_message six[] = { visitor(1),     agent(2, ANNA), visitor(3),
                                         agent(4, ANNA), visitor(5),     agent(6, ANNA) };
        const struct figures_message alone[] = { agent(1, ANNA), agent(2, ANNA), agent(3, ANNA),
                                                 agent(4, ANNA), agent(5, ANNA), agent(6, ANNA) };

        six[4].words = 20;
        add(six, 6, -1, STAGE_UNKNOWN);
        if (i < 10)
            add(alone, 6, -1, STAGE_UNKNOWN);
    }
    assert_int_equal(figures_thirds(figures, 0, SIDE_VISITOR, cells), OK);
    assert_int_equal(cells[0][0].chats, 40);
    assert_false(cells[0][0].too_few);
    assert_false(cells[1][0].too_few);
    assert_true(cells[2][0].too_few);
    assert_int_equal(figures_thirds(figures, 0, SIDE_AGENT, cells), OK);
    assert_int_equal(cells[0][0].chats, 50);
    document = written(false);
#define VISITOR "languages.0.trajectory.0."
    assert_true(json_is_false(at(document, VISITOR "too_few")));
    is_near(number_at(document, VISITOR "thirds.0.groups.0.density"), 0);
    assert_true(json_is_true(at(document, VISITOR "thirds.2.groups.0.too_few")));
    assert_null(at(document, VISITOR "thirds.2.groups.0.density"));
#undef VISITOR
}

/* --- agents --- */

/* 31 chats of Bo's alone, 29 of Anna's, two of both: Anna has too few, and nothing but that is
 * told. What Bo answered in theirs is none of Bo's figures. Cai, who wrote only in a chat that was
 * not asked for, is not told of. */
static void agents__are_told_where_switched_on_and_never_ranked(void **state)
{
    const uint16_t cai =
        figures_agent(figures, SLICE_LITERAL("cai@agents.example"), SLICE_LITERAL("Cai"));
    const struct figures_message unasked[] = { visitor(10), agent(14, cai) };
    AUTO_JSON silent = NULL;
    AUTO_JSON document = NULL;
    AUTO_BUF page;

    (void)state;
    for (int i = 0; i < 31; i++) {
        const struct figures_message bo[] = { visitor(10), agent(14, BO) };
        const struct figures_message anna[] = { visitor(10), agent(12, ANNA) };
        const struct figures_message both[] = { visitor(10), agent(12, ANNA), visitor(13),
                                                agent(99, BO) };

        add(bo, 2, -1, STAGE_UNKNOWN);
        if (i < 29)
            add(anna, 2, -1, STAGE_UNKNOWN);
        else
            add(both, 4, -1, STAGE_UNKNOWN);
    }
    assert_int_equal(figures_add_unasked(figures, unasked, 2), OK);
    silent = written(false);
    assert_null(at(silent, "agents"));
    document = written(true);
    assert_string_equal(json_string_value(at(document, "agents.0.agent")), "Anna");
    is_near(number_at(document, "agents.0.chats"), 29);
    assert_true(json_is_true(at(document, "agents.0.too_few")));
    assert_null(at(document, "agents.0.response"));
    assert_string_equal(json_string_value(at(document, "agents.1.agent")), "Bo");
    is_near(number_at(document, "agents.1.chats"), 31);
    is_near(number_at(document, "agents.1.first_response.median_s"), 4);
    is_near(number_at(document, "agents.1.response.n"), 31);
    assert_non_null(at(document, "agents.1.languages.0.groups.0"));
    assert_null(at(document, "agents.2"));
    buf_init(&page, 1024 * 1024);
    report_html(document, &page);
    assert_non_null(strstr(page.data, "Agents, in order of name"));
    assert_null(strstr(page.data, "agents.example"));
}

/* --- the study's check --- */

/* Existing 15 of 30 with a relationship code; potential and new 0 of 40: 50 points. */
static void the_studys_check__compares_existing_customers_with_the_others(void **state)
{
    AUTO_JSON document = NULL;

    (void)state;
    for (int i = 0; i < 30; i++) {
        struct figures_message messages[] = { visitor(1), agent(2, ANNA) };

        add(messages, 2, -1, i % 2 ? STAGE_POTENTIAL : STAGE_NEW);
        if (i < 10)
            add(messages, 2, -1, STAGE_NEW);
        messages[0].codes = i < 15 ? PRESENCE_CODE_BIT(PRESENCE_REL_HIST) : 0;
        add(messages, 2, -1, STAGE_EXISTING);
    }
    document = written(false);
    is_near(number_at(document, "languages.0.study_check.sides.0.existing_less_others.difference"),
            0.5);
    assert_true(number_at(document, "languages.0.study_check.sides.0.existing_less_others.low") >
                0.3);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(load__is_what_the_agent_had_in_hand_when_asked),
    CASE(load__counts_chats_that_were_not_asked_for), CASE(load__beyond_the_last__is_counted_there),
    CASE(a_median__knows_that_waits_of_a_chat_lean_on_each_other),
    CASE(waits__are_too_few_by_chats), CASE(canned_replies__are_set_beside_typed_ones),
    CASE(thirds__are_cut_by_the_number_of_messages), CASE(a_third__is_too_few_by_itself),
    CASE(agents__are_told_where_switched_on_and_never_ranked),
    CASE(the_studys_check__compares_existing_customers_with_the_others))
