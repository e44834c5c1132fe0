/* SPDX-License-Identifier: Apache-2.0
 *
 * Presence from members. Only what is meant for the desk says whether an agent is there; each
 * client also sends it to every visitor contact, which is the same news many times over.
 */
#include "server-bridge/xmpp/inbound/inbound.h"

#include "chat/chat.h"
#include "server-bridge/xmpp/inbound/iq_info.h"
#include "server-bridge/xmpp/stanza_write.h"

static void answer_if_written(struct inbound *inbound, int rc)
{
    if (rc == OK)
        inbound->port->answer(inbound->context, buf_slice(&inbound->out));
}

/* To the full JID that asked: presence to a bare one would reach all the others again. */
static void show_contact(struct inbound *inbound, const struct arrival *arrival)
{
    struct ipc_link_presence presence = { .from = arrival->to.local, .show = SHOW_GONE };

    (void)contacts_get(inbound->contacts, arrival->from.bare, arrival->to.local, &presence);
    presence.to = arrival->from_text;
    buf_clear(&inbound->out);
    answer_if_written(inbound,
                      stanza_write_presence(&inbound->out, inbound->domain, &presence,
                                            iq_caps_ver(arrival->to.local),
                                            look_picture(inbound->look, arrival->to.local)->hash));
}

/* A member may see our contacts. (Nothing is ever answered `unsubscribed`: Converse then
 * removes the contact, and all others with it.) */
static void on_subscribe(struct inbound *inbound, const struct arrival *arrival)
{
    buf_clear(&inbound->out);
    answer_if_written(inbound, stanza_write_subscribed(&inbound->out, inbound->domain,
                                                       arrival->to.local, arrival->from.bare));
    show_contact(inbound, arrival);
}

static void tell_show(struct inbound *inbound, const struct arrival *arrival, enum show show)
{
    const struct ipc_heard_presence presence = { arrival->from.bare, arrival->from.resource,
                                                 arrival->to.local, show };

    if (contact_kind(arrival->to.local) == CONTACT_DESK)
        inbound->port->tell(inbound->context, IPC_heard_presence, &presence);
}

static void on_unavailable(struct inbound *inbound, const struct arrival *arrival)
{
    tell_show(inbound, arrival, SHOW_GONE);
}

static void on_available(struct inbound *inbound, const struct arrival *arrival)
{
    static const struct {
        const char *name;
        enum show show;
    } shows[] = { { "away", SHOW_AWAY }, { "xa", SHOW_XA }, { "dnd", SHOW_DND } };
    xmpp_stanza_t *child = xmpp_stanza_get_child_by_name(arrival->stanza, "show");
    char *text = child == NULL ? NULL : xmpp_stanza_get_text(child);
    enum show show = SHOW_AVAILABLE; /* "chat" too, and what nobody defined */

    for (size_t i = 0; text != NULL && i < sizeof(shows) / sizeof(shows[0]); i++) {
        if (strcmp(text, shows[i].name) == 0)
            show = shows[i].show;
    }
    if (text != NULL)
        xmpp_free(xmpp_stanza_get_context(child), text);
    tell_show(inbound, arrival, show);
}

void inbound_presence(struct inbound *inbound, const struct arrival *arrival)
{
    static const struct {
        const char *type;
        void (*handle)(struct inbound *, const struct arrival *);
    } types[] = {
        { "", on_available },
        { "unavailable", on_unavailable },
        { "probe", show_contact },
        { "subscribe", on_subscribe },
    };

    if (contact_kind(arrival->to.local) == CONTACT_NONE)
        return;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(arrival->type, types[i].type) == 0)
            types[i].handle(inbound, arrival);
    }
}
