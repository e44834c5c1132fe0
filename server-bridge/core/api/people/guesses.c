/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/people/guesses.h"

#include "server-bridge/core/api/answer.h"
#include "tenant/user.h"

enum {
    NAMES_MAX = 10000,
    FREE_GUESSES = 5,
    FIRST_WAIT_MS = 1000,
    DOUBLINGS_MAX = 6, /* 64 s: who is guessed at is kept out no longer than that */
    FORGET_MS = 3600000
};

struct guess {
    UT_hash_handle hh; /* in the order they were last wrong */
    char name[USER_NAME_MAX + 1];
    unsigned wrong;
    uint64_t last_ms;
};

static struct guess *find(const struct core *core, const char *name)
{
    struct guess *guess;

    HASH_FIND_STR(core->guesses, name, guess);
    return guess;
}

static void forget(struct core *core, struct guess *guess)
{
    HASH_DEL(core->guesses, guess);
    free(guess);
}

static uint64_t wait_ms(const struct guess *guess, uint64_t now_ms)
{
    unsigned over = guess->wrong - FREE_GUESSES;
    uint64_t until_ms;

    if (guess->wrong < FREE_GUESSES)
        return 0;
    until_ms =
        guess->last_ms + ((uint64_t)FIRST_WAIT_MS << (over < DOUBLINGS_MAX ? over : DOUBLINGS_MAX));
    return until_ms > now_ms ? until_ms - now_ms : 0;
}

bool guesses_hold_back(struct call *call, const char *name)
{
    const struct guess *guess = find(call->core, name);
    uint64_t ms = guess != NULL ? wait_ms(guess, core_steady_ms()) : 0;

    if (ms > 0)
        answer_later(call, 429, "too_many_failures", ms,
                     "Too many wrong passwords or codes for that user.");
    return ms > 0;
}

void guesses_wrong(struct core *core, const char *name)
{
    uint64_t now_ms = core_steady_ms();
    struct guess *guess = find(core, name);

    if (guess != NULL)
        HASH_DEL(core->guesses, guess); /* and behind all others again */
    else
        guess = calloc(1, sizeof(*guess));
    if (guess == NULL)
        return;
    if (HASH_COUNT(core->guesses) >= NAMES_MAX)
        forget(core, core->guesses);
    (void)slice_copy(slice_of(name), guess->name, sizeof(guess->name));
    guess->wrong = now_ms - guess->last_ms > FORGET_MS ? 1 : guess->wrong + 1;
    guess->last_ms = now_ms;
    HASH_ADD_STR(core->guesses, name, guess);
    if (guess->wrong == FREE_GUESSES)
        log_event(LOG_WARNING, NULL, "user.guessed_at", "wrong=%u", guess->wrong);
}

void guesses_right(struct core *core, const char *name)
{
    struct guess *guess = find(core, name);

    if (guess != NULL)
        forget(core, guess);
}

void guesses_free(struct core *core)
{
    struct guess *guess, *next;

    HASH_ITER(hh, core->guesses, guess, next)
    forget(core, guess);
}
