/* SPDX-License-Identifier: Apache-2.0
 *
 * visitor_copy — all that is kept of a visitor, as lines of JSON or, with what they sent, as an
 * archive.
 */
#ifndef SERVER_BRIDGE_CORE_API_VISITOR_COPY_H
#define SERVER_BRIDGE_CORE_API_VISITOR_COPY_H

#include "server-bridge/core/api/answer.h"

#include "storage/visitor.h"

/* Answers the call; takes over what `record` owns, and `self`: the visitor's own document. */
void visitor_copy(struct call *call, struct visitor_record *record, json_t *self, bool archive);

#endif
