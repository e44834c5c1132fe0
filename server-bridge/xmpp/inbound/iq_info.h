/* SPDX-License-Identifier: Apache-2.0
 *
 * iq_info — what our addresses are and can do (XEP-0030), and the short form of it that goes
 * with presence (XEP-0115).
 */
#ifndef SERVER_BRIDGE_XMPP_IQ_INFO_H
#define SERVER_BRIDGE_XMPP_IQ_INFO_H

#include "base/buf.h"
#include "base/slice.h"

/* <query/> of disco#info for a localpart of ours; node may be empty, and is repeated. */
void iq_info_write(struct buf *to, struct slice local, struct slice node);
/* The caps hash of a localpart of ours; "" for the host. Computed once. */
const char *iq_caps_ver(struct slice local);

#endif
