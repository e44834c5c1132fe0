/* SPDX-License-Identifier: Apache-2.0
 *
 * reply — XEP-0461 as agents' clients send it: what a message answers, and beside its words, for
 * clients that know nothing of replies, a quotation of it. Visitors see what is answered, so the
 * quotation (XEP-0428) is cut off.
 */
#ifndef SERVER_BRIDGE_XMPP_REPLY_H
#define SERVER_BRIDGE_XMPP_REPLY_H

#include "base/slice.h"

#include <strophe.h>

#define REPLY_NS          "urn:xmpp:reply:0"
#define REPLY_FALLBACK_NS "urn:xmpp:fallback:0"
#define REACTIONS_NS      "urn:xmpp:reactions:0"

/* A range of code points, end exclusive; both 0: none. */
struct reply_range {
    size_t start, end;
};

/* What a <fallback/> says of the body, if it is one of replies. */
struct reply_range reply_range_of(xmpp_stanza_t *fallback);
/* Takes the range out of the body, in place, unless nothing would be left. */
void reply_cut(char *body, struct reply_range range);

#endif
