/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/latency.h"

#include <inttypes.h>

static size_t bucket_of(uint64_t us)
{
    unsigned power = us < 16 ? 0 : (unsigned)(63 - __builtin_clzll(us)) - 3;

    return us < 16 ? us : power * 16 + ((us >> (power - 1)) & 15);
}

static uint64_t bucket_us(size_t bucket)
{
    return bucket < 16 ? bucket : (16 + bucket % 16) << (bucket / 16 - 1);
}

void latency_add(struct latency *latency, uint64_t us)
{
    latency->buckets[bucket_of(us) % LATENCY_BUCKETS]++;
    latency->count++;
    if (us > latency->longest_us)
        latency->longest_us = us;
}

uint64_t latency_percentile_us(const struct latency *latency, double part)
{
    uint64_t wanted = (uint64_t)((double)latency->count * part), seen = 0;

    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        seen += latency->buckets[i];
        if (seen > wanted)
            return bucket_us(i);
    }
    return 0;
}

void latency_add_json(const struct latency *latency, struct buf *to)
{
    buf_addf(to,
             "{\"count\": %" PRIu64 ", \"p50\": %" PRIu64 ", \"p99\": %" PRIu64
             ", \"p999\": %" PRIu64 ", \"max\": %" PRIu64 "}",
             latency->count, latency_percentile_us(latency, 0.5),
             latency_percentile_us(latency, 0.99), latency_percentile_us(latency, 0.999),
             latency->longest_us);
}
