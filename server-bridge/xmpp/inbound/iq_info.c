/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/inbound/iq_info.h"

#include "server-bridge/xmpp/inbound/inbound.h"
#include "server-bridge/xmpp/inbound/reply.h"

#include <openssl/evp.h>
#include <stdio.h>

#define NAME "L\xc3\xa4sn\xc3\xa4"

static const struct identity {
    const char *category, *type;
} identities[] = {
    [CONTACT_NONE] = { "client", "web" },
    [CONTACT_HOST] = { "gateway", "xmpp" },
    [CONTACT_DESK] = { "client", "bot" },
    [CONTACT_VISITOR] = { "client", "web" },
};

/* Sorted: the caps hash is made over them in this order. */
static const char *const features[] = {
    "http://jabber.org/protocol/caps",
    "http://jabber.org/protocol/chatstates",
    "http://jabber.org/protocol/commands",
    "http://jabber.org/protocol/disco#info",
    "http://jabber.org/protocol/disco#items",
    "jabber:iq:version",
    "jabber:x:oob",
    "urn:ietf:params:xml:ns:vcard-4.0",
    "urn:xmpp:chat-markers:0",
    "urn:xmpp:fallback:0",
    "urn:xmpp:fasten:0",
    "urn:xmpp:message-correct:0",
    "urn:xmpp:message-retract:0",
    "urn:xmpp:message-retract:1",
    "urn:xmpp:ping",
    REACTIONS_NS,
    "urn:xmpp:receipts",
    "urn:xmpp:reply:0",
    "urn:xmpp:sid:0",
    "vcard-temp",
};

void iq_info_write(struct buf *to, struct slice local, struct slice node)
{
    const struct identity *identity = &identities[contact_kind(local)];

    buf_add_text(to, "<query xmlns='http://jabber.org/protocol/disco#info'");
    if (node.len > 0) {
        buf_add_text(to, " node='");
        buf_add_xml(to, node);
        buf_add_text(to, "'");
    }
    buf_addf(to, "><identity category='%s' type='%s' name='" NAME "'/>", identity->category,
             identity->type);
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
        buf_addf(to, "<feature var='%s'/>", features[i]);
    buf_add_text(to, "</query>");
}

/* XEP-0115, 5.1: base64 of the SHA-1 of "category/type/lang/name<" and "feature<" … */
static void make_ver(const struct identity *identity, char ver[64])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    AUTO_BUF text;

    buf_init(&text, 4096);
    buf_addf(&text, "%s/%s//" NAME "<", identity->category, identity->type);
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
        buf_addf(&text, "%s<", features[i]);
    if (!buf_failed(&text) && EVP_Digest(text.data, text.len, digest, &len, EVP_sha1(), NULL) == 1)
        (void)EVP_EncodeBlock((unsigned char *)ver, digest, (int)len);
}

const char *iq_caps_ver(struct slice local)
{
    static char vers[sizeof(identities) / sizeof(identities[0])][64];
    enum contact_kind kind = contact_kind(local);

    if (kind == CONTACT_HOST)
        return "";
    if (vers[kind][0] == '\0')
        make_ver(&identities[kind], vers[kind]);
    return vers[kind];
}
