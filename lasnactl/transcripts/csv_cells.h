/* SPDX-License-Identifier: Apache-2.0
 *
 * csv_cells — for the files of source_csv.h alone: records and their cells (RFC 4180).
 */
#ifndef LASNACTL_CSV_CELLS_H
#define LASNACTL_CSV_CELLS_H

#include "lasnactl/transcripts/source_csv.h"

/* One record: a line, or several where a quoted cell spans them. SOURCE_E_END. SOURCE_E_BAD: it is
 * too long, or nothing closes a quote in it. ERR_IO. */
int csv_read_record(struct source *source, struct buf *record, size_t *ret_line);
/* Takes the next cell off the record. False: something follows its closing quote. */
bool csv_take_cell(struct slice *rest, char delimiter, struct buf *cell);

#endif
