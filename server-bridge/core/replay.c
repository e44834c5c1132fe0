/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/replay.h"

#include "chat/texts.h"
#include "server-bridge/core/files/files.h"

#include <stdlib.h>

enum { ROW_BYTES = 256 };               /* of a frame, beside its words */
enum { TRIES_MAX = 3, SKIP_ROWS = 16 }; /* of a page that cannot be read; passed over then */

struct replay {
    struct current current;       /* as last read */
    uint64_t read_seq;            /* told up to here, or known already */
    char agent[IPC_NAME_MAX + 1]; /* who has it, as this browser was told; "": nobody */
    char *path;                   /* owned */
    bool skips;                   /* something could not be read, and was passed over … */
    bool owned_up;                /* … which the browser was told */
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

/* Keyed by what no visitor knows, so that nobody can try accounts. */
static struct id known_by(const struct session *session, const struct stored_reaction *reaction)
{
    char conversation[ID_TEXT_BYTES];
    struct id by = { { 0 } };
    struct digest mac;
    AUTO_BUF who;

    buf_init(&who, IPC_JID_MAX + IPC_NAME_MAX + 64);
    if (reaction->from == FROM_VISITOR)
        return by;
    id_format(session->told_of.id, conversation);
    buf_addf(&who, "%s/%.*s/", conversation, SLICE_ARG(reaction->agent));
    if (reaction->agent.len == 0) /* of an account that no transcript names */
        buf_add_slice(&who, reaction->name);
    mac = digest_hmac(slice_of(session->tenant->about.secret), buf_slice(&who));
    memcpy(by.bytes, mac.bytes, ID_BYTES);
    return by;
}

void replay_tell_reaction(const struct session *session, const struct stored_reaction *reaction)
{
    IPC_SEND(session->web->ipc, tell_reaction, .session = session->id.id, .seq = reaction->seq,
             .from = reaction->from, .by = known_by(session, reaction), .name = reaction->name,
             .emojis = reaction->emojis);
}

static int tell_reaction(void *context, const struct stored_reaction *row)
{
    const struct session *session = context;

    if (row->seq <= session->told_seq)
        replay_tell_reaction(session, row);
    return 0;
}

static int tell_reactions(struct session *session)
{
    return reactions_read(session->tenant->core->store, &session->tenant->about.name,
                          session->told_of, tell_reaction, session);
}

static void tell_state(const struct session *session, const struct current *current)
{
    IPC_SEND(session->web->ipc, tell_conversation, .session = session->id.id,
             .conversation = current->conversation.id, .state = current->state);
    if (current->state == CONVERSATION_ENDED)
        IPC_SEND(session->web->ipc, tell_ended, .session = session->id.id,
                 .reason = slice_of(current->reason));
}

/* Whom the visitor talks to. */
static struct chat_conversation_view look(const struct session *session)
{
    struct chat_conversation_view view = { .agent = "", .persona = "" };

    (void)chat_view(session->tenant->chat, session->told_of, &view);
    return view;
}

/* Who came or went meanwhile would have stood among words of before. */
static void tell_agent(const struct session *session)
{
    const struct replay *replay = session->replay;
    struct chat_conversation_view now = look(session);
    char avatar[AVATAR_ADDRESS_BYTES];

    if (replay->current.state == CONVERSATION_ENDED || strcmp(replay->agent, now.persona) == 0)
        return;
    if (replay->agent[0] != '\0')
        IPC_SEND(session->web->ipc, tell_agent, .session = session->id.id,
                 .name = slice_of(replay->agent));
    if (now.persona[0] != '\0')
        IPC_SEND(session->web->ipc, tell_agent, .session = session->id.id, .joined = true,
                 .name = slice_of(now.persona),
                 .avatar = avatar_of(session->tenant, slice_of(now.agent), avatar));
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

/* Another of their browsers has begun a new conversation meanwhile: this one is told of it, too,
 * and first how the one before ended. */
static int follow(struct session *session, bool *ret_moved)
{
    struct replay *replay = session->replay;
    struct current now, before = { .any = false };
    int rc = replay_current(session->tenant, session->visitor->id, &now);

    if (rc != OK || !now.any)
        return rc;
    *ret_moved = !conversation_id_equal(now.conversation, replay->current.conversation);
    if (!*ret_moved) {
        replay->current = now;
        return OK;
    }
    rc = STORE_CALL(session->tenant->core->store, conversation_get, &session->tenant->about.name,
                    session->told_of, take_current, &before);
    if (rc == OK)
        rc = tell_reactions(session);
    if (rc != OK)
        return rc;
    tell_state(session, &before);
    start(session, &now, 0);
    replay->agent[0] = '\0';
    IPC_SEND(session->web->ipc, tell_conversation, .session = session->id.id,
             .conversation = now.conversation.id, .state = now.state);
    return OK;
}

static int tell_page(struct session *session, bool *ret_more)
{
    struct live_tenant *tenant = session->tenant;
    struct page page = { .session = session, .seq = session->replay->read_seq };
    int rc = STORE_CALL(tenant->core->store, messages, &tenant->about.name, session->told_of,
                        session->replay->read_seq, PAGE_ROWS, tell_one, &page);

    session->replay->read_seq = page.seq;
    *ret_more = page_is_full(&page, rc);
    return rc < 0 ? rc : OK;
}

/* --- what cannot be read --- */

static struct unreadable *unreadable(struct live_tenant *tenant, struct conversation_id id)
{
    for (unsigned i = 0; i < UNREADABLE_KEPT; i++) {
        if (conversation_id_equal(tenant->unreadable[i].conversation, id))
            return &tenant->unreadable[i];
    }
    return NULL;
}

static bool is_hopeless(struct live_tenant *tenant, struct conversation_id id)
{
    struct unreadable *known = unreadable(tenant, id);

    if (known == NULL) {
        known = &tenant->unreadable[tenant->unreadable_next++ % UNREADABLE_KEPT];
        *known = (struct unreadable){ .conversation = id };
    }
    return ++known->times >= TRIES_MAX;
}

static void forget_unreadable(struct live_tenant *tenant, struct conversation_id id)
{
    struct unreadable *known = unreadable(tenant, id);

    if (known != NULL)
        *known = (struct unreadable){ .times = 0 };
}

/* In the place of the first of it, once; what the browser has already needs none, nor does what
 * nobody has said yet. */
static void tell_unreadable(struct session *session)
{
    uint64_t seq = session->replay->read_seq + 1;
    enum language language = LANGUAGE_EN;

    if (session->replay->owned_up || seq <= session->told_seq ||
        seq > session->replay->current.last_seq)
        return;
    session->replay->owned_up = true;
    (void)language_parse(slice_of(session->language), &language);
    session->told_seq = seq;
    IPC_SEND(session->web->ipc, tell_message, .session = session->id.id, .seq = seq,
             .from = FROM_SYSTEM, .text = slice_of(texts_get(language, LINE_UNREADABLE)),
             .at_ms = core_now_ms(session->tenant->core));
}

/* No further than what is known to be there: what was said since is read as ever. */
static int skip(struct session *session, bool *ret_more)
{
    struct replay *replay = session->replay;
    uint64_t last = replay->current.last_seq;

    if (!replay->skips)
        log_event(LOG_ERROR, &session->tenant->log, "hello.passed_over",
                  "after_seq=%llu remedy=\"lasnactl verify\"",
                  (unsigned long long)replay->read_seq);
    tell_unreadable(session);
    replay->skips = true;
    *ret_more = replay->read_seq < last;
    if (*ret_more)
        replay->read_seq +=
            last - replay->read_seq < SKIP_ROWS ? last - replay->read_seq : SKIP_ROWS;
    return OK;
}

static void finish(struct session *session)
{
    struct replay *replay = session->replay;

    if (!replay->skips)
        forget_unreadable(session->tenant, session->told_of);
    tell_state(session, &replay->current);
    tell_agent(session);
    IPC_SEND(session->web->ipc, tell_page, .session = session->id.id, .last = true);
    session->replay = NULL; /* live from now on */
    hello_come(session, slice_of(replay->path), replay->current.agent);
    replay_free(replay);
}

void replay_next(struct session *session)
{
    bool more = false;
    int rc = tell_page(session, &more);

    if (rc != OK && (session->replay->skips || is_hopeless(session->tenant, session->told_of)))
        rc = skip(session, &more);
    if (rc == OK && !more)
        rc = follow(session, &more);
    if (rc == OK && !more)
        rc = tell_reactions(session);
    if (rc != OK && session->replay->skips)
        rc = OK; /* what stands beside words is not worth another try */
    if (rc != OK) {
        log_event(LOG_ERROR, &session->tenant->log, "hello.replay_failed", "rc=%s",
                  result_name(rc));
        hello_refuse_later(session);
    } else if (more) {
        IPC_SEND(session->web->ipc, tell_page, .session = session->id.id);
    } else {
        finish(session);
    }
}

bool replay_begin(struct session *session, const struct current *current, uint64_t after,
                  struct slice path)
{
    session->replay = calloc(1, sizeof(*session->replay));
    if (session->replay == NULL || (session->replay->path = slice_dup(path)) == NULL)
        return false;
    start(session, current, after);
    (void)slice_copy(slice_of(look(session).persona), session->replay->agent,
                     sizeof(session->replay->agent));
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
