/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/file.h"

#include "base/auto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- reading --- */

bool file_read_from(int fd, struct buf *to)
{
    char bytes[16 * 1024];
    ssize_t got;

    while ((got = read(fd, bytes, sizeof(bytes))) > 0 && !buf_failed(to))
        buf_add(to, bytes, (size_t)got);
    return got == 0 && !buf_failed(to);
}

bool file_read(const char *path, struct buf *to)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    return fd >= 0 && file_read_from(fd, to);
}

/* --- writing --- */

static void drop_beside(const char *beside)
{
    if (beside != NULL)
        (void)unlink(beside);
}

/* Where the bytes will lie: a link stays one, and what it leads to is written. NULL: errno. */
static char *place_of(const char *path)
{
    char *place = realpath(path, NULL);

    return place == NULL && errno == ENOENT ? strdup(path) : place;
}

/* A pipe or a terminal takes what it is given as it comes; a folder, nothing. */
static bool is_replaceable(const char *place)
{
    struct stat stat;

    return lstat(place, &stat) != 0 || S_ISREG(stat.st_mode);
}

static int make_beside(const char *place, char **ret_beside)
{
    if (asprintf(ret_beside, "%s.XXXXXX", place) < 0) {
        *ret_beside = NULL;
        errno = ENOMEM;
        return -1;
    }
    return mkostemp(*ret_beside, O_CLOEXEC);
}

FILE *file_begin(const char *path, char **ret_beside)
{
    AUTO_MEM char *place = place_of(path);
    FILE *file;
    int fd;

    *ret_beside = NULL;
    if (place == NULL)
        return NULL;
    fd = is_replaceable(place) ? make_beside(place, ret_beside)
                               : open(place, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (fd >= 0 && file == NULL) {
        (void)close(fd);
        drop_beside(*ret_beside);
    }
    return file;
}

static bool move_into_place(const char *beside, const char *path)
{
    AUTO_MEM char *place = place_of(path);

    return place != NULL && rename(beside, place) == 0;
}

bool file_end(FILE *file, const char *beside, const char *path)
{
    bool fine =
        ferror(file) == 0 && fflush(file) == 0 && (beside == NULL || fsync(fileno(file)) == 0);
    int why = errno;

    if (fclose(file) != 0 && fine) {
        fine = false;
        why = errno;
    }
    if (fine && (beside == NULL || move_into_place(beside, path)))
        return true;
    if (fine)
        why = errno;
    drop_beside(beside);
    errno = why;
    return false;
}

void file_drop(FILE *file, const char *beside)
{
    (void)fclose(file);
    drop_beside(beside);
}
