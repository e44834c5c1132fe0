/* SPDX-License-Identifier: Apache-2.0
 *
 * home — which instance is meant, and where its control socket is.
 */
#ifndef LASNACTL_HOME_H
#define LASNACTL_HOME_H

/* `given` is --home's value or NULL: then LASNA_HOME, ./var/dev where that is a folder, or
 * /var/lib/lasna. Its instance.json names the socket, else it is run/control.sock below. The
 * caller owns the path; NULL: out of memory. */
char *home_socket(const char *given);
/* The same for its folder of databases, else data/ below. */
char *home_data(const char *given);

#endif
