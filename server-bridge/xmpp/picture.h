/* SPDX-License-Identifier: Apache-2.0
 *
 * picture — what our contacts look like in a list: a small PNG in the tenant's colour, drawn
 * here. The desk is a speech bubble with the tenant's letter, a visitor the outline of a person.
 * Pure: the same kind, colour and letter give the same bytes.
 */
#ifndef SERVER_BRIDGE_XMPP_PICTURE_H
#define SERVER_BRIDGE_XMPP_PICTURE_H

#include "base/buf.h"

enum { PICTURE_PIXELS = 96, PICTURE_MAX_BYTES = 8 * 1024 };

enum picture_kind { PICTURE_VISITOR, PICTURE_DESK, PICTURE_KIND_COUNT };

/* What the bubble of a desk of this name holds: 'A' to 'Z' or '0' to '9', without marks on it
 * ("Åbo" has an A); '\0': three dots, for names in other scripts. */
char picture_letter(struct slice title);
/* Appends the file. `color`: 0xrrggbb; what is drawn on it is black or white, whichever reads
 * better. ERR_NO_MEMORY. */
int picture_draw(struct buf *to, enum picture_kind kind, uint32_t color, char letter) MUST_CHECK;

#endif
