/* SPDX-License-Identifier: Apache-2.0
 *
 * One tenant's database, to be read on another thread: what is long to read (a report over
 * all of a year) stands in nobody's way there. Its connection never writes and never
 * checkpoints; the tenant's writer stays the only one that does.
 */
#include "storage/sqlite/store_sqlite.h"

#include <stdlib.h>

struct view_store {
    struct store base;
    struct reader_db reader;
};

static struct reader_db *reader(struct store *store)
{
    return &((struct view_store *)store)->reader;
}

static int conversation_get(struct store *store, const struct tenant_name *tenant,
                            struct conversation_id conversation, store_conversation_fn *fn,
                            void *context)
{
    (void)tenant;
    return read_conversation(reader(store), conversation, fn, context);
}

static int conversations(struct store *store, const struct tenant_name *tenant,
                         enum conversation_filter filter, uint64_t before_ms,
                         struct conversation_id before, size_t limit, store_conversation_fn *fn,
                         void *context)
{
    (void)tenant;
    return read_conversations(reader(store), filter, before_ms, before, limit, fn, context);
}

static int messages(struct store *store, const struct tenant_name *tenant,
                    struct conversation_id conversation, uint64_t after_seq, size_t limit,
                    store_message_fn *fn, void *context)
{
    (void)tenant;
    return read_messages(reader(store), conversation, after_seq, limit, fn, context);
}

static int events(struct store *store, const struct tenant_name *tenant,
                  struct conversation_id conversation, store_event_fn *fn, void *context)
{
    (void)tenant;
    return read_events(reader(store), conversation, fn, context);
}

static int read_own(struct store *store, const struct tenant_name *tenant,
                    int (*fn)(struct reader_db *reader, void *context), void *context)
{
    (void)tenant;
    return fn(reader(store), context);
}

static void view_close(struct store *store)
{
    reader_close(reader(store));
    free(store);
}

/* Whoever asks a view for anything else has made a mistake, and finds no such verb. */
static const struct store_ops ops = {
    .name = "view",
    .conversation_get = conversation_get,
    .conversations = conversations,
    .messages = messages,
    .events = events,
    .read = read_own,
    .close = view_close,
};

int store_view_open(struct store **ret_view, const char *path)
{
    struct view_store *view = calloc(1, sizeof(*view));
    int rc;

    if (view == NULL)
        return RAISE(ERR_NO_MEMORY);
    view->base.ops = &ops;
    rc = reader_open(&view->reader, path);
    if (rc != OK) {
        free(view);
        return TRACE(rc);
    }
    *ret_view = &view->base;
    return OK;
}
