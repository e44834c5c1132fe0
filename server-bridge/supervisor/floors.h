/* SPDX-License-Identifier: Apache-2.0
 *
 * floors — whether the libraries of this machine are new enough (floors.def).
 *
 * Their own version numbers do not tell: Debian mends faults without changing them. So the
 * package manager's list is read, where there is one. What is not in it is not judged.
 */
#ifndef SERVER_BRIDGE_SUPERVISOR_FLOORS_H
#define SERVER_BRIDGE_SUPERVISOR_FLOORS_H

#include <stdio.h>

/* Below 0, 0 or above 0 as `a` is an earlier, the same or a later version than `b`, by the
 * rules of Debian Policy 5.6.12. */
int floors_compare(const char *a, const char *b);

typedef void floors_fn(void *context, const char *package, const char *have, const char *floor,
                       const char *why);
/* Reads a list in the format of dpkg's status file and calls `fn` for each installed package
 * below its floor. */
void floors_check(FILE *status, floors_fn *fn, void *context);

/* Logs a warning for each, from this machine's own list. */
void floors_warn(void);

#endif
