/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/ledger.h"

#include "base/grow.h"
#include "base/secret/digest.h"
#include "storage/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_BYTES = 160 };

/* --- a line --- */

/* Takes the next word off a line; words are separated by one space. */
static struct slice next_word(struct slice *line)
{
    const char *space = line->len > 0 ? memchr(line->data, ' ', line->len) : NULL;
    struct slice word = { line->data, space != NULL ? (size_t)(space - line->data) : line->len };

    line->data += word.len + (space != NULL);
    line->len -= word.len + (space != NULL);
    return word;
}

static const char *const whoms[] = { "token", "agent", "user" };

static bool read_access(struct slice sign, struct slice whom, struct slice *rest,
                        struct ledger_line *line)
{
    line->kind = slice_is(sign, "-") ? LEDGER_SHUT_OUT : LEDGER_LET_IN;
    line->whom = LEDGER_TOKEN;
    while (line->whom < LEDGER_WHOM_COUNT && !slice_is(whom, whoms[line->whom]))
        line->whom++;
    return line->whom < LEDGER_WHOM_COUNT && id_parse(next_word(rest), &line->whose) == 0;
}

static bool read_tenant(struct slice name, struct slice who, struct slice *rest,
                        struct ledger_line *line)
{
    if (slice_is(who, "-"))
        line->kind = LEDGER_REMOVED;
    else if (slice_is(who, ">"))
        line->kind = LEDGER_RENAMED;
    else if (id_parse(who, &line->visitor.id) != 0)
        return false;
    return tenant_name_parse(name, &line->tenant) == 0 &&
           (line->kind != LEDGER_RENAMED || tenant_name_parse(next_word(rest), &line->to) == 0);
}

bool ledger_line_read(struct slice text, struct ledger_line *ret_line)
{
    struct ledger_line line = { .kind = LEDGER_ERASED };
    struct slice first = next_word(&text), second = next_word(&text);
    bool understood = slice_is(first, "-") || slice_is(first, "+")
                          ? read_access(first, second, &text, &line)
                          : read_tenant(first, second, &text, &line);
    char at[24];

    if (!understood || !slice_copy(text, at, sizeof(at)) || at[0] == '\0')
        return false;
    line.at_ms = strtoull(at, NULL, 10);
    *ret_line = line;
    return true;
}

static void write_line(const struct ledger_line *line, struct buf *to)
{
    bool access = line->kind == LEDGER_SHUT_OUT || line->kind == LEDGER_LET_IN;
    char id[ID_TEXT_BYTES];

    id_format(access ? line->whose : line->visitor.id, id);
    if (access)
        buf_addf(to, "%s %s %s", line->kind == LEDGER_SHUT_OUT ? "-" : "+", whoms[line->whom], id);
    else if (line->kind == LEDGER_RENAMED)
        buf_addf(to, "%s > %s", line->tenant.text, line->to.text);
    else
        buf_addf(to, "%s %s", line->tenant.text, line->kind == LEDGER_REMOVED ? "-" : id);
    buf_addf(to, " %" PRIu64 "\n", line->at_ms);
}

/* --- adding --- */

/* What is written after a line that was cut short must not become a part of it. */
static bool ends_within_a_line(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char last = '\n';

    return size > 0 && (pread(fd, &last, 1, size - 1) != 1 || last != '\n');
}

int ledger_add_line(const char *dir, const struct ledger_line *line)
{
    char path[4096];
    AUTO_FD fd = -1;
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES);
    write_line(line, &text);
    (void)snprintf(path, sizeof(path), "%s/erasures", dir);
    fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (buf_failed(&text))
        return RAISE(ERR_NO_MEMORY);
    if (fd < 0 || (ends_within_a_line(fd) && write(fd, "\n", 1) != 1) ||
        write(fd, text.data, text.len) != (ssize_t)text.len || fsync(fd) != 0)
        return RAISE(ERR_IO);
    return folder_sync(dir); /* the file may be new: then its name must be there, too */
}

int ledger_add(const char *dir, const struct tenant_name *tenant, struct visitor_id visitor,
               uint64_t at_ms)
{
    return ledger_add_line(
        dir, &(struct ledger_line){ .tenant = *tenant, .visitor = visitor, .at_ms = at_ms });
}

int ledger_add_tenant(const char *dir, const struct tenant_name *tenant, uint64_t at_ms)
{
    return ledger_add_line(
        dir, &(struct ledger_line){ .tenant = *tenant, .kind = LEDGER_REMOVED, .at_ms = at_ms });
}

int ledger_add_renaming(const char *dir, const struct tenant_name *from,
                        const struct tenant_name *to, uint64_t at_ms)
{
    const struct ledger_line line = {
        .tenant = *from, .kind = LEDGER_RENAMED, .to = *to, .at_ms = at_ms
    };
    struct ledger_line known = { .at_ms = 0 };
    int rc = ledger_fate(dir, from, at_ms - 1, &known);

    if (rc != OK ||
        (known.at_ms == at_ms && known.kind == LEDGER_RENAMED && tenant_name_equal(&known.to, to)))
        return rc;
    return ledger_add_line(dir, &line);
}

/* --- reading --- */

typedef int line_fn(void *context, const struct ledger_line *line);

/* A line cut short by a kill was never answered as done, and is passed over. */
static int read_lines(FILE *file, line_fn *fn, void *context)
{
    char text[LINE_BYTES];
    int rc = OK;

    while (rc == OK && fgets(text, sizeof(text), file) != NULL) {
        size_t len = strcspn(text, "\n");
        struct ledger_line line;

        if (text[len] == '\n' && ledger_line_read((struct slice){ text, len }, &line))
            rc = fn(context, &line);
    }
    return rc == OK && ferror(file) != 0 ? RAISE(ERR_IO) : rc;
}

static int each_line(const char *dir, line_fn *fn, void *context)
{
    char path[4096];
    FILE *file;
    int rc;

    (void)snprintf(path, sizeof(path), "%s/erasures", dir);
    file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? OK : RAISE(ERR_IO);
    rc = read_lines(file, fn, context);
    (void)fclose(file);
    return rc;
}

/* --- names that belong together --- */

struct renamings {
    struct ledger_line *items; /* owned */
    size_t count, cap;
};

struct names {
    struct tenant_name *items; /* owned */
    size_t count, cap;
};

static int gather_renaming(void *context, const struct ledger_line *line)
{
    struct renamings *all = context;
    int rc = line->kind == LEDGER_RENAMED ? GROW(all->items, all->count, &all->cap) : OK;

    if (rc == OK && line->kind == LEDGER_RENAMED)
        all->items[all->count++] = *line;
    return rc;
}

static bool have(const struct names *names, const struct tenant_name *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (tenant_name_equal(&names->items[i], name))
            return true;
    return false;
}

static int add_name(struct names *names, const struct tenant_name *name)
{
    int rc = GROW(names->items, names->count, &names->cap);

    if (rc == OK)
        names->items[names->count++] = *name;
    return rc;
}

/* Both ways: a copy may be older than the last name, or than the first erasure. */
static int add_related(struct names *names, const struct renamings *all)
{
    size_t before;
    int rc = OK;

    do {
        before = names->count;
        for (size_t i = 0; rc == OK && i < all->count; i++) {
            bool one = have(names, &all->items[i].tenant), other = have(names, &all->items[i].to);

            if (one != other)
                rc = add_name(names, one ? &all->items[i].to : &all->items[i].tenant);
        }
    } while (rc == OK && names->count > before);
    return rc;
}

/* The caller frees names->items. */
static int names_of(const char *dir, const struct tenant_name *tenant, struct names *names)
{
    struct renamings all = { .count = 0 };
    int rc = each_line(dir, gather_renaming, &all);

    *names = (struct names){ .count = 0 };
    if (rc == OK)
        rc = add_name(names, tenant);
    if (rc == OK)
        rc = add_related(names, &all);
    free(all.items);
    return rc;
}

/* --- who was erased --- */

struct erased {
    struct names names;
    struct visitor_id *visitors;
    size_t count, cap;
};

static int gather_erased(void *context, const struct ledger_line *line)
{
    struct erased *erased = context;
    int rc;

    if (line->kind != LEDGER_ERASED || !have(&erased->names, &line->tenant))
        return OK;
    rc = GROW(erased->visitors, erased->count, &erased->cap);
    if (rc == OK)
        erased->visitors[erased->count++] = line->visitor;
    return rc;
}

int ledger_read(const char *dir, const struct tenant_name *tenant, struct visitor_id **ret_visitors,
                size_t *ret_count)
{
    struct erased erased = { .count = 0 };
    int rc = names_of(dir, tenant, &erased.names);

    if (rc == OK)
        rc = each_line(dir, gather_erased, &erased);
    free(erased.names.items);
    *ret_visitors = erased.visitors;
    *ret_count = erased.count;
    return rc;
}

/* --- what became of a tenant --- */

struct seeking {
    const struct tenant_name *tenant;
    uint64_t after_ms;
    struct ledger_line *found; /* ledgers were joined: the first line need not be the earliest */
};

static int seek_fate(void *context, const struct ledger_line *line)
{
    const struct seeking *seeking = context;

    if ((line->kind == LEDGER_REMOVED || line->kind == LEDGER_RENAMED) &&
        line->at_ms > seeking->after_ms && tenant_name_equal(&line->tenant, seeking->tenant) &&
        (seeking->found->at_ms == 0 || line->at_ms < seeking->found->at_ms))
        *seeking->found = *line;
    return OK;
}

int ledger_fate(const char *dir, const struct tenant_name *tenant, uint64_t after_ms,
                struct ledger_line *ret_line)
{
    struct seeking seeking = { tenant, after_ms, ret_line };

    *ret_line = (struct ledger_line){ .at_ms = 0 };
    return each_line(dir, seek_fate, &seeking);
}

/* --- who has access --- */

struct id ledger_id(enum ledger_whom whom, const char *name)
{
    struct id id = { { 0 } };
    struct digest digest;
    AUTO_BUF text;

    buf_init(&text, 8192);
    if (whom == LEDGER_TOKEN) {
        (void)id_parse(slice_of(name), &id);
        return id;
    }
    buf_addf(&text, "lasna %s %s", whoms[whom], name);
    digest = digest_sha256(buf_slice(&text));
    memcpy(id.bytes, digest.bytes, sizeof(id.bytes));
    return id;
}

int ledger_add_access(const char *dir, enum ledger_whom whom, const char *name, bool shut_out,
                      uint64_t at_ms)
{
    const struct ledger_line line = { .kind = shut_out ? LEDGER_SHUT_OUT : LEDGER_LET_IN,
                                      .whom = whom,
                                      .whose = ledger_id(whom, name),
                                      .at_ms = at_ms };

    return ledger_add_line(dir, &line);
}

static int gather_access(void *context, const struct ledger_line *line)
{
    struct ledger_access *access = context;
    int rc;

    if ((line->kind != LEDGER_SHUT_OUT && line->kind != LEDGER_LET_IN) ||
        line->at_ms <= access->after_ms)
        return OK;
    rc = GROW(access->lines, access->count, &access->cap);
    if (rc == OK)
        access->lines[access->count++] = *line;
    return rc;
}

int ledger_read_access(const char *dir, uint64_t after_ms, struct ledger_access *ret_access)
{
    *ret_access = (struct ledger_access){ .after_ms = after_ms };
    return each_line(dir, gather_access, ret_access);
}

bool ledger_shuts_out(const struct ledger_access *access, enum ledger_whom whom, struct id whose)
{
    const struct ledger_line *last = NULL;

    for (size_t i = 0; i < access->count; i++) {
        const struct ledger_line *line = &access->lines[i];

        if (line->whom == whom && id_equal(line->whose, whose) &&
            (last == NULL || line->at_ms >= last->at_ms))
            last = line;
    }
    return last != NULL && last->kind == LEDGER_SHUT_OUT;
}

/* --- copies --- */

struct copying {
    struct names names;
    const struct tenant_name *tenant;
    struct buf *to;
};

static int copy_line(void *context, const struct ledger_line *line)
{
    const struct copying *copying = context;
    struct ledger_line copy = *line;

    copy.tenant = *copying->tenant;
    if (line->kind == LEDGER_ERASED
            ? have(&copying->names, &line->tenant)
            : line->kind == LEDGER_REMOVED && tenant_name_equal(&line->tenant, copying->tenant))
        write_line(&copy, copying->to);
    return OK;
}

static int copy_one(const char *dir, const struct tenant_name *tenant, struct buf *to)
{
    struct copying copying = { .tenant = tenant, .to = to };
    int rc = names_of(dir, tenant, &copying.names);

    if (rc == OK)
        rc = each_line(dir, copy_line, &copying);
    free(copying.names.items);
    return rc;
}

/* What we do not understand, another version may. */
static int copy_all(const char *dir, struct buf *to)
{
    char path[4096], line[LINE_BYTES];
    FILE *file;
    bool broken;

    (void)snprintf(path, sizeof(path), "%s/erasures", dir);
    file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? OK : RAISE(ERR_IO);
    while (fgets(line, sizeof(line), file) != NULL)
        if (strchr(line, '\n') != NULL)
            buf_add_text(to, line);
    broken = ferror(file) != 0;
    (void)fclose(file);
    return broken ? RAISE(ERR_IO) : OK;
}

int ledger_copy(const char *dir, const struct tenant_name *tenant, struct buf *to)
{
    int rc = tenant != NULL ? copy_one(dir, tenant, to) : copy_all(dir, to);

    return rc == OK && buf_failed(to) ? RAISE(ERR_LIMIT) : rc;
}
