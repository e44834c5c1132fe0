/* SPDX-License-Identifier: Apache-2.0
 *
 * Half a conversation would be a wrong total. So a row that cannot be read takes its conversation
 * with it, one whose conversation it does not tell those before and after it, and a conversation
 * whose rows do not stand together is refused as a whole: a file is looked through for such before
 * anything of it is given. What comes by a pipe cannot be; there the later rows are told.
 */
#include "lasnactl/transcripts/source_csv.h"

#include "base/auto.h"

#include <stdlib.h>
#include <string.h>

/* Of a transcript, told once per conversation; the others are told per message. */
static const char *const head_members[] = { "id",      "language",  "stage",   "outcome",
                                            "visitor", "opened_at", "ended_at" };
static const char *const message_members[] = { "from", "text", "at", "name", "origin" };
static const char *const senders[] = { "visitor", "agent", "bot", "system" };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* A row as it was read: of one that is bad the document is missing, and perhaps the id. */
struct row {
    json_t *document, *id; /* owned */
    size_t line;
    const char *bad; /* why; NULL: it is fine */
};

static bool is_in(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static bool is_member(const char *meaning)
{
    return is_in(meaning, head_members, COUNT(head_members)) ||
           is_in(meaning, message_members, COUNT(message_members));
}

/* --- conversations met before --- */

struct source_ids {
    uint64_t *at; /* owned; hashes of ids, 0: free; the lowest bit: apart */
    size_t count, cap;
    struct row ahead; /* read, and not given yet */
    bool has_ahead;
    bool follows_a_riddle; /* the row before was bad, and told no id */
};

static uint64_t hash_of(const json_t *id)
{
    uint64_t hash = 14695981039346656037u;

    for (const char *at = json_string_value(id); *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    return (hash | 2) & ~(uint64_t)1;
}

static uint64_t *place_of(const struct source_ids *ids, uint64_t hash)
{
    size_t i = (size_t)(hash >> 1) & (ids->cap - 1);

    while (ids->at[i] != 0 && (ids->at[i] & ~(uint64_t)1) != hash)
        i = (i + 1) & (ids->cap - 1);
    return &ids->at[i];
}

static int widen(struct source_ids *ids)
{
    struct source_ids wider = { .cap = ids->cap == 0 ? 1024 : ids->cap * 2 };

    wider.at = calloc(wider.cap, sizeof(*wider.at));
    if (wider.at == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < ids->cap; i++)
        if (ids->at[i] != 0)
            *place_of(&wider, ids->at[i] & ~(uint64_t)1) = ids->at[i];
    free(ids->at);
    ids->at = wider.at;
    ids->cap = wider.cap;
    return OK;
}

/* Its rows have begun. *ret_again: they had before. */
static int note_id(struct source_ids *ids, const json_t *id, bool *ret_again)
{
    uint64_t hash = hash_of(id), *place;
    int rc = ids->count * 2 >= ids->cap ? widen(ids) : OK;

    if (rc != OK)
        return rc;
    place = place_of(ids, hash);
    *ret_again = *place != 0;
    ids->count += *place == 0;
    *place = hash | *ret_again;
    return OK;
}

static bool is_apart(const struct source_ids *ids, const json_t *id)
{
    return ids->cap > 0 && (*place_of(ids, hash_of(id)) & 1) != 0;
}

/* --- records and cells --- */

/* Whether the line ends inside quotes; they open at the start of a cell alone. */
static bool ends_quoted(struct slice line, char delimiter, bool quoted)
{
    bool start = !quoted;

    for (size_t i = 0; i < line.len; i++) {
        bool turns = line.data[i] == '"' && (quoted || start);

        quoted ^= turns; /* twice, where it is doubled within quotes */
        start = !quoted && (turns || line.data[i] == delimiter);
    }
    return quoted;
}

/* One record: a line, or several where a quoted cell spans them. */
static int read_record(struct source *source, struct buf *record, size_t *ret_line)
{
    bool quoted = false, first = true;

    *ret_line = source->held ? source->lines_read : source->lines_read + 1;
    buf_clear(record);
    do {
        int rc = source_read_line(source);

        if (rc == SOURCE_E_END && !first)
            return SOURCE_E_BAD; /* a quote that nothing closes */
        if (rc != OK)
            return rc;
        quoted = ends_quoted(source_line(source), source->delimiter, quoted);
        if (!first)
            buf_add_text(record, "\n");
        buf_add_slice(record, source_line(source));
        first = false;
    } while (quoted && !buf_failed(record));
    return buf_failed(record) ? SOURCE_E_BAD : OK;
}

/* Takes the next cell off the record. False: something follows its closing quote. */
static bool take_cell(struct slice *rest, char delimiter, struct buf *cell)
{
    bool quoted = rest->len > 0 && rest->data[0] == '"', closed = !quoted;
    size_t at = quoted ? 1 : 0;

    buf_clear(cell);
    buf_add(cell, "", 0);
    for (; at < rest->len && !(closed && rest->data[at] == delimiter); at++) {
        if (quoted && closed)
            return false;
        if (quoted && rest->data[at] == '"') {
            closed = at + 1 >= rest->len || rest->data[at + 1] != '"';
            if (closed)
                continue;
            at++;
        }
        buf_add(cell, rest->data + at, 1);
    }
    *rest = at < rest->len ? (struct slice){ rest->data + at + 1, rest->len - at - 1 } : SLICE_NONE;
    return true;
}

/* --- the mapping --- */

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

    if (meaning != NULL && strcmp(meaning, name) == 0 && is_member(name) &&
        is_mapped(source->map, name) && !is_in(name, senders, COUNT(senders))) {
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

        if (!fits || (!is_member(word) && !is_in(word, senders, COUNT(senders)))) {
            buf_addf(problem,
                     "--map: \"%.*s\" is nothing a column can mean; see docs/transcript.md.",
                     SLICE_ARG(meaning));
            return SOURCE_E_BAD;
        }
        if (is_member(word) && !is_in(word, senders, COUNT(senders)) &&
            columns_of(source, word) == 0) {
            buf_addf(problem, "--map: no column is called \"%.*s\".", SLICE_ARG(name));
            return SOURCE_E_BAD;
        }
    }
    return OK;
}

static int check_columns(const struct source *source, struct buf *problem)
{
    static const char *const needed[] = { "id", "from", "text" };

    for (size_t i = 0; i < COUNT(needed); i++)
        if (columns_of(source, needed[i]) == 0)
            return refuse_header(problem, "no column is \"%s\"; say which: --map %s=COLUMN.",
                                 needed[i], needed[i]);
    for (size_t i = 0; i < source->column_count; i++)
        if (is_member(source->columns[i]) && columns_of(source, source->columns[i]) > 1)
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

    for (size_t c = 0; c < COUNT(candidates); c++) {
        size_t count = 0;

        for (size_t i = 0; i < header.len; i++)
            count += header.data[i] == candidates[c];
        if (count > most)
            best = candidates[c];
        most = count > most ? count : most;
    }
    return best;
}

static int read_header(struct source *source, struct buf *problem)
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
    rc = read_record(source, &record, &line);
    if (rc < 0)
        return rc;
    rest = buf_slice(&record);
    rc = OK;
    while (rc == OK && rest.data != NULL && source->column_count < SOURCE_COLUMNS_MAX) {
        (void)take_cell(&rest, source->delimiter, &cell);
        rc = add_column(source, cell.data);
    }
    if (rc == OK)
        rc = check_map(source, problem);
    return rc == OK ? check_columns(source, problem) : rc;
}

/* --- rows --- */

/* "agent=Rep" in the mapping makes "Rep" an agent. */
static json_t *value_of(const struct source *source, const char *meaning, const struct buf *cell)
{
    AUTO_MEM char *known = NULL;

    if (strcmp(meaning, "from") == 0) {
        known = meaning_of(source->map, cell->data);
        if (known != NULL && is_in(known, senders, COUNT(senders)))
            return json_string(known);
    }
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

        if (!take_cell(&record, source->delimiter, &cell))
            return "something follows the closing quote of a cell.";
        if (i >= source->column_count && cell.len > 0)
            return "it has more cells than the header; a cell with commas in it needs quotes.";
        if (cell.len == 0 || !is_member(meaning))
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
        rc = read_record(source, &record, &row.line);
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

static void move_members(json_t *row, json_t *to, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (json_object_get(row, names[i]) != NULL && json_object_get(to, names[i]) == NULL)
            (void)json_object_set(to, names[i], json_object_get(row, names[i]));
}

static void add_row(json_t *document, const struct row *row)
{
    json_t *message = json_object();

    move_members(row->document, document, head_members, COUNT(head_members));
    move_members(row->document, message, message_members, COUNT(message_members));
    (void)json_array_append_new(json_object_get(document, "messages"), message);
}

static int take_row(struct source *source, struct row *ret_row)
{
    struct source_ids *ids = source->ids;

    if (!ids->has_ahead)
        return read_row(source, ret_row);
    *ret_row = ids->ahead;
    ids->ahead = (struct row){ 0 };
    ids->has_ahead = false;
    return OK;
}

static void keep_ahead(struct source *source, struct row row)
{
    source->ids->ahead = row;
    source->ids->has_ahead = true;
}

/* Nothing more of this conversation is given. */
static void spoil(struct source *source, json_t *id)
{
    json_decref(source->spoiled);
    source->spoiled = json_incref(id);
}

static int refuse(struct source *source, const struct row *row, const char *why,
                  struct buf *problem)
{
    source->line = row->line;
    buf_add_text(problem, why);
    if (row->id != NULL)
        spoil(source, row->id);
    source->ids->follows_a_riddle = row->id == NULL;
    return SOURCE_E_BAD;
}

/* OK: a conversation may begin with this row. SOURCE_E_BAD: it is refused. */
static int judge_first(struct source *source, const struct row *row, struct buf *problem)
{
    struct source_ids *ids = source->ids;
    bool riddle = ids->follows_a_riddle, again = false;
    int rc;

    ids->follows_a_riddle = false;
    if (row->bad != NULL)
        return refuse(source, row, row->bad, problem);
    if (riddle)
        return refuse(source, row,
                      "the row before it cannot be read, and may be of this conversation.",
                      problem);
    if (is_apart(ids, row->id))
        return refuse(source, row,
                      "the rows of its conversation do not stand together: sort the file by it.",
                      problem);
    if (!source->piped)
        return OK;
    rc = note_id(ids, row->id, &again);
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

    while (rc == OK && row->bad == NULL && json_equal(row->id, source->spoiled)) {
        release_row(row);
        source->ids->follows_a_riddle = false;
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
            rc = note_id(source->ids, row.id, &again);
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
    int rc = read_header(source, problem);

    if (rc != OK)
        return rc;
    source->ids = calloc(1, sizeof(*source->ids));
    if (source->ids == NULL)
        return RAISE(ERR_NO_MEMORY);
    source->piped = ftello(source->file) < 0;
    return source->piped ? OK : look_through(source);
}

void csv_release(struct source *source)
{
    for (size_t i = 0; i < source->column_count; i++)
        free(source->columns[i]);
    json_decref(source->spoiled);
    if (source->ids != NULL) {
        release_row(&source->ids->ahead);
        free(source->ids->at);
    }
    free(source->ids);
}
