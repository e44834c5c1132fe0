/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/billing/changing.h"

/* What a change may be refused for, as a problem. */
static const struct {
    unsigned status;
    const char *code, *text;
} refusals[] = {
    [BILLING_MONTH_CLOSED] = { 409, "month_closed",
                               "That month's statement is closed, and what it rests on stays; let "
                               "the rules hold from a later month." },
    [BILLING_OTHER_CURRENCY] = { 409, "other_currency",
                                 "Closed statements are in another currency, and credits would "
                                 "be, too." },
    [BILLING_NOT_NEXT] = { 409, "not_next",
                           "Months are closed one after the other: GET …/billing/statements tells "
                           "which one is next." },
    [BILLING_CHANGED] = { 409, "changed",
                          "Rules or disputes changed while the statement was made; look at the "
                          "draft and try again." },
    [BILLING_NO_LINE] = { 404, "not_found", "No such line in a closed statement." },
    [BILLING_NOT_BILLED] = { 409, "not_billed", "That line is not billed." },
    [BILLING_DISPUTED] = { 409, "disputed", "That line is disputed already." },
    [BILLING_NO_DISPUTE] = { 404, "not_found", "No such dispute." },
    [BILLING_DECIDED] = { 409, "decided", "That dispute is decided already." },
};

struct changing *changing_new(struct call *call)
{
    struct changing *changing = calloc(1, sizeof(*changing));

    if (changing != NULL)
        changing->who = strdup(call->caller.who);
    if (changing == NULL || changing->who == NULL) {
        free(changing);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return NULL;
    }
    changing->call = call;
    changing->body = json_incref(call->body);
    changing->change.at_ms = core_now_ms(call->core);
    changing->change.who = slice_of(changing->who);
    return changing;
}

void changing_free(struct changing *changing)
{
    json_decref(changing->body);
    free(changing->text);
    free(changing->who);
    free(changing);
}

static void answer(struct changing *changing, enum store_outcome outcome)
{
    enum billing_refusal refusal = changing->change.refusal;
    struct call *call = changing->call;

    call->release_job = NULL;
    if (outcome != STORE_DONE)
        answer_problem(call, 503, "not_saved", "It could not be stored; try again.");
    else if (refusal != BILLING_DONE)
        answer_problem(call, refusals[refusal].status, refusals[refusal].code, "%s",
                       refusals[refusal].text);
    else
        changing->made(call, &changing->change);
}

static void on_stored(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct changing *changing = (struct changing *)bulk;

    if (changing->call != NULL)
        answer(changing, outcome);
    changing_free(changing);
}

static void forget_call(void *job)
{
    ((struct changing *)job)->call = NULL;
}

void changing_begin(struct call *call, struct changing *changing)
{
    struct live_tenant *tenant = call_tenant(call);
    int rc = OK;

    changing->change.bulk.done = on_stored;
    if (tenant == NULL) {
        answer_not_found(call, "tenant");
        changing_free(changing);
        return;
    }
    if (!call->kept && !call_keep(call, "billing", NULL))
        rc = RAISE(ERR_NO_MEMORY);
    if (rc == OK) {
        call->job = changing;
        call->release_job = forget_call;
        rc = STORE_CALL(call->core->store, bulk, &tenant->about.name, &changing->change.bulk);
    }
    if (rc == OK)
        return;
    call->release_job = NULL;
    changing_free(changing);
    answer_failed(call, rc);
}
