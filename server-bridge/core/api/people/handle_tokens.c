/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: made, listed, revoked. The token itself is in the answer that makes it, and never
 * anywhere again.
 */
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/machine.h"
#include "server-bridge/core/api/views.h"

#include "storage/directory/tokens.h"
#include "tenant/settings.h"

#include <stdio.h>

enum { LABEL_MAX = 80 };
static const uint64_t expires_default_ms = 90ULL * 86400000, expires_max_ms = 366ULL * 86400000;

static json_t *token_view(const struct access_token *token)
{
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", token->id, "role", role_name(token->role),
        "tenant", json_text_or_null(slice_of(token->tenant.text)), "label",
        json_text_or_null(token->label), "created_at", json_time_or_null(token->created_ms),
        "expires_at", json_time_or_null(token->expires_ms), "used_at",
        json_time_or_null(token->used_ms));
}

static int gather(void *context, const struct access_token *token)
{
    return json_array_append_new(context, token_view(token)) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

void handle_tokens_list(struct call *call)
{
    json_t *all = json_array();
    int rc = directory_tokens(call->core->directory, gather, all);

    if (rc == OK) {
        answer_sorted(call, all, "id");
        return;
    }
    json_decref(all);
    answer_failed(call, rc);
}

static bool take_role(struct call *call, struct access_token *token)
{
    struct slice tenant = body_text(call, "tenant");

    if (role_name_parse(body_text(call, "role"), &token->role) != 0) {
        answer_problem(call, 400, "bad_field",
                       "\"role\" must be admin, tenant-admin, supervisor, analyst or coder.");
        return false;
    }
    if ((token->role == ROLE_ADMIN) != (tenant.len == 0)) {
        answer_problem(call, 400, "bad_field",
                       "\"tenant\" must be given, but for an admin, who is bound to none.");
        return false;
    }
    if (tenant.len > 0 && tenants_find(call->core, tenant) == NULL) {
        answer_not_found(call, "tenant");
        return false;
    }
    (void)slice_copy(tenant, token->tenant.text, sizeof(token->tenant.text));
    return true;
}

static bool take_expiry(struct call *call, struct access_token *token)
{
    struct slice text = body_text(call, "expires");
    uint64_t ms = expires_default_ms;

    if (text.len > 0 && (duration_parse(text, &ms) != 0 || ms == 0 || ms > expires_max_ms)) {
        answer_problem(call, 400, "bad_field",
                       "\"expires\" must be like 12h or 90d, 366d at most.");
        return false;
    }
    token->expires_ms = token->created_ms + ms;
    return true;
}

/* A coder's name stands beside all that coder codes. */
static bool take_label(struct call *call, const struct access_token *token, char **ret_label)
{
    unsigned max = token->role == ROLE_CODER ? CODER_POINTS_MAX : LABEL_MAX;

    if (!body_line(call, "label", max, "", ret_label))
        return false;
    if (token->role != ROLE_CODER || coder_is_person(*ret_label))
        return true;
    answer_problem(call, 400, "bad_field",
                   "\"label\" must be the name the coder codes under: a person's.");
    return false;
}

static void add(struct call *call, struct access_token *token)
{
    char text[TOKEN_TEXT_BYTES];
    struct digest hash;
    json_t *view;
    int rc;

    token_new(text);
    hash = digest_sha256(slice_of(text));
    if (asprintf(&call->changed, "token=%s role=%s", token->id, role_name(token->role)) < 0)
        call->changed = NULL;
    audit_join(call);
    rc = directory_token_add(call->core->directory, token, &hash);
    if (rc == OK) {
        view = token_view(token);
        (void)json_object_set_new(view, "token", json_string(text));
        answer_json(call, 201, view);
    } else {
        answer_failed(call, rc == DIRECTORY_E_EXISTS ? RAISE(ERR_BUG) : rc);
    }
    explicit_bzero(text, sizeof(text));
}

void handle_token_create(struct call *call)
{
    struct access_token token = { .created_ms = core_now_ms(call->core) };
    AUTO_MEM char *label = NULL;

    id_format(id_new(), token.id);
    if (!take_role(call, &token) || !take_expiry(call, &token) || !take_label(call, &token, &label))
        return;
    token.label = slice_of(label);
    add(call, &token);
}

void handle_token_revoke(struct call *call)
{
    char id[ID_TEXT_BYTES];
    int rc;

    id_format(call->values.id, id);
    rc = access_shut_out(call->core, LEDGER_TOKEN, id);
    if (rc == OK) {
        audit_join(call);
        rc = directory_token_remove(call->core->directory, id);
    }
    if (rc == OK) {
        access_ended(call->core);
        answer_nothing(call);
    } else if (rc == DIRECTORY_E_NONE) {
        answer_not_found(call, "token");
    } else {
        answer_failed(call, rc);
    }
}
