/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/voikko.h"
#include "presence/folding.h"
#include "storage/codes.h"
#include "storage/sqlite/store_sqlite.h"
#include "storage/transcripts/import.h"
#include "storage/transcripts/search.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <string.h>

static struct tenant_name acme;
static struct store *store;
static struct folder *folder;

static void put(const char *line)
{
    struct import_item *items = calloc(1, sizeof(*items));
    struct import import;
    json_t *json = NULL;
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    assert_int_equal(json_read(slice_of(line), &json), OK);
    assert_int_equal(transcript_read(json, &acme, &items->transcript, &problem), OK);
    import_init(&import, items, 1);
    bulk_now(store, &acme, &import.bulk);
    import_release(&import);
    json_decref(json);
}

static int fold(void *context, uint64_t conversation, struct slice language,
                const struct stored_message *message)
{
    struct search_row row = { conversation, message->seq, message->from, message->edited_ms, NULL };
    AUTO_BUF words;

    buf_init(&words, 1 << 20);
    folder_words(folder, language, message->text, &words);
    row.words = slice_dup(buf_slice(&words));
    return search_bulk_add(context, &row);
}

static bool is_from_the_folder(void)
{
    bool is = false;

    assert_int_equal(search_is_from(store, &acme, folder_source(folder), &is), OK);
    return is;
}

/* Puts right up to so many stale messages; how many there were. */
static size_t refresh(size_t limit)
{
    struct search_bulk bulk;
    size_t count;

    search_bulk_init(&bulk);
    bulk.is_of_stale = true;
    assert_int_equal(search_stale(store, &acme, limit, fold, &bulk), OK);
    count = bulk.count;
    bulk_now(store, &acme, &bulk.bulk);
    search_bulk_release(&bulk);
    return count;
}

/* Indexes up to `limit` messages; how many there were. */
static size_t catch_up(size_t limit)
{
    struct search_bulk bulk;
    size_t count;

    search_bulk_init(&bulk);
    if (!is_from_the_folder())
        bulk.source = folder_source(folder);
    assert_int_equal(search_pending(store, &acme, limit, fold, &bulk), OK);
    count = bulk.count;
    if (count > 0 || bulk.source != NULL)
        bulk_now(store, &acme, &bulk.bulk);
    search_bulk_release(&bulk);
    return count;
}

static int start(void **state)
{
    (void)state;
    assert_int_equal(tenant_name_parse(SLICE_LITERAL("acme"), &acme), 0);
    assert_int_equal(store_memory_open(&store), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    folder = folder_new(false);
    assert_non_null(folder);
    put("{\"id\":\"1\",\"lang\":\"fi\",\"stage\":\"new\",\"turns\":["
        "{\"role\":\"visitor\",\"text\":\"Missä minun laskuni viipyy?\",\"ts\":1000},"
        "{\"role\":\"agent\",\"text\":\"Laskuja lähtee aina maanantaisin.\",\"ts\":1001}]}");
    put("{\"id\":\"2\",\"lang\":\"en\",\"turns\":["
        "{\"role\":\"visitor\",\"text\":\"Is the invoice paid, or the invoices?\",\"ts\":2000},"
        "{\"role\":\"agent\",\"text\":\"Paid yesterday 👍\",\"ts\":2001}]}");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    folder = folder_free(folder);
    store = store_free(store);
    return 0;
}

static int count_hit(void *context, const struct search_hit *hit)
{
    (void)hit;
    (*(size_t *)context)++;
    return 0;
}

static size_t found_by(const char *query, const char *column, struct search_wish wish)
{
    size_t count = 0;
    AUTO_BUF match;

    buf_init(&match, 1 << 16);
    if (folder_query(folder, slice_of(query), column, &match) != OK)
        return 0;
    wish.match = match.data;
    wish.stage = wish.stage == NULL ? "" : wish.stage;
    wish.tag = wish.tag == NULL ? "" : wish.tag;
    wish.agent = wish.agent == NULL ? "" : wish.agent;
    wish.limit = 10;
    assert_int_equal(search_find(store, &acme, &wish, count_hit, &count), OK);
    return count;
}

static size_t found(const char *query)
{
    return found_by(query, "", (struct search_wish){ 0 });
}

static void words__are_found_in_all_their_forms(void **state)
{
    (void)state;
    assert_int_equal(catch_up(100), 4);
    assert_int_equal(found("lasku"), 2);
    assert_int_equal(found("LASKUA"), 2);
    assert_int_equal(found("invoice"), 1);
    assert_int_equal(found("invoices"), 1);
    assert_int_equal(found("laskuni viipyy"), 1);
    assert_int_equal(found("lasku invoice"), 0); /* all of them */
}

static void tag_and_agent__narrow_it_to_their_chats(void **state)
{
    (void)state;
    put("{\"id\":\"3\",\"lang\":\"en\",\"tags\":[\"pro\",\"it's\"],\"turns\":["
        "{\"role\":\"visitor\",\"text\":\"The invoice again\",\"ts\":3000},"
        "{\"role\":\"agent\",\"name\":\"Anna\",\"text\":\"Let me see the invoice\",\"ts\":3001}]}");
    assert_int_equal(catch_up(100), 6);
    assert_int_equal(found("invoice"), 3);
    assert_int_equal(found_by("invoice", "", (struct search_wish){ .tag = "pro" }), 2);
    assert_int_equal(found_by("invoice", "", (struct search_wish){ .tag = "it's" }), 2);
    assert_int_equal(found_by("invoice", "", (struct search_wish){ .tag = "pr" }), 0);
    assert_int_equal(found_by("invoice", "", (struct search_wish){ .agent = "Anna" }), 2);
    assert_int_equal(found_by("invoice", "visitor", (struct search_wish){ .agent = "Anna" }), 1);
    assert_int_equal(found_by("invoice", "", (struct search_wish){ .agent = "Bo" }), 0);
}

/* "kädessä" is a form of "käsi" that no stemmer knows; Voikko does, where it is installed. What was
 * indexed before it came is found all the same, and better once it was put right. */
static void base_forms__are_found_with_voikko(void **state)
{
    struct voikko *voikko = NULL;

    (void)state;
    if (voikko_open(&voikko) != OK) {
        print_message("skipped: libvoikko1 or voikko-fi is not installed\n");
        skip();
    }
    (void)voikko_free(voikko);
    assert_int_equal(catch_up(100), 4);
    put("{\"id\":\"4\",\"lang\":\"fi\",\"turns\":["
        "{\"role\":\"visitor\",\"text\":\"Kuitti on kädessäni\",\"ts\":4000}]}");
    folder = folder_free(folder);
    folder = folder_new(true);
    assert_non_null(folder);
    assert_int_equal(found("laskuni viipyy"), 1); /* indexed by stems alone */
    assert_int_equal(catch_up(100), 1);
    assert_int_equal(found("käsi"), 1);
    assert_int_equal(found("käden kuitit"), 1);
    assert_int_equal(found("\"kuitti on kädessäni\""), 1);
    assert_int_equal(found("kädess*"), 1);
    assert_int_equal(found("\"käsi kuitti\""), 0); /* its words, then one as written */
    assert_int_equal(found("\"käsi kädessäni\""), 0);
    assert_int_equal(found("minä"), 0); /* minun, by its stem alone */
    assert_int_equal(refresh(100), 2);  /* the Finnish chat of before */
    assert_int_equal(found("minä"), 1);
    assert_int_equal(refresh(100), 0);

    folder = folder_free(folder);
    folder = folder_new(false);
    assert_int_equal(found("käsi"), 1);
    assert_int_equal(catch_up(100), 0); /* nothing is new, but Voikko is gone */
    assert_int_equal(refresh(1), 2);    /* a chat is put right as a whole */
    assert_int_equal(refresh(100), 1);
    assert_int_equal(refresh(100), 0);
    assert_int_equal(found("käsi"), 0);
    assert_int_equal(found("kädessäni"), 1);
}

/* Stems are shorter than what people begin with. */
static void a_beginning__is_found_whatever_the_stem(void **state)
{
    (void)state;
    put("{\"id\":\"5\",\"lang\":\"en\",\"turns\":["
        "{\"role\":\"visitor\",\"text\":\"My appointments and bookings\",\"ts\":5000}]}");
    assert_int_equal(catch_up(100), 5);
    assert_int_equal(found("appoint*"), 1);
    assert_int_equal(found("appointm*"), 1);
    assert_int_equal(found("appointments*"), 1);
    assert_int_equal(found("\"booking appointments\""), 0); /* the last word, then one as written */
    assert_int_equal(found("\"appointments bookings\""), 0); /* two as written, with one between */
    assert_int_equal(found("\"appointments and bookings\""), 1);
}

static void what_was_read_in_another_language__is_indexed_anew(void **state)
{
    struct codes_bulk bulk;
    size_t before;

    (void)state;
    put("{\"id\":\"6\",\"turns\":[{\"role\":\"visitor\",\"text\":\"Laskuja!\",\"ts\":6000}]}");
    assert_int_equal(catch_up(100), 5);
    before = found("lasku");
    assert_int_equal(codes_bulk_init(&bulk, SLICE_LITERAL("machine@1"), "spc-1", 7), OK);
    bulk.codings = calloc(1, sizeof(*bulk.codings));
    assert_non_null(bulk.codings);
    bulk.codings[bulk.count++] =
        (struct coding){ .conversation = transcript_conversation_id(&acme, SLICE_LITERAL("6")),
                         .last_seq = 1,
                         .read_in = "fi" };
    bulk_now(store, &acme, &bulk.bulk);
    codes_bulk_release(&bulk);
    assert_int_equal(refresh(100), 1);
    assert_int_equal(found("lasku"), before + 1);
}

static void phrases_and_beginnings__are_understood(void **state)
{
    (void)state;
    assert_int_equal(catch_up(100), 4);
    assert_int_equal(found("\"invoice paid\""), 1);
    assert_int_equal(found("\"paid invoice\""), 0);
    assert_int_equal(found("yest*"), 1);
    assert_int_equal(found("yest"), 0);
    assert_int_equal(found("maanan*"), 1);
}

static void filters__narrow_by_side_time_and_stage(void **state)
{
    (void)state;
    assert_int_equal(catch_up(100), 4);
    assert_int_equal(found_by("lasku", "visitor", (struct search_wish){ 0 }), 1);
    assert_int_equal(found_by("lasku", "agent", (struct search_wish){ 0 }), 1);
    assert_int_equal(found_by("paid", "", (struct search_wish){ .since_ms = 2000000 }), 2);
    assert_int_equal(found_by("paid", "", (struct search_wish){ .until_ms = 2000000 }), 0);
    assert_int_equal(found_by("lasku", "", (struct search_wish){ .until_ms = 2000000 }), 2);
    assert_int_equal(found_by("lasku", "", (struct search_wish){ .stage = "new" }), 2);
    assert_int_equal(found_by("lasku", "", (struct search_wish){ .stage = "existing" }), 0);
}

/* Whatever stands in it, it is words. */
static void a_hostile_query__is_only_words(void **state)
{
    static const char *const hostile[] = {
        "\"", "\" OR 1", "NEAR(", "visitor:", "*", "a AND", "'; DROP TABLE messages; --",
        "^",  "((((",    "-"
    };

    (void)state;
    assert_int_equal(catch_up(100), 4);
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
        (void)found(hostile[i]);
    assert_int_equal(found("lasku"), 2);
    assert_int_equal(found("( lasku )"), 2);
    assert_int_equal(found("? !"), 0);
}

static void the_index__catches_up_bit_by_bit(void **state)
{
    (void)state;
    assert_int_equal(catch_up(3), 3);
    assert_int_equal(found("yesterday"), 0);
    assert_int_equal(catch_up(3), 1);
    assert_int_equal(found("yesterday"), 1);
    assert_int_equal(catch_up(3), 0);
}

/* The number that a statement gives. */
static int ask_number(struct reader_db *reader, void *context)
{
    sqlite3_stmt *stmt = database_prepare(reader->db, context);
    int number = -1;

    assert_non_null(stmt);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        number = sqlite3_column_int(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return number;
}

static int change_second(struct writer_db *writer, struct store_bulk *bulk)
{
    (void)bulk;
    if (database_run(
            writer->db,
            "UPDATE messages SET text = 'Paid today', edited_ms = 1 WHERE conversation = 2 AND "
            "seq = 2") != OK)
        return ERR_IO;
    return database_run(writer->db, "INSERT INTO revisions (conversation, seq, at_ms, sender, cid, "
                                    "text) VALUES (2, 2, 1, 'a', 's', 'Paid yesterday')");
}

static void change(void)
{
    struct store_bulk bulk = { .apply = change_second };

    bulk_now(store, &acme, &bulk);
}

static void what_was_changed__is_found_by_what_it_says_now(void **state)
{
    (void)state;
    (void)catch_up(100);
    change();
    (void)catch_up(100);
    assert_int_equal(found("yesterday"), 0);
    assert_int_equal(found("today"), 1);
    assert_int_equal(catch_up(100), 0);
}

/* The words are read, then changed, and only then put in. */
static void what_was_changed_on_its_way_into_the_index__is_put_right(void **state)
{
    struct search_bulk bulk;

    (void)state;
    search_bulk_init(&bulk);
    assert_int_equal(search_pending(store, &acme, 100, fold, &bulk), OK);
    change();
    bulk_now(store, &acme, &bulk.bulk);
    search_bulk_release(&bulk);
    (void)catch_up(100);
    assert_int_equal(found("yesterday"), 0);
    assert_int_equal(found("today"), 1);
}

static int forget_first(struct writer_db *writer, struct store_bulk *bulk)
{
    (void)bulk;
    if (database_run(writer->db, "DELETE FROM messages WHERE conversation = 1") != OK)
        return ERR_IO;
    return search_forget(writer);
}

/* As in a store on disk: a schema is not trusted there, and triggers may not touch the index. */
static int distrust(struct reader_db *reader, void *context)
{
    (void)context;
    return database_run(reader->db, "PRAGMA trusted_schema = OFF");
}

static void what_was_erased__is_not_found_and_in_no_page_of_the_index(void **state)
{
    struct store_bulk bulk = { .apply = forget_first };
    const char *words = "SELECT count(*) FROM search_data WHERE instr(block, 'viipyy') > 0";

    (void)state;
    assert_int_equal(STORE_CALL(store, read, &acme, distrust, NULL), OK);
    assert_int_equal(catch_up(100), 4);
    assert_int_equal(found("viipyy"), 1);
    bulk_now(store, &acme, &bulk);
    assert_int_equal(found("lasku"), 0);
    assert_int_equal(found("paid"), 2);
    assert_int_equal(STORE_CALL(store, read, &acme, ask_number, (void *)(uintptr_t)words), 0);
}

static void a_snippet__shows_the_words_asked_for(void **state)
{
    AUTO_BUF out;

    (void)state;
    buf_init(&out, 4096);
    folder_snippet(folder, SLICE_LITERAL("fi"),
                   SLICE_LITERAL("yksi kaksi kolme neljä viisi kuusi seitsemän laskua\nvielä"),
                   SLICE_LITERAL("lasku"), 60, &out);
    assert_string_equal(out.data, "… kaksi kolme neljä viisi kuusi seitsemän [laskua] vielä");
    buf_clear(&out);
    folder_snippet(folder, SLICE_LITERAL("en"), SLICE_LITERAL("Paid \x1b[31m yesterday!"),
                   SLICE_LITERAL("yest*"), 60, &out);
    assert_string_equal(out.data, "Paid [31m [yesterday]!");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(words__are_found_in_all_their_forms), CASE(tag_and_agent__narrow_it_to_their_chats),
    CASE(base_forms__are_found_with_voikko), CASE(a_beginning__is_found_whatever_the_stem),
    CASE(what_was_read_in_another_language__is_indexed_anew),
    CASE(phrases_and_beginnings__are_understood), CASE(filters__narrow_by_side_time_and_stage),
    CASE(a_hostile_query__is_only_words), CASE(the_index__catches_up_bit_by_bit),
    CASE(what_was_erased__is_not_found_and_in_no_page_of_the_index),
    CASE(what_was_changed__is_found_by_what_it_says_now),
    CASE(what_was_changed_on_its_way_into_the_index__is_put_right),
    CASE(a_snippet__shows_the_words_asked_for))
