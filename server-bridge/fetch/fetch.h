/* SPDX-License-Identifier: Apache-2.0
 *
 * fetch — the only role that talks to the outside: it asks what the core tells it to ask, and
 * tells what came. For the files of fetch/ alone.
 *
 *     fetch_main  the role's program   fetch  many transfers on one loop   transfer  one of them
 *
 * It knows no tenant and has no secret of its own: bodies come signed, and the mail server's
 * password comes with each mail and stays as long as the connection to it. Where it may go is
 * decided here and not by who asks: https alone, no redirects, and only to public addresses. A name
 * is resolved once, and the very address that was looked at is the one connected to, so a name that
 * changes its mind gains nothing. The role runs in a jail (server-bridge/jail.h).
 */
#ifndef SERVER_BRIDGE_FETCH_FETCH_H
#define SERVER_BRIDGE_FETCH_FETCH_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/format/address.h"
#include "server-bridge/ipc/messages.h"

#include <curl/curl.h>

enum {
    FETCH_AT_ONCE_MAX = 1024, /* transfers; the core asks for fewer */
    FETCH_MS = 5000,          /* from name to last byte */
    FETCH_MAIL_MS = 12000,    /* a mail server may think */
    FETCH_CONNECT_MS = 3000,
};

struct event_base;
struct event;

struct fetch {
    struct event_base *base;
    CURLM *multi;
    struct event *timer;
    struct ipc_peer *core; /* NULL: away; answers go nowhere */
    struct transfer *transfers;
    size_t transfer_count;
    struct address_ranges allowed; /* although they are not public */
    char *ca;                      /* owned; PEM file of who is trusted */
};

/* --- fetch.c --- */

/* `ca`: PEM file of who is trusted; "": the system's. */
int fetch_start(struct fetch *fetch, const char *ca) MUST_CHECK;
void fetch_stop(struct fetch *fetch);
/* It is answered in any case, perhaps at once. */
void fetch_begin(struct fetch *fetch, const struct ipc_fetch_request *request);
void fetch_begin_mail(struct fetch *fetch, const struct ipc_fetch_mail *mail);
/* Whoever asked is gone. */
void fetch_abandon_all(struct fetch *fetch);

/* --- transfer.c --- */

struct transfer {
    struct transfer *next, *prev;
    struct fetch *fetch;
    uint64_t request;
    CURL *easy;
    struct curl_slist *request_headers; /* of a mail: who gets it */
    struct buf headers, body;           /* what came; of a mail, `body` is what goes */
    size_t sent;                        /* of it */
    size_t answer_max;
    bool is_mail;
    bool cut;     /* what is longer is read up to answer_max */
    bool was_cut; /* and it was */
    bool too_long;
    bool refused; /* an address it could have gone to */
};

/* Ready to be given to the multi handle. ERR_NO_MEMORY. */
int transfer_new(struct transfer **ret_transfer, struct fetch *fetch,
                 const struct ipc_fetch_request *request) MUST_CHECK;
/* The same for a mail. That server is the operator's: it may be on a private address. */
int transfer_mail_new(struct transfer **ret_transfer, struct fetch *fetch,
                      const struct ipc_fetch_mail *mail) MUST_CHECK;
struct transfer *transfer_free(struct transfer *transfer);
DEFINE_AUTO(transfer)

/* `status`: what was answered last; 0: nothing. */
enum fetch_outcome transfer_outcome(const struct transfer *transfer, CURLcode code, long status);

#endif
