/* SPDX-License-Identifier: Apache-2.0
 *
 * source — where imported transcripts come from: JSON lines, or CSV whose rows are messages.
 *
 * A CSV file has a header line (RFC 4180, UTF-8), its cells stand between commas, semicolons or
 * tabs, as the header's do. Its columns mean what the mapping says,
 * "id=chat,from=sender,text=body,at=sent"; without one a column means its own name. Rows of one
 * conversation stand together. "visitor=Customer,agent=Rep" name the values of `from`.
 */
#ifndef LASNACTL_SOURCE_H
#define LASNACTL_SOURCE_H

#include "base/buf.h"
#include "base/format/json.h"

#include <stdio.h>

enum { SOURCE_COLUMNS_MAX = 256 };

struct csv; /* source_csv.c */

struct source {
    FILE *file; /* borrowed */
    bool csv;
    const char *map;   /* borrowed; NULL: none */
    size_t line;       /* where the document last given began, from 1 */
    size_t bytes;      /* how long that line was; of a CSV not told */
    size_t lines_read; /* of the file */
    char *text;        /* the line just read */
    size_t text_len, text_cap;
    bool held; /* it is to be read again */

    char delimiter;                    /* of a CSV */
    char *columns[SOURCE_COLUMNS_MAX]; /* what each means; owned */
    size_t column_count;
    struct csv *rows; /* how far its rows are read; owned */
};

enum { SOURCE_E_END = 1, SOURCE_E_BAD /* this document; the next may be fine */ };

/* SOURCE_E_BAD: this is no such file at all (compressed, UTF-16, one JSON list), or a CSV that
 * lacks columns; `problem` says so, and the remedy. */
int source_init(struct source *source, FILE *file, bool csv, const char *map, struct buf *problem);
void source_release(struct source *source);
/* The next document, the caller's. SOURCE_E_BAD: why stands in `problem`. ERR_IO. */
int source_next(struct source *source, json_t **ret_document, struct buf *problem);

#endif
