/* SPDX-License-Identifier: Apache-2.0
 *
 * What a visitor may ask for themselves: their earlier conversations, and to be forgotten. Who
 * asks is known by the session, so by token or identity: an id that a browser names is only
 * compared with the visitor's own, and those who are vouched for and those who are not have
 * nothing of each other's.
 */
#include "server-bridge/core/files/files.h"
#include "server-bridge/core/replay.h"

#include <stdlib.h>

/* One that is being told, page by page. */
struct earlier {
    struct conversation_id conversation;
    uint64_t opened_ms, read_seq;
    bool more; /* there are others before it */
};

static bool may(const struct live_tenant *tenant, bool earlier)
{
    AUTO(tenant_settings) settings = NULL;

    if (settings_of(tenant, NULL, &settings) != OK)
        return false;
    return earlier ? settings->widget_earlier : settings->widget_forget;
}

/* --- earlier conversations --- */

struct search {
    struct slice before; /* find the one before this; empty: the latest */
    bool passed, found, more;
    struct conversation_id conversation;
    uint64_t opened_ms;
};

static int look(void *context, const struct stored_conversation *row)
{
    struct search *search = context;
    char named[ID_TEXT_BYTES];

    if (!search->passed) {
        id_format(row->conversation.id, named);
        search->passed = slice_is(search->before, named);
        return 0;
    }
    if (search->found) {
        search->more = true;
        return 1;
    }
    search->found = true;
    search->conversation = row->conversation;
    search->opened_ms = row->opened_ms;
    return 0;
}

static int find(const struct session *session, struct search *search)
{
    const struct live_tenant *tenant = session->tenant;

    search->passed = search->before.len == 0;
    return STORE_CALL(tenant->core->store, conversations_of, &tenant->about.name,
                      session->visitor->id, SIZE_MAX, look, search);
}

bool rights_has_earlier(const struct session *session, struct slice before)
{
    struct search search = { .before = before };

    return may(session->tenant, true) && find(session, &search) >= 0 && search.found;
}

static int tell(void *context, const struct stored_message *row)
{
    struct page *page = context;
    const struct session *session = page->session;
    bool own = row->from == FROM_VISITOR;
    char avatar[AVATAR_ADDRESS_BYTES];
    AUTO_BUF file;

    buf_init(&file, 4096);
    file_view(session->tenant, row->from, &row->file, row->text, &file);
    IPC_SEND(session->web->ipc, tell_message, .session = session->id.id, .earlier = true,
             .seq = row->seq, .from = row->from, .name = own ? SLICE_NONE : row->name,
             .avatar = avatar_of_words(session->tenant, row->from, row->sender, avatar),
             .text = row->text, .at_ms = row->at_ms, .reply_to = row->reply_to,
             .cid = own ? row->cid : SLICE_NONE, .file = buf_slice(&file),
             .edited = row->edited_ms != 0, .withdrawn = row->withdrawn_ms != 0);
    return page_took(page, row);
}

static void tell_end(const struct session *session, const struct earlier *earlier)
{
    IPC_SEND(session->web->ipc, tell_earlier_end, .session = session->id.id,
             .conversation = earlier->conversation.id, .opened_ms = earlier->opened_ms,
             .more = earlier->more);
}

void rights_drop_earlier(struct session *session)
{
    free(session->earlier);
    session->earlier = NULL;
}

void rights_next_earlier(struct session *session)
{
    struct live_tenant *tenant = session->tenant;
    struct earlier *earlier = session->earlier;
    struct page page = { .session = session, .seq = earlier->read_seq };
    int rc = STORE_CALL(tenant->core->store, messages, &tenant->about.name, earlier->conversation,
                        earlier->read_seq, PAGE_ROWS, tell, &page);

    earlier->read_seq = page.seq;
    if (rc < 0)
        log_event(LOG_ERROR, &tenant->log, "earlier.unreadable", "");
    if (page_is_full(&page, rc)) {
        IPC_SEND(session->web->ipc, tell_page, .session = session->id.id);
        return;
    }
    tell_end(session, earlier);
    rights_drop_earlier(session);
}

void rights_tell_earlier(struct session *session, struct slice before)
{
    struct live_tenant *tenant = session->tenant;
    struct search search = { .before = before };
    struct earlier earlier;

    if (session->earlier != NULL)
        return; /* one at a time: its end answers both */
    if (may(tenant, true) && find(session, &search) < 0)
        log_event(LOG_ERROR, &tenant->log, "earlier.unreadable", "");
    earlier = (struct earlier){ .conversation = search.conversation,
                                .opened_ms = search.opened_ms,
                                .more = search.more };
    session->earlier = search.found ? malloc(sizeof(earlier)) : NULL;
    if (session->earlier == NULL) {
        tell_end(session, &(struct earlier){ .opened_ms = 0 });
        return;
    }
    *session->earlier = earlier;
    rights_next_earlier(session);
}

/* --- to be forgotten --- */

static void refuse(const struct session *session, const char *text)
{
    IPC_SEND(session->web->ipc, tell_error, .session = session->id.id,
             .code = SLICE_LITERAL("not_erased"), .text = slice_of(text));
}

void rights_forget(struct session *session)
{
    struct live_tenant *tenant = session->tenant;
    int rc = may(tenant, false) ? erase_own(tenant, session->visitor->id) : ERASE_E_HELD;

    /* Done: the session is gone, as every other of this visitor. */
    if (rc == ERASE_E_HELD)
        refuse(session, "This has to be kept for now. Please ask us.");
    else if (rc != OK)
        refuse(session, "That did not work. Please try again in a moment.");
}
