/* SPDX-License-Identifier: Apache-2.0
 *
 * jid — taking addresses apart: by the first '/', then by the first '@'. The library's own
 * splitter takes `evil.example/alice@agents.example` for someone at agents.example.
 */
#ifndef TENANT_JID_H
#define TENANT_JID_H

#include "base/slice.h"

enum { JID_PART_MAX = 1023, JID_MAX = 3071 };

struct jid {
    struct slice local;    /* empty: none */
    struct slice domain;   /* never empty */
    struct slice resource; /* empty: none */
    struct slice bare;     /* local@domain, a run of the text it came from */
};

/* The slices borrow from `text`. 1: no domain, an empty part, a part too long, or a
 * character RFC 7622 forbids in that part. */
int jid_split(struct slice text, struct jid *ret_jid);

/* A bare JID as people type it: lower-cased (ASCII and Unicode simple), checked for the
 * form local@domain.label. 1: not such a JID. */
int jid_normalise_bare(struct slice text, char *ret_jid, size_t size);

#endif
