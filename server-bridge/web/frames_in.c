/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything a browser can say, and when: one table. Adding a frame: a row, a handler, a
 * message in ipc/messages.h, a test. Nothing else checks whether it may be said.
 */
#include "server-bridge/web/web.h"

#include "base/format/emoji.h"
#include "base/format/json.h"
#include "base/format/mail.h"
#include "base/format/text.h"

#include <stdio.h>

enum { TEXT_POINTS = 4000, CID_POINTS = 36, NAME_POINTS = 60, REQUEST_POINTS = 120 };

typedef void frame_fn(struct session *session, const json_t *frame);
static frame_fn on_hello, on_say, on_typing, on_read, on_page, on_stay, on_earlier, on_forget,
    on_mail, on_end, on_survey, on_event, on_ping, on_upload, on_react;

static const struct frame_type {
    const char *name;
    frame_fn *handle;
    unsigned legal_in; /* of enum session_state */
    uint32_t cost;
} frame_types[] = {
    { "hello", on_hello, SESSION_GREETING, 1 }, { "say", on_say, SESSION_LIVE, 1 },
    { "typing", on_typing, SESSION_LIVE, 1 },   { "read", on_read, SESSION_LIVE, 1 },
    { "page", on_page, SESSION_LIVE, 1 },       { "end", on_end, SESSION_LIVE, 1 },
    { "survey", on_survey, SESSION_LIVE, 2 },   { "event", on_event, SESSION_LIVE, 1 },
    { "ping", on_ping, SESSION_LIVE, 1 },       { "stay", on_stay, SESSION_LIVE, 1 },
    { "earlier", on_earlier, SESSION_LIVE, 5 }, { "forget", on_forget, SESSION_LIVE, 5 },
    { "upload", on_upload, SESSION_LIVE, 2 },   { "mail_transcript", on_mail, SESSION_LIVE, 5 },
    { "react", on_react, SESSION_LIVE, 2 },
};

enum { CLOSE_LATER = 1013 };
static const struct ratelimit_rule visitor_rule = { .burst = 30, .per_second = 5 };

static const struct frame_type *find(struct slice name)
{
    for (size_t i = 0; i < sizeof(frame_types) / sizeof(frame_types[0]); i++) {
        if (slice_is(name, frame_types[i].name))
            return &frame_types[i];
    }
    return NULL;
}

static struct slice cid_of(const json_t *frame)
{
    struct slice cid = SLICE_NONE;

    if (json_get_text(frame, "cid", &cid) != OK || cid.len > CID_POINTS * 4)
        return SLICE_NONE;
    return cid;
}

/* The milliseconds to wait, for the visitor's own haste or that of all the tenant's; 0: go ahead.
 */
static uint64_t wait_for(struct session *session, uint32_t cost)
{
    struct web *web = session->web;
    uint64_t wait_ms;

    if (web->loads)
        return 0;
    wait_ms = ratelimit_spend(&session->limit, &visitor_rule, cost, web_now_ms(web));
    return wait_ms > 0 ? wait_ms : sites_spend(web, slice_of(session->tenant), PURSE_CHAT, cost);
}

static void too_fast(struct session *session, const json_t *frame, uint64_t wait_ms)
{
    session_error(session, "too_fast", "Too fast. Wait a moment.", cid_of(frame), wait_ms);
}

void frames_too_fast(struct session *session, struct slice json, uint64_t wait_ms)
{
    AUTO_JSON frame = NULL;

    too_fast(session, json_read(json, &frame) == OK ? frame : NULL, wait_ms);
}

static void dispatch(struct session *session, const json_t *frame)
{
    struct slice name = SLICE_NONE;
    const struct frame_type *type;
    uint64_t wait_ms;

    if (!json_is_object(frame) || json_get_text(frame, "type", &name) != OK) {
        session_bad_frame(session, "A frame is a JSON object with a type.");
        return;
    }
    type = find(name);
    wait_ms = wait_for(session, type == NULL ? 1 : type->cost); /* nonsense is not free */
    if (wait_ms > 0)
        too_fast(session, frame, wait_ms);
    else if (type == NULL)
        session_bad_frame(session, "There is no frame of this type.");
    else if ((type->legal_in & session->state) != 0)
        type->handle(session, frame);
    else if (session->state == SESSION_GREETING)
        session_close(session, 4001);
    else
        session_bad_frame(session, "Hello has been said.");
}

void frames_in(struct session *session, struct slice json)
{
    AUTO_JSON frame = NULL;

    switch (json_read(json, &frame)) {
    case OK:
        dispatch(session, frame);
        break;
    case JSON_E_DEEP:
        session_bad_frame(session, "The frame is nested too deeply.");
        break;
    default:
        session_bad_frame(session, "The frame is not JSON, or has a key twice.");
        break;
    }
}

/* --- members of frames --- */

/* A text of at most `points` code points that may pass on as it is; absent counts as empty. */
static bool take(const json_t *object, const char *key, size_t points, struct slice *ret)
{
    struct slice text = SLICE_NONE;
    size_t have = 0;
    int rc = json_get_text(object, key, &text);

    if (rc == JSON_E_TYPE || text_check(text, &have) != TEXT_FINE || have > points)
        return false;
    *ret = text;
    return true;
}

/* The same for what is only shown: cut to size rather than refused. */
static bool take_cut(const json_t *object, const char *key, size_t max_bytes, struct buf *ret)
{
    struct slice text = SLICE_NONE;

    buf_init(ret, max_bytes);
    if (json_get_text(object, key, &text) == JSON_E_TYPE)
        return false;
    text_one_line(text, max_bytes / 4 - 1, ret);
    return true;
}

static bool take_uint(const json_t *object, const char *key, uint64_t max, uint64_t *ret)
{
    uint64_t number = 0;
    int rc = json_get_uint(object, key, &number);

    if (rc == JSON_E_TYPE || number > max)
        return false;
    *ret = number;
    return true;
}

static const uint64_t seq_max = UINT32_MAX;

/* --- hello --- */

/* A browser speaks for the site it stands on; our own frame for any of the tenant's. */
static struct web_site *find_site(struct session *session, const json_t *frame)
{
    struct web *web = session->web;
    struct web_tenant *tenant = sites_find(web, slice_of(session->tenant));
    struct slice key = SLICE_NONE, origin = slice_of(session->origin);
    struct web_site *site;

    if (tenant == NULL || json_get_text(frame, "site", &key) != OK)
        return NULL;
    site = sites_by_key(tenant, key);
    if (site == NULL || sites_is_own_origin(web, origin))
        return site;
    for (const char *at = site->origins; *at != '\0';) {
        size_t len = strcspn(at, " ");

        if (slice_equal((struct slice){ at, len }, origin))
            return site;
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    return NULL;
}

static void send_hello(struct session *session, const json_t *frame, const struct web_site *site)
{
    struct ipc_session_hello hello = { .session = session->id.id,
                                       .tenant = slice_of(session->tenant),
                                       .site = site->id.id };
    const json_t *page = NULL;
    AUTO_BUF url, title, referrer;
    bool fine;

    fine = take(frame, "token", 64, &hello.token) &&
           take(frame, "conversation", 64, &hello.conversation) &&
           take_uint(frame, "after", seq_max, &hello.after) &&
           take(frame, "lang", 35, &hello.language) && hello.language.len <= 35 &&
           take(frame, "name", NAME_POINTS, &hello.name) &&
           take(frame, "email", 120, &hello.email) &&
           take(frame, "identity", 4096, &hello.identity) && hello.identity.len <= 4096 &&
           hello.token.len <= 64 && hello.conversation.len <= 64 &&
           json_get_object(frame, "page", &page) != JSON_E_TYPE &&
           json_get_bool(page, "hidden", &hello.hidden) != JSON_E_TYPE;
    fine = take_cut(page, "url", IPC_URL_MAX, &url) && fine;
    fine = take_cut(page, "title", IPC_NAME_MAX, &title) && fine;
    fine = take_cut(page, "referrer", IPC_URL_MAX, &referrer) && fine;
    if (!fine) {
        session_bad_frame(session, "The hello has a member of the wrong kind or size.");
        return;
    }
    hello.page_url = buf_slice(&url);
    hello.page_title = buf_slice(&title);
    hello.referrer = buf_slice(&referrer);
    hello.address = (struct slice){ (const char *)session->peer.bytes, session->peer.len };
    session->state = SESSION_WAITING;
    IPC_SEND(session->web->core, session_hello, .session = hello.session, .tenant = hello.tenant,
             .site = hello.site, .token = hello.token, .conversation = hello.conversation,
             .after = hello.after, .language = hello.language, .name = hello.name,
             .email = hello.email, .identity = hello.identity, .page_url = hello.page_url,
             .page_title = hello.page_title, .referrer = hello.referrer, .address = hello.address,
             .hidden = hello.hidden);
}

/* Whether it shows something that can be guessed, from where too many guesses came. */
static uint64_t wait_to_show(const struct session *session, const json_t *frame)
{
    const json_t *token = json_object_get(frame, "token");
    const json_t *identity = json_object_get(frame, "identity");

    return json_is_string(token) || json_is_string(identity)
               ? peers_wait_ms(session->web, &session->peer)
               : 0;
}

static void on_hello(struct session *session, const json_t *frame)
{
    const struct web_site *site = find_site(session, frame);
    uint64_t wait_ms = wait_to_show(session, frame);

    if (wait_ms > 0) {
        session_error(session, "too_fast", "Too many wrong tokens. Wait a moment.", SLICE_NONE,
                      wait_ms);
        session_close(session, CLOSE_LATER);
        return;
    }
    if (site != NULL) {
        send_hello(session, frame, site);
        return;
    }
    session_error(session, "not_allowed", "There is no such site here.", SLICE_NONE, 0);
    session_close(session, 4002);
}

/* --- the others --- */

/* What the words ask for: to be called back, or to meet; "request": { kind, to, time }. */
static bool take_request(const json_t *frame, struct slice *ret_kind, struct buf *ret_detail)
{
    struct slice kind = SLICE_NONE, to = SLICE_NONE, time = SLICE_NONE;
    const json_t *request = NULL;
    int rc = json_get_object(frame, "request", &request);

    buf_init(ret_detail, 4096);
    if (rc != OK)
        return rc == JSON_E_ABSENT;
    if (json_get_text(request, "kind", &kind) != OK ||
        !(slice_is(kind, "callback") || slice_is(kind, "meeting")) ||
        !take(request, "to", REQUEST_POINTS, &to) || to.len == 0 ||
        !take(request, "time", REQUEST_POINTS, &time))
        return false;
    buf_addf(ret_detail, "{\"%s\":", slice_is(kind, "callback") ? "number" : "to");
    buf_add_json(ret_detail, to);
    buf_add_text(ret_detail, ",\"time\":");
    buf_add_json(ret_detail, time);
    buf_add_text(ret_detail, "}");
    *ret_kind = kind;
    return !buf_failed(ret_detail);
}

static void on_say(struct session *session, const json_t *frame)
{
    struct slice cid = SLICE_NONE, text = SLICE_NONE, request = SLICE_NONE;
    uint64_t reply_to = 0;
    AUTO_BUF clean, detail;

    buf_init(&clean, IPC_TEXT_MAX);
    if (!take_request(frame, &request, &detail)) {
        session_bad_frame(session, "A request has a kind (callback, meeting), a to, and perhaps "
                                   "a time.");
        return;
    }
    if (!take(frame, "cid", CID_POINTS, &cid) || cid.len == 0 ||
        json_get_text(frame, "text", &text) != OK ||
        !take_uint(frame, "reply_to", seq_max, &reply_to)) {
        session_bad_frame(session, "A say has a cid, a text, and perhaps a reply_to.");
        return;
    }
    switch (text_clean(text, TEXT_POINTS, &clean)) {
    case TEXT_FINE:
        IPC_SEND(session->web->core, session_say, .session = session->id.id, .cid = cid,
                 .text = buf_slice(&clean), .reply_to = reply_to, .request = request,
                 .detail = buf_slice(&detail));
        break;
    case TEXT_TOO_LONG:
        session_error(session, "too_long", "At most 4,000 characters, please.", cid, 0);
        break;
    case TEXT_BLANK:
        session_error(session, "bad_text", "There is nothing to see in it.", cid, 0);
        break;
    case TEXT_BAD_UTF8:
    case TEXT_BAD_CHARACTER:
        session_error(session, "bad_text", "It holds characters that cannot be sent.", cid, 0);
        break;
    }
}

static void on_typing(struct session *session, const json_t *frame)
{
    bool on = false;

    if (json_get_bool(frame, "on", &on) != OK)
        session_bad_frame(session, "A typing frame has on: true or false.");
    else
        IPC_SEND(session->web->core, session_typing, .session = session->id.id, .on = on);
}

static void on_read(struct session *session, const json_t *frame)
{
    uint64_t seq = 0;

    if (!take_uint(frame, "seq", seq_max, &seq) || seq == 0)
        session_bad_frame(session, "A read frame has a seq.");
    else
        IPC_SEND(session->web->core, session_read, .session = session->id.id, .seq = seq);
}

/* The emojis of a list, a space between. */
static bool take_emojis(const json_t *frame, struct buf *ret_set)
{
    const json_t *list = json_object_get(frame, "emojis"), *one;
    size_t i;

    buf_init(ret_set, EMOJI_SET_BYTES);
    if (!json_is_array(list) || json_array_size(list) > EMOJI_SET_MAX)
        return false;
    json_array_foreach(list, i, one)
    {
        buf_add_text(ret_set, i > 0 ? " " : "");
        if (!emoji_add(slice_of(json_string_value(one)), ret_set))
            return false;
    }
    return !buf_failed(ret_set) && emoji_is_set(buf_slice(ret_set));
}

static void on_react(struct session *session, const json_t *frame)
{
    uint64_t seq = 0;
    AUTO_BUF emojis;
    bool fine = take_emojis(frame, &emojis);

    if (!fine || !take_uint(frame, "seq", seq_max, &seq) || seq == 0)
        session_bad_frame(session, "A react has a seq, and up to five different emojis.");
    else
        IPC_SEND(session->web->core, session_react, .session = session->id.id, .seq = seq,
                 .emojis = buf_slice(&emojis));
}

static void on_page(struct session *session, const json_t *frame)
{
    AUTO_BUF url, title;
    bool fine = take_cut(frame, "url", IPC_URL_MAX, &url), hidden = false;

    fine = take_cut(frame, "title", IPC_NAME_MAX, &title) && fine;
    if (!fine || json_get_bool(frame, "hidden", &hidden) == JSON_E_TYPE)
        session_bad_frame(session, "A page frame has url and title, and may say hidden.");
    else
        IPC_SEND(session->web->core, session_page, .session = session->id.id,
                 .url = buf_slice(&url), .title = buf_slice(&title), .hidden = hidden);
}

static void on_stay(struct session *session, const json_t *frame)
{
    (void)frame;
    IPC_SEND(session->web->core, session_stay, .session = session->id.id);
}

static void on_earlier(struct session *session, const json_t *frame)
{
    struct slice before = SLICE_NONE;

    if (!take(frame, "before", 64, &before) || before.len > 64)
        session_bad_frame(session, "An earlier frame has before: a conversation, or null.");
    else
        IPC_SEND(session->web->core, session_earlier, .session = session->id.id, .before = before);
}

static void on_forget(struct session *session, const json_t *frame)
{
    (void)frame;
    IPC_SEND(session->web->core, session_forget, .session = session->id.id);
}

static void on_mail(struct session *session, const json_t *frame)
{
    struct slice to = SLICE_NONE;

    if (!take(frame, "email", MAIL_ADDRESS_MAX, &to) || to.len == 0 || to.len > MAIL_ADDRESS_MAX)
        session_bad_frame(session, "A mail_transcript frame has an email.");
    else
        IPC_SEND(session->web->core, session_mail, .session = session->id.id, .to = to);
}

static void on_end(struct session *session, const json_t *frame)
{
    (void)frame;
    IPC_SEND(session->web->core, session_end, .session = session->id.id);
}

static void on_upload(struct session *session, const json_t *frame)
{
    struct slice cid = SLICE_NONE;
    uint64_t bytes = 0;
    AUTO_BUF name;
    bool fine = take_cut(frame, "name", IPC_NAME_MAX, &name);

    if (!fine || !take(frame, "cid", CID_POINTS, &cid) || cid.len == 0 ||
        json_get_uint(frame, "size", &bytes) != OK)
        session_bad_frame(session, "An upload has a cid, a name and a size.");
    else
        IPC_SEND(session->web->core, session_upload, .session = session->id.id, .cid = cid,
                 .name = buf_slice(&name), .bytes = bytes);
}

/* A browser cannot see the pings of the WebSocket, and asks in its own words. */
static void on_ping(struct session *session, const json_t *frame)
{
    (void)frame;
    session_send(session, SLICE_LITERAL("{\"type\":\"pong\"}"));
}

/* A number of the survey, when it was answered, in its own range. */
static bool add_answer(const json_t *frame, const char *key, uint64_t min, uint64_t max,
                       struct buf *to)
{
    uint64_t number = 0;
    int rc = json_get_uint(frame, key, &number);

    if (rc == JSON_E_ABSENT)
        return true;
    if (rc != OK || number < min || number > max)
        return false;
    buf_addf(to, "%s\"%s\":%llu", to->len > 1 ? "," : "", key, (unsigned long long)number);
    return true;
}

static bool add_words(const json_t *frame, const char *key, size_t points, struct buf *to)
{
    struct slice words = SLICE_NONE;

    if (!take(frame, key, points, &words))
        return false;
    if (words.len > 0) {
        buf_addf(to, "%s\"%s\":", to->len > 1 ? "," : "", key);
        buf_add_json(to, words);
    }
    return true;
}

static void on_survey(struct session *session, const json_t *frame)
{
    AUTO_BUF detail;

    buf_init(&detail, IPC_TEXT_MAX);
    buf_add_text(&detail, "{");
    if (!add_answer(frame, "csat", 1, 5, &detail) || !add_answer(frame, "nps", 0, 10, &detail) ||
        !add_answer(frame, "effort", 1, 7, &detail) ||
        !add_words(frame, "comment", 2000, &detail) || !add_words(frame, "source", 200, &detail)) {
        session_bad_frame(session, "csat is 1 to 5, nps 0 to 10, effort 1 to 7, comment and source "
                                   "are texts.");
        return;
    }
    buf_add_text(&detail, "}");
    if (buf_failed(&detail) || detail.len == 2)
        session_bad_frame(session, "The survey is empty.");
    else
        IPC_SEND(session->web->core, session_survey, .session = session->id.id,
                 .detail = buf_slice(&detail));
}

static bool is_event_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return name.len > 0 && name.len <= 32;
}

static void on_event(struct session *session, const json_t *frame)
{
    const json_t *value = json_object_get(frame, "value");
    struct slice name = SLICE_NONE, currency = SLICE_NONE, id = SLICE_NONE;
    AUTO_BUF detail, type;

    buf_init(&detail, 4000);
    buf_init(&type, 64);
    if (json_get_text(frame, "name", &name) != OK || !is_event_name(name) ||
        !take(frame, "currency", 3, &currency) || !take(frame, "id", 64, &id) ||
        (value != NULL && !json_is_null(value) && !json_is_number(value))) {
        session_bad_frame(session, "An event has a name, and perhaps value, currency and id.");
        return;
    }
    buf_add_text(&detail, "{\"id\":");
    buf_add_json(&detail, id);
    if (json_is_number(value))
        buf_addf(&detail, ",\"value\":%.2f", json_number_value(value));
    if (currency.len > 0) {
        buf_add_text(&detail, ",\"currency\":");
        buf_add_json(&detail, currency);
    }
    buf_add_text(&detail, "}");
    buf_addf(&type, "site_%.*s", SLICE_ARG(name)); /* never mistaken for one of our own */
    IPC_SEND(session->web->core, session_event, .session = session->id.id, .name = buf_slice(&type),
             .detail = buf_slice(&detail));
}
