/* SPDX-License-Identifier: Apache-2.0
 *
 * How far coders agree: two who have coded conversations of this tenant, the two whom a sample was
 * dealt to, or the machine with a reference that is sent along and kept nowhere. Of a sample each
 * chat counts with its weight. A row a code, language and side; every interval
 * from a bootstrap over conversations (presence/agreement.h). Against a reference the machine is
 * measured twice, plainly and cross-validated (presence/reference.h); its class is that of the
 * rules as they are, the former.
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/presence/references.h"
#include "server-bridge/core/api/presence/sample_rows.h"
#include "server-bridge/core/api/task.h"

#include "presence/reference.h"

#include <math.h>
#include <stdio.h>

enum { LANGUAGE_MAX = 8, LANGUAGES_MAX = 16, PAGE = 256 };

struct agreeing {
    struct task task;
    const struct presence_rules *rules;
    char *reference, *first, *second, *sample; /* owned; what was asked for */
    bool wants_classes;
    char languages[LANGUAGES_MAX][LANGUAGE_MAX];
    size_t language_count;
    struct buf problems, classes;
    json_t *result, *strata; /* strata: of a sample */
};

/* What rows are made of. */
struct measured {
    const struct agreement *plain;
    const struct agreement *folds; /* NULL: two coders, of whom none was tuned */
};

/* --- rows --- */

static json_t *number(double value)
{
    return isfinite(value) ? json_real(round(value * 10000) / 10000) : json_null();
}

static json_t *measure_json(const struct agreement_measure *measure)
{
    return json_pack("{s:o, s:o, s:o}", "value", number(measure->value), "low",
                     number(measure->low), "high", number(measure->high));
}

/* A whole number, but of a sample, where it is a sum of weights. */
static json_t *sum(double value)
{
    return value == floor(value) ? json_integer((json_int_t)value) : number(value);
}

static json_t *counts_json(const struct agreement_counts *counts)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "both", sum(counts->both), "first_only",
                     sum(counts->first_only), "second_only", sum(counts->second_only), "neither",
                     sum(counts->neither));
}

static json_t *row_json(const struct agreement_query *query, const struct agreement_result *result)
{
    static const char *const roles[] = { "visitor", "agent" };

    return json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o}",
        "code", presence_code_row(query->code)->id, "language", query->language, "role",
        query->role < 0 ? "both" : roles[query->role], "messages", (json_int_t)result->units,
        "conversations", (json_int_t)result->conversations, "counts", counts_json(&result->counts),
        "prevalence", number(result->prevalence), "percent", number(result->percent.value),
        "percent_low", number(result->percent.low), "percent_high", number(result->percent.high),
        "kappa", measure_json(&result->kappa), "ac1", measure_json(&result->ac1), "alpha",
        measure_json(&result->alpha), "precision", measure_json(&result->precision), "recall",
        measure_json(&result->recall), "f1", measure_json(&result->f1));
}

static int add_row(json_t *rows, const struct measured *measured,
                   const struct agreement_query *query)
{
    struct agreement_result result, folds;
    char class[2] = "";
    json_t *row, *cross = NULL;
    int rc = agreement_measure(measured->plain, query, &result);

    if (rc != OK || result.units == 0)
        return rc;
    if (measured->folds != NULL) {
        rc = agreement_measure(measured->folds, query, &folds);
        if (rc != OK)
            return rc;
        cross = measure_json(&folds.kappa);
    }
    row = row_json(query, &result);
    class[0] = presence_class_letter(agreement_class(&result));
    (void)json_object_set_new(row, "folds", cross != NULL ? cross : json_null());
    (void)json_object_set_new(row, "class", json_string(class));
    return json_array_append_new(rows, row) == 0 ? OK : RAISE(ERR_NO_MEMORY);
}

static int add_rows(struct agreeing *agreeing, const struct measured *measured)
{
    int rc = OK;

    agreeing->result = json_array();
    for (size_t language = 0; language < agreeing->language_count; language++) {
        for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++) {
            for (int role = -1; rc == OK && role <= PRESENCE_AGENT; role++) {
                const struct agreement_query query = { .code = code,
                                                       .language = agreeing->languages[language],
                                                       .role = role,
                                                       .first = 0,
                                                       .second = 1,
                                                       .seed = 1 };

                rc = add_row(agreeing->result, measured, &query);
            }
        }
    }
    return rc;
}

static void short_language(struct slice tag, char name[LANGUAGE_MAX])
{
    tag.len = tag.len < LANGUAGE_MAX ? tag.len : LANGUAGE_MAX - 1;
    (void)slice_copy(tag, name, LANGUAGE_MAX);
    name[strcspn(name, "-")] = '\0';
}

static void note_language(struct agreeing *agreeing, struct slice tag)
{
    char name[LANGUAGE_MAX] = "";
    size_t i = 0;

    short_language(tag, name);
    while (i < agreeing->language_count && strcmp(agreeing->languages[i], name) != 0)
        i++;
    if (i == agreeing->language_count && i < LANGUAGES_MAX)
        memcpy(agreeing->languages[agreeing->language_count++], name, sizeof(name));
    else if (i == agreeing->language_count && agreeing->problems.len == 0)
        buf_addf(&agreeing->problems, "There are more than %d languages; \"%s\" is left out.\n",
                 LANGUAGES_MAX, name);
}

/* --- the machine against a reference --- */

static void note_languages_of(struct agreeing *agreeing, const struct reference *reference)
{
    const char *languages[REFERENCE_LANGUAGES_MAX];
    size_t count = reference_languages(reference, languages);

    for (size_t i = 0; i < count; i++)
        note_language(agreeing, slice_of(languages[i]));
}

static int measure_machine(struct agreeing *agreeing, const struct reference *reference,
                           struct presence_coder *coder)
{
    AUTO(agreement) plain = NULL;
    AUTO(agreement) folds = NULL;
    int rc = reference_measure(reference, coder, false, &plain);

    if (rc == OK)
        rc = reference_measure(reference, coder, true, &folds);
    if (rc == OK) {
        const struct measured measured = { plain, folds };

        note_languages_of(agreeing, reference);
        rc = add_rows(agreeing, &measured);
    }
    if (rc == OK && agreeing->wants_classes)
        rc = reference_classes(reference, coder, presence_rules_version(agreeing->rules),
                               &agreeing->classes);
    return rc;
}

static int measure_reference(struct agreeing *agreeing)
{
    AUTO(reference) reference = NULL;
    AUTO(presence_coder) coder = NULL;
    int rc = reference_new(&reference);

    if (rc == OK)
        rc = reference_add(reference, slice_of(agreeing->reference), &agreeing->problems);
    if (rc == OK)
        rc = presence_coder_new(&coder, agreeing->rules);
    return rc == OK ? measure_machine(agreeing, reference, coder) : rc;
}

/* --- two coders of the tenant --- */

struct both {
    struct agreeing *agreeing;
    struct agreement *agreement;
    struct conversation_id page[PAGE];
    uint64_t opened_ms; /* of the last of the page */
    char languages[PAGE][LANGUAGE_MAX];
    size_t count, conversations;
    presence_codes *codes[2]; /* owned; per message */
    enum message_from *from;  /* owned */
    size_t messages, cap;
    int coder;
};

static int note_head(void *context, const struct stored_conversation *row)
{
    struct both *both = context;

    short_language(conversation_language(row), both->languages[both->count]);
    both->page[both->count++] = row->conversation;
    both->opened_ms = row->opened_ms;
    return 0;
}

/* As figures count them: typed, no file's name, and not withdrawn, of which nobody can judge. */
static bool has_words(const struct stored_message *row)
{
    return row->origin == ORIGIN_TYPED && file_id_is_none(row->file.id) && row->withdrawn_ms == 0;
}

static int note_message(void *context, const struct stored_message *row)
{
    struct both *both = context;

    if (both->messages == both->cap) {
        size_t cap = both->cap == 0 ? 256 : both->cap * 2;
        presence_codes *first = realloc(both->codes[0], cap * sizeof(*first));
        presence_codes *second = realloc(both->codes[1], cap * sizeof(*second));
        enum message_from *from = realloc(both->from, cap * sizeof(*from));

        both->codes[0] = first != NULL ? first : both->codes[0];
        both->codes[1] = second != NULL ? second : both->codes[1];
        both->from = from != NULL ? from : both->from;
        if (first == NULL || second == NULL || from == NULL)
            return RAISE(ERR_NO_MEMORY);
        both->cap = cap;
    }
    both->codes[0][both->messages] = both->codes[1][both->messages] = 0;
    both->from[both->messages++] = has_words(row) ? row->from : FROM_SYSTEM;
    return 0;
}

static int note_code(void *context, const struct stored_code *row)
{
    struct both *both = context;
    enum presence_code code;

    if (row->seq > 0 && row->seq <= both->messages && presence_code_find(row->code, &code) == 0)
        both->codes[both->coder][row->seq - 1] |= PRESENCE_CODE_BIT(code);
    return 0;
}

static int add_units(struct both *both, const char *language)
{
    int rc = OK;

    both->conversations++;
    note_language(both->agreeing, slice_of(language));
    for (size_t i = 0; rc == OK && i < both->messages; i++) {
        const struct agreement_rating ratings[2] = { { ~(presence_codes)0, both->codes[0][i] },
                                                     { ~(presence_codes)0, both->codes[1][i] } };

        if (both->from[i] == FROM_VISITOR || both->from[i] == FROM_AGENT)
            rc = agreement_add(both->agreement, both->conversations, language,
                               both->from[i] == FROM_VISITOR ? PRESENCE_VISITOR : PRESENCE_AGENT,
                               ratings);
    }
    return rc;
}

/* Only what both have coded, as it is now. */
static int compare(struct both *both, struct conversation_id id, const char *language,
                   const struct slice coders[2])
{
    const struct task *task = &both->agreeing->task;
    int rc;

    both->messages = 0;
    rc = STORE_CALL(task->view, messages, &task->tenant, id, 0, SIZE_MAX, note_message, both);
    for (both->coder = 0; rc == OK && both->coder < 2; both->coder++) {
        const struct coder_key coder = { coders[both->coder],
                                         SLICE_LITERAL(PRESENCE_CODEBOOK_VERSION) };

        rc = codes_read(task->view, &task->tenant, &coder, id, note_code, both);
    }
    if (rc == STORE_E_NONE)
        return OK;
    return rc == OK ? add_units(both, language) : rc;
}

/* The place of a stratum among those met so far: its first chat's. */
static size_t stratum_of(const struct sample_rows *rows, size_t at)
{
    size_t i = 0;

    while (!slice_equal(rows->rows[i].stratum, rows->rows[at].stratum))
        i++;
    return i;
}

/* How many of a stratum are in the sample now, and how many of them could be compared. */
struct stratum_count {
    size_t drawn, compared;
};

/* Who is compared: the two asked for, or those whom each chat was dealt to. */
static int compare_rows(struct both *both, const struct sample_rows *rows,
                        struct stratum_count *counts)
{
    const struct slice asked[2] = { slice_of(both->agreeing->first),
                                    slice_of(both->agreeing->second) };
    int rc = OK;

    for (size_t i = 0; rc == OK && i < rows->count; i++) {
        const struct sampled *row = &rows->rows[i];
        size_t stratum = stratum_of(rows, i), before = both->conversations;
        char language[LANGUAGE_MAX];

        short_language(row->language, language);
        agreement_drawn(both->agreement, stratum, row->weight);
        rc = compare(both, row->conversation, language, asked[0].len > 0 ? asked : row->coders);
        counts[stratum].drawn++;
        counts[stratum].compared += both->conversations - before;
    }
    return rc;
}

/* A coder may have stopped half way: what is compared stands for all that was drawn with it, and it
 * is told how much of each stratum that is. */
static json_t *stand_for(struct both *both, const struct sample_rows *rows,
                         const struct stratum_count *counts)
{
    json_t *list = json_array();

    for (size_t i = 0; i < rows->count; i++) {
        struct slice name = rows->rows[i].stratum;

        if (counts[i].drawn == 0)
            continue;
        if (counts[i].compared > 0)
            agreement_scale(both->agreement, i,
                            (double)counts[i].drawn / (double)counts[i].compared);
        (void)json_array_append_new(list, json_pack("{s:s%, s:I, s:I}", "stratum", name.data,
                                                    name.len, "drawn", (json_int_t)counts[i].drawn,
                                                    "compared", (json_int_t)counts[i].compared));
    }
    return list;
}

static int compare_sample(struct both *both)
{
    struct agreeing *agreeing = both->agreeing;
    AUTO_MEM struct stratum_count *counts = NULL;
    struct sample_rows rows;
    int rc = sample_rows_read(agreeing->task.view, &agreeing->task.tenant,
                              slice_of(agreeing->sample), &rows);

    if (rc == OK) {
        counts = calloc(rows.count + 1, sizeof(*counts));
        rc = counts == NULL ? RAISE(ERR_NO_MEMORY) : compare_rows(both, &rows, counts);
    }
    if (rc == OK)
        agreeing->strata = stand_for(both, &rows, counts);
    sample_rows_release(&rows);
    return rc;
}

static int compare_all(struct both *both)
{
    const struct task *task = &both->agreeing->task;
    const struct slice coders[2] = { slice_of(both->agreeing->first),
                                     slice_of(both->agreeing->second) };
    struct conversation_id before = { 0 };
    int rc = OK;

    do {
        both->count = 0;
        rc = STORE_CALL(task->view, conversations, &task->tenant, LIST_ALL, both->opened_ms, before,
                        PAGE, note_head, both);
        for (size_t i = 0; rc == OK && i < both->count; i++)
            rc = compare(both, both->page[i], both->languages[i], coders);
        before = both->count > 0 ? both->page[both->count - 1] : before;
    } while (rc == OK && both->count == PAGE);
    return rc;
}

static int measure_coders(struct agreeing *agreeing)
{
    struct both *both = calloc(1, sizeof(*both));
    int rc = both == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK) {
        both->agreeing = agreeing;
        rc = agreement_new(&both->agreement, 2);
    }
    if (rc == OK)
        rc = agreeing->sample[0] != '\0' ? compare_sample(both) : compare_all(both);
    if (rc == OK) {
        const struct measured measured = { both->agreement, NULL };

        rc = both->conversations == 0 ? STORE_E_NONE : add_rows(agreeing, &measured);
    }
    if (both != NULL) {
        (void)agreement_free(both->agreement);
        free(both->codes[0]);
        free(both->codes[1]);
        free(both->from);
    }
    free(both);
    return rc;
}

/* --- the task --- */

static int run(struct task *task)
{
    struct agreeing *agreeing = (struct agreeing *)task;

    return agreeing->reference != NULL ? measure_reference(agreeing) : measure_coders(agreeing);
}

static void answer(struct task *task, struct call *call)
{
    struct agreeing *agreeing = (struct agreeing *)task;
    const char *first = agreeing->first, *second = agreeing->second;
    char machine[CODER_NAME_MAX] = "";

    if (agreeing->rules != NULL)
        machine_name(agreeing->rules, machine);
    if (agreeing->reference != NULL) {
        first = "reference";
        second = machine;
    } else if (first[0] == '\0') {
        first = "each chat's first coder";
        second = "its second";
    }
    answer_json(call, 200,
                json_pack("{s:s, s:s, s:o, s:O*, s:O, s:o, s:o}", "first", first, "second", second,
                          "sample", json_text_or_null(slice_of(agreeing->sample)), "strata",
                          agreeing->strata, "rows", agreeing->result, "classes",
                          json_text_or_null(buf_slice(&agreeing->classes)), "problems_told",
                          json_text_or_null(buf_slice(&agreeing->problems))));
}

static void release(struct task *task)
{
    struct agreeing *agreeing = (struct agreeing *)task;

    json_decref(agreeing->result);
    json_decref(agreeing->strata);
    buf_release(&agreeing->problems);
    buf_release(&agreeing->classes);
    free(agreeing->reference);
    free(agreeing->first);
    free(agreeing->second);
    free(agreeing->sample);
    free(agreeing);
}

/* Sent along, or sent before. False: the call is answered. */
static bool read_reference(struct call *call, struct agreeing *agreeing)
{
    struct slice id = body_text(call, "reference_id");

    if (id.len > 0) {
        agreeing->reference = references_take(call->core, &call->tenant->about.name, id);
        if (agreeing->reference == NULL)
            answer_not_found(call, "reference");
        return agreeing->reference != NULL;
    }
    if (json_is_string(json_object_get(call->body, "reference")))
        agreeing->reference = slice_dup(body_text(call, "reference"));
    return true;
}

static bool read_wish(struct call *call, struct agreeing *agreeing)
{
    if (!read_reference(call, agreeing))
        return false;
    agreeing->first = slice_dup(body_text(call, "first"));
    agreeing->second = slice_dup(body_text(call, "second"));
    agreeing->sample = slice_dup(body_text(call, "sample"));
    if (agreeing->reference != NULL) {
        agreeing->rules = machine_rules(call);
        return agreeing->rules != NULL;
    }
    if (agreeing->first == NULL || agreeing->second == NULL || agreeing->sample == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return false;
    }
    if ((agreeing->first[0] == '\0') == (agreeing->second[0] == '\0') &&
        (agreeing->first[0] != '\0' || agreeing->sample[0] != '\0'))
        return true;
    answer_problem(
        call, 400, "bad_field",
        "Give a \"reference\", or \"first\" and \"second\", two coders, or a \"sample\".");
    return false;
}

void handle_presence_agreement(struct call *call)
{
    struct agreeing *agreeing = calloc(1, sizeof(*agreeing));

    if (agreeing == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    agreeing->task = (struct task){ .run = run,
                                    .answer = answer,
                                    .what = "conversation that both have coded",
                                    .release = release };
    buf_init(&agreeing->problems, 64 * 1024);
    buf_init(&agreeing->classes, 64 * 1024);
    agreeing->wants_classes = json_is_true(json_object_get(call->body, "classes"));
    if (read_wish(call, agreeing))
        task_begin(call, &agreeing->task, WORK_LONG, "agreement", false);
    else
        release(&agreeing->task);
}
