/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/billing/money.h"

#include <inttypes.h>

/* ISO 4217: the smallest unit of these is not a hundredth. */
static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
static const char thousandths[] = "BHD IQD JOD KWD LYD OMR TND";

bool currency_is_wellformed(struct slice currency)
{
    bool capitals = currency.len == 3;

    for (size_t i = 0; capitals && i < currency.len; i++)
        capitals = currency.data[i] >= 'A' && currency.data[i] <= 'Z';
    return capitals;
}

void money_put(struct buf *to, int64_t amount, const char *currency)
{
    uint64_t whole = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
    const char *sign = amount < 0 ? "-" : "";

    if (strstr(none, currency) != NULL)
        buf_addf(to, "%s%" PRIu64, sign, whole);
    else if (strstr(thousandths, currency) != NULL)
        buf_addf(to, "%s%" PRIu64 ".%03" PRIu64, sign, whole / 1000, whole % 1000);
    else
        buf_addf(to, "%s%" PRIu64 ".%02" PRIu64, sign, whole / 100, whole % 100);
}
