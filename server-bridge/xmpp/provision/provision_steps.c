/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/provision/provision_steps.h"

#include <stdio.h>
#include <stdlib.h>

void provision_wish_release(struct provision_wish *wish)
{
    if (wish->name != NULL)
        explicit_bzero(wish->name, strlen(wish->name)); /* it may be a password */
    free(wish->about);
    free(wish->owner);
    free(wish->name);
    free(wish->group);
    *wish = (struct provision_wish){ 0 };
}

static void open_command(struct buf *to, const char *node)
{
    buf_addf(to, "<command xmlns='http://jabber.org/protocol/commands' node='%s' action='execute'>",
             node);
}

static void open_form(struct buf *to, const char *node, const char *form_type)
{
    open_command(to, node);
    buf_addf(to,
             "<x xmlns='jabber:x:data' type='submit'>"
             "<field var='FORM_TYPE' type='hidden'><value>%s</value></field>",
             form_type);
}

static void add_field(struct buf *to, const char *var, const char *value)
{
    buf_addf(to, "<field var='%s'><value>", var);
    buf_add_xml(to, slice_of(value));
    buf_add_text(to, "</value></field>");
}

static void close_form(struct buf *to)
{
    buf_add_text(to, "</x></command>");
}

static void write_reload(const struct provision_wish *wish, struct buf *to)
{
    (void)wish;
    open_command(to, "http://prosody.im/protocol/config#reload");
    buf_add_text(to, "</command>");
}

static void write_host(const struct provision_wish *wish, struct buf *to, const char *node)
{
    open_form(to, node, node);
    add_field(to, "host", wish->about);
    close_form(to);
}

static void write_activate(const struct provision_wish *wish, struct buf *to)
{
    write_host(wish, to, "http://prosody.im/protocol/hosts#activate");
}

static void write_deactivate(const struct provision_wish *wish, struct buf *to)
{
    write_host(wish, to, "http://prosody.im/protocol/hosts#deactivate");
}

static void write_look(const struct provision_wish *wish, struct buf *to)
{
    (void)wish;
    buf_add_text(to, "<query xmlns='http://jabber.org/protocol/disco#info'/>");
}

static void write_add_user(const struct provision_wish *wish, struct buf *to)
{
    open_form(to, "http://jabber.org/protocol/admin#add-user", "http://jabber.org/protocol/admin");
    add_field(to, "accountjid", wish->about);
    add_field(to, "password", wish->name);
    add_field(to, "password-verify", wish->name);
    close_form(to);
}

static void write_delete_user(const struct provision_wish *wish, struct buf *to)
{
    open_form(to, "http://jabber.org/protocol/admin#delete-user",
              "http://jabber.org/protocol/admin");
    add_field(to, "accountjids", wish->about);
    close_form(to);
}

static void write_roster(const struct provision_wish *wish, struct buf *to)
{
    buf_add_text(to, "<query xmlns='jabber:iq:roster'><item jid='");
    buf_add_xml(to, slice_of(wish->about));
    if (!wish->present) {
        buf_add_text(to, "' subscription='remove'/></query>");
        return;
    }
    buf_add_text(to, "' subscription='both' name='");
    buf_add_xml(to, slice_of(wish->name));
    buf_add_text(to, "'><group>");
    buf_add_xml(to, slice_of(wish->group));
    buf_add_text(to, "</group></item></query>");
}

static void write_destroy(const struct provision_wish *wish, struct buf *to)
{
    (void)wish;
    buf_add_text(to, "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query>");
}

static enum provision_verdict judge_reload(const struct provision_reply *reply)
{
    return reply->is_error || reply->refused ? VERDICT_FAILED : VERDICT_NEXT;
}

/* Neither answer tells: "canceled" may mean active already, and "completed" that a host it
 * does not know from its configuration became a plain one. So look at it next. */
static enum provision_verdict judge_activate(const struct provision_reply *reply)
{
    return reply->is_error ? VERDICT_FAILED : VERDICT_NEXT;
}

/* A tenant's host answers with an error: its link refuses strangers, or it is away. */
static enum provision_verdict judge_look(const struct provision_reply *reply)
{
    static const char *const absent[] = { "remote-server-not-found", "service-unavailable",
                                          "not-allowed", "item-not-found" };

    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        if (reply->is_error && strcmp(reply->condition, absent[i]) == 0)
            return VERDICT_FAILED;
    }
    return reply->is_error ? VERDICT_DONE : VERDICT_NEXT;
}

static enum provision_verdict judge_undo(const struct provision_reply *reply)
{
    (void)reply;
    return VERDICT_FAILED;
}

/* "Not activated" is what was wanted. */
static enum provision_verdict judge_deactivate(const struct provision_reply *reply)
{
    return reply->is_error ? VERDICT_FAILED : VERDICT_NEXT;
}

static enum provision_verdict judge_forgotten(const struct provision_reply *reply)
{
    return reply->is_error || reply->refused ? VERDICT_FAILED : VERDICT_DONE;
}

/* An account that exists keeps its password: it may be somebody's own. */
static enum provision_verdict judge_add_user(const struct provision_reply *reply)
{
    if (reply->refused && strcmp(reply->note, "Account already exists") == 0)
        return VERDICT_DONE;
    return judge_forgotten(reply);
}

static enum provision_verdict judge_roster_gone(const struct provision_reply *reply)
{
    if (reply->is_error && strcmp(reply->condition, "item-not-found") != 0)
        return VERDICT_FAILED;
    return VERDICT_DONE;
}

/* No such room, or nobody there who keeps rooms: what was wanted. */
static enum provision_verdict judge_room_gone(const struct provision_reply *reply)
{
    static const char *const absent[] = { "item-not-found", "gone", "remote-server-not-found",
                                          "service-unavailable" };

    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        if (reply->is_error && strcmp(reply->condition, absent[i]) == 0)
            return VERDICT_DONE;
    }
    return judge_forgotten(reply);
}

const struct provision_step provision_host_up[] = {
    { "set", TARGET_AGENTS_DOMAIN, write_reload, judge_reload, NULL },
    { "set", TARGET_AGENTS_DOMAIN, write_activate, judge_activate, NULL },
    { "get", TARGET_ABOUT, write_look, judge_look, NULL },
    { "set", TARGET_AGENTS_DOMAIN, write_deactivate, judge_undo,
      "the XMPP server does not know it as a component: is its file in the folder it includes?" },
    { 0 },
};
const struct provision_step provision_host_down[] = {
    { "set", TARGET_AGENTS_DOMAIN, write_deactivate, judge_deactivate, NULL },
    { "set", TARGET_AGENTS_DOMAIN, write_reload, judge_forgotten, NULL },
    { 0 },
};
const struct provision_step provision_user_add[] = {
    { "set", TARGET_AGENTS_DOMAIN, write_add_user, judge_add_user, NULL },
    { 0 },
};
const struct provision_step provision_user_delete[] = {
    { "set", TARGET_AGENTS_DOMAIN, write_delete_user, judge_forgotten, NULL },
    { 0 },
};
const struct provision_step provision_roster_add[] = {
    { "set", TARGET_OWNER, write_roster, judge_forgotten, NULL },
    { 0 },
};
const struct provision_step provision_roster_remove[] = {
    { "set", TARGET_OWNER, write_roster, judge_roster_gone, NULL },
    { 0 },
};

const struct provision_step provision_room_down[] = {
    { "set", TARGET_ABOUT, write_destroy, judge_room_gone, NULL },
    { 0 },
};

static void copy_text(xmpp_stanza_t *element, char *to, size_t size)
{
    char *text = element == NULL ? NULL : xmpp_stanza_get_text(element);

    if (text == NULL)
        return;
    (void)snprintf(to, size, "%s", text);
    xmpp_free(xmpp_stanza_get_context(element), text);
}

static void read_error(xmpp_stanza_t *stanza, struct provision_reply *reply)
{
    xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(stanza, "error");
    xmpp_stanza_t *condition =
        error == NULL ? NULL
                      : xmpp_stanza_get_child_by_ns(error, "urn:ietf:params:xml:ns:xmpp-stanzas");

    reply->is_error = true;
    (void)snprintf(reply->condition, sizeof(reply->condition), "%s",
                   condition == NULL ? "undefined-condition" : xmpp_stanza_get_name(condition));
}

static void read_command(xmpp_stanza_t *stanza, struct provision_reply *reply)
{
    xmpp_stanza_t *command =
        xmpp_stanza_get_child_by_ns(stanza, "http://jabber.org/protocol/commands");
    xmpp_stanza_t *note = command == NULL ? NULL : xmpp_stanza_get_child_by_name(command, "note");
    const char *status = command == NULL ? NULL : xmpp_stanza_get_attribute(command, "status");
    const char *kind = note == NULL ? NULL : xmpp_stanza_get_type(note);

    (void)snprintf(reply->status, sizeof(reply->status), "%s", status == NULL ? "" : status);
    reply->refused = kind != NULL && strcmp(kind, "error") == 0;
    copy_text(note, reply->note, sizeof(reply->note));
}

const char *provision_reply_reason(const struct provision_step *step,
                                   const struct provision_reply *reply)
{
    if (step->why != NULL)
        return step->why;
    if (reply->is_error)
        return reply->condition;
    return reply->refused && reply->note[0] != '\0' ? reply->note : reply->status;
}

bool provision_reply_read(xmpp_stanza_t *iq, struct provision_reply *ret_reply)
{
    const char *type = xmpp_stanza_get_type(iq);

    *ret_reply = (struct provision_reply){ 0 };
    if (type != NULL && strcmp(type, "error") == 0)
        read_error(iq, ret_reply);
    else if (type != NULL && strcmp(type, "result") == 0)
        read_command(iq, ret_reply);
    else
        return false;
    return true;
}
