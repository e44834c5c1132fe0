/* SPDX-License-Identifier: Apache-2.0
 *
 * still — a picture with nothing beside it: copied part by part, of each format only the parts that
 * draw it. Where and when it was taken, by whom and with what, what somebody wrote into it, a film
 * behind its first picture, and whatever else lies in the file or behind it stay away. Nothing is
 * decoded, so what is drawn is drawn as before.
 */
#ifndef BASE_STILL_H
#define BASE_STILL_H

#include "base/format/filetype.h"

/* Appends the copy of a PNG, JPEG or WebP. False, with some perhaps appended: it is none of these,
 * or breaks off, or a WebP that moves, which has no first picture to keep; or `to` is full. */
bool still_copy(struct slice bytes, enum filetype type, struct buf *to);

#endif
