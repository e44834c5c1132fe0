/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/inbound/unhandled.h"

#include <stdlib.h>

struct unhandled_item {
    struct unhandled_item *next, *previous;
    struct ipc_heard_message message; /* texts point into `text` */
    struct slice receipt_id;
    size_t bytes;
    char text[];
};

static void forget(struct unhandled *unhandled, struct unhandled_item *item)
{
    if (item->previous != NULL)
        item->previous->next = item->next;
    else
        unhandled->first = item->next;
    if (item->next != NULL)
        item->next->previous = item->previous;
    else
        unhandled->last = item->previous;
    unhandled->count--;
    unhandled->bytes -= item->bytes;
    free(item);
}

void unhandled_release(struct unhandled *unhandled)
{
    while (unhandled->first != NULL)
        forget(unhandled, unhandled->first);
}

static struct slice keep(char **at, struct slice text)
{
    struct slice kept = { *at, text.len };

    if (text.len > 0)
        memcpy(*at, text.data, text.len);
    *at += text.len;
    return kept;
}

int unhandled_add(struct unhandled *unhandled, struct ipc_heard_message *message,
                  struct slice receipt_id)
{
    size_t bytes = sizeof(struct unhandled_item) + message->agent.len + message->resource.len +
                   message->to.len + message->stanza.len + message->text.len + message->about.len +
                   receipt_id.len;
    struct unhandled_item *item;
    char *at;

    if (unhandled->count == UNHANDLED_MAX || unhandled->bytes + bytes > UNHANDLED_BYTES_MAX)
        return RAISE(ERR_NO_MEMORY);
    item = malloc(bytes);
    if (item == NULL)
        return RAISE(ERR_NO_MEMORY);
    at = item->text;
    message->ordinal = ++unhandled->ordinal;
    *item = (struct unhandled_item){ .previous = unhandled->last, .bytes = bytes };
    item->message = (struct ipc_heard_message){
        message->ordinal,       keep(&at, message->agent),  keep(&at, message->resource),
        keep(&at, message->to), keep(&at, message->stanza), keep(&at, message->text),
        message->speech,        keep(&at, message->about)
    };
    item->receipt_id = keep(&at, receipt_id);
    if (unhandled->last != NULL)
        unhandled->last->next = item;
    else
        unhandled->first = item;
    unhandled->last = item;
    unhandled->count++;
    unhandled->bytes += bytes;
    return OK;
}

void unhandled_done(struct unhandled *unhandled, uint64_t ordinal)
{
    struct unhandled_item *item = unhandled->first;

    while (item != NULL && item->message.ordinal < ordinal)
        item = item->next;
    if (item != NULL && item->message.ordinal == ordinal)
        forget(unhandled, item);
}

void unhandled_each(const struct unhandled *unhandled, unhandled_each_fn *each, void *context)
{
    for (const struct unhandled_item *item = unhandled->first; item != NULL; item = item->next)
        each(context, &item->message);
}

bool unhandled_receipt_id(const struct unhandled *unhandled, struct slice agent, struct slice to,
                          struct slice stanza, struct slice *ret_receipt_id)
{
    for (const struct unhandled_item *item = unhandled->first; item != NULL; item = item->next) {
        if (slice_equal(item->message.stanza, stanza) && slice_equal(item->message.to, to) &&
            slice_equal(item->message.agent, agent)) {
            *ret_receipt_id = item->receipt_id;
            return true;
        }
    }
    return false;
}
