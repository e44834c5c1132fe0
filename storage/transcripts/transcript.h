/* SPDX-License-Identifier: Apache-2.0
 *
 * transcript — one conversation as the JSON document that exports, imports and the API share
 * (docs/transcript.md). Agents appear by the name visitors saw, never by their JID.
 */
#ifndef STORAGE_TRANSCRIPT_H
#define STORAGE_TRANSCRIPT_H

#include "base/buf.h"
#include "storage/store.h"

/* Appends the document on one line, without a line end. STORE_E_NONE, STORE_E_UNAVAILABLE;
 * ERR_LIMIT: larger than the buffer may become. */
int transcript_write(struct store *store, const struct tenant_name *tenant,
                     struct conversation_id conversation, struct buf *to) MUST_CHECK;

#endif
