/* SPDX-License-Identifier: Apache-2.0
 *
 * A stanza as the XMPP server would pass it on. Whoever sent it: what the core hears keeps to
 * its bounds and names a member, and what is answered is one well-formed stanza,
 * or two where somebody subscribes.
 */
#include "base/format/text.h"
#include "chat/chat.h"
#include "server-bridge/ipc/codec.h"
#include "server-bridge/xmpp/inbound/inbound.h"
#include "tests/fuzz/fuzz.h"

#define OURS "acme.chat.example"
#define ANNA "anna@agents.example"

static struct members members;
static struct look look;
static xmpp_ctx_t *ctx;
static unsigned answers;

static void check_agent(struct slice agent)
{
    MUST(slice_is(agent, ANNA));
}

static void tell(void *context, enum ipc_type type, const void *message)
{
    (void)context;
    MUST(ipc_size(type, message) != 0);
    MUST(ipc_may_pass(type, IPC_LINK, IPC_CORE));
    if (type == IPC_heard_message) {
        const struct ipc_heard_message *heard = message;

        check_agent(heard->agent);
        MUST(text_check(heard->text, NULL) == TEXT_FINE);
        MUST((heard->text.len > 0) == (heard->speech != SPEECH_WITHDRAWAL));
        MUST(heard->stanza.len > 0);
    } else if (type == IPC_heard_presence) {
        check_agent(((const struct ipc_heard_presence *)message)->agent);
    } else if (type == IPC_heard_chat_state) {
        check_agent(((const struct ipc_heard_chat_state *)message)->agent);
    } else if (type == IPC_heard_receipt) {
        check_agent(((const struct ipc_heard_receipt *)message)->agent);
    }
}

static void answer(void *context, struct slice xml)
{
    char *text = slice_dup(xml);
    xmpp_stanza_t *stanza;

    (void)context;
    MUST(text != NULL);
    MUST(text_check(xml, NULL) == TEXT_FINE);
    stanza = xmpp_stanza_new_from_string(ctx, text);
    MUST(stanza != NULL);
    xmpp_stanza_release(stanza);
    free(text);
    answers++;
}

static void barrier(void *context, uint64_t number)
{
    (void)context;
    (void)number;
}

static void hear(xmpp_stanza_t *stanza)
{
    static const struct inbound_port port = { tell, answer, barrier };
    struct unhandled unhandled = { 0 };
    struct inbound inbound = {
        .domain = OURS, .look = &look, .members = &members, .unhandled = &unhandled, .port = &port
    };

    MUST(contacts_new(&inbound.contacts) == OK);
    inbound_init(&inbound);
    answers = 0;
    inbound_handle(&inbound, stanza);
    MUST(answers <= 2); /* a wish to subscribe: the consent, and the presence */
    inbound_release(&inbound);
    contacts_free(inbound.contacts);
    unhandled_release(&unhandled);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char *text = malloc(len + 1);
    xmpp_stanza_t *stanza;

    MUST(text != NULL);
    memcpy(text, input, len);
    text[len] = '\0';
    if (ctx == NULL) {
        xmpp_initialize();
        ctx = xmpp_ctx_new(NULL, NULL);
        MUST(members_add(&members, SLICE_LITERAL(ANNA), MEMBER_SUPERVISOR, LANGUAGE_EN) == OK);
        look_init(&look);
        MUST(look_set(&look, &(struct ipc_link_look){ .title = SLICE_LITERAL("Acme & Sons") }) ==
             LOOK_E_REDRAWN);
    }
    stanza = xmpp_stanza_new_from_string(ctx, text);
    if (stanza != NULL) {
        hear(stanza);
        xmpp_stanza_release(stanza);
    }
    free(text);
    return 0;
}
