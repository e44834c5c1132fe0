/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/sqlite/gather.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { GATHER_BYTES = 64 * 1024 };

struct file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this structure */
    uint8_t *bytes;     /* owned; NULL: nothing is gathered */
    size_t len;
    sqlite3_int64 at; /* where they belong */
};

static sqlite3_vfs gathering, *ordinary;

/* Hundreds of files are open and a few are written at a time: the room is lent. */
static _Atomic(uint8_t *) spare;

static uint8_t *borrow(void)
{
    uint8_t *bytes = atomic_exchange(&spare, NULL);

    return bytes != NULL ? bytes : malloc(GATHER_BYTES);
}

static void give_back(uint8_t *bytes)
{
    free(atomic_exchange(&spare, bytes));
}

static struct file *of(sqlite3_file *base)
{
    return (struct file *)base;
}

/* Of what could not be written nothing is kept: SQLite takes the file as it then is. */
static int flush(struct file *file)
{
    int rc;

    if (file->bytes == NULL)
        return SQLITE_OK;
    rc = file->real->pMethods->xWrite(file->real, file->bytes, (int)file->len, file->at);
    give_back(file->bytes);
    file->bytes = NULL;
    return rc;
}

static int file_write(sqlite3_file *base, const void *from, int len, sqlite3_int64 at)
{
    struct file *file = of(base);
    size_t size = (size_t)len;
    int rc;

    if (file->bytes != NULL &&
        (at != file->at + (sqlite3_int64)file->len || size > GATHER_BYTES - file->len)) {
        rc = flush(file);
        if (rc != SQLITE_OK)
            return rc;
    }
    if (file->bytes == NULL) {
        file->bytes = size > GATHER_BYTES ? NULL : borrow();
        file->len = 0;
        file->at = at;
    }
    if (file->bytes == NULL)
        return file->real->pMethods->xWrite(file->real, from, len, at);
    memcpy(file->bytes + file->len, from, size);
    file->len += size;
    return SQLITE_OK;
}

/* Everything else: what was gathered goes first. */
#define AFTER_FLUSH(base, method, ...)                                                       \
    do {                                                                                     \
        struct file *file = of(base);                                                        \
        int rc = flush(file);                                                                \
        return rc != SQLITE_OK ? rc : file->real->pMethods->method(file->real, __VA_ARGS__); \
    } while (0)

static int file_close(sqlite3_file *base)
{
    int flushed = flush(of(base));
    int closed = of(base)->real->pMethods->xClose(of(base)->real);

    return flushed != SQLITE_OK ? flushed : closed;
}

static int file_read(sqlite3_file *base, void *to, int len, sqlite3_int64 at)
{
    AFTER_FLUSH(base, xRead, to, len, at);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    AFTER_FLUSH(base, xTruncate, size);
}

static int file_sync(sqlite3_file *base, int flags)
{
    AFTER_FLUSH(base, xSync, flags);
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
    AFTER_FLUSH(base, xFileSize, ret_size);
}

static int file_lock(sqlite3_file *base, int level)
{
    AFTER_FLUSH(base, xLock, level);
}

static int file_unlock(sqlite3_file *base, int level)
{
    AFTER_FLUSH(base, xUnlock, level);
}

static int file_is_reserved(sqlite3_file *base, int *ret_is)
{
    AFTER_FLUSH(base, xCheckReservedLock, ret_is);
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
    AFTER_FLUSH(base, xFileControl, op, arg);
}

static int file_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **ret_at)
{
    AFTER_FLUSH(base, xShmMap, page, size, extend, ret_at);
}

static int file_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    AFTER_FLUSH(base, xShmLock, offset, count, flags);
}

static int file_shm_unmap(sqlite3_file *base, int erase)
{
    AFTER_FLUSH(base, xShmUnmap, erase);
}

/* These read and write nothing. */
static void file_shm_barrier(sqlite3_file *base)
{
    of(base)->real->pMethods->xShmBarrier(of(base)->real);
}

static int file_sector(sqlite3_file *base)
{
    return of(base)->real->pMethods->xSectorSize(of(base)->real);
}

static int file_traits(sqlite3_file *base)
{
    return of(base)->real->pMethods->xDeviceCharacteristics(of(base)->real);
}

/* Version 2: without the verbs for a mapped file, which go round all others. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                     int *ret_flags)
{
    struct file *file = of(base);
    int rc;

    (void)vfs;
    *file = (struct file){ .real = (sqlite3_file *)(file + 1) };
    rc = ordinary->xOpen(ordinary, path, file->real, flags, ret_flags);
    base->pMethods = file->real->pMethods == NULL ? NULL : &methods;
    return rc;
}

static void make(void)
{
    ordinary = sqlite3_vfs_find(NULL);
    if (ordinary == NULL)
        return;
    gathering = *ordinary;
    gathering.zName = "lasna-gather";
    gathering.szOsFile = (int)sizeof(struct file) + ordinary->szOsFile;
    gathering.xOpen = open_file;
    if (sqlite3_vfs_register(&gathering, 0) != SQLITE_OK)
        ordinary = NULL;
}

const char *gather_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, make);
    return ordinary == NULL ? NULL : gathering.zName;
}
