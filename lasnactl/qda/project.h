/* SPDX-License-Identifier: Apache-2.0
 *
 * project — what a REFI-QDA project (project.qde) says of codes, coders and text sources, read as
 * it comes. It is a stranger's XML: a document type is refused, and with it every entity; depth,
 * texts and lists are bounded.
 */
#ifndef LASNACTL_QDA_PROJECT_H
#define LASNACTL_QDA_PROJECT_H

#include "base/auto.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { QDA_NOBODY = INT32_MAX };

/* A code or a coder. */
struct qda_named {
    char *guid, *name; /* owned */
};

struct qda_names {
    struct qda_named *items; /* owned */
    size_t count, cap;
};

/* One code that somebody gave. */
struct qda_coding {
    uint32_t code, user;  /* places in the project's lists; user: or QDA_NOBODY */
    uint32_t first, last; /* of the source's text, in code points, end exclusive */
    bool whole;           /* of the source, not of a place in it */
};

struct qda_source {
    char *name, *path;          /* owned; path: of its plain text, "internal://…" */
    struct buf content;         /* its text, where it stands in the project itself */
    struct qda_coding *codings; /* owned */
    size_t count, cap;
    bool has_content, done; /* done: kept by who reads on */
};

struct qda_project {
    struct qda_names codes, users;
    struct qda_source *sources; /* owned */
    size_t count, cap;
};

struct qda_reading; /* a project on its way */

struct qda_reading *qda_reading_new(struct qda_project *project);
struct qda_reading *qda_reading_free(struct qda_reading *reading);
DEFINE_AUTO(qda_reading)
/* A stretch of project.qde, the last one `last`. False: why stands in `problem`. */
bool qda_reading_feed(struct qda_reading *reading, struct slice bytes, bool last,
                      struct buf *problem);
void qda_project_release(struct qda_project *project);

#endif
