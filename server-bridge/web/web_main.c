/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/web.h"

#include "base/clock.h"
#include "server-bridge/jail.h"
#include "tenant/tenant.h"

#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdlib.h>

enum { CORE_QUEUE_MAX_BYTES = 64 * 1024 * 1024, DRAIN_CHECK_MS = 50 };

uint64_t web_now_ms(struct web *web)
{
    web->now_ms = clock_steady_ms();
    return web->now_ms;
}

/* --- the core --- */

static void core_gone(void *context)
{
    struct web *web = context;

    web->core = ipc_peer_free(web->core);
    web->core_ready = false;
    log_event(LOG_WARNING, NULL, "web.core_gone", "");
    api_core_gone(web);
    session_close_all(web, 1013);
}

static void on_attach(void *context, int fd, enum ipc_role role, const char *tenant, unsigned index)
{
    struct web *web = context;
    struct ipc_peer_setup setup = { .base = web->role->base,
                                    .fd = fd,
                                    .self = web->role->self,
                                    .other = IPC_CORE,
                                    .handlers = frames_out_handlers,
                                    .closed = core_gone,
                                    .context = web,
                                    .queue_max_bytes = CORE_QUEUE_MAX_BYTES };

    (void)tenant;
    (void)index;
    if (role != IPC_CORE) {
        (void)close(fd);
        return;
    }
    if (web->core != NULL)
        core_gone(web);
    sites_free_all(web);
    if (ipc_peer_new(&web->core, &setup) != OK) {
        log_event(LOG_ERROR, NULL, "web.no_memory", "");
        (void)close(fd);
        return;
    }
    certificates_tell(web);
}

/* --- the supervisor --- */

static void on_listener(void *context, int fd, const char *kind)
{
    conn_listen(context, fd, strcmp(kind, "https") == 0);
}

static void on_certificates(void *context, int fd, uint64_t bytes, bool whole)
{
    certificates_read(context, fd, bytes, whole);
}

/* Each origin as it is compared: "https://Chat.example:443" is "https://chat.example". */
static char *normalise_origins(const char *list)
{
    AUTO_BUF all;

    buf_init(&all, 65536);
    for (const char *at = list; *at != '\0';) {
        size_t len = strcspn(at, " ");
        char origin[512];

        if (len > 0 && origin_normalise((struct slice){ at, len }, origin, sizeof(origin)) == 0)
            buf_addf(&all, "%s%s", all.len > 0 ? " " : "", origin);
        else if (len > 0)
            log_event(LOG_ERROR, NULL, "web.bad_origin", "origin=%.*s", (int)len, at);
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    return slice_dup(buf_slice(&all));
}

static void on_settings(void *context, const struct settings *settings)
{
    struct web *web = context;
    char *origins = normalise_origins(settings->web_origins);

    if (origins == NULL)
        return;
    free(web->own_origins);
    web->own_origins = origins;
    web->loads = strcmp(settings->web_limits, "load") == 0;
    (void)address_ranges_parse(slice_of(settings->web_proxies), &web->proxies); /* it was checked */
}

static void on_drain_check(evutil_socket_t fd, short what, void *context)
{
    struct web *web = context;

    (void)fd;
    (void)what;
    if (web->conn_count == 0)
        role_stop(web->role);
}

/* Visitors are told to come again; what is being answered is answered. */
static void on_drain(void *context, uint64_t deadline_ms)
{
    const struct timeval every = { .tv_usec = DRAIN_CHECK_MS * 1000 }, most = { .tv_sec = 2 };
    struct web *web = context;
    struct event *check;

    (void)deadline_ms;
    if (web->draining)
        return;
    web->draining = true;
    conn_stop_listening(web);
    arrivals_free_all(web);
    session_close_all(web, 1001);
    while (web->deadlines[DEADLINE_KEEP] != NULL)
        conn_free(web->deadlines[DEADLINE_KEEP]);
    check = event_new(web->role->base, -1, EV_PERSIST, on_drain_check, web);
    if (check != NULL)
        (void)event_add(check, &every);
    (void)event_base_loopexit(web->role->base, &most);
}

static const struct role_handlers handlers = {
    .attach = on_attach,
    .listener = on_listener,
    .certificates = on_certificates,
    .settings = on_settings,
    .drain = on_drain,
};

static int start(struct web *web)
{
    AUTO_MEM char *folder = settings_path(web->role->settings, web->role->settings->web_assets);

    if (folder == NULL)
        return RAISE(ERR_NO_MEMORY);
    on_settings(web, web->role->settings);
    if (web->role->self == IPC_WEB && assets_load(&web->assets, folder) != OK)
        return ERR_IO;
    if (conn_start(web) != OK)
        return ERR_NO_MEMORY;
    (void)OPENSSL_init_ssl(0, NULL); /* reads its configuration while files can be opened */
    (void)id_new();                  /* and seeds its generator */
    return jail_enter(JAIL_SEALED, NULL);
}

int web_main(struct role *role)
{
    struct web web = { .role = role };
    int rc = start(&web);

    if (rc == OK) {
        role_ready(role);
        rc = role_run(role, &handlers, &web);
    }
    if (rc != OK)
        log_event(LOG_ERROR, NULL, "web.failed", "rc=%s", result_name(rc));
    conn_stop_listening(&web);
    conn_free_all(&web);
    web.core = ipc_peer_free(web.core);
    sites_free_all(&web);
    assets_release(&web.assets);
    certificates_release(&web);
    free(web.own_origins);
    return rc == OK ? 0 : 1;
}
