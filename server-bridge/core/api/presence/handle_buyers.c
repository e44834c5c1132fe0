/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of buyers to a survey, those who chatted and those who did not (presence/effect.h). The
 * survey is the site's own; what it heard is taken in here. core/survey/ asks by itself.
 */
#include "server-bridge/core/api/handlers.h"

#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/api/presence/buyers_in.h"

struct taking {
    struct buyers_bulk bulk;
    struct call *call; /* NULL: gone; they are stored all the same */
    json_t *body;      /* the buyers borrow from it */
    json_t *refused;
};

/* --- all of them --- */

static int read_buyers(struct taking *taking)
{
    const json_t *list = json_object_get(taking->body, "buyers"), *item;
    size_t i;

    taking->bulk.buyers = calloc(json_array_size(list) + 1, sizeof(*taking->bulk.buyers));
    if (taking->bulk.buyers == NULL)
        return RAISE(ERR_NO_MEMORY);
    json_array_foreach(list, i, item)
    {
        const char *wrong =
            buyers_in_read(item, taking->call->core, &taking->call->tenant->about.name,
                           &taking->bulk.buyers[taking->bulk.count]);

        if (wrong == NULL)
            taking->bulk.count++;
        else
            (void)json_array_append_new(
                taking->refused, json_pack("{s:I, s:s}", "item", (json_int_t)i, "why", wrong));
    }
    return OK;
}

static void taking_free(struct taking *taking)
{
    free(taking->bulk.buyers);
    json_decref(taking->body);
    json_decref(taking->refused);
    free(taking);
}

static void on_stored(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct taking *taking = (struct taking *)bulk;

    if (taking->call != NULL && outcome == STORE_DONE)
        answer_json(taking->call, 200,
                    json_pack("{s:I, s:I, s:O}", "imported", (json_int_t)taking->bulk.added,
                              "known", (json_int_t)(taking->bulk.count - taking->bulk.added),
                              "refused", taking->refused));
    else if (taking->call != NULL)
        answer_problem(taking->call, 503, "not_saved",
                       "The answers could not be stored; try again.");
    taking_free(taking);
}

static void forget_call(void *job)
{
    ((struct taking *)job)->call = NULL;
}

void handle_presence_buyers(struct call *call)
{
    struct taking *taking = calloc(1, sizeof(*taking));
    int rc = taking == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK) {
        buyers_bulk_init(&taking->bulk);
        taking->bulk.bulk.done = on_stored;
        taking->body = json_incref(call->body);
        taking->refused = json_array();
        taking->call = call;
        rc = read_buyers(taking);
    }
    if (rc == OK && !call_keep(call, "buyers", NULL))
        rc = RAISE(ERR_NO_MEMORY);
    if (rc == OK) {
        call->job = taking;
        call->release_job = forget_call;
        rc = STORE_CALL(call->core->store, bulk, &call->tenant->about.name, &taking->bulk.bulk);
    }
    if (rc == OK)
        return;
    call->release_job = NULL;
    if (taking != NULL)
        taking_free(taking);
    answer_failed(call, rc);
}
