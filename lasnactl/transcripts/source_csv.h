/* SPDX-License-Identifier: Apache-2.0
 *
 * source_csv — for source.c alone: a CSV whose rows are messages.
 */
#ifndef LASNACTL_SOURCE_CSV_H
#define LASNACTL_SOURCE_CSV_H

#include "lasnactl/transcripts/source.h"

enum { SOURCE_LINE_MAX_BYTES = 16 * 1024 * 1024 };

/* The next line without its end, in source->text. SOURCE_E_END. SOURCE_E_BAD: it is longer than a
 * line may be, and passed over. ERR_IO. */
int source_read_line(struct source *source);
/* That line, without what some editors put before UTF-8. */
struct slice source_line(const struct source *source);
bool source_is_blank(struct slice line);

int csv_begin(struct source *source, struct buf *problem);
void csv_release(struct source *source);
int csv_next(struct source *source, json_t **ret_document, struct buf *problem);

#endif
