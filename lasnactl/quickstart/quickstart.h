/* SPDX-License-Identifier: Apache-2.0
 *
 * quickstart — a bare Debian server becomes a Läsnä server: what is there is looked at line by
 * line, each with its remedy, and what is ours to write is written. Saying it again is
 * harmless: a file that somebody has changed since is left as it is.
 */
#ifndef LASNACTL_QUICKSTART_H
#define LASNACTL_QUICKSTART_H

struct args;
struct client;

/* EXIT_DONE: nothing is left to mend; EXIT_PROBLEMS: something is, and was told. */
int quickstart_run(struct client *client, const struct args *args);

#endif
