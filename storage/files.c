/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/files.h"

#include "base/log.h"
#include "storage/sqlite/store_sqlite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PART ".part"
enum { SETTLED_S = 3600 /* what is younger may be on its way to its row */ };

static void folder_of(char path[FILES_PATH_BYTES], const char *tenants,
                      const struct tenant_name *tenant)
{
    (void)snprintf(path, FILES_PATH_BYTES, "%s/%s/files", tenants, tenant->text);
}

void files_path(char ret_path[FILES_PATH_BYTES], const char *tenants,
                const struct tenant_name *tenant, struct file_id file, bool part)
{
    char name[ID_TEXT_BYTES];

    id_format(file.id, name);
    (void)snprintf(ret_path, FILES_PATH_BYTES, "%s/%s/files/%s%s", tenants, tenant->text, name,
                   part ? PART : "");
}

void files_beside(char ret_folder[FILES_PATH_BYTES], const char *database)
{
    const char *slash = strrchr(database, '/');
    int len = slash == NULL ? 0 : (int)(slash - database) + 1;

    (void)snprintf(ret_folder, FILES_PATH_BYTES, "%.*sfiles", len, database);
}

int files_folder(const char *tenants, const struct tenant_name *tenant)
{
    char path[FILES_PATH_BYTES];

    folder_of(path, tenants, tenant);
    return mkdir(path, 0700) == 0 || errno == EEXIST ? OK : RAISE(ERR_IO);
}

static int sync_path(const char *path, int flags)
{
    AUTO_FD fd = open(path, flags | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0 ? OK : RAISE(ERR_IO);
}

int folder_sync(const char *path)
{
    return sync_path(path, O_RDONLY | O_DIRECTORY);
}

int files_keep(const char *tenants, const struct tenant_name *tenant, struct file_id file)
{
    char part[FILES_PATH_BYTES], whole[FILES_PATH_BYTES], folder[FILES_PATH_BYTES];
    int rc;

    files_path(part, tenants, tenant, file, true);
    files_path(whole, tenants, tenant, file, false);
    folder_of(folder, tenants, tenant);
    rc = sync_path(part, O_RDONLY);
    if (rc == OK && rename(part, whole) != 0)
        rc = RAISE(ERR_IO);
    return rc == OK ? folder_sync(folder) : rc;
}

void files_drop(const char *tenants, const struct tenant_name *tenant, struct file_id file,
                bool part)
{
    char path[FILES_PATH_BYTES];

    files_path(path, tenants, tenant, file, part);
    if (unlink(path) != 0 && errno != ENOENT)
        log_event(LOG_WARNING, NULL, "files.not_dropped", "tenant=%s error=\"%s\"", tenant->text,
                  strerror(errno));
}

int files_read(const char *tenants, const struct tenant_name *tenant, struct file_id file,
               uint64_t at, char *to, size_t max, size_t *ret_len)
{
    char path[FILES_PATH_BYTES];
    ssize_t got;

    files_path(path, tenants, tenant, file, false);
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    got = fd < 0 ? -1 : pread(fd, to, max, (off_t)at);
    if (got < 0)
        return RAISE(ERR_IO);
    *ret_len = (size_t)got;
    return OK;
}

/* --- rows --- */

struct finding {
    struct file_id id;
    struct stored_file *file;
};

static int find(struct reader_db *reader, void *context)
{
    struct finding *finding = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT f.id, f.type, f.bytes, f.width, f.height, f.sha256, m.text FROM files f "
        "JOIN messages m ON m.conversation = f.conversation AND m.seq = f.seq WHERE "
        "f.id = ?1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, finding->id.id);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        finding->file->file = column_file(stmt, 0);
        finding->file->name = slice_dup(column_text(stmt, 6));
    }
    (void)sqlite3_finalize(stmt);
    if (code == SQLITE_ROW)
        return finding->file->name == NULL ? RAISE(ERR_NO_MEMORY) : OK;
    return code == SQLITE_DONE ? STORE_E_NONE : RAISE(ERR_IO);
}

int files_find(struct store *store, const struct tenant_name *tenant, struct file_id id,
               struct stored_file *ret_file)
{
    return STORE_CALL(store, read, tenant, find, &(struct finding){ id, ret_file });
}

/* Each of these ends in a page's conditions. */
static const char *const wished[] = {
#define SELECT_FILES                                                                              \
    "SELECT f.id, f.type, f.bytes, f.width, f.height, f.sha256, m.text, f.visitor, c.id, f.seq, " \
    "f.at_ms FROM files f JOIN messages m ON m.conversation = f.conversation AND m.seq = f.seq "  \
    "JOIN conversations c ON c.row = f.conversation WHERE "
#define OF_PAGE                                                      \
    " AND (?2 = 0 OR f.at_ms < ?2 OR (f.at_ms = ?2 AND f.id < ?3)) " \
    "ORDER BY f.at_ms DESC, f.id DESC LIMIT ?4"
    [FILES_OF_TENANT] = SELECT_FILES "?1 = ?1" OF_PAGE,
    [FILES_OF_VISITOR] = SELECT_FILES "f.visitor = ?1" OF_PAGE,
    [FILES_OF_CONVERSATION] = SELECT_FILES "c.id = ?1" OF_PAGE,
};

struct listing {
    const struct files_wish *wish;
    files_fn *fn;
    void *context;
};

static int list_all(struct reader_db *reader, void *context)
{
    const struct listing *listing = context;
    const struct files_wish *wish = listing->wish;
    sqlite3_stmt *stmt = database_prepare(reader->db, wished[wish->of]);
    int code = SQLITE_ROW, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, wish->id);
    bind_number(stmt, 2, wish->before_ms);
    bind_id(stmt, 3, wish->after.id);
    bind_number(stmt, 4, wish->limit);
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = listing->fn(listing->context,
                         &(struct listed_file){ .file = column_file(stmt, 0),
                                                .name = column_text(stmt, 6),
                                                .visitor = { column_id(stmt, 7) },
                                                .conversation = { column_id(stmt, 8) },
                                                .seq = column_number(stmt, 9),
                                                .at_ms = column_number(stmt, 10) });
    return walk_end(stmt, rc, code);
}

int files_list(struct store *store, const struct tenant_name *tenant, const struct files_wish *wish,
               files_fn *fn, void *context)
{
    return STORE_CALL(store, read, tenant, list_all, &(struct listing){ wish, fn, context });
}

struct counting {
    struct visitor_id visitor;
    uint64_t since_ms;
    struct files_usage *usage;
};

static int count_all(struct reader_db *reader, void *context)
{
    const struct counting *counting = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT count(*), coalesce(sum(bytes), 0), (SELECT coalesce(sum(bytes), 0) FROM "
        "files) FROM files WHERE visitor = ?1 AND at_ms >= ?2");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, counting->visitor.id);
    bind_number(stmt, 2, counting->since_ms);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *counting->usage = (struct files_usage){ column_number(stmt, 0), column_number(stmt, 1),
                                                 column_number(stmt, 2) };
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

int files_count(struct store *store, const struct tenant_name *tenant, struct visitor_id visitor,
                uint64_t since_ms, struct files_usage *ret_usage)
{
    return STORE_CALL(store, read, tenant, count_all,
                      &(struct counting){ visitor, since_ms, ret_usage });
}

/* --- bytes of rows that are gone --- */

/* 0: there is none by that name any more. */
static int unlink_id(int folder, struct id id)
{
    char name[ID_TEXT_BYTES];

    id_format(id, name);
    if (folder < 0 || unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return OK;
    log_event(LOG_WARNING, NULL, "files.not_deleted", "file=%s error=\"%s\"", name,
              strerror(errno));
    return RAISE(ERR_IO);
}

int files_scrub(sqlite3 *db, const char *folder)
{
    sqlite3_stmt *stmt = database_prepare(db, "SELECT id FROM files_gone");
    AUTO_FD fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = SQLITE_DONE, rc = stmt == NULL || (fd < 0 && errno != ENOENT) ? RAISE(ERR_IO) : OK;
    bool any = false;

    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        any = true;
        rc = unlink_id(fd, column_id(stmt, 0));
    }
    (void)sqlite3_finalize(stmt);
    if (rc != OK || code != SQLITE_DONE || !any)
        return rc == OK && code != SQLITE_DONE ? RAISE(ERR_IO) : rc;
    if (fd >= 0 && fsync(fd) != 0)
        return RAISE(ERR_IO);
    return database_run(db, "DELETE FROM files_gone");
}

/* --- bytes that never got a row --- */

static bool has_row(sqlite3_stmt *stmt, struct id id)
{
    int code;

    bind_id(stmt, 1, id);
    code = sqlite3_step(stmt);
    (void)sqlite3_reset(stmt);
    return code != SQLITE_DONE; /* when in doubt, yes */
}

/* Calls `each` for all that lies there without a row; what has no id for a name is somebody's part.
 */
typedef void each_fn(void *context, int folder, const char *name);

static int walk_unclaimed(sqlite3 *db, const char *folder, each_fn *each, void *context)
{
    sqlite3_stmt *stmt = database_prepare(db, "SELECT 1 FROM files WHERE id = ?1");
    DIR *dir = opendir(folder);
    struct dirent *entry;
    struct id id;
    int rc = stmt == NULL || (dir == NULL && errno != ENOENT) ? RAISE(ERR_IO) : OK;

    while (rc == OK && dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (id_parse(slice_of(entry->d_name), &id) != 0 || !has_row(stmt, id))
            each(context, dirfd(dir), entry->d_name);
    }
    if (dir != NULL)
        (void)closedir(dir);
    (void)sqlite3_finalize(stmt);
    return rc;
}

static void unlink_unclaimed(void *context, int folder, const char *name)
{
    unsigned *swept = context;

    *swept += unlinkat(folder, name, 0) == 0;
}

int files_sweep(sqlite3 *db, const char *folder)
{
    unsigned swept = 0;
    int rc = files_scrub(db, folder);

    if (rc == OK)
        rc = walk_unclaimed(db, folder, unlink_unclaimed, &swept);
    if (swept > 0)
        log_event(LOG_INFO, NULL, "files.swept", "folder=%s files=%u", folder, swept);
    return rc;
}

/* --- verify --- */

static void count_unclaimed(void *context, int folder, const char *name)
{
    uint64_t *count = context;
    struct stat about;

    if (fstatat(folder, name, &about, 0) == 0 && about.st_mtime + SETTLED_S < time(NULL))
        (*count)++;
}

static bool is_whole(int folder, struct id id, uint64_t bytes)
{
    char name[ID_TEXT_BYTES];
    struct stat about;

    id_format(id, name);
    return folder >= 0 && fstatat(folder, name, &about, 0) == 0 && S_ISREG(about.st_mode) &&
           (uint64_t)about.st_size == bytes;
}

static uint64_t count_missing(sqlite3 *db, const char *folder)
{
    sqlite3_stmt *stmt = database_prepare(db, "SELECT id, bytes FROM files");
    AUTO_FD fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t missing = 0;

    while (stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW)
        missing += !is_whole(fd, column_id(stmt, 0), column_number(stmt, 1));
    (void)sqlite3_finalize(stmt);
    return missing;
}

void files_verify(sqlite3 *db, struct buf *problems)
{
    const char *path = sqlite3_db_filename(db, "main");
    char folder[FILES_PATH_BYTES];
    uint64_t missing, unclaimed = 0;

    if (path == NULL || path[0] == '\0') /* in memory: tests alone */
        return;
    files_beside(folder, path);
    missing = count_missing(db, folder);
    if (walk_unclaimed(db, folder, count_unclaimed, &unclaimed) != OK)
        buf_add_text(problems, "cannot be read: the folder of its files\n");
    if (missing > 0)
        buf_addf(problems, "%" PRIu64 " files whose bytes are missing or cut short\n", missing);
    if (unclaimed > 0)
        buf_addf(problems, "%" PRIu64 " files of no message\n", unclaimed);
}
