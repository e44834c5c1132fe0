/* SPDX-License-Identifier: Apache-2.0
 *
 * What a reference file may say, and what of it is refused: a wrong line must not pass for a
 * conversation in which nobody found anything.
 */
#include "presence/reference.h"

#include "tests/support/cmocka.h"

#include <math.h>

struct fixture {
    struct presence_rules *rules;
    struct presence_coder *coder;
    struct reference *reference;
    struct buf problems;
};

static int setup(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){ 0 };
    buf_init(&fixture.problems, 64 * 1024);
    buf_add_text(&fixture.problems, "");
    assert_int_equal(presence_rules_load(&fixture.rules, RULES_FOLDER, &fixture.problems), OK);
    assert_int_equal(presence_coder_new(&fixture.coder, fixture.rules), OK);
    assert_int_equal(reference_new(&fixture.reference), OK);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    (void)reference_free(fixture->reference);
    (void)presence_coder_free(fixture->coder);
    (void)presence_rules_free(fixture->rules);
    buf_release(&fixture->problems);
    return 0;
}

static void add(struct fixture *fixture, const char *lines)
{
    assert_int_equal(reference_add(fixture->reference, slice_of(lines), &fixture->problems), OK);
}

static struct agreement_result measure(struct fixture *fixture, enum presence_code code,
                                       const char *language)
{
    struct agreement_query query = { .code = code,
                                     .language = language,
                                     .role = -1,
                                     .first = REFERENCE_CODER,
                                     .second = MACHINE_CODER,
                                     .seed = 1 };
    AUTO(agreement) agreement = NULL;
    struct agreement_result result;

    assert_int_equal(reference_measure(fixture->reference, fixture->coder, false, &agreement), OK);
    assert_int_equal(agreement_measure(agreement, &query, &result), OK);
    return result;
}

#define TURN(text, codes) \
    "{\"lang\":\"en\",\"turns\":[{\"role\":\"visitor\",\"text\":\"" text "\"" codes "}]}\n"

static void lines_that_cannot_be_read__are_told_by_number_and_left_out(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "\xef\xbb\xbf" TURN("Hello!", ",\"codes\":[\"COH.GREET\"]") "\r\n{broken\n" TURN(
                     "Hello!", ",\"codes\":[\"COH.GRET\"]")
                     TURN("Hello!", "") "{\"turns\":[{\"role\":\"robot\",\"text\":\"a\",\"codes\":"
                                        "[]}]}\n[]\n"
                                        "{\"turns\":[{\"role\":\"visitor\",\"codes\":[]}]}\n" TURN(
                                            "Hi", ",\"origin\":\"pasted\",\"codes\":[]"));
    assert_int_equal(reference_count(fixture->reference), 1);
    assert_string_equal(
        fixture->problems.data,
        "line 3: it is no JSON document.\n"
        "line 4: message 1: \"COH.GRET\" is no code of spc-1.\n"
        "line 5: no message of it has \"codes\".\n"
        "line 6: message 1: \"robot\" is no role: visitor, agent, bot and system are.\n"
        "line 7: it is no conversation with turns or messages.\n"
        "line 8: message 1: it has no text: a reference holds the words that were coded.\n"
        "line 9: message 1: \"pasted\" is no origin: typed, canned, bot and system are.\n");
}

static void codes__may_have_their_spans_beside_them(void **state)
{
    struct fixture *fixture = *state;
    struct agreement_result result;

    add(fixture, TURN("Hello!", ",\"codes\":[{\"code\":\"COH.GREET\",\"first\":0,\"last\":5}]"));
    result = measure(fixture, PRESENCE_COH_GREET, "en");
    assert_true(result.counts.both == 1 && result.counts.second_only == 0);
}

/* A message that has no "codes" at all was not coded; an empty list says that it bears none. */
static void a_message_nobody_coded__is_in_no_figure(void **state)
{
    struct fixture *fixture = *state;

    add(fixture, "{\"lang\":\"en\",\"turns\":["
                 "{\"role\":\"visitor\",\"text\":\"Hello!\",\"codes\":[]},"
                 "{\"role\":\"agent\",\"text\":\"Hello!\"},"
                 "{\"role\":\"agent\",\"text\":\"Hello!\",\"codes\":[\"COH.GREET\"],"
                 "\"disputed\":[\"INT.Q\"]}]}");
    assert_int_equal(measure(fixture, PRESENCE_COH_GREET, "en").units, 2);
    assert_int_equal(measure(fixture, PRESENCE_INT_Q, "en").units, 1);
}

static void languages__are_read_without_region_and_found_where_not_told(void **state)
{
    struct fixture *fixture = *state;
    const char *languages[REFERENCE_LANGUAGES_MAX];

    add(fixture, "{\"lang\":\"en-GB\",\"turns\":[{\"role\":\"visitor\",\"text\":\"Hello!\","
                 "\"codes\":[\"COH.GREET\"]}]}\n"
                 "{\"turns\":[{\"from\":\"visitor\",\"text\":\"Moi! Onko teillä tätä vielä, ja "
                 "mitä se maksaa?\",\"codes\":[\"COH.GREET\",\"INT.Q\"]}]}\n");
    assert_int_equal(measure(fixture, PRESENCE_COH_GREET, "en").units, 1);
    assert_int_equal(measure(fixture, PRESENCE_COH_GREET, "fi").units, 1);
    assert_int_equal(reference_languages(fixture->reference, languages), 2);
    assert_string_equal(languages[0], "en");
    assert_string_equal(languages[1], "fi");
}

static void classes__are_told_of_languages_with_rules_alone(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUF table;

    buf_init(&table, 64 * 1024);
    add(fixture, "{\"lang\":\"de\",\"turns\":[{\"role\":\"visitor\",\"text\":\"Hallo\",\"codes\":"
                 "[\"COH.GREET\"]}]}\n" TURN("Hello!", ",\"codes\":[\"COH.GREET\"]"));
    assert_int_equal(reference_classes(fixture->reference, fixture->coder, "1", &table), OK);
    assert_null(strstr(table.data, "\nde\t"));
    assert_non_null(strstr(table.data, "\nen\tCOH.GREET\t"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
RUN(CASE(lines_that_cannot_be_read__are_told_by_number_and_left_out),
    CASE(codes__may_have_their_spans_beside_them), CASE(a_message_nobody_coded__is_in_no_figure),
    CASE(languages__are_read_without_region_and_found_where_not_told),
    CASE(classes__are_told_of_languages_with_rules_alone))
