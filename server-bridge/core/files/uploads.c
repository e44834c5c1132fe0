/* SPDX-License-Identifier: Apache-2.0
 *
 * Files on their way in: how each ends, and how it is said once it is here. upload.h tells the way.
 */
#include "server-bridge/core/files/upload.h"

#include <event2/event.h>
#include <stdio.h>
#include <unistd.h>

enum {
    UNUSED_MS = 2 * 60 * 1000,  /* asked for, and not a byte came */
    FORGET_MS = 30 * 60 * 1000, /* an upload nobody goes on with */
    CLOCK_S = 15,
};

void upload_let_go(struct upload *upload)
{
    if (upload->fd >= 0)
        (void)close(upload->fd);
    upload->fd = -1;
    upload->web = NULL;
}

void upload_remove(struct upload *upload)
{
    upload_let_go(upload);
    DL_DELETE(upload->tenant->core->uploads, upload);
    free(upload->cid);
    free(upload->name);
    free(upload);
}

static void drop_bytes(const struct upload *upload)
{
    const struct live_tenant *tenant = upload->tenant;

    files_drop(tenant->core->tenants_folder, &tenant->about.name, upload->file.id, !upload->ready);
}

void upload_answer(struct upload *upload, unsigned status, const char *code, const char *text)
{
    struct web_peer *web = upload->web;
    AUTO_BUF body;

    buf_init(&body, 1024);
    upload_let_go(upload);
    if (web == NULL)
        return;
    buf_addf(&body, "{\"status\":%u,\"code\":\"%s\",\"detail\":", status, code);
    buf_add_json(&body, slice_of(text));
    buf_add_text(&body, "}");
    IPC_SEND(web->ipc, api_answer, .request = upload->request, .status = status,
             .content_type =
                 slice_of(status < 300 ? "application/json" : "application/problem+json"),
             .body = buf_slice(&body));
}

void upload_refuse(struct upload *upload, unsigned status, const char *code, const char *text)
{
    upload_answer(upload, status, code, text);
    drop_bytes(upload);
    upload_remove(upload);
}

void uploads_forget(struct live_tenant *tenant, struct visitor_id visitor)
{
    struct upload *upload, *next;

    DL_FOREACH_SAFE(tenant->core->uploads, upload, next)
    {
        if (upload->tenant != tenant ||
            (!visitor_id_is_none(visitor) && !visitor_id_equal(upload->visitor, visitor)))
            continue;
        if (visitor_id_is_none(visitor)) { /* the tenant goes; its next start sweeps */
            upload_answer(upload, 503, "unavailable", "This chat is closed.");
            upload_remove(upload);
        } else if (upload->writes > 0 || upload->checking) {
            upload_answer(upload, 404, "upload_gone", "This chat was erased.");
            upload->forgotten = true;
        } else {
            upload_refuse(upload, 404, "upload_gone", "This chat was erased.");
        }
    }
}

static void on_clock(evutil_socket_t fd, short what, void *context)
{
    struct core *core = context;
    uint64_t now_ms = core_now_ms(core);
    struct upload *upload, *next;

    (void)fd;
    (void)what;
    DL_FOREACH_SAFE(core->uploads, upload, next)
    {
        uint64_t waits_ms = upload->have == 0 ? UNUSED_MS : FORGET_MS;

        if (upload->writes == 0 && !upload->checking && upload->moved_ms + waits_ms < now_ms)
            upload_refuse(upload, 408, "upload_gone", "The file came too slowly.");
    }
}

int uploads_start(struct core *core)
{
    static const struct timeval every = { .tv_sec = CLOCK_S };

    core->uploads_clock = event_new(core->role->base, -1, EV_PERSIST, on_clock, core);
    if (core->uploads_clock == NULL || event_add(core->uploads_clock, &every) != 0)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

void uploads_stop(struct core *core)
{
    while (core->uploads != NULL)
        upload_remove(core->uploads);
    if (core->uploads_clock != NULL)
        event_free(core->uploads_clock);
    core->uploads_clock = NULL;
}

/* --- said, like words are --- */

static struct session *session_of(const struct upload *upload)
{
    struct visitor *visitor = sessions_visitor(upload->tenant, upload->visitor);
    struct session *session = visitor == NULL ? NULL : visitor->sessions;

    for (struct session *one = session; one != NULL; one = one->next_of_visitor)
        if (session_id_equal(one->id, upload->session))
            return one;
    return session;
}

void upload_say(struct upload *upload)
{
    struct session *session = session_of(upload);
    struct chat_event said = { .cid = slice_of(upload->cid), .file = &upload->file };
    AUTO_BUF name;

    buf_init(&name, IPC_NAME_MAX * 4);
    filetype_name(slice_of(upload->name), upload->file.type, &name);
    said.text = buf_slice(&name);
    if (session != NULL && !buf_failed(&name))
        sessions_said(session, &said);
}

static struct upload *carried_by(const struct live_tenant *tenant, const struct chat_write *write)
{
    struct upload *upload;

    if (file_id_is_none(write->file.id))
        return NULL;
    DL_FOREACH(tenant->core->uploads, upload)
    {
        if (file_id_equal(upload->file.id, write->file.id))
            return upload;
    }
    return NULL;
}

void uploads_writing(struct live_tenant *tenant, const struct chat_write *write)
{
    struct upload *upload = carried_by(tenant, write);

    if (upload != NULL)
        upload->writes++;
}

void uploads_written(struct live_tenant *tenant, const struct chat_write *write,
                     enum store_outcome outcome)
{
    struct upload *upload = carried_by(tenant, write);

    if (upload == NULL)
        return;
    upload->writes--;
    upload->moved_ms = core_now_ms(tenant->core);
    if (outcome == STORE_DONE) {
        upload_remove(upload);
    } else if (outcome == STORE_REPEAT || (upload->forgotten && upload->writes == 0)) {
        drop_bytes(upload);
        upload_remove(upload);
    }
}
