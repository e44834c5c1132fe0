/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LASNACTL_QDA_CODED_H
#define LASNACTL_QDA_CODED_H

#include "lasnactl/client.h"

/* `presence import`: codes by JSON lines, or by a REFI-QDA project (.qdpx) that was exported from
 * here and coded in a program for qualitative analysis. */
int coded_run(struct client *client, const struct args *args);

#endif
