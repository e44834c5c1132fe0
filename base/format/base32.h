/* SPDX-License-Identifier: Apache-2.0
 *
 * base32 — RFC 4648 section 6 in lower case without padding, read strictly: the same bytes never
 * have two texts.
 */
#ifndef BASE_BASE32_H
#define BASE_BASE32_H

#include "base/slice.h"

#include <stdint.h>

/* Characters of so many bytes, without the end. */
#define BASE32_LEN(bytes) (((bytes)*8 + 4) / 5)

/* Writes BASE32_LEN(len) characters and the end. */
void base32_encode(const uint8_t *bytes, size_t len, char *text);
/* False, with some bytes perhaps written: the text is none of so many bytes. */
bool base32_decode(struct slice text, uint8_t *bytes, size_t len);

#endif
