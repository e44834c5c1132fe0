/* SPDX-License-Identifier: Apache-2.0
 *
 * Half a conversation would be a wrong total. So a row that cannot be read takes its conversation
 * with it, one whose conversation it does not tell those before and after it, and a conversation
 * whose rows do not stand together is refused as a whole: a file is looked through for such before
 * anything of it is given. What comes by a pipe cannot be; there the later rows are told.
 */
#include "lasnactl/transcripts/source_csv.h"

#include "base/auto.h"
#include "lasnactl/transcripts/csv_cells.h"
#include "lasnactl/transcripts/csv_header.h"
#include "lasnactl/transcripts/source_ids.h"

#include <stdlib.h>
#include <string.h>

/* A row as it was read: of one that is bad the document is missing, and perhaps the id. */
struct row {
    json_t *document, *id; /* owned */
    size_t line;
    const char *bad; /* why; NULL: it is fine */
};

/* Between one document and the next. */
struct csv {
    struct source_ids met;
    struct row ahead; /* read, and not given yet */
    bool has_ahead;
    bool follows_a_riddle; /* the row before was bad, and told no id */
    bool piped;            /* it cannot be looked through beforehand */
    json_t *spoiled;       /* the id of a conversation with a row that cannot be read; owned */
};

/* --- rows --- */

/* "agent=Rep" in the mapping makes "Rep" an agent. */
static json_t *value_of(const struct source *source, const char *meaning, const struct buf *cell)
{
    const char *known = strcmp(meaning, "from") == 0 ? csv_sender(source, cell->data) : NULL;

    if (known != NULL)
        return json_string(known);
    return json_stringn(cell->data, cell->len);
}

/* Empty cells say nothing. NULL: all fine; else why not. */
static const char *read_cells(const struct source *source, struct slice record, struct row *row)
{
    AUTO_BUF cell;

    buf_init(&cell, SOURCE_LINE_MAX_BYTES);
    for (size_t i = 0; record.data != NULL; i++) {
        const char *meaning = i < source->column_count ? source->columns[i] : "";
        json_t *value;

        if (!csv_take_cell(&record, source->delimiter, &cell))
            return "something follows the closing quote of a cell.";
        if (i >= source->column_count && cell.len > 0)
            return "it has more cells than the header; a cell with commas in it needs quotes.";
        if (cell.len == 0 || !csv_is_member(meaning))
            continue;
        if (memchr(cell.data, '\0', cell.len) != NULL)
            return "it holds a NUL.";
        value = value_of(source, meaning, &cell);
        if (value == NULL)
            return "it is no valid UTF-8.";
        (void)json_object_set_new(row->document, meaning, value);
        if (strcmp(meaning, "id") == 0)
            row->id = json_incref(value);
    }
    return row->id == NULL ? "its id is empty." : NULL;
}

static void release_row(struct row *row)
{
    json_decref(row->document);
    json_decref(row->id);
    *row = (struct row){ 0 };
}

/* OK also for a bad one. SOURCE_E_END. */
static int read_row(struct source *source, struct row *ret_row)
{
    struct row row = { 0 };
    AUTO_BUF record;
    int rc;

    buf_init(&record, SOURCE_LINE_MAX_BYTES);
    do {
        rc = csv_read_record(source, &record, &row.line);
    } while (rc == OK && source_is_blank(buf_slice(&record)));
    if (rc < 0 || rc == SOURCE_E_END)
        return rc;
    row.document = json_object();
    row.bad = rc == SOURCE_E_BAD ? "it is too long, or nothing closes a quote that opens in it."
                                 : read_cells(source, buf_slice(&record), &row);
    *ret_row = row;
    return OK;
}

/* --- conversations --- */

static void move_members(json_t *row, json_t *to, const char *const *names)
{
    for (; *names != NULL; names++)
        if (json_object_get(row, *names) != NULL && json_object_get(to, *names) == NULL)
            (void)json_object_set(to, *names, json_object_get(row, *names));
}

static void add_row(json_t *document, const struct row *row)
{
    json_t *message = json_object();

    move_members(row->document, document, csv_head_members);
    move_members(row->document, message, csv_message_members);
    (void)json_array_append_new(json_object_get(document, "messages"), message);
}

static int take_row(struct source *source, struct row *ret_row)
{
    struct csv *csv = source->rows;

    if (!csv->has_ahead)
        return read_row(source, ret_row);
    *ret_row = csv->ahead;
    csv->ahead = (struct row){ 0 };
    csv->has_ahead = false;
    return OK;
}

static void keep_ahead(struct source *source, struct row row)
{
    source->rows->ahead = row;
    source->rows->has_ahead = true;
}

/* Nothing more of this conversation is given. */
static void spoil(struct source *source, json_t *id)
{
    json_decref(source->rows->spoiled);
    source->rows->spoiled = json_incref(id);
}

static int refuse(struct source *source, const struct row *row, const char *why,
                  struct buf *problem)
{
    source->line = row->line;
    buf_add_text(problem, why);
    if (row->id != NULL)
        spoil(source, row->id);
    source->rows->follows_a_riddle = row->id == NULL;
    return SOURCE_E_BAD;
}

/* OK: a conversation may begin with this row. SOURCE_E_BAD: it is refused. */
static int judge_first(struct source *source, const struct row *row, struct buf *problem)
{
    struct csv *csv = source->rows;
    bool riddle = csv->follows_a_riddle, again = false;
    int rc;

    csv->follows_a_riddle = false;
    if (row->bad != NULL)
        return refuse(source, row, row->bad, problem);
    if (riddle)
        return refuse(source, row,
                      "the row before it cannot be read, and may be of this conversation.",
                      problem);
    if (source_ids_is_apart(&csv->met, row->id))
        return refuse(source, row,
                      "the rows of its conversation do not stand together: sort the file by it.",
                      problem);
    if (!source->rows->piped)
        return OK;
    rc = source_ids_note(&csv->met, row->id, &again);
    if (rc == OK && again)
        return refuse(source, row,
                      "rows of its conversation came before, and are imported without this one: "
                      "sort the file by it.",
                      problem);
    return rc;
}

/* The first row of the next conversation; what is left of a spoiled one is passed over. */
static int first_row(struct source *source, struct row *row, struct buf *problem)
{
    int rc = take_row(source, row);

    while (rc == OK && row->bad == NULL && json_equal(row->id, source->rows->spoiled)) {
        release_row(row);
        source->rows->follows_a_riddle = false;
        rc = take_row(source, row);
    }
    if (rc != OK)
        return rc;
    rc = judge_first(source, row, problem);
    if (rc != OK)
        release_row(row);
    return rc;
}

/* The rows after the first. SOURCE_E_BAD: one of them cannot be read. */
static int further_rows(struct source *source, json_t *document, struct buf *problem)
{
    const json_t *id = json_object_get(document, "id");
    struct row row;
    int rc;

    while ((rc = read_row(source, &row)) == OK && json_equal(row.id, id) && row.bad == NULL) {
        add_row(document, &row);
        release_row(&row);
    }
    if (rc != OK)
        return rc == SOURCE_E_END ? OK : rc;
    if (row.bad == NULL || (row.id != NULL && !json_equal(row.id, id))) {
        keep_ahead(source, row);
        return OK;
    }
    rc = refuse(source, &row, row.bad, problem);
    spoil(source, json_object_get(document, "id"));
    release_row(&row);
    return rc;
}

int csv_next(struct source *source, json_t **ret_document, struct buf *problem)
{
    json_t *document;
    struct row row;
    size_t line;
    int rc;

    rc = first_row(source, &row, problem);
    if (rc != OK)
        return rc;
    line = row.line;
    document = json_pack("{s:[]}", "messages");
    add_row(document, &row);
    release_row(&row);
    rc = further_rows(source, document, problem);
    if (rc != OK) {
        json_decref(document);
        return rc;
    }
    source->line = line;
    *ret_document = document;
    return OK;
}

/* --- the look beforehand --- */

/* Notes which conversations come in pieces, then stands behind the header again. */
static int look_through(struct source *source)
{
    AUTO_JSON last = NULL;
    size_t lines = source->lines_read;
    off_t from = ftello(source->file);
    struct row row;
    int rc;

    while ((rc = read_row(source, &row)) == OK) {
        bool again;

        if (row.id != NULL && !json_equal(row.id, last)) {
            rc = source_ids_note(&source->rows->met, row.id, &again);
            json_decref(last);
            last = json_incref(row.id);
        }
        release_row(&row);
        if (rc != OK)
            return rc;
    }
    if (rc < 0)
        return rc;
    clearerr(source->file);
    source->lines_read = lines;
    return fseeko(source->file, from, SEEK_SET) == 0 ? OK : RAISE(ERR_IO);
}

int csv_begin(struct source *source, struct buf *problem)
{
    int rc = csv_read_header(source, problem);

    if (rc != OK)
        return rc;
    source->rows = calloc(1, sizeof(*source->rows));
    if (source->rows == NULL)
        return RAISE(ERR_NO_MEMORY);
    source->rows->piped = ftello(source->file) < 0;
    return source->rows->piped ? OK : look_through(source);
}

void csv_release(struct source *source)
{
    for (size_t i = 0; i < source->column_count; i++)
        free(source->columns[i]);
    if (source->rows != NULL) {
        release_row(&source->rows->ahead);
        source_ids_release(&source->rows->met);
        json_decref(source->rows->spoiled);
    }
    free(source->rows);
}
