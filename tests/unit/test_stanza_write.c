/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/chat.h"
#include "server-bridge/xmpp/stanza_write.h"
#include "tests/support/cmocka.h"

#include <strophe.h>

#define DOMAIN "acme.chat.example"
#define ANNA   SLICE_LITERAL("anna@agents.example")

static const struct id an_id = { { 1 } };
#define AN_ID_TEXT "aeaaaaaaaaaaaaaaaaaaaaaaaa"

static struct buf *fresh(void)
{
    static struct buf xml;

    if (xml.limit == 0)
        buf_init(&xml, 1 << 20);
    buf_clear(&xml);
    return &xml;
}

static void say__with_everything__is_one_exact_stanza(void **state)
{
    const struct ipc_link_say say = { .to = ANNA,
                                      .from = SLICE_LITERAL("desk"),
                                      .stanza = an_id,
                                      .text = SLICE_LITERAL("a<b"),
                                      .at_ms = 1772442845120,
                                      .replaces = an_id,
                                      .receipts = true };
    struct buf *xml = fresh();

    (void)state;
    assert_int_equal(stanza_write_say(xml, DOMAIN, &say), OK);
    assert_string_equal(
        xml->data,
        "<message type='chat' from='desk@" DOMAIN "' to='anna@agents.example' id='" AN_ID_TEXT "'>"
        "<body>a&lt;b</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
        "<origin-id xmlns='urn:xmpp:sid:0' id='" AN_ID_TEXT "'/>"
        "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>"
        "<replace xmlns='urn:xmpp:message-correct:0' id='" AN_ID_TEXT "'/>"
        "<delay xmlns='urn:xmpp:delay' from='" DOMAIN "' stamp='2026-03-02T09:14:05.120Z'/>"
        "</message>");
}

static void say__in_reply__quotes_for_those_who_know_no_replies(void **state)
{
    struct ipc_link_say say = { .to = ANNA,
                                .from = SLICE_LITERAL("vx"),
                                .stanza = an_id,
                                .text = SLICE_LITERAL("yes"),
                                .answers = SLICE_LITERAL("s'1"),
                                .quote = SLICE_LITERAL("h\xc3\xa4 & so") };
    struct buf *xml = fresh();

    (void)state;
    assert_int_equal(stanza_write_say(xml, DOMAIN, &say), OK);
    assert_non_null(strstr(xml->data, "<body>&gt; h\xc3\xa4 &amp; so\nyes</body>"));
    assert_non_null(strstr(xml->data, "<reply xmlns='urn:xmpp:reply:0' to='anna@agents.example' "
                                      "id='s&#39;1'/>"));
    assert_non_null(
        strstr(xml->data, "for='urn:xmpp:reply:0'><body start='0' end='10'/></fallback>"));
    say.answers_own = true;
    xml = fresh();
    assert_int_equal(stanza_write_say(xml, DOMAIN, &say), OK);
    assert_non_null(strstr(xml->data, " to='vx@" DOMAIN "' id='s"));
}

static void say__as_a_reaction__says_so_in_words_too(void **state)
{
    struct ipc_link_say say = { .to = ANNA,
                                .from = SLICE_LITERAL("vx"),
                                .stanza = an_id,
                                .text = SLICE_LITERAL("[lasna] Maria reacted: 👍"),
                                .reacts = true,
                                .answers = SLICE_LITERAL("s1"),
                                .emojis = SLICE_LITERAL("👍 ❤️") };
    struct buf *xml = fresh();

    (void)state;
    assert_int_equal(stanza_write_say(xml, DOMAIN, &say), OK);
    assert_non_null(strstr(xml->data, "<body>[lasna] Maria reacted: 👍</body>"));
    assert_non_null(strstr(xml->data,
                           "<reactions xmlns='urn:xmpp:reactions:0' id='s1'>"
                           "<reaction>👍</reaction><reaction>❤️</reaction></reactions>"
                           "<fallback xmlns='urn:xmpp:fallback:0' "
                           "for='urn:xmpp:reactions:0'><body/></fallback>"));
    say.emojis = SLICE_NONE; /* taken back */
    xml = fresh();
    assert_int_equal(stanza_write_say(xml, DOMAIN, &say), OK);
    assert_non_null(strstr(xml->data, " id='s1'></reactions>"));
    say.emojis = SLICE_LITERAL("<x/>");
    assert_int_equal(stanza_write_say(fresh(), DOMAIN, &say), STANZA_E_REFUSED);
}

static void say__of_where_a_file_lies__names_it_twice(void **state)
{
    const struct ipc_link_say say = { .to = ANNA,
                                      .from = SLICE_LITERAL("vx"),
                                      .stanza = an_id,
                                      .text =
                                          SLICE_LITERAL("https://chat.example/f/acme/k/a.png?a&b"),
                                      .address = true };
    struct buf *xml = fresh();

    (void)state;
    assert_int_equal(stanza_write_say(xml, DOMAIN, &say), OK);
    assert_non_null(strstr(xml->data, "<body>https://chat.example/f/acme/k/a.png?a&amp;b</body>"));
    assert_non_null(strstr(xml->data,
                           "<x xmlns='jabber:x:oob'><url>https://chat.example/f/acme/k/a.png"
                           "?a&amp;b</url></x>"));
}

static void invitation__is_no_chat__and_says_nothing_else(void **state)
{
    struct ipc_link_say say = { .to = ANNA,
                                .from = SLICE_LITERAL("desk"),
                                .stanza = an_id,
                                .text = SLICE_LITERAL("The team room"),
                                .invites = SLICE_LITERAL("team@rooms.example") };
    struct buf *xml = fresh();

    (void)state;
    assert_int_equal(stanza_write_invitation(xml, DOMAIN, &say), OK);
    assert_string_equal(xml->data, "<message from='desk@" DOMAIN "' to='anna@agents.example'>"
                                   "<x xmlns='jabber:x:conference' jid='team@rooms.example'/>"
                                   "</message>");
    xml = fresh();
    assert_int_equal(stanza_write_say(xml, DOMAIN, &say), OK);
    assert_null(strstr(xml->data, "jabber:x:conference"));
    say.invites = SLICE_LITERAL("a b@rooms.example");
    xml = fresh();
    assert_int_equal(stanza_write_invitation(xml, DOMAIN, &say), STANZA_E_REFUSED);
    assert_int_equal(xml->len, 0);
}

static void presence__of_each_show__says_it_the_xmpp_way(void **state)
{
    static const char *const parts[] = { [SHOW_GONE] = " type='unavailable'>",
                                         [SHOW_DND] = "<show>dnd</show>",
                                         [SHOW_XA] = "<show>xa</show>",
                                         [SHOW_AWAY] = "<show>away</show>",
                                         [SHOW_AVAILABLE] = "<status>/p</status>" };

    (void)state;
    for (uint64_t show = SHOW_GONE; show <= SHOW_AVAILABLE; show++) {
        const struct ipc_link_presence presence = { ANNA, SLICE_LITERAL("desk"), show,
                                                    SLICE_LITERAL("/p"), SLICE_NONE };
        struct buf *xml = fresh();

        assert_int_equal(stanza_write_presence(xml, DOMAIN, &presence, "VER=", "5ha1"), OK);
        assert_non_null(strstr(xml->data, parts[show]));
        assert_non_null(strstr(xml->data, "from='desk@" DOMAIN "/lasna'"));
        assert_int_equal(strstr(xml->data, "ver='VER='") != NULL, show != SHOW_GONE);
        assert_int_equal(strstr(xml->data, "<x xmlns='vcard-temp:x:update'><photo>5ha1</photo>") !=
                             NULL,
                         show != SHOW_GONE);
        assert_int_equal(strstr(xml->data, "<show>") != NULL,
                         show != SHOW_GONE && show != SHOW_AVAILABLE);
    }
}

static void presence__of_an_unknown_show__is_refused(void **state)
{
    const struct ipc_link_presence presence = { .to = ANNA, .show = SHOW_AVAILABLE + 1 };
    struct buf *xml = fresh();

    (void)state;
    assert_int_equal(stanza_write_presence(xml, DOMAIN, &presence, "", ""), STANZA_E_REFUSED);
    assert_int_equal(xml->len, 0);
}

static void from__that_is_no_localpart_of_ours__is_refused(void **state)
{
    static const char *const wrong[] = { "Desk", "a@b", "a/b", "a b", "a'b", "a.b", "\xc3\xa4" };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct ipc_link_say say = { .to = ANNA,
                                          .from = slice_of(wrong[i]),
                                          .text = SLICE_LITERAL("x") };
        struct buf *xml = fresh();

        assert_int_equal(stanza_write_say(xml, DOMAIN, &say), STANZA_E_REFUSED);
        assert_int_equal(xml->len, 0);
    }
}

static void to__that_is_no_address__is_refused(void **state)
{
    static const char *const wrong[] = { "",
                                         "@b.example",
                                         "a@",
                                         "a@b@c",
                                         "a b@c.example",
                                         "a@b.example/",
                                         "a@b.example/\x01",
                                         "<a>@b.example" };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct ipc_link_chat_state typing = { slice_of(wrong[i]), SLICE_LITERAL("desk"),
                                                    true };
        struct buf *xml = fresh();

        assert_int_equal(stanza_write_chat_state(xml, DOMAIN, &typing), STANZA_E_REFUSED);
        assert_int_equal(xml->len, 0);
    }
}

/* Every code point there is: refused or well-formed, and what goes in comes out. */
static void text__of_every_code_point__is_refused_or_survives_a_parser(void **state)
{
    xmpp_ctx_t *ctx = xmpp_ctx_new(NULL, NULL);
    unsigned refused = 0;

    (void)state;
    for (uint32_t first = 1; first < 0x110000; first += 61) { /* odd steps: 18,000 of them */
        struct ipc_link_say say = { .to = ANNA, .from = SLICE_LITERAL("desk"), .stanza = an_id };
        xmpp_stanza_t *stanza;
        struct buf *xml = fresh();
        char text[8], *body;
        uint32_t point = first;
        size_t len = 0;

        if (point < 0x80) {
            text[len++] = (char)point;
        } else if (point < 0x800) {
            text[len++] = (char)(0xc0 | point >> 6);
            text[len++] = (char)(0x80 | (point & 63));
        } else if (point < 0x10000) {
            text[len++] = (char)(0xe0 | point >> 12);
            text[len++] = (char)(0x80 | (point >> 6 & 63));
            text[len++] = (char)(0x80 | (point & 63));
        } else {
            text[len++] = (char)(0xf0 | point >> 18);
            text[len++] = (char)(0x80 | (point >> 12 & 63));
            text[len++] = (char)(0x80 | (point >> 6 & 63));
            text[len++] = (char)(0x80 | (point & 63));
        }
        say.text = (struct slice){ text, len };
        if (stanza_write_say(xml, DOMAIN, &say) != OK) {
            refused++;
            continue;
        }
        stanza = xmpp_stanza_new_from_string(ctx, xml->data);
        assert_non_null(stanza);
        body = xmpp_message_get_body(stanza);
        assert_int_equal(strlen(body), len);
        assert_memory_equal(body, point == '\r' ? "\n" : text, len);
        xmpp_free(ctx, body);
        (void)xmpp_stanza_release(stanza);
    }
    assert_in_range(refused, 30, 100); /* the surrogates alone are 2,048 / 61 */
    xmpp_ctx_free(ctx);
}

RUN(cmocka_unit_test(say__with_everything__is_one_exact_stanza),
    cmocka_unit_test(say__in_reply__quotes_for_those_who_know_no_replies),
    cmocka_unit_test(say__as_a_reaction__says_so_in_words_too),
    cmocka_unit_test(say__of_where_a_file_lies__names_it_twice),
    cmocka_unit_test(invitation__is_no_chat__and_says_nothing_else),
    cmocka_unit_test(presence__of_each_show__says_it_the_xmpp_way),
    cmocka_unit_test(presence__of_an_unknown_show__is_refused),
    cmocka_unit_test(from__that_is_no_localpart_of_ours__is_refused),
    cmocka_unit_test(to__that_is_no_address__is_refused),
    cmocka_unit_test(text__of_every_code_point__is_refused_or_survives_a_parser))
