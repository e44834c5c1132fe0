/* SPDX-License-Identifier: Apache-2.0
 *
 * Every number here was worked by hand; the sums stand beside them.
 */
#include "presence/sampling.h"

#include "tests/support/cmocka.h"

#include <math.h>
#include <string.h>

#define assert_near(value, expected) assert_true(fabs((value) - (expected)) < 1e-9)

static struct sampling *sampling;

static int start(void **state)
{
    (void)state;
    return sampling_new(&sampling);
}

static int stop(void **state)
{
    (void)state;
    sampling = sampling_free(sampling);
    return 0;
}

static void add(const char *language, const char *stage, bool with, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sampling_add(sampling, slice_of(language), slice_of(stage), with), OK);
}

static const struct sampling_stratum *stratum(const char *name)
{
    for (size_t i = 0; i < sampling_strata(sampling); i++)
        if (strcmp(sampling_stratum(sampling, i)->name, name) == 0)
            return sampling_stratum(sampling, i);
    fail_msg("no stratum %s", name);
    return NULL;
}

/* 100 without and 10 with; 20 wanted, half of each: 10 with (all there are, weight 1), and of the
 * 100 without 10, each standing for 100 ÷ 10. The weights add up to the 110 chats there are. */
static void weights__add_up_to_what_was_drawn_from(void **state)
{
    double sum = 0;

    (void)state;
    add("en", "existing", false, 100);
    add("en", "existing", true, 10);
    assert_int_equal(sampling_draw(sampling, 20, 50, 1), OK);
    assert_int_equal(sampling_count(sampling), 20);
    for (size_t i = 0; i < 20; i++) {
        struct sampling_drawn drawn = sampling_drawn(sampling, i);

        assert_near(drawn.weight, drawn.chat < 100 ? 10 : 1);
        sum += drawn.weight;
    }
    assert_near(sum, 110);
}

/* Without: 3 new, 50 existing, 50 unknown; 12 wanted by turns: 3 new (all), then the other two get
 * (12 − 3) ÷ 2 = 4.5 each: 5 for the one that comes first by name. */
static void small_strata__are_not_drowned(void **state)
{
    (void)state;
    add("fi", "unknown", false, 50);
    add("fi", "existing", false, 50);
    add("fi-FI", "new", false, 3);
    assert_int_equal(sampling_draw(sampling, 12, 50, 1), OK);
    assert_int_equal(sampling_strata(sampling), 3);
    assert_int_equal(stratum("fi new without")->drawn, 3);
    assert_int_equal(stratum("fi existing without")->drawn, 5);
    assert_int_equal(stratum("fi unknown without")->drawn, 4);
}

/* Half of 10 were to be without, of which there are 2: with gives 8. */
static void what_one_half_lacks__the_other_gives(void **state)
{
    (void)state;
    add("", "unknown", false, 2);
    add("", "unknown", true, 30);
    assert_int_equal(sampling_draw(sampling, 10, 50, 1), OK);
    assert_int_equal(stratum("? unknown without")->drawn, 2);
    assert_int_equal(stratum("? unknown with")->drawn, 8);
}

static void more_than_there_are__draws_them_all(void **state)
{
    bool seen[5] = { false };

    (void)state;
    add("en", "new", true, 5);
    assert_int_equal(sampling_draw(sampling, 60, 50, 3), OK);
    assert_int_equal(sampling_count(sampling), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_false(seen[sampling_drawn(sampling, i).chat]);
        seen[sampling_drawn(sampling, i).chat] = true;
    }
}

static void nothing__can_be_drawn_from(void **state)
{
    (void)state;
    assert_int_equal(sampling_draw(sampling, 60, 50, 3), OK);
    assert_int_equal(sampling_count(sampling), 0);
}

static size_t first_drawn(uint64_t seed)
{
    size_t chat;

    (void)stop(NULL);
    (void)start(NULL);
    add("en", "new", true, 1000);
    assert_int_equal(sampling_draw(sampling, 10, 100, seed), OK);
    chat = sampling_drawn(sampling, 0).chat;
    return chat;
}

static void the_seed__decides(void **state)
{
    (void)state;
    assert_int_equal(first_drawn(1), first_drawn(1));
    assert_int_not_equal(first_drawn(1), first_drawn(2));
}

/* 4 of 8 drawn under 4,000 seeds: each is drawn 2,000 times, ± 5 × √(4,000 × ½ × ½) = 158. */
static void every_chat_of_a_stratum__is_as_likely(void **state)
{
    size_t times[8] = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        (void)stop(NULL);
        (void)start(NULL);
        add("en", "new", false, 8);
        assert_int_equal(sampling_draw(sampling, 4, 50, seed), OK);
        for (size_t i = 0; i < 4; i++)
            times[sampling_drawn(sampling, i).chat]++;
    }
    for (size_t i = 0; i < 8; i++)
        assert_in_range(times[i], 2000 - 158, 2000 + 158);
}

/* Four coders: six pairs, each of them once in six places, each coder three times. */
static void every_pair_of_coders__meets_as_often(void **state)
{
    size_t met[4][4] = { { 0 } }, read[4] = { 0 }, pair[2];

    (void)state;
    for (size_t place = 0; place < 6; place++) {
        sampling_pair(place, 4, pair);
        assert_int_not_equal(pair[0], pair[1]);
        met[pair[0]][pair[1]]++;
        met[pair[1]][pair[0]]++;
        read[pair[0]]++;
        read[pair[1]]++;
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(read[i], 3);
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(met[i][j], i != j);
    }
    sampling_pair(17, 2, pair);
    assert_int_equal(pair[0], 0);
    assert_int_equal(pair[1], 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(weights__add_up_to_what_was_drawn_from), CASE(small_strata__are_not_drowned),
    CASE(what_one_half_lacks__the_other_gives), CASE(more_than_there_are__draws_them_all),
    CASE(nothing__can_be_drawn_from), CASE(the_seed__decides),
    CASE(every_chat_of_a_stratum__is_as_likely), CASE(every_pair_of_coders__meets_as_often))
