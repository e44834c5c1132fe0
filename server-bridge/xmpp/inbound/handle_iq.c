/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests from members. Results and errors are never answered; whatever is asked that we do
 * not know gets `service-unavailable`, so that no client waits for a time-out.
 */
#include "server-bridge/xmpp/inbound/inbound.h"

#include "server-bridge/xmpp/card.h"
#include "server-bridge/xmpp/inbound/adhoc.h"
#include "server-bridge/xmpp/inbound/iq_info.h"
#include "server-bridge/xmpp/stanza_write.h"

static struct slice node_of(xmpp_stanza_t *query)
{
    struct slice node = slice_of(xmpp_stanza_get_attribute(query, "node"));

    return node.len <= 1024 ? node : SLICE_NONE;
}

static void write_disco_info(struct inbound *inbound, const struct arrival *arrival,
                             xmpp_stanza_t *query, struct buf *to)
{
    if (adhoc_has_node(inbound, arrival, node_of(query)))
        adhoc_write_info(node_of(query), to);
    else
        iq_info_write(to, arrival->to.local, node_of(query));
}

/* The host has a desk. Visitors are nobody's business but their agent's. */
static void write_disco_items(struct inbound *inbound, const struct arrival *arrival,
                              xmpp_stanza_t *query, struct buf *to)
{
    buf_add_text(to, "<query xmlns='http://jabber.org/protocol/disco#items'");
    if (node_of(query).len > 0) {
        buf_add_text(to, " node='");
        buf_add_xml(to, node_of(query));
        buf_add_text(to, "'");
    }
    buf_add_text(to, ">");
    if (slice_is(node_of(query), ADHOC_NS))
        adhoc_write_items(inbound, arrival, to);
    if (arrival->to.local.len == 0 && node_of(query).len == 0) {
        buf_addf(to, "<item jid='desk@%s' name='", inbound->domain);
        buf_add_xml(to, look_title(inbound->look));
        buf_add_text(to, "'/>");
    }
    buf_add_text(to, "</query>");
}

static void write_nothing(struct inbound *inbound, const struct arrival *arrival,
                          xmpp_stanza_t *query, struct buf *to)
{
    (void)inbound;
    (void)arrival;
    (void)query;
    (void)to;
}

static void write_version(struct inbound *inbound, const struct arrival *arrival,
                          xmpp_stanza_t *query, struct buf *to)
{
    (void)inbound;
    (void)arrival;
    (void)query;
    buf_add_text(to, "<query xmlns='jabber:iq:version'><name>L\xc3\xa4sn\xc3\xa4</name></query>");
}

static void write_vcard(struct inbound *inbound, const struct arrival *arrival,
                        xmpp_stanza_t *query, struct buf *to)
{
    (void)query;
    card_write_temp(inbound, arrival, to);
}

static void write_vcard_4(struct inbound *inbound, const struct arrival *arrival,
                          xmpp_stanza_t *query, struct buf *to)
{
    (void)query;
    card_write_4(inbound, arrival, to);
}

static void write_published(struct inbound *inbound, const struct arrival *arrival,
                            xmpp_stanza_t *query, struct buf *to)
{
    card_write_published(inbound, arrival, query, to);
}

/* What is asked, what answers it, and the error that does where nothing is written. A device list
 * that is not there lets OMEMO clients go on in the clear; an unanswered request holds up the
 * first reply. */
static const struct question {
    const char *type, *name, *ns;
    void (*write)(struct inbound *, const struct arrival *, xmpp_stanza_t *, struct buf *);
    const char *error;
} questions[] = {
    { "get", "query", "http://jabber.org/protocol/disco#info", write_disco_info, NULL },
    { "get", "query", "http://jabber.org/protocol/disco#items", write_disco_items, NULL },
    { "get", "ping", "urn:xmpp:ping", write_nothing, NULL },
    { "get", "query", "jabber:iq:version", write_version, NULL },
    { "get", "vCard", "vcard-temp", write_vcard, NULL },
    { "get", "vcard", "urn:ietf:params:xml:ns:vcard-4.0", write_vcard_4, NULL },
    { "get", "pubsub", "http://jabber.org/protocol/pubsub", write_published, "item-not-found" },
    { "set", "pubsub", "http://jabber.org/protocol/pubsub", NULL, "feature-not-implemented" },
    { "set", "query", "jabber:iq:roster", NULL, "not-allowed" },
};

static xmpp_stanza_t *first_element(xmpp_stanza_t *stanza)
{
    xmpp_stanza_t *child = xmpp_stanza_get_children(stanza);

    while (child != NULL && !xmpp_stanza_is_tag(child))
        child = xmpp_stanza_get_next(child);
    return child;
}

static const struct question *question_find(const char *type, xmpp_stanza_t *query)
{
    const char *ns = query == NULL ? NULL : xmpp_stanza_get_ns(query);

    for (size_t i = 0; ns != NULL && i < sizeof(questions) / sizeof(questions[0]); i++) {
        if (strcmp(questions[i].type, type) == 0 && strcmp(questions[i].ns, ns) == 0 &&
            strcmp(questions[i].name, xmpp_stanza_get_name(query)) == 0)
            return &questions[i];
    }
    return NULL;
}

void inbound_iq(struct inbound *inbound, const struct arrival *arrival)
{
    const struct stanza_answer answer = { "iq", arrival->to_text, arrival->from_text, arrival->id };
    xmpp_stanza_t *query = first_element(arrival->stanza);
    const struct question *question = question_find(arrival->type, query);
    AUTO_BUF payload;

    buf_init(&payload, 16384);
    if (strcmp(arrival->type, "get") != 0 && strcmp(arrival->type, "set") != 0)
        return;
    if (contact_kind(arrival->to.local) == CONTACT_NONE) {
        inbound_refuse(inbound, arrival, "cancel", "item-not-found", NULL);
        return;
    }
    if (query != NULL && strcmp(arrival->type, "set") == 0 &&
        strcmp(xmpp_stanza_get_name(query), "command") == 0 &&
        slice_is(slice_of(xmpp_stanza_get_ns(query)), ADHOC_NS)) {
        adhoc_handle(inbound, arrival, query);
        return;
    }
    if (question != NULL && question->write != NULL)
        question->write(inbound, arrival, query, &payload);
    if (question == NULL || (payload.len == 0 && question->error != NULL)) {
        inbound_refuse(inbound, arrival, "cancel",
                       question == NULL ? "service-unavailable" : question->error, NULL);
        return;
    }
    buf_clear(&inbound->out);
    if (!buf_failed(&payload) &&
        stanza_write_result(&inbound->out, &answer, buf_slice(&payload)) == OK)
        inbound->port->answer(inbound->context, buf_slice(&inbound->out));
}
