/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that are ours to write. Each is made whole or not at all, and only where it is
 * missing or just as we left it: what an admin has changed is his.
 */
#include "lasnactl/quickstart/plan.h"

#include "base/buf.h"
#include "base/secret/random.h"
#include "lasnactl/client.h"
#include "lasnactl/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 16 * 1024, SECRET_BYTES = 24 };

static void tell(struct plan *plan, const char *path, const char *state)
{
    (void)json_array_append_new(plan->files, json_pack("{s:s, s:s}", "path", path, "state", state));
}

static void failed(struct plan *plan, const char *path)
{
    plan->failed = true;
    (void)complain(EXIT_REFUSED, "%s cannot be written: %s.", path, strerror(errno));
    tell(plan, path, "failed");
}

static bool put(const char *path, struct slice content, mode_t mode, gid_t group)
{
    AUTO_MEM char *beside = NULL;
    FILE *file = file_begin(path, &beside);

    if (file == NULL)
        return false;
    if (fwrite(content.data, 1, content.len, file) == content.len &&
        (geteuid() != 0 || fchown(fileno(file), 0, group) == 0) && fchmod(fileno(file), mode) == 0)
        return file_end(file, beside, path);
    file_drop(file, beside);
    return false;
}

static void write_file(struct plan *plan, const char *path, struct slice content, mode_t mode,
                       gid_t group)
{
    AUTO_MEM char *whole = plan_path(plan, path);
    AUTO_BUF old;
    bool is_there = access(whole, F_OK) == 0;

    buf_init(&old, 1024 * 1024);
    if (is_there && file_read(whole, &old) && slice_equal(buf_slice(&old), content))
        tell(plan, path, "as it should be");
    else if (is_there && !plan->force)
        tell(plan, path, "differs and is left as it is; --force writes it anew");
    else if (plan->dry_run)
        tell(plan, path, "would be written");
    else if (put(whole, content, mode, group))
        tell(plan, path, "written");
    else
        failed(plan, path);
}

/* Made only where it is missing: what is there stays as it is. */
static void make_folder(struct plan *plan, const char *path, mode_t mode, uid_t user, gid_t group)
{
    AUTO_MEM char *whole = plan_path(plan, path);
    struct stat about;

    if (stat(whole, &about) == 0)
        return;
    if (plan->dry_run) {
        tell(plan, path, "would be made");
        return;
    }
    if (mkdir(whole, 0700) != 0 || (geteuid() == 0 && chown(whole, user, group) != 0) ||
        chmod(whole, mode) != 0)
        failed(plan, path);
    else
        tell(plan, path, "made");
}

/* --- what stands in them --- */

/* Where it has IPv6, one socket serves both. */
static bool has_ipv6(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static void configuration(const struct plan *plan, struct buf *to)
{
    buf_addf(to,
             "# Written by `lasnactl quickstart %s`. `lasnad --list-settings` explains all there "
             "is;\n# your own changes are best in conf.d/*.conf beside this file.\n"
             "[instance]\nhome = /var/lib/lasna\n[web]\n",
             plan->host);
    if (plan->proxy)
        buf_addf(to, "http = 127.0.0.1:8080\nproxies = 127.0.0.1/32 ::1/128\n");
    else
        buf_addf(to,
                 "http =\nhttps = %s:443\n"
                 "certificate = /etc/lasna/tls/fullchain.pem\n"
                 "private_key = /etc/lasna/tls/privkey.pem\n"
                 "certificates = /etc/lasna/tls/names\n",
                 has_ipv6() ? "[::]" : "0.0.0.0");
    buf_addf(to,
             "origins = https://%s\n[xmpp]\nchat_domain = %s\nagents_domain = %s\n"
             "rooms_domain = rooms.%s\ncontrol_domain = control.%s\nprovision = prosody\n"
             "control_secret_file = /etc/lasna/control.secret\n"
             "tenants_dir = /etc/prosody/lasna.d\n"
             "upload_url = https://%s:5281/file_share/\n",
             plan->host, plan->host, plan->agents, plan->agents, plan->host, plan->agents);
}

static void prosody_file(const struct plan *plan, struct slice secret, struct buf *to)
{
    buf_addf(
        to,
        "-- Written by `lasnactl quickstart %s`.\n"
        "admins = { \"control.%s\" }\n"
        "-- A link that comes back takes over from its own half-open predecessor.\n"
        "component_conflict_resolve = \"kick_old\"\n"
        "component_stanza_size_limit = 131072\n\n"
        "VirtualHost \"%s\"\n"
        "    modules_enabled = { \"privilege\"; \"admin_adhoc\"; \"mam\"; \"offline\" }\n"
        "    privileged_entities = { [\"control.%s\"] = { roster = \"both\" } }\n\n"
        "-- What agents send visitors (XEP-0363): by HTTPS, with the certificate of their host.\n"
        "Component \"upload.%s\" \"http_file_share\"\n"
        "    http_host = \"%s\"\n"
        "    http_external_url = \"https://%s:5281/\"\n"
        "    http_file_share_size_limit = 10 * 1024 * 1024\n"
        "    http_file_share_expires_after = 30 * 24 * 60 * 60\n\n"
        "-- The tenants' team rooms.\n"
        "Component \"rooms.%s\" \"muc\"\n"
        "    modules_enabled = { \"lasna_rooms\" }\n"
        "    muc_tombstones = false\n\n"
        "-- The only component that may change hosts, accounts and rosters.\n"
        "Component \"control.%s\"\n"
        "    component_secret = \"%.*s\"\n"
        "    modules_enabled = { \"privilege\" }\n\n"
        "Include \"/etc/prosody/lasna.d/*.cfg.lua\"\n",
        plan->host, plan->host, plan->agents, plan->host, plan->agents, plan->agents, plan->agents,
        plan->agents, plan->host, SLICE_ARG(secret));
}

/* The secret that is there, or a new one. */
static void find_secret(const struct plan *plan, struct buf *to)
{
    AUTO_MEM char *path = plan_path(plan, "/etc/lasna/control.secret");
    unsigned char bytes[SECRET_BYTES];

    if (file_read(path, to) && to->len > 0)
        return;
    random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        buf_addf(to, "%02x", bytes[i]);
    buf_addf(to, "\n");
}

static void write_all(struct plan *plan)
{
    AUTO_BUF secret, lasna, prosody;
    struct slice word;

    buf_init(&secret, FILE_BYTES);
    buf_init(&lasna, FILE_BYTES);
    buf_init(&prosody, FILE_BYTES);
    find_secret(plan, &secret);
    word = buf_slice(&secret);
    word.len = strcspn(secret.data, "\r\n");
    configuration(plan, &lasna);
    prosody_file(plan, word, &prosody);

    make_folder(plan, "/etc/lasna", 0750, 0, plan->lasna_group);
    make_folder(plan, "/etc/lasna/tls", 0750, 0, plan->lasna_group);
    make_folder(plan, "/etc/lasna/tls/names", 0750, 0, plan->lasna_group);
    write_file(plan, "/etc/lasna/control.secret", buf_slice(&secret), 0640, plan->lasna_group);
    write_file(plan, "/etc/lasna/lasna.conf", buf_slice(&lasna), 0640, plan->lasna_group);
    if (geteuid() == 0 && plan->prosody_group == 0) {
        tell(plan, "/etc/prosody", "waits for Prosody, which must be able to read it");
        return;
    }
    make_folder(plan, "/etc/prosody/lasna.d", 02770, plan->lasna, plan->prosody_group);
    write_file(plan, "/etc/prosody/conf.d/lasna.cfg.lua", buf_slice(&prosody), 0640,
               plan->prosody_group);
}

void files_write(struct plan *plan)
{
    if (geteuid() == 0 && plan->lasna == 0)
        tell(plan, "/etc/lasna", "waits for the user lasna, who must be able to read it");
    else
        write_all(plan);
}
