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

RUN(cmocka_unit_test(json_lines__are_counted_blank_ones_too),
    cmocka_unit_test(a_bad_line__is_told_by_its_number_and_the_next_is_read),
    cmocka_unit_test(csv_rows__of_one_conversation__become_one_document),
    cmocka_unit_test(a_mapping__names_columns_and_senders),
    cmocka_unit_test(csv__without_its_columns__says_which_and_how),
    cmocka_unit_test(a_bad_row__spoils_its_conversation_and_no_other))
