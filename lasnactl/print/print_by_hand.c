/* SPDX-License-Identifier: Apache-2.0
 *
 * Coding by hand, for people.
 */
#include "lasnactl/print/print.h"

#include "base/format/text.h"

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

/* Words of strangers: tamed, one line. */
static void print_line(const char *before, const char *text, FILE *to)
{
    AUTO_BUF line;

    buf_init(&line, 256 * 1024);
    text_one_line(slice_of(text), 4000, &line);
    (void)fprintf(to, "%s%.*s\n", before, SLICE_ARG(buf_slice(&line)));
}

void print_sample(const json_t *sample, FILE *to)
{
    static const struct column columns[] = {
        { "STRATUM", "stratum" }, { "CHATS", "chats" }, { "DRAWN", "drawn" }, { .title = NULL }
    };

    print_line("Sample ", print_text_at(sample, "sample"), to);
    (void)fprintf(to, "%lld chats, seed %lld, strata by the codes of %s.\n\n",
                  number_of(sample, "chats"), number_of(sample, "seed"),
                  print_text_at(sample, "machine"));
    print_table(json_object_get(sample, "strata"), columns, to);
}

void print_samples(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "SAMPLE", "sample" },       { "BOOK", "book" },       { "CHATS", "chats" },
        { "BOTH DONE", "both_done" }, { "SETTLED", "settled" }, { "FADED", "faded" },
        { "MADE", "made_at" },        { .title = NULL },
    };
    static const struct column coders[] = {
        { "CODER", "coder" }, { "CHATS", "chats" }, { "DONE", "done" }, { .title = NULL }
    };
    const json_t *item;
    size_t i;

    print_table(items, columns, to);
    json_array_foreach(items, i, item)
    {
        (void)fputc('\n', to);
        print_line("", print_text_at(item, "sample"), to);
        print_table(json_object_get(item, "coders"), coders, to);
    }
}

void print_dealt(const json_t *dealt, FILE *to)
{
    (void)fprintf(to, "%lld chats are dealt out; %lld codings there were stand.\n",
                  number_of(dealt, "chats"), number_of(dealt, "codings_kept"));
}

static void print_disputes(const json_t *disputed, FILE *to)
{
    const json_t *dispute;
    size_t i;

    json_array_foreach(disputed, i, dispute)
    {
        (void)fprintf(to, "      ? %s, says ", print_text_at(dispute, "code"));
        print_line("", print_text_at(dispute, "by"), to);
    }
}

static void print_messages(const json_t *sheet, FILE *to)
{
    const json_t *messages = json_object_get(sheet, "messages"), *message;
    size_t i;

    json_array_foreach(messages, i, message)
    {
        const json_t *codes = json_object_get(message, "codes"), *code;
        size_t j;

        (void)fprintf(to, "%4lld %-7s ", number_of(message, "seq"), print_text_at(message, "from"));
        print_line("", print_text_at(message, "text"), to);
        json_array_foreach(codes, j, code)
        {
            const char *id =
                json_is_string(code) ? json_string_value(code) : print_text_at(code, "code");

            (void)fprintf(to, "      = %s\n", id);
        }
        print_disputes(json_object_get(message, "disputed"), to);
    }
    print_disputes(json_object_get(sheet, "disputed"), to);
}

void print_sheet(const json_t *sheet, FILE *to)
{
    if (!json_is_string(json_object_get(sheet, "id"))) {
        print_line("Nothing is left to code for ", print_text_at(sheet, "coder"), to);
        return;
    }
    (void)fprintf(to, "Chat %s, %lld of %lld left. --json gives the form to fill in.\n\n",
                  print_text_at(sheet, "id"), number_of(sheet, "left"), number_of(sheet, "dealt"));
    print_messages(sheet, to);
}

void print_adjudication(const json_t *answer, FILE *to)
{
    const json_t *next = json_object_get(answer, "next");

    (void)fprintf(to, "%lld chats settled: both coders agreed. %lld are open.\n",
                  number_of(answer, "settled"), number_of(answer, "open"));
    if (!json_is_object(next))
        return;
    (void)fprintf(to,
                  "\nChat %s. = both say so, ? one does. --json gives the form; submit it as "
                  "adjudicated.\n\n",
                  print_text_at(next, "id"));
    print_messages(next, to);
}
