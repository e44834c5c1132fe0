/* SPDX-License-Identifier: Apache-2.0
 *
 * agreement — `presence agreement`: how far coders agree. A reference file goes ahead of the
 * question, in stretches that fit into requests.
 */
#ifndef LASNACTL_AGREEMENT_H
#define LASNACTL_AGREEMENT_H

#include "lasnactl/command.h"

int agreement_run(struct client *client, const struct args *args);

#endif
