/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages from members. One pass over the children fills in what they amount to; a table says
 * which element means what.
 */
#include "server-bridge/xmpp/inbound/inbound.h"

#include "base/format/emoji.h"
#include "base/format/text.h"
#include "base/secret/digest.h"
#include "chat/chat.h"
#include "server-bridge/xmpp/inbound/reply.h"
#include "server-bridge/xmpp/stanza_write.h"

/* What one message holds of what we understand; first of each kind wins. */
struct content {
    xmpp_stanza_t *body;
    xmpp_stanza_t *reactions;
    const char *origin_id, *replaces, *withdraws, *answers, *delivered, *displayed, *stanza_id;
    bool ignored;   /* speaks of other messages, not for itself */
    bool encrypted; /* we have no key, and must not pass on the fallback body */
    bool withdrawal;
    struct reply_range quoted; /* of the body; counts where something is answered */
    bool has_state, composing, wants_receipt;
};

static void take_ignored(struct content *content, xmpp_stanza_t *child)
{
    (void)child;
    content->ignored = true;
}

static void take_encrypted(struct content *content, xmpp_stanza_t *child)
{
    (void)child;
    content->encrypted = true;
}

static void take_composing(struct content *content, xmpp_stanza_t *child)
{
    (void)child;
    content->has_state = content->composing = true;
}

static void take_other_state(struct content *content, xmpp_stanza_t *child)
{
    (void)child;
    content->has_state = true;
}

static void take_request(struct content *content, xmpp_stanza_t *child)
{
    (void)child;
    content->wants_receipt = true;
}

static void first_id(const char **at, xmpp_stanza_t *child)
{
    if (*at == NULL)
        *at = xmpp_stanza_get_id(child);
}

static void take_received(struct content *content, xmpp_stanza_t *child)
{
    first_id(&content->delivered, child);
}

static void take_displayed(struct content *content, xmpp_stanza_t *child)
{
    first_id(&content->displayed, child);
}

static void take_origin_id(struct content *content, xmpp_stanza_t *child)
{
    first_id(&content->origin_id, child);
}

static void take_stanza_id(struct content *content, xmpp_stanza_t *child)
{
    first_id(&content->stanza_id, child);
}

static void take_replace(struct content *content, xmpp_stanza_t *child)
{
    first_id(&content->replaces, child);
}

/* XEP-0424 as it is, and as clients still send it: fastened to what it withdraws. */
static void take_retract(struct content *content, xmpp_stanza_t *child)
{
    content->withdrawal = true;
    first_id(&content->withdraws, child);
}

static void take_fastened(struct content *content, xmpp_stanza_t *child)
{
    if (xmpp_stanza_get_child_by_ns(child, "urn:xmpp:message-retract:0") != NULL)
        take_retract(content, child);
}

static void take_reply(struct content *content, xmpp_stanza_t *child)
{
    first_id(&content->answers, child);
}

static void take_fallback(struct content *content, xmpp_stanza_t *child)
{
    if (content->quoted.end == 0)
        content->quoted = reply_range_of(child);
}

static void take_reactions(struct content *content, xmpp_stanza_t *child)
{
    if (content->reactions == NULL)
        content->reactions = child;
}

static const struct part {
    const char *ns, *name; /* name NULL: any of that namespace */
    void (*take)(struct content *, xmpp_stanza_t *);
} parts[] = {
    { "urn:xmpp:carbons:2", NULL, take_ignored },
    { "urn:xmpp:forward:0", NULL, take_ignored },
    { "urn:xmpp:mam:2", NULL, take_ignored },
    { "urn:xmpp:mam:1", NULL, take_ignored },
    { "urn:xmpp:mam:0", NULL, take_ignored },
    { "http://jabber.org/protocol/pubsub#event", NULL, take_ignored },
    { "http://jabber.org/protocol/muc#user", NULL, take_ignored },
    { "jabber:x:conference", NULL, take_ignored },
    { "eu.siacs.conversations.axolotl", "encrypted", take_encrypted },
    { "urn:xmpp:omemo:1", "encrypted", take_encrypted },
    { "urn:xmpp:omemo:2", "encrypted", take_encrypted },
    { "jabber:x:encrypted", NULL, take_encrypted },
    { "urn:xmpp:openpgp:0", NULL, take_encrypted },
    { "http://jabber.org/protocol/chatstates", "composing", take_composing },
    { "http://jabber.org/protocol/chatstates", NULL, take_other_state },
    { "urn:xmpp:receipts", "request", take_request },
    { "urn:xmpp:receipts", "received", take_received },
    { "urn:xmpp:chat-markers:0", "received", take_received },
    { "urn:xmpp:chat-markers:0", "displayed", take_displayed },
    { "urn:xmpp:chat-markers:0", "acknowledged", take_displayed },
    { "urn:xmpp:sid:0", "origin-id", take_origin_id },
    { "urn:xmpp:sid:0", "stanza-id", take_stanza_id },
    { "urn:xmpp:message-correct:0", "replace", take_replace },
    { "urn:xmpp:message-retract:1", "retract", take_retract },
    { "urn:xmpp:fasten:0", "apply-to", take_fastened },
    { REACTIONS_NS, "reactions", take_reactions },
    { REPLY_NS, "reply", take_reply },
    { REPLY_FALLBACK_NS, "fallback", take_fallback },
};

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void take_part(struct content *content, xmpp_stanza_t *child)
{
    const char *ns = xmpp_stanza_get_ns(child), *name = xmpp_stanza_get_name(child);

    for (size_t i = 0; ns != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(parts[i].ns, ns) == 0 &&
            (parts[i].name == NULL || strcmp(parts[i].name, name) == 0)) {
            parts[i].take(content, child);
            return;
        }
    }
}

static void read_content(xmpp_stanza_t *message, struct content *content)
{
    xmpp_stanza_t *child = xmpp_stanza_get_children(message);

    *content = (struct content){ 0 };
    for (; child != NULL; child = xmpp_stanza_get_next(child)) {
        if (!xmpp_stanza_is_tag(child))
            continue;
        /* A body of another namespace is somebody's idea of a joke. */
        if (strcmp(xmpp_stanza_get_name(child), "body") == 0 &&
            same_text(xmpp_stanza_get_ns(child), xmpp_stanza_get_ns(message))) {
            if (content->body == NULL)
                content->body = child;
        } else {
            take_part(content, child);
        }
    }
}

/* In a visitor's contact our own words are marked, so that nobody takes them for theirs. */
static void explain(struct inbound *inbound, const struct arrival *arrival, enum line why)
{
    enum language language = members_language(inbound->members, arrival->from.bare);
    AUTO_BUF line;

    buf_init(&line, 1024);
    if (contact_kind(arrival->to.local) == CONTACT_VISITOR)
        buf_add_text(&line, "[lasna] ");
    buf_add_text(&line, texts_get(language, why));
    buf_clear(&inbound->out);
    if (stanza_write_notice(&inbound->out, inbound->domain, arrival->to.local, arrival->from_text,
                            buf_slice(&line)) == OK)
        inbound->port->answer(inbound->context, buf_slice(&inbound->out));
}

static void tell_mark(struct inbound *inbound, const struct arrival *arrival, const char *id,
                      bool displayed)
{
    struct ipc_heard_receipt receipt = {
        arrival->from.bare, arrival->to.local, { { 0 } }, displayed
    };

    /* Anything else is no id of ours, whatever its sender believes. */
    if (id != NULL && id_parse(slice_of(id), &receipt.stanza) == 0)
        inbound->port->tell(inbound->context, IPC_heard_receipt, &receipt);
}

/* Overlong ids are hashed: each time to the same. */
static struct slice bounded_id(struct slice id, char text[DIGEST_HEX_BYTES])
{
    struct digest digest;

    if (id.len <= IPC_NAME_MAX)
        return id;
    digest = digest_sha256(id);
    digest_hex(&digest, text);
    return slice_of(text);
}

/* What makes a message the same again: the client's own id, else the attribute, else what its
 * server's archive called it. Without any of them a repeat cannot be told from a second
 * message: it gets a fresh one, and is heard twice rather than lost. */
static struct slice message_id(const struct arrival *arrival, const struct content *content,
                               char text[DIGEST_HEX_BYTES])
{
    struct slice id = slice_of(content->origin_id);

    if (id.len == 0)
        id = arrival->id;
    if (id.len == 0)
        id = slice_of(content->stanza_id);
    if (id.len > 0)
        return bounded_id(id, text);
    id_format(id_new(), text);
    return slice_of(text);
}

static struct slice receipt_id(const struct arrival *arrival, const struct content *content)
{
    return content->wants_receipt && arrival->id.len <= IPC_NAME_MAX ? arrival->id : SLICE_NONE;
}

/* A reply may be corrected or withdrawn: then it is that. A reaction is nothing else. */
static enum speech speech_of(const struct content *content)
{
    if (content->withdrawal)
        return SPEECH_WITHDRAWAL;
    if (content->reactions != NULL)
        return SPEECH_REACTION;
    if (slice_of(content->replaces).len > 0)
        return SPEECH_CORRECTION;
    return slice_of(content->answers).len > 0 ? SPEECH_REPLY : SPEECH_WORDS;
}

static const char *reacts_to(const struct content *content)
{
    return content->reactions == NULL ? NULL : xmpp_stanza_get_id(content->reactions);
}

static void hear(struct inbound *inbound, const struct arrival *arrival,
                 const struct content *content)
{
    char made_up[DIGEST_HEX_BYTES], named[DIGEST_HEX_BYTES];
    enum speech speech = speech_of(content);
    const char *const abouts[SPEECH_COUNT] = { [SPEECH_REPLY] = content->answers,
                                               [SPEECH_CORRECTION] = content->replaces,
                                               [SPEECH_WITHDRAWAL] = content->withdraws,
                                               [SPEECH_REACTION] = reacts_to(content) };
    struct ipc_heard_message message = {
        .agent = arrival->from.bare,
        .resource = arrival->from.resource,
        .to = arrival->to.local,
        .stanza = message_id(arrival, content, made_up),
        .text = buf_slice(&inbound->text),
        .speech = speech,
        .about = bounded_id(slice_of(abouts[speech]), named),
    };

    if (unhandled_add(inbound->unhandled, &message, receipt_id(arrival, content)) == OK) {
        inbound->port->tell(inbound->context, IPC_heard_message, &message);
        return;
    }
    log_event(LOG_WARNING, inbound->log, "link.unhandled_full", "");
    inbound_refuse(inbound, arrival, "wait", "resource-constraint",
                   "Not taken: too much is waiting. Please send it again.");
}

/* The body beside it is for clients that know nothing of this; no visitor ever gets it. */
static void take_withdrawal(struct inbound *inbound, const struct arrival *arrival,
                            const struct content *content)
{
    buf_clear(&inbound->text);
    hear(inbound, arrival, content);
}

/* One more emoji of a reaction; the same twice counts once. */
static bool add_emoji(struct buf *set, xmpp_stanza_t *reaction)
{
    char *text = xmpp_stanza_get_text(reaction);
    struct slice rest = buf_slice(set);
    bool fine, known = false;
    AUTO_BUF emoji;

    buf_init(&emoji, EMOJI_BYTES_MAX);
    fine = emoji_add(slice_of(text), &emoji) && set->len < EMOJI_SET_BYTES;
    while (rest.len > 0)
        known |= slice_equal(emoji_next(&rest), buf_slice(&emoji));
    if (fine && !known) {
        buf_add_text(set, set->len > 0 ? " " : "");
        buf_add_slice(set, buf_slice(&emoji));
    }
    if (text != NULL)
        xmpp_free(xmpp_stanza_get_context(reaction), text);
    return fine;
}

/* All its emojis, a space between. At the desk there is nothing to react to. */
static void take_reaction(struct inbound *inbound, const struct arrival *arrival,
                          const struct content *content)
{
    xmpp_stanza_t *child = xmpp_stanza_get_children(content->reactions);
    bool fine = true;

    if (contact_kind(arrival->to.local) != CONTACT_VISITOR)
        return;
    buf_clear(&inbound->text);
    for (; fine && child != NULL; child = xmpp_stanza_get_next(child)) {
        if (xmpp_stanza_is_tag(child) && strcmp(xmpp_stanza_get_name(child), "reaction") == 0)
            fine = add_emoji(&inbound->text, child);
    }
    if (fine && emoji_is_set(buf_slice(&inbound->text)))
        hear(inbound, arrival, content);
    else
        explain(inbound, arrival, LINE_REACTION_IS_NONE);
}

static void take_body(struct inbound *inbound, const struct arrival *arrival,
                      const struct content *content)
{
    char *body = xmpp_stanza_get_text(content->body);
    enum text_verdict verdict = TEXT_BLANK;

    if (body != NULL && content->answers != NULL)
        reply_cut(body, content->quoted);
    if (body != NULL)
        verdict = text_clean(slice_of(body), INBOUND_TEXT_POINTS_MAX, &inbound->text);
    switch (verdict) {
    case TEXT_FINE:
        hear(inbound, arrival, content);
        break;
    case TEXT_TOO_LONG:
        explain(inbound, arrival, LINE_TOO_LONG);
        break;
    case TEXT_BAD_UTF8:
    case TEXT_BAD_CHARACTER:
        explain(inbound, arrival, LINE_ODD_CHARACTERS);
        break;
    case TEXT_BLANK:
        break;
    }
    if (body != NULL)
        xmpp_free(xmpp_stanza_get_context(content->body), body);
}

/* One of ours came back: nobody could be reached at that address. */
static void take_bounce(struct inbound *inbound, const struct arrival *arrival)
{
    xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(arrival->stanza, "error");
    xmpp_stanza_t *condition =
        error == NULL ? NULL
                      : xmpp_stanza_get_child_by_ns(error, "urn:ietf:params:xml:ns:xmpp-stanzas");
    struct ipc_link_bounced bounced = { .to = arrival->to.local,
                                        .from = arrival->from.bare,
                                        .condition = SLICE_LITERAL("undefined-condition") };

    if (id_parse(arrival->id, &bounced.stanza) != 0 || bounced.to.len > 64)
        return;
    if (condition != NULL && strlen(xmpp_stanza_get_name(condition)) <= 64)
        bounced.condition = slice_of(xmpp_stanza_get_name(condition));
    inbound->port->tell(inbound->context, IPC_link_bounced, &bounced);
}

void inbound_message(struct inbound *inbound, const struct arrival *arrival)
{
    struct content content;

    if (strcmp(arrival->type, "error") == 0) {
        take_bounce(inbound, arrival);
        return;
    }
    if (strcmp(arrival->type, "groupchat") == 0 || strcmp(arrival->type, "headline") == 0)
        return;
    read_content(arrival->stanza, &content);
    if (content.ignored)
        return;
    if (contact_kind(arrival->to.local) == CONTACT_NONE) {
        inbound_refuse(inbound, arrival, "cancel", "item-not-found", NULL);
        return;
    }
    if (content.displayed != NULL)
        tell_mark(inbound, arrival, content.displayed, true);
    else
        tell_mark(inbound, arrival, content.delivered, false);
    if (content.encrypted)
        explain(inbound, arrival, LINE_ENCRYPTED);
    else if (content.withdrawal)
        take_withdrawal(inbound, arrival, &content);
    else if (content.reactions != NULL)
        take_reaction(inbound, arrival, &content);
    else if (content.body != NULL)
        take_body(inbound, arrival, &content);
    else if (content.has_state)
        inbound->port->tell(inbound->context, IPC_heard_chat_state,
                            &(struct ipc_heard_chat_state){ arrival->from.bare, arrival->to.local,
                                                            content.composing });
}
