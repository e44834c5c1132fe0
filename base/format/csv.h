/* SPDX-License-Identifier: Apache-2.0
 *
 * csv — a cell of a table as RFC 4180 writes it, in UTF-8.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buf.h"

/* In quotes; what a spreadsheet would take for a formula gets an apostrophe in front. */
void csv_text(struct buf *to, const char *text);

#endif
