/* SPDX-License-Identifier: Apache-2.0
 *
 * Hooks told in order, one notice at a time each.
 *
 * A notice that was not taken is tried again after a pause that grows from seconds to an hour, by
 * chance a little longer or shorter, so that many do not come back at once. The pause is the
 * hook's: what stands behind that notice waits too, or it would overtake it. A day after it came
 * up it is given up, as it is at once where the other side says that no other try will help; it
 * stays among the dead for a month, to be looked at and tried again.
 */
#include "server-bridge/core/outward/outward.h"

#include "base/secret/random.h"
#include "storage/directory/tenant_keys.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { AWAY_MS = 1000, UNSTORED_MS = 5000, SWEEP_S = 3600 };
static const uint64_t give_up_ms = 24 * 3600 * 1000ULL, dead_kept_ms = 30 * 24 * 3600 * 1000ULL;

/* A notice on its way, and then what became of it on its way to storage. */
struct telling {
    struct notice_change change; /* first: the bulk leads here */
    struct core *core;
    struct tenant_name tenant; /* tenant and hook are found again: they may be gone by then */
    struct hook_id hook;
    uint64_t serial;
    struct notice_id notice;
    uint64_t since_ms;
    struct buf body;
    char *address; /* owned; of a mail */
};

static void telling_free(struct telling *telling)
{
    buf_release(&telling->body);
    free(telling->address);
    free(telling);
}

/* It is on its way no more: there is room for another. */
static void let_go(struct telling *telling)
{
    struct outward *outward = telling->core->outward;

    if (outward != NULL) { /* NULL: we are stopping */
        outward->telling--;
        if (outward->ready != NULL)
            event_active(outward->pump, EV_TIMEOUT, 0);
    }
    telling_free(telling);
}

struct hook *hook_find(const struct live_tenant *tenant, struct hook_id id)
{
    struct hook *hook = tenant->hooks;

    while (hook != NULL && !hook_id_equal(hook->id, id))
        hook = hook->next;
    return hook;
}

static struct hook *hook_of(const struct telling *telling)
{
    const struct live_tenant *tenant = tenants_find(telling->core, slice_of(telling->tenant.text));
    struct hook *hook = tenant == NULL ? NULL : hook_find(tenant, telling->hook);

    return hook != NULL && hook->serial == telling->serial ? hook : NULL;
}

/* --- in line --- */

static void enqueue(struct hook *hook)
{
    struct outward *outward = hook->tenant->core->outward;

    hook->state = HOOK_READY;
    (void)event_del(hook->pause);
    DL_APPEND2(outward->ready, hook, prev_ready, next_ready);
    event_active(outward->pump, EV_TIMEOUT, 0);
}

static void pause_for(struct hook *hook, uint64_t ms)
{
    const struct timeval wait = { .tv_sec = (time_t)(ms / 1000),
                                  .tv_usec = (suseconds_t)(ms % 1000 * 1000) };

    hook->state = HOOK_PAUSED;
    hook->paused_until_ms = core_now_ms(hook->tenant->core) + ms;
    (void)event_add(hook->pause, &wait);
}

static void on_pause_over(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    enqueue(context);
}

void hook_poke(struct hook *hook, bool now)
{
    if (hook->state == HOOK_IDLE || (now && hook->state == HOOK_PAUSED))
        enqueue(hook);
}

/* After so many failures in a row; ±20 %. */
static uint64_t pause_ms(unsigned failures)
{
    static const uint64_t steps_s[] = { 2, 10, 30, 120, 600, 1800, 3600 };
    size_t last = sizeof(steps_s) / sizeof(steps_s[0]) - 1;
    uint64_t ms = steps_s[failures - 1 < last ? failures - 1 : last] * 1000;
    uint32_t chance;

    random_bytes(&chance, sizeof(chance));
    return ms * 4 / 5 + chance % (ms * 2 / 5);
}

/* --- what became of it --- */

static void on_settled(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct telling *telling = (struct telling *)bulk;
    struct hook *hook = hook_of(telling);

    if (hook != NULL && telling->change.fate == NOTICE_LATER && hook->round_row == 0)
        hook->round_row = telling->change.row;
    if (hook != NULL && outcome == STORE_DONE)
        enqueue(hook); /* there may be more */
    else if (hook != NULL)
        pause_for(hook, UNSTORED_MS);
    let_go(telling);
}

/* Takes the telling over. Not stored: it is told again, which its id shows. */
static void settle(struct telling *telling, enum notice_fate fate, uint64_t tries,
                   const char *error)
{
    notice_changing(&telling->change, fate, telling->change.row, core_now_ms(telling->core));
    telling->change.tries = tries;
    (void)snprintf(telling->change.error, sizeof(telling->change.error), "%s", error);
    telling->change.bulk.done = on_settled;
    if (STORE_CALL(telling->core->store, bulk, &telling->tenant, &telling->change.bulk) != OK)
        on_settled(&telling->change.bulk, STORE_FAILED);
}

static bool is_final(const struct hook *hook, const struct ipc_fetch_answer *answer)
{
    static const unsigned refused[] = { 400, 410, 413, 415, 422 };

    if (hook->mails)
        return answer->outcome == FETCH_DONE && answer->status >= 500;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (answer->outcome == FETCH_DONE && answer->status == refused[i])
            return true;
    }
    return answer->outcome == FETCH_REFUSED_URL;
}

static void describe(const struct ipc_fetch_answer *answer, char error[HOOK_ERROR_BYTES])
{
    bool elsewhere = answer->status >= 300 && answer->status < 400;

    if (answer->outcome != FETCH_DONE)
        (void)snprintf(error, HOOK_ERROR_BYTES, "%s",
                       fetch_outcome_text((enum fetch_outcome)answer->outcome));
    else
        (void)snprintf(error, HOOK_ERROR_BYTES, "it answered %" PRIu64 "%s", answer->status,
                       elsewhere ? ": redirects are not followed" : "");
}

bool hook_took(const struct ipc_fetch_answer *answer, char error[HOOK_ERROR_BYTES])
{
    bool took = answer->outcome == FETCH_DONE && answer->status >= 200 && answer->status < 300;

    error[0] = '\0';
    if (!took)
        describe(answer, error);
    return took;
}

static void on_refused(struct hook *hook, struct telling *telling,
                       const struct ipc_fetch_answer *answer)
{
    uint64_t now_ms = core_now_ms(telling->core);

    hook->failures++;
    log_event(LOG_INFO, &hook->tenant->log, "hook.refused", "failures=%u why=\"%s\"",
              hook->failures, hook->error);
    if (is_final(hook, answer) || now_ms - telling->since_ms > give_up_ms) {
        log_event(LOG_WARNING, &hook->tenant->log, "notice.dead", "why=\"%s\"", hook->error);
        settle(telling, NOTICE_DEAD, hook->failures, hook->error);
        return;
    }
    if (hook->mails && answer->outcome == FETCH_DONE) { /* it is this address, not the server */
        settle(telling, NOTICE_LATER, 0, "");
        return;
    }
    pause_for(hook, pause_ms(hook->failures));
    let_go(telling);
}

static void on_answer(void *context, const struct ipc_fetch_answer *answer)
{
    struct telling *telling = context;
    struct hook *hook = hook_of(telling);
    char error[HOOK_ERROR_BYTES];
    bool took = hook_took(answer, error);

    if (hook == NULL) { /* taken away, or the tenant is shut: its notices went, or wait */
        let_go(telling);
        return;
    }
    memcpy(hook->error, error, sizeof(error));
    if (took) {
        hook->failures = 0;
        hook->told_ms = core_now_ms(telling->core);
        settle(telling, NOTICE_TOLD, 0, "");
    } else if (answer->outcome == FETCH_LOST || answer->outcome == FETCH_BUSY) {
        pause_for(hook, AWAY_MS); /* our own fault: it does not count */
        let_go(telling);
    } else {
        on_refused(hook, telling, answer);
    }
}

/* --- telling --- */

/* A notice while its body is put together: what it is about, then what was said. */
struct composing {
    struct telling *telling;
    const struct hook *hook;
    struct conversation_id conversation;
    struct letter letter;
};

static int take_notice(void *context, const struct notice *notice)
{
    struct composing *composing = context;
    struct telling *telling = composing->telling;
    const struct hook *hook = composing->hook;

    telling->change.row = notice->row;
    telling->notice = notice->notice;
    telling->since_ms = notice->since_ms;
    composing->conversation = notice->about.conversation;
    if (!hook->mails) {
        notice_compose(notice, telling->tenant.text, hook->texts, &telling->body);
        return 0;
    }
    letter_open(&composing->letter, notice, hook->tenant->about.title, hook->texts);
    telling->address =
        slice_dup(hook->row == 0 ? notice->address : hook_address(slice_of(hook->url)));
    return telling->address == NULL ? RAISE(ERR_NO_MEMORY) : 0;
}

static int take_message(void *context, const struct stored_message *message)
{
    struct composing *composing = context;

    return letter_add_message(&composing->letter, message) ? 0 : 1;
}

/* By the one who answered last, if they have a signature of their own here. */
static void sign(struct composing *composing)
{
    const struct live_tenant *tenant = composing->hook->tenant;
    const struct membership *member = tenants_member(tenant, buf_slice(&composing->letter.sender));
    AUTO(tenant_settings) settings = NULL;
    const char *signature;
    char key[32];

    if (member != NULL && member->signature[0] != '\0') {
        letter_sign(&composing->letter, member->signature, tenant->about.title);
        return;
    }

    if (settings_of(tenant, NULL, &settings) != OK)
        return; /* a copy without one is better than none */
    (void)snprintf(key, sizeof(key), "desk.signature:%s", letter_language(&composing->letter));
    signature = tenant_settings_get(settings, key);
    letter_sign(&composing->letter, signature == NULL ? settings->desk_signature : signature,
                tenant->about.title);
}

/* The letter around what take_notice() has begun. */
static int finish_letter(struct composing *composing)
{
    struct telling *telling = composing->telling;
    struct core *core = telling->core;
    const struct envelope envelope = { .from = core->role->settings->mail_from,
                                       .title = composing->hook->tenant->about.title,
                                       .to = telling->address,
                                       .notice = telling->notice,
                                       .now_ms = core_now_ms(core) };
    int rc = OK;

    if (composing->letter.with_messages)
        rc = STORE_CALL(core->store, messages, &telling->tenant, composing->conversation, 0,
                        SIZE_MAX, take_message, composing);
    sign(composing);
    letter_close(&composing->letter, &envelope, &telling->body);
    return rc > 0 ? OK : rc; /* 1: the letter is full */
}

/* STORE_E_NONE: there is nothing to tell. */
static int compose(struct hook *hook, struct telling *telling)
{
    struct composing composing = { .telling = telling, .hook = hook };
    int rc;

    letter_init(&composing.letter);
    rc = notice_next(telling->core->store, &telling->tenant, hook->row, take_notice, &composing);
    if (rc == OK && hook->mails)
        rc = finish_letter(&composing);
    letter_release(&composing.letter);
    if (rc == OK && (telling->body.len == 0 || buf_failed(&telling->body)))
        rc = RAISE(ERR_LIMIT);
    return rc;
}

static void tell(struct hook *hook, struct telling *telling)
{
    uint64_t now_ms = core_now_ms(telling->core);
    AUTO_BUF headers;

    buf_init(&headers, 4096);
    hook->state = HOOK_TELLING;
    telling->core->outward->telling++;
    if (hook->mails) {
        ask_mail(telling->core, telling->address, buf_slice(&telling->body), on_answer, telling);
        return;
    }
    notice_sign(telling->notice, now_ms, hook->secret, hook_old_secret(hook, now_ms),
                buf_slice(&telling->body), &headers);
    ask_outside(telling->core,
                &(struct ipc_fetch_request){ .url = slice_of(hook->url),
                                             .headers = buf_slice(&headers),
                                             .body = buf_slice(&telling->body),
                                             .answer_max = OUTWARD_ANSWER_MAX },
                on_answer, telling);
}

/* Mails that were put off are tried again when all others had their turn, and after a pause. */
static bool is_round_over(struct hook *hook, const struct telling *telling)
{
    if (hook->round_row == 0 || telling->change.row < hook->round_row)
        return false;
    hook->round_row = 0;
    pause_for(hook, pause_ms(++hook->rounds));
    return true;
}

/* For people; NULL: nothing is in the way. */
static const char *cannot_tell(const struct hook *hook)
{
    if (hook->mails)
        return mail_is_on(hook->tenant->core) ? NULL : "mail is not set up here";
    return hook->secret[0] != '\0'
               ? NULL
               : "its secret does not open: `lasnactl webhook rotate` gives it another";
}

static void begin(struct hook *hook)
{
    struct core *core = hook->tenant->core;
    struct telling *telling = calloc(1, sizeof(*telling));
    int rc = ERR_NO_MEMORY;

    hook->state = HOOK_IDLE;
    if (telling != NULL) {
        telling->core = core;
        telling->tenant = hook->tenant->about.name;
        telling->hook = hook->id;
        telling->serial = hook->serial;
        buf_init(&telling->body, IPC_BODY_MAX);
        rc = compose(hook, telling);
    }
    if (rc == OK && cannot_tell(hook) != NULL) {
        hook->failures++;
        (void)snprintf(hook->error, sizeof(hook->error), "%s", cannot_tell(hook));
        rc = STORE_E_UNAVAILABLE;
    }
    if (rc == STORE_E_NONE)
        hook->round_row = hook->rounds = 0;
    if (rc == OK && !is_round_over(hook, telling)) {
        tell(hook, telling);
        return;
    }
    if (rc != OK && rc != STORE_E_NONE)
        pause_for(hook, UNSTORED_MS);
    if (telling != NULL)
        telling_free(telling);
}

static void on_pump(evutil_socket_t fd, short what, void *context)
{
    struct outward *outward = context;

    (void)fd;
    (void)what;
    while (outward->ready != NULL && outward->telling < OUTWARD_AT_ONCE) {
        struct hook *hook = outward->ready;

        DL_DELETE2(outward->ready, hook, prev_ready, next_ready);
        begin(hook);
    }
}

/* --- coming and going --- */

static void forget_secret(char *secret)
{
    explicit_bzero(secret, strlen(secret));
    free(secret);
}

bool hook_rotated(struct hook *hook, struct slice secret, uint64_t old_until_ms)
{
    char *fresh = slice_dup(secret);

    if (fresh == NULL)
        return false;
    forget_secret(hook->old_secret);
    hook->old_secret = hook->secret;
    hook->old_until_ms = old_until_ms;
    hook->secret = fresh;
    return true;
}

const char *hook_old_secret(const struct hook *hook, uint64_t now_ms)
{
    return now_ms < hook->old_until_ms ? hook->old_secret : "";
}

struct hook *hook_begin(struct live_tenant *tenant, const struct stored_hook *stored)
{
    struct hook *hook = calloc(1, sizeof(*hook));

    if (hook != NULL) {
        hook->pause = evtimer_new(tenant->core->role->base, on_pause_over, hook);
        hook->url = slice_dup(stored->url);
        hook->secret = slice_dup(stored->secret);
        hook->old_secret = slice_dup(stored->old_secret);
    }
    if (hook == NULL || hook->pause == NULL || hook->url == NULL || hook->secret == NULL ||
        hook->old_secret == NULL) {
        log_event(LOG_ERROR, &tenant->log, "core.no_memory", "");
        if (hook != NULL && hook->pause != NULL)
            event_free(hook->pause);
        if (hook != NULL) {
            free(hook->url);
            free(hook->secret);
            free(hook->old_secret);
        }
        free(hook);
        return NULL;
    }
    hook->tenant = tenant;
    hook->serial = ++tenant->core->outward->last_serial;
    hook->id = stored->hook;
    hook->row = stored->row;
    hook->events = stored->events;
    hook->texts = stored->texts;
    hook->old_until_ms = stored->old_until_ms;
    hook->mails = slice_starts_with(stored->url, "mailto:");
    hook->created_ms = stored->created_ms;
    LL_APPEND(tenant->hooks, hook);
    enqueue(hook);
    return hook;
}

void hook_end(struct hook *hook)
{
    struct outward *outward = hook->tenant->core->outward;

    if (hook->state == HOOK_READY)
        DL_DELETE2(outward->ready, hook, prev_ready, next_ready);
    LL_DELETE(hook->tenant->hooks, hook);
    event_free(hook->pause);
    forget_secret(hook->secret);
    forget_secret(hook->old_secret);
    free(hook->url);
    free(hook);
}

static int load(void *context, const struct stored_hook *stored)
{
    return hook_begin(context, stored) != NULL ? 0 : RAISE(ERR_NO_MEMORY);
}

static int open_all(struct live_tenant *tenant)
{
    struct core *core = tenant->core;
    struct tenant_keys keys;
    int rc = directory_keys_get(core->directory, &tenant->about.name, &keys);

    if (rc == OK)
        rc = hooks_read(core->store, &tenant->about.name, &keys, load, tenant);
    if (rc == OK)
        keys_settle(tenant, &keys);
    tenant_keys_wipe(&keys);
    return FOLD(rc);
}

int hooks_open(struct live_tenant *tenant)
{
    /* Mails to visitors stand in line at a hook of nobody's. */
    const struct stored_hook copies = { .url = SLICE_LITERAL("mailto:") };
    int rc = open_all(tenant);

    return rc == OK ? load(tenant, &copies) : rc;
}

void hooks_close(struct live_tenant *tenant)
{
    while (tenant->hooks != NULL)
        hook_end(tenant->hooks);
}

/* What may have made notices; the triggers of the database know for sure. */
static unsigned news_of(const struct chat_write *write)
{
    switch (write->kind) {
    case WRITE_MESSAGE:
        return 1U << HOOK_MESSAGE | (write->opens ? 1U << HOOK_STARTED : 0) |
               (write->event.len > 0 ? 1U << HOOK_CALLBACK | 1U << HOOK_OFFLINE : 0);
    case WRITE_END:
        return 1U << HOOK_ENDED;
    case WRITE_SURVEY:
        return 1U << HOOK_SURVEY;
    case WRITE_EVENT:
        return 1U << HOOK_CALLBACK;
    default:
        return 0;
    }
}

void hooks_written(struct live_tenant *tenant, const struct chat_write *write)
{
    for (struct hook *hook = tenant->hooks; hook != NULL; hook = hook->next) {
        if ((news_of(write) & hook->events) != 0)
            hook_poke(hook, false);
    }
}

void hooks_mail_ordered(struct live_tenant *tenant)
{
    struct hook *copies = hook_find(tenant, (struct hook_id){ { { 0 } } });

    if (copies != NULL)
        hook_poke(copies, false);
}

/* --- the dead --- */

static void on_swept(struct store_bulk *bulk, enum store_outcome outcome)
{
    (void)outcome;
    free(bulk);
}

static void sweep(struct live_tenant *tenant, uint64_t now_ms)
{
    struct notice_change *change = calloc(1, sizeof(*change));

    if (change == NULL)
        return;
    notice_changing(change, NOTICE_SWEEP, 0, now_ms - dead_kept_ms);
    change->bulk.done = on_swept;
    if (STORE_CALL(tenant->core->store, bulk, &tenant->about.name, &change->bulk) != OK)
        free(change);
}

static void on_hour(evutil_socket_t fd, short what, void *context)
{
    struct outward *outward = context;
    struct live_tenant *tenant;

    (void)fd;
    (void)what;
    for (tenant = outward->core->tenants; tenant != NULL; tenant = tenant->hh.next) {
        if (tenant->hooks != NULL)
            sweep(tenant, core_now_ms(outward->core));
    }
}

int hooks_start(struct core *core)
{
    static const struct timeval hour = { .tv_sec = SWEEP_S };
    struct outward *outward = core->outward;

    outward->pump = event_new(core->role->base, -1, 0, on_pump, outward);
    outward->hourly = event_new(core->role->base, -1, EV_PERSIST, on_hour, outward);
    if (outward->pump == NULL || outward->hourly == NULL || event_add(outward->hourly, &hour) != 0)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

void hooks_stop(struct core *core)
{
    if (core->outward->pump != NULL)
        event_free(core->outward->pump);
    if (core->outward->hourly != NULL)
        event_free(core->outward->hourly);
}
