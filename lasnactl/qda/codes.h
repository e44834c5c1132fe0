/* SPDX-License-Identifier: Apache-2.0
 *
 * codes — a source's codings as the codes of a chat's messages, in the shape in which people's
 * codes come in (docs/presence.md): what of the code book, by whom, on which words.
 */
#ifndef LASNACTL_QDA_CODES_H
#define LASNACTL_QDA_CODES_H

#include "base/format/json.h"
#include "lasnactl/qda/lines.h"
#include "lasnactl/qda/project.h"

/* What a code of the project is to the code book. */
enum qda_meaning { QDA_UNKNOWN, QDA_CODE, QDA_FUNCTION };

struct qda_wish {
    const struct qda_project *project;
    const enum qda_meaning *meanings; /* of each of its codes */
    uint32_t user;                    /* only codings of this one; QDA_NOBODY: all */
};

struct qda_told {
    size_t taken, nowhere; /* codings: that are codes now; that stand on no message's words */
    size_t *unknown;       /* borrowed; of each code of the project: codings by it, left out */
};

/* { "messages": [ { "codes": [ … ] } … ], "functions": [ … ] }, the caller's; adds to `told`. NULL:
 * out of memory. */
json_t *qda_codes_of(const struct qda_wish *wish, const struct qda_source *source,
                     const struct qda_line *lines, size_t count, struct qda_told *told);

#endif
