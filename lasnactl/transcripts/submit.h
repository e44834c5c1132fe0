/* SPDX-License-Identifier: Apache-2.0
 *
 * submit — `presence submit`: a chat that somebody has coded by hand. It is taken whole or refused.
 */
#ifndef LASNACTL_SUBMIT_H
#define LASNACTL_SUBMIT_H

#include "lasnactl/command.h"

int submit_run(struct client *client, const struct args *args);

#endif
