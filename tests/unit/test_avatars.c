/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/avatars.h"

#include "storage/sqlite/database.h"
#include "tenant/avatar.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#include <stdio.h>

static char *dir;
static struct directory *directory;
static struct tenant_name acme = { "acme" }, borealis = { "borealis" };

#define ANNA "anna@agents.example"
#define BEN  "ben@agents.example"

static void assign(const char *jid, const struct tenant_name *to)
{
    struct agent agent = { .jid = (char *)(uintptr_t)jid, .name = (char *)(uintptr_t)jid };
    struct membership member = { .tenant = *to, .jid = (char *)(uintptr_t)jid, .limit = 3 };
    int rc = directory_agent_add(directory, &agent);

    assert_true(rc == OK || rc == DIRECTORY_E_EXISTS);
    assert_int_equal(directory_member_set(directory, &member), OK);
}

static void add_tenant(const struct tenant_name *name)
{
    char title[] = "The Company", languages[] = "en", secret[] = "s", domain[64];
    struct tenant tenant = {
        .name = *name, .title = title, .domain = domain, .languages = languages, .secret = secret
    };

    (void)snprintf(domain, sizeof(domain), "%s.chat.example", name->text);
    assert_int_equal(directory_tenant_add(directory, &tenant), OK);
}

static int start(void **state)
{
    char path[4096];

    (void)state;
    dir = scratch_new();
    (void)snprintf(path, sizeof(path), "%s/data", dir);
    assert_int_equal(directory_open(&directory, path), OK);
    add_tenant(&acme);
    add_tenant(&borealis);
    assign(ANNA, &acme);
    assign(ANNA, &borealis);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    directory = directory_close(directory);
    dir = scratch_free(dir);
    return 0;
}

static void set(const struct tenant_name *tenant, const char *jid, const char *bytes)
{
    assert_int_equal(directory_avatar_set(directory, tenant, jid, slice_of(bytes)), OK);
}

/* NULL: there is none. */
static void assert_shown(const struct tenant_name *tenant, const char *jid, const char *bytes)
{
    AUTO_BUF found;

    buf_init(&found, 4096);
    assert_int_equal(directory_avatar_get(directory, tenant, jid, &found),
                     bytes != NULL ? OK : DIRECTORY_E_NONE);
    if (bytes != NULL)
        assert_true(slice_is(buf_slice(&found), bytes));
}

static bool is_found(const struct tenant_name *tenant, const char *bytes)
{
    AUTO_BUF found;

    buf_init(&found, 4096);
    return directory_avatar_find(directory, tenant, avatar_id(slice_of(bytes)), &found) == OK &&
           slice_is(buf_slice(&found), bytes);
}

static void a_picture__is_one_persona_s_or_the_tenant_s(void **state)
{
    (void)state;
    set(&acme, ANNA, "anna at acme");
    set(&borealis, ANNA, "anna at borealis");
    set(&acme, "", "acme");
    assert_shown(&acme, ANNA, "anna at acme");
    assert_shown(&borealis, ANNA, "anna at borealis");
    assert_shown(&acme, "", "acme");
    assert_shown(&borealis, "", NULL);
    set(&acme, ANNA, "anna, older");
    set(&acme, "", "acme anew");
    assert_shown(&acme, ANNA, "anna, older");
    assert_shown(&acme, "", "acme anew");
    assert_false(is_found(&acme, "anna at acme"));
    assert_false(is_found(&acme, "acme"));
}

static void a_picture__is_found_by_what_it_is__with_its_own_tenant_alone(void **state)
{
    (void)state;
    set(&acme, ANNA, "anna");
    set(&acme, "", "acme");
    assert_true(is_found(&acme, "anna"));
    assert_true(is_found(&acme, "acme"));
    assert_false(is_found(&borealis, "anna"));
    assert_false(is_found(&borealis, "acme"));
    set(&acme, "", "anna"); /* the same picture twice is one address */
    assert_true(is_found(&acme, "anna"));
    assert_int_equal(directory_avatar_remove(directory, &acme, ANNA), OK);
    assert_true(is_found(&acme, "anna"));
    assert_int_equal(directory_avatar_remove(directory, &acme, ""), OK);
    assert_false(is_found(&acme, "anna"));
    assert_int_equal(directory_avatar_remove(directory, &acme, ""), DIRECTORY_E_NONE);
}

static void whom_nobody_knows__has_none(void **state)
{
    static const struct tenant_name nobody = { "nobody" };

    (void)state;
    assert_int_equal(directory_avatar_set(directory, &nobody, "", SLICE_LITERAL("x")),
                     DIRECTORY_E_NONE);
    assert_int_equal(directory_avatar_set(directory, &acme, BEN, SLICE_LITERAL("x")),
                     DIRECTORY_E_NONE);
}

static void a_picture__goes_with_the_membership__and_with_the_tenant(void **state)
{
    (void)state;
    set(&acme, ANNA, "anna");
    set(&borealis, ANNA, "anna");
    set(&acme, "", "acme");
    assign(ANNA, &acme); /* again: it stays */
    assert_shown(&acme, ANNA, "anna");
    assert_int_equal(directory_member_remove(directory, &acme, ANNA), OK);
    assert_shown(&acme, ANNA, NULL);
    assert_shown(&acme, "", "acme");
    assert_int_equal(directory_agent_revoke(directory, ANNA), OK);
    assert_shown(&borealis, ANNA, NULL);
    assert_int_equal(directory_tenant_remove(directory, &acme), OK);
    assert_shown(&acme, "", NULL);
}

static int tell_tenant(void *context, const struct tenant *tenant)
{
    char id[ID_TEXT_BYTES];

    id_format(tenant->avatar, id);
    buf_addf(context, "%s %.4s;", tenant->name.text, id_is_none(tenant->avatar) ? "-" : id);
    return 0;
}

static int tell_member(void *context, const struct membership *member)
{
    char id[ID_TEXT_BYTES];

    id_format(member->avatar, id);
    buf_addf(context, "%s %.4s;", member->tenant.text, id_is_none(member->avatar) ? "-" : id);
    return 0;
}

static void tenants_and_members__come_with_what_theirs_is_known_by(void **state)
{
    char anna[ID_TEXT_BYTES], brand[ID_TEXT_BYTES], wanted[128];
    AUTO_BUF told;

    (void)state;
    buf_init(&told, 4096);
    set(&acme, ANNA, "anna");
    set(&borealis, "", "borealis");
    id_format(avatar_id(SLICE_LITERAL("anna")), anna);
    id_format(avatar_id(SLICE_LITERAL("borealis")), brand);
    assert_int_equal(directory_tenants(directory, tell_tenant, &told), OK);
    assert_int_equal(directory_members(directory, tell_member, &told), OK);
    (void)snprintf(wanted, sizeof(wanted), "acme -;borealis %.4s;acme %.4s;borealis -;", brand,
                   anna);
    assert_string_equal(told.data, wanted);
}

static void assert_checked(uint64_t count, const char *problems)
{
    uint64_t found = 0;
    AUTO_BUF told;

    buf_init(&told, 4096);
    buf_add_text(&told, "");
    directory_avatars_check(directory_path(directory), &found, &told);
    assert_string_equal(told.len == 0 ? "" : told.data, problems);
    assert_int_equal(found, count);
}

static void forge(const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(directory_path(directory), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_picture_that_is_not_what_it_is_known_as__is_told(void **state)
{
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x30\x08\x02\0\0\0.sum"
                              "\0\0\0\0IEND.sum";

    (void)state;
    assert_checked(0, "");
    assert_int_equal(
        directory_avatar_set(directory, &acme, ANNA, (struct slice){ png, sizeof(png) - 1 }), OK);
    assert_checked(1, "");
    set(&borealis, "", "no picture at all");
    assert_checked(2, "borealis: the picture of borealis is damaged: put it anew\n");
    forge("DELETE FROM avatars WHERE jid IS NULL; UPDATE avatars SET id = "
          "'aaaaaaaaaaaaaaaaaaaaaaaaaa'");
    assert_checked(1, "acme: the picture of " ANNA " is damaged: put it anew\n");
    forge("DROP TABLE avatars");
    assert_checked(0, "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(a_picture__is_one_persona_s_or_the_tenant_s),
    CASE(a_picture__is_found_by_what_it_is__with_its_own_tenant_alone),
    CASE(whom_nobody_knows__has_none),
    CASE(a_picture__goes_with_the_membership__and_with_the_tenant),
    CASE(tenants_and_members__come_with_what_theirs_is_known_by),
    CASE(a_picture_that_is_not_what_it_is_known_as__is_told))
