/* SPDX-License-Identifier: Apache-2.0
 *
 * help — what there is to say, from the command table: on the screen and as a manual page.
 */
#ifndef LASNACTL_HELP_H
#define LASNACTL_HELP_H

#include "lasnactl/args.h"

/* Of the command, the noun, or all of it: as far as the command line went. */
void help_print(const struct args *args, FILE *to);
/* lasnactl(1) in roff. */
void help_man(FILE *to);

#endif
