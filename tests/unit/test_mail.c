/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/mail.h"

#include "tests/support/cmocka.h"

static struct buf out;

static int start(void **state)
{
    (void)state;
    buf_init(&out, 65536);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    buf_release(&out);
    return 0;
}

static const char *written(void)
{
    assert_false(buf_failed(&out));
    return out.data == NULL ? "" : out.data;
}

static void an_address__is_plain(void **state)
{
    static const char *const fine[] = { "anna@acme.example", "a.b+c@mail.acme.example",
                                        "o'neil_1@a-b.example", "x@1.example" };
    static const char *const not_fine[] = { "",
                                            "anna",
                                            "anna@",
                                            "@acme.example",
                                            "anna@acme",
                                            "anna@@acme.example",
                                            "anna@acme..example",
                                            "anna@.example",
                                            "anna@acme.example.",
                                            "anna@-acme.example",
                                            ".anna@acme.example",
                                            "an..na@acme.example",
                                            "-oQ@acme.example",
                                            "\"anna\"@acme.example",
                                            "anna @acme.example",
                                            "anna@acme.example\r\nRCPT TO:<x@y.example>",
                                            "anna@acme.example>",
                                            "<anna@acme.example>",
                                            "anna@acme.example,ben@acme.example",
                                            "anna@[127.0.0.1]",
                                            "\xc3\xa4nna@acme.example",
                                            "anna@\xc3\xa4.example" };
    char longest[MAIL_ADDRESS_MAX + 2] = "a@";

    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        if (!mail_address_is_fine(slice_of(fine[i])))
            fail_msg("%s is fine", fine[i]);
    }
    for (size_t i = 0; i < sizeof(not_fine) / sizeof(not_fine[0]); i++) {
        if (mail_address_is_fine(slice_of(not_fine[i])))
            fail_msg("%s is not fine", not_fine[i]);
    }
    assert_false(mail_address_is_fine((struct slice){ "a\0b@c.example", 13 }));
    for (size_t i = 2; i <= MAIL_ADDRESS_MAX; i++)
        longest[i] = i % 50 == 0 ? '.' : 'a';
    assert_true(mail_address_is_fine((struct slice){ longest, MAIL_ADDRESS_MAX }));
    assert_false(mail_address_is_fine((struct slice){ longest, MAIL_ADDRESS_MAX + 1 }));
}

static void a_plain_text__stays_as_it_is(void **state)
{
    (void)state;
    mail_add_words(&out, SLICE_LITERAL("Your chat with Acme Oy (2)"));
    assert_string_equal(written(), "Your chat with Acme Oy (2)");
}

static void any_other_text__is_encoded_in_whole_characters(void **state)
{
    (void)state;
    mail_add_words(&out, SLICE_LITERAL("L\xc3\xa4sn\xc3\xa4"));
    assert_string_equal(written(), "=?UTF-8?B?TMOkc27DpA==?=");
    buf_clear(&out);
    /* 46 bytes: the last character would be cut at 45 */
    mail_add_words(&out, SLICE_LITERAL("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4"));
    assert_string_equal(written(),
                        "=?UTF-8?B?YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=?="
                        "\r\n =?UTF-8?B?w6Q=?=");
}

static void nothing__ends_a_header_line(void **state)
{
    (void)state;
    mail_add_words(&out, SLICE_LITERAL("x\r\nBcc: all@acme.example"));
    mail_add_mailbox(&out, SLICE_LITERAL("x\r\nBcc: y"), SLICE_LITERAL("a@b.example"));
    mail_add_words(&out, SLICE_LITERAL("=?UTF-8?Q?=0D=0ABcc:_x?="));
    assert_null(strstr(written(), "Bcc"));
    for (const char *at = strstr(written(), "\r\n"); at != NULL; at = strstr(at + 2, "\r\n"))
        assert_true(at[2] == ' ');
}

static void a_name__is_quoted_or_encoded(void **state)
{
    (void)state;
    mail_add_mailbox(&out, SLICE_LITERAL("Acme \"the\" Oy, Ltd\\"), SLICE_LITERAL("a@b.example"));
    assert_string_equal(written(), "\"Acme \\\"the\\\" Oy, Ltd\\\\\" <a@b.example>");
    buf_clear(&out);
    mail_add_mailbox(&out, SLICE_NONE, SLICE_LITERAL("a@b.example"));
    assert_string_equal(written(), "<a@b.example>");
    buf_clear(&out);
    mail_add_mailbox(&out, SLICE_LITERAL("\xc3\x84"), SLICE_LITERAL("a@b.example"));
    assert_string_equal(written(), "=?UTF-8?B?w4Q=?=\r\n <a@b.example>");
}

static void a_date__is_in_utc(void **state)
{
    (void)state;
    mail_add_date(&out, 1772442845120);
    assert_string_equal(written(), "Mon, 02 Mar 2026 09:14:05 +0000");
}

static void a_body__comes_through_whatever_it_holds(void **state)
{
    (void)state;
    mail_add_quoted_printable(&out, SLICE_LITERAL("a=b \t\n.\n\n\xc3\xa4\r\x01 end"));
    assert_string_equal(written(), "a=3Db =09\r\n.\r\n\r\n=C3=A4=0D=01 end\r\n");
}

static void a_long_line__is_broken_softly(void **state)
{
    char line[200];

    (void)state;
    memset(line, 'x', sizeof(line));
    mail_add_quoted_printable(&out, (struct slice){ line, sizeof(line) });
    for (const char *at = written(); *at != '\0';) {
        size_t len = strcspn(at, "\r");

        assert_true(len <= 76);
        at += len + 2;
    }
    assert_int_equal(out.len, 200 + 2 * 3 + 2);
    buf_clear(&out);
    mail_add_quoted_printable(&out, SLICE_NONE);
    assert_string_equal(written(), "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(an_address__is_plain), CASE(a_plain_text__stays_as_it_is),
    CASE(any_other_text__is_encoded_in_whole_characters), CASE(nothing__ends_a_header_line),
    CASE(a_name__is_quoted_or_encoded), CASE(a_date__is_in_utc),
    CASE(a_body__comes_through_whatever_it_holds), CASE(a_long_line__is_broken_softly))
