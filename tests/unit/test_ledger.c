/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ledger says of a tenant that was renamed. Erasures themselves: test_erase.c.
 */
#include "storage/ledger.h"

#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <stdio.h>
#include <stdlib.h>

static char *dir;
static struct tenant_name acme, acme_oy, borealis;

static int start(void **state)
{
    (void)state;
    dir = scratch_new();
    acme = tenant_called("acme");
    acme_oy = tenant_called("acme-oy");
    borealis = tenant_called("borealis");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    dir = scratch_free(dir);
    return 0;
}

static struct visitor_id erased(const struct tenant_name *tenant, uint64_t at_ms)
{
    struct visitor_id visitor = { id_new() };

    assert_int_equal(ledger_add(dir, tenant, visitor, at_ms), OK);
    return visitor;
}

static bool holds_for(const struct tenant_name *tenant, struct visitor_id visitor)
{
    struct visitor_id *visitors = NULL;
    size_t count = 0;
    bool found = false;

    assert_int_equal(ledger_read(dir, tenant, &visitors, &count), OK);
    for (size_t i = 0; i < count; i++)
        found |= visitor_id_equal(visitors[i], visitor);
    free(visitors);
    return found;
}

static struct ledger_line fate(const struct tenant_name *tenant, uint64_t after_ms)
{
    struct ledger_line line;

    assert_int_equal(ledger_fate(dir, tenant, after_ms, &line), OK);
    return line;
}

static void an_erasure_under_one_name__holds_under_each_other(void **state)
{
    const struct tenant_name group = tenant_called("acme-group");
    struct visitor_id first = erased(&acme, 1), second, third, other = erased(&borealis, 2);

    (void)state;
    assert_int_equal(ledger_add_renaming(dir, &acme, &acme_oy, 3), OK);
    second = erased(&acme_oy, 4);
    assert_int_equal(ledger_add_renaming(dir, &acme_oy, &group, 5), OK);
    third = erased(&group, 6);
    for (size_t i = 0; i < 3; i++) {
        const struct tenant_name *name =
            (const struct tenant_name *[]){ &acme, &acme_oy, &group }[i];

        assert_true(holds_for(name, first));
        assert_true(holds_for(name, second));
        assert_true(holds_for(name, third));
        assert_false(holds_for(name, other));
    }
    assert_false(holds_for(&borealis, first));
}

static void a_fate__is_the_first_after_a_time(void **state)
{
    (void)state;
    assert_int_equal(fate(&acme, 0).at_ms, 0);
    assert_int_equal(ledger_add_tenant(dir, &acme_oy, 30), OK);
    assert_int_equal(ledger_add_renaming(dir, &acme, &acme_oy, 20), OK); /* joined later */
    assert_int_equal(ledger_add_tenant(dir, &acme, 50), OK); /* another one, who came after */
    assert_int_equal(fate(&acme, 10).kind, LEDGER_RENAMED);
    assert_string_equal(fate(&acme, 10).to.text, "acme-oy");
    assert_int_equal(fate(&acme, 20).kind, LEDGER_REMOVED);
    assert_int_equal(fate(&acme, 20).at_ms, 50);
    assert_int_equal(fate(&acme_oy, 20).kind, LEDGER_REMOVED);
    assert_int_equal(fate(&acme, 50).at_ms, 0);
}

static void a_renaming_that_is_entered_again__adds_nothing(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 4096);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ledger_add_renaming(dir, &acme, &acme_oy, 20), OK);
    assert_int_equal(ledger_copy(dir, NULL, &text), OK);
    assert_string_equal(text.data, "acme > acme-oy 20\n");
}

/* Another server may have an acme of its own: it must not be taken for this one. */
static void the_copy_of_one_tenant__knows_it_by_its_last_name_alone(void **state)
{
    struct visitor_id visitor;
    char id[ID_TEXT_BYTES], expected[128];
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 4096);
    visitor = erased(&acme, 1);
    id_format(visitor.id, id);
    (void)snprintf(expected, sizeof(expected), "acme-oy %s 1\n", id);
    (void)erased(&borealis, 2);
    assert_int_equal(ledger_add_renaming(dir, &acme, &acme_oy, 3), OK);
    assert_int_equal(ledger_copy(dir, &acme_oy, &text), OK);
    assert_string_equal(text.data, expected);
}

static bool shuts_out(enum ledger_whom whom, const char *name, uint64_t after_ms)
{
    struct ledger_access access;
    bool out;

    assert_int_equal(ledger_read_access(dir, after_ms, &access), OK);
    out = ledger_shuts_out(&access, whom, ledger_id(whom, name));
    free(access.lines);
    return out;
}

static void the_last_word_on_access__counts__and_names_nobody(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 4096);
    assert_int_equal(ledger_add_access(dir, LEDGER_AGENT, "anna@agents.example", true, 10), OK);
    assert_int_equal(ledger_add_access(dir, LEDGER_USER, "vera", true, 20), OK);
    assert_true(shuts_out(LEDGER_AGENT, "anna@agents.example", 9));
    assert_false(shuts_out(LEDGER_AGENT, "anna@agents.example", 10)); /* it was so already then */
    assert_false(shuts_out(LEDGER_AGENT, "bo@agents.example", 9));
    assert_true(shuts_out(LEDGER_USER, "vera", 0));
    assert_false(shuts_out(LEDGER_AGENT, "vera", 0));
    assert_int_equal(ledger_add_access(dir, LEDGER_AGENT, "anna@agents.example", false, 30), OK);
    assert_false(shuts_out(LEDGER_AGENT, "anna@agents.example", 0));
    assert_int_equal(ledger_copy(dir, NULL, &text), OK);
    assert_null(strstr(text.data, "anna"));
    assert_null(strstr(text.data, "vera"));
}

static void a_line_that_says_nothing__is_passed_over(void **state)
{
    static const char *const wrong[] = {
        "",
        "acme",
        "acme -",
        "acme > 5",
        "acme > acme-oy",
        "acme x 17",
        "acme > Acme 17",
        "../acme > b 17",
        "acme > ../acme 17",
        "- token x 17",
        "- nobody aaaaaaaaaaaaaaaaaaaaaaaaaa 17",
        "+ agent aaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    struct ledger_line line;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(ledger_line_read(slice_of(wrong[i]), &line));
    assert_true(ledger_line_read(SLICE_LITERAL("acme > acme-oy 17"), &line));
    assert_int_equal(line.at_ms, 17);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(an_erasure_under_one_name__holds_under_each_other),
    CASE(a_fate__is_the_first_after_a_time), CASE(a_renaming_that_is_entered_again__adds_nothing),
    CASE(the_copy_of_one_tenant__knows_it_by_its_last_name_alone),
    CASE(the_last_word_on_access__counts__and_names_nobody),
    CASE(a_line_that_says_nothing__is_passed_over))
