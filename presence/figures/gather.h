/* SPDX-License-Identifier: Apache-2.0
 *
 * gather — figures of a tenant's transcripts, read from its store, on whatever thread the store
 * given may be read. What the machine may not be trusted with (class H) is left out here, so
 * that no figure can hold it.
 */
#ifndef PRESENCE_GATHER_H
#define PRESENCE_GATHER_H

#include "presence/figures/figures.h"

struct gather_wish {
    uint64_t since_ms, until_ms; /* opened in [since, until); 0: no bound */
    enum figures_stage stage;    /* STAGE_ANY: all */
    const char *language;        /* "fi"; "": all */
    const char *outcome;         /* as the transcript has it; "": all */
    const char *coder;           /* whose codes; "": none */
    const char *book;            /* by which code book */
    /* Which codes of that coder may be shown for a language. NULL: all. */
    presence_codes (*shown)(const void *context, const char *language);
    const void *context;
    /* The hour of the day at the tenant's, 0 to 23. */
    int (*hour_of)(const void *zone, uint64_t wall_ms);
    /* The month there, as figures_chat has it. NULL: months are not asked for. */
    uint32_t (*month_of)(const void *zone, uint64_t wall_ms);
    const void *zone;
};

/* Adds the conversations wished for. STORE_E_UNAVAILABLE, ERR_NO_MEMORY, ERR_IO. */
int gather(struct store *store, const struct tenant_name *tenant, const struct gather_wish *wish,
           struct figures *figures) MUST_CHECK;

#endif
