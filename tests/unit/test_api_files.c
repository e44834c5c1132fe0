/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/pack.h"
#include "storage/files.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>
#include <unistd.h>

#define OF_ACME "/api/v1/tenants/acme"

static struct conversation_id conversation;
static char id[ID_TEXT_BYTES], path[128];

static int start(void **state)
{
    (void)double_setup(state);
    conversation = double_conversation("acme", 1, 10, false);
    id_format(double_file("acme", conversation, "12 euros"), id);
    (void)snprintf(path, sizeof(path), OF_ACME "/files/%s", id);
    return 0;
}

static const json_t *item(const struct heard *answer, size_t i)
{
    return json_array_get(json_object_get(answer->json, "items"), i);
}

static size_t count(const struct heard *answer)
{
    assert_int_equal(answer->status, 200);
    return json_array_size(json_object_get(answer->json, "items"));
}

static void a_file__is_listed_with_what_it_is_and_whose(void **state)
{
    const struct heard *answer = ask("GET", OF_ACME "/files", "", NULL);

    (void)state;
    assert_int_equal(count(answer), 1);
    assert_string_equal(json_string_value(json_object_get(item(answer, 0), "id")), id);
    assert_string_equal(json_string_value(json_object_get(item(answer, 0), "name")), "price.txt");
    assert_string_equal(json_string_value(json_object_get(item(answer, 0), "type")), "text/plain");
    assert_int_equal(json_integer_value(json_object_get(item(answer, 0), "bytes")), 8);
    assert_int_equal(json_integer_value(json_object_get(item(answer, 0), "seq")), 2);
    assert_string_equal(json_string_value(json_object_get(item(answer, 0), "conversation")), id);
    assert_true(json_is_null(json_object_get(answer->json, "next")));
}

static void files__of_one_conversation_or_visitor_alone__and_page_newest_first(void **state)
{
    struct conversation_id other = double_conversation("acme", 1, 10, false);
    const struct heard *answer;
    char query[128], newest[ID_TEXT_BYTES], cursor[64];

    (void)state;
    id_format(double_file("acme", other, "13 euros"), newest);
    assert_int_equal(count(ask("GET", OF_ACME "/files", "", NULL)), 2);
    (void)snprintf(query, sizeof(query), "conversation=%s", id);
    assert_int_equal(count(ask("GET", OF_ACME "/files", query, NULL)), 1);
    (void)snprintf(query, sizeof(query), "visitor=%s", newest);
    answer = ask("GET", OF_ACME "/files", query, NULL);
    assert_int_equal(count(answer), 1);
    assert_string_equal(json_string_value(json_object_get(item(answer, 0), "id")), newest);
    answer = ask("GET", OF_ACME "/files", "limit=1", NULL);
    assert_int_equal(count(answer), 1);
    assert_string_equal(json_string_value(json_object_get(item(answer, 0), "id")), newest);
    (void)slice_copy(slice_of(text_at(answer, "next")), cursor, sizeof(cursor));
    (void)snprintf(query, sizeof(query), "limit=1&cursor=%s", cursor);
    answer = ask("GET", OF_ACME "/files", query, NULL);
    assert_int_equal(count(answer), 1);
    assert_string_equal(json_string_value(json_object_get(item(answer, 0), "id")), id);
    (void)slice_copy(slice_of(text_at(answer, "next")), cursor, sizeof(cursor));
    (void)snprintf(query, sizeof(query), "limit=1&cursor=%s", cursor);
    assert_int_equal(count(ask("GET", OF_ACME "/files", query, NULL)), 0);
    assert_int_equal(ask("GET", OF_ACME "/files", "cursor=7", NULL)->status, 400);
    assert_int_equal(ask("GET", OF_ACME "/files", "visitor=7", NULL)->status, 400);
    (void)snprintf(query, sizeof(query), "visitor=%s&conversation=%s", id, id);
    assert_int_equal(ask("GET", OF_ACME "/files", query, NULL)->status, 400);
}

static void a_file__comes_as_a_download_and_as_nothing_else(void **state)
{
    const struct heard *answer = ask("GET", path, "", NULL);

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->text, "12 euros");
    assert_string_equal(answer->type, "text/plain");
    assert_string_equal(answer->headers,
                        "Content-Disposition: attachment; filename=\"price.txt\"\r\n"
                        "Content-Security-Policy: sandbox; default-src 'none'\r\n");
}

static void a_download__goes_on_from_the_byte_it_is_asked_for(void **state)
{
    (void)state;
    assert_string_equal(ask("GET", path, "from=3", NULL)->text, "euros");
    assert_string_equal(ask("GET", path, "from=0", NULL)->text, "12 euros");
    for (const char *const *wrong =
             (const char *const[]){ "from=8", "from=-1", "from=x", "from=", "from=1x",
                                    "from=99999999999999999999", NULL };
         *wrong != NULL; wrong++)
        assert_int_equal(ask("GET", path, *wrong, NULL)->status, 400);
}

static void a_large_file__comes_part_by_part__and_breaks_off_where_it_is_erased(void **state)
{
    struct conversation_id large = double_conversation("acme", 1, 10, false);
    AUTO_MEM char *content = malloc(300001);
    char on_disk[FILES_PATH_BYTES], where[128], large_id[ID_TEXT_BYTES];
    struct file_id file;
    const struct heard *answer;

    (void)state;
    memset(content, 'x', 300000);
    content[300000] = '\0';
    file.id = double_file("acme", large, content);
    id_format(file.id, large_id);
    (void)snprintf(where, sizeof(where), OF_ACME "/files/%s", large_id);
    answer = ask("GET", where, "", NULL);
    assert_int_equal(answer->len, 300000);
    assert_true(answer->parts >= 2);
    files_path(on_disk, the_core.tenants_folder,
               &tenants_find(&the_core, SLICE_LITERAL("acme"))->about.name, file, false);
    double_read_slowly(true);
    ask_only("GET", where, "", NULL);
    double_hears_a_part();
    assert_true(double_hears_nothing());
    assert_int_equal(unlink(on_disk), 0);
    double_next(true);
    assert_true(double_is_idle()); /* two parts were left */
    double_read_slowly(false);
    assert_int_equal(ask("GET", where, "", NULL)->status, 500);
}

/* The name of the next file of an archive, which moves on behind it; NULL: the end. */
static const char *next_packed(const struct heard *archive, size_t *at)
{
    static char name[300];
    const char *head = archive->text + *at;
    uint64_t size;

    assert_true(*at + PACK_BLOCK_BYTES <= archive->len);
    if (head[0] == '\0')
        return NULL;
    assert_memory_equal(head + 257, "ustar", 6);
    (void)snprintf(name, sizeof(name), "%.155s%s%.100s", head + 345, head[345] != '\0' ? "/" : "",
                   head);
    size = strtoull(head + 124, NULL, 8);
    *at += PACK_BLOCK_BYTES + size + pack_padding(size);
    return name;
}

static void a_visitors_copy__as_an_archive__holds_what_they_sent(void **state)
{
    const struct heard *answer;
    char where[128], expected[128];
    size_t at = 0, before;

    (void)state;
    (void)snprintf(where, sizeof(where), OF_ACME "/visitors/%s/export", id);
    assert_int_equal(ask("GET", where, "files=maybe", NULL)->status, 400);
    answer = ask("GET", where, "files=yes", NULL);
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->type, "application/x-tar");
    assert_int_equal(answer->len % PACK_BLOCK_BYTES, 0);
    assert_string_equal(next_packed(answer, &at), "visitor.json");
    before = at + PACK_BLOCK_BYTES;
    (void)snprintf(expected, sizeof(expected), "conversations/%s.json", id);
    assert_string_equal(next_packed(answer, &at), expected);
    assert_memory_equal(answer->text + before, "{\"id\":\"", 7);
    before = at + PACK_BLOCK_BYTES;
    (void)snprintf(expected, sizeof(expected), "files/%s/price.txt", id);
    assert_string_equal(next_packed(answer, &at), expected);
    assert_memory_equal(answer->text + before, "12 euros", 8);
    assert_null(next_packed(answer, &at));
    assert_int_equal(answer->len - at, 2 * PACK_BLOCK_BYTES);
    answer = ask("GET", where, "", NULL);
    assert_string_equal(answer->type, "application/jsonl");
    assert_memory_equal(answer->text, "{\"tenant\":\"acme\"", 16);
}

static void a_visitors_copy__without_a_file_that_is_theirs__is_none(void **state)
{
    char where[128], on_disk[FILES_PATH_BYTES];
    struct file_id file;

    (void)state;
    assert_int_equal(id_parse(slice_of(id), &file.id), 0);
    files_path(on_disk, the_core.tenants_folder,
               &tenants_find(&the_core, SLICE_LITERAL("acme"))->about.name, file, false);
    assert_int_equal(unlink(on_disk), 0); /* its row is there */
    (void)snprintf(where, sizeof(where), OF_ACME "/visitors/%s/export", id);
    assert_int_equal(ask("GET", where, "files=yes", NULL)->status, 500);
    assert_int_equal(ask("GET", where, "", NULL)->status, 200);
}

static void who_reads_a_file__or_which_there_are__is_in_the_audit(void **state)
{
    const struct heard *answer;
    char detail[64];

    (void)state;
    (void)ask("GET", path, "", NULL);
    (void)ask("GET", OF_ACME "/files", "", NULL);
    answer = ask("GET", OF_ACME "/audit", "limit=2", NULL);
    assert_string_equal(json_string_value(json_object_get(item(answer, 0), "action")),
                        "files_list");
    assert_string_equal(json_string_value(json_object_get(item(answer, 1), "action")),
                        "file_fetch");
    (void)snprintf(detail, sizeof(detail), "id=%s", id);
    assert_string_equal(json_string_value(json_object_get(item(answer, 1), "detail")), detail);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(a_file__is_listed_with_what_it_is_and_whose),
    CASE(files__of_one_conversation_or_visitor_alone__and_page_newest_first),
    CASE(a_file__comes_as_a_download_and_as_nothing_else),
    CASE(a_download__goes_on_from_the_byte_it_is_asked_for),
    CASE(a_large_file__comes_part_by_part__and_breaks_off_where_it_is_erased),
    CASE(a_visitors_copy__as_an_archive__holds_what_they_sent),
    CASE(a_visitors_copy__without_a_file_that_is_theirs__is_none),
    CASE(who_reads_a_file__or_which_there_are__is_in_the_audit))
