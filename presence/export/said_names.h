/* SPDX-License-Identifier: Apache-2.0
 *
 * said_names — the names that people say in a chat, found by the machine's rules for names ("my
 * name is …", "Hei Sini!"), whether or not anybody has coded it.
 */
#ifndef PRESENCE_SAID_NAMES_H
#define PRESENCE_SAID_NAMES_H

#include "presence/coder/coder.h"
#include "presence/export/pseudonym.h"
#include "storage/store.h"

/* Each of them from now on counts as a name. ERR_NO_MEMORY, or what the store says. */
int said_names_add(struct presence_coder *coder, struct store *store,
                   const struct tenant_name *tenant, struct conversation_id conversation,
                   struct slice language, struct pseudonyms *to) MUST_CHECK;

#endif
