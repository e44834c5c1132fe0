/* SPDX-License-Identifier: Apache-2.0
 *
 *              claimed                    ended
 *     QUEUED ───────────▶ ACTIVE ───────────────────▶ ENDED
 *        ▲   released        │                           ▲
 *        └───────────────────┘          ended            │
 *        └───────────────────────────────────────────────┘
 *
 * A move happens when storage has said that it is on disk, never before.
 */
#include "chat/state.h"

#include "base/format/json.h"
#include "base/format/text.h"
#include "base/log.h"

#include <assert.h>
#include <stdio.h>

static const char *const state_names[] = { "queued", "active", "ended" };
static const bool may_follow[CONVERSATION_STATE_COUNT][CONVERSATION_STATE_COUNT] = {
    [CONVERSATION_QUEUED] = { [CONVERSATION_ACTIVE] = true, [CONVERSATION_ENDED] = true },
    [CONVERSATION_ACTIVE] = { [CONVERSATION_QUEUED] = true, [CONVERSATION_ENDED] = true },
};

/* The only line in the program that changes a conversation's state. */
static void enter(struct chat *chat, struct conversation *conv, enum conversation_state next)
{
    assert(may_follow[conv->state][next]);
    log_event(LOG_DEBUG, NULL, "conversation.moved", "from=%s to=%s", state_names[conv->state],
              state_names[next]);
    chat->active -= conv->state == CONVERSATION_ACTIVE;
    chat->active += next == CONVERSATION_ACTIVE;
    conv->state = next;
    DO(chat, CHAT_DO_TELL_CONVERSATION, .visitor = conv->visitor, .conversation = conv->id,
       .state = next);
    chat_news(chat);
}

struct conversation *conversation_find(const struct chat *chat, struct conversation_id id)
{
    struct conversation *conv;

    HASH_FIND(hh, chat->conversations, &id, sizeof(id), conv);
    return conv;
}

struct conversation *conversation_of(const struct chat *chat, struct visitor_id visitor)
{
    struct conversation *conv;

    HASH_FIND(hh_visitor, chat->by_visitor, &visitor, sizeof(visitor), conv);
    return conv;
}

struct conversation *conversation_open(struct chat *chat, struct conversation_id id,
                                       struct visitor_id visitor, struct slice name,
                                       struct slice language)
{
    struct conversation *conv = calloc(1, sizeof(*conv));

    if (conv == NULL)
        return NULL;
    conv->id = id;
    conv->visitor = visitor;
    conv->opened_ms = conv->touched_ms = chat->now_ms;
    (void)slice_copy(name, conv->name, sizeof(conv->name));
    (void)slice_copy(language, conv->language, sizeof(conv->language));
    (void)snprintf(conv->stage, sizeof(conv->stage), "unknown");
    (void)snprintf(conv->tags, sizeof(conv->tags), "[]");
    HASH_ADD(hh, chat->conversations, id, sizeof(conv->id), conv);
    HASH_ADD(hh_visitor, chat->by_visitor, visitor, sizeof(conv->visitor), conv);
    chat_wake(chat, conv->touched_ms + chat->rules.idle_end_ms);
    return conv;
}

/* {"plan":"Pro","seats":12} → "plan: Pro · seats: 12", as many as there is room for */
enum { ATTRIBUTE_POINTS = 60 };

static void write_attributes(struct slice attributes, struct buf *to)
{
    AUTO_JSON object = NULL;
    const char *name;
    json_t *value;

    if (json_read(attributes, &object) != OK)
        return;
    json_object_foreach(object, name, value)
    {
        AUTO_MEM char *dumped = json_dumps(value, JSON_ENCODE_ANY);
        AUTO_BUF part;

        buf_init(&part, to->limit);
        text_one_line(slice_of(name), ATTRIBUTE_POINTS, &part);
        buf_add_text(&part, ": ");
        text_one_line(slice_of(json_is_string(value) ? json_string_value(value) : dumped),
                      ATTRIBUTE_POINTS, &part);
        if (buf_failed(&part) || to->len + part.len + 4 > to->limit)
            return;
        buf_addf(to, "%s%s", to->len == 0 ? "" : " · ", part.data);
    }
}

void conversation_know(struct conversation *conv, const struct chat_event *event)
{
    AUTO_BUF about;

    buf_init(&about, sizeof(conv->about) - 1);
    conv->verified = event->verified;
    (void)slice_copy(event->email, conv->email, sizeof(conv->email));
    if (event->stage.len > 0)
        (void)slice_copy(event->stage, conv->stage, sizeof(conv->stage));
    if (event->attributes.len > 0)
        write_attributes(event->attributes, &about);
    (void)slice_copy(buf_slice(&about), conv->about, sizeof(conv->about));
}

void conversation_opening_settled(struct chat *chat, struct conversation *conv)
{
    conv->openings--;
    if (conv->stored || conv->openings > 0 || conv->doubtful)
        return;
    assert(!conv->queued && conv->state == CONVERSATION_QUEUED);
    HASH_DELETE(hh_visitor, chat->by_visitor, conv);
    HASH_DELETE(hh, chat->conversations, conv);
    holding_drop(conv);
    reacting_drop(conv);
    free(conv);
}

void conversation_title_of(struct conversation_id id, struct slice name, char *ret_title,
                           size_t size)
{
    char text[ID_TEXT_BYTES];

    if (name.len > 0) {
        (void)slice_copy(name, ret_title, size);
        return;
    }
    id_format(id.id, text);
    (void)snprintf(ret_title, size, "#%.4s", text);
}

void conversation_title(const struct conversation *conv, char *ret_title, size_t size)
{
    conversation_title_of(conv->id, slice_of(conv->name), ret_title, size);
}

const char *conversation_reason(enum language language, const char *code)
{
    static const struct {
        const char *code;
        enum line line;
    } reasons[] = {
        { "visitor", LINE_REASON_VISITOR },
        { "agent", LINE_REASON_AGENT },
        { "timeout", LINE_REASON_TIMEOUT },
        { "operator", LINE_REASON_OPERATOR },
        { "gone", LINE_REASON_GONE },
        { "back", LINE_REASON_BACK },
        { "transferred", LINE_REASON_TRANSFERRED },
        { "unassigned", LINE_REASON_UNASSIGNED },
    };

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (strcmp(code, reasons[i].code) == 0)
            return texts_get(language, reasons[i].line);
    }
    return code;
}

/* --- the moves --- */

/* Whoever's claim is first on disk has it. */
static void takes(struct conversation *conv, struct member *agent)
{
    agent->load++;
    conv->claiming = NULL;
    conv->agent = agent;
    conv->why[0] = '\0'; /* they have read it */
}

void conversation_activate(struct chat *chat, struct conversation *conv, struct member *agent)
{
    offers_taken(chat, conv, agent);
    queue_served(chat, conv);
    queue_remove(chat, conv);
    takes(conv, agent);
    conv->introduced = false;
    delivery_reset(conv);
    enter(chat, conv, CONVERSATION_ACTIVE);
    idle_touch(chat, conv);
    onlookers_became_holder(chat, conv, agent);
    DO(chat, CHAT_DO_TELL_AGENT, .visitor = conv->visitor, .on = true,
       .agent = slice_of(agent->jid), .name = slice_of(agent->name));
    delivery_resume(chat, conv);
    if (!agent->assigned) /* not any more: the claim was on its way */
        conversation_ask_release(chat, conv, "unassigned");
}

void conversation_claim_begin(struct conversation *conv, struct member *member)
{
    if (conv->claiming == NULL)
        conv->claiming = member;
    conv->claims++;
    member->load++;
}

void conversation_claim_settled(struct chat *chat, struct conversation *conv, struct member *member)
{
    member->load--;
    if (conv != NULL && --conv->claims == 0)
        conv->claiming = NULL;
    chat->reroute = true;
}

static void let_go(struct conversation *conv)
{
    if (conv->state == CONVERSATION_ACTIVE)
        conv->agent->load--;
    conv->claiming = NULL;
}

/* Whose it was hears that it is gone; their contact goes, too, and shows nobody where the roster is
 * not ours to change. */
static void take_away(struct chat *chat, const struct conversation *conv)
{
    if (conv->agent->assigned)
        DO(chat, CHAT_DO_CONTACT_PRESENCE, .agent = slice_of(conv->agent->jid),
           .visitor = conv->visitor, .show = SHOW_GONE);
    DO(chat, CHAT_DO_FORGET, .agent = slice_of(conv->agent->jid), .visitor = conv->visitor);
    DO(chat, CHAT_DO_TELL_AGENT, .visitor = conv->visitor, .on = false,
       .agent = slice_of(conv->agent->jid), .name = slice_of(conv->agent->name));
}

void conversation_hand_over(struct chat *chat, struct conversation *conv, struct member *heir)
{
    char title[NAME_BYTES];

    conversation_title(conv, title, sizeof(title));
    chat_desk(chat, conv->agent, LINE_HANDED_TO, ARGS(heir->name, title));
    take_away(chat, conv);
    conv->agent->load--;
    takes(conv, heir);
    conv->heir = NULL;
    conv->introduced = false;
    idle_touch(chat, conv);
    offers_taken(chat, conv, heir);
    onlookers_became_holder(chat, conv, heir);
    delivery_reset(conv);
    DO(chat, CHAT_DO_TELL_AGENT, .visitor = conv->visitor, .on = true, .agent = slice_of(heir->jid),
       .name = slice_of(heir->name));
    chat_news(chat);
    delivery_resume(chat, conv);
    if (!heir->assigned || (heir->outsider && !outsiders_may_be_handed(chat, heir)))
        /* not any more: their ok was on its way */
        conversation_ask_release(chat, conv, "unassigned");
}

void conversation_requeue(struct chat *chat, struct conversation *conv, const char *reason)
{
    struct member *agent = conv->agent;
    char title[NAME_BYTES];

    let_go(conv);
    conv->heir = NULL;
    offers_withdraw(chat, conv, LINE_OFFERED_ELSEWHERE, NO_ARGS);
    conversation_title(conv, title, sizeof(title));
    chat_desk(chat, agent, LINE_BACK_IN_QUEUE,
              ARGS(title, conversation_reason(agent->language, reason)));
    onlookers_tell(chat, conv, LINE_BACK_IN_QUEUE, reason);
    take_away(chat, conv);
    conv->introduced = false;
    queue_return(chat, conv);
    enter(chat, conv, CONVERSATION_QUEUED);
    idle_touch(chat, conv);
}

void conversation_end(struct chat *chat, struct conversation *conv, struct slice reason)
{
    bool active = conv->state == CONVERSATION_ACTIVE;
    char title[NAME_BYTES], why[64];

    let_go(conv);
    conv->heir = NULL;
    offers_withdraw(chat, conv, LINE_IS_OVER, NO_ARGS);
    queue_remove(chat, conv);
    conv->ended_ms = chat->now_ms;
    conv->closes_ms = 0; /* it has: words that come late take no warning back */
    visitors_had(chat, conv);
    enter(chat, conv, CONVERSATION_ENDED);
    HASH_DELETE(hh_visitor, chat->by_visitor, conv);
    DL_APPEND(chat->ended, conv);
    chat_wake(chat, conv->ended_ms + LINGER_MS);
    DO(chat, CHAT_DO_TELL_ENDED, .visitor = conv->visitor, .conversation = conv->id,
       .reason = reason);
    (void)slice_copy(reason, why, sizeof(why));
    onlookers_tell(chat, conv, LINE_HAS_ENDED, why);
    onlookers_ended(chat, conv);
    room_ended(chat, conv);
    if (!active || !conv->agent->assigned)
        return;
    conversation_title(conv, title, sizeof(title));
    chat_desk(chat, conv->agent, LINE_HAS_ENDED,
              ARGS(title, conversation_reason(conv->agent->language, why)));
    agents_wrap_up(chat, conv->agent);
    DO(chat, CHAT_DO_CONTACT_PRESENCE, .agent = slice_of(conv->agent->jid),
       .visitor = conv->visitor, .show = SHOW_GONE);
}

/* --- asking for them --- */

void conversation_ask_end(struct chat *chat, struct conversation *conv, const char *reason,
                          struct slice outcome)
{
    struct slice agent = conv->agent != NULL && conv->state == CONVERSATION_ACTIVE
                             ? slice_of(conv->agent->jid)
                             : SLICE_NONE;

    if (conv->ending)
        return;
    conv->ending = true;
    STORE(chat, .kind = WRITE_END, .conversation = conv->id, .visitor = conv->visitor,
          .reason = slice_of(reason), .text = outcome, .agent = agent,
          .name = agent.len > 0 ? slice_of(conv->agent->name) : SLICE_NONE);
}

void conversation_ask_release(struct chat *chat, struct conversation *conv, const char *reason)
{
    STORE(chat, .kind = WRITE_RELEASE, .conversation = conv->id, .visitor = conv->visitor,
          .reason = slice_of(reason), .agent = slice_of(conv->agent->jid),
          .name = slice_of(conv->agent->name));
}

void on_operator_end(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->conversation);

    if (conv != NULL && conv->state != CONVERSATION_ENDED)
        conversation_ask_end(chat, conv, "operator", event->reason);
}

/* --- after a restart --- */

void on_restored(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv;
    struct member *agent;

    if (event->state == CONVERSATION_ENDED || conversation_of(chat, event->visitor) != NULL)
        return;
    conv =
        conversation_open(chat, event->conversation, event->visitor, event->name, event->language);
    if (conv == NULL)
        return;
    conv->stored = true;
    conv->opened_ms = conv->queued_ms = event->at_ms;
    conv->last_seq = event->seq;
    conversation_know(conv, event);
    if (event->tags.len > 1 && event->tags.len < sizeof(conv->tags))
        (void)slice_copy(event->tags, conv->tags, sizeof(conv->tags));
    (void)slice_copy(event->skill, conv->skill, sizeof(conv->skill));
    agent = event->state == CONVERSATION_ACTIVE ? agents_get(chat, event->agent) : NULL;
    if (agent == NULL) {
        queue_insert(chat, conv);
        return;
    }
    /* Whoever had words delivered has the contact too; else it is introduced (again). */
    conv->introduced = event->delivery_seq > 0;
    conv->sent_seq = conv->routed_seq = conv->marked_seq = event->delivery_seq;
    conv->agent = agent;
    agent->load++;
    chat->active++;
    conv->state = CONVERSATION_ACTIVE;
}

/* Who had it, so that no bot is asked about what it gave back, and who had joined it. */
void on_restored_event(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->conversation);
    bool held = slice_is(event->name, "claimed") || slice_is(event->name, "transferred");
    bool joined = slice_is(event->name, "joined");
    struct member *member;
    struct onlooker *onlooker;

    if (conv != NULL && slice_is(event->name, "unanswered"))
        conv->unanswered = true;
    if (conv != NULL && conv->state == CONVERSATION_QUEUED && slice_is(event->name, "released"))
        (void)slice_copy(event->text, conv->why, sizeof(conv->why)); /* the last counts */
    if (conv == NULL || (!held && !joined && !slice_is(event->name, "left")))
        return;
    member = agents_get(chat, event->agent);
    if (member == NULL)
        return;
    onlooker = onlookers_find(conv, member);
    if (joined && (conv->state == CONVERSATION_QUEUED || conv->agent != member))
        onlookers_restore(chat, conv, member);
    else if (!joined && onlooker != NULL)
        onlookers_drop(chat, conv, onlooker);
    if (held && conv->state == CONVERSATION_QUEUED)
        conv->agent = member;
}

/* --- time --- */

static void forget(struct chat *chat, struct conversation *conv)
{
    const struct conversation *open = conversation_of(chat, conv->visitor);

    if (conv->agent != NULL && (open == NULL || open->agent != conv->agent))
        DO(chat, CHAT_DO_FORGET, .agent = slice_of(conv->agent->jid), .visitor = conv->visitor);
    onlookers_forget(chat, conv);
    assert(chat->conversations != NULL); /* who is listed is in the table too */
    DL_DELETE(chat->ended, conv);
    HASH_DELETE(hh, chat->conversations, conv);
    holding_drop(conv);
    reacting_drop(conv);
    free(conv);
}

void on_tenant_gone(struct chat *chat, const struct chat_event *event)
{
    (void)event;
    for (struct conversation *conv = chat->conversations; conv != NULL; conv = conv->hh.next) {
        if (conv->agent != NULL)
            DO(chat, CHAT_DO_FORGET, .agent = slice_of(conv->agent->jid), .visitor = conv->visitor);
        onlookers_forget(chat, conv);
    }
}

void conversation_tick(struct chat *chat)
{
    struct conversation *conv, *next;

    while (chat->ended != NULL && chat->ended->ended_ms + LINGER_MS <= chat->now_ms)
        forget(chat, chat->ended);
    if (chat->ended != NULL)
        chat_wake(chat, chat->ended->ended_ms + LINGER_MS);
    HASH_ITER(hh_visitor, chat->by_visitor, conv, next)
    {
        visitors_look(chat, conv);
        delivery_look(chat, conv);
        idle_look(chat, conv);
    }
}

void conversation_free_all(struct chat *chat)
{
    struct conversation *conv, *next;

    HASH_CLEAR(hh_visitor, chat->by_visitor);
    HASH_ITER(hh, chat->conversations, conv, next)
    {
        HASH_DELETE(hh, chat->conversations, conv);
        onlookers_free(conv);
        holding_drop(conv);
        reacting_drop(conv);
        free(conv);
    }
}
