/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls are refused by seccomp. What may be read is said to Landlock, where the kernel has
 * it (5.13): without it the file permissions of the service's user are all there is.
 */
#include "server-bridge/jail.h"

#include "base/auto.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED
/* The sanitizers read /proc and start a symbolizer when they report. */
int jail_enter(enum jail jail, const char *reads)
{
    (void)jail;
    (void)reads;
    return OK;
}
#else
enum { IN_SEALED = 1 << JAIL_SEALED, IN_OUTWARD = 1 << JAIL_OUTWARD, IN_BOTH = 3 };

static const struct refusal {
    unsigned where;
    int call;
} refused[] = {
    { IN_SEALED, SCMP_SYS(open) },
    { IN_SEALED, SCMP_SYS(openat) },
    { IN_BOTH, SCMP_SYS(openat2) },
    { IN_BOTH, SCMP_SYS(creat) },
    { IN_SEALED, SCMP_SYS(socket) },
    { IN_SEALED, SCMP_SYS(socketpair) },
    { IN_SEALED, SCMP_SYS(connect) },
    { IN_SEALED, SCMP_SYS(bind) }, /* glibc binds a netlink socket to sort addresses */
    { IN_BOTH, SCMP_SYS(listen) },
    { IN_OUTWARD, SCMP_SYS(accept) },
    { IN_OUTWARD, SCMP_SYS(accept4) },
    { IN_BOTH, SCMP_SYS(execve) },
    { IN_BOTH, SCMP_SYS(execveat) },
    { IN_BOTH, SCMP_SYS(fork) },
    { IN_BOTH, SCMP_SYS(vfork) },
    { IN_SEALED, SCMP_SYS(clone) },
    { IN_SEALED, SCMP_SYS(clone3) },
    { IN_BOTH, SCMP_SYS(ptrace) },
    { IN_BOTH, SCMP_SYS(kill) },
    { IN_BOTH, SCMP_SYS(tkill) },
    { IN_BOTH, SCMP_SYS(unlink) },
    { IN_BOTH, SCMP_SYS(unlinkat) },
    { IN_BOTH, SCMP_SYS(rename) },
    { IN_BOTH, SCMP_SYS(renameat) },
    { IN_BOTH, SCMP_SYS(renameat2) },
    { IN_BOTH, SCMP_SYS(truncate) }, /* by name: what cannot be opened could be emptied */
    { IN_BOTH, SCMP_SYS(link) },
    { IN_BOTH, SCMP_SYS(linkat) },
    { IN_BOTH, SCMP_SYS(symlink) },
    { IN_BOTH, SCMP_SYS(symlinkat) },
    { IN_BOTH, SCMP_SYS(mknod) },
    { IN_BOTH, SCMP_SYS(mknodat) },
    { IN_BOTH, SCMP_SYS(mkdir) },
    { IN_BOTH, SCMP_SYS(mkdirat) },
    { IN_BOTH, SCMP_SYS(rmdir) },
    { IN_BOTH, SCMP_SYS(chmod) },
    { IN_BOTH, SCMP_SYS(fchmod) },
    { IN_BOTH, SCMP_SYS(fchmodat) },
    { IN_BOTH, SCMP_SYS(mount) },
    { IN_BOTH, SCMP_SYS(umount2) },
    { IN_BOTH, SCMP_SYS(io_uring_setup) },
    { IN_BOTH, SCMP_SYS(process_vm_readv) },
    { IN_BOTH, SCMP_SYS(process_vm_writev) },
    { IN_BOTH, SCMP_SYS(pidfd_getfd) },
    { IN_BOTH, SCMP_SYS(bpf) },
    { IN_BOTH, SCMP_SYS(perf_event_open) },
    { IN_BOTH, SCMP_SYS(userfaultfd) },
    { IN_BOTH, SCMP_SYS(keyctl) },
    { IN_BOTH, SCMP_SYS(add_key) },
};

#define WRITES(argument, how) SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, O_ACCMODE, how)

/* What depends on how it is called: opening to write, sockets to our own, new processes. A pair of
 * streams wakes libcurl; one of datagrams could be connected anywhere. A thread, which resolves
 * names, is made by clone: clone3 hides its flags, so it is "unknown". */
static int refuse_by_argument(scmp_filter_ctx filter)
{
    const struct {
        int answer, call;
        struct scmp_arg_cmp when;
    } rules[] = {
        { EPERM, SCMP_SYS(open), WRITES(1, O_WRONLY) },
        { EPERM, SCMP_SYS(open), WRITES(1, O_RDWR) },
        { EPERM, SCMP_SYS(openat), WRITES(2, O_WRONLY) },
        { EPERM, SCMP_SYS(openat), WRITES(2, O_RDWR) },
        { EPERM, SCMP_SYS(socket), SCMP_CMP(0, SCMP_CMP_EQ, AF_UNIX, 0) },
        { EPERM, SCMP_SYS(socket), SCMP_CMP(0, SCMP_CMP_GT, AF_NETLINK, 0) },
        { EPERM, SCMP_SYS(socketpair), SCMP_CMP(1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_DGRAM) },
        { EPERM, SCMP_SYS(clone), SCMP_CMP(0, SCMP_CMP_MASKED_EQ, CLONE_VM, 0) },
    };
    int rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

    for (size_t i = 0; rc == 0 && i < sizeof(rules) / sizeof(rules[0]); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)rules[i].answer), rules[i].call, 1,
                              rules[i].when);
    return rc;
}

/* --- what may be read --- */

static void let_read(int ruleset, const char *path)
{
    AUTO_FD fd = open(path, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
                                                                 LANDLOCK_ACCESS_FS_READ_DIR,
                                               .parent_fd = fd };

    if (fd < 0)
        return;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0)
        return;
    rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE; /* it is no folder */
    (void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

/* The system's own settings and libraries, and where resolv.conf may really lie. */
static int limit_reading(const char *reads)
{
    static const char *const folders[] = { "/etc",
                                           "/usr",
                                           "/lib",
                                           "/lib64",
                                           "/run/systemd/resolve",
                                           "/run/resolvconf",
                                           "/run/NetworkManager",
                                           "/dev/urandom" };
    const struct landlock_ruleset_attr all = { .handled_access_fs =
                                                   (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
    AUTO_FD ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

    if (ruleset < 0) {
        log_event(LOG_WARNING, NULL, "jail.without_landlock", "error=\"%s\"", strerror(errno));
        return OK;
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        let_read(ruleset, folders[i]);
    if (reads != NULL)
        let_read(ruleset, reads);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        return RAISE(ERR_IO);
    return OK;
}

int jail_enter(enum jail jail, const char *reads)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int rc = filter == NULL ? -ENOMEM : 0;

    if (rc == 0 && jail == JAIL_OUTWARD && limit_reading(reads) != OK)
        rc = -EIO;
    for (size_t i = 0; rc == 0 && i < sizeof(refused) / sizeof(refused[0]); i++) {
        if ((refused[i].where & 1U << jail) != 0)
            rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i].call, 0);
    }
    if (rc == 0 && jail == JAIL_OUTWARD)
        rc = refuse_by_argument(filter);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc == 0 ? OK : RAISE(ERR_IO);
}
#endif
