/* SPDX-License-Identifier: Apache-2.0
 *
 * completion — what the shell offers behind Tab, made from the command table.
 */
#ifndef LASNACTL_COMPLETION_H
#define LASNACTL_COMPLETION_H

#include <stdio.h>

/* A script for bash's programmable completion; zsh takes it by bashcompinit. */
void completion_print(FILE *to);

#endif
