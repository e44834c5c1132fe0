/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/classes.h"
#include "presence/coder/rules.h"
#include "tests/support/cmocka.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[300];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/en", folder);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

/* A folder with one file of English rules; the caller removes it. */
static void make_folder(char folder[64], const char *text)
{
    (void)snprintf(folder, 64, "/tmp/lasna-rules-XXXXXX");
    assert_non_null(mkdtemp(folder));
    write_file(folder, "en/test.rules", text);
}

static void remove_folder(const char *folder)
{
    char command[128];

    (void)snprintf(command, sizeof(command), "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static int load(const char *text, struct presence_rules **ret_rules, struct buf *problems)
{
    buf_init(problems, 1 << 16);
    return rules_from_text(ret_rules, "en", slice_of(text), problems);
}

static void assert_fault(const char *text, const char *words)
{
    AUTO(presence_rules) rules = NULL;
    AUTO_BUF problems;

    assert_int_equal(load(text, &rules, &problems), ERR_CONFIG);
    assert_null(rules);
    if (strstr(problems.data, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, problems.data);
}

static void load__of_a_fault__names_file_and_line(void **state)
{
    (void)state;
    assert_fault("rule a INT.X\n  match b\n", "text.rules:1: there is no code \"INT.X\"");
    assert_fault("rule a INT.Q\n  match b|\n", "text.rules:2: a choice is empty");
    assert_fault("rule a INT.Q\n  match @none\n", "text.rules:2: there is no list @none");
    assert_fault("rule a INT.Q\n  match LOUD\n", "text.rules:2: there is no class LOUD");
    assert_fault("rule a INT.Q\n\n  mach b\n", "text.rules:3: \"mach\" begins no line here");
    assert_fault("rule a INT.Q\n", "rule a matches nothing");
    assert_fault("rule a INT.Q\n  match b\nrule a INT.Q\n  match c\n",
                 "text.rules:3: the id a is taken by line 1");
    assert_fault("  match b\n", "text.rules:1: an indented line belongs to no block");
    assert_fault("rule a INT.Q\n  match b?\n", "takes no word for certain");
    assert_fault("rule a INT.Q\n  match b .. c .. d .. e\n", "at most 2 gaps");
    assert_fault("rule a INT.Q\n  match b ..x c\n", "a gap is .. or ..1 to ..9, not ..x");
    assert_fault("rule a INT.Q\n  match { b\n", "{ and } mark one span");
    assert_fault("rule a INT.Q\n  match b\n  place third 3\n", "say first N or last N");
    assert_fault("plain\n  a b c\n", "text.rules:2: write: word = spelling");
}

static void load__of_several_faults__tells_them_all(void **state)
{
    AUTO(presence_rules) rules = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_int_equal(
        load("rule a INT.X\n  match b\nrule c INT.Q\n  match D9 LOUD\n", &rules, &problems),
        ERR_CONFIG);
    assert_non_null(strstr(problems.data, "text.rules:1:"));
    assert_non_null(strstr(problems.data, "text.rules:4:"));
}

static void load__of_a_folder_that_is_not_there__says_so(void **state)
{
    AUTO(presence_rules) rules = NULL;
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 4096);
    assert_int_equal(presence_rules_load(&rules, "/nonexistent", &problems), ERR_CONFIG);
    assert_non_null(strstr(problems.data, "/nonexistent: cannot be read"));
}

static void version__changes_with_any_byte_of_any_rule(void **state)
{
    AUTO(presence_rules) one = NULL;
    AUTO(presence_rules) same = NULL;
    AUTO(presence_rules) other = NULL;
    AUTO_BUF a, b, c;

    (void)state;
    assert_int_equal(load("version 2.1\nrule a INT.Q\n  match b\n", &one, &a), OK);
    assert_int_equal(load("version 2.1\nrule a INT.Q\n  match b\n", &same, &b), OK);
    assert_int_equal(load("version 2.1\nrule a INT.Q\n  match c\n", &other, &c), OK);
    assert_string_equal(presence_rules_version(one), presence_rules_version(same));
    assert_string_not_equal(presence_rules_version(one), presence_rules_version(other));
    assert_int_equal(strncmp(presence_rules_version(one), "2.1-", 4), 0);
}

static void check__tells_examples_that_do_not_hold(void **state)
{
    AUTO(presence_rules) rules = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_int_equal(load("rule a INT.Q\n  match b\n  unless c b\n  hit b\n  hit c b\n"
                          "  miss a b\n",
                          &rules, &problems),
                     OK);
    assert_int_equal(presence_rules_check(rules, &problems), 2);
    assert_non_null(strstr(problems.data, "text.rules:5: a does not hit: c b"));
    assert_non_null(strstr(problems.data, "text.rules:6: a should miss: a b"));
}

static void each_word_of_the_format__does_what_it_says(void **state)
{
    AUTO(presence_rules) rules = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_int_equal(load("list negation\n  not\nplain\n  you = u\n"
                          "rule a.gap INT.Q\n  match one ..2 two\n  hit one or two\n"
                          "  miss one and a half two\n  miss one, two\n"
                          "rule a.optional INT.AGR\n  match so very? good\n  hit so good\n"
                          "  hit so very good\n  miss so not good\n"
                          "rule a.plain INT.ACK\n  match you\n  hit u\n"
                          "rule a.stem INT.COMP\n  match ~recommend\n  hit recommended\n"
                          "  hit recommends\n"
                          "rule a.affix AFF.POS\n  match un*|*ish!reddish\n  hit undo\n"
                          "  hit greenish\n  miss reddish\n"
                          "rule a.negated AFF.NEG\n  match bad\n  not-negated\n  hit so bad\n"
                          "  miss not so bad\n  hit not this. bad\n"
                          "rule a.never AFF.HUM\n  match joke\n  never serious\n  hit a joke\n"
                          "  miss a joke, but serious\n"
                          "rule a.after COH.INCL\n  match yes\n  after INT.Q\n"
                          "  hit one two -> yes\n  miss yes\n  miss bad -> yes\n"
                          "rule a.answers REL.HIST\n  match sure\n  answers shall .. b\n"
                          "  answers-no dare\n  hit shall we b -> sure\n  miss sure\n"
                          "  miss shall we b, dare we -> sure\n  miss shall we b -> c -> sure\n"
                          "rule a.with COH.SMALL\n  match joke\n  with INT.ACK\n  hit u joke\n"
                          "  miss joke\n"
                          "rule a.turn COH.GREET\n  match hi\n  turn first 1\n  hit hi\n"
                          "  miss a -> b -> hi\n"
                          "rule a.place COH.CLOSE\n  match hi\n  place last 1\n"
                          "  hit a -> b -> hi\n"
                          "rule a.stop INT.REPLY\n  match CLAUSE above STOP\n"
                          "  hit see, above\n  miss the above\n  miss above all\n",
                          &rules, &problems),
                     OK);
    if (presence_rules_check(rules, &problems) != 0)
        fail_msg("%s", problems.data);
}

static void classes__count_only_for_the_rules_they_were_measured_on(void **state)
{
    char folder[64], table[256];
    AUTO(presence_rules) rules = NULL;
    AUTO(presence_rules) changed = NULL;
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 4096);
    make_folder(folder, "rule a INT.Q\n  match b\n");
    assert_int_equal(presence_rules_load(&rules, folder, &problems), OK);
    assert_false(presence_classes_are_current(rules));
    assert_int_equal(presence_class_of(rules, "en", PRESENCE_INT_Q).class_, PRESENCE_CLASS_H);
    (void)snprintf(table, sizeof(table),
                   "rules\t%s\nlanguage\t…\nen\tINT.Q\tA\tA\t0.90\t0.80\t-\t9\t5\n",
                   presence_rules_version(rules));
    write_file(folder, "classes.tsv", table);
    rules = presence_rules_free(rules);
    assert_int_equal(presence_rules_load(&rules, folder, &problems), OK);
    assert_true(presence_classes_are_current(rules));
    assert_int_equal(presence_class_of(rules, "en", PRESENCE_INT_Q).class_, PRESENCE_CLASS_A);
    assert_true(isnan(presence_class_of(rules, "en", PRESENCE_INT_Q).high));
    assert_int_equal(presence_class_of(rules, "sv", PRESENCE_INT_Q).class_, PRESENCE_CLASS_H);
    write_file(folder, "en/test.rules", "rule a INT.Q\n  match c\n");
    assert_int_equal(presence_rules_load(&changed, folder, &problems), OK);
    assert_false(presence_classes_are_current(changed));
    assert_int_equal(presence_class_of(changed, "en", PRESENCE_INT_Q).class_, PRESENCE_CLASS_H);
    remove_folder(folder);
}

static void the_shipped_class_table__is_of_the_shipped_rules(void **state)
{
    AUTO(presence_rules) rules = NULL;
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 1 << 16);
    assert_int_equal(presence_rules_load(&rules, RULES_FOLDER, &problems), OK);
    if (!presence_classes_are_current(rules))
        fail_msg("classes.tsv is not of rules %s; make it anew as docs/presence.md tells",
                 presence_rules_version(rules));
}

RUN(cmocka_unit_test(load__of_a_fault__names_file_and_line),
    cmocka_unit_test(load__of_several_faults__tells_them_all),
    cmocka_unit_test(load__of_a_folder_that_is_not_there__says_so),
    cmocka_unit_test(version__changes_with_any_byte_of_any_rule),
    cmocka_unit_test(check__tells_examples_that_do_not_hold),
    cmocka_unit_test(each_word_of_the_format__does_what_it_says),
    cmocka_unit_test(classes__count_only_for_the_rules_they_were_measured_on),
    cmocka_unit_test(the_shipped_class_table__is_of_the_shipped_rules))
