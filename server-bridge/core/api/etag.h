/* SPDX-License-Identifier: Apache-2.0
 *
 * etag — which version of something was seen, in one place for all routes. Every document that is
 * read bears a tag: a hash of what it says. Shown again in If-None-Match, the same document is not
 * sent a second time (304). Shown in If-Match with a change, the change is refused (412) when
 * somebody else was quicker.
 *
 * Some documents tell of what happens, too: how many wait at a tenant. Their tag has two parts,
 * "described.now": If-None-Match wants both, If-Match the first.
 */
#ifndef SERVER_BRIDGE_CORE_API_ETAG_H
#define SERVER_BRIDGE_CORE_API_ETAG_H

#include "server-bridge/core/api/call.h"

/* The tag of a document whose text is this, quoted. */
void etag_of(const json_t *document, struct slice text, char ret_tag[ETAG_BYTES]);
/* Whether the list of a header holds it; "*" holds all. */
bool etag_is_in(struct slice list, const char *tag);
/* Whether the call may go on, by its If-Match. False: it is answered. */
bool etag_may_change(struct call *call, struct slice if_match);
/* Whether a route takes If-Match. */
bool etag_guards(const struct route *route);

#endif
