/* SPDX-License-Identifier: Apache-2.0 */
#include "base/grow.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 16 };

/* A pointer of any type is read and written as the bytes it is. */
int grow_list(void *items, size_t item_bytes, size_t count, size_t *cap)
{
    size_t wanted = *cap == 0 ? FIRST : *cap * 2;
    void *list;

    if (count < *cap)
        return OK;
    if (wanted > SIZE_MAX / item_bytes)
        return RAISE(ERR_NO_MEMORY);
    memcpy(&list, items, sizeof(list));
    list = realloc(list, wanted * item_bytes);
    if (list == NULL)
        return RAISE(ERR_NO_MEMORY);
    memcpy(items, &list, sizeof(list));
    *cap = wanted;
    return OK;
}
