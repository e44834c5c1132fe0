/* SPDX-License-Identifier: Apache-2.0
 *
 * Ad-hoc commands: whose they are, and the words that are said for them.
 */
#include "tests/support/cmocka.h"
#include "tests/support/inbound_desk.h"

#include <stdio.h>

#define COMMAND(contact, node, rest)                                                         \
    "<iq type='set' id='c1' from='" ANNA "/phone' to='" contact "@" OURS "'><command xmlns=" \
    "'http://jabber.org/protocol/commands' node='" node "'" rest "</iq>"
#define FORM(words)                                                                           \
    " sessionid='s1'><x xmlns='jabber:x:data' type='submit'><field var='words'><value>" words \
    "</value></field></x></command>"

static void commands_of_supervisors__are_theirs_alone(void **state)
{
    struct desk *desk = *state; /* Ben is one */

    arrives(desk, "<iq type='get' id='q1' " TO_DESK "><query xmlns='http://jabber.org/protocol/"
                  "disco#items' node='http://jabber.org/protocol/commands'/></iq>");
    assert_false(is_answered(desk, "node='watch'"));
    arrives(desk, "<iq type='get' id='q1' from='ben@agents.example/x' to='desk@" OURS
                  "'><query xmlns='http://jabber.org/protocol/disco#items' "
                  "node='http://jabber.org/protocol/commands'/></iq>");
    assert_true(is_answered(desk, "node='watch'"));
    arrives(desk, COMMAND("desk", "watch", "/>"));
    assert_true(is_answered(desk, "item-not-found"));
    assert_told(desk, "");
}

static void commands__are_listed_where_they_can_be_said(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<iq type='get' id='q1' " TO_DESK "><query xmlns='http://jabber.org/protocol/"
                  "disco#items' node='http://jabber.org/protocol/commands'/></iq>");
    assert_true(
        is_answered(desk, "<item jid='desk@" OURS "' node='ok' name='ok [n] – take the offer"));
    assert_true(is_answered(desk, "node='queue'"));
    assert_false(is_answered(desk, "node='note'"));
    arrives(desk, "<iq type='get' id='q1' from='" ANNA "/phone' to='" VISITOR "@" OURS
                  "'><query xmlns='http://jabber.org/protocol/disco#items' "
                  "node='http://jabber.org/protocol/commands'/></iq>");
    assert_true(is_answered(desk, "<item jid='" VISITOR "@" OURS "' node='note' name='"));
    assert_false(is_answered(desk, "node='ok'"));
    arrives(desk, "<iq type='get' id='q1' " TO_DESK "><query xmlns='http://jabber.org/protocol/"
                  "disco#info' node='lang'/></iq>");
    assert_true(is_answered(desk, "category='automation' type='command-node'"));
}

static void command__without_words__is_said_at_once(void **state)
{
    struct desk *desk = *state;

    arrives(desk, COMMAND("desk", "queue", " action='execute'/>"));
    assert_non_null(strstr(desk->told.data, "message " ANNA "/phone > desk ["));
    assert_non_null(strstr(desk->told.data, "] !queue\n"));
    assert_true(is_answered(desk, "node='queue' status='completed' sessionid='"));
    assert_true(is_answered(desk, "<note type='info'>The answer is in the chat.</note>"));
}

static void command__that_takes_words__gives_a_form_and_then_says_them(void **state)
{
    struct desk *desk = *state;

    arrives(desk, COMMAND(VISITOR, "note", "/>"));
    assert_told(desk, "");
    assert_true(is_answered(desk, "status='executing'"));
    assert_true(is_answered(desk, "<field var='words' type='text-single' label='!note TEXT'>"
                                  "<required/></field>"));
    arrives(desk, COMMAND(VISITOR, "note", FORM("wants &lt;two&gt;")));
    assert_non_null(strstr(desk->told.data, "] !note wants <two>\n"));
    assert_true(is_answered(desk, "status='completed' sessionid='s1'"));
    arrives(desk, COMMAND(VISITOR, "end", FORM("")));
    assert_non_null(strstr(desk->told.data, "] !end\n"));
}

static void commands_and_forms__speak_the_agents_language(void **state)
{
    struct desk *desk = *state;

    speaks(desk, LANGUAGE_FI);
    arrives(desk, "<iq type='get' id='q1' " TO_DESK "><query xmlns='http://jabber.org/protocol/"
                  "disco#items' node='http://jabber.org/protocol/commands'/></iq>");
    assert_true(is_answered(desk, "node='queue' name='!queue – kuka odottaa'"));
    arrives(desk, COMMAND(VISITOR, "note", "/>"));
    assert_true(is_answered(desk, "<instructions>muistiinpano työtovereille; kävijä ei näe sitä<"));
    assert_true(is_answered(desk, " label='!note TEXT'>")); /* commands are the same words */
    arrives(desk, COMMAND(VISITOR, "note", FORM("ostaa")));
    assert_true(is_answered(desk, "<note type='info'>Vastaus on keskustelussa.</note>"));
    arrives(desk, COMMAND(VISITOR, "note", FORM("\xf0\x9f\xbf\xbe")));
    assert_true(is_answered(desk, "Ei kelpaa: liian pitkä, tai siinä on merkkejä"));
}

static void form__cancelled_half_way__says_nothing(void **state)
{
    struct desk *desk = *state;

    arrives(desk, COMMAND(VISITOR, "note", " sessionid='s1' action='cancel'/>"));
    assert_told(desk, "");
    assert_true(is_answered(desk, "status='canceled' sessionid='s1'"));
}

static void command__that_is_none_there__is_refused(void **state)
{
    static const char *const stanzas[] = {
        COMMAND("desk", "note", "/>"),          COMMAND(VISITOR, "ok", "/>"),
        COMMAND("desk", "nothing", "/>"),       COMMAND("desk", "!queue", "/>"),
        COMMAND(VISITOR, "nothing", FORM("x")), COMMAND("desk", "", "/>"),
    };
    struct desk *desk = *state;
    char form[8192];

    for (size_t i = 0; i < sizeof(stanzas) / sizeof(stanzas[0]); i++) {
        arrives(desk, stanzas[i]);
        assert_told(desk, "");
        assert_true(is_answered(desk, "item-not-found"));
    }
    arrives(desk, COMMAND("desk", "queue", " action='prev'/>"));
    assert_told(desk, "");
    assert_true(is_answered(desk, "bad-request"));
    (void)snprintf(form, sizeof(form), COMMAND(VISITOR, "note", FORM("%04100d")), 0);
    arrives(desk, form);
    assert_told(desk, "");
    assert_true(is_answered(desk, "not-acceptable"));
}

RUN(AT_A_DESK(commands_of_supervisors__are_theirs_alone),
    AT_A_DESK(commands__are_listed_where_they_can_be_said),
    AT_A_DESK(command__without_words__is_said_at_once),
    AT_A_DESK(command__that_takes_words__gives_a_form_and_then_says_them),
    AT_A_DESK(commands_and_forms__speak_the_agents_language),
    AT_A_DESK(form__cancelled_half_way__says_nothing),
    AT_A_DESK(command__that_is_none_there__is_refused))
