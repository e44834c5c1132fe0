/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be asked of the API in a while: so much of each token and user, so much of each tenant.
 */
#include "server-bridge/core/api/budget.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define ACME "/api/v1/tenants/acme"

enum { TOKENS = 3 };
static char tokens[TOKENS][TOKEN_TEXT_BYTES], admin[TOKEN_TEXT_BYTES];

static void make_token(const char *rights, char to[TOKEN_TEXT_BYTES])
{
    assert_true(slice_copy(slice_of(text_at(ask("POST", "/api/v1/tokens", "", rights), "token")),
                           to, TOKEN_TEXT_BYTES));
}

static int start(void **state)
{
    (void)double_setup(state);
    for (size_t i = 0; i < TOKENS; i++)
        make_token("{\"role\":\"tenant-admin\",\"tenant\":\"acme\"}", tokens[i]);
    make_token("{\"role\":\"admin\"}", admin);
    return 0;
}

/* Here the clock goes on by being looked at; it is put back, so that no time passes. */
static const struct heard *at_once(const char *path, const char *token)
{
    uint64_t before_ms = core_steady_ms();
    const struct heard *answer = ask_with("GET", path, token, "");

    double_steady_back(core_steady_ms() - before_ms + 1000);
    return answer;
}

/* Asks until it is too much; how much that came to. */
static unsigned spend_all(const char *path, const char *token, unsigned cost)
{
    for (unsigned spent = 0; spent <= 10000; spent += cost) {
        const struct heard *answer = at_once(path, token);

        if (answer->status == 200)
            continue;
        assert_int_equal(answer->status, 429);
        assert_string_equal(code_of(answer), "too_fast");
        assert_non_null(strstr(answer->headers, "Retry-After: 1\r\n"));
        return spent;
    }
    fail_msg("there is no end to it");
    return 0;
}

static void a_token__spends_what_the_table_says(void **state)
{
    (void)state;
    assert_int_equal(spend_all(ACME, tokens[0], COST_LOOK), BUDGET_BURST);
    assert_int_equal(at_once(ACME, tokens[1])->status, 200); /* another one has its own */
    assert_int_equal(spend_all("/api/v1/tenants", admin, COST_LIST), BUDGET_BURST);
    for (int i = 0; i < 10; i++)
        (void)core_steady_ms(); /* a second each */
    assert_int_equal(spend_all(ACME, tokens[0], COST_LOOK), 10 * BUDGET_PER_SECOND);
}

static void a_clock_that_is_set_back__keeps_no_budget_empty(void **state)
{
    (void)state;
    (void)spend_all(ACME, tokens[0], COST_LOOK);
    double_clock_back(86400000);
    (void)core_steady_ms();
    assert_int_equal(at_once(ACME, tokens[0])->status, 200);
}

static void many_tokens_of_a_tenant__spend_from_one_budget(void **state)
{
    (void)state;
    assert_int_equal(
        ask("PATCH", ACME "/settings", "", "{\"values\":{\"quota.api\":\"100\"}}")->status, 200);
    assert_int_equal(spend_all(ACME, tokens[0], COST_LOOK), BUDGET_BURST);
    assert_int_equal(spend_all(ACME, tokens[1], COST_LOOK),
                     100 * BUDGET_TENANT_SECONDS - BUDGET_BURST);
    assert_int_equal(at_once(ACME, tokens[2])->status, 429);
    assert_int_equal(at_once(ACME, admin)->status, 200); /* an admin is nobody's */
}

static void what_is_forbidden__costs_all_the_same(void **state)
{
    unsigned refused = 0;

    (void)state;
    while (at_once("/api/v1/tenants", tokens[0])->status == 403 && refused <= BUDGET_BURST)
        refused++;
    assert_int_equal(refused, BUDGET_BURST / COST_LIST);
    assert_int_equal(at_once("/api/v1/tenants", tokens[0])->status, 429);
}

static void the_operator__has_no_limit(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * BUDGET_BURST; i++)
        assert_int_equal(ask("GET", ACME, "", "")->status, 200);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(a_token__spends_what_the_table_says),
    CASE(a_clock_that_is_set_back__keeps_no_budget_empty),
    CASE(many_tokens_of_a_tenant__spend_from_one_budget),
    CASE(what_is_forbidden__costs_all_the_same), CASE(the_operator__has_no_limit))
