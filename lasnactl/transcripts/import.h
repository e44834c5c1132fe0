/* SPDX-License-Identifier: Apache-2.0
 *
 * import — `transcript import`: a file read line by line, sent in batches, each stored before
 * the next is sent. What is there already is skipped, so an import that broke off is run again.
 * Lines that make no sense are told with their number; the rest is imported all the same.
 */
#ifndef LASNACTL_IMPORT_H
#define LASNACTL_IMPORT_H

#include "lasnactl/command.h"

int import_run(struct client *client, const struct args *args);

#endif
