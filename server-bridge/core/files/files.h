/* SPDX-License-Identifier: Apache-2.0
 *
 * files — what visitors send beside their words, on its way in and out.
 *
 * In: the browser asks for room over its session, gets a ticket, and posts the bytes with it. They
 * go to disk as they come; a broken line goes on where it was with a new ticket. Whole, they are
 * looked at beside the loop; what they are decides, and then the file is said like words are,
 * under the cid it was asked for. Out: an address is the key to one file, as long as that is there.
 * docs/adr/0014-files.md tells why.
 *
 *     upload_ask    quotas, tickets               upload_line    bytes, as they come
 *     upload_check  what came in, on a thread     uploads        how each ends, and is said
 *     downloads     bytes to whoever has the key  file_address   that key
 */
#ifndef SERVER_BRIDGE_CORE_FILES_H
#define SERVER_BRIDGE_CORE_FILES_H

#include "server-bridge/core/core.h"
#include "server-bridge/core/work.h"
#include "storage/files.h"

/* Whether a tenant that has so many of what all have may have one more: as long as it has fewer
 * than are left. So one alone gets half of all, several get alike, and a newcomer finds room. */
static inline bool share_has_room(size_t of_tenant, size_t of_all, size_t max)
{
    return of_all < max && of_tenant < max - of_all;
}

/* --- upload_ask.c, upload_line.c, uploads.c --- */

int uploads_start(struct core *core) MUST_CHECK;
/* Everything unfinished is given up. */
void uploads_stop(struct core *core);
/* A browser wants to send a file; it is told a ticket, or why not. */
void uploads_ask(struct session *session, const struct ipc_session_upload *wanted);
void uploads_send(struct web_peer *web, const struct ipc_file_send *send);
void uploads_part(struct web_peer *web, const struct ipc_file_part *part);
/* Whether the request is one of these: its line broke. */
bool uploads_next(struct web_peer *web, const struct ipc_api_next *next);
void uploads_forget_web(struct core *core, const struct web_peer *web);
/* Nothing of this visitor (none: of this tenant) is on its way any more. */
void uploads_forget(struct live_tenant *tenant, struct visitor_id visitor);
/* A write that carries the file is on its way to disk; and how it went. */
void uploads_writing(struct live_tenant *tenant, const struct chat_write *write);
void uploads_written(struct live_tenant *tenant, const struct chat_write *write,
                     enum store_outcome outcome);
/* How large a file a visitor of the tenant may send; 0: none may be sent. */
uint64_t uploads_max_bytes(const struct live_tenant *tenant);

/* --- upload_check.c --- */

struct upload_check {
    struct work work; /* .done is the caller's */
    struct core *core;
    const char *tenants; /* the store's folder */
    struct tenant_name tenant;
    struct chat_file file; /* id and bytes are given, the rest is found */
    int rc;                /* FILETYPE_E_*, ERR_IO; OK: it lies under its lasting name */
};
/* The caller frees it, in .done. ERR_NO_MEMORY. */
int upload_check_new(struct upload_check **ret_check, struct core *core,
                     const struct tenant_name *tenant, const struct chat_file *file) MUST_CHECK;

/* --- downloads.c --- */

void downloads_open(struct web_peer *web, const struct ipc_file_open *open);
bool downloads_next(struct web_peer *web, const struct ipc_api_next *next);
void downloads_forget_web(struct core *core, const struct web_peer *web);

/* --- file_address.c --- */

enum { FILE_KEY_LEN = 2 * ID_TEXT_LEN, FILE_KEY_BYTES = FILE_KEY_LEN + 1 };

/* The file a key opens. False: a key of nothing. */
bool file_key_parse(const struct core *core, const struct tenant_name *tenant, struct slice key,
                    struct file_id *ret_file);
/* "/f/acme/<key>/price.txt", with our public origin before it where `whole`. */
void file_address(const struct live_tenant *tenant, const struct chat_file *file, struct slice name,
                  bool whole, struct buf *to);
/* What a frame says of it: {"name":…,"type":…,"size":…,"url":…}; nothing where there is no file. An
 * agent's lies at the XMPP server: their words are its address, and all we know of it. */
void file_view(const struct live_tenant *tenant, enum message_from from,
               const struct chat_file *file, struct slice text, struct buf *to);
/* Whether there is an origin to begin addresses with. */
bool file_has_address(const struct core *core);

#endif
