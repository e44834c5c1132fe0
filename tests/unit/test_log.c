/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/log_json.h"

#include "tests/support/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int real_stderr = -1, pipe_end = -1;
static char caught[8192];

/* From here on, what would go to stderr goes into a pipe … */
static void catch_begin(void)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    real_stderr = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    pipe_end = ends[0];
}

/* … and comes back as a text; stderr is itself again. */
static const char *catch_end(void)
{
    ssize_t len = read(pipe_end, caught, sizeof(caught) - 1);

    caught[len > 0 ? len : 0] = '\0';
    assert_true(dup2(real_stderr, STDERR_FILENO) >= 0);
    (void)close(real_stderr);
    (void)close(pipe_end);
    return caught;
}

static unsigned count(const char *text, char c)
{
    unsigned found = 0;

    for (; *text != '\0'; text++)
        found += *text == c;
    return found;
}

static void event__is_one_line_with_its_context_outermost_first(void **state)
{
    struct log_context tenant, conversation;
    const char *line;

    (void)state;
    log_set_role("core");
    log_context_init(&tenant, NULL, "tenant", "acme");
    log_context_init(&conversation, &tenant, "conversation", "42");
    catch_begin();
    log_event(LOG_INFO, &conversation, "conversation.moved", "from=%s to=%s", "queued", "active");
    line = catch_end();
    assert_memory_equal(line, "time=20", 7);
    assert_non_null(strstr(line, " level=info role=core event=conversation.moved tenant=acme "
                                 "conversation=42 from=queued to=active\n"));
    assert_int_equal(count(line, '\n'), 1);
}

static void event__with_control_characters_in_a_value__forges_no_line(void **state)
{
    const char *line;

    (void)state;
    catch_begin();
    log_event(LOG_ERROR, NULL, "x.y", "name=%s",
              "a\nlevel=error event=forged\r\x1b[2J\x07\x7f\xc2\x9b"
              "31m\xc2\x85z");
    line = catch_end();
    assert_int_equal(count(line, '\n'), 1);
    assert_non_null(strchr(line, '\n'));
    for (const char *c = line; *c != '\n'; c++)
        assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
    assert_null(strstr(line, "\xc2\x9b")); /* a terminal takes it for ESC [ */
    assert_null(strstr(line, "\xc2\x85"));
    assert_non_null(strstr(line, "z\n"));
}

static void event__in_letters_of_the_world__keeps_them(void **state)
{
    const char *line;

    (void)state;
    catch_begin();
    log_event(LOG_INFO, NULL, "x.y", "title=\"%s\"", "Åbo ä\xc2\xa0€ 客服");
    line = catch_end();
    assert_non_null(strstr(line, "title=\"Åbo ä\xc2\xa0€ 客服\"\n"));
}

static void event__longer_than_a_line__is_cut_and_still_ends(void **state)
{
    char value[5000];
    const char *line;

    (void)state;
    memset(value, 'v', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    catch_begin();
    log_event(LOG_INFO, NULL, "x.y", "value=%s more=%d", value, 1);
    line = catch_end();
    assert_int_equal(strlen(line), 1023); /* a write() that a pipe or a log file keeps whole */
    assert_int_equal(line[strlen(line) - 1], '\n');
}

static void event__below_the_least_level__writes_nothing(void **state)
{
    (void)state;
    log_set_level(LOG_WARNING);
    catch_begin();
    log_event(LOG_INFO, NULL, "x.quiet", "");
    log_event(LOG_WARNING, NULL, "x.loud", "");
    log_set_level(LOG_INFO);
    assert_null(strstr(catch_end(), "x.quiet"));
    assert_non_null(strstr(caught, "event=x.loud\n"));
}

static void event__keeps_errno(void **state)
{
    (void)state;
    catch_begin();
    errno = ENOSPC;
    log_event(LOG_INFO, NULL, "x.y", "");
    assert_int_equal(errno, ENOSPC);
    (void)catch_end();
}

static void event__as_json__is_one_object_with_the_same_keys(void **state)
{
    const char *line;

    (void)state;
    log_set_role("web/1");
    log_set_json(true);
    catch_begin();
    log_event(LOG_WARNING, NULL, "x.y", "title=\"Åbo \\ Oy\" empty= cut=%s", "a\xc3");
    log_set_json(false);
    line = catch_end();
    assert_memory_equal(line, "{\"time\":\"20", 11);
    assert_non_null(strstr(line, "\",\"level\":\"warning\",\"role\":\"web/1\",\"event\":\"x.y\","
                                 "\"title\":\"Åbo \\\\ Oy\",\"empty\":\"\",\"cut\":\"a?\"}\n"));
}

static void json__of_a_value_with_quotes_in_it__escapes_them(void **state)
{
    static const struct {
        const char *line, *json;
    } cases[] = {
        { "what=\"near \"x\": syntax\" n=1", "{\"what\":\"near \\\"x\\\": syntax\",\"n\":\"1\"}" },
        { "a=\"\"quoted\"\" b=\"c\"", "{\"a\":\"\\\"quoted\\\"\",\"b\":\"c\"}" },
        { "a=\"x\" y z\"", "{\"a\":\"x\\\" y z\"}" },
        { "a=\"\" b=\"\"", "{\"a\":\"\",\"b\":\"\"}" },
        { "a=\"never ends b=1", "{\"a\":\"never ends b=1\"}" },
        { "a=5\" b=1", "{\"a\":\"5\\\"\",\"b\":\"1\"}" },
    };
    char to[128];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = log_json(cases[i].line, strlen(cases[i].line), to, sizeof(to));

        to[len < sizeof(to) ? len : 0] = '\0';
        assert_string_equal(to, cases[i].json);
    }
}

static void json__longer_than_there_is_room__is_cut_between_pairs(void **state)
{
    static const char line[] = "a=1 b=\"2 3\" c=4";
    char to[64];

    (void)state;
    for (size_t size = 2; size < sizeof(to); size++) {
        size_t len = log_json(line, sizeof(line) - 1, to, size);

        assert_true(len <= size);
        assert_int_equal(to[0], '{');
        assert_int_equal(to[len - 1], '}');
        assert_true(len == 2 || len == 9 || len == 19 || len == 27);
    }
    assert_memory_equal(to, "{\"a\":\"1\",\"b\":\"2 3\",\"c\":\"4\"}", 27);
}

static void event__for_the_journal__tells_its_priority(void **state)
{
    struct stat ours;
    char stream[64];

    (void)state;
    catch_begin();
    assert_int_equal(fstat(STDERR_FILENO, &ours), 0);
    (void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)ours.st_dev,
                   (unsigned long long)ours.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    log_event(LOG_ERROR, NULL, "x.y", "");
    assert_memory_equal(catch_end(), "<3>time=20", 10);
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

static void event__that_goes_elsewhere_than_the_journal__tells_none(void **state)
{
    (void)state;
    assert_int_equal(setenv("JOURNAL_STREAM", "1:2", 1), 0);
    catch_begin();
    log_event(LOG_ERROR, NULL, "x.y", "");
    assert_memory_equal(catch_end(), "time=20", 7);
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

static void level__is_known_by_its_name_alone(void **state)
{
    enum log_level level = LOG_WARNING;

    (void)state;
    assert_int_equal(log_level_parse("debug", &level), 0);
    assert_int_equal(level, LOG_DEBUG);
    assert_int_equal(log_level_parse("error", &level), 0);
    assert_int_equal(level, LOG_ERROR);
    assert_int_equal(log_level_parse("Error", &level), 1);
    assert_int_equal(log_level_parse("", &level), 1);
    assert_int_equal(level, LOG_ERROR);
}

RUN(cmocka_unit_test(event__is_one_line_with_its_context_outermost_first),
    cmocka_unit_test(event__with_control_characters_in_a_value__forges_no_line),
    cmocka_unit_test(event__in_letters_of_the_world__keeps_them),
    cmocka_unit_test(event__longer_than_a_line__is_cut_and_still_ends),
    cmocka_unit_test(event__below_the_least_level__writes_nothing),
    cmocka_unit_test(event__as_json__is_one_object_with_the_same_keys),
    cmocka_unit_test(json__of_a_value_with_quotes_in_it__escapes_them),
    cmocka_unit_test(json__longer_than_there_is_room__is_cut_between_pairs),
    cmocka_unit_test(event__for_the_journal__tells_its_priority),
    cmocka_unit_test(event__that_goes_elsewhere_than_the_journal__tells_none),
    cmocka_unit_test(event__keeps_errno), cmocka_unit_test(level__is_known_by_its_name_alone))
