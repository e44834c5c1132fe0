/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz — the entry every target has, by libFuzzer's own name. Under `./dev fuzz` Clang's
 * libFuzzer calls it; under `./dev test` driver.c does, over the same seeds.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What must hold whatever comes in; unlike assert() it names itself in a fuzzer's log. */
#define MUST(what)                                                                   \
    do {                                                                             \
        if (!(what)) {                                                               \
            (void)fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what); \
            abort();                                                                 \
        }                                                                            \
    } while (0)

#endif
