/* SPDX-License-Identifier: Apache-2.0
 *
 * password — kept as scrypt (RFC 7914) of it, and compared with that. The costs stand beside each
 * hash, so those of new ones can be raised and old ones go on to count.
 *
 * One hash takes about half a second and 128 MiB: never on a loop, never many at once.
 */
#ifndef BASE_PASSWORD_H
#define BASE_PASSWORD_H

#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

/* "scrypt$17$8$1$salt$hash", salt and hash in base32. */
enum { PASSWORD_HASH_BYTES = 128 };

struct password_cost {
    unsigned log_n, r, p;
};
extern const struct password_cost password_cost_now;

/* ERR_NO_MEMORY, ERR_IO. */
int password_hash(struct slice password, const struct password_cost *cost,
                  char ret_hash[PASSWORD_HASH_BYTES]) MUST_CHECK;
/* In constant time for hashes of the same costs. False for a text that is no hash, too. */
bool password_matches(struct slice password, const char *hash);
/* Takes as long as a comparison with a hash of these costs, and is never true: that nobody can tell
 * by the clock whether there is a hash to compare with. */
bool password_matches_nothing(struct slice password, const struct password_cost *cost);

#endif
