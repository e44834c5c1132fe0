/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/core_played.h"

#include "server-bridge/core/files/files.h"
#include "server-bridge/core/outward/outward.h"
#include "server-bridge/core/work.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <event2/event.h>
#include <stdio.h>

char provision_asked[256], core_told[256];
int tenants_add_fails_with, provision_rename_fails_with;
struct conversation_id open_conversation;
struct chat_rules rules_told;
const struct chat_rules chat_rules_default = { .offer_ms = 1 };

static provision_done_fn *provision_done;
static void *provision_context;
static uint64_t now_ms, back_ms, steady_ms;

uint64_t played_start(void)
{
    provision_asked[0] = core_told[0] = '\0';
    tenants_add_fails_with = provision_rename_fails_with = OK;
    links_close_slowly = false;
    open_conversation = (struct conversation_id){ 0 };
    provision_done = NULL;
    back_ms = 0;
    steady_ms = 1000000000;
    return now_ms = 1700000000000;
}

/* --- the clocks: a second goes by at each look --- */

static uint64_t next_ms(void)
{
    if (back_ms >= 1000)
        back_ms -= 1000;
    else
        now_ms += 1000;
    return now_ms;
}

uint64_t core_now_ms(struct core *core)
{
    (void)core;
    return next_ms();
}

uint64_t core_clock_ms(void)
{
    return next_ms() - back_ms;
}

uint64_t core_steady_ms(void)
{
    return steady_ms += 1000;
}

void double_clock_back(uint64_t by_ms)
{
    back_ms = by_ms;
}

void double_steady_back(uint64_t by_ms)
{
    steady_ms -= by_ms;
}

/* --- tenants and their rules --- */

struct live_tenant *tenants_find(struct core *core, struct slice name)
{
    struct live_tenant *tenant;

    HASH_FIND(hh, core->tenants, name.data, name.len, tenant);
    return tenant;
}

int tenants_load_members(struct core *core, const struct live_tenant *only)
{
    (void)core;
    (void)only;
    return OK;
}

int tenants_add(struct core *core, const struct tenant *about)
{
    struct live_tenant *tenant = calloc(1, sizeof(*tenant));

    assert_non_null(tenant);
    (void)snprintf(core_told, sizeof(core_told), "add %s", about->name.text);
    tenant->core = core;
    tenant->about = *about;
    tenant->about.title = strdup(about->title);
    tenant->about.domain = strdup(about->domain);
    tenant->about.languages = strdup(about->languages);
    tenant->about.secret = strdup(about->secret);
    tenant->about.settings = strdup(about->settings);
    tenant->about.former = strdup(about->former != NULL ? about->former : "");
    tenant->about.sites = calloc(1, sizeof(*about->sites));
    tenant->about.sites[0] = about->sites[0];
    tenant->about.sites[0].origins = strdup(about->sites[0].origins);
    tenant->about.sites[0].settings = strdup("{}");
    log_context_init(&tenant->log, NULL, "tenant", about->name.text);
    HASH_ADD_KEYPTR(hh, core->tenants, tenant->about.name.text,
                    (unsigned)strlen(tenant->about.name.text), tenant);
    if (tenants_add_fails_with != OK || about->state == TENANT_RENAMING)
        return tenants_add_fails_with;
    assert_int_equal(STORE_CALL(core->store, tenant_open, &about->name), OK);
    assert_int_equal(settings_quota(tenant), OK);
    assert_int_equal(hooks_open(tenant), OK);
    tenant->chat = (struct chat *)tenant; /* only ever compared with NULL here */
    return OK;
}

void sessions_end_of_tenant(struct core *core, struct live_tenant *tenant, unsigned close_code,
                            const char *code, const char *text)
{
    (void)core;
    (void)text;
    (void)snprintf(core_told, sizeof(core_told), "end %s %u %s", tenant->about.name.text,
                   close_code, code);
}

void tenants_drop(struct live_tenant *tenant)
{
    struct core *core = tenant->core;

    (void)snprintf(core_told, sizeof(core_told), "remove %s", tenant->about.name.text);
    HASH_DEL(core->tenants, tenant);
    hooks_close(tenant);
    for (size_t i = 0; i < tenant->member_count; i++)
        membership_release(&tenant->members[i]);
    free(tenant->members);
    tenant_release(&tenant->about);
    free(tenant);
}

bool links_close_slowly;
static tenant_shut_fn *shut_waits;
static void *shut_waits_with;

void links_are_closed(void)
{
    shut_waits(shut_waits_with);
}

void tenants_shut(struct live_tenant *tenant, tenant_shut_fn *shut, void *context)
{
    (void)snprintf(core_told, sizeof(core_told), "shut %s", tenant->about.name.text);
    tenant->chat = NULL;
    hooks_close(tenant);
    STORE_CALL(tenant->core->store, tenant_close, &tenant->about.name);
    shut_waits = shut;
    shut_waits_with = context;
    if (shut != NULL && !links_close_slowly)
        shut(context);
}

const struct membership *tenants_member(const struct live_tenant *tenant, struct slice jid)
{
    for (size_t i = 0; i < tenant->member_count; i++) {
        if (slice_is(jid, tenant->members[i].jid))
            return &tenant->members[i];
    }
    return NULL;
}

void retention_run(struct live_tenant *tenant)
{
    (void)tenant;
}

void uploads_forget(struct live_tenant *tenant, struct visitor_id visitor)
{
    (void)tenant;
    (void)visitor;
}

void sessions_end_of_visitor(struct live_tenant *tenant, struct visitor_id visitor,
                             unsigned close_code, const char *code, const char *text)
{
    (void)tenant;
    (void)visitor;
    (void)close_code;
    (void)code;
    (void)text;
}

bool chat_has_conversation(const struct chat *chat, struct visitor_id visitor,
                           struct conversation_id *ret_conversation)
{
    (void)chat;
    (void)visitor;
    (void)ret_conversation;
    return false;
}

int tenants_resume(struct live_tenant *tenant)
{
    (void)snprintf(core_told, sizeof(core_told), "resume %s", tenant->about.name.text);
    tenant->chat = (struct chat *)tenant;
    assert_int_equal(STORE_CALL(tenant->core->store, tenant_open, &tenant->about.name), OK);
    return hooks_open(tenant);
}

int tenants_member_set(struct live_tenant *tenant, const struct membership *member,
                       const struct agent *agent)
{
    struct membership copy = *member;

    (void)snprintf(core_told, sizeof(core_told), "member %s %s as %s", tenant->about.name.text,
                   member->jid, agent->name);
    tenants_member_remove(tenant, member->jid);
    copy.jid = strdup(member->jid);
    copy.persona = member->persona != NULL ? strdup(member->persona) : NULL;
    copy.signature = strdup(member->signature == NULL ? "" : member->signature);
    copy.skills = strdup(member->skills);
    tenant->members =
        realloc(tenant->members, (tenant->member_count + 1) * sizeof(*tenant->members));
    assert_non_null(tenant->members);
    tenant->members[tenant->member_count++] = copy;
    return OK;
}

void tenants_introduced(struct live_tenant *tenant, struct slice jid)
{
    (void)tenant;
    (void)jid;
}

void tenants_member_remove(struct live_tenant *tenant, const char *jid)
{
    for (size_t i = 0; i < tenant->member_count; i++) {
        if (strcmp(tenant->members[i].jid, jid) != 0)
            continue;
        membership_release(&tenant->members[i]);
        tenant->members[i] = tenant->members[--tenant->member_count];
        return;
    }
}

void tenants_tell_web(struct web_peer *web, const struct live_tenant *tenant)
{
    if (web->role == IPC_WEB)
        (void)snprintf(core_told, sizeof(core_told), "web %s", tenant->about.name.text);
}

void tenants_handle(struct live_tenant *tenant, struct chat_event *event)
{
    (void)tenant;
    if (event->type == CHAT_RULES_SET)
        rules_told = *event->rules;
    if (event->type == CHAT_OPERATOR_END)
        open_conversation = (struct conversation_id){ 0 };
}

bool chat_explain(const struct chat *chat, struct conversation_id conversation, struct buf *to)
{
    struct chat_conversation_view view;

    buf_add_text(to, "waits for 0:12\nAnna: has no room (1/1)");
    return chat_view(chat, conversation, &view);
}

bool chat_view(const struct chat *chat, struct conversation_id conversation,
               struct chat_conversation_view *ret_view)
{
    (void)chat;
    *ret_view = (struct chat_conversation_view){ .state = CONVERSATION_ACTIVE,
                                                 .agent = "anna@agents.example" };
    return !conversation_id_is_none(conversation) &&
           conversation_id_equal(conversation, open_conversation);
}

void link_side_look(struct live_tenant *tenant)
{
    (void)tenant;
}

void rooms_tell(struct live_tenant *tenant)
{
    (void)tenant;
}

const char *rooms_problem(const struct live_tenant *tenant)
{
    const char *rooms = tenant->core->role->settings->xmpp_rooms_domain;

    return rooms[0] == '\0' || tenant->room_open ? NULL : "remote-server-not-found";
}

void rooms_address(const struct core *core, const struct tenant *about, struct buf *to)
{
    (void)core;
    (void)about;
    (void)to;
}

void chat_rename(struct chat *chat, const char *tenant)
{
    (void)chat;
    (void)snprintf(core_told, sizeof(core_told), "rename %s", tenant);
}

void chat_counts(const struct chat *chat, struct chat_counts *ret_counts)
{
    (void)chat;
    *ret_counts = (struct chat_counts){ .queued = 2, .active = 1 };
}

/* --- the XMPP server --- */

bool provision_is_automatic(const struct core *core)
{
    return strcmp(core->role->settings->xmpp_provision, "prosody") == 0;
}

static void provision_takes(provision_done_fn *done, void *context)
{
    assert_null(provision_done);
    provision_done = done;
    provision_context = context;
}

void provision_room(struct core *core, const char *address, provision_done_fn *done, void *context)
{
    (void)core;
    (void)snprintf(provision_asked, sizeof(provision_asked), "room %s", address);
    provision_takes(done, context);
}

void provision_host(struct core *core, const struct tenant *tenant, bool active,
                    provision_done_fn *done, void *context)
{
    (void)core;
    (void)snprintf(provision_asked, sizeof(provision_asked), "host %s %s", tenant->domain,
                   active ? "on" : "off");
    provision_takes(done, context);
}

int provision_rename(const struct core *core, const struct tenant_name *from,
                     const struct tenant *tenant)
{
    (void)core;
    (void)snprintf(provision_asked, sizeof(provision_asked), "file %s %s", from->text,
                   tenant->name.text);
    return provision_rename_fails_with;
}

void provision_account(struct core *core, const char *jid, const char *password,
                       provision_done_fn *done, void *context)
{
    (void)core;
    (void)snprintf(provision_asked, sizeof(provision_asked), "account %s %s", jid, password);
    provision_takes(done, context);
}

void provision_roster(struct core *core, const struct ipc_provision_roster *item,
                      provision_done_fn *done, void *context)
{
    (void)core;
    (void)snprintf(provision_asked, sizeof(provision_asked), "roster %.*s %.*s %.*s %s",
                   SLICE_ARG(item->owner), SLICE_ARG(item->contact), SLICE_ARG(item->name),
                   item->present ? "in" : "out");
    provision_takes(done, context);
}

bool provision_answers(bool done, const char *reason)
{
    provision_done_fn *fn = provision_done;

    provision_done = NULL;
    if (fn != NULL)
        fn(provision_context, done, reason);
    return fn != NULL;
}

/* --- work --- */

static void run_work(evutil_socket_t fd, short what, void *context)
{
    struct work *work = context;

    (void)fd;
    (void)what;
    work->run(work);
    work->done(work, true);
}

/* No thread here; but as there, it is done after who asked has returned. */
void work_submit(struct core *core, enum work_line line, struct work *work)
{
    const struct timeval at_once = { 0 };

    (void)line;
    assert_int_equal(event_base_once(core->role->base, -1, EV_TIMEOUT, run_work, work, &at_once),
                     0);
}
