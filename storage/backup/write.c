/* SPDX-License-Identifier: Apache-2.0
 *
 * A backup being made: pieces written beside, proved by reading them back, named at the end.
 */
#include "storage/backup/backup.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret/random.h"
#include "storage/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

struct piece_file {
    struct backup *backup;
    struct piece piece;
    char path[4096]; /* of the file in DIR.partial */
    FILE *file;      /* on disk */
    FILE *stream;    /* where the content goes */
    struct seal *seal;
    struct digester *content;
    uint64_t bytes;
};

/* "DIR.partial": slashes at the end of DIR do not count. */
static void partial_path(const struct backup *backup, char path[4096])
{
    (void)snprintf(path, 4096, "%s.partial", backup->dir);
}

static int failed(struct buf *problem, const char *path)
{
    buf_addf(problem, "%s cannot be written: %s.", path, strerror(errno));
    return BACKUP_E_REFUSED;
}

/* --- folders --- */

static int remove_one(const char *path, const struct stat *stat_of, int kind, struct FTW *at)
{
    (void)stat_of;
    (void)kind;
    (void)at;
    return remove(path);
}

int folder_remove(const char *path)
{
    struct stat stat_of;

    if (lstat(path, &stat_of) != 0)
        return errno == ENOENT ? OK : RAISE(ERR_IO);
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? OK : RAISE(ERR_IO);
}

static bool is_in_the_way(const char *dir)
{
    struct stat stat_of;

    /* An empty folder gives its place to the new one; rmdir() knows best whether it is. */
    return lstat(dir, &stat_of) == 0 && rmdir(dir) != 0;
}

/* --- begin --- */

int backup_secret(const char *path, char **ret_secret, struct buf *problem)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat_of;
    char line[1024] = "";
    ssize_t len = fd < 0 || fstat(fd, &stat_of) != 0 ? -1 : read(fd, line, sizeof(line) - 1);

    if (len < 0) {
        buf_addf(problem, "%s cannot be read: %s.", path, strerror(errno));
        return BACKUP_E_REFUSED;
    }
    line[strcspn(line, "\r\n")] = '\0';
    if ((stat_of.st_mode & 077) != 0)
        buf_addf(problem, "%s may be read by others: chmod 600 it.", path);
    else if (strlen(line) < SEAL_SECRET_MIN)
        buf_addf(problem, "%s must hold one line of at least %d characters: openssl rand -hex 32.",
                 path, SEAL_SECRET_MIN);
    else
        *ret_secret = strdup(line);
    explicit_bzero(line, sizeof(line));
    if (problem->len > 0)
        return BACKUP_E_REFUSED;
    return *ret_secret != NULL ? OK : RAISE(ERR_NO_MEMORY);
}

static int make_partial(const struct backup *backup, struct buf *problem)
{
    char partial[4096];

    partial_path(backup, partial);
    if (is_in_the_way(backup->dir)) {
        buf_addf(problem, "%s is there already, and is left alone: name another folder.",
                 backup->dir);
        return BACKUP_E_REFUSED;
    }
    if (folder_remove(partial) != OK || mkdir(partial, 0700) != 0)
        return failed(problem, partial);
    return OK;
}

int backup_begin(struct backup **ret_backup, const char *dir, const struct tenant_name *tenant,
                 const char *secret, struct buf *problem)
{
    AUTO(backup) backup = calloc(1, sizeof(*backup));
    size_t len = strlen(dir);
    int rc;

    while (len > 1 && dir[len - 1] == '/')
        len--;
    if (backup != NULL)
        backup->dir = strndup(dir, len);
    if (backup != NULL)
        backup->left_out = json_object();
    if (backup == NULL || backup->dir == NULL || backup->left_out == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (tenant != NULL)
        backup->tenant = *tenant;
    random_bytes(backup->salt, sizeof(backup->salt));
    backup->sealed = backup->opened = secret != NULL;
    rc = secret != NULL ? seal_key_derive(slice_of(secret), backup->salt, &backup->key) : OK;
    if (rc == OK)
        rc = make_partial(backup, problem);
    if (rc != OK)
        return rc;
    *ret_backup = backup;
    backup = NULL;
    return OK;
}

/* --- pieces --- */

static ssize_t take_content(void *context, const char *bytes, size_t len)
{
    struct piece_file *file = context;
    int rc = OK;

    digester_add(file->content, bytes, len);
    file->bytes += len;
    if (file->seal != NULL)
        rc = seal_add(file->seal, bytes, len);
    else if (fwrite(bytes, 1, len, file->file) != len)
        rc = ERR_IO;
    return rc == OK ? (ssize_t)len : 0;
}

static int open_streams(struct piece_file *file, const char *name)
{
    static const cookie_io_functions_t functions = { .write = take_content };
    int fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    file->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file->file == NULL)
        return RAISE(ERR_IO);
    if (file->backup->sealed && seal_new(&file->seal, &file->backup->key, name, file->file) != OK)
        return RAISE(ERR_IO);
    file->content = digester_new();
    file->stream = fopencookie(file, "w", functions);
    return file->stream == NULL || file->content == NULL ? RAISE(ERR_NO_MEMORY) : OK;
}

static int make_folders(const struct piece_file *file)
{
    char folder[4096];

    partial_path(file->backup, folder);
    (void)snprintf(folder + strlen(folder), sizeof(folder) - strlen(folder), "/tenants");
    if (file->piece.tenant.text[0] == '\0')
        return OK;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return RAISE(ERR_IO);
    (void)snprintf(folder + strlen(folder), sizeof(folder) - strlen(folder), "/%s",
                   file->piece.tenant.text);
    return mkdir(folder, 0700) == 0 || errno == EEXIST ? OK : RAISE(ERR_IO);
}

int piece_begin(struct piece_file **ret_file, struct backup *backup, enum piece_kind kind,
                const struct tenant_name *tenant, struct buf *problem)
{
    struct piece_file *file = calloc(1, sizeof(*file));
    char name[256], partial[4096];

    if (file == NULL)
        return RAISE(ERR_NO_MEMORY);
    file->backup = backup;
    file->piece.kind = kind;
    if (tenant != NULL)
        file->piece.tenant = *tenant;
    partial_path(backup, partial);
    if (!piece_path(backup, &file->piece, name, sizeof(name)) ||
        strlen(partial) + strlen(name) + 2 > sizeof(file->path)) {
        free(file);
        return RAISE(ERR_LIMIT);
    }
    (void)stpcpy(stpcpy(stpcpy(file->path, partial), "/"), name);
    if (make_folders(file) != OK || open_streams(file, name) != OK) {
        (void)failed(problem, file->path);
        piece_drop(file);
        return BACKUP_E_REFUSED;
    }
    *ret_file = file;
    return OK;
}

FILE *piece_stream(struct piece_file *file)
{
    return file->stream;
}

void piece_drop(struct piece_file *file)
{
    if (file->stream != NULL)
        (void)fclose(file->stream);
    (void)seal_free(file->seal);
    if (file->file != NULL)
        (void)fclose(file->file);
    (void)digester_end(file->content);
    (void)unlink(file->path);
    free(file);
}

/* All that was written is on its way, its end included; the digest of it is known. */
static bool close_streams(struct piece_file *file)
{
    bool fine = fclose(file->stream) == 0;

    file->stream = NULL;
    fine = fine && (file->seal == NULL || seal_end(file->seal) == OK);
    fine = fine && fflush(file->file) == 0 && fsync(fileno(file->file)) == 0;
    file->piece.facts.bytes = file->bytes;
    file->piece.facts.sha256 = digester_end(file->content);
    file->content = NULL;
    return fine;
}

static int keep_piece(struct backup *backup, const struct piece *piece)
{
    struct piece *grown = realloc(backup->pieces, (backup->count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    backup->pieces = grown;
    grown[backup->count++] = *piece;
    return OK;
}

int piece_end(struct piece_file *file, const struct snapshot_facts *facts, struct buf *problem)
{
    int rc = OK;

    if (!close_streams(file) ||
        snapshot_measure(file->path, &file->piece.stored_bytes, &file->piece.stored_sha256) != OK)
        rc = failed(problem, file->path);
    if (rc == OK && facts != NULL &&
        (facts->bytes != file->bytes || !digest_equal(&facts->sha256, &file->piece.facts.sha256))) {
        buf_addf(problem, "%s did not arrive as it was sent.", file->path);
        rc = BACKUP_E_REFUSED;
    }
    if (rc == OK && facts != NULL)
        file->piece.facts = *facts;
    if (rc == OK)
        rc = keep_piece(file->backup, &file->piece);
    if (rc != OK) {
        piece_drop(file);
        return rc;
    }
    (void)seal_free(file->seal);
    (void)fclose(file->file);
    free(file);
    return OK;
}

void backup_remove(struct backup *backup, size_t at)
{
    char partial[4096], name[256];
    AUTO_MEM char *path = NULL;

    partial_path(backup, partial);
    if (piece_path(backup, &backup->pieces[at], name, sizeof(name)) &&
        asprintf(&path, "%s/%s", partial, name) >= 0) {
        (void)unlink(path);
        *strrchr(path, '/') = '\0';
        (void)rmdir(path);
    }
    backup->pieces[at] = backup->pieces[--backup->count];
}

/* --- finish --- */

static int write_manifest(const struct backup *backup, const char *partial, struct buf *problem)
{
    AUTO_JSON manifest = manifest_of(backup);
    AUTO_MEM char *path = NULL;
    FILE *file;
    bool fine;

    if (manifest == NULL || asprintf(&path, "%s/manifest.json", partial) < 0) {
        path = NULL;
        return RAISE(ERR_NO_MEMORY);
    }
    file = fopen(path, "wxe");
    if (file == NULL)
        return failed(problem, path);
    fine = fchmod(fileno(file), 0600) == 0 && json_dumpf(manifest, file, JSON_INDENT(2)) == 0 &&
           fputc('\n', file) == '\n' && fflush(file) == 0 && fsync(fileno(file)) == 0;
    fine = fclose(file) == 0 && fine;
    return fine ? OK : failed(problem, path);
}

void backup_abandon(const struct backup *backup)
{
    char partial[4096];

    partial_path(backup, partial);
    if (folder_remove(partial) != OK) /* then the next run does it */
        log_event(LOG_WARNING, NULL, "backup.left", "path=%s", partial);
}

static int sync_one(const char *path, const struct stat *stat_of, int kind, struct FTW *at)
{
    (void)stat_of;
    (void)at;
    return kind == FTW_D || kind == FTW_DP ? folder_sync(path) : 0;
}

int backup_finish(struct backup *backup, uint64_t now_ms, struct buf *problem)
{
    AUTO_MEM char *above = strdup(backup->dir);
    char partial[4096], *slash;
    int rc;

    if (above == NULL)
        return RAISE(ERR_NO_MEMORY);
    partial_path(backup, partial);
    clock_format(now_ms, backup->made_at);
    (void)snprintf(backup->made_by, sizeof(backup->made_by), "lasna %s", LASNA_VERSION);
    rc = write_manifest(backup, partial, problem);
    if (rc != OK)
        return rc;
    slash = strrchr(above, '/');
    if (slash != NULL)
        slash[slash == above] = '\0';
    if (nftw(partial, sync_one, 16, FTW_PHYS) != 0 || rename(partial, backup->dir) != 0 ||
        folder_sync(slash != NULL ? above : ".") != OK)
        return failed(problem, backup->dir);
    return OK;
}
