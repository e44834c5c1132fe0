/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/outward/outward.h"
#include "tests/support/cmocka.h"

#include <stdio.h>

static struct letter letter;

static int start(void **state)
{
    (void)state;
    letter_init(&letter);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    letter_release(&letter);
    return 0;
}

static void open_with(enum hook_event event, const char *language, const char *detail, bool texts)
{
    const struct notice notice = { .event = event,
                                   .about = { .language = slice_of(language),
                                              .outcome = SLICE_LITERAL("solved"),
                                              .opened_ms = 1772442845120 },
                                   .kind = SLICE_LITERAL("callback"),
                                   .detail = slice_of(detail),
                                   .agent = SLICE_LITERAL("Anna") };

    letter_open(&letter, &notice, "Acme", texts);
}

static void says(enum message_from from, const char *name, const char *text)
{
    const struct stored_message message = {
        .from = from, .name = slice_of(name), .at_ms = 1772442845120, .text = slice_of(text)
    };

    assert_true(letter_add_message(&letter, &message));
}

static void a_copy__speaks_the_language_of_the_chat(void **state)
{
    (void)state;
    open_with(HOOK_TRANSCRIPT, "fi-FI", "", false);
    assert_string_equal(letter.subject.data, "Keskustelusi: Acme");
    assert_true(letter.with_messages);
    says(FROM_VISITOR, "Vera", "moi");
    says(FROM_AGENT, "Anna", "hei\nhei");
    assert_non_null(strstr(letter.text.data, "\n\n[09:14] Sin\xc3\xa4: moi\n"
                                             "[09:14] Anna: hei\n        hei\n"));
}

static void a_signature__names_who_answered__and_the_company(void **state)
{
    (void)state;
    open_with(HOOK_TRANSCRIPT, "en", "", false);
    says(FROM_VISITOR, "Vera {agent}", "hello");
    letter_sign(&letter, "{agent}, {company}\n{company} · {unknown}", "Acme");
    assert_non_null(strstr(letter.text.data, "hello\n\n-- \nAcme · {unknown}\n"));
    says(FROM_AGENT, "Anna\nBcc: x", "hi");
    letter_sign(&letter, "{agent}, {company}", "Acme");
    assert_non_null(strstr(letter.text.data, "hi\n\n-- \nAnna Bcc: x, Acme\n"));
}

static void a_signature__is_for_visitors_alone(void **state)
{
    size_t before;

    (void)state;
    open_with(HOOK_ENDED, "en", "", true);
    before = letter.text.len;
    letter_sign(&letter, "{company}", "Acme");
    assert_int_equal(letter.text.len, before);
    open_with(HOOK_TRANSCRIPT, "en", "", false);
    before = letter.text.len;
    letter_sign(&letter, "", "Acme");
    assert_int_equal(letter.text.len, before);
}

static void a_language_we_have_not__is_english(void **state)
{
    (void)state;
    open_with(HOOK_TRANSCRIPT, "final", "", false);
    assert_string_equal(letter.subject.data, "Your chat with Acme");
}

static void a_call_back__says_whom_and_when(void **state)
{
    (void)state;
    open_with(HOOK_CALLBACK, "sv", "{\"number\":\"+358 40 1\",\"time\":\"noon\\nBcc: x\"}", false);
    assert_string_equal(letter.subject.data, "Acme: Ring upp");
    assert_true(slice_starts_with(buf_slice(&letter.text),
                                  "Nummer: +358 40 1\nN\xc3\xa4r: noon Bcc: x\n"
                                  "Antecknat av: Anna\nChatt: "));
    assert_false(letter.with_messages);
}

static void a_form__says_who_wrote_what(void **state)
{
    const struct notice notice = { .event = HOOK_OFFLINE,
                                   .about = { .visitor_name = SLICE_LITERAL("Vera\nBcc: x"),
                                              .email = SLICE_LITERAL("vera@buyer.example") },
                                   .message = { .text = SLICE_LITERAL("Call me.\nThanks") } };

    (void)state;
    letter_open(&letter, &notice, "Acme", false);
    assert_string_equal(letter.subject.data, "Acme: Written while nobody was there");
    assert_true(slice_starts_with(buf_slice(&letter.text),
                                  "Name: Vera Bcc: x\nE-mail: vera@buyer.example\nConversation: "));
    assert_non_null(strstr(letter.text.data, "\n\nCall me.\nThanks\n"));
}

static void the_end_of_a_chat__holds_words_where_asked(void **state)
{
    (void)state;
    open_with(HOOK_ENDED, "en", "", false);
    assert_false(letter.with_messages);
    open_with(HOOK_ENDED, "en", "", true);
    assert_true(letter.with_messages);
    says(FROM_VISITOR, "", "hi");
    assert_non_null(strstr(letter.text.data, "Outcome: solved\n"));
    assert_non_null(strstr(letter.text.data, "[09:14] Visitor: hi\n"));
}

static void what_is_too_long__says_so_and_still_fits(void **state)
{
    static char words[8001];
    const struct stored_message message = { .from = FROM_AGENT,
                                            .at_ms = 1772442845120,
                                            .text = { words, 8000 } };
    const struct envelope envelope = { .from = "chat@chat.example",
                                       .title = "Acme",
                                       .to = "vera@buyer.example" };
    int added = 0;
    AUTO_BUF mail;

    (void)state;
    for (size_t i = 0; i < sizeof(words) - 1; i += 2) {
        words[i] = '\xc3';
        words[i + 1] = '\xa4';
    }
    open_with(HOOK_TRANSCRIPT, "en", "", false);
    while (letter_add_message(&letter, &message))
        added++;
    assert_true(added >= 9 && added < 20);
    assert_non_null(strstr(letter.text.data, "(The rest is too long for a mail.)"));
    buf_init(&mail, IPC_BODY_MAX);
    letter_close(&letter, &envelope, &mail);
    assert_false(buf_failed(&mail));
}

static void a_mail__has_the_headers_of_one(void **state)
{
    const struct envelope envelope = { .from = "chat@chat.example",
                                       .title = "L\xc3\xa4sn\xc3\xa4",
                                       .to = "vera@buyer.example",
                                       .notice = { { { 7 } } },
                                       .now_ms = 1772442845120 };
    AUTO_BUF mail;

    (void)state;
    open_with(HOOK_TRANSCRIPT, "en", "", false);
    buf_init(&mail, IPC_BODY_MAX);
    letter_close(&letter, &envelope, &mail);
    assert_string_equal(
        mail.data,
        "From: =?UTF-8?B?TMOkc27DpA==?=\r\n <chat@chat.example>\r\nTo: <vera@buyer.example>\r\n"
        "Subject: Your chat with Acme\r\nDate: Mon, 02 Mar 2026 09:14:05 +0000\r\n"
        "Message-ID: <a4aaaaaaaaaaaaaaaaaaaaaaaa@chat.example>\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        "The copy of a chat that was asked for. Times are UTC.\r\n\r\n");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(a_copy__speaks_the_language_of_the_chat), CASE(a_language_we_have_not__is_english),
    CASE(a_call_back__says_whom_and_when), CASE(a_form__says_who_wrote_what),
    CASE(a_signature__names_who_answered__and_the_company),
    CASE(a_signature__is_for_visitors_alone), CASE(the_end_of_a_chat__holds_words_where_asked),
    CASE(what_is_too_long__says_so_and_still_fits), CASE(a_mail__has_the_headers_of_one))
