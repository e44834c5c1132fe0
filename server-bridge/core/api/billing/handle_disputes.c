/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of closed statements that a tenant contests, and what was decided. A closed statement is
 * never changed: what is accepted is a credit on the next one.
 */
#include "server-bridge/core/api/billing/changing.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

static json_t *view(const struct billing_dispute *dispute)
{
    return json_pack("{s:I, s:s%, s:I, s:o, s:s, s:s%, s:o, s:s%, s:o, s:o, s:o, s:o, s:I}",
                     "dispute", (json_int_t)dispute->number, "month", dispute->month.data,
                     dispute->month.len, "line", (json_int_t)dispute->line, "conversation",
                     json_id(dispute->conversation), "state", dispute_state_name(dispute->state),
                     "reason", dispute->reason.data, dispute->reason.len, "made_at",
                     json_time_or_null(dispute->made_ms), "made_by", dispute->made_by.data,
                     dispute->made_by.len, "answer", json_text_or_null(dispute->answer),
                     "decided_at", json_time_or_null(dispute->decided_ms), "decided_by",
                     json_text_or_null(dispute->decided_by), "credited_in",
                     json_text_or_null(dispute->credited), "amount", (json_int_t)dispute->amount);
}

struct listing {
    json_t *items;
    struct slice state;
};

static int add_view(void *context, const struct billing_dispute *dispute)
{
    const struct listing *listing = context;

    if (listing->state.len > 0 && !slice_is(listing->state, dispute_state_name(dispute->state)))
        return 0;
    return json_array_append_new(listing->items, view(dispute)) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

static bool is_state(struct slice text)
{
    for (enum dispute_state state = 0; state < DISPUTE_STATE_COUNT; state++)
        if (slice_is(text, dispute_state_name(state)))
            return true;
    return text.len == 0;
}

void handle_billing_disputes_list(struct call *call)
{
    struct listing listing = { .state = query_get(&call->query, "state") };
    int rc;

    if (!is_state(listing.state)) {
        answer_problem(call, 400, "bad_parameter", "\"state\" must be open, accepted or rejected.");
        return;
    }
    listing.items = json_array();
    rc = billing_disputes(call->core->store, &call->tenant->about.name, add_view, &listing);
    if (rc == OK) {
        answer_ordered(call, listing.items, "dispute");
        return;
    }
    json_decref(listing.items);
    answer_failed(call, rc);
}

/* --- contesting and deciding --- */

struct looking {
    uint64_t number;
    json_t *found;
};

static int look(void *context, const struct billing_dispute *dispute)
{
    struct looking *looking = context;

    if (dispute->number != looking->number)
        return 0;
    looking->found = view(dispute);
    return 1;
}

static void made(struct call *call, const struct billing_change *change)
{
    struct live_tenant *tenant = call_tenant(call);
    struct looking looking = { change->number, NULL };

    if (asprintf(&call->changed, "dispute=%llu", (unsigned long long)change->number) < 0)
        call->changed = NULL;
    if (tenant != NULL)
        (void)!billing_disputes(call->core->store, &tenant->about.name, look, &looking);
    answer_json(call, change->line > 0 ? 201 : 200, looking.found);
}

/* One line for people, owned by the change. False: answered. */
static bool read_line(struct call *call, struct changing *changing, const char *key,
                      const char *when_absent)
{
    enum { LINE_MAX_POINTS = 500 };

    if (!body_line(call, key, LINE_MAX_POINTS, when_absent, &changing->text))
        return false;
    changing->change.text = slice_of(changing->text != NULL ? changing->text : "");
    return true;
}

void handle_billing_dispute_add(struct call *call)
{
    struct changing *changing = changing_new(call);
    bool fine;

    if (changing == NULL)
        return;
    billing_dispute_change(&changing->change);
    changing->made = made;
    changing->change.month = body_text(call, "month");
    changing->change.line = (uint64_t)json_integer_value(json_object_get(call->body, "line"));
    fine = read_line(call, changing, "reason", NULL);
    if (fine)
        changing_begin(call, changing);
    else
        changing_free(changing);
}

void handle_billing_dispute_decide(struct call *call)
{
    struct changing *changing = changing_new(call);

    if (changing == NULL)
        return;
    billing_decide_change(&changing->change);
    changing->made = made;
    changing->change.number = (uint64_t)json_integer_value(json_object_get(call->body, "dispute"));
    changing->change.accept = json_is_true(json_object_get(call->body, "accept"));
    if (read_line(call, changing, "answer", NULL))
        changing_begin(call, changing);
    else
        changing_free(changing);
}
