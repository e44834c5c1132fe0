/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/csv_cells.h"

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

int csv_read_record(struct source *source, struct buf *record, size_t *ret_line)
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

bool csv_take_cell(struct slice *rest, char delimiter, struct buf *cell)
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
