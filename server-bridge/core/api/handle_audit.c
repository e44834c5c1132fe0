/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit, newest first: of the instance, or of one tenant.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include <inttypes.h>
#include <stdio.h>

struct audit_page {
    json_t *items;
    uint64_t last;
    bool everywhere; /* whoever asks sees all tenants */
};

/* What was done to a user within a tenant, without the others they see: `tenants="acme borealis"`.
 */
static void add_of_one_tenant(struct slice detail, struct buf *to)
{
    static const char key[] = " tenants=\"";
    const char *from = memmem(detail.data, detail.len, key, strlen(key));
    const char *end = detail.data + detail.len;
    const char *rest =
        from == NULL ? NULL : memchr(from + strlen(key), '"', (size_t)(end - from) - strlen(key));

    buf_add(to, detail.data, rest == NULL ? detail.len : (size_t)(from - detail.data));
    if (rest != NULL)
        buf_add(to, rest + 1, (size_t)(end - rest) - 1);
}

static int list_entry(void *context, const struct audit_entry *entry)
{
    struct audit_page *page = context;
    struct slice detail = entry->detail;
    json_t *view;
    AUTO_BUF own;

    buf_init(&own, entry->detail.len);
    if (!page->everywhere && slice_starts_with(entry->action, "tenant_user_")) {
        add_of_one_tenant(entry->detail, &own);
        detail = buf_slice(&own);
    }
    view =
        json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "number", (json_int_t)entry->number, "at",
                  json_time_or_null(entry->at_ms), "who", json_text_or_null(entry->who), "action",
                  json_text_or_null(entry->action), "tenant", json_text_or_null(entry->tenant),
                  "detail", json_text_or_null(detail), "hash", json_text_or_null(entry->hash));
    page->last = entry->number;
    return json_array_append_new(page->items, view) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

static void answer_audit(struct call *call, struct slice tenant, uint64_t since_ms)
{
    struct audit_page page = { .items = json_array(), .everywhere = call->caller.everywhere };
    uint64_t before;
    size_t limit;
    struct slice cursor;
    char next[24] = "";
    int rc;

    if (!page_read(call, &limit, &cursor) || !page_number(call, cursor, &before)) {
        json_decref(page.items);
        return;
    }
    rc = directory_audit(call->core->directory, tenant, since_ms, before, limit, list_entry, &page);
    if (rc != OK) {
        json_decref(page.items);
        answer_failed(call, rc);
        return;
    }
    if (json_array_size(page.items) == limit && page.last > 1)
        (void)snprintf(next, sizeof(next), "%" PRIu64, page.last);
    answer_page(call, page.items, next);
}

void handle_audit_list(struct call *call)
{
    answer_audit(call, SLICE_NONE, 0);
}

void handle_tenant_audit_list(struct call *call)
{
    answer_audit(call, slice_of(call->tenant->about.name.text), call->tenant->about.created_ms);
}
