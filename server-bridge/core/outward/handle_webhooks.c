/* SPDX-License-Identifier: Apache-2.0
 *
 * The API of webhooks: added, listed, taken away, tried; and the notices that were given up. The
 * secret is in the answer that made it and in no other.
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"
#include "server-bridge/core/api/writing.h"
#include "server-bridge/core/outward/outward.h"
#include "storage/directory/tenant_keys.h"
#include "tenant/settings.h"

#include <inttypes.h>
#include <stdio.h>

/* --- how they look --- */

static json_t *event_names(unsigned events)
{
    json_t *names = json_array();

    for (unsigned i = 0; i < HOOK_EVENT_COUNT; i++) {
        if ((events & 1U << i) != 0)
            (void)json_array_append_new(names, json_string(hook_event_name((enum hook_event)i)));
    }
    return names;
}

static json_t *hook_view(const struct hook *hook, uint64_t waiting, uint64_t dead)
{
    bool fails = hook->failures > 0;

    return json_pack("{s:o, s:s, s:o, s:b, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "id",
                     json_id(hook->id.id), "url", hook->url, "events", event_names(hook->events),
                     "texts", hook->texts, "created_at", json_time_or_null(hook->created_ms),
                     "state", fails ? "failing" : "fine", "waiting", (json_int_t)waiting, "dead",
                     (json_int_t)dead, "problem",
                     json_text_or_null(slice_of(fails ? hook->error : "")), "next_try_at",
                     json_time_or_null(hook->state == HOOK_PAUSED ? hook->paused_until_ms : 0),
                     "told_at", json_time_or_null(hook->told_ms));
}

struct listing {
    const struct live_tenant *tenant;
    json_t *items;
};

static int list_hook(void *context, const struct stored_hook *stored)
{
    const struct listing *listing = context;
    const struct hook *hook = hook_find(listing->tenant, stored->hook);

    if (hook == NULL)
        return 0;
    return json_array_append_new(listing->items, hook_view(hook, stored->waiting, stored->dead)) ==
                   0
               ? 0
               : RAISE(ERR_NO_MEMORY);
}

void handle_webhooks_list(struct call *call)
{
    struct listing listing = { call->tenant, json_array() };
    int rc = hooks_read(call->core->store, &call->tenant->about.name, NULL, list_hook, &listing);

    if (rc == OK) {
        answer_page(call, listing.items, "");
        return;
    }
    json_decref(listing.items);
    answer_failed(call, rc);
}

struct seeking {
    const struct hook *hook;
    json_t *view;
};

static int seek_hook(void *context, const struct stored_hook *stored)
{
    struct seeking *seeking = context;

    if (!id_equal(stored->hook.id, seeking->hook->id.id))
        return 0;
    seeking->view = hook_view(seeking->hook, stored->waiting, stored->dead);
    return 1;
}

void handle_webhook_show(struct call *call)
{
    struct seeking seeking = { hook_find(call->tenant, (struct hook_id){ call->values.id }), NULL };
    int rc = OK;

    if (seeking.hook != NULL)
        rc = hooks_read(call->core->store, &call->tenant->about.name, NULL, seek_hook, &seeking);
    if (seeking.view != NULL)
        answer_json(call, 200, seeking.view);
    else if (rc < 0)
        answer_failed(call, rc);
    else
        answer_not_found(call, "webhook");
}

/* --- a change, on its way to storage --- */

#define NOT_SAVED "It could not be stored; ask again."

struct changing {
    union {
        struct store_bulk bulk; /* first in both */
        struct hook_change hook;
        struct notice_change notice;
    };
    struct core *core;
    struct tenant_name tenant;
    char *url;
    char secret[HOOK_SECRET_BYTES];
    struct hook_id id;
};

static void changing_free(void *job)
{
    struct changing *changing = job;

    explicit_bzero(changing->secret, sizeof(changing->secret));
    free(changing->url);
    free(changing);
}

/* NULL: removed meanwhile. */
static struct live_tenant *tenant_of(const struct changing *changing)
{
    return tenants_find(changing->core, slice_of(changing->tenant.text));
}

static struct hook *hook_of(const struct changing *changing)
{
    struct live_tenant *tenant = tenant_of(changing);

    return tenant == NULL ? NULL : hook_find(tenant, changing->id);
}

static struct changing *changing_new(struct call *call)
{
    struct changing *changing = calloc(1, sizeof(*changing));

    if (changing == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return NULL;
    }
    changing->core = call->core;
    changing->tenant = call->tenant->about.name;
    return changing;
}

static void submit(struct call *call, struct changing *changing, const struct writing_way *way)
{
    writing_begin(call, &call->tenant->about.name, &changing->bulk, changing, way);
}

typedef int sealed_change_fn(struct hook_change *change, const struct stored_hook *hook,
                             const struct tenant_keys *keys);

/* A change with a secret in it, which the tenant's key seals. */
static void submit_sealed(struct call *call, struct changing *changing, sealed_change_fn *prepare,
                          const struct stored_hook *hook, const struct writing_way *way)
{
    struct tenant_keys keys;
    int rc = directory_keys_get(call->core->directory, &call->tenant->about.name, &keys);

    if (rc == OK)
        rc = prepare(&changing->hook, hook, &keys);
    tenant_keys_wipe(&keys);
    if (rc == OK) {
        submit(call, changing, way);
        return;
    }
    changing_free(changing);
    answer_failed(call, FOLD(rc));
}

/* --- adding and removing --- */

static bool read_events(struct call *call, unsigned *ret_events)
{
    const json_t *name;
    enum hook_event event;
    unsigned events = 0;
    size_t i;

    json_array_foreach(json_object_get(call->body, "events"), i, name)
    {
        if (hook_event_parse(slice_of(json_string_value(name)), &event) != 0) {
            answer_problem(call, 400, "bad_field", "There is no such event: \"%.40s\".",
                           json_string_value(name));
            return false;
        }
        events |= 1U << event;
    }
    if (events == 0)
        answer_problem(call, 400, "bad_field", "\"events\" must name at least one.");
    *ret_events = events;
    return events != 0;
}

static bool may_lead_there(struct call *call, struct slice url, unsigned events)
{
    if (!hook_target_is_fine(url))
        answer_problem(call, 400, "bad_field",
                       "\"url\" must be like https://hooks.acme.example/lasna (https, plain "
                       "characters, no user, no fragment) or mailto:sales@acme.example.");
    else if (hook_address(url).len > 0 && !mail_is_on(call->core))
        answer_problem(call, 409, "mail_off", "Mail is not set up here: [mail] in lasna.conf.");
    else if (hook_address(url).len > 0 && (events & ~(unsigned)HOOK_MAILED_EVENTS) != 0)
        answer_problem(
            call, 400, "bad_field",
            "An address is told of callback, offline_form and conversation.ended alone.");
    else
        return true;
    return false;
}

static bool may_add(struct call *call, struct slice url, unsigned events)
{
    size_t count = 0;

    if (!may_lead_there(call, url, events))
        return false;
    for (const struct hook *hook = call->tenant->hooks; hook != NULL; hook = hook->next) {
        count += hook->row != 0;
        if (slice_is(url, hook->url)) {
            answer_problem(call, 409, "webhook_exists", "This URL is told already.");
            return false;
        }
    }
    if (count >= HOOKS_MAX)
        answer_problem(call, 409, "too_many", "A tenant has at most %d webhooks.", HOOKS_MAX);
    return count < HOOKS_MAX;
}

static void begin_added(void *job)
{
    struct changing *changing = job;
    struct live_tenant *tenant = tenant_of(changing);

    changing->id = changing->hook.hook.hook;
    if (changing->hook.hook.row != 0 && tenant != NULL && tenant->about.state == TENANT_LIVE)
        (void)hook_begin(tenant, &changing->hook.hook);
}

static void answer_added(struct call *call, void *job)
{
    const struct changing *changing = job;
    const struct hook *hook = hook_of(changing);
    json_t *view;

    if (changing->hook.hook.row == 0) { /* another came first: may_add() says why, asked again */
        answer_problem(call, 409, "in_progress", "Another webhook is being added right now.");
        return;
    }
    if (hook == NULL) {
        answer_not_found(call, "tenant");
        return;
    }
    view = hook_view(hook, 0, 0);
    if (!hook->mails) /* a mail is not signed */
        (void)json_object_set_new(view, "secret", json_string(changing->secret));
    if (asprintf(&call->changed, "url=%s", hook->url) < 0)
        call->changed = NULL;
    answer_json(call, 201, view);
}

static const struct writing_way adding = { answer_added, changing_free, begin_added, NOT_SAVED };

void handle_webhook_add(struct call *call)
{
    struct slice url = body_text(call, "url");
    struct stored_hook hook = { .hook = { id_new() }, .created_ms = core_now_ms(call->core) };
    struct changing *changing;

    if (!read_events(call, &hook.events) || !may_add(call, url, hook.events))
        return;
    changing = changing_new(call);
    if (changing == NULL)
        return;
    changing->url = slice_dup(url);
    if (changing->url == NULL) {
        changing_free(changing);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    hook_secret_new(changing->secret);
    hook.texts = json_is_true(json_object_get(call->body, "texts"));
    hook.url = slice_of(changing->url);
    hook.secret = slice_of(changing->secret);
    submit_sealed(call, changing, hook_adding, &hook, &adding);
}

static void end_removed(void *job)
{
    struct hook *hook = hook_of(job);

    if (hook != NULL)
        hook_end(hook);
}

static void answer_removed(struct call *call, void *job)
{
    (void)job;
    answer_nothing(call);
}

static const struct writing_way removing = { answer_removed, changing_free, end_removed,
                                             NOT_SAVED };

/* NULL: the call is answered. */
static struct hook *find_hook(struct call *call)
{
    struct hook *hook = hook_find(call->tenant, (struct hook_id){ call->values.id });

    if (hook != NULL && hook->row != 0)
        return hook;
    answer_not_found(call, "webhook");
    return NULL;
}

void handle_webhook_remove(struct call *call)
{
    const struct hook *hook = find_hook(call);
    struct changing *changing = hook == NULL ? NULL : changing_new(call);

    if (changing == NULL)
        return;
    hook_removing(&changing->hook, hook->row);
    changing->id = hook->id;
    submit(call, changing, &removing);
}

/* --- another secret --- */

enum { OVERLAP_MS = 24 * 3600 * 1000, OVERLAP_MAX_MS = 7 * 24 * 3600 * 1000 };

static void take_rotated(void *job)
{
    struct changing *changing = job;
    struct hook *hook = hook_of(changing);

    if (hook != NULL &&
        !hook_rotated(hook, slice_of(changing->secret), changing->hook.hook.old_until_ms))
        log_event(LOG_ERROR, &tenant_of(changing)->log, "core.no_memory", "");
}

static void answer_rotated(struct call *call, void *job)
{
    const struct changing *changing = job;
    const struct hook *hook = hook_of(changing);

    if (hook == NULL) {
        answer_not_found(call, "webhook");
        return;
    }
    answer_json(call, 200,
                json_pack("{s:o, s:s, s:s, s:o}", "id", json_id(hook->id.id), "url", hook->url,
                          "secret", changing->secret, "old_until",
                          json_time_or_null(changing->hook.hook.old_until_ms)));
}

static const struct writing_way rotating = { answer_rotated, changing_free, take_rotated,
                                             NOT_SAVED };

/* How long the old secret signs, too. False: that is none, and the call is answered. */
static bool read_overlap(struct call *call, uint64_t *ret_ms)
{
    struct slice text = body_text(call, "overlap");

    *ret_ms = OVERLAP_MS;
    if (text.len == 0 || (duration_parse(text, ret_ms) == 0 && *ret_ms <= OVERLAP_MAX_MS))
        return true;
    answer_problem(call, 400, "bad_field", "\"overlap\" must be like 24h or 0, 7d at most.");
    return false;
}

void handle_webhook_rotate(struct call *call)
{
    const struct hook *hook = find_hook(call);
    struct changing *changing;
    struct stored_hook change;
    uint64_t overlap_ms;

    if (hook == NULL || !read_overlap(call, &overlap_ms))
        return;
    if (hook->mails) {
        answer_problem(call, 409, "not_signed", "A mail is not signed.");
        return;
    }
    changing = changing_new(call);
    if (changing == NULL)
        return;
    hook_secret_new(changing->secret);
    changing->id = hook->id;
    change = (struct stored_hook){ .row = hook->row,
                                   .hook = hook->id,
                                   .secret = slice_of(changing->secret),
                                   .old_until_ms = core_now_ms(call->core) + overlap_ms };
    if (hook->secret[0] == '\0') /* the one it has does not open */
        change.old_until_ms = 0;
    submit_sealed(call, changing, hook_rotating, &change, &rotating);
}

/* --- a trial --- */

struct trial {
    struct call *call; /* NULL: gone */
    char *url;
};

static void forget_trial(void *job)
{
    ((struct trial *)job)->call = NULL;
}

static void on_tried(void *context, const struct ipc_fetch_answer *answer)
{
    struct trial *trial = context;
    struct call *call = trial->call;
    char error[HOOK_ERROR_BYTES];
    bool took = hook_took(answer, error);

    if (call != NULL) {
        call->release_job = NULL;
        answer_json(call, 200,
                    json_pack("{s:s, s:b, s:o, s:I, s:o, s:i}", "url", trial->url, "delivered",
                              took, "status",
                              answer->outcome == FETCH_DONE
                                  ? json_integer((json_int_t)answer->status)
                                  : json_null(),
                              "took_ms", (json_int_t)answer->took_ms, "problem",
                              json_text_or_null(slice_of(error)), "problems", took ? 0 : 1));
    }
    free(trial->url);
    free(trial);
}

/* A mail has no trial of its own kind: it says that it is one. */
static void try_mail(struct call *call, const struct hook *hook, struct trial *trial)
{
    const struct envelope envelope = { .from = call->core->role->settings->mail_from,
                                       .title = call->tenant->about.title,
                                       .to = hook_address(slice_of(hook->url)).data,
                                       .notice = { id_new() },
                                       .now_ms = core_now_ms(call->core) };
    struct letter letter;
    AUTO_BUF text;

    buf_init(&text, 16 * 1024);
    letter_init(&letter);
    buf_addf(&letter.subject, "%s: test", call->tenant->about.title);
    buf_add_text(&letter.text, "Mails like this one come from here.\n");
    letter_close(&letter, &envelope, &text);
    letter_release(&letter);
    ask_mail(call->core, envelope.to, buf_slice(&text), on_tried, trial);
}

static void try_out(struct call *call, const struct hook *hook, struct trial *trial)
{
    uint64_t now_ms = core_now_ms(call->core);
    struct notice_id id = { id_new() };
    AUTO_BUF body, headers;

    buf_init(&body, 4096);
    buf_init(&headers, 4096);
    notice_compose_test(id, call->tenant->about.name.text, now_ms, &body);
    notice_sign(id, now_ms, hook->secret, hook_old_secret(hook, now_ms), buf_slice(&body),
                &headers);
    ask_outside(call->core,
                &(struct ipc_fetch_request){ .url = slice_of(hook->url),
                                             .headers = buf_slice(&headers),
                                             .body = buf_slice(&body),
                                             .answer_max = OUTWARD_ANSWER_MAX },
                on_tried, trial);
}

void handle_webhook_test(struct call *call)
{
    const struct hook *hook = find_hook(call);
    struct trial *trial;
    char id[ID_TEXT_BYTES];

    if (hook == NULL)
        return;
    id_format(hook->id.id, id);
    if (call_is_busy(call->core, "webhook-test", id)) {
        answer_problem(call, 409, "in_progress", "The same is being done right now.");
        return;
    }
    trial = calloc(1, sizeof(*trial));
    if (trial != NULL)
        trial->url = strdup(hook->url);
    if (trial == NULL || trial->url == NULL || !call_keep(call, "webhook-test", id)) {
        if (trial != NULL)
            free(trial->url);
        free(trial);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    trial->call = call;
    call->job = trial;
    call->release_job = forget_trial;
    if (hook->mails)
        try_mail(call, hook, trial);
    else
        try_out(call, hook, trial);
}

/* --- the dead --- */

struct dead_page {
    const struct live_tenant *tenant;
    json_t *items;
    uint64_t last;
};

static const struct hook *hook_by_row(const struct live_tenant *tenant, uint64_t row)
{
    const struct hook *hook = tenant->hooks;

    while (hook != NULL && hook->row != row)
        hook = hook->next;
    return hook;
}

static int list_dead(void *context, const struct notice *notice)
{
    struct dead_page *page = context;
    const struct hook *hook = hook_by_row(page->tenant, notice->hook);
    json_t *view = json_pack(
        "{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:I, s:o}", "id", json_id(notice->notice.id),
        "webhook", hook == NULL ? json_null() : json_id(hook->id.id), "url",
        hook == NULL ? json_null() : json_string(hook->url), "event",
        hook_event_name(notice->event), "conversation", json_id(notice->about.conversation.id),
        "at", json_time_or_null(notice->at_ms), "dead_at", json_time_or_null(notice->dead_ms),
        "tries", (json_int_t)notice->tries, "problem", json_text_or_null(notice->error));

    page->last = notice->row;
    return json_array_append_new(page->items, view) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

void handle_webhooks_dead(struct call *call)
{
    struct dead_page page = { call->tenant, json_array(), 0 };
    struct slice cursor;
    uint64_t before;
    size_t limit;
    char next[24] = "";
    int rc;

    if (!page_read(call, &limit, &cursor) || !page_number(call, cursor, &before)) {
        json_decref(page.items);
        return;
    }
    rc =
        notices_dead(call->core->store, &call->tenant->about.name, before, limit, list_dead, &page);
    if (rc != OK) {
        json_decref(page.items);
        answer_failed(call, rc);
        return;
    }
    if (json_array_size(page.items) == limit && page.last > 1)
        (void)snprintf(next, sizeof(next), "%" PRIu64, page.last);
    answer_page(call, page.items, next);
}

static void poke_all(void *job)
{
    struct live_tenant *tenant = tenant_of(job);

    for (struct hook *hook = tenant == NULL ? NULL : tenant->hooks; hook != NULL; hook = hook->next)
        hook_poke(hook, true);
}

static void answer_retried(struct call *call, void *job)
{
    const struct changing *changing = job;

    if (!notice_id_is_none(changing->notice.notice) && changing->notice.changed == 0)
        answer_not_found(call, "given-up notice");
    else
        answer_json(call, 200, json_pack("{s:I}", "retried", (json_int_t)changing->notice.changed));
}

static const struct writing_way retrying = { answer_retried, changing_free, poke_all, NOT_SAVED };

void handle_webhooks_retry(struct call *call)
{
    struct slice id = body_text(call, "notice");
    struct changing *changing;
    struct notice_id notice = { { { 0 } } };

    if (id.len > 0 && id_parse(id, &notice.id) != 0) {
        answer_not_found(call, "given-up notice");
        return;
    }
    changing = changing_new(call);
    if (changing == NULL)
        return;
    notice_changing(&changing->notice, NOTICE_AGAIN, 0, core_now_ms(call->core));
    changing->notice.notice = notice;
    submit(call, changing, &retrying);
}
