/* SPDX-License-Identifier: Apache-2.0
 *
 * What a document must be, and what is to be done so that what is found becomes what is wanted.
 */
#include "base/auto.h"
#include "lasnactl/apply/apply.h"
#include "tests/support/cmocka.h"

#include <string.h>

static json_t *json_of(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);

    assert_non_null(json);
    return json;
}

static json_t *read_of(const char *text)
{
    AUTO_BUF problem;
    json_t *read;

    buf_init(&problem, 4096);
    read = apply_read(text, strlen(text), &problem);
    if (read == NULL)
        fail_msg("%.*s", SLICE_ARG(buf_slice(&problem)));
    return read;
}

static void is_refused(const char *text, const char *expected)
{
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    assert_null(apply_read(text, strlen(text), &problem));
    buf_add(&problem, "", 1);
    assert_string_equal(problem.data, expected);
}

/* An instance with one tenant and two agents, one of them revoked. */
static json_t *found(void)
{
    return json_of(
        "{\"lasna\":\"tenants/1\",\"agents\":["
        "{\"jid\":\"anna@agents.example\",\"name\":\"Anna\",\"limit\":0,\"revoked\":false},"
        "{\"jid\":\"otto@agents.example\",\"name\":\"Otto\",\"limit\":0,\"revoked\":true}],"
        "\"tenants\":[{\"tenant\":\"acme\",\"name\":\"Acme\",\"languages\":[\"en\"],"
        "\"disabled\":false,\"identity\":{\"required\":false,\"key\":false},"
        "\"sites\":[{\"origins\":[\"https://acme.example\"],\"settings\":{}}],"
        "\"settings\":{\"routing.offer_ms\":\"20000\",\"widget.side\":\"left\"},"
        "\"agents\":[{\"jid\":\"anna@agents.example\",\"role\":\"agent\",\"skills\":[],"
        "\"limit\":3,\"persona\":null,\"signature\":null}]}],"
        "\"all\":[{\"tenant\":\"acme\",\"former_names\":[\"acme-old\"],"
        "\"origins\":[\"https://acme.example\"]}]}");
}

/* The lines of a plan, each ended; "": nothing to do. */
static void plan_is(const char *tenants, bool prune, const char *expected)
{
    AUTO_JSON there = found();
    AUTO_JSON wanted = NULL;
    AUTO_JSON plan = NULL;
    AUTO_BUF problem;
    char *lines = NULL;
    size_t len;
    FILE *to = open_memstream(&lines, &len);

    buf_init(&problem, 4096);
    assert_non_null(to);
    wanted = read_of(tenants);
    plan = apply_compare(wanted, there, prune, &problem);
    assert_non_null(plan);
    apply_print(plan, 0, "", to);
    assert_int_equal(fclose(to), 0);
    assert_string_equal(lines, expected);
    free(lines);
}

static void plan_cannot_be(const char *document, const char *expected)
{
    AUTO_JSON there = found();
    AUTO_JSON wanted = read_of(document);
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    assert_null(apply_compare(wanted, there, false, &problem));
    buf_add(&problem, "", 1);
    assert_string_equal(problem.data, expected);
}

#define TENANTS(text) "{\"lasna\":\"tenants/1\",\"tenants\":[" text "]}"
#define ACME(text)    TENANTS("{\"tenant\":\"acme\"," text "}")

static void what_is_not_said_stays(void **state)
{
    (void)state;
    plan_is(TENANTS("{\"tenant\":\"acme\"}"), true, "");
    plan_is(TENANTS(""), true, "");
}

static void what_differs_is_changed_alone(void **state)
{
    (void)state;
    plan_is(ACME("\"name\":\"Acme\",\"languages\":[\"fi\",\"en\"],"
                 "\"settings\":{\"routing.offer_ms\":\"30s\",\"widget.side\":\"left\"},"
                 "\"identity\":{\"required\":true},\"disabled\":true"),
            false,
            "~ acme languages en → fi,en\n"
            "~ acme routing.offer_ms 20000 → 30000\n"
            "~ acme identity.required no → yes, with a key: `lasnactl identity renew` shows one\n"
            "~ acme disabled no → yes\n");
}

static void what_is_spelt_otherwise_does_not_differ(void **state)
{
    (void)state;
    plan_is(ACME("\"settings\":{\"routing.offer_ms\":\"20s\"},"
                 "\"sites\":[{\"origins\":[\"https://Acme.example:443\"]}],"
                 "\"agents\":[{\"jid\":\"Anna@Agents.example\"}]"),
            false, "");
}

static void a_null_takes_a_setting_back_and_prune_all_that_is_not_told(void **state)
{
    (void)state;
    plan_is(ACME("\"settings\":{\"routing.offer_ms\":null,\"widget.theme\":null}"), false,
            "- acme routing.offer_ms 20000\n");
    plan_is(ACME("\"settings\":{},\"agents\":[]"), false, "");
    plan_is(ACME("\"settings\":{},\"agents\":[]"), true,
            "- acme routing.offer_ms 20000\n"
            "- acme widget.side left\n"
            "- anna@agents.example from acme\n");
}

/* 64 x 64 pixels, as far as anybody looks; the second one with a comment. */
#define PICTURE  "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAuc3VtAAAAAElFTkQuc3Vt"
#define NOTED    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAuc3VtAAAAA3RFWHRDAEouc3VtAAAAAElFTkQuc3Vt"
#define OF(what) "{\"lasna\":\"tenants/1\",\"tenants\":[{\"tenant\":\"acme\"," what "}]}"

static void a_picture_is_put_or_taken_away_by_itself(void **state)
{
    AUTO_JSON wanted = read_of(OF("\"avatar\":\"" NOTED "\""));
    const json_t *acme = json_array_get(json_object_get(wanted, "tenants"), 0);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(acme, "avatar")), PICTURE);
    plan_is(OF("\"avatar\":\"" PICTURE "\""), false, "+ acme avatar\n");
    plan_is(OF("\"avatar\":null"), false, "");
    plan_is(OF("\"agents\":[{\"jid\":\"anna@agents.example\",\"avatar\":\"" PICTURE "\"}]"), false,
            "+ anna@agents.example at acme avatar\n");
    plan_is(OF("\"agents\":[{\"jid\":\"anna@agents.example\",\"avatar\":null}]"), true, "");
    is_refused(OF("\"avatar\":\"anna.png\""),
               "tenants[0].avatar must be a picture's bytes in base64, as `base64 -w0 FILE` gives "
               "them.");
    is_refused(OF("\"agents\":[{\"jid\":\"anna@agents.example\",\"avatar\":\"PHN2Zy8+\"}]"),
               "tenants[0].agents[0].avatar cannot be: It is no whole PNG, JPEG or WebP picture.");
}

static void a_new_tenant_gets_all_of_it(void **state)
{
    (void)state;
    plan_is("{\"lasna\":\"tenants/1\","
            "\"agents\":[{\"jid\":\"bea@agents.example\",\"name\":\"Bea\",\"limit\":4}],"
            "\"tenants\":[{\"tenant\":\"cumulus\",\"name\":\"Cumulus\","
            "\"sites\":[{\"origins\":[\"https://cumulus.example\"],"
            "\"settings\":{\"widget.side\":\"left\"}}],\"disabled\":false,"
            "\"identity\":{\"required\":false},"
            "\"agents\":[{\"jid\":\"bea@agents.example\"}]}]}",
            true,
            "+ agent bea@agents.example\n"
            "~ agent bea@agents.example limit 0 → 4\n"
            "+ tenant cumulus\n"
            "~ cumulus site 1 widget.side - → left\n"
            "+ bea@agents.example to cumulus\n");
}

static void a_request_is_what_the_api_takes(void **state)
{
    AUTO_JSON there = found();
    AUTO_JSON wanted = read_of(ACME("\"sites\":[{\"origins\":[\"https://a.example\"]}],"
                                    "\"agents\":[{\"jid\":\"anna@agents.example\",\"limit\":5}]"));
    AUTO_JSON expected =
        json_of("[{\"lines\":[\"~ acme site 1 origins https://acme.example → https://a.example\"],"
                "\"method\":\"PATCH\",\"path\":\"/tenants/acme\","
                "\"body\":{\"origins\":[\"https://a.example\"]},"
                "\"site_of\":\"acme\",\"site_place\":0},"
                "{\"lines\":[\"~ anna@agents.example at acme limit 3 → 5\"],"
                "\"method\":\"POST\",\"path\":\"/tenants/acme/agents\","
                "\"body\":{\"jid\":\"anna@agents.example\",\"role\":\"agent\",\"skills\":[],"
                "\"limit\":5}}]");
    AUTO_JSON plan = NULL;
    AUTO_BUF problem;

    (void)state;
    buf_init(&problem, 4096);
    plan = apply_compare(wanted, there, true, &problem);
    assert_true(json_equal(plan, expected));
}

static void a_site_more_than_there_are_is_added(void **state)
{
    (void)state;
    plan_is(ACME("\"sites\":[{\"origins\":[\"https://acme.example\"]},"
                 "{\"origins\":[\"https://shop.acme.example\"],"
                 "\"settings\":{\"widget.side\":\"left\"}}]"),
            true,
            "+ acme site 2 https://shop.acme.example\n"
            "~ acme site 2 widget.side - → left\n");
    plan_is(ACME("\"sites\":[{\"origins\":[\"https://acme.example\"]}]"), true, "");
}

static void what_cannot_come_about_is_told_before_anything_is_done(void **state)
{
    (void)state;
    plan_cannot_be(TENANTS("{\"tenant\":\"cumulus\"}"),
                   "tenants[0].sites is missing: cumulus is not there yet, and a new tenant needs "
                   "an origin.");
    plan_cannot_be(ACME("\"agents\":[{\"jid\":\"nobody@agents.example\"}]"),
                   "tenants[0].agents[0].jid: nobody@agents.example is no agent here, and not "
                   "among the document's \"agents\".");
    plan_cannot_be(ACME("\"agents\":[{\"jid\":\"otto@agents.example\"}]"),
                   "tenants[0].agents[0].jid: otto@agents.example was revoked here. Take it out, "
                   "or add it again first (`lasnactl agent add`).");
    plan_cannot_be("{\"lasna\":\"tenants/1\",\"tenants\":[],"
                   "\"agents\":[{\"jid\":\"anna@agents.example\",\"name\":\"Ann\"}]}",
                   "agents[0].name: anna@agents.example is called \"Anna\" here, and agents keep "
                   "their names. Write that, or leave \"name\" out.");
}

static void a_tenant_that_was_renamed_is_not_made_a_second_time(void **state)
{
    (void)state;
    plan_cannot_be(TENANTS("{\"tenant\":\"acme-old\"}"),
                   "tenants[0].tenant: acme-old is called acme here. Write that.");
    plan_cannot_be(TENANTS("{\"tenant\":\"acme-oy\","
                           "\"sites\":[{\"origins\":[\"https://acme.example\"]}]}"),
                   "tenants[0].tenant: there is no acme-oy, but acme with the same origin. Is it "
                   "that one, `lasnactl tenant rename acme acme-oy` first; is it another, let the "
                   "document name acme, too.");
    plan_is(TENANTS("{\"tenant\":\"acme\"},{\"tenant\":\"acme-oy\","
                    "\"sites\":[{\"origins\":[\"https://acme.example\"]}]}"),
            false, "+ tenant acme-oy\n");
}

static void a_document_that_cannot_be_is_refused_with_its_place(void **state)
{
    (void)state;
    is_refused("[]", "the document must be an object.");
    is_refused("{\"tenants\":[]}", "lasna is missing.");
    is_refused("{\"lasna\":\"tenants/2\",\"tenants\":[]}", "lasna must be \"tenants/1\".");
    is_refused(TENANTS("{\"tenant\":\"acme\",\"nmae\":\"Acme\"}"),
               "tenants[0] has an unknown member \"nmae\".");
    is_refused(TENANTS("{\"tenant\":\"acme\"},{\"tenant\":\"acme\"}"),
               "tenants[1] stands there twice.");
    is_refused(TENANTS("{\"tenant\":\"Acme\"}"),
               "tenants[0].tenant must be 1 to 32 of a-z, 0-9 and inner hyphens, and none of the "
               "names we keep.");
    is_refused(ACME("\"settings\":[]"), "tenants[0].settings must be an object.");
    is_refused(ACME("\"sites\":[{\"origins\":[\"acme.example\"]}]"),
               "tenants[0].sites[0].origins[0] must be an origin: https://acme.example, without a "
               "path.");
    is_refused(ACME("\"agents\":[{\"jid\":\"anna@agents.example\",\"limit\":\"3\"}]"),
               "tenants[0].agents[0].limit must be a number from 1 to 100.");
    is_refused(ACME("\"agents\":[{\"jid\":\"anna@agents.example\",\"skills\":[\"FI\"]}]"),
               "tenants[0].agents[0].skills[0] must be one word without capitals.");
    is_refused(ACME("\"agents\":[{\"jid\":\"anna@agents.example\",\"skills\":["
                    "\"123456789012345678901234567890123\"]}]"),
               "tenants[0].agents[0].skills[0] must be one word without capitals.");
    is_refused(ACME("\"languages\":[\"fi\",\"f\"]"),
               "tenants[0].languages[1] must be a language: fi, en-gb.");
    is_refused(ACME("\"identity\":{}"), "tenants[0].identity.required is missing.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_stays),
        cmocka_unit_test(what_differs_is_changed_alone),
        cmocka_unit_test(what_is_spelt_otherwise_does_not_differ),
        cmocka_unit_test(a_null_takes_a_setting_back_and_prune_all_that_is_not_told),
        cmocka_unit_test(a_picture_is_put_or_taken_away_by_itself),
        cmocka_unit_test(a_new_tenant_gets_all_of_it),
        cmocka_unit_test(a_request_is_what_the_api_takes),
        cmocka_unit_test(a_site_more_than_there_are_is_added),
        cmocka_unit_test(what_cannot_come_about_is_told_before_anything_is_done),
        cmocka_unit_test(a_tenant_that_was_renamed_is_not_made_a_second_time),
        cmocka_unit_test(a_document_that_cannot_be_is_refused_with_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
