/* SPDX-License-Identifier: Apache-2.0
 *
 * inbound_desk — a tenant's desk at which stanzas arrive: what the core is told of them (as lines
 * of text), and what is answered. Anna is an agent there, Ben a supervisor.
 */
#ifndef TESTS_SUPPORT_INBOUND_DESK_H
#define TESTS_SUPPORT_INBOUND_DESK_H

#include "server-bridge/xmpp/inbound/inbound.h"

#define VISITOR "vaaaaaaaaaaaaaaaaaaaaaaaaae"
#define OURS    "acme.chat.example"
#define ANNA    "anna@agents.example"
#define TO_DESK "from='" ANNA "/phone' to='desk@" OURS "'"

struct desk {
    xmpp_ctx_t *ctx;
    struct look look;
    struct members members;
    struct unhandled unhandled;
    struct inbound inbound;
    struct buf told, answered;
    uint64_t barrier;
};

/* Each case has a desk of its own, as its state. */
#define AT_A_DESK(test) cmocka_unit_test_setup_teardown(test, begin, end)
int begin(void **state);
int end(void **state);

/* Hands over one stanza; what was told and answered is of this one alone. */
void arrives(struct desk *desk, const char *xml);
/* What the desk speaks with Anna from now on. */
void speaks(struct desk *desk, enum language language);
void assert_told(const struct desk *desk, const char *line);
bool is_answered(const struct desk *desk, const char *part);
/* Nothing was told, and nothing answered. */
void assert_silent(const struct desk *desk);

#endif
