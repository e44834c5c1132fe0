/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/keys/instance_key.h"

#include "base/auto.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>

struct instance_key instance_key_of(struct slice line)
{
    struct instance_key key = { .key = digest_sha256(line) };
    struct digest mark = digest_hmac((struct slice){ (const char *)key.key.bytes, DIGEST_BYTES },
                                     SLICE_LITERAL("mark"));
    char hex[DIGEST_HEX_BYTES];

    digest_hex(&mark, hex);
    memcpy(key.mark, hex, INSTANCE_KEY_MARK_BYTES - 1);
    return key;
}

void instance_key_wipe(struct instance_key *key)
{
    OPENSSL_cleanse(key, sizeof(*key));
}

/* --- reading --- */

static int refuse(const char *path, const char *why, const char *remedy)
{
    log_event(LOG_ERROR, NULL, "instance_key.unusable", "path=%s error=\"%s\" remedy=\"%s\"", path,
              why, remedy);
    return ERR_CONFIG;
}

static int take(const char *path, char *line, struct instance_key *ret_key)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (!token_is_wellformed(slice_of(line)))
        return refuse(path, "it holds no key",
                      "put back the one this installation was given; it is one line of 43 "
                      "characters");
    *ret_key = instance_key_of(slice_of(line));
    return OK;
}

int instance_key_read(const char *path, struct instance_key *ret_key)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    char line[TOKEN_TEXT_BYTES + 2] = ""; /* as an editor of another system would end it */
    int rc;

    if (fd < 0 && errno == ENOENT)
        return INSTANCE_KEY_E_NONE;
    if (fd < 0 || fstat(fd, &about) != 0 || read(fd, line, sizeof(line) - 1) < 0)
        return refuse(path, strerror(errno), "let the user lasnad runs as read it");
    if ((about.st_mode & 027) != 0)
        rc = refuse(path, "others may read it", "chmod 600 it");
    else
        rc = take(path, line, ret_key);
    OPENSSL_cleanse(line, sizeof(line));
    return rc;
}

/* --- making --- */

static bool write_line(int fd, const char *text)
{
    char line[TOKEN_TEXT_BYTES + 1];
    int len = snprintf(line, sizeof(line), "%s\n", text);
    bool done = write(fd, line, (size_t)len) == len && fsync(fd) == 0;

    OPENSSL_cleanse(line, sizeof(line));
    return done;
}

/* The folder, too: or a power cut takes the name, and with it all that the key seals. */
static bool sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    AUTO_FD fd = -1;

    if (slash == NULL)
        (void)snprintf(folder, sizeof(folder), ".");
    else
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path) + 1, path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

/* Whole before it has its name, which link() does not take from another. */
static bool put(const char *path, const char *text)
{
    char partial[PATH_MAX];
    AUTO_FD fd = -1;
    bool done;

    if (snprintf(partial, sizeof(partial), "%s.new", path) >= (int)sizeof(partial)) {
        errno = ENAMETOOLONG;
        return false;
    }
    (void)unlink(partial); /* a kill left it: nothing is sealed with it */
    fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    done = fd >= 0 && write_line(fd, text) && link(partial, path) == 0;
    if (fd >= 0)
        (void)unlink(partial);
    return done && sync_folder_of(path);
}

static int not_made(const char *path)
{
    log_event(LOG_ERROR, NULL, "instance_key.not_made",
              "path=%s error=\"%s\" remedy=\"let lasnad write there, or name another place: "
              "[storage] key_file\"",
              path, strerror(errno));
    return RAISE(ERR_IO);
}

int instance_key_make(const char *path, struct instance_key *ret_key)
{
    char text[TOKEN_TEXT_BYTES];
    bool done;

    token_new(text);
    done = put(path, text);
    if (done)
        *ret_key = instance_key_of(slice_of(text));
    OPENSSL_cleanse(text, sizeof(text));
    return done ? OK : not_made(path);
}

/* --- another in its place --- */

static const char *next_to(const char *path, char next[PATH_MAX])
{
    return snprintf(next, PATH_MAX, "%s.next", path) < PATH_MAX ? next : "";
}

int instance_key_prepare(const char *path, struct instance_key *ret_next)
{
    char next[PATH_MAX];

    return instance_key_make(next_to(path, next), ret_next);
}

int instance_key_read_next(const char *path, struct instance_key *ret_next)
{
    char next[PATH_MAX];

    return instance_key_read(next_to(path, next), ret_next);
}

int instance_key_replace(const char *path)
{
    char next[PATH_MAX];

    return rename(next_to(path, next), path) == 0 && sync_folder_of(path) ? OK : not_made(path);
}

static void unlink_with(const char *path, const char *ending)
{
    char name[PATH_MAX];

    if (snprintf(name, sizeof(name), "%s%s", path, ending) < (int)sizeof(name))
        (void)unlink(name);
}

void instance_key_tidy(const char *path)
{
    unlink_with(path, ".new");
    unlink_with(path, ".next.new");
}

void instance_key_drop_next(const char *path)
{
    unlink_with(path, ".next");
}
