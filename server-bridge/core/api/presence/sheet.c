/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/presence/sheet.h"

#include "presence/codebook.h"
#include "server-bridge/core/api/answer.h"

static int take_head(void *context, const struct stored_conversation *row)
{
    json_t *sheet = context;

    (void)json_object_set_new(sheet, "id", json_id(row->conversation.id));
    (void)json_object_set_new(sheet, "language", json_text_or_null(row->language));
    return 0;
}

/* Spans count code points of this very text. */
static int take_message(void *context, const struct stored_message *row)
{
    static const char *const froms[] = { "visitor", "agent", "bot", "system" };
    static const char *const origins[] = { "typed", "canned", "bot", "system" };
    json_t *entry =
        json_pack("{s:I, s:s, s:o, s:s, s:o, s:o, s:s%, s:[]}", "seq", (json_int_t)row->seq, "from",
                  froms[row->from], "name", json_text_or_null(row->name), "origin",
                  origins[row->origin], "at", json_time_or_null(row->at_ms), "reply_to",
                  row->reply_to > 0 ? json_integer((json_int_t)row->reply_to) : json_null(), "text",
                  row->text.data, row->text.len, "codes");

    return json_array_append_new(context, entry) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

int sheet_read(struct store *store, const struct tenant_name *tenant, struct conversation_id id,
               json_t **ret_sheet)
{
    json_t *sheet = json_object(), *messages = json_array();
    int rc = STORE_CALL(store, conversation_get, tenant, id, take_head, sheet);

    if (rc == OK)
        rc = STORE_CALL(store, messages, tenant, id, 0, SIZE_MAX, take_message, messages);
    (void)json_object_set_new(sheet, "book", json_string(PRESENCE_CODEBOOK_VERSION));
    (void)json_object_set_new(sheet, "messages", messages);
    (void)json_object_set_new(sheet, "functions", json_array());
    if (rc == OK)
        *ret_sheet = sheet;
    else
        json_decref(sheet);
    return rc;
}

json_t *sheet_list(const json_t *sheet, uint64_t seq, const char *key)
{
    json_t *message =
        json_array_get(json_object_get(sheet, "messages"), seq > 0 ? (size_t)seq - 1 : SIZE_MAX);
    json_t *list = json_object_get(message, key);

    if (list == NULL && message != NULL) {
        list = json_array();
        (void)json_object_set_new(message, key, list);
    }
    return list;
}
