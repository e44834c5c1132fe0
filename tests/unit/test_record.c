/* SPDX-License-Identifier: Apache-2.0
 *
 * What one directory knows of a tenant, entered into another: all of it, nothing of others, or
 * nothing at all.
 */
#include "storage/backup/record.h"

#include "storage/directory/avatars.h"
#include "storage/directory/tokens.h"
#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char *dir;
static char from[4096 + 16], record[4096]; /* the one directory's file; the record */
static struct directory *old, *fresh;
static struct tenant_name acme, borealis;
static atomic_bool stop_flag;
static struct buf problem;

static void add_tenant(struct directory *directory, const struct tenant_name *name, const char *key)
{
    char domain[64], title[] = "The Company", languages[] = "en", secret[] = "s";
    char settings[] = "{\"widget.color\":\"#123456\"}", origins[] = "https://shop.example";
    struct site site = { .origins = origins };
    struct tenant tenant = { .name = *name,
                             .title = title,
                             .domain = domain,
                             .languages = languages,
                             .secret = secret,
                             .settings = settings,
                             .created_ms = 42,
                             .sites = &site,
                             .site_count = 1 };

    (void)snprintf(domain, sizeof(domain), "%s.chat.old", name->text);
    (void)snprintf(site.id, sizeof(site.id), "id-%s", key);
    (void)snprintf(site.key, sizeof(site.key), "%s", key);
    assert_int_equal(directory_tenant_add(directory, &tenant), OK);
}

static void add_member(struct directory *directory, const char *jid, const struct tenant_name *to)
{
    struct agent agent = { .jid = (char *)(uintptr_t)jid, .name = (char *)(uintptr_t)jid };
    struct membership member = {
        .tenant = *to, .jid = (char *)(uintptr_t)jid, .skills = (char *)(uintptr_t) "fi", .limit = 7
    };
    int rc = directory_agent_add(directory, &agent);

    assert_true(rc == OK || rc == DIRECTORY_E_EXISTS);
    assert_int_equal(directory_member_set(directory, &member), OK);
}

static void add_token(struct directory *directory, const char *id, const struct tenant_name *of)
{
    struct access_token token = { .role = ROLE_ANALYST, .expires_ms = 1, .label = slice_of(id) };
    struct digest hash = digest_sha256(slice_of(id));

    (void)snprintf(token.id, sizeof(token.id), "%s", id);
    if (of != NULL)
        token.tenant = *of;
    assert_int_equal(directory_token_add(directory, &token, &hash), OK);
}

static void add_avatar(const struct tenant_name *tenant, const char *jid, const char *bytes)
{
    assert_int_equal(directory_avatar_set(old, tenant, jid, slice_of(bytes)), OK);
}

static int start(void **state)
{
    char path[4096];
    struct identity_key key = { .kid = "kid1", .secret = "hush", .required = true };

    (void)state;
    buf_init(&problem, 1024);
    atomic_store(&stop_flag, false);
    acme = tenant_called("acme");
    borealis = tenant_called("borealis");
    dir = scratch_new();
    (void)snprintf(path, sizeof(path), "%s/old", dir);
    assert_int_equal(directory_open(&old, path), OK);
    (void)snprintf(from, sizeof(from), "%s/lasna.db", path);
    (void)snprintf(path, sizeof(path), "%s/fresh", dir);
    assert_int_equal(directory_open(&fresh, path), OK);
    (void)snprintf(record, sizeof(record), "%s/record.db", dir);
    add_tenant(old, &acme, "key-a");
    add_tenant(old, &borealis, "key-b");
    add_member(old, "anna@agents.example", &acme);
    add_member(old, "boris@agents.example", &borealis);
    add_token(old, "token-of-acme", &acme);
    add_token(old, "token-of-borealis", &borealis);
    add_token(old, "token-of-an-admin", NULL);
    assert_int_equal(directory_identity_key_set(old, &acme, &key), OK);
    assert_int_equal(directory_note_set(old, "address_key", "of the server"), OK);
    add_avatar(&acme, "", "picture of acme");
    add_avatar(&acme, "anna@agents.example", "picture of anna");
    add_avatar(&borealis, "", "picture of the others");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    buf_release(&problem);
    (void)faulty_disk_heal();
    old = directory_close(old);
    fresh = directory_close(fresh);
    dir = scratch_free(dir);
    return 0;
}

static void take(void)
{
    assert_int_equal(record_take(from, record, &acme, NULL, &stop_flag), OK);
    assert_int_equal(record_ready(record, &acme), OK);
}

static int adopt(void)
{
    buf_clear(&problem);
    return record_adopt(fresh, record, &acme, "acme.chat.fresh", &problem);
}

static int tell_tenant(void *context, const struct tenant *tenant)
{
    struct buf *to = context;

    buf_addf(to, "%s %s %s %d %s %s;", tenant->name.text, tenant->title, tenant->domain,
             (int)tenant->state, tenant->settings, tenant->sites[0].key);
    return 0;
}

static int tell_member(void *context, const struct membership *member)
{
    buf_addf(context, " %s at %s as %u;", member->jid, member->tenant.text, member->limit);
    return 0;
}

static int tell_token(void *context, const struct access_token *token)
{
    buf_addf(context, " %s;", token->id);
    return 0;
}

static void assert_holds(struct directory *directory, const char *wanted)
{
    struct identity_key key;
    AUTO_BUF line;

    buf_init(&line, 8192);
    buf_add_text(&line, "");
    assert_int_equal(directory_tenants(directory, tell_tenant, &line), OK);
    assert_int_equal(directory_members(directory, tell_member, &line), OK);
    assert_int_equal(directory_tokens(directory, tell_token, &line), OK);
    assert_int_equal(directory_identity_key_get(directory, &acme, &key), OK);
    buf_addf(&line, " %s", key.secret);
    assert_string_equal(line.data, wanted);
}

#define NOTHING " "
#define ADOPTED                                                                \
    "acme The Company acme.chat.fresh 1 {\"widget.color\":\"#123456\"} key-a;" \
    " anna@agents.example at acme as 7; token-of-acme; hush"

static void a_tenant__is_entered_with_all_it_has_and_disabled(void **state)
{
    (void)state;
    take();
    assert_int_equal(adopt(), OK);
    assert_holds(fresh, ADOPTED);
}

static void a_record__holds_no_byte_of_others(void **state)
{
    static const char *const words[] = { "borealis", "boris",         "token-of-an-admin",
                                         "key-b",    "of the server", "picture of the others" };
    static char bytes[1 << 20];
    FILE *file;
    size_t len;

    (void)state;
    take();
    file = fopen(record, "re");
    assert_non_null(file);
    len = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    assert_true(len > 0 && len < sizeof(bytes));
    assert_non_null(memmem(bytes, len, "anna@", 5));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_null(memmem(bytes, len, words[i], strlen(words[i])));
}

static void a_second_time__or_a_key_that_is_taken__enters_nothing(void **state)
{
    (void)state;
    take();
    add_tenant(fresh, &borealis, "key-a"); /* a site's key: another tenant's here */
    assert_int_equal(adopt(), RECORD_E_EXISTS);
    assert_int_equal(directory_tenant_remove(fresh, &borealis), OK);
    assert_holds(fresh, NOTHING);
    assert_int_equal(adopt(), OK);
    assert_int_equal(adopt(), RECORD_E_EXISTS);
    assert_holds(fresh, ADOPTED);
}

/* Another server made the file: its foreign keys held nobody back. */
static void forge(const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(record, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int tell_former(void *context, const struct tenant *tenant)
{
    buf_addf(context, "%s<%s;", tenant->name.text, tenant->former);
    return 0;
}

/* Old snippets go on to lead to it; but no name of another's goes with it, and none that is no
 * name. */
static void a_renamed_tenant__keeps_its_former_names__where_nobody_has_them(void **state)
{
    const struct tenant_name names[] = { { "one" }, { "borealis-old" }, { "two" } };
    AUTO_BUF told;

    (void)state;
    buf_init(&told, 4096);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            directory_tenant_rename(old, i == 0 ? &acme : &names[i - 1], &names[i], i + 1), OK);
    assert_int_equal(directory_tenant_rename(old, &names[2], &acme, 4), OK);
    take();
    forge("INSERT INTO former_names VALUES ('acme', '../etc', 1, 9, 0)");
    add_tenant(fresh, &names[1], "key-c");
    assert_int_equal(adopt(), OK);
    assert_int_equal(directory_tenants(fresh, tell_former, &told), OK);
    assert_string_equal(told.data, "acme<one two;borealis-old<;");
}

static void an_agent_who_was_revoked_here__does_not_come_back(void **state)
{
    (void)state;
    take();
    add_tenant(fresh, &borealis, "key-c");
    add_member(fresh, "anna@agents.example", &borealis);
    assert_int_equal(directory_agent_revoke(fresh, "anna@agents.example"), OK);
    assert_int_equal(directory_tenant_remove(fresh, &borealis), OK);
    assert_int_equal(adopt(), OK);
    assert_holds(fresh, "acme The Company acme.chat.fresh 1 {\"widget.color\":\"#123456\"} key-a;"
                        " token-of-acme; hush");
}

static void rows_of_others_in_a_record__stay_outside(void **state)
{
    struct identity_key key;

    (void)state;
    take();
    forge("INSERT INTO agents (jid, name, created_ms, revoked) VALUES ('mallory@agents.example', "
          "'Mallory', 1, 0), ('nobody@agents.example', 'Nobody', 1, 0);"
          "INSERT INTO memberships (tenant, jid, role, limit_, persona, skills) VALUES "
          "('borealis', 'anna@agents.example', 1, 9, '', ''), "
          "('acme', 'mallory@agents.example', 77, 9, '', '');"
          "INSERT INTO sites (tenant, place, id, key, origins) VALUES "
          "('borealis', 9, 'id-m', 'key-m', 'https://mallory.example');"
          "INSERT INTO identity_keys VALUES ('borealis', 'kid', 'theirs', 0, 1);"
          "INSERT INTO tokens (id, hash, role, tenant, label, created_ms, expires_ms) VALUES "
          "('of-nobody', 'h1', 3, NULL, '', 1, 9), ('of-an-admin', 'h2', 3, 'acme', '', 1, 9), "
          "('of-borealis', 'h3', 0, 'borealis', '', 1, 9), ('of-no-role', 'h4', 77, 'acme', '', 1, "
          "9);");
    add_tenant(fresh, &borealis, "key-c");
    assert_int_equal(adopt(), OK);
    assert_int_equal(directory_agent_rename(fresh, "nobody@agents.example", "x"), DIRECTORY_E_NONE);
    assert_holds(fresh, "acme The Company acme.chat.fresh 1 {\"widget.color\":\"#123456\"} key-a;"
                        "borealis The Company borealis.chat.old 0 {\"widget.color\":\"#123456\"} "
                        "key-c; anna@agents.example at acme as 7; token-of-acme; hush");
    assert_int_equal(directory_identity_key_get(fresh, &borealis, &key), OK);
    assert_string_equal(key.secret, "");
}

/* "": it has none there. */
static void assert_avatar(const struct tenant_name *tenant, const char *jid, const char *bytes)
{
    AUTO_BUF found;

    buf_init(&found, 4096);
    assert_int_equal(directory_avatar_get(fresh, tenant, jid, &found),
                     bytes[0] != '\0' ? OK : DIRECTORY_E_NONE);
    assert_true(slice_is(buf_slice(&found), bytes));
}

static void pictures__come_along__of_that_tenant_and_its_members_alone(void **state)
{
    (void)state;
    take();
    forge("INSERT INTO avatars VALUES ('borealis', NULL, 'x', x'00'), "
          "('acme', 'nobody@agents.example', 'y', x'00')");
    add_tenant(fresh, &borealis, "key-c");
    assert_int_equal(adopt(), OK);
    assert_avatar(&acme, "", "picture of acme");
    assert_avatar(&acme, "anna@agents.example", "picture of anna");
    assert_avatar(&acme, "nobody@agents.example", "");
    assert_avatar(&borealis, "", "");
}

static void names_no_tenant_may_have__stay_outside(void **state)
{
    AUTO_BUF told;

    (void)state;
    take();
    forge("INSERT INTO former_names (tenant, name, since_ms, until_ms, moving) VALUES "
          "('acme', 'admin', 1, 2, 0), ('acme', 'www', 1, 3, 0), ('acme', '-x', 1, 4, 0), "
          "('acme', 'x y', 1, 5, 0), ('acme', x'00', 1, 6, 0), ('acme', 'acme-old', 1, 7, 0)");
    assert_int_equal(adopt(), OK);
    buf_init(&told, 256);
    assert_int_equal(directory_tenants(fresh, tell_former, &told), OK);
    assert_string_equal(told.data, "acme<acme-old;");
}

static void settings_that_are_none__are_refused_with_why(void **state)
{
    static const struct {
        const char *forgery, *why;
    } wrong[] = {
        { "UPDATE tenants SET settings = '{\"widget.texts:fi\":\"{\\\"write\\\":\"}'",
          "\"widget.texts:fi\" is no JSON object of texts." },
        { "UPDATE tenants SET settings = '{}'; UPDATE sites SET settings = "
          "'{\"widget.texts\":\"{\\\"write\\\":1}\"}'",
          "\"widget.texts\" is no JSON object of texts." },
        { "UPDATE sites SET settings = '{\"widget'", "Its settings are no JSON object." },
        { "UPDATE sites SET settings = '{\"a\":\"' || hex(zeroblob(16384)) || '\"}'",
          "Its settings are longer than 32768 bytes." },
    };

    (void)state;
    take();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        forge(wrong[i].forgery);
        assert_int_equal(adopt(), RECORD_E_REFUSED);
        assert_true(slice_is(buf_slice(&problem), wrong[i].why));
        assert_holds(fresh, NOTHING);
    }
    forge("UPDATE sites SET settings = '{\"widget.texts:xx-y\":\"{}\"}'"); /* an old value */
    assert_int_equal(adopt(), OK);
}

static void a_picture_beyond_all_bounds__stays_outside(void **state)
{
    (void)state;
    take();
    forge("UPDATE avatars SET bytes = zeroblob(65537) WHERE jid IS NULL;"
          "UPDATE avatars SET bytes = 'a text' WHERE jid IS NOT NULL");
    assert_int_equal(adopt(), OK);
    assert_avatar(&acme, "", "");
    assert_avatar(&acme, "anna@agents.example", "");
}

static void a_record_with_other_tables_than_ours__is_none(void **state)
{
    static const char *const forgeries[] = {
        /* what bears the name of the role does not stand in its place */
        "ALTER TABLE tokens RENAME COLUMN role TO x; ALTER TABLE tokens RENAME COLUMN used_ms TO "
        "role; UPDATE tokens SET x = 3",
        "ALTER TABLE sites RENAME TO s; CREATE VIEW sites AS WITH RECURSIVE r(n) AS (SELECT 1 "
        "UNION "
        "ALL SELECT n + 1 FROM r) SELECT s.* FROM s, r WHERE n < 0",
        "CREATE VIRTUAL TABLE more USING fts5(words)",
        "DROP TRIGGER users_hear_no_more; CREATE TRIGGER users_hear_no_more AFTER DELETE ON users "
        "BEGIN DELETE FROM tenants; END",
        "PRAGMA user_version = 1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
        take();
        forge(forgeries[i]);
        assert_int_equal(adopt(), RECORD_E_NONE);
        assert_holds(fresh, NOTHING);
        assert_int_equal(remove(record), 0);
    }
}

static void whichever_write_fails__it_is_all_there_or_not_at_all(void **state)
{
    unsigned nth = 1;
    int rc = ERR_IO;

    (void)state;
    take();
    for (; rc != OK && nth < 1000; nth++) {
        faulty_disk_fail(FAULTY_WRITE, nth, SQLITE_FULL, dir);
        rc = adopt();
        (void)faulty_disk_heal();
        if (rc != OK)
            assert_holds(fresh, NOTHING);
    }
    assert_true(nth > 2);
    assert_holds(fresh, ADOPTED);
}

static void what_is_no_record_of_it__is_refused(void **state)
{
    struct tenant_name cumulus = tenant_called("cumulus");

    (void)state;
    assert_int_equal(adopt(), RECORD_E_NONE);
    assert_int_equal(record_take(from, record, &cumulus, NULL, &stop_flag), RECORD_E_NONE);
    assert_int_equal(adopt(), RECORD_E_NONE);
    assert_int_equal(record_take(from, record, &borealis, NULL, &stop_flag), OK);
    assert_int_equal(record_ready(record, &acme), RECORD_E_NONE);
    assert_int_equal(adopt(), RECORD_E_NONE);
    assert_holds(fresh, NOTHING);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)

static int install(void **state)
{
    (void)state;
    faulty_disk_install();
    return 0;
}

RUN_WITH(install, NULL, CASE(a_tenant__is_entered_with_all_it_has_and_disabled),
         CASE(a_record__holds_no_byte_of_others),
         CASE(a_second_time__or_a_key_that_is_taken__enters_nothing),
         CASE(an_agent_who_was_revoked_here__does_not_come_back),
         CASE(a_renamed_tenant__keeps_its_former_names__where_nobody_has_them),
         CASE(rows_of_others_in_a_record__stay_outside),
         CASE(pictures__come_along__of_that_tenant_and_its_members_alone),
         CASE(a_picture_beyond_all_bounds__stays_outside),
         CASE(names_no_tenant_may_have__stay_outside),
         CASE(settings_that_are_none__are_refused_with_why),
         CASE(a_record_with_other_tables_than_ours__is_none),
         CASE(whichever_write_fails__it_is_all_there_or_not_at_all),
         CASE(what_is_no_record_of_it__is_refused))
