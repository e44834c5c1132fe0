/* SPDX-License-Identifier: Apache-2.0
 *
 * snapshot — one database as it is at one moment, copied whole while others write to it, and looked
 * at: pages, counts, chains, digest. What a backup is made of, and what is looked at again before
 * one is put back.
 */
#ifndef STORAGE_BACKUP_SNAPSHOT_H
#define STORAGE_BACKUP_SNAPSHOT_H

#include "base/buf.h"
#include "base/result.h"
#include "base/secret/digest.h"

#include <stdatomic.h>

enum piece_kind {
    PIECE_DIRECTORY,
    PIECE_TRANSCRIPTS,
    PIECE_FILES,
    PIECE_ERASURES,
    PIECE_RECORD,
    PIECE_KIND_COUNT
};

struct snapshot_facts {
    uint64_t bytes;
    struct digest sha256;
    uint64_t schema;                  /* how many migrations it has seen */
    uint64_t conversations, messages; /* of transcripts */
    uint64_t files;                   /* of what visitors sent */
};

enum { SNAPSHOT_E_STOPPED = 1, SNAPSHOT_E_NO_SPACE, SNAPSHOT_E_UNREADABLE };

/* Copies the database `from` into the new file `to` (mode 0600). Reads one moment and stands in no
 * writer's way; the writer's log only grows meanwhile. May take long. `stop` set by another thread
 * ends it with SNAPSHOT_E_STOPPED. Whatever fails, `to` is gone. */
int snapshot_take(const char *from, const char *to, atomic_bool *stop) MUST_CHECK;

/* Looks at a file nobody writes to. What does not hold is a line each in `problems`; ERR_IO only
 * when the file cannot be read at all. */
int snapshot_look(enum piece_kind kind, const char *path, struct snapshot_facts *ret_facts,
                  struct buf *problems) MUST_CHECK;

/* Size and digest alone. */
int snapshot_measure(const char *path, uint64_t *ret_bytes, struct digest *ret_sha256) MUST_CHECK;

#endif
