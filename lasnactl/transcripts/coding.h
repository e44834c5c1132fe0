/* SPDX-License-Identifier: Apache-2.0
 *
 * coding — `presence code`: asks for slice after slice until nothing is left, and shows how far
 * it is. Stopping it loses nothing.
 */
#ifndef LASNACTL_CODING_H
#define LASNACTL_CODING_H

#include "lasnactl/command.h"

int coding_run(struct client *client, const struct args *args);

#endif
