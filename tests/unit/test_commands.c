/* SPDX-License-Identifier: Apache-2.0
 *
 * What agents tell the desk to do, with the exact replies.
 */
#include "chat/texts.h"
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#include <stdio.h>

#define MARIA 1u

static void says(const char *text, const char *answer)
{
    desk_agent_says("anna", MARIA, text);
    assert_string_equal(desk_heard("anna", MARIA), answer);
}

static void asks_desk(const char *text, const char *answer)
{
    desk_agent_says("anna", DESK, text);
    assert_string_equal(desk_heard("anna", DESK), answer);
}

/* --- what never reaches a visitor --- */

static void line__that_looks_like_a_command__never_reaches_the_visitor(void **state)
{
    static const char *const lines[] = { "!foo",
                                         "/foo",
                                         "//foo",
                                         " !foo",
                                         "\t/foo",
                                         "\n!end now",
                                         "!",
                                         "/x y",
                                         "!NOTE",
                                         "!away",
                                         "!Tag a",
                                         "/mewaves",
                                         "!queue x",
                                         "!lang",
                                         "!c 3",
                                         "!to x",
                                         "\xc2\xa0!note x",
                                         "\xe2\x80\x8b/foo",
                                         "\xef\xbb\xbf!end" };

    (void)state;
    desk_conversation(MARIA, "anna");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        desk_agent_says("anna", MARIA, lines[i]);
        assert_string_equal(desk_visitor_heard(MARIA), "");
        assert_int_equal(desk_wrote_times(WRITE_MESSAGE), 0);
    }
}

static void unknown__in_a_visitors_chat__says_what_sends_it_as_text(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    says("!foo bar",
         "[lasna] Not sent: no command !foo. !help lists them; !!foo sends it as text.");
    says("/foo", "[lasna] Not sent: no command /foo. !help lists them; !!/foo sends it as text.");
    desk_agent_says("anna", MARIA, "!!foo");
    assert_string_equal(desk_visitor_heard(MARIA), "!foo");
    desk_agent_says("anna", MARIA, "!!/foo");
    assert_string_equal(desk_visitor_heard(MARIA), "/foo");
}

static void command__said_to_the_wrong_contact__is_told_the_right_one(void **state)
{
    (void)state;
    asks_desk("!end", "!end belongs in a visitor's chat, not at the desk.");
    asks_desk("!note x", "!note belongs in a visitor's chat, not at the desk.");
    asks_desk("hello", "There is no command hello. !help lists them.");
    asks_desk("!nothing", "There is no command !nothing. !help lists them.");
    assert_int_equal(desk_wrote_times(WRITE_NOTE), 0);
    desk_conversation(MARIA, "anna");
    desk_agent_says("anna", MARIA, "ok"); /* a word like any other there */
    assert_string_equal(desk_visitor_heard(MARIA), "ok");
}

static void number__out_of_range__takes_no_offer(void **state)
{
    (void)state;
    asks_desk("ok", "Nothing is offered to you now.");
    asks_desk("no", "Nothing is offered to you now.");
    asks_desk("ok 2", "There is no offer 2 for you now.");
    asks_desk("ok 99999999999999", "Which one? Reply ok, or ok and the offer's number.");
    asks_desk("ok -1", "Which one? Reply ok, or ok and the offer's number.");
    asks_desk("no maria", "Which one? Reply ok, or ok and the offer's number.");
    assert_int_equal(desk_wrote_times(WRITE_CLAIM), 0);
}

static void command__of_an_agent_who_does_not_hold_it__does_nothing(void **state)
{
    static const char *const lines[] = { "!end",       "!back", "!note x",         "!tag x",
                                         "!stage new", "!info", "!callback 12:00", "!history" };

    (void)state;
    desk_member("ben", 3);
    desk_conversation(MARIA, "anna");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        desk_agent_says("ben", MARIA, lines[i]);
        assert_string_equal(desk_heard("ben", MARIA), "[lasna] This conversation is not yours.");
    }
    assert_null(desk_did(CHAT_DO_STORE));
    assert_null(desk_did(CHAT_DO_SEND_HISTORY));
}

static void help__lists_what_can_be_said_there(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    desk_agent_says("anna", DESK, "!HELP");
    assert_true(desk_heard_part("anna", DESK, "ok [n] – take the offer"));
    assert_false(desk_heard_part("anna", DESK, "!end"));
    desk_agent_says("anna", MARIA, "!help");
    assert_true(desk_heard_part("anna", MARIA, "!end [outcome] – end this conversation"));
    assert_true(desk_heard_part("anna", MARIA, "!!TEXT – send a line that starts with !"));
    assert_false(desk_heard_part("anna", MARIA, "ok [n]"));
}

static void command__whose_stanza_comes_again__is_done_once(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    desk_agent_sends("anna", MARIA, "!stage new", "s1");
    desk_agent_sends("anna", MARIA, "!stage new", "s1");
    assert_int_equal(desk_wrote_times(WRITE_STAGE), 1);
    assert_int_equal(desk_handled(), 2);
}

/* --- notes --- */

static void note__is_received_only_when_it_is_on_disk(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    desk_agent_sends("anna", MARIA, "!note wants  a refund", "n1");
    assert_true(slice_is(desk_wrote(WRITE_NOTE)->text, "wants  a refund"));
    assert_true(slice_is(desk_wrote(WRITE_NOTE)->cid, "n1"));
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Noted; visitors never see it.");
    assert_true(desk_receipted("n1"));
    assert_string_equal(desk_visitor_heard(MARIA), "");

    desk_forget_all();
    desk.storage = STORAGE_FAILS;
    desk_agent_sends("anna", MARIA, "!note again", "n2");
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Not saved, please send it again.");
    assert_false(desk_receipted("n2"));
    assert_int_equal(desk_handled(), 1);
}

static void note__without_words__is_told_how(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    desk_agent_sends("anna", MARIA, "!note ", "n1");
    assert_string_equal(
        desk_heard("anna", MARIA),
        "[lasna] Like this: !note TEXT – a note for colleagues; visitors never see it");
    assert_true(desk_receipted("n1"));
    assert_int_equal(desk_handled(), 1);
}

static void note__after_the_end__is_still_taken_from_who_held_it(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    desk_agent_says("anna", MARIA, "!end solved");
    assert_true(slice_is(desk_wrote(WRITE_END)->text, "solved"));
    desk_agent_says("anna", MARIA, "!note call them in May");
    assert_int_equal(desk_wrote_times(WRITE_NOTE), 1);
    says("!end", "[lasna] This conversation has ended.");
    desk.storage = STORAGE_REFUSES;
    says("more", "[lasna] Not sent: this conversation has ended.");
}

/* --- tags, stage, call-back --- */

static void tag__adds_and_takes_away(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    says("!tag", "[lasna] No tags yet.");
    says("!tag Billing #refund", "[lasna] Tags: billing refund");
    assert_true(slice_is(desk_wrote(WRITE_TAGS)->text, "[\"billing\",\"refund\"]"));
    says("!tag billing", "[lasna] Tags: billing refund");
    says("!tag käyttöönotto -billing", "[lasna] Tags: refund käyttöönotto");
    says("!tag -refund -käyttöönotto -absent", "[lasna] No tags yet.");
    assert_true(slice_is(desk_wrote(WRITE_TAGS)->text, "[]"));
}

static void tag__that_cannot_be_one__changes_nothing(void **state)
{
    char many[512] = "!tag";

    (void)state;
    desk_conversation(MARIA, "anna");
    says("!tag fine \"bad\"",
         "[lasna] \"bad\" cannot be a tag: letters, digits, - and _, at most 32 of them.");
    says("!tag -", "[lasna]  cannot be a tag: letters, digits, - and _, at most 32 of them.");
    says("!tag abcdefghijklmnopqrstuvwxyzabcdefg",
         "[lasna] abcdefghijklmnopqrstuvwxyzabcdefg cannot be a tag: letters, digits, - and _, at "
         "most 32 of them.");
    for (unsigned i = 0; i < 17; i++)
        (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), " tag%u", i);
    says(many, "[lasna] That would be too many tags. !tag -WORD takes one away.");
    assert_int_equal(desk_wrote_times(WRITE_TAGS), 0);
    says("!tag", "[lasna] No tags yet.");
}

static void stage__is_written_with_its_source(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    says("!stage Existing", "[lasna] Stage: existing");
    assert_true(slice_is(desk_wrote(WRITE_STAGE)->text, "existing"));
    assert_true(slice_is(desk_wrote(WRITE_STAGE)->reason, "agent"));
    says("!stage rich", "[lasna] Like this: !stage potential|new|existing – what the visitor is to "
                        "the company");
    assert_int_equal(desk_wrote_times(WRITE_STAGE), 1);
    desk_agent_says("anna", MARIA, "!info");
    assert_string_equal(desk_heard("anna", MARIA),
                        "[lasna] Maria · fi · /pricing · open 0:00 · stage existing");
}

static void callback__knows_a_number_from_a_time(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    says("!callback +358 40 123 4567", "[lasna] Call back: +358 40 123 4567. It stands in the "
                                       "transcript.");
    assert_true(slice_is(desk_event("callback")->detail, "{\"number\":\"+358 40 123 4567\"}"));
    says("!callback tomorrow 14:30",
         "[lasna] Call back: tomorrow 14:30. It stands in the transcript.");
    assert_true(slice_is(desk_event("callback")->detail, "{\"time\":\"tomorrow 14:30\"}"));
    says("!callback", "[lasna] Like this: !callback TIME|NUMBER [@WHO] – note when, or to which "
                      "number, to call back; @ and a name: who does");
}

static void history__asks_for_earlier_conversations(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    desk_agent_says("anna", MARIA, "!history");
    assert_int_equal(desk_did(CHAT_DO_SEND_HISTORY)->limit, 1);
    assert_string_equal(desk_did(CHAT_DO_AUDIT)->code, "history");
    desk_agent_says("anna", MARIA, "!history 3");
    assert_int_equal(desk_did(CHAT_DO_SEND_HISTORY)->limit, 3);
    says("!history 11",
         "[lasna] Like this: !history [n] – the visitor's last n conversations before "
         "this one");
    says("!history x",
         "[lasna] Like this: !history [n] – the visitor's last n conversations before "
         "this one");
    assert_int_equal(desk_did_times(CHAT_DO_SEND_HISTORY), 2);
    desk_handle((struct chat_event){ .type = CHAT_SENT_HISTORY,
                                     .visitor = desk_did(CHAT_DO_SEND_HISTORY)->visitor,
                                     .agent = desk_did(CHAT_DO_SEND_HISTORY)->agent });
    assert_string_equal(desk_heard("anna", MARIA),
                        "[lasna] This visitor has no earlier conversations here.");
}

/* --- the agent's own --- */

static void away__gets_no_offers_until_here(void **state)
{
    (void)state;
    asks_desk("!away", "No more offers here until !here. What you have stays yours.");
    assert_int_equal(desk.availability, AVAILABILITY_OFFLINE);
    desk_visitor_comes(MARIA, "Maria");
    desk_visitor_says(MARIA, "hello");
    assert_false(desk_heard_part("anna", DESK, "reply ok"));
    desk_agent_says("anna", DESK, "!here");
    assert_true(desk_heard_part("anna", DESK, "reply ok"));
    assert_int_equal(desk.availability, AVAILABILITY_ONLINE);
}

static void away__with_an_offer_standing__lets_it_go_to_a_colleague(void **state)
{
    (void)state;
    desk_visitor_comes(MARIA, "Maria");
    desk_visitor_says(MARIA, "hello");
    desk_member("ben", 3);
    assert_false(desk_heard_part("ben", DESK, "reply ok"));
    desk_agent_says("anna", DESK, "!away");
    assert_true(desk_heard_part("ben", DESK, "reply ok"));
}

static void away__is_over_when_they_come_anew(void **state)
{
    (void)state;
    desk_agent_says("anna", DESK, "!away");
    desk_show("anna", SHOW_GONE);
    desk_show("anna", SHOW_AVAILABLE);
    assert_int_equal(desk.availability, AVAILABILITY_ONLINE);
}

static void lang__changes_what_the_desk_says_and_is_kept(void **state)
{
    (void)state;
    asks_desk("!lang fi", "Puhun nyt kanssasi suomea.");
    assert_true(slice_is(desk_did(CHAT_DO_KEEP_LANGUAGE)->text, "fi"));
    asks_desk("ok", "Sinulle ei tarjota nyt mitään.");
    desk_visitor_comes(MARIA, "Maria");
    desk_visitor_says(MARIA, "hei");
    assert_string_equal(desk_heard("anna", DESK),
                        "Maria · \"hei\" · fi · /pricing · 0:00 – vastaa ok tai no (20 s)");
    asks_desk("!lang sv-FI", "Jag talar svenska med dig nu.");
    asks_desk("!lang xx", "Så här: !lang en|fi|sv – språket jag talar med dig");
}

static void why_it_ended__is_told_in_the_agents_language(void **state)
{
    (void)state;
    desk_agent_says("anna", DESK, "!lang fi");
    desk_conversation(MARIA, "anna");
    desk_agent_says("anna", MARIA, "!back");
    assert_int_equal(desk_heard_times("anna", DESK, "Maria on taas jonossa (palautettu)."), 1);
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_ENDED, .visitor = { { { MARIA } } } });
    desk_conversation(2, "anna");
    desk_agent_says("anna", DESK, "!lang sv");
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_ENDED, .visitor = { { { 2 } } } });
    assert_true(desk_heard_part("anna", DESK, ": avslutat (besökaren)."));
}

static void status__is_told_in_the_agents_language(void **state)
{
    (void)state;
    desk_agent_says("anna", DESK, "!lang fi");
    desk_agent_says("anna", DESK, "!away");
    desk_pass_ms(2000);
    assert_true(slice_is(desk_did(CHAT_DO_DESK_PRESENCE)->text,
                         "0 jonossa · sinulla 0/3 · 0 asiakaspalvelijaa · et ota tarjouksia"));
}

/* --- what the tenant wrote down --- */

static void wrote(enum chat_event_type type, const char *language, const char *text)
{
    desk_handle((struct chat_event){ .type = type,
                                     .language = slice_of(language),
                                     .text = slice_of(text),
                                     .on = language[0] == '\0' });
}

static void canned__are_listed_as_they_would_be_sent(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    says("!c", "[lasna] There are no canned replies in this visitor's language.");
    wrote(CHAT_CANNED_SET, "",
          "greet: Hello {visitor}, this is {agent} of {company}.\n"
          "no reply\n : nothing\nempty:\nbye : Bye!\\nCome again.");
    says("!c", "[lasna] 1. greet – Hello Maria, this is Anna of Acme.\n2. bye – Bye!\nCome again.");
    wrote(CHAT_CANNED_SET, "fi", "moi: Hei {visitor}!"); /* Maria speaks Finnish */
    says("!c", "[lasna] 1. moi – Hei Maria!");
    says("!c greet", "[lasna] There is no canned reply greet. !c lists them.");
    wrote(CHAT_CANNED_SET, "", "only: this");
    says("!c", "[lasna] 1. only – this");
}

static void canned__are_listed_however_many_there_are(void **state)
{
    char line[160];
    AUTO_BUF replies;

    (void)state;
    buf_init(&replies, 40000);
    for (unsigned i = 1; i <= 200; i++)
        buf_addf(&replies, "r%u: Kyllä, katsotaan yhdessä, mikä teille sopii: vaihtoehto %u.\n", i,
                 i);
    desk_conversation(MARIA, "anna");
    wrote(CHAT_CANNED_SET, "", replies.data);
    desk_forget_all();
    desk_agent_says("anna", MARIA, "!c");
    assert_in_range(desk_did_times(CHAT_DO_SAY_CONTACT), 2, 4);
    assert_true(desk_heard_part("anna", MARIA, "[lasna] 1. r1 – Kyllä"));
    for (unsigned i = 1; i <= 200; i++) { /* none is cut */
        (void)snprintf(line, sizeof(line),
                       "%u. r%u – Kyllä, katsotaan yhdessä, mikä teille sopii: "
                       "vaihtoehto %u.",
                       i, i, i);
        assert_true(desk_heard_part("anna", MARIA, line));
    }
}

static void what_is_longer_than_a_message__comes_in_several(void **state)
{
    char long_words[3 * 8192 + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(long_words) - 1; i++)
        long_words[i] = "ä"[i % 2]; /* neither a line nor a word ends in it */
    long_words[sizeof(long_words) - 1] = '\0';
    wrote(CHAT_PLAYBOOK_SET, "", long_words);
    desk_forget_all();
    desk_agent_says("anna", DESK, "!info");
    assert_int_equal(desk_did_times(CHAT_DO_SAY_DESK), 4);
    assert_int_equal(strspn(desk_heard("anna", DESK), "\xc3\xa4"),
                     strlen(desk_heard("anna", DESK)));
    assert_int_equal(strlen(desk_heard("anna", DESK)) % 2, 0); /* no character is cut */
}

static void canned__that_is_too_long_for_a_message__is_not_sent(void **state)
{
    char reply[4100];

    (void)state;
    desk_conversation(MARIA, "anna");
    (void)snprintf(reply, sizeof(reply), "long: %04001d", 0);
    wrote(CHAT_CANNED_SET, "", reply);
    desk_agent_sends("anna", MARIA, "!c long", "c1");
    assert_string_equal(desk_heard("anna", MARIA),
                        "[lasna] Not sent: longer than 4,000 characters.");
    assert_null(desk_wrote(WRITE_MESSAGE));
    assert_true(desk_receipted("c1"));
}

static void canned__is_sent_by_name_or_number_and_marked(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    wrote(CHAT_CANNED_SET, "", "greet: Hello {visitor}!\nbye: {unknown} bye");
    desk_agent_sends("anna", MARIA, "!c greet", "c1");
    assert_string_equal(desk_visitor_heard(MARIA), "Hello Maria!");
    assert_int_equal(desk_wrote(WRITE_MESSAGE)->origin, ORIGIN_CANNED);
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] → Hello Maria!");
    assert_true(desk_receipted("c1"));
    desk_agent_says("anna", MARIA, "!c 2");
    assert_string_equal(desk_visitor_heard(MARIA), "{unknown} bye");
    says("!c 3", "[lasna] There is no canned reply 3. !c lists them.");
    says("!c 0", "[lasna] There is no canned reply 0. !c lists them.");
    assert_int_equal(desk_wrote_times(WRITE_MESSAGE), 2);
    assert_int_equal(desk_handled(), 4);
}

static void canned__that_is_not_saved__is_not_received(void **state)
{
    (void)state;
    desk_conversation(MARIA, "anna");
    wrote(CHAT_CANNED_SET, "", "greet: Hello!");
    desk.storage = STORAGE_FAILS;
    desk_agent_sends("anna", MARIA, "!c greet", "c1");
    assert_false(desk_receipted("c1"));
    assert_int_equal(desk_handled(), 1);
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Not saved, please send it again.");
}

static void canned__of_an_agent_who_does_not_hold_it__is_not_sent(void **state)
{
    (void)state;
    desk_member("ben", 3);
    desk_conversation(MARIA, "anna");
    wrote(CHAT_CANNED_SET, "", "greet: Hello!");
    desk_agent_says("ben", MARIA, "!c greet");
    desk_agent_says("ben", MARIA, "!c");
    assert_int_equal(desk_heard_times("ben", MARIA, "[lasna] This conversation is not yours."), 2);
    assert_int_equal(desk_wrote_times(WRITE_MESSAGE), 0);
}

static void info__at_the_desk__is_the_playbook(void **state)
{
    (void)state;
    asks_desk("!info", "This company has no playbook.");
    wrote(CHAT_PLAYBOOK_SET, "", "Say du.\nRefunds: 14 days.");
    wrote(CHAT_PLAYBOOK_SET, "fi", "Sinuttele.");
    asks_desk("!info", "Say du.\nRefunds: 14 days.");
    desk_agent_says("anna", DESK, "!lang fi");
    asks_desk("!info", "Sinuttele.");
}

/* --- the texts --- */

/* Each language says something, with the same arguments in it. */
static void texts__in_each_language__hold_the_same_arguments(void **state)
{
    (void)state;
    for (enum line line = 0; line < LINE_COUNT; line++) {
        for (enum language language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
            const char *english = texts_get(LANGUAGE_EN, line), *text = texts_get(language, line);

            assert_true(text != NULL && text[0] != '\0');
            for (int digit = '1'; digit <= '9'; digit++) {
                const char mark[] = { '{', (char)digit, '}', '\0' };

                assert_int_equal(strstr(english, mark) == NULL, strstr(text, mark) == NULL);
            }
            for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at + 1, '{'))
                assert_true(at[1] >= '1' && at[1] <= '9' && at[2] == '}');
        }
    }
}

static void texts__with_too_few_arguments__leave_the_rest_out(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 200);
    texts_write(&text, LANGUAGE_EN, LINE_BACK_IN_QUEUE, ARGS("Maria {2}"));
    assert_string_equal(text.data, "Maria {2} is back in the queue ().");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(line__that_looks_like_a_command__never_reaches_the_visitor),
    CASE(unknown__in_a_visitors_chat__says_what_sends_it_as_text),
    CASE(command__said_to_the_wrong_contact__is_told_the_right_one),
    CASE(number__out_of_range__takes_no_offer),
    CASE(command__of_an_agent_who_does_not_hold_it__does_nothing),
    CASE(help__lists_what_can_be_said_there), CASE(command__whose_stanza_comes_again__is_done_once),
    CASE(note__is_received_only_when_it_is_on_disk), CASE(note__without_words__is_told_how),
    CASE(note__after_the_end__is_still_taken_from_who_held_it), CASE(tag__adds_and_takes_away),
    CASE(tag__that_cannot_be_one__changes_nothing), CASE(stage__is_written_with_its_source),
    CASE(callback__knows_a_number_from_a_time), CASE(history__asks_for_earlier_conversations),
    CASE(away__gets_no_offers_until_here),
    CASE(away__with_an_offer_standing__lets_it_go_to_a_colleague),
    CASE(away__is_over_when_they_come_anew), CASE(lang__changes_what_the_desk_says_and_is_kept),
    CASE(why_it_ended__is_told_in_the_agents_language),
    CASE(status__is_told_in_the_agents_language), CASE(canned__are_listed_as_they_would_be_sent),
    CASE(canned__are_listed_however_many_there_are),
    CASE(what_is_longer_than_a_message__comes_in_several),
    CASE(canned__that_is_too_long_for_a_message__is_not_sent),
    CASE(canned__is_sent_by_name_or_number_and_marked),
    CASE(canned__that_is_not_saved__is_not_received),
    CASE(canned__of_an_agent_who_does_not_hold_it__is_not_sent),
    CASE(info__at_the_desk__is_the_playbook),
    CASE(texts__in_each_language__hold_the_same_arguments),
    CASE(texts__with_too_few_arguments__leave_the_rest_out))
