/* SPDX-License-Identifier: Apache-2.0
 *
 * files — what visitors sent beside their words. A row tells what it is and lives and dies with its
 * message; the bytes lie in <tenant>/files/<id>, written before the row and deleted after it. So
 * a row without bytes is damage, and bytes without a row are what a kill left over.
 */
#ifndef STORAGE_FILES_H
#define STORAGE_FILES_H

#include "base/buf.h"
#include "storage/store.h"

#include <sqlite3.h>

enum { FILES_PATH_BYTES = 4096 };

/* `tenants`: the store's folder. `part`: while it is still coming in. */
void files_path(char ret_path[FILES_PATH_BYTES], const char *tenants,
                const struct tenant_name *tenant, struct file_id file, bool part);
/* Makes the folder (0700) when it is missing. ERR_IO. */
int files_folder(const char *tenants, const struct tenant_name *tenant) MUST_CHECK;
/* What came in whole gets its lasting name; on disk when it returns. ERR_IO: the part stays. */
int files_keep(const char *tenants, const struct tenant_name *tenant,
               struct file_id file) MUST_CHECK;
/* Bytes that no row will ever name. */
void files_drop(const char *tenants, const struct tenant_name *tenant, struct file_id file,
                bool part);

struct stored_file {
    struct chat_file file;
    char *name; /* owned */
};
/* STORE_E_NONE */
int files_find(struct store *store, const struct tenant_name *tenant, struct file_id id,
               struct stored_file *ret_file) MUST_CHECK;

/* Those of a tenant, or of what `id` names. */
enum files_of { FILES_OF_TENANT, FILES_OF_VISITOR, FILES_OF_CONVERSATION };
struct files_wish {
    enum files_of of;
    struct id id;
    uint64_t before_ms;   /* where the page begins; 0: with the newest … */
    struct file_id after; /* … behind this one */
    size_t limit;
};
struct listed_file {
    struct chat_file file;
    struct slice name; /* lives until the next */
    struct visitor_id visitor;
    struct conversation_id conversation;
    uint64_t seq, at_ms;
};
/* Anything but 0 stops it, and is returned. */
typedef int files_fn(void *context, const struct listed_file *file);
/* Newest first. */
int files_list(struct store *store, const struct tenant_name *tenant, const struct files_wish *wish,
               files_fn *fn, void *context) MUST_CHECK;
/* Up to `max` of its bytes, from `at` on; nothing stays open, so what is erased meanwhile ends
 * where it stands. ERR_IO: they are gone. */
int files_read(const char *tenants, const struct tenant_name *tenant, struct file_id file,
               uint64_t at, char *to, size_t max, size_t *ret_len) MUST_CHECK;

struct files_usage {
    uint64_t visitor_count, visitor_bytes; /* since then */
    uint64_t bytes;                        /* of the whole tenant */
};
int files_count(struct store *store, const struct tenant_name *tenant, struct visitor_id visitor,
                uint64_t since_ms, struct files_usage *ret_usage) MUST_CHECK;

/* The folder's entries are on disk. */
int folder_sync(const char *path) MUST_CHECK;

/* --- for store_sqlite.c and verify.c: `folder` is the tenant's own --- */

/* Where a tenant's files lie: beside its database. */
void files_beside(char ret_folder[FILES_PATH_BYTES], const char *database);
/* Deletes the bytes of rows that are gone. What cannot be deleted now is tried again. */
int files_scrub(sqlite3 *db, const char *folder) MUST_CHECK;
/* The same, and what a kill left over: for when nobody sends anything. */
int files_sweep(sqlite3 *db, const char *folder) MUST_CHECK;
/* What does not hold, a line each. */
void files_verify(sqlite3 *db, struct buf *problems);

#endif
