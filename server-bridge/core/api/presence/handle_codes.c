/* SPDX-License-Identifier: Apache-2.0
 *
 * People's codes coming in, who has coded what, and the code book. A person's codes come as the
 * lines they were read from, with `codes` beside each message; what the code book does not know,
 * or what does not fit the conversation as it is stored, is refused line by line. They come in two
 * ways: brought along by whoever may, and coded here, by those whom a sample was dealt to.
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/codes_in.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/views.h"
#include "server-bridge/core/api/writing.h"

#include "presence/classes.h"
#include "presence/figures/figures.h"
#include "storage/samples.h"

#include <stdio.h>

/* --- the code book --- */

static void add_classes(json_t *code, const struct presence_rules *rules, enum presence_code which)
{
    static const char *const languages[] = { "en", "fi", "sv" };
    json_t *classes = json_object();

    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        const char letter[2] = {
            presence_class_letter(presence_class_of(rules, languages[i], which).class_), '\0'
        };

        (void)json_object_set_new(classes, languages[i], json_string(letter));
    }
    (void)json_object_set_new(code, "class", classes);
}

void handle_presence_codebook(struct call *call)
{
    const struct presence_rules *rules = machine_rules(call);
    json_t *codes = json_array(), *functions = json_array();

    if (rules == NULL) {
        json_decref(codes);
        json_decref(functions);
        return;
    }
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++) {
        const struct presence_code_row *row = presence_code_row(code);
        json_t *entry = json_pack("{s:s, s:s, s:s}", "code", row->id, "group",
                                  presence_group_name(row->group), "meaning", row->meaning);

        add_classes(entry, rules, code);
        (void)json_array_append_new(codes, entry);
    }
    for (enum figures_function function = 0; function < FUNCTION_COUNT; function++)
        (void)json_array_append_new(functions,
                                    json_pack("{s:s, s:s}", "code", figures_function_id(function),
                                              "meaning", figures_function_meaning(function)));
    answer_json(call, 200,
                json_pack("{s:s, s:s, s:o, s:o}", "version", PRESENCE_CODEBOOK_VERSION, "rules",
                          presence_rules_version(rules), "codes", codes, "functions", functions));
}

/* --- who has coded --- */

static int list_coder(void *context, const struct stored_coder *row)
{
    json_t *entry =
        json_pack("{s:s%, s:s%, s:I, s:o}", "coder", row->name.data, row->name.len, "book",
                  row->book.data, row->book.len, "conversations", (json_int_t)row->conversations,
                  "latest", json_time_or_null(row->latest_ms));

    return json_array_append_new(context, entry) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

void handle_presence_coders(struct call *call)
{
    json_t *items = json_array();
    int rc = codes_coders(call->core->store, &call->tenant->about.name, list_coder, items);

    if (rc == OK) {
        answer_page(call, items, "");
        return;
    }
    json_decref(items);
    answer_failed(call, rc);
}

/* --- a person's codes --- */

struct adding {
    struct codes_bulk bulk;
    json_t *body; /* the codes borrow from it */
    bool dealt;   /* only what a sample has dealt to this coder, and is not coded yet */
    json_t *refused;
    size_t *places; /* owned: where each coding stood in what was sent */
    size_t messages;
};

static void refuse(struct adding *adding, size_t item, const char *why)
{
    (void)json_array_append_new(adding->refused,
                                json_pack("{s:I, s:s}", "item", (json_int_t)item, "why", why));
}

/* NULL: it is this coder's to code; else why not. */
static const char *look(const struct call *call, const struct adding *adding,
                        struct conversation_id id)
{
    bool waits = false;
    int rc = samples_waits(call->core->store, &call->tenant->about.name,
                           slice_of(adding->bulk.coder), id, &waits);

    if (rc != OK)
        return "The samples cannot be read now.";
    return waits ? NULL : "No sample has dealt it to this coder, or it is coded already.";
}

/* What was sent twice in one go is not known to the store yet. */
static bool is_there(const struct adding *adding, struct conversation_id id)
{
    for (size_t i = 0; i < adding->bulk.count; i++)
        if (conversation_id_equal(adding->bulk.codings[i].conversation, id))
            return true;
    return false;
}

static const char *read_item(const struct call *call, const struct adding *adding,
                             const json_t *item, struct coding *coding)
{
    const char *wrong = codes_in_read(item, tenant_born(&call->tenant->about), coding);

    if (wrong == NULL && is_there(adding, coding->conversation))
        return "It is there twice: the first counts.";
    return wrong == NULL && adding->dealt ? look(call, adding, coding->conversation) : wrong;
}

static int read_items(const struct call *call, struct adding *adding)
{
    const json_t *list = json_object_get(adding->body, "transcripts"), *item;
    size_t i;

    adding->bulk.codings = calloc(json_array_size(list) + 1, sizeof(*adding->bulk.codings));
    adding->places = calloc(json_array_size(list) + 1, sizeof(*adding->places));
    if (adding->bulk.codings == NULL || adding->places == NULL)
        return RAISE(ERR_NO_MEMORY);
    json_array_foreach(list, i, item)
    {
        struct coding *coding = &adding->bulk.codings[adding->bulk.count];
        const char *wrong = read_item(call, adding, item, coding);

        if (wrong == NULL) {
            adding->messages += coding->last_seq;
            adding->places[adding->bulk.count++] = i;
            continue;
        }
        free(coding->codes);
        *coding = (struct coding){ 0 };
        refuse(adding, i, wrong);
    }
    return OK;
}

static void adding_free(void *job)
{
    struct adding *adding = job;

    codes_bulk_release(&adding->bulk);
    json_decref(adding->refused);
    json_decref(adding->body);
    free(adding->places);
    free(adding);
}

static void answer_counts(struct call *call, void *job)
{
    struct adding *adding = job;
    size_t coded = 0;

    for (size_t i = 0; i < adding->bulk.count; i++) {
        static const char *const wrong[] = {
            [CODING_UNKNOWN] =
                "There is no such conversation, or it has another number of messages.",
            [CODING_BEYOND] = "A span ends beyond the text of its message.",
        };
        enum coding_fate fate = adding->bulk.codings[i].fate;

        if (fate == CODING_STORED)
            coded++;
        else
            refuse(adding, adding->places[i], wrong[fate]);
    }
    answer_json(call, 200,
                json_pack("{s:I, s:I, s:I, s:O}", "imported", (json_int_t)coded, "known",
                          (json_int_t)0, "messages", (json_int_t)adding->messages, "refused",
                          adding->refused));
}

static int prepare(struct call *call, struct adding *adding, struct slice coder)
{
    int rc;

    adding->body = json_incref(call->body);
    adding->refused = json_array();
    rc = codes_bulk_init(&adding->bulk, coder, PRESENCE_CODEBOOK_VERSION, core_now_ms(call->core));
    return rc == OK ? read_items(call, adding) : rc;
}

static void take(struct call *call, const char *coder, bool dealt)
{
    static const struct writing_way way = { .answer = answer_counts,
                                            .release = adding_free,
                                            .failed = "The codes could not be stored; try again." };
    struct adding *adding = calloc(1, sizeof(*adding));
    int rc = adding == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (asprintf(&call->changed, "coder=%s", coder) < 0)
        call->changed = NULL;
    if (rc == OK) {
        adding->dealt = dealt;
        rc = prepare(call, adding, slice_of(coder));
    }
    if (rc == OK) {
        writing_begin(call, &call->tenant->about.name, &adding->bulk.bulk, adding, &way);
        return;
    }
    if (adding != NULL)
        adding_free(adding);
    answer_failed(call, rc);
}

void handle_presence_codes_add(struct call *call)
{
    AUTO_MEM char *coder = NULL;

    if (!body_line(call, "coder", CODER_POINTS_MAX, NULL, &coder))
        return;
    if (coder_is_person(coder) || (coder != NULL && strcmp(coder, SAMPLES_SETTLED) == 0))
        take(call, coder, false);
    else
        answer_problem(call, 400, "bad_field",
                       "\"coder\" must be a person's name, or " SAMPLES_SETTLED
                       "; machine is taken.");
}

/* What was settled on is for those to say who may take in any codes. */
void handle_presence_coded(struct call *call)
{
    AUTO_MEM char *asked = NULL;
    const char *coder;

    if (!body_line(call, "coder", CODER_POINTS_MAX, NULL, &asked))
        return;
    coder = coder_of(call, asked != NULL ? asked : "");
    if (coder == NULL)
        return;
    if (strcmp(coder, SAMPLES_SETTLED) == 0 && call->caller.authority < AUTHORITY_SUPERVISOR)
        answer_problem(call, 403, "forbidden", "To settle takes the authority of supervisor.");
    else
        take(call, coder, true);
}
