/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole instance put back from its backup: also where somebody was erased, removed, renamed or
 * shut out meanwhile. One tenant alone: test_restore_tenant.c.
 */
#include "storage/backup/restore.h"

#include "storage/directory/directory.h"
#include "storage/directory/tokens.h"
#include "storage/directory/users.h"
#include "storage/ledger.h"
#include "tests/support/backing_up.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void what_is_put_back__is_what_there_was(void **state)
{
    struct restore_report report;
    char path[8400];
    struct home_report home;

    (void)state;
    send_a_file("gecko");
    make(SECRET);
    assert_false(files_hold(made, "gecko"));
    assert_int_equal(restore_to(other, SLICE_NONE, &report), OK);
    assert_int_equal(report.tenants, 2);
    (void)snprintf(path, sizeof(path), "%s/%s", other, sent);
    assert_int_equal(access(path, F_OK), 0);
    assert_true(files_hold(path, "gecko"));
    (void)strcat(path, ".part");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(report.messages, 22);
    buf_clear(&problem);
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.messages, 22);
    assert_int_equal(restore_to(other, SLICE_NONE, &report), BACKUP_E_REFUSED);
    assert_true(problem_says("holds an instance"));
}

/* Erased after the backup was made; the ledger outlived the machine. */
static void whoever_was_erased_since__is_in_no_file_of_what_is_put_back(void **state)
{
    struct restore_report report;
    AUTO_BUF newer;

    (void)state;
    buf_init(&newer, 4096);
    send_a_file("gecko");
    make(SECRET);
    assert_int_equal(ledger_add(data, &acme, the_visitor, 5), OK);
    assert_int_equal(ledger_copy(data, NULL, &newer), OK);
    assert_int_equal(restore_to(other, buf_slice(&newer), &report), OK);
    assert_int_equal(report.erased, 1);
    assert_false(files_hold(other, "quokka"));
    assert_false(files_hold(other, "gecko")); /* what they sent goes with what they said */
    assert_true(files_hold(other, "wombat")); /* the same id at another tenant is another person */
    assert_true(files_hold(other, "acme"));   /* the ledger is there, for the next time */
}

static void a_ledger_left_in_the_folder__counts_too(void **state)
{
    struct restore_report report;

    (void)state;
    make(SECRET);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(ledger_add(other, &acme, the_visitor, 5), OK);
    assert_int_equal(restore_to(other, SLICE_NONE, &report), OK);
    assert_int_equal(report.erased, 1);
    assert_false(files_hold(other, "quokka"));
}

/* Certified as deleted: no backup undoes that. */
static void a_tenant_that_was_removed_since__does_not_come_back(void **state)
{
    AUTO(backup) backup = NULL;
    struct restore_report report;
    struct restore_wish wish = { .data = data, .now_ms = 1 };
    struct home_report home;
    AUTO_BUF newer;

    (void)state;
    buf_init(&newer, 4096);
    make(SECRET);
    buf_add_text(&newer, "acme - 1764000000001\nborealis - 1763999999999\nacme nonsense 5\n");
    assert_int_equal(restore_to(other, buf_slice(&newer), &report), OK);
    assert_int_equal(report.removed, 1);
    assert_int_equal(report.tenants, 1); /* borealis was removed before, and is another since */
    assert_false(files_hold(other, "quokka"));
    assert_true(files_hold(other, "wombat"));
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.tenants, 1);
    assert_int_equal(ledger_add_tenant(data, &acme, 1764000000001), OK);
    backup = opened(SECRET);
    wish.backup = backup;
    assert_int_equal(restore_tenant(&wish, &acme, is_closed, NULL, &report, &problem),
                     BACKUP_E_REFUSED);
    assert_true(problem_says("for good"));
}

/* Erased under the name it has now; the backup knows the one before. */
static void a_tenant_that_was_renamed_since__bears_its_new_name__and_erasures_hold(void **state)
{
    struct restore_report report;
    struct home_report home;
    char id[ID_TEXT_BYTES];
    AUTO_BUF newer;

    (void)state;
    buf_init(&newer, 4096);
    send_a_file("gecko");
    make(SECRET);
    id_format(the_visitor.id, id);
    buf_addf(&newer, "acme > acme-oy 1764000000001\nacme-oy > acme-group 1764000000002\n");
    buf_addf(&newer, "acme-group %s 1764000000003\nborealis > x 1763999999999\n", id);
    assert_int_equal(restore_to(other, buf_slice(&newer), &report), OK);
    assert_int_equal(report.renamed, 1); /* borealis was renamed before, and is another since */
    assert_int_equal(report.erased, 1);
    assert_int_equal(report.tenants, 2);
    assert_true(has_folder(other, "acme-group"));
    assert_false(has_folder(other, "acme"));
    assert_false(files_hold(other, "quokka"));
    assert_false(files_hold(other, "gecko"));
    assert_true(files_hold(other, "wombat"));
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.tenants, 2);
}

/* Between the time the backup bears and the copy of its directory: that knows of it already. */
static void one_that_was_renamed_and_back_while_the_backup_was_made__is_put_back(void **state)
{
    const struct tenant_name acme_oy = tenant_called("acme-oy");
    struct restore_report report;

    (void)state;
    assert_int_equal(directory_tenant_rename(directory, &acme, &acme_oy, 1764000000001), OK);
    assert_int_equal(directory_tenant_rename(directory, &acme_oy, &acme, 1764000000002), OK);
    make(SECRET);
    assert_int_equal(restore_to(other,
                                SLICE_LITERAL("acme > acme-oy 1764000000001\n"
                                              "acme-oy > acme 1764000000002\n"
                                              "acme > acme-group 1764000000003\n"),
                                &report),
                     OK);
    assert_int_equal(report.renamed, 1);
    assert_int_equal(report.tenants, 2);
    assert_true(has_folder(other, "acme-group"));
}

static void one_that_was_renamed_and_then_removed__does_not_come_back(void **state)
{
    struct restore_report report;

    (void)state;
    make(SECRET);
    assert_int_equal(
        restore_to(other, SLICE_LITERAL("acme > acme-oy 1764000000001\nacme-oy - 1764000000002\n"),
                   &report),
        OK);
    assert_int_equal(report.removed, 1);
    assert_int_equal(report.tenants, 1);
    assert_false(files_hold(other, "quokka"));
}

/* borealis went, and what was free of its names then acme got. */
static void a_name_that_was_anothers__takes_nothing_of_what_became_of_that(void **state)
{
    struct restore_report report;
    struct home_report home;

    (void)state;
    make(SECRET);
    assert_int_equal(restore_to(other,
                                SLICE_LITERAL("borealis > cumulus 1764000000001\n"
                                              "cumulus - 1764000000002\n"
                                              "acme > borealis 1764000000003\n"),
                                &report),
                     OK);
    assert_int_equal(report.removed, 1);
    assert_int_equal(report.renamed, 1);
    assert_true(has_folder(other, "borealis"));
    assert_true(files_hold(other, "quokka"));
    assert_false(files_hold(other, "wombat"));
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.conversations, 20);
}

static int count_open(void *context, const struct agent *agent)
{
    *(unsigned *)context += !agent->revoked;
    return 0;
}

static int count_user(void *context, const struct user *user)
{
    *(unsigned *)context += !user->disabled;
    return 0;
}

static int count_token(void *context, const struct access_token *token)
{
    (void)token;
    (*(unsigned *)context)++;
    return 0;
}

static void have_access(void)
{
    char jid[] = "anna@agents.example", second[] = "bo@agents.example", name[] = "A", none[] = "";
    const struct agent agents[] = { { .jid = jid, .name = name }, { .jid = second, .name = name } };
    struct user user = { .name = "vera", .role = ROLE_ADMIN, .tenants = none, .password = "x" };
    struct access_token token = { .id = "aaaaaaaaaaaaaaaaaaaaaaaaaa", .role = ROLE_ADMIN };

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(directory_agent_add(directory, &agents[i]), OK);
    assert_int_equal(directory_user_add(directory, &user, NULL), OK);
    assert_int_equal(directory_token_add(directory, &token, &(struct digest){ .bytes = { 7 } }),
                     OK);
}

/* The last admin, too: who puts a backup back is the operator. */
static void who_was_shut_out_since__does_not_get_in_by_a_backup(void **state)
{
    struct restore_report report;
    struct directory *there = NULL;
    unsigned agents = 0, users = 0, tokens = 0;

    (void)state;
    have_access();
    make(SECRET);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(
        ledger_add_access(other, LEDGER_AGENT, "anna@agents.example", true, MADE_MS + 1), OK);
    assert_int_equal(ledger_add_access(other, LEDGER_AGENT, "bo@agents.example", true, MADE_MS - 1),
                     OK); /* and let in again before the backup */
    assert_int_equal(ledger_add_access(other, LEDGER_USER, "vera", true, MADE_MS + 1), OK);
    assert_int_equal(
        ledger_add_access(other, LEDGER_TOKEN, "aaaaaaaaaaaaaaaaaaaaaaaaaa", true, MADE_MS + 1),
        OK);
    assert_int_equal(restore_to(other, SLICE_NONE, &report), OK);
    assert_int_equal(report.shut_out, 3);
    assert_int_equal(directory_open(&there, other), OK);
    assert_int_equal(directory_agents(there, count_open, &agents), OK);
    assert_int_equal(directory_users(there, count_user, &users), OK);
    assert_int_equal(directory_tokens(there, count_token, &tokens), OK);
    assert_int_equal(agents, 1);
    assert_int_equal(users, 0);
    assert_int_equal(tokens, 0);
    (void)directory_close(there);
}

/* Its pieces were copied before it left the directory, which was copied last. */
static void a_tenant_that_went_while_the_backup_was_made__hides_no_other(void **state)
{
    struct restore_report report;
    struct home_report home;

    (void)state;
    assert_int_equal(directory_tenant_remove(directory, &acme), OK);
    make(SECRET);
    assert_int_equal(restore_to(other,
                                SLICE_LITERAL("acme - 1764000000001\nborealis - 1764000000001\n"),
                                &report),
                     OK);
    assert_int_equal(report.tenants, 0);
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.tenants, 0);
}

RUN(BACKING_UP(what_is_put_back__is_what_there_was),
    BACKING_UP(whoever_was_erased_since__is_in_no_file_of_what_is_put_back),
    BACKING_UP(a_ledger_left_in_the_folder__counts_too),
    BACKING_UP(a_tenant_that_was_removed_since__does_not_come_back),
    BACKING_UP(a_tenant_that_was_renamed_since__bears_its_new_name__and_erasures_hold),
    BACKING_UP(one_that_was_renamed_and_back_while_the_backup_was_made__is_put_back),
    BACKING_UP(one_that_was_renamed_and_then_removed__does_not_come_back),
    BACKING_UP(a_name_that_was_anothers__takes_nothing_of_what_became_of_that),
    BACKING_UP(who_was_shut_out_since__does_not_get_in_by_a_backup),
    BACKING_UP(a_tenant_that_went_while_the_backup_was_made__hides_no_other))
