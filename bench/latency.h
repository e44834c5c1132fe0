/* SPDX-License-Identifier: Apache-2.0
 *
 * latency — how long things took, in buckets fine to 6 %, from microseconds to days.
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include "base/buf.h"

#include <stdint.h>

/* Powers of two, each in 16 parts. */
enum { LATENCY_BUCKETS = 64 * 16 };

struct latency {
    uint64_t buckets[LATENCY_BUCKETS], count, longest_us;
};

void latency_add(struct latency *latency, uint64_t us);
/* part: 0.99 is the time that one in a hundred takes longer than. 0 when there is nothing. */
uint64_t latency_percentile_us(const struct latency *latency, double part);
/* {"count": 5, "p50": …, "p99": …, "p999": …, "max": …}, in microseconds */
void latency_add_json(const struct latency *latency, struct buf *to);

#endif
