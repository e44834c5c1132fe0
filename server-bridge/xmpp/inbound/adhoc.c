/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/inbound/adhoc.h"

#include "base/format/text.h"
#include "chat/command_list.h"
#include "chat/texts.h"
#include "server-bridge/xmpp/stanza_write.h"

#include <stdio.h>

#define FORMS_NS "jabber:x:data"

static const struct command {
    const char *word, *usage;
    enum place place;
    enum line meaning;
    bool supervisors; /* theirs alone */
} commands[] = {
#define COMMAND(name, word, place, usage, meaning, keeps_words) \
    { word, usage, place, LINE_##meaning, false },
    COMMAND_LIST(COMMAND)
#undef COMMAND
#define COMMAND(name, word, place, usage, meaning, keeps_words) \
    { word, usage, place, LINE_##meaning, true },
        SUPERVISOR_COMMAND_LIST(COMMAND)
#undef COMMAND
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

/* Node names are plain ASCII words: some clients list nothing else. */
static const char *node_of(const struct command *command)
{
    return command->word + (command->word[0] == '!');
}

static bool is_for(const struct inbound *inbound, const struct arrival *arrival,
                   const struct command *command)
{
    enum contact_kind kind = contact_kind(arrival->to.local);

    if (members_is_outsider(inbound->members, arrival->from.bare))
        return false; /* what they may do they are told in words */
    if (command->supervisors && !members_supervises(inbound->members, arrival->from.bare))
        return false;
    return (kind == CONTACT_DESK && (command->place & AT_DESK) != 0) ||
           (kind == CONTACT_VISITOR && (command->place & AT_VISITOR) != 0);
}

static const struct command *find(const struct inbound *inbound, const struct arrival *arrival,
                                  struct slice node)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (slice_is(node, node_of(&commands[i])) && is_for(inbound, arrival, &commands[i]))
            return &commands[i];
    }
    return NULL;
}

bool adhoc_has_node(const struct inbound *inbound, const struct arrival *arrival, struct slice node)
{
    return find(inbound, arrival, node) != NULL;
}

/* "!note TEXT" takes words, "!back" does not; "!end [outcome]" may. */
static bool takes_words(const struct command *command)
{
    return strchr(command->usage, ' ') != NULL;
}

static bool needs_words(const struct command *command)
{
    const char *space = strchr(command->usage, ' ');

    return space != NULL && space[1] != '[';
}

static void add_text(const struct inbound *inbound, const struct arrival *arrival, enum line line,
                     struct buf *to)
{
    enum language language = members_language(inbound->members, arrival->from.bare);

    buf_add_xml(to, slice_of(texts_get(language, line)));
}

void adhoc_write_items(struct inbound *inbound, const struct arrival *arrival, struct buf *to)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (!is_for(inbound, arrival, &commands[i]))
            continue;
        buf_addf(to, "<item jid='%.*s@%s' node='%s' name='", SLICE_ARG(arrival->to.local),
                 inbound->domain, node_of(&commands[i]));
        buf_add_xml(to, slice_of(commands[i].usage));
        buf_add_text(to, " – "); /* clients list the names alone */
        add_text(inbound, arrival, commands[i].meaning, to);
        buf_add_text(to, "'/>");
    }
}

void adhoc_write_info(struct slice node, struct buf *to)
{
    buf_add_text(to, "<query xmlns='http://jabber.org/protocol/disco#info' node='");
    buf_add_xml(to, node);
    buf_add_text(to, "'><identity category='automation' type='command-node' name='");
    buf_add_xml(to, node);
    buf_add_text(to, "'/><feature var='" ADHOC_NS "'/><feature var='" FORMS_NS "'/></query>");
}

/* --- one step --- */

static void open_command(struct buf *to, const struct command *command, struct slice session,
                         const char *status)
{
    buf_addf(to, "<command xmlns='" ADHOC_NS "' node='%s' status='%s' sessionid='",
             node_of(command), status);
    buf_add_xml(to, session);
    buf_add_text(to, "'>");
}

static void write_form(const struct inbound *inbound, const struct arrival *arrival,
                       const struct command *command, struct slice session, struct buf *to)
{
    open_command(to, command, session, "executing");
    buf_add_text(to, "<actions execute='complete'><complete/></actions>"
                     "<x xmlns='" FORMS_NS "' type='form'><title>");
    buf_add_xml(to, slice_of(command->word));
    buf_add_text(to, "</title><instructions>");
    add_text(inbound, arrival, command->meaning, to);
    buf_add_text(to, "</instructions><field var='words' type='text-single' label='");
    buf_add_xml(to, slice_of(command->usage));
    buf_addf(to, "'>%s</field></x></command>", needs_words(command) ? "<required/>" : "");
}

static void write_cancelled(const struct command *command, struct slice session, struct buf *to)
{
    open_command(to, command, session, "canceled");
    buf_add_text(to, "</command>");
}

static void write_done(const struct inbound *inbound, const struct arrival *arrival,
                       const struct command *command, struct slice session, struct buf *to)
{
    open_command(to, command, session, "completed");
    buf_add_text(to, "<note type='info'>");
    add_text(inbound, arrival, LINE_ANSWER_IN_CHAT, to);
    buf_add_text(to, "</note></command>");
}

/* What stands in the field "words" of a submitted form; the caller frees it. NULL: no form. */
static char *words_of(xmpp_stanza_t *form)
{
    xmpp_stanza_t *field = form == NULL ? NULL : xmpp_stanza_get_children(form);

    for (; field != NULL; field = xmpp_stanza_get_next(field)) {
        const char *var = xmpp_stanza_get_attribute(field, "var");
        xmpp_stanza_t *value;

        if (var == NULL || strcmp(var, "words") != 0)
            continue;
        value = xmpp_stanza_get_child_by_name(field, "value");
        return value == NULL ? NULL : xmpp_stanza_get_text(value);
    }
    return NULL;
}

/* As if the agent had typed it. An iq is never sent again, so its line is new each time. */
static bool hear(struct inbound *inbound, const struct arrival *arrival, struct slice line)
{
    struct ipc_heard_message message = { .agent = arrival->from.bare,
                                         .resource = arrival->from.resource,
                                         .to = arrival->to.local };
    char stanza[ID_TEXT_BYTES];

    if (text_clean(line, INBOUND_TEXT_POINTS_MAX, &inbound->text) != TEXT_FINE)
        return false;
    id_format(id_new(), stanza);
    message.stanza = slice_of(stanza);
    message.text = buf_slice(&inbound->text);
    if (unhandled_add(inbound->unhandled, &message, SLICE_NONE) != OK)
        return false;
    inbound->port->tell(inbound->context, IPC_heard_message, &message);
    return true;
}

static bool run(struct inbound *inbound, const struct arrival *arrival,
                const struct command *command, xmpp_stanza_t *form)
{
    char *words = words_of(form);
    bool heard;
    AUTO_BUF line;

    buf_init(&line, 4 * INBOUND_TEXT_POINTS_MAX);
    buf_add_text(&line, command->word);
    if (words != NULL && words[0] != '\0')
        buf_addf(&line, " %s", words);
    heard = !buf_failed(&line) && hear(inbound, arrival, buf_slice(&line));
    if (words != NULL)
        xmpp_free(xmpp_stanza_get_context(form), words);
    return heard;
}

static void reply(struct inbound *inbound, const struct arrival *arrival, const struct buf *payload)
{
    const struct stanza_answer answer = { "iq", arrival->to_text, arrival->from_text, arrival->id };

    buf_clear(&inbound->out);
    if (!buf_failed(payload) &&
        stanza_write_result(&inbound->out, &answer, buf_slice(payload)) == OK)
        inbound->port->answer(inbound->context, buf_slice(&inbound->out));
}

/* The session is the client's to name from the second step on; we keep nothing of it. */
static struct slice session_of(xmpp_stanza_t *command, char made[ID_TEXT_BYTES])
{
    struct slice session = slice_of(xmpp_stanza_get_attribute(command, "sessionid"));

    if (session.len > 0 && session.len <= 256)
        return session;
    id_format(id_new(), made);
    return slice_of(made);
}

void adhoc_handle(struct inbound *inbound, const struct arrival *arrival, xmpp_stanza_t *stanza)
{
    struct slice node = slice_of(xmpp_stanza_get_attribute(stanza, "node"));
    struct slice action = slice_of(xmpp_stanza_get_attribute(stanza, "action"));
    xmpp_stanza_t *form = xmpp_stanza_get_child_by_ns(stanza, FORMS_NS);
    const struct command *command = find(inbound, arrival, node);
    char made[ID_TEXT_BYTES];
    struct slice session = session_of(stanza, made);
    AUTO_BUF payload;

    buf_init(&payload, 8192);
    if (command == NULL) {
        inbound_refuse(inbound, arrival, "cancel", "item-not-found", NULL);
        return;
    }
    if (slice_is(action, "cancel")) {
        write_cancelled(command, session, &payload);
    } else if (form == NULL && takes_words(command)) {
        write_form(inbound, arrival, command, session, &payload);
    } else if (action.len > 0 && !slice_is(action, "execute") && !slice_is(action, "complete")) {
        inbound_refuse(inbound, arrival, "modify", "bad-request", NULL);
        return;
    } else if (run(inbound, arrival, command, form)) {
        write_done(inbound, arrival, command, session, &payload);
    } else {
        inbound_refuse(
            inbound, arrival, "modify", "not-acceptable",
            texts_get(members_language(inbound->members, arrival->from.bare), LINE_FORM_NOT_TAKEN));
        return;
    }
    reply(inbound, arrival, &payload);
}
