/* SPDX-License-Identifier: Apache-2.0
 *
 * work — what would keep the loop waiting: reports over years of transcripts, coding, searching.
 * It runs on a thread of its own and reads by a store_view(); what it found is handed back on
 * the loop, where it may be answered and written. docs/adr/0008-long-reading.md tells why.
 *
 * Each line waits for a thread of its own: a quick question never stands behind a long one, and
 * passwords are hashed one at a time, tenants' databases made one at a time.
 */
#ifndef SERVER_BRIDGE_CORE_WORK_H
#define SERVER_BRIDGE_CORE_WORK_H

#include "base/result.h"

#include <stdbool.h>

struct core;
struct works;

enum work_line { WORK_QUICK, WORK_LONG, WORK_PASSWORDS, WORK_TENANTS, WORK_LINES };

struct work {
    struct work *next;
    /* On the thread: touches nothing but its own. */
    void (*run)(struct work *work);
    /* On the loop, or when the core stops before; it owns itself. `ran` false: never ran. */
    void (*done)(struct work *work, bool ran);
};

int work_start(struct core *core) MUST_CHECK;
/* Waits for what runs, calls done for all that waits. */
void work_stop(struct core *core);
void work_submit(struct core *core, enum work_line line, struct work *work);

#endif
