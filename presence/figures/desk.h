/* SPDX-License-Identifier: Apache-2.0
 *
 * desk — agents' presence: what became of offers, and how the desk was staffed against what was
 * asked of it, by hour of the day in the tenant's own time. Sums over all agents; nobody is told
 * apart, so nobody can be ranked. Pure.
 *
 *     offers      each "offered" event ends as taken (its agent has the chat next), declined,
 * missed (its time ran out), or withdrawn (another was faster, the visitor left) staffed     open
 * seconds in which at least one person took offers ÷ open seconds seen agents      Σ over open
 * seconds of the people who took offers ÷ open seconds in hand     conversations held, on average
 * over seconds seen; ÷ agents: concurrency
 */
#ifndef PRESENCE_DESK_H
#define PRESENCE_DESK_H

#include "base/format/json.h"
#include "storage/staffing.h"

enum { DESK_HOURS = 24, DESK_OPEN_MAX = 64 };

struct desk {
    size_t offered, taken, declined, missed;
    struct desk_hour {
        size_t chats; /* opened in it */
        struct staffing_hour sums;
    } hours[DESK_HOURS];
};

/* Offers of one chat that have had no answer yet; zeroed before its first event. */
struct desk_offers {
    uint64_t agents[DESK_OPEN_MAX];
    size_t count;
};

/* Events of one chat, in order. */
void desk_event(struct desk *desk, struct desk_offers *offers, struct slice type,
                struct slice agent);
/* `hour_of_day`: in the tenant's own time, 0 to 23. */
void desk_chat(struct desk *desk, int hour_of_day);
void desk_staffing(struct desk *desk, int hour_of_day, const struct staffing_hour *sums);

/* The caller owns it; NULL: nothing was seen. */
json_t *desk_json(const struct desk *desk);

#endif
