/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/web_double.h"

#include "server-bridge/ipc/codec.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>

struct web the_web;
struct conn the_conn;
uint64_t double_clock_ms;

static struct role role;
static struct evbuffer *out;
static struct buf told, sent;
static unsigned ended;

/* --- what web/ calls --- */

uint64_t web_now_ms(struct web *web)
{
    web->now_ms = double_clock_ms;
    return web->now_ms;
}

struct evbuffer *conn_out(struct conn *conn)
{
    (void)conn;
    return out;
}

void conn_deadline(struct conn *conn, enum deadline deadline)
{
    conn->deadline = deadline;
}

void conn_finish(struct conn *conn)
{
    conn->state = CONN_CLOSING;
    ended = ended == 0 ? 1 : ended;
}

void conn_free(struct conn *conn)
{
    conn_finish(conn);
}

void http_refuse(struct conn *conn, unsigned status, const char *text)
{
    assert(text[0] != '\0');
    ended = status;
    conn_finish(conn);
}

void http_answer(struct conn *conn, unsigned status, const char *type, const char *headers,
                 struct slice body)
{
    (void)type;
    (void)headers;
    (void)body;
    ended = status;
    conn_finish(conn);
}

void conn_await_body(struct conn *conn, uint64_t bytes, body_fn *on_body)
{
    conn->body_bytes = bytes;
    conn->on_body = on_body;
}

void api_on_answer(struct web *web, const struct ipc_api_answer *answer)
{
    (void)web;
    (void)answer;
}

void api_on_part(struct web *web, const struct ipc_api_part *part)
{
    (void)web;
    (void)part;
}

void files_on_go(struct web *web, const struct ipc_file_go *go)
{
    (void)web;
    (void)go;
}

void avatars_on_found(struct web *web, const struct ipc_avatar_found *found)
{
    (void)web;
    (void)found;
}

void files_on_found(struct web *web, const struct ipc_file_found *found)
{
    (void)web;
    (void)found;
}

/* --- the core, as lines --- */

#define TELL_ID(m, name)
#define TELL_NUM(m, name)  buf_addf(&told, " " #name "=%llu", (unsigned long long)(m)->name);
#define TELL_FLAG(m, name) buf_add_text(&told, (m)->name ? " " #name "=true" : " " #name "=false");
#define TELL_TEXT(m, name)                         \
    buf_add_text(&told, " " #name "=[");           \
    buf_add(&told, (m)->name.data, (m)->name.len); \
    buf_add_text(&told, "]");
#define TELL_FIELD(kind, name, max) TELL_##kind(m, name)
#define TELL_MESSAGE(type, number, from, to)  \
    case IPC_##type: {                        \
        const struct ipc_##type *m = message; \
        (void)m;                              \
        buf_add_text(&told, #type);           \
        IPC_FIELDS_##type(TELL_FIELD) break;  \
    }

/* NOLINTNEXTLINE(readability-function-size): a case a message, made by the table */
void ipc_peer_send(struct ipc_peer *peer, enum ipc_type type, const void *message)
{
    (void)peer;
    assert(ipc_size(type, message) != 0);
    assert(ipc_may_pass(type, IPC_WEB, IPC_CORE));
    switch (type) {
        IPC_MESSAGES(TELL_MESSAGE)
    default:
        abort();
    }
    buf_add_text(&told, "\n");
}

const char *double_told(void)
{
    static struct buf shown;

    shown.limit = told.limit;
    buf_clear(&shown);
    buf_add_text(&shown, "");
    buf_add_slice(&shown, buf_slice(&told));
    buf_clear(&told);
    return shown.data == NULL ? "" : shown.data;
}

void double_core_says(enum ipc_type type, const void *message)
{
    size_t len = ipc_size(type, message);
    uint8_t *bytes = malloc(len);
    union ipc_message heard;
    enum ipc_type kind;

    assert(len != 0 && bytes != NULL);
    ipc_encode(type, message, bytes); /* over the wire: texts end exactly where they end */
    if (ipc_decode(bytes, len, &kind, &heard) != OK)
        abort();
    frames_out_handlers[kind](&the_web, &heard);
    free(bytes);
}

/* --- the browser --- */

static void add_frame(unsigned opcode, const uint8_t *payload, size_t len)
{
    switch (opcode) {
    case 0x1:
        buf_add(&sent, payload, len);
        break;
    case 0x8:
        if (len >= 2)
            buf_addf(&sent, "close %d", payload[0] << 8 | payload[1]);
        else
            buf_add_text(&sent, "close");
        break;
    case 0x9:
        buf_add_text(&sent, "ping");
        break;
    case 0xa:
        buf_add_text(&sent, "pong");
        break;
    default:
        buf_add_text(&sent, "broken");
        break;
    }
    buf_add_text(&sent, "\n");
}

/* One frame of ours at the front of the bytes: its length; 0: it is none. */
static size_t take_frame(const uint8_t *bytes, size_t len)
{
    size_t header = 2, payload;

    if (len < 2 || (bytes[0] & 0xf0) != 0x80 || (bytes[1] & 0x80) != 0)
        return 0;
    payload = bytes[1] & 0x7f;
    if (payload == 126) {
        header = 4;
        payload = len < header ? 0 : (size_t)bytes[2] << 8 | bytes[3];
    } else if (payload == 127) {
        header = 10;
        payload = 0;
        for (size_t i = 2; i < header && len >= header; i++)
            payload = payload << 8 | bytes[i];
    }
    if (len < header || len - header < payload)
        return 0;
    add_frame(bytes[0] & 0x0f, bytes + header, payload);
    return header + payload;
}

const char *double_sent(void)
{
    size_t len = evbuffer_get_length(out), at = 0, took;
    const uint8_t *bytes = evbuffer_pullup(out, -1);

    buf_clear(&sent);
    buf_add_text(&sent, "");
    for (; at < len; at += took) {
        took = take_frame(bytes + at, len - at);
        if (took == 0) {
            buf_add_text(&sent, "broken\n");
            break;
        }
    }
    (void)evbuffer_drain(out, len);
    return sent.data == NULL ? "" : sent.data;
}

struct slice double_sent_bytes(void)
{
    buf_clear(&sent);
    buf_add(&sent, evbuffer_pullup(out, -1), evbuffer_get_length(out));
    (void)evbuffer_drain(out, evbuffer_get_length(out));
    return buf_slice(&sent);
}

unsigned double_ended(void)
{
    return ended;
}

void double_receives(const void *bytes, size_t len)
{
    (void)evbuffer_add(bufferevent_get_input(the_conn.bev), bytes, len);
    if (the_conn.session != NULL && the_conn.state == CONN_WEBSOCKET)
        websocket_readable(the_conn.session);
}

void double_receives_frame(unsigned first, struct slice payload)
{
    static const uint8_t mask[4] = { 0x11, 0x22, 0x33, 0x44 };
    uint8_t header[14] = { (uint8_t)first };
    size_t header_len = 2;
    uint8_t *bytes = malloc(sizeof(header) + payload.len);

    assert(bytes != NULL);
    if (payload.len < 126) {
        header[1] = (uint8_t)(0x80 | payload.len);
    } else if (payload.len <= UINT16_MAX) {
        header[1] = 0x80 | 126;
        header[2] = (uint8_t)(payload.len >> 8);
        header[3] = (uint8_t)payload.len;
        header_len = 4;
    } else {
        header[1] = 0x80 | 127;
        for (int i = 0; i < 8; i++)
            header[2 + i] = (uint8_t)(payload.len >> (56 - 8 * i));
        header_len = 10;
    }
    memcpy(header + header_len, mask, sizeof(mask));
    header_len += sizeof(mask);
    memcpy(bytes, header, header_len);
    for (size_t i = 0; i < payload.len; i++)
        bytes[header_len + i] = (uint8_t)payload.data[i] ^ mask[i % 4];
    double_receives(bytes, header_len + payload.len);
    free(bytes);
}

/* --- start and stop --- */

struct session *double_session(const char *origin, enum session_state state)
{
    const struct web_tenant *acme = sites_find(&the_web, SLICE_LITERAL("acme"));
    struct session *session = session_new(&the_conn, acme, slice_of(origin));

    assert(session != NULL);
    session->state = state;
    the_conn.session = session;
    the_conn.state = CONN_WEBSOCKET;
    return session;
}

void double_start(void)
{
    const struct ipc_tenant_open open = { .tenant = SLICE_LITERAL("acme") };
    const struct ipc_tenant_site site = { .tenant = SLICE_LITERAL("acme"),
                                          .site = { { 1 } },
                                          .key = SLICE_LITERAL(DOUBLE_SITE_KEY),
                                          .origins = SLICE_LITERAL(DOUBLE_ORIGIN),
                                          .config = SLICE_LITERAL("{}") };

    buf_init(&told, 1 << 20);
    buf_init(&sent, 1 << 20);
    ended = 0;
    double_clock_ms = 1000000;
    out = evbuffer_new();
    role = (struct role){ .self = IPC_WEB, .base = event_base_new() };
    the_web = (struct web){ .role = &role, .core_ready = true, .now_ms = double_clock_ms };
    the_web.own_origins = strdup(DOUBLE_OWN);
    sites_open(&the_web, &open);
    sites_add(&the_web, &site);
    sites_told(&the_web, site.tenant);
    the_conn = (struct conn){ .web = &the_web, .peer = { { 'a', 'd', 'd', 'r' }, 4 } };
    the_conn.bev = bufferevent_socket_new(role.base, -1, 0);
    assert(out != NULL && the_conn.bev != NULL && the_web.own_origins != NULL);
    (void)evbuffer_unfreeze(bufferevent_get_input(the_conn.bev), 0);
}

void double_stop(void)
{
    if (the_conn.session != NULL)
        session_free(the_conn.session);
    bufferevent_free(the_conn.bev);
    event_base_free(role.base);
    evbuffer_free(out);
    sites_free_all(&the_web);
    free(the_web.own_origins);
    buf_release(&told);
    buf_release(&sent);
}
