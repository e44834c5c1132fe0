/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing a conversation on. To a person: it is offered to them, and stays where it is until
 * they take it; if they do not, it was never away. To a skill: it goes to the front of the
 * queue, and whoever has the skill is asked first. The visitor is told either way.
 */
#include "chat/state.h"

#include <strings.h>

static bool is_same(struct slice a, struct slice b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

/* Whose persona this is; or, where two share one, whose name before the @. Agents first, then
 * people outside who may be handed something. */
static struct member *find_agent(const struct chat *chat, struct slice name)
{
    struct member *outsider = NULL;

    for (struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (!m->assigned)
            continue;
        if (slice_is(name, m->jid) ||
            is_same(name, (struct slice){ m->jid, strcspn(m->jid, "@") }) ||
            is_same(name, slice_of(m->name))) {
            if (!m->outsider)
                return m;
            outsider = outsiders_may_be_handed(chat, m) ? m : outsider;
        }
    }
    return outsider;
}

/* "kalle" is enough for "Kalle / Acme" while no other persona begins so. */
static struct member *find_by_first_word(const struct chat *chat, struct slice word)
{
    struct member *found = NULL;

    for (struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (!m->assigned || m->outsider ||
            !is_same(word, (struct slice){ m->name, strcspn(m->name, " ") }))
            continue;
        if (found != NULL)
            return NULL;
        found = m;
    }
    return found;
}

void transfer_read(const struct chat *chat, struct slice said, struct slice *to, struct slice *why)
{
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        size_t len = strlen(m->name), space = len < said.len ? 1 : 0;

        if (!m->assigned || len <= to->len || len > said.len ||
            strncasecmp(said.data, m->name, len) != 0 || (space > 0 && said.data[len] != ' '))
            continue;
        *to = (struct slice){ said.data, len };
        *why = (struct slice){ said.data + len + space, said.len - len - space };
    }
}

static const struct member *find_skilled(const struct chat *chat, struct slice skill,
                                         const struct member *except)
{
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (m != except && agents_takes_offers(m) && agents_has_skill(m, skill))
            return m;
    }
    return NULL;
}

static bool is_anybodys_skill(const struct chat *chat, struct slice skill)
{
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (m->assigned && agents_has_skill(m, skill))
            return true;
    }
    return false;
}

static enum line offer_to(struct chat *chat, struct conversation *conv, struct member *heir)
{
    if (heir == conv->agent)
        return LINE_TO_YOURSELF;
    if (!heir->outsider && !agents_takes_offers(heir))
        return LINE_NOT_HERE;
    if (!heir->outsider && !agents_has_room(chat, heir))
        return LINE_NO_ROOM;
    conv->heir = heir;
    offers_make(chat, conv, heir);
    return LINE_TRANSFER_OFFERED;
}

static enum line release_to(struct chat *chat, struct conversation *conv, struct slice skill,
                            struct slice why)
{
    AUTO_BUF detail;

    buf_init(&detail, 4096);
    if (!is_anybodys_skill(chat, skill))
        return LINE_TO_NOBODY;
    if (find_skilled(chat, skill, conv->agent) == NULL)
        return LINE_NO_SKILL_HERE;
    buf_add_text(&detail, "{\"reason\":\"transferred\",\"to\":");
    buf_add_json(&detail, skill);
    buf_add_text(&detail, ",\"why\":");
    buf_add_json(&detail, why);
    buf_add_text(&detail, "}");
    routing_pass(chat, conv, conv->agent);
    STORE(chat, .kind = WRITE_RELEASE, .conversation = conv->id, .visitor = conv->visitor,
          .reason = SLICE_LITERAL("transferred"), .text = skill, .detail = buf_slice(&detail),
          .agent = slice_of(conv->agent->jid), .name = slice_of(conv->agent->name));
    return LINE_TRANSFER_QUEUED;
}

enum line transfer_ask(struct chat *chat, struct conversation *conv, struct slice to,
                       struct slice why)
{
    struct member *heir = find_agent(chat, to);
    enum line line;

    if (heir == NULL && !is_anybodys_skill(chat, to))
        heir = find_by_first_word(chat, to);
    if (conv->ending)
        return LINE_ENDED_BEFORE;
    if (conv->heir != NULL || conv->claiming != NULL)
        return LINE_TRANSFER_PENDING;
    if (!slice_copy(why, conv->why, sizeof(conv->why)))
        (void)slice_copy((struct slice){ why.data, 0 }, conv->why, sizeof(conv->why));
    line = heir != NULL ? offer_to(chat, conv, heir) : release_to(chat, conv, to, why);
    if (line != LINE_TRANSFER_OFFERED && line != LINE_TRANSFER_QUEUED)
        conv->why[0] = '\0'; /* it goes nowhere: nobody is to read it later */
    return line;
}

/* It is theirs once that is on disk. */
static void begin(struct chat *chat, struct conversation *conv, struct member *heir, struct buf *to)
{
    conversation_claim_begin(conv, heir);
    STORE(chat, .kind = WRITE_TRANSFER, .conversation = conv->id, .visitor = conv->visitor,
          .sender = slice_of(conv->agent->jid), .agent = slice_of(heir->jid),
          .name = slice_of(heir->name), .detail = buf_slice(to));
}

/* They said ok. */
void transfer_accepted(struct chat *chat, struct conversation *conv, struct member *heir)
{
    AUTO_BUF detail;

    buf_init(&detail, 4096);
    buf_add_text(&detail, "{\"from\":");
    buf_add_json(&detail, slice_of(conv->agent->name));
    if (conv->why[0] != '\0') {
        buf_add_text(&detail, ",\"why\":");
        buf_add_json(&detail, slice_of(conv->why));
    }
    buf_add_text(&detail, "}");
    begin(chat, conv, heir, &detail);
}

void transfer_take_over(struct chat *chat, struct conversation *conv, struct member *supervisor)
{
    AUTO_BUF detail;

    buf_init(&detail, 4096);
    if (conv->state == CONVERSATION_QUEUED) {
        conversation_claim_begin(conv, supervisor);
        STORE(chat, .kind = WRITE_CLAIM, .conversation = conv->id, .visitor = conv->visitor,
              .agent = slice_of(supervisor->jid), .name = slice_of(supervisor->name));
        return;
    }
    buf_add_text(&detail, "{\"from\":");
    buf_add_json(&detail, slice_of(conv->agent->name));
    buf_add_text(&detail, ",\"taken_over\":true}");
    begin(chat, conv, supervisor, &detail);
}

static void stay(struct chat *chat, struct conversation *conv, enum line line)
{
    struct member *heir = conv->heir;

    conv->heir = NULL;
    conv->why[0] = '\0';
    if (conv->state == CONVERSATION_ACTIVE)
        chat_aside(chat, conv->agent, conv->visitor, line, ARGS(heir->name));
}

/* Declined, timed out, or gone: it stays where it was. */
void transfer_returned(struct chat *chat, struct conversation *conv)
{
    stay(chat, conv, LINE_TRANSFER_RETURNED);
}

void transfer_unreached(struct chat *chat, struct conversation *conv)
{
    stay(chat, conv, LINE_TRANSFER_UNREACHED);
}

/* Offers went with the link, and nobody could be told so then. An ok on its way to disk stands. */
void transfer_resume(struct chat *chat, struct conversation *conv)
{
    if (conv->heir != NULL && conv->claiming == NULL && offers_find(chat, conv, conv->heir) == NULL)
        transfer_returned(chat, conv);
}

void transfer_stored(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);
    struct member *heir = agents_find(chat, event->write->agent);

    if (heir == NULL)
        return;
    if (conv != NULL && conv->state == CONVERSATION_ACTIVE && conv->agent != heir)
        conversation_hand_over(chat, conv, heir);
    conversation_claim_settled(chat, conv, heir);
}

void transfer_failed(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);
    struct member *heir = agents_find(chat, event->write->agent);
    char title[NAME_BYTES];

    if (heir == NULL)
        return;
    conversation_claim_settled(chat, conv, heir);
    if (conv == NULL)
        return;
    conversation_title(conv, title, sizeof(title));
    chat_desk(chat, heir, LINE_NOT_HANDED, ARGS(title));
    if (conv->heir == heir)
        transfer_returned(chat, conv);
}
