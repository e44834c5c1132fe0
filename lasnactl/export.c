/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/export.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* Makes sure the bytes, and the name, outlive a power cut. */
static int put_in_place(FILE *file, const char *beside, const char *path)
{
    int failed = fflush(file) != 0 || fsync(fileno(file)) != 0;

    failed |= fclose(file) != 0;
    if (failed || rename(beside, path) != 0)
        return complain(EXIT_REFUSED, "%s cannot be written: %s.", path, strerror(errno));
    return EXIT_DONE;
}

static int export_to_file(struct client *client, const char *asked, const char *path)
{
    AUTO_MEM char *beside = NULL;
    FILE *file = NULL;
    int fd, rc;

    if (asprintf(&beside, "%s.XXXXXX", path) < 0) {
        beside = NULL;
        return complain(EXIT_REFUSED, "out of memory.");
    }
    fd = mkostemp(beside, O_CLOEXEC); /* mode 0600 */
    if (fd >= 0)
        file = fdopen(fd, "w");
    if (file == NULL)
        return complain(EXIT_REFUSED, "%s cannot be written: %s.", path, strerror(errno));
    rc = client_download(client, asked, file);
    if (rc == EXIT_DONE)
        rc = put_in_place(file, beside, path);
    else
        (void)fclose(file);
    if (rc != EXIT_DONE)
        (void)unlink(beside);
    return rc;
}

static int tell(const struct args *args, const char *path)
{
    struct stat stat_of;
    json_t *told;

    if (stat(path, &stat_of) != 0)
        return complain(EXIT_REFUSED, "%s cannot be read: %s.", path, strerror(errno));
    if (!args_has(args, "--json")) {
        (void)fprintf(stderr, "lasnactl: wrote %s, %lld bytes.\n", path,
                      (long long)stat_of.st_size);
        return EXIT_DONE;
    }
    told = json_pack("{s:s, s:I}", "file", path, "bytes", (json_int_t)stat_of.st_size);
    (void)json_dumpf(told, stdout, JSON_INDENT(2));
    (void)fputc('\n', stdout);
    json_decref(told);
    return EXIT_DONE;
}

static int export_from(struct client *client, const struct args *args, const struct buf *from)
{
    const char *path = args_get(args, "-o");
    int rc;

    if (path == NULL || strcmp(path, "-") == 0) {
        rc = client_download(client, from->data, stdout);
        return rc == EXIT_DONE && fflush(stdout) != 0
                   ? complain(EXIT_REFUSED, "stdout cannot be written: %s.", strerror(errno))
                   : rc;
    }
    rc = export_to_file(client, from->data, path);
    return rc == EXIT_DONE ? tell(args, path) : rc;
}

int export_run(struct client *client, const struct args *args)
{
    AUTO_BUF asked;

    buf_init(&asked, 16 * 1024);
    path_fill(args->command->path, args, &asked);
    path_query(args->command->query, args, &asked);
    if (args_get(args, "-o") == NULL && args_has(args, "--json"))
        return complain(EXIT_USAGE, "--json needs -o FILE here: an export is many JSON values.");
    return export_from(client, args, &asked);
}

int report_run(struct client *client, const struct args *args)
{
    const char *format = args_get(args, "--format");
    bool as_json = args_has(args, "--json") && args_get(args, "-o") == NULL;
    AUTO_BUF asked;

    buf_init(&asked, 16 * 1024);
    path_fill(args->command->path, args, &asked);
    buf_add_text(&asked, "?format=");
    query_escape(format != NULL ? format : as_json ? "json" : "html", &asked);
    path_query_more(args->command->query, args, &asked);
    if (as_json && format != NULL && strcmp(format, "json") != 0)
        return complain(EXIT_USAGE, "--json on stdout and --format %s are two things.", format);
    return export_from(client, args, &asked);
}
