/* SPDX-License-Identifier: Apache-2.0
 *
 * Files on their way in.
 *
 *     asked for ─▶ coming, perhaps by one line after another ─▶ looked at ─▶ ready ─▶ said
 *
 * What a visitor may send is decided before a byte comes. The record stays until the message is on
 * disk: a write that failed is tried again without the bytes, and what nobody comes back for goes,
 * bytes and all, after a while. None of it survives the core: the browser then starts anew.
 */
#include "server-bridge/core/files/files.h"

#include "base/text.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
    FORGET_MS = 30 * 60 * 1000, /* an upload nobody goes on with */
    CLOCK_S = 60,
    OF_VISITOR_MAX = 8, /* at once */
    OF_TENANT_MAX = 200,
    DAY_MS = 24 * 60 * 60 * 1000,
};

struct upload {
    struct upload *next, *prev;
    struct live_tenant *tenant;
    struct visitor_id visitor;
    struct session_id session; /* the browser that asked last */
    struct digest ticket;      /* of what that browser was told */
    char *cid, *name;          /* owned; the name as the browser gave it */
    struct chat_file file;     /* id and bytes; the rest once it is ready */
    uint64_t have, heard_ms;
    int fd;               /* -1: no line brings it now */
    struct web_peer *web; /* whose request brings it, or waits for what it is; NULL: none */
    uint64_t request;
    unsigned writes; /* messages that carry it, on their way to disk */
    bool checking;   /* a thread has it */
    bool ready;
    bool forgotten; /* what is under way ends in nothing */
};

/* --- ends --- */

static void let_go(struct upload *upload)
{
    if (upload->fd >= 0)
        (void)close(upload->fd);
    upload->fd = -1;
    upload->web = NULL;
}

static void remove_upload(struct upload *upload)
{
    let_go(upload);
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

/* The request, if one waits, is answered. */
static void answer(struct upload *upload, unsigned status, const char *code, const char *text)
{
    struct web_peer *web = upload->web;
    AUTO_BUF body;

    buf_init(&body, 1024);
    let_go(upload);
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

/* It comes to nothing, and the browser hears why. */
static void refuse(struct upload *upload, unsigned status, const char *code, const char *text)
{
    answer(upload, status, code, text);
    drop_bytes(upload);
    remove_upload(upload);
}

static void refuse_request(struct web_peer *web, uint64_t request, unsigned status,
                           const char *text)
{
    struct upload nobody = { .fd = -1, .web = web, .request = request };

    answer(&nobody, status, "upload_gone", text);
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
            answer(upload, 503, "unavailable", "This chat is closed.");
            remove_upload(upload);
        } else if (upload->writes > 0 || upload->checking) {
            answer(upload, 404, "upload_gone", "This chat was erased.");
            upload->forgotten = true;
        } else {
            refuse(upload, 404, "upload_gone", "This chat was erased.");
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
        if (upload->writes == 0 && !upload->checking && upload->heard_ms + FORGET_MS < now_ms)
            refuse(upload, 408, "upload_gone", "The file came too slowly.");
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
        remove_upload(core->uploads);
    if (core->uploads_clock != NULL)
        event_free(core->uploads_clock);
    core->uploads_clock = NULL;
}

/* --- asking --- */

static struct upload *find(const struct session *session, struct slice cid)
{
    struct upload *upload;

    DL_FOREACH(session->tenant->core->uploads, upload)
    {
        if (upload->tenant == session->tenant && !upload->forgotten &&
            visitor_id_equal(upload->visitor, session->visitor->id) && slice_is(cid, upload->cid))
            return upload;
    }
    return NULL;
}

/* What is on its way counts as if it were here. */
struct under_way {
    unsigned of_tenant, of_visitor;
    uint64_t tenant_bytes, visitor_bytes;
};

static struct under_way count_under_way(const struct session *session)
{
    struct under_way count = { 0 };
    const struct upload *upload;

    DL_FOREACH(session->tenant->core->uploads, upload)
    {
        if (upload->tenant != session->tenant)
            continue;
        count.of_tenant++;
        count.tenant_bytes += upload->file.bytes;
        if (!visitor_id_equal(upload->visitor, session->visitor->id))
            continue;
        count.of_visitor++;
        count.visitor_bytes += upload->file.bytes;
    }
    return count;
}

struct refusal {
    const char *code; /* NULL: none */
    char text[160];
};

static const struct refusal fine = { NULL, "" };

static struct refusal no(const char *code, const char *text)
{
    struct refusal refusal = { .code = code };

    (void)snprintf(refusal.text, sizeof(refusal.text), "%s", text);
    return refusal;
}

static struct refusal too_large(uint64_t max_bytes)
{
    struct refusal refusal = { .code = "too_large" };

    (void)snprintf(refusal.text, sizeof(refusal.text), "A file may have at most %llu KiB.",
                   (unsigned long long)(max_bytes / 1024));
    return refusal;
}

static struct refusal check_quotas(const struct session *session, uint64_t bytes,
                                   const struct tenant_settings *settings)
{
    const struct live_tenant *tenant = session->tenant;
    struct under_way waiting = count_under_way(session);
    uint64_t now_ms = core_now_ms(tenant->core);
    struct files_usage usage;

    if (waiting.of_visitor >= OF_VISITOR_MAX || waiting.of_tenant >= OF_TENANT_MAX)
        return no("too_many", "Too many files at once. Send this one a little later.");
    if (files_count(tenant->core->store, &tenant->about.name, session->visitor->id,
                    now_ms > DAY_MS ? now_ms - DAY_MS : 0, &usage) != OK)
        return no("not_saved", "Not saved. Please try again.");
    if (usage.visitor_count + waiting.of_visitor >= settings->files_visitor_count ||
        usage.visitor_bytes + waiting.visitor_bytes + bytes > settings->files_visitor_bytes)
        return no("too_many", "That is as much as you can send in a day.");
    if (usage.bytes + waiting.tenant_bytes + bytes > settings->files_total_bytes)
        return no("too_many", "There is no room for files here now.");
    return fine;
}

static struct refusal check(const struct session *session, uint64_t bytes)
{
    AUTO(tenant_settings) settings = NULL;

    if (settings_of(session->tenant, NULL, &settings) != OK)
        return no("not_saved", "Not saved. Please try again.");
    if (!settings->files_accept || !file_has_address(session->tenant->core))
        return no("no_files", "Files are not taken here.");
    if (bytes == 0)
        return no("empty", "The file is empty.");
    if (bytes > settings->files_max_bytes)
        return too_large(settings->files_max_bytes);
    return check_quotas(session, bytes, settings);
}

uint64_t uploads_max_bytes(const struct live_tenant *tenant)
{
    AUTO(tenant_settings) settings = NULL;

    if (settings_of(tenant, NULL, &settings) != OK || !settings->files_accept ||
        !file_has_address(tenant->core))
        return 0;
    return settings->files_max_bytes;
}

static struct upload *add(struct session *session, const struct ipc_session_upload *wanted)
{
    struct upload *upload = calloc(1, sizeof(*upload));

    if (upload == NULL)
        return NULL;
    upload->tenant = session->tenant;
    upload->visitor = session->visitor->id;
    upload->file = (struct chat_file){ .id = { id_new() }, .bytes = wanted->bytes };
    upload->fd = -1;
    upload->cid = slice_dup(wanted->cid);
    upload->name = slice_dup(wanted->name);
    DL_APPEND(session->tenant->core->uploads, upload);
    if (upload->cid != NULL && upload->name != NULL)
        return upload;
    remove_upload(upload);
    return NULL;
}

static void tell_error(const struct session *session, struct slice cid,
                       const struct refusal *refusal)
{
    IPC_SEND(session->web->ipc, tell_error, .session = session->id.id,
             .code = slice_of(refusal->code), .text = slice_of(refusal->text), .cid = cid);
}

static void say(struct upload *upload);

/* A fresh ticket each time: the line before may still hang somewhere with the old one. */
static void give_ticket(struct upload *upload, const struct session *session)
{
    char ticket[TOKEN_TEXT_BYTES];

    token_new(ticket);
    upload->ticket = digest_sha256(slice_of(ticket));
    upload->session = session->id;
    upload->heard_ms = core_now_ms(session->tenant->core);
    IPC_SEND(session->web->ipc, tell_upload, .session = session->id.id,
             .cid = slice_of(upload->cid), .ticket = slice_of(ticket), .have = upload->have);
    explicit_bzero(ticket, sizeof(ticket));
}

void uploads_ask(struct session *session, const struct ipc_session_upload *wanted)
{
    struct upload *upload = find(session, wanted->cid);
    struct refusal refusal;

    if (upload != NULL && upload->file.bytes != wanted->bytes) {
        refusal = no("bad_frame", "Another file is on its way with this cid.");
        tell_error(session, wanted->cid, &refusal);
        return;
    }
    if (upload == NULL) {
        refusal = check(session, wanted->bytes);
        if (refusal.code == NULL && (upload = add(session, wanted)) == NULL)
            refusal = no("not_saved", "Not saved. Please try again.");
        if (refusal.code != NULL) {
            tell_error(session, wanted->cid, &refusal);
            return;
        }
    }
    give_ticket(upload, session);
    if (upload->ready && upload->writes == 0)
        say(upload);
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

/* Whoever has left meanwhile asks again when they come back. */
static void say(struct upload *upload)
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
    upload->heard_ms = core_now_ms(tenant->core);
    if (outcome == STORE_DONE) {
        remove_upload(upload);
    } else if (outcome == STORE_REPEAT || (upload->forgotten && upload->writes == 0)) {
        drop_bytes(upload);
        remove_upload(upload);
    }
}

/* --- looked at --- */

static void take(struct upload *upload, const struct chat_file *file)
{
    upload->file = *file;
    upload->ready = true;
    if (upload->forgotten) {
        refuse(upload, 404, "upload_gone", "This chat was erased.");
        return;
    }
    answer(upload, 202, "taken", "It is here, and comes as a message.");
    say(upload);
}

static void settle(struct upload *upload, const struct upload_check *check)
{
    if (check->rc == FILETYPE_E_UNKNOWN)
        refuse(upload, 415, "bad_type",
               "Pictures (PNG, JPEG, WebP, GIF), PDF and plain text can be sent.");
    else if (check->rc == FILETYPE_E_HUGE)
        refuse(upload, 415, "bad_type", "The picture has too many pixels.");
    else if (check->rc != OK)
        refuse(upload, 503, "not_saved", "Not saved. Please try again.");
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
        refuse(upload, 503, "not_saved", "Not saved. Please try again.");
        return;
    }
    check->work.done = on_checked;
    upload->checking = true;
    (void)close(upload->fd);
    upload->fd = -1;
    work_submit(core, WORK_QUICK, &check->work);
}

/* --- coming --- */

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
    struct live_tenant *tenant = tenants_find(web->core, send->tenant);
    struct upload *upload = tenant == NULL ? NULL : by_ticket(web->core, tenant, send->ticket);

    if (upload == NULL || upload->checking || upload->ready) {
        refuse_request(web, send->request, 404, "Nobody waits for this file. Ask for a ticket.");
        return;
    }
    if (send->from != upload->have || send->bytes != upload->file.bytes - upload->have) {
        refuse_request(web, send->request, 409, "These are not the bytes that are missing.");
        return;
    }
    answer(upload, 409, "upload_gone", "It goes on by another line.");
    explicit_bzero(&upload->ticket, sizeof(upload->ticket)); /* good for one line */
    upload->fd = open_part(upload);
    upload->web = web;
    upload->request = send->request;
    if (upload->fd < 0)
        refuse(upload, 503, "not_saved", "Not saved. Please try again.");
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
        refuse(upload, 400, "too_large", "More came than was told.");
        return;
    }
    if (!write_whole(upload->fd, part->body)) {
        log_event(LOG_ERROR, &upload->tenant->log, "upload.not_written", "");
        refuse(upload, 503, "not_saved", "Not saved. Please try again.");
        return;
    }
    upload->have += part->body.len;
    upload->heard_ms = core_now_ms(web->core);
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
        let_go(upload);
    return true;
}

void uploads_forget_web(struct core *core, const struct web_peer *web)
{
    struct upload *upload;

    DL_FOREACH(core->uploads, upload)
    {
        if (upload->web == web)
            let_go(upload);
    }
}
