/* SPDX-License-Identifier: Apache-2.0
 *
 * look — what a link knows of its tenant's face: its name, its site, and the pictures of its
 * contacts with their hashes, made when the core says how it looks.
 */
#ifndef SERVER_BRIDGE_XMPP_LOOK_H
#define SERVER_BRIDGE_XMPP_LOOK_H

#include "base/buf.h"
#include "server-bridge/ipc/messages.h"
#include "server-bridge/xmpp/picture.h"

enum { LOOK_HASH_BYTES = 2 * 20 + 1 };

struct look_picture {
    char hash[LOOK_HASH_BYTES]; /* SHA-1 in hex, as XEP-0153 and XEP-0084 name it; "": none */
    size_t bytes;
    struct buf base64;
};

struct look {
    char *title, *site; /* owned; NULL: not told yet. site: "https://acme.example", or empty */
    struct look_picture pictures[PICTURE_KIND_COUNT];
};

void look_init(struct look *look);
void look_release(struct look *look);
/* Takes over what the core says. 1: the pictures are others now. ERR_NO_MEMORY: it is as it was. */
enum { LOOK_E_REDRAWN = 1 };
int look_set(struct look *look, const struct ipc_link_look *said) MUST_CHECK;
/* "" while nothing is known. */
struct slice look_title(const struct look *look);
/* Of the contact with this localpart; the host has the desk's. */
const struct look_picture *look_picture(const struct look *look, struct slice local);

#endif
