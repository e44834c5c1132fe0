/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/repeat.h"

#include "server-bridge/core/api/body.h"
#include "storage/directory/kept_answers.h"

/* What these answer is nobody's to keep: what people wrote, and which orders are asked about. An
 * erasure would not find it here. */
static bool answers_of_people(const struct route *route)
{
    return strcmp(route->name, "presence_adjudicate") == 0 ||
           strcmp(route->name, "presence_survey_links") == 0;
}

/* Log-ins are no changes to be done once, and what they answer is nobody's to keep either. */
bool repeat_is_taken(const struct route *route)
{
    return strcmp(route->method, "POST") == 0 && strncmp(route->path, "/session", 8) != 0 &&
           !answers_of_people(route);
}

/* Method, path, query and body, none of which can pass for another's end: they are apart. The key
 * stands first, and is kept nowhere: a body may hold a password, and a plain hash of it could be
 * guessed at quickly by whoever has the database. */
static struct digest digest_of(const struct ipc_api_request *request)
{
    struct slice parts[] = { request->repeat_key, request->method, request->path, request->query,
                             request->body };
    struct digester *digester = digester_new();

    for (size_t i = 0; digester != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
        digester_add(digester, parts[i].data, parts[i].len);
        digester_add(digester, "", 1);
    }
    return digester_end(digester);
}

static bool is_under_way(const struct call *call)
{
    for (const struct call *other = call->core->calls; other != NULL; other = other->next)
        if (other != call && other->keyed && !other->answered &&
            digest_equal(&other->key, &call->key) &&
            strcmp(other->caller.who, call->caller.who) == 0)
            return true;
    return false;
}

static void answer_again(struct call *call, const struct kept_answer *kept)
{
    if (!digest_equal(&kept->request, &call->asked)) {
        answer_problem(call, 422, "key_reused",
                       "That Idempotency-Key came with another request within the last day.");
        return;
    }
    call->audited = true; /* when it was done: nothing is done now */
    answer_header(call, "Idempotency-Replayed: true\r\n");
    if (kept->body.len == 0)
        answer_nothing(call);
    else
        answer_json(call, kept->status,
                    json_loadb(kept->body.data, kept->body.len, JSON_REJECT_DUPLICATES, NULL));
}

bool repeat_is_first(struct call *call, const struct ipc_api_request *request)
{
    struct kept_answer kept = { .status = 0 };
    AUTO_BUF body;
    int rc;

    buf_init(&body, KEPT_ANSWER_MAX_BYTES);
    if (request->repeat_key.len == 0)
        return true;
    if (!repeat_is_taken(call->route)) {
        answer_problem(call, 400, "key_not_taken", "This takes no Idempotency-Key.");
        return false;
    }
    call->key = digest_sha256(request->repeat_key);
    call->asked = digest_of(request);
    if (is_under_way(call)) {
        answer_problem(call, 409, "in_progress", "The same is being done right now.");
        return false;
    }
    rc = directory_answer_find(call->core->directory, slice_of(call->caller.who), &call->key,
                               core_now_ms(call->core), &body, &kept);
    call->keyed = rc == DIRECTORY_E_NONE;
    if (rc == OK)
        answer_again(call, &kept);
    else if (rc != DIRECTORY_E_NONE)
        answer_failed(call, rc);
    return call->keyed;
}

/* NULL: it is no object, or out of memory. The caller frees it. */
static char *without_secrets(struct slice body)
{
    static const char *const secrets[] = { "token", "secret", "invitation" };
    AUTO_JSON document = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, NULL);

    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        if (json_object_get(document, secrets[i]) != NULL)
            (void)json_object_set_new(document, secrets[i], json_null());
    return document == NULL ? NULL : json_dumps(document, JSON_COMPACT);
}

void repeat_keep(struct call *call, unsigned status, struct slice body)
{
    struct kept_answer kept = { .who = slice_of(call->caller.who),
                                .tenant = about_tenant(call),
                                .key = call->key,
                                .request = call->asked,
                                .status = status };
    char user[USER_NAME_MAX + 1] = "";
    AUTO_MEM char *text = NULL;

    if (!call->keyed || status < 200 || status > 299 || body.len > KEPT_ANSWER_MAX_BYTES)
        return;
    if (body.len > 0)
        text = without_secrets(body);
    if (user_name_parse(about_user(call), user) == 0)
        kept.user = slice_of(user);
    kept.at_ms = core_now_ms(call->core);
    kept.body = slice_of(text);
    if ((body.len > 0 && text == NULL) || directory_answer_keep(call->core->directory, &kept) != OK)
        log_event(LOG_WARNING, NULL, "api.answer_not_kept", "route=%s", call->route->name);
}
