/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/replay.h"

#include "server-bridge/core/files/files.h"
#include "storage/transcripts/reactions.h"

#include <stdlib.h>

enum { ROW_BYTES = 256 }; /* of a frame, beside its words */

struct replay {
    struct current current; /* as last read */
    uint64_t read_seq;      /* told up to here, or known already */
    char *path;             /* owned */
};

/* --- pages --- */

int page_took(struct page *page, const struct stored_message *row)
{
    page->rows++;
    page->bytes += row->text.len + row->name.len + ROW_BYTES;
    page->seq = row->seq;
    return page->bytes > PAGE_BYTES ? 1 : 0;
}

bool page_is_full(const struct page *page, int walked)
{
    return walked > 0 || (walked == 0 && page->rows == PAGE_ROWS);
}

/* --- where it stands --- */

static int take_current(void *context, const struct stored_conversation *row)
{
    struct current *current = context;

    current->any = true;
    current->conversation = row->conversation;
    current->state = row->state;
    current->last_seq = row->last_seq;
    (void)slice_copy(row->end_reason, current->reason, sizeof(current->reason));
    (void)slice_copy(row->agent, current->agent, sizeof(current->agent));
    return 0;
}

int replay_current(const struct live_tenant *tenant, struct visitor_id visitor,
                   struct current *ret_current)
{
    int rc;

    *ret_current = (struct current){ .any = false };
    rc = STORE_CALL(tenant->core->store, conversation_latest, &tenant->about.name, visitor,
                    take_current, ret_current);
    return rc == STORE_E_NONE ? OK : rc;
}

/* --- what is told of it --- */

static void tell_revised(struct session *session, const struct stored_message *row)
{
    bool withdrawn = row->withdrawn_ms != 0;
    AUTO_BUF file;

    buf_init(&file, 4096);
    if (!withdrawn && row->edited_ms == 0)
        return;
    file_view(session->tenant, row->from, &row->file, row->text, &file);
    IPC_SEND(session->web->ipc, tell_revised, .session = session->id.id, .seq = row->seq,
             .text = row->text, .file = buf_slice(&file),
             .at_ms = withdrawn ? row->withdrawn_ms : row->edited_ms, .withdrawn = withdrawn);
}

static int tell_one(void *context, const struct stored_message *row)
{
    struct page *page = context;
    struct session *session = page->session;
    bool own = row->from == FROM_VISITOR;
    char avatar[AVATAR_ADDRESS_BYTES];
    AUTO_BUF file;

    buf_init(&file, 4096);
    if (row->seq <= session->told_seq) {
        tell_revised(session, row);
    } else {
        session->told_seq = row->seq;
        file_view(session->tenant, row->from, &row->file, row->text, &file);
        IPC_SEND(session->web->ipc, tell_message, .session = session->id.id, .seq = row->seq,
                 .from = row->from, .name = own ? SLICE_NONE : row->name,
                 .avatar = avatar_of_words(session->tenant, row->from, row->sender, avatar),
                 .text = row->text, .at_ms = row->at_ms, .reply_to = row->reply_to,
                 .cid = own ? row->cid : SLICE_NONE, .file = buf_slice(&file),
                 .edited = row->edited_ms != 0, .withdrawn = row->withdrawn_ms != 0);
    }
    if (own && (row->delivery == DELIVERY_DELIVERED || row->delivery == DELIVERY_READ))
        IPC_SEND(session->web->ipc, tell_receipt, .session = session->id.id, .seq = row->seq,
                 .delivery = row->delivery);
    return page_took(page, row);
}

static int tell_reaction(void *context, const struct stored_reaction *row)
{
    struct session *session = context;

    if (row->seq <= session->told_seq)
        IPC_SEND(session->web->ipc, tell_reaction, .session = session->id.id, .seq = row->seq,
                 .from = row->from, .name = row->name, .emojis = row->emojis);
    return 0;
}

static void tell_state(const struct session *session, const struct current *current)
{
    IPC_SEND(session->web->ipc, tell_conversation, .session = session->id.id,
             .conversation = current->conversation.id, .state = current->state);
    if (current->state == CONVERSATION_ENDED)
        IPC_SEND(session->web->ipc, tell_ended, .session = session->id.id,
                 .reason = slice_of(current->reason));
}

/* --- page by page --- */

/* The words before `after` are known, but not what became of them while nobody was here: they may
 * have been received, or changed. */
static void start(struct session *session, const struct current *current, uint64_t after)
{
    session->replay->current = *current;
    session->replay->read_seq = after > REVISABLE_BACK ? after - REVISABLE_BACK : 0;
    session->told_of = current->conversation;
    session->told_seq = after;
}

static void log_failed(const struct session *session, int rc)
{
    log_event(LOG_ERROR, &session->tenant->log, "hello.replay_failed", "rc=%s", result_name(rc));
}

/* Whether another of their browsers has begun a new one meanwhile: it is told of that, too. */
static bool has_moved_on(struct session *session)
{
    struct replay *replay = session->replay;
    struct current now;
    int rc = replay_current(session->tenant, session->visitor->id, &now);

    if (rc != OK)
        log_failed(session, rc);
    if (rc != OK || !now.any)
        return false; /* as it was */
    if (conversation_id_equal(now.conversation, replay->current.conversation)) {
        replay->current = now;
        return false;
    }
    start(session, &now, 0);
    IPC_SEND(session->web->ipc, tell_conversation, .session = session->id.id,
             .conversation = now.conversation.id, .state = now.state);
    return true;
}

static void finish(struct session *session)
{
    struct replay *replay = session->replay;
    int rc = reactions_read(session->tenant->core->store, &session->tenant->about.name,
                            session->told_of, tell_reaction, session);

    if (rc != OK)
        log_failed(session, rc);
    tell_state(session, &replay->current);
    IPC_SEND(session->web->ipc, tell_page, .session = session->id.id, .last = true);
    session->replay = NULL; /* live from now on */
    hello_come(session, slice_of(replay->path), replay->current.agent);
    replay_free(replay);
}

/* Whether there is more to come. */
static bool tell_page(struct session *session)
{
    struct live_tenant *tenant = session->tenant;
    struct page page = { .session = session, .seq = session->replay->read_seq };
    int rc = STORE_CALL(tenant->core->store, messages, &tenant->about.name, session->told_of,
                        session->replay->read_seq, PAGE_ROWS, tell_one, &page);

    session->replay->read_seq = page.seq;
    if (rc < 0)
        log_failed(session, rc);
    return page_is_full(&page, rc);
}

void replay_next(struct session *session)
{
    if (tell_page(session) || has_moved_on(session))
        IPC_SEND(session->web->ipc, tell_page, .session = session->id.id);
    else
        finish(session);
}

bool replay_begin(struct session *session, const struct current *current, uint64_t after,
                  struct slice path)
{
    session->replay = calloc(1, sizeof(*session->replay));
    if (session->replay == NULL || (session->replay->path = slice_dup(path)) == NULL)
        return false;
    start(session, current, after);
    replay_next(session);
    return true;
}

struct replay *replay_free(struct replay *replay)
{
    if (replay != NULL)
        free(replay->path);
    free(replay);
    return NULL;
}
