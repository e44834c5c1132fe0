/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/exported.h"
#include "storage/codes.h"
#include "storage/transcripts/import.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <string.h>

static struct tenant_name acme;
static struct store *store;

static struct conversation_id put(const char *line)
{
    struct import_item *items = calloc(1, sizeof(*items));
    struct conversation_id id;
    struct import import;
    json_t *json = NULL;
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    assert_int_equal(json_read(slice_of(line), &json), OK);
    assert_int_equal(transcript_read(json, &acme, &items->transcript, &problem), OK);
    id = items->transcript.about.conversation;
    import_init(&import, items, 1);
    bulk_now(store, &acme, &import.bulk);
    import_release(&import);
    json_decref(json);
    return id;
}

static void code_all(struct conversation_id id, uint64_t last_seq, const struct stored_code *codes,
                     size_t count)
{
    struct codes_bulk bulk;

    assert_int_equal(codes_bulk_init(&bulk, SLICE_LITERAL("Erik"), "spc-1", 1), OK);
    bulk.codings = calloc(1, sizeof(*bulk.codings));
    bulk.count = 1;
    bulk.codings[0] = (struct coding){ .conversation = id, .last_seq = last_seq };
    for (size_t i = 0; i < count; i++)
        assert_int_equal(coding_add(&bulk.codings[0], &codes[i]), OK);
    bulk_now(store, &acme, &bulk.bulk);
    codes_bulk_release(&bulk);
}

static void code(struct conversation_id id, uint64_t last_seq)
{
    const struct stored_code codes[] = {
        { .seq = 2, .code = SLICE_LITERAL("COH.VOC"), .first = 6, .last = 11 },
        { .seq = 2, .code = SLICE_LITERAL("INT.Q"), .first = 13, .last = 18 },
        { .seq = 1, .code = SLICE_LITERAL("INT.THANK") }, /* no span: all of it */
        { .seq = 0, .code = SLICE_LITERAL("F.BUY") },
    };

    code_all(id, last_seq, codes, 4);
}

/* "Hello Maria, where?" of Anna, after a line that a spreadsheet would run. */
static int start(void **state)
{
    (void)state;
    assert_int_equal(tenant_name_parse(SLICE_LITERAL("acme"), &acme), 0);
    assert_int_equal(store_memory_open(&store), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    code(put("{\"id\":\"a\",\"lang\":\"en\",\"visitor\":{\"id\":\"v\",\"name\":\"Maria\"},"
             "\"turns\":[{\"role\":\"visitor\",\"text\":\"=SUM(1) \\\"x\\\"\",\"ts\":100},"
             "{\"role\":\"agent\",\"who\":\"Anna\",\"text\":\"Hello Maria, "
             "where?\",\"edited_at\":200,\"ts\":107}]}"),
         2);
    (void)put("{\"id\":\"b\",\"turns\":[]}");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    store = store_free(store);
    return 0;
}

static struct export_wish wish_of(struct pseudonyms *pseudonyms)
{
    return (struct export_wish){
        .store = store, .tenant = &acme, .coder = "Erik", .book = "spc-1", .pseudonyms = pseudonyms
    };
}

static void csv__disarms_formulas_and_keeps_quotes(void **state)
{
    struct export_wish wish = wish_of(NULL);
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 1 << 20);
    assert_int_equal(export_csv(&wish, &out), OK);
    assert_non_null(strstr(out.data, ",1,visitor,\"Maria\",typed,1970-01-01T00:01:40.000Z,,,,"
                                     "\"'=SUM(1) \"\"x\"\"\",INT.THANK\r\n"));
    assert_non_null(
        strstr(out.data, ",1970-01-01T00:03:20.000Z,,\"Hello Maria, where?\",COH.VOC INT.Q\r\n"));
    assert_non_null(strstr(out.data, ",F.BUY,1,"));
    assert_non_null(strstr(out.data, ",,,,,,,,,,\r\n")); /* the one without a message */
}

static void json_lines__hold_codes_beside_their_messages(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };
    struct export_wish wish = wish_of(NULL);
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 1 << 20);
    assert_int_equal(export_coded(&wish, &out), OK);
    assert_non_null(strstr(
        out.data, "\"pseudonymised\":false,\"coded\":true,\"coder\":\"Erik\",\"book\":\"spc-1\""));
    assert_non_null(strstr(out.data, "\"functions\":[\"F.BUY\"],\"messages\":[{\"seq\":1,"));
    assert_non_null(strstr(
        out.data, "\"text\":\"Hello Maria, where?\",\"codes\":[{\"code\":\"COH.VOC\",\"first\":6,"
                  "\"last\":11},{\"code\":\"INT.Q\",\"first\":13,\"last\":18}]}]}\n"));
    assert_non_null(strstr(out.data, "\"coded\":false,")); /* the one without a message */
    wish.pseudonyms = &pseudonyms;
    buf_clear(&out);
    assert_int_equal(export_coded(&wish, &out), OK);
    assert_non_null(strstr(out.data, "\"pseudonymised\":true"));
    assert_null(strstr(out.data, "Maria"));
    pseudonyms_release(&pseudonyms);
}

static int look(void *context, const struct exported_chat *chat)
{
    const struct exported_message *agents;

    (*(size_t *)context)++;
    if (chat->count == 0)
        return OK;
    agents = &chat->messages[1];
    assert_int_equal(strncmp(agents->text, "Hello [name ", 12), 0);
    assert_null(strstr(agents->text, "Maria"));
    assert_int_equal(strncmp(agents->speaker, "A-", 2), 0);
    assert_int_equal(chat->codes, 3);
    assert_int_equal(agents->codes[0].first, 6); /* Maria → [name xxxxxxxx] */
    assert_int_equal(agents->codes[0].last, 21);
    assert_int_equal(agents->codes[1].first, 23); /* where */
    assert_int_equal(agents->codes[1].last, 28);
    assert_int_equal(chat->messages[0].codes[0].first, 0);
    assert_int_equal(chat->messages[0].codes[0].last, chat->messages[0].points);
    return OK;
}

static void pseudonyms__move_the_spans_of_codes(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };
    struct export_wish wish = wish_of(&pseudonyms);
    size_t chats = 0;

    (void)state;
    assert_int_equal(exported_each(&wish, look, &chats), OK);
    assert_int_equal(chats, 2);
    pseudonyms_release(&pseudonyms);
}

/* A set without members for names: Erik marked "Äijä" and "Mark" as whom somebody speaks to. */
static int look_for_names(void *context, const struct exported_chat *chat)
{
    (*(size_t *)context)++;
    if (chat->count < 3)
        return OK;
    assert_null(strstr(chat->messages[0].text, "Mark"));
    assert_null(strstr(chat->messages[1].text, "Äijä"));
    assert_null(strstr(chat->messages[2].text, "Mark"));
    assert_non_null(strstr(chat->messages[2].text, "market")); /* no name */
    return OK;
}

static void names_addressed__are_replaced_where_no_member_tells_them(void **state)
{
    const struct stored_code codes[] = {
        { .seq = 1, .code = SLICE_LITERAL("COH.VOC"), .first = 8, .last = 12 },
        { .seq = 2, .code = SLICE_LITERAL("COH.VOC"), .first = 6, .last = 10 },
    };
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };
    struct export_wish wish = wish_of(&pseudonyms);
    size_t chats = 0;

    (void)state;
    code_all(put("{\"id\":\"c\",\"turns\":[{\"role\":\"visitor\",\"text\":\"Thanks, Mark\"},"
                 "{\"role\":\"agent\",\"text\":\"No hei Äijä, kiitti\"},"
                 "{\"role\":\"visitor\",\"text\":\"Mark of the market\"}]}"),
             3, codes, 2);
    assert_int_equal(exported_each(&wish, look_for_names, &chats), OK);
    assert_int_equal(chats, 3);
    pseudonyms_release(&pseudonyms);
}

/* Anna answers in chat "a" only; nobody is coded here. */
static int look_for_anna(void *context, const struct exported_chat *chat)
{
    (*(size_t *)context)++;
    if (chat->count != 1)
        return OK;
    assert_int_equal(strncmp(chat->messages[0].text, "[name ", 6), 0);
    assert_non_null(strstr(chat->messages[0].text, " auttoi"));
    assert_int_equal(strncmp(chat->outcome, "[name ", 6), 0);
    assert_non_null(strstr(chat->outcome, " osti"));
    return OK;
}

static void agents_of_other_chats__and_names_in_outcomes__are_replaced_too(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };
    struct export_wish wish = wish_of(&pseudonyms);
    size_t chats = 0;

    (void)state;
    wish.coder = wish.book = "";
    (void)put("{\"id\":\"d\",\"visitor\":{\"id\":\"w\",\"name\":\"Matti\"},\"outcome\":\"Matti "
              "osti\",\"turns\":[{\"role\":\"visitor\",\"text\":\"Annakin auttoi\"}]}");
    assert_int_equal(exported_each(&wish, look_for_anna, &chats), OK);
    assert_int_equal(chats, 3);
    pseudonyms_release(&pseudonyms);
}

/* Nobody told the platform that the visitor is Orvokki, and nobody has coded it. */
static int look_for_orvokki(void *context, const struct exported_chat *chat)
{
    (*(size_t *)context)++;
    if (chat->count != 3)
        return OK;
    for (size_t i = 0; i < chat->count; i++)
        assert_null(strstr(chat->messages[i].text, "Orvok"));
    assert_non_null(strstr(chat->messages[2].text, "] odottaa"));
    return OK;
}

static void names_that_are_said__are_found_by_the_rules(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };
    struct export_wish wish = wish_of(&pseudonyms);
    struct presence_rules *rules = NULL;
    struct presence_coder *reader = NULL;
    size_t chats = 0;
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 4096);
    assert_int_equal(presence_rules_load(&rules, RULES_FOLDER, &problems), OK);
    assert_int_equal(presence_coder_new(&reader, rules), OK);
    wish.coder = wish.book = "";
    wish.reader = reader;
    (void)put(
        "{\"id\":\"f\",\"lang\":\"fi\",\"turns\":[{\"role\":\"visitor\",\"text\":\"hei, nimeni on "
        "Orvokki\"},{\"role\":\"agent\",\"text\":\"Hei Orvokki!\"},{\"role\":\"agent\",\"text\":"
        "\"Orvokille: tilaus odottaa, ja Orvokki odottaa\"}]}");
    assert_int_equal(exported_each(&wish, look_for_orvokki, &chats), OK);
    assert_int_equal(chats, 3);
    (void)presence_coder_free(reader);
    (void)presence_rules_free(rules);
    pseudonyms_release(&pseudonyms);
}

static void every_zip__is_the_same_each_time(void **state)
{
    struct export_wish wish = wish_of(NULL);
    AUTO_BUF first;
    AUTO_BUF second;

    (void)state;
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    assert_int_equal(export_qdpx(&wish, &first), OK);
    assert_int_equal(export_qdpx(&wish, &second), OK);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    assert_memory_equal(first.data, "PK\x03\x04", 4);
    buf_clear(&first);
    buf_clear(&second);
    assert_int_equal(export_convokit(&wish, &first), OK);
    assert_int_equal(export_convokit(&wish, &second), OK);
    assert_memory_equal(first.data, second.data, first.len);
}

static void an_export__larger_than_it_may_be__fails_whole(void **state)
{
    struct export_wish wish = wish_of(NULL);
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 100);
    assert_int_equal(export_csv(&wish, &out), ERR_LIMIT);
    buf_clear(&out);
    assert_int_equal(export_qdpx(&wish, &out), ERR_LIMIT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(names_that_are_said__are_found_by_the_rules),
    CASE(agents_of_other_chats__and_names_in_outcomes__are_replaced_too),
    CASE(json_lines__hold_codes_beside_their_messages),
    CASE(csv__disarms_formulas_and_keeps_quotes), CASE(pseudonyms__move_the_spans_of_codes),
    CASE(names_addressed__are_replaced_where_no_member_tells_them),
    CASE(every_zip__is_the_same_each_time), CASE(an_export__larger_than_it_may_be__fails_whole))
