/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/desk.h"

#include "presence/figures/figures_json_parts.h"

/* --- offers --- */

/* FNV-1a: enough to tell the few agents of one chat apart. */
static uint64_t hash(struct slice text)
{
    uint64_t value = 0xcbf29ce484222325u;

    for (size_t i = 0; i < text.len; i++)
        value = (value ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    return value;
}

/* True: this agent had an offer open, and has it no more. */
static bool close_offer(struct desk_offers *offers, uint64_t agent)
{
    for (size_t i = 0; i < offers->count; i++) {
        if (offers->agents[i] != agent)
            continue;
        offers->agents[i] = offers->agents[--offers->count];
        return true;
    }
    return false;
}

void desk_event(struct desk *desk, struct desk_offers *offers, struct slice type,
                struct slice agent)
{
    uint64_t who = hash(agent);

    if (slice_is(type, "offered")) {
        desk->offered++;
        if (offers->count < DESK_OPEN_MAX)
            offers->agents[offers->count++] = who;
    } else if (slice_is(type, "declined")) {
        desk->declined += close_offer(offers, who);
    } else if (slice_is(type, "missed")) {
        desk->missed += close_offer(offers, who);
    } else if (slice_is(type, "claimed") || slice_is(type, "transferred")) {
        desk->taken += close_offer(offers, who);
    }
}

/* --- by hour of the day --- */

void desk_chat(struct desk *desk, int hour_of_day)
{
    desk->hours[hour_of_day].chats++;
}

static void add(struct staffing_hour *sums, const struct staffing_hour *hour)
{
    sums->seen_s += hour->seen_s;
    sums->open_s += hour->open_s;
    sums->staffed_s += hour->staffed_s;
    sums->agent_s += hour->agent_s;
    sums->held_s += hour->held_s;
    sums->queued_s += hour->queued_s;
}

void desk_staffing(struct desk *desk, int hour_of_day, const struct staffing_hour *sums)
{
    add(&desk->hours[hour_of_day].sums, sums);
}

/* --- as JSON --- */

static json_t *ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? figure_number((double)part / (double)whole) : json_null();
}

static void set_staffing(json_t *object, const struct staffing_hour *sums)
{
    figure_set(object, "seen_min", ratio(sums->seen_s, 60));
    figure_set(object, "open_min", ratio(sums->open_s, 60));
    figure_set(object, "staffed_min", ratio(sums->staffed_s, 60));
    figure_set(object, "unstaffed_min", ratio(sums->open_s - sums->staffed_s, 60));
    figure_set(object, "staffed_share", ratio(sums->staffed_s, sums->open_s));
    figure_set(object, "agents", ratio(sums->agent_s, sums->open_s));
    figure_set(object, "held", ratio(sums->held_s, sums->seen_s));
    figure_set(object, "queued", ratio(sums->queued_s, sums->seen_s));
}

static json_t *offers_json(const struct desk *desk)
{
    size_t ended = desk->taken + desk->declined + desk->missed;

    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "offered", figure_count(desk->offered), "taken",
                     figure_share(desk->taken, desk->offered), "declined",
                     figure_share(desk->declined, desk->offered), "missed",
                     figure_share(desk->missed, desk->offered), "withdrawn",
                     figure_share(desk->offered - ended, desk->offered));
}

json_t *desk_json(const struct desk *desk)
{
    struct staffing_hour sums = { 0 };
    json_t *object, *hours;

    for (int i = 0; i < DESK_HOURS; i++)
        add(&sums, &desk->hours[i].sums);
    if (sums.seen_s == 0 && desk->offered == 0)
        return NULL;
    hours = json_array();
    for (int i = 0; i < DESK_HOURS; i++) {
        json_t *hour =
            json_pack("{s:i, s:o}", "hour", i, "chats", figure_count(desk->hours[i].chats));

        set_staffing(hour, &desk->hours[i].sums);
        (void)json_array_append_new(hours, hour);
    }
    object = json_pack("{s:o, s:o}", "offers", offers_json(desk), "hours", hours);
    set_staffing(object, &sums);
    figure_set(object, "held_per_agent", ratio(sums.held_s, sums.agent_s));
    return object;
}
