/* SPDX-License-Identifier: Apache-2.0
 *
 * A visitor's own copy of the latest conversation, by mail. Nobody knows whose address it is, so
 * only what a person of ours has answered is sent, and each conversation a few times at most:
 * else we would carry anybody's words to anybody.
 */
#include "server-bridge/core/outward/outward.h"

#include "base/format/mail.h"
#include "storage/store.h"

struct own_copy {
    struct mail_order order; /* first: the bulk leads here */
    struct core *core;
    struct session_id session;
    struct web_peer *web; /* compared only */
    struct tenant_name tenant;
};

struct latest {
    bool any, answered;
    struct conversation_id conversation;
};

bool own_copy_is_offered(const struct live_tenant *tenant)
{
    AUTO(tenant_settings) settings = NULL;

    return mail_is_on(tenant->core) && settings_of(tenant, NULL, &settings) == OK &&
           settings->widget_mail;
}

static void refuse(const struct session *session, const char *text)
{
    IPC_SEND(session->web->ipc, tell_error, .session = session->id.id,
             .code = SLICE_LITERAL("not_mailed"), .text = slice_of(text));
}

static void on_ordered(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct own_copy *copy = (struct own_copy *)bulk;
    struct live_tenant *tenant = tenants_find(copy->core, slice_of(copy->tenant.text));
    struct session *session = sessions_find(copy->core, copy->web, copy->session.id);
    bool ordered = outcome == STORE_DONE && copy->order.verdict == MAIL_ORDERED;

    if (ordered && tenant != NULL)
        hooks_mail_ordered(tenant);
    if (session != NULL && ordered)
        IPC_SEND(session->web->ipc, tell_mailed, .session = session->id.id);
    else if (session != NULL && outcome == STORE_DONE)
        refuse(session, "This conversation was mailed often enough.");
    else if (session != NULL)
        refuse(session, "That did not work. Please try again in a moment.");
    explicit_bzero(copy->order.address, sizeof(copy->order.address));
    free(copy);
}

static int take_latest(void *context, const struct stored_conversation *row)
{
    struct latest *latest = context;

    latest->any = true;
    latest->conversation = row->conversation;
    return 1;
}

static int take_answer(void *context, const struct stored_message *row)
{
    struct latest *latest = context;

    latest->answered = row->from == FROM_AGENT;
    return latest->answered ? 1 : 0;
}

static bool find_answered(const struct session *session, struct latest *latest)
{
    const struct live_tenant *tenant = session->tenant;
    struct store *store = tenant->core->store;

    if (STORE_CALL(store, conversations_of, &tenant->about.name, session->visitor->id, 1,
                   take_latest, latest) < 0 ||
        !latest->any)
        return false;
    return STORE_CALL(store, messages, &tenant->about.name, latest->conversation, 0, SIZE_MAX,
                      take_answer, latest) >= 0 &&
           latest->answered;
}

static void order(struct session *session, struct conversation_id conversation, struct slice to)
{
    struct live_tenant *tenant = session->tenant;
    struct own_copy *copy = calloc(1, sizeof(*copy));

    if (copy == NULL) {
        refuse(session, "That did not work. Please try again in a moment.");
        return;
    }
    mail_ordering(&copy->order, conversation, core_now_ms(tenant->core));
    copy->order.bulk.done = on_ordered;
    (void)slice_copy(to, copy->order.address, sizeof(copy->order.address));
    copy->core = tenant->core;
    copy->session = session->id;
    copy->web = session->web;
    copy->tenant = tenant->about.name;
    if (STORE_CALL(tenant->core->store, bulk, &copy->tenant, &copy->order.bulk) == OK)
        return;
    refuse(session, "That did not work. Please try again in a moment.");
    free(copy);
}

void own_copy_mail(struct session *session, struct slice to)
{
    struct latest latest = { .any = false };

    if (!own_copy_is_offered(session->tenant))
        refuse(session, "Conversations are not mailed here.");
    else if (!mail_address_is_fine(to))
        refuse(session, "That is no address: vera@buyer.example.");
    else if (!find_answered(session, &latest))
        refuse(session, "Nobody has answered yet.");
    else
        order(session, latest.conversation, to);
}
