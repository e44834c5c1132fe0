/* SPDX-License-Identifier: Apache-2.0
 *
 * figures_json — figures as one JSON document: what the API answers, what the report draws. Every
 * figure stands beside its n and its 95 % interval, or says "too_few". The same figures give the
 * same bytes.
 */
#ifndef PRESENCE_FIGURES_JSON_H
#define PRESENCE_FIGURES_JSON_H

#include "base/buf.h"
#include "base/format/json.h"
#include "presence/figures/figures.h"

/* What the figures are of, for whoever reads them. */
struct figures_about {
    const char *tenant, *title;
    uint64_t since_ms, until_ms; /* 0: no bound */
    const char *zone;            /* the tenant's, by which months and days are told … */
    const char *since_day, *until_day, *first_day, *last_day; /* … as these; NULL or "": none */
    const char *stage, *language, *outcome;                   /* what was asked for; "": all */
    const char *coder, *book;                                 /* "": nothing is coded */
    bool machine;                                             /* the coder is one */
    /* 'A', 'B' or 'H', or '-' where it was never measured; NULL: not asked (people coded). */
    char (*class_of)(const void *context, const char *language, enum presence_code code);
    const void *context;
    bool by_agent; /* the tenant lets figures be told of each agent */
};

/* The caller owns it. NULL: out of memory. */
json_t *figures_json(const struct figures *figures, const struct figures_about *about);
/* Appends it as text with four to six significant digits, members in their order. */
void figures_dump(const json_t *document, struct buf *to);

#endif
