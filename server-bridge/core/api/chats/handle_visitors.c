/* SPDX-License-Identifier: Apache-2.0
 *
 * Visitors' rights: what we know of one, a copy of all of it, and being forgotten.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include "storage/transcript.h"
#include "storage/visitor.h"

static json_t *record_view(const struct live_tenant *tenant, const struct visitor_record *record)
{
    json_t *conversations = json_array();

    for (size_t i = 0; i < record->count; i++)
        (void)json_array_append_new(conversations, json_id(record->conversations[i].id));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "tenant", tenant->about.name.text, "id",
                     json_id(record->visitor.id), "name", json_text_or_null(slice_of(record->name)),
                     "language", json_text_or_null(slice_of(record->language)), "subject",
                     json_text_or_null(slice_of(record->subject)), "since",
                     json_time_or_null(record->created_ms), "conversations", conversations);
}

/* False: there is none, and the call is answered. */
static bool read_record(struct call *call, struct visitor_record *ret_record)
{
    int rc = visitor_read(call->core->store, &call->tenant->about.name,
                          (struct visitor_id){ call->values.id }, ret_record);

    if (rc == STORE_E_NONE)
        answer_not_found(call, "visitor");
    else if (rc != OK)
        answer_failed(call, rc);
    return rc == OK;
}

void handle_visitor_show(struct call *call)
{
    struct visitor_record record;

    if (!read_record(call, &record))
        return;
    answer_json(call, 200, record_view(call->tenant, &record));
    visitor_record_release(&record);
}

/* --- a copy of all of it: a line for the visitor, then one for each conversation --- */

struct copying {
    struct core *core;
    struct tenant_name tenant;
    struct visitor_record record;
    json_t *self; /* NULL: written */
    size_t next;
};

static void copying_free(void *context)
{
    struct copying *copying = context;

    json_decref(copying->self);
    visitor_record_release(&copying->record);
    free(copying);
}

static int write_self(struct copying *copying, struct buf *to)
{
    AUTO_MEM char *text = json_dumps(copying->self, JSON_COMPACT);

    json_decref(copying->self);
    copying->self = NULL;
    if (text == NULL)
        return RAISE(ERR_NO_MEMORY);
    buf_addf(to, "%s\n", text);
    return OK;
}

static int refill_copy(void *context, struct buf *to, bool *last)
{
    struct copying *copying = context;
    int rc = copying->self != NULL ? write_self(copying, to) : OK;

    while (rc == OK && copying->next < copying->record.count && to->len < CALL_PART_BYTES) {
        rc = transcript_write(copying->core->store, &copying->tenant,
                              copying->record.conversations[copying->next++], to);
        if (rc == STORE_E_NONE) /* erased meanwhile */
            rc = OK;
        else if (rc == OK)
            buf_add_text(to, "\n");
    }
    *last = copying->next == copying->record.count;
    return rc;
}

void handle_visitor_export(struct call *call)
{
    struct copying *copying;
    struct visitor_record record;

    if (!read_record(call, &record))
        return;
    copying = calloc(1, sizeof(*copying));
    if (copying == NULL) {
        visitor_record_release(&record);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    *copying = (struct copying){ .core = call->core,
                                 .tenant = call->tenant->about.name,
                                 .record = record,
                                 .self = record_view(call->tenant, &record) };
    answer_stream(call, "application/jsonl", refill_copy, copying, copying_free);
}
