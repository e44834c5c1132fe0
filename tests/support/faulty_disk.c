/* SPDX-License-Identifier: Apache-2.0
 *
 * A VFS of SQLite's around the ordinary one. Every file of ours has the ordinary one's behind it;
 * what is not written, cut or synced is handed through.
 */
#include "tests/support/faulty_disk.h"

#include "base/secret/random.h"
#include "tests/support/cmocka.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, PATH_BYTES = 512 };

enum what { WROTE, CUT, SYNCED, SYNC_FAILED, REMOVED };

struct deed {
    enum what what;
    char path[PATH_BYTES];
    uint64_t offset; /* CUT: the new size */
    size_t len;
    uint8_t *bytes;
};

struct file {
    sqlite3_file base;
    char path[PATH_BYTES];
    sqlite3_file *real; /* behind this structure */
};

static struct {
    pthread_mutex_t lock; /* writers are threads */
    sqlite3_vfs vfs, *real;
    unsigned until[FAULTY_CALL_COUNT]; /* calls before one fails; 0: none does */
    int code[FAULTY_CALL_COUNT];
    char part[PATH_BYTES];
    bool failed;
    atomic_uint opened;
    atomic_ullong waited_us;
    char folder[PATH_BYTES]; /* what is done in here is written down; "": nothing is */
    struct deed *deeds;
    size_t count, room;
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- failing --- */

static int fails(enum faulty_call call, const char *path)
{
    int code = SQLITE_OK;

    (void)pthread_mutex_lock(&disk.lock);
    if (disk.until[call] > 0 && strstr(path, disk.part) != NULL) {
        if (disk.until[call] == 1) {
            code = disk.code[call];
            disk.failed = true;
        } else {
            disk.until[call]--;
        }
    }
    (void)pthread_mutex_unlock(&disk.lock);
    return code;
}

void faulty_disk_fail(enum faulty_call call, unsigned nth, int code, const char *part)
{
    (void)pthread_mutex_lock(&disk.lock);
    disk.until[call] = nth;
    disk.code[call] = code;
    (void)snprintf(disk.part, sizeof(disk.part), "%s", part);
    (void)pthread_mutex_unlock(&disk.lock);
}

bool faulty_disk_has_failed(void)
{
    bool failed;

    (void)pthread_mutex_lock(&disk.lock);
    failed = disk.failed;
    (void)pthread_mutex_unlock(&disk.lock);
    return failed;
}

bool faulty_disk_heal(void)
{
    bool failed;

    (void)pthread_mutex_lock(&disk.lock);
    failed = disk.failed;
    disk.failed = false;
    memset(disk.until, 0, sizeof(disk.until));
    (void)pthread_mutex_unlock(&disk.lock);
    return failed;
}

unsigned faulty_disk_opened(void)
{
    return atomic_load(&disk.opened);
}

uint64_t faulty_disk_waited_ms(void)
{
    return atomic_load(&disk.waited_us) / 1000;
}

/* --- writing down --- */

static void note(enum what what, const char *path, uint64_t offset, const void *bytes, size_t len)
{
    struct deed *deed;

    (void)pthread_mutex_lock(&disk.lock);
    if (disk.folder[0] != '\0' && strncmp(path, disk.folder, strlen(disk.folder)) == 0) {
        if (disk.count == disk.room) {
            disk.room = disk.room == 0 ? 1024 : disk.room * 2;
            disk.deeds = realloc(disk.deeds, disk.room * sizeof(*disk.deeds));
            assert_non_null(disk.deeds);
        }
        deed = &disk.deeds[disk.count++];
        *deed = (struct deed){ .what = what, .offset = offset, .len = len };
        (void)snprintf(deed->path, sizeof(deed->path), "%s", path);
        if (len > 0) {
            deed->bytes = malloc(len);
            assert_non_null(deed->bytes);
            memcpy(deed->bytes, bytes, len);
        }
    }
    (void)pthread_mutex_unlock(&disk.lock);
}

void faulty_disk_record(const char *folder)
{
    (void)pthread_mutex_lock(&disk.lock);
    for (size_t i = 0; i < disk.count; i++)
        free(disk.deeds[i].bytes);
    free(disk.deeds);
    disk.deeds = NULL;
    disk.count = disk.room = 0;
    (void)snprintf(disk.folder, sizeof(disk.folder), "%s", folder);
    (void)pthread_mutex_unlock(&disk.lock);
}

size_t faulty_disk_done(void)
{
    size_t count;

    (void)pthread_mutex_lock(&disk.lock);
    count = disk.count;
    (void)pthread_mutex_unlock(&disk.lock);
    return count;
}

/* --- a file --- */

static struct file *of(sqlite3_file *base)
{
    return (struct file *)base;
}

static sqlite3_file *real(sqlite3_file *base)
{
    return of(base)->real;
}

static int file_close(sqlite3_file *base)
{
    return real(base)->pMethods->xClose(real(base));
}

static int file_read(sqlite3_file *base, void *to, int len, sqlite3_int64 offset)
{
    return real(base)->pMethods->xRead(real(base), to, len, offset);
}

static int file_write(sqlite3_file *base, const void *from, int len, sqlite3_int64 offset)
{
    int rc = fails(FAULTY_WRITE, of(base)->path);

    if (rc == SQLITE_OK)
        rc = real(base)->pMethods->xWrite(real(base), from, len, offset);
    if (rc == SQLITE_OK)
        note(WROTE, of(base)->path, (uint64_t)offset, from, (size_t)len);
    return rc;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    int rc = real(base)->pMethods->xTruncate(real(base), size);

    if (rc == SQLITE_OK)
        note(CUT, of(base)->path, (uint64_t)size, NULL, 0);
    return rc;
}

static int file_sync(sqlite3_file *base, int flags)
{
    int rc = fails(FAULTY_SYNC, of(base)->path);

    (void)flags; /* the page cache is our disk: a real sync would only take its time */
    note(rc == SQLITE_OK ? SYNCED : SYNC_FAILED, of(base)->path, 0, NULL, 0);
    return rc;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
    return real(base)->pMethods->xFileSize(real(base), ret_size);
}

static int file_lock(sqlite3_file *base, int level)
{
    return real(base)->pMethods->xLock(real(base), level);
}

static int file_unlock(sqlite3_file *base, int level)
{
    return real(base)->pMethods->xUnlock(real(base), level);
}

static int file_is_reserved(sqlite3_file *base, int *ret_is)
{
    return real(base)->pMethods->xCheckReservedLock(real(base), ret_is);
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
    return real(base)->pMethods->xFileControl(real(base), op, arg);
}

static int file_sector(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

static int file_traits(sqlite3_file *base)
{
    return real(base)->pMethods->xDeviceCharacteristics(real(base));
}

static int file_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **ret_at)
{
    return real(base)->pMethods->xShmMap(real(base), page, size, extend, ret_at);
}

static int file_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    return real(base)->pMethods->xShmLock(real(base), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *base)
{
    real(base)->pMethods->xShmBarrier(real(base));
}

static int file_shm_unmap(sqlite3_file *base, int erase)
{
    return real(base)->pMethods->xShmUnmap(real(base), erase);
}

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

/* --- the disk --- */

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                     int *ret_flags)
{
    struct file *file = of(base);
    int rc;

    (void)vfs;
    (void)atomic_fetch_add(&disk.opened, (flags & SQLITE_OPEN_MAIN_DB) != 0);
    file->real = (sqlite3_file *)(file + 1);
    (void)snprintf(file->path, sizeof(file->path), "%s", path == NULL ? "" : path);
    rc = disk.real->xOpen(disk.real, path, file->real, flags, ret_flags);
    base->pMethods = rc == SQLITE_OK ? &methods : NULL;
    return rc;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    int rc = disk.real->xDelete(disk.real, path, sync);

    (void)vfs;
    if (rc == SQLITE_OK)
        note(REMOVED, path, 0, NULL, 0);
    return rc;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    (void)atomic_fetch_add(&disk.waited_us, (unsigned long long)microseconds);
    return disk.real->xSleep(disk.real, microseconds);
}

void faulty_disk_install(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    assert_non_null(disk.real);
    disk.vfs = *disk.real;
    disk.vfs.zName = "faulty";
    disk.vfs.szOsFile = (int)sizeof(struct file) + disk.real->szOsFile;
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    disk.vfs.xSleep = disk_sleep;
    assert_int_equal(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
}

/* --- the power fails --- */

/* One file as it grows again from what was done to it. */
struct image {
    uint8_t *bytes;
    size_t size, room;
};

static void image_put(struct image *image, uint64_t offset, const uint8_t *bytes, size_t len)
{
    size_t end = offset + len;

    if (end > image->room) {
        image->room = end * 2;
        image->bytes = realloc(image->bytes, image->room);
        assert_non_null(image->bytes);
    }
    if (end > image->size) {
        memset(image->bytes + image->size, 0, end - image->size);
        image->size = end;
    }
    memcpy(image->bytes + offset, bytes, len);
}

/* Each sector of a write that no sync has covered may have arrived, or not. */
static void image_maybe_put(struct image *image, const struct deed *deed, struct prng *prng)
{
    for (size_t at = 0; at < deed->len;) {
        size_t part = SECTOR - (deed->offset + at) % SECTOR;

        if (part > deed->len - at)
            part = deed->len - at;
        if (prng_below(prng, 2) == 0)
            image_put(image, deed->offset + at, deed->bytes + at, part);
        at += part;
    }
}

static void image_do(struct image *image, const struct deed *deed, bool safe, struct prng *prng)
{
    switch (deed->what) {
    case WROTE:
        if (safe)
            image_put(image, deed->offset, deed->bytes, deed->len);
        else
            image_maybe_put(image, deed, prng);
        break;
    case CUT:
        if ((safe || prng_below(prng, 2) == 0) && deed->offset < image->size)
            image->size = deed->offset;
        break;
    case REMOVED:
        image->size = 0;
        break;
    default:
        break;
    }
}

/* Safe: synced after this deed, and no failed sync between. */
static bool is_safe(size_t at, size_t done)
{
    for (size_t i = at + 1; i < done; i++) {
        if (strcmp(disk.deeds[i].path, disk.deeds[at].path) != 0)
            continue;
        if (disk.deeds[i].what == SYNCED || disk.deeds[i].what == SYNC_FAILED)
            return disk.deeds[i].what == SYNCED;
    }
    return false;
}

static void write_image(const struct image *image, const char *path)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(image->bytes, 1, image->size, file), image->size);
    assert_int_equal(fclose(file), 0);
}

static void cut_file(const char *path, const char *to, size_t done, struct prng *prng)
{
    struct image image = { 0 };

    for (size_t i = 0; i < done; i++) {
        if (strcmp(disk.deeds[i].path, path) == 0)
            image_do(&image, &disk.deeds[i], is_safe(i, done), prng);
    }
    if (image.size > 0)
        write_image(&image, to);
    else
        (void)unlink(to);
    free(image.bytes);
}

void faulty_disk_cut(size_t done, uint64_t seed, const char *to)
{
    struct prng prng = prng_seeded(seed);
    char path[2 * PATH_BYTES];

    (void)pthread_mutex_lock(&disk.lock);
    for (size_t i = 0; i < done; i++) {
        bool first = true;

        for (size_t before = 0; before < i && first; before++)
            first = strcmp(disk.deeds[before].path, disk.deeds[i].path) != 0;
        if (!first)
            continue;
        (void)snprintf(path, sizeof(path), "%s%s", to, disk.deeds[i].path + strlen(disk.folder));
        cut_file(disk.deeds[i].path, path, done, &prng);
    }
    (void)pthread_mutex_unlock(&disk.lock);
}
