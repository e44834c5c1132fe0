/* SPDX-License-Identifier: Apache-2.0
 *
 * avatar — the pictures visitors see: put there from a file, looked at, copied out, taken away.
 */
#ifndef LASNACTL_AVATAR_H
#define LASNACTL_AVATAR_H

#include "base/buf.h"
#include "lasnactl/command.h"

int avatar_run(struct client *client, const struct args *args);

/* A picture as the API takes it, from the bytes as somebody has them: what would be kept of it, in
 * base64. False: it cannot be one; why stands in `problem`. */
bool avatar_text(struct slice bytes, struct buf *to, struct buf *problem);

#endif
