/* SPDX-License-Identifier: Apache-2.0
 *
 * rules — when a site's page greets a visitor who has not opened the chat, a line each:
 *
 *     page=/pricing* after=30s: Questions about prices?
 *     cart=100 scroll=50 times=2: Free delivery from 100 euros. Can we help?
 *
 * The page applies them (widget/src/rules.ts); here it is only checked that they make sense.
 */
#ifndef TENANT_RULES_H
#define TENANT_RULES_H

#include "base/slice.h"

enum { RULES_MAX = 20, RULE_GREETING_MAX_BYTES = 800 };

/* 0, or the number of the first line that makes no sense; lines beyond RULES_MAX make none. */
unsigned rules_check(struct slice lines);

#endif
