/* SPDX-License-Identifier: Apache-2.0
 *
 * web — the role that faces the internet. For the files of web/ alone.
 *
 *     http_head   the head of a request, strictly          conn       one connection, its deadlines
 *     http        what paths there are, and answers        assets     the widget's files, in memory
 *     websocket   the handshake and the framing            sites      tenants as far as web knows
 *     arrivals    what a proxy says of whom it brings       proxy_header
 *     peers       who asks, and how often they may be wrong
 *     poll        the same session where no WebSocket passes
 *     frames_in   visitors' frames, checked                session    a visitor's browser
 *     frames_out  what the core tells, as frames           api        the REST API, passed on
 *     files       visitors' files, in and out              tls        what we speak of it
 *     certificates  which one a browser is shown           tls_look   how one of them is
 *     survey      buyers' answers, passed on
 *
 * Nothing here knows rules, databases or XMPP. What a stranger sends is checked here and
 * handed to the core typed; what the core tells becomes JSON here.
 */
#ifndef SERVER_BRIDGE_WEB_WEB_H
#define SERVER_BRIDGE_WEB_WEB_H

#include "base/format/address.h"
#include "base/id.h"
#include "base/ratelimit.h"
#include "server-bridge/ipc/peer.h"
#include "server-bridge/role.h"
#include "server-bridge/web/http_head.h"

#include <uthash.h>
#include <utlist.h>

struct bufferevent;
struct conn;
struct evbuffer;
struct evconnlistener;
struct event;
struct ssl_ctx_st;
struct wslay_event_context;

enum {
    WS_MESSAGE_MAX_BYTES = 64 * 1024,
    WS_FRAGMENTS_MAX = 64,
    OUT_PAUSE_BYTES = 128 * 1024, /* unsent: read no more from this one */
    OUT_GIVE_UP_BYTES = 4 * 1024 * 1024,
    BAD_FRAMES_MAX = 10,
    HELD_FRAMES_MAX = 16,
    HELD_BYTES_MAX = 64 * 1024, /* … all of them: one of any length fits */
    DRAIN_MAX_BYTES = 64 * 1024,
    DRAIN_FILE_BYTES = 16 * 1024 * 1024, /* … of a file nobody wants */
    LISTENERS_MAX = 8,
};

/* --- peers.c: who asks, and what one address may take --- */

struct peer {
    uint8_t bytes[16];
    uint8_t len; /* 4 or 16; 0: a UNIX socket */
};
struct peer_limits;
struct sockaddr;
struct web;
/* The other end of a new connection. */
void peers_take(struct conn *conn, const struct sockaddr *address);
/* A request's head has come: where our own proxy passed it on, who it says asks. */
void peers_forwarded(struct conn *conn, const struct http_head *head);
/* What an address spends of the little it gets each second. Behind a proxy of ours nobody sees
 * connections: what would be worth one costs as much. */
enum { COST_REQUEST = 1, COST_CONNECT = 4 };
/* The address asks for more of these than it may. */
bool peers_is_too_fast(struct conn *conn, uint32_t cost);
/* How long no token from there will be looked at; 0: go on. */
uint64_t peers_wait_ms(struct web *web, const struct peer *peer);
/* A token that came from there opened nothing. */
void peers_api_failed(struct web *web, const struct peer *peer);
void peers_visitor_failed(struct web *web, const struct peer *peer);
void peers_free_all(struct web *web);

/* --- deadlines: every class has one length, so each is a first-in, first-out list --- */

enum deadline {
    DEADLINE_HEAD,   /* the whole head, or TLS and the head, must be there */
    DEADLINE_BODY,   /* the whole body */
    DEADLINE_PART,   /* the next part of a file */
    DEADLINE_ANSWER, /* the API's answer */
    DEADLINE_POLL,   /* frames for a request that waits for them */
    DEADLINE_KEEP,   /* the next request on a kept connection */
    DEADLINE_HELLO,  /* the hello frame, and its welcome */
    DEADLINE_PING,   /* a sign of life, else a ping */
    DEADLINE_PONG,   /* … and its answer */
    DEADLINE_DRAIN,  /* after our FIN, theirs */
    DEADLINE_COUNT
};

enum conn_state {
    CONN_HEAD,      /* waits for a request's head */
    CONN_BODY,      /* waits for its body */
    CONN_FILE,      /* a file comes in, part by part */
    CONN_ANSWER,    /* the core works on it */
    CONN_WEBSOCKET, /* a visitor */
    CONN_CLOSING,   /* what is written goes out, then FIN */
    CONN_DRAINING   /* FIN is out; whatever still comes is dropped, within limits */
};

/* A request's body is there, whole. */
typedef void body_fn(struct conn *conn, struct slice body);

struct conn {
    struct conn *prev, *next; /* in its deadline's list */
    struct web *web;
    struct bufferevent *bev;
    uint64_t due_ms;
    enum deadline deadline;
    enum conn_state state;
    struct peer peer;  /* who asks */
    struct peer proxy; /* the other end of the socket, where that is a proxy of ours */
    bool proxied;
    bool keep_alive, head_only, paused, tls, unsent;
    struct conn *next_unsent; /* has something to write this turn */
    uint32_t drained_bytes;
    struct session *session; /* CONN_WEBSOCKET */
    struct request *request; /* CONN_BODY, CONN_ANSWER, CONN_FILE: what the core has to answer */
    uint64_t body_bytes;     /* CONN_BODY: all of it; CONN_FILE: what has not been passed on */
    /* CONN_BODY */
    body_fn *on_body;
    /* poll.c */
    struct id polled;       /* the session its request is for */
    struct poll *waits_for; /* CONN_ANSWER */
    bool first;             /* its request begins the session */
};

void conn_deadline(struct conn *conn, enum deadline deadline);
void conn_free(struct conn *conn);
/* Sends what is written, then closes politely. */
void conn_finish(struct conn *conn);
/* The answer is written: on to the next request, or close. */
void conn_answered(struct conn *conn);
/* What goes out at the end of this turn of the loop. */
struct evbuffer *conn_out(struct conn *conn);
/* Listens; a listener taken over from the supervisor. */
void conn_listen(struct web *web, int fd, bool tls);
void conn_stop_listening(struct web *web);
/* One is there, from this address; the descriptor is its own. `forwards`: where that is a proxy of
 * ours, who asks stands in its requests. */
void conn_begin(struct web *web, int fd, const struct sockaddr *address, bool forwards, bool tls);
/* Before the first connection: the clock and the writing. */
int conn_start(struct web *web) MUST_CHECK;
/* The head is handled; this goes on when the body has come. */
void conn_await_body(struct conn *conn, uint64_t bytes, body_fn *on_body);
void conn_free_all(struct web *web);

/* --- arrivals.c --- */

/* From a proxy of ours that has to say whom it brings: takes it over. False: it is whoever it is.
 */
bool arrivals_await(struct web *web, int fd, const struct sockaddr *address, size_t len, bool tls);
void arrivals_free_all(struct web *web);

/* --- http.c --- */

/* A request whose head is there: answers it, or goes on waiting for its body. */
void http_handle(struct conn *conn, const struct http_head *head);
/* Its body is there. */
void http_handle_body(struct conn *conn);
/* A small answer of ours. `headers`: more lines with CR LF, or "". */
void http_answer(struct conn *conn, unsigned status, const char *type, const char *headers,
                 struct slice body);
/* A refusal as a problem document, after which the connection closes. */
void http_refuse(struct conn *conn, unsigned status, const char *text);
const char *http_reason(unsigned status);
/* Of bytes that a stranger sent: whoever opens them gets what the type says and nothing that runs,
 * frames or phones home. */
#define HTTP_OF_A_STRANGER                                                             \
    "Content-Security-Policy: sandbox; default-src 'none'; frame-ancestors 'none'\r\n" \
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"              \
    "Cross-Origin-Resource-Policy: cross-origin\r\nX-Robots-Tag: noindex, nofollow\r\n"

/* --- assets.c: read once at start, before the jail --- */

enum encoding { ENCODING_PLAIN, ENCODING_GZIP, ENCODING_BROTLI, ENCODING_COUNT };
struct asset {
    UT_hash_handle hh;
    char *name;
    const char *type; /* static */
    char etag[24];
    struct slice body[ENCODING_COUNT]; /* owned; len 0: not there */
};
struct assets {
    struct asset *files;  /* hash by name: "chat-1a2b.js" */
    struct asset *frame;  /* frame.html */
    struct asset *join;   /* join.html */
    struct asset *loader; /* loader.js, with its place for the configuration */
};
/* An absent folder is logged and leaves everything empty: the API works without a widget. */
int assets_load(struct assets *assets, const char *folder) MUST_CHECK;
void assets_release(struct assets *assets);
struct asset *assets_find(const struct assets *assets, struct slice name);
/* The loader with this configuration in it, plain and gzip. NULL: memory, or no loader. */
struct asset *assets_make_loader(const struct assets *assets, struct slice config);
/* A copy of what the core told, plain and gzip. NULL: memory, or nothing was told. */
struct asset *assets_make(const char *name, struct slice body);
struct asset *asset_free(struct asset *asset);
/* The best form that this Accept-Encoding takes. */
enum encoding asset_choose(const struct asset *asset, struct slice accept_encoding);

/* --- sites.c --- */

struct web_site {
    struct web_site *next;
    struct site_id id;
    char key[ID_TEXT_BYTES];
    char *origins;
    struct asset *loader;
    struct asset *texts; /* the chat's, in the tenant's own words; NULL: there are none */
};
/* What is paid from a purse of its own: buyers who answer a survey silence nobody who chats. */
enum purse { PURSE_CHAT, PURSE_SURVEY, PURSE_COUNT };

struct web_tenant {
    UT_hash_handle hh;
    char name[33];
    char *former;            /* owned; what it was called before: its old addresses lead here */
    struct web_site *sites;  /* that count … */
    struct web_site *coming; /* … and those that will, once all have been told */
    unsigned availability;
    /* This process' part of what the tenant may; 0: no limit */
    struct ratelimit_rule frames_rule;
    struct ratelimit purses[PURSE_COUNT];
    uint64_t sessions_max, sessions;
};
/* Told anew, a tenant keeps its former sites until all have been told: it is never without. */
void sites_open(struct web *web, const struct ipc_tenant_open *open);
void sites_add(struct web *web, const struct ipc_tenant_site *site);
void sites_told(struct web *web, struct slice tenant);
void sites_close(struct web *web, struct slice tenant);
void sites_free_all(struct web *web);
/* By the name it has, or one it had. */
struct web_tenant *sites_find(const struct web *web, struct slice tenant);
/* Whether one more browser may come; session.c counts those who are here. */
bool sites_has_room(const struct web *web, const struct web_tenant *tenant);
/* A frame, or a form, came from one of its visitors: the milliseconds to wait, 0: go ahead. */
uint64_t sites_spend(struct web *web, struct slice tenant, enum purse purse, uint32_t cost);
struct web_site *sites_by_key(const struct web_tenant *tenant, struct slice key);
/* Whether the origin is one of the tenant's, or our own. */
bool sites_allows(const struct web *web, const struct web_tenant *tenant, struct slice origin);
bool sites_is_own_origin(const struct web *web, struct slice origin);

/* --- websocket.c --- */

/* Checks the handshake; upgrades, or refuses. */
void websocket_upgrade(struct conn *conn, const struct http_head *head, struct slice tenant);
/* Bytes have come. */
void websocket_readable(struct session *session);
void websocket_send(struct session *session, struct slice json);
/* A close frame, then the end. */
void websocket_close(struct session *session, unsigned code);
void websocket_ping(struct session *session);
void websocket_release(struct session *session);

/* --- session.c --- */

enum session_state {
    SESSION_GREETING = 1, /* says hello next */
    SESSION_WAITING = 2,  /* has said hello; the core looks */
    SESSION_LIVE = 4,
    SESSION_OVER = 8
};

struct held_frame {
    struct held_frame *next;
    size_t len;
    char bytes[];
};

struct session {
    UT_hash_handle hh; /* by id */
    struct session_id id;
    struct web *web;
    struct conn *conn; /* its WebSocket; NULL: it polls */
    struct poll *poll; /* NULL: it has a WebSocket */
    struct peer peer;
    enum session_state state;
    char tenant[33];
    char *origin; /* until hello */
    struct ratelimit limit;
    uint8_t bad_frames;
    uint16_t hasty;          /* frames refused as too fast, in a row */
    struct held_frame *held; /* said before the welcome came */
    uint8_t held_count;
    uint32_t held_bytes;
    bool replaying;  /* … or while what was said before comes */
    bool wants_page; /* … its next page, as soon as this one is written */
    /* websocket.c */
    struct wslay_event_context *ws; /* NULL while idle */
    uint64_t pulled, finished;      /* bytes given to wslay, and of whole frames */
    uint64_t frame_bytes;           /* of the frame being read */
    uint8_t fragments;
    bool close_sent;
};

struct session *session_new(struct conn *conn, const struct web_tenant *tenant,
                            struct slice origin);
/* Tells the core, forgets it; the connection stays the caller's. */
void session_free(struct session *session);
struct session *session_find(struct web *web, struct id id);
void session_send(struct session *session, struct slice json);
/* Tells the code, then ends it. */
void session_close(struct session *session, unsigned code);
void session_message(struct session *session, struct slice json);
void session_binary(struct session *session);
/* The welcome has come; and, unless `replays`, all that was said before: what was held is handled
 * now. */
void session_welcomed(struct session *session, bool replays);
/* A page of what was said is handed to the browser; `last`: it has all. */
void session_paged(struct session *session, bool last);
/* Nothing is unsent: the next page may come. */
void session_written(struct session *session);
/* An error frame; cid empty: null; retry 0: null. */
void session_error(struct session *session, const char *code, const char *text, struct slice cid,
                   uint64_t retry_after_ms);
void session_bad_frame(struct session *session, const char *text);
/* The core has gone: every visitor is asked to come again. */
void session_close_all(struct web *web, unsigned code);

/* --- poll.c --- */

struct poll {
    struct poll *prev, *next; /* of all */
    struct session *session;
    struct conn *waiting; /* the request that is answered as soon as there are frames */
    struct buf out;       /* frames nobody has fetched yet, with commas */
    unsigned close_code;  /* 0: open */
    bool told;            /* the code was fetched */
    uint64_t heard_ms;    /* its latest request, or answer */
};
void poll_begin(struct conn *conn, const struct http_head *head, struct slice tenant);
void poll_send(struct session *session, struct slice json);
void poll_close(struct session *session, unsigned code);
void poll_release(struct session *session);
/* The deadline of the request that waits. */
void poll_answer(struct poll *poll);
/* This connection is gone, whether it waited or not. */
void poll_conn_gone(struct conn *conn);
/* Answers those that have something to tell, forgets those that ask no more. */
void polls_tick(struct web *web);

/* --- frames_in.c, frames_out.c --- */

void frames_in(struct session *session, struct slice json);
/* Not taken: the browser is told which words of its it may say again, and when. */
void frames_too_fast(struct session *session, struct slice json, uint64_t wait_ms);
extern ipc_handler_fn *const frames_out_handlers[IPC_TYPE_COUNT];

/* --- api.c --- */

struct request {
    struct conn *conn;
    uint64_t number;
    char method[8];
    char path[HTTP_TARGET_MAX + 1], query[HTTP_TARGET_MAX + 1], bearer[257], cookie[65];
    char repeat_key[257], if_match[IPC_NAME_MAX + 1], if_none_match[IPC_NAME_MAX + 1];
    char languages[129]; /* a survey's reader likes these */
    bool guesses;        /* shows what could be guessed: a 401 is counted */
    bool parts;          /* the answer comes in parts */
    bool waiting;        /* for us to ask for the next part; CONN_FILE: for us to send it */
    bool whole;          /* its length was told: parts are no chunks */
    UT_hash_handle hh;   /* by number */
};
/* Known by its number from here on; forgotten with the connection, or once it is answered. */
struct request *request_new(struct conn *conn);
struct request *request_find(struct web *web, uint64_t number);
/* Starts a request that goes to the core; false: refused already. */
bool api_begin(struct conn *conn, const struct http_head *head);
void api_send(struct conn *conn, struct slice body);
void api_written(struct conn *conn);
void api_drop(struct request *request);
/* Its answer is written. */
void api_done(struct request *request);
void api_on_answer(struct web *web, const struct ipc_api_answer *answer);
void api_on_part(struct web *web, const struct ipc_api_part *part);
void api_core_gone(struct web *web);

/* --- files.c --- */

void files_take(struct conn *conn, const struct http_head *head, struct slice tenant);
void files_readable(struct conn *conn);
void files_on_go(struct web *web, const struct ipc_file_go *go);
void files_give(struct conn *conn, const struct http_head *head, struct slice path);
void files_on_found(struct web *web, const struct ipc_file_found *found);

/* --- avatars.c --- */

void avatars_give(struct conn *conn, const struct http_head *head, struct slice path);
void avatars_on_found(struct web *web, const struct ipc_avatar_found *found);

/* --- survey.c --- */

void survey_begin(struct conn *conn, const struct http_head *head, struct slice path);

/* --- tls.c --- */

/* A new context from PEM texts, or NULL: *ret_problem says why, for people (static). */
struct ssl_ctx_st *tls_context_new(struct slice chain, struct slice key, const char **ret_problem);

/* --- certificates.c --- */

/* The supervisor's file of all there are from now on: new connections get them, those there keep
 * what they have. Not whole: what is missing in it goes on being served. */
void certificates_read(struct web *web, int fd, uint64_t len, bool whole);
/* The same from its bytes. */
void certificates_take(struct web *web, const uint8_t *bytes, size_t len, bool whole);
/* To the core: how they are. */
void certificates_tell(const struct web *web);
void certificates_release(struct web *web);

struct web {
    struct role *role;
    struct ipc_peer *core;
    bool core_ready, draining;
    bool loads; /* limits are lifted for tests */
    struct assets assets;
    struct web_tenant *tenants;
    struct session *sessions;
    struct poll *polls;
    size_t poll_count;
    struct request *requests;
    uint64_t last_request;
    struct conn *deadlines[DEADLINE_COUNT];
    struct conn *unsent;
    struct event *flush;
    struct arrival *arrivals;
    uint64_t arrivals_tell_ms, arrivals_untold; /* refused ones: when the log is told again, of … */
    size_t conn_count;                          /* with the arrivals */
    struct evconnlistener *listeners[LISTENERS_MAX];
    size_t listener_count;
    struct event *clock, *accept_again;
    struct certificate *certificates; /* hash by name */
    struct certified *certified;      /* hash by the hosts they are good for … */
    uint64_t certified_until_ms;      /* … until then: one of them begins or ends to hold */
    struct ssl_ctx_st *tls;           /* borrowed: what a connection begins with; NULL: none */
    struct peer_limits *peers;        /* hash by address */
    struct address_ranges proxies;
    char *own_origins;
    uint64_t now_ms; /* steady, as of this turn of the loop */
};

uint64_t web_now_ms(struct web *web);

#endif
