/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/jid.h"

#include "tests/support/cmocka.h"

#include <string.h>

static void assert_split(const char *text, const char *local, const char *domain,
                         const char *resource, const char *bare)
{
    struct jid jid;

    assert_int_equal(jid_split(slice_of(text), &jid), 0);
    if (!slice_is(jid.local, local) || !slice_is(jid.domain, domain) ||
        !slice_is(jid.resource, resource) || !slice_is(jid.bare, bare))
        fail_msg("%s: %.*s @ %.*s / %.*s, bare %.*s", text, SLICE_ARG(jid.local),
                 SLICE_ARG(jid.domain), SLICE_ARG(jid.resource), SLICE_ARG(jid.bare));
}

static void a_jid__has_up_to_three_parts(void **state)
{
    (void)state;
    assert_split("anna@agents.example/laptop", "anna", "agents.example", "laptop",
                 "anna@agents.example");
    assert_split("anna@agents.example", "anna", "agents.example", "", "anna@agents.example");
    assert_split("agents.example", "", "agents.example", "", "agents.example");
    assert_split("acme.chat.example/barrier", "", "acme.chat.example", "barrier",
                 "acme.chat.example");
}

/* The library's own splitter finds someone at agents.example here. */
static void a_resource__may_look_like_anybody(void **state)
{
    (void)state;
    assert_split("evil.example/anna@agents.example", "", "evil.example", "anna@agents.example",
                 "evil.example");
    assert_split("mallory@evil.example/x@y/z", "mallory", "evil.example", "x@y/z",
                 "mallory@evil.example");
}

static void what_rfc_7622_forbids__is_no_jid(void **state)
{
    static const char *const texts[] = {
        "",
        "@agents.example",
        "anna@",
        "anna@/laptop",
        "/laptop",
        "anna@agents.example/",
        "an na@agents.example",
        "an\"na@agents.example",
        "an&na@agents.example",
        "an'na@agents.example",
        "an:na@agents.example",
        "an<na@agents.example",
        "an>na@agents.example",
        "anna@ben@agents.example",
        "anna@agents .example",
        "anna@agents.example\n",
        "anna@.example",
        "anna@example.",
        "anna\x01@agents.example",
        "anna\x7f@agents.example",
        "\xc3@agents.example",
        "anna@agents.example/\xed\xa0\x80",
    };
    struct jid jid;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (jid_split(slice_of(texts[i]), &jid) != 1)
            fail_msg("\"%s\" was taken", texts[i]);
    }
}

static void a_part__is_at_most_1023_bytes(void **state)
{
    char text[1100];
    struct jid jid;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text + JID_PART_MAX, "@b.example", 11);
    assert_int_equal(jid_split(slice_of(text), &jid), 0);
    memset(text, 'a', sizeof(text));
    memcpy(text + JID_PART_MAX + 1, "@b.example", 11);
    assert_int_equal(jid_split(slice_of(text), &jid), 1);
}

static void typed_jids__become_one_form(void **state)
{
    static const struct {
        const char *text, *jid;
    } cases[] = {
        { "Anna@Agents.Example", "anna@agents.example" },
        { "\xc3\x84ij\xc3\xa4@agents.example", "\xc3\xa4ij\xc3\xa4@agents.example" },
        { "a\xcc\x88@agents.example", "\xc3\xa4@agents.example" }, /* composed */
    };
    char jid[JID_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(jid_normalise_bare(slice_of(cases[i].text), jid, sizeof(jid)), 0);
        assert_string_equal(jid, cases[i].jid);
    }
}

static void typed_jids__without_a_name_or_with_a_resource__are_none(void **state)
{
    static const char *const texts[] = { "", "agents.example", "anna", "anna@agents.example/laptop",
                                         "anna@agents.example ben@agents.example" };
    char jid[JID_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (jid_normalise_bare(slice_of(texts[i]), jid, sizeof(jid)) != 1)
            fail_msg("\"%s\" was taken as \"%s\"", texts[i], jid);
    }
    assert_int_equal(jid_normalise_bare(SLICE_LITERAL("anna@agents.example"), jid, 19), 1);
}

RUN(cmocka_unit_test(a_jid__has_up_to_three_parts),
    cmocka_unit_test(a_resource__may_look_like_anybody),
    cmocka_unit_test(what_rfc_7622_forbids__is_no_jid),
    cmocka_unit_test(a_part__is_at_most_1023_bytes), cmocka_unit_test(typed_jids__become_one_form),
    cmocka_unit_test(typed_jids__without_a_name_or_with_a_resource__are_none))
