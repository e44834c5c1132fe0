/* SPDX-License-Identifier: Apache-2.0
 *
 * buyers — answers of buyers to a survey, those who chatted and those who did not: what the effect
 * study rests on. Without words and without names: of the order there is a keyed hash. A person
 * known to the site by a subject, or whose order the widget told of, is forgotten with the visitor;
 * any answer by its order (storage/erase.h); and in time whose it was (storage/retention.h).
 */
#ifndef STORAGE_BUYERS_H
#define STORAGE_BUYERS_H

#include "storage/store.h"

enum { BUYER_UNTOLD = -1, ORDERS_A_DAY = 10 };

/* How the answer came. What is surer takes the place of what is less sure. */
enum buyer_told {
    BUYER_BY_WIDGET, /* a browser told of the order: nobody vouches for it */
    BUYER_BY_LINK,   /* the site had the link made */
    BUYER_IMPORTED,  /* always the latest counts */
};

struct buyer {
    struct id id; /* of the order: a keyed hash of the site's own */
    enum buyer_told told;
    struct slice subject, currency;
    struct slice source; /* how they heard of the site: a word of a short list */
    uint64_t at_ms;
    bool chatted;
    int bought, solved, anyway; /* 0, 1 or BUYER_UNTOLD; anyway: without the chat, too */
    int recommend, trust, again, satisfied, effort; /* or BUYER_UNTOLD */
    int64_t cents;                                  /* of the order; or BUYER_UNTOLD */
};

struct buyers_bulk {
    struct store_bulk bulk; /* .apply by buyers_bulk_init(), .done by the caller */
    struct buyer *buyers;   /* owned; their texts are not */
    size_t count;
    size_t added; /* set when stored: of orders nobody had answered for … */
    size_t kept;  /* … and those whose answer was left as it stood */
};
void buyers_bulk_init(struct buyers_bulk *bulk);

/* A visitor's widget tells of their order; who told of it first has it, unless it is answered for
 * already. More than ORDERS_A_DAY of one visitor are not believed, and left out. */
struct order_bulk {
    struct store_bulk bulk; /* .apply by order_bulk_init(), .done by the caller */
    struct id order;
    struct visitor_id visitor;
    uint64_t at_ms;
};
void order_bulk_init(struct order_bulk *bulk, struct id order, struct visitor_id visitor,
                     uint64_t at_ms);

typedef int buyer_fn(void *context, const struct buyer *buyer);
/* Those of [since, until), in order of id; 0: no bound. */
int buyers_read(struct store *store, const struct tenant_name *tenant, uint64_t since_ms,
                uint64_t until_ms, buyer_fn *fn, void *context);
/* Those of a visitor: of their orders, or under their subject. */
int buyers_of_visitor(struct store *store, const struct tenant_name *tenant,
                      struct visitor_id visitor, buyer_fn *fn, void *context);

/* What is known of an order before its buyer is asked. */
struct buyer_known {
    bool answered;
    enum buyer_told told; /* … how */
    bool chatted;         /* a widget told of the order, and its visitor has chatted */
};
int buyer_known(struct store *store, const struct tenant_name *tenant, struct id order,
                struct buyer_known *ret_known) MUST_CHECK;

#endif
