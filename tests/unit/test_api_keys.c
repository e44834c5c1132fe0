/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys at rest, as the operator and a start meet them.
 */
#include "server-bridge/core/api/tenants/snapshot_job.h"
#include "server-bridge/core/outward/outward.h"
#include "storage/directory/tenant_keys.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>
#include <sys/stat.h>

#define REKEY  "/api/v1/tenants/acme/rekey"
#define RENAME "/api/v1/tenants/acme/rename"
#define TO_OY  "{\"to\":\"acme-oy\"}"

static const struct tenant_name acme = { "acme" }, acme_oy = { "acme-oy" };

static const char *key_file(const char *ending)
{
    static char path[4096];

    (void)snprintf(path, sizeof(path), "%s/instance.key%s", the_core.tenants_folder, ending);
    return path;
}

static struct instance_key read_key(const char *ending)
{
    struct instance_key key;

    assert_int_equal(instance_key_read(key_file(ending), &key), OK);
    return key;
}

static struct tenant_keys keys_of(const struct tenant_name *tenant)
{
    struct tenant_keys keys;

    assert_int_equal(directory_keys_get(the_core.directory, tenant, &keys), OK);
    return keys;
}

static struct tenant_keys keys_of_acme(void)
{
    return keys_of(&acme);
}

/* As when the core starts on what is there. */
static int start_again(void)
{
    the_core.directory = directory_close(the_core.directory);
    assert_int_equal(directory_open(&the_core.directory, the_core.tenants_folder), OK);
    return keys_start(&the_core);
}

static void assert_all_opens(void)
{
    AUTO_BUF problems;

    buf_init(&problems, 4096);
    assert_int_equal(directory_keys_check(the_core.directory, &acme, &problems), OK);
    assert_int_equal(problems.len, 0);
}

/* --- a tenant's --- */

static struct hook *a_hook(char secret[HOOK_SECRET_BYTES])
{
    struct id id = double_hook("acme", (struct conversation_id){ id_new() });
    struct hook *hook =
        hook_find(tenants_find(&the_core, slice_of("acme")), (struct hook_id){ id });

    (void)snprintf(secret, HOOK_SECRET_BYTES, "%s", hook->secret);
    return hook;
}

static int take_secret(void *context, const struct stored_hook *hook)
{
    (void)slice_copy(hook->secret, context, HOOK_SECRET_BYTES);
    return 0;
}

static void assert_stored(const char *secret)
{
    const struct tenant_keys keys = keys_of_acme();
    char stored[HOOK_SECRET_BYTES] = "";

    assert_int_equal(hooks_read(the_core.store, &acme, &keys, take_secret, stored), OK);
    assert_string_equal(stored, secret);
}

static void another_key__leaves_the_secrets_what_they_are(void **state)
{
    struct tenant_keys before, after;
    const struct heard *answer;
    char secret[HOOK_SECRET_BYTES];

    (void)state;
    (void)a_hook(secret);
    before = keys_of_acme();
    answer = ask("POST", REKEY, "", "{}");
    assert_int_equal(answer->status, 200);
    assert_int_equal(json_integer_value(json_object_get(answer->json, "version")), 2);
    after = keys_of_acme();
    assert_int_equal(after.count, 1);
    assert_false(id_equal(after.all[0].id, before.all[0].id));
    assert_stored(secret);
    assert_all_opens();
}

static void what_a_kill_left_half_done__is_gone_on_with_when_asked_again(void **state)
{
    char secret[HOOK_SECRET_BYTES];

    (void)state;
    (void)a_hook(secret);
    assert_int_equal(directory_keys_renew(the_core.directory, &acme), OK);
    assert_int_equal(keys_of_acme().count, 2);
    assert_stored(secret);
    assert_int_equal(ask("POST", REKEY, "", "{}")->status, 200);
    assert_int_equal(keys_of_acme().count, 1);
    assert_int_equal(keys_of_acme().version, 2);
    assert_stored(secret);
}

static void a_disabled_tenant__is_enabled_first(void **state)
{
    const struct heard *answer;

    (void)state;
    assert_int_equal(ask("POST", "/api/v1/tenants/acme/disable", "", "{}")->status, 200);
    answer = ask("POST", REKEY, "", "{}");
    assert_int_equal(answer->status, 409);
    assert_string_equal(code_of(answer), "disabled");
    assert_int_equal(keys_of_acme().version, 1);
}

/* The last step is told by the name it had when the first was done. */
static void a_tenant_that_is_renamed_meanwhile__has_one_key_in_the_end(void **state)
{
    (void)state;
    assert_int_equal(directory_keys_renew(the_core.directory, &acme), OK);
    assert_int_equal(ask("POST", RENAME, "", TO_OY)->status, 200);
    keys_settled(&the_core, &acme, 2);
    assert_int_equal(keys_of(&acme_oy).count, 1);
    assert_int_equal(keys_of(&acme_oy).version, 2);
}

/* Nothing of the tenant is open meanwhile; the instance's key seals what the directory has. */
static void while_a_renaming_waits__the_instances_key_alone_is_changed(void **state)
{
    (void)state;
    provision_rename_fails_with = ERR_IO;
    assert_string_equal(code_of(ask("POST", RENAME, "", TO_OY)), "rename_waits");
    assert_string_equal(code_of(ask("POST", REKEY, "", "{}")), "in_progress");
    assert_int_equal(ask("POST", "/api/v1/rekey", "", "{}")->status, 200);
    provision_rename_fails_with = OK;
    tenants_drop(tenants_find(&the_core, slice_of("acme-oy")));
    assert_int_equal(tenants_take(&the_core, &acme_oy), OK); /* as the next start does */
    assert_int_equal(ask("POST", "/api/v1/tenants/acme-oy/rekey", "", "{}")->status, 200);
    assert_int_equal(keys_of(&acme_oy).version, 2);
}

static void while_a_copy_is_made__keys_stay(void **state)
{
    struct snapshot_job job = { .state = SNAPSHOT_COPYING, .tenant = acme };

    (void)state;
    DL_APPEND(the_core.snapshots, &job);
    assert_string_equal(code_of(ask("POST", REKEY, "", "{}")), "in_progress");
    assert_string_equal(code_of(ask("POST", "/api/v1/rekey", "", "{}")), "in_progress");
    assert_int_equal(keys_of_acme().version, 1);
    job.state = SNAPSHOT_READY;
    assert_int_equal(ask("POST", REKEY, "", "{}")->status, 200);
    assert_int_equal(ask("POST", "/api/v1/rekey", "", "{}")->status, 200);
    DL_DELETE(the_core.snapshots, &job);
}

/* --- the instance's --- */

static void another_key_of_the_instance__seals_the_tenants(void **state)
{
    const struct instance_key before = read_key("");
    const struct tenant_keys keys = keys_of_acme();
    const struct heard *answer = ask("POST", "/api/v1/rekey", "", "{}");
    struct instance_key after;

    (void)state;
    assert_int_equal(answer->status, 200);
    after = read_key("");
    assert_string_equal(text_at(answer, "mark"), after.mark);
    assert_string_not_equal(after.mark, before.mark);
    assert_int_equal(access(key_file(".next"), F_OK), -1);
    assert_true(digest_equal(&keys_of_acme().all[0].key, &keys.all[0].key));
    assert_all_opens();
    assert_int_equal(start_again(), OK);
    assert_all_opens();
    assert_int_equal(directory_unlock(the_core.directory, &before), DIRECTORY_E_WRONG_KEY);
}

static void a_kill_before_the_next_key_counts__leaves_the_one_before(void **state)
{
    const struct instance_key before = read_key("");
    struct instance_key next;

    (void)state;
    assert_int_equal(instance_key_prepare(key_file(""), &next), OK);
    assert_int_equal(start_again(), OK);
    assert_string_equal(read_key("").mark, before.mark);
    assert_int_equal(access(key_file(".next"), F_OK), -1);
    assert_all_opens();
}

static void a_kill_once_the_next_key_counts__puts_it_in_place(void **state)
{
    struct instance_key next;

    (void)state;
    assert_int_equal(instance_key_prepare(key_file(""), &next), OK);
    assert_int_equal(directory_rekey(the_core.directory, &next), OK);
    assert_int_equal(start_again(), OK);
    assert_string_equal(read_key("").mark, next.mark);
    assert_int_equal(access(key_file(".next"), F_OK), -1);
    assert_all_opens();
}

static void a_place_that_cannot_be_written__changes_nothing(void **state)
{
    const struct instance_key before = read_key("");

    (void)state;
    assert_int_equal(mkdir(key_file(".next"), 0700), 0);
    assert_int_equal(ask("POST", "/api/v1/rekey", "", "{}")->status, 500);
    assert_int_equal(rmdir(key_file(".next")), 0);
    assert_string_equal(read_key("").mark, before.mark);
    assert_int_equal(start_again(), OK);
    assert_all_opens();
}

/* --- a start --- */

static void without_its_key__nothing_starts_and_no_other_is_made(void **state)
{
    char aside[4096];

    (void)state;
    (void)snprintf(aside, sizeof(aside), "%s", key_file(".aside"));
    assert_int_equal(rename(key_file(""), aside), 0);
    assert_int_equal(start_again(), ERR_CONFIG);
    assert_int_equal(access(key_file(""), F_OK), -1);
    assert_int_equal(rename(aside, key_file("")), 0);
    assert_int_equal(start_again(), OK);
    assert_all_opens();
}

static void with_another_key__nothing_starts(void **state)
{
    char aside[4096];
    struct instance_key other;

    (void)state;
    (void)snprintf(aside, sizeof(aside), "%s", key_file(".aside"));
    assert_int_equal(rename(key_file(""), aside), 0);
    assert_int_equal(instance_key_make(key_file(""), &other), OK);
    assert_int_equal(start_again(), ERR_CONFIG);
    assert_int_equal(rename(aside, key_file("")), 0);
    assert_int_equal(start_again(), OK);
    assert_all_opens();
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, double_setup, double_teardown)
RUN(CASE(another_key__leaves_the_secrets_what_they_are),
    CASE(what_a_kill_left_half_done__is_gone_on_with_when_asked_again),
    CASE(a_disabled_tenant__is_enabled_first), CASE(while_a_copy_is_made__keys_stay),
    CASE(a_tenant_that_is_renamed_meanwhile__has_one_key_in_the_end),
    CASE(while_a_renaming_waits__the_instances_key_alone_is_changed),
    CASE(another_key_of_the_instance__seals_the_tenants),
    CASE(a_kill_before_the_next_key_counts__leaves_the_one_before),
    CASE(a_kill_once_the_next_key_counts__puts_it_in_place),
    CASE(a_place_that_cannot_be_written__changes_nothing),
    CASE(without_its_key__nothing_starts_and_no_other_is_made),
    CASE(with_another_key__nothing_starts))
