/* SPDX-License-Identifier: Apache-2.0
 *
 * page — the frame of every page we make to be read and printed: one style, light and dark, that
 * loads nothing from anywhere; paper is always light.
 */
#ifndef PRESENCE_PAGE_H
#define PRESENCE_PAGE_H

#include "base/buf.h"

/* Its title, in two pieces: "Statement of October for " "Acme Oy". Both are escaped. */
void page_begin(struct buf *to, const char *what, const char *of_whom);
void page_end(struct buf *to);

#endif
