/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/said_names.h"

#include "base/auto.h"
#include "base/grow.h"

struct saying {
    struct presence_message *messages; /* owned, and their texts */
    size_t count, cap;
    struct pseudonyms *to;
    int rc;
};

static int take_message(void *context, const struct stored_message *row)
{
    static const enum presence_role roles[FROM_COUNT] = { PRESENCE_VISITOR, PRESENCE_AGENT,
                                                          PRESENCE_BOT, PRESENCE_SYSTEM };
    struct saying *saying = context;
    char *text = slice_dup(row->text);

    if (text == NULL || GROW(saying->messages, saying->count, &saying->cap) != OK) {
        free(text);
        return RAISE(ERR_NO_MEMORY);
    }
    saying->messages[saying->count++] = (struct presence_message){
        .role = roles[row->from],
        .origin = row->origin == ORIGIN_TYPED ? PRESENCE_TYPED : PRESENCE_CANNED,
        .text = { text, row->text.len },
    };
    return OK;
}

static void take_name(void *context, struct slice name)
{
    struct saying *saying = context;

    if (saying->rc == OK)
        saying->rc = pseudonyms_add(saying->to, name);
}

int said_names_add(struct presence_coder *coder, struct store *store,
                   const struct tenant_name *tenant, struct conversation_id conversation,
                   struct slice language, struct pseudonyms *to)
{
    struct saying saying = { .to = to };
    struct presence_conversation chat = { .language = language };
    int rc = STORE_CALL(store, messages, tenant, conversation, 0, SIZE_MAX, take_message, &saying);

    chat.messages = saying.messages;
    chat.count = saying.count;
    if (rc == OK && chat.count > 0)
        rc = presence_names(coder, &chat, take_name, &saying);
    for (size_t i = 0; i < saying.count; i++)
        free((char *)(uintptr_t)saying.messages[i].text.data);
    free(saying.messages);
    return rc == OK ? saying.rc : rc;
}
