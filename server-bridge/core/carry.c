/* SPDX-License-Identifier: Apache-2.0
 *
 * Carries out what chat/ wants done: one small function an effect, from one table. Nothing
 * here decides anything.
 */
#include "server-bridge/core/files/files.h"
#include "server-bridge/core/replay.h"
#include "tenant/jid.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

typedef void carry_fn(struct live_tenant *tenant, const struct chat_effect *effect);

/* --- to the visitor --- */

/* Walks the sessions an effect is for: one, or all of the visitor's. */
#define FOR_EACH_SESSION(tenant, effect, session)                                  \
    for (struct session *session = first_session(tenant, effect); session != NULL; \
         session = session->next_of_visitor)                                       \
        if (session_id_is_none((effect)->session) ||                               \
            session_id_equal((effect)->session, session->id))

static struct session *first_session(const struct live_tenant *tenant,
                                     const struct chat_effect *effect)
{
    struct visitor *visitor = sessions_visitor(tenant, effect->visitor);

    return visitor == NULL ? NULL : visitor->sessions;
}

/* Whether this browser has not seen that message yet; from now on it has. In a replay it comes from
 * storage, as all before it do. */
static bool is_news(struct session *session, struct conversation_id conversation, uint64_t seq)
{
    if (session->replay != NULL)
        return false;
    if (!conversation_id_equal(session->told_of, conversation)) {
        session->told_of = conversation;
        session->told_seq = 0;
    }
    if (seq <= session->told_seq)
        return false;
    session->told_seq = seq;
    return true;
}

static void tell_message(struct session *session, const struct chat_effect *effect,
                         enum message_from from)
{
    char avatar[AVATAR_ADDRESS_BYTES];
    AUTO_BUF file;

    buf_init(&file, 4096);
    if (!is_news(session, effect->conversation, effect->seq))
        return;
    file_view(session->tenant, from, effect->file, effect->text, &file);
    IPC_SEND(session->web->ipc, tell_message, .session = session->id.id, .seq = effect->seq,
             .from = from, .name = effect->name,
             .avatar = avatar_of_words(session->tenant, from, effect->agent, avatar),
             .text = effect->text, .at_ms = effect->at_ms, .reply_to = effect->reply_to,
             .cid = from == FROM_VISITOR ? effect->cid : SLICE_NONE, .file = buf_slice(&file));
}

static void tell_saved_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    struct visitor *visitor = sessions_visitor(tenant, effect->visitor);
    struct session *session = visitor == NULL ? NULL : visitor->sessions;
    AUTO_BUF file;

    buf_init(&file, 4096);
    file_view(tenant, FROM_VISITOR, effect->file, effect->text, &file);
    for (; session != NULL; session = session->next_of_visitor) {
        if (!session_id_equal(session->id, effect->session)) {
            if (!effect->on)
                tell_message(session, effect, FROM_VISITOR);
            continue;
        }
        if (!effect->on)
            (void)is_news(session, effect->conversation, effect->seq);
        IPC_SEND(session->web->ipc, tell_saved, .session = session->id.id, .cid = effect->cid,
                 .seq = effect->seq, .at_ms = effect->at_ms, .file = buf_slice(&file));
    }
}

static void tell_message_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    FOR_EACH_SESSION(tenant, effect, session)
    tell_message(session, effect, effect->from);
}

/* A browser that has not seen the message yet will see it as it is by then. */
static void tell_revised_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    AUTO_BUF file;

    buf_init(&file, 4096);
    file_view(tenant, FROM_AGENT, NULL, effect->text, &file); /* visitors change nothing */
    FOR_EACH_SESSION(tenant, effect, session)
    {
        if (conversation_id_equal(session->told_of, effect->conversation) &&
            effect->seq <= session->told_seq)
            IPC_SEND(session->web->ipc, tell_revised, .session = session->id.id, .seq = effect->seq,
                     .text = effect->text, .file = buf_slice(&file), .at_ms = effect->at_ms,
                     .withdrawn = effect->on);
    }
}

static void tell_reaction_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    const struct stored_reaction reaction = { .seq = effect->seq,
                                              .from = effect->from,
                                              .agent = effect->agent,
                                              .name = effect->name,
                                              .emojis = effect->text };

    FOR_EACH_SESSION(tenant, effect, session)
    {
        if (conversation_id_equal(session->told_of, effect->conversation) &&
            effect->seq <= session->told_seq)
            replay_tell_reaction(session, &reaction);
    }
}

static void tell_conversation_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    FOR_EACH_SESSION(tenant, effect, session)
    {
        if (session->replay == NULL) /* else its end tells */
            IPC_SEND(session->web->ipc, tell_conversation, .session = session->id.id,
                     .conversation = effect->conversation.id, .state = effect->state);
    }
}

static void tell_receipt_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    FOR_EACH_SESSION(tenant, effect, session)
    {
        if (session->replay == NULL || effect->seq <= session->told_seq)
            IPC_SEND(session->web->ipc, tell_receipt, .session = session->id.id, .seq = effect->seq,
                     .delivery = effect->delivery);
    }
}

static void tell_typing_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    FOR_EACH_SESSION(tenant, effect, session)
    IPC_SEND(session->web->ipc, tell_typing, .session = session->id.id, .on = effect->on);
}

static void tell_queue_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    FOR_EACH_SESSION(tenant, effect, session)
    IPC_SEND(session->web->ipc, tell_queue, .session = session->id.id, .position = effect->position,
             .waited_s = effect->waited_s);
}

static void tell_agent_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    char avatar[AVATAR_ADDRESS_BYTES];

    FOR_EACH_SESSION(tenant, effect, session)
    {
        if (session->replay == NULL) /* else its end tells */
            IPC_SEND(session->web->ipc, tell_agent, .session = session->id.id, .joined = effect->on,
                     .name = effect->name, .avatar = avatar_of(tenant, effect->agent, avatar));
    }
}

static void tell_idle_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    FOR_EACH_SESSION(tenant, effect, session)
    IPC_SEND(session->web->ipc, tell_idle, .session = session->id.id, .left_s = effect->left_s);
}

static void tell_ended_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    FOR_EACH_SESSION(tenant, effect, session)
    {
        if (session->replay == NULL)
            IPC_SEND(session->web->ipc, tell_ended, .session = session->id.id,
                     .reason = effect->reason);
    }
}

static void tell_error_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    FOR_EACH_SESSION(tenant, effect, session)
    IPC_SEND(session->web->ipc, tell_error, .session = session->id.id,
             .code = slice_of(effect->code), .text = effect->text, .cid = effect->cid);
}

static void availability_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    struct web_peer *web;
    AUTO_BUF open;

    hello_openings(tenant, &open);
    DL_FOREACH(tenant->core->webs, web)
    {
        if (web->role == IPC_WEB)
            IPC_SEND(web->ipc, tell_availability, .tenant = slice_of(tenant->about.name.text),
                     .availability = effect->availability, .open = buf_slice(&open));
    }
}

/* --- in flight to the XMPP server --- */

static struct in_flight *in_flight_at(const struct live_tenant *tenant, size_t i)
{
    return &tenant->in_flight[(tenant->in_flight_first + i) % tenant->in_flight_cap];
}

static bool grow_in_flight(struct live_tenant *tenant)
{
    size_t cap = tenant->in_flight_cap == 0 ? 64 : tenant->in_flight_cap * 2;
    struct in_flight *ring = calloc(cap, sizeof(*ring));

    if (ring == NULL)
        return false;
    for (size_t i = 0; i < tenant->in_flight_count; i++)
        ring[i] = *in_flight_at(tenant, i);
    free(tenant->in_flight);
    tenant->in_flight = ring;
    tenant->in_flight_first = 0;
    tenant->in_flight_cap = cap;
    return true;
}

uint64_t carry_remember(struct live_tenant *tenant, struct in_flight flying)
{
    uint64_t ordinal = ++tenant->said_ordinal;

    if (tenant->in_flight_count == tenant->in_flight_cap && !grow_in_flight(tenant))
        return ordinal; /* it stays pending and is sent again when the link next comes up */
    tenant->in_flight_count++;
    flying.ordinal = ordinal;
    *in_flight_at(tenant, tenant->in_flight_count - 1) = flying;
    return ordinal;
}

uint64_t carry_aside(struct live_tenant *tenant, struct message_id message)
{
    return carry_remember(tenant, (struct in_flight){ .message = message });
}

void carry_link_lost(struct live_tenant *tenant)
{
    tenant->in_flight_first = 0;
    tenant->in_flight_count = 0;
}

static void line_routed(struct live_tenant *tenant, const struct in_flight *routed)
{
    struct chat_event event = { .type = CHAT_LINE_ROUTED, .message = routed->message };

    if (routed->awaited)
        tenants_handle(tenant, &event);
}

/* One event a conversation would be best; one a run of the same conversation is nearly so. */
void carry_routed(struct live_tenant *tenant, uint64_t ordinal)
{
    while (tenant->in_flight_count > 0 && in_flight_at(tenant, 0)->ordinal <= ordinal) {
        struct in_flight routed = *in_flight_at(tenant, 0);
        struct chat_event event = { .type = CHAT_ROUTED,
                                    .conversation = routed.conversation,
                                    .round = routed.round,
                                    .seq = routed.seq };

        tenant->in_flight_first = (tenant->in_flight_first + 1) % tenant->in_flight_cap;
        tenant->in_flight_count--;
        if (conversation_id_is_none(routed.conversation)) {
            line_routed(tenant, &routed);
            continue;
        }
        if (tenant->in_flight_count > 0 && in_flight_at(tenant, 0)->ordinal <= ordinal &&
            in_flight_at(tenant, 0)->round == routed.round &&
            conversation_id_equal(in_flight_at(tenant, 0)->conversation, routed.conversation))
            continue;
        tenants_handle(tenant, &event);
    }
}

/* --- to agents --- */

struct message_id carry_colleague_id(struct message_id message)
{
    message.id.bytes[ID_BYTES - 1] ^= 1;
    return message;
}

/* What an agent's client is told of a visitor's message: its words, or where its file lies. */
static struct slice words_of(const struct live_tenant *tenant, const struct chat_file *file,
                             struct slice text, struct buf *to)
{
    if (file != NULL && !file_id_is_none(file->id))
        file_address(tenant, file, text, true, to);
    else if (text.len > 0 && memchr(text.data, '[', text.len) != NULL)
        quote_add_words(to, text);
    else
        return text;
    return buf_slice(to);
}

static void send_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    char from[CONTACT_LOCAL_BYTES];
    struct quote quote;
    AUTO_BUF words;

    buf_init(&words, IPC_TEXT_MAX);
    contact_local(effect->visitor, from);
    quote_find(tenant, effect->conversation, effect->reply_to, effect->agent, &quote);
    IPC_SEND(tenant->link, link_say,
             .ordinal =
                 carry_remember(tenant, (struct in_flight){ .conversation = effect->conversation,
                                                            .message = effect->message,
                                                            .seq = effect->seq,
                                                            .round = effect->round }),
             .to = effect->agent, .from = slice_of(from), .stanza = effect->message.id,
             .text = words_of(tenant, effect->file, effect->text, &words), .at_ms = effect->at_ms,
             .receipts = true, .answers = slice_of(quote.stanza), .quote = slice_of(quote.text),
             .answers_own = quote.own, .address = effect->file != NULL);
}

struct pending_walk {
    struct live_tenant *tenant;
    const struct chat_effect *effect;
    char from[CONTACT_LOCAL_BYTES];
    uint64_t last_seq, handed_seq;
    struct quote quote;  /* found, for the next row */
    uint64_t wanted_seq; /* the walk stopped, for this is to be found first; 0: it did not */
    unsigned sent;
    bool more;
};

/* What others than this agent answered, marked as ours are. */
static void send_colleague(const struct pending_walk *walk, const struct stored_message *row)
{
    const struct message_id message = carry_colleague_id(row->message);
    AUTO_BUF line;

    buf_init(&line, IPC_TEXT_MAX);
    buf_addf(&line, "[lasna] %.*s: ", SLICE_ARG(row->name));
    buf_add_slice(&line, row->text);
    if (!buf_failed(&line))
        IPC_SEND(walk->tenant->link, link_say, .ordinal = carry_aside(walk->tenant, message),
                 .to = walk->effect->agent, .from = slice_of(walk->from), .stanza = message.id,
                 .text = buf_slice(&line), .at_ms = row->at_ms);
}

/* What is stored goes out delay-stamped, in order: the visitor's words, and colleagues' answers. */
static int send_stored(void *context, const struct stored_message *row)
{
    struct pending_walk *walk = context;
    const struct chat_effect *effect = walk->effect;
    AUTO_BUF words;

    buf_init(&words, IPC_TEXT_MAX);
    if (walk->sent >= effect->limit) {
        walk->more = true;
        return 1;
    }
    if (row->from == FROM_VISITOR && row->reply_to != walk->quote.seq) {
        walk->quote = (struct quote){ .seq = row->reply_to };
        walk->wanted_seq = row->reply_to;
        if (walk->wanted_seq != 0)
            return 1;
    }
    walk->last_seq = row->seq;
    if (row->from != FROM_VISITOR && !slice_equal(row->sender, effect->agent) &&
        row->withdrawn_ms == 0)
        send_colleague(walk, row);
    if (row->from != FROM_VISITOR || row->delivery == DELIVERY_UNDELIVERABLE)
        return 0;
    walk->sent++;
    walk->handed_seq = row->seq;
    IPC_SEND(walk->tenant->link, link_say,
             .ordinal = carry_remember(walk->tenant,
                                       (struct in_flight){ .conversation = effect->conversation,
                                                           .message = row->message,
                                                           .seq = row->seq,
                                                           .round = effect->round }),
             .to = effect->agent, .from = slice_of(walk->from), .stanza = row->message.id,
             .text = words_of(walk->tenant, &row->file, row->text, &words), .at_ms = row->at_ms,
             .receipts = true, .answers = slice_of(walk->quote.stanza),
             .quote = slice_of(walk->quote.text), .answers_own = walk->quote.own,
             .address = !file_id_is_none(row->file.id));
    return 0;
}

/* A row's callback must not ask the store for what it answers: the walk stops, and goes on. */
static int walk_pending(struct pending_walk *walk)
{
    const struct chat_effect *effect = walk->effect;
    struct live_tenant *tenant = walk->tenant;
    int rc = OK;

    do {
        if (walk->wanted_seq != 0)
            quote_find(tenant, effect->conversation, walk->wanted_seq, effect->agent, &walk->quote);
        walk->wanted_seq = 0;
        rc = STORE_CALL(tenant->core->store, messages, &tenant->about.name, effect->conversation,
                        walk->last_seq, SIZE_MAX, send_stored, walk);
    } while (rc == 1 && walk->wanted_seq != 0);
    return rc;
}

static void send_pending_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    struct pending_walk walk = { .tenant = tenant, .effect = effect, .last_seq = effect->seq };
    char agent[IPC_JID_MAX + 1];
    int rc;

    contact_local(effect->visitor, walk.from);
    rc = walk_pending(&walk);
    if (rc < 0)
        log_event(LOG_ERROR, &tenant->log, "carry.unreadable", "rc=%s", result_name(rc));
    (void)slice_copy(effect->agent, agent, sizeof(agent));
    tenants_later(tenant, &(struct later){ .type = CHAT_SENT_PENDING,
                                           .conversation = effect->conversation,
                                           .visitor = effect->visitor,
                                           .seq = walk.last_seq,
                                           .delivery_seq = walk.handed_seq,
                                           .more = walk.more,
                                           .refused = rc < 0,
                                           .agent = agent });
}

/* In words it names what it is to: few clients show the other. */
static void send_reaction_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    char from[CONTACT_LOCAL_BYTES];
    struct quote quote;
    AUTO_BUF line;

    buf_init(&line, IPC_TEXT_MAX);
    contact_local(effect->visitor, from);
    quote_find(tenant, effect->conversation, effect->seq, effect->agent, &quote);
    buf_add_slice(&line, effect->text);
    if (quote.text[0] != '\0')
        buf_addf(&line, " · \"%s\"", quote.text);
    if (!buf_failed(&line))
        IPC_SEND(tenant->link, link_say,
                 .ordinal = carry_remember(tenant, (struct in_flight){ .message = effect->message,
                                                                       .awaited = effect->on }),
                 .to = effect->agent, .from = slice_of(from), .stanza = effect->message.id,
                 .text = buf_slice(&line), .reacts = quote.stanza[0] != '\0',
                 .answers = slice_of(quote.stanza), .emojis = effect->name);
}

static void say_desk_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    IPC_SEND(tenant->link, link_say,
             .ordinal = carry_remember(
                 tenant, (struct in_flight){ .message = effect->message, .awaited = effect->on }),
             .to = effect->agent, .from = SLICE_LITERAL("desk"), .stanza = effect->message.id,
             .text = effect->text, .replaces = effect->replaces.id);
}

static void invite_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    IPC_SEND(tenant->link, link_say,
             .ordinal = carry_remember(tenant, (struct in_flight){ .message = effect->message }),
             .to = effect->agent, .from = SLICE_LITERAL("desk"), .stanza = effect->message.id,
             .text = effect->text, .invites = effect->name);
}

static void announce_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    IPC_SEND(tenant->link, link_announce, .stanza = effect->message.id, .text = effect->text);
}

static void say_contact_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    char from[CONTACT_LOCAL_BYTES];

    contact_local(effect->visitor, from);
    IPC_SEND(tenant->link, link_say,
             .ordinal = carry_remember(tenant, (struct in_flight){ .message = effect->message }),
             .to = effect->agent, .from = slice_of(from), .stanza = effect->message.id,
             .text = effect->text, .at_ms = effect->at_ms);
}

/* The contact an effect speaks as: the visitor's, or the desk. */
static void speaker(const struct chat_effect *effect, char from[CONTACT_LOCAL_BYTES])
{
    if (visitor_id_is_none(effect->visitor))
        (void)snprintf(from, CONTACT_LOCAL_BYTES, "desk");
    else
        contact_local(effect->visitor, from);
}

static void receipt(struct live_tenant *tenant, const struct chat_effect *effect, bool displayed)
{
    char from[CONTACT_LOCAL_BYTES];
    AUTO_BUF to;

    buf_init(&to, IPC_JID_MAX);
    buf_add_slice(&to, effect->agent);
    if (effect->resource.len > 0) {
        buf_add_text(&to, "/");
        buf_add_slice(&to, effect->resource);
    }
    speaker(effect, from);
    IPC_SEND(tenant->link, link_receipt, .to = buf_slice(&to), .from = slice_of(from),
             .stanza = effect->stanza, .displayed = displayed);
}

static void receipt_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    receipt(tenant, effect, false);
}

static void contact_read_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    receipt(tenant, effect, true);
}

static void handled_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    IPC_SEND_LATER(tenant->link, link_handled, .ordinal = effect->ordinal);
}

static void contact_typing_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    char from[CONTACT_LOCAL_BYTES];

    contact_local(effect->visitor, from);
    IPC_SEND(tenant->link, link_chat_state, .to = effect->agent, .from = slice_of(from),
             .composing = effect->on);
}

static void contact_presence_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    char from[CONTACT_LOCAL_BYTES];

    contact_local(effect->visitor, from);
    IPC_SEND(tenant->link, link_presence, .to = effect->agent, .from = slice_of(from),
             .show = effect->show, .status = effect->text, .name = effect->name);
}

static void desk_presence_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    for (size_t i = 0; i < tenant->member_count; i++) {
        struct slice jid = slice_of(tenant->members[i].jid);

        if (effect->agent.len == 0 || slice_equal(effect->agent, jid))
            IPC_SEND(tenant->link, link_presence, .to = jid, .from = SLICE_LITERAL("desk"),
                     .show = effect->show, .status = effect->text);
    }
}

/* --- rosters --- */

/* Who asked for a roster entry; found again by name, since it may be gone by the answer. */
struct introduction {
    struct core *core;
    struct tenant_name tenant;
    struct visitor_id visitor;
    bool answers;
    char *agent;
};

static void on_introduced(void *context, bool done, const char *reason)
{
    struct introduction *introduction = context;
    struct live_tenant *tenant =
        tenants_find(introduction->core, slice_of(introduction->tenant.text));

    if (!done)
        log_event(LOG_WARNING, tenant == NULL ? NULL : &tenant->log, "roster.failed",
                  "reason=\"%s\"", reason);
    if (tenant != NULL && introduction->answers)
        tenants_later(tenant, &(struct later){ .type = CHAT_INTRODUCED,
                                               .visitor = introduction->visitor,
                                               .agent = introduction->agent });
    free(introduction->agent);
    free(introduction);
}

/* The roster of somebody outside is ours to write only where their account is among the agents'. */
static bool is_elsewhere(const struct live_tenant *tenant, struct slice agent)
{
    struct jid jid;

    return outsiders_at(&tenant->outsiders, agent) != NULL && jid_split(agent, &jid) == 0 &&
           !slice_is(jid.domain, tenant->core->role->settings->xmpp_agents_domain);
}

static void roster(struct live_tenant *tenant, const struct chat_effect *effect, bool present)
{
    struct introduction *introduction = calloc(1, sizeof(*introduction));
    struct ipc_provision_roster item = { .owner = effect->agent, .present = present };
    char local[CONTACT_LOCAL_BYTES], contact[IPC_JID_MAX], name[IPC_NAME_MAX];

    if (introduction == NULL || (introduction->agent = slice_dup(effect->agent)) == NULL) {
        free(introduction);
        return;
    }
    introduction->core = tenant->core;
    introduction->tenant = tenant->about.name;
    introduction->visitor = effect->visitor;
    introduction->answers = present;
    if (!provision_is_automatic(tenant->core) || is_elsewhere(tenant, effect->agent)) {
        on_introduced(introduction, true, "");
        return;
    }
    contact_local(effect->visitor, local);
    (void)snprintf(contact, sizeof(contact), "%s@%s", local, tenant->about.domain);
    (void)snprintf(name, sizeof(name), "%.*s · %s", SLICE_ARG(effect->name), tenant->about.title);
    item.contact = slice_of(contact);
    item.name = slice_of(name);
    item.group = slice_of(tenant->about.title);
    provision_roster(tenant->core, &item, on_introduced, introduction);
}

static void introduce_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    roster(tenant, effect, true);
}

static void forget_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    roster(tenant, effect, false);
}

static void keep_language_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    tenants_agent_speaks(tenant, effect->agent, effect->text);
}

static void keep_away_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    tenants_member_away(tenant, effect->agent, effect->on);
}

static void load_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    agent_load_changed(tenant, effect->agent, effect->limit);
}

static void store_effect(struct live_tenant *tenant, const struct chat_effect *effect)
{
    answers_submit(tenant, &effect->write);
}

static carry_fn *const carriers[CHAT_EFFECT_TYPE_COUNT] = {
    [CHAT_DO_STORE] = store_effect,
    [CHAT_DO_TELL_SAVED] = tell_saved_effect,
    [CHAT_DO_TELL_MESSAGE] = tell_message_effect,
    [CHAT_DO_TELL_REVISED] = tell_revised_effect,
    [CHAT_DO_TELL_REACTION] = tell_reaction_effect,
    [CHAT_DO_TELL_CONVERSATION] = tell_conversation_effect,
    [CHAT_DO_TELL_RECEIPT] = tell_receipt_effect,
    [CHAT_DO_TELL_TYPING] = tell_typing_effect,
    [CHAT_DO_TELL_QUEUE] = tell_queue_effect,
    [CHAT_DO_TELL_AGENT] = tell_agent_effect,
    [CHAT_DO_TELL_IDLE] = tell_idle_effect,
    [CHAT_DO_TELL_ENDED] = tell_ended_effect,
    [CHAT_DO_TELL_ERROR] = tell_error_effect,
    [CHAT_DO_AVAILABILITY] = availability_effect,
    [CHAT_DO_SEND] = send_effect,
    [CHAT_DO_SEND_PENDING] = send_pending_effect,
    [CHAT_DO_SEND_REACTION] = send_reaction_effect,
    [CHAT_DO_SEND_HISTORY] = history_send,
    [CHAT_DO_SHOW] = supervision_show,
    [CHAT_DO_SAY_DESK] = say_desk_effect,
    [CHAT_DO_SAY_CONTACT] = say_contact_effect,
    [CHAT_DO_RECEIPT] = receipt_effect,
    [CHAT_DO_HANDLED] = handled_effect,
    [CHAT_DO_INTRODUCE] = introduce_effect,
    [CHAT_DO_FORGET] = forget_effect,
    [CHAT_DO_CONTACT_PRESENCE] = contact_presence_effect,
    [CHAT_DO_CONTACT_TYPING] = contact_typing_effect,
    [CHAT_DO_CONTACT_READ] = contact_read_effect,
    [CHAT_DO_DESK_PRESENCE] = desk_presence_effect,
    [CHAT_DO_KEEP_LANGUAGE] = keep_language_effect,
    [CHAT_DO_KEEP_AWAY] = keep_away_effect,
    [CHAT_DO_TELL_LOAD] = load_effect,
    [CHAT_DO_AUDIT] = supervision_audit,
    [CHAT_DO_INVITE] = invite_effect,
    [CHAT_DO_ANNOUNCE] = announce_effect,
};

void carry_effect(void *context, const struct chat_effect *effect)
{
    struct live_tenant *tenant = context;

    assert(effect->type < CHAT_EFFECT_TYPE_COUNT && carriers[effect->type] != NULL);
    carriers[effect->type](tenant, effect);
}
