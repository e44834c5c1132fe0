/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "storage/ledger.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <event2/event.h>
#include <stdio.h>
#include <sys/stat.h>

#define ACME    "{\"tenant\":\"acme\",\"name\":\"Acme Oy\",\"origins\":[\"https://acme.example\"]}"
#define OF_ACME "/api/v1/tenants/acme"

static int start(void **state)
{
    (void)state;
    double_start("prosody");
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 201);
    return 0;
}

static char noted[256];

static int note_title(void *context, const struct tenant *tenant)
{
    (void)context;
    (void)snprintf(noted, sizeof(noted), "%s %s %s", tenant->title, tenant->languages,
                   tenant->sites[0].origins);
    return 0;
}

/* What the directory says of acme. */
static int note_state(void *context, const struct tenant *tenant)
{
    *(int *)context = (int)tenant->state;
    return 0;
}

static int marked(void)
{
    int state = -1;

    assert_int_equal(directory_tenants(the_core.directory, note_state, &state), OK);
    return state;
}

static void a_tenant__is_live_in_the_directory_only_when_it_is_whole(void **state)
{
    (void)state;
    assert_int_equal(marked(), TENANT_LIVE);
    double_stop();
    double_start("prosody");
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_int_equal(marked(), TENANT_ADDING);
}

/* --- many in a row, while visitors are here --- */

#define OF(name) "{\"tenant\":\"" name "\",\"origins\":[\"https://" name ".example\"]}"

static struct session somebody;

static int start_visited(void **state)
{
    (void)state;
    double_start("prosody");
    the_core.sessions = &somebody;
    return 0;
}

static int stop_visited(void **state)
{
    the_core.sessions = NULL;
    return double_teardown(state);
}

static void the_first__need_not_wait(void **state)
{
    (void)state;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_string_equal(provision_asked, "host acme.chat.localhost on");
}

static void the_next__has_its_turn_later_and_holds_its_name_till_then(void **state)
{
    (void)state;
    the_core.next_turn_ms = clock_steady_ms() + 10000;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_string_equal(provision_asked, "");
    assert_int_equal(marked(), -1); /* nothing has begun */
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants", "", ACME)), "in_progress");
}

static void a_turn__comes_and_the_one_after_it_later(void **state)
{
    uint64_t before_ms = the_core.next_turn_ms = clock_steady_ms() + 200;

    (void)state;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(the_core.next_turn_ms > before_ms);
    for (int i = 0; i < 10000 && provision_asked[0] == '\0'; i++)
        (void)event_base_loop(the_core.role->base, EVLOOP_ONCE);
    assert_true(clock_steady_ms() + 50 >= before_ms); /* the loop goes by a coarser clock */
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 201);
    assert_int_equal(marked(), TENANT_LIVE);
}

static void too_many_at_once__are_sent_away_for_now(void **state)
{
    (void)state;
    the_core.next_turn_ms = clock_steady_ms() + 60000;
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants", "", ACME)), "too_busy");
    the_core.next_turn_ms = 0;
    assert_true(provision_asked[0] == '\0');
}

static void where_nobody_chats__nobody_waits(void **state)
{
    (void)state;
    the_core.sessions = NULL;
    the_core.next_turn_ms = clock_steady_ms() + 60000;
    ask_only("POST", "/api/v1/tenants", "", OF("borealis"));
    assert_string_equal(provision_asked, "host borealis.chat.localhost on");
}

/* Each of them starts a process, too. */
static void one_that_is_enabled__waits_its_turn_too(void **state)
{
    (void)state;
    assert_int_equal(ask("POST", OF_ACME "/disable", "", "{}")->status, 200);
    the_core.sessions = &somebody;
    the_core.next_turn_ms = clock_steady_ms() + 10000;
    ask_only("POST", OF_ACME "/enable", "", "{}");
    assert_int_equal(marked(), TENANT_DISABLED);
    the_core.next_turn_ms = clock_steady_ms() + 20; /* another asks, and comes first */
    ask_only("POST", OF_ACME "/enable", "", "{}");
    for (int i = 0; i < 10000 && marked() != TENANT_LIVE; i++)
        (void)event_base_loop(the_core.role->base, EVLOOP_ONCE);
    the_core.sessions = NULL;
    assert_int_equal(heard()->status, 200);
    assert_int_equal(marked(), TENANT_LIVE);
}

/* False: the turn came before the access was ended. */
static bool shut_out_within(uint64_t wait_ms)
{
    char token[TOKEN_TEXT_BYTES], path[128];
    const struct heard *answer = ask("POST", "/api/v1/tokens", "", "{\"role\":\"admin\"}");
    uint64_t due_ms;

    assert_true(slice_copy(slice_of(text_at(answer, "token")), token, sizeof(token)));
    (void)snprintf(path, sizeof(path), "/api/v1/tokens/%s", text_at(answer, "id"));
    assert_int_equal(ask("POST", OF_ACME "/disable", "", "{}")->status, 200);
    the_core.sessions = &somebody;
    the_core.next_turn_ms = due_ms = clock_steady_ms() + wait_ms;
    ask_only_with("POST", OF_ACME "/enable", token);
    assert_int_equal(ask("DELETE", path, "", "")->status, 204);
    return clock_steady_ms() < due_ms;
}

static void one_whose_caller_is_shut_out_meanwhile__never_has_its_turn(void **state)
{
    uint64_t wait_ms = 200;

    (void)state;
    while (!shut_out_within(wait_ms))
        wait_ms *= 2;
    assert_true(double_is_idle());
    the_core.sessions = NULL;
    assert_int_equal(marked(), TENANT_DISABLED);
}

/* Else it was said to be enabled, and was not. */
static void one_that_is_renamed_or_removed_in_its_turn__is_not_enabled(void **state)
{
    static const struct {
        enum tenant_state is;
        const char *code;
    } meanwhile[] = { { TENANT_RENAMING, "in_progress" }, { TENANT_REMOVING, "not_found" } };

    (void)state;
    assert_int_equal(ask("POST", OF_ACME "/disable", "", "{}")->status, 200);
    for (size_t i = 0; i < sizeof(meanwhile) / sizeof(meanwhile[0]); i++) {
        struct live_tenant *acme = tenants_find(&the_core, SLICE_LITERAL("acme"));

        the_core.sessions = &somebody;
        the_core.next_turn_ms = clock_steady_ms() + 1000; /* what follows is done by then */
        ask_only("POST", OF_ACME "/enable", "", "{}");
        acme->about.state = meanwhile[i].is;
        assert_string_equal(code_of(heard()), meanwhile[i].code);
        the_core.sessions = NULL;
        acme->about.state = TENANT_DISABLED;
        assert_int_equal(marked(), TENANT_DISABLED);
    }
}

static void one_that_is_imported__waits_its_turn_and_holds_its_name_till_then(void **state)
{
    (void)state;
    the_core.next_turn_ms = clock_steady_ms() + 10000;
    ask_only("POST", "/api/v1/adoptions", "", "{\"tenant\":\"cumulus\"}");
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants", "", OF("cumulus"))), "in_progress");
}

static void a_half_added_tenant__is_undone_at_the_next_start(void **state)
{
    const struct tenant half = {
        .name = { "half" },
        .title = "",
        .domain = "half.chat.localhost",
        .languages = "en",
        .secret = "",
        .state = TENANT_ADDING,
    };

    (void)state;
    assert_int_equal(directory_tenant_add(the_core.directory, &half), OK);
    tenants_end_rest(&the_core, &half);
    assert_string_equal(provision_asked, "host half.chat.localhost off");
    assert_true(tenants_is_ending(&the_core, &half.name));
    assert_true(provision_answers(true, ""));
    assert_false(tenants_is_ending(&the_core, &half.name));
    assert_int_equal(directory_tenant_remove(the_core.directory, &half.name), DIRECTORY_E_NONE);
}

static bool is_in_ledger(void)
{
    const struct tenant_name acme = { "acme" };
    struct ledger_line fate;

    assert_int_equal(ledger_fate(the_core.role->settings->storage_dir, &acme, 0, &fate), OK);
    return fate.at_ms > 0 && fate.kind == LEDGER_REMOVED;
}

static void removing__goes_in_order(void **state)
{
    (void)state;
    ask_only("DELETE", OF_ACME, "", "");
    assert_int_equal(marked(), TENANT_REMOVING);
    assert_null(the_core.tenants); /* shut, and nobody finds it any more … */
    assert_string_equal(provision_asked, "host acme.chat.localhost off"); /* … before this */
    assert_true(double_hears_nothing());
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants", "", ACME)), "in_progress");
    ask_only("GET", OF_ACME, "", "");
    assert_int_equal(heard()->status, 404);
    assert_false(is_in_ledger());
    assert_true(provision_answers(true, ""));
    assert_int_equal(marked(), -1);
    assert_true(is_in_ledger()); /* so that no backup made before brings it back */
}

/* Its component session may take its time to close. */
static void one_on_its_way_out__is_neither_renamed_nor_removed_a_second_time(void **state)
{
    (void)state;
    links_close_slowly = true;
    ask_only("DELETE", OF_ACME, "", "");
    assert_int_equal(marked(), TENANT_REMOVING);
    assert_string_equal(code_of(ask("POST", OF_ACME "/rename", "", "{\"to\":\"acme-oy\"}")),
                        "in_progress");
    assert_string_equal(code_of(ask("DELETE", OF_ACME, "", "")), "in_progress");
    links_are_closed();
    assert_true(provision_answers(true, ""));
    assert_int_equal(marked(), -1);
    assert_true(is_in_ledger());
}

static void a_certificate__tells_what_went_and_when(void **state)
{
    const struct heard *answer;

    (void)state;
    (void)double_conversation("acme", 3, 10, true);
    ask_only("DELETE", OF_ACME, "", "");
    assert_true(provision_answers(true, ""));
    answer = heard();
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "name"), "Acme Oy");
    assert_string_equal(text_at(answer, "by"), "operator");
    assert_int_equal(strlen(text_at(answer, "removed_at")), 24);
    assert_int_equal(json_integer_value(json_object_get(answer->json, "messages")), 3);
    answer = ask("GET", "/api/v1/audit", "limit=1", "");
    assert_non_null(strstr(answer->text, "conversations=1 messages=3"));
}

static void a_removal_the_server_does_not_follow__stays_marked_and_tells(void **state)
{
    const struct heard *answer;

    (void)state;
    ask_only("DELETE", OF_ACME, "", "");
    assert_true(provision_answers(false, "gone fishing"));
    answer = heard();
    assert_int_equal(answer->status, 502);
    assert_string_equal(code_of(answer), "removal_waits");
    assert_non_null(strstr(text_at(answer, "detail"), "gone fishing"));
    assert_int_equal(marked(), TENANT_REMOVING);
}

static void a_name_used_again__shows_nothing_of_who_had_it_before(void **state)
{
    const struct heard *answer;

    (void)state;
    (void)double_conversation("acme", 1, 10, true);
    assert_int_equal(
        ask("PATCH", OF_ACME "/settings", "", "{\"values\":{\"widget.color\":\"#111111\"}}")
            ->status,
        200);
    ask_only("DELETE", OF_ACME, "", "");
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 200);
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 201);
    answer = ask("GET", OF_ACME "/audit", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 1);
    assert_null(strstr(answer->text, "#111111"));
    answer = ask("GET", OF_ACME "/transcripts", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 0);
    assert_null(strstr(ask("GET", OF_ACME, "", "")->text, "#111111"));
}

static void a_disabled_tenant__keeps_all_and_serves_nobody(void **state)
{
    const struct heard *answer;

    (void)state;
    for (int twice = 0; twice < 2; twice++) {
        answer = ask("POST", OF_ACME "/disable", "", "{}");
        assert_int_equal(answer->status, 200);
        assert_true(json_is_true(json_object_get(answer->json, "disabled")));
        assert_string_equal(core_told, "shut acme");
        assert_int_equal(marked(), TENANT_DISABLED);
    }
    for (int twice = 0; twice < 2; twice++) {
        answer = ask("POST", OF_ACME "/enable", "", "{}");
        assert_int_equal(answer->status, 200);
        assert_false(json_is_true(json_object_get(answer->json, "disabled")));
        assert_string_equal(core_told, "resume acme");
        assert_int_equal(marked(), TENANT_LIVE);
    }
}

/* --- another name --- */

#define RENAME OF_ACME "/rename"
#define TO_OY  "{\"to\":\"acme-oy\"}"

static void add(const char *name)
{
    char body[160];

    (void)snprintf(body, sizeof(body), "{\"tenant\":\"%s\",\"origins\":[\"https://b.example\"]}",
                   name);
    ask_only("POST", "/api/v1/tenants", "", body);
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 201);
}

static int note_names(void *context, const struct tenant *tenant)
{
    size_t len = strlen(context);

    (void)snprintf((char *)context + len, sizeof(noted) - len, "%s<%s%s%s;", tenant->name.text,
                   tenant->former, tenant->moving.from.text[0] != '\0' ? "*" : "",
                   tenant->state == TENANT_DISABLED ? " disabled" : "");
    return 0;
}

static const char *names(void)
{
    noted[0] = '\0';
    assert_int_equal(directory_tenants(the_core.directory, note_names, noted), OK);
    return noted;
}

static struct ledger_line fate_of_acme(void)
{
    const struct tenant_name acme = { "acme" };
    struct ledger_line fate;

    assert_int_equal(ledger_fate(the_core.role->settings->storage_dir, &acme, 0, &fate), OK);
    return fate;
}

static void a_renamed_tenant__is_found_by_both_names(void **state)
{
    const struct heard *answer;

    (void)state;
    answer = ask("POST", RENAME, "", TO_OY);
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "tenant"), "acme-oy");
    assert_string_equal(text_at(answer, "domain"), "acme.chat.localhost"); /* rosters hang on it */
    assert_non_null(strstr(text_at(answer, "snippet"), "/w/acme-oy.js"));
    assert_non_null(strstr(answer->text, "\"former_names\":[\"acme\"]"));
    assert_string_equal(names(), "acme-oy<acme;");
    assert_string_equal(provision_asked, "file acme acme-oy");
    assert_int_equal(fate_of_acme().kind, LEDGER_RENAMED);
    assert_string_equal(fate_of_acme().to.text, "acme-oy");
    for (size_t i = 0; i < 2; i++) {
        answer = ask("GET", i == 0 ? OF_ACME : "/api/v1/tenants/acme-oy", "", "");
        assert_int_equal(answer->status, 200);
        assert_string_equal(text_at(answer, "tenant"), "acme-oy");
    }
    answer = ask("GET", OF_ACME "/audit", "", ""); /* what came before as well */
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 2);
    assert_non_null(strstr(answer->text, "from=acme to=acme-oy"));
}

static void a_name_that_may_not_be__is_refused__with_why(void **state)
{
    static const struct {
        const char *body;
        unsigned status;
        const char *code, *detail;
    } wrong[] = {
        { "{}", 400, "bad_field", "\"to\" is missing." },
        { "{\"to\":\"Acme Oy\"}", 400, "bad_field",
          "\"to\" must be 1 to 32 of a-z, 0-9 and inner hyphens, and none of the names we keep "
          "(desk, control, admin, www …)." },
        { "{\"to\":\"admin\"}", 400, "bad_field",
          "\"to\" must be 1 to 32 of a-z, 0-9 and inner hyphens, and none of the names we keep "
          "(desk, control, admin, www …)." },
        { "{\"to\":\"acme\"}", 409, "same_name", "It is called acme already." },
        { "{\"to\":\"borealis\"}", 409, "tenant_exists", "There is a tenant borealis already." },
        { "{\"to\":\"boreas\"}", 409, "name_kept",
          "boreas is what borealis was called before, and stays its own: old snippets lead "
          "there." },
    };

    (void)state;
    add("boreas");
    assert_int_equal(
        ask("POST", "/api/v1/tenants/boreas/rename", "", "{\"to\":\"borealis\"}")->status, 200);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct heard *answer = ask("POST", RENAME, "", wrong[i].body);

        assert_int_equal(answer->status, wrong[i].status);
        assert_string_equal(code_of(answer), wrong[i].code);
        assert_string_equal(text_at(answer, "detail"), wrong[i].detail);
    }
    assert_string_equal(names(), "acme<;borealis<boreas;");
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants", "",
                                    "{\"tenant\":\"boreas\",\"origins\":[\"https://b.example\"]}")),
                        "name_kept");
}

static void the_name_of_a_tenant_that_was_removed__is_free(void **state)
{
    (void)state;
    add("acme-oy");
    ask_only("DELETE", "/api/v1/tenants/acme-oy", "", "");
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 200);
    assert_int_equal(ask("POST", RENAME, "", TO_OY)->status, 200);
    assert_string_equal(names(), "acme-oy<acme;");
    assert_int_equal(ask("POST", OF_ACME "/rename", "", "{\"to\":\"acme\"}")->status, 200);
    assert_string_equal(names(), "acme<acme-oy;"); /* and back */
}

static void a_disabled_tenant__is_renamed_and_stays_disabled(void **state)
{
    const struct heard *answer;

    (void)state;
    assert_int_equal(ask("POST", OF_ACME "/disable", "", "{}")->status, 200);
    answer = ask("POST", RENAME, "", TO_OY);
    assert_true(json_is_true(json_object_get(answer->json, "disabled")));
    assert_string_equal(names(), "acme-oy<acme disabled;");
}

static void a_folder_in_the_way__is_told_before_anything_is_done(void **state)
{
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/acme-oy", the_core.tenants_folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_string_equal(code_of(ask("POST", RENAME, "", TO_OY)), "folder_exists");
    assert_string_equal(names(), "acme<;");
}

static void the_same_sent_again__is_answered_the_same(void **state)
{
    const struct heard *answer;

    (void)state;
    asked_with.repeat_key = "rename-1";
    assert_int_equal(ask("POST", RENAME, "", TO_OY)->status, 200);
    answer = ask("POST", RENAME, "", TO_OY); /* by the name it had then */
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "tenant"), "acme-oy");
    assert_non_null(strstr(answer->headers, "Idempotency-Replayed: true"));
    assert_string_equal(names(), "acme-oy<acme;");
}

/* The directory is the one place that says what it is called: what has not followed does so later,
 * and until then nobody is served by either name. */
static void what_cannot_follow__follows_later(void **state)
{
    const struct tenant_name acme_oy = { "acme-oy" };

    (void)state;
    provision_rename_fails_with = ERR_IO;
    assert_string_equal(code_of(ask("POST", RENAME, "", TO_OY)), "rename_waits");
    assert_string_equal(names(), "acme-oy<acme*;");
    assert_string_equal(code_of(ask("GET", OF_ACME, "", "")), "in_progress");
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants/acme-oy/enable", "", "{}")),
                        "in_progress");
    assert_string_equal(code_of(ask("POST", "/api/v1/snapshots", "", "{\"tenant\":\"acme\"}")),
                        "rename_waits");
    assert_non_null(strstr(ask("GET", "/api/v1/check", "area=store", "")->text,
                           "not all of it could be moved"));
    provision_rename_fails_with = OK;
    tenants_drop(tenants_find(&the_core, SLICE_LITERAL("acme-oy")));
    assert_int_equal(tenants_take(&the_core, &acme_oy), OK); /* as the next start does */
    assert_string_equal(names(), "acme-oy<acme;");
    assert_int_equal(ask("GET", OF_ACME, "", "")->status, 200);
}

static const struct site *site_of_acme(void)
{
    return &tenants_find(&the_core, SLICE_LITERAL("acme"))->about.sites[0];
}

static void
a_tenant__is_called_otherwise_and_stands_elsewhere__at_once_and_after_a_restart(void **state)
{
    const struct heard *answer;

    (void)state;
    ask_only("PATCH", OF_ACME, "",
             "{\"name\":\"Acme Group\",\"languages\":[\"fi\",\"en\"],"
             "\"origins\":[\"https://acme.example\",\"https://shop.acme.example\"]}");
    answer = heard();
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "name"), "Acme Group");
    assert_string_equal(site_of_acme()->origins, "https://acme.example https://shop.acme.example");
    answer = ask("GET", "/api/v1/audit", "limit=1", "");
    assert_non_null(strstr(answer->text, "Acme Group"));
    assert_non_null(strstr(answer->text, "shop.acme.example"));
    answer = ask("PATCH", OF_ACME, "", "{\"name\":\"Acme\"}"); /* the rest stays */
    assert_string_equal(site_of_acme()->origins, "https://acme.example https://shop.acme.example");
    assert_int_equal(directory_tenants(the_core.directory, note_title, NULL), OK);
    assert_string_equal(noted, "Acme fi en https://acme.example https://shop.acme.example");
}

static void a_change_that_cannot_be__changes_nothing(void **state)
{
    static const struct {
        const char *body;
        unsigned status;
    } wrong[] = {
        { "{}", 400 },
        { "{\"origins\":[]}", 400 },
        { "{\"languages\":[]}", 400 },
        { "{\"name\":\"  \"}", 400 },
        { "{\"name\":\"X\",\"origins\":[\"ftp://acme.example\"]}", 400 },
        { "{\"name\":\"X\",\"site\":\"aaaaaaaaaaaaaaaaaaaaaaaaaa\"}", 404 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(ask("PATCH", OF_ACME, "", wrong[i].body)->status, wrong[i].status);
    assert_int_equal(directory_tenants(the_core.directory, note_title, NULL), OK);
    assert_string_equal(noted, "Acme Oy en https://acme.example");
}

/* --- sites --- */

static void a_site__comes_and_goes_and_the_last_one_stays(void **state)
{
    char id[ID_TEXT_BYTES], path[128];
    const struct heard *answer;

    (void)state;
    answer = ask("POST", "/api/v1/tenants/acme/sites", "",
                 "{\"origins\":[\"https://shop.acme.example\"]}");
    assert_int_equal(answer->status, 201);
    assert_string_equal(core_told, "web acme");
    assert_non_null(strstr(answer->text, "[\"https://shop.acme.example\"]"));
    assert_true(slice_copy(slice_of(text_at(answer, "id")), id, sizeof(id)));
    assert_int_equal(
        ask("PATCH", "/api/v1/tenants/acme", "", "{\"origins\":[\"https://b.example\"]}")->status,
        200);
    answer = ask("GET", "/api/v1/tenants/acme/sites", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 2);
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/sites/%s", id);
    assert_int_equal(ask("DELETE", path, "", "")->status, 204);
    assert_int_equal(ask("DELETE", path, "", "")->status, 404);
    answer = ask("GET", "/api/v1/tenants/acme/sites", "", "");
    assert_null(strstr(answer->text, id));
    assert_true(slice_copy(slice_of(json_string_value(json_object_get(
                               json_array_get(json_object_get(answer->json, "items"), 0), "id"))),
                           id, sizeof(id)));
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/sites/%s", id);
    assert_string_equal(code_of(ask("DELETE", path, "", "")), "last_site");
}

static void sites__have_an_end(void **state)
{
    const char *one = "{\"origins\":[\"https://one.acme.example\"]}";

    (void)state;
    for (int i = 1; i < TENANT_SITES_MAX; i++)
        assert_int_equal(ask("POST", "/api/v1/tenants/acme/sites", "", one)->status, 201);
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants/acme/sites", "", one)), "too_many");
    assert_int_equal(ask("POST", "/api/v1/tenants/acme/sites", "", "{\"origins\":[]}")->status,
                     409);
}

static void an_agent__gets_another_name(void **state)
{
    (void)state;
    assert_int_equal(
        ask("POST", "/api/v1/agents", "", "{\"jid\":\"anna@agents.localhost\",\"name\":\"Anna\"}")
            ->status,
        201);
    assert_string_equal(text_at(ask("POST", "/api/v1/agents/anna@agents.localhost/name", "",
                                    "{\"name\":\"Anna K.\"}"),
                                "name"),
                        "Anna K.");
    assert_string_equal(text_at(ask("GET", "/api/v1/agents/anna@agents.localhost", "", ""), "name"),
                        "Anna K.");
    assert_int_equal(
        ask("POST", "/api/v1/agents/anna@agents.localhost/name", "", "{\"name\":\" \"}")->status,
        400);
    assert_int_equal(
        ask("POST", "/api/v1/agents/nobody@agents.localhost/name", "", "{\"name\":\"N\"}")->status,
        404);
}

/* --- the ledger on access --- */

static bool is_shut_out(enum ledger_whom whom, const char *name)
{
    struct ledger_access access;
    bool out;

    assert_int_equal(ledger_read_access(the_core.role->settings->storage_dir, 0, &access), OK);
    out = ledger_shuts_out(&access, whom, ledger_id(whom, name));
    free(access.lines);
    return out;
}

static void whose_access_ends__is_kept_out_of_what_a_backup_brings_back(void **state)
{
    static const char anna[] = "{\"jid\":\"anna@agents.example\",\"name\":\"Anna\"}",
                      vera[] = "{\"user\":\"vera\",\"role\":\"analyst\",\"tenants\":[\"acme\"]}";
    const struct heard *answer;
    char id[ID_TEXT_BYTES], path[96];

    (void)state;
    answer = ask("POST", "/api/v1/tokens", "", "{\"role\":\"admin\"}");
    assert_int_equal(answer->status, 201);
    assert_true(slice_copy(slice_of(text_at(answer, "id")), id, sizeof(id)));
    (void)snprintf(path, sizeof(path), "/api/v1/tokens/%s", id);
    assert_int_equal(ask("DELETE", path, "", "")->status, 204);
    assert_true(is_shut_out(LEDGER_TOKEN, id));

    assert_int_equal(ask("POST", "/api/v1/agents", "", anna)->status, 201);
    assert_int_equal(ask("POST", "/api/v1/agents/anna@agents.example/revoke", "", "{}")->status,
                     200);
    assert_true(is_shut_out(LEDGER_AGENT, "anna@agents.example"));
    assert_int_equal(ask("POST", "/api/v1/agents", "", anna)->status, 201);
    assert_false(is_shut_out(LEDGER_AGENT, "anna@agents.example"));

    assert_int_equal(ask("POST", "/api/v1/users", "", vera)->status, 201);
    assert_int_equal(ask("PATCH", "/api/v1/users/vera", "", "{\"disabled\":true}")->status, 200);
    assert_true(is_shut_out(LEDGER_USER, "vera"));
    assert_int_equal(ask("PATCH", "/api/v1/users/vera", "", "{\"disabled\":false}")->status, 200);
    assert_false(is_shut_out(LEDGER_USER, "vera"));
    assert_int_equal(ask("DELETE", "/api/v1/users/vera", "", "")->status, 204);
    assert_true(is_shut_out(LEDGER_USER, "vera"));
    assert_int_equal(ask("POST", "/api/v1/users", "", vera)->status, 201);
    assert_true(is_shut_out(LEDGER_USER, "vera")); /* the one of then may have been another */
}

#define CASE(name)    cmocka_unit_test_setup_teardown(name, start, double_teardown)
#define VISITED(name) cmocka_unit_test_setup_teardown(name, start_visited, stop_visited)

RUN(CASE(a_tenant__is_called_otherwise_and_stands_elsewhere__at_once_and_after_a_restart),
    CASE(a_change_that_cannot_be__changes_nothing),
    CASE(a_site__comes_and_goes_and_the_last_one_stays), CASE(sites__have_an_end),
    CASE(an_agent__gets_another_name),
    CASE(a_tenant__is_live_in_the_directory_only_when_it_is_whole),
    VISITED(the_first__need_not_wait),
    VISITED(the_next__has_its_turn_later_and_holds_its_name_till_then),
    VISITED(a_turn__comes_and_the_one_after_it_later),
    VISITED(one_that_is_imported__waits_its_turn_and_holds_its_name_till_then),
    CASE(one_that_is_enabled__waits_its_turn_too),
    CASE(one_whose_caller_is_shut_out_meanwhile__never_has_its_turn),
    CASE(one_that_is_renamed_or_removed_in_its_turn__is_not_enabled),
    VISITED(too_many_at_once__are_sent_away_for_now), VISITED(where_nobody_chats__nobody_waits),
    CASE(a_half_added_tenant__is_undone_at_the_next_start), CASE(removing__goes_in_order),
    CASE(one_on_its_way_out__is_neither_renamed_nor_removed_a_second_time),
    CASE(a_certificate__tells_what_went_and_when),
    CASE(a_removal_the_server_does_not_follow__stays_marked_and_tells),
    CASE(a_name_used_again__shows_nothing_of_who_had_it_before),
    CASE(a_disabled_tenant__keeps_all_and_serves_nobody),
    CASE(a_renamed_tenant__is_found_by_both_names),
    CASE(a_name_that_may_not_be__is_refused__with_why),
    CASE(the_name_of_a_tenant_that_was_removed__is_free),
    CASE(a_disabled_tenant__is_renamed_and_stays_disabled),
    CASE(a_folder_in_the_way__is_told_before_anything_is_done),
    CASE(the_same_sent_again__is_answered_the_same), CASE(what_cannot_follow__follows_later),
    CASE(whose_access_ends__is_kept_out_of_what_a_backup_brings_back))
