/* SPDX-License-Identifier: Apache-2.0
 *
 * money — amounts as people read them. An amount is a whole number of its currency's smallest unit.
 */
#ifndef TENANT_BILLING_MONEY_H
#define TENANT_BILLING_MONEY_H

#include "base/buf.h"

#include <stdint.h>

/* Three capital letters, as ISO 4217 has them. */
bool currency_is_wellformed(struct slice currency);
/* 1234567 of EUR: "12345.67"; of JPY: "1234567". */
void money_put(struct buf *to, int64_t amount, const char *currency);

#endif
