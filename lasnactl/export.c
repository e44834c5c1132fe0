/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/export.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/file.h"
#include "lasnactl/print/print.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int unwritable(const char *path)
{
    return complain(EXIT_REFUSED, "%s cannot be written: %s.", path, strerror(errno));
}

static int export_to_file(struct client *client, const char *asked, const char *path)
{
    AUTO_MEM char *beside = NULL;
    FILE *file = file_begin(path, &beside);
    int rc;

    if (file == NULL)
        return unwritable(path);
    rc = client_download(client, asked, file);
    if (rc == EXIT_DONE)
        return file_end(file, beside, path) ? EXIT_DONE : unwritable(path);
    file_drop(file, beside);
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
    print_json(told);
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
        return complain(EXIT_USAGE,
                        "--json needs -o FILE here: what comes is no single JSON value.");
    return export_from(client, args, &asked);
}

int export_raw_run(struct client *client, const struct args *args)
{
    if (args_get(args, "-o") == NULL && isatty(STDOUT_FILENO) == 1)
        return complain(EXIT_USAGE,
                        "Say -o FILE: what a visitor sent could do anything to a terminal.");
    return export_run(client, args);
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

int export_text(const struct args *args, const char *text)
{
    const char *path = args_get(args, "-o");
    AUTO_MEM char *beside = NULL;
    FILE *file;

    if (path == NULL || strcmp(path, "-") == 0)
        return printf("%s\n", text) >= 0 && fflush(stdout) == 0
                   ? EXIT_DONE
                   : complain(EXIT_REFUSED, "stdout cannot be written: %s.", strerror(errno));
    file = file_begin(path, &beside);
    if (file == NULL)
        return unwritable(path);
    (void)fprintf(file, "%s\n", text);
    return file_end(file, beside, path) ? tell(args, path) : unwritable(path);
}
