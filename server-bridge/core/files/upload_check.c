/* SPDX-License-Identifier: Apache-2.0
 *
 * What came in is looked at, hashed and put on the disk for good: each takes time, and so they
 * happen on a thread. Nobody else touches the part meanwhile.
 */
#include "server-bridge/core/files/files.h"

#include <fcntl.h>
#include <unistd.h>

static void look(struct upload_check *check, struct slice bytes)
{
    struct filetype_facts facts;

    check->rc = filetype_of(bytes, &facts);
    if (check->rc != OK)
        return;
    check->file.type = facts.type;
    check->file.width = facts.width;
    check->file.height = facts.height;
    check->file.sha256 = digest_sha256(bytes);
}

static bool read_whole(int fd, char *to, size_t bytes)
{
    size_t have = 0;

    while (have < bytes) {
        ssize_t got = read(fd, to + have, bytes - have);

        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return read(fd, &(char){ 0 }, 1) == 0;
}

/* Read, not mapped: a disk that fails under a mapping would end the core. */
static int look_at(struct upload_check *check, const char *path)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    size_t bytes = (size_t)check->file.bytes;
    AUTO_MEM char *copy = malloc(bytes + 1);

    if (copy == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (fd < 0 || !read_whole(fd, copy, bytes))
        return RAISE(ERR_IO);
    look(check, (struct slice){ copy, bytes });
    return check->rc;
}

static void run(struct work *work)
{
    struct upload_check *check = (struct upload_check *)work;
    char part[FILES_PATH_BYTES];

    files_path(part, check->tenants, &check->tenant, check->file.id, true);
    check->rc = look_at(check, part);
    if (check->rc == OK)
        check->rc = files_keep(check->tenants, &check->tenant, check->file.id);
}

int upload_check_new(struct upload_check **ret_check, struct core *core,
                     const struct tenant_name *tenant, const struct chat_file *file)
{
    struct upload_check *check = calloc(1, sizeof(*check));

    if (check == NULL)
        return RAISE(ERR_NO_MEMORY);
    check->work.run = run;
    check->core = core;
    check->tenant = *tenant;
    check->file = *file;
    check->tenants = core->tenants_folder;
    *ret_check = check;
    return OK;
}
