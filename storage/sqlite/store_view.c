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

/* Of the one tenant it is of. */
static struct reader_db *reader(struct store *store, const struct tenant_name *tenant)
{
    (void)tenant;
    return &((struct view_store *)store)->reader;
}

static void view_close(struct store *store)
{
    reader_close(&((struct view_store *)store)->reader);
    free(store);
}

/* Whoever asks a view to write has made a mistake, and finds no such verb. */
static const struct store_ops ops = {
    .name = "view",
    .reader = reader,
    STORE_READING,
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
