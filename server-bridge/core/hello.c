/* SPDX-License-Identifier: Apache-2.0
 *
 * A browser's first frame: who is it, and what has it missed?
 *
 * The token is the visitor. A new visitor's token is told only once it is committed, so that
 * no browser ever holds one we would not know again. No id a browser names is looked up: the
 * conversation it mentions is only compared with the visitor's own.
 */
#include "server-bridge/core/core.h"

#include "base/clock.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPLAY_MAX = 10000, NAME_POINTS = 60, CLOSE_LATER = 1013, CLOSE_TOKEN = 4003 };

static void refuse(struct web_peer *web, struct id session, unsigned close_code, const char *code,
                   const char *text)
{
    IPC_SEND(web->ipc, tell_refused, .session = session, .close_code = close_code,
             .code = slice_of(code), .text = slice_of(text));
}

/* HMAC with a key that changes each day; hex. */
static void hash_address(struct core *core, struct slice address, char hex[DIGEST_HEX_BYTES])
{
    char day[CLOCK_TEXT_BYTES];
    struct digest key, hash;

    clock_format(core_now_ms(core), day);
    key = digest_hmac((struct slice){ (char *)core->address_key.bytes, DIGEST_BYTES },
                      (struct slice){ day, 10 });
    hash = digest_hmac((struct slice){ (char *)key.bytes, DIGEST_BYTES }, address);
    digest_hex(&hash, hex);
}

struct slice hello_path(struct slice url)
{
    struct slice path = url;
    const char *scheme;

    if (url.len == 0)
        return url;
    scheme = memmem(url.data, url.len, "://", 3);
    if (scheme != NULL) {
        size_t skip = (size_t)(scheme - url.data) + 3;

        while (skip < url.len && url.data[skip] != '/')
            skip++;
        path = (struct slice){ url.data + skip, url.len - skip };
    }
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] == '?' || path.data[i] == '#')
            path.len = i;
    }
    return path;
}

/* --- what the visitor has missed --- */

struct current {
    bool any;
    struct conversation_id conversation;
    enum conversation_state state;
    uint64_t last_seq;
    char reason[64];
};

static int take_current(void *context, const struct stored_conversation *row)
{
    struct current *current = context;

    current->any = true;
    current->conversation = row->conversation;
    current->state = row->state;
    current->last_seq = row->last_seq;
    (void)slice_copy(row->end_reason, current->reason, sizeof(current->reason));
    return 0;
}

static int replay_one(void *context, const struct stored_message *row)
{
    struct session *session = context;
    bool own = row->from == FROM_VISITOR;

    session->told_seq = row->seq;
    IPC_SEND(session->web->ipc, tell_message, .session = session->id.id, .seq = row->seq,
             .from = row->from, .name = own ? SLICE_NONE : row->name, .text = row->text,
             .at_ms = row->at_ms, .reply_to = row->reply_to, .cid = own ? row->cid : SLICE_NONE);
    if (own && (row->delivery == DELIVERY_DELIVERED || row->delivery == DELIVERY_READ))
        IPC_SEND(session->web->ipc, tell_receipt, .session = session->id.id, .seq = row->seq,
                 .delivery = row->delivery);
    return 0;
}

static void replay(struct session *session, const struct current *current, uint64_t after)
{
    struct live_tenant *tenant = session->tenant;
    int rc;

    session->told_of = current->conversation;
    session->told_seq = after;
    rc = STORE_CALL(tenant->core->store, messages, &tenant->about.name, current->conversation,
                    after, REPLAY_MAX, replay_one, session);
    if (rc != OK)
        log_event(LOG_ERROR, &tenant->log, "hello.replay_failed", "rc=%s", result_name(rc));
    IPC_SEND(session->web->ipc, tell_conversation, .session = session->id.id,
             .conversation = current->conversation.id, .state = current->state);
    if (current->state == CONVERSATION_ENDED)
        IPC_SEND(session->web->ipc, tell_ended, .session = session->id.id,
                 .reason = slice_of(current->reason));
}

static void welcome(struct session *session, struct visitor_id visitor, const char *token,
                    const struct current *current)
{
    struct live_tenant *tenant = session->tenant;
    struct chat_conversation_view view = { .persona = "" };
    AUTO_BUF settings;

    if (current->any)
        (void)chat_view(tenant->chat, current->conversation, &view);
    buf_init(&settings, 4096);
    buf_add_text(&settings, "{\"name\":");
    buf_add_json(&settings, slice_of(tenant->about.title));
    buf_add_text(&settings, "}");
    IPC_SEND(session->web->ipc, tell_welcome, .session = session->id.id, .token = slice_of(token),
             .visitor = visitor.id, .conversation = current->conversation.id,
             .availability = chat_availability(tenant->chat), .agent_name = slice_of(view.persona),
             .last_seq = current->last_seq, .settings = buf_slice(&settings));
}

static void come(struct session *session, struct visitor_id visitor, struct slice page)
{
    struct chat_event came = { .type = CHAT_VISITOR_CAME,
                               .visitor = visitor,
                               .session = session->id,
                               .name = slice_of(session->name),
                               .language = slice_of(session->language),
                               .page = page };

    tenants_handle(session->tenant, &came);
}

/* --- a visitor who was here before --- */

static void return_visitor(struct session *session, struct visitor_id visitor,
                           const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = session->tenant;
    struct current current = { .any = false };
    char named[ID_TEXT_BYTES], token[TOKEN_TEXT_BYTES];
    uint64_t after;
    int rc;

    rc = STORE_CALL(tenant->core->store, conversation_latest, &tenant->about.name, visitor,
                    take_current, &current);
    if (rc < 0 || !sessions_settle(session, visitor)) {
        refuse(session->web, session->id.id, CLOSE_LATER, "unavailable", "Try again in a moment.");
        sessions_end(tenant->core, session);
        return;
    }
    id_format(current.conversation.id, named);
    after = current.any && slice_is(hello->conversation, named) ? hello->after : 0;
    if (after > current.last_seq)
        after = current.last_seq;
    (void)slice_copy(hello->token, token, sizeof(token));
    welcome(session, visitor, token, &current);
    if (current.any)
        replay(session, &current, after);
    come(session, visitor, hello_path(hello->page_url));
}

/* --- a visitor who was not --- */

static void new_visitor(struct session *session, const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = session->tenant;
    struct greeting *greeting = calloc(1, sizeof(*greeting));
    struct stored_visitor visitor = { .visitor = { id_new() },
                                      .site = session->site,
                                      .name = slice_of(session->name),
                                      .language = slice_of(session->language),
                                      .created_ms = core_now_ms(tenant->core) };
    char address[DIGEST_HEX_BYTES];

    if (greeting != NULL) {
        token_new(greeting->token);
        greeting->session = session->id;
        greeting->visitor = visitor.visitor;
        greeting->page = slice_dup(hello_path(hello->page_url));
        visitor.token = digest_sha256(slice_of(greeting->token));
        hash_address(tenant->core, hello->address, address);
        visitor.address_hash = slice_of(address);
        if (STORE_CALL(tenant->core->store, visitor_new, &tenant->about.name, &visitor) == OK) {
            LL_APPEND(tenant->greetings, greeting);
            return;
        }
        free(greeting->page);
        free(greeting);
    }
    refuse(session->web, session->id.id, CLOSE_LATER, "unavailable", "Try again in a moment.");
    sessions_end(tenant->core, session);
}

void hello_stored(struct live_tenant *tenant, bool stored)
{
    struct greeting *greeting = tenant->greetings;
    const struct current none = { .any = false };
    struct session *session;

    if (greeting == NULL)
        return;
    LL_DELETE(tenant->greetings, greeting);
    HASH_FIND(hh, tenant->core->sessions, &greeting->session, sizeof(greeting->session), session);
    if (session != NULL && stored && tenant->chat != NULL &&
        sessions_settle(session, greeting->visitor)) {
        welcome(session, greeting->visitor, greeting->token, &none);
        come(session, greeting->visitor, slice_of(greeting->page));
    } else if (session != NULL) {
        refuse(session->web, session->id.id, CLOSE_LATER, "unavailable", "Try again in a moment.");
        sessions_end(tenant->core, session);
    }
    OPENSSL_cleanse(greeting->token, sizeof(greeting->token));
    free(greeting->page);
    free(greeting);
}

/* --- the first frame --- */

static char *one_line(struct slice text)
{
    AUTO_BUF line;

    buf_init(&line, IPC_NAME_MAX);
    text_one_line(text, NAME_POINTS, &line);
    return slice_dup(buf_slice(&line));
}

static void look_up(struct session *session, const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = session->tenant;
    struct digest token = digest_sha256(hello->token);
    struct visitor_id visitor;
    int rc;

    if (hello->token.len == 0) {
        new_visitor(session, hello);
        return;
    }
    rc = token_is_wellformed(hello->token) ? STORE_CALL(tenant->core->store, visitor_by_token,
                                                        &tenant->about.name, &token, &visitor)
                                           : STORE_E_NONE;
    if (rc == OK) {
        return_visitor(session, visitor, hello);
        return;
    }
    if (rc == STORE_E_NONE)
        refuse(session->web, session->id.id, CLOSE_TOKEN, "bad_token",
               "This token opens nothing here. Say hello without one.");
    else
        refuse(session->web, session->id.id, CLOSE_LATER, "unavailable", "Try again in a moment.");
    sessions_end(tenant->core, session);
}

void hello_begin(struct core *core, struct web_peer *web, const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = tenants_find(core, hello->tenant);
    struct session *session;

    if (tenant == NULL || tenant->chat == NULL || tenant->about.state != TENANT_LIVE ||
        core->draining) {
        refuse(web, hello->session, CLOSE_LATER, "unavailable", "This chat is closed for now.");
        return;
    }
    if (hello->identity.len > 0) {
        refuse(web, hello->session, CLOSE_TOKEN, "bad_identity",
               "This site has no identity key, so no identity can be checked.");
        return;
    }
    session = sessions_new(core, web, hello->session, tenant);
    if (session == NULL) {
        refuse(web, hello->session, CLOSE_LATER, "unavailable", "Try again in a moment.");
        return;
    }
    session->site.id = hello->site;
    session->name = one_line(hello->name);
    session->language = one_line(hello->language);
    look_up(session, hello);
}
