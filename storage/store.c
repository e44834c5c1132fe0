/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/store.h"

#include "base/format/json.h"
#include "chat/chat.h"

struct store *store_free(struct store *store)
{
    if (store != NULL)
        store->ops->close(store);
    return NULL;
}

void store_view_close(struct store *store, struct store *view)
{
    if (view != NULL && view != store)
        view->ops->close(view);
}

struct slice conversation_language(const struct stored_conversation *conversation)
{
    struct slice language =
        conversation->read_in.len > 0 ? conversation->read_in : conversation->language;
    const char *region = language.len > 0 ? memchr(language.data, '-', language.len) : NULL;

    return region == NULL ? language
                          : (struct slice){ language.data, (size_t)(region - language.data) };
}

struct chat_event store_happened(struct conversation_id conversation,
                                 const struct stored_event *row, char why[STORE_WHY_BYTES])
{
    AUTO_JSON detail = NULL;

    why[0] = '\0';
    if (slice_is(row->type, "released") && json_read(row->detail, &detail) == OK)
        (void)slice_copy(slice_of(json_string_value(json_object_get(detail, "why"))), why,
                         STORE_WHY_BYTES);
    return (struct chat_event){ .type = CHAT_RESTORED_EVENT,
                                .conversation = conversation,
                                .name = row->type,
                                .agent = row->agent,
                                .text = slice_of(why) };
}

struct chat_event store_restored(const struct stored_conversation *row)
{
    return (struct chat_event){ .type = CHAT_RESTORED_CONVERSATION,
                                .conversation = row->conversation,
                                .visitor = row->visitor,
                                .state = row->state,
                                .agent = row->agent,
                                .seq = row->last_seq,
                                .at_ms = row->opened_ms,
                                .name = row->visitor_name,
                                .language = row->language,
                                .delivery_seq = row->routed_seq,
                                .tags = row->tags,
                                .stage = row->stage,
                                .verified = row->verified,
                                .email = row->email,
                                .attributes = row->attributes,
                                .skill = row->skill };
}
