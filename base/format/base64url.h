/* SPDX-License-Identifier: Apache-2.0
 *
 * base64url — RFC 4648 section 5 without padding, read strictly: each byte string has exactly
 * one text, so nothing can be spelt two ways.
 */
#ifndef BASE_BASE64URL_H
#define BASE_BASE64URL_H

#include "base/buf.h"

/* Appends the bytes. False, with some perhaps appended: a character outside the alphabet, a
 * length no bytes have, bits set behind the last byte, or `to` is full. */
bool base64url_decode(struct slice text, struct buf *to);

#endif
