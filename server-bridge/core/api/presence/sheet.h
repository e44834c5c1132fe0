/* SPDX-License-Identifier: Apache-2.0
 *
 * sheet — a chat as a person gets it to code: its messages with an empty list of codes beside each.
 * Neither stage nor anybody's codes stand in it: who knows them reads with them in mind.
 */
#ifndef SERVER_BRIDGE_CORE_API_SHEET_H
#define SERVER_BRIDGE_CORE_API_SHEET_H

#include "base/format/json.h"
#include "storage/store.h"

/* The caller owns *ret_sheet. STORE_E_NONE: there is no such conversation. */
int sheet_read(struct store *store, const struct tenant_name *tenant, struct conversation_id id,
               json_t **ret_sheet) MUST_CHECK;
/* The list of a message's codes, to be filled. NULL: there is no such message. */
json_t *sheet_list(const json_t *sheet, uint64_t seq, const char *key);

#endif
