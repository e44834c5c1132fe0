/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/archive_zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

struct zip {
    struct archive *archive;
    struct buf *to;
};

enum { FIRST_ZIP_TIME = 315532800 /* 1980-01-01 */ };

static la_ssize_t on_write(struct archive *archive, void *context, const void *bytes, size_t len)
{
    struct zip *zip = context;

    buf_add(zip->to, bytes, len);
    if (!buf_failed(zip->to))
        return (la_ssize_t)len;
    archive_set_error(archive, ENOSPC, "too large");
    return -1;
}

struct zip *zip_new(struct buf *to)
{
    AUTO(zip) zip = calloc(1, sizeof(*zip));
    struct zip *made = zip;

    if (zip == NULL)
        return NULL;
    zip->to = to;
    zip->archive = archive_write_new();
    if (zip->archive == NULL || archive_write_set_format_zip(zip->archive) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(zip->archive, 0) != ARCHIVE_OK ||
        archive_write_open(zip->archive, zip, NULL, on_write, NULL) != ARCHIVE_OK)
        return NULL;
    zip = NULL;
    return made;
}

struct zip *zip_free(struct zip *zip)
{
    if (zip != NULL && zip->archive != NULL)
        (void)archive_write_free(zip->archive);
    free(zip);
    return NULL;
}

int zip_add(struct zip *zip, const char *name, struct slice content)
{
    struct archive_entry *entry = archive_entry_new();
    int rc = entry == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK) {
        archive_entry_set_pathname(entry, name);
        archive_entry_set_size(entry, (la_int64_t)content.len);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_mtime(entry, FIRST_ZIP_TIME, 0);
        if (archive_write_header(zip->archive, entry) != ARCHIVE_OK ||
            archive_write_data(zip->archive, content.data, content.len) != (la_ssize_t)content.len)
            rc = RAISE(ERR_LIMIT);
    }
    archive_entry_free(entry);
    return rc;
}

int zip_finish(struct zip *zip)
{
    return archive_write_close(zip->archive) == ARCHIVE_OK && !buf_failed(zip->to)
               ? OK
               : RAISE(ERR_LIMIT);
}
