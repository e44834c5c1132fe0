/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/access_record.h"

#include "base/buf.h"
#include "storage/directory/tokens.h"
#include "storage/directory/users.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#include <stdio.h>

static char *dir;
static struct directory *directory;
static struct access_question question;
static struct buf told;

static int start(void **state)
{
    const struct tenant acme = { .name = { "acme" },
                                 .title = "Acme",
                                 .domain = "acme.chat.example",
                                 .languages = "en",
                                 .secret = "",
                                 .settings = "{}",
                                 .created_ms = 100 };

    (void)state;
    dir = scratch_new();
    assert_int_equal(directory_open(&directory, dir), OK);
    assert_int_equal(directory_tenant_add(directory, &acme), OK);
    question = (struct access_question){
        .dir = dir, .tenant = acme.name, .created_ms = 100, .now_ms = 100000
    };
    buf_init(&told, 65536);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    directory = directory_close(directory);
    buf_release(&told);
    scratch_free(dir);
    return 0;
}

static void entry(uint64_t at_ms, const char *action, const char *tenant, const char *detail)
{
    const struct audit_entry next = { .at_ms = at_ms,
                                      .who = SLICE_LITERAL("operator"),
                                      .action = slice_of(action),
                                      .tenant = slice_of(tenant),
                                      .detail = slice_of(detail) };

    assert_int_equal(directory_audit_add(directory, &next), OK);
}

static int tell_span(void *context, const struct access_span *span)
{
    buf_addf(context, "%.*s %.*s%s %u-%u; ", SLICE_ARG(span->who), SLICE_ARG(span->role),
             span->everywhere ? "*" : "", (unsigned)span->from_ms, (unsigned)span->until_ms);
    return 0;
}

static void assert_could(const char *expected)
{
    told.len = 0;
    buf_add_text(&told, "");
    assert_int_equal(access_could(&question, tell_span, &told), OK);
    assert_int_equal(told.len, strlen(expected));
    assert_memory_equal(told.len == 0 ? "" : told.data, expected, told.len);
}

static void an_agent__could_from_the_assignment_to_its_end(void **state)
{
    (void)state;
    entry(1000, "member_set", "acme", "jid=anna@agents.example role=agent");
    entry(1500, "member_set", "acme", "jid=anna@agents.example role=agent"); /* another limit */
    entry(1600, "member_set", "borealis", "jid=ben@agents.example role=agent");
    entry(2000, "member_set", "acme", "jid=anna@agents.example role=supervisor");
    entry(3000, "member_remove", "acme", "jid=anna@agents.example");
    entry(4000, "member_set", "acme", "jid=anna@agents.example role=agent");
    entry(4500, "agent_revoke", "borealis", "jid=anna@agents.example");
    entry(5000, "agent_revoke", "acme", "jid=anna@agents.example");
    assert_could("anna@agents.example agent 1000-2000; anna@agents.example supervisor 2000-3000; "
                 "anna@agents.example agent 4000-5000; ");
}

static void a_token__could_until_it_was_revoked_or_ran_out(void **state)
{
    const struct access_token token = { .id = "aaaaaaaaaaaaaaaaaaaaaaaaaa",
                                        .role = ROLE_ANALYST,
                                        .tenant = { "acme" },
                                        .label = SLICE_LITERAL("reports"),
                                        .created_ms = 1000,
                                        .expires_ms = 9000 };
    const struct digest hash = digest_sha256(SLICE_LITERAL("secret"));

    (void)state;
    assert_int_equal(directory_token_add(directory, &token, &hash), OK);
    entry(1000, "token_create", "acme", "token=aaaaaaaaaaaaaaaaaaaaaaaaaa role=analyst");
    entry(1100, "token_create", "borealis", "token=b role=analyst");
    entry(1200, "token_create", "", "token=c role=admin");
    entry(1300, "token_revoke", "", "id=c");
    assert_could("token:aaaaaaaaaaaaaaaaaaaaaaaaaa analyst 1000-9000; token:c admin* 1200-1300; ");
    question.now_ms = 8000;
    assert_could("token:aaaaaaaaaaaaaaaaaaaaaaaaaa analyst 1000-0; token:c admin* 1200-1300; ");
}

static void a_user__could_while_the_tenant_was_among_theirs(void **state)
{
    (void)state;
    entry(1000, "user_add", "", "user=vera role=analyst tenants=\"borealis\"");
    entry(2000, "user_change", "", "user=vera role=analyst tenants=\"acme borealis\" disabled=0");
    entry(3000, "user_change", "", "user=vera role=analyst tenants=\"acme borealis\" disabled=1");
    entry(4000, "user_change", "", "user=vera role=supervisor tenants=\"acme\" disabled=0");
    entry(5000, "user_remove", "", "user=vera");
    entry(6000, "user_add", "", "user=root role=admin tenants=\"\"");
    entry(7000, "user_add", "", "user=acmes role=analyst tenants=\"acme-two\"");
    assert_could("user:vera analyst 2000-3000; user:vera supervisor 4000-5000; "
                 "user:root admin* 6000-0; ");
}

static void a_user_of_a_tenants_admin__could_like_any_other(void **state)
{
    (void)state;
    entry(1000, "tenant_user_add", "acme", "user=vera role=analyst tenants=\"acme\"");
    entry(2000, "tenant_user_change", "acme",
          "user=vera role=supervisor tenants=\"acme\" disabled=0");
    entry(2500, "tenant_user_add", "borealis", "user=bea role=analyst tenants=\"borealis\"");
    entry(3000, "tenant_user_change", "borealis", /* by who sees both */
          "user=vera role=analyst tenants=\"acme borealis\" disabled=0");
    entry(4000, "tenant_user_remove", "acme", "user=vera");
    entry(5000, "user_add", "", "user=erik role=analyst tenants=\"acme\"");
    entry(6000, "tenant_user_change", "acme", "user=erik role=analyst tenants=\"acme\" disabled=1");
    assert_could("user:vera analyst 1000-2000; user:vera supervisor 2000-3000; "
                 "user:vera analyst 3000-4000; user:erik analyst 5000-6000; ");
}

/* The audit calls it as it was called then. */
static void a_tenant_that_was_renamed__is_told_of_both_times(void **state)
{
    const struct tenant_name acme = { "acme" }, acme_oy = { "acme-oy" };

    (void)state;
    entry(900, "member_set", "acme-oy", "jid=bo@agents.example role=agent"); /* another's then */
    entry(1000, "member_set", "acme", "jid=anna@agents.example role=agent");
    entry(1100, "user_add", "", "user=vera role=analyst tenants=\"acme\"");
    assert_int_equal(directory_tenant_rename(directory, &acme, &acme_oy, 2000), OK);
    entry(3000, "member_remove", "acme-oy", "jid=anna@agents.example");
    entry(3100, "user_change", "", "user=vera role=supervisor tenants=\"acme-oy\" disabled=0");
    entry(3200, "user_remove", "", "user=vera");
    question.tenant = acme_oy;
    assert_could("anna@agents.example agent 1000-3000; user:vera analyst 1100-3100; "
                 "user:vera supervisor 3100-3200; ");
}

static void what_ended_before__is_left_out(void **state)
{
    (void)state;
    entry(1000, "member_set", "acme", "jid=anna@agents.example role=agent");
    entry(1500, "member_remove", "acme", "jid=anna@agents.example");
    entry(2000, "member_set", "acme", "jid=ben@agents.example role=agent");
    question.since_ms = 1501;
    assert_could("ben@agents.example agent 2000-0; ");
    question.since_ms = 0;
    question.created_ms = 1501; /* what was before was another tenant's of that name */
    assert_could("ben@agents.example agent 2000-0; ");
}

static void who_came_along_untold__could_since_nobody_knows_when(void **state)
{
    const struct agent anna = { .jid = "anna@agents.example", .name = "Anna" };
    const struct membership member = { .tenant = { "acme" },
                                       .jid = "anna@agents.example",
                                       .persona = "",
                                       .skills = "",
                                       .role = AGENT_ROLE_AGENT,
                                       .limit = 3 };

    (void)state;
    assert_int_equal(directory_agent_add(directory, &anna), OK);
    assert_int_equal(directory_member_set(directory, &member), OK);
    assert_could("anna@agents.example agent 0-0; ");
}

static int tell_look(void *context, const struct access_look *look)
{
    buf_addf(context, "%.*s %.*s %u/%u %u-%u; ", SLICE_ARG(look->who), SLICE_ARG(look->action),
             (unsigned)look->times, (unsigned)look->things, (unsigned)look->first_ms,
             (unsigned)look->last_ms);
    return 0;
}

static void looks__are_counted_with_what_was_looked_at(void **state)
{
    (void)state;
    entry(50, "transcript_show", "acme", "id=old"); /* before this tenant was */
    entry(1000, "transcript_show", "acme", "id=a");
    entry(2000, "transcript_show", "acme", "id=a");
    entry(3000, "transcript_show", "acme", "id=b");
    entry(3000, "transcript_show", "borealis", "id=c");
    assert_int_equal(access_did(&question, tell_look, &told), OK);
    assert_string_equal(told.data, "operator transcript_show 3/2 1000-3000; ");
    question.since_ms = 2500;
    told.len = 0;
    assert_int_equal(access_did(&question, tell_look, &told), OK);
    assert_string_equal(told.data, "operator transcript_show 1/1 3000-3000; ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(an_agent__could_from_the_assignment_to_its_end),
    CASE(a_token__could_until_it_was_revoked_or_ran_out),
    CASE(a_user__could_while_the_tenant_was_among_theirs),
    CASE(a_user_of_a_tenants_admin__could_like_any_other),
    CASE(a_tenant_that_was_renamed__is_told_of_both_times), CASE(what_ended_before__is_left_out),
    CASE(who_came_along_untold__could_since_nobody_knows_when),
    CASE(looks__are_counted_with_what_was_looked_at))
