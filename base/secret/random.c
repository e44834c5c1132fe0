/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/random.h"

#include "base/log.h"

#include <openssl/rand.h>
#include <stdlib.h>

void random_bytes(void *to, size_t len)
{
    if (RAND_bytes(to, (int)len) != 1) {
        log_event(LOG_ERROR, NULL, "random.failed", "");
        abort();
    }
}

struct prng prng_seeded(uint64_t seed)
{
    return (struct prng){ seed };
}

uint64_t prng_next(struct prng *prng)
{
    uint64_t z = (prng->state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t prng_below(struct prng *prng, uint64_t below)
{
    return below == 0 ? 0 : prng_next(prng) % below;
}
