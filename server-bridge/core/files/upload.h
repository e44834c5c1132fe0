/* SPDX-License-Identifier: Apache-2.0
 *
 * upload — one file on its way in, for the files that take it there.
 *
 *     asked for ─▶ coming, perhaps by one line after another ─▶ looked at ─▶ ready ─▶ said
 *     upload_ask   upload_line                                  upload_check  uploads.c
 *
 * The record stays until the message is on disk: a write that failed is tried again without the
 * bytes, and what nobody comes back for goes, bytes and all, after a while. None of it survives the
 * core: the browser then starts anew.
 */
#ifndef SERVER_BRIDGE_CORE_UPLOAD_H
#define SERVER_BRIDGE_CORE_UPLOAD_H

#include "server-bridge/core/files/files.h"

struct upload {
    struct upload *next, *prev;
    struct live_tenant *tenant;
    struct visitor_id visitor;
    struct session_id session; /* the browser that asked last */
    struct digest ticket;      /* of what that browser was told */
    char *cid, *name;          /* owned; the name as the browser gave it */
    struct chat_file file;     /* id and bytes; the rest once it is ready */
    uint64_t have, moved_ms;   /* bytes, and when one came last, or it was asked for first */
    int fd;                    /* -1: no line brings it now */
    struct web_peer *web;      /* whose request brings it, or waits for what it is; NULL: none */
    uint64_t request;
    unsigned writes; /* messages that carry it, on their way to disk */
    bool checking;   /* a thread has it */
    bool ready;
    bool forgotten; /* what is under way ends in nothing */
};

/* No line brings it any more; what came stays. */
void upload_let_go(struct upload *upload);
void upload_remove(struct upload *upload);
/* The request, if one waits, is answered. */
void upload_answer(struct upload *upload, unsigned status, const char *code, const char *text);
/* It comes to nothing, and the browser hears why. */
void upload_refuse(struct upload *upload, unsigned status, const char *code, const char *text);
/* Whoever has left meanwhile asks again when they come back. */
void upload_say(struct upload *upload);

#endif
