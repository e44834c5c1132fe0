/* SPDX-License-Identifier: Apache-2.0
 *
 * csv_header — for the files of source_csv.h alone: what columns mean, by their header and the
 * mapping.
 */
#ifndef LASNACTL_CSV_HEADER_H
#define LASNACTL_CSV_HEADER_H

#include "lasnactl/transcripts/source_csv.h"

/* Fills source->columns. SOURCE_E_BAD: `problem` says what is missing, or does not fit. */
int csv_read_header(struct source *source, struct buf *problem);
/* The sender that the mapping means by this value of `from`; else NULL. Lives for ever. */
const char *csv_sender(const struct source *source, const char *value);
bool csv_is_member(const char *meaning);

/* Of a transcript, told once per conversation; the others are told per message. NULL ends them. */
extern const char *const csv_head_members[];
extern const char *const csv_message_members[];

#endif
