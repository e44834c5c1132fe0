/* SPDX-License-Identifier: Apache-2.0
 *
 * base64url — RFC 4648 section 5 without padding, read strictly: each byte string has exactly
 * one text, so nothing can be spelt two ways. And base64, section 4 with padding: for bytes in
 * JSON.
 */
#ifndef BASE_BASE64URL_H
#define BASE_BASE64URL_H

#include "base/buf.h"

/* Appends the bytes. False, with some perhaps appended: a character outside the alphabet, a
 * length no bytes have, bits set behind the last byte, or `to` is full. */
bool base64url_decode(struct slice text, struct buf *to);
bool base64_decode(struct slice text, struct buf *to);
void base64_encode(struct slice bytes, struct buf *to);

#endif
