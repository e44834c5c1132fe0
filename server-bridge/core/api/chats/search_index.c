/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/chats/search_index.h"

#include "server-bridge/core/work.h"

#include "presence/folding.h"
#include "storage/transcripts/search.h"

enum {
    STRETCH = 5000,      /* messages: a tenth of a second of folding, as much of writing */
    STALE_STRETCH = 1000 /* less, for who searches meanwhile waits for the end of one */
};

struct indexing {
    struct indexing *next;
    struct core *core;
    struct tenant_name tenant;
    struct index_waiter *waiters;
    struct index_waiter
        *late; /* came while a stretch ran: what they ask for may lie behind its look */
};

/* A stretch on its way: first work, then bulk. It outlives neither. */
struct stretch {
    struct work work;
    struct search_bulk bulk;
    struct indexing *indexing;
    struct store *view;
    struct tenant_name tenant;
    struct folder *folder;
    bool bases; /* by Voikko */
    int rc;
};

static void begin_stretch(struct indexing *indexing);

static void tell(struct index_waiter *waiters, int rc)
{
    struct index_waiter *waiter, *next;

    LL_FOREACH_SAFE(waiters, waiter, next)
    waiter->ready(waiter, rc);
}

/* All that was said before this stretch began is indexed. */
static void tell_waiters(struct indexing *indexing)
{
    struct index_waiter *waiters = indexing->waiters;

    indexing->waiters = NULL;
    tell(waiters, OK);
}

static void finish(struct indexing *indexing, int rc)
{
    struct index_waiter *waiters = indexing->waiters, *late = indexing->late;

    LL_DELETE(indexing->core->indexings, indexing);
    free(indexing);
    tell(waiters, rc);
    tell(late, rc);
}

static void stretch_free(struct stretch *stretch)
{
    search_bulk_release(&stretch->bulk);
    (void)folder_free(stretch->folder);
    free(stretch);
}

/* --- on the thread --- */

static int fold(void *context, uint64_t conversation, struct slice language,
                const struct stored_message *message)
{
    struct stretch *stretch = context;
    struct search_row row = { .conversation = conversation,
                              .seq = message->seq,
                              .from = message->from,
                              .edited_ms = message->edited_ms };
    AUTO_BUF words;

    buf_init(&words, 16 * 1024 * 1024);
    folder_words(stretch->folder, language, message->text, &words);
    row.words = slice_dup(buf_slice(&words));
    return row.words == NULL ? RAISE(ERR_NO_MEMORY) : search_bulk_add(&stretch->bulk, &row);
}

/* What is not indexed comes before what is stale: nobody waits for that. */
static int read_stretch(struct stretch *stretch)
{
    const char *source = folder_source(stretch->folder);
    bool same = true;
    int rc = search_pending(stretch->view, &stretch->tenant, STRETCH, fold, stretch);

    if (rc == OK)
        rc = search_is_from(stretch->view, &stretch->tenant, source, &same);
    stretch->bulk.source = same ? NULL : source;
    if (rc != OK || stretch->bulk.count > 0)
        return rc;
    stretch->bulk.is_of_stale = true;
    return search_stale(stretch->view, &stretch->tenant, STALE_STRETCH, fold, stretch);
}

static void run(struct work *work)
{
    struct stretch *stretch = (struct stretch *)work;

    stretch->folder = folder_new(stretch->bases);
    stretch->rc = stretch->folder == NULL ? RAISE(ERR_NO_MEMORY) : read_stretch(stretch);
}

/* --- on the loop --- */

static void on_stored(struct store_bulk *base, enum store_outcome outcome)
{
    struct stretch *stretch =
        (struct stretch *)((char *)base - offsetof(struct stretch, bulk.bulk));
    struct indexing *indexing = stretch->indexing;
    bool all = !stretch->bulk.is_of_stale && stretch->bulk.count < STRETCH;

    stretch_free(stretch);
    if (outcome == STORE_DONE && all)
        tell_waiters(indexing);
    if (outcome == STORE_DONE && indexing->core->works != NULL)
        begin_stretch(indexing);
    else
        finish(indexing, outcome == STORE_DONE ? ERR_CLOSED : ERR_IO);
}

static void done(struct work *work, bool ran)
{
    struct stretch *stretch = (struct stretch *)work;
    struct indexing *indexing = stretch->indexing;
    int rc = ran ? stretch->rc : ERR_CLOSED;

    store_view_close(indexing->core->store, stretch->view);
    if (rc == OK && stretch->bulk.is_of_stale)
        tell_waiters(indexing);
    if (rc == OK && (stretch->bulk.count > 0 || stretch->bulk.source != NULL)) {
        stretch->bulk.bulk.done = on_stored;
        rc = STORE_CALL(indexing->core->store, bulk, &stretch->tenant, &stretch->bulk.bulk);
        if (rc == OK)
            return;
    }
    stretch_free(stretch);
    if (rc == OK && indexing->late != NULL)
        begin_stretch(indexing);
    else
        finish(indexing, rc);
}

static void begin_stretch(struct indexing *indexing)
{
    struct stretch *stretch = calloc(1, sizeof(*stretch));
    int rc = stretch == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK)
        rc = STORE_CALL(indexing->core->store, view, &indexing->tenant, &stretch->view);
    if (rc != OK) {
        free(stretch);
        finish(indexing, rc);
        return;
    }
    LL_CONCAT(indexing->waiters, indexing->late);
    indexing->late = NULL;
    search_bulk_init(&stretch->bulk);
    stretch->work = (struct work){ .run = run, .done = done };
    stretch->indexing = indexing;
    stretch->bases = indexing->core->role->settings->presence_voikko;
    stretch->tenant = indexing->tenant;
    work_submit(indexing->core, WORK_QUICK, &stretch->work);
}

void index_catch_up(struct core *core, const struct tenant_name *tenant,
                    struct index_waiter *waiter)
{
    struct indexing *indexing;

    LL_FOREACH(core->indexings, indexing)
    {
        if (strcmp(indexing->tenant.text, tenant->text) == 0)
            break;
    }
    if (indexing != NULL) {
        if (waiter != NULL)
            LL_APPEND(indexing->late, waiter);
        return;
    }
    indexing = calloc(1, sizeof(*indexing));
    if (indexing == NULL) {
        if (waiter != NULL)
            waiter->ready(waiter, RAISE(ERR_NO_MEMORY));
        return;
    }
    indexing->core = core;
    indexing->tenant = *tenant;
    if (waiter != NULL)
        LL_APPEND(indexing->waiters, waiter);
    LL_APPEND(core->indexings, indexing);
    begin_stretch(indexing);
}
