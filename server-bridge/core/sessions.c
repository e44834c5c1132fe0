/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/replay.h"

#include <stdlib.h>

struct session *sessions_find(struct core *core, const struct web_peer *web, struct id id)
{
    struct session *session;

    HASH_FIND(hh, core->sessions, &id, sizeof(id), session);
    /* A web process speaks only for browsers of its own. */
    return session != NULL && session->web == web ? session : NULL;
}

struct session *sessions_new(struct core *core, struct web_peer *web, struct id id,
                             struct live_tenant *tenant)
{
    struct session *session;

    HASH_FIND(hh, core->sessions, &id, sizeof(id), session);
    if (session != NULL)
        return NULL;
    session = calloc(1, sizeof(*session));
    if (session == NULL)
        return NULL;
    session->id.id = id;
    session->web = web;
    session->tenant = tenant;
    HASH_ADD(hh, core->sessions, id, sizeof(session->id), session);
    return session;
}

struct visitor *sessions_visitor(const struct live_tenant *tenant, struct visitor_id id)
{
    struct visitor *visitor;

    HASH_FIND(hh, tenant->visitors, &id, sizeof(id), visitor);
    return visitor;
}

bool sessions_settle(struct session *session, struct visitor_id id)
{
    struct live_tenant *tenant = session->tenant;
    struct visitor *visitor = sessions_visitor(tenant, id);

    if (visitor == NULL) {
        visitor = calloc(1, sizeof(*visitor));
        if (visitor == NULL)
            return false;
        visitor->id = id;
        HASH_ADD(hh, tenant->visitors, id, sizeof(visitor->id), visitor);
    }
    session->visitor = visitor;
    DL_APPEND2(visitor->sessions, session, prev_of_visitor, next_of_visitor);
    return true;
}

bool sessions_are_hidden(const struct visitor *visitor)
{
    const struct session *session = visitor->sessions;

    while (session != NULL && session->hidden)
        session = session->next_of_visitor;
    return session == NULL && visitor->sessions != NULL;
}

static void leave_visitor(struct session *session)
{
    struct visitor *visitor = session->visitor;
    struct chat_event left = { .type = CHAT_VISITOR_LEFT,
                               .visitor = visitor->id,
                               .session = session->id };

    DL_DELETE2(visitor->sessions, session, prev_of_visitor, next_of_visitor);
    session->visitor = NULL;
    left.on = sessions_are_hidden(visitor);
    if (session->replay == NULL) /* else it has not come yet */
        tenants_handle(session->tenant, &left);
    if (visitor->sessions == NULL) {
        HASH_DEL(session->tenant->visitors, visitor);
        free(visitor);
    }
}

void sessions_end(struct core *core, struct session *session)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is in a hash has its table */
    HASH_DEL(core->sessions, session);
    if (session->visitor != NULL)
        leave_visitor(session);
    session->replay = replay_free(session->replay);
    rights_drop_earlier(session);
    free(session->name);
    free(session->language);
    free(session->email);
    free(session->stage);
    free(session->attributes);
    free(session);
}

void sessions_said(struct session *session, struct chat_event *said)
{
    said->type = CHAT_VISITOR_SAID;
    said->visitor = session->visitor->id;
    said->session = session->id;
    said->site = session->site;
    said->name = slice_of(session->name);
    said->language = slice_of(session->language);
    said->verified = session->verified;
    said->email = slice_of(session->email);
    said->stage = slice_of(session->stage);
    said->attributes = slice_of(session->attributes);
    tenants_handle(session->tenant, said);
}

void sessions_end_of_web(struct core *core, struct web_peer *web)
{
    struct session *session, *next;

    HASH_ITER(hh, core->sessions, session, next)
    {
        if (session->web == web)
            sessions_end(core, session);
    }
}

void sessions_end_of_tenant(struct core *core, struct live_tenant *tenant, unsigned close_code,
                            const char *code, const char *text)
{
    struct session *session, *next;

    HASH_ITER(hh, core->sessions, session, next)
    {
        if (session->tenant != tenant)
            continue;
        IPC_SEND(session->web->ipc, tell_refused, .session = session->id.id,
                 .close_code = close_code, .code = slice_of(code), .text = slice_of(text));
        sessions_end(core, session);
    }
}

void sessions_end_of_visitor(struct live_tenant *tenant, struct visitor_id id, unsigned close_code,
                             const char *code, const char *text)
{
    struct visitor *visitor;

    while ((visitor = sessions_visitor(tenant, id)) != NULL && visitor->sessions != NULL) {
        struct session *session = visitor->sessions;

        IPC_SEND(session->web->ipc, tell_refused, .session = session->id.id,
                 .close_code = close_code, .code = slice_of(code), .text = slice_of(text));
        sessions_end(tenant->core, session);
    }
}
