/* SPDX-License-Identifier: Apache-2.0
 *
 * Supervisors beside a conversation: watching, whispering, joining, taking over.
 */
#include "tenant/agent.h"
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#include <stdio.h>

#define MARIA 1u
#define OUTI  2u

/* The line with "#M" and "#O" in it become the short ids of Maria's and Outi's conversations; good
 * until the call after the next. */
static const char *ref(const char *line)
{
    static char known[2][6], lines[2][512];
    static unsigned turn;
    char *to = lines[++turn % 2];
    size_t at = 0;

    for (unsigned i = 0; i < 2; i++) {
        const struct visitor_id visitor = { { { (uint8_t)(i + 1) } } };
        struct conversation_id id;
        char text[ID_TEXT_BYTES];

        if (!chat_has_conversation(desk.chat, visitor, &id))
            continue;
        id_format(id.id, text);
        (void)snprintf(known[i], sizeof(known[i]), "#%.4s", text);
    }
    for (; *line != '\0'; line++) {
        bool maria = strncmp(line, "#M", 2) == 0, outi = strncmp(line, "#O", 2) == 0;

        at += (size_t)snprintf(to + at, sizeof(lines[0]) - at, maria || outi ? "%s" : "%.1s",
                               maria  ? known[0]
                               : outi ? known[1]
                                      : line);
        line += maria || outi;
    }
    return to;
}

static int setup(void **state)
{
    (void)state;
    desk_open(&chat_rules_default);
    desk_member("anna", 3);
    desk_supervisor("sanna");
    desk_conversation(MARIA, "anna");
    return 0;
}

static void orders(const char *text, const char *answer)
{
    desk_agent_says("sanna", DESK, ref(text));
    assert_string_equal(desk_heard("sanna", DESK), ref(answer));
}

static void sanna_watches(void)
{
    desk_agent_says("sanna", DESK, ref("!watch #M"));
    desk_forget_all();
}

static void sanna_joins(void)
{
    desk_agent_says("sanna", DESK, ref("!join #M"));
    desk_forget_all();
}

static unsigned audited(const char *code)
{
    const struct chat_effect *last = desk_did(CHAT_DO_AUDIT);

    return last != NULL && strcmp(last->code, code) == 0 &&
                   slice_is(last->agent, "sanna@agents.example")
               ? desk_did_times(CHAT_DO_AUDIT)
               : 0;
}

/* What Sanna was shown last: which messages, as whom. */
static void assert_shown(uint64_t after, uint64_t last, bool at_desk, bool live)
{
    const struct chat_effect *shown = desk_did(CHAT_DO_SHOW);

    assert_non_null(shown);
    assert_true(slice_is(shown->agent, "sanna@agents.example"));
    assert_int_equal(shown->seq, after);
    assert_int_equal(shown->last_seq, last);
    assert_int_equal(visitor_id_is_none(shown->visitor), at_desk);
    assert_int_equal(shown->on, live);
}

/* --- whose commands they are --- */

static void agents__have_no_such_commands(void **state)
{
    (void)state;
    desk_agent_says("anna", DESK, "!watch #M");
    assert_string_equal(desk_heard("anna", DESK), "There is no command !watch. !help lists them.");
    desk_agent_says("anna", MARIA, "!takeover");
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Not sent: no command !takeover. !help "
                                                   "lists them; !!takeover sends it as text.");
    desk_agent_says("anna", DESK, "!help");
    assert_false(desk_heard_part("anna", DESK, "!watch [#ID"));
    desk_agent_says("sanna", DESK, ref("!help"));
    assert_true(desk_heard_part("sanna", DESK, "!watch [#ID] – list the open conversations"));
    assert_int_equal(desk_did_times(CHAT_DO_AUDIT), 0);
}

static void watch__alone__lists_what_is_open(void **state)
{
    (void)state;
    desk_show("anna", SHOW_AWAY);
    desk_show("sanna", SHOW_AWAY);
    desk_visitor_comes(OUTI, "");
    desk_visitor_says(OUTI, "anybody?");
    desk_pass_ms(2000);
    desk_agent_says("sanna", DESK, ref("!watch"));
    assert_true(desk_heard_part("sanna", DESK, ref("#M Maria · Anna · 0:02 · \"hello\"\n#O · ")));
    assert_true(desk_heard_part("sanna", DESK, "waits for 0:02 · 0:02 · \"anybody?\""));
    assert_int_equal(desk_did_times(CHAT_DO_AUDIT), 0);
}

static void number__of_nothing_open__is_told(void **state)
{
    (void)state;
    orders("!watch 7", "There is no open conversation 7. !watch lists them.");
    orders("!watch maria", "There is no open conversation maria. !watch lists them.");
    orders("!join 99999999999999999999",
           "There is no open conversation 99999999999999999999. !watch lists them.");
    orders("!takeover -1", "There is no open conversation -1. !watch lists them.");
    orders("!unwatch", "Like this: !unwatch #ID – no longer watch it; leave it when you had "
                       "joined");
    orders("!unwatch #M", "You do not watch #M Maria.");
    desk_agent_says("anna", MARIA, "!end");
    orders("!watch #M", "There is no open conversation #M. !watch lists them.");
    assert_int_equal(desk_did_times(CHAT_DO_AUDIT), 0);
}

/* --- watching --- */

static void watching__shows_what_was_said_and_what_comes(void **state)
{
    (void)state;
    orders("!watch #M",
           "You watch #M Maria · Anna. !unwatch #M ends it, !whisper #M TEXT tells the "
           "agent something.");
    assert_shown(0, 2, true, false);
    assert_int_equal(audited("watch"), 1);
    desk_visitor_says(MARIA, "one more");
    assert_shown(2, 3, true, true);
    desk_agent_says("anna", MARIA, "yes?");
    assert_shown(3, 4, true, true);
    desk_agent_says("sanna", DESK, ref("!unwatch #M"));
    assert_string_equal(desk_heard("sanna", DESK), ref("You do not watch #M Maria any more."));
    assert_int_equal(audited("unwatch"), 2);
    desk_forget_all();
    desk_visitor_says(MARIA, "and another");
    assert_null(desk_did(CHAT_DO_SHOW));
}

static void watching__marks_nothing_and_tells_nobody(void **state)
{
    (void)state;
    desk_agent_says("sanna", DESK, ref("!watch #M"));
    assert_string_equal(desk_heard("anna", DESK), "");
    assert_string_equal(desk_heard("anna", MARIA), "");
    assert_null(desk_did(CHAT_DO_TELL_RECEIPT));
    assert_null(desk_did(CHAT_DO_TELL_AGENT));
    assert_null(desk_did(CHAT_DO_INTRODUCE));
    assert_null(desk_did(CHAT_DO_STORE));
    desk_handle((struct chat_event){ .type = CHAT_AGENT_TYPING,
                                     .agent = SLICE_LITERAL("sanna@agents.example"),
                                     .visitor = { { { MARIA } } },
                                     .on = true });
    assert_null(desk_did(CHAT_DO_TELL_TYPING));
}

static void agent__is_told_where_the_tenant_says_so(void **state)
{
    struct chat_rules rules = chat_rules_default;

    (void)state;
    rules.tell_watched = true;
    desk_open(&rules);
    desk_member("anna", 3);
    desk_member("ben", 3);
    desk_supervisor("sanna");
    desk_conversation(MARIA, "anna");
    desk_agent_says("sanna", DESK, ref("!watch #M"));
    assert_string_equal(desk_heard("anna", DESK), "Sanna watches Maria now.");
    desk_agent_says("anna", MARIA, "!to ben");
    desk_agent_says("ben", DESK, "ok"); /* who takes it over hears so, too */
    assert_string_equal(desk_heard("ben", DESK), "Sanna watches Maria now.");
    assert_string_equal(desk_heard("sanna", DESK), ref("#M Maria: Ben has it now."));
    desk_agent_says("sanna", DESK, ref("!unwatch #M"));
    assert_string_equal(desk_heard("ben", DESK), "Sanna does not watch Maria any more.");
}

static void watching__ends_with_the_conversation_and_with_the_supervisor(void **state)
{
    (void)state;
    sanna_watches();
    desk_agent_says("anna", MARIA, "!back");
    assert_true(desk_heard_part("sanna", DESK, ref("#M Maria is back in the queue (back).")));
    desk_agent_says("anna", MARIA, "I have it again");
    desk_show("sanna", SHOW_GONE);
    assert_int_equal(audited("unwatch"), 1);
    desk_show("sanna", SHOW_AVAILABLE);
    sanna_watches();
    desk_agent_says("anna", MARIA, "!end solved");
    assert_string_equal(desk_heard("sanna", DESK), ref("#M Maria: ended (agent)."));
}

static void supervisor__who_is_one_no_more__sees_nothing_more(void **state)
{
    (void)state;
    sanna_watches();
    desk_member("sanna", 3); /* an agent like others */
    desk_forget_all();
    desk_visitor_says(MARIA, "psst");
    assert_null(desk_did(CHAT_DO_SHOW));
    desk_supervisor("sanna");
    sanna_joins();
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_GONE,
                                     .agent = SLICE_LITERAL("sanna@agents.example") });
    assert_non_null(desk_event("left"));
    assert_non_null(desk_did(CHAT_DO_FORGET));
    assert_string_equal(desk_heard("anna", DESK), "Sanna has left Maria to you.");
    desk_forget_all();
    desk_visitor_says(MARIA, "psst");
    assert_null(desk_did(CHAT_DO_SHOW));
}

static void line__that_was_not_routed__is_shown_again(void **state)
{
    struct chat_event routed = { .type = CHAT_ROUTED, .seq = 1 };

    (void)state;
    desk_agent_says("sanna", DESK, ref("!watch #M"));
    routed.round = desk_did(CHAT_DO_SHOW)->round;
    routed.conversation = desk_did(CHAT_DO_SHOW)->conversation;
    desk_handle(routed);
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_forget_all();
    desk_visitor_says(MARIA, "hello?");
    assert_null(desk_did(CHAT_DO_SHOW));
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    assert_shown(1, 3, true, false);
}

static void watching__ends_when_they_are_not_back_after_the_link(void **state)
{
    (void)state;
    sanna_watches();
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_pass_ms(2 * chat_rules_default.gone_grace_ms);
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    desk_show("anna", SHOW_AVAILABLE);
    assert_int_equal(audited("unwatch"), 0); /* while it was down nobody could come back */
    desk_pass_ms(chat_rules_default.gone_grace_ms);
    assert_int_equal(audited("unwatch"), 1);
    desk_forget_all();
    desk_visitor_says(MARIA, "psst");
    assert_null(desk_did(CHAT_DO_SHOW));
}

static void bounce__of_what_a_watcher_got__is_not_the_agents(void **state)
{
    struct chat_event bounced = { .type = CHAT_BOUNCED,
                                  .agent = SLICE_LITERAL("anna@agents.example"),
                                  .seq = 1 };

    (void)state;
    desk_agent_says("sanna", DESK, ref("!watch #M"));
    bounced.round = desk_did(CHAT_DO_SHOW)->round;
    bounced.conversation = desk_did(CHAT_DO_SHOW)->conversation;
    desk_forget_all();
    desk_handle(bounced);
    bounced.type = CHAT_BROKE_STREAM;
    for (int i = 0; i < 3; i++)
        desk_handle(bounced);
    assert_null(desk_wrote(WRITE_DELIVERY));
    assert_null(desk_did(CHAT_DO_TELL_ERROR));
}

/* --- whispering --- */

static void whisper__reaches_the_agent_alone_and_is_kept_as_a_note(void **state)
{
    (void)state;
    desk_hold(true);
    desk_agent_sends("sanna", DESK, ref("!whisper #M offer her a discount"), "w1");
    assert_true(slice_is(desk_wrote(WRITE_NOTE)->text, "offer her a discount"));
    assert_true(slice_is(desk_wrote(WRITE_NOTE)->name, "Sanna"));
    assert_false(desk_receipted("w1"));
    desk_answer(STORAGE_SAVES);
    desk_hold(false);
    assert_true(desk_receipted("w1"));
    assert_int_equal(desk_handled(), 1);
    assert_string_equal(desk_heard("anna", DESK),
                        "Sanna about Maria, for you alone: offer her a discount");
    assert_string_equal(desk_heard("sanna", DESK), "Anna has heard it; the visitor never sees it.");
    assert_string_equal(desk_visitor_heard(MARIA), "");
    assert_int_equal(desk_wrote_times(WRITE_MESSAGE), 0);
    assert_int_equal(audited("whisper"), 1);
}

static void whisper__that_cannot_be__says_why(void **state)
{
    (void)state;
    orders("!whisper #M", "Like this: !whisper #ID TEXT – tell its agent something the visitor "
                          "never sees; kept as a note");
    orders("!whisper 9 x", "There is no open conversation 9. !watch lists them.");
    desk.storage = STORAGE_FAILS;
    desk_agent_sends("sanna", DESK, ref("!whisper #M x"), "w1");
    assert_string_equal(desk_heard("sanna", DESK), "Not saved, please send it again.");
    assert_false(desk_receipted("w1"));
    desk.storage = STORAGE_SAVES;
    desk_agent_says("anna", MARIA, "!back");
    orders("!whisper #M x", "#M Maria waits for an agent. !takeover #M takes it.");
    assert_int_equal(desk_handled(), 5);
}

/* --- joining --- */

static void joining__is_told_to_visitor_and_agent_and_both_can_write(void **state)
{
    (void)state;
    desk_agent_says("sanna", DESK, ref("!join #M"));
    assert_non_null(desk_event("joined"));
    assert_true(slice_is(desk_did(CHAT_DO_TELL_AGENT)->name, "Sanna"));
    assert_true(desk_did(CHAT_DO_TELL_AGENT)->on);
    assert_string_equal(desk_heard("anna", DESK),
                        "Sanna has joined you with Maria: the visitor reads both of you.");
    assert_string_equal(desk_heard("sanna", MARIA), "[lasna] Maria · Acme · with Anna. The visitor "
                                                    "reads what you write here.");
    assert_shown(0, 2, false, false);
    assert_int_equal(audited("join"), 1);

    desk_agent_says("sanna", MARIA, "Sanna here, I can help.");
    assert_string_equal(desk_visitor_heard(MARIA), "Sanna here, I can help.");
    assert_true(desk_wrote(WRITE_MESSAGE)->beside);
    assert_false(desk_wrote(WRITE_MESSAGE)->claims);
    assert_int_equal(desk_did(CHAT_DO_SEND_PENDING)->seq,
                     2); /* Anna sees it: by her own catching up */
    desk_agent_says("anna", MARIA, "Thank you!");
    assert_string_equal(desk_visitor_heard(MARIA), "Thank you!");
    assert_shown(3, 4, false, true);
    orders("!join #M", "You have joined #M Maria already.");
    orders("!watch #M", "You have joined #M Maria already.");
}

static void leaving__is_told_too_and_ends_their_say(void **state)
{
    (void)state;
    sanna_joins();
    desk_agent_says("sanna", MARIA, "!unwatch");
    assert_non_null(desk_event("left"));
    assert_false(desk_did(CHAT_DO_TELL_AGENT)->on);
    assert_int_equal(desk_did_times(CHAT_DO_FORGET), 1);
    assert_string_equal(desk_heard("anna", DESK), "Sanna has left Maria to you.");
    desk_agent_says("sanna", MARIA, "one more word");
    assert_string_equal(desk_heard("sanna", DESK), "Not sent: Anna has this conversation (Maria).");
}

static void joined__sees_typing_and_page_and_types_openly(void **state)
{
    (void)state;
    sanna_joins();
    desk_handle((struct chat_event){
        .type = CHAT_VISITOR_TYPING, .visitor = { { { MARIA } } }, .on = true });
    assert_int_equal(desk_did_times(CHAT_DO_CONTACT_TYPING), 2);
    desk_visitor_leaves(MARIA);
    assert_int_equal(desk_did_times(CHAT_DO_CONTACT_PRESENCE), 2);
    desk_handle((struct chat_event){ .type = CHAT_AGENT_TYPING,
                                     .agent = SLICE_LITERAL("sanna@agents.example"),
                                     .visitor = { { { MARIA } } },
                                     .on = true });
    assert_non_null(desk_did(CHAT_DO_TELL_TYPING));
}

static void joined__when_the_agent_gives_it_back__can_take_it_by_writing(void **state)
{
    (void)state;
    sanna_joins();
    desk_agent_says("anna", MARIA, "!back");
    desk_agent_says("sanna", MARIA, "It is you and me now.");
    assert_true(desk_wrote(WRITE_MESSAGE)->claims);
    assert_false(desk_wrote(WRITE_MESSAGE)->beside);
    desk_agent_says("anna", MARIA, "me too");
    assert_string_equal(desk_heard("anna", DESK), "Not sent: Sanna has this conversation (Maria).");
}

static void what_is_corrected_or_withdrawn__is_told_to_the_others_beside_it(void **state)
{
    struct chat_event said = { .type = CHAT_AGENT_SAID,
                               .agent = SLICE_LITERAL("anna@agents.example"),
                               .visitor = { { { MARIA } } },
                               .stanza = SLICE_LITERAL("e1"),
                               .speech = SPEECH_CORRECTION,
                               .about = SLICE_LITERAL("a1"),
                               .text = SLICE_LITERAL("29 euros") };

    (void)state;
    sanna_watches();
    desk_handle(said);
    assert_string_equal(desk_heard("sanna", DESK), ref("#M Anna (corrected): 29 euros"));
    sanna_joins();
    desk_handle(said);
    assert_string_equal(desk_heard("sanna", MARIA), "[lasna] Anna (corrected): 29 euros");
    assert_string_equal(desk_heard("anna", MARIA), "");
    said.agent = SLICE_LITERAL("sanna@agents.example");
    said.speech = SPEECH_WITHDRAWAL;
    desk_handle(said);
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Sanna has withdrawn a message.");
}

static void joined__before_a_restart__is_joined_after_it(void **state)
{
    const struct conversation_id id = { { { 9 } } };
    const struct slice anna = SLICE_LITERAL("anna@agents.example");
    const struct slice sanna = SLICE_LITERAL("sanna@agents.example");

    (void)state;
    desk_open(&chat_rules_default);
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_handle((struct chat_event){ .type = CHAT_RESTORED_CONVERSATION,
                                     .conversation = id,
                                     .visitor = { { { MARIA } } },
                                     .state = CONVERSATION_ACTIVE,
                                     .agent = anna,
                                     .name = SLICE_LITERAL("Maria"),
                                     .seq = 3 });
    desk_handle((struct chat_event){ .type = CHAT_RESTORED_EVENT,
                                     .conversation = id,
                                     .name = SLICE_LITERAL("joined"),
                                     .agent = sanna });
    desk_member("anna", 3);
    desk_supervisor("sanna");
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    assert_shown(0, 3, false, false);
    desk_agent_says("sanna", MARIA, "still here");
    assert_true(desk_wrote(WRITE_MESSAGE)->beside);
}

/* --- taking over --- */

static void takeover__moves_it_and_tells_both(void **state)
{
    (void)state;
    sanna_joins();
    desk_agent_says("sanna", MARIA, "!takeover");
    assert_true(slice_is(desk_wrote(WRITE_TRANSFER)->sender, "anna@agents.example"));
    assert_true(
        slice_is(desk_wrote(WRITE_TRANSFER)->detail, "{\"from\":\"Anna\",\"taken_over\":true}"));
    assert_string_equal(desk_heard("anna", DESK), "Sanna has taken Maria from you.");
    assert_int_equal(desk_did_times(CHAT_DO_TELL_AGENT), 2);
    assert_int_equal(audited("takeover"), 1);
    desk_agent_says("sanna", MARIA, "I have it now.");
    assert_false(desk_wrote(WRITE_MESSAGE)->beside);
    desk_agent_says("anna", MARIA, "hey");
    assert_string_equal(desk_heard("anna", DESK), "Not sent: Sanna has this conversation (Maria).");
    orders("!takeover #M", "You have it already.");
    orders("!whisper #M x", "You have it already.");
}

static void takeover__of_who_waits__withdraws_the_offers(void **state)
{
    (void)state;
    desk_show("sanna", SHOW_DND);
    desk_visitor_comes(OUTI, "Outi");
    desk_visitor_says(OUTI, "anybody?");
    assert_true(desk_heard_part("anna", DESK, "reply ok"));
    desk_agent_says("sanna", DESK, ref("!takeover #O"));
    assert_non_null(desk_wrote(WRITE_CLAIM));
    assert_string_equal(desk_heard("anna", DESK), "Taken by Sanna");
}

static void takeover__while_it_is_being_handed_on__waits(void **state)
{
    (void)state;
    desk_hold(true);
    desk_agent_says("sanna", DESK, ref("!takeover #M"));
    orders("!takeover #M", "It is being handed on already.");
    desk_answer(STORAGE_REFUSES); /* Anna's end was faster */
    desk_hold(false);
    assert_string_equal(desk_heard("sanna", DESK), "Maria could not be handed to you.");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

RUN(CASE(agents__have_no_such_commands), CASE(watch__alone__lists_what_is_open),
    CASE(number__of_nothing_open__is_told), CASE(watching__shows_what_was_said_and_what_comes),
    CASE(watching__marks_nothing_and_tells_nobody), CASE(agent__is_told_where_the_tenant_says_so),
    CASE(watching__ends_with_the_conversation_and_with_the_supervisor),
    CASE(supervisor__who_is_one_no_more__sees_nothing_more),
    CASE(line__that_was_not_routed__is_shown_again),
    CASE(watching__ends_when_they_are_not_back_after_the_link),
    CASE(bounce__of_what_a_watcher_got__is_not_the_agents),
    CASE(whisper__reaches_the_agent_alone_and_is_kept_as_a_note),
    CASE(whisper__that_cannot_be__says_why),
    CASE(joining__is_told_to_visitor_and_agent_and_both_can_write),
    CASE(leaving__is_told_too_and_ends_their_say),
    CASE(joined__sees_typing_and_page_and_types_openly),
    CASE(joined__when_the_agent_gives_it_back__can_take_it_by_writing),
    CASE(what_is_corrected_or_withdrawn__is_told_to_the_others_beside_it),
    CASE(joined__before_a_restart__is_joined_after_it), CASE(takeover__moves_it_and_tells_both),
    CASE(takeover__of_who_waits__withdraws_the_offers),
    CASE(takeover__while_it_is_being_handed_on__waits))
