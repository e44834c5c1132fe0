/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/supervisor/state_file.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name_of(enum ipc_role role)
{
    return role == IPC_CORE ? "core" : role == IPC_FETCH ? "fetch" : "control";
}

static json_t *pids_of(const struct child *children)
{
    json_t *pids = json_object(), *web = json_array(), *links = json_object();

    (void)json_object_set_new(pids, "supervisor", json_integer(getpid()));
    for (const struct child *child = children; child != NULL; child = child->next) {
        json_t *pid = child->pid != 0 ? json_integer(child->pid) : json_null();

        if (child->role == IPC_WEB)
            (void)json_array_append_new(web, pid);
        else if (child->role == IPC_LINK)
            (void)json_object_set_new(links, child->tenant, pid);
        else if (child->role == IPC_PROVISION)
            (void)json_object_set_new(links, "control", pid);
        else
            (void)json_object_set_new(pids, name_of(child->role), pid);
    }
    (void)json_object_set_new(pids, "web", web);
    (void)json_object_set_new(pids, "links", links);
    return pids;
}

/* Writes beside the file and renames over it. */
static void replace_file(const char *path, const json_t *json)
{
    char beside[4096];
    int fd;

    (void)snprintf(beside, sizeof(beside), "%s.new", path);
    fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || json_dumpfd(json, fd, JSON_INDENT(2)) != 0 || fsync(fd) != 0 ||
        rename(beside, path) != 0)
        log_event(LOG_WARNING, NULL, "state_file.failed", "path=%s error=\"%s\"", path,
                  strerror(errno));
    if (fd >= 0)
        (void)close(fd);
}

/* Keeps all that others wrote into instance.json, the XMPP server's pid among it. */
static void update_instance(const char *path, const json_t *pids)
{
    json_t *instance = json_load_file(path, 0, NULL);
    json_t *known = json_object_get(instance, "pids");

    if (json_is_object(instance)) {
        if (!json_is_object(known)) {
            known = json_object();
            (void)json_object_set_new(instance, "pids", known);
        }
        (void)json_object_update(known, (json_t *)(uintptr_t)pids);
        replace_file(path, instance);
    }
    json_decref(instance);
}

void state_file_write(const struct settings *settings, const struct child *children)
{
    AUTO_MEM char *path = settings_path(settings, "run/roles.json");
    json_t *pids = pids_of(children);

    if (path != NULL)
        replace_file(path, pids);
    if (settings->instance_file[0] != '\0')
        update_instance(settings->instance_file, pids);
    json_decref(pids);
}
