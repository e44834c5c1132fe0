/* SPDX-License-Identifier: Apache-2.0
 *
 * taking — reading short texts: each take_ moves *at behind what it took, and leaves it where it
 * is otherwise.
 */
#ifndef BASE_TAKING_H
#define BASE_TAKING_H

#include "base/slice.h"

static inline bool take_char(struct slice *at, char wanted)
{
    if (at->len == 0 || at->data[0] != wanted)
        return false;
    *at = (struct slice){ at->data + 1, at->len - 1 };
    return true;
}

static inline void skip(struct slice *at, const char *any)
{
    while (at->len > 0 && strchr(any, at->data[0]) != NULL)
        *at = (struct slice){ at->data + 1, at->len - 1 };
}

/* Up to four digits. */
static inline bool take_number(struct slice *at, int low, int high, int *ret_number)
{
    int number = 0;
    size_t len = 0;

    while (len < at->len && len < 4 && at->data[len] >= '0' && at->data[len] <= '9')
        number = number * 10 + (at->data[len++] - '0');
    if (len == 0 || number < low || number > high)
        return false;
    *at = (struct slice){ at->data + len, at->len - len };
    *ret_number = number;
    return true;
}

#endif
