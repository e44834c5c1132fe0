/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/billing/changing.h"

#include "server-bridge/core/api/writing.h"

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
                          "Rules, disputes or a conversation of the month changed while the "
                          "statement was made; look at the draft and try again." },
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

static void release(void *job)
{
    changing_free(job);
}

static void answer(struct call *call, void *job)
{
    const struct changing *changing = job;
    enum billing_refusal refusal = changing->change.refusal;

    if (refusal == BILLING_DONE)
        changing->made(call, &changing->change);
    else
        answer_problem(call, refusals[refusal].status, refusals[refusal].code, "%s",
                       refusals[refusal].text);
}

void changing_begin(struct call *call, struct changing *changing)
{
    static const struct writing_way way = { answer, release, NULL,
                                            "It could not be stored; try again." };
    struct live_tenant *tenant = call_tenant(call);

    if (tenant != NULL) {
        writing_begin(call, &tenant->about.name, &changing->change.bulk, changing, &way);
        return;
    }
    answer_not_found(call, "tenant");
    changing_free(changing);
}
