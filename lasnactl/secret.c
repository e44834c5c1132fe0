/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/secret.h"

#include "base/auto.h"
#include "lasnactl/args.h"
#include "lasnactl/client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>

bool secret_read(const char *path, char *line, size_t size)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat stat;
    ssize_t len = fd < 0 ? -1 : read(fd, line, size - 1);
    char *end;

    if (len < 0 || fstat(fd, &stat) != 0) {
        (void)complain(EXIT_REFUSED, "%s cannot be read: %s.", path, strerror(errno));
        return false;
    }
    line[len] = '\0';
    end = strchr(line, '\n');
    if (S_ISREG(stat.st_mode) && (stat.st_mode & (S_IRGRP | S_IROTH)) != 0)
        (void)complain(EXIT_REFUSED, "warning: %s can be read by others; chmod 600 it.", path);
    if (len == 0 || line[0] == '\n' || (size_t)len == size - 1 ||
        (end != NULL && end + 1 != line + len) || strlen(line) != (size_t)len) {
        (void)complain(EXIT_REFUSED, "%s must hold one line, and nothing else.", path);
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

/* --- asking for one --- */

static const int ends[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
static struct termios as_it_was;

static void show_again(void)
{
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &as_it_was);
}

/* It ends by that signal all the same: the handler is gone by now. */
static void on_end(int signal)
{
    show_again();
    (void)raise(signal);
}

/* What is typed is not shown, until show_again(), or the end of us. False: stdin is no terminal. */
static bool hide(void)
{
    struct sigaction end = { .sa_handler = on_end, .sa_flags = (int)SA_RESETHAND };
    struct termios quiet;

    if (tcgetattr(STDIN_FILENO, &as_it_was) != 0)
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        (void)sigaction(ends[i], &end, NULL);
    quiet = as_it_was;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    return true;
}

bool secret_ask(bool may_ask, char *line, size_t size)
{
    char again[SECRET_MAX_BYTES];
    bool asked;

    if (!may_ask || !hide())
        return secret_read("/dev/stdin", line, size);
    (void)fputs("Password: ", stderr);
    asked = fgets(line, (int)size, stdin) != NULL;
    (void)fputs("\nAgain: ", stderr);
    asked = asked && fgets(again, sizeof(again), stdin) != NULL;
    (void)fputc('\n', stderr);
    show_again();
    if (!asked)
        (void)complain(EXIT_REFUSED, "none was typed.");
    else if (strcmp(line, again) != 0)
        (void)complain(EXIT_REFUSED, "these were two different ones.");
    asked = asked && strcmp(line, again) == 0;
    explicit_bzero(again, sizeof(again));
    line[strcspn(line, "\r\n")] = '\0';
    return asked;
}
