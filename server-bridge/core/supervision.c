/* SPDX-License-Identifier: Apache-2.0
 *
 * What supervisors see of a conversation they stand beside, read back from storage; and the
 * record, in the audit, that they looked, or that an agent asked for what was said before. Nothing
 * they are shown asks for a receipt.
 */
#include "server-bridge/core/files/files.h"

#include <stdio.h>

struct showing {
    struct live_tenant *tenant;
    const struct chat_effect *effect;
    char from[CONTACT_LOCAL_BYTES];
};

/* "#k4tz Maria: hello" and "#k4tz Anna: hi" at the desk; in the visitor's contact only others than
 * the visitor are named. */
static void write_line(const struct showing *showing, const struct stored_message *row,
                       struct buf *to)
{
    const struct chat_effect *effect = showing->effect;
    bool at_desk = visitor_id_is_none(effect->visitor);
    const char *space = memchr(effect->name.data, ' ', effect->name.len);
    size_t id_len = space == NULL ? effect->name.len : (size_t)(space - effect->name.data);

    if (row->from == FROM_VISITOR && at_desk)
        buf_addf(to, "%.*s: ", SLICE_ARG(effect->name));
    else if (row->from != FROM_VISITOR)
        buf_addf(to, "%.*s %.*s: ", at_desk ? (int)id_len : 7,
                 at_desk ? effect->name.data : "[lasna]", SLICE_ARG(row->name));
    if (row->from == FROM_VISITOR && !at_desk)
        quote_add_words(to, row->text);
    else
        buf_add_slice(to, row->text);
    if (file_id_is_none(row->file.id))
        return;
    buf_add_text(to, " ");
    file_address(showing->tenant, &row->file, row->text, true, to);
}

/* Each line's id is the message's with a bit turned: the same each time it is shown, and never
 * taken for what the agent got. */
static struct id line_id(const struct chat_effect *effect, struct message_id message)
{
    message.id.bytes[ID_BYTES - 1] ^= visitor_id_is_none(effect->visitor) ? 2 : 4;
    return message.id;
}

static int show_message(void *context, const struct stored_message *row)
{
    const struct showing *showing = context;
    const struct chat_effect *effect = showing->effect;
    bool own = !visitor_id_is_none(effect->visitor) && slice_equal(row->sender, effect->agent);
    struct id stanza = line_id(effect, row->message);
    AUTO_BUF line;

    buf_init(&line, IPC_TEXT_MAX);
    if (row->seq > effect->last_seq)
        return 1;
    write_line(showing, row, &line);
    if (own || row->delivery == DELIVERY_UNDELIVERABLE || row->withdrawn_ms != 0 ||
        buf_failed(&line))
        return 0;
    IPC_SEND(showing->tenant->link, link_say,
             .ordinal = carry_remember(showing->tenant,
                                       (struct in_flight){ .conversation = effect->conversation,
                                                           .message = { stanza },
                                                           .seq = row->seq,
                                                           .round = effect->round }),
             .to = effect->agent, .from = slice_of(showing->from), .stanza = stanza,
             .text = buf_slice(&line), .at_ms = effect->on ? 0 : row->at_ms);
    return 0;
}

void supervision_show(struct live_tenant *tenant, const struct chat_effect *effect)
{
    struct showing showing = { .tenant = tenant, .effect = effect, .from = "desk" };

    if (!visitor_id_is_none(effect->visitor))
        contact_local(effect->visitor, showing.from);
    if (STORE_CALL(tenant->core->store, messages, &tenant->about.name, effect->conversation,
                   effect->seq, SIZE_MAX, show_message, &showing) < 0)
        log_event(LOG_ERROR, &tenant->log, "supervision.unreadable", "");
}

void supervision_audit(struct live_tenant *tenant, const struct chat_effect *effect)
{
    char action[48], detail[8 + ID_TEXT_BYTES] = "id=";
    struct audit_entry entry = { .at_ms = core_now_ms(tenant->core),
                                 .who = effect->agent,
                                 .tenant = slice_of(tenant->about.name.text) };
    int rc;

    (void)snprintf(action, sizeof(action), "conversation.%s", effect->code);
    id_format(effect->conversation.id, detail + 3);
    entry.action = slice_of(action);
    entry.detail = slice_of(detail);
    rc = directory_audit_add(tenant->core->directory, &entry);
    if (rc != OK)
        log_event(LOG_ERROR, &tenant->log, "audit.unwritten", "action=%s error=%s", action,
                  result_name(rc));
}
