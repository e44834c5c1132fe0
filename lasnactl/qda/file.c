/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/qda/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BLOCK_BYTES = 64 * 1024, PROJECT_MAX_BYTES = 512 * 1024 * 1024 };
static const char internal[] = "internal://";

/* --- the zip --- */

static struct archive *zip_open(const char *path)
{
    struct archive *archive = archive_read_new();

    if (archive != NULL && archive_read_support_format_zip(archive) == ARCHIVE_OK &&
        archive_read_open_filename(archive, path, BLOCK_BYTES) == ARCHIVE_OK)
        return archive;
    (void)archive_read_free(archive);
    return NULL;
}

/* False: there is no more (ARCHIVE_EOF), or it is broken. */
static bool next_entry(struct archive *archive, struct archive_entry **entry, int *ret_rc)
{
    *ret_rc = archive_read_next_header(archive, entry);
    return *ret_rc == ARCHIVE_OK || *ret_rc == ARCHIVE_WARN;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static const char *entry_name(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);

    if (name == NULL)
        name = archive_entry_pathname(entry);
    return name != NULL ? name : "";
}

/* --- project.qde --- */

static bool is_project(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcasecmp(name + len - 4, ".qde") == 0;
}

static bool read_project(struct archive *archive, struct qda_project *project, struct buf *problem)
{
    AUTO(qda_reading) reading = qda_reading_new(project);
    AUTO_MEM char *block = malloc(BLOCK_BYTES);
    size_t total = 0;
    la_ssize_t got;

    if (reading == NULL || block == NULL) {
        buf_add_text(problem, "out of memory.");
        return false;
    }
    while ((got = archive_read_data(archive, block, BLOCK_BYTES)) > 0) {
        total += (size_t)got;
        if (total > PROJECT_MAX_BYTES) {
            buf_add_text(problem, "its project.qde is larger than 512 MiB.");
            return false;
        }
        if (!qda_reading_feed(reading, (struct slice){ block, (size_t)got }, false, problem))
            return false;
    }
    if (got < 0) {
        buf_add_text(problem, "its project.qde is torn.");
        return false;
    }
    return qda_reading_feed(reading, (struct slice){ "", 0 }, true, problem);
}

bool qda_file_open(struct qda_file *file, const char *path, struct buf *problem)
{
    struct archive *archive = zip_open(path);
    struct archive_entry *entry;
    bool found = false, fine = false;
    int rc;

    *file = (struct qda_file){ 0 };
    if (archive == NULL) {
        buf_add_text(problem, "it is no zip that can be read.");
        return false;
    }
    while (!found && next_entry(archive, &entry, &rc)) {
        found = is_project(entry_name(entry));
        fine = found && read_project(archive, &file->project, problem);
    }
    (void)archive_read_free(archive);
    if (!found)
        buf_add_text(problem, "there is no project.qde in it.");
    file->archive = fine ? zip_open(path) : NULL;
    if (fine && file->archive == NULL)
        buf_add_text(problem, "it is no zip that can be read.");
    return file->archive != NULL;
}

void qda_file_close(struct qda_file *file)
{
    (void)archive_read_free(file->archive);
    qda_project_release(&file->project);
    *file = (struct qda_file){ 0 };
}

/* --- texts --- */

/* The source whose text this entry is; NULL: none, or it was read. */
static struct qda_source *source_of(struct qda_project *project, const char *entry)
{
    for (size_t i = 0; i < project->count; i++) {
        struct qda_source *source = &project->sources[i];

        if (!source->done && !source->has_content &&
            strncmp(source->path, internal, strlen(internal)) == 0 &&
            strcasecmp(base_of(source->path), base_of(entry)) == 0)
            return source;
    }
    return NULL;
}

static int read_text(struct archive *archive, struct buf *text, struct buf *problem)
{
    AUTO_MEM char *block = malloc(BLOCK_BYTES);
    la_ssize_t got = 0;

    if (block == NULL)
        return RAISE(ERR_NO_MEMORY);
    while (!buf_failed(text) && (got = archive_read_data(archive, block, BLOCK_BYTES)) > 0)
        buf_add(text, block, (size_t)got);
    if (got >= 0 && !buf_failed(text))
        return OK;
    buf_add_text(problem, got < 0 ? "its text is torn." : "its text is too long.");
    return QDA_E_BAD;
}

/* What has no entry in the zip: texts in the project itself, and those that are missing. */
static int next_without_entry(struct qda_file *file, const struct qda_source **ret_source,
                              struct buf *text, struct buf *problem)
{
    while (file->next < file->project.count) {
        struct qda_source *source = &file->project.sources[file->next++];

        if (source->done)
            continue;
        source->done = true;
        *ret_source = source;
        buf_add_slice(text, buf_slice(&source->content));
        if (source->has_content)
            return buf_failed(text) ? RAISE(ERR_NO_MEMORY) : OK;
        buf_add_text(problem, source->path[0] == '\0' ? "it has no plain text."
                                                      : "its text is not in the file.");
        return QDA_E_BAD;
    }
    return QDA_E_END;
}

int qda_file_next(struct qda_file *file, const struct qda_source **ret_source, struct buf *text,
                  struct buf *problem)
{
    struct archive_entry *entry;

    buf_clear(text);
    while (!file->ended) {
        struct qda_source *source = NULL;
        int rc;

        if (next_entry(file->archive, &entry, &rc))
            source = source_of(&file->project, entry_name(entry));
        else if (rc != ARCHIVE_EOF)
            return RAISE(ERR_IO);
        file->ended = rc == ARCHIVE_EOF;
        if (source == NULL)
            continue;
        source->done = true;
        *ret_source = source;
        return read_text(file->archive, text, problem);
    }
    return next_without_entry(file, ret_source, text, problem);
}
