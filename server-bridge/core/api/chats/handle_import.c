/* SPDX-License-Identifier: Apache-2.0
 *
 * Transcripts from elsewhere. One request brings as many as its body holds; they are stored in
 * one piece by the tenant's own writer, between the words of those who chat meanwhile. The
 * answer comes after the commit, so whoever imports sends the next batch no faster than the
 * disk takes them.
 */
#include "server-bridge/core/api/chats/search_index.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include "storage/import.h"

struct importing {
    struct import import;
    struct call *call; /* NULL: gone; it is stored all the same */
    struct core *core;
    struct tenant_name tenant;
    json_t *body; /* the transcripts borrow from it */
    json_t *refused;
};

static void add_refusal(struct importing *importing, size_t item, const char *why)
{
    (void)json_array_append_new(importing->refused,
                                json_pack("{s:I, s:s}", "item", (json_int_t)item, "why", why));
}

/* Reads all that can be read; the others are refused one by one. */
static int read_items(struct importing *importing, const struct tenant_name *tenant)
{
    const json_t *list = json_object_get(importing->body, "transcripts");
    struct import_item *items = calloc(json_array_size(list) + 1, sizeof(*items));
    size_t count = 0;
    AUTO_BUF problem;
    int rc = items == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    buf_init(&problem, 4096);
    for (size_t i = 0; rc == OK && i < json_array_size(list); i++) {
        buf_clear(&problem);
        rc = transcript_read(json_array_get(list, i), tenant, &items[count].transcript, &problem);
        if (rc == OK) {
            items[count++].place = i;
        } else if (rc == TRANSCRIPT_E_REFUSED) {
            add_refusal(importing, i, problem.data);
            rc = OK;
        }
    }
    import_init(&importing->import, items, count);
    return rc;
}

static void importing_free(struct importing *importing)
{
    import_release(&importing->import);
    json_decref(importing->refused);
    json_decref(importing->body);
    free(importing);
}

/* The call is over before the writer is: done() finds nobody to tell. */
static void forget_call(void *job)
{
    ((struct importing *)job)->call = NULL;
}

static void answer_counts(struct call *call, struct importing *importing)
{
    size_t added = 0, known = 0, messages = 0;

    for (size_t i = 0; i < importing->import.count; i++) {
        const struct import_item *item = &importing->import.items[i];

        if (item->verdict == IMPORT_CLASH)
            add_refusal(importing, item->place,
                        "Another conversation with this id is there already.");
        added += item->verdict == IMPORT_NEW;
        known += item->verdict == IMPORT_KNOWN;
        messages += item->verdict == IMPORT_NEW ? item->transcript.message_count : 0;
    }
    answer_json(call, 200,
                json_pack("{s:I, s:I, s:I, s:O}", "imported", (json_int_t)added, "known",
                          (json_int_t)known, "messages", (json_int_t)messages, "refused",
                          importing->refused));
}

static void on_stored(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct importing *importing = (struct importing *)bulk;
    struct call *call = importing->call;

    bool more = json_is_true(json_object_get(importing->body, "more"));

    if (outcome == STORE_DONE && !more && importing->core->works != NULL)
        index_catch_up(importing->core, &importing->tenant, NULL);
    if (call != NULL && outcome == STORE_DONE)
        answer_counts(call, importing);
    else if (call != NULL)
        answer_problem(call, 503, "not_saved", "This batch could not be stored; try again.");
    importing_free(importing);
}

void handle_transcripts_import(struct call *call)
{
    struct importing *importing = calloc(1, sizeof(*importing));
    int rc = importing == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK) {
        importing->core = call->core;
        importing->tenant = call->tenant->about.name;
        importing->body = json_incref(call->body);
        importing->refused = json_array();
        rc = read_items(importing, &call->tenant->about.name);
    }
    if (rc == OK && !call_keep(call, "import", NULL))
        rc = RAISE(ERR_NO_MEMORY);
    if (rc == OK) {
        importing->import.bulk.done = on_stored;
        importing->call = call;
        call->job = importing;
        call->release_job = forget_call;
        rc =
            STORE_CALL(call->core->store, bulk, &call->tenant->about.name, &importing->import.bulk);
    }
    if (rc == OK)
        return;
    call->release_job = NULL;
    if (importing != NULL)
        importing_free(importing);
    answer_failed(call, rc);
}
