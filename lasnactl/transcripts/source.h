/* SPDX-License-Identifier: Apache-2.0
 *
 * source — where imported transcripts come from: JSON lines, or CSV whose rows are messages.
 *
 * A CSV file has a header line (RFC 4180, UTF-8). Its columns mean what the mapping says,
 * "id=chat,from=sender,text=body,at=sent"; without one a column means its own name. Rows of one
 * conversation stand together. "visitor=Customer,agent=Rep" name the values of `from`.
 */
#ifndef LASNACTL_SOURCE_H
#define LASNACTL_SOURCE_H

#include "base/buf.h"
#include "base/format/json.h"

#include <stdio.h>

enum { SOURCE_COLUMNS_MAX = 64 };

struct source {
    FILE *file; /* borrowed */
    bool csv;
    const char *map;   /* borrowed; NULL: none */
    size_t line;       /* where the document last given began, from 1 */
    size_t bytes;      /* how long it was there */
    size_t lines_read; /* of the file */
    char *text;        /* the line or record just read */
    size_t text_cap;
    char *columns[SOURCE_COLUMNS_MAX]; /* what each means; owned */
    size_t column_count;
    json_t *next; /* a CSV row read ahead: the first of the next conversation */
    size_t next_line;
    json_t *spoiled; /* the id of a conversation with a row that cannot be read */
};

enum { SOURCE_E_END = 1, SOURCE_E_BAD /* this document; the next may be fine */ };

/* For CSV reads the header: SOURCE_E_BAD says what it lacks. */
int source_init(struct source *source, FILE *file, bool csv, const char *map, struct buf *problem);
void source_release(struct source *source);
/* The next document, the caller's. SOURCE_E_BAD: why stands in `problem`. ERR_IO. */
int source_next(struct source *source, json_t **ret_document, struct buf *problem);

#endif
