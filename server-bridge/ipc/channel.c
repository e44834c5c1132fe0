/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/ipc/channel.h"

#include "base/auto.h"
#include "server-bridge/ipc/codec.h"

#include <errno.h>
#include <sys/socket.h>

int channel_pair(int ret_fds[2])
{
    int size = 512 * 1024;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_fds) != 0)
        return RAISE(ERR_IO);
    for (int i = 0; i < 2; i++)
        (void)setsockopt(ret_fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    return OK;
}

/* One descriptor's worth of control data, aligned as the kernel wants it. */
union control {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

static void attach(struct msghdr *header, union control *control, int fd)
{
    struct cmsghdr *part;

    *control = (union control){ .space = { 0 } };
    header->msg_control = control->space;
    header->msg_controllen = sizeof(control->space);
    part = CMSG_FIRSTHDR(header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(fd));
    memcpy(CMSG_DATA(part), &fd, sizeof(fd));
}

int channel_send(int fd, enum ipc_type type, const void *message, int pass_fd)
{
    size_t size = ipc_size(type, message);
    AUTO_MEM uint8_t *bytes = size == 0 ? NULL : malloc(size);
    struct iovec part = { bytes, size };
    struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
    union control control;

    if (size == 0)
        return RAISE(ERR_BUG);
    if (bytes == NULL)
        return RAISE(ERR_NO_MEMORY);
    ipc_encode(type, message, bytes);
    if (pass_fd >= 0)
        attach(&header, &control, pass_fd);
    while (sendmsg(fd, &header, MSG_NOSIGNAL) < 0) {
        if (errno == EINTR)
            continue;
        return RAISE(errno == EPIPE || errno == ECONNRESET ? ERR_CLOSED : ERR_IO);
    }
    return OK;
}

static int detach(const struct msghdr *header)
{
    struct cmsghdr *part = CMSG_FIRSTHDR(header);
    int fd = -1;

    if (part != NULL && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS &&
        part->cmsg_len == CMSG_LEN(sizeof(fd)))
        memcpy(&fd, CMSG_DATA(part), sizeof(fd));
    return fd;
}

int channel_receive(int fd, uint8_t buffer[CHANNEL_BUFFER_BYTES], enum ipc_type *ret_type,
                    union ipc_message *ret_message, int *ret_fd)
{
    struct iovec part = { buffer, CHANNEL_BUFFER_BYTES };
    union control control;
    struct msghdr header = { .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof(control.space) };
    AUTO_FD passed = -1;
    ssize_t got;

    do {
        got = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return CHANNEL_E_EMPTY;
    if (got <= 0)
        return ERR_CLOSED;
    passed = detach(&header);
    if ((header.msg_flags & MSG_TRUNC) != 0)
        return RAISE(ERR_CORRUPT);
    if (ipc_decode(buffer, (size_t)got, ret_type, ret_message) != OK)
        return RAISE(ERR_CORRUPT);
    *ret_fd = passed;
    passed = -1;
    return OK;
}
