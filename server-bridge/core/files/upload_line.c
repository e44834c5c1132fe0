/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a file, as they come: a part each time we ask for one, by one line after another,
 * and when all are here they are looked at. A ticket is good for one line.
 */
#include "server-bridge/core/files/upload.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* --- looked at --- */

static void take(struct upload *upload, const struct chat_file *file)
{
    upload->file = *file;
    upload->ready = true;
    if (upload->forgotten) {
        upload_refuse(upload, 404, "upload_gone", "This chat was erased.");
        return;
    }
    upload_answer(upload, 202, "taken", "It is here, and comes as a message.");
    upload_say(upload);
}

static void settle(struct upload *upload, const struct upload_check *check)
{
    if (check->rc == FILETYPE_E_UNKNOWN)
        upload_refuse(upload, 415, "bad_type",
                      "Pictures (PNG, JPEG, WebP, GIF), PDF and plain text can be sent.");
    else if (check->rc == FILETYPE_E_HUGE)
        upload_refuse(upload, 415, "bad_type", "The picture has too many pixels.");
    else if (check->rc != OK)
        upload_refuse(upload, 503, "not_saved", "Not saved. Please try again.");
    else
        take(upload, &check->file);
}

static void on_checked(struct work *work, bool ran)
{
    struct upload_check *check = (struct upload_check *)work;
    struct upload *upload;

    DL_FOREACH(check->core->uploads, upload)
    {
        if (file_id_equal(upload->file.id, check->file.id))
            break;
    }
    if (upload != NULL && ran) {
        upload->checking = false;
        settle(upload, check);
    }
    free(check); /* without an upload its tenant is shut; the next start sweeps */
}

static void look_at(struct upload *upload)
{
    struct core *core = upload->tenant->core;
    struct upload_check *check;

    if (upload_check_new(&check, core, &upload->tenant->about.name, &upload->file) != OK) {
        upload_refuse(upload, 503, "not_saved", "Not saved. Please try again.");
        return;
    }
    check->work.done = on_checked;
    upload->checking = true;
    (void)close(upload->fd);
    upload->fd = -1;
    work_submit(core, WORK_QUICK, &check->work);
}

/* --- coming --- */

static void refuse_request(struct web_peer *web, uint64_t request, unsigned status,
                           const char *text)
{
    struct upload nobody = { .fd = -1, .web = web, .request = request };

    upload_answer(&nobody, status, "upload_gone", text);
}

static struct upload *by_ticket(const struct core *core, const struct live_tenant *tenant,
                                struct slice ticket)
{
    struct digest digest = digest_sha256(ticket);
    struct upload *upload;

    DL_FOREACH(core->uploads, upload)
    {
        if (upload->tenant == tenant && !upload->forgotten &&
            digest_equal(&upload->ticket, &digest))
            return upload;
    }
    return NULL;
}

static struct upload *by_request(const struct web_peer *web, uint64_t request)
{
    struct upload *upload;

    DL_FOREACH(web->core->uploads, upload)
    {
        if (upload->web == web && upload->request == request)
            return upload;
    }
    return NULL;
}

/* What an earlier line had written beyond what we counted is cut off. */
static int open_part(const struct upload *upload)
{
    const struct live_tenant *tenant = upload->tenant;
    const char *tenants = tenant->core->tenants_folder;
    char path[FILES_PATH_BYTES];
    int fd;

    if (files_folder(tenants, &tenant->about.name) != OK)
        return -1;
    files_path(path, tenants, &tenant->about.name, upload->file.id, true);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && ftruncate(fd, (off_t)upload->have) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

void uploads_send(struct web_peer *web, const struct ipc_file_send *send)
{
    struct live_tenant *tenant = tenants_called(web->core, send->tenant);
    struct upload *upload = tenant == NULL ? NULL : by_ticket(web->core, tenant, send->ticket);

    if (upload == NULL || upload->checking || upload->ready) {
        refuse_request(web, send->request, 404, "Nobody waits for this file. Ask for a ticket.");
        return;
    }
    if (send->from != upload->have || send->bytes != upload->file.bytes - upload->have) {
        refuse_request(web, send->request, 409, "These are not the bytes that are missing.");
        return;
    }
    upload_answer(upload, 409, "upload_gone", "It goes on by another line.");
    explicit_bzero(&upload->ticket, sizeof(upload->ticket)); /* good for one line */
    upload->fd = open_part(upload);
    upload->web = web;
    upload->request = send->request;
    if (upload->fd < 0)
        upload_refuse(upload, 503, "not_saved", "Not saved. Please try again.");
    else
        IPC_SEND(web->ipc, file_go, .request = send->request);
}

static bool write_whole(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.data, bytes.len);

        if (wrote <= 0)
            return false;
        bytes.data += wrote;
        bytes.len -= (size_t)wrote;
    }
    return true;
}

void uploads_part(struct web_peer *web, const struct ipc_file_part *part)
{
    struct upload *upload = by_request(web, part->request);

    if (upload == NULL || upload->fd < 0) /* answered meanwhile */
        return;
    if (part->body.len > upload->file.bytes - upload->have) {
        upload_refuse(upload, 400, "too_large", "More came than was told.");
        return;
    }
    if (!write_whole(upload->fd, part->body)) {
        log_event(LOG_ERROR, &upload->tenant->log, "upload.not_written", "");
        upload_refuse(upload, 503, "not_saved", "Not saved. Please try again.");
        return;
    }
    upload->have += part->body.len;
    upload->moved_ms = core_now_ms(web->core);
    if (upload->have == upload->file.bytes)
        look_at(upload);
    else
        IPC_SEND(web->ipc, file_go, .request = part->request);
}

/* The line broke: what came is kept for the next one. */
bool uploads_next(struct web_peer *web, const struct ipc_api_next *next)
{
    struct upload *upload = by_request(web, next->request);

    if (upload == NULL)
        return false;
    if (!next->wanted)
        upload_let_go(upload);
    return true;
}

void uploads_forget_web(struct core *core, const struct web_peer *web)
{
    struct upload *upload;

    DL_FOREACH(core->uploads, upload)
    {
        if (upload->web == web)
            upload_let_go(upload);
    }
}
