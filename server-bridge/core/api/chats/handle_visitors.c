/* SPDX-License-Identifier: Apache-2.0
 *
 * Visitors' rights: what we know of one, a copy of all of it, and being forgotten.
 */
#include "server-bridge/core/api/chats/visitor_copy.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

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

void handle_visitor_export(struct call *call)
{
    struct slice files = query_get(&call->query, "files");
    bool with_files = files.data != NULL && slice_is(files, "yes");
    struct visitor_record record;

    if (files.data != NULL && !with_files && !slice_is(files, "no")) {
        answer_problem(call, 400, "bad_parameter", "\"files\" must be yes or no.");
        return;
    }
    if (read_record(call, &record))
        visitor_copy(call, &record, record_view(call->tenant, &record), with_files);
}
