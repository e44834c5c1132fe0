/* SPDX-License-Identifier: Apache-2.0
 *
 * A sample for coding by hand, drawn (presence/sampling.h) and stored. Who reads it stands in
 * handle_assignments.c, what happens to its chats in handle_by_hand.c.
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/writing.h"

#include "base/grow.h"
#include "presence/sampling.h"
#include "storage/samples.h"

enum { CHATS_DEFAULT = 60, WITH_DEFAULT = 50, SEED_DEFAULT = 1 };

/* --- drawing --- */

/* What is to be stored outlives the task: the writer has it when the work is done. */
struct drawn {
    struct sample_bulk bulk;
    json_t *strata;
};

struct drawing {
    struct task task;
    struct sample_frame frame;
    char machine[CODER_NAME_MAX], *codes; /* codes owned: a JSON list */
    uint64_t wanted, with_percent;
    struct sampling *sampling;
    struct conversation_id *frame_ids; /* owned; as told to the sampling */
    size_t count, cap, uncoded;
    struct drawn *drawn; /* NULL once the writer has it */
};

static int take_chat(void *context, const struct sample_chat *chat)
{
    struct drawing *drawing = context;

    if (GROW(drawing->frame_ids, drawing->count, &drawing->cap) != OK)
        return ERR_NO_MEMORY;
    drawing->frame_ids[drawing->count++] = chat->conversation;
    drawing->uncoded += !chat->coded;
    return sampling_add(drawing->sampling, chat->language, chat->stage, chat->with);
}

static int keep_places(const struct drawing *drawing, struct sample_bulk *bulk)
{
    const struct sampling *sampling = drawing->sampling;

    bulk->places = calloc(sampling_count(sampling) + 1, sizeof(*bulk->places));
    if (bulk->places == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (; bulk->count < sampling_count(sampling); bulk->count++) {
        struct sampling_drawn drawn = sampling_drawn(sampling, bulk->count);
        struct sample_place *place = &bulk->places[bulk->count];

        place->conversation = drawing->frame_ids[drawn.chat];
        place->weight = drawn.weight;
        (void)slice_copy(slice_of(sampling_stratum(sampling, drawn.stratum)->name), place->stratum,
                         sizeof(place->stratum));
    }
    return OK;
}

static json_t *strata_of(const struct sampling *sampling)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sampling_strata(sampling); i++) {
        const struct sampling_stratum *stratum = sampling_stratum(sampling, i);

        (void)json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "stratum", stratum->name,
                                                    "chats", (json_int_t)stratum->chats, "drawn",
                                                    (json_int_t)stratum->drawn));
    }
    return list;
}

static int run_draw(struct task *base)
{
    struct drawing *drawing = (struct drawing *)base;
    int rc = sampling_new(&drawing->sampling);

    if (rc == OK)
        rc = samples_frame(base->view, &base->tenant, &drawing->frame, take_chat, drawing);
    if (rc != OK || drawing->uncoded > 0)
        return rc;
    rc = sampling_draw(drawing->sampling, (size_t)drawing->wanted, (unsigned)drawing->with_percent,
                       drawing->drawn->bulk.seed);
    if (rc == OK)
        rc = keep_places(drawing, &drawing->drawn->bulk);
    drawing->drawn->strata = strata_of(drawing->sampling);
    return rc;
}

static void drawn_free(void *job)
{
    struct drawn *drawn = job;

    if (drawn == NULL)
        return;
    sample_bulk_release(&drawn->bulk);
    json_decref(drawn->strata);
    free(drawn);
}

static void release_draw(struct task *base)
{
    struct drawing *drawing = (struct drawing *)base;

    drawn_free(drawing->drawn);
    (void)sampling_free(drawing->sampling);
    free(drawing->frame_ids);
    free(drawing->codes);
    free(drawing);
}

static void answer_drawn(struct call *call, void *job)
{
    const struct drawn *drawn = job;

    const struct sample_bulk *bulk = &drawn->bulk;

    if (bulk->exists) {
        answer_problem(call, 409, "sample_exists", "There is a sample of that name already.");
        return;
    }
    answer_json(call, 201,
                json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:O}", "sample", bulk->name, "book",
                          bulk->book, "machine", bulk->machine, "codes", json_words(bulk->codes),
                          "seed", (json_int_t)bulk->seed, "chats", (json_int_t)bulk->count,
                          "strata", drawn->strata));
}

static void answer_draw(struct task *base, struct call *call)
{
    struct drawing *drawing = (struct drawing *)base;
    struct drawn *drawn = drawing->drawn;
    static const struct writing_way way = { .answer = answer_drawn,
                                            .release = drawn_free,
                                            .failed =
                                                "The sample could not be stored; try again." };

    if (drawing->uncoded > 0) {
        answer_problem(call, 409, "not_coded",
                       "%zu chats are not coded by %s yet: let the machine code them first.",
                       drawing->uncoded, drawing->machine);
        return;
    }
    if (drawn->bulk.count == 0) {
        answer_problem(call, 409, "nothing_there", "There is no ended chat to draw from.");
        return;
    }
    drawing->drawn = NULL;
    writing_begin(call, &base->tenant, &drawn->bulk.bulk, drawn, &way);
}

/* --- what is asked for --- */

static uint64_t number_or(const struct call *call, const char *key, uint64_t absent)
{
    uint64_t value = absent;

    (void)!json_get_uint(call->body, key, &value);
    return value;
}

/* The codes asked for, or all of the rare groups. NULL: out of memory. */
static json_t *codes_asked(const struct call *call)
{
    json_t *list = json_object_get(call->body, "codes");

    if (json_array_size(list) > 0)
        return json_incref(list);
    list = json_array();
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++) {
        const struct presence_code_row *row = presence_code_row(code);

        if (row->group == PRESENCE_RELATIONSHIP || row->group == PRESENCE_WORD_OF_MOUTH)
            (void)json_array_append_new(list, json_string(row->id));
    }
    return list;
}

static bool read_codes(struct call *call, struct drawing *drawing)
{
    AUTO_JSON list = codes_asked(call);
    const json_t *value;
    AUTO_BUF words;
    size_t i;

    buf_init(&words, 4096);
    json_array_foreach(list, i, value)
    {
        enum presence_code code;

        if (presence_code_find(slice_of(json_string_value(value)), &code) != 0) {
            answer_problem(call, 400, "bad_field", "\"codes\" holds what is no code of the book.");
            return false;
        }
        buf_addf(&words, "%s%s", i > 0 ? " " : "", json_string_value(value));
    }
    drawing->codes = json_dumps(list, JSON_COMPACT);
    drawing->drawn->bulk.codes = slice_dup(buf_slice(&words));
    return true;
}

static bool read_draw(struct call *call, struct drawing *drawing)
{
    struct sample_bulk *bulk = &drawing->drawn->bulk;

    if (!body_line(call, "sample", CODER_POINTS_MAX, NULL, &bulk->name) ||
        !read_codes(call, drawing))
        return false;
    drawing->wanted = number_or(call, "chats", CHATS_DEFAULT);
    drawing->with_percent = number_or(call, "with_percent", WITH_DEFAULT);
    bulk->seed = number_or(call, "seed", SEED_DEFAULT);
    bulk->made_ms = core_now_ms(call->core);
    bulk->book = strdup(PRESENCE_CODEBOOK_VERSION);
    bulk->machine = strdup(drawing->machine);
    drawing->frame = (struct sample_frame){ .machine = { slice_of(drawing->machine),
                                                         SLICE_LITERAL(PRESENCE_CODEBOOK_VERSION) },
                                            .codes = drawing->codes };
    if (bulk->book != NULL && bulk->machine != NULL && bulk->codes != NULL &&
        drawing->codes != NULL && bulk->name != NULL)
        return true;
    answer_failed(call, RAISE(ERR_NO_MEMORY));
    return false;
}

void handle_presence_sample(struct call *call)
{
    const struct presence_rules *rules = machine_rules(call);
    struct drawing *drawing;

    if (rules == NULL)
        return;
    drawing = calloc(1, sizeof(*drawing));
    if (drawing != NULL)
        drawing->drawn = calloc(1, sizeof(*drawing->drawn));
    if (drawing == NULL || drawing->drawn == NULL) {
        free(drawing);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    sample_bulk_init(&drawing->drawn->bulk);
    drawing->task =
        (struct task){ .run = run_draw, .answer = answer_draw, .release = release_draw };
    machine_name(rules, drawing->machine);
    if (read_draw(call, drawing))
        task_begin(call, &drawing->task, WORK_LONG, "sample", true);
    else
        release_draw(&drawing->task);
}
