/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/csv_header.h"

#include "base/auto.h"
#include "lasnactl/transcripts/csv_cells.h"

#include <string.h>

const char *const csv_head_members[] = { "id",      "language",  "stage",    "outcome",
                                         "visitor", "opened_at", "ended_at", NULL };
const char *const csv_message_members[] = { "from", "text", "at", "name", "origin", NULL };
static const char *const senders[] = { "visitor", "agent", "bot", "system", NULL };

static bool is_in(const char *word, const char *const *list)
{
    while (*list != NULL && strcmp(word, *list) != 0)
        list++;
    return *list != NULL;
}

bool csv_is_member(const char *meaning)
{
    return is_in(meaning, csv_head_members) || is_in(meaning, csv_message_members);
}

/* The next MEANING=NAME of it, after *at. False: no more. */
static bool next_pair(const char **at, struct slice *ret_meaning, struct slice *ret_name)
{
    size_t len, name;

    if (*at == NULL || **at == '\0')
        return false;
    len = strcspn(*at, ",");
    name = strcspn(*at, "=");
    name = name < len ? name : len;
    *ret_meaning = (struct slice){ *at, name };
    *ret_name = name < len ? (struct slice){ *at + name + 1, len - name - 1 } : SLICE_NONE;
    *at += len + ((*at)[len] == ',');
    return true;
}

/* What the mapping calls this column, or value of `from`: "id=chat" calls "chat" id. */
static char *meaning_of(const char *map, const char *name)
{
    struct slice meaning, called;

    while (next_pair(&map, &meaning, &called))
        if (slice_is(called, name))
            return slice_dup(meaning);
    return strdup(name);
}

static size_t columns_of(const struct source *source, const char *meaning)
{
    size_t count = 0;

    for (size_t i = 0; i < source->column_count; i++)
        count += strcmp(source->columns[i], meaning) == 0;
    return count;
}

static bool is_mapped(const char *map, const char *wanted)
{
    struct slice meaning, name;

    while (next_pair(&map, &meaning, &name))
        if (slice_is(meaning, wanted))
            return true;
    return false;
}

/* A column that bears the name of another's meaning has none itself. */
static int add_column(struct source *source, const char *name)
{
    char *meaning = meaning_of(source->map, name);

    if (meaning != NULL && strcmp(meaning, name) == 0 && csv_is_member(name) &&
        is_mapped(source->map, name) && !is_in(name, senders)) {
        free(meaning);
        meaning = strdup("");
    }
    source->columns[source->column_count] = meaning;
    if (meaning == NULL)
        return RAISE(ERR_NO_MEMORY);
    source->column_count++;
    return OK;
}

static int refuse_header(struct buf *problem, const char *format, const char *a, const char *b)
{
    buf_addf(problem, format, a, b);
    return SOURCE_E_BAD;
}

/* Each says something we know, of a column that is there; a sender's name may be in any row. */
static int check_map(const struct source *source, struct buf *problem)
{
    const char *at = source->map;
    struct slice meaning, name;

    while (next_pair(&at, &meaning, &name)) {
        char word[32] = "";
        bool fits = slice_copy(meaning, word, sizeof(word)) && name.data != NULL;

        if (!fits || (!csv_is_member(word) && !is_in(word, senders))) {
            buf_addf(problem,
                     "--map: \"%.*s\" is nothing a column can mean; see docs/transcript.md.",
                     SLICE_ARG(meaning));
            return SOURCE_E_BAD;
        }
        if (csv_is_member(word) && !is_in(word, senders) && columns_of(source, word) == 0) {
            buf_addf(problem, "--map: no column is called \"%.*s\".", SLICE_ARG(name));
            return SOURCE_E_BAD;
        }
    }
    return OK;
}

static int check_columns(const struct source *source, struct buf *problem)
{
    static const char *const needed[] = { "id", "from", "text" };

    for (size_t i = 0; i < (sizeof(needed) / sizeof(needed[0])); i++)
        if (columns_of(source, needed[i]) == 0)
            return refuse_header(problem, "no column is \"%s\"; say which: --map %s=COLUMN.",
                                 needed[i], needed[i]);
    for (size_t i = 0; i < source->column_count; i++)
        if (csv_is_member(source->columns[i]) && columns_of(source, source->columns[i]) > 1)
            return refuse_header(problem, "two columns are \"%s\"; say which: --map %s=COLUMN.",
                                 source->columns[i], source->columns[i]);
    return OK;
}

/* What stands between cells: that of the three which the header has most of. */
static char delimiter_of(struct slice header)
{
    static const char candidates[] = { ',', ';', '\t' };
    size_t most = 0;
    char best = ',';

    for (size_t c = 0; c < (sizeof(candidates) / sizeof(candidates[0])); c++) {
        size_t count = 0;

        for (size_t i = 0; i < header.len; i++)
            count += header.data[i] == candidates[c];
        if (count > most)
            best = candidates[c];
        most = count > most ? count : most;
    }
    return best;
}

int csv_read_header(struct source *source, struct buf *problem)
{
    struct slice rest;
    AUTO_BUF record;
    AUTO_BUF cell;
    size_t line;
    int rc;

    buf_init(&record, SOURCE_LINE_MAX_BYTES);
    buf_init(&cell, SOURCE_LINE_MAX_BYTES);
    if (source->held)
        source->delimiter = delimiter_of(source_line(source));
    rc = csv_read_record(source, &record, &line);
    if (rc < 0)
        return rc;
    rest = buf_slice(&record);
    rc = OK;
    while (rc == OK && rest.data != NULL && source->column_count < SOURCE_COLUMNS_MAX) {
        (void)csv_take_cell(&rest, source->delimiter, &cell);
        rc = add_column(source, cell.data);
    }
    if (rc == OK && rest.data != NULL) {
        buf_addf(problem, "it has more than %d columns: leave out what is not imported.",
                 SOURCE_COLUMNS_MAX);
        return SOURCE_E_BAD;
    }
    if (rc == OK)
        rc = check_map(source, problem);
    return rc == OK ? check_columns(source, problem) : rc;
}

const char *csv_sender(const struct source *source, const char *value)
{
    AUTO_MEM char *meaning = meaning_of(source->map, value);

    for (size_t i = 0; meaning != NULL && senders[i] != NULL; i++)
        if (strcmp(meaning, senders[i]) == 0)
            return senders[i];
    return NULL;
}
