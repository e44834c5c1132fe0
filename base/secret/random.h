/* SPDX-License-Identifier: Apache-2.0
 *
 * random — two kinds that must not be confused: bytes nobody can guess (ids, tokens), and a
 * seeded stream that gives the same numbers again (the simulator, jitter in tests).
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Unguessable bytes from the kernel by OpenSSL. Ends the process if the source fails:
 * there is no safe way to go on without it. */
void random_bytes(void *to, size_t len);

/* splitmix64: good enough for simulations, and reproducible everywhere. */
struct prng {
    uint64_t state;
};

struct prng prng_seeded(uint64_t seed);
uint64_t prng_next(struct prng *prng);
/* A number in [0, below); 0 when below is 0. */
uint64_t prng_below(struct prng *prng, uint64_t below);

#endif
