/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { START_MS_SINCE_2026 = 1000 };
static const uint64_t start_ms = 1767225600000u + START_MS_SINCE_2026;

/* --- chance: splitmix64 --- */

/* FNV-1a */
uint32_t sim_hash(struct slice text)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * 16777619u;
    return hash == 0 ? 1 : hash;
}

uint64_t sim_random(struct world *world)
{
    uint64_t z = (world->chance += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t sim_between(struct world *world, uint64_t from, uint64_t to)
{
    return from + sim_random(world) % (to - from + 1);
}

bool sim_chance(struct world *world, unsigned per_mille)
{
    return per_mille > 0 && sim_random(world) % 1000 < per_mille;
}

struct id sim_id(struct world *world, unsigned tenant)
{
    uint64_t parts[2] = { sim_random(world), sim_random(world) };
    struct id id;

    memcpy(id.bytes, parts, sizeof(id.bytes));
    id.bytes[0] = (uint8_t)(0xa0u + tenant);
    return id;
}

/* --- telling --- */

void sim_trace(const struct world *world, const struct tenant_sim *tenant, const char *format, ...)
{
    uint64_t ms = world->now_ms - world->start_ms;
    va_list args;

    if (!world->tracing)
        return;
    (void)printf("# %4llu.%03llu %-8s ", (unsigned long long)ms / 1000,
                 (unsigned long long)ms % 1000, tenant == NULL ? "-" : tenant->name.text);
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    (void)putchar('\n');
}

void sim_violation(struct world *world, const char *format, ...)
{
    va_list args;

    if (world->violation[0] != '\0')
        return;
    va_start(args, format);
    (void)vsnprintf(world->violation, sizeof(world->violation), format, args);
    va_end(args);
    sim_trace(world, NULL, "VIOLATION %s", world->violation);
}

/* --- what is due, as a binary heap --- */

struct due {
    uint64_t at_ms, order;
    due_fn *fn;
    void *who;
    struct parcel *parcel; /* owned; NULL: an empty one */
};

static bool is_before(const struct due *a, const struct due *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void swap(struct due *a, struct due *b)
{
    struct due c = *a;

    *a = *b;
    *b = c;
}

static void push(struct world *world, const struct due *due)
{
    size_t i = world->heap_count++;

    if (world->heap_count > world->heap_cap) {
        world->heap_cap = world->heap_cap == 0 ? 256 : world->heap_cap * 2;
        world->heap = realloc(world->heap, world->heap_cap * sizeof(*world->heap));
        if (world->heap == NULL)
            abort();
    }
    world->heap[i] = *due;
    for (; i > 0 && is_before(&world->heap[i], &world->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&world->heap[i], &world->heap[(i - 1) / 2]);
}

static struct due pop(struct world *world)
{
    struct due first = world->heap[0];
    size_t i = 0;

    world->heap[0] = world->heap[--world->heap_count];
    for (;;) {
        size_t least = i, left = 2 * i + 1, right = left + 1;

        if (left < world->heap_count && is_before(&world->heap[left], &world->heap[least]))
            least = left;
        if (right < world->heap_count && is_before(&world->heap[right], &world->heap[least]))
            least = right;
        if (least == i)
            return first;
        swap(&world->heap[i], &world->heap[least]);
        i = least;
    }
}

static void post_at(struct world *world, uint64_t at_ms, due_fn *fn, void *who,
                    const struct parcel *parcel)
{
    struct due due = { .at_ms = at_ms, .order = world->heap_order++, .fn = fn, .who = who };

    if (parcel != NULL) {
        due.parcel = malloc(sizeof(*parcel));
        if (due.parcel == NULL)
            abort();
        *due.parcel = *parcel;
    }
    push(world, &due);
}

void sim_post(struct world *world, uint64_t in_ms, due_fn *fn, void *who,
              const struct parcel *parcel)
{
    post_at(world, world->now_ms + in_ms, fn, who, parcel);
}

void lane_post(struct world *world, struct lane *lane, uint64_t in_ms, due_fn *fn, void *who,
               const struct parcel *parcel)
{
    struct parcel copy = *parcel;
    uint64_t at_ms = world->now_ms + in_ms;

    if (at_ms < lane->last_ms)
        at_ms = lane->last_ms;
    lane->last_ms = at_ms;
    copy.epoch = lane->epoch;
    post_at(world, at_ms, fn, who, &copy);
}

void lane_post_faulty(struct world *world, struct lane *lane, uint64_t in_ms, due_fn *fn, void *who,
                      const struct parcel *parcel)
{
    struct parcel copy = *parcel;

    copy.epoch = lane->epoch;
    if (sim_chance(world, world->weather.repeat))
        sim_post(world, in_ms + sim_between(world, 0, 8000), fn, who, &copy);
    if (sim_chance(world, world->weather.reorder))
        sim_post(world, in_ms + sim_between(world, 0, 8000), fn, who, &copy);
    else
        lane_post(world, lane, in_ms, fn, who, parcel);
}

void lane_break(struct lane *lane)
{
    lane->epoch++;
    lane->last_ms = 0;
}

/* --- the weather --- */

/* Each fault is there in three seeds of five, now gentle, now rough. */
static unsigned fault(struct world *world, unsigned most)
{
    return sim_chance(world, 600) ? (unsigned)sim_between(world, 1, most) : 0;
}

static void make_weather(struct world *world)
{
    world->weather = (struct weather){
        .crash = fault(world, 400),
        .commit_fail = fault(world, 150),
        .submit_fail = fault(world, 30),
        .slow = fault(world, 200),
        .late_answer = fault(world, 300),
        .tab_drop = fault(world, 120),
        .link_drop = fault(world, 60),
        .link_crash = fault(world, 30),
        .repeat = fault(world, 150),
        .reorder = fault(world, 100),
        .poison = fault(world, 30),
        .unassign = fault(world, 60),
        .restless = fault(world, 100),
    };
    world->bounces = sim_chance(world, 500);
    world->poisonous = world->weather.poison > 0;
    world->repeats = world->weather.repeat > 0 || world->weather.reorder > 0;
}

/* Open for a minute or so, closed for another, and open again. */
static void make_hours(struct world *world)
{
    unsigned closes = (unsigned)sim_between(world, 1, 4), opens = closes + 1;
    char week[64];

    (void)snprintf(week, sizeof(week), "mon-sun 0:00-0:%02u 0:%02u-24", closes,
                   opens + (unsigned)sim_between(world, 0, 2));
    if (hours_parse(slice_of(week), SLICE_LITERAL("UTC"), SLICE_NONE, &world->rules.hours) != 0)
        abort();
}

static void make_rules(struct world *world)
{
    world->rules = chat_rules_default;
    world->rules.offer_ms = sim_between(world, 3000, 20000);
    world->rules.offer_again_ms = sim_between(world, 5000, 60000);
    world->rules.gone_grace_ms = sim_between(world, 3000, 60000);
    world->rules.idle_end_ms = sim_between(world, 60000, 1800000);
    world->rules.silent_end_ms = sim_chance(world, 300) ? 0 : sim_between(world, 1, 1800000);
    world->rules.queued_end_ms = sim_between(world, 600000, 12 * 3600000);
    world->rules.in_flight_max = (unsigned)sim_between(world, 1, 20);
    world->rules.mode = (enum routing_mode)sim_between(world, 0, ROUTING_OFFER_TO_ALL);
    world->rules.sticky = sim_chance(world, 500);
    world->rules.languages = sim_chance(world, 500);
    world->rules.overflow_ms = sim_between(world, 1000, 60000);
    if (sim_chance(world, 500) &&
        !priority_parse(SLICE_LITERAL("existing:3 new:1 billing:2"), &world->rules.priority))
        abort();
    world->rules.priority_point_ms = sim_between(world, 1000, 60000);
    world->rules.wrap_up_ms = sim_chance(world, 300) ? sim_between(world, 1000, 30000) : 0;
    if (sim_chance(world, 400))
        world->rules.unanswered_ms = sim_between(world, 1000, 120000);
    world->rules.unanswered = (enum unanswered)sim_between(world, 0, UNANSWERED_CALLBACK);
    if (sim_chance(world, 300))
        (void)snprintf(world->rules.unanswered_skill, sizeof(world->rules.unanswered_skill),
                       "billing");
    (void)snprintf(world->tuula.jid, sizeof(world->tuula.jid), "tuula@sales.example");
    if (!outsiders_parse(SLICE_LITERAL("Tuula: tuula@sales.example callbacks, "
                                       "Mikko: mikko@crm.example transfers"),
                         &world->rules.outsiders))
        abort();
    world->rules.outsiders_offer_ms = sim_between(world, 3000, 60000);
    if (sim_chance(world, 300)) /* the world begins at midnight, UTC */
        make_hours(world);
}

/* Once a second, something breaks somewhere. */
static void rage(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = &world->tenants[sim_random(world) % world->tenant_count];
    struct agent_sim *agent = &world->agents[sim_random(world) % world->agent_count];

    (void)who;
    (void)parcel;
    if (world->quiet)
        return;
    if (sim_chance(world, world->weather.link_drop))
        link_drop(tenant);
    if (sim_chance(world, world->weather.link_crash))
        link_crash(tenant);
    if (sim_chance(world, world->weather.unassign) && world->core_up)
        core_set_member(tenant, agent, !tenant->members[agent->index]);
    if (sim_chance(world, world->weather.unassign) && world->core_up)
        core_set_staffed(world, agent, agent->unstaffed);
    sim_post(world, 1000, rage, NULL, NULL);
}

/* --- a run --- */

static const char *const names[TENANTS_MAX] = { "acme", "borealis", "cumulus" };

static void make_tenant(struct world *world, unsigned index)
{
    struct tenant_sim *tenant = &world->tenants[index];

    tenant->world = world;
    tenant->index = index;
    if (tenant_name_parse(slice_of(names[index]), &tenant->name) != 0)
        abort();
    tenant->site.id = sim_id(world, index);
    tenant->limit = (unsigned)sim_between(world, 1, 4);
    tenant->link.up = true;
    if (STORE_CALL(world->store, tenant_open, &tenant->name) != OK)
        abort();
}

static void make(struct world *world)
{
    make_weather(world);
    make_rules(world);
    world->start_ms = world->now_ms = start_ms;
    world->quiet_ms = start_ms + sim_between(world, 60000, 400000);
    world->end_ms = world->quiet_ms + 600000;
    if (store_memory_open(&world->store) != OK)
        abort();
    store_memory_hold(world->store, true);
    world->tenant_count = (unsigned)sim_between(world, 2, TENANTS_MAX);
    for (unsigned i = 0; i < world->tenant_count; i++)
        make_tenant(world, i);
    agents_start(world);
    visitors_start(world);
    core_start(world);
    sim_post(world, 1000, rage, NULL, NULL);
}

/* From here on nothing breaks: what is owed must now be paid. */
static void calm_down(struct world *world)
{
    sim_trace(world, NULL, "--- quiet from here on");
    world->quiet = true;
    world->weather = (struct weather){ 0 };
    world->rules.hours = (struct hours){ .always = true };
    if (world->core_up)
        core_set_rules(world);
    agents_quiet(world);
    visitors_quiet(world);
}

static void step(struct world *world)
{
    uint64_t tick_ms = core_deadline(world);
    struct due due;

    world->steps++;
    if (world->heap_count == 0 || tick_ms < world->heap[0].at_ms) {
        if (tick_ms > world->now_ms)
            world->now_ms = tick_ms;
        core_tick(world);
        return;
    }
    due = pop(world);
    world->now_ms = due.at_ms;
    due.fn(world, due.who, due.parcel);
    free(due.parcel);
}

static uint64_t next_ms(const struct world *world)
{
    uint64_t tick_ms = core_deadline(world);

    return world->heap_count == 0 || tick_ms < world->heap[0].at_ms ? tick_ms
                                                                    : world->heap[0].at_ms;
}

/* In a calm world nothing is on its way for as long as a second: what was said last is heard. */
static bool is_at_rest(const struct world *world)
{
    return next_ms(world) > world->now_ms + 1000;
}

void world_run(struct world *world, uint64_t seed, enum mutant mutant, bool tracing)
{
    *world = (struct world){
        .seed = seed, .chance = seed * 0x2545f4914f6cdd1du, .mutant = mutant, .tracing = tracing
    };
    make(world);
    while (world->violation[0] == '\0' && next_ms(world) < world->quiet_ms)
        step(world);
    if (world->violation[0] == '\0') {
        world->now_ms = world->quiet_ms;
        calm_down(world);
    }
    while (world->violation[0] == '\0' && (next_ms(world) < world->end_ms || !is_at_rest(world))) {
        step(world);
        if (world->steps > 2000000)
            sim_violation(world, "the world does not come to rest");
    }
    if (world->violation[0] == '\0')
        check_end(world);
}

void world_release(struct world *world)
{
    for (size_t i = 0; i < world->heap_count; i++)
        free(world->heap[i].parcel);
    free(world->heap);
    core_release(world);
    for (unsigned i = 0; i < world->tenant_count; i++)
        link_release(&world->tenants[i].link);
    visitors_release(world);
    agents_release(world);
    mutants_release(world);
    (void)store_free(world->store);
}
