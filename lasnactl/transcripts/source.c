/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/source_csv.h"

#include "base/auto.h"
#include "base/format/text.h"

#include <stdlib.h>
#include <string.h>

/* --- lines --- */

static int put_byte(struct source *source, char byte)
{
    if (source->text_len == source->text_cap) {
        size_t cap = source->text_cap == 0 ? 64 * 1024 : source->text_cap * 2;
        char *grown = realloc(source->text, cap);

        if (grown == NULL)
            return RAISE(ERR_NO_MEMORY);
        source->text = grown;
        source->text_cap = cap;
    }
    source->text[source->text_len++] = byte;
    return OK;
}

/* By hand: getline() takes what never ends for one line, until there is no memory. */
static int read_to_newline(struct source *source, bool *ret_any)
{
    int byte, rc = OK;

    source->text_len = 0;
    while (rc >= 0 && (byte = getc_unlocked(source->file)) != EOF) {
        *ret_any = true;
        if (byte == '\n')
            return rc;
        if (source->text_len < SOURCE_LINE_MAX_BYTES)
            rc = put_byte(source, (char)byte);
        else
            rc = SOURCE_E_BAD;
    }
    return rc >= 0 && ferror(source->file) ? RAISE(ERR_IO) : rc;
}

int source_read_line(struct source *source)
{
    bool any = false;
    int rc;

    if (source->held) {
        source->held = false;
        return OK;
    }
    rc = read_to_newline(source, &any);
    if (rc < 0)
        return rc;
    if (!any)
        return SOURCE_E_END;
    source->lines_read++;
    while (source->text_len > 0 && source->text[source->text_len - 1] == '\r')
        source->text_len--;
    return rc;
}

struct slice source_line(const struct source *source)
{
    struct slice line = { source->text_len > 0 ? source->text : "", source->text_len };

    size_t mark = source->lines_read == 1 ? text_mark(line) : 0;

    return (struct slice){ line.data + mark, line.len - mark };
}

bool source_is_blank(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t')
            return false;
    return true;
}

/* --- what it is not --- */

/* How files begin that are handed in by mistake: one sentence, not a thousand bad lines. */
static const struct {
    const char *begin;
    size_t len;
    const char *problem;
} mistakes[] = {
    { "\xfd"
      "7zXZ",
      5, "it is compressed by xz: xz -dc FILE | lasnactl transcript import TENANT -" },
    { "\x1f\x8b", 2,
      "it is compressed by gzip: gzip -dc FILE | lasnactl transcript import TENANT -" },
    { "\x28\xb5\x2f\xfd", 4,
      "it is compressed by zstd: zstd -dc FILE | lasnactl transcript import TENANT -" },
    { "PK\x03\x04", 4, "it is a zip archive, or a spreadsheet: unpack it, or save it as CSV." },
    { "\xff\xfe", 2, "it is UTF-16: save it as UTF-8." },
    { "\xfe\xff", 2, "it is UTF-16: save it as UTF-8." },
};

static bool is_a_mistake(struct slice line, bool csv, struct buf *problem)
{
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (line.len < mistakes[i].len ||
            memcmp(line.data, mistakes[i].begin, mistakes[i].len) != 0)
            continue;
        buf_add_text(problem, mistakes[i].problem);
        return true;
    }
    if (!csv && line.len > 0 && line.data[0] == '[') {
        buf_add_text(problem, "it is one JSON list, and a document a line is wanted: jq -c '.[]' "
                              "FILE | lasnactl transcript import TENANT -");
        return true;
    }
    return false;
}

/* --- JSON lines --- */

static int read_json(struct slice line, json_t **ret_document, struct buf *problem)
{
    json_error_t error = { .text = "" };
    int rc = json_read(line, ret_document);
    json_t *again;

    if (rc == OK)
        return OK;
    again = json_loadb(line.data, line.len, JSON_REJECT_DUPLICATES, &error);
    json_decref(again);
    if (rc == JSON_E_DEEP)
        buf_add_text(problem, "it nests too deep.");
    else
        buf_addf(problem, "it is no JSON: %s (byte %d).", error.text, error.position);
    return SOURCE_E_BAD;
}

static int next_json(struct source *source, json_t **ret_document, struct buf *problem)
{
    for (;;) {
        int rc = source_read_line(source);
        struct slice line;

        if (rc < 0 || rc == SOURCE_E_END)
            return rc;
        line = source_line(source);
        source->line = source->lines_read;
        source->bytes = line.len;
        if (rc == SOURCE_E_BAD) {
            buf_addf(problem, "it is longer than %d MiB.", SOURCE_LINE_MAX_BYTES >> 20);
            return rc;
        }
        if (!source_is_blank(line))
            return read_json(line, ret_document, problem);
    }
}

/* --- both --- */

int source_init(struct source *source, FILE *file, bool csv, const char *map, struct buf *problem)
{
    int rc;

    *source = (struct source){ .file = file, .csv = csv, .map = map, .delimiter = ',' };
    rc = source_read_line(source);
    if (rc < 0)
        return rc;
    if (rc != SOURCE_E_END && is_a_mistake(source_line(source), csv, problem))
        return SOURCE_E_BAD;
    source->held = rc == OK;
    if (rc == SOURCE_E_BAD) {
        buf_addf(problem, "its first line is longer than %d MiB.", SOURCE_LINE_MAX_BYTES >> 20);
        return rc;
    }
    return csv ? csv_begin(source, problem) : OK;
}

void source_release(struct source *source)
{
    csv_release(source);
    free(source->text);
    *source = (struct source){ 0 };
}

int source_next(struct source *source, json_t **ret_document, struct buf *problem)
{
    return source->csv ? csv_next(source, ret_document, problem)
                       : next_json(source, ret_document, problem);
}
