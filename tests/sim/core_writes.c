/* SPDX-License-Identifier: Apache-2.0
 *
 * The core's writes: kept until storage has answered, committed as the weather allows.
 */
#include "tests/sim/core.h"

#include <stdlib.h>

struct kept_sim {
    struct chat_write write; /* first: answers point to it */
    struct kept_sim *next, *prev;
    struct tenant_sim *tenant;
    char bytes[];
};

static struct kept_sim *keep(struct tenant_sim *tenant, const struct chat_write *write)
{
    struct kept_sim *kept = malloc(sizeof(*kept) + chat_write_bytes(write));

    if (kept == NULL)
        abort();
    chat_write_copy(&kept->write, write, kept->bytes);
    kept->tenant = tenant;
    DL_APPEND(tenant->world->kept, kept);
    return kept;
}

static void unkeep(struct world *world, struct kept_sim *kept)
{
    DL_DELETE(world->kept, kept);
    free(kept);
}

void core_forget_writes(struct world *world)
{
    while (world->kept != NULL)
        unkeep(world, world->kept);
}

static void answered(struct world *world, const struct store_answer *answer);

static void collect(struct world *world, void *who, const struct parcel *parcel)
{
    size_t most = (size_t)sim_between(world, 1, 40);
    struct store_answer answer;

    (void)who;
    if (parcel->epoch != world->core_epoch)
        return;
    world->collecting = false;
    for (size_t i = 0; i < most; i++) {
        if (STORE_CALL(world->store, collect, &answer, 1) == 0)
            return;
        answered(world, &answer);
        if (parcel->epoch != world->core_epoch)
            return;
    }
    world->collecting = true;
    sim_post(world, 1, collect, NULL, parcel);
}

static uint64_t disk_ms(struct world *world)
{
    return sim_chance(world, world->weather.slow) ? sim_between(world, 500, 20000)
                                                  : sim_between(world, 1, 12);
}

static void commit(struct world *world, void *who, const struct parcel *parcel)
{
    struct parcel now = { .epoch = world->core_epoch };
    size_t done, most = sim_chance(world, 700) ? SIZE_MAX : (size_t)sim_between(world, 1, 5);

    (void)who;
    if (parcel->epoch != world->core_epoch)
        return;
    world->committing = false;
    if (sim_chance(world, world->weather.commit_fail)) {
        sim_trace(world, NULL, "the commit fails");
        (void)store_memory_fail(world->store, most);
    } else {
        done = store_memory_commit(world->store, most);
        sim_trace(world, NULL, "%zu committed", done);
        if (done == most)
            core_start_commit(world);
    }
    if (!world->collecting) {
        world->collecting = true;
        sim_post(world,
                 sim_chance(world, world->weather.late_answer) ? sim_between(world, 100, 5000) : 0,
                 collect, NULL, &now);
    }
}

/* One commit at a time; what gathers meanwhile goes into the next. */
void core_start_commit(struct world *world)
{
    struct parcel now = { .epoch = world->core_epoch };

    if (world->committing)
        return;
    world->committing = true;
    sim_post(world, disk_ms(world), commit, NULL, &now);
}

static void submit_failed(struct world *world, void *who, const struct parcel *parcel)
{
    struct kept_sim *kept = who;
    struct chat_event failed = { .type = CHAT_STORE_FAILED };

    if (parcel->epoch != world->core_epoch)
        return;
    failed.write = &kept->write;
    core_handle(kept->tenant, &failed);
    if (parcel->epoch == world->core_epoch)
        unkeep(world, kept);
}

void core_submit(struct tenant_sim *tenant, const struct chat_write *write)
{
    struct world *world = tenant->world;
    struct kept_sim *kept = keep(tenant, write);
    struct parcel now = { .epoch = world->core_epoch };

    if (sim_chance(world, world->weather.submit_fail)) {
        sim_trace(world, tenant, "a write is not taken");
        sim_post(world, 0, submit_failed, kept, &now);
        return;
    }
    if (STORE_CALL(world->store, submit, &tenant->name, &kept->write) != OK)
        abort();
    core_start_commit(world);
}
static const char *const outcomes[] = { "done", "repeat", "refused", "failed" };
const char *const core_write_kinds[] = { "message", "claim",    "release", "transfer",
                                         "end",     "delivery", "event",   "survey",
                                         "read",    "note",     "tags",    "stage",
                                         "edit",    "withdraw", "told",    "reaction" };

static void answered(struct world *world, const struct store_answer *answer)
{
    struct kept_sim *kept = (struct kept_sim *)(uintptr_t)answer->write;
    uint64_t epoch = world->core_epoch;
    struct chat_event event = { .write = answer->write,
                                .conversation = answer->conversation,
                                .seq = answer->seq,
                                .message = answer->message,
                                .at_ms = answer->at_ms,
                                .repeat = answer->outcome == STORE_REPEAT,
                                .refused = answer->outcome == STORE_REFUSED };

    if (kept == NULL) {
        for (unsigned i = 0; i < world->tenant_count; i++) {
            if (tenant_name_equal(&world->tenants[i].name, &answer->tenant))
                core_greeted(&world->tenants[i], answer->outcome == STORE_DONE);
        }
        return;
    }
    event.type = answer->outcome == STORE_DONE || answer->outcome == STORE_REPEAT
                     ? CHAT_STORED
                     : CHAT_STORE_FAILED;
    sim_trace(world, kept->tenant, "store: %s %.*s%s%.*s %s seq %llu",
              core_write_kinds[kept->write.kind], SLICE_ARG(kept->write.cid),
              kept->write.agent.len > 0 ? " by " : "", SLICE_ARG(kept->write.agent),
              outcomes[answer->outcome], (unsigned long long)answer->seq);
    core_handle(kept->tenant, &event);
    if (epoch == world->core_epoch)
        unkeep(world, kept);
}
