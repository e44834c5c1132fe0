/* SPDX-License-Identifier: Apache-2.0
 *
 * emoji — what may stand as a reaction: single emojis, as Unicode (UTS #51) puts them together of
 * pictures, skin tones, joiners, flags and keycaps. No letters, and no marks piled up on them.
 */
#ifndef BASE_EMOJI_H
#define BASE_EMOJI_H

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>

enum {
    EMOJI_BYTES_MAX = 48,                                    /* the longest family takes 35 */
    EMOJI_SET_MAX = 5,                                       /* so many on one message … */
    EMOJI_SET_BYTES = EMOJI_SET_MAX * (EMOJI_BYTES_MAX + 1), /* … written one after another */
};

/* Whether all of it is exactly one emoji. */
bool emoji_is_one(struct slice text);
/* Appends it as Unicode writes it in full (fully-qualified): U+FE0F behind what is drawn as text by
 * itself, and behind nothing else. So one emoji is one text, whatever client it comes from. False:
 * it is not exactly one, and `to` stays as it was. */
bool emoji_add(struct slice text, struct buf *to);
/* Whether it is a set of them, with one space between and none twice. The empty set is one. */
bool emoji_is_set(struct slice text);
/* Takes the first off what is left of a set; empty: there is none. */
struct slice emoji_next(struct slice *rest);

#endif
