/* SPDX-License-Identifier: Apache-2.0
 *
 * avatar — the picture that visitors see beside a persona; and one of the tenant, where a persona
 * has none and where nobody in particular is meant. What may be one, and what is kept of it.
 *
 * It is known by its content: the same picture has the same address, and another one another. So
 * browsers keep it for good, and the address tells nothing of whom it shows.
 */
#ifndef TENANT_AVATAR_H
#define TENANT_AVATAR_H

#include "base/format/filetype.h"
#include "base/id.h"

enum {
    AVATAR_MAX_BYTES = 64 * 1024,       /* of what is kept … */
    AVATAR_SENT_MAX_BYTES = 128 * 1024, /* … and with what a camera writes beside it */
    AVATAR_TEXT_MAX = (AVATAR_SENT_MAX_BYTES + 2) / 3 * 4, /* … in base64 */
    AVATAR_SIDE_MIN = 32,
    AVATAR_SIDE_MAX = 1024
};

/* Appends what is kept: a PNG, JPEG or WebP that draws the same and tells nothing else (still.h).
 * What was kept once is kept unchanged. False: it can be none; why stands in `problem`. */
bool avatar_take(struct slice sent, struct buf *kept, struct filetype_facts *ret_facts,
                 struct buf *problem);
/* By what it is known; of what was kept. */
struct id avatar_id(struct slice kept);

#endif
