/* SPDX-License-Identifier: Apache-2.0
 *
 * file — the operator's files: read whole, and written whole or not at all.
 */
#ifndef LASNACTL_FILE_H
#define LASNACTL_FILE_H

#include "base/buf.h"

#include <stdio.h>
#include <sys/types.h>

/* Appends all that is there. False: it is longer than the buffer may be, which buf_failed() tells,
 * or it cannot be read, as errno says. */
bool file_read(const char *path, struct buf *to) MUST_CHECK;
bool file_read_from(int fd, struct buf *to) MUST_CHECK;

/* A new file beside `path`, of mode 0600; the caller frees *ret_beside, whatever comes of it. Where
 * a device or a pipe is there it is that itself, with nothing beside it. NULL: errno says why. */
FILE *file_begin(const char *path, char **ret_beside) MUST_CHECK;
/* Into place once all of it is on disk; where a link is there, into that which it leads to. False:
 * it is gone again; errno says why. */
bool file_end(FILE *file, const char *beside, const char *path) MUST_CHECK;
void file_drop(FILE *file, const char *beside);

#endif
