/* SPDX-License-Identifier: Apache-2.0
 *
 * What one ledger of erasures says, taken into another.
 */
#include "storage/backup/restore.h"

#include "storage/ledger.h"

/* The lines of a ledger, in order, so that one is found among thousands. */
struct lines {
    struct slice *items; /* owned; they point into the text */
    size_t count;
};

static int compare(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    size_t len = left->len < right->len ? left->len : right->len;
    int differs = memcmp(left->data, right->data, len);

    return differs != 0 ? differs : (left->len > right->len) - (left->len < right->len);
}

/* Takes the next line off the text; false: there is none. */
static bool next_line(struct slice *text, struct slice *ret_line)
{
    const char *end = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;

    if (end == NULL)
        return false;
    *ret_line = (struct slice){ text->data, (size_t)(end - text->data) };
    text->data = end + 1;
    text->len -= ret_line->len + 1;
    return true;
}

static int lines_init(struct lines *lines, struct slice text)
{
    size_t most = 1;
    struct slice line;

    for (size_t i = 0; i < text.len; i++)
        most += text.data[i] == '\n';
    *lines = (struct lines){ .items = calloc(most, sizeof(*lines->items)) };
    if (lines->items == NULL)
        return RAISE(ERR_NO_MEMORY);
    while (next_line(&text, &line))
        lines->items[lines->count++] = line;
    qsort(lines->items, lines->count, sizeof(*lines->items), compare);
    return OK;
}

/* A line that says nothing we understand is passed over. */
static int add_line(const char *data, struct slice text)
{
    struct ledger_line line;

    return ledger_line_read(text, &line) ? ledger_add_line(data, &line) : OK;
}

/* As a core would: it may be running. */
int ledgers_join(const char *data, struct slice other)
{
    struct lines known = { .count = 0 };
    struct slice line;
    AUTO_BUF mine;
    int rc;

    buf_init(&mine, LEDGER_MAX_BYTES);
    rc = ledger_copy(data, NULL, &mine);
    if (rc == OK)
        rc = lines_init(&known, buf_slice(&mine));
    while (rc == OK && next_line(&other, &line))
        if (bsearch(&line, known.items, known.count, sizeof(*known.items), compare) == NULL)
            rc = add_line(data, line);
    free(known.items);
    return rc;
}
