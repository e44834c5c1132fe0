/* SPDX-License-Identifier: Apache-2.0
 *
 * call — one request to the REST API while it is being answered.
 *
 * A handler either answers at once or keeps the call and answers when it can: when the XMPP
 * server has made a host, when a commit is done. An answer ends the call: do not touch it
 * afterwards. Who asked may be gone by then; the work is done all the same and the answer
 * goes nowhere.
 */
#ifndef SERVER_BRIDGE_CORE_API_CALL_H
#define SERVER_BRIDGE_CORE_API_CALL_H

#include "server-bridge/core/api/route.h"
#include "server-bridge/core/core.h"
#include "storage/directory/users.h"

enum {
    ETAG_BYTES = 36,                           /* two parts, a point, quotes */
    CALL_PART_BYTES = 128 * 1024,              /* one part of a long answer */
    CALL_DOCUMENT_MAX_BYTES = 64 * 1024 * 1024 /* one document, in memory while it is sent */
};

/* Who asks. */
struct caller {
    char who[80]; /* for the audit: "operator", "token:…", "user:…" */
    enum authority authority;
    bool everywhere;              /* sees all tenants; else … */
    char *tenants;                /* … these words. Owned; NULL: none */
    char coder[256];              /* AUTHORITY_CODER: the name this token codes under */
    char user[USER_NAME_MAX + 1]; /* whose session it is; "": no console user's */
    char session[ID_TEXT_BYTES];  /* which one */
    bool by_cookie;               /* it was shown as a cookie */
    bool unproven;                /* a second factor is wanted of that user, who has none yet */
    struct digest token;          /* the hash of what was shown */
};

/* Composes what comes next of a long answer, in bits of about CALL_PART_BYTES, and sets *last
 * with the last of it. Anything but OK: it cannot be finished. */
typedef int stream_fn(void *context, struct buf *to, bool *last);

struct stream {
    stream_fn *refill;
    void (*release)(void *context);
    void *context;
    struct buf out;
    size_t sent; /* of `out` */
    bool last;
};

struct call {
    struct call *next, *prev; /* in core->calls */
    struct core *core;
    struct web_peer *web; /* NULL: gone */
    uint64_t request;
    const struct route *route;
    struct caller caller;
    struct live_tenant *tenant; /* of {tenant}; only until the handler returns: find it again */
    struct path_values values;
    struct query query;
    json_t *body; /* checked against route->fields */
    char *subject;
    char *changed;            /* what exactly, for the audit; NULL: nothing to add */
    struct audit_entry entry; /* audit.c: on its way, or written … */
    char *entry_detail;       /* owned */
    bool audited;             /* … it is */
    void *job;                /* of a handler that keeps the call; released with it */
    void (*release_job)(void *job);
    struct stream stream;
    bool busy;                  /* somebody below is working on it: do not free */
    char headers[IPC_NAME_MAX]; /* answer_header() */
    char *if_none_match;        /* owned; etag.h: what the caller has seen; NULL: nothing */
    char etag[ETAG_BYTES];      /* of what was answered */
    bool keyed;                 /* repeat.h: it may come again by … */
    struct digest key, asked;   /* … this key, and what is asked by it */
    bool kept;                  /* the handler answers later */
    bool answered;              /* all of it, or the stream has begun */
    bool streaming;             /* more parts follow as they are asked for */
};

/* Enters it in core->calls. NULL: out of memory. */
struct call *call_new(struct web_peer *web, uint64_t request);
struct call *call_free(struct call *call);
struct call *call_find(const struct core *core, const struct web_peer *web, uint64_t request);

/* The handler answers later. `subject` names what it works on, so that a second one can be
 * refused meanwhile (call_is_busy); NULL: nothing. False: out of memory. */
bool call_keep(struct call *call, const char *kind, const char *subject);
bool call_is_busy(const struct core *core, const char *kind, const char *subject);

/* The tenant of {tenant}, looked up again. NULL: removed meanwhile. */
struct live_tenant *call_tenant(const struct call *call);

#endif
