/* SPDX-License-Identifier: Apache-2.0
 *
 * export — transcripts into a file, which appears whole or not at all.
 */
#ifndef LASNACTL_EXPORT_H
#define LASNACTL_EXPORT_H

#include "lasnactl/command.h"

int export_run(struct client *client, const struct args *args);
/* A report: one document, so --json may print it, too. */
int report_run(struct client *client, const struct args *args);

#endif
