/* SPDX-License-Identifier: Apache-2.0
 *
 * search — `transcript search`: one page of what was found; --limit makes it longer, --cursor
 * goes on where the last one ended.
 */
#ifndef LASNACTL_SEARCH_H
#define LASNACTL_SEARCH_H

#include "lasnactl/command.h"

int search_run(struct client *client, const struct args *args);

#endif
