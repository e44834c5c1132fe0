/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of buyers to a survey, those who chatted and those who did not
 * (presence/figures/effect.h). The survey is the site's own; what it heard is taken in here.
 * core/survey/ asks by itself.
 */
#include "server-bridge/core/api/handlers.h"

#include "server-bridge/core/api/presence/buyers_in.h"
#include "server-bridge/core/api/writing.h"

struct taking {
    struct buyers_bulk bulk;
    json_t *body; /* the buyers borrow from it */
    json_t *refused;
};

/* --- all of them --- */

static int read_buyers(const struct call *call, struct taking *taking)
{
    const json_t *list = json_object_get(taking->body, "buyers"), *item;
    size_t i;

    taking->bulk.buyers = calloc(json_array_size(list) + 1, sizeof(*taking->bulk.buyers));
    if (taking->bulk.buyers == NULL)
        return RAISE(ERR_NO_MEMORY);
    json_array_foreach(list, i, item)
    {
        const char *wrong = buyers_in_read(item, call->core, &call->tenant->about,
                                           &taking->bulk.buyers[taking->bulk.count]);

        if (wrong == NULL)
            taking->bulk.count++;
        else
            (void)json_array_append_new(
                taking->refused, json_pack("{s:I, s:s}", "item", (json_int_t)i, "why", wrong));
    }
    return OK;
}

static void taking_free(void *job)
{
    struct taking *taking = job;

    free(taking->bulk.buyers);
    json_decref(taking->body);
    json_decref(taking->refused);
    free(taking);
}

static void answer_taken(struct call *call, void *job)
{
    const struct taking *taking = job;

    answer_json(call, 200,
                json_pack("{s:I, s:I, s:O}", "imported", (json_int_t)taking->bulk.added, "known",
                          (json_int_t)(taking->bulk.count - taking->bulk.added), "refused",
                          taking->refused));
}

void handle_presence_buyers(struct call *call)
{
    static const struct writing_way way = { .answer = answer_taken,
                                            .release = taking_free,
                                            .failed =
                                                "The answers could not be stored; try again." };
    struct taking *taking = calloc(1, sizeof(*taking));
    int rc = taking == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK) {
        buyers_bulk_init(&taking->bulk);
        taking->body = json_incref(call->body);
        taking->refused = json_array();
        rc = read_buyers(call, taking);
    }
    if (rc == OK) {
        writing_begin(call, &call->tenant->about.name, &taking->bulk.bulk, taking, &way);
        return;
    }
    if (taking != NULL)
        taking_free(taking);
    answer_failed(call, rc);
}
