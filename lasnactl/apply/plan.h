/* SPDX-License-Identifier: Apache-2.0
 *
 * plan — while it is made: requests in order, and the lines that tell people of them. For the files
 * that compare alone.
 */
#ifndef LASNACTL_APPLY_PLAN_H
#define LASNACTL_APPLY_PLAN_H

#include "lasnactl/apply/apply.h"

struct comparing {
    const json_t *wanted, *found;
    bool prune;
    json_t *plan; /* owned */
    struct buf *problem;
    bool lost; /* a change did not get into the plan: out of memory */
    size_t at; /* the tenant's place in the document */
    const char *tenant;
};

/* A request; NULL: out of memory, which the end of the comparing notices. */
json_t *plan_add(struct comparing *comparing, const char *method, const char *path, json_t *body);
/* The same below the tenant's place: "/settings". */
json_t *plan_add_of_tenant(struct comparing *comparing, const char *method, const char *what,
                           json_t *body);
void plan_line(json_t *change, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "~ acme name Acme → Acme Oy", with `of` "acme name". */
void plan_difference(json_t *change, const char *of, const json_t *before, const json_t *after);
/* A value as people read it; nothing said is "-". */
void plan_show(const json_t *value, struct buf *to);
/* Whether the wanted one says another value; what it does not say does not differ. */
bool plan_differs(const json_t *wanted, const json_t *found, const char *key);

#endif
