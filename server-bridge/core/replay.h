/* SPDX-License-Identifier: Apache-2.0
 *
 * replay — what was said, told to a browser that comes back: a page at a time, and the next only
 * when web has got rid of the last. So a long chat fills neither the core nor its line to web, and
 * a browser that reads slowly slows nobody but itself.
 *
 * Until the last page is out the browser hears of words from storage alone, of the newest too: each
 * comes once, in order; of who has the conversation, and of its end, it hears behind them. What the
 * browser says meanwhile web keeps. Where storage cannot be read it is sent away for a moment, and
 * comes back for what it has not got. What cannot be read when it has come back twice is passed
 * over: a line of ours stands in its place, and the chat goes on.
 */
#ifndef SERVER_BRIDGE_CORE_REPLAY_H
#define SERVER_BRIDGE_CORE_REPLAY_H

#include "server-bridge/core/core.h"
#include "storage/transcripts/reactions.h"
#include "tenant/jid.h"

/* The visitor's conversation, as it stands on disk. */
struct current {
    bool any;
    struct conversation_id conversation;
    enum conversation_state state;
    uint64_t last_seq;
    char reason[64];
    char agent[JID_MAX + 1]; /* who had it last */
};
int replay_current(const struct live_tenant *tenant, struct visitor_id visitor,
                   struct current *ret_current) MUST_CHECK;

enum { PAGE_ROWS = 200, PAGE_BYTES = 64 * 1024 };

/* How much of a page is full. */
struct page {
    struct session *session;
    unsigned rows;
    size_t bytes;
    uint64_t seq; /* of the last on it */
};
/* Not 0: there is no room for another; what the walk returns. */
int page_took(struct page *page, const struct stored_message *row);
/* Whether there may be more behind it, as the walk ended. */
bool page_is_full(const struct page *page, int walked);

/* An emoji's sender is told apart by more than a name, which several may bear: by one that says
 * nothing of an account, and is the same whenever it is told in this conversation. */
void replay_tell_reaction(const struct session *session, const struct stored_reaction *reaction);

struct replay; /* of a session */
/* All after `after`; `path` is where its visitor is. False: no memory. What cannot be read ends the
 * session. */
bool replay_begin(struct session *session, const struct current *current, uint64_t after,
                  struct slice path) MUST_CHECK;
/* The next page; with the last the visitor has come. It may end the session, too. */
void replay_next(struct session *session);
struct replay *replay_free(struct replay *replay);

#endif
