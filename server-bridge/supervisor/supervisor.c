/* SPDX-License-Identifier: Apache-2.0
 *
 * Who knows whom: the core has a socket to every other role; no others have any to each
 * other. Whenever either end of such a pair starts (again), both get a new socket. So a core
 * that was killed is simply introduced anew, and what each role does then is its own affair.
 */
#include "server-bridge/supervisor/supervisor.h"

#include "base/clock.h"
#include "base/log.h"
#include "server-bridge/ipc/channel.h"
#include "server-bridge/settings.h"
#include "server-bridge/supervisor/certificates.h"
#include "server-bridge/supervisor/child.h"
#include "server-bridge/supervisor/floors.h"
#include "server-bridge/supervisor/listen.h"
#include "server-bridge/supervisor/pulse.h"
#include "server-bridge/supervisor/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>

enum { WEB_MAX = 64, CHILDREN_MAX = 4096, DRAIN_MS = 5000 };

struct supervisor {
    const char *config_path;
    struct settings *settings;
    struct child *children;
    int http[WEB_MAX], https[WEB_MAX]; /* one a web process; -1: none */
    int control;
    int signals;
    bool stopping, told_ready, state_changed;
    uint64_t stop_at_ms;                  /* steady: whoever lives then is killed */
    uint64_t alive_every_ms, alive_at_ms; /* systemd's watchdog hears from us; 0: there is none */
    uint64_t pulse_every_ms, pulse_at_ms; /* … and we from the roles */
};

static struct child *find(struct supervisor *sv, enum ipc_role role, const char *tenant)
{
    for (struct child *child = sv->children; child != NULL; child = child->next) {
        if (child->role == role && strcmp(child->tenant, tenant) == 0)
            return child;
    }
    return NULL;
}

/* --- telling the roles --- */

static void send_settings(const struct supervisor *sv, const struct child *child)
{
    AUTO_BUF text;

    buf_init(&text, 65536);
    settings_write(sv->settings, &text);
    if (CHANNEL_SEND(child->channel, -1, settings, .text = buf_slice(&text)) != OK)
        log_event(LOG_WARNING, NULL, "supervisor.settings_unsent", "pid=%d", (int)child->pid);
}

/* All of them at once: what is not among them any more is served no more. */
static void send_certificates(const struct supervisor *sv, const struct child *child)
{
    AUTO_FD fd = -1;
    uint64_t bytes = 0;
    bool whole = true;

    if (child->role != IPC_WEB || sv->settings->web_https[0] == '\0')
        return;
    if (certificates_gather(sv->settings, &fd, &bytes, &whole) != OK ||
        CHANNEL_SEND(child->channel, fd, certificates, .bytes = bytes, .whole = whole) != OK)
        log_event(LOG_ERROR, NULL, "supervisor.certificates_unsent", "pid=%d", (int)child->pid);
}

static void send_listener(const struct child *child, int fd, const char *kind)
{
    if (fd >= 0 && CHANNEL_SEND(child->channel, fd, listener, .kind = slice_of(kind)) != OK)
        log_event(LOG_WARNING, NULL, "supervisor.listener_unsent", "kind=%s", kind);
}

static void introduce(const struct child *core, const struct child *other)
{
    int fds[2], core_rc, other_rc;

    if (core == NULL || core->pid == 0 || other->pid == 0)
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0) {
        log_event(LOG_ERROR, NULL, "supervisor.no_socket", "error=\"%s\"", strerror(errno));
        return;
    }
    core_rc = CHANNEL_SEND(core->channel, fds[0], attach, .role = other->role,
                           .tenant = slice_of(other->tenant), .index = other->index);
    other_rc = CHANNEL_SEND(other->channel, fds[1], attach, .role = IPC_CORE);
    if (core_rc != OK || other_rc != OK)
        log_event(LOG_WARNING, NULL, "supervisor.introduction_failed", "");
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void equip(struct supervisor *sv, struct child *child)
{
    send_settings(sv, child);
    if (child->role == IPC_WEB) {
        send_certificates(sv, child);
        send_listener(child, sv->http[child->index], "http");
        send_listener(child, sv->https[child->index], "https");
    } else if (child->role == IPC_CONTROL) {
        send_listener(child, sv->control, "control");
    }
    if (child->role != IPC_CORE) {
        introduce(find(sv, IPC_CORE, ""), child);
        return;
    }
    for (struct child *other = sv->children; other != NULL; other = other->next) {
        if (other != child)
            introduce(child, other);
    }
}

/* --- the children's lives --- */

static void start(struct supervisor *sv, struct child *child, uint64_t now_ms)
{
    if (child_start(child, now_ms) != OK) {
        child->start_at_ms = now_ms + CHILD_BACKOFF_MAX_MS;
        return;
    }
    sv->state_changed = true;
    equip(sv, child);
}

static int add_child(struct supervisor *sv, enum ipc_role role, const char *tenant, unsigned index)
{
    struct child *child = NULL;
    int rc = child_new(&child, role, tenant, index);

    if (rc != OK)
        return TRACE(rc);
    child->next = sv->children;
    sv->children = child;
    return OK;
}

/* The core keeps this list; it says so again after each of its own restarts. */
static void want_link(struct supervisor *sv, struct slice tenant, bool provisions)
{
    char name[TENANT_NAME_MAX + 1];
    enum ipc_role role = provisions ? IPC_PROVISION : IPC_LINK;
    struct child *child;

    if (!slice_copy(tenant, name, sizeof(name)))
        return;
    child = find(sv, role, name);
    if (child == NULL && add_child(sv, role, name, 0) == OK)
        child = find(sv, role, name);
    if (child == NULL)
        return;
    child->wanted = true;
    if (child->pid == 0)
        start(sv, child, clock_steady_ms());
}

static void unwant_link(struct supervisor *sv, struct slice tenant)
{
    char name[TENANT_NAME_MAX + 1];
    struct child *child;

    if (!slice_copy(tenant, name, sizeof(name)))
        return;
    child = find(sv, IPC_LINK, name);
    if (child == NULL)
        return;
    child->wanted = false;
    if (child->pid != 0)
        (void)kill(child->pid, SIGTERM);
}

static void forget_unwanted(struct supervisor *sv)
{
    for (struct child **at = &sv->children; *at != NULL;) {
        struct child *child = *at;

        if (child->wanted || child->pid != 0) {
            at = &child->next;
            continue;
        }
        *at = child->next;
        child_free(child);
        sv->state_changed = true;
    }
}

static struct child *find_pid(struct supervisor *sv, pid_t pid)
{
    for (struct child *child = sv->children; child != NULL; child = child->next) {
        if (child->pid == pid)
            return child;
    }
    return NULL;
}

static void reap(struct supervisor *sv)
{
    char name[64];
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = find_pid(sv, pid);

        if (child == NULL)
            continue;
        child_name(child, name, sizeof(name));
        child_died(child, clock_steady_ms());
        sv->state_changed = true;
        log_event(sv->stopping ? LOG_INFO : LOG_WARNING, NULL, "role.ended",
                  "name=%s pid=%d %s=%d again_in_ms=%llu", name, (int)pid,
                  WIFSIGNALED(status) ? "signal" : "status",
                  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                  (unsigned long long)(sv->stopping ? 0 : child->start_at_ms - clock_steady_ms()));
    }
}

static void start_due(struct supervisor *sv, uint64_t now_ms)
{
    for (struct child *child = sv->children; child != NULL && !sv->stopping; child = child->next) {
        if (child->pid == 0 && child->wanted && child->start_at_ms <= now_ms)
            start(sv, child, now_ms);
    }
}

/* --- what the roles say --- */

static void hear(struct supervisor *sv, struct child *child, uint8_t *buffer)
{
    union ipc_message message;
    enum ipc_type type;
    int fd = -1, channel = child->channel;

    while (channel_receive(channel, buffer, &type, &message, &fd) == OK) {
        if (fd >= 0)
            (void)close(fd);
        pulse_felt(child);
        if (type == IPC_ready)
            child->ready = true;
        else if (type == IPC_alive)
            continue;
        else if (child->role == IPC_CORE && type == IPC_link_wanted)
            want_link(sv, message.link_wanted.tenant, message.link_wanted.provisions);
        else if (child->role == IPC_CORE && type == IPC_link_unwanted)
            unwant_link(sv, message.link_unwanted.tenant);
        else
            log_event(LOG_ERROR, NULL, "supervisor.breach", "pid=%d", (int)child->pid);
    }
}

static void tell_systemd_once(struct supervisor *sv)
{
    for (const struct child *child = sv->children; child != NULL; child = child->next) {
        if ((child->role & (IPC_ANY_LINK | IPC_FETCH)) == 0 && !child->ready)
            return;
    }
    if (!sv->told_ready) {
        (void)sd_notify(0, "READY=1");
        log_event(LOG_INFO, NULL, "instance.ready", "");
    }
    sv->told_ready = true;
}

/* systemd starts us again when the loop stands still for twice as long. */
static void tell_alive(struct supervisor *sv, uint64_t now_ms)
{
    if (sv->alive_every_ms == 0 || now_ms < sv->alive_at_ms)
        return;
    (void)sd_notify(0, "WATCHDOG=1");
    sv->alive_at_ms = now_ms + sv->alive_every_ms;
}

static void feel_pulses(struct supervisor *sv, uint64_t now_ms)
{
    if (sv->stopping || now_ms < sv->pulse_at_ms)
        return;
    pulse_ask(sv->children);
    sv->pulse_at_ms = now_ms + sv->pulse_every_ms;
}

/* A role is given twice the time that systemd gives us. */
static void watch(struct supervisor *sv)
{
    uint64_t patience_us = 0;

    sv->pulse_every_ms = PULSE_PATIENCE_MS / PULSE_MISSED;
    if (sd_watchdog_enabled(0, &patience_us) > 0) {
        sv->alive_every_ms = patience_us / 2000;
        sv->pulse_every_ms = patience_us * 2 / 1000 / PULSE_MISSED;
    }
}

/* --- signals --- */

static void reload(struct supervisor *sv)
{
    struct settings *fresh = NULL;
    AUTO_BUF problems, restart;

    buf_init(&problems, 65536);
    buf_init(&restart, 65536);
    (void)sd_notify(0, "RELOADING=1");
    if (settings_read(&fresh, sv->config_path, &problems) != OK) {
        log_event(LOG_ERROR, NULL, "settings.refused", "kept=old problems=\"%.*s\"",
                  SLICE_ARG(buf_slice(&problems)));
        (void)sd_notify(0, "READY=1");
        return;
    }
    settings_restart_needed(sv->settings, fresh, &restart);
    if (restart.len > 0)
        log_event(LOG_WARNING, NULL, "settings.need_restart", "which=\"%.*s\"",
                  SLICE_ARG(buf_slice(&restart)));
    settings_free(sv->settings);
    sv->settings = fresh;
    settings_apply_log(fresh);
    for (struct child *child = sv->children; child != NULL; child = child->next) {
        if (child->pid == 0)
            continue;
        send_settings(sv, child);
        send_certificates(sv, child);
    }
    log_event(LOG_INFO, NULL, "settings.reloaded", "");
    (void)sd_notify(0, "READY=1");
}

/* Web first: it says goodbye to browsers; then those whose words the core still stores; the
 * core last. All within DRAIN_MS. */
static void drain(struct supervisor *sv, unsigned roles)
{
    for (struct child *child = sv->children; child != NULL; child = child->next) {
        if (child->pid == 0 || (child->role & roles) == 0 || child->draining)
            continue;
        child->draining = true;
        if (CHANNEL_SEND(child->channel, -1, drain, .deadline_ms = clock_now_ms() + DRAIN_MS) != OK)
            (void)kill(child->pid, SIGTERM);
    }
}

static bool any_alive(const struct supervisor *sv, unsigned roles)
{
    for (const struct child *child = sv->children; child != NULL; child = child->next) {
        if (child->pid != 0 && (child->role & roles) != 0)
            return true;
    }
    return false;
}

static void stop(struct supervisor *sv)
{
    if (sv->stopping)
        return;
    sv->stopping = true;
    sv->stop_at_ms = clock_steady_ms() + DRAIN_MS + 3000;
    log_event(LOG_INFO, NULL, "instance.stopping", "");
    (void)sd_notify(0, "STOPPING=1");
    drain(sv, IPC_WEB | IPC_CONTROL);
}

static void go_on_stopping(struct supervisor *sv, uint64_t now_ms)
{
    static const unsigned core_side = IPC_CORE, others = IPC_ANY_WEB;

    if (!any_alive(sv, others) && any_alive(sv, core_side)) {
        drain(sv, core_side);
    } else if (!any_alive(sv, others | core_side)) {
        drain(sv, IPC_ANY_LINK | IPC_FETCH);
    }
    if (now_ms < sv->stop_at_ms)
        return;
    for (struct child *child = sv->children; child != NULL; child = child->next) {
        if (child->pid != 0)
            (void)kill(child->pid, SIGKILL);
    }
}

static void on_signals(struct supervisor *sv)
{
    struct signalfd_siginfo info;

    while (read(sv->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            stop(sv);
        else if (info.ssi_signo == SIGHUP)
            reload(sv);
        else if (info.ssi_signo == SIGCHLD)
            reap(sv);
    }
}

static int catch_signals(struct supervisor *sv)
{
    sigset_t mask;

    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGTERM);
    (void)sigaddset(&mask, SIGINT);
    (void)sigaddset(&mask, SIGHUP);
    (void)sigaddset(&mask, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &mask, NULL) != 0)
        return RAISE(ERR_IO);
    sv->signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    return sv->signals < 0 ? RAISE(ERR_IO) : OK;
}

/* --- the loop --- */

static int wait_ms(const struct supervisor *sv, uint64_t now_ms)
{
    uint64_t until = now_ms + 60000;

    if (sv->stopping)
        return 50;
    if (sv->alive_every_ms > 0 && sv->alive_at_ms < until)
        until = sv->alive_at_ms;
    if (sv->pulse_at_ms < until)
        until = sv->pulse_at_ms;
    for (const struct child *child = sv->children; child != NULL; child = child->next) {
        if (child->pid == 0 && child->wanted && child->start_at_ms < until)
            until = child->start_at_ms;
    }
    return until > now_ms ? (int)(until - now_ms) : 0;
}

static void wait_and_hear(struct supervisor *sv, struct pollfd *fds, uint8_t *buffer)
{
    struct child *who[CHILDREN_MAX];
    nfds_t count = 1;

    fds[0] = (struct pollfd){ .fd = sv->signals, .events = POLLIN };
    for (struct child *child = sv->children; child != NULL && count < CHILDREN_MAX;
         child = child->next) {
        if (child->channel < 0)
            continue;
        who[count] = child;
        fds[count++] = (struct pollfd){ .fd = child->channel, .events = POLLIN };
    }
    if (poll(fds, count, wait_ms(sv, clock_steady_ms())) < 0)
        return;
    for (nfds_t i = 1; i < count; i++) {
        if ((fds[i].revents & POLLIN) != 0)
            hear(sv, who[i], buffer);
    }
    on_signals(sv);
}

static int run(struct supervisor *sv)
{
    AUTO_MEM struct pollfd *fds = calloc(CHILDREN_MAX, sizeof(*fds));
    AUTO_MEM uint8_t *buffer = malloc(CHANNEL_BUFFER_BYTES);

    if (fds == NULL || buffer == NULL)
        return RAISE(ERR_NO_MEMORY);
    watch(sv);
    while (!sv->stopping || any_alive(sv, IPC_ANY_CHILD)) {
        start_due(sv, clock_steady_ms());
        tell_alive(sv, clock_steady_ms());
        feel_pulses(sv, clock_steady_ms());
        if (sv->state_changed)
            state_file_write(sv->settings, sv->children);
        sv->state_changed = false;
        wait_and_hear(sv, fds, buffer);
        reap(sv);
        forget_unwanted(sv);
        if (sv->stopping)
            go_on_stopping(sv, clock_steady_ms());
        else
            tell_systemd_once(sv);
    }
    return OK;
}

/* --- start --- */

static int open_ports(struct supervisor *sv)
{
    AUTO_MEM char *control = settings_path(sv->settings, sv->settings->control_socket);
    AUTO_MEM char *folder = settings_path(sv->settings, "run");
    int rc = OK;

    if (control == NULL || folder == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        log_event(LOG_ERROR, NULL, "supervisor.no_folder", "path=%s error=\"%s\"", folder,
                  strerror(errno));
        return ERR_CONFIG;
    }
    for (unsigned i = 0; rc == OK && i < sv->settings->web_processes; i++) {
        if (sv->settings->web_http[0] != '\0')
            rc = listen_tcp(sv->settings->web_http, true, &sv->http[i]);
        if (rc == OK && sv->settings->web_https[0] != '\0')
            rc = listen_tcp(sv->settings->web_https, true, &sv->https[i]);
    }
    return rc == OK ? listen_unix(control, &sv->control) : rc;
}

static int add_roles(struct supervisor *sv)
{
    int rc = OK;

    for (unsigned i = 0; rc == OK && i < sv->settings->web_processes; i++)
        rc = add_child(sv, IPC_WEB, "", (unsigned)(sv->settings->web_processes - 1 - i));
    if (rc == OK)
        rc = add_child(sv, IPC_FETCH, "", 0);
    if (rc == OK)
        rc = add_child(sv, IPC_CONTROL, "", 0);
    if (rc == OK)
        rc = add_child(sv, IPC_CORE, "", 0);
    return rc;
}

static void release(struct supervisor *sv)
{
    while (sv->children != NULL) {
        struct child *next = sv->children->next;

        child_free(sv->children);
        sv->children = next;
    }
    sv->settings = settings_free(sv->settings);
}

int supervisor_main(const char *config_path)
{
    struct supervisor sv = { .config_path = config_path, .control = -1, .signals = -1 };
    AUTO_BUF problems;
    int rc;

    for (unsigned i = 0; i < WEB_MAX; i++)
        sv.http[i] = sv.https[i] = -1;
    buf_init(&problems, 65536);
    log_set_role("supervisor");
    (void)signal(SIGPIPE, SIG_IGN);
    rc = settings_read(&sv.settings, config_path, &problems);
    if (rc != OK)
        (void)fprintf(stderr, "%.*s", SLICE_ARG(buf_slice(&problems)));
    if (rc == OK) {
        settings_apply_log(sv.settings);
        floors_warn();
    }
    if (rc == OK)
        rc = catch_signals(&sv);
    if (rc == OK)
        rc = open_ports(&sv);
    if (rc == OK)
        rc = add_roles(&sv);
    if (rc == OK)
        rc = run(&sv);
    release(&sv);
    log_event(LOG_INFO, NULL, "instance.stopped", "rc=%s", result_name(rc));
    return rc == OK ? 0 : 1;
}
