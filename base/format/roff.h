/* SPDX-License-Identifier: Apache-2.0
 *
 * roff — text in a manual page: what is typed keeps its hyphens, and no backslash begins anything.
 */
#ifndef BASE_FORMAT_ROFF_H
#define BASE_FORMAT_ROFF_H

#include <stddef.h>

/* What stands for it there. NULL: itself. */
static inline const char *roff_of(char c)
{
    return c == '-' ? "\\-" : c == '\\' ? "\\e" : NULL;
}

#endif
