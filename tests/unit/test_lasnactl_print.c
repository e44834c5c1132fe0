/* SPDX-License-Identifier: Apache-2.0 */
#include "base/auto.h"
#include "lasnactl/help.h"
#include "lasnactl/print/print.h"
#include "tests/support/cmocka.h"

#include <stdio.h>

/* What a printing function prints. */
struct capture {
    char *text;
    size_t len;
    FILE *to;
};

static struct capture capture;

static FILE *begin(void)
{
    capture.to = open_memstream(&capture.text, &capture.len);
    assert_non_null(capture.to);
    return capture.to;
}

static void printed(const char *expected)
{
    assert_int_equal(fclose(capture.to), 0);
    assert_string_equal(capture.text, expected);
    free(capture.text);
}

static json_t *json_of(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);

    assert_non_null(json);
    return json;
}

static const struct column columns[] = {
    { "NAME", "name" }, { "WHO", "who.name" }, { "LIST", "list" }, { .title = NULL }
};

static void a_table__is_as_wide_as_its_widest_value(void **state)
{
    AUTO_JSON rows =
        json_of("[{\"name\":\"Päivi\",\"who\":{\"name\":\"x\"},\"list\":[\"a\",\"b\"]},"
                "{\"name\":\"A\",\"who\":null,\"list\":[{\"tenant\":\"acme\"}]}]");

    (void)state;
    print_table(rows, columns, begin());
    printed("NAME   WHO  LIST\n"
            "Päivi  x    a b\n"
            "A      -    acme\n");
}

static void a_table_without_rows__is_its_titles(void **state)
{
    AUTO_JSON rows = json_of("[]");

    (void)state;
    print_table(rows, columns, begin());
    printed("NAME  WHO  LIST\n");
}

static void what_visitors_wrote__cannot_steer_the_terminal(void **state)
{
    AUTO_JSON transcript = json_of(
        "{\"messages\":[{\"from\":\"visitor\",\"name\":\"Ma\\u001b[2Jria\\n\",\"at\":"
        "\"2026-03-02T09:14:05.120Z\",\"text\":\"hi\\u009b31m\\u0007\\nsecond\\u001b]0;x\"}]}");

    (void)state;
    print_transcript(transcript, begin());
    assert_int_equal(fclose(capture.to), 0);
    for (size_t i = 0; i < capture.len; i++)
        assert_false((unsigned char)capture.text[i] < 0x20 && capture.text[i] != '\n');
    assert_null(strstr(capture.text, "\xc2\x9b"));
    assert_non_null(strstr(capture.text, "09:14:05 < Ma"));
    assert_non_null(strstr(capture.text, "\n                                second"));
    free(capture.text);
}

/* sha256sum compares it: cut to a column it would be of no use. */
static void a_statements_digest__is_printed_whole(void **state)
{
    AUTO_JSON statements =
        json_of("[{\"month\":\"2026-11\",\"state\":\"open\"},{\"month\":\"2026-10\",\"state\":"
                "\"closed\",\"digest\":"
                "\"74acd1114daa33b8c1cb145661a38beb2e813384b6c8a6e0e4adabb14429aa6b\"}]");

    (void)state;
    print_billing_statements(statements, begin());
    printed(
        "MONTH    STATE   CLOSED  CONVERSATIONS  BILLABLE  CREDITS  DUE\n"
        "2026-11  open    -       -              -         -        -\n"
        "2026-10  closed  -       -              -         -        -\n"
        "SHA-256 of 2026-10: 74acd1114daa33b8c1cb145661a38beb2e813384b6c8a6e0e4adabb14429aa6b\n");
}

static void an_access_record__is_two_tables(void **state)
{
    AUTO_JSON record = json_of(
        "{\"could\":[{\"who\":\"anna@agents.example\",\"kind\":\"agent\",\"role\":\"agent\","
        "\"everywhere\":false,\"from\":\"2026-03-02T09:14:05.120Z\",\"until\":null,"
        "\"given_by\":\"operator\",\"ended_by\":null}],\"did\":[{\"who\":\"user:vera\",\"kind\":"
        "\"user\",\"what\":\"transcript_show\",\"as\":\"look\",\"times\":3,\"things\":2}]}");

    (void)state;
    print_access_record(record, begin());
    assert_int_equal(fclose(capture.to), 0);
    assert_non_null(strstr(capture.text, "COULD SEE            KIND   ROLE"));
    assert_non_null(strstr(capture.text, "\nanna@agents.example  agent  agent"));
    assert_non_null(
        strstr(capture.text, "\n\nDID SEE    KIND  HOW   WHAT             TIMES  THINGS"));
    assert_non_null(strstr(capture.text, "\nuser:vera  user  look  transcript_show  3      2"));
    free(capture.text);
}

static void a_user_without_an_invitation__is_shown_with_how_to_make_one(void **state)
{
    static const struct {
        const char *user, *says;
    } users[] = {
        { "{\"user\":\"vera\",\"state\":\"invited\",\"invitation_ended\":true}",
          "holds no more. Another one: lasnactl user reset vera\n" },
        { "{\"user\":\"vera\",\"state\":\"invited\"}",
          "No invitation is open. Another one: lasnactl user reset vera\n" },
        { "{\"user\":\"vera\",\"state\":\"invited\",\"invited_until\":\"x\"}", NULL },
        { "{\"user\":\"vera\",\"state\":\"active\"}", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        AUTO_JSON user = json_of(users[i].user);

        print_user(user, begin());
        assert_int_equal(fclose(capture.to), 0);
        if (users[i].says != NULL)
            assert_non_null(strstr(capture.text, users[i].says));
        else
            assert_null(strstr(capture.text, "lasnactl user reset"));
        free(capture.text);
    }
}

static void help__names_every_command_and_every_exit_status(void **state)
{
    struct args nothing = { .command = NULL };

    (void)state;
    help_print(&nothing, begin());
    assert_int_equal(fclose(capture.to), 0);
    for (size_t i = 0; i < command_count(); i++)
        assert_non_null(strstr(capture.text, command_at(i)->summary));
    for (int code = EXIT_DONE; code <= EXIT_UNREACHABLE; code++) {
        char line[8];

        (void)snprintf(line, sizeof(line), "\n  %d  ", code);
        assert_non_null(strstr(capture.text, line));
    }
    free(capture.text);
}

static void the_manual_page__says_what_the_command_table_says(void **state)
{
    static char file[128 * 1024];
    FILE *page = fopen(SOURCE_DIR "/docs/man/lasnactl.1", "r");
    size_t len;

    (void)state;
    assert_non_null(page);
    len = fread(file, 1, sizeof(file) - 1, page);
    file[len] = '\0';
    assert_int_equal(fclose(page), 0);
    help_man(begin());
    printed(file); /* else: lasnactl --man > docs/man/lasnactl.1 */
}

RUN(cmocka_unit_test(a_table__is_as_wide_as_its_widest_value),
    cmocka_unit_test(a_table_without_rows__is_its_titles),
    cmocka_unit_test(what_visitors_wrote__cannot_steer_the_terminal),
    cmocka_unit_test(a_statements_digest__is_printed_whole),
    cmocka_unit_test(an_access_record__is_two_tables),
    cmocka_unit_test(a_user_without_an_invitation__is_shown_with_how_to_make_one),
    cmocka_unit_test(help__names_every_command_and_every_exit_status),
    cmocka_unit_test(the_manual_page__says_what_the_command_table_says))
