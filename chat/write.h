/* SPDX-License-Identifier: Apache-2.0
 *
 * write — what chat/ asks storage to remember: each is one transaction, done whole or not.
 *
 * A write travels out as the effect CHAT_DO_STORE and comes back inside CHAT_STORED (or
 * CHAT_STORE_FAILED), so the rules that go on afterwards find all they need in it. The
 * texts are borrowed: the core keeps a copy of the write until the answer is handled.
 */
#ifndef CHAT_WRITE_H
#define CHAT_WRITE_H

#include "base/format/filetype.h"
#include "base/id.h"
#include "base/secret/digest.h"

#include <stdint.h>

enum conversation_state {
    CONVERSATION_QUEUED, /* waiting for an agent */
    CONVERSATION_ACTIVE, /* held by exactly one agent */
    CONVERSATION_ENDED,  /* read-only: the transcript is sealed */
    CONVERSATION_STATE_COUNT
};

enum message_from { FROM_VISITOR, FROM_AGENT, FROM_BOT, FROM_SYSTEM, FROM_COUNT };
enum message_origin { ORIGIN_TYPED, ORIGIN_CANNED, ORIGIN_BOT, ORIGIN_SYSTEM, ORIGIN_COUNT };

/* How far a visitor's message has come on its way to the agent. Only ever grows. A message
 * that is PENDING in an open conversation *is* the outbox. */
enum delivery {
    DELIVERY_PENDING,       /* stored; not known to have reached the XMPP server */
    DELIVERY_ROUTED,        /* the XMPP server has it */
    DELIVERY_DELIVERED,     /* an agent's client said so */
    DELIVERY_READ,          /* an agent's client said it was displayed */
    DELIVERY_UNDELIVERABLE, /* parked: it broke the stream more than once, or bounced */
    DELIVERY_COUNT
};

/* An agent may change their own words among so many last messages, and a browser that comes back is
 * told again of changes among so many before those it has not seen: no change passes it by. */
enum { REVISABLE_BACK = 64 };

/* What a message carries: its name is the message's text, its bytes are on disk already. */
struct chat_file {
    struct file_id id; /* none: it carries nothing */
    enum filetype type;
    uint64_t bytes;
    uint32_t width, height; /* of a picture; else 0 */
    struct digest sha256;
};

enum chat_write_kind {
    WRITE_MESSAGE,  /* a message; may open or claim its conversation in the same breath */
    WRITE_CLAIM,    /* an agent takes the conversation, without a word yet */
    WRITE_RELEASE,  /* the conversation goes back to the queue; `text`: the skill it waits for */
    WRITE_TRANSFER, /* from agent `sender`, who has it, to `agent` */
    WRITE_END,      /* sealed */
    WRITE_DELIVERY, /* deliveries up to `seq` are at least `delivery`; or one, see `single` */
    WRITE_EVENT,    /* something worth telling in the transcript */
    WRITE_SURVEY,   /* the visitor's answers after the chat */
    WRITE_READ,     /* the visitor has seen the agent's words up to `seq` */
    WRITE_NOTE,     /* an agent's words for colleagues: no message, takes no seq */
    WRITE_TAGS,     /* `text`: all tags it has from now on, a JSON array */
    WRITE_STAGE,    /* `text`: what the visitor is to the tenant; `reason`: who says so */
    WRITE_EDIT,     /* the agent's message `about` says `text` from now on */
    WRITE_WITHDRAW, /* … says nothing any more */
    WRITE_TOLD,     /* somebody outside has heard of a wish: `message` is that line's */
    WRITE_REACTION, /* all emojis `from` puts beside message `seq` from now on: `text` */
};

struct chat_write {
    enum chat_write_kind kind;
    struct conversation_id conversation;
    struct visitor_id visitor;
    uint64_t at_ms; /* wall: when it happened */

    /* WRITE_MESSAGE, WRITE_NOTE, WRITE_EDIT, WRITE_WITHDRAW, and a WRITE_EVENT that a stanza asked
     * for. `sender` and `cid` make it known again: the same pair in the same conversation is stored
     * once and answered with its old seq. Visitors' sender is "visitor"; agents' is their bare JID
     * with the stanza (origin) id as cid. */
    struct message_id message;
    enum message_from from;
    enum message_origin origin;
    struct slice sender;
    struct slice name; /* as the other side sees it; empty for visitors without a name */
    struct slice cid;
    struct slice text;
    struct slice about; /* EDIT, WITHDRAW: the stanza of what is changed, or of an earlier change;
                           MESSAGE: it was meant to change that, which is nothing to be changed */
    uint64_t reply_to;  /* seq; 0: none */
    struct chat_file file;
    bool opens;  /* this message starts its conversation: insert it, QUEUED */
    bool claims; /* `agent` takes the conversation with this message */
    bool beside; /* its sender has joined whoever holds it; so, too, for EDIT, WITHDRAW,
                    REACTION */

    /* Of a conversation that opens */
    struct site_id site;
    struct slice language;
    struct slice visitor_name;
    bool verified;                         /* the site vouches for the visitor, and said: */
    struct slice email, stage, attributes; /* attributes: a JSON object, or empty */

    /* WRITE_CLAIM, WRITE_END, WRITE_MESSAGE that claims, WRITE_EVENT; WRITE_RELEASE, and a
     * WRITE_DELIVERY that says what was routed to them: these count only while they hold it */
    struct slice agent;  /* bare JID; empty: none */
    struct slice reason; /* END: visitor, agent, timeout …; RELEASE: gone, back, declined; NOTE:
                            whisper, for the rules alone */
    struct slice event;  /* EVENT: its type; the others record their own. MESSAGE: what is asked for
                            with it, or empty */
    struct slice detail; /* of that event; SURVEY: a JSON object, or empty */
    struct slice hears;  /* of that event: who outside is yet to hear of it, bare JIDs with a space
                            between; the lines have ids of chat_call_line() */

    /* WRITE_DELIVERY, WRITE_READ, WRITE_REACTION */
    uint64_t seq;
    enum delivery delivery;
    bool single; /* only `seq` itself, not all before it */

    /* For the rules alone: where the answer goes. Storage carries them through untouched. */
    struct session_id session; /* the browser that said it */
    struct slice resource;     /* the agent's client that said it */
    uint64_t ordinal;          /* the link's number of the stanza that said it */
};

/* What a message carries; NULL: nothing. */
static inline const struct chat_file *chat_write_file(const struct chat_write *write)
{
    return file_id_is_none(write->file.id) ? NULL : &write->file;
}

/* Of the line that tells the `nth` of those who are to hear of a wish, which was stored with
 * `message`. The same each time, so that who hears it again knows it. */
static inline struct message_id chat_call_line(struct message_id message, unsigned nth)
{
    message.id.bytes[ID_BYTES - 2] ^= (uint8_t)(nth + 1);
    return message;
}

/* How many bytes all its texts take together. */
size_t chat_write_bytes(const struct chat_write *write);
/* `to` becomes `from` with texts of its own, in `bytes`: room for chat_write_bytes(from). */
void chat_write_copy(struct chat_write *to, const struct chat_write *from, char *bytes);

#endif
