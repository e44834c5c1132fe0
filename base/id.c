/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include "base/random.h"

#include <pthread.h>

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

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
    unsigned bits = 0, held = 0;
    size_t at = 0;

    for (size_t i = 0; i < ID_BYTES; i++) {
        bits = (bits << 8) | id.bytes[i];
        for (held += 8; held >= 5; held -= 5)
            text[at++] = alphabet[(bits >> (held - 5)) & 31u];
    }
    text[at++] = alphabet[(bits << (5 - held)) & 31u]; /* the last 3 bits, padded with zeros */
    text[at] = '\0';
}

static int digit_value(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= '2' && c <= '7')
        return c - '2' + 26;
    return -1;
}

int id_parse(struct slice text, struct id *ret_id)
{
    struct id id = { { 0 } };
    unsigned bits = 0, held = 0;
    size_t at = 0;

    if (text.len != ID_TEXT_LEN)
        return 1;
    for (size_t i = 0; i < text.len; i++) {
        int value = digit_value(text.data[i]);

        if (value < 0)
            return 1;
        bits = (bits << 5) | (unsigned)value;
        held += 5;
        if (held >= 8 && at < ID_BYTES) {
            id.bytes[at++] = (uint8_t)(bits >> (held - 8));
            held -= 8;
        }
    }
    if ((bits & ((1u << held) - 1u)) != 0) /* two texts must never mean the same id */
        return 1;
    *ret_id = id;
    return 0;
}
