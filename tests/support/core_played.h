/* SPDX-License-Identifier: Apache-2.0
 *
 * core_played — what of the core core_double only plays: the tenants' life, the rules, the XMPP
 * server, the thread for work, and the clock.
 */
#ifndef TESTS_SUPPORT_CORE_PLAYED_H
#define TESTS_SUPPORT_CORE_PLAYED_H

#include <stdint.h>

/* Begins anew: nothing was asked or told. Returns what the clock shows. */
uint64_t played_start(void);

#endif
