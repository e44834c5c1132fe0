/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/card.h"

#include "server-bridge/xmpp/look.h"

#define CARD_4_NS "urn:ietf:params:xml:ns:vcard-4.0"
#define PUBSUB_NS "http://jabber.org/protocol/pubsub"

/* What both kinds of vCard tell. Empty: not known, or not told to this member. */
struct card {
    struct slice name, tenant, note, site;
    const struct look_picture *picture;
};

static struct card card_of(const struct inbound *inbound, const struct arrival *arrival)
{
    struct ipc_link_presence shown = { 0 };
    struct card card = { .tenant = look_title(inbound->look),
                         .picture = look_picture(inbound->look, arrival->to.local) };

    if (contact_kind(arrival->to.local) != CONTACT_VISITOR) {
        card.site = slice_of(inbound->look->site == NULL ? "" : inbound->look->site);
        return card;
    }
    if (contacts_get(inbound->contacts, arrival->from.bare, arrival->to.local, &shown)) {
        card.name = shown.name;
        card.note = shown.status;
    }
    if (card.name.len == 0)
        card.name = SLICE_LITERAL("Visitor");
    return card;
}

/* "Maria · Acme", as in the roster; the desk is called like its tenant. */
static void add_full_name(struct buf *to, const struct card *card)
{
    buf_add_xml(to, card->name);
    if (card->name.len > 0)
        buf_add_text(to, " \xc2\xb7 ");
    buf_add_xml(to, card->tenant);
}

static void add_text(struct buf *to, const char *open, struct slice text, const char *close)
{
    if (text.len == 0)
        return;
    buf_add_text(to, open);
    buf_add_xml(to, text);
    buf_add_text(to, close);
}

void card_write_temp(const struct inbound *inbound, const struct arrival *arrival, struct buf *to)
{
    const struct card card = card_of(inbound, arrival);

    buf_add_text(to, "<vCard xmlns='vcard-temp'><FN>");
    add_full_name(to, &card);
    buf_add_text(to, "</FN>");
    add_text(to, "<NICKNAME>", card.name, "</NICKNAME>");
    add_text(to, "<ORG><ORGNAME>", card.tenant, "</ORGNAME></ORG>");
    add_text(to, "<URL>", card.site, "</URL>");
    add_text(to, "<DESC>", card.note, "</DESC>");
    add_text(to, "<PHOTO><TYPE>image/png</TYPE><BINVAL>", buf_slice(&card.picture->base64),
             "</BINVAL></PHOTO>");
    buf_add_text(to, "</vCard>");
}

void card_write_4(const struct inbound *inbound, const struct arrival *arrival, struct buf *to)
{
    const struct card card = card_of(inbound, arrival);

    buf_add_text(to, "<vcard xmlns='" CARD_4_NS "'><fn><text>");
    add_full_name(to, &card);
    buf_add_text(to, "</text></fn>");
    add_text(to, "<nickname><text>", card.name, "</text></nickname>");
    add_text(to, "<org><text>", card.tenant, "</text></org>");
    add_text(to, "<url><uri>", card.site, "</uri></url>");
    add_text(to, "<note><text>", card.note, "</text></note>");
    add_text(to, "<photo><uri>data:image/png;base64,", buf_slice(&card.picture->base64),
             "</uri></photo>");
    buf_add_text(to, "</vcard>");
}

/* --- what is published --- */

static void write_info(const struct inbound *inbound, const struct arrival *arrival, struct buf *to)
{
    const struct look_picture *picture = look_picture(inbound->look, arrival->to.local);

    buf_addf(to,
             "<metadata xmlns='urn:xmpp:avatar:metadata'><info id='%s' type='image/png' "
             "bytes='%zu' width='%d' height='%d'/></metadata>",
             picture->hash, picture->bytes, PICTURE_PIXELS, PICTURE_PIXELS);
}

static void write_data(const struct inbound *inbound, const struct arrival *arrival, struct buf *to)
{
    add_text(to, "<data xmlns='urn:xmpp:avatar:data'>",
             buf_slice(&look_picture(inbound->look, arrival->to.local)->base64), "</data>");
}

static const struct node {
    const char *name;
    void (*write)(const struct inbound *, const struct arrival *, struct buf *);
    const char *item; /* NULL: the picture's hash */
} nodes[] = {
    { "urn:xmpp:avatar:metadata", write_info, NULL },
    { "urn:xmpp:avatar:data", write_data, NULL },
    { "urn:xmpp:vcard4", card_write_4, "current" },
};

static const struct node *node_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        if (strcmp(nodes[i].name, name) == 0)
            return &nodes[i];
    }
    return NULL;
}

void card_write_published(const struct inbound *inbound, const struct arrival *arrival,
                          xmpp_stanza_t *pubsub, struct buf *to)
{
    xmpp_stanza_t *items = xmpp_stanza_get_child_by_name(pubsub, "items");
    const struct node *node =
        items == NULL ? NULL : node_find(xmpp_stanza_get_attribute(items, "node"));
    xmpp_stanza_t *asked = items == NULL ? NULL : xmpp_stanza_get_child_by_name(items, "item");
    const char *asked_id = asked == NULL ? NULL : xmpp_stanza_get_id(asked);
    const struct look_picture *picture = look_picture(inbound->look, arrival->to.local);
    const char *id = node == NULL || node->item == NULL ? picture->hash : node->item;

    if (node == NULL || id[0] == '\0' || (asked_id != NULL && strcmp(asked_id, id) != 0))
        return;
    buf_addf(to, "<pubsub xmlns='" PUBSUB_NS "'><items node='%s'><item id='%s'>", node->name, id);
    node->write(inbound, arrival, to);
    buf_add_text(to, "</item></items></pubsub>");
}
