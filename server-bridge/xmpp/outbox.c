/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/outbox.h"

#include <assert.h>
#include <stdlib.h>

/* Ring of entries in the order of their bytes; entries [0, in_flight) are in flight. */
struct entry {
    uint64_t ordinal; /* 0 unless a message */
    struct id stanza;
    uint32_t len;
    enum outbox_kind kind;
};

struct outbox {
    struct outbox_limits limits;
    struct entry *entries; /* owned; a ring of `cap`, a power of two */
    size_t cap, first, count, in_flight;
    char *bytes; /* owned; of entries, from `start` on */
    size_t start, len, taken, size;
    size_t unconfirmed_says;
    uint64_t mark; /* entries ever taken */
};

enum { ENTRIES_FIRST = 256 };

static struct entry *entry_at(const struct outbox *outbox, size_t i)
{
    return &outbox->entries[(outbox->first + i) & (outbox->cap - 1)];
}

int outbox_new(struct outbox **ret_outbox, const struct outbox_limits *limits)
{
    struct outbox *outbox = calloc(1, sizeof(*outbox));

    if (outbox == NULL)
        return RAISE(ERR_NO_MEMORY);
    outbox->limits = *limits;
    outbox->cap = ENTRIES_FIRST;
    outbox->entries = calloc(outbox->cap, sizeof(*outbox->entries));
    if (outbox->entries == NULL) {
        free(outbox);
        return RAISE(ERR_NO_MEMORY);
    }
    *ret_outbox = outbox;
    return OK;
}

struct outbox *outbox_free(struct outbox *outbox)
{
    if (outbox == NULL)
        return NULL;
    free(outbox->entries);
    free(outbox->bytes);
    free(outbox);
    return NULL;
}

static int grow_entries(struct outbox *outbox)
{
    struct entry *entries = calloc(outbox->cap * 2, sizeof(*entries));

    if (entries == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < outbox->count; i++)
        entries[i] = *entry_at(outbox, i);
    free(outbox->entries);
    outbox->entries = entries;
    outbox->cap *= 2;
    outbox->first = 0;
    return OK;
}

/* Room for `len` more bytes at the end, by moving to the front first. */
static int make_room(struct outbox *outbox, size_t len)
{
    size_t want = outbox->size < 4096 ? 4096 : outbox->size;
    char *bytes;

    if (outbox->start + outbox->len + len <= outbox->size)
        return OK;
    if (outbox->start > outbox->size / 2) {
        memmove(outbox->bytes, outbox->bytes + outbox->start, outbox->len);
        outbox->start = 0;
        if (outbox->len + len <= outbox->size)
            return OK;
    }
    while (want < outbox->start + outbox->len + len)
        want *= 2;
    bytes = realloc(outbox->bytes, want);
    if (bytes == NULL)
        return RAISE(ERR_NO_MEMORY);
    outbox->bytes = bytes;
    outbox->size = want;
    return OK;
}

int outbox_put(struct outbox *outbox, enum outbox_kind kind, struct slice stanza_xml,
               uint64_t ordinal, struct id stanza)
{
    int rc = OK;

    if (outbox->len + stanza_xml.len > outbox->limits.bytes_max)
        return RAISE(ERR_NO_MEMORY);
    if (outbox->count == outbox->cap)
        rc = grow_entries(outbox);
    if (rc == OK)
        rc = make_room(outbox, stanza_xml.len);
    if (rc != OK)
        return TRACE(rc);
    memcpy(outbox->bytes + outbox->start + outbox->len, stanza_xml.data, stanza_xml.len);
    outbox->len += stanza_xml.len;
    *entry_at(outbox, outbox->count++) =
        (struct entry){ ordinal, stanza, (uint32_t)stanza_xml.len, kind };
    return OK;
}

bool outbox_is_crowded(const struct outbox *outbox)
{
    return outbox->len > outbox->limits.bytes_max / 2;
}

bool outbox_has_waiting(const struct outbox *outbox)
{
    return outbox->in_flight < outbox->count;
}

struct slice outbox_take(struct outbox *outbox, bool one_say)
{
    struct slice taken = SLICE_NONE;

    if (outbox->bytes == NULL)
        return taken;
    taken.data = outbox->bytes + outbox->start + outbox->taken;
    while (outbox->in_flight < outbox->count) {
        const struct entry *entry = entry_at(outbox, outbox->in_flight);

        if (taken.len > 0 && taken.len + entry->len > outbox->limits.take_max)
            break;
        if (one_say && entry->kind == OUTBOX_SAY && outbox->unconfirmed_says > 0)
            break;
        outbox->unconfirmed_says += entry->kind == OUTBOX_SAY;
        taken.len += entry->len;
        outbox->taken += entry->len;
        outbox->in_flight++;
        outbox->mark++;
    }
    return taken;
}

uint64_t outbox_mark(const struct outbox *outbox)
{
    return outbox->mark;
}

bool outbox_is_unconfirmed(const struct outbox *outbox)
{
    return outbox->in_flight > 0;
}

uint64_t outbox_confirm(struct outbox *outbox, uint64_t mark)
{
    uint64_t oldest = outbox->mark - outbox->in_flight, ordinal = 0;

    assert(mark <= outbox->mark);
    for (; oldest < mark && outbox->in_flight > 0; oldest++) {
        const struct entry *entry = entry_at(outbox, 0);

        if (entry->kind == OUTBOX_SAY) {
            ordinal = entry->ordinal;
            outbox->unconfirmed_says--;
        }
        outbox->start += entry->len;
        outbox->len -= entry->len;
        outbox->taken -= entry->len;
        outbox->first = (outbox->first + 1) & (outbox->cap - 1);
        outbox->count--;
        outbox->in_flight--;
    }
    if (outbox->len == 0)
        outbox->start = 0;
    return ordinal;
}

void outbox_each_in_flight(const struct outbox *outbox, outbox_each_fn *each, void *context)
{
    for (size_t i = 0; i < outbox->in_flight; i++) {
        if (entry_at(outbox, i)->kind == OUTBOX_SAY)
            each(context, entry_at(outbox, i)->stanza);
    }
}

void outbox_restart(struct outbox *outbox)
{
    size_t from = outbox->start, to = 0, kept = 0;

    for (size_t i = 0; i < outbox->count; i++) {
        struct entry entry = *entry_at(outbox, i);

        if (entry.kind == OUTBOX_KEPT) {
            memmove(outbox->bytes + to, outbox->bytes + from, entry.len);
            to += entry.len;
            *entry_at(outbox, kept++) = entry;
        }
        from += entry.len;
    }
    outbox->count = kept;
    outbox->in_flight = outbox->start = outbox->taken = outbox->unconfirmed_says = 0;
    outbox->len = to;
}
