/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a file may be sent is decided before a byte of it comes: here.
 *
 * Room that was promised counts as used, so promises are kept few: eight a visitor, and a tenant as
 * many as are left for all others. Whoever finds no room takes it from an upload that does not
 * move: that one loses nothing but what came of it, for its browser asks anew.
 */
#include "server-bridge/core/files/upload.h"

#include <stdio.h>

enum {
    OF_VISITOR_MAX = 8, /* at once */
    OF_ALL_MAX = 400,
    STILL_MS = 10 * 1000, /* without a byte: it gives way to one that moves */
    DAY_MS = 24 * 60 * 60 * 1000,
};

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
    size_t of_all, of_tenant, of_visitor;
    uint64_t tenant_bytes, visitor_bytes;
};

static struct under_way count_under_way(const struct session *session)
{
    struct under_way count = { 0 };
    const struct upload *upload;

    DL_FOREACH(session->tenant->core->uploads, upload)
    {
        count.of_all++;
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

/* Whose uploads take the room that is missing. */
enum whose { NOBODY, OF_VISITOR, OF_TENANT, OF_ANYBODY };

struct refusal {
    const char *code; /* NULL: none */
    enum whose full;
    char text[160];
};

static const struct refusal fine = { NULL, NOBODY, "" };

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

static struct refusal full(enum whose whose, const char *text)
{
    struct refusal refusal = no("too_many", text);

    refusal.full = whose;
    return refusal;
}

static struct refusal find_room(const struct session *session, uint64_t bytes,
                                const struct tenant_settings *settings,
                                const struct files_usage *usage)
{
    struct under_way waiting = count_under_way(session);

    if (waiting.of_visitor >= OF_VISITOR_MAX)
        return full(OF_VISITOR, "Too many files at once. Send this one a little later.");
    if (!share_has_room(waiting.of_tenant, waiting.of_all, OF_ALL_MAX))
        return full(waiting.of_tenant > 0 ? OF_TENANT : OF_ANYBODY,
                    "Too many files at once. Send this one a little later.");
    if (usage->visitor_count + waiting.of_visitor >= settings->files_visitor_count ||
        usage->visitor_bytes + waiting.visitor_bytes + bytes > settings->files_visitor_bytes)
        return full(OF_VISITOR, "That is as much as you can send in a day.");
    if (usage->bytes + waiting.tenant_bytes + bytes > settings->files_total_bytes)
        return full(OF_TENANT, "There is no room for files here now.");
    return fine;
}

/* No byte of it comes, though one could. */
static bool is_still(const struct upload *upload, uint64_t now_ms)
{
    return upload->writes == 0 && !upload->checking && !upload->ready &&
           upload->moved_ms + STILL_MS <= now_ms;
}

static bool takes_room_of(const struct upload *upload, const struct session *session,
                          enum whose whose)
{
    if (whose == OF_ANYBODY)
        return true;
    return upload->tenant == session->tenant &&
           (whose == OF_TENANT || visitor_id_equal(upload->visitor, session->visitor->id));
}

/* The one that has been still for longest goes. False: all of them move. */
static bool make_room(const struct session *session, enum whose whose)
{
    const struct core *core = session->tenant->core;
    uint64_t now_ms = core_now_ms(session->tenant->core);
    struct upload *upload, *stillest = NULL;

    DL_FOREACH(core->uploads, upload)
    {
        if (takes_room_of(upload, session, whose) && is_still(upload, now_ms) &&
            (stillest == NULL || upload->moved_ms < stillest->moved_ms))
            stillest = upload;
    }
    if (stillest != NULL)
        upload_refuse(stillest, 408, "upload_gone", "The file came too slowly.");
    return stillest != NULL;
}

static struct refusal check_quotas(const struct session *session, uint64_t bytes,
                                   const struct tenant_settings *settings)
{
    const struct live_tenant *tenant = session->tenant;
    uint64_t now_ms = core_now_ms(tenant->core);
    struct files_usage usage;
    struct refusal refusal;

    if (files_count(tenant->core->store, &tenant->about.name, session->visitor->id,
                    now_ms > DAY_MS ? now_ms - DAY_MS : 0, &usage) != OK)
        return no("not_saved", "Not saved. Please try again.");
    do
        refusal = find_room(session, bytes, settings, &usage);
    while (refusal.full != NOBODY && make_room(session, refusal.full));
    return refusal;
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
    upload->moved_ms = core_now_ms(session->tenant->core);
    upload->fd = -1;
    upload->cid = slice_dup(wanted->cid);
    upload->name = slice_dup(wanted->name);
    DL_APPEND(session->tenant->core->uploads, upload);
    if (upload->cid != NULL && upload->name != NULL)
        return upload;
    upload_remove(upload);
    return NULL;
}

static void tell_error(const struct session *session, struct slice cid,
                       const struct refusal *refusal)
{
    IPC_SEND(session->web->ipc, tell_error, .session = session->id.id,
             .code = slice_of(refusal->code), .text = slice_of(refusal->text), .cid = cid);
}

/* A fresh ticket each time: the line before may still hang somewhere with the old one. */
static void give_ticket(struct upload *upload, const struct session *session)
{
    char ticket[TOKEN_TEXT_BYTES];

    token_new(ticket);
    upload->ticket = digest_sha256(slice_of(ticket));
    upload->session = session->id;
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
        upload_say(upload);
}
