/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/source.h"

#include "base/auto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 64 * 1024 * 1024 };

/* Of a transcript, told once per conversation; the others are told per message. */
static const char *const head_members[] = { "id",      "language",  "stage",   "outcome",
                                            "visitor", "opened_at", "ended_at" };
static const char *const message_members[] = { "from", "text", "at", "name", "origin" };
static const char *const senders[] = { "visitor", "agent", "bot", "system" };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool is_in(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

/* --- JSON lines --- */

static int read_line(struct source *source, size_t *ret_len)
{
    ssize_t len = getline(&source->text, &source->text_cap, source->file);

    if (len < 0)
        return ferror(source->file) ? RAISE(ERR_IO) : SOURCE_E_END;
    source->lines_read++;
    while (len > 0 && strchr("\r\n", source->text[len - 1]) != NULL)
        len--;
    *ret_len = (size_t)len;
    return OK;
}

/* What some editors put before UTF-8. */
static struct slice without_mark(const struct source *source, size_t len)
{
    struct slice line = { source->text, len };

    if (source->lines_read == 1 && slice_starts_with(line, "\xef\xbb\xbf"))
        line = (struct slice){ line.data + 3, line.len - 3 };
    return line;
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (strchr(" \t", line.data[i]) == NULL || line.data[i] == '\0')
            return false;
    return true;
}

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
        size_t len = 0;
        int rc = read_line(source, &len);
        struct slice line;

        if (rc != OK)
            return rc;
        line = without_mark(source, len);
        source->line = source->lines_read;
        source->bytes = line.len;
        if (!is_blank(line))
            return read_json(line, ret_document, problem);
    }
}

/* --- CSV --- */

/* One record: a line, or several where a quoted cell spans them. */
static int read_record(struct source *source, struct buf *record, size_t *ret_line)
{
    bool quoted = false;

    *ret_line = source->lines_read + 1;
    buf_clear(record);
    do {
        size_t len = 0;
        int rc = read_line(source, &len);
        struct slice line;

        if (rc != OK)
            return record->len > 0 && rc == SOURCE_E_END ? OK : rc;
        line = without_mark(source, len);
        for (size_t i = 0; i < line.len; i++)
            quoted ^= line.data[i] == '"';
        if (record->len > 0)
            buf_add_text(record, "\n");
        buf_add_slice(record, line);
    } while (quoted && !buf_failed(record));
    return buf_failed(record) ? RAISE(ERR_LIMIT) : OK;
}

/* Takes the next cell off the record. */
static void take_cell(struct slice *rest, struct buf *cell)
{
    size_t at = 0;
    bool quoted = rest->len > 0 && rest->data[0] == '"';

    buf_clear(cell);
    buf_add(cell, "", 0);
    for (at = quoted ? 1 : 0; at < rest->len; at++) {
        bool doubled = at + 1 < rest->len && rest->data[at + 1] == '"';

        if (quoted && rest->data[at] == '"') {
            if (!doubled)
                break;
            at++;
        } else if (!quoted && rest->data[at] == ',') {
            break;
        }
        buf_add(cell, rest->data + at, 1);
    }
    while (at < rest->len && rest->data[at] != ',')
        at++;
    *rest = at < rest->len ? (struct slice){ rest->data + at + 1, rest->len - at - 1 } : SLICE_NONE;
}

/* What the mapping calls this column: "id=chat" calls the column "chat" id. */
static char *meaning_of(const char *map, const char *column)
{
    for (const char *at = map; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, ","), name = strcspn(at, "=");

        if (name < len && len - name - 1 == strlen(column) &&
            strncmp(at + name + 1, column, len - name - 1) == 0)
            return strndup(at, name);
        at += len + (at[len] == ',');
    }
    return strdup(column);
}

static bool has_column(const struct source *source, const char *meaning)
{
    for (size_t i = 0; i < source->column_count; i++)
        if (strcmp(source->columns[i], meaning) == 0)
            return true;
    return false;
}

static int read_header(struct source *source, struct buf *problem)
{
    static const char *const needed[] = { "id", "from", "text" };
    AUTO_BUF record;
    AUTO_BUF cell;
    struct slice rest;
    size_t line;
    int rc;

    buf_init(&record, LINE_MAX_BYTES);
    buf_init(&cell, LINE_MAX_BYTES);
    rc = read_record(source, &record, &line);
    if (rc < 0)
        return rc;
    rest = buf_slice(&record);
    while (rest.data != NULL && source->column_count < SOURCE_COLUMNS_MAX) {
        take_cell(&rest, &cell);
        source->columns[source->column_count] = meaning_of(source->map, cell.data);
        if (source->columns[source->column_count++] == NULL)
            return RAISE(ERR_NO_MEMORY);
    }
    for (size_t i = 0; i < COUNT(needed); i++) {
        if (has_column(source, needed[i]))
            continue;
        buf_addf(problem, "no column is \"%s\"; say which: --map %s=COLUMN.", needed[i], needed[i]);
        return SOURCE_E_BAD;
    }
    return OK;
}

/* "agent=Rep" in the mapping makes "Rep" an agent. */
static json_t *value_of(const struct source *source, const char *meaning, const char *cell)
{
    AUTO_MEM char *known = NULL;

    if (strcmp(meaning, "from") == 0) {
        known = meaning_of(source->map, cell);
        if (known != NULL && is_in(known, senders, COUNT(senders)))
            return json_string(known);
    }
    return json_string(cell);
}

/* Empty cells say nothing. NULL in the row's place: a cell is no UTF-8. */
static json_t *row_of(const struct source *source, struct slice record)
{
    json_t *row = json_object();
    AUTO_BUF cell;

    buf_init(&cell, LINE_MAX_BYTES);
    for (size_t i = 0; i < source->column_count && record.data != NULL; i++) {
        const char *meaning = source->columns[i];

        take_cell(&record, &cell);
        if (cell.len == 0 || (!is_in(meaning, head_members, COUNT(head_members)) &&
                              !is_in(meaning, message_members, COUNT(message_members))))
            continue;
        if (json_object_set_new(row, meaning, value_of(source, meaning, cell.data)) != 0) {
            json_decref(row);
            return NULL;
        }
    }
    return row;
}

static int read_row(struct source *source, json_t **ret_row, size_t *ret_line, struct buf *problem)
{
    AUTO_BUF record;
    int rc;

    buf_init(&record, LINE_MAX_BYTES);
    do {
        rc = read_record(source, &record, ret_line);
    } while (rc == OK && is_blank(buf_slice(&record)));
    if (rc != OK)
        return rc;
    source->bytes += record.len + 64; /* as JSON it will be longer */
    source->line = *ret_line;
    *ret_row = row_of(source, buf_slice(&record));
    if (*ret_row != NULL && json_is_string(json_object_get(*ret_row, "id")))
        return OK;
    buf_add_text(problem, *ret_row == NULL ? "it is no valid UTF-8." : "its id is empty.");
    json_decref(*ret_row);
    return SOURCE_E_BAD;
}

static void move_members(json_t *row, json_t *to, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (json_object_get(row, names[i]) != NULL && json_object_get(to, names[i]) == NULL)
            (void)json_object_set(to, names[i], json_object_get(row, names[i]));
}

static void add_row(json_t *document, json_t *row)
{
    json_t *message = json_object();

    move_members(row, document, head_members, COUNT(head_members));
    move_members(row, message, message_members, COUNT(message_members));
    (void)json_array_append_new(json_object_get(document, "messages"), message);
}

static bool same_id(const json_t *a, const json_t *b)
{
    return json_equal(json_object_get(a, "id"), json_object_get(b, "id"));
}

/* The first row of the next conversation; what is left of a spoiled one is passed over. */
static int first_row(struct source *source, json_t **ret_row, size_t *ret_line, struct buf *problem)
{
    int rc = OK;

    *ret_row = source->next;
    *ret_line = source->next_line;
    source->next = NULL;
    if (*ret_row == NULL)
        rc = read_row(source, ret_row, ret_line, problem);
    while (rc == OK && json_equal(json_object_get(*ret_row, "id"), source->spoiled)) {
        json_decref(*ret_row);
        rc = read_row(source, ret_row, ret_line, problem);
    }
    return rc;
}

/* A row that cannot be read spoils its conversation, if it stands inside one: half of it would be
 * a wrong total. */
static int next_csv(struct source *source, json_t **ret_document, struct buf *problem)
{
    json_t *document, *row;
    size_t line, first;
    int rc;

    source->bytes = 0;
    rc = first_row(source, &row, &line, problem);
    if (rc != OK)
        return rc;
    document = json_pack("{s:[]}", "messages");
    first = line;
    do {
        add_row(document, row);
        json_decref(row);
        rc = read_row(source, &row, &line, problem);
    } while (rc == OK && same_id(row, document));
    if (rc < 0 || rc == SOURCE_E_BAD) {
        json_decref(source->spoiled);
        source->spoiled = json_incref(json_object_get(document, "id"));
        json_decref(document);
        return rc;
    }
    source->next = rc == OK ? row : NULL;
    source->next_line = line;
    source->line = first;
    *ret_document = document;
    return OK;
}

/* --- both --- */

int source_init(struct source *source, FILE *file, bool csv, const char *map, struct buf *problem)
{
    *source = (struct source){ .file = file, .csv = csv, .map = map };
    return csv ? read_header(source, problem) : OK;
}

void source_release(struct source *source)
{
    for (size_t i = 0; i < source->column_count; i++)
        free(source->columns[i]);
    json_decref(source->next);
    json_decref(source->spoiled);
    free(source->text);
    *source = (struct source){ 0 };
}

int source_next(struct source *source, json_t **ret_document, struct buf *problem)
{
    return source->csv ? next_csv(source, ret_document, problem)
                       : next_json(source, ret_document, problem);
}
