/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/pack.h"

#include "base/auto.h"
#include "base/id.h"
#include "storage/backup/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

enum { BLOCK = PACK_BLOCK_BYTES, SUM_AT = 148, SUM_LEN = 8 };

/* A header of ustar: what we leave zero is what readers take for "not said". */
struct head {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100], magic[6],
        version[2], owner[80], folder[155], rest[12];
};
_Static_assert(sizeof(struct head) == BLOCK, "a header is one block");

/* The sum counts its own field as spaces. */
static unsigned sum_of(const struct head *head)
{
    const unsigned char *bytes = (const unsigned char *)head;
    unsigned sum = 0;

    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : bytes[i];
    return sum;
}

size_t pack_padding(uint64_t size)
{
    return (size_t)((BLOCK - size % BLOCK) % BLOCK);
}

/* --- writing --- */

/* A field that is full needs no end. */
static void fill(char *field, size_t size, const char *text)
{
    memcpy(field, text, strnlen(text, size));
}

void pack_head(char ret_block[PACK_BLOCK_BYTES], const char *folder, const char *name,
               uint64_t size, uint64_t at_s)
{
    struct head head = { .type = '0', .magic = "ustar", .version = { '0', '0' } };

    fill(head.name, sizeof(head.name), name);
    fill(head.folder, sizeof(head.folder), folder);
    (void)snprintf(head.mode, sizeof(head.mode), "%07o", 0600u);
    (void)snprintf(head.uid, sizeof(head.uid), "%07o", 0u);
    (void)snprintf(head.gid, sizeof(head.gid), "%07o", 0u);
    (void)snprintf(head.size, sizeof(head.size), "%011" PRIo64, size);
    (void)snprintf(head.mtime, sizeof(head.mtime), "%011" PRIo64, at_s);
    (void)snprintf(head.sum, sizeof(head.sum), "%06o", sum_of(&head));
    memcpy(ret_block, &head, BLOCK);
}

static bool put_head(FILE *to, const char *name, uint64_t size, time_t at)
{
    char block[BLOCK];

    pack_head(block, "", name, size, (uint64_t)at);
    return fwrite(block, BLOCK, 1, to) == 1;
}

static bool put_zeros(FILE *to, size_t len)
{
    static const char zeros[2 * BLOCK];

    return fwrite(zeros, 1, len, to) == len;
}

/* Its size was told: a file that is not that long any more cannot be gone on with. */
static int put_bytes(FILE *to, int fd, uint64_t size)
{
    char bytes[32 * 1024];

    while (size > 0) {
        size_t wanted = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);
        ssize_t len = read(fd, bytes, wanted);

        if (len <= 0 || fwrite(bytes, 1, (size_t)len, to) != (size_t)len)
            return errno == ENOSPC ? SNAPSHOT_E_NO_SPACE : RAISE(ERR_IO);
        size -= (uint64_t)len;
    }
    return OK;
}

static int put_file(FILE *to, int folder, const char *name)
{
    AUTO_FD fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat stat_of;
    uint64_t size;
    int rc;

    if (fd < 0)
        return errno == ENOENT ? OK : RAISE(ERR_IO);
    if (fstat(fd, &stat_of) != 0 || !S_ISREG(stat_of.st_mode))
        return RAISE(ERR_IO);
    size = (uint64_t)stat_of.st_size;
    if (!put_head(to, name, size, stat_of.st_mtime))
        return errno == ENOSPC ? SNAPSHOT_E_NO_SPACE : RAISE(ERR_IO);
    rc = put_bytes(to, fd, size);
    return rc == OK && !put_zeros(to, pack_padding(size)) ? RAISE(ERR_IO) : rc;
}

/* What is still coming in has a longer name, and no message yet. */
static bool is_ours(const char *name)
{
    struct id id;

    return id_parse(slice_of(name), &id) == 0;
}

static int put_folder(FILE *to, const char *folder, const atomic_bool *stop)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    int rc = OK;

    if (dir == NULL)
        return errno == ENOENT ? OK : RAISE(ERR_IO);
    while (rc == OK && (entry = readdir(dir)) != NULL) {
        if (atomic_load(stop))
            rc = SNAPSHOT_E_STOPPED;
        else if (is_ours(entry->d_name))
            rc = put_file(to, dirfd(dir), entry->d_name);
    }
    (void)closedir(dir);
    return rc;
}

int pack_write(const char *folder, const char *to, atomic_bool *stop)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (file == NULL)
        return errno == ENOSPC ? SNAPSHOT_E_NO_SPACE : RAISE(ERR_IO);
    rc = put_folder(file, folder, stop);
    if (rc == OK && !put_zeros(file, 2 * BLOCK))
        rc = RAISE(ERR_IO);
    if (fclose(file) != 0 && rc == OK)
        rc = errno == ENOSPC ? SNAPSHOT_E_NO_SPACE : RAISE(ERR_IO);
    if (rc != OK)
        (void)unlink(to);
    return rc;
}

/* --- reading --- */

struct packed {
    char name[101];
    uint64_t size;
};

/* 1: the end. ERR_CORRUPT: no header of ours. */
static int get_head(FILE *from, struct packed *ret_packed)
{
    static const struct head none;
    struct head head;
    char size[13] = "", *end;

    if (fread(&head, BLOCK, 1, from) != 1)
        return ERR_CORRUPT;
    if (memcmp(&head, &none, BLOCK) == 0)
        return 1;
    memcpy(size, head.size, sizeof(head.size));
    memcpy(ret_packed->name, head.name, sizeof(head.name));
    ret_packed->name[sizeof(head.name)] = '\0';
    ret_packed->size = strtoull(size, &end, 8);
    head.sum[sizeof(head.sum) - 1] = '\0';
    return end != size && strtoul(head.sum, NULL, 8) == sum_of(&head) && head.type == '0' &&
                   is_ours(ret_packed->name)
               ? OK
               : ERR_CORRUPT;
}

/* `to` NULL: the bytes are only passed over. */
static int get_bytes(FILE *from, FILE *to, uint64_t size)
{
    uint64_t left = size + pack_padding(size), kept = size;
    char bytes[32 * 1024];

    while (left > 0) {
        size_t wanted = left < sizeof(bytes) ? (size_t)left : sizeof(bytes), len;

        len = fread(bytes, 1, wanted, from);
        if (len == 0)
            return ERR_CORRUPT;
        left -= len;
        if (len > kept)
            len = (size_t)kept;
        kept -= len;
        if (to != NULL && fwrite(bytes, 1, len, to) != len)
            return RAISE(ERR_IO);
    }
    return OK;
}

static int get_file(FILE *from, const char *folder, const struct packed *packed)
{
    AUTO_MEM char *path = NULL;
    FILE *to;
    int fd, rc;

    if (folder == NULL)
        return get_bytes(from, NULL, packed->size);
    if (asprintf(&path, "%s/%s", folder, packed->name) < 0) {
        path = NULL;
        return RAISE(ERR_NO_MEMORY);
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    to = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (to == NULL)
        return RAISE(ERR_IO);
    rc = get_bytes(from, to, packed->size);
    if (rc == OK && (fflush(to) != 0 || fsync(fd) != 0))
        rc = RAISE(ERR_IO);
    return fclose(to) != 0 && rc == OK ? RAISE(ERR_IO) : rc;
}

int pack_read(const char *path, const char *folder, uint64_t *ret_files, struct buf *problems)
{
    FILE *from = fopen(path, "re");
    struct packed packed;
    int rc = from == NULL ? RAISE(ERR_IO) : OK;

    *ret_files = 0;
    while (rc == OK && (rc = get_head(from, &packed)) == OK) {
        rc = get_file(from, folder, &packed);
        *ret_files += rc == OK;
    }
    if (from != NULL)
        (void)fclose(from);
    if (rc == ERR_CORRUPT)
        buf_addf(problems, "damaged after %" PRIu64 " files\n", *ret_files);
    return rc == 1 || rc == ERR_CORRUPT ? OK : rc;
}
