/* SPDX-License-Identifier: Apache-2.0
 *
 * icons — faces in text: emoji with all that may follow them, emoticons of punctuation, and
 * :shortcodes:. Found by shape, so that one nobody listed is found too.
 */
#ifndef PRESENCE_ICONS_H
#define PRESENCE_ICONS_H

#include "presence/coder/points.h"

/* How many points from `at` on are one icon; 0: none begins there. */
size_t icon_at(const struct points *points, size_t at);

#endif
