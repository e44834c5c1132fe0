/* SPDX-License-Identifier: Apache-2.0
 *
 * api — the dispatcher. Everything between a request and its handler happens here, once, and
 * from the route table: is there such a place, can its cost be spent, may this caller ask, is the
 * tenant theirs, is the query known, does the body hold what it should. Handlers check none of it
 * again.
 */
#include "server-bridge/core/api/answer.h"

#include "base/format/text.h"
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/budget.h"
#include "server-bridge/core/api/etag.h"
#include "server-bridge/core/api/openapi/openapi.h"
#include "server-bridge/core/api/people/guesses.h"
#include "server-bridge/core/api/repeat.h"

/* True: this caller may ask this. Otherwise the call is answered. */
static bool authorise(struct call *call)
{
    bool may = call->caller.authority >= call->route->least;

    if (may && (!call->caller.unproven || access_is_open_to_unproven(call->route)))
        return true;
    if (may)
        answer_problem(call, 403, "second_factor_wanted",
                       "Your role takes a second factor, and you have none yet: POST "
                       "/session/totp sets one up.");
    else if (call->caller.authority == AUTHORITY_ANYONE)
        answer_not_authenticated(call);
    else
        answer_problem(call, 403, "forbidden", "This takes the authority of %s.",
                       authority_name(call->route->least));
    return false;
}

/* By the name it has, or one it had: what integrations know goes on to work. */
static bool find_tenant(struct call *call)
{
    const struct caller *caller = &call->caller;
    struct live_tenant *tenant;

    if (strstr(call->route->path, "{tenant}") == NULL)
        return true;
    tenant = tenants_called(call->core, slice_of(call->values.tenant));
    if (tenant == NULL ||
        !(caller->everywhere || (caller->tenants != NULL &&
                                 words_have(caller->tenants, slice_of(tenant->about.name.text))))) {
        answer_not_found(call, "tenant");
        return false;
    }
    if (tenant->about.state == TENANT_RENAMING) {
        answer_renaming(call);
        return false;
    }
    (void)slice_copy(slice_of(tenant->about.name.text), call->values.tenant,
                     sizeof(call->values.tenant));
    call->tenant = tenant;
    return true;
}

static bool read_query(struct call *call, struct slice raw)
{
    int rc = query_read(raw, call->route->query, &call->query);
    const char *name = call->query.parameters[call->query.count].name;

    if (rc == QUERY_E_UNKNOWN)
        answer_problem(call, 400, "unknown_parameter", "This takes no such parameter%s%s.",
                       call->route->query[0] != '\0' ? "; it takes: " : "", call->route->query);
    else if (rc == QUERY_E_DOUBLED)
        answer_problem(call, 400, "doubled_parameter", "\"%s\" is given twice.", name);
    else if (rc != 0)
        answer_problem(call, 400, "bad_parameter", "\"%s\" cannot be read.", name);
    return rc == 0;
}

/* Our reader says only that it is bad; the library can tell where. */
static void answer_bad_json(struct call *call, struct slice body)
{
    json_error_t error;
    json_t *json = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, &error);
    AUTO_BUF why;

    buf_init(&why, 512);
    text_one_line(json == NULL ? slice_of(error.text) : SLICE_LITERAL("not read"), 200, &why);
    answer_problem(call, 400, "bad_json", "The body is no JSON: line %d, column %d: %.*s.",
                   json == NULL ? error.line : 0, json == NULL ? error.column : 0,
                   SLICE_ARG(buf_slice(&why)));
    json_decref(json);
}

static bool read_body(struct call *call, struct slice raw)
{
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 512);
    if (call->route->fields == NULL) {
        if (raw.len > 0)
            answer_problem(call, 400, "body_not_wanted", "This takes no body.");
        return raw.len == 0;
    }
    rc = json_read(raw.len == 0 ? SLICE_LITERAL("{}") : raw, &call->body);
    if (rc == JSON_E_DEEP)
        answer_problem(call, 400, "bad_json", "The body nests too deep.");
    else if (rc != OK)
        answer_bad_json(call, raw);
    else if (!json_is_object(call->body))
        answer_problem(call, 400, "bad_json", "The body must be one JSON object.");
    if (rc != OK || !json_is_object(call->body))
        return false;
    if (fields_hold(call->route->fields, call->body, &problem))
        return true;
    answer_problem(call, 400, "bad_field", "%.*s", SLICE_ARG(buf_slice(&problem)));
    return false;
}

static bool find_route(struct call *call, struct slice method, struct slice path)
{
    char allowed[ROUTE_METHODS_BYTES];

    if (slice_starts_with(path, API_PREFIX "/")) {
        path.data += strlen(API_PREFIX);
        path.len -= strlen(API_PREFIX);
        call->route = route_find(method, path, &call->values, allowed);
        if (call->route == NULL && allowed[0] != '\0') {
            answer_not_allowed(call, allowed);
            return false;
        }
    }
    if (call->route == NULL)
        answer_not_found(call, "place in this API");
    return call->route != NULL;
}

void api_handle(struct web_peer *web, const struct ipc_api_request *request)
{
    struct call *call = call_new(web, request->request);

    if (call == NULL) {
        IPC_SEND(web->ipc, api_answer, .request = request->request, .status = 503,
                 .content_type = SLICE_LITERAL("application/problem+json"),
                 .body = SLICE_LITERAL("{\"status\":503,\"code\":\"internal\"}"));
        return;
    }
    call->busy = true;
    access_identify(call, request->bearer, request->cookie);
    if (find_route(call, request->method, request->path) && budget_spend_callers(call) &&
        authorise(call) && find_tenant(call) && budget_spend_tenants(call) &&
        read_query(call, request->query) && read_body(call, request->body) &&
        repeat_is_first(call, request) && etag_may_change(call, request->if_match)) {
        call->if_none_match = slice_dup(request->if_none_match);
        call->route->handle(call);
        if (!call->answered && !call->kept)
            answer_failed(call, RAISE(ERR_BUG));
    }
    call->busy = false;
    call->tenant = NULL;
    if (call->answered && (!call->streaming || call->web == NULL))
        (void)call_free(call);
}

void api_next(struct web_peer *web, const struct ipc_api_next *next)
{
    struct call *call = call_find(web->core, web, next->request);

    if (call == NULL)
        return;
    if (!next->wanted && call->streaming)
        (void)call_free(call);
    else if (!next->wanted)
        call->web = NULL;
    else if (call->streaming)
        answer_stream_next(call);
}

void api_forget_web(struct core *core, const struct web_peer *web)
{
    struct call *call, *next;

    DL_FOREACH_SAFE(core->calls, call, next)
    {
        if (call->web != web)
            continue;
        call->web = NULL;
        if (call->streaming && !call->busy)
            (void)call_free(call);
    }
}

void api_stop(struct core *core)
{
    struct call *call, *next;

    DL_FOREACH_SAFE(core->calls, call, next)
    (void)call_free(call);
    guesses_free(core);
    budget_free(core);
    openapi_free(core);
}
