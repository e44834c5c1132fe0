/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/inbound_desk.h"

#include "chat/chat.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>

static void tell(void *context, enum ipc_type type, const void *message)
{
    struct desk *desk = context;
    char id[ID_TEXT_BYTES];

    switch (type) {
    case IPC_heard_message: {
        const struct ipc_heard_message *m = message;
        buf_addf(&desk->told, "message %.*s/%.*s > %.*s [%.*s] %.*s", SLICE_ARG(m->agent),
                 SLICE_ARG(m->resource), SLICE_ARG(m->to), SLICE_ARG(m->stanza),
                 SLICE_ARG(m->text));
        if (m->speech != SPEECH_WORDS)
            buf_addf(&desk->told, "%s%.*s",
                     m->speech == SPEECH_REPLY        ? " in reply to "
                     : m->speech == SPEECH_CORRECTION ? " instead of "
                     : m->speech == SPEECH_REACTION   ? " beside "
                                                      : "withdraws ",
                     SLICE_ARG(m->about));
        break;
    }
    case IPC_heard_presence: {
        const struct ipc_heard_presence *m = message;
        buf_addf(&desk->told, "presence %.*s/%.*s > %.*s %d", SLICE_ARG(m->agent),
                 SLICE_ARG(m->resource), SLICE_ARG(m->to), (int)m->show);
        break;
    }
    case IPC_heard_chat_state: {
        const struct ipc_heard_chat_state *m = message;
        buf_addf(&desk->told, "state %.*s > %.*s %d", SLICE_ARG(m->agent), SLICE_ARG(m->to),
                 m->composing);
        break;
    }
    case IPC_heard_receipt: {
        const struct ipc_heard_receipt *m = message;
        id_format(m->stanza, id);
        buf_addf(&desk->told, "receipt %.*s > %.*s [%s] %d", SLICE_ARG(m->agent), SLICE_ARG(m->to),
                 id, m->displayed);
        break;
    }
    case IPC_link_bounced: {
        const struct ipc_link_bounced *m = message;
        id_format(m->stanza, id);
        buf_addf(&desk->told, "bounced [%s] %.*s %.*s", id, SLICE_ARG(m->from),
                 SLICE_ARG(m->condition));
        break;
    }
    default:
        fail();
    }
    buf_add_text(&desk->told, "\n");
}

static void answer(void *context, struct slice xml)
{
    struct desk *desk = context;

    buf_add_slice(&desk->answered, xml);
    buf_add_text(&desk->answered, "\n");
}

static void barrier(void *context, uint64_t number)
{
    ((struct desk *)context)->barrier = number;
}

int begin(void **state)
{
    static const struct inbound_port port = { tell, answer, barrier };
    struct desk *desk = calloc(1, sizeof(*desk));

    xmpp_initialize();
    desk->ctx = xmpp_ctx_new(NULL, NULL);
    buf_init(&desk->told, 1 << 20);
    buf_init(&desk->answered, 1 << 20);
    assert_int_equal(members_add(&desk->members, SLICE_LITERAL(ANNA), MEMBER_AGENT, LANGUAGE_EN),
                     OK);
    assert_int_equal(members_add(&desk->members, SLICE_LITERAL("ben@agents.example"),
                                 MEMBER_SUPERVISOR, LANGUAGE_EN),
                     OK);
    look_init(&desk->look);
    assert_int_equal(
        look_set(&desk->look,
                 &(struct ipc_link_look){ SLICE_LITERAL("Acme & Sons"),
                                          SLICE_LITERAL("https://acme.example"), 0x1f6feb }),
        LOOK_E_REDRAWN);
    desk->inbound = (struct inbound){ .domain = OURS,
                                      .look = &desk->look,
                                      .members = &desk->members,
                                      .unhandled = &desk->unhandled,
                                      .port = &port,
                                      .context = desk };
    assert_int_equal(contacts_new(&desk->inbound.contacts), OK);
    inbound_init(&desk->inbound);
    *state = desk;
    return 0;
}

int end(void **state)
{
    struct desk *desk = *state;

    inbound_release(&desk->inbound);
    look_release(&desk->look);
    contacts_free(desk->inbound.contacts);
    members_release(&desk->members);
    unhandled_release(&desk->unhandled);
    buf_release(&desk->told);
    buf_release(&desk->answered);
    xmpp_ctx_free(desk->ctx);
    free(desk);
    return 0;
}

void arrives(struct desk *desk, const char *xml)
{
    xmpp_stanza_t *stanza = xmpp_stanza_new_from_string(desk->ctx, xml);

    assert_non_null(stanza);
    buf_clear(&desk->told);
    buf_clear(&desk->answered);
    inbound_handle(&desk->inbound, stanza);
    xmpp_stanza_release(stanza);
}

void speaks(struct desk *desk, enum language language)
{
    assert_int_equal(members_add(&desk->members, SLICE_LITERAL(ANNA), MEMBER_AGENT, language), OK);
}

void assert_told(const struct desk *desk, const char *line)
{
    assert_string_equal(desk->told.data == NULL ? "" : desk->told.data, line);
}

bool is_answered(const struct desk *desk, const char *part)
{
    return desk->answered.data != NULL && strstr(desk->answered.data, part) != NULL;
}

void assert_silent(const struct desk *desk)
{
    assert_told(desk, "");
    assert_int_equal(desk->answered.len, 0);
}
