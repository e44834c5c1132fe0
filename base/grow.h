/* SPDX-License-Identifier: Apache-2.0
 *
 * grow — room for one more in a list whose owner keeps how many there are, and how many fit.
 *
 *     int rc = GROW(rows->items, rows->count, &rows->cap);
 *
 *     if (rc == OK)
 *         rows->items[rows->count++] = item;
 */
#ifndef BASE_GROW_H
#define BASE_GROW_H

#include "base/result.h"

#include <stddef.h>

/* ERR_NO_MEMORY: the list is as it was. */
#define GROW(items, count, cap) grow_list(&(items), sizeof(*(items)), (count), (cap))

/* `items`: where the pointer to the first of them is kept. */
int grow_list(void *items, size_t item_bytes, size_t count, size_t *cap) MUST_CHECK;

#endif
