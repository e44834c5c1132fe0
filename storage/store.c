/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/store.h"

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
