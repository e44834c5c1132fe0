/* SPDX-License-Identifier: Apache-2.0
 *
 * secret — passwords and secrets, which stand on no command line: from a file of theirs, or typed
 * where nobody sees them. False: why was said.
 */
#ifndef LASNACTL_SECRET_H
#define LASNACTL_SECRET_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_MAX_BYTES = 512 };

/* The one line of a secret's file. */
bool secret_read(const char *path, char *line, size_t size) MUST_CHECK;
/* Asks on the terminal, twice; where there is none, or it may not, stdin is such a file. */
bool secret_ask(bool may_ask, char *line, size_t size) MUST_CHECK;

#endif
