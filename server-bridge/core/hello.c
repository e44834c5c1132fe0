/* SPDX-License-Identifier: Apache-2.0
 *
 * A browser's first frame: who is it, and what has it missed?
 *
 * The token is the visitor. A new visitor's token is told only once it is committed, so that
 * no browser ever holds one we would not know again. No id a browser names is looked up: the
 * conversation it mentions is only compared with the visitor's own.
 *
 * A visitor whom the site vouches for is known by the identity alone: the token a browser had
 * before counts nothing beside it, and the one it gets opens nothing without it. So histories of
 * those who are vouched for and those who are not never meet.
 */

#include "base/clock.h"
#include "base/format/text.h"
#include "server-bridge/core/files/files.h"
#include "server-bridge/core/identity.h"
#include "server-bridge/core/replay.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TEAM_SHOWN = 3,
    VISITS_COUNTED = 100,
    OPENINGS_TOLD = 7,
    NAME_POINTS = 60,
    CLOSE_LATER = 1013,
    CLOSE_TOKEN = 4003
};

static void refuse(struct web_peer *web, struct id session, unsigned close_code, const char *code,
                   const char *text)
{
    IPC_SEND(web->ipc, tell_refused, .session = session, .close_code = close_code,
             .code = slice_of(code), .text = slice_of(text));
}

void hello_refuse_later(struct session *session)
{
    refuse(session->web, session->id.id, CLOSE_LATER, "unavailable", "Try again in a moment.");
    sessions_end(session->tenant->core, session);
}

/* What was shown opens nothing: maybe it was guessed, and web counts those. */
static void refuse_guess(struct web_peer *web, struct id session, const char *code,
                         const char *text)
{
    IPC_SEND(web->ipc, tell_refused, .session = session, .close_code = CLOSE_TOKEN,
             .code = slice_of(code), .text = slice_of(text), .guessed = true);
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

/* --- what they find --- */

void hello_openings(const struct live_tenant *tenant, struct buf *ret_json)
{
    struct open_time openings[OPENINGS_TOLD];
    size_t count = tenant->chat == NULL ? 0 : chat_openings(tenant->chat, openings, OPENINGS_TOLD);
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];

    buf_init(ret_json, IPC_URL_MAX);
    for (size_t i = 0; i < count; i++) {
        clock_format(openings[i].from_ms, from);
        clock_format(openings[i].to_ms, to);
        buf_addf(ret_json, "%s[\"%s\",\"%s\"]", i == 0 ? "[" : ",", from, to);
    }
    if (count > 0)
        buf_add_text(ret_json, "]");
}

/* Addresses are of our own letters: nothing in them wants to be escaped. */
static void add_avatar(struct slice address, struct buf *to)
{
    if (address.len > 0)
        buf_addf(to, ",\"avatar\":\"%.*s\"", SLICE_ARG(address));
    else
        buf_add_text(to, ",\"avatar\":null");
}

static void add_team(const struct live_tenant *tenant, struct buf *to)
{
    struct chat_teammate team[TEAM_SHOWN];
    size_t count = chat_team(tenant->chat, team, TEAM_SHOWN);
    char avatar[AVATAR_ADDRESS_BYTES];

    buf_add_text(to, ",\"team\":[");
    for (size_t i = 0; i < count; i++) {
        buf_add_text(to, i > 0 ? ",{\"name\":" : "{\"name\":");
        buf_add_json(to, slice_of(team[i].name));
        add_avatar(avatar_of(tenant, slice_of(team[i].jid), avatar), to);
        buf_add_text(to, "}");
    }
    buf_add_text(to, "]");
}

/* What the widget shows before anything was said: who is there, and how soon they answer. */
static void add_settings(const struct session *session, const struct current *current,
                         struct buf *to)
{
    const struct live_tenant *tenant = session->tenant;
    char named[ID_TEXT_BYTES];
    AUTO_BUF open;
    char avatar[AVATAR_ADDRESS_BYTES];
    uint64_t max_bytes = uploads_max_bytes(tenant);
    unsigned usual_s = 0;

    buf_add_text(to, "{\"name\":");
    buf_add_json(to, slice_of(tenant->about.title));
    add_avatar(avatar_of(tenant, SLICE_NONE, avatar), to);
    add_team(tenant, to);
    if (chat_usual_wait(tenant->chat, &usual_s))
        buf_addf(to, ",\"answer_s\":%u", usual_s);
    else
        buf_add_text(to, ",\"answer_s\":null");
    hello_openings(tenant, &open);
    if (open.len > 0)
        buf_addf(to, ",\"open\":%s", open.data);
    if (max_bytes > 0)
        buf_addf(to, ",\"files\":{\"max_bytes\":%llu}", (unsigned long long)max_bytes);
    else
        buf_add_text(to, ",\"files\":null");
    id_format(current->conversation.id, named);
    if (current->any && rights_has_earlier(session, slice_of(named)))
        buf_add_text(to, ",\"earlier\":true");
    if (own_copy_is_offered(tenant))
        buf_add_text(to, ",\"mail\":true");
    buf_add_text(to, "}");
}

static void welcome(struct session *session, struct visitor_id visitor, const char *token,
                    const struct current *current)
{
    struct live_tenant *tenant = session->tenant;
    struct chat_conversation_view view = { .agent = "", .persona = "" };
    char avatar[AVATAR_ADDRESS_BYTES];
    AUTO_BUF settings;

    if (current->any)
        (void)chat_view(tenant->chat, current->conversation, &view);
    buf_init(&settings, 4096);
    add_settings(session, current, &settings);
    IPC_SEND(session->web->ipc, tell_welcome, .session = session->id.id, .token = slice_of(token),
             .visitor = visitor.id, .conversation = current->conversation.id,
             .availability = chat_availability(tenant->chat), .agent_name = slice_of(view.persona),
             .agent_avatar = avatar_of(tenant, slice_of(view.agent), avatar),
             .last_seq = current->last_seq, .settings = buf_slice(&settings),
             .replays = current->any);
}

static int count_ended(void *context, const struct stored_conversation *row)
{
    uint64_t *ended = context;

    *ended += row->state == CONVERSATION_ENDED;
    return 0;
}

void hello_come(struct session *session, struct slice page, const char *familiar)
{
    uint64_t ended = 0;
    struct chat_event came = { .type = CHAT_VISITOR_CAME,
                               .visitor = session->visitor->id,
                               .session = session->id,
                               .name = slice_of(session->name),
                               .language = slice_of(session->language),
                               .page = page,
                               .on = sessions_are_hidden(session->visitor),
                               .agent = slice_of(familiar) };

    /* Who was here before has talked before; how often is told where it can be read. */
    if (familiar[0] != '\0' &&
        STORE_CALL(session->tenant->core->store, conversations_of, &session->tenant->about.name,
                   came.visitor, VISITS_COUNTED, count_ended, &ended) < 0)
        log_event(LOG_WARNING, &session->tenant->log, "hello.visits_unread", "");
    came.seq = ended;
    tenants_handle(session->tenant, &came);
}

/* --- a visitor who was here before --- */

static void return_visitor(struct session *session, struct visitor_id visitor, const char *token,
                           const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = session->tenant;
    struct current current;
    char named[ID_TEXT_BYTES];
    uint64_t after;
    int rc;

    rc = replay_current(tenant, visitor, &current);
    if (rc != OK || !sessions_settle(session, visitor)) {
        hello_refuse_later(session);
        return;
    }
    id_format(current.conversation.id, named);
    after = current.any && slice_is(hello->conversation, named) ? hello->after : 0;
    if (after > current.last_seq)
        after = current.last_seq;
    welcome(session, visitor, token, &current);
    if (!current.any)
        hello_come(session, hello_path(hello->page_url), "");
    else if (!replay_begin(session, &current, after, hello_path(hello->page_url)))
        hello_refuse_later(session);
}

/* --- a visitor who was not --- */

static void greeting_free(struct greeting *greeting)
{
    OPENSSL_cleanse(greeting->token, sizeof(greeting->token));
    free(greeting->page);
    free(greeting->subject);
    free(greeting);
}

static void new_visitor(struct session *session, struct slice subject,
                        const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = session->tenant;
    struct greeting *greeting = calloc(1, sizeof(*greeting));
    struct stored_visitor visitor = { .visitor = { id_new() },
                                      .site = session->site,
                                      .name = slice_of(session->name),
                                      .language = slice_of(session->language),
                                      .subject = subject,
                                      .created_ms = core_now_ms(tenant->core) };
    char address[DIGEST_HEX_BYTES];

    if (greeting != NULL) {
        token_new(greeting->token);
        greeting->session = session->id;
        greeting->visitor = visitor.visitor;
        greeting->page = slice_dup(hello_path(hello->page_url));
        greeting->subject = slice_dup(subject);
        visitor.token = digest_sha256(slice_of(greeting->token));
        hash_address(tenant->core, hello->address, address);
        visitor.address_hash = slice_of(address);
        if (STORE_CALL(tenant->core->store, visitor_new, &tenant->about.name, &visitor) == OK) {
            LL_APPEND(tenant->greetings, greeting);
            return;
        }
        greeting_free(greeting);
    }
    refuse(session->web, session->id.id, CLOSE_LATER, "unavailable", "Try again in a moment.");
    sessions_end(tenant->core, session);
}

/* Two browsers of one person may come for the first time at once: whose row came first is the
 * visitor, for both. */
static bool is_settled(struct live_tenant *tenant, struct greeting *greeting)
{
    return STORE_CALL(tenant->core->store, visitor_by_subject, &tenant->about.name,
                      slice_of(greeting->subject), &greeting->visitor) == OK;
}

void hello_stored(struct live_tenant *tenant, bool stored)
{
    struct greeting *greeting = tenant->greetings;
    const struct current none = { .any = false };
    struct session *session;

    if (greeting == NULL)
        return;
    LL_DELETE(tenant->greetings, greeting);
    if (stored && greeting->subject != NULL && greeting->subject[0] != '\0')
        stored = is_settled(tenant, greeting);
    HASH_FIND(hh, tenant->core->sessions, &greeting->session, sizeof(greeting->session), session);
    if (session != NULL && stored && tenant->chat != NULL &&
        sessions_settle(session, greeting->visitor)) {
        welcome(session, greeting->visitor, greeting->token, &none);
        hello_come(session, slice_of(greeting->page), "");
    } else if (session != NULL) {
        refuse(session->web, session->id.id, CLOSE_LATER, "unavailable", "Try again in a moment.");
        sessions_end(tenant->core, session);
    }
    greeting_free(greeting);
}

/* --- the first frame --- */

static char *one_line(struct slice text)
{
    AUTO_BUF line;

    buf_init(&line, IPC_NAME_MAX);
    text_one_line(text, NAME_POINTS, &line);
    return slice_dup(buf_slice(&line));
}

/* What the site vouches for counts more than what the browser says. */
static bool take_identity(struct session *session, const struct identity *identity)
{
    session->verified = true;
    free(session->name);
    free(session->email);
    session->name = one_line(identity->name);
    session->email = one_line(identity->email);
    session->stage = slice_dup(identity->stage);
    session->attributes = slice_dup(slice_of(identity->attributes));
    return session->name != NULL && session->email != NULL && session->stage != NULL &&
           session->attributes != NULL;
}

/* The site has said who it is. */
static void look_up_verified(struct session *session, const struct identity *identity,
                             const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = session->tenant;
    struct visitor_id visitor;
    char token[TOKEN_TEXT_BYTES];
    int rc;

    if (!take_identity(session, identity)) {
        hello_refuse_later(session);
        return;
    }
    rc = STORE_CALL(tenant->core->store, visitor_by_subject, &tenant->about.name, identity->subject,
                    &visitor);
    if (rc == OK) {
        token_new(token); /* for the frame's form: it opens nothing */
        return_visitor(session, visitor, token, hello);
    } else if (rc == STORE_E_NONE) {
        new_visitor(session, identity->subject, hello);
    } else {
        hello_refuse_later(session);
    }
}

static void look_up(struct session *session, const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = session->tenant;
    struct digest token = digest_sha256(hello->token);
    struct visitor_id visitor;
    char text[TOKEN_TEXT_BYTES];
    int rc;

    if (hello->token.len == 0) {
        new_visitor(session, SLICE_NONE, hello);
        return;
    }
    rc = token_is_wellformed(hello->token) ? STORE_CALL(tenant->core->store, visitor_by_token,
                                                        &tenant->about.name, &token, &visitor)
                                           : STORE_E_NONE;
    if (rc == OK) {
        (void)slice_copy(hello->token, text, sizeof(text));
        return_visitor(session, visitor, text, hello);
        return;
    }
    if (rc != STORE_E_NONE) {
        hello_refuse_later(session);
        return;
    }
    refuse_guess(session->web, session->id.id, "bad_token",
                 "This token opens nothing here. Say hello without one.");
    sessions_end(tenant->core, session);
}

/* Whether the hello says who its visitor is as the tenant wants it; else it is refused. */
static bool identity_holds(struct web_peer *web, const struct live_tenant *tenant,
                           const struct ipc_session_hello *hello, struct identity *ret_identity)
{
    const char *wrong;

    if (hello->identity.len == 0 && !tenant->identity_key.required)
        return true;
    if (hello->identity.len == 0) {
        refuse(web, hello->session, CLOSE_TOKEN, "identity_required",
               "This site's chat is for those who are signed in.");
        return false;
    }
    wrong = identity_check(hello->identity, &tenant->identity_key, &tenant->about,
                           core_now_ms(tenant->core), ret_identity);
    if (wrong != NULL)
        refuse_guess(web, hello->session, "bad_identity", wrong);
    return wrong == NULL;
}

void hello_begin(struct core *core, struct web_peer *web, const struct ipc_session_hello *hello)
{
    struct live_tenant *tenant = tenants_find(core, hello->tenant);
    AUTO_IDENTITY identity = { .claims = NULL };
    struct session *session;

    if (tenant == NULL || tenant->chat == NULL || tenant->about.state != TENANT_LIVE ||
        core->draining) {
        refuse(web, hello->session, CLOSE_LATER, "unavailable", "This chat is closed for now.");
        return;
    }
    if (!identity_holds(web, tenant, hello, &identity))
        return;
    session = sessions_new(core, web, hello->session, tenant);
    if (session == NULL) {
        refuse(web, hello->session, CLOSE_LATER, "unavailable", "Try again in a moment.");
        return;
    }
    session->site.id = hello->site;
    session->name = one_line(hello->name);
    session->email = one_line(hello->email);
    session->language = one_line(hello->language);
    session->hidden = hello->hidden;
    if (identity.claims != NULL)
        look_up_verified(session, &identity, hello);
    else
        look_up(session, hello);
}
