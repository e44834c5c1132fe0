/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/json.h"
#include "server-bridge/core/outward/outward.h"
#include "tests/support/cmocka.h"

static struct notice a_notice(enum hook_event event)
{
    return (struct notice){ .event = event,
                            .notice = { { { 7 } } },
                            .at_ms = 1700000000000,
                            .about = { .conversation = { { { 1 } } },
                                       .visitor = { { { 2 } } },
                                       .site = { { { 3 } } },
                                       .language = SLICE_LITERAL("fi"),
                                       .stage = SLICE_LITERAL("new"),
                                       .opened_ms = 1699999999000,
                                       .ended_ms = 1700000000000,
                                       .end_reason = SLICE_LITERAL("visitor"),
                                       .outcome = SLICE_LITERAL("solved"),
                                       .tags = SLICE_LITERAL("[\"billing\"]"),
                                       .survey = SLICE_LITERAL(
                                           "{\"csat\":5,\"nps\":9,\"comment\":\"Maria says hi\"}"),
                                       .visitor_name = SLICE_LITERAL("Maria"),
                                       .email = SLICE_LITERAL("maria@buyer.example"),
                                       .attributes = SLICE_LITERAL("{\"plan\":\"Maria's\"}"),
                                       .agent = SLICE_LITERAL("anna@agents.example"),
                                       .last_seq = 4 },
                            .message = { .seq = 2,
                                         .from = FROM_VISITOR,
                                         .sender = SLICE_LITERAL("visitor"),
                                         .name = SLICE_LITERAL("Maria"),
                                         .at_ms = 1700000000000,
                                         .text = SLICE_LITERAL("It is me, Maria") },
                            .detail = SLICE_LITERAL("{\"number\":\"+358 40 1\"}"),
                            .kind = SLICE_LITERAL("callback"),
                            .agent = SLICE_LITERAL("Anna") };
}

/* The caller frees it. */
static char *composed(enum hook_event event, bool texts)
{
    struct notice notice = a_notice(event);
    AUTO_BUF body;

    buf_init(&body, 65536);
    notice_compose(&notice, "acme", texts, &body);
    assert_false(buf_failed(&body));
    return slice_dup(buf_slice(&body));
}

#define HEAD(type, second)                                                                \
    "{\"type\":\"" type "\",\"id\":\"a4aaaaaaaaaaaaaaaaaaaaaaaa\",\"timestamp\":"         \
    "\"2023-11-14T22:13:20.000Z\",\"tenant\":\"acme\",\"data\":{\"conversation\":"        \
    "\"aeaaaaaaaaaaaaaaaaaaaaaaaa\",\"visitor\":\"aiaaaaaaaaaaaaaaaaaaaaaaaa\",\"site\":" \
    "\"amaaaaaaaaaaaaaaaaaaaaaaaa\",\"language\":\"fi\",\"stage\":\"new\"," second "}}"

static void each_event__says_what_is_documented(void **state)
{
    static const char *const bodies[HOOK_EVENT_COUNT] = {
        [HOOK_STARTED] = HEAD("conversation.started", "\"opened_at\":\"2023-11-14T22:13:19.000Z\""),
        [HOOK_ENDED] =
            HEAD("conversation.ended",
                 "\"opened_at\":\"2023-11-14T22:13:19.000Z\",\"ended_at\":\"2023-11-14T22:13:20."
                 "000Z\",\"reason\":\"visitor\",\"outcome\":\"solved\",\"tags\":[\"billing\"],"
                 "\"messages\":4"),
        [HOOK_MESSAGE] = HEAD("message", "\"seq\":2,\"from\":\"visitor\",\"origin\":\"typed\","
                                         "\"at\":\"2023-11-14T22:13:20.000Z\""),
        [HOOK_SURVEY] = HEAD("survey", "\"csat\":5,\"nps\":9,\"effort\":null"),
        [HOOK_OFFLINE] = HEAD("offline_form", "\"opened_at\":\"2023-11-14T22:13:19.000Z\""),
        [HOOK_CALLBACK] = HEAD(
            "callback",
            "\"kind\":\"callback\",\"number\":\"+358 40 1\",\"to\":null,\"time\":null,\"for\":null,"
            "\"agent\":\"Anna\""),
    };

    (void)state;
    for (int i = 0; i < HOOK_EVENT_COUNT; i++) {
        AUTO_MEM char *body = composed((enum hook_event)i, false);

        assert_string_equal(body, bodies[i]);
    }
}

static void nothing_that_names_a_visitor__leaves_unasked(void **state)
{
    (void)state;
    for (int i = 0; i < HOOK_EVENT_COUNT; i++) {
        AUTO_MEM char *body = composed((enum hook_event)i, false);

        assert_null(strstr(body, "Maria"));
        assert_null(strstr(body, "@"));
    }
}

static void texts__go_along_where_they_are_asked_for(void **state)
{
    AUTO_MEM char *message = composed(HOOK_MESSAGE, true);
    AUTO_MEM char *survey = composed(HOOK_SURVEY, true);
    AUTO_MEM char *form = composed(HOOK_OFFLINE, true);

    (void)state;
    assert_non_null(strstr(message, "\"text\":\"It is me, Maria\""));
    assert_non_null(strstr(survey, "\"comment\":\"Maria says hi\""));
    assert_non_null(strstr(form, "\"name\":\"Maria\",\"email\":\"maria@buyer.example\",\"text\":"));
}

static void what_was_kept_badly__leaves_nothing_out_of_order(void **state)
{
    struct notice notice = a_notice(HOOK_SURVEY);
    AUTO_BUF body;
    AUTO_JSON json = NULL;

    (void)state;
    notice.about.survey = SLICE_LITERAL("{\"csat\":");
    notice.about.language = SLICE_NONE;
    buf_init(&body, 65536);
    notice_compose(&notice, "acme", true, &body);
    assert_int_equal(json_read(buf_slice(&body), &json), OK);
    assert_true(json_is_null(json_object_get(json_object_get(json, "data"), "csat")));
}

static void a_signature__covers_id_time_and_body(void **state)
{
    const char *secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const struct notice_id id = { { { 7 } } }, other = { { { 8 } } };
    AUTO_BUF headers, again;

    (void)state;
    buf_init(&headers, 4096);
    buf_init(&again, 4096);
    notice_sign(id, 1700000000999, secret, "", SLICE_LITERAL("{}"), &headers);
    /* printf '%s' 'a4aaaaaaaaaaaaaaaaaaaaaaaa.1700000000.{}' | openssl dgst -sha256 -mac HMAC
     * -macopt hexkey:000102…1f -binary | base64 */
    assert_string_equal(headers.data,
                        "Content-Type: application/json\n"
                        "webhook-id: a4aaaaaaaaaaaaaaaaaaaaaaaa\n"
                        "webhook-timestamp: 1700000000\n"
                        "webhook-signature: v1,KpAZWkYPWxnsmmkpmPyCJdoUuYHu7ET22by4JzQpmOM=\n");
    notice_sign(id, 1700000000999, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", secret,
                SLICE_LITERAL("{}"), &again); /* the old one beside the new */
    assert_non_null(strstr(again.data, " v1,KpAZWkYPWxnsmmkpmPyCJdoUuYHu7ET22by4JzQpmOM=\n"));
    buf_clear(&again);
    notice_sign(other, 1700000000999, secret, "", SLICE_LITERAL("{}"), &again);
    assert_string_not_equal(strstr(headers.data, "v1,"), strstr(again.data, "v1,"));
    buf_clear(&again);
    notice_sign(id, 1700000001000, secret, "", SLICE_LITERAL("{}"), &again);
    assert_string_not_equal(strstr(headers.data, "v1,"), strstr(again.data, "v1,"));
    buf_clear(&again);
    notice_sign(id, 1700000000999, secret, "", SLICE_LITERAL("{ }"), &again);
    assert_string_not_equal(strstr(headers.data, "v1,"), strstr(again.data, "v1,"));
}

static void every_secret__is_another(void **state)
{
    char first[HOOK_SECRET_BYTES], second[HOOK_SECRET_BYTES];

    (void)state;
    hook_secret_new(first);
    hook_secret_new(second);
    assert_int_equal(strlen(first), HOOK_SECRET_BYTES - 1);
    assert_true(slice_starts_with(slice_of(first), "whsec_"));
    assert_string_not_equal(first, second);
}

RUN(cmocka_unit_test(each_event__says_what_is_documented),
    cmocka_unit_test(nothing_that_names_a_visitor__leaves_unasked),
    cmocka_unit_test(texts__go_along_where_they_are_asked_for),
    cmocka_unit_test(what_was_kept_badly__leaves_nothing_out_of_order),
    cmocka_unit_test(a_signature__covers_id_time_and_body),
    cmocka_unit_test(every_secret__is_another))
