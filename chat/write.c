/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/write.h"

#include <string.h>

enum { TEXT_COUNT = 16 };

/* Every borrowed text of a write. */
static void list_texts(struct chat_write *write, struct slice *texts[TEXT_COUNT])
{
    struct slice *const all[TEXT_COUNT] = {
        &write->sender,     &write->name,         &write->cid,      &write->text,
        &write->language,   &write->visitor_name, &write->agent,    &write->reason,
        &write->event,      &write->detail,       &write->resource, &write->email,
        &write->attributes, &write->stage,        &write->about,    &write->hears,
    };

    memcpy(texts, all, sizeof(all));
}

size_t chat_write_bytes(const struct chat_write *write)
{
    struct chat_write copy = *write;
    struct slice *texts[TEXT_COUNT];
    size_t bytes = 0;

    list_texts(&copy, texts);
    for (size_t i = 0; i < TEXT_COUNT; i++)
        bytes += texts[i]->len;
    return bytes;
}

void chat_write_copy(struct chat_write *to, const struct chat_write *from, char *bytes)
{
    struct slice *texts[TEXT_COUNT];

    *to = *from;
    list_texts(to, texts);
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (texts[i]->len > 0)
            memcpy(bytes, texts[i]->data, texts[i]->len);
        texts[i]->data = bytes;
        bytes += texts[i]->len;
    }
}
