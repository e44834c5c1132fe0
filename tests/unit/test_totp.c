/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/totp.h"

#include "tests/support/cmocka.h"

#include <stdio.h>

#define SECRET "12345678901234567890" /* of the RFCs */

static char secret[TOTP_SECRET_TEXT_BYTES];

static int start(void **state)
{
    (void)state;
    base32_encode((const uint8_t *)SECRET, TOTP_SECRET_BYTES, secret);
    return 0;
}

static void gives_the_values_of_rfc_4226(void **state)
{
    static const uint32_t codes[] = { 755224, 287082, 359152, 969429, 338314,
                                      254676, 287922, 162583, 399871, 520489 };

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        assert_int_equal(totp_code(SLICE_LITERAL(SECRET), i, 6), codes[i]);
}

static void gives_the_values_of_rfc_6238(void **state)
{
    static const struct {
        uint64_t s;
        uint32_t code;
    } rows[] = { { 59, 94287082 },         { 1111111109, 7081804 },  { 1111111111, 14050471 },
                 { 1234567890, 89005924 }, { 2000000000, 69279037 }, { 20000000000, 65353130 } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(totp_code(SLICE_LITERAL(SECRET), rows[i].s * 1000 / TOTP_STEP_MS, 8),
                         rows[i].code);
}

static struct slice code_at(uint64_t ms)
{
    static char text[16];

    (void)snprintf(text, sizeof(text), "%06u",
                   totp_code(SLICE_LITERAL(SECRET), ms / TOTP_STEP_MS, TOTP_DIGITS));
    return slice_of(text);
}

static void a_code__counts_now_and_one_step_beside(void **state)
{
    const uint64_t now_ms = 1111111109000;
    uint64_t step = 0;

    (void)state;
    for (int off = -TOTP_SLACK_STEPS; off <= TOTP_SLACK_STEPS; off++) {
        uint64_t at_ms = now_ms + (uint64_t)(int64_t)(off * TOTP_STEP_MS);

        assert_int_equal(totp_check(secret, code_at(at_ms), now_ms, 0, &step), 0);
        assert_int_equal(step, at_ms / TOTP_STEP_MS);
    }
    assert_int_equal(totp_check(secret, code_at(now_ms - 60000), now_ms, 0, &step), 1);
    assert_int_equal(totp_check(secret, code_at(now_ms + 60000), now_ms, 0, &step), 1);
}

static void a_code__counts_once(void **state)
{
    const uint64_t now_ms = 1111111109000;
    uint64_t step = 0, again = 0;

    (void)state;
    assert_int_equal(totp_check(secret, code_at(now_ms), now_ms, 0, &step), 0);
    assert_int_equal(totp_check(secret, code_at(now_ms), now_ms, step, &again), 1);
    assert_int_equal(totp_check(secret, code_at(now_ms - TOTP_STEP_MS), now_ms, step, &again), 1);
    assert_int_equal(totp_check(secret, code_at(now_ms + TOTP_STEP_MS), now_ms, step, &again), 0);
    step += TOTP_BACK_STEPS; /* as a clock that was a little ahead would have it */
    assert_int_equal(totp_check(secret, code_at(now_ms), now_ms, step, &again), 1);
    assert_int_equal(totp_check(secret, code_at(now_ms), now_ms, step + 1, &again), 0);
}

static void what_is_no_code__is_refused(void **state)
{
    static const char *const wrong[] = { "", "28708", "2870820", " 28708", "28708a", "-28708" };
    uint64_t step;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(totp_check(secret, slice_of(wrong[i]), 59000, 0, &step), 1);
    assert_int_equal(totp_check("no secret", SLICE_LITERAL("287082"), 59000, 0, &step), 1);
}

static void a_new_secret__is_another_each_time(void **state)
{
    char one[TOTP_SECRET_TEXT_BYTES], other[TOTP_SECRET_TEXT_BYTES];

    (void)state;
    totp_secret_new(one);
    totp_secret_new(other);
    assert_int_equal(strlen(one), 32);
    assert_string_not_equal(one, other);
}

RUN_WITH(start, NULL, cmocka_unit_test(gives_the_values_of_rfc_4226),
         cmocka_unit_test(gives_the_values_of_rfc_6238),
         cmocka_unit_test(a_code__counts_now_and_one_step_beside),
         cmocka_unit_test(a_code__counts_once), cmocka_unit_test(what_is_no_code__is_refused),
         cmocka_unit_test(a_new_secret__is_another_each_time))
