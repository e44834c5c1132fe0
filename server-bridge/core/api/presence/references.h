/* SPDX-License-Identifier: Apache-2.0
 *
 * references — conversations with codes on their way in, for one measuring of the machine: a
 * request holds 256 KiB, a reference may be longer. It is kept in memory alone, until it is
 * measured by or nobody has added to it for a while.
 */
#ifndef SERVER_BRIDGE_CORE_API_REFERENCES_H
#define SERVER_BRIDGE_CORE_API_REFERENCES_H

#include "server-bridge/core/api/call.h"

/* The lines that came under this id, which is spent; the caller owns them. NULL: there is none of
 * that id, or another tenant's. */
char *references_take(struct core *core, const struct tenant_name *tenant, struct slice id);

#endif
