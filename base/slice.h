/* SPDX-License-Identifier: Apache-2.0
 *
 * slice — a borrowed run of bytes with its length. Not terminated; never owned.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct slice {
    const char *data; /* may be NULL when len is 0 */
    size_t len;       /* bytes */
};

#define SLICE_NONE          ((struct slice){ NULL, 0 })
#define SLICE_LITERAL(text) ((struct slice){ (text), sizeof(text) - 1 })
/* For printf's %.*s, which wants an int. */
#define SLICE_ARG(s)        (int)(s).len, (s).data == NULL ? "" : (s).data

static inline struct slice slice_of(const char *text)
{
    return (struct slice){ text, text == NULL ? 0 : strlen(text) };
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
    return slice_equal(a, slice_of(text));
}

static inline bool slice_starts_with(struct slice a, const char *prefix)
{
    size_t len = strlen(prefix);

    return a.len >= len && memcmp(a.data, prefix, len) == 0;
}

/* Copies into a fixed, terminated array. False, and an empty text, when it does not fit. */
static inline bool slice_copy(struct slice from, char *to, size_t size)
{
    bool fits = from.len < size;

    if (fits && from.len > 0)
        memcpy(to, from.data, from.len);
    to[fits ? from.len : 0] = '\0';
    return fits;
}

/* A malloc'ed, terminated copy of every byte (strndup would stop at a zero among them); the
 * caller frees it. NULL when memory is out. */
static inline char *slice_dup(struct slice from)
{
    char *copy = (char *)malloc(from.len + 1);

    if (copy == NULL)
        return NULL;
    if (from.len > 0)
        memcpy(copy, from.data, from.len);
    copy[from.len] = '\0';
    return copy;
}

/* Takes the first of words with one space between off *rest. False: there is none. */
static inline bool slice_next_word(struct slice *rest, struct slice *ret_word)
{
    struct slice word = { rest->data, 0 };

    while (word.len < rest->len && rest->data[word.len] != ' ')
        word.len++;
    if (word.len == 0)
        return false;
    *ret_word = word;
    *rest = word.len < rest->len
                ? (struct slice){ rest->data + word.len + 1, rest->len - word.len - 1 }
                : SLICE_NONE;
    return true;
}

/* What a hexadecimal digit of either case is worth; -1: it is none. */
static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
