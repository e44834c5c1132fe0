/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's own name has a folder of its own, as certbot keeps them: NAME/fullchain.pem and
 * NAME/privkey.pem. A folder without either is somebody's plan for later, and no mistake.
 */
#include "server-bridge/supervisor/certificates.h"

#include "base/auto.h"
#include "base/buf.h"
#include "base/log.h"
#include "server-bridge/ipc/codec.h"
#include "server-bridge/settings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { NAMES_MAX = 1000, CHAIN_MAX_BYTES = 65536, KEY_MAX_BYTES = 16384 };

/* 0, or what hinders it as errno tells. */
static int read_file(const char *path, struct buf *to)
{
    char bytes[4096];
    FILE *file = fopen(path, "re");
    int error = file == NULL ? errno : 0;
    size_t got;

    if (file == NULL)
        return error;
    while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0)
        buf_add(to, bytes, got);
    if (ferror(file) != 0)
        error = errno;
    (void)fclose(file);
    explicit_bzero(bytes, sizeof(bytes));
    return error != 0 ? error : buf_failed(to) ? EFBIG : 0;
}

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static int put(int fd, const struct ipc_certificate *message)
{
    size_t size = ipc_size(IPC_certificate, message);
    AUTO_MEM uint8_t *bytes = size == 0 ? NULL : malloc(size);
    bool fine;

    if (size == 0)
        return RAISE(ERR_BUG);
    if (bytes == NULL)
        return RAISE(ERR_NO_MEMORY);
    ipc_encode(IPC_certificate, message, bytes);
    fine = write_all(fd, bytes, size);
    explicit_bzero(bytes, size);
    return fine ? OK : RAISE(ERR_IO);
}

static int put_files(int fd, const char *name, const char *chain_path, const char *key_path)
{
    AUTO_BUF chain, key;
    char problem[IPC_NAME_MAX] = "";
    int error, rc;

    buf_init(&chain, CHAIN_MAX_BYTES);
    buf_init(&key, KEY_MAX_BYTES);
    error = read_file(chain_path, &chain);
    if (error != 0)
        (void)snprintf(problem, sizeof(problem), "%.300s: %s", chain_path, strerror(error));
    else if ((error = read_file(key_path, &key)) != 0)
        (void)snprintf(problem, sizeof(problem), "%.300s: %s", key_path, strerror(error));
    rc = put(fd, &(struct ipc_certificate){ .name = slice_of(name),
                                            .file = slice_of(chain_path),
                                            .chain = error == 0 ? buf_slice(&chain) : SLICE_NONE,
                                            .key = error == 0 ? buf_slice(&key) : SLICE_NONE,
                                            .problem = slice_of(problem) });
    if (key.data != NULL)
        explicit_bzero(key.data, key.cap);
    return rc;
}

/* As host names are written; "default" is the one of [web] certificate. */
static int is_name(const struct dirent *entry)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' && len <= CERTIFICATE_NAME_MAX &&
           strspn(entry->d_name, letters) == len && strcmp(entry->d_name, CERTIFICATE_DEFAULT) != 0;
}

static int put_folder(int fd, const char *folder, const char *name)
{
    AUTO_MEM char *chain = NULL;
    AUTO_MEM char *key = NULL;

    if (asprintf(&chain, "%s/%s/fullchain.pem", folder, name) < 0)
        chain = NULL;
    if (asprintf(&key, "%s/%s/privkey.pem", folder, name) < 0)
        key = NULL;
    if (chain == NULL || key == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (access(chain, F_OK) != 0 && access(key, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return OK;
    return put_files(fd, name, chain, key);
}

/* In the order of their names, so that the same files are the same certificates. */
static int put_folders(int fd, const char *folder, bool *ret_whole)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_name, alphasort), rc = OK;

    *ret_whole = count >= 0 || errno == ENOENT;
    if (!*ret_whole)
        log_event(LOG_ERROR, NULL, "certificates.unreadable", "folder=%s error=\"%s\"", folder,
                  strerror(errno));
    if (count > NAMES_MAX)
        log_event(LOG_ERROR, NULL, "certificates.too_many", "most=%d", NAMES_MAX);
    for (int i = 0; i < count; i++) {
        if (rc == OK && i < NAMES_MAX)
            rc = put_folder(fd, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

int certificates_gather(const struct settings *settings, int *ret_fd, uint64_t *ret_bytes,
                        bool *ret_whole)
{
    AUTO_FD fd = memfd_create("certificates", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int rc = fd < 0 ? RAISE(ERR_IO) : OK;

    *ret_whole = true;
    if (rc == OK && settings->web_certificate[0] != '\0')
        rc = put_files(fd, CERTIFICATE_DEFAULT, settings->web_certificate,
                       settings->web_private_key);
    if (rc == OK && settings->web_certificates[0] != '\0')
        rc = put_folders(fd, settings->web_certificates, ret_whole);
    if (rc == OK && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        rc = RAISE(ERR_IO);
    if (rc != OK)
        return rc;
    *ret_bytes = (uint64_t)lseek(fd, 0, SEEK_CUR);
    *ret_fd = fd;
    fd = -1;
    return OK;
}
