/* SPDX-License-Identifier: Apache-2.0
 *
 * export — what was asked for into a file, which appears whole or not at all.
 */
#ifndef LASNACTL_EXPORT_H
#define LASNACTL_EXPORT_H

#include "lasnactl/command.h"

int export_run(struct client *client, const struct args *args);
/* The same of bytes that a stranger sent: none goes to a terminal. */
int export_raw_run(struct client *client, const struct args *args);
/* A report: one document, so --json may print it, too. */
int report_run(struct client *client, const struct args *args);
/* A text, and a line's end after it, to where -o says. */
int export_text(const struct args *args, const char *text);

#endif
