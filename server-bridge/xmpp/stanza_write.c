/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/stanza_write.h"

#include "base/clock.h"
#include "base/format/emoji.h"
#include "base/format/text.h"
#include "chat/chat.h"
#include "server-bridge/xmpp/inbound/reply.h"
#include "tenant/jid.h"

#include <inttypes.h>

static bool may_stand(struct slice text)
{
    return text_check(text, NULL) == TEXT_FINE;
}

static bool is_address(struct slice jid)
{
    struct jid parts;

    return jid_split(jid, &parts) == 0 && may_stand(jid);
}

/* Localparts are ours: "", "desk", "v…". */
static bool is_local(struct slice local)
{
    for (size_t i = 0; i < local.len; i++) {
        char c = local.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

/* ` name="value"` */
static void add_attribute(struct buf *to, const char *name, struct slice value)
{
    buf_addf(to, " %s='", name);
    buf_add_xml(to, value);
    buf_add_text(to, "'");
}

static void add_from(struct buf *to, struct slice local, const char *domain, const char *resource)
{
    buf_add_text(to, " from='");
    buf_add_slice(to, local);
    buf_addf(to, "%s%s%s%s'", local.len > 0 ? "@" : "", domain, *resource != '\0' ? "/" : "",
             resource);
}

static int done(const struct buf *to)
{
    return buf_failed(to) ? RAISE(ERR_NO_MEMORY) : OK;
}

static void add_delay(struct buf *to, const char *domain, uint64_t at_ms)
{
    char stamp[CLOCK_TEXT_BYTES];

    clock_format(at_ms, stamp);
    buf_addf(to, "<delay xmlns='urn:xmpp:delay' from='%s' stamp='%s'/>", domain, stamp);
}

/* For clients that know nothing of replies the answered words come first, quoted. */
static void add_reply(struct buf *to, const char *domain, const struct ipc_link_say *say)
{
    buf_add_text(to, "<reply xmlns='" REPLY_NS "' to='");
    if (say->answers_own)
        buf_addf(to, "%.*s@%s", SLICE_ARG(say->from), domain);
    else
        buf_add_xml(to, say->to);
    buf_add_text(to, "'");
    add_attribute(to, "id", say->answers);
    buf_addf(to,
             "/><fallback xmlns='" REPLY_FALLBACK_NS "' for='" REPLY_NS "'><body start='0' "
             "end='%zu'/></fallback>",
             text_points(say->quote) + strlen("> \n"));
}

/* The body says the same: those that understand the one need not show the other. */
static void add_reaction(struct buf *to, const struct ipc_link_say *say)
{
    struct slice rest = say->emojis;

    buf_add_text(to, "<reactions xmlns='" REACTIONS_NS "'");
    add_attribute(to, "id", say->answers);
    buf_add_text(to, ">");
    while (rest.len > 0) {
        buf_add_text(to, "<reaction>");
        buf_add_xml(to, emoji_next(&rest));
        buf_add_text(to, "</reaction>");
    }
    buf_add_text(to, "</reactions><fallback xmlns='" REPLY_FALLBACK_NS "' for='" REACTIONS_NS
                     "'><body/></fallback>");
}

static void add_body(struct buf *to, const struct ipc_link_say *say)
{
    buf_add_text(to, "<body>");
    if (say->answers.len > 0 && !say->reacts) {
        buf_add_text(to, "&gt; ");
        buf_add_xml(to, say->quote);
        buf_add_text(to, "\n");
    }
    buf_add_xml(to, say->text);
    buf_add_text(to, "</body>");
}

int stanza_write_say(struct buf *to, const char *domain, const struct ipc_link_say *say)
{
    char id[ID_TEXT_BYTES], replaced[ID_TEXT_BYTES];

    if (!may_stand(say->text) || !is_address(say->to) || !is_local(say->from) ||
        !may_stand(say->answers) || !may_stand(say->quote) || !emoji_is_set(say->emojis))
        return STANZA_E_REFUSED;
    id_format(say->stanza, id);
    buf_add_text(to, "<message type='chat'");
    add_from(to, say->from, domain, "");
    add_attribute(to, "to", say->to);
    buf_addf(to, " id='%s'>", id);
    add_body(to, say);
    buf_addf(to,
             "<active xmlns='http://jabber.org/protocol/chatstates'/>"
             "<origin-id xmlns='urn:xmpp:sid:0' id='%s'/>",
             id);
    if (say->address) { /* clients show what lies there only where body and address are the same */
        buf_add_text(to, "<x xmlns='jabber:x:oob'><url>");
        buf_add_xml(to, say->text);
        buf_add_text(to, "</url></x>");
    }
    if (say->receipts)
        buf_add_text(to, "<request xmlns='urn:xmpp:receipts'/>"
                         "<markable xmlns='urn:xmpp:chat-markers:0'/>");
    if (!id_is_none(say->replaces)) {
        id_format(say->replaces, replaced);
        buf_addf(to, "<replace xmlns='urn:xmpp:message-correct:0' id='%s'/>", replaced);
    }
    if (say->reacts)
        add_reaction(to, say);
    else if (say->answers.len > 0)
        add_reply(to, domain, say);
    if (say->at_ms != 0)
        add_delay(to, domain, say->at_ms);
    buf_add_text(to, "</message>");
    return done(to);
}

int stanza_write_invitation(struct buf *to, const char *domain, const struct ipc_link_say *say)
{
    if (!is_address(say->to) || !is_local(say->from) || !is_address(say->invites))
        return STANZA_E_REFUSED;
    buf_add_text(to, "<message");
    add_from(to, say->from, domain, "");
    add_attribute(to, "to", say->to);
    buf_add_text(to, "><x xmlns='jabber:x:conference'");
    add_attribute(to, "jid", say->invites);
    buf_add_text(to, "/></message>");
    return done(to);
}

int stanza_write_chat_state(struct buf *to, const char *domain,
                            const struct ipc_link_chat_state *state)
{
    if (!is_address(state->to) || !is_local(state->from))
        return STANZA_E_REFUSED;
    buf_add_text(to, "<message type='chat'");
    add_from(to, state->from, domain, "");
    add_attribute(to, "to", state->to);
    buf_addf(to,
             "><%s xmlns='http://jabber.org/protocol/chatstates'/>"
             "<no-store xmlns='urn:xmpp:hints'/></message>",
             state->composing ? "composing" : "active");
    return done(to);
}

int stanza_write_presence(struct buf *to, const char *domain,
                          const struct ipc_link_presence *presence, const char *caps_ver,
                          const char *photo)
{
    static const char *const shows[] = {
        [SHOW_DND] = "dnd", [SHOW_XA] = "xa", [SHOW_AWAY] = "away", [SHOW_AVAILABLE] = ""
    };

    if (!may_stand(presence->status) || !is_address(presence->to) || !is_local(presence->from) ||
        presence->show > SHOW_AVAILABLE)
        return STANZA_E_REFUSED;
    buf_add_text(to, "<presence");
    add_from(to, presence->from, domain, STANZA_RESOURCE);
    add_attribute(to, "to", presence->to);
    buf_add_text(to, presence->show == SHOW_GONE ? " type='unavailable'>" : ">");
    if (presence->show != SHOW_GONE && presence->show != SHOW_AVAILABLE)
        buf_addf(to, "<show>%s</show>", shows[presence->show]);
    if (presence->status.len > 0) {
        buf_add_text(to, "<status>");
        buf_add_xml(to, presence->status);
        buf_add_text(to, "</status>");
    }
    if (presence->show != SHOW_GONE && *caps_ver != '\0')
        buf_addf(to, "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='%s' ver='%s'/>",
                 STANZA_CAPS_NODE, caps_ver);
    if (presence->show != SHOW_GONE && *photo != '\0')
        buf_addf(to, "<x xmlns='vcard-temp:x:update'><photo>%s</photo></x>", photo);
    buf_add_text(to, "</presence>");
    return done(to);
}

int stanza_write_receipt(struct buf *to, const char *domain, const struct ipc_link_receipt *receipt)
{
    if (!may_stand(receipt->stanza) || !is_address(receipt->to) || !is_local(receipt->from))
        return STANZA_E_REFUSED;
    buf_add_text(to, "<message type='chat'");
    add_from(to, receipt->from, domain, "");
    add_attribute(to, "to", receipt->to);
    buf_add_text(to, receipt->displayed ? "><displayed xmlns='urn:xmpp:chat-markers:0'"
                                        : "><received xmlns='urn:xmpp:receipts'");
    add_attribute(to, "id", receipt->stanza);
    buf_add_text(to, "/></message>");
    return done(to);
}

static int write_presence_of(struct buf *to, const char *domain, struct slice local,
                             struct slice member, const char *type)
{
    if (!is_address(member) || !is_local(local))
        return STANZA_E_REFUSED;
    buf_add_text(to, "<presence");
    add_from(to, local, domain, "");
    add_attribute(to, "to", member);
    buf_addf(to, " type='%s'/>", type);
    return done(to);
}

int stanza_write_probe(struct buf *to, const char *domain, const struct ipc_link_probe *probe)
{
    return write_presence_of(to, domain, probe->from, probe->to, "probe");
}

int stanza_write_subscribed(struct buf *to, const char *domain, struct slice local,
                            struct slice member)
{
    return write_presence_of(to, domain, local, member, "subscribed");
}

int stanza_write_notice(struct buf *to, const char *domain, struct slice local, struct slice member,
                        struct slice text)
{
    if (!may_stand(text) || !is_address(member) || !is_local(local))
        return STANZA_E_REFUSED;
    buf_add_text(to, "<message type='chat'");
    add_from(to, local, domain, "");
    add_attribute(to, "to", member);
    buf_add_text(to, "><body>");
    buf_add_xml(to, text);
    buf_add_text(to, "</body></message>");
    return done(to);
}

int stanza_write_barrier(struct buf *to, const char *domain, uint64_t number)
{
    buf_addf(to,
             "<iq type='get' from='%s' to='%s/barrier' id='barrier-%" PRIu64
             "'><ping xmlns='urn:xmpp:ping'/></iq>",
             domain, domain, number);
    return done(to);
}

static bool is_answerable(const struct stanza_answer *answer)
{
    return is_address(answer->from) && is_address(answer->to) && may_stand(answer->id);
}

static void add_answer(struct buf *to, const struct stanza_answer *answer, const char *type)
{
    buf_addf(to, "<%s type='%s'", answer->name, type);
    add_attribute(to, "from", answer->from);
    add_attribute(to, "to", answer->to);
    if (answer->id.len > 0)
        add_attribute(to, "id", answer->id);
    buf_add_text(to, ">");
}

int stanza_write_error(struct buf *to, const struct stanza_answer *answer, const char *type,
                       const char *condition, const char *text)
{
    if (!is_answerable(answer))
        return STANZA_E_REFUSED;
    add_answer(to, answer, "error");
    buf_addf(to, "<error type='%s'><%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>", type,
             condition);
    if (text != NULL) {
        buf_add_text(to, "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>");
        buf_add_xml(to, slice_of(text));
        buf_add_text(to, "</text>");
    }
    buf_addf(to, "</error></%s>", answer->name);
    return done(to);
}

int stanza_write_result(struct buf *to, const struct stanza_answer *answer, struct slice payload)
{
    if (!is_answerable(answer))
        return STANZA_E_REFUSED;
    add_answer(to, answer, "result");
    buf_add_slice(to, payload);
    buf_addf(to, "</%s>", answer->name);
    return done(to);
}

int stanza_write_join(struct buf *to, const char *domain, struct slice room, const char *nick)
{
    if (!is_address(room))
        return STANZA_E_REFUSED;
    buf_add_text(to, "<presence");
    add_from(to, SLICE_LITERAL("desk"), domain, STANZA_RESOURCE);
    buf_add_text(to, " to='");
    buf_add_xml(to, room);
    buf_addf(to,
             "/%s'><x xmlns='http://jabber.org/protocol/muc'>"
             "<history maxstanzas='0'/></x></presence>",
             nick);
    return done(to);
}

int stanza_write_groupchat(struct buf *to, const char *domain, struct slice room, struct id stanza,
                           struct slice text)
{
    char id[ID_TEXT_BYTES];

    if (!is_address(room) || !may_stand(text))
        return STANZA_E_REFUSED;
    id_format(stanza, id);
    buf_add_text(to, "<message type='groupchat'");
    add_from(to, SLICE_LITERAL("desk"), domain, STANZA_RESOURCE);
    add_attribute(to, "to", room);
    buf_addf(to, " id='%s'><body>", id);
    buf_add_xml(to, text);
    buf_add_text(to, "</body></message>");
    return done(to);
}

int stanza_write_request(struct buf *to, const char *domain, const char *local, const char *type,
                         struct slice target, const char *id, struct slice payload)
{
    if (!is_address(target) || !may_stand(payload))
        return STANZA_E_REFUSED;
    buf_addf(to, "<iq type='%s' id='%s'", type, id);
    add_from(to, slice_of(local), domain, *local != '\0' ? STANZA_RESOURCE : "");
    add_attribute(to, "to", target);
    buf_add_text(to, ">");
    buf_add_slice(to, payload);
    buf_add_text(to, "</iq>");
    return done(to);
}
