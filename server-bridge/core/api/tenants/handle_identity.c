/* SPDX-License-Identifier: Apache-2.0
 *
 * The key a tenant's site signs its visitors' identities with. The secret is in the answer
 * that made it and in no other. Whoever chats when the rule changes says hello again.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"
#include "server-bridge/core/identity.h"

#include <openssl/crypto.h>

enum { CLOSE_LATER = 1013 };

static json_t *identity_view(const struct live_tenant *tenant)
{
    const struct identity_key *key = &tenant->identity_key;

    return json_pack("{s:s, s:o, s:b, s:o}", "tenant", tenant->about.name.text, "kid",
                     json_text_or_null(slice_of(key->kid)), "required", key->required, "created_at",
                     json_time_or_null(key->created_ms));
}

void handle_identity_show(struct call *call)
{
    answer_json(call, 200, identity_view(call->tenant));
}

/* Kept first, then counted; nobody who was let in by the old rule stays. */
static bool change(struct call *call, const struct identity_key *key)
{
    struct live_tenant *tenant = call->tenant;
    int rc;

    audit_join(call);
    rc = directory_identity_key_set(call->core->directory, &tenant->about.name, key);
    if (rc != OK) {
        answer_failed(call, rc < 0 ? rc : RAISE(ERR_BUG));
        return false;
    }
    tenant->identity_key = *key;
    sessions_end_of_tenant(call->core, tenant, CLOSE_LATER, "unavailable", "Say hello again.");
    return true;
}

void handle_identity_set(struct call *call)
{
    const json_t *required = json_object_get(call->body, "required");
    bool renew = json_is_true(json_object_get(call->body, "renew"));
    struct identity_key key = call->tenant->identity_key;
    json_t *view;

    if (json_is_boolean(required))
        key.required = json_is_true(required);
    if (renew)
        identity_key_renew(&key, core_now_ms(call->core));
    if (key.kid[0] == '\0') {
        answer_problem(call, 409, "no_key",
                       "There is no identity key yet, so nobody could prove who they are; make one "
                       "with \"renew\".");
        return;
    }
    if (change(call, &key)) {
        view = identity_view(call->tenant);
        if (renew && view != NULL)
            (void)json_object_set_new(view, "secret", json_string(key.secret));
        log_event(LOG_INFO, &call->tenant->log, "identity.changed", "kid=%s renewed=%d required=%d",
                  key.kid, renew, key.required);
        answer_json(call, 200, view);
    }
    OPENSSL_cleanse(&key, sizeof(key));
}
