/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a backup: whether all of it is there as it was written, and its content by itself.
 */
#include "storage/backup/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

static bool full_path(const struct backup *backup, const struct piece *piece, char path[4096],
                      char name[256])
{
    return piece_path(backup, piece, name, 256) &&
           snprintf(path, 4096, "%s/%s", backup->dir, name) < 4096;
}

/* --- content --- */

struct extracting {
    FILE *to;
    struct digester *digester;
    uint64_t bytes;
};

static int take(void *context, const void *bytes, size_t len)
{
    struct extracting *extracting = context;

    digester_add(extracting->digester, bytes, len);
    extracting->bytes += len;
    return fwrite(bytes, 1, len, extracting->to) == len ? OK : RAISE(ERR_IO);
}

static int copy(FILE *from, struct extracting *extracting)
{
    char bytes[32 * 1024];
    size_t len;
    int rc = OK;

    while (rc == OK && (len = fread(bytes, 1, sizeof(bytes), from)) > 0)
        rc = take(extracting, bytes, len);
    return rc == OK && ferror(from) ? RAISE(ERR_IO) : rc;
}

/* Whatever comes out must be what the manifest says went in. */
static int pour(const struct backup *backup, const struct piece *piece, FILE *from, FILE *to)
{
    struct extracting extracting = { .to = to, .digester = digester_new() };
    struct digest sha256;
    char name[256];
    int rc;

    if (extracting.digester == NULL || !piece_path(backup, piece, name, sizeof(name)))
        return RAISE(ERR_NO_MEMORY);
    rc = backup->sealed ? seal_read(&backup->key, name, from, take, &extracting)
                        : copy(from, &extracting);
    sha256 = digester_end(extracting.digester);
    if (rc == OK &&
        (extracting.bytes != piece->facts.bytes || !digest_equal(&sha256, &piece->facts.sha256)))
        rc = SEAL_E_BROKEN;
    return rc;
}

static int extract_to(const struct backup *backup, const struct piece *piece, FILE *to,
                      struct buf *problem)
{
    char path[4096], name[256];
    FILE *from;
    int rc;

    if (backup->sealed && !backup->opened) {
        buf_add_text(problem, "it is sealed: --key-file names the key.");
        return BACKUP_E_REFUSED;
    }
    from = full_path(backup, piece, path, name) ? fopen(path, "re") : NULL;
    if (from == NULL) {
        buf_addf(problem, "%s cannot be read: %s.", name, strerror(errno));
        return BACKUP_E_REFUSED;
    }
    rc = pour(backup, piece, from, to);
    (void)fclose(from);
    if (rc == SEAL_E_BROKEN) {
        buf_addf(problem, "%s is not as it was written.", name);
        return BACKUP_E_REFUSED;
    }
    return rc;
}

int backup_extract(const struct backup *backup, const struct piece *piece, const char *to,
                   struct buf *problem)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc = BACKUP_E_REFUSED;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool written = false;

    if (file != NULL) {
        rc = extract_to(backup, piece, file, problem);
        written = fflush(file) == 0 && fsync(fd) == 0;
        written = fclose(file) == 0 && written;
    }
    if (written && rc == OK)
        return OK;
    if (problem->len == 0)
        buf_addf(problem, "%s cannot be written: %s.", to, strerror(errno));
    if (fd >= 0)
        (void)unlink(to);
    return BACKUP_E_REFUSED;
}

/* --- checking --- */

static bool stored_as_written(const struct backup *backup, const struct piece *piece,
                              struct buf *problems)
{
    char path[4096], name[256];
    struct digest sha256;
    uint64_t bytes;

    if (!full_path(backup, piece, path, name))
        return false;
    if (access(path, R_OK) != 0)
        buf_addf(problems, "%s: %s\n", name, errno == ENOENT ? "missing" : strerror(errno));
    else if (snapshot_measure(path, &bytes, &sha256) != OK)
        buf_addf(problems, "%s: cannot be read\n", name);
    else if (bytes != piece->stored_bytes)
        buf_addf(problems, "%s: %" PRIu64 " bytes long, %" PRIu64 " were written\n", name, bytes,
                 piece->stored_bytes);
    else if (!digest_equal(&sha256, &piece->stored_sha256))
        buf_addf(problems, "%s: its bytes have changed since it was written\n", name);
    else
        return true;
    return false;
}

void problems_tell(const char *who, const struct buf *found, struct buf *problems)
{
    const char *at = found->len > 0 ? found->data : "";

    while (*at != '\0') {
        size_t len = strcspn(at, "\n");

        buf_addf(problems, "%s: %.*s\n", who, (int)len, at);
        at += len + (at[len] != '\0');
    }
}

static void compare(const struct piece *piece, const struct snapshot_facts *facts,
                    struct buf *found)
{
    if (facts->conversations != piece->facts.conversations ||
        facts->messages != piece->facts.messages || facts->schema != piece->facts.schema)
        buf_addf(found,
                 "holds %" PRIu64 " conversations, %" PRIu64 " messages; the manifest says %" PRIu64
                 ", %" PRIu64 "\n",
                 facts->conversations, facts->messages, piece->facts.conversations,
                 piece->facts.messages);
}

/* The opened content lies in a file of our own while it is looked at, and no longer. */
static void look_into(const struct backup *backup, const struct piece *piece, const char *scratch,
                      struct buf *problems)
{
    struct snapshot_facts facts;
    char name[256];
    AUTO_BUF found;

    buf_init(&found, 64 * 1024);
    if (!piece_path(backup, piece, name, sizeof(name)))
        return;
    if (backup_extract(backup, piece, scratch, &found) == OK) {
        if (snapshot_look(piece->kind, scratch, &facts, &found) != OK)
            buf_add_text(&found, "cannot be read\n");
        if (found.len == 0 && piece->kind == PIECE_TRANSCRIPTS)
            compare(piece, &facts, &found);
        (void)unlink(scratch);
    }
    problems_tell(name, &found, problems);
}

static size_t lines_of(const struct buf *text)
{
    size_t lines = 0;

    for (size_t i = 0; i < text->len; i++)
        lines += text->data[i] == '\n';
    return lines;
}

size_t backup_check(const struct backup *backup, struct buf *problems)
{
    const char *temporary = getenv("TMPDIR");
    char folder[4096], scratch[4112];
    const char *tenant;
    json_t *why;
    bool whole =
        backup->tenant.text[0] != '\0' || backup_find(backup, PIECE_DIRECTORY, NULL) != NULL;

    (void)snprintf(folder, sizeof(folder), "%s/lasna-verify-XXXXXX",
                   temporary != NULL && temporary[0] == '/' ? temporary : "/var/tmp");
    if (mkdtemp(folder) == NULL) {
        buf_addf(problems, "%s: cannot be made to look into the pieces: %s\n", folder,
                 strerror(errno));
        return 1;
    }
    (void)snprintf(scratch, sizeof(scratch), "%s/piece", folder);
    if (!whole)
        buf_add_text(problems, "lasna.db: the manifest names none\n");
    json_object_foreach(backup->left_out, tenant, why)
    {
        buf_addf(problems, "tenants/%s: left out when this was made: %s\n", tenant,
                 json_string_value(why));
    }
    for (size_t i = 0; i < backup->count; i++) {
        const struct piece *piece = &backup->pieces[i];

        if (stored_as_written(backup, piece, problems) && (!backup->sealed || backup->opened))
            look_into(backup, piece, scratch, problems);
    }
    (void)rmdir(folder);
    return lines_of(problems);
}
