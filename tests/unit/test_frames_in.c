/* SPDX-License-Identifier: Apache-2.0
 *
 * Every frame of lasna.v1 that a browser may send, and every way to get it wrong. What the
 * core was told and what the browser heard are compared as lines of text.
 */
#include "tests/support/cmocka.h"
#include "tests/support/web_double.h"

#include <stdio.h>
#include <stdlib.h>

#define HELLO       "\"type\":\"hello\",\"site\":\"" DOUBLE_SITE_KEY "\""
#define POINTS_4000 4000
#define BAD_FRAME(why)                                           \
    "{\"type\":\"error\",\"code\":\"bad_frame\",\"text\":\"" why \
    "\",\"cid\":null,\"retry_after_ms\":null}\n"

static int live(void **state)
{
    (void)state;
    double_start();
    (void)double_session(DOUBLE_OWN, SESSION_LIVE);
    return 0;
}

static int greeting(void **state)
{
    (void)state;
    double_start();
    (void)double_session(DOUBLE_ORIGIN, SESSION_GREETING);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    double_stop();
    return 0;
}

static void says(const char *frame)
{
    frames_in(the_conn.session, slice_of(frame));
}

/* The frame is passed on to the core as this, and the browser hears nothing. */
static void assert_passes(const char *frame, const char *told)
{
    says(frame);
    assert_string_equal(double_told(), told);
    assert_string_equal(double_sent(), "");
}

/* The frame is refused with this code; the core hears nothing. */
static void assert_refused(const char *frame, const char *code)
{
    char wanted[64];
    const char *sent;

    (void)snprintf(wanted, sizeof(wanted), "{\"type\":\"error\",\"code\":\"%s\"", code);
    double_clock_ms += 1000;
    the_conn.session->bad_frames = 0; /* ten of them end it, which is a case of its own */
    says(frame);
    sent = double_sent();
    if (strncmp(sent, wanted, strlen(wanted)) != 0)
        fail_msg("%s\n  was answered: %s", frame, sent);
    assert_string_equal(double_told(), "");
}

/* {"type":"say","cid":"c","text":"<unit × count>"} */
static char *a_say(const char *unit, size_t count)
{
    static const char before[] = "{\"type\":\"say\",\"cid\":\"c\",\"text\":\"";
    char *frame = malloc(sizeof(before) + count * strlen(unit) + 3), *at = frame;

    assert_non_null(frame);
    at += sprintf(at, "%s", before);
    for (size_t i = 0; i < count; i++)
        at += sprintf(at, "%s", unit);
    (void)sprintf(at, "\"}");
    return frame;
}

static void assert_say_of(const char *unit, size_t count, const char *answer)
{
    char *frame = a_say(unit, count);

    double_clock_ms += 1000;
    says(frame);
    free(frame);
    if (answer == NULL) {
        assert_string_equal(double_sent(), "");
        assert_int_equal(strncmp(double_told(), "session_say ", 12), 0);
    } else {
        assert_non_null(strstr(double_sent(), answer));
        assert_string_equal(double_told(), "");
    }
}

/* --- hello --- */

static void hello__with_everything__reaches_the_core_whole(void **state)
{
    (void)state;
    assert_passes("{" HELLO
                  ",\"token\":\"tok\",\"conversation\":\"conv\",\"after\":7,\"lang\":\"fi\","
                  "\"page\":{\"url\":\"https://acme.example/hinnat\",\"title\":\"Hinnat\","
                  "\"referrer\":\"https://search.example/\"},\"identity\":\"a.b.c\","
                  "\"name\":\"Maija\",\"email\":\"maija@visitor.example\"}",
                  "session_hello tenant=[acme] token=[tok] conversation=[conv] after=7 "
                  "language=[fi] name=[Maija] email=[maija@visitor.example] identity=[a.b.c] "
                  "page_url=[https://acme.example/hinnat] page_title=[Hinnat] "
                  "referrer=[https://search.example/] address=[addr] hidden=false\n");
    assert_int_equal(the_conn.session->state, SESSION_WAITING);
}

static void hello__with_nulls_or_nothing__is_the_same(void **state)
{
    static const char told[] =
        "session_hello tenant=[acme] token=[] conversation=[] after=0 language=[] name=[] email=[] "
        "identity=[] page_url=[] page_title=[] referrer=[] address=[addr] hidden=false\n";

    (void)state;
    assert_passes("{" HELLO "}", told);
    the_conn.session->state = SESSION_GREETING;
    assert_passes("{" HELLO ",\"token\":null,\"conversation\":null,\"after\":null,\"lang\":null,"
                  "\"page\":null,\"identity\":null,\"name\":null,\"email\":null}",
                  told);
}

static void hello__with_a_long_page__is_cut_not_refused(void **state)
{
    char frame[9000], title[8000];

    (void)state;
    memset(title, 't', sizeof(title));
    title[sizeof(title) - 1] = '\0';
    (void)snprintf(frame, sizeof(frame), "{" HELLO ",\"page\":{\"url\":\"%s\",\"title\":\"%s\"}}",
                   title, "a\\nb\\u202ec");
    says(frame);
    assert_string_equal(double_sent(), "");
    assert_non_null(strstr(double_told(), "page_title=[a b c]"));
}

static void hello__with_a_member_of_the_wrong_kind__is_a_bad_frame(void **state)
{
    static const char *const members[] = {
        "\"token\":1",
        "\"token\":{}",
        "\"conversation\":[]",
        "\"after\":\"7\"",
        "\"after\":-1",
        "\"after\":1.5",
        "\"after\":4294967296",
        "\"lang\":true",
        "\"page\":\"x\"",
        "\"page\":{\"url\":1}",
        "\"page\":{\"title\":[]}",
        "\"page\":{\"referrer\":false}",
        "\"identity\":{}",
        "\"name\":7",
        "\"email\":[]",
        "\"name\":\"\\u0007\"",
        "\"email\":\"\\uffff\"",
    };
    char frame[256];

    (void)state;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        (void)snprintf(frame, sizeof(frame), "{" HELLO ",%s}", members[i]);
        assert_refused(frame, "bad_frame");
        assert_int_equal(the_conn.session->state, SESSION_GREETING);
    }
}

/* Longer than the core could be told: refused here, or the hello would vanish on the way. */
static void hello__with_a_member_too_long__is_a_bad_frame(void **state)
{
    static const struct {
        const char *key, *unit;
        size_t count;
    } members[] = {
        { "token", "a", 65 },  { "token", "\xc3\xa4", 33 }, { "conversation", "a", 65 },
        { "lang", "a", 36 },   { "lang", "\xc3\xa4", 18 },  { "name", "a", 61 },
        { "email", "a", 121 }, { "identity", "a", 4097 },   { "identity", "\xc3\xa4", 2049 },
    };
    char frame[8192];

    (void)state;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        size_t len = (size_t)snprintf(frame, sizeof(frame), "{" HELLO ",\"%s\":\"", members[i].key);

        for (size_t n = 0; n < members[i].count; n++)
            len += (size_t)snprintf(frame + len, sizeof(frame) - len, "%s", members[i].unit);
        (void)snprintf(frame + len, sizeof(frame) - len, "\"}");
        assert_refused(frame, "bad_frame");
    }
}

static void hello__for_an_unknown_site__closes_with_4002(void **state)
{
    (void)state;
    says("{\"type\":\"hello\",\"site\":\"kbbbbbbbbbbbbbbbbbbbbbbbbb\"}");
    assert_string_equal(double_sent(), "{\"type\":\"error\",\"code\":\"not_allowed\","
                                       "\"text\":\"There is no such site here.\",\"cid\":null,"
                                       "\"retry_after_ms\":null}\nclose 4002\n");
    assert_string_equal(double_told(), "");
}

static void hello__without_a_site__closes_with_4002(void **state)
{
    (void)state;
    says("{\"type\":\"hello\",\"site\":7}");
    assert_non_null(strstr(double_sent(), "close 4002\n"));
}

static void hello__from_another_sites_origin__closes_with_4002(void **state)
{
    const struct ipc_tenant_site other = { .tenant = SLICE_LITERAL("acme"),
                                           .site = { { 2 } },
                                           .key = SLICE_LITERAL("kcccccccccccccccccccccccca"),
                                           .origins = SLICE_LITERAL("https://b.example"),
                                           .config = SLICE_LITERAL("{}") };

    (void)state;
    sites_add(&the_web, &other);
    sites_told(&the_web, other.tenant);
    says("{\"type\":\"hello\",\"site\":\"kcccccccccccccccccccccccca\"}");
    assert_non_null(strstr(double_sent(), "close 4002\n"));
    assert_string_equal(double_told(), "");
}

static void anything_but_hello__first__closes_with_4001(void **state)
{
    (void)state;
    says("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"Hei\"}");
    assert_string_equal(double_sent(), "close 4001\n");
    assert_string_equal(double_told(), "");
}

static void hello__a_second_time__is_a_bad_frame(void **state)
{
    (void)state;
    says("{" HELLO "}");
    assert_string_equal(double_sent(), BAD_FRAME("Hello has been said."));
    assert_string_equal(double_told(), "");
}

static void frames__between_hello_and_welcome__wait_and_keep_their_order(void **state)
{
    (void)state;
    says("{" HELLO "}");
    (void)double_told();
    session_message(the_conn.session,
                    SLICE_LITERAL("{\"type\":\"say\",\"cid\":\"1\",\"text\":\"a\"}"));
    session_message(the_conn.session,
                    SLICE_LITERAL("{\"type\":\"say\",\"cid\":\"2\",\"text\":\"b\"}"));
    assert_string_equal(double_told(), "");
    session_welcomed(the_conn.session, false);
    assert_string_equal(double_told(),
                        "session_say cid=[1] text=[a] reply_to=0 request=[] detail=[]\n"
                        "session_say cid=[2] text=[b] reply_to=0 request=[] detail=[]\n");
}

static void frames__while_what_was_said_comes__wait_for_its_last_page(void **state)
{
    (void)state;
    says("{" HELLO "}");
    (void)double_told();
    session_welcomed(the_conn.session, true);
    session_message(the_conn.session,
                    SLICE_LITERAL("{\"type\":\"say\",\"cid\":\"1\",\"text\":\"a\"}"));
    session_send(the_conn.session, SLICE_LITERAL("{\"type\":\"pong\"}"));
    session_paged(the_conn.session, false);
    session_written(the_conn.session);
    assert_string_equal(double_told(), ""); /* a page is unsent */
    assert_string_equal(double_sent(), "{\"type\":\"pong\"}\n");
    session_written(the_conn.session);
    assert_string_equal(double_told(), "session_more\n");
    session_written(the_conn.session);
    assert_string_equal(double_told(), ""); /* each is asked for once */
    session_paged(the_conn.session, true);
    assert_string_equal(double_told(),
                        "session_say cid=[1] text=[a] reply_to=0 request=[] detail=[]\n");
}

#define TOO_FAST(cid)                                                                              \
    "{\"type\":\"error\",\"code\":\"too_fast\",\"text\":\"Too fast. Wait a moment.\",\"cid\":" cid \
    ",\"retry_after_ms\":1000}\n"

/* Words that are refused can be said again: the browser hears which. */
static void frames__too_many_before_the_welcome__are_too_fast(void **state)
{
    (void)state;
    says("{" HELLO "}");
    for (int i = 0; i < HELD_FRAMES_MAX; i++)
        session_message(the_conn.session, SLICE_LITERAL("{\"type\":\"end\"}"));
    assert_string_equal(double_sent(), "");
    session_message(the_conn.session,
                    SLICE_LITERAL("{\"type\":\"say\",\"cid\":\"c17\",\"text\":\"a\"}"));
    assert_string_equal(double_sent(), TOO_FAST("\"c17\""));
    session_message(the_conn.session, SLICE_LITERAL("no frame"));
    assert_string_equal(double_sent(), TOO_FAST("null"));
    session_message(the_conn.session, SLICE_LITERAL("[1]"));
    assert_string_equal(double_sent(), TOO_FAST("null"));
}

static void frames__too_long_together_before_the_welcome__are_too_fast(void **state)
{
    static char frame[HELD_BYTES_MAX / 2] = "{\"type\":\"say\",\"cid\":\"c\",\"text\":\"\"}";

    (void)state;
    memset(frame + strlen(frame), ' ', sizeof(frame) - strlen(frame));
    says("{" HELLO "}");
    for (int i = 0; i < 2; i++) {
        session_message(the_conn.session, (struct slice){ frame, sizeof(frame) });
        assert_string_equal(double_sent(), "");
    }
    session_message(the_conn.session, SLICE_LITERAL("{}"));
    assert_string_equal(double_sent(), TOO_FAST("null"));
    session_welcomed(the_conn.session, true);
    session_paged(the_conn.session, true); /* there is room again */
    (void)double_sent();
    session_welcomed(the_conn.session, true);
    session_message(the_conn.session, (struct slice){ frame, sizeof(frame) });
    assert_string_equal(double_sent(), "");
}

/* --- say --- */

static void say__with_a_text__reaches_the_core(void **state)
{
    (void)state;
    assert_passes(
        "{\"type\":\"say\",\"cid\":\"c-1\",\"text\":\"Hei, paljonko Pro maksaa?\","
        "\"reply_to\":3}",
        "session_say cid=[c-1] text=[Hei, paljonko Pro maksaa?] reply_to=3 request=[] detail=[]\n");
    assert_passes(
        "{\"type\":\"say\",\"cid\":\"c-2\",\"text\":\"x\",\"reply_to\":null,\"more\":[1]}",
        "session_say cid=[c-2] text=[x] reply_to=0 request=[] detail=[]\n");
}

static void say__in_decomposed_letters__is_brought_to_nfc(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"a\\u0308iti\"}",
                  "session_say cid=[c] text=[\xc3\xa4iti] reply_to=0 request=[] detail=[]\n");
}

static void say__with_windows_line_ends__has_unix_ones(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"a\\r\\nb\\rc\"}",
                  "session_say cid=[c] text=[a\nb\nc] reply_to=0 request=[] detail=[]\n");
}

static void say__of_4000_characters__passes_and_one_more_does_not(void **state)
{
    (void)state;
    assert_say_of("x", POINTS_4000, NULL);
    assert_say_of("x", POINTS_4000 + 1, "\"code\":\"too_long\"");
    assert_say_of("\xf0\x9f\x9a\x80", POINTS_4000, NULL);
    assert_say_of("\xf0\x9f\x9a\x80", POINTS_4000 + 1, "\"code\":\"too_long\"");
}

static void say__is_counted_after_nfc(void **state)
{
    (void)state;
    assert_say_of("a\xcc\x88", POINTS_4000, NULL);
    assert_say_of("a\xcc\x88", POINTS_4000 + 1, "\"code\":\"too_long\"");
}

static void say__that_is_too_long__names_its_cid(void **state)
{
    char *frame = a_say("x", POINTS_4000 + 1);

    (void)state;
    says(frame);
    free(frame);
    assert_string_equal(double_sent(), "{\"type\":\"error\",\"code\":\"too_long\","
                                       "\"text\":\"At most 4,000 characters, please.\","
                                       "\"cid\":\"c\",\"retry_after_ms\":null}\n");
}

static void say__of_nothing_to_see__is_bad_text(void **state)
{
    (void)state;
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"\"}", "bad_text");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\" \\n\\t\"}", "bad_text");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"\\u200b\\u2060\"}", "bad_text");
}

static void say__with_forbidden_characters__is_bad_text(void **state)
{
    (void)state;
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"a\\u0007\"}", "bad_text");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"a\\ufffe\"}", "bad_text");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"a\\ufdd0\"}", "bad_text");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"a\\u001b[2J\"}", "bad_text");
}

static void say__with_an_escaped_nul_or_lone_surrogate__is_bad_text(void **state)
{
    (void)state;
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"a\\u0000b\"}", "bad_text");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"\\ud83d\"}", "bad_text");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"\\ude80\\ud83d\"}", "bad_text");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"\xed\xa0\x80\"}",
                   "bad_frame"); /* raw */
}

static void say__with_members_of_the_wrong_kind__is_a_bad_frame(void **state)
{
    (void)state;
    assert_refused("{\"type\":\"say\",\"text\":\"x\"}", "bad_frame");
    assert_refused("{\"type\":\"say\",\"cid\":\"\",\"text\":\"x\"}", "bad_frame");
    assert_refused("{\"type\":\"say\",\"cid\":7,\"text\":\"x\"}", "bad_frame");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\"}", "bad_frame");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":null}", "bad_frame");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":[\"x\"]}", "bad_frame");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"x\",\"reply_to\":\"3\"}",
                   "bad_frame");
    assert_refused("{\"type\":\"say\",\"cid\":\"c\",\"text\":\"x\",\"reply_to\":-3}", "bad_frame");
}

static void say__with_a_cid_of_36_characters__passes_and_37_do_not(void **state)
{
    (void)state;
    assert_passes(
        "{\"type\":\"say\",\"cid\":\"123456789012345678901234567890123456\",\"text\":\"x\"}",
        "session_say cid=[123456789012345678901234567890123456] text=[x] reply_to=0 request=[] "
        "detail=[]\n");
    assert_refused(
        "{\"type\":\"say\",\"cid\":\"1234567890123456789012345678901234567\",\"text\":\"x\"}",
        "bad_frame");
}

/* --- the small ones --- */

static void say__with_a_request__tells_what_is_asked_for(void **state)
{
    (void)state;
    assert_passes(
        "{\"type\":\"say\",\"cid\":\"c1\",\"text\":\"Call me\",\"request\":{\"kind\":\"callback\","
        "\"to\":\"+358 40 1234567\",\"time\":\"tomorrow\"}}",
        "session_say cid=[c1] text=[Call me] reply_to=0 request=[callback] "
        "detail=[{\"number\":\"+358 40 1234567\",\"time\":\"tomorrow\"}]\n");
    assert_passes(
        "{\"type\":\"say\",\"cid\":\"c1\",\"text\":\"x\",\"request\":{\"kind\":\"meeting\","
        "\"to\":\"maria@buyer.example\"}}",
        "session_say cid=[c1] text=[x] reply_to=0 request=[meeting] "
        "detail=[{\"to\":\"maria@buyer.example\",\"time\":\"\"}]\n");
}

static void say__with_a_request_that_makes_no_sense__is_a_bad_frame(void **state)
{
    static const char *const requests[] = {
        "\"callback\"",
        "{}",
        "{\"kind\":\"money\",\"to\":\"x\"}",
        "{\"kind\":\"callback\"}",
        "{\"kind\":\"callback\",\"to\":\"\"}",
        "{\"kind\":\"callback\",\"to\":7}",
        "{\"kind\":\"meeting\",\"to\":\"x\",\"time\":[]}",
    };
    char frame[256];

    (void)state;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        (void)snprintf(frame, sizeof(frame),
                       "{\"type\":\"say\",\"cid\":\"c1\",\"text\":\"x\",\"request\":%s}",
                       requests[i]);
        assert_refused(frame, "bad_frame");
    }
}

static void stay__reaches_the_core(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"stay\"}", "session_stay\n");
}

static void earlier__names_a_conversation_or_none(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"earlier\",\"before\":\"conv\"}", "session_earlier before=[conv]\n");
    assert_passes("{\"type\":\"earlier\",\"before\":null}", "session_earlier before=[]\n");
    assert_refused("{\"type\":\"earlier\",\"before\":7}", "bad_frame");
}

static void forget__reaches_the_core(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"forget\"}", "session_forget\n");
}

static void mail_transcript__names_an_address(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"mail_transcript\",\"email\":\"vera@buyer.example\"}",
                  "session_mail to=[vera@buyer.example]\n");
    assert_refused("{\"type\":\"mail_transcript\"}", "bad_frame");
    assert_refused("{\"type\":\"mail_transcript\",\"email\":\"\"}", "bad_frame");
    assert_refused("{\"type\":\"mail_transcript\",\"email\":7}", "bad_frame");
}

static void typing__on_and_off__reaches_the_core(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"typing\",\"on\":true}", "session_typing on=true\n");
    assert_passes("{\"type\":\"typing\",\"on\":false}", "session_typing on=false\n");
    assert_refused("{\"type\":\"typing\"}", "bad_frame");
    assert_refused("{\"type\":\"typing\",\"on\":1}", "bad_frame");
    assert_refused("{\"type\":\"typing\",\"on\":\"true\"}", "bad_frame");
}

static void read__of_a_seq__reaches_the_core(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"read\",\"seq\":5}", "session_read seq=5\n");
    assert_refused("{\"type\":\"read\"}", "bad_frame");
    assert_refused("{\"type\":\"read\",\"seq\":0}", "bad_frame");
    assert_refused("{\"type\":\"read\",\"seq\":-5}", "bad_frame");
    assert_refused("{\"type\":\"read\",\"seq\":5.0}", "bad_frame");
    assert_refused("{\"type\":\"read\",\"seq\":\"5\"}", "bad_frame");
    assert_refused("{\"type\":\"read\",\"seq\":4294967296}", "bad_frame");
    assert_refused("{\"type\":\"read\",\"seq\":99999999999999999999}", "bad_frame");
}

static void page__is_one_line_each(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"page\",\"url\":\"https://acme.example/\",\"title\":\"A\\n\\tB\"}",
                  "session_page url=[https://acme.example/] title=[A B] hidden=false\n");
    assert_passes("{\"type\":\"page\"}", "session_page url=[] title=[] hidden=false\n");
    assert_passes("{\"type\":\"page\",\"hidden\":true}",
                  "session_page url=[] title=[] hidden=true\n");
    assert_refused("{\"type\":\"page\",\"url\":1}", "bad_frame");
    assert_refused("{\"type\":\"page\",\"title\":{}}", "bad_frame");
}

static void end__reaches_the_core(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"end\"}", "session_end\n");
}

static void survey__holds_only_what_was_answered(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"survey\",\"csat\":5,\"nps\":0,\"effort\":7,\"comment\":"
                  "\"\\\"Hyv\xc3\xa4\\\"\"}",
                  "session_survey detail=[{\"csat\":5,\"nps\":0,\"effort\":7,"
                  "\"comment\":\"\\\"Hyv\xc3\xa4\\\"\"}]\n");
    assert_passes("{\"type\":\"survey\",\"nps\":10,\"csat\":null}",
                  "session_survey detail=[{\"nps\":10}]\n");
    assert_passes("{\"type\":\"survey\",\"comment\":\"ok\"}",
                  "session_survey detail=[{\"comment\":\"ok\"}]\n");
}

static void react__tells_a_message_and_its_emojis(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"react\",\"seq\":5,\"emojis\":[\"👍\",\"❤️\"]}",
                  "session_react seq=5 emojis=[👍 ❤️]\n");
    assert_passes("{\"type\":\"react\",\"seq\":5,\"emojis\":[]}",
                  "session_react seq=5 emojis=[]\n");
    assert_refused("{\"type\":\"react\",\"seq\":5}", "bad_frame");
    assert_refused("{\"type\":\"react\",\"emojis\":[\"👍\"]}", "bad_frame");
    assert_refused("{\"type\":\"react\",\"seq\":0,\"emojis\":[\"👍\"]}", "bad_frame");
    assert_refused("{\"type\":\"react\",\"seq\":5,\"emojis\":\"👍\"}", "bad_frame");
    assert_refused("{\"type\":\"react\",\"seq\":5,\"emojis\":[1]}", "bad_frame");
    assert_refused("{\"type\":\"react\",\"seq\":5,\"emojis\":[\"yes\"]}", "bad_frame");
    assert_refused("{\"type\":\"react\",\"seq\":5,\"emojis\":[\"👍 👎\"]}", "bad_frame");
    assert_refused("{\"type\":\"react\",\"seq\":5,\"emojis\":[\"👍\",\"👍\"]}", "bad_frame");
    assert_refused(
        "{\"type\":\"react\",\"seq\":5,\"emojis\":[\"👍\",\"👎\",\"❤️\",\"🎉\",\"😂\","
        "\"😢\"]}",
        "bad_frame");
}

static void upload__tells_a_cid_a_name_and_a_size(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"upload\",\"cid\":\"c1\",\"name\":\"kuva\\n1.png\",\"size\":12}",
                  "session_upload cid=[c1] name=[kuva 1.png] bytes=12\n");
    assert_passes("{\"type\":\"upload\",\"cid\":\"c1\",\"size\":0}",
                  "session_upload cid=[c1] name=[] bytes=0\n");
    assert_refused("{\"type\":\"upload\",\"name\":\"a\",\"size\":1}", "bad_frame");
    assert_refused("{\"type\":\"upload\",\"cid\":\"\",\"name\":\"a\",\"size\":1}", "bad_frame");
    assert_refused("{\"type\":\"upload\",\"cid\":\"c1\",\"name\":\"a\"}", "bad_frame");
    assert_refused("{\"type\":\"upload\",\"cid\":\"c1\",\"name\":1,\"size\":1}", "bad_frame");
    assert_refused("{\"type\":\"upload\",\"cid\":\"c1\",\"name\":\"a\",\"size\":-1}", "bad_frame");
    assert_refused("{\"type\":\"upload\",\"cid\":\"c1\",\"name\":\"a\",\"size\":1.5}", "bad_frame");
    assert_refused("{\"type\":\"upload\",\"cid\":\"c1\",\"name\":\"a\",\"size\":\"1\"}",
                   "bad_frame");
}

static void survey__out_of_its_ranges_or_empty__is_a_bad_frame(void **state)
{
    (void)state;
    assert_refused("{\"type\":\"survey\"}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"csat\":0}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"csat\":6}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"csat\":\"5\"}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"nps\":11}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"nps\":-1}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"effort\":0}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"effort\":8}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"csat\":5,\"comment\":5}", "bad_frame");
    assert_refused("{\"type\":\"survey\",\"csat\":5,\"comment\":\"\\u0001\"}", "bad_frame");
}

static void event__is_named_apart_from_our_own(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"event\",\"name\":\"purchase\",\"value\":129.9,\"currency\":\"EUR\","
                  "\"id\":\"o-1\"}",
                  "session_event name=[site_purchase] "
                  "detail=[{\"id\":\"o-1\",\"value\":129.90,\"currency\":\"EUR\"}]\n");
    assert_passes("{\"type\":\"event\",\"name\":\"ended\"}",
                  "session_event name=[site_ended] detail=[{\"id\":\"\"}]\n");
}

static void event__with_odd_members__is_a_bad_frame(void **state)
{
    (void)state;
    assert_refused("{\"type\":\"event\"}", "bad_frame");
    assert_refused("{\"type\":\"event\",\"name\":\"\"}", "bad_frame");
    assert_refused("{\"type\":\"event\",\"name\":\"Purchase\"}", "bad_frame");
    assert_refused("{\"type\":\"event\",\"name\":\"a b\"}", "bad_frame");
    assert_refused("{\"type\":\"event\",\"name\":\"abcdefghijklmnopqrstuvwxyz0123456\"}",
                   "bad_frame");
    assert_refused("{\"type\":\"event\",\"name\":\"a\",\"value\":\"1\"}", "bad_frame");
    assert_refused("{\"type\":\"event\",\"name\":\"a\",\"value\":true}", "bad_frame");
    assert_refused("{\"type\":\"event\",\"name\":\"a\",\"currency\":\"EURO\"}", "bad_frame");
    assert_refused("{\"type\":\"event\",\"name\":\"a\",\"id\":7}", "bad_frame");
}

static void event__with_the_largest_number__still_fits(void **state)
{
    (void)state;
    says("{\"type\":\"event\",\"name\":\"a\",\"value\":-1.7976931348623157e308}");
    assert_string_equal(double_sent(), "");
    assert_non_null(strstr(double_told(), "\"value\":-17976931348623157"));
}

/* --- JSON, and what is no frame --- */

static void frame__that_is_no_object_with_a_type__is_a_bad_frame(void **state)
{
    static const char *const frames[] = {
        "",
        " ",
        "{",
        "hello",
        "[]",
        "7",
        "null",
        "\"say\"",
        "{}",
        "{\"type\":7}",
        "{\"type\":null}",
        "{\"type\":[\"end\"]}",
        "{\"Type\":\"end\"}",
        "{\"type\":\"End\"}",
        "{\"type\":\"welcome\"}",
        "{\"type\":\"saved\"}",
        "{\"type\":\"\"}",
        "{'type':'end'}",
        "{\"type\":\"end\"}x",
        "{\"type\":\"end\"}{}",
        "{\"type\":\"end\",}",
        "\xef\xbb\xbf{\"type\":\"end\"}",
        "{\"type\":\"end\",\"x\":\"\xc3\x28\"}",
        "{\"type\":\"end\",\"n\":01}",
        "{\"type\":\"end\",\"n\":NaN}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        assert_refused(frames[i], "bad_frame");
}

static void frame__with_a_key_twice__is_a_bad_frame(void **state)
{
    (void)state;
    assert_refused("{\"type\":\"end\",\"type\":\"end\"}", "bad_frame");
    assert_refused("{\"type\":\"say\",\"cid\":\"a\",\"text\":\"x\",\"te\\u0078t\":\"y\"}",
                   "bad_frame");
    assert_refused("{\"type\":\"end\",\"x\":{\"a\":1,\"a\":2}}", "bad_frame");
}

static void frame__nested_sixteen_deep__passes_and_seventeen_does_not(void **state)
{
    (void)state;
    assert_passes("{\"type\":\"end\",\"x\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}", "session_end\n");
    says("{\"type\":\"end\",\"x\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}");
    assert_string_equal(double_sent(), BAD_FRAME("The frame is nested too deeply."));
    assert_string_equal(double_told(), "");
}

static void binary_frame__is_a_bad_frame(void **state)
{
    (void)state;
    session_binary(the_conn.session);
    assert_string_equal(double_sent(), BAD_FRAME("Frames are JSON in text frames, not binary."));
}

static void bad_frame__for_the_tenth_time__closes_with_1008(void **state)
{
    (void)state;
    for (int i = 1; i < BAD_FRAMES_MAX; i++)
        says("x");
    assert_null(strstr(double_sent(), "close"));
    assert_int_equal(double_ended(), 0);
    says("x");
    assert_non_null(strstr(double_sent(), "close 1008\n"));
    assert_int_equal(double_ended(), 1);
}

/* --- too fast --- */

static void frames__faster_than_the_rate__are_told_how_long_to_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++)
        says("{\"type\":\"typing\",\"on\":true}");
    (void)double_told();
    assert_string_equal(double_sent(), "");
    says("{\"type\":\"say\",\"cid\":\"c-9\",\"text\":\"x\"}");
    assert_string_equal(double_sent(), "{\"type\":\"error\",\"code\":\"too_fast\","
                                       "\"text\":\"Too fast. Wait a moment.\",\"cid\":\"c-9\","
                                       "\"retry_after_ms\":200}\n");
    assert_string_equal(double_told(), "");
    double_clock_ms += 200;
    assert_passes("{\"type\":\"say\",\"cid\":\"c-9\",\"text\":\"x\"}",
                  "session_say cid=[c-9] text=[x] reply_to=0 request=[] detail=[]\n");
}

static void frames__much_too_fast_for_long__close_with_1008(void **state)
{
    (void)state;
    for (int i = 0; i < 30 + 201; i++)
        says("{\"type\":\"typing\",\"on\":true}");
    assert_non_null(strstr(double_sent(), "close 1008\n"));
}

#define LIVE(name)     cmocka_unit_test_setup_teardown(name, live, stop)
#define GREETING(name) cmocka_unit_test_setup_teardown(name, greeting, stop)

RUN(GREETING(hello__with_everything__reaches_the_core_whole),
    GREETING(hello__with_nulls_or_nothing__is_the_same),
    GREETING(hello__with_a_long_page__is_cut_not_refused),
    GREETING(hello__with_a_member_of_the_wrong_kind__is_a_bad_frame),
    GREETING(hello__with_a_member_too_long__is_a_bad_frame),
    GREETING(hello__for_an_unknown_site__closes_with_4002),
    GREETING(hello__without_a_site__closes_with_4002),
    GREETING(hello__from_another_sites_origin__closes_with_4002),
    GREETING(anything_but_hello__first__closes_with_4001),
    LIVE(hello__a_second_time__is_a_bad_frame),
    GREETING(frames__between_hello_and_welcome__wait_and_keep_their_order),
    GREETING(frames__while_what_was_said_comes__wait_for_its_last_page),
    GREETING(frames__too_many_before_the_welcome__are_too_fast),
    GREETING(frames__too_long_together_before_the_welcome__are_too_fast),
    LIVE(say__with_a_text__reaches_the_core), LIVE(say__in_decomposed_letters__is_brought_to_nfc),
    LIVE(say__with_windows_line_ends__has_unix_ones),
    LIVE(say__of_4000_characters__passes_and_one_more_does_not), LIVE(say__is_counted_after_nfc),
    LIVE(say__that_is_too_long__names_its_cid), LIVE(say__of_nothing_to_see__is_bad_text),
    LIVE(say__with_forbidden_characters__is_bad_text),
    LIVE(say__with_an_escaped_nul_or_lone_surrogate__is_bad_text),
    LIVE(say__with_members_of_the_wrong_kind__is_a_bad_frame),
    LIVE(say__with_a_cid_of_36_characters__passes_and_37_do_not),
    LIVE(say__with_a_request__tells_what_is_asked_for),
    LIVE(say__with_a_request_that_makes_no_sense__is_a_bad_frame), LIVE(stay__reaches_the_core),
    LIVE(earlier__names_a_conversation_or_none), LIVE(forget__reaches_the_core),
    LIVE(mail_transcript__names_an_address), LIVE(typing__on_and_off__reaches_the_core),
    LIVE(read__of_a_seq__reaches_the_core), LIVE(page__is_one_line_each),
    LIVE(end__reaches_the_core), LIVE(upload__tells_a_cid_a_name_and_a_size),
    LIVE(react__tells_a_message_and_its_emojis), LIVE(survey__holds_only_what_was_answered),
    LIVE(survey__out_of_its_ranges_or_empty__is_a_bad_frame),
    LIVE(event__is_named_apart_from_our_own), LIVE(event__with_odd_members__is_a_bad_frame),
    LIVE(event__with_the_largest_number__still_fits),
    LIVE(frame__that_is_no_object_with_a_type__is_a_bad_frame),
    LIVE(frame__with_a_key_twice__is_a_bad_frame),
    LIVE(frame__nested_sixteen_deep__passes_and_seventeen_does_not),
    LIVE(binary_frame__is_a_bad_frame), LIVE(bad_frame__for_the_tenth_time__closes_with_1008),
    LIVE(frames__faster_than_the_rate__are_told_how_long_to_wait),
    LIVE(frames__much_too_fast_for_long__close_with_1008))
