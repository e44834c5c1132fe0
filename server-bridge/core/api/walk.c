/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/walk.h"

#include "base/clock.h"

#include <stdio.h>

static bool read_state(struct call *call, enum conversation_filter *ret_filter)
{
    static const struct {
        const char *name;
        enum conversation_filter filter;
    } filters[] = {
        { "all", LIST_ALL },       { "open", LIST_OPEN },   { "queued", LIST_QUEUED },
        { "active", LIST_ACTIVE }, { "ended", LIST_ENDED },
    };
    struct slice state = query_get(&call->query, "state");

    *ret_filter = LIST_ALL;
    if (state.data == NULL)
        return true;
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        if (slice_is(state, filters[i].name)) {
            *ret_filter = filters[i].filter;
            return true;
        }
    }
    answer_problem(call, 400, "bad_parameter",
                   "\"state\" must be all, open, queued, active or ended.");
    return false;
}

/* A date counts as its first moment in UTC. */
bool query_time(struct call *call, const char *name, uint64_t *time_ms)
{
    struct slice text = query_get(&call->query, name);
    char full[CLOCK_TEXT_BYTES];

    if (text.data == NULL)
        return true;
    if (text.len == sizeof("2026-03-02") - 1)
        (void)snprintf(full, sizeof(full), "%.*sT00:00:00Z", SLICE_ARG(text));
    else if (!slice_copy(text, full, sizeof(full)))
        full[0] = '\0';
    if (clock_parse(full, strlen(full), time_ms) == 0)
        return true;
    answer_problem(call, 400, "bad_parameter",
                   "\"%s\" must be a time like 2026-03-02 or 2026-03-02T09:14:05Z.", name);
    return false;
}

bool walk_read(struct call *call, struct walk *ret_walk)
{
    struct slice cursor;

    *ret_walk = (struct walk){ .stage = query_get(&call->query, "stage"),
                               .agent = query_get(&call->query, "agent"),
                               .tag = query_get(&call->query, "tag") };
    return page_read(call, &ret_walk->limit, &cursor) && read_state(call, &ret_walk->filter) &&
           query_time(call, "since", &ret_walk->since_ms) &&
           query_time(call, "until", &ret_walk->before_ms) &&
           page_moment(call, cursor, &ret_walk->before_ms, &ret_walk->after.id);
}

enum { WALK_ENOUGH = 100 };

struct step {
    struct walk *walk;
    store_conversation_fn *fn;
    void *context;
    size_t seen;
};

static bool has_tag(struct slice tags, struct slice tag)
{
    AUTO_JSON list = NULL;
    const json_t *value;
    bool found = false;
    size_t i;

    if (json_read(tags, &list) != OK)
        return false;
    json_array_foreach(list, i, value)
    {
        found |= json_is_string(value) && slice_is(tag, json_string_value(value));
    }
    return found;
}

/* What is left out is walked past all the same: a page may be short, and the next one follows. */
static bool is_wanted(const struct walk *walk, const struct stored_conversation *conversation)
{
    return (walk->stage.len == 0 || slice_equal(conversation->stage, walk->stage)) &&
           (walk->agent.len == 0 || slice_equal(conversation->agent, walk->agent)) &&
           (walk->tag.len == 0 || has_tag(conversation->tags, walk->tag));
}

static int take_step(void *context, const struct stored_conversation *conversation)
{
    struct step *step = context;
    struct walk *walk = step->walk;

    if (conversation->opened_ms < walk->since_ms) {
        walk->done = true;
        return WALK_ENOUGH;
    }
    walk->before_ms = conversation->opened_ms;
    walk->after = conversation->conversation;
    step->seen++;
    return is_wanted(walk, conversation) ? step->fn(step->context, conversation) : OK;
}

int walk_page(struct walk *walk, struct store *store, const struct tenant_name *tenant,
              store_conversation_fn *fn, void *context)
{
    struct step step = { walk, fn, context, 0 };
    int rc;

    if (walk->done)
        return OK;
    rc = STORE_CALL(store, conversations, tenant, walk->filter, walk->before_ms, walk->after,
                    walk->limit, take_step, &step);
    if (rc == WALK_ENOUGH)
        return OK;
    if (rc == OK && step.seen < walk->limit)
        walk->done = true;
    return rc;
}

struct listing {
    const struct live_tenant *tenant;
    json_t *items;
};

static int list_one(void *context, const struct stored_conversation *conversation)
{
    struct listing *listing = context;

    return json_array_append_new(listing->items,
                                 conversation_view(listing->tenant, conversation)) == 0
               ? 0
               : RAISE(ERR_NO_MEMORY);
}

void walk_answer(struct call *call, struct walk *walk)
{
    struct listing listing = { call->tenant, json_array() };
    char next[PAGE_CURSOR_BYTES] = "";
    int rc = walk_page(walk, call->core->store, &call->tenant->about.name, list_one, &listing);

    if (rc != OK) {
        json_decref(listing.items);
        answer_failed(call, rc);
        return;
    }
    if (!walk->done)
        page_cursor(walk->before_ms, walk->after.id, next);
    answer_page(call, listing.items, next);
}
