/* SPDX-License-Identifier: Apache-2.0
 *
 * Files on their way out, a part for each time it is asked for. Nothing stays open in between:
 * a slow reader costs a few bytes, and a file that is erased ends where it stands. There are so
 * many at once, and of each tenant as many as are left for all others; where that is not enough, a
 * reader who does not read makes room.
 */
#include "server-bridge/core/files/files.h"

#include <stdlib.h>

enum {
    PART_BYTES = 128 * 1024,
    DOWNLOADS_MAX = 2000,
    STILL_MS = 10 * 1000, /* without asking for more */
};

struct download {
    struct download *next, *prev;
    struct web_peer *web;
    uint64_t request;
    struct tenant_name tenant;
    struct file_id file;
    uint64_t at, until, bytes, moved_ms;
};

/* What of a file is wanted. */
struct extent {
    uint64_t first, length;
};

static void remove_download(struct download *download)
{
    DL_DELETE(download->web->core->downloads, download);
    free(download);
}

static struct download *find(const struct web_peer *web, uint64_t request)
{
    struct download *download;

    DL_FOREACH(web->core->downloads, download)
    {
        if (download->web == web && download->request == request)
            return download;
    }
    return NULL;
}

/* Unknown, foreign and gone are all the same. */
static void refuse(const struct web_peer *web, uint64_t request, unsigned status)
{
    IPC_SEND(web->ipc, api_answer, .request = request, .status = status,
             .content_type = SLICE_LITERAL("text/plain; charset=utf-8"),
             .body = status == 404 ? SLICE_LITERAL("There is no such file, or no more.\n")
                                   : SLICE_LITERAL("Try again in a moment.\n"));
}

static bool has_room(const struct core *core, const struct tenant_name *tenant, size_t *ret_held)
{
    const struct download *download;
    size_t count = 0;

    *ret_held = 0;
    DL_FOREACH(core->downloads, download)
    {
        count++;
        *ret_held += strcmp(download->tenant.text, tenant->text) == 0;
    }
    return share_has_room(*ret_held, count, DOWNLOADS_MAX);
}

/* Those stand first that have been still for longest. One of the tenant's own goes, or, where it
 * has none, anybody's. */
static bool make_room(struct core *core, const struct tenant_name *tenant, bool own)
{
    uint64_t now_ms = core_now_ms(core);
    struct download *download;

    DL_FOREACH(core->downloads, download)
    {
        if (download->moved_ms + STILL_MS > now_ms)
            break;
        if (own && strcmp(download->tenant.text, tenant->text) != 0)
            continue;
        IPC_SEND(download->web->ipc, api_part, .request = download->request, .broken = true);
        remove_download(download);
        return true;
    }
    return false;
}

static bool add(struct web_peer *web, uint64_t request, const struct tenant_name *tenant,
                const struct chat_file *file, struct extent wanted)
{
    struct download *download;
    size_t held;

    if (!has_room(web->core, tenant, &held) && !make_room(web->core, tenant, held > 0))
        return false;
    download = calloc(1, sizeof(*download));
    if (download == NULL)
        return false;
    download->web = web;
    download->request = request;
    download->tenant = *tenant;
    download->file = file->id;
    download->at = wanted.first;
    download->until = wanted.first + wanted.length;
    download->bytes = file->bytes;
    download->moved_ms = core_now_ms(web->core);
    DL_APPEND(web->core->downloads, download);
    return true;
}

/* The row behind an address that is right to the last letter. */
static bool look_up(const struct core *core, const struct live_tenant *tenant,
                    const struct ipc_file_open *open, struct chat_file *ret_file,
                    struct buf *ret_name)
{
    struct stored_file found;
    struct file_id id;

    if (tenant == NULL || tenant->chat == NULL ||
        !file_key_parse(core, tenant_born(&tenant->about), open->key, &id) ||
        files_find(core->store, &tenant->about.name, id, &found) != OK)
        return false;
    *ret_file = found.file;
    filetype_plain_name(slice_of(found.name), found.file.type, ret_name);
    free(found.name);
    return slice_equal(buf_slice(ret_name), open->name);
}

/* As much of it as there is. */
static struct extent extent_of(const struct ipc_file_open *open, uint64_t bytes)
{
    const struct extent all = { .first = 0, .length = bytes }, none = { .first = 0 };

    if (open->known)
        return none;
    if (!open->ranged)
        return all;
    if (open->from_end)
        return open->first < bytes ? (struct extent){ bytes - open->first, open->first } : all;
    if (open->first >= bytes)
        return none;
    return (struct extent){ open->first,
                            (open->last < bytes ? open->last + 1 : bytes) - open->first };
}

void downloads_open(struct web_peer *web, const struct ipc_file_open *open)
{
    struct live_tenant *tenant = tenants_called(web->core, open->tenant);
    struct chat_file file = { .bytes = 0 };
    struct extent wanted;
    AUTO_BUF name;

    buf_init(&name, IPC_NAME_MAX);
    if (!look_up(web->core, tenant, open, &file, &name)) {
        refuse(web, open->request, 404);
        return;
    }
    wanted = extent_of(open, file.bytes);
    if (wanted.length > 0 && !add(web, open->request, &tenant->about.name, &file, wanted)) {
        refuse(web, open->request, 503);
        return;
    }
    IPC_SEND(web->ipc, file_found, .request = open->request,
             .type = slice_of(filetype_mime(file.type)), .key = open->key, .name = buf_slice(&name),
             .bytes = file.bytes, .first = wanted.first, .length = wanted.length,
             .known = open->known, .ranged = open->ranged, .shown = filetype_is_picture(file.type));
}

static size_t read_part(const struct download *download, char *to)
{
    size_t got;

    return files_read(download->web->core->tenants_folder, &download->tenant, download->file,
                      download->at, to, PART_BYTES, &got) == OK
               ? got
               : 0;
}

bool downloads_next(struct web_peer *web, const struct ipc_api_next *next)
{
    struct download *download = find(web, next->request);
    AUTO_MEM char *part = download != NULL && next->wanted ? malloc(PART_BYTES) : NULL;
    size_t got = part == NULL ? 0 : read_part(download, part);
    bool more;

    if (download == NULL)
        return false;
    if (!next->wanted) {
        remove_download(download);
        return true;
    }
    if (got > download->bytes - download->at)
        got = 0; /* it grew: not what the row tells of */
    if (got > download->until - download->at)
        got = (size_t)(download->until - download->at);
    download->at += got;
    download->moved_ms = core_now_ms(web->core);
    DL_DELETE(web->core->downloads, download);
    DL_APPEND(web->core->downloads, download);
    more = download->at < download->until && got > 0;
    IPC_SEND(web->ipc, api_part, .request = next->request,
             .body = { part == NULL ? "" : part, got }, .more = more,
             .broken = !more && download->at < download->until);
    if (!more)
        remove_download(download);
    return true;
}

void downloads_forget_web(struct core *core, const struct web_peer *web)
{
    struct download *download, *next;

    DL_FOREACH_SAFE(core->downloads, download, next)
    {
        if (download->web == web)
            remove_download(download);
    }
}
