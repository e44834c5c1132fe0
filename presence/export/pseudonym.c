/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/pseudonym.h"

#include "base/auto.h"
#include "base/grow.h"
#include "presence/export/traces.h"

#include <stdio.h>
#include <string.h>

enum { MARK_LETTERS = 8, TEXT_MAX_BYTES = 32 * 1024 * 1024 };

/* --- names --- */

void pseudonyms_release(struct pseudonyms *pseudonyms)
{
    known_names_release(&pseudonyms->names);
    *pseudonyms = (struct pseudonyms){ 0 };
}

void pseudonyms_clear(struct pseudonyms *pseudonyms)
{
    known_names_cut(&pseudonyms->names, pseudonyms->lasting);
}

int pseudonyms_add(struct pseudonyms *pseudonyms, struct slice name)
{
    return known_names_add(&pseudonyms->names, name);
}

int pseudonyms_add_lasting(struct pseudonyms *pseudonyms, struct slice name)
{
    int rc;

    pseudonyms_clear(pseudonyms);
    rc = known_names_add(&pseudonyms->names, name);
    pseudonyms->lasting = pseudonyms->names.count;
    return rc;
}

/* --- marks --- */

static void add_mark(const struct pseudonyms *pseudonyms, const char *kind, struct slice of,
                     struct buf *to)
{
    AUTO_BUF text;
    struct digest digest;
    char hex[DIGEST_HEX_BYTES];
    AUTO_MEM char *plain = known_names_fold(of);

    buf_init(&text, TEXT_MAX_BYTES);
    buf_addf(&text, "%s %s", kind, plain != NULL ? plain : "");
    digest = digest_hmac(pseudonyms->key, buf_slice(&text));
    digest_hex(&digest, hex);
    buf_add(to, hex, MARK_LETTERS);
}

void pseudonym_of(const struct pseudonyms *pseudonyms, const char *kind, struct slice name,
                  struct buf *to)
{
    buf_addf(to, "%s-", kind);
    add_mark(pseudonyms, kind, name, to);
}

/* --- replacing --- */

void replaced_release(struct replaced *replaced)
{
    buf_release(&replaced->text);
    free(replaced->moved);
    *replaced = (struct replaced){ 0 };
}

static int note_moved(struct replaced *to, struct moved moved)
{
    if (GROW(to->moved, to->count, &to->cap) != OK)
        return ERR_NO_MEMORY;
    to->moved[to->count++] = moved;
    return OK;
}

static uint32_t points_in(struct slice text)
{
    uint32_t points = 0;

    for (size_t i = 0; i < text.len; i++)
        points += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return points;
}

/* What begins here: how long it is, and by what kind and word it is marked. */
struct found {
    size_t len;
    const char *kind;
    struct slice by;
};

/* A name in all its forms has one mark. Of V047 or sini_88 the whole is looked for before its
 * letters alone. */
static struct found find_name(const struct pseudonyms *pseudonyms, struct slice text, size_t at)
{
    size_t lens[] = { trace_joined(text, at), trace_nick(text, at), trace_word(text, at) };

    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct slice word = { text.data + at, lens[i] };
        bool looked = i > 0 && lens[i] == lens[i - 1];
        const char *name = looked ? NULL : known_names_find(&pseudonyms->names, word);

        if (name != NULL)
            return (struct found){ word.len, "name", slice_of(name) };
    }
    return (struct found){ .kind = "name" };
}

/* A word is looked at from its start only. */
static struct found find(const struct pseudonyms *pseudonyms, struct slice text, size_t at)
{
    struct found found = { .kind = "name" };

    found.len = trace_at(text, at, &found.kind);
    found.by = (struct slice){ text.data + at, found.len };
    if (found.len == 0)
        return find_name(pseudonyms, text, at);
    if (strcmp(found.kind, "nick") == 0)
        found.kind = "name";
    return found;
}

/* "040 123 4567" and "040-1234567" are one number. */
static void add_number_mark(const struct pseudonyms *pseudonyms, struct slice what, struct buf *to)
{
    AUTO_BUF bare;

    buf_init(&bare, TEXT_MAX_BYTES);
    buf_add_text(&bare, "");
    for (size_t at = 0, used; at < what.len; at += used) {
        int32_t point = trace_point(what, at, &used);

        if (trace_is_letter(point) || trace_is_digit(point))
            buf_add(&bare, what.data + at, used);
    }
    add_mark(pseudonyms, "number", buf_slice(&bare), to);
}

static int put_mark(const struct pseudonyms *pseudonyms, const struct found *found,
                    struct slice what, uint32_t *old_point, uint32_t *new_point,
                    struct replaced *to)
{
    size_t before = to->text.len;
    struct moved moved = { .from = *old_point, .new_from = *new_point };

    buf_addf(&to->text, "[%s ", found->kind);
    if (strcmp(found->kind, "number") == 0)
        add_number_mark(pseudonyms, what, &to->text);
    else
        add_mark(pseudonyms, found->kind, found->by, &to->text);
    buf_add_text(&to->text, "]");
    *old_point += points_in(what);
    *new_point += (uint32_t)(to->text.len - before); /* all of it ASCII */
    moved.to = *old_point;
    moved.new_to = *new_point;
    return note_moved(to, moved);
}

int pseudonyms_replace(const struct pseudonyms *pseudonyms, struct slice text, struct replaced *ret)
{
    uint32_t old_point = 0, new_point = 0;
    bool in_word = false;
    int rc = OK;

    replaced_release(ret);
    buf_init(&ret->text, TEXT_MAX_BYTES);
    buf_add_text(&ret->text, "");
    for (size_t at = 0; rc == OK && at < text.len;) {
        struct found found = { 0 };
        size_t used;
        int32_t point = trace_point(text, at, &used);

        if (!in_word)
            found = find(pseudonyms, text, at);
        if (found.len > 0) {
            rc = put_mark(pseudonyms, &found, (struct slice){ text.data + at, found.len },
                          &old_point, &new_point, ret);
            at += found.len;
            continue;
        }
        in_word = trace_is_letter(point) || trace_is_digit(point);
        buf_add(&ret->text, text.data + at, used);
        at += used;
        old_point++;
        new_point++;
    }
    return rc == OK && buf_failed(&ret->text) ? RAISE(ERR_LIMIT) : rc;
}

uint32_t replaced_place(const struct replaced *replaced, uint32_t place, bool is_end)
{
    int64_t shift = 0;

    for (size_t i = 0; i < replaced->count; i++) {
        const struct moved *moved = &replaced->moved[i];

        if (place <= moved->from)
            break;
        if (place < moved->to)
            return is_end ? moved->new_to : moved->new_from;
        shift = (int64_t)moved->new_to - (int64_t)moved->to;
    }
    return (uint32_t)((int64_t)place + shift);
}
