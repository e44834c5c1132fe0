/* SPDX-License-Identifier: Apache-2.0
 *
 * file — a REFI-QDA project as a file (.qdpx): a zip with project.qde and the texts of its sources,
 * read one after another, so that memory holds one text at a time. A zip may say that it unpacks to
 * anything: what is read of it is bounded, and nothing outside of it is ever opened.
 */
#ifndef LASNACTL_QDA_FILE_H
#define LASNACTL_QDA_FILE_H

#include "lasnactl/qda/project.h"

struct qda_file {
    struct archive *archive;
    struct qda_project project;
    size_t next; /* of the sources, once the zip is at its end */
    bool ended;
};

enum { QDA_E_END = 1, QDA_E_BAD /* this source; the next may be fine */ };

/* Reads the project itself. False: why stands in `problem`. Close it either way. */
bool qda_file_open(struct qda_file *file, const char *path, struct buf *problem);
void qda_file_close(struct qda_file *file);
/* The next source and its text, in `text` (cleared first). QDA_E_BAD: why stands in `problem`; the
 * source is given all the same. ERR_IO: the zip cannot be read on. */
int qda_file_next(struct qda_file *file, const struct qda_source **ret_source, struct buf *text,
                  struct buf *problem);

#endif
