/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include "base/format/base32.h"
#include "base/secret/random.h"

#include <pthread.h>

/* To ask for one costs as much as to ask for many. Each thread has its own. */
enum { POOL_IDS = 32 };
static _Thread_local struct {
    struct id ids[POOL_IDS];
    unsigned left;
} pool;

/* Parent and child must never give out the same ones. */
static void forget_pool(void)
{
    pool.left = 0;
}

static void watch_forks(void)
{
    (void)pthread_atfork(NULL, NULL, forget_pool);
}

struct id id_new(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (pool.left == 0) {
        (void)pthread_once(&once, watch_forks);
        random_bytes(pool.ids, sizeof(pool.ids));
        pool.left = POOL_IDS;
    }
    return pool.ids[--pool.left];
}

bool id_is_none(struct id id)
{
    static const struct id none;

    return memcmp(id.bytes, none.bytes, ID_BYTES) == 0;
}

bool id_equal(struct id a, struct id b)
{
    return memcmp(a.bytes, b.bytes, ID_BYTES) == 0;
}

void id_format(struct id id, char text[ID_TEXT_BYTES])
{
    base32_encode(id.bytes, ID_BYTES, text);
}

int id_parse(struct slice text, struct id *ret_id)
{
    struct id id = { { 0 } };

    if (!base32_decode(text, id.bytes, ID_BYTES))
        return 1;
    *ret_id = id;
    return 0;
}
