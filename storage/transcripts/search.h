/* SPDX-License-Identifier: Apache-2.0
 *
 * search — the index over a tenant's messages (FTS5). storage/ keeps and asks it; which words stand
 * in it, and what a query means, presence/folding.h knows.
 *
 * Indexing stands behind the commit path: whoever searches first lets it catch up. Message by
 * message it is known what is indexed, so a crash loses nothing but time.
 *
 * A conversation is stale when its words stand there in forms that are not today's: the source of
 * Finnish base forms is another one now, or it was read in another language since. It is found as
 * before meanwhile, and put right a stretch at a time; where that ends early, it goes on later.
 */
#ifndef STORAGE_SEARCH_H
#define STORAGE_SEARCH_H

#include "storage/store.h"

struct search_row {
    uint64_t conversation, seq; /* the conversation's row */
    enum message_from from;
    uint64_t edited_ms; /* when it said so: 0: from the first */
    char *words;        /* owned; separated by spaces */
};

/* A stretch of messages on its way into the index. */
struct search_bulk {
    struct store_bulk bulk;  /* .apply by search_bulk_init(), .done by the caller */
    struct search_row *rows; /* owned; in order of conversation and seq */
    size_t count, cap;
    const char *source; /* of base forms, where that is another than the index has: what depends on
                           it is stale from then on. Borrowed, lives for ever; NULL: the same */
    bool is_of_stale;   /* whole conversations, stale no more when it is in */
};

void search_bulk_init(struct search_bulk *bulk);
void search_bulk_release(struct search_bulk *bulk);
/* Takes `words` over, also when it fails. */
int search_bulk_add(struct search_bulk *bulk, const struct search_row *row) MUST_CHECK;

/* Messages that are not indexed yet, at most `limit`, in order of conversation and seq. */
typedef int search_pending_fn(void *context, uint64_t conversation, struct slice language,
                              const struct stored_message *message);
int search_pending(struct store *store, const struct tenant_name *tenant, size_t limit,
                   search_pending_fn *fn, void *context);

/* The same of conversations that are stale: whole ones, until there are `limit` messages or more.
 */
int search_stale(struct store *store, const struct tenant_name *tenant, size_t limit,
                 search_pending_fn *fn, void *context);
/* Whether the index's base forms come from this source. */
int search_is_from(struct store *store, const struct tenant_name *tenant, const char *source,
                   bool *ret_is);

struct search_wish {
    const char *match;           /* in FTS5's own language; never a stranger's text */
    uint64_t since_ms, until_ms; /* of the conversation's opening; 0: no bound */
    const char *stage;           /* "": any */
    const char *tag, *agent; /* of the conversation; agent: name or JID of one who wrote in it */
    uint64_t before;         /* a hit's `place`: only older ones; 0: from the newest */
    size_t limit;
};

struct search_hit {
    uint64_t place; /* for `before` */
    struct conversation_id conversation;
    struct slice language, stage;
    uint64_t opened_ms;
    struct stored_message message; /* seq, from, name, at_ms, text */
};
typedef int search_hit_fn(void *context, const struct search_hit *hit);
/* The newest conversations first. */
int search_find(struct store *store, const struct tenant_name *tenant,
                const struct search_wish *wish, search_hit_fn *fn, void *context);

/* Inside a transaction of the writer: takes the words of messages that are gone out of the index,
 * and out of its file (optimize: FTS5 keeps deleted words until then). Whoever deletes messages
 * calls it before the commit. */
int search_forget(struct writer_db *writer) MUST_CHECK;

#endif
