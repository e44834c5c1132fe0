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
#include "server-bridge/core/api/writing.h"

#include "storage/transcripts/import.h"

struct importing {
    struct import import;
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

static void importing_free(void *job)
{
    struct importing *importing = job;

    import_release(&importing->import);
    json_decref(importing->refused);
    json_decref(importing->body);
    free(importing);
}

static void answer_counts(struct call *call, void *job)
{
    struct importing *importing = job;
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

static void index_stored(void *job)
{
    struct importing *importing = job;

    if (!json_is_true(json_object_get(importing->body, "more")) && importing->core->works != NULL)
        index_catch_up(importing->core, &importing->tenant, NULL);
}

void handle_transcripts_import(struct call *call)
{
    static const struct writing_way way = { .answer = answer_counts,
                                            .release = importing_free,
                                            .stored = index_stored,
                                            .failed =
                                                "This batch could not be stored; try again." };
    struct importing *importing = calloc(1, sizeof(*importing));
    int rc = importing == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK) {
        importing->core = call->core;
        importing->tenant = call->tenant->about.name;
        importing->body = json_incref(call->body);
        importing->refused = json_array();
        rc = read_items(importing, tenant_born(&call->tenant->about));
    }
    if (rc == OK) {
        writing_begin(call, &call->tenant->about.name, &importing->import.bulk, importing, &way);
        return;
    }
    if (importing != NULL)
        importing_free(importing);
    answer_failed(call, rc);
}
