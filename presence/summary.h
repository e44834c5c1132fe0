/* SPDX-License-Identifier: Apache-2.0
 *
 * summary — a week or a month of a tenant's chats: how many, how soon they were answered, what came
 * of them, what they were about, what visitors thought. No codes, and no agent by name: what is
 * reported to a client ranks nobody. docs/reports.md tells every figure with its formula.
 *
 * The same rows give the same bytes, in each of its forms.
 */
#ifndef PRESENCE_SUMMARY_H
#define PRESENCE_SUMMARY_H

#include "base/buf.h"
#include "base/format/json.h"
#include "storage/store.h"

enum { SUMMARY_DAYS_MAX = 31, SUMMARY_DAY_BYTES = 32 };

struct summary_about {
    const char *tenant, *title;
    const char *period, *zone; /* "2026-10", "2026-W43"; where its days begin */
    uint64_t from_ms, to_ms;   /* chats opened in [from, to) */
    size_t days;
    char day_names[SUMMARY_DAYS_MAX][SUMMARY_DAY_BYTES];
    /* Which of its days that is, from 0, and which hour of the day. */
    size_t (*day_of)(const void *context, uint64_t wall_ms);
    int (*hour_of)(const void *context, uint64_t wall_ms);
    const void *context;
};

/* The caller owns *ret_document. STORE_E_UNAVAILABLE, ERR_*. */
int summary_read(struct store *store, const struct tenant_name *tenant,
                 const struct summary_about *about, json_t **ret_document) MUST_CHECK;
void summary_csv(const json_t *document, struct buf *to);
void summary_html(const json_t *document, struct buf *to);

#endif
