/* SPDX-License-Identifier: Apache-2.0
 *
 * billing — a tenant's rules of what is billable, its statements, and disputes about them.
 *
 * A conversation belongs to the month it ended in, so a month that is over changes no more. Until
 * it is closed, its statement is a draft: computed anew from what is stored, by the rules of that
 * month; the same rows give the same bytes. Closing keeps the bytes. What is taken back later
 * stands as a credit on the next statement.
 *
 *     versions.c    which rules hold when
 *     facts.c       what the rules ask of one conversation, and which one decides
 *     statement.c   a month's lines, credits and sums
 *     change.c      new rules, closing, disputing, deciding
 *     kept.c        what is left of conversations whose words go
 */
#ifndef STORAGE_BILLING_BILLING_H
#define STORAGE_BILLING_BILLING_H

#include "base/buf.h"
#include "base/format/json.h"
#include "storage/store.h"
#include "tenant/billing/rules.h"
#include "tenant/period.h"

enum {
    BILLING_E_NO_RULES = 16, /* none hold for that month */
    BILLING_E_NO_MONTH,      /* it is none */
};

/* --- rules --- */

struct billing_version {
    uint64_t version, made_ms;
    struct slice month, zone, currency, rules, made_by;
};
typedef int billing_version_fn(void *context, const struct billing_version *version);
/* Newest first. */
int billing_versions(struct store *store, const struct tenant_name *tenant, billing_version_fn *fn,
                     void *context);

/* --- statements --- */

/* What a draft rests on beside conversations: were it another when the draft is to be closed, the
 * draft would be another one, too. */
struct billing_basis {
    uint64_t versions, accepted;
    uint64_t touched;             /* the last change to a conversation that had ended */
    char last[PERIOD_NAME_BYTES]; /* the month closed last; "": none */
    char next[PERIOD_NAME_BYTES]; /* the one that may be closed next; "": any */
    struct digest last_digest;
};

struct billing_statement {
    bool closed;
    struct digest digest; /* of what is closed */
    json_t *document;     /* owned */
    struct buf bytes;     /* owned; what is closed, as it was */
    struct period period; /* of a draft: from_ms is where the statement before ended */
    struct billing_basis basis;
};
/* That month's, closed or a draft; `title` is what people call the tenant. BILLING_E_NO_RULES,
 * BILLING_E_NO_MONTH. billing_statement_release() it, whatever the outcome. */
int billing_statement_read(struct store *store, const struct tenant_name *tenant, const char *title,
                           struct slice month, struct billing_statement *ret_statement);
void billing_statement_release(struct billing_statement *statement);

struct billing_closed {
    struct slice month, closed_by, totals; /* totals: JSON */
    uint64_t closed_ms;
    struct digest digest;
};
typedef int billing_closed_fn(void *context, const struct billing_closed *closed);
/* Newest first. */
int billing_closed_list(struct store *store, const struct tenant_name *tenant,
                        billing_closed_fn *fn, void *context);
/* What may be closed next, and what lies closed. */
int billing_basis_read(struct store *store, const struct tenant_name *tenant,
                       struct billing_basis *ret_basis);

/* --- disputes --- */

enum dispute_state { DISPUTE_OPEN, DISPUTE_ACCEPTED, DISPUTE_REJECTED, DISPUTE_STATE_COUNT };
const char *dispute_state_name(enum dispute_state state);

struct billing_dispute {
    uint64_t number, line, made_ms, decided_ms;
    int64_t amount;
    enum dispute_state state;
    struct id conversation;
    struct slice month, reason, made_by, answer, decided_by, credited;
};
typedef int billing_dispute_fn(void *context, const struct billing_dispute *dispute);
/* Newest first. */
int billing_disputes(struct store *store, const struct tenant_name *tenant, billing_dispute_fn *fn,
                     void *context);

/* --- changes --- */

enum billing_refusal {
    BILLING_DONE,
    BILLING_MONTH_CLOSED,   /* rules from a month that is closed */
    BILLING_OTHER_CURRENCY, /* than that of what is closed */
    BILLING_NOT_NEXT,       /* another month must be closed first, or is closed already */
    BILLING_CHANGED,        /* since the draft was read */
    BILLING_NO_LINE,        /* no such closed statement, or no such line */
    BILLING_NOT_BILLED,     /* that line costs nothing */
    BILLING_DISPUTED,       /* already */
    BILLING_NO_DISPUTE,
    BILLING_DECIDED, /* already */
};

/* One change, refused or made whole. Texts are borrowed until it is done. */
struct billing_change {
    struct store_bulk bulk; /* .apply by one of the below, .done by the caller */
    enum billing_refusal refusal;
    uint64_t number; /* of the version, or the dispute, that was made or decided */
    struct slice who;
    uint64_t at_ms;
    struct slice month, zone, currency, text; /* text: rules, reason, answer, document */
    uint64_t line;
    bool accept;
    struct period period;
    struct digest digest;
    struct billing_basis basis;
};
/* month, zone, currency; text: the rules */
void billing_rules_change(struct billing_change *change);
/* month, period, basis as the draft has them; text: the document */
void billing_close_change(struct billing_change *change);
/* month, line; text: the reason */
void billing_dispute_change(struct billing_change *change);
/* number, accept; text: the answer */
void billing_decide_change(struct billing_change *change);

/* A draft as it is closed: the same document, and who closed it when. The caller owns the bytes;
 * NULL: out of memory. */
char *billing_closed_document(const struct billing_statement *draft, uint64_t at_ms,
                              const char *who);

#endif
