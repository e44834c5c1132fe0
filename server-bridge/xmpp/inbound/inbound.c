/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/inbound/inbound.h"

#include "base/clock.h"
#include "server-bridge/xmpp/parser_guard.h"
#include "server-bridge/xmpp/room.h"
#include "server-bridge/xmpp/stanza_write.h"

#include <stdlib.h>

enum { ANSWER_BYTES_MAX = 64 * 1024, TEXT_BYTES_MAX = 4 * INBOUND_TEXT_POINTS_MAX };

static const struct ratelimit_rule strangers_rule = { .burst = 50, .per_second = 20 };

void inbound_init(struct inbound *inbound)
{
    ratelimit_init(&inbound->strangers, &strangers_rule, clock_steady_ms());
    buf_init(&inbound->out, ANSWER_BYTES_MAX);
    buf_init(&inbound->text, TEXT_BYTES_MAX);
}

void inbound_release(struct inbound *inbound)
{
    buf_release(&inbound->out);
    buf_release(&inbound->text);
}

enum contact_kind contact_kind(struct slice local)
{
    struct id id;

    if (local.len == 0)
        return CONTACT_HOST;
    if (slice_is(local, "desk"))
        return CONTACT_DESK;
    if (local.data[0] == 'v' && id_parse((struct slice){ local.data + 1, local.len - 1 }, &id) == 0)
        return CONTACT_VISITOR;
    return CONTACT_NONE;
}

void inbound_refuse(struct inbound *inbound, const struct arrival *arrival, const char *type,
                    const char *condition, const char *text)
{
    const struct stanza_answer answer = { arrival->name, arrival->to_text, arrival->from_text,
                                          arrival->id };

    buf_clear(&inbound->out);
    if (stanza_write_error(&inbound->out, &answer, type, condition, text) == OK)
        inbound->port->answer(inbound->context, buf_slice(&inbound->out));
}

/* False: no stanza anyone could be answered or believed for. */
static bool take_apart(xmpp_stanza_t *stanza, struct arrival *arrival)
{
    const char *type = xmpp_stanza_get_type(stanza);

    *arrival = (struct arrival){ .stanza = stanza,
                                 .name = xmpp_stanza_get_name(stanza),
                                 .type = type == NULL ? "" : type,
                                 .from_text = slice_of(xmpp_stanza_get_from(stanza)),
                                 .to_text = slice_of(xmpp_stanza_get_to(stanza)),
                                 .id = slice_of(xmpp_stanza_get_id(stanza)) };
    return arrival->name != NULL && jid_split(arrival->from_text, &arrival->from) == 0 &&
           jid_split(arrival->to_text, &arrival->to) == 0;
}

static bool is_answer(const struct arrival *arrival)
{
    return strcmp(arrival->type, "error") == 0 || strcmp(arrival->type, "result") == 0;
}

/* Only the server can make a stanza come from our own domain: it is one of ours, returned. */
static void from_ourselves(struct inbound *inbound, const struct arrival *arrival)
{
    if (slice_is(arrival->to.resource, "barrier") && slice_starts_with(arrival->id, "barrier-"))
        inbound->port->barrier(inbound->context, strtoull(arrival->id.data + 8, NULL, 10));
}

/* What a stranger may be told. Presence goes unanswered but for the wish to subscribe. */
static void from_stranger(struct inbound *inbound, const struct arrival *arrival)
{
    if (is_answer(arrival) || strcmp(arrival->type, "groupchat") == 0 ||
        strcmp(arrival->type, "headline") == 0)
        return;
    if (strcmp(arrival->name, "presence") == 0 && strcmp(arrival->type, "subscribe") != 0)
        return;
    if (ratelimit_spend(&inbound->strangers, &strangers_rule, 1, clock_steady_ms()) != 0)
        return;
    log_event(LOG_INFO, inbound->log, "link.stranger_refused", "stanza=%s", arrival->name);
    inbound_refuse(inbound, arrival, "auth", "forbidden", NULL);
}

static void from_member(struct inbound *inbound, const struct arrival *arrival)
{
    static const struct {
        const char *name;
        void (*handle)(struct inbound *, const struct arrival *);
    } kinds[] = {
        { "message", inbound_message },
        { "presence", inbound_presence },
        { "iq", inbound_iq },
    };

    if (parser_guard_was_cut()) {
        log_event(LOG_WARNING, inbound->log, "link.stanza_too_wide", "stanza=%s", arrival->name);
        if (!is_answer(arrival))
            inbound_refuse(inbound, arrival, "modify", "policy-violation",
                           "Too many elements in one stanza.");
        return;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(arrival->name, kinds[i].name) == 0)
            kinds[i].handle(inbound, arrival);
    }
}

void inbound_handle(struct inbound *inbound, xmpp_stanza_t *stanza)
{
    struct arrival arrival;

    if (!take_apart(stanza, &arrival) || !slice_is(arrival.to.domain, inbound->domain))
        return;
    if (slice_is(arrival.from_text, inbound->domain))
        from_ourselves(inbound, &arrival);
    else if (slice_is(arrival.from.domain, inbound->domain) ||
             (inbound->room != NULL && room_hear(inbound->room, &arrival)))
        return; /* our contacts have nothing to say to us (the desk would answer itself for ever),
                   and what is said in a room is not said to us */
    else if (members_has(inbound->members, arrival.from.bare))
        from_member(inbound, &arrival);
    else
        from_stranger(inbound, &arrival);
}
