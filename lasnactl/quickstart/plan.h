/* SPDX-License-Identifier: Apache-2.0
 *
 * plan — what quickstart was asked for, and what it has found so far.
 */
#ifndef LASNACTL_QUICKSTART_PLAN_H
#define LASNACTL_QUICKSTART_PLAN_H

#include "base/auto.h"
#include "base/format/json.h"

#include <sys/types.h>

struct args;
struct client;

enum { PLAN_HOST_MAX = 200 };

struct plan {
    const char *root;                /* what stands before every path: "" or a folder */
    char host[PLAN_HOST_MAX + 1];    /* chat.example.com */
    char agents[PLAN_HOST_MAX + 16]; /* where agents' accounts live */
    bool proxy;                      /* another program ends TLS in front of us */
    bool dry_run, force;
    uid_t lasna; /* our user and groups; 0 where they are missing */
    gid_t lasna_group, prosody_group;
    bool asks_daemon;       /* the one that runs is this machine's */
    const char *admin_name; /* who is invited first */
    json_t *admin;          /* owned: { "url", "expires_at" … }; NULL: nobody was invited now */
    json_t *findings; /* owned: { "name", "state": "fine|warning|problem", "text", "remedy" } */
    json_t *files;    /* owned: { "path", "state" } */
    unsigned problems;
    bool failed; /* a file could not be written: that was said */
};

/* Takes the command line apart. EXIT_USAGE: why was said. */
int plan_make(struct plan *plan, const struct args *args) MUST_CHECK;
void plan_release(struct plan *plan);

/* root/path, to be freed. Out of memory ends the program. */
char *plan_path(const struct plan *plan, const char *path);

void plan_fine(struct plan *plan, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `remedy` as people would type it, or what to do. */
void plan_warning(struct plan *plan, const char *name, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void plan_problem(struct plan *plan, const char *name, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Each looks at one side of the machine and adds what it finds. */
void check_names(struct plan *plan);   /* DNS, and whether it leads here */
void check_ports(struct plan *plan);   /* whether ours are free or ours already */
void check_prosody(struct plan *plan); /* the XMPP server, its modules, its configuration */
void check_tls(struct plan *plan);     /* certificates and how long they hold */
void check_system(struct plan *plan);  /* our user, our unit */

/* Invites the first admin, where the daemon runs and there is none. */
void first_admin(struct plan *plan, struct client *client);

/* Writes what is ours to write, or, on a dry run, tells what it would write. */
void files_write(struct plan *plan);

#endif
