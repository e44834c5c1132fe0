/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of a conversation, by mail, to whom it concerns. Ordered in the tenant's database; it goes
 * when the mail server takes it (hooks.c).
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/outward/outward.h"

#include "base/format/mail.h"

struct ordering {
    struct mail_order order; /* first: the bulk leads here */
    struct core *core;
    struct call *call; /* NULL: gone; it is ordered all the same */
    struct tenant_name tenant;
};

static void forget_call(void *job)
{
    ((struct ordering *)job)->call = NULL;
}

static void answer_ordered(struct call *call, const struct mail_order *order)
{
    if (order->verdict == MAIL_NO_CONVERSATION)
        answer_not_found(call, "conversation");
    else if (order->verdict == MAIL_TOO_MANY)
        answer_problem(call, 409, "too_many", "A conversation is mailed %d times at most.",
                       MAIL_COPIES_MAX);
    else
        answer_json(
            call, 202,
            json_pack("{s:o, s:s}", "id", json_id(order->conversation.id), "state", "ordered"));
}

static void on_ordered(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct ordering *ordering = (struct ordering *)bulk;
    struct live_tenant *tenant = tenants_find(ordering->core, slice_of(ordering->tenant.text));
    struct call *call = ordering->call;

    if (outcome == STORE_DONE && tenant != NULL)
        hooks_mail_ordered(tenant);
    if (call != NULL)
        call->release_job = NULL;
    if (call != NULL && outcome == STORE_DONE)
        answer_ordered(call, &ordering->order);
    else if (call != NULL)
        answer_problem(call, 503, "not_saved", "It could not be stored; ask again.");
    explicit_bzero(ordering->order.address, sizeof(ordering->order.address));
    free(ordering);
}

static int see(void *context, const struct stored_conversation *conversation)
{
    (void)context;
    (void)conversation;
    return 0;
}

/* Unknown before wrong: a foreign conversation and an unknown one are told alike. */
static bool may_order(struct call *call, struct slice to)
{
    int rc = STORE_CALL(call->core->store, conversation_get, &call->tenant->about.name,
                        (struct conversation_id){ call->values.id }, see, NULL);

    if (rc == STORE_E_NONE)
        answer_not_found(call, "conversation");
    else if (rc != OK)
        answer_failed(call, rc);
    else if (!mail_is_on(call->core))
        answer_problem(call, 409, "mail_off", "Mail is not set up here: [mail] in lasna.conf.");
    else if (!mail_address_is_fine(to))
        answer_problem(call, 400, "bad_field", "\"to\" must be an address: vera@buyer.example.");
    else
        return true;
    return false;
}

void handle_conversation_mail(struct call *call)
{
    struct slice to = body_text(call, "to");
    struct ordering *ordering;
    int rc;

    if (!may_order(call, to))
        return;
    ordering = calloc(1, sizeof(*ordering));
    if (ordering == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    mail_ordering(&ordering->order, (struct conversation_id){ call->values.id },
                  core_now_ms(call->core));
    ordering->order.bulk.done = on_ordered;
    (void)slice_copy(to, ordering->order.address, sizeof(ordering->order.address));
    ordering->core = call->core;
    ordering->tenant = call->tenant->about.name;
    (void)call_keep(call, "mail", NULL);
    rc = STORE_CALL(call->core->store, bulk, &ordering->tenant, &ordering->order.bulk);
    if (rc != OK) {
        free(ordering);
        answer_failed(call, rc);
        return;
    }
    ordering->call = call;
    call->job = ordering;
    call->release_job = forget_call;
}
