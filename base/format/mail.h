/* SPDX-License-Identifier: Apache-2.0
 *
 * mail — the pieces a mail is put together of (RFC 5322, 2045, 2047): addresses that can do no
 * harm, header lines of any text, bodies of any text. Nothing that is put in ends a header line.
 */
#ifndef BASE_MAIL_H
#define BASE_MAIL_H

#include "base/buf.h"

#include <stdint.h>

enum { MAIL_ADDRESS_MAX = 254 };

/* name@domain.example: plain ASCII, no quotes, no spaces, a domain with a dot. Stricter than the
 * RFC: what is odd is more often an attack than an address. */
bool mail_address_is_fine(struct slice address);

/* The text of a header: as it is where it is plain and short, else as encoded words, folded. Must
 * be valid UTF-8; control characters become spaces. */
void mail_add_words(struct buf *to, struct slice text);
/* "Name" <address>, the name by the rules above; the address alone where it is empty. */
void mail_add_mailbox(struct buf *to, struct slice name, struct slice address);
/* Mon, 02 Mar 2026 09:14:05 +0000 */
void mail_add_date(struct buf *to, uint64_t wall_ms);
/* A body of lines that end with '\n', as quoted-printable lines that end with CRLF. */
void mail_add_quoted_printable(struct buf *to, struct slice text);

#endif
