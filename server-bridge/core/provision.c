/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the XMPP server for hosts, accounts and roster entries, by the provisioning link. A
 * request lives here until it is answered or its time is up; one asked while the link is away
 * waits for it.
 */
#include "server-bridge/core/core.h"

#include "server-bridge/ipc/channel.h"
#include "storage/files.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ANSWER_MS = 15000, PROVISION_QUEUE_MAX_BYTES = 4 * 1024 * 1024 };

struct request {
    struct request *next, *prev;
    struct provision *provision;
    uint64_t number;
    enum ipc_type type;
    union ipc_message message; /* its texts point into `texts` */
    char *texts[4];
    struct event *timeout;
    bool sent;
    provision_done_fn *done;
    void *context;
};

struct provision {
    struct core *core;
    struct ipc_peer *link;
    bool up;
    uint64_t last_number;
    struct request *requests;
    char *secret;           /* owned; of the one who provisions */
    char *component_secret; /* owned; one for all tenants' links, where the server has it so */
};

static bool is_by(const struct core *core, const char *server)
{
    return strcmp(core->role->settings->xmpp_provision, server) == 0;
}

bool provision_is_automatic(const struct core *core)
{
    return !is_by(core, "manual");
}

const char *provision_secret_of(const struct core *core, const struct tenant *tenant)
{
    return core->provision->component_secret != NULL ? core->provision->component_secret
                                                     : tenant->secret;
}

static void finish(struct request *request, bool done, const char *reason)
{
    provision_done_fn *fn = request->done;
    void *context = request->context;

    DL_DELETE(request->provision->requests, request);
    event_free(request->timeout);
    for (size_t i = 0; i < 4; i++) {
        if (request->texts[i] != NULL)
            explicit_bzero(request->texts[i], strlen(request->texts[i]));
        free(request->texts[i]);
    }
    free(request);
    fn(context, done, reason);
}

static void on_timeout(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    finish(context, false, "the XMPP server did not answer in time");
}

static void send_waiting(struct provision *provision)
{
    struct request *request;

    DL_FOREACH(provision->requests, request)
    {
        if (request->sent || !provision->up)
            continue;
        request->sent = true;
        ipc_peer_send(provision->link, request->type, &request->message);
    }
}

/* Keeps a copy of a text for as long as the request lives. */
static struct slice keep(struct request *request, size_t place, struct slice text)
{
    request->texts[place] = slice_dup(text);
    return slice_of(request->texts[place]);
}

static struct request *request_new(struct core *core, enum ipc_type type, provision_done_fn *done,
                                   void *context)
{
    const struct timeval limit = { .tv_sec = ANSWER_MS / 1000 };
    struct request *request = calloc(1, sizeof(*request));

    /* Whoever asks counts on an answer, and could do nothing without memory either. */
    if (request != NULL)
        request->timeout = event_new(core->role->base, -1, 0, on_timeout, request);
    if (request == NULL || request->timeout == NULL || event_add(request->timeout, &limit) != 0) {
        log_event(LOG_ERROR, NULL, "core.no_memory", "");
        abort();
    }
    request->provision = core->provision;
    request->number = ++core->provision->last_number;
    request->type = type;
    request->done = done;
    request->context = context;
    DL_APPEND(core->provision->requests, request);
    return request;
}

/* --- what is asked --- */

static void tenant_file(const struct core *core, const struct tenant_name *name, char *path,
                        size_t size)
{
    (void)snprintf(path, size, "%s/%s.cfg.lua", core->role->settings->xmpp_tenants_dir, name->text);
}

/* The secret is base64url and the domain was checked, so neither can end the Lua string. */
static bool write_tenant_file(const struct core *core, const struct tenant *tenant)
{
    char path[4096], beside[4104];
    FILE *file;
    int fd;

    tenant_file(core, &tenant->name, path, sizeof(path));
    (void)snprintf(beside, sizeof(beside), "%s.new", path);
    fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file == NULL) {
        log_event(LOG_ERROR, NULL, "provision.unwritable", "path=%s error=\"%s\"", beside,
                  strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    (void)fprintf(file,
                  "-- Written by lasnad for tenant %s; changes are lost.\n"
                  "Component \"%s\"\n"
                  "  component_secret = \"%s\"\n"
                  "  modules_enabled = { \"privilege\", \"lasna_limits\" }\n",
                  tenant->name.text, tenant->domain, tenant->secret);
    if (fflush(file) != 0 || fsync(fd) != 0 || fclose(file) != 0 || rename(beside, path) != 0) {
        log_event(LOG_ERROR, NULL, "provision.unwritable", "path=%s error=\"%s\"", path,
                  strerror(errno));
        return false;
    }
    return true;
}

int provision_rename(const struct core *core, const struct tenant_name *from,
                     const struct tenant *tenant)
{
    char old[4096], new[4096];

    if (!is_by(core, "prosody"))
        return OK;
    tenant_file(core, from, old, sizeof(old));
    tenant_file(core, &tenant->name, new, sizeof(new));
    if (rename(old, new) != 0 && errno != ENOENT) { /* it has moved, or there never was one */
        log_event(LOG_ERROR, NULL, "provision.unwritable", "path=%s error=\"%s\"", new,
                  strerror(errno));
        return ERR_IO;
    }
    return folder_sync(core->role->settings->xmpp_tenants_dir);
}

void provision_host(struct core *core, const struct tenant *tenant, bool active,
                    provision_done_fn *done, void *context)
{
    struct request *request = request_new(core, IPC_provision_host, done, context);
    char path[4096];

    if (active && is_by(core, "prosody") && !write_tenant_file(core, tenant)) {
        const struct timeval soon = { 0 };

        (void)event_add(request->timeout, &soon);
        return;
    }
    if (!active && is_by(core, "prosody")) {
        tenant_file(core, &tenant->name, path, sizeof(path));
        (void)unlink(path);
    }
    request->message.provision_host = (struct ipc_provision_host){
        .request = request->number,
        .domain = keep(request, 0, slice_of(tenant->domain)),
        .active = active,
    };
    send_waiting(core->provision);
}

void provision_account(struct core *core, const char *jid, const char *password,
                       provision_done_fn *done, void *context)
{
    struct request *request = request_new(core, IPC_provision_account, done, context);

    request->message.provision_account = (struct ipc_provision_account){
        .request = request->number,
        .jid = keep(request, 0, slice_of(jid)),
        .password = keep(request, 1, slice_of(password)),
    };
    send_waiting(core->provision);
}

void provision_roster(struct core *core, const struct ipc_provision_roster *item,
                      provision_done_fn *done, void *context)
{
    struct request *request = request_new(core, IPC_provision_roster, done, context);

    request->message.provision_roster = (struct ipc_provision_roster){
        .request = request->number,
        .owner = keep(request, 0, item->owner),
        .contact = keep(request, 1, item->contact),
        .name = keep(request, 2, item->name),
        .group = keep(request, 3, item->group),
        .present = item->present,
    };
    send_waiting(core->provision);
}

void provision_room(struct core *core, const char *address, provision_done_fn *done, void *context)
{
    struct request *request = request_new(core, IPC_provision_room, done, context);

    request->message.provision_room = (struct ipc_provision_room){
        .request = request->number,
        .address = keep(request, 0, slice_of(address)),
    };
    send_waiting(core->provision);
}

/* --- the link --- */

static void on_done(void *context, const union ipc_message *message)
{
    const struct ipc_provision_done *done = &message->provision_done;
    struct provision *provision = context;
    struct request *request;
    char reason[IPC_NAME_MAX + 1];

    DL_FOREACH(provision->requests, request)
    {
        if (request->number != done->request)
            continue;
        (void)slice_copy(done->reason, reason, sizeof(reason));
        finish(request, done->done, reason);
        return;
    }
}

static void on_state(void *context, const union ipc_message *message)
{
    struct provision *provision = context;

    provision->up = message->link_state.up;
    log_event(LOG_INFO, NULL, provision->up ? "provision.up" : "provision.down", "");
    send_waiting(provision);
}

static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = {
    [IPC_link_state] = on_state,
    [IPC_provision_done] = on_done,
};

/* Requests that were on their way are asked again: each may be done twice without harm. */
static void on_closed(void *context)
{
    struct provision *provision = context;
    struct request *request;

    provision->link = ipc_peer_free(provision->link);
    provision->up = false;
    DL_FOREACH(provision->requests, request)
    request->sent = false;
}

void provision_side_attach(struct core *core, int fd)
{
    const struct settings *settings = core->role->settings;
    struct ipc_peer_setup setup = { .base = core->role->base,
                                    .fd = fd,
                                    .self = IPC_CORE,
                                    .other = IPC_PROVISION,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = core->provision,
                                    .queue_max_bytes = PROVISION_QUEUE_MAX_BYTES };

    on_closed(core->provision);
    if (ipc_peer_new(&core->provision->link, &setup) != OK) {
        log_event(LOG_ERROR, NULL, "core.no_memory", "");
        (void)close(fd);
        return;
    }
    IPC_SEND(core->provision->link, link_start, .domain = slice_of(settings->xmpp_control_domain),
             .host = slice_of(settings->xmpp_host), .port = settings->xmpp_port,
             .secret = slice_of(core->provision->secret),
             .agents_domain = slice_of(settings->xmpp_agents_domain),
             .rest = slice_of(is_by(core, "ejabberd") ? settings->xmpp_rest : ""));
}

static char *read_secret(const char *path)
{
    char line[260] = "";
    FILE *file = fopen(path, "re");

    if (file == NULL || fgets(line, sizeof(line), file) == NULL) {
        log_event(LOG_ERROR, NULL, "provision.no_secret",
                  "path=%s remedy=\"it must be there and hold one line\"", path);
        if (file != NULL)
            (void)fclose(file);
        return NULL;
    }
    (void)fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    return strdup(line);
}

int provision_start(struct core *core)
{
    core->provision = calloc(1, sizeof(*core->provision));
    if (core->provision == NULL)
        return RAISE(ERR_NO_MEMORY);
    core->provision->core = core;
    if (!provision_is_automatic(core))
        return OK;
    core->provision->secret = read_secret(core->role->settings->xmpp_control_secret_file);
    if (core->provision->secret == NULL)
        return ERR_CONFIG;
    if (is_by(core, "ejabberd")) {
        core->provision->component_secret =
            read_secret(core->role->settings->xmpp_component_secret_file);
        if (core->provision->component_secret == NULL)
            return ERR_CONFIG;
    }
    return CHANNEL_SEND(core->role->channel, -1, link_wanted, .tenant = SLICE_LITERAL("control"),
                        .provisions = true);
}

static void forget_secret(char *secret)
{
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void provision_stop(struct core *core)
{
    if (core->provision == NULL)
        return;
    while (core->provision->requests != NULL)
        finish(core->provision->requests, false, "stopping");
    ipc_peer_free(core->provision->link);
    forget_secret(core->provision->secret);
    forget_secret(core->provision->component_secret);
    free(core->provision);
    core->provision = NULL;
}
