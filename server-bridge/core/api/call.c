/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/call.h"

#include <stdio.h>

struct call *call_new(struct web_peer *web, uint64_t request)
{
    struct call *call = calloc(1, sizeof(*call));

    if (call == NULL)
        return NULL;
    call->core = web->core;
    call->web = web;
    call->request = request;
    DL_APPEND(call->core->calls, call);
    return call;
}

struct call *call_free(struct call *call)
{
    if (call == NULL)
        return NULL;
    DL_DELETE(call->core->calls, call);
    if (call->release_job != NULL)
        call->release_job(call->job);
    if (call->stream.release != NULL)
        call->stream.release(call->stream.context);
    buf_release(&call->stream.out);
    json_decref(call->body);
    free(call->caller.tenants);
    free(call->if_none_match);
    free(call->subject);
    free(call->changed);
    free(call->entry_detail);
    free(call);
    return NULL;
}

struct call *call_find(const struct core *core, const struct web_peer *web, uint64_t request)
{
    for (struct call *call = core->calls; call != NULL; call = call->next)
        if (call->web == web && call->request == request)
            return call;
    return NULL;
}

bool call_keep(struct call *call, const char *kind, const char *subject)
{
    if (subject != NULL && asprintf(&call->subject, "%s %s", kind, subject) < 0) {
        call->subject = NULL;
        return false;
    }
    call->kept = true;
    return true;
}

bool call_is_busy(const struct core *core, const char *kind, const char *subject)
{
    size_t kind_len = strlen(kind);

    for (const struct call *call = core->calls; call != NULL; call = call->next)
        if (call->subject != NULL && !call->answered &&
            strncmp(call->subject, kind, kind_len) == 0 && call->subject[kind_len] == ' ' &&
            strcmp(call->subject + kind_len + 1, subject) == 0)
            return true;
    return false;
}

struct live_tenant *call_tenant(const struct call *call)
{
    return tenants_find(call->core, slice_of(call->values.tenant));
}
