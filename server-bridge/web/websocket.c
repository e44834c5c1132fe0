/* SPDX-License-Identifier: Apache-2.0
 *
 * The handshake, strictly, and the framing by wslay. A wslay context is 8.5 KB, so it is freed
 * whenever all bytes it was given belong to finished frames, and made anew with the next byte:
 * most visitors are silent most of the time.
 *
 * What we send are whole, unmasked text frames: a header of 2 to 10 bytes that needs no context.
 */
#include "server-bridge/web/web.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <openssl/evp.h>
#include <wslay/wslay.h>

#define PROTOCOL "lasna.v1"

/* --- the handshake --- */

static bool accept_key(struct slice key, char ret_accept[29])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char decoded[32], digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    char text[24 + sizeof(guid)];

    /* 24 characters of base64 that are exactly 16 bytes */
    if (key.len != 24 || key.data[22] != '=' || key.data[23] != '=' ||
        memchr(key.data, '=', 22) != NULL ||
        EVP_DecodeBlock(decoded, (const unsigned char *)key.data, (int)key.len) != 18)
        return false;
    memcpy(text, key.data, 24);
    memcpy(text + 24, guid, sizeof(guid));
    if (EVP_Digest(text, 24 + sizeof(guid) - 1, digest, &digest_len, EVP_sha1(), NULL) != 1)
        return false;
    (void)EVP_EncodeBlock((unsigned char *)ret_accept, digest, (int)digest_len);
    return true;
}

static struct slice value_of(const struct http_head *head, const char *name, size_t *ret_count)
{
    const struct http_header *header = http_head_find(head, name, ret_count);

    return header == NULL ? SLICE_NONE : header->value;
}

/* What stands against this handshake: a status and its text; status 0: nothing. */
static struct http_refusal check(const struct web *web, const struct http_head *head,
                                 const struct web_tenant *tenant)
{
    size_t origins, keys, versions, protocols, upgrades;
    struct slice origin = value_of(head, "origin", &origins);
    struct slice version = value_of(head, "sec-websocket-version", &versions);
    struct slice upgrade = value_of(head, "upgrade", &upgrades);

    (void)value_of(head, "sec-websocket-key", &keys);
    (void)value_of(head, "sec-websocket-protocol", &protocols);
    if (head->http_1_0 || head->has_body || upgrades != 1 ||
        !http_equal_nocase(upgrade, "websocket") ||
        !http_head_has_token(head, "connection", "upgrade") || keys != 1)
        return (struct http_refusal){ 400, "That is no WebSocket handshake." };
    if (versions != 1 || !slice_is(version, "13"))
        return (struct http_refusal){ 426, "WebSocket version 13 is spoken here." };
    if (origins != 1 || tenant == NULL || !sites_allows(web, tenant, origin))
        return tenant == NULL
                   ? (struct http_refusal){ 404, "There is no such tenant." }
                   : (struct http_refusal){ 403, "This origin is not one of the tenant's." };
    if (protocols < 1 || !http_head_has_token(head, "sec-websocket-protocol", PROTOCOL))
        return (struct http_refusal){ 400, "The subprotocol " PROTOCOL " is required." };
    return (struct http_refusal){ 0, "" };
}

void websocket_upgrade(struct conn *conn, const struct http_head *head, struct slice name)
{
    struct web *web = conn->web;
    const struct web_tenant *tenant = sites_find(web, name);
    struct http_refusal refusal = check(web, head, tenant);
    char accept[29];

    if (refusal.status == 0 && !accept_key(value_of(head, "sec-websocket-key", NULL), accept))
        refusal = (struct http_refusal){ 400, "The Sec-WebSocket-Key is not 16 bytes." };
    if (refusal.status == 0 && !sites_has_room(web, tenant))
        refusal =
            (struct http_refusal){ 503, "This chat has as many visitors as it may. Try later." };
    if (refusal.status == 0 && (!web->core_ready || web->draining))
        refusal = (struct http_refusal){ 503, "Try again in a moment." };
    if (refusal.status != 0) {
        http_refuse(conn, refusal.status, refusal.text);
        return;
    }
    conn->session = session_new(conn, tenant, value_of(head, "origin", NULL));
    if (conn->session == NULL) {
        http_refuse(conn, 503, "Try again in a moment.");
        return;
    }
    (void)evbuffer_add_printf(conn_out(conn),
                              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
                              "Sec-WebSocket-Protocol: " PROTOCOL "\r\n\r\n",
                              accept);
    conn->state = CONN_WEBSOCKET;
    conn_deadline(conn, DEADLINE_HELLO);
}

/* --- sending --- */

enum { OPCODE_TEXT = 0x1, OPCODE_CLOSE = 0x8, OPCODE_PING = 0x9, FIN = 0x80 };

static void send_frame(struct session *session, uint8_t opcode, struct slice payload)
{
    struct evbuffer *out = conn_out(session->conn);
    uint8_t header[10] = { FIN | opcode };
    size_t header_len = 2;

    if (payload.len < 126) {
        header[1] = (uint8_t)payload.len;
    } else if (payload.len <= UINT16_MAX) {
        header[1] = 126;
        header[2] = (uint8_t)(payload.len >> 8);
        header[3] = (uint8_t)payload.len;
        header_len = 4;
    } else {
        header[1] = 127;
        for (int i = 0; i < 8; i++)
            header[2 + i] = (uint8_t)(payload.len >> (56 - 8 * i));
        header_len = 10;
    }
    (void)evbuffer_add(out, header, header_len);
    (void)evbuffer_add(out, payload.data, payload.len);
}

void websocket_send(struct session *session, struct slice json)
{
    size_t unsent = evbuffer_get_length(conn_out(session->conn));

    if (session->close_sent || session->conn->state != CONN_WEBSOCKET)
        return;
    if (unsent > OUT_GIVE_UP_BYTES) { /* reads nothing, and resumes with `after` when it does */
        websocket_close(session, 1008);
        return;
    }
    send_frame(session, OPCODE_TEXT, json);
}

void websocket_close(struct session *session, unsigned code)
{
    const char payload[2] = { (char)(code >> 8), (char)code };

    if (!session->close_sent && session->conn->state == CONN_WEBSOCKET) {
        session->close_sent = true;
        send_frame(session, OPCODE_CLOSE, (struct slice){ payload, 2 });
    }
    session->state = SESSION_OVER;
    conn_finish(session->conn);
}

void websocket_ping(struct session *session)
{
    if (!session->close_sent)
        send_frame(session, OPCODE_PING, SLICE_NONE);
}

/* --- receiving --- */

static ssize_t on_pull(wslay_event_context_ptr ws, uint8_t *to, size_t len, int flags,
                       void *context)
{
    struct session *session = context;
    int got = evbuffer_remove(bufferevent_get_input(session->conn->bev), to, len);

    (void)flags;
    if (got <= 0) {
        wslay_event_set_error(ws, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    session->pulled += (uint64_t)got;
    return got;
}

/* Pongs and the answers to a close. */
static ssize_t on_push(wslay_event_context_ptr ws, const uint8_t *from, size_t len, int flags,
                       void *context)
{
    struct session *session = context;

    (void)ws;
    (void)flags;
    (void)evbuffer_add(conn_out(session->conn), from, len);
    return (ssize_t)len;
}

static void on_frame_start(wslay_event_context_ptr ws,
                           const struct wslay_event_on_frame_recv_start_arg *arg, void *context)
{
    struct session *session = context;
    uint64_t header = 6; /* with its mask */

    if (arg->payload_length > UINT16_MAX)
        header = 14;
    else if (arg->payload_length > 125)
        header = 8;
    session->frame_bytes = header + arg->payload_length;
    if ((arg->opcode & 0x8) != 0)
        return;
    session->fragments = arg->opcode == 0 ? (uint8_t)(session->fragments + 1) : 1;
    if (session->fragments > WS_FRAGMENTS_MAX) {
        session->fragments = 1;
        (void)wslay_event_queue_close(ws, 1008, NULL, 0);
        wslay_event_shutdown_read(ws);
    }
}

static void on_frame_end(wslay_event_context_ptr ws, void *context)
{
    struct session *session = context;

    (void)ws;
    session->finished += session->frame_bytes;
}

static void on_message(wslay_event_context_ptr ws, const struct wslay_event_on_msg_recv_arg *arg,
                       void *context)
{
    struct session *session = context;

    (void)ws;
    if (wslay_is_ctrl_frame(arg->opcode))
        return;
    session->fragments = 0;
    if (session->state == SESSION_OVER)
        return;
    if (arg->opcode == WSLAY_BINARY_FRAME)
        session_binary(session);
    else
        session_message(session, (struct slice){ (const char *)arg->msg, arg->msg_length });
}

static bool begin_context(struct session *session)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_pull,
        .send_callback = on_push,
        .on_frame_recv_start_callback = on_frame_start,
        .on_frame_recv_end_callback = on_frame_end,
        .on_msg_recv_callback = on_message,
    };

    if (session->ws != NULL)
        return true;
    session->pulled = session->finished = 0;
    if (wslay_event_context_server_init(&session->ws, &callbacks, session) != 0)
        return false;
    wslay_event_config_set_max_recv_msg_length(session->ws, WS_MESSAGE_MAX_BYTES);
    return true;
}

void websocket_release(struct session *session)
{
    if (session->ws != NULL)
        wslay_event_context_free(session->ws);
    session->ws = NULL;
}

/* What the peer broke, in wslay's own words: some errors it leaves without a close. */
static void end_after_error(struct session *session, int error)
{
    if (error != 0 && !wslay_event_get_close_sent(session->ws) &&
        wslay_event_get_queued_msg_count(session->ws) == 0)
        (void)wslay_event_queue_close(session->ws, 1002, NULL, 0);
    if (!session->close_sent)
        (void)wslay_event_send(session->ws);
    session->close_sent = true;
    session->state = SESSION_OVER;
    conn_finish(session->conn);
}

static void hold_back_if_slow(struct session *session)
{
    struct conn *conn = session->conn;

    if (evbuffer_get_length(conn_out(conn)) > OUT_PAUSE_BYTES && !conn->paused) {
        conn->paused = true;
        (void)bufferevent_disable(conn->bev, EV_READ);
    }
}

void websocket_readable(struct session *session)
{
    struct conn *conn = session->conn;
    int error;

    if (evbuffer_get_length(bufferevent_get_input(conn->bev)) == 0)
        return;
    if (!begin_context(session)) {
        conn_free(conn);
        return;
    }
    error = wslay_event_recv(session->ws);
    if (session->state == SESSION_OVER && conn->state != CONN_WEBSOCKET)
        return; /* closed by what it said */
    if (error != 0 || !wslay_event_get_read_enabled(session->ws)) {
        end_after_error(session, error);
        return;
    }
    if (wslay_event_want_write(session->ws))
        (void)wslay_event_send(session->ws);
    if (session->state != SESSION_GREETING && session->state != SESSION_WAITING)
        conn_deadline(conn, DEADLINE_PING);
    hold_back_if_slow(session);
    if (session->pulled == session->finished && session->fragments == 0)
        websocket_release(session);
}
