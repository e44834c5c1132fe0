/* SPDX-License-Identifier: Apache-2.0
 *
 * certificates — what web tells of the certificates it serves, and who must hear of it: the log
 * once a day, `lasnactl status` and `check tls`, and whoever watches the metrics.
 */
#ifndef SERVER_BRIDGE_CORE_CERTIFICATES_H
#define SERVER_BRIDGE_CORE_CERTIFICATES_H

#include "base/result.h"
#include "server-bridge/ipc/messages.h"

struct core;
struct event;

enum { CERTIFICATE_WARN_DAYS = 21 };

struct certificate_seen {
    char *name, *file;       /* owned, as all texts here */
    char *names;             /* hosts it is good for, separated by spaces */
    char *negotiated;        /* protocols and suites; "": never served */
    char *problem, *warning; /* "": none */
    bool served;
    uint64_t chain, expires_ms;
    uint64_t warned_ms; /* when the log last said that it expires soon */
};

struct certificates {
    struct certificate_seen *items;
    size_t count, cap;
    struct event *hourly;
};

int certificates_start(struct core *core) MUST_CHECK;
void certificates_stop(struct core *core);
void certificates_seen(struct core *core, const struct ipc_certificate_seen *seen);
/* Whole days until it expires; negative: it has. */
int64_t certificate_days_left(const struct certificate_seen *seen, uint64_t now_ms);

#endif
