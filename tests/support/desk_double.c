/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/desk_double.h"

#include "tenant/agent.h"
#include "tests/support/cmocka.h"

#include <stdio.h>

enum { START_MS = 1000000, DONE_MAX = 4096, NAME_MAX_BYTES = 128 };

struct desk desk;

/* Every effect, in order, with texts that live on. */
static struct chat_effect done[DONE_MAX];
static unsigned done_count, answered_count, first_done;
static uint64_t last_seq[16]; /* by visitor's number */
static char *texts[DONE_MAX * 16];
static bool held;
static unsigned text_count, id_count, stanza_count, ordinal_count;

static struct slice keep(struct slice text)
{
    char *copy = slice_dup(text);

    assert_non_null(copy);
    assert_true(text_count < sizeof(texts) / sizeof(texts[0]));
    texts[text_count++] = copy;
    return (struct slice){ copy, text.len };
}

static void carry(void *context, const struct chat_effect *effect)
{
    struct chat_effect *kept = &done[done_count];
    struct slice *const all[] = {
        &kept->agent,        &kept->resource,
        &kept->name,         &kept->cid,
        &kept->stanza,       &kept->text,
        &kept->reason,       &kept->write.sender,
        &kept->write.name,   &kept->write.cid,
        &kept->write.text,   &kept->write.language,
        &kept->write.agent,  &kept->write.visitor_name,
        &kept->write.event,  &kept->write.detail,
        &kept->write.reason, &kept->write.resource,
        &kept->write.about,  &kept->write.hears,
    };

    (void)context;
    assert_true(done_count < DONE_MAX);
    done_count++;
    *kept = *effect;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        *all[i] = all[i]->len == 0 ? SLICE_NONE : keep(*all[i]);
}

static struct id new_id(void *context)
{
    struct id id = { { 0 } };

    (void)context;
    id.bytes[0] = 0x80;
    id.bytes[1] = (uint8_t)++id_count; /* what people see of it differs, too */
    memcpy(id.bytes + 4, &id_count, sizeof(id_count));
    return id;
}

/* --- who is who --- */

static struct visitor_id visitor_of(unsigned number)
{
    struct visitor_id visitor = { { { 0 } } };

    visitor.id.bytes[0] = (uint8_t)number;
    return visitor;
}

static unsigned number_of(struct visitor_id visitor)
{
    return visitor.id.bytes[0];
}

static struct session_id session_of(unsigned number)
{
    struct session_id session = { { { 0 } } };

    session.id.bytes[1] = (uint8_t)number;
    return session;
}

static struct slice jid_of(const char *name)
{
    char jid[NAME_MAX_BYTES];

    (void)snprintf(jid, sizeof(jid), "%s@agents.example", name);
    return keep(slice_of(jid));
}

/* --- the world's answers --- */

static struct chat_event answer_to_write(const struct chat_write *write)
{
    bool saved = desk.storage == STORAGE_SAVES || desk.storage == STORAGE_REPEATS;
    struct chat_event event = { .type = saved ? CHAT_STORED : CHAT_STORE_FAILED,
                                .write = write,
                                .conversation = write->conversation,
                                .message = write->message,
                                .refused = desk.storage == STORAGE_REFUSES,
                                .repeat = desk.storage == STORAGE_REPEATS };

    if (event.type == CHAT_STORED && write->kind == WRITE_MESSAGE) {
        if (write->opens)
            last_seq[number_of(write->visitor)] = 0;
        event.seq = ++last_seq[number_of(write->visitor)];
    }
    if (event.type == CHAT_STORED && write->kind == WRITE_WITHDRAW)
        event.seq = last_seq[number_of(write->visitor)];
    return event;
}

static bool answer_to(const struct chat_effect *effect, struct chat_event *ret_event)
{
    *ret_event = (struct chat_event){ .conversation = effect->conversation,
                                      .visitor = effect->visitor,
                                      .agent = effect->agent };
    if (effect->type == CHAT_DO_STORE)
        *ret_event = answer_to_write(&effect->write);
    else if (effect->type == CHAT_DO_INTRODUCE)
        ret_event->type = CHAT_INTRODUCED;
    else if (effect->type == CHAT_DO_SEND_PENDING)
        ret_event->type = CHAT_SENT_PENDING;
    else
        return false;
    ret_event->refused |= ret_event->type == CHAT_SENT_PENDING && desk.unreadable;
    if (ret_event->type == CHAT_SENT_PENDING && !desk.unreadable)
        ret_event->seq = ret_event->delivery_seq = last_seq[number_of(effect->visitor)];
    return true;
}

static bool answer_next(void)
{
    struct chat_event answer;

    while (answered_count < done_count) {
        if (!answer_to(&done[answered_count++], &answer))
            continue;
        answer.now_ms = desk.now_ms;
        chat_handle(desk.chat, &answer);
        return true;
    }
    return false;
}

void desk_hold(bool hold)
{
    held = hold;
    while (!held && answer_next())
        ;
}

void desk_answer(enum desk_storage how)
{
    enum desk_storage before = desk.storage;

    desk.storage = how;
    assert_true(answer_next());
    desk.storage = before;
}

void desk_handle(struct chat_event event)
{
    event.now_ms = desk.now_ms;
    chat_handle(desk.chat, &event);
    while (!held && answer_next())
        ;
    desk.availability = chat_availability(desk.chat);
}

/* --- start and end --- */

static void forget(void)
{
    while (text_count > 0)
        free(texts[--text_count]);
    held = false;
    done_count = answered_count = first_done = 0;
    desk.chat = chat_free(desk.chat);
}

void desk_open(const struct chat_rules *rules)
{
    const struct chat_host host = { NULL, carry, new_id };

    forget();
    memset(last_seq, 0, sizeof(last_seq));
    desk = (struct desk){ .rules = *rules, .now_ms = START_MS };
    assert_int_equal(chat_new(&desk.chat, "Acme", rules, &host), OK);
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
}

int desk_setup(void **state)
{
    (void)state;
    desk_open(&chat_rules_default);
    desk_member("anna", 3);
    return 0;
}

int desk_teardown(void **state)
{
    (void)state;
    forget();
    return 0;
}

void desk_forget_all(void)
{
    first_done = done_count;
}

/* --- what people do --- */

void desk_member(const char *name, unsigned limit)
{
    desk_skilled(name, "", limit);
}

void desk_skilled(const char *name, const char *skills, unsigned limit)
{
    char shown[NAME_MAX_BYTES];

    (void)snprintf(shown, sizeof(shown), "%c%s", name[0] - 'a' + 'A', name + 1);
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_SET,
                                     .agent = jid_of(name),
                                     .name = keep(slice_of(shown)),
                                     .skill = slice_of(skills),
                                     .limit = limit });
    desk_show(name, SHOW_AVAILABLE);
}

static void special(const char *name, const char *shown, enum agent_role role, unsigned limit)
{
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_SET,
                                     .agent = jid_of(name),
                                     .name = slice_of(shown),
                                     .role = role,
                                     .limit = limit });
    desk_show(name, SHOW_AVAILABLE);
}

void desk_persona(const char *name, const char *persona)
{
    special(name, persona, AGENT_ROLE_AGENT, 3);
}

void desk_bot(const char *name)
{
    special(name, "Helper", AGENT_ROLE_BOT, 100);
}

void desk_supervisor(const char *name)
{
    special(name, "Sanna", AGENT_ROLE_SUPERVISOR, 3);
}

void desk_show(const char *name, enum show show)
{
    desk_handle((struct chat_event){ .type = CHAT_AGENT_PRESENCE,
                                     .agent = jid_of(name),
                                     .resource = SLICE_LITERAL("laptop"),
                                     .show = show });
}

void desk_pass_ms(uint64_t ms)
{
    uint64_t until_ms = desk.now_ms + ms;

    while (chat_deadline(desk.chat) <= until_ms) {
        if (chat_deadline(desk.chat) > desk.now_ms)
            desk.now_ms = chat_deadline(desk.chat);
        desk_handle((struct chat_event){ .type = CHAT_TICK });
    }
    desk.now_ms = until_ms;
}

void desk_visitor_comes(unsigned visitor, const char *name)
{
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_CAME,
                                     .visitor = visitor_of(visitor),
                                     .session = session_of(visitor),
                                     .name = slice_of(name),
                                     .language = SLICE_LITERAL("fi"),
                                     .page = SLICE_LITERAL("/pricing") });
}

void desk_visitor_says(unsigned visitor, const char *text)
{
    char cid[32];

    (void)snprintf(cid, sizeof(cid), "v%u", ++stanza_count);
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_SAID,
                                     .visitor = visitor_of(visitor),
                                     .session = session_of(visitor),
                                     .language = SLICE_LITERAL("fi"),
                                     .name = slice_of(visitor == 1 ? "Maria" : ""),
                                     .cid = slice_of(cid),
                                     .text = slice_of(text) });
}

void desk_visitor_leaves(unsigned visitor)
{
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_LEFT,
                                     .visitor = visitor_of(visitor),
                                     .session = session_of(visitor) });
}

void desk_agent_sends(const char *name, unsigned contact, const char *text, const char *stanza)
{
    desk_handle((struct chat_event){ .type = CHAT_AGENT_SAID,
                                     .agent = jid_of(name),
                                     .resource = SLICE_LITERAL("laptop"),
                                     .visitor = visitor_of(contact),
                                     .ordinal = ++ordinal_count,
                                     .stanza = slice_of(stanza),
                                     .text = slice_of(text) });
}

void desk_agent_revises(const char *name, unsigned contact, enum speech speech, const char *about,
                        const char *text, const char *stanza)
{
    desk_handle((struct chat_event){ .type = CHAT_AGENT_SAID,
                                     .agent = jid_of(name),
                                     .resource = SLICE_LITERAL("laptop"),
                                     .visitor = visitor_of(contact),
                                     .ordinal = ++ordinal_count,
                                     .stanza = slice_of(stanza),
                                     .speech = speech,
                                     .about = slice_of(about),
                                     .text = slice_of(text) });
}

void desk_agent_reacts(const char *name, unsigned contact, unsigned visitor, uint64_t seq,
                       const char *emojis, const char *stanza)
{
    struct conversation_id to = { { { 0 } } };

    (void)chat_has_conversation(desk.chat, visitor_of(visitor), &to);
    desk_handle((struct chat_event){ .type = CHAT_AGENT_SAID,
                                     .agent = jid_of(name),
                                     .resource = SLICE_LITERAL("laptop"),
                                     .visitor = visitor_of(contact),
                                     .ordinal = ++ordinal_count,
                                     .stanza = slice_of(stanza),
                                     .speech = SPEECH_REACTION,
                                     .conversation = to,
                                     .reply_to = seq,
                                     .text = slice_of(emojis) });
}

void desk_visitor_reacts(unsigned visitor, uint64_t seq, const char *emojis)
{
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_REACTED,
                                     .visitor = visitor_of(visitor),
                                     .session = session_of(visitor),
                                     .seq = seq,
                                     .text = slice_of(emojis) });
}

void desk_agent_names(const char *name, unsigned contact, const char *text, const char *brand,
                      const char *stanza)
{
    desk_handle((struct chat_event){ .type = CHAT_AGENT_SAID,
                                     .agent = jid_of(name),
                                     .resource = SLICE_LITERAL("laptop"),
                                     .visitor = visitor_of(contact),
                                     .ordinal = ++ordinal_count,
                                     .stanza = slice_of(stanza),
                                     .names = slice_of(brand),
                                     .text = slice_of(text) });
}

void desk_agent_says(const char *name, unsigned contact, const char *text)
{
    char stanza[32];

    (void)snprintf(stanza, sizeof(stanza), "a%u", ++stanza_count);
    desk_agent_sends(name, contact, text, stanza);
}

void desk_conversation(unsigned visitor, const char *agent)
{
    desk_visitor_comes(visitor, visitor == 1 ? "Maria" : "");
    desk_visitor_says(visitor, "hello");
    desk_agent_says(agent, visitor, "Hello!");
    desk_forget_all();
}

/* --- what they saw --- */

static bool is_line(const struct chat_effect *effect, const char *name, unsigned contact)
{
    char jid[NAME_MAX_BYTES];

    (void)snprintf(jid, sizeof(jid), "%s@agents.example", name);
    if (effect->type != CHAT_DO_SAY_DESK && effect->type != CHAT_DO_SAY_CONTACT &&
        effect->type != CHAT_DO_SEND)
        return false;
    return slice_is(effect->agent, jid) && number_of(effect->visitor) == contact;
}

const char *desk_heard(const char *name, unsigned contact)
{
    for (unsigned i = done_count; i > first_done; i--) {
        if (is_line(&done[i - 1], name, contact))
            return done[i - 1].text.data;
    }
    return "";
}

unsigned desk_heard_times(const char *name, unsigned contact, const char *text)
{
    unsigned times = 0;

    for (unsigned i = first_done; i < done_count; i++)
        times += is_line(&done[i], name, contact) && slice_is(done[i].text, text);
    return times;
}

bool desk_heard_part(const char *name, unsigned contact, const char *part)
{
    for (unsigned i = first_done; i < done_count; i++) {
        if (is_line(&done[i], name, contact) && strstr(done[i].text.data, part) != NULL)
            return true;
    }
    return false;
}

static struct message_id line_to(const char *name)
{
    for (unsigned i = done_count; i > first_done; i--) {
        if (done[i - 1].type == CHAT_DO_SAY_DESK && is_line(&done[i - 1], name, 0))
            return done[i - 1].message;
    }
    fail_msg("the desk said nothing to %s", name);
    return (struct message_id){ { { 0 } } };
}

void desk_comes_back(const char *name)
{
    desk_handle((struct chat_event){ .type = CHAT_BOUNCED, .message = line_to(name) });
}

void desk_arrives(const char *name)
{
    desk_handle((struct chat_event){ .type = CHAT_LINE_ROUTED, .message = line_to(name) });
}

void desk_breaks_stream(const char *name)
{
    desk_handle((struct chat_event){ .type = CHAT_BROKE_STREAM, .message = line_to(name) });
}

const char *desk_visitor_heard(unsigned visitor)
{
    for (unsigned i = done_count; i > first_done; i--) {
        if (done[i - 1].type == CHAT_DO_TELL_MESSAGE && number_of(done[i - 1].visitor) == visitor)
            return done[i - 1].text.data;
    }
    return "";
}

bool desk_receipted(const char *stanza)
{
    for (unsigned i = first_done; i < done_count; i++) {
        if (done[i].type == CHAT_DO_RECEIPT && slice_is(done[i].stanza, stanza))
            return true;
    }
    return false;
}

unsigned desk_handled(void)
{
    return desk_did_times(CHAT_DO_HANDLED);
}

static bool is_write(const struct chat_effect *effect, enum chat_write_kind kind)
{
    return effect->type == CHAT_DO_STORE && effect->write.kind == kind;
}

const struct chat_write *desk_wrote(enum chat_write_kind kind)
{
    for (unsigned i = done_count; i > first_done; i--) {
        if (is_write(&done[i - 1], kind))
            return &done[i - 1].write;
    }
    return NULL;
}

unsigned desk_wrote_times(enum chat_write_kind kind)
{
    unsigned times = 0;

    for (unsigned i = first_done; i < done_count; i++)
        times += is_write(&done[i], kind);
    return times;
}

const struct chat_write *desk_event(const char *type)
{
    for (unsigned i = done_count; i > first_done; i--) {
        if (is_write(&done[i - 1], WRITE_EVENT) && slice_is(done[i - 1].write.event, type))
            return &done[i - 1].write;
    }
    return NULL;
}

const struct chat_effect *desk_did(enum chat_effect_type type)
{
    for (unsigned i = done_count; i > first_done; i--) {
        if (done[i - 1].type == type)
            return &done[i - 1];
    }
    return NULL;
}

unsigned desk_did_times(enum chat_effect_type type)
{
    unsigned times = 0;

    for (unsigned i = first_done; i < done_count; i++)
        times += done[i].type == type;
    return times;
}
