/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/settings.h"
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What a text gives: the settings, or the problems it has. */
static int parse(const char *text, struct settings **ret_settings, struct buf *problems)
{
    buf_init(problems, 65536);
    return settings_parse(ret_settings, slice_of(text), problems);
}

static void assert_problem(const char *text, const char *words)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    assert_int_equal(parse(text, &settings, &problems), ERR_CONFIG);
    assert_null(settings);
    if (strstr(problems.data, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, problems.data);
}

static void parse__of_nothing__gives_the_defaults(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_int_equal(parse("", &settings, &problems), OK);
    assert_string_equal(settings->web_http, "127.0.0.1:8080");
    assert_int_equal(settings->web_hello_ms, 10000);
    assert_string_equal(settings->log_level, "info");
}

static void parse__of_a_value__replaces_the_default(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_int_equal(parse("[web]\nhttp = 127.0.0.1:9\nhello_ms=5\n", &settings, &problems), OK);
    assert_string_equal(settings->web_http, "127.0.0.1:9");
    assert_int_equal(settings->web_hello_ms, 5);
}

static void parse__of_an_unknown_key__names_line_and_nearest(void **state)
{
    (void)state;
    assert_problem("[web]\n\nhtpp = x\n",
                   "settings:3: there is no setting [web] htpp; did you mean "
                   "[web] http?");
}

static void parse__of_a_key_in_the_wrong_section__suggests_the_right_one(void **state)
{
    (void)state;
    assert_problem("[xmpp]\nhello_ms = 5\n", "did you mean [web] hello_ms?");
}

static void parse__of_something_unheard_of__points_to_the_list(void **state)
{
    (void)state;
    assert_problem("[nothing]\nlike_any_of_ours = 1\n", "--list-settings");
}

static void parse__of_a_word_for_a_number__says_what_it_should_be(void **state)
{
    (void)state;
    assert_problem("[xmpp]\nport = many\n", "settings:2: [xmpp] port should be a whole number, not "
                                            "\"many\"");
    assert_problem("[xmpp]\nport = -1\n", "whole number");
    assert_problem("[xmpp]\nport = 99999999999999999999999\n", "whole number");
    assert_problem("[xmpp]\nport = 70000\n", "1 to 65535");
}

static void parse__of_an_address__wants_numbers_or_nothing(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_problem("[web]\nhttp = nonsense\n",
                   "settings:2: [web] http should be a numeric address and a port, like "
                   "127.0.0.1:8080 or [::]:8080, not \"nonsense\"");
    assert_problem("[web]\nhttps = localhost:443\n", "[web] https should be a numeric address");
    assert_int_equal(parse("[web]\nhttp =\n", &settings, &problems), OK);
    assert_string_equal(settings->web_http, "");
}

static void parse__of_a_doubled_key__is_refused(void **state)
{
    (void)state;
    assert_problem("[web]\nhttp = a\nhttp = b\n", "settings:3: [web] http is set twice");
}

static void parse__of_no_assignment__names_the_line(void **state)
{
    (void)state;
    assert_problem("[web]\nwhatever\n", "settings:2:");
}

static void parse__of_bytes_that_are_no_text__is_refused(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 1024);
    assert_int_equal(settings_parse(&settings, (struct slice){ "[web]\0", 6 }, &problems),
                     ERR_CONFIG);
}

static void parse__of_a_choice__takes_only_those_named(void **state)
{
    (void)state;
    assert_problem("[log]\nlevel = loud\n", "debug, info, warning or error");
    assert_problem("[xmpp]\nprovision = magic\n", "prosody, ejabberd or manual");
    assert_problem("[xmpp]\nrest = https://127.0.0.1:5443/api\n",
                   "rest should be like http://127.0.0.1:5280/api");
    assert_problem("[web]\nlimits = none\n", "production or load");
}

static void parse__of_https_without_a_key__says_what_is_missing(void **state)
{
    (void)state;
    assert_problem("[web]\nhttps = :443\n", "needs certificate and private_key");
}

static void parse__of_a_way_to_private_addresses__takes_ranges(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_int_equal(parse("[fetch]\nallow = 127.0.0.1/32 ::1/128\n", &settings, &problems), OK);
    assert_problem("[fetch]\nallow = localhost\n", "[fetch] allow should be at most 16 ranges");
}

static void parse__of_where_uploads_lie__wants_a_folder_of_https(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_int_equal(
        parse("[xmpp]\nupload_url = https://upload.chat.example/a/\n", &settings, &problems), OK);
    assert_problem("[xmpp]\nupload_url = http://upload.chat.example/a/\n",
                   "[xmpp] upload_url should be like");
}

static void parse__of_a_mail_server__says_what_is_missing(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    assert_int_equal(parse("[mail]\nurl = smtp://mail.example:587\nfrom = chat@acme.example\n",
                           &settings, &problems),
                     OK);
    assert_problem("[mail]\nurl = mail.example\nfrom = a@b.example\n", "like smtp://");
    assert_problem("[mail]\nurl = smtps://mail.example\n", "needs from beside it");
    assert_problem("[mail]\nurl = smtps://m\nfrom = a@b.example\nuser = x\n",
                   "needs password_file beside it");
    assert_problem("[mail]\ntls = maybe\n", "required or none");
}

static void parse__of_what_write_gave__gives_the_same_settings(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO(settings) again = NULL;
    AUTO_BUF problems, first, second;

    (void)state;
    buf_init(&first, 65536);
    buf_init(&second, 65536);
    assert_int_equal(parse("[web]\nprocesses = 3\norigins = https://a.example https://b.example\n",
                           &settings, &problems),
                     OK);
    settings_write(settings, &first);
    assert_int_equal(settings_parse(&again, buf_slice(&first), &problems), OK);
    settings_write(again, &second);
    assert_string_equal(first.data, second.data);
    assert_int_equal(again->web_processes, 3);
}

static void restart_needed__names_only_what_changed_and_cannot_be_live(void **state)
{
    AUTO(settings) old = NULL;
    AUTO(settings) new = NULL;
    AUTO_BUF problems, more, names;

    (void)state;
    buf_init(&names, 1024);
    assert_int_equal(parse("", &old, &problems), OK);
    assert_int_equal(parse("[web]\nhttp = :1\nhello_ms = 1\n", &new, &more), OK);
    settings_restart_needed(old, new, &names);
    assert_string_equal(names.data, "[web] http\n");
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void read__of_a_folder__lets_later_files_win(void **state)
{
    char folder[] = "/tmp/lasna-settings-XXXXXX", path[200];
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 65536);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/conf.d", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/conf.d/20-late.conf", folder);
    write_file(path, "[web]\nhello_ms = 30\n");
    (void)snprintf(path, sizeof(path), "%s/conf.d/10-early.conf", folder);
    write_file(path, "[web]\nhello_ms = 20\n");
    (void)snprintf(path, sizeof(path), "%s/conf.d/ignored.txt", folder);
    write_file(path, "not ours\n");
    (void)snprintf(path, sizeof(path), "%s/lasna.conf", folder);
    write_file(path, "[web]\nhello_ms = 10\n");
    assert_int_equal(settings_read(&settings, path, &problems), OK);
    assert_int_equal(settings->web_hello_ms, 30);
    (void)snprintf(path, sizeof(path), "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

static void read__of_a_file_that_is_not_there__says_so(void **state)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 65536);
    assert_int_equal(settings_read(&settings, "/nonexistent/lasna.conf", &problems), ERR_CONFIG);
    assert_non_null(strstr(problems.data, "/nonexistent/lasna.conf: cannot be read"));
}

static void the_manual_page__says_what_the_table_of_settings_says(void **state)
{
    static char file[128 * 1024];
    FILE *page = fopen(SOURCE_DIR "/docs/man/lasna.conf.5", "re");
    AUTO_BUF text;
    size_t len;

    (void)state;
    buf_init(&text, sizeof(file));
    assert_non_null(page);
    len = fread(file, 1, sizeof(file) - 1, page);
    file[len] = '\0';
    assert_int_equal(fclose(page), 0);
    settings_man(&text);
    assert_string_equal(text.data, file); /* else: lasnad --man > docs/man/lasna.conf.5 */
}

RUN(cmocka_unit_test(parse__of_nothing__gives_the_defaults),
    cmocka_unit_test(the_manual_page__says_what_the_table_of_settings_says),
    cmocka_unit_test(parse__of_a_value__replaces_the_default),
    cmocka_unit_test(parse__of_an_unknown_key__names_line_and_nearest),
    cmocka_unit_test(parse__of_a_key_in_the_wrong_section__suggests_the_right_one),
    cmocka_unit_test(parse__of_something_unheard_of__points_to_the_list),
    cmocka_unit_test(parse__of_a_word_for_a_number__says_what_it_should_be),
    cmocka_unit_test(parse__of_an_address__wants_numbers_or_nothing),
    cmocka_unit_test(parse__of_a_doubled_key__is_refused),
    cmocka_unit_test(parse__of_no_assignment__names_the_line),
    cmocka_unit_test(parse__of_bytes_that_are_no_text__is_refused),
    cmocka_unit_test(parse__of_a_choice__takes_only_those_named),
    cmocka_unit_test(parse__of_https_without_a_key__says_what_is_missing),
    cmocka_unit_test(parse__of_a_way_to_private_addresses__takes_ranges),
    cmocka_unit_test(parse__of_where_uploads_lie__wants_a_folder_of_https),
    cmocka_unit_test(parse__of_a_mail_server__says_what_is_missing),
    cmocka_unit_test(parse__of_what_write_gave__gives_the_same_settings),
    cmocka_unit_test(restart_needed__names_only_what_changed_and_cannot_be_live),
    cmocka_unit_test(read__of_a_folder__lets_later_files_win),
    cmocka_unit_test(read__of_a_file_that_is_not_there__says_so))
