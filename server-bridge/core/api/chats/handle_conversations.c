/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversations as they are: who waits, who is served, since when; and ending one by hand.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/walk.h"

#include <event2/event.h>

enum { END_LOOK_MS = 20, END_PATIENCE_MS = 10000 };

void handle_conversations_list(struct call *call)
{
    struct walk walk;

    if (walk_read(call, &walk))
        walk_answer(call, &walk);
}

/* What conversation_get() found: a view, made while its row lives. */
struct found {
    const struct live_tenant *tenant;
    json_t *view;
    enum conversation_state state;
};

static int keep_view(void *context, const struct stored_conversation *conversation)
{
    struct found *found = context;

    found->view = conversation_view(found->tenant, conversation);
    found->state = conversation->state;
    return found->view != NULL ? 0 : RAISE(ERR_NO_MEMORY);
}

/* False: the call is answered. */
static bool find_conversation(struct call *call, struct found *ret_found)
{
    struct conversation_id id = { call->values.id };
    int rc;

    *ret_found = (struct found){ .tenant = call->tenant };
    rc = STORE_CALL(call->core->store, conversation_get, &call->tenant->about.name, id, keep_view,
                    ret_found);
    if (rc == STORE_E_NONE)
        answer_not_found(call, "conversation");
    else if (rc != OK)
        answer_failed(call, rc);
    return rc == OK;
}

void handle_conversation_show(struct call *call)
{
    struct found found;

    if (find_conversation(call, &found))
        answer_json(call, 200, found.view);
}

/* The rules' own account of it: a line, and one more for each agent while it waits. */
void handle_conversation_route(struct call *call)
{
    struct conversation_id id = { call->values.id };
    struct found found;
    json_t *lines;
    AUTO_BUF why;

    buf_init(&why, 256 * 1024);
    if (!find_conversation(call, &found))
        return;
    json_decref(found.view);
    if (call->tenant->chat == NULL || !chat_explain(call->tenant->chat, id, &why))
        buf_add_text(&why, "It has ended.");
    lines = json_array();
    for (char *at = why.data, *end; at != NULL; at = end) {
        end = strchr(at, '\n');
        if (end != NULL)
            *end++ = '\0';
        (void)json_array_append_new(lines, json_string(at));
    }
    answer_json(call, 200, json_pack("{s:o, s:o}", "id", json_id(id.id), "why", lines));
}

/* An end is done when it is stored: then the rules no longer know the conversation. */
struct ending {
    struct call *call;
    struct event *timer;
    uint64_t until_ms;
};

static void look_again(evutil_socket_t fd, short what, void *context)
{
    static const struct timeval soon = { 0, END_LOOK_MS * 1000 };
    struct ending *ending = context;
    struct call *call = ending->call;
    struct live_tenant *tenant = call_tenant(call);
    struct conversation_id id = { call->values.id };
    struct chat_conversation_view view;
    bool is_open = tenant != NULL && tenant->chat != NULL && chat_view(tenant->chat, id, &view);

    (void)fd;
    (void)what;
    if (is_open && core_now_ms(call->core) < ending->until_ms &&
        event_add(ending->timer, &soon) == 0)
        return;
    if (is_open)
        answer_problem(call, 503, "not_saved", "The end could not be stored yet; try again.");
    else
        answer_json(call, 200,
                    json_pack("{s:o, s:s}", "id", json_id(id.id), "state",
                              conversation_state_name(CONVERSATION_ENDED)));
}

static void ending_free(void *job)
{
    struct ending *ending = job;

    event_free(ending->timer);
    free(ending);
}

static void end_and_wait(struct call *call)
{
    struct ending *ending = calloc(1, sizeof(*ending));
    struct conversation_id id = { call->values.id };

    if (ending != NULL)
        ending->timer = evtimer_new(call->core->role->base, look_again, ending);
    if (ending == NULL || ending->timer == NULL || !call_keep(call, "end", NULL)) {
        if (ending != NULL && ending->timer != NULL)
            event_free(ending->timer);
        free(ending);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    ending->call = call;
    call->job = ending;
    call->release_job = ending_free;
    ending->until_ms = core_now_ms(call->core) + END_PATIENCE_MS;
    tenants_handle(call->tenant, &(struct chat_event){ .type = CHAT_OPERATOR_END,
                                                       .now_ms = core_now_ms(call->core),
                                                       .conversation = id,
                                                       .reason = SLICE_LITERAL("operator") });
    event_active(ending->timer, EV_TIMEOUT, 0);
}

void handle_conversation_end(struct call *call)
{
    struct chat_conversation_view view;
    struct conversation_id id = { call->values.id };
    struct found found;

    if (!find_conversation(call, &found))
        return;
    json_decref(found.view);
    if (call->tenant->chat == NULL)
        answer_tenant_unavailable(call);
    else if (!chat_view(call->tenant->chat, id, &view))
        answer_problem(call, 409, "conversation_ended", "That conversation has ended already.");
    else
        end_and_wait(call);
}
