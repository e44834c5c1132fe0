/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/file.h"

#include "base/auto.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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

FILE *file_begin(const char *path, char **ret_beside)
{
    FILE *file;
    int fd;

    if (asprintf(ret_beside, "%s.XXXXXX", path) < 0) {
        *ret_beside = NULL;
        errno = ENOMEM;
        return NULL;
    }
    fd = mkostemp(*ret_beside, O_CLOEXEC);
    file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (fd >= 0 && file == NULL) {
        (void)close(fd);
        (void)unlink(*ret_beside);
    }
    return file;
}

bool file_end(FILE *file, const char *beside, const char *path)
{
    bool fine = ferror(file) == 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    int why = errno;

    if (fclose(file) != 0 && fine) {
        fine = false;
        why = errno;
    }
    if (fine && rename(beside, path) == 0)
        return true;
    if (fine)
        why = errno;
    (void)unlink(beside);
    errno = why;
    return false;
}

void file_drop(FILE *file, const char *beside)
{
    (void)fclose(file);
    (void)unlink(beside);
}
