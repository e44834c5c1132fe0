/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant comes, stops, starts again, and goes.
 *
 * Stopping has an order: first nobody new comes in, then its own component session is closed,
 * and only when that is gone may the XMPP server be told to forget the host: deactivated
 * before, a live session could go on sending.
 */
#include "server-bridge/core/files/files.h"

#include "storage/calls.h"
#include "storage/counts.h"

#include "server-bridge/ipc/channel.h"

#include <event2/event.h>
#include <stdlib.h>

enum { LINK_CLOSE_S = 10 }; /* after that the supervisor has killed it */
enum { CLOSE_POLICY = 1008, CLOSE_LATER = 1013 };

static struct id new_id(void *context)
{
    (void)context;
    return id_new();
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    struct chat_event tick = { .type = CHAT_TICK };

    (void)fd;
    (void)what;
    tenants_handle(context, &tick);
}

static int restore_conversation(void *context, const struct stored_conversation *row)
{
    struct live_tenant *tenant = context;
    struct chat_event restored = store_restored(row);

    tenants_handle(tenant, &restored);
    return 0;
}

/* What those who wait said first: an offer quotes it. And who had it, who joined it. */
struct opening {
    struct live_tenant *tenant;
    struct conversation_id conversation;
};

static int restore_words(void *context, const struct stored_message *row)
{
    const struct opening *opening = context;
    struct chat_event words = { .type = CHAT_RESTORED_WORDS,
                                .conversation = opening->conversation,
                                .text = row->text };

    tenants_handle(opening->tenant, &words);
    return 0;
}

static int restore_event(void *context, const struct stored_event *row)
{
    const struct opening *opening = context;
    char why[STORE_WHY_BYTES];
    struct chat_event happened = store_happened(opening->conversation, row, why);

    tenants_handle(opening->tenant, &happened);
    return 0;
}

struct openings {
    struct conversation_id *ids;
    size_t count;
};

static int gather_opening(void *context, const struct stored_conversation *row)
{
    struct openings *openings = context;
    struct conversation_id *grown = realloc(openings->ids, (openings->count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    openings->ids = grown;
    openings->ids[openings->count++] = row->conversation;
    return 0;
}

static int restore_openings(struct live_tenant *tenant)
{
    struct openings openings = { .ids = NULL };
    struct store *store = tenant->core->store;
    int rc = STORE_CALL(store, conversations, &tenant->about.name, LIST_OPEN, 0,
                        (struct conversation_id){ { { 0 } } }, SIZE_MAX, gather_opening, &openings);

    for (size_t i = 0; rc == OK && i < openings.count; i++) {
        struct opening opening = { tenant, openings.ids[i] };

        rc = STORE_CALL(store, messages, &tenant->about.name, opening.conversation, 0, 1,
                        restore_words, &opening);
        if (rc == OK)
            rc = STORE_CALL(store, events, &tenant->about.name, opening.conversation, restore_event,
                            &opening);
    }
    free(openings.ids);
    return rc;
}

static void restore_wait(void *context, uint64_t taken_ms, uint64_t waited_ms)
{
    struct chat_event wait = { .type = CHAT_RESTORED_WAIT,
                               .at_ms = taken_ms,
                               .seq = waited_ms / 1000 };

    tenants_handle(context, &wait);
}

static int restore_waits(struct live_tenant *tenant)
{
    uint64_t back_ms = CHAT_WAITS_DAYS * (uint64_t)86400000, now_ms = core_now_ms(tenant->core);

    return store_waits(tenant->core->store, &tenant->about.name,
                       now_ms > back_ms ? now_ms - back_ms : 0, CHAT_WAITS_KEPT, restore_wait,
                       tenant);
}

static int restore_call(void *context, const struct stored_call *row)
{
    struct chat_event call = calls_restored(row);

    tenants_handle(context, &call);
    return 0;
}

static int restore(struct live_tenant *tenant)
{
    struct chat_rules rules;
    const struct chat_host host = { .context = tenant, .carry = carry_effect, .new_id = new_id };
    int rc = settings_quota(tenant); /* first: the API goes by it, be the database there or not */

    if (rc == OK)
        rc = settings_rules(tenant, &rules);
    if (rc == OK)
        rc = keys_check(tenant);
    if (rc == OK)
        rc = directory_identity_key_get(tenant->core->directory, &tenant->about.name,
                                        &tenant->identity_key);
    if (rc == OK)
        rc = STORE_CALL(tenant->core->store, tenant_open, &tenant->about.name);
    if (rc == OK)
        tenant->outsiders = rules.outsiders;
    if (rc == OK)
        rc = chat_new(&tenant->chat, tenant->about.title, &rules, &host);
    if (rc == OK)
        rc = STORE_CALL(tenant->core->store, conversations, &tenant->about.name, LIST_OPEN, 0,
                        (struct conversation_id){ { { 0 } } }, SIZE_MAX, restore_conversation,
                        tenant);
    if (rc == OK)
        rc = restore_openings(tenant);
    if (rc == OK)
        rc = restore_waits(tenant);
    if (rc == OK)
        rc = calls_waiting(tenant->core->store, &tenant->about.name, restore_call, tenant);
    if (rc == OK)
        settings_tell_words(tenant);
    if (rc == OK)
        rc = hooks_open(tenant);
    if (rc != OK) {
        log_event(LOG_ERROR, &tenant->log, "tenant.unavailable",
                  "rc=%s remedy=\"lasnactl check store\"", result_name(rc));
        hooks_close(tenant);
        tenant->chat = chat_free(tenant->chat);
    }
    return rc;
}

static int copy_site(struct site *to, const struct site *from)
{
    *to = *from;
    to->origins = strdup(from->origins);
    to->settings = strdup(from->settings == NULL ? "{}" : from->settings);
    return to->origins == NULL || to->settings == NULL ? RAISE(ERR_NO_MEMORY) : OK;
}

static int copy_tenant(struct tenant *to, const struct tenant *from)
{
    *to = *from;
    to->title = strdup(from->title);
    to->domain = strdup(from->domain);
    to->languages = strdup(from->languages);
    to->secret = strdup(from->secret);
    to->settings = strdup(from->settings == NULL ? "{}" : from->settings);
    to->former = strdup(from->former == NULL ? "" : from->former);
    to->sites = calloc(from->site_count + 1, sizeof(*to->sites));
    to->site_count = 0;
    if (to->title == NULL || to->domain == NULL || to->languages == NULL || to->secret == NULL ||
        to->settings == NULL || to->former == NULL || to->sites == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (; to->site_count < from->site_count; to->site_count++) {
        if (copy_site(&to->sites[to->site_count], &from->sites[to->site_count]) != OK)
            return ERR_NO_MEMORY;
    }
    return OK;
}

/* What waited for the rules, or for storage, waits for nobody any more. */
static void forget_waiting(struct live_tenant *tenant)
{
    struct later *later, *next;

    LL_FOREACH_SAFE(tenant->later, later, next)
    {
        free(later->agent);
        free(later);
    }
    tenant->later = NULL;
    while (tenant->greetings != NULL) {
        struct greeting *greeting = tenant->greetings;

        tenant->greetings = greeting->next;
        explicit_bzero(greeting->token, sizeof(greeting->token));
        free(greeting->page);
        free(greeting->subject);
        free(greeting);
    }
}

void tenants_free(struct live_tenant *tenant)
{
    forget_waiting(tenant);
    hooks_close(tenant);
    uploads_forget(tenant, (struct visitor_id){ { { 0 } } });
    references_forget(tenant->core, &tenant->about.name);
    tenant->chat = chat_free(tenant->chat);
    tenant->shut = NULL;
    link_side_detach(tenant);
    if (tenant->tick != NULL)
        event_free(tenant->tick);
    if (tenant->shut_limit != NULL)
        event_free(tenant->shut_limit);
    for (size_t i = 0; i < tenant->member_count; i++)
        membership_release(&tenant->members[i]);
    free(tenant->members);
    free(tenant->in_flight);
    tenant_release(&tenant->about);
    free(tenant);
}

static void tell_all_webs(const struct live_tenant *tenant)
{
    struct web_peer *web;

    DL_FOREACH(tenant->core->webs, web)
    tenants_tell_web(web, tenant);
}

static void want_link(struct live_tenant *tenant)
{
    if (CHANNEL_SEND(tenant->core->role->channel, -1, link_wanted,
                     .tenant = slice_of(tenant->about.name.text)) != OK)
        log_event(LOG_ERROR, &tenant->log, "tenant.link_unasked", "");
}

void tenants_link_unwanted(struct live_tenant *tenant)
{
    if (CHANNEL_SEND(tenant->core->role->channel, -1, link_unwanted,
                     .tenant = slice_of(tenant->about.name.text)) != OK)
        log_event(LOG_ERROR, &tenant->log, "tenant.link_unasked", "");
}

/* Opens its memory and its doors. */
static int serve(struct live_tenant *tenant)
{
    int rc = restore(tenant);

    if (rc == OK) {
        erase_again(tenant->core, &tenant->about.name);
        want_link(tenant);
    }
    return rc;
}

/* Nobody keeps whether its team room was empty already when we stopped: it is looked at anew. */
static bool empty_room(struct live_tenant *tenant)
{
    if (!rooms_empty(tenant))
        return false;
    want_link(tenant);
    if (tenant->link != NULL)
        link_side_brief(tenant);
    return true;
}

static int keep_closed(struct live_tenant *tenant)
{
    (void)empty_room(tenant);
    return settings_quota(tenant);
}

/* --- stopping --- */

static void on_shut(evutil_socket_t fd, short what, void *context)
{
    struct live_tenant *tenant = context;
    tenant_shut_fn *shut = tenant->shut;

    (void)fd;
    (void)what;
    tenant->shut = NULL;
    (void)event_del(tenant->shut_limit);
    if (shut != NULL)
        shut(tenant->shut_context);
}

void tenants_link_closed(struct live_tenant *tenant)
{
    if (tenant->shut != NULL)
        event_active(tenant->shut_limit, EV_TIMEOUT, 0);
}

/* Browsers of one that is renamed come back at once. */
static void show_out(struct live_tenant *tenant)
{
    bool back = tenant->about.state == TENANT_RENAMING;

    sessions_end_of_tenant(tenant->core, tenant, back ? CLOSE_LATER : CLOSE_POLICY, "unavailable",
                           back ? "This chat is back in a moment." : "This chat is closed.");
}

void tenants_shut(struct live_tenant *tenant, tenant_shut_fn *shut, void *context)
{
    const struct timeval limit = { .tv_sec = tenant->link != NULL ? LINK_CLOSE_S : 0 };
    struct core *core = tenant->core;

    tell_all_webs(tenant);
    uploads_forget(tenant, (struct visitor_id){ { { 0 } } });
    references_forget(core, &tenant->about.name);
    show_out(tenant);
    forget_waiting(tenant);
    hooks_close(tenant);
    tenant->chat = chat_free(tenant->chat);
    (void)event_del(tenant->tick);
    if (!empty_room(tenant))
        tenants_link_unwanted(tenant);
    STORE_CALL(core->store, tenant_close, &tenant->about.name);
    answers_collect(core); /* of what it still committed: nobody is left to be told */
    tenant->shut = shut;
    tenant->shut_context = context;
    (void)event_add(tenant->shut_limit, &limit);
}

/* --- coming and going --- */

/* A link that is still emptying its room goes on as one that serves. */
static void take_link_back(struct live_tenant *tenant, bool served)
{
    tenant->emptying = false;
    if (served && tenant->link != NULL)
        link_side_brief(tenant);
    if (!served)
        tenants_link_unwanted(tenant);
}

int tenants_resume(struct live_tenant *tenant)
{
    int rc = serve(tenant);

    if (rc == OK)
        rc = tenants_load_members(tenant->core, tenant);
    if (tenant->emptying)
        take_link_back(tenant, tenant->chat != NULL);
    tell_all_webs(tenant);
    return rc;
}

int tenants_add(struct core *core, const struct tenant *about)
{
    struct live_tenant *tenant = calloc(1, sizeof(*tenant));
    int rc;

    if (tenant == NULL)
        return RAISE(ERR_NO_MEMORY);
    tenant->core = core;
    tenant->factor_wanted = FACTOR_OF_ALL; /* until its settings say */
    tenant->tick = event_new(core->role->base, -1, 0, on_tick, tenant);
    tenant->shut_limit = event_new(core->role->base, -1, 0, on_shut, tenant);
    if (tenant->tick == NULL || tenant->shut_limit == NULL ||
        copy_tenant(&tenant->about, about) != OK) {
        tenants_free(tenant);
        return RAISE(ERR_NO_MEMORY);
    }
    log_context_init(&tenant->log, NULL, "tenant", tenant->about.name.text);
    HASH_ADD_KEYPTR(hh, core->tenants, tenant->about.name.text,
                    (unsigned)strlen(tenant->about.name.text), tenant);
    rc = tenant->about.state == TENANT_LIVE ? serve(tenant) : keep_closed(tenant);
    tell_all_webs(tenant);
    return rc;
}

void tenants_drop(struct live_tenant *tenant)
{
    HASH_DEL(tenant->core->tenants, tenant);
    tenants_free(tenant);
}
