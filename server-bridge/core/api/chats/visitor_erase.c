/* SPDX-License-Identifier: Apache-2.0
 *
 * visitor_erase — a visitor is forgotten: written in the ledger, out of the rules and the
 * browser, the rows deleted, and the database's log emptied of what they were. The answer
 * comes after all of that.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"
#include "server-bridge/core/files/files.h"
#include "server-bridge/core/survey/survey.h"

#include "storage/erase.h"
#include "storage/ledger.h"
#include "storage/visitor.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>

enum { SCRUB_AGAIN_MS = 100, SCRUB_PATIENCE_MS = 10000 };

struct erasing {
    struct erasure erasure;
    struct core *core;
    struct call *call; /* NULL: gone; it is done all the same */
    struct tenant_name tenant;
    struct event *again;
    uint64_t until_ms;
};

static void erasing_free(struct erasing *erasing)
{
    if (erasing->call != NULL)
        erasing->call->release_job = NULL;
    if (erasing->again != NULL)
        event_free(erasing->again);
    erasure_release(&erasing->erasure);
    free(erasing);
}

static void forget_call(void *job)
{
    ((struct erasing *)job)->call = NULL;
}

static void answer_erased(struct erasing *erasing, bool scrubbed)
{
    const struct erasure *erasure = &erasing->erasure;
    struct call *call = erasing->call;

    erasing->call = NULL;
    if (call == NULL)
        return;
    call->release_job = NULL;
    if (asprintf(&call->changed, "conversations=%" PRIu64 " messages=%" PRIu64,
                 erasure->conversations, erasure->messages) < 0)
        call->changed = NULL;
    answer_json(call, 200,
                json_pack("{s:o, s:I, s:I, s:b}", "id", json_id(call->values.id), "conversations",
                          (json_int_t)erasure->conversations, "messages",
                          (json_int_t)erasure->messages, "scrubbed", scrubbed));
}

/* A report that is being computed still reads the log: it is emptied after that. */
static void scrub(evutil_socket_t fd, short what, void *context)
{
    static const struct timeval soon = { 0, SCRUB_AGAIN_MS * 1000 };
    struct erasing *erasing = context;
    int rc = STORE_CALL(erasing->core->store, scrub, &erasing->tenant);

    (void)fd;
    (void)what;
    if (rc == STORE_E_BUSY && core_now_ms(erasing->core) < erasing->until_ms &&
        event_add(erasing->again, &soon) == 0)
        return;
    if (rc != OK)
        log_event(LOG_WARNING, NULL, "erase.not_scrubbed", "tenant=%s", erasing->tenant.text);
    answer_erased(erasing, rc == OK);
    erasing_free(erasing);
}

static void on_erased(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct erasing *erasing = (struct erasing *)bulk;

    if (outcome == STORE_DONE) {
        erasing->until_ms = core_now_ms(erasing->core) + SCRUB_PATIENCE_MS;
        event_active(erasing->again, EV_TIMEOUT, 0);
        return;
    }
    if (erasing->call != NULL)
        answer_problem(erasing->call, 503, "not_saved",
                       "The rows could not be deleted yet; it is noted, and done at the next start "
                       "at the latest.");
    erasing->call = NULL;
    erasing_free(erasing);
}

static void on_one_more_time(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct erasing *erasing = (struct erasing *)bulk;

    if (erasing->erasure.found > 0)
        log_event(LOG_INFO, NULL, "erase.again", "tenant=%s visitors=%" PRIu64,
                  erasing->tenant.text, erasing->erasure.found);
    on_erased(bulk, outcome);
}

static struct erasing *erasing_new(struct core *core, const struct tenant_name *tenant,
                                   const struct visitor_id *visitors, size_t count)
{
    struct erasing *erasing = calloc(1, sizeof(*erasing));

    if (erasing == NULL)
        return NULL;
    if (erasure_init(&erasing->erasure, visitors, count) == OK)
        erasing->again = evtimer_new(core->role->base, scrub, erasing);
    if (erasing->again == NULL) {
        erasing_free(erasing);
        return NULL;
    }
    erasing->erasure.bulk.done = on_erased;
    erasing->core = core;
    erasing->tenant = *tenant;
    return erasing;
}

/* Nobody speaks for or to them any more; what the rules still store finds no conversation. */
static void leave(struct live_tenant *tenant, struct visitor_id visitor)
{
    struct conversation_id open;

    sessions_end_of_visitor(tenant, visitor, 4003, "forgotten", "All of it was erased.");
    uploads_forget(tenant, visitor);
    if (tenant->chat != NULL && chat_has_conversation(tenant->chat, visitor, &open))
        tenants_handle(tenant, &(struct chat_event){ .type = CHAT_OPERATOR_END,
                                                     .conversation = open,
                                                     .reason = SLICE_LITERAL("erased") });
    tenants_handle(tenant, &(struct chat_event){ .type = CHAT_VISITOR_ERASED, .visitor = visitor });
}

/* From here on it will happen, if not now, then at the next start. */
static int enter_in_ledger(const struct live_tenant *tenant, struct visitor_id visitor)
{
    struct core *core = tenant->core;
    AUTO_MEM char *data = settings_path(core->role->settings, core->role->settings->storage_dir);

    if (data == NULL)
        return RAISE(ERR_NO_MEMORY);
    return ledger_add(data, &tenant->about.name, visitor, core_now_ms(core));
}

static int begin(struct live_tenant *tenant, struct visitor_id visitor,
                 struct erasing **ret_erasing)
{
    struct core *core = tenant->core;
    struct erasing *erasing;
    int rc;

    leave(tenant, visitor);
    erasing = erasing_new(core, &tenant->about.name, &visitor, 1);
    if (erasing == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = STORE_CALL(core->store, bulk, &tenant->about.name, &erasing->erasure.bulk);
    if (rc != OK) {
        erasing_free(erasing);
        return rc;
    }
    *ret_erasing = erasing;
    return OK;
}

static int begin_call(struct call *call, struct visitor_id visitor)
{
    struct erasing *erasing = NULL;
    int rc;

    if (!call_keep(call, "erase", NULL))
        return RAISE(ERR_NO_MEMORY);
    rc = enter_in_ledger(call->tenant, visitor);
    if (rc == OK)
        rc = begin(call->tenant, visitor, &erasing);
    if (rc != OK)
        return rc;
    erasing->call = call;
    call->job = erasing;
    call->release_job = forget_call;
    return OK;
}

static bool is_held(const struct live_tenant *tenant)
{
    AUTO(tenant_settings) settings = NULL;

    return settings_of(tenant, NULL, &settings) != OK || settings->retention_hold;
}

static void answer_held(struct call *call)
{
    answer_problem(call, 409, "legal_hold",
                   "A legal hold keeps everything here: see retention.hold.");
}

void handle_visitor_erase(struct call *call)
{
    struct visitor_id visitor = { call->values.id };
    struct visitor_record record;
    int rc = visitor_read(call->core->store, &call->tenant->about.name, visitor, &record);

    if (rc == STORE_E_NONE) {
        answer_not_found(call, "visitor");
        return;
    }
    if (rc == OK) {
        visitor_record_release(&record);
        if (is_held(call->tenant)) {
            answer_held(call);
            return;
        }
        rc = begin_call(call, visitor);
    }
    if (rc != OK)
        answer_failed(call, rc);
}

/* An order stands for its buyer, who may never have been a visitor. */
void handle_presence_buyer_erase(struct call *call)
{
    struct slice order = SLICE_NONE;
    struct buyer_known known = { .answered = false };
    int rc = FOLD(json_get_text(call->body, "id", &order));

    if (rc == OK && survey_order(call->core, &call->tenant->about, order, &call->values.id))
        rc = buyer_known(call->core->store, &call->tenant->about.name, call->values.id, &known);
    if (rc == OK && !known.answered)
        answer_not_found(call, "answer");
    else if (rc == OK && is_held(call->tenant))
        answer_held(call);
    else if (rc == OK)
        rc = begin_call(call, (struct visitor_id){ call->values.id });
    if (rc != OK)
        answer_failed(call, rc);
}

static void audit_own(const struct live_tenant *tenant, struct visitor_id visitor)
{
    char detail[3 + ID_TEXT_BYTES] = "id=";
    struct audit_entry entry = { .at_ms = core_now_ms(tenant->core),
                                 .who = SLICE_LITERAL("visitor"),
                                 .action = SLICE_LITERAL("visitor_erase"),
                                 .tenant = slice_of(tenant->about.name.text) };

    id_format(visitor.id, detail + 3);
    entry.detail = slice_of(detail);
    if (directory_audit_add(tenant->core->directory, &entry) != OK)
        log_event(LOG_ERROR, &tenant->log, "audit.unwritten", "action=visitor_erase");
}

int erase_own(struct live_tenant *tenant, struct visitor_id visitor)
{
    struct erasing *erasing = NULL;
    int rc;

    if (is_held(tenant))
        return ERASE_E_HELD;
    rc = enter_in_ledger(tenant, visitor);
    if (rc != OK)
        return TRACE(rc);
    audit_own(tenant, visitor);
    if (begin(tenant, visitor, &erasing) != OK)
        log_event(LOG_WARNING, &tenant->log, "erase.later", "");
    return OK;
}

void erase_again(struct core *core, const struct tenant_name *tenant)
{
    AUTO_MEM char *data = settings_path(core->role->settings, core->role->settings->storage_dir);
    AUTO_MEM struct visitor_id *visitors = NULL;
    struct erasing *erasing;
    size_t count = 0;
    int rc = data == NULL ? ERR_NO_MEMORY : ledger_read(data, tenant, &visitors, &count);

    if (rc == OK && count == 0)
        return;
    erasing = rc == OK ? erasing_new(core, tenant, visitors, count) : NULL;
    if (erasing != NULL) {
        erasing->erasure.bulk.done = on_one_more_time;
        if (STORE_CALL(core->store, bulk, tenant, &erasing->erasure.bulk) == OK)
            return;
        erasing_free(erasing);
    }
    log_event(LOG_ERROR, NULL, "erase.not_again", "tenant=%s", tenant->text);
}
