/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/tenants/turn.h"

#include "base/clock.h"
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/answer.h"

#include <event2/event.h>
#include <stdlib.h>

enum {
    TURN_MS = 200, /* from one to the next: two hundred take less than a minute */
    TURNS_AHEAD_MS = 20000
};

struct turn {
    struct call *call;
    struct event *event;
    turn_fn *come, *release;
    void *context;
};

static void turn_free(struct turn *turn)
{
    if (turn->event != NULL)
        event_free(turn->event);
    free(turn);
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
    const struct turn turn = *(struct turn *)context;

    (void)fd;
    (void)what;
    turn.call->release_job = NULL;
    turn_free(context);
    if (access_still_holds(turn.call)) {
        turn.come(turn.context);
        return;
    }
    answer_problem(turn.call, 401, "not_authenticated",
                   "This access was ended before its turn came.");
    turn.release(turn.context);
}

static void release_waiting(void *job)
{
    struct turn *turn = job;

    turn->release(turn->context);
    turn_free(turn);
}

/* False: out of memory. */
static bool wait_turn(struct turn *turn, uint64_t wait_ms)
{
    const struct timeval wait = { .tv_sec = (time_t)(wait_ms / 1000),
                                  .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000) };

    turn->event = event_new(turn->call->core->role->base, -1, 0, on_turn, turn);
    if (turn->event == NULL || event_add(turn->event, &wait) != 0)
        return false;
    turn->call->job = turn;
    turn->call->release_job = release_waiting;
    return true;
}

static void wait_or_fail(const struct turn *wanted, uint64_t wait_ms)
{
    struct turn *turn = malloc(sizeof(*turn));

    if (turn != NULL) {
        *turn = *wanted;
        if (wait_turn(turn, wait_ms))
            return;
        turn_free(turn);
    }
    answer_failed(wanted->call, RAISE(ERR_NO_MEMORY));
    wanted->release(wanted->context);
}

static uint64_t turn_in_ms(const struct core *core, uint64_t now_ms)
{
    return core->sessions != NULL && core->next_turn_ms > now_ms ? core->next_turn_ms - now_ms : 0;
}

void turn_take(struct call *call, const char *tenant, turn_fn *come, turn_fn *release,
               void *context)
{
    const struct turn wanted = {
        .call = call, .come = come, .release = release, .context = context
    };
    struct core *core = call->core;
    uint64_t now_ms = clock_steady_ms(), wait_ms = turn_in_ms(core, now_ms);

    if (wait_ms > TURNS_AHEAD_MS) {
        answer_later(call, 503, "too_busy", wait_ms,
                     "Too many tenants are being added or enabled.");
        release(context);
    } else if (!call_keep(call, "tenant", tenant)) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        release(context);
    } else {
        core->next_turn_ms = now_ms + wait_ms + TURN_MS;
        if (wait_ms > 0)
            wait_or_fail(&wanted, wait_ms);
        else
            come(context);
    }
}
