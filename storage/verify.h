/* SPDX-License-Identifier: Apache-2.0
 *
 * verify — walks a tenant's whole database and tells what does not hold: damaged pages, places
 * missing in a conversation's count, rows that belong to no conversation, values that mean nothing.
 */
#ifndef STORAGE_VERIFY_H
#define STORAGE_VERIFY_H

#include "base/buf.h"
#include "storage/store.h"

struct tenant_keys;

struct verify_report {
    uint64_t conversations, messages;
    struct buf problems; /* a line each; empty: all holds */
};

/* May take long: for a store_view() on another thread. Damage is a problem in the report, not
 * a failure. The caller owns report->problems. */
int verify_store(struct store *store, const struct tenant_name *tenant,
                 struct verify_report *report) MUST_CHECK;

/* Adds what does not hold of its files: rows whose bytes are gone, bytes that belong to no message.
 * Only where the database lies at home, beside them. */
int verify_files(struct store *store, const struct tenant_name *tenant,
                 struct verify_report *report) MUST_CHECK;

/* Adds which of its secrets do not open with these keys. */
int verify_secrets(struct store *store, const struct tenant_name *tenant,
                   const struct tenant_keys *keys, struct verify_report *report) MUST_CHECK;

/* The pages of any database of ours alone: a line in `problems` for each that is damaged. */
struct sqlite3;
void verify_pages(struct sqlite3 *db, struct buf *problems);

#endif
