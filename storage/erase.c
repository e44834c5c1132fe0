/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/erase.h"

#include "storage/billing/reading.h"
#include "storage/files.h"
#include "storage/sqlite/store_sqlite.h"
#include "storage/transcripts/search.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* Messages and events name their conversation; notes, codes, files and the rest follow it by
 * triggers, and a visitor's answers as a buyer the visitor. The bytes of files go when the store is
 * scrubbed. */
static const char *const erase_sql[] = {
    "DELETE FROM messages WHERE conversation IN (SELECT row FROM conversations WHERE visitor = ?1)",
    "DELETE FROM events WHERE conversation IN (SELECT row FROM conversations WHERE visitor = ?1)",
    "DELETE FROM conversations WHERE visitor = ?1",
    "DELETE FROM visitors WHERE id = ?1",
    "DELETE FROM buyers WHERE id = ?1", /* an order stands in the ledger as a visitor does */
    "DELETE FROM orders WHERE id = ?1",
};
enum { ERASE_STEPS = sizeof(erase_sql) / sizeof(erase_sql[0]) };

/* How many rows went; -1: failed. */
static int64_t step(sqlite3 *db, const char *sql, struct visitor_id visitor)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int code;

    if (stmt == NULL)
        return -1;
    bind_id(stmt, 1, visitor.id);
    code = sqlite3_step(stmt);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? sqlite3_changes64(db) : -1;
}

static int forget(sqlite3 *db, struct visitor_id visitor, struct erasure *erasure)
{
    int64_t gone[ERASE_STEPS];
    int rc = billing_keep_erased(db, visitor);

    if (rc != OK)
        return rc;
    for (size_t i = 0; i < ERASE_STEPS; i++) {
        gone[i] = step(db, erase_sql[i], visitor);
        if (gone[i] < 0)
            return RAISE(ERR_IO);
    }
    erasure->messages += (uint64_t)gone[0];
    erasure->conversations += (uint64_t)gone[2];
    erasure->found += gone[2] > 0 || gone[3] > 0 || gone[4] > 0 || gone[5] > 0;
    return OK;
}

static int apply(struct writer_db *writer, struct store_bulk *bulk)
{
    struct erasure *erasure = (struct erasure *)bulk;
    int rc = OK;

    erasure->found = erasure->conversations = erasure->messages = 0;
    for (size_t i = 0; rc == OK && i < erasure->count; i++)
        rc = forget(writer->db, erasure->visitors[i], erasure);
    return rc == OK ? search_forget(writer) : rc;
}

int erasure_init(struct erasure *erasure, const struct visitor_id *visitors, size_t count)
{
    *erasure = (struct erasure){ .bulk.apply = apply, .count = count };
    erasure->visitors = malloc((count + 1) * sizeof(*visitors));
    if (erasure->visitors == NULL)
        return RAISE(ERR_NO_MEMORY);
    memcpy(erasure->visitors, visitors, count * sizeof(*visitors));
    return OK;
}

void erasure_release(struct erasure *erasure)
{
    free(erasure->visitors);
    erasure->visitors = NULL;
}

/* --- the ledger: a line each, "tenant visitor milliseconds", or "tenant - milliseconds" --- */

/* What is written after a line that was cut short must not become a part of it. */
static bool ends_within_a_line(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char last = '\n';

    return size > 0 && (pread(fd, &last, 1, size - 1) != 1 || last != '\n');
}

static int add_line(const char *dir, const char *line, size_t len)
{
    char path[4096];
    AUTO_FD fd = -1;

    (void)snprintf(path, sizeof(path), "%s/erasures", dir);
    fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || (ends_within_a_line(fd) && write(fd, "\n", 1) != 1) ||
        write(fd, line, len) != (ssize_t)len || fsync(fd) != 0)
        return RAISE(ERR_IO);
    return folder_sync(dir); /* the file may be new: then its name must be there, too */
}

int ledger_add_tenant(const char *dir, const struct tenant_name *tenant, uint64_t at_ms)
{
    char line[128];
    int len = snprintf(line, sizeof(line), "%s - %" PRIu64 "\n", tenant->text, at_ms);

    return add_line(dir, line, (size_t)len);
}

int ledger_add(const char *dir, const struct tenant_name *tenant, struct visitor_id visitor,
               uint64_t at_ms)
{
    char line[128], id[ID_TEXT_BYTES];
    int len;

    id_format(visitor.id, id);
    len = snprintf(line, sizeof(line), "%s %s %" PRIu64 "\n", tenant->text, id, at_ms);
    return add_line(dir, line, (size_t)len);
}

static int append(struct visitor_id **visitors, size_t *count, struct id id)
{
    struct visitor_id *grown = realloc(*visitors, (*count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    grown[(*count)++] = (struct visitor_id){ id };
    *visitors = grown;
    return OK;
}

/* A line cut short by a kill was never answered as done, and is passed over. */
static int read_line(const char *line, const struct tenant_name *tenant,
                     struct visitor_id **visitors, size_t *count)
{
    size_t len = strcspn(line, " ");
    struct id id;

    if (!slice_is((struct slice){ line, len }, tenant->text) ||
        strlen(line) < len + 1 + ID_TEXT_LEN || strchr(line, '\n') == NULL ||
        id_parse((struct slice){ line + len + 1, ID_TEXT_LEN }, &id) != 0)
        return OK;
    return append(visitors, count, id);
}

int ledger_read(const char *dir, const struct tenant_name *tenant, struct visitor_id **ret_visitors,
                size_t *ret_count)
{
    char path[4096], line[160];
    FILE *file;
    int rc = OK;

    *ret_visitors = NULL;
    *ret_count = 0;
    (void)snprintf(path, sizeof(path), "%s/erasures", dir);
    file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? OK : RAISE(ERR_IO);
    while (rc == OK && fgets(line, sizeof(line), file) != NULL)
        rc = read_line(line, tenant, ret_visitors, ret_count);
    (void)fclose(file);
    return rc;
}

int ledger_tenant_gone(const char *dir, const struct tenant_name *tenant, uint64_t *ret_at_ms)
{
    struct slice line;
    char begin[64];
    AUTO_BUF text;
    int rc;

    buf_init(&text, 256 * 1024 * 1024);
    *ret_at_ms = 0;
    rc = ledger_copy(dir, slice_of(tenant->text), &text);
    (void)snprintf(begin, sizeof(begin), "%s - ", tenant->text);
    for (const char *at = text.len > 0 ? text.data : ""; rc == OK && *at != '\0';) {
        line = (struct slice){ at, strcspn(at, "\n") };
        if (slice_starts_with(line, begin))
            *ret_at_ms = strtoull(at + strlen(begin), NULL, 10);
        at += line.len + (at[line.len] != '\0');
    }
    return rc;
}

int ledger_copy(const char *dir, struct slice tenant, struct buf *to)
{
    char path[4096], line[160];
    FILE *file;
    bool broken;

    (void)snprintf(path, sizeof(path), "%s/erasures", dir);
    file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? OK : RAISE(ERR_IO);
    while (fgets(line, sizeof(line), file) != NULL) {
        struct slice name = { line, strcspn(line, " ") };

        if (strchr(line, '\n') != NULL && (tenant.len == 0 || slice_equal(name, tenant)))
            buf_add_text(to, line);
    }
    broken = ferror(file) != 0;
    (void)fclose(file);
    if (broken)
        return RAISE(ERR_IO);
    return buf_failed(to) ? RAISE(ERR_LIMIT) : OK;
}
