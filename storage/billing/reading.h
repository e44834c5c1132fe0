/* SPDX-License-Identifier: Apache-2.0
 *
 * reading — for storage alone: conversations looked at through the rules of their month.
 */
#ifndef STORAGE_BILLING_READING_H
#define STORAGE_BILLING_READING_H

#include "storage/billing/billing.h"
#include "storage/sqlite/database.h"

/* The rules that hold for a month, and what reads conversations for them. */
struct billing_reading {
    sqlite3 *db;
    uint64_t version;
    char month[PERIOD_NAME_BYTES]; /* since which they hold */
    char zone_name[ZONE_TEXT_MAX + 1], currency[4];
    struct zone zone;
    struct billing_rules *rules;
    sqlite3_stmt *head, *messages, *before;
};
/* Those of a month ("2026-10"), or of the time a conversation ended (month NULL).
 * BILLING_E_NO_RULES. billing_reading_close() it, whatever the outcome. */
int billing_reading_open(struct billing_reading *reading, sqlite3 *db, const char *month,
                         uint64_t at_ms) MUST_CHECK;
void billing_reading_close(struct billing_reading *reading);

/* A conversation's line of a statement, without its number; by its row. The caller owns it. */
int billing_line(struct billing_reading *reading, uint64_t row, json_t **ret_line) MUST_CHECK;

int billing_basis_of(sqlite3 *db, struct billing_basis *ret_basis) MUST_CHECK;

/* Before a conversation is deleted for ever: its line is kept, if its month is not closed. */
int billing_keep_erased(sqlite3 *db, struct visitor_id visitor) MUST_CHECK;
/* Before its words go: how many there were. */
int billing_keep_words(sqlite3 *db, uint64_t row) MUST_CHECK;

/* Closed statements that are not what their digest says, or do not follow the one before. */
int billing_verify(sqlite3 *db, struct buf *problems) MUST_CHECK;

#endif
