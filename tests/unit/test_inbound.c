/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is heard, and what of it. Each case hands over one stanza as it would arrive and looks
 * at what the core is told (as a line of text) and at what is answered.
 */
#include "chat/chat.h"
#include "tests/support/cmocka.h"
#include "tests/support/inbound_desk.h"

#include <stdio.h>

#define STANZA    "mfrggzdfmztwq2lknnwg23tpoa"
#define FROM_ANNA "from='" ANNA "/phone' to='" VISITOR "@" OURS "' type='chat'"
#define BODY      "<body>secret words</body>"

static void message__of_a_member__is_told_with_its_id(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<message " FROM_ANNA " id='a1'><body>Hei &amp; p\xc3\xa4iv\xc3\xa4\xc3\xa4"
                  "</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>");
    assert_told(desk,
                "message " ANNA "/phone > " VISITOR " [a1] Hei & p\xc3\xa4iv\xc3\xa4\xc3\xa4\n");
    assert_int_equal(desk->answered.len, 0);
}

static void message_id__is_the_clients_own__before_the_attribute(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<message " FROM_ANNA " id='a1'><body>x</body>"
                  "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"
                  "<replace xmlns='urn:xmpp:message-correct:0' id='a0'/></message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [o1] x instead of a0\n");
}

#define FROM_ANNA_S3 "<message " FROM_ANNA " id='s3'>"

static void withdrawal__in_either_form__is_heard_without_its_body(void **state)
{
    struct desk *desk = *state;

    arrives(desk, FROM_ANNA_S3 "<apply-to xmlns='urn:xmpp:fasten:0' id='s1'><retract "
                               "xmlns='urn:xmpp:message-retract:0'/></apply-to><fallback "
                               "xmlns='urn:xmpp:fallback:0'/><body>This person attempted to retract"
                               "</body></message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] withdraws s1\n");
    arrives(desk, FROM_ANNA_S3 "<body>/me retracted a previous message</body>"
                               "<retract xmlns='urn:xmpp:message-retract:1' id='s1'/></message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] withdraws s1\n");
}

static void withdrawal__of_nothing_in_particular__is_no_message_either(void **state)
{
    struct desk *desk = *state;

    arrives(desk, FROM_ANNA_S3 "<body>/me retracted</body>"
                               "<retract xmlns='urn:xmpp:message-retract:1'/></message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] withdraws \n");
}

#define REPLY_TO_M1                                                                            \
    "<reply xmlns='urn:xmpp:reply:0' to='" VISITOR "@" OURS "' id='m1'/>"                      \
    "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='%s' end='%s'/>" \
    "</fallback></message>"

static void replies(struct desk *desk, const char *body, const char *start, const char *end)
{
    char xml[2000];

    (void)snprintf(xml, sizeof(xml), FROM_ANNA_S3 "<body>%s</body>" REPLY_TO_M1, body, start, end);
    arrives(desk, xml);
}

static void reply__is_heard_without_what_it_quotes(void **state)
{
    struct desk *desk = *state;

    replies(desk, "&gt; h\xc3\xa4?\nyes", "0", "6");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] yes in reply to m1\n");
}

static void reply__whose_quotation_is_no_part_of_it__is_heard_whole(void **state)
{
    static const char *const ranges[][2] = {
        { "0", "9" },  { "0", "" },    { "5", "2" },
        { "-1", "4" }, { "0", "1e1" }, { "0", "99999999999" }
    };
    struct desk *desk = *state;

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        replies(desk, "&gt; a\nyes", ranges[i][0], ranges[i][1]);
        assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] > a\nyes in reply to m1\n");
    }
}

static void quotation__of_what_is_no_reply__stays(void **state)
{
    struct desk *desk = *state;

    arrives(desk, FROM_ANNA_S3 "<body>abc</body><fallback xmlns='urn:xmpp:fallback:0' "
                               "for='urn:xmpp:reply:0'><body start='0' end='2'/></fallback>"
                               "</message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] abc\n");
}

static void reply__that_is_corrected__is_a_correction_without_what_it_quotes(void **state)
{
    struct desk *desk = *state;

    replies(desk, "&gt; a\nyes</body><replace xmlns='urn:xmpp:message-correct:0' id='s1'/><body>",
            "0", "4");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] yes instead of s1\n");
}

#define REACTIONS "<reactions xmlns='urn:xmpp:reactions:0' id='m1'>"

static void reaction__is_heard_as_a_set__whatever_stands_in_the_body(void **state)
{
    struct desk *desk = *state;

    arrives(desk, FROM_ANNA_S3 REACTIONS "<reaction>👍</reaction><reaction>❤️</reaction>"
                                         "<reaction>👍</reaction></reactions></message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] 👍 ❤️ beside m1\n");
    arrives(desk, FROM_ANNA_S3 "<body>👍</body>" REACTIONS "</reactions></message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3]  beside m1\n");
}

static void reaction__by_what_is_no_emoji__or_too_many__is_explained(void **state)
{
    static const char *const wrong[] = {
        "<reaction>+1</reaction>",
        "<reaction/>",
        "<reaction>👍👎</reaction>",
        "<reaction>👍</reaction><reaction>a</reaction>",
        ("<reaction>👍</reaction><reaction>👎</reaction><reaction>❤️</reaction>"
         "<reaction>🎉</reaction><reaction>😂</reaction><reaction>😢</reaction>"),
    };
    struct desk *desk = *state;
    char xml[2000];

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)snprintf(xml, sizeof(xml), FROM_ANNA_S3 REACTIONS "%s</reactions></message>",
                       wrong[i]);
        arrives(desk, xml);
        assert_told(desk, "");
        assert_true(is_answered(desk, "Your reaction was not sent: it takes up to five"));
    }
}

static void fastening__of_something_else__is_words(void **state)
{
    struct desk *desk = *state;

    arrives(desk, FROM_ANNA_S3 "<apply-to xmlns='urn:xmpp:fasten:0' id='s1'><x xmlns='other'/>"
                               "</apply-to><body>x</body></message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [s3] x\n");
}

static void change__of_an_overlong_id__names_what_the_message_was_called(void **state)
{
    struct desk *desk = *state;
    char xml[4000], id[700], first[80];

    memset(id, 'x', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    (void)snprintf(xml, sizeof(xml), "<message " FROM_ANNA " id='%s'><body>x</body></message>", id);
    arrives(desk, xml);
    (void)snprintf(first, sizeof(first), "%.64s", strchr(desk->told.data, '[') + 1);
    (void)snprintf(xml, sizeof(xml),
                   FROM_ANNA_S3 "<retract xmlns='urn:xmpp:message-retract:1' id='%s'/></message>",
                   id);
    arrives(desk, xml);
    assert_non_null(strstr(desk->told.data, first));
}

static void message__without_any_id__gets_a_fresh_one_each_time(void **state)
{
    struct desk *desk = *state;
    char first[200];

    arrives(desk, "<message " FROM_ANNA "><body>x</body></message>");
    (void)snprintf(first, sizeof(first), "%s", desk->told.data);
    assert_non_null(strstr(first, "x\n"));
    arrives(desk, "<message " FROM_ANNA "><body>x</body></message>");
    assert_string_not_equal(first, desk->told.data);
}

static void message__of_a_stranger__is_refused_and_not_told(void **state)
{
    static const char *const strangers[] = {
        "mallory@evil.example/x",
        ("evil.example/" ANNA), /* a splitter that looks for '@' first takes it for anna */
        "evil.example/anna@agents.example/phone",
        "ANNA@agents.example/x",
        "anna@agents.example.evil.example/x",
        "xanna@agents.example/x",
        "agents.example",
        "ann@agents.example",
        "anna@agents.exampl",
    };
    struct desk *desk = *state;
    char xml[512];

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        (void)snprintf(xml, sizeof(xml), "<message from='%s' to='desk@" OURS "'>" BODY "</message>",
                       strangers[i]);
        arrives(desk, xml);
        assert_told(desk, "");
        assert_true(is_answered(desk, "<error type='auth'><forbidden"));
        assert_false(is_answered(desk, "secret"));
    }
}

static void errors_and_results__of_anyone__are_never_answered(void **state)
{
    struct desk *desk = *state;

    arrives(desk,
            "<message type='error' from='m@evil.example' to='desk@" OURS "'>" BODY "</message>");
    assert_silent(desk);
    arrives(desk, "<iq type='result' id='1' from='m@evil.example' to='desk@" OURS "'/>");
    assert_silent(desk);
    arrives(desk, "<iq type='error' id='1' from='" ANNA "/x' to='" OURS "'/>");
    assert_silent(desk);
    arrives(desk, "<presence type='error' from='" ANNA "/x' to='desk@" OURS "'/>");
    assert_silent(desk);
}

static void strangers__who_flood__are_answered_so_often_only(void **state)
{
    struct desk *desk = *state;
    unsigned answers = 0;

    for (int i = 0; i < 1000; i++) {
        arrives(desk, "<message from='m@evil.example' to='desk@" OURS "'>" BODY "</message>");
        answers += desk->answered.len > 0;
    }
    assert_in_range(answers, 1, 100);
}

static void stranger__asking_what_is_here__learns_nothing(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<iq type='get' id='1' from='m@evil.example/x' to='" OURS "'>"
                  "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    assert_true(is_answered(desk, "<forbidden"));
    assert_false(is_answered(desk, "identity"));
    arrives(desk, "<presence type='subscribe' from='m@evil.example' to='desk@" OURS "'/>");
    assert_true(is_answered(desk, "<forbidden"));
    arrives(desk, "<presence type='probe' from='m@evil.example' to='desk@" OURS "'/>");
    assert_silent(desk);
    arrives(desk, "<presence from='m@evil.example/x' to='desk@" OURS "'/>");
    assert_silent(desk);
}

/* Someone who can make a member's server send us what a member "said elsewhere". */
static void carbons_forwards_archives_and_events__of_a_member__are_ignored(void **state)
{
    static const char *const wrapped[] = {
        ("<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>%s</forwarded>"
         "</received>"),
        ("<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>%s</forwarded>"
         "</sent>"),
        ("<forwarded xmlns='urn:xmpp:forward:0'>%s</forwarded>" BODY),
        ("<result xmlns='urn:xmpp:mam:2' id='1'><forwarded xmlns='urn:xmpp:forward:0'>%s"
         "</forwarded></result>"),
        ("<event xmlns='http://jabber.org/protocol/pubsub#event'>%s</event>" BODY),
        ("<x xmlns='http://jabber.org/protocol/muc#user'>%s</x>" BODY),
    };
    struct desk *desk = *state;
    char inner[256], children[512], xml[1024];

    (void)snprintf(inner, sizeof(inner),
                   "<message xmlns='jabber:client' from='" ANNA "/x' to='" VISITOR "@" OURS
                   "' id='f'>" BODY "</message>");
    for (size_t i = 0; i < sizeof(wrapped) / sizeof(wrapped[0]); i++) {
        (void)snprintf(children, sizeof(children), wrapped[i], inner);
        (void)snprintf(xml, sizeof(xml), "<message " FROM_ANNA " id='%zu'>%s</message>", i,
                       children);
        arrives(desk, xml);
        assert_silent(desk);
    }
}

static void body__of_another_namespace__is_none(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<message " FROM_ANNA " id='a'><body xmlns='urn:joke'>x</body></message>");
    assert_silent(desk);
    arrives(desk, "<message " FROM_ANNA " id='a'><html xmlns='http://jabber.org/protocol/"
                  "xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>x</body></html>"
                  "<body>plain</body></message>");
    assert_told(desk, "message " ANNA "/phone > " VISITOR " [a] plain\n");
}

static void message__to_somebody_we_do_not_have__is_refused(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<message from='" ANNA "/x' to='vshort@" OURS "' id='1'>" BODY "</message>");
    assert_told(desk, "");
    assert_true(is_answered(desk, "item-not-found"));
    arrives(desk, "<message from='" ANNA "/x' to='desk@borealis.chat.example'>" BODY "</message>");
    assert_silent(desk);
}

static void message__encrypted__is_explained_and_its_fallback_not_told(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<message " FROM_ANNA " id='a'><encrypted "
                  "xmlns='eu.siacs.conversations.axolotl'/><body>I sent you an OMEMO message"
                  "</body></message>");
    assert_told(desk, "");
    assert_true(is_answered(desk, "[lasna] Not sent: it was encrypted"));
    assert_true(is_answered(desk, "to='" ANNA "/phone'"));
}

static void what_is_explained__is_said_in_the_agents_language(void **state)
{
    struct desk *desk = *state;

    speaks(desk, LANGUAGE_FI);
    arrives(desk, "<message " FROM_ANNA " id='a'><encrypted xmlns='urn:xmpp:omemo:2'/></message>");
    assert_true(is_answered(desk, "[lasna] Ei lähetetty: viesti oli salattu, eikä kävijä voi"));
    speaks(desk, LANGUAGE_SV);
    arrives(desk, "<message " FROM_ANNA " id='a'><body>a\xf0\x9f\xbf\xbe</body></message>");
    assert_true(is_answered(desk, "[lasna] Inte skickat: det innehåller tecken som inte kan"));
}

static void body__too_long_or_odd__is_explained(void **state)
{
    struct desk *desk = *state;
    AUTO_BUF xml;

    buf_init(&xml, 1 << 16);
    buf_add_text(&xml, "<message " FROM_ANNA " id='a'><body>");
    for (int i = 0; i < 4001; i++)
        buf_add_text(&xml, "\xc3\xa4");
    buf_add_text(&xml, "</body></message>");
    arrives(desk, xml.data);
    assert_told(desk, "");
    assert_true(is_answered(desk, "4,000"));
    arrives(desk, "<message " FROM_ANNA " id='a'><body>a\xf0\x9f\xbf\xbe</body></message>");
    assert_told(desk, ""); /* U+1FFFE: XML has it, Unicode does not */
    assert_true(is_answered(desk, "cannot be shown"));
    arrives(desk, "<message " FROM_ANNA " id='a'><body> \n </body></message>");
    assert_silent(desk);
}

static void typing_and_marks__of_a_member__are_told(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<message " FROM_ANNA "><composing "
                  "xmlns='http://jabber.org/protocol/chatstates'/></message>");
    assert_told(desk, "state " ANNA " > " VISITOR " 1\n");
    arrives(desk, "<message " FROM_ANNA "><paused "
                  "xmlns='http://jabber.org/protocol/chatstates'/></message>");
    assert_told(desk, "state " ANNA " > " VISITOR " 0\n");
    arrives(desk, "<message " FROM_ANNA "><received xmlns='urn:xmpp:receipts' id='" STANZA
                  "'/></message>");
    assert_told(desk, "receipt " ANNA " > " VISITOR " [" STANZA "] 0\n");
    arrives(desk, "<message " FROM_ANNA "><displayed xmlns='urn:xmpp:chat-markers:0' id='" STANZA
                  "'/></message>");
    assert_told(desk, "receipt " ANNA " > " VISITOR " [" STANZA "] 1\n");
    arrives(desk, "<message " FROM_ANNA "><received xmlns='urn:xmpp:receipts' id='not-ours'/>"
                  "</message>");
    assert_silent(desk);
}

static void bounce__of_a_message_of_ours__is_told_with_its_reason(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<message type='error' from='" ANNA "/x' to='" VISITOR "@" OURS "' id='" STANZA
                  "'><body>x</body><error type='cancel'><service-unavailable "
                  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    assert_told(desk, "bounced [" STANZA "] " ANNA " service-unavailable\n");
    assert_int_equal(desk->answered.len, 0);
}

static void presence__for_the_desk__is_told(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<presence " TO_DESK "/>");
    assert_told(desk, "presence " ANNA "/phone > desk 4\n");
    arrives(desk, "<presence " TO_DESK "><show>dnd</show></presence>");
    assert_told(desk, "presence " ANNA "/phone > desk 1\n");
    arrives(desk, "<presence " TO_DESK "><show>nonsense</show></presence>");
    assert_told(desk, "presence " ANNA "/phone > desk 4\n");
    arrives(desk, "<presence type='unavailable' " TO_DESK "/>");
    assert_told(desk, "presence " ANNA "/phone > desk 0\n");
    arrives(desk, "<presence from='" ANNA "/phone' to='" VISITOR "@" OURS "'/>");
    assert_silent(desk); /* the same news, for each contact again */
}

static void probe__of_a_member__is_answered_with_what_was_last_shown(void **state)
{
    struct desk *desk = *state;
    const struct ipc_link_presence shown = { SLICE_LITERAL(ANNA), SLICE_LITERAL(VISITOR), SHOW_AWAY,
                                             SLICE_LITERAL("/pricing"), SLICE_NONE };

    arrives(desk, "<presence type='probe' from='" ANNA "/phone' to='" VISITOR "@" OURS "'/>");
    assert_true(is_answered(desk, "type='unavailable'"));
    assert_int_equal(contacts_set(desk->inbound.contacts, &shown, true), OK);
    arrives(desk, "<presence type='probe' from='" ANNA "/phone' to='" VISITOR "@" OURS "'/>");
    assert_true(is_answered(desk, "from='" VISITOR "@" OURS "/lasna' to='" ANNA "/phone'"));
    assert_true(is_answered(desk, "<show>away</show><status>/pricing</status>"));
    arrives(desk, "<presence type='probe' from='ben@agents.example/x' to='" VISITOR "@" OURS "'/>");
    assert_true(is_answered(desk, "type='unavailable'")); /* shown to anna only */
}

static void subscribe__of_a_member__is_granted_and_nobody_is_ever_unsubscribed(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<presence type='subscribe' from='" ANNA "' to='desk@" OURS "'/>");
    assert_true(is_answered(desk, "from='desk@" OURS "' to='" ANNA "' type='subscribed'"));
    arrives(desk, "<presence type='unsubscribe' from='" ANNA "' to='desk@" OURS "'/>");
    assert_silent(desk);
}

static void requests__of_a_member__get_results_or_errors(void **state)
{
    static const struct {
        const char *type, *query, *answer;
    } cases[] = {
        { "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "type='bot'" },
        { "get", "<ping xmlns='urn:xmpp:ping'/>", "<iq type='result'" },
        { "get", "<query xmlns='jabber:iq:version'/>", "<name>" },
        { "get", "<vCard xmlns='vcard-temp'/>", "<FN>Acme &amp; Sons</FN>" },
        { "get", "<vCard xmlns='vcard-temp'/>", "<URL>https://acme.example</URL>" },
        { "get", "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/>",
          "data:image/png;base64,iVBO" },
        { "get",
          "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items "
          "node='eu.siacs.conversations.axolotl.devicelist'/></pubsub>",
          "item-not-found" },
        { "set", "<query xmlns='jabber:iq:roster'/>", "not-allowed" },
        { "get", "<query xmlns='jabber:iq:last'/>", "service-unavailable" },
        { "set", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "service-unavailable" },
        { "get", "", "service-unavailable" },
    };
    struct desk *desk = *state;
    char xml[512];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(xml, sizeof(xml), "<iq " TO_DESK " type='%s' id='q1'>%s</iq>", cases[i].type,
                       cases[i].query);
        arrives(desk, xml);
        assert_told(desk, "");
        assert_true(is_answered(desk, cases[i].answer));
        assert_true(is_answered(desk, "id='q1'"));
    }
}

/* The answer to a request to the visitor's contact. */
static void asks_visitor(struct desk *desk, const char *from, const char *query)
{
    char xml[1024];

    (void)snprintf(xml, sizeof(xml),
                   "<iq type='get' id='q1' from='%s' to='" VISITOR "@" OURS "'>%s</iq>", from,
                   query);
    arrives(desk, xml);
    assert_told(desk, "");
}

static void card_of_a_visitor__tells_what_their_agent_sees__and_others_nothing(void **state)
{
    const struct ipc_link_presence shown = { SLICE_LITERAL(ANNA), SLICE_LITERAL(VISITOR),
                                             SHOW_AVAILABLE, SLICE_LITERAL("/pricing \xc2\xb7 fi"),
                                             SLICE_LITERAL("Maria <3") };
    static const char *const cards[] = { "<vCard xmlns='vcard-temp'/>",
                                         "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/>",
                                         ("<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                                          "<items node='urn:xmpp:vcard4'/></pubsub>") };
    struct desk *desk = *state;

    assert_int_equal(contacts_set(desk->inbound.contacts, &shown, true), OK);
    for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
        asks_visitor(desk, ANNA "/x", cards[i]);
        assert_true(is_answered(desk, "Maria &lt;3 \xc2\xb7 Acme &amp; Sons<"));
        assert_true(is_answered(desk, "/pricing \xc2\xb7 fi<"));
        assert_true(is_answered(desk, "iVBORw0KGgo"));
        asks_visitor(desk, "ben@agents.example/x", cards[i]); /* a member, but it is Anna's */
        assert_true(is_answered(desk, "Visitor \xc2\xb7 Acme &amp; Sons<"));
        assert_false(is_answered(desk, "Maria"));
        assert_false(is_answered(desk, "/pricing"));
        asks_visitor(desk, "mallory@agents.example/x", cards[i]);
        assert_true(is_answered(desk, "<forbidden "));
        assert_false(is_answered(desk, "Acme"));
    }
}

#define ITEMS(node, item)                                                                  \
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:" node \
    "'>" item "</items></pubsub>"

static void avatar__is_the_same_in_presence_and_in_what_is_published(void **state)
{
    struct desk *desk = *state;
    const struct look_picture *picture = look_picture(&desk->look, SLICE_LITERAL(VISITOR));
    char item[128];

    asks_visitor(desk, ANNA "/x", ITEMS("metadata", ""));
    (void)snprintf(item, sizeof(item), "<info id='%s' type='image/png' bytes='%zu'", picture->hash,
                   picture->bytes);
    assert_true(is_answered(desk, item));
    asks_visitor(desk, ANNA "/x", ITEMS("data", ""));
    assert_true(is_answered(desk, "<data xmlns='urn:xmpp:avatar:data'>iVBORw0KGgo"));
    asks_visitor(desk, ANNA "/x", ITEMS("data", "<item id='another'/>"));
    assert_true(is_answered(desk, "item-not-found"));
    assert_string_not_equal(picture->hash, look_picture(&desk->look, SLICE_LITERAL("desk"))->hash);
}

static void barrier__comes_back_from_ourselves_only(void **state)
{
    struct desk *desk = *state;

    arrives(desk, "<iq type='get' id='barrier-7' from='" ANNA "/x' to='" OURS "/barrier'>"
                  "<ping xmlns='urn:xmpp:ping'/></iq>");
    assert_int_equal(desk->barrier, 0);
    arrives(desk, "<iq type='get' id='barrier-7' from='" OURS "' to='" OURS "/barrier'>"
                  "<ping xmlns='urn:xmpp:ping'/></iq>");
    assert_int_equal(desk->barrier, 7);
    assert_silent(desk);
}

static void our_own_contacts__are_nobody_we_hear(void **state)
{
    struct desk *desk = *state;

    assert_int_equal(
        members_add(&desk->members, SLICE_LITERAL("desk@" OURS), MEMBER_OUTSIDER, LANGUAGE_EN), OK);
    arrives(desk, "<message from='desk@" OURS "/lasna' to='desk@" OURS "'>" BODY "</message>");
    assert_told(desk, "");
    assert_silent(desk);
}

static void count(void *context, const struct ipc_heard_message *message)
{
    (void)message;
    ++*(unsigned *)context;
}

static void messages__not_handled_yet__are_kept_and_bounded(void **state)
{
    struct desk *desk = *state;
    unsigned kept = 0;

    for (unsigned i = 0; i < UNHANDLED_MAX; i++)
        arrives(desk, "<message " FROM_ANNA " id='a'><body>x</body></message>");
    arrives(desk, "<message " FROM_ANNA " id='a'><body>x</body></message>");
    assert_told(desk, "");
    assert_true(is_answered(desk, "resource-constraint"));
    unhandled_done(&desk->unhandled, 1);
    unhandled_done(&desk->unhandled, 3);
    unhandled_done(&desk->unhandled, 3);
    unhandled_each(&desk->unhandled, count, &kept);
    assert_int_equal(kept, UNHANDLED_MAX - 2);
    arrives(desk, "<message " FROM_ANNA " id='a'><body>x</body></message>");
    assert_int_not_equal(desk->told.len, 0);
}

static void receipt__names_what_the_client_asked_for(void **state)
{
    struct desk *desk = *state;
    struct slice id;

    arrives(desk, "<message " FROM_ANNA " id='a1'><body>x</body><request "
                  "xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"
                  "</message>");
    assert_true(unhandled_receipt_id(&desk->unhandled, SLICE_LITERAL(ANNA), SLICE_LITERAL(VISITOR),
                                     SLICE_LITERAL("o1"), &id));
    assert_true(slice_is(id, "a1"));
    arrives(desk, "<message " FROM_ANNA " id='a2'><body>x</body></message>");
    assert_true(unhandled_receipt_id(&desk->unhandled, SLICE_LITERAL(ANNA), SLICE_LITERAL(VISITOR),
                                     SLICE_LITERAL("a2"), &id));
    assert_int_equal(id.len, 0); /* asked for none */
}

RUN(AT_A_DESK(message__of_a_member__is_told_with_its_id),
    AT_A_DESK(message_id__is_the_clients_own__before_the_attribute),
    AT_A_DESK(withdrawal__in_either_form__is_heard_without_its_body),
    AT_A_DESK(withdrawal__of_nothing_in_particular__is_no_message_either),
    AT_A_DESK(fastening__of_something_else__is_words),
    AT_A_DESK(reply__is_heard_without_what_it_quotes),
    AT_A_DESK(reply__whose_quotation_is_no_part_of_it__is_heard_whole),
    AT_A_DESK(quotation__of_what_is_no_reply__stays),
    AT_A_DESK(reply__that_is_corrected__is_a_correction_without_what_it_quotes),
    AT_A_DESK(reaction__is_heard_as_a_set__whatever_stands_in_the_body),
    AT_A_DESK(reaction__by_what_is_no_emoji__or_too_many__is_explained),
    AT_A_DESK(change__of_an_overlong_id__names_what_the_message_was_called),
    AT_A_DESK(message__without_any_id__gets_a_fresh_one_each_time),
    AT_A_DESK(message__of_a_stranger__is_refused_and_not_told),
    AT_A_DESK(errors_and_results__of_anyone__are_never_answered),
    AT_A_DESK(strangers__who_flood__are_answered_so_often_only),
    AT_A_DESK(stranger__asking_what_is_here__learns_nothing),
    AT_A_DESK(carbons_forwards_archives_and_events__of_a_member__are_ignored),
    AT_A_DESK(body__of_another_namespace__is_none),
    AT_A_DESK(message__to_somebody_we_do_not_have__is_refused),
    AT_A_DESK(message__encrypted__is_explained_and_its_fallback_not_told),
    AT_A_DESK(what_is_explained__is_said_in_the_agents_language),
    AT_A_DESK(body__too_long_or_odd__is_explained),
    AT_A_DESK(typing_and_marks__of_a_member__are_told),
    AT_A_DESK(bounce__of_a_message_of_ours__is_told_with_its_reason),
    AT_A_DESK(presence__for_the_desk__is_told),
    AT_A_DESK(probe__of_a_member__is_answered_with_what_was_last_shown),
    AT_A_DESK(subscribe__of_a_member__is_granted_and_nobody_is_ever_unsubscribed),
    AT_A_DESK(requests__of_a_member__get_results_or_errors),
    AT_A_DESK(card_of_a_visitor__tells_what_their_agent_sees__and_others_nothing),
    AT_A_DESK(avatar__is_the_same_in_presence_and_in_what_is_published),
    AT_A_DESK(barrier__comes_back_from_ourselves_only),
    AT_A_DESK(our_own_contacts__are_nobody_we_hear),
    AT_A_DESK(messages__not_handled_yet__are_kept_and_bounded),
    AT_A_DESK(receipt__names_what_the_client_asked_for))
