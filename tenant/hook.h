/* SPDX-License-Identifier: Apache-2.0
 *
 * hook — where a tenant wants to be told what happens, and what of it. Plain descriptions and
 * pure checks; storage/hooks.h keeps them, core/outward/ delivers.
 */
#ifndef TENANT_HOOK_H
#define TENANT_HOOK_H

#include "base/id.h"
#include "base/slice.h"

enum { HOOKS_MAX = 8 /* a tenant */, HOOK_URL_MAX = 2048 };

ID_KIND(hook)
ID_KIND(notice) /* one thing told to one hook; the same however often it is tried */

/* What can be told. Their numbers are in the tenants' databases: only add at the end. */
enum hook_event {
    HOOK_STARTED,
    HOOK_ENDED,
    HOOK_MESSAGE,
    HOOK_SURVEY,
    HOOK_CALLBACK,
    HOOK_OFFLINE, /* the first words of a chat, written while nobody was there */
    HOOK_EVENT_COUNT,
    HOOK_TRANSCRIPT = 32 /* nobody is told of it by itself: somebody wants a copy by mail */
};

/* "conversation.started" … */
const char *hook_event_name(enum hook_event event);
/* 1: there is no such event. */
int hook_event_parse(struct slice name, enum hook_event *ret_event);

/* Whether a hook may lead there: hook_url_is_fine(), or mailto: and one address. */
bool hook_target_is_fine(struct slice url);
/* Whom a mailto: hook writes to. Empty: it is none. */
struct slice hook_address(struct slice url);
/* Of what a mailto: hook can tell; bits. */
enum { HOOK_MAILED_EVENTS = 1 << HOOK_ENDED | 1 << HOOK_CALLBACK | 1 << HOOK_OFFLINE };
/* Whether something could be sent there: https, a host, perhaps a port and a path, and nothing
 * that two readers of URLs may read differently. Where the host leads is looked at when it is
 * connected to (server-bridge/fetch). */
bool hook_url_is_fine(struct slice url);

#endif
