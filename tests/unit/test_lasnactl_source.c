/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/source.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

/* What a file gives, a line each: "LINE DOCUMENT" or "LINE !WHY". */
static char *given_by(const char *text, bool csv, const char *map)
{
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    struct source source;
    struct buf out, problem;
    int rc;

    buf_init(&out, 1 << 20);
    buf_init(&problem, 1 << 16);
    assert_non_null(file);
    rc = source_init(&source, file, csv, map, &problem);
    if (rc != OK)
        buf_addf(&out, "!%s\n", problem.data);
    while (rc == OK ||
           (rc == SOURCE_E_BAD && problem.data != NULL && out.data != NULL && out.data[0] != '!')) {
        json_t *document = NULL;

        buf_clear(&problem);
        rc = source_next(&source, &document, &problem);
        if (rc == OK) {
            char *line = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);

            buf_addf(&out, "%zu %s\n", source.line, line);
            free(line);
            json_decref(document);
        } else if (rc == SOURCE_E_BAD) {
            buf_addf(&out, "%zu !%s\n", source.line, problem.data);
        }
    }
    source_release(&source);
    buf_release(&problem);
    (void)fclose(file);
    return out.data;
}

static void gives(const char *text, bool csv, const char *map, const char *wanted)
{
    char *out = given_by(text, csv, map);

    assert_string_equal(out, wanted);
    free(out);
}

static void json_lines__are_counted_blank_ones_too(void **state)
{
    (void)state;
    gives("\xef\xbb\xbf{\"a\":1}\n\n  \r\n{\"b\":2}", false, NULL, "1 {\"a\":1}\n4 {\"b\":2}\n");
}

static void a_bad_line__is_told_by_its_number_and_the_next_is_read(void **state)
{
    char *out = given_by("{\"a\":1}\n{oops\n{\"s\":\"\xff\"}\n{\"c\":3}\n", false, NULL);

    (void)state;
    assert_non_null(strstr(out, "1 {\"a\":1}\n2 !it is no JSON"));
    assert_non_null(strstr(out, "\n3 !it is no JSON"));
    assert_non_null(strstr(out, "\n4 {\"c\":3}\n"));
    free(out);
}

static void csv_rows__of_one_conversation__become_one_document(void **state)
{
    (void)state;
    gives("id,from,text,stage\nx,visitor,\"a, \"\"b\"\"\nc\",new\nx,agent,d,new\ny,visitor,e,\n",
          true, NULL,
          "2 {\"id\":\"x\",\"messages\":[{\"from\":\"visitor\",\"text\":\"a, \\\"b\\\"\\nc\"},"
          "{\"from\":\"agent\",\"text\":\"d\"}],\"stage\":\"new\"}\n"
          "5 {\"id\":\"y\",\"messages\":[{\"from\":\"visitor\",\"text\":\"e\"}]}\n");
}

static void a_mapping__names_columns_and_senders(void **state)
{
    (void)state;
    gives("Chat;ignored,Sender,Body\r\n1,Customer,hi\r\n1,Rep,hello\r\n", true,
          "id=Chat;ignored,from=Sender,text=Body,visitor=Customer,agent=Rep",
          "2 {\"id\":\"1\",\"messages\":[{\"from\":\"visitor\",\"text\":\"hi\"},"
          "{\"from\":\"agent\",\"text\":\"hello\"}]}\n");
}

static void csv__without_its_columns__says_which_and_how(void **state)
{
    (void)state;
    gives("chat,from,text\n", true, NULL, "!no column is \"id\"; say which: --map id=COLUMN.\n");
    gives("", true, NULL, "!no column is \"id\"; say which: --map id=COLUMN.\n");
}

/* Half a conversation would be a wrong total. */
static void a_bad_row__spoils_its_conversation_and_no_other(void **state)
{
    char *out =
        given_by("id,from,text\nx,visitor,a\nx,agent,\xff\nx,agent,c\ny,visitor,d\n", true, NULL);

    (void)state;
    assert_non_null(strstr(out, "3 !it is no valid UTF-8."));
    assert_null(strstr(out, "\"a\""));
    assert_null(strstr(out, "\"c\""));
    assert_non_null(strstr(out, "5 {\"id\":\"y\""));
    free(out);
}

/* The first row of a conversation: the one before it is whole. */
static void a_bad_row__leaves_the_conversation_before_it_whole(void **state)
{
    (void)state;
    gives("id,from,text\nx,visitor,a\ny,visitor,\xff\ny,agent,b\nz,visitor,c\n", true, NULL,
          "2 {\"id\":\"x\",\"messages\":[{\"from\":\"visitor\",\"text\":\"a\"}]}\n"
          "3 !it is no valid UTF-8.\n"
          "5 {\"id\":\"z\",\"messages\":[{\"from\":\"visitor\",\"text\":\"c\"}]}\n");
}

/* Whose it is nobody can tell: it may be of those before or of those after. */
static void a_row_without_an_id__spoils_both_neighbours(void **state)
{
    (void)state;
    gives("id,from,text\nx,visitor,a\n,visitor,lost\ny,agent,b\ny,agent,c\nz,visitor,d\n", true,
          NULL,
          "3 !its id is empty.\n"
          "4 !the row before it cannot be read, and may be of this conversation.\n"
          "6 {\"id\":\"z\",\"messages\":[{\"from\":\"visitor\",\"text\":\"d\"}]}\n");
}

static void quotes__open_a_cell_and_are_signs_within_one(void **state)
{
    (void)state;
    gives("id,from,text\nx,visitor,a 5\" screen\nx,agent,\"say \"\"a\"\", please\"\n", true, NULL,
          "2 {\"id\":\"x\",\"messages\":[{\"from\":\"visitor\",\"text\":\"a 5\\\" screen\"},"
          "{\"from\":\"agent\",\"text\":\"say \\\"a\\\", please\"}]}\n");
    gives("id,from,text\nx,visitor,\"a\" b\ny,visitor,\"open\nz,visitor,c\n", true, NULL,
          "2 !something follows the closing quote of a cell.\n"
          "3 !it is too long, or nothing closes a quote that opens in it.\n");
}

static void rows_that_do_not_fit_the_header__are_refused(void **state)
{
    (void)state;
    gives("id,from,text\nx,visitor,Hello, world\ny,visitor,a,,\nz,visitor\n", true, NULL,
          "2 !it has more cells than the header; a cell with commas in it needs quotes.\n"
          "3 {\"id\":\"y\",\"messages\":[{\"from\":\"visitor\",\"text\":\"a\"}]}\n"
          "4 {\"id\":\"z\",\"messages\":[{\"from\":\"visitor\"}]}\n");
}

/* Exports of other desks have a hundred. */
static void columns_we_do_not_know__may_be_many(void **state)
{
    static const struct {
        size_t more;
        const char *wanted;
    } files[] = {
        { 253, "2 {\"id\":\"x\",\"messages\":[{\"from\":\"visitor\",\"text\":\"a\"}]}\n" },
        { 254, "!it has more than 256 columns: leave out what is not imported.\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        AUTO_BUF text;

        buf_init(&text, 4096);
        buf_add_text(&text, "id,from,text");
        for (size_t more = 0; more < files[i].more; more++)
            buf_add_text(&text, ",c");
        buf_add_text(&text, "\nx,visitor,a");
        for (size_t more = 0; more < files[i].more; more++)
            buf_add_text(&text, ",1");
        gives(text.data, true, NULL, files[i].wanted);
    }
}

static void semicolons_and_tabs__stand_between_cells_as_well(void **state)
{
    static const char wanted[] =
        "2 {\"id\":\"x\",\"messages\":[{\"from\":\"visitor\",\"text\":\"a, b\"}]}\n";

    (void)state;
    gives("id;from;text\nx;visitor;a, b\n", true, NULL, wanted);
    gives("id\tfrom\ttext\nx\tvisitor\ta, b\n", true, NULL, wanted);
}

/* Sorted by time, say: half of each would come in, and the rest be refused. */
static void a_conversation_in_pieces__is_refused_whole(void **state)
{
    (void)state;
    gives("id,from,text\nx,visitor,a\ny,visitor,b\nx,agent,c\nz,visitor,d\n", true, NULL,
          "2 !the rows of its conversation do not stand together: sort the file by it.\n"
          "3 {\"id\":\"y\",\"messages\":[{\"from\":\"visitor\",\"text\":\"b\"}]}\n"
          "5 {\"id\":\"z\",\"messages\":[{\"from\":\"visitor\",\"text\":\"d\"}]}\n");
}

static void a_mapping__that_fits_no_column__is_told(void **state)
{
    (void)state;
    gives("id,from,text\n", true, "at=Sent", "!--map: no column is called \"Sent\".\n");
    gives("id,from,text\n", true, "when=text",
          "!--map: \"when\" is nothing a column can mean; see docs/transcript.md.\n");
    gives("id,from,text,text\n", true, NULL,
          "!two columns are \"text\"; say which: --map text=COLUMN.\n");
    gives("id,from,text,Body\nx,visitor,a,b\n", true, "text=Body",
          "2 {\"id\":\"x\",\"messages\":[{\"from\":\"visitor\",\"text\":\"b\"}]}\n");
}

static void what_is_no_such_file__is_told_once(void **state)
{
    char *out = given_by("\xfd"
                         "7zXZ rest\nmore\n",
                         false, NULL);

    (void)state;
    assert_int_equal(strncmp(out, "!it is compressed by xz", 23), 0);
    free(out);
    gives("\xff\xfe{", true, NULL, "!it is UTF-16: save it as UTF-8.\n");
    out = given_by("[\n{}\n]\n", false, NULL);
    assert_int_equal(strncmp(out, "!it is one JSON list", 20), 0);
    free(out);
}

RUN(cmocka_unit_test(json_lines__are_counted_blank_ones_too),
    cmocka_unit_test(a_bad_line__is_told_by_its_number_and_the_next_is_read),
    cmocka_unit_test(csv_rows__of_one_conversation__become_one_document),
    cmocka_unit_test(a_mapping__names_columns_and_senders),
    cmocka_unit_test(csv__without_its_columns__says_which_and_how),
    cmocka_unit_test(a_bad_row__spoils_its_conversation_and_no_other),
    cmocka_unit_test(a_bad_row__leaves_the_conversation_before_it_whole),
    cmocka_unit_test(a_row_without_an_id__spoils_both_neighbours),
    cmocka_unit_test(quotes__open_a_cell_and_are_signs_within_one),
    cmocka_unit_test(rows_that_do_not_fit_the_header__are_refused),
    cmocka_unit_test(columns_we_do_not_know__may_be_many),
    cmocka_unit_test(semicolons_and_tabs__stand_between_cells_as_well),
    cmocka_unit_test(a_conversation_in_pieces__is_refused_whole),
    cmocka_unit_test(a_mapping__that_fits_no_column__is_told),
    cmocka_unit_test(what_is_no_such_file__is_told_once))
