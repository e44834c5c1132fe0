/* SPDX-License-Identifier: Apache-2.0
 *
 * Who reads what of a sample: dealt out to two coders a chat, and listed with how far each is.
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/presence/sample_status.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/views.h"
#include "server-bridge/core/api/writing.h"

#include "base/grow.h"
#include "presence/sampling.h"
#include "storage/samples.h"

enum { CODERS_MAX = 8 };

/* --- dealing out --- */

struct dealt {
    struct deal_bulk bulk;
    size_t kept;
};

struct dealing {
    struct task task;
    char *coders[CODERS_MAX]; /* owned */
    size_t coder_count;
    struct dealt *dealt; /* NULL once the writer has it */
    size_t cap, place;
};

/* Whoever is done with a chat keeps it; the rest is dealt anew. */
static int deal_one(struct dealing *dealing, const struct sampled *row, struct deal *deal)
{
    struct slice coders[2];
    size_t pair[2];

    sampling_pair(dealing->place++, dealing->coder_count, pair);
    for (int i = 0; i < 2; i++)
        coders[i] = row->done[i] ? row->coders[i] : slice_of(dealing->coders[pair[i]]);
    for (int i = 0; i < 2; i++)
        if (!row->done[i] && slice_equal(coders[0], coders[1]))
            coders[i] = slice_of(dealing->coders[pair[1 - i]]);
    *deal = (struct deal){ .place = row->place,
                           .coders = { slice_dup(coders[0]), slice_dup(coders[1]) } };
    return deal->coders[0] != NULL && deal->coders[1] != NULL ? OK : RAISE(ERR_NO_MEMORY);
}

static int take_place(void *context, const struct sampled *row)
{
    struct dealing *dealing = context;
    struct deal_bulk *bulk = &dealing->dealt->bulk;

    dealing->dealt->kept += row->done[0] + row->done[1];
    if (GROW(bulk->deals, bulk->count, &dealing->cap) != OK)
        return ERR_NO_MEMORY;
    return deal_one(dealing, row, &bulk->deals[bulk->count++]);
}

static int run_deal(struct task *base)
{
    struct dealing *dealing = (struct dealing *)base;

    return samples_read(base->view, &base->tenant, slice_of(dealing->dealt->bulk.sample),
                        take_place, dealing);
}

static void dealt_free(void *job)
{
    struct dealt *dealt = job;

    if (dealt != NULL)
        deal_bulk_release(&dealt->bulk);
    free(dealt);
}

static void release_deal(struct task *base)
{
    struct dealing *dealing = (struct dealing *)base;

    for (size_t i = 0; i < dealing->coder_count; i++)
        free(dealing->coders[i]);
    dealt_free(dealing->dealt);
    free(dealing);
}

static void answer_dealt(struct call *call, void *job)
{
    const struct dealt *dealt = job;

    answer_json(call, 200,
                json_pack("{s:s, s:I, s:I}", "sample", dealt->bulk.sample, "chats",
                          (json_int_t)dealt->bulk.count, "codings_kept", (json_int_t)dealt->kept));
}

static void answer_deal(struct task *base, struct call *call)
{
    static const struct writing_way way = { .answer = answer_dealt,
                                            .release = dealt_free,
                                            .failed = "It could not be stored; try again." };
    struct dealing *dealing = (struct dealing *)base;
    struct dealt *dealt = dealing->dealt;

    dealing->dealt = NULL;
    writing_begin(call, &base->tenant, &dealt->bulk.bulk, dealt, &way);
}

static bool has_coder(const struct dealing *dealing, const char *name)
{
    for (size_t i = 0; i < dealing->coder_count; i++)
        if (strcmp(dealing->coders[i], name) == 0)
            return true;
    return false;
}

static bool read_coders(struct call *call, struct dealing *dealing)
{
    const json_t *list = json_object_get(call->body, "coders"), *value;
    size_t i;

    json_array_foreach(list, i, value)
    {
        const char *name = json_string_value(value);

        if (i == CODERS_MAX || !coder_is_person(name) || has_coder(dealing, name))
            break;
        dealing->coders[i] = strdup(name);
        if (dealing->coders[i] == NULL)
            break;
        dealing->coder_count++;
    }
    if (dealing->coder_count >= 2 && dealing->coder_count == json_array_size(list))
        return true;
    answer_problem(call, 400, "bad_field",
                   "\"coders\" must be the names of two to eight people, each of them once.");
    return false;
}

void handle_presence_assign(struct call *call)
{
    struct dealing *dealing = calloc(1, sizeof(*dealing));

    if (dealing != NULL)
        dealing->dealt = calloc(1, sizeof(*dealing->dealt));
    if (dealing == NULL || dealing->dealt == NULL) {
        free(dealing);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    dealing->task = (struct task){
        .run = run_deal, .answer = answer_deal, .what = "sample", .release = release_deal
    };
    deal_bulk_init(&dealing->dealt->bulk);
    if (body_line(call, "sample", CODER_POINTS_MAX, NULL, &dealing->dealt->bulk.sample) &&
        read_coders(call, dealing))
        task_begin(call, &dealing->task, WORK_QUICK, "assignment", true);
    else
        release_deal(&dealing->task);
}

/* --- how far they are --- */

struct listing {
    struct task task;
    json_t *items;
};

static int run_list(struct task *base)
{
    struct listing *listing = (struct listing *)base;

    return sample_status_list(base->view, &base->tenant, listing->items);
}

static void answer_list(struct task *base, struct call *call)
{
    struct listing *listing = (struct listing *)base;

    answer_ordered(call, json_incref(listing->items), "sample");
}

static void release_list(struct task *base)
{
    struct listing *listing = (struct listing *)base;

    json_decref(listing->items);
    free(listing);
}

void handle_presence_samples(struct call *call)
{
    struct listing *listing = calloc(1, sizeof(*listing));

    if (listing != NULL)
        listing->items = json_array();
    if (listing == NULL || listing->items == NULL) {
        free(listing);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    listing->task =
        (struct task){ .run = run_list, .answer = answer_list, .release = release_list };
    task_begin(call, &listing->task, WORK_QUICK, "samples", false);
}
