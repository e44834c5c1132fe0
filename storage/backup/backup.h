/* SPDX-License-Identifier: Apache-2.0
 *
 * backup — a folder that holds an instance, or one tenant, as it was: a manifest and its pieces.
 *
 *     DIR/manifest.json                       what is here, with sizes, counts and digests
 *     DIR/lasna.db                            the directory; not in the backup of one tenant
 *     DIR/tenants/acme/transcripts.db         one for each tenant
 *     DIR/tenants/acme/files.tar              what its visitors sent
 *     DIR/tenants/acme/record.db              what the directory knows of it (record.h); only in
 * the backup of one tenant DIR/erasures                            who was erased until then
 *
 * With a key each piece is sealed (seal.h) and its name ends in ".sealed"; the manifest stays
 * plain, and a keyed digest over it ("mac") shows whether it, and so the set as a whole, is what
 * was written. A backup is made in DIR.partial and gets its name when it is complete and on disk: a
 * folder without that ending is a whole backup or none.
 *
 * Sentences for people about what went wrong go to `problem`.
 */
#ifndef STORAGE_BACKUP_BACKUP_H
#define STORAGE_BACKUP_BACKUP_H

#include "base/format/json.h"
#include "storage/backup/seal.h"
#include "storage/backup/snapshot.h"
#include "tenant/tenant.h"

#include <stdio.h>

enum {
    BACKUP_E_REFUSED = 1, /* in the way, not a backup, the wrong key …; said in `problem` */
};

struct piece {
    enum piece_kind kind;
    struct tenant_name tenant; /* empty: of the instance */
    struct snapshot_facts facts;
    uint64_t stored_bytes; /* of the file in the backup: the same, unless sealed */
    struct digest stored_sha256;
};

struct backup {
    char *dir;           /* owned; where it is, or will be */
    bool sealed, opened; /* opened: the key is there and fits */
    uint8_t salt[SEAL_SALT_BYTES];
    struct seal_key key;
    struct tenant_name tenant; /* empty: all */
    char made_at[40], made_by[32];
    json_t *left_out;     /* owned; tenants that could not be copied, each with why */
    struct piece *pieces; /* owned */
    size_t count;
};

struct backup *backup_free(struct backup *backup);
DEFINE_AUTO(backup)

/* The secret of a key file: its first line, of at least SEAL_SECRET_MIN characters, from a file
 * that only its owner may read. The caller frees it. */
int backup_secret(const char *path, char **ret_secret, struct buf *problem) MUST_CHECK;

/* "tenants/acme/transcripts.db.sealed". False: no such piece, or too long. */
bool piece_path(const struct backup *backup, const struct piece *piece, char *path, size_t size);

/* --- making one --- */

/* Makes DIR.partial; what an interrupted run left there goes. `secret` NULL: not sealed. */
int backup_begin(struct backup **ret_backup, const char *dir, const struct tenant_name *tenant,
                 const char *secret, struct buf *problem) MUST_CHECK;

/* A piece on its way: write its content to the stream, then end it. One at a time. */
struct piece_file;
int piece_begin(struct piece_file **ret_file, struct backup *backup, enum piece_kind kind,
                const struct tenant_name *tenant, struct buf *problem) MUST_CHECK;
FILE *piece_stream(struct piece_file *file);
/* On disk, and read back. `facts` says what the content must be; its own measure is taken where
 * they are NULL. */
int piece_end(struct piece_file *file, const struct snapshot_facts *facts,
              struct buf *problem) MUST_CHECK;
void piece_drop(struct piece_file *file);
/* Takes out a piece that was written: its tenant is gone. */
void backup_remove(struct backup *backup, size_t at);

/* Writes the manifest, gives the folder its name. */
int backup_finish(struct backup *backup, uint64_t now_ms, struct buf *problem) MUST_CHECK;
/* Instead: DIR.partial goes. */
void backup_abandon(const struct backup *backup);

/* --- reading one --- */

/* Reads the manifest. Without `secret` a sealed one is not `opened`. */
int backup_open(struct backup **ret_backup, const char *dir, const char *secret,
                struct buf *problem) MUST_CHECK;

/* A line in `problems` for each thing that is missing, altered or cut; where the backup is opened,
 * or not sealed, each database is looked into as well. Returns how many. */
size_t backup_check(const struct backup *backup, struct buf *problems);
const struct piece *backup_find(const struct backup *backup, enum piece_kind kind,
                                const struct tenant_name *tenant);
/* The content of a piece, proved, as a new file (mode 0600) on disk. */
int backup_extract(const struct backup *backup, const struct piece *piece, const char *to,
                   struct buf *problem) MUST_CHECK;

/* Each line of what was found, with whom it is about in front. */
void problems_tell(const char *who, const struct buf *found, struct buf *problems);
/* manifest.c: the manifest as it stands in the file; the caller owns it. */
json_t *manifest_of(const struct backup *backup);
/* Deletes a folder with all that is in it; OK too where there is none. */
int folder_remove(const char *path) MUST_CHECK;

#endif
