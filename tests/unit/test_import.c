/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/import.h"
#include "storage/transcripts/reactions.h"
#include "storage/transcripts/transcript.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <stdio.h>

static struct tenant_name acme, borealis;
static struct store *store;

static int start(void **state)
{
    (void)state;
    assert_int_equal(tenant_name_parse(SLICE_LITERAL("acme"), &acme), 0);
    assert_int_equal(tenant_name_parse(SLICE_LITERAL("borealis"), &borealis), 0);
    assert_int_equal(store_memory_open(&store), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &borealis), OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    store = store_free(store);
    return 0;
}

/* Reads and stores one line; the verdict, or -1 where it is refused (why: in `problem`). */
static int import_line(const struct tenant_name *tenant, const char *line, struct buf *problem)
{
    struct import_item *items = calloc(1, sizeof(*items));
    struct import import;
    json_t *json = NULL;
    int verdict = -1;

    assert_int_equal(json_read(slice_of(line), &json), OK);
    if (transcript_read(json, tenant, &items->transcript, problem) == OK) {
        import_init(&import, items, 1);
        bulk_now(store, tenant, &import.bulk);
        verdict = (int)items->verdict;
        import_release(&import);
    } else {
        free(items);
    }
    json_decref(json);
    return verdict;
}

static int imported(const char *line)
{
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    return import_line(&acme, line, &problem);
}

static int note_id(void *context, const struct stored_conversation *row)
{
    *(struct conversation_id *)context = row->conversation;
    return 1;
}

/* The newest transcript of the tenant as it would be exported. */
static void written(const struct tenant_name *tenant, struct buf *to)
{
    struct conversation_id id = { 0 };

    assert_int_equal(STORE_CALL(store, conversations, tenant, LIST_ALL, 0, id, 1, note_id, &id), 1);
    buf_clear(to);
    assert_int_equal(transcript_write(store, tenant, id, to), OK);
}

static int count_one(void *context, const struct stored_conversation *row)
{
    (void)row;
    (*(size_t *)context)++;
    return 0;
}

static size_t stored_count(void)
{
    const struct conversation_id none = { 0 };
    size_t count = 0;

    assert_int_equal(
        STORE_CALL(store, conversations, &acme, LIST_ALL, 0, none, SIZE_MAX, count_one, &count),
        OK);
    return count;
}

#define DOCUMENT                                                                               \
    "{\"id\":\"aebagbafaydqqcikbmga2dqpca\",\"tenant\":\"%s\","                                \
    "\"site\":\"aebagbafaydqqcikbmga2dqpci\",\"language\":\"fi\",\"stage\":\"existing\","      \
    "\"stage_source\":\"agent\","                                                              \
    "\"visitor\":{\"id\":\"aebagbafaydqqcikbmga2dqpcq\",\"name\":\"Maria\",\"verified\":true," \
    "\"email\":\"maria@buyer.example\",\"attributes\":{\"plan\":\"Pro\"}},"                    \
    "\"opened_at\":\"2026-03-02T09:14:05.120Z\",\"ended_at\":\"2026-03-02T09:20:00.000Z\","    \
    "\"end_reason\":\"visitor\",\"tags\":[\"pro\"],\"outcome\":\"sold\","                      \
    "\"survey\":{\"csat\":5,\"nps\":9},\"agents\":[{\"name\":\"Anna\","                        \
    "\"joined_at\":\"2026-03-02T09:14:25.000Z\",\"left_at\":\"2026-03-02T09:20:00.000Z\"}],"   \
    "\"messages\":[{\"seq\":1,\"from\":\"visitor\",\"name\":null,\"origin\":\"typed\","        \
    "\"at\":\"2026-03-02T09:14:05.120Z\",\"text\":\"Moikka! 👋🏽\",\"reply_to\":null,"     \
    "\"delivered_at\":\"2026-03-02T09:14:26.000Z\",\"read_at\":null},"                         \
    "{\"seq\":2,\"from\":\"agent\",\"name\":\"Anna\",\"origin\":\"canned\","                   \
    "\"at\":\"2026-03-02T09:14:30.000Z\",\"text\":\"Hei\\nMaria\",\"reply_to\":1,"             \
    "\"delivered_at\":null,\"read_at\":\"2026-03-02T09:14:31.000Z\"}],"                        \
    "\"events\":[{\"at\":\"2026-03-02T09:14:05.120Z\",\"type\":\"queued\"},"                   \
    "{\"at\":\"2026-03-02T09:14:25.000Z\",\"type\":\"claimed\",\"agent\":\"Anna\"},"           \
    "{\"at\":\"2026-03-02T09:20:00.000Z\",\"type\":\"ended\",\"reason\":\"visitor\"}],"        \
    "\"notes\":[{\"at\":\"2026-03-02T09:18:00.000Z\",\"by\":\"Anna\",\"text\":\"wants two\"}]}"

static void a_transcript__exported_and_imported_elsewhere__is_the_same(void **state)
{
    char line[4096];
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 1 << 20);
    (void)snprintf(line, sizeof(line), DOCUMENT, "acme");
    assert_int_equal(imported(line), IMPORT_NEW);
    written(&acme, &out);
    assert_string_equal(out.data, line);

    (void)snprintf(line, sizeof(line), DOCUMENT, "borealis");
    assert_int_equal(import_line(&borealis, out.data, &out), IMPORT_NEW);
    written(&borealis, &out);
    assert_string_equal(out.data, line);
}

static void a_line__read_again__is_known_and_another_by_its_id_clashes(void **state)
{
    (void)state;
    assert_int_equal(imported("{\"id\":\"x\",\"turns\":[{\"role\":\"visitor\",\"text\":\"a\"}]}"),
                     IMPORT_NEW);
    assert_int_equal(imported("{\"turns\":[{\"text\":\"a\",\"role\":\"visitor\"}],\"id\":\"x\"}"),
                     IMPORT_KNOWN);
    assert_int_equal(imported("{\"id\":\"x\",\"turns\":[{\"role\":\"visitor\",\"text\":\"b\"}]}"),
                     IMPORT_CLASH);
    assert_int_equal(stored_count(), 1);
}

static void a_set__with_turns_and_unix_times__lasts_from_first_to_last(void **state)
{
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 1 << 20);
    assert_int_equal(
        imported("{\"id\":\"star-1\",\"lang\":\"en\",\"visitor_id\":\"v\",\"agent_id\":\"a7\","
                 "\"completion\":\"Complete\",\"turns\":["
                 "{\"role\":\"visitor\",\"ts\":\"1589375697\",\"text\":\"Hi\"},"
                 "{\"role\":\"agent\",\"ts\":\"2020-05-13T13:15:14\",\"text\":\"Hello\"}]}"),
        IMPORT_NEW);
    written(&acme, &out);
    assert_non_null(strstr(out.data, "\"opened_at\":\"2020-05-13T13:14:57.000Z\""));
    assert_non_null(strstr(out.data, "\"ended_at\":\"2020-05-13T13:15:14.000Z\""));
    assert_non_null(strstr(out.data, "\"outcome\":\"Complete\""));
    assert_non_null(strstr(out.data, "\"name\":\"a7\",\"origin\":\"typed\""));
    assert_non_null(strstr(out.data, "\"language\":\"en\",\"stage\":\"unknown\""));
}

static void a_stay__told_in_agents_alone__is_kept(void **state)
{
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 1 << 20);
    assert_int_equal(imported("{\"id\":\"x\",\"messages\":[],\"agents\":[{\"name\":\"Ben\","
                              "\"joined_at\":\"2026-01-01T10:00:00Z\",\"left_at\":null},\"A2\"]}"),
                     IMPORT_NEW);
    written(&acme, &out);
    assert_non_null(strstr(out.data, "\"agents\":[{\"name\":\"Ben\",\"joined_at\":"
                                     "\"2026-01-01T10:00:00.000Z\",\"left_at\":null}]"));
}

static int add_reaction(void *context, const struct stored_reaction *row)
{
    buf_addf(context, "%.*s %.*s\n", SLICE_ARG(row->name), SLICE_ARG(row->emojis));
    return 0;
}

/* No transcript says by which account: there they are told apart by their names. */
static void reactions__of_two_agents_to_one_message__are_both_there(void **state)
{
    struct conversation_id id = { 0 }, none = { 0 };
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(
        imported("{\"id\":\"x\",\"turns\":[{\"role\":\"visitor\",\"text\":\"a\"}],\"events\":["
                 "{\"at\":5,\"type\":\"reaction\",\"agent\":\"Anna\",\"seq\":1,\"from\":"
                 "\"agent\",\"emojis\":[\"👍\"]},"
                 "{\"at\":6,\"type\":\"reaction\",\"agent\":\"Ben\",\"seq\":1,\"from\":"
                 "\"agent\",\"emojis\":[\"🎉\"]}]}"),
        IMPORT_NEW);
    assert_int_equal(STORE_CALL(store, conversations, &acme, LIST_ALL, 0, none, 1, note_id, &id),
                     1);
    assert_int_equal(reactions_read(store, &acme, id, add_reaction, &out), OK);
    assert_non_null(strstr(out.data, "Anna 👍\n"));
    assert_non_null(strstr(out.data, "Ben 🎉\n"));
}

static void missing_times__one_side_or_none__are_taken_as_they_are(void **state)
{
    static const char *const fine[] = {
        "{\"id\":\"1\",\"turns\":[]}",
        "{\"id\":\"2\",\"turns\":[{\"role\":\"agent\",\"text\":\"anyone?\"}]}",
        "{\"id\":\"3\",\"turns\":[{\"role\":\"visitor\",\"ts\":9,\"text\":\"later\"},"
        "{\"role\":\"agent\",\"ts\":5,\"text\":\"earlier\"}]}", /* times running backwards */
        "{\"id\":\"4\",\"turns\":[{\"role\":\"visitor\",\"text\":\"שלום 👩‍👩‍👧 "
        "مرحبا\"}]}",
    };
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
        assert_int_equal(imported(fine[i]), IMPORT_NEW);
    assert_int_equal(stored_count(), 4);
}

/* Three conversations at no time at all: paging must still come to an end. */
static void unknown_times__are_paged_through_to_the_end(void **state)
{
    struct conversation_id after = { 0 };
    size_t pages = 0;

    (void)state;
    for (int i = 0; i < 3; i++) {
        char line[64];

        (void)snprintf(line, sizeof(line), "{\"id\":\"%d\",\"turns\":[]}", i);
        assert_int_equal(imported(line), IMPORT_NEW);
    }
    while (STORE_CALL(store, conversations, &acme, LIST_ALL, 0, after, 1, note_id, &after) == 1)
        assert_true(++pages <= 3);
    assert_int_equal(pages, 3);
}

static void what_makes_no_sense__is_refused_and_says_why(void **state)
{
    static const struct {
        const char *line, *why;
    } wrong[] = {
        { "[]", "no JSON object" },
        { "{}", "\"id\"" },
        { "{\"id\":7,\"turns\":[]}", "\"id\"" },
        { "{\"id\":\"\",\"turns\":[]}", "\"id\"" },
        { "{\"id\":\"x\"}", "\"messages\" must be a list" },
        { "{\"id\":\"x\",\"turns\":{}}", "\"messages\" must be a list" },
        { "{\"id\":\"x\",\"turns\":[3]}", "message 1 is no object" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"robot\",\"text\":\"a\"}]}", "message 1: from" },
        { "{\"id\":\"x\",\"turns\":[{\"text\":\"a\"}]}", "message 1: from" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"agent\",\"origin\":\"x\",\"text\":\"a\"}]}",
          "message 1: origin" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"agent\"}]}", "message 1: text is blank" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"agent\",\"text\":\" \"}]}", "text is blank" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"agent\",\"text\":\"a\\u0007\"}]}", "bad-char" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"agent\",\"text\":\"a\",\"ts\":\"noon\"}]}",
          "is no time" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"agent\",\"text\":\"a\",\"ts\":\"1.589.375697\"}]}",
          "is no time" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"agent\",\"text\":\"a\",\"ts\":\"20260302\"}]}",
          "is no time" },
        { "{\"id\":\"x\",\"turns\":[{\"role\":\"agent\",\"text\":\"a\",\"ts\":-1}]}",
          "is no time" },
        { "{\"id\":\"x\",\"messages\":[{\"seq\":2,\"from\":\"agent\",\"text\":\"a\"}]}",
          "seq must count" },
        { "{\"id\":\"x\",\"messages\":[{\"reply_to\":1,\"from\":\"agent\",\"text\":\"a\"}]}",
          "reply_to" },
        { "{\"id\":\"x\",\"stage\":\"vip\",\"turns\":[]}", "\"stage\"" },
        { "{\"id\":\"x\",\"lang\":[],\"turns\":[]}", "must be a text" },
        { "{\"id\":\"x\",\"survey\":3,\"turns\":[]}", "\"survey\"" },
        { "{\"id\":\"x\",\"events\":3,\"turns\":[]}", "\"events\"" },
        { "{\"id\":\"x\",\"events\":[{}],\"turns\":[]}", "event 1 has no type" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        AUTO_BUF problem;

        buf_init(&problem, 4096);
        assert_int_equal(import_line(&acme, wrong[i].line, &problem), -1);
        if (problem.data == NULL || strstr(problem.data, wrong[i].why) == NULL)
            fail_msg("%s: %s", wrong[i].line, problem.data);
    }
    assert_int_equal(stored_count(), 0);
}

/* A message of 100,000 characters is one message. */
static void a_very_long_message__is_stored_whole(void **state)
{
    enum { LETTERS = 100000 };
    char *line = malloc(LETTERS + 128);
    size_t len;
    AUTO_BUF out;

    (void)state;
    assert_non_null(line);
    buf_init(&out, 1 << 20);
    len = (size_t)sprintf(line, "{\"id\":\"x\",\"turns\":[{\"role\":\"visitor\",\"text\":\"");
    memset(line + len, 'a', LETTERS);
    (void)strcpy(line + len + LETTERS, "\"}]}");
    assert_int_equal(imported(line), IMPORT_NEW);
    written(&acme, &out);
    assert_true(out.len > LETTERS);
    free(line);
}

/* Its neighbours in the same transaction stay; of itself nothing does. */
static int half_and_fail(struct writer_db *writer, struct store_bulk *bulk)
{
    (void)writer;
    (void)bulk;
    return ERR_IO;
}

static void a_bulk__that_fails__takes_nobody_along(void **state)
{
    struct store_bulk bulk = { .apply = half_and_fail };
    struct chat_write write = { .kind = WRITE_MESSAGE,
                                .opens = true,
                                .conversation = { id_new() },
                                .message = { id_new() },
                                .sender = SLICE_LITERAL("visitor"),
                                .cid = SLICE_LITERAL("1"),
                                .text = SLICE_LITERAL("hi"),
                                .at_ms = 1 };
    struct store_answer answers[2];

    (void)state;
    store_memory_hold(store, true);
    assert_int_equal(STORE_CALL(store, bulk, &acme, &bulk), OK);
    assert_int_equal(STORE_CALL(store, submit, &acme, &write), OK);
    store_memory_hold(store, false);
    assert_int_equal(STORE_CALL(store, collect, answers, 2), 2);
    assert_int_equal(answers[0].outcome, STORE_FAILED);
    assert_int_equal(answers[1].outcome, STORE_DONE);
    assert_int_equal(stored_count(), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(a_transcript__exported_and_imported_elsewhere__is_the_same),
    CASE(a_line__read_again__is_known_and_another_by_its_id_clashes),
    CASE(a_set__with_turns_and_unix_times__lasts_from_first_to_last),
    CASE(a_stay__told_in_agents_alone__is_kept),
    CASE(reactions__of_two_agents_to_one_message__are_both_there),
    CASE(missing_times__one_side_or_none__are_taken_as_they_are),
    CASE(unknown_times__are_paged_through_to_the_end),
    CASE(what_makes_no_sense__is_refused_and_says_why), CASE(a_very_long_message__is_stored_whole),
    CASE(a_bulk__that_fails__takes_nobody_along))
