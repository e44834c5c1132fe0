/* SPDX-License-Identifier: Apache-2.0
 *
 * Who the tenants and agents are. The audit has its own test.
 */
#include "storage/directory/directory.h"

#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static char *dir;
static struct directory *directory;
static char line[4096];

static int start(void **state)
{
    (void)state;
    dir = scratch_new();
    return directory_open(&directory, dir);
}

static int stop(void **state)
{
    (void)state;
    (void)faulty_disk_heal();
    directory = directory_close(directory);
    dir = scratch_free(dir);
    return 0;
}

static void restart(void)
{
    directory = directory_close(directory);
    assert_int_equal(directory_open(&directory, dir), OK);
}

static void add_to_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add_to_line(const char *format, ...)
{
    size_t len = strlen(line);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line + len, sizeof(line) - len, format, args);
    va_end(args);
}

/* --- a tenant with one site --- */

static int add_tenant(const char *name, const char *domain, const char *key)
{
    char title[] = "Acme Oy", languages[] = "fi en", secret[] = "s3cret", origins[] = "https://a";
    char domain_[64], settings[] = "{\"color\":\"#123456\"}";
    struct site site = { .id = "", .key = "", .origins = origins };
    struct tenant tenant = { .name = tenant_called(name),
                             .title = title,
                             .domain = domain_,
                             .languages = languages,
                             .secret = secret,
                             .created_ms = 42,
                             .settings = settings,
                             .sites = &site,
                             .site_count = 1 };

    (void)snprintf(domain_, sizeof(domain_), "%s", domain);
    (void)snprintf(site.id, sizeof(site.id), "id-%s", key);
    (void)snprintf(site.key, sizeof(site.key), "%s", key);
    return directory_tenant_add(directory, &tenant);
}

static int tell_tenant(void *context, const struct tenant *tenant)
{
    (void)context;
    add_to_line("%s %s %s [%s] %s %d %llu %s", tenant->name.text, tenant->title, tenant->domain,
                tenant->languages, tenant->secret, (int)tenant->state,
                (unsigned long long)tenant->created_ms, tenant->settings);
    for (size_t i = 0; i < tenant->site_count; i++)
        add_to_line(" %s %s %s", tenant->sites[i].key, tenant->sites[i].origins,
                    tenant->sites[i].settings);
    add_to_line(";");
    return 0;
}

static const char *tenants(void)
{
    line[0] = '\0';
    assert_int_equal(directory_tenants(directory, tell_tenant, NULL), OK);
    return line;
}

#define ACME \
    "acme Acme Oy acme.chat.example [fi en] s3cret 0 42 {\"color\":\"#123456\"} k1 https://a {};"

static void a_tenant__is_read_back_as_it_was_after_a_restart(void **state)
{
    (void)state;
    assert_int_equal(add_tenant("acme", "acme.chat.example", "k1"), OK);
    restart();
    assert_string_equal(tenants(), ACME);
}

static void a_tenant_whose_name_domain_or_key_is_taken__leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(add_tenant("acme", "acme.chat.example", "k1"), OK);
    assert_int_equal(add_tenant("acme", "other.chat.example", "k2"), DIRECTORY_E_EXISTS);
    assert_int_equal(add_tenant("borealis", "acme.chat.example", "k2"), DIRECTORY_E_EXISTS);
    assert_int_equal(add_tenant("borealis", "borealis.chat.example", "k1"), DIRECTORY_E_EXISTS);
    assert_string_equal(tenants(), ACME);
}

static void what_is_set__stays_and_the_rest_too(void **state)
{
    const struct tenant_name acme = tenant_called("acme"), cumulus = tenant_called("cumulus");

    (void)state;
    assert_int_equal(add_tenant("acme", "acme.chat.example", "k1"), OK);
    assert_int_equal(directory_tenant_settings(directory, &acme, "{}"), OK);
    assert_int_equal(directory_tenant_state(directory, &acme, TENANT_DISABLED), OK);
    assert_int_equal(directory_site_set(directory, &acme, "id-k1", "{\"x\":1}"), OK);
    assert_int_equal(directory_tenant_settings(directory, &cumulus, "{}"), DIRECTORY_E_NONE);
    assert_int_equal(directory_tenant_state(directory, &cumulus, TENANT_LIVE), DIRECTORY_E_NONE);
    assert_int_equal(directory_site_set(directory, &cumulus, "id-k1", "{}"), DIRECTORY_E_NONE);
    restart();
    assert_string_equal(tenants(), "acme Acme Oy acme.chat.example [fi en] s3cret 1 42 {} k1 "
                                   "https://a {\"x\":1};");
}

/* --- another name --- */

static int tell_names(void *context, const struct tenant *tenant)
{
    (void)context;
    add_to_line("%s born=%s former=%s moving=%s@%llu %s;", tenant->name.text, tenant->born.text,
                tenant->former, tenant->moving.from.text, (unsigned long long)tenant->moving.at_ms,
                tenant->sites[0].key);
    return 0;
}

static const char *names(void)
{
    line[0] = '\0';
    assert_int_equal(directory_tenants(directory, tell_names, NULL), OK);
    return line;
}

static int rename_tenant(const char *from, const char *to, uint64_t at_ms)
{
    const struct tenant_name old = tenant_called(from), new = tenant_called(to);

    return directory_tenant_rename(directory, &old, &new, at_ms);
}

static void a_name_a_tenant_had__stays_its_own(void **state)
{
    const struct tenant_name acme_oy = tenant_called("acme-oy");

    (void)state;
    assert_int_equal(add_tenant("acme", "acme.chat.example", "k1"), OK);
    assert_int_equal(add_tenant("borealis", "borealis.chat.example", "k2"), OK);
    assert_int_equal(rename_tenant("acme", "borealis", 50), DIRECTORY_E_EXISTS);
    assert_int_equal(rename_tenant("cumulus", "cumulus-oy", 50), DIRECTORY_E_NONE);
    assert_int_equal(rename_tenant("acme", "acme-oy", 50), OK);
    assert_string_equal(names(), "acme-oy born=acme former=acme moving=acme@50 k1;"
                                 "borealis born= former= moving=@0 k2;");
    assert_int_equal(directory_tenant_moved(directory, &acme_oy), OK);
    assert_int_equal(rename_tenant("borealis", "acme", 60), DIRECTORY_E_EXISTS);
    assert_int_equal(add_tenant("acme", "another.chat.example", "k3"), DIRECTORY_E_EXISTS);
    assert_int_equal(rename_tenant("acme-oy", "acme", 70), OK); /* it may have it back */
    restart();
    assert_string_equal(names(), "acme born=acme former=acme-oy moving=acme-oy@70 k1;"
                                 "borealis born= former= moving=@0 k2;");
    assert_int_equal(directory_tenant_remove(directory, &(struct tenant_name){ "acme" }), OK);
    assert_int_equal(add_tenant("acme-oy", "another.chat.example", "k3"), OK); /* free again */
}

/* Whatever a later migration hangs on a tenant follows as well. */
static void a_table_nobody_thought_of__follows(void **state)
{
    char path[4096];
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    (void)state;
    assert_int_equal(add_tenant("acme", "acme.chat.example", "k1"), OK);
    (void)snprintf(path, sizeof(path), "%s/lasna.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TABLE later (whose TEXT REFERENCES tenants (name)); "
                                  "INSERT INTO later VALUES ('acme')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(rename_tenant("acme", "acme-oy", 50), OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT whose FROM later", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(stmt, 0), "acme-oy");
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
}

static void a_renaming__happens_whole_or_not_at_all(void **state)
{
    unsigned nth = 1;

    (void)state;
    assert_int_equal(add_tenant("acme", "acme.chat.example", "k1"), OK);
    for (; nth < 80; nth++) {
        faulty_disk_fail(FAULTY_WRITE, nth, SQLITE_IOERR_WRITE, dir);
        if (rename_tenant("acme", "acme-oy", 50) == OK)
            break;
        (void)faulty_disk_heal();
        assert_string_equal(names(), "acme born= former= moving=@0 k1;");
    }
    (void)faulty_disk_heal();
    assert_true(nth > 1 && nth < 80);
    assert_string_equal(names(), "acme-oy born=acme former=acme moving=acme@50 k1;");
}

/* --- agents and what they are to tenants --- */

static int add_agent(const char *jid)
{
    char jid_[64], name[] = "Anna";
    const struct agent agent = { .jid = jid_, .name = name, .created_ms = 7 };

    (void)snprintf(jid_, sizeof(jid_), "%s", jid);
    return directory_agent_add(directory, &agent);
}

static int assign(const char *tenant, const char *jid, unsigned limit)
{
    char jid_[64], persona[] = "Anna / Acme", signature[] = "{agent}", skills[] = "fi billing";
    const struct membership membership = { .tenant = tenant_called(tenant),
                                           .jid = jid_,
                                           .persona = persona,
                                           .signature = signature,
                                           .skills = skills,
                                           .role = AGENT_ROLE_SUPERVISOR,
                                           .limit = limit };

    (void)snprintf(jid_, sizeof(jid_), "%s", jid);
    return directory_member_set(directory, &membership);
}

static int tell_agent(void *context, const struct agent *agent)
{
    (void)context;
    add_to_line("%s %s%s%s;", agent->jid, agent->name, agent->revoked ? " revoked " : "",
                agent->language);
    return 0;
}

static int tell_member(void *context, const struct membership *member)
{
    (void)context;
    add_to_line("%s %s %d %u %s %s %s;", member->tenant.text, member->jid, (int)member->role,
                member->limit, member->persona, member->signature, member->skills);
    return 0;
}

static const char *agents(void)
{
    line[0] = '\0';
    assert_int_equal(directory_agents(directory, tell_agent, NULL), OK);
    return line;
}

static const char *members(void)
{
    line[0] = '\0';
    assert_int_equal(directory_members(directory, tell_member, NULL), OK);
    return line;
}

static const char anna[] = "anna@agents.example";

static void acme_has_anna(void)
{
    assert_int_equal(add_tenant("acme", "acme.chat.example", "k1"), OK);
    assert_int_equal(add_agent(anna), OK);
    assert_int_equal(assign("acme", anna, 3), OK);
}

static void assigned_again__the_new_terms_hold(void **state)
{
    (void)state;
    acme_has_anna();
    assert_int_equal(assign("acme", anna, 5), OK);
    restart();
    assert_string_equal(members(), "acme anna@agents.example 1 5 Anna / Acme {agent} fi billing;");
}

static void who_or_what_is_unknown__cannot_be_assigned(void **state)
{
    (void)state;
    acme_has_anna();
    assert_int_equal(assign("cumulus", anna, 3), DIRECTORY_E_NONE);
    assert_int_equal(assign("acme", "ben@agents.example", 3), DIRECTORY_E_NONE);
    assert_int_equal(add_agent(anna), DIRECTORY_E_EXISTS);
}

static void a_tenant_that_is_removed__takes_its_memberships_along(void **state)
{
    const struct tenant_name acme = tenant_called("acme");

    (void)state;
    acme_has_anna();
    assert_int_equal(directory_tenant_remove(directory, &acme), OK);
    assert_int_equal(directory_tenant_remove(directory, &acme), DIRECTORY_E_NONE);
    assert_string_equal(members(), "");
    assert_string_equal(agents(), "anna@agents.example Anna;");
    assert_int_equal(add_tenant("acme", "acme.chat.example", "k1"), OK); /* names are free again */
    assert_string_equal(members(), "");
}

static void a_revoked_agent__comes_back_with_nothing(void **state)
{
    (void)state;
    acme_has_anna();
    assert_int_equal(directory_agent_revoke(directory, anna), OK);
    assert_string_equal(agents(), "anna@agents.example Anna revoked ;");
    assert_string_equal(members(), "");
    assert_int_equal(add_agent(anna), OK);
    assert_string_equal(agents(), "anna@agents.example Anna;");
    assert_string_equal(members(), "");
    assert_int_equal(directory_agent_revoke(directory, "ben@agents.example"), DIRECTORY_E_NONE);
}

struct staffing {
    bool unstaffed, away;
};

static int take_agent(void *context, const struct agent *agent)
{
    ((struct staffing *)context)->unstaffed = agent->unstaffed;
    return 0;
}

static int take_member(void *context, const struct membership *member)
{
    ((struct staffing *)context)->away = member->away;
    return 0;
}

static struct staffing staffing(void)
{
    struct staffing found = { false, false };

    assert_int_equal(directory_agents(directory, take_agent, &found), OK);
    assert_int_equal(directory_members(directory, take_member, &found), OK);
    return found;
}

static void who_takes_no_offers__is_kept(void **state)
{
    const struct tenant_name acme = tenant_called("acme"), other = tenant_called("borealis");

    (void)state;
    acme_has_anna();
    assert_false(staffing().unstaffed || staffing().away);
    assert_int_equal(directory_agent_staffed(directory, anna, false), OK);
    assert_int_equal(directory_member_away(directory, &acme, anna, true), OK);
    restart();
    assert_true(staffing().unstaffed && staffing().away);
    assert_int_equal(directory_member_away(directory, &acme, anna, false), OK);
    assert_int_equal(directory_member_away(directory, &other, anna, false), DIRECTORY_E_NONE);
    assert_int_equal(directory_agent_staffed(directory, "ben@agents.example", true),
                     DIRECTORY_E_NONE);
    assert_int_equal(directory_agent_revoke(directory, anna), OK);
    assert_int_equal(add_agent(anna), OK); /* begins anew */
    assert_false(staffing().unstaffed);
}

static void a_revocation__happens_whole_or_not_at_all(void **state)
{
    int rc = ERR_IO;

    (void)state;
    acme_has_anna();
    for (unsigned nth = 1; rc != OK; nth++) {
        faulty_disk_fail(FAULTY_SYNC, nth, SQLITE_IOERR_FSYNC, dir);
        rc = directory_agent_revoke(directory, anna);
        (void)faulty_disk_heal();
        restart();
        if (strstr(agents(), "revoked") != NULL)
            assert_string_equal(members(), "");
        else
            assert_string_not_equal(members(), "");
        assert_true(nth < 20);
    }
    assert_string_equal(members(), "");
}

/* --- a change and its entry in the audit --- */

static const struct audit_entry set_entry = { .at_ms = 1700000000000,
                                              .who = { "operator", 8 },
                                              .action = { "settings_change", 15 },
                                              .detail = { "mark=two", 8 } };

static uint64_t entries(struct directory *of)
{
    uint64_t count = 0;

    assert_int_equal(directory_audit_check(of, &count), OK);
    return count;
}

static int set_with_entry(const char *value, bool *ret_joined)
{
    directory_audit_join(directory, &set_entry, ret_joined);
    return directory_note_set(directory, "mark", value);
}

static void a_change_and_its_entry__are_one_whenever_the_power_goes(void **state)
{
    char value[8];
    bool joined = false;
    size_t begun, done, with = 0, without = 0;

    (void)state;
    directory = directory_close(directory);
    dir = scratch_free(dir);
    dir = scratch_new();
    faulty_disk_record(dir);
    assert_int_equal(directory_open(&directory, dir), OK);
    begun = faulty_disk_done();
    assert_int_equal(directory_note_set(directory, "mark", "one"), OK);
    assert_int_equal(set_with_entry("two", &joined), OK);
    assert_true(joined);
    done = faulty_disk_done();
    for (size_t cut = begun; cut <= done; cut++) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            char *after = scratch_new();
            struct directory *found = NULL;

            faulty_disk_cut(cut, seed, after);
            assert_int_equal(directory_open(&found, after), OK);
            if (directory_note_get(found, "mark", value, sizeof(value)) != OK)
                value[0] = '\0';
            assert_int_equal(entries(found), strcmp(value, "two") == 0);
            with += strcmp(value, "two") == 0;
            without += strcmp(value, "one") == 0;
            (void)directory_close(found);
            (void)scratch_free(after);
        }
    }
    assert_true(with > 0 && without > 0);
}

static void a_change_that_fails__leaves_no_entry__and_the_next_has_its_own(void **state)
{
    char value[8];
    bool joined = true;

    (void)state;
    assert_int_equal(directory_note_set(directory, "mark", "one"), OK);
    faulty_disk_fail(FAULTY_SYNC, 1, SQLITE_IOERR_FSYNC, "lasna.db");
    assert_int_equal(set_with_entry("two", &joined), ERR_IO);
    assert_false(joined);
    assert_true(faulty_disk_heal());
    restart();
    assert_int_equal(directory_note_get(directory, "mark", value, sizeof(value)), OK);
    assert_string_equal(value, "one");
    assert_int_equal(entries(directory), 0);
    assert_int_equal(set_with_entry("two", &joined), OK);
    assert_int_equal(directory_note_set(directory, "mark", "three"), OK);
    assert_int_equal(entries(directory), 1);
    directory_audit_join(directory, &set_entry, &joined);
    directory_audit_join(directory, NULL, NULL); /* nothing was changed after all */
    assert_int_equal(directory_note_set(directory, "mark", "four"), OK);
    assert_int_equal(entries(directory), 1);
}

/* --- the rest --- */

static void a_language_and_a_note__are_kept(void **state)
{
    char value[8] = "before";

    (void)state;
    assert_int_equal(add_agent(anna), OK);
    assert_int_equal(directory_agent_speaks(directory, anna, "fi"), OK);
    assert_int_equal(directory_agent_speaks(directory, "ben@agents.example", "fi"),
                     DIRECTORY_E_NONE);
    assert_int_equal(directory_note_get(directory, "mark", value, sizeof(value)), DIRECTORY_E_NONE);
    assert_string_equal(value, "before");
    assert_int_equal(directory_note_set(directory, "mark", "one"), OK);
    assert_int_equal(directory_note_set(directory, "mark", "two"), OK);
    restart();
    assert_int_equal(directory_note_get(directory, "mark", value, sizeof(value)), OK);
    assert_string_equal(value, "two");
    assert_string_equal(agents(), "anna@agents.example Annafi;");
}

static void a_second_core__is_refused(void **state)
{
    struct directory *second = NULL;

    (void)state;
    assert_int_equal(directory_open(&second, dir), DIRECTORY_E_LOCKED);
    assert_null(second);
    restart(); /* the lock goes with who held it */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_tenant__is_read_back_as_it_was_after_a_restart),
        CASE(a_tenant_whose_name_domain_or_key_is_taken__leaves_nothing),
        CASE(what_is_set__stays_and_the_rest_too),
        CASE(a_name_a_tenant_had__stays_its_own),
        CASE(a_table_nobody_thought_of__follows),
        CASE(a_renaming__happens_whole_or_not_at_all),
        CASE(assigned_again__the_new_terms_hold),
        CASE(who_or_what_is_unknown__cannot_be_assigned),
        CASE(a_tenant_that_is_removed__takes_its_memberships_along),
        CASE(a_revoked_agent__comes_back_with_nothing),
        CASE(who_takes_no_offers__is_kept),
        CASE(a_revocation__happens_whole_or_not_at_all),
        CASE(a_change_and_its_entry__are_one_whenever_the_power_goes),
        CASE(a_change_that_fails__leaves_no_entry__and_the_next_has_its_own),
        CASE(a_language_and_a_note__are_kept),
        CASE(a_second_core__is_refused),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
