/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/pseudonym.h"

#include "base/auto.h"
#include "base/grow.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

enum { LONG_NUMBER = 5, NAME_ENDING_MAX = 6, TEXT_MAX_BYTES = 32 * 1024 * 1024 };

/* --- names --- */

void pseudonyms_clear(struct pseudonyms *pseudonyms)
{
    for (size_t i = 0; i < pseudonyms->count; i++)
        free(pseudonyms->names[i]);
    pseudonyms->count = 0;
}

void pseudonyms_release(struct pseudonyms *pseudonyms)
{
    pseudonyms_clear(pseudonyms);
    *pseudonyms = (struct pseudonyms){ 0 };
}

/* Case folded, so that names compare as people read them. The caller frees it. */
static char *folded(struct slice text)
{
    utf8proc_uint8_t *out = NULL;

    if (utf8proc_map((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len, &out,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD) < 0)
        return NULL;
    return (char *)out;
}

static bool has(const struct pseudonyms *pseudonyms, const char *name)
{
    for (size_t i = 0; i < pseudonyms->count; i++)
        if (strcmp(pseudonyms->names[i], name) == 0)
            return true;
    return false;
}

static struct slice next_word(struct slice *rest)
{
    size_t from = 0, to;
    struct slice word;

    while (from < rest->len && strchr(" \t\n,()/", rest->data[from]) != NULL)
        from++;
    to = from;
    while (to < rest->len && strchr(" \t\n,()/", rest->data[to]) == NULL)
        to++;
    word = (struct slice){ rest->data + from, to - from };
    *rest = (struct slice){ rest->data + to, rest->len - to };
    return word;
}

int pseudonyms_add(struct pseudonyms *pseudonyms, struct slice name)
{
    while (name.len > 0) {
        struct slice word = next_word(&name);
        char *part = word.len >= 2 ? folded(word) : NULL;

        if (word.len >= 2 && part == NULL)
            return RAISE(ERR_NO_MEMORY);
        if (part == NULL || has(pseudonyms, part) || pseudonyms->count == PSEUDONYM_NAMES_MAX)
            free(part);
        else
            pseudonyms->names[pseudonyms->count++] = part;
    }
    return OK;
}

static void add_mark(const struct pseudonyms *pseudonyms, const char *kind, struct slice of,
                     unsigned letters, struct buf *to)
{
    AUTO_BUF text;
    struct digest digest;
    char hex[DIGEST_HEX_BYTES];
    AUTO_MEM char *plain = folded(of);

    buf_init(&text, TEXT_MAX_BYTES);
    buf_addf(&text, "%s %s", kind, plain != NULL ? plain : "");
    digest = digest_hmac(pseudonyms->key, buf_slice(&text));
    digest_hex(&digest, hex);
    buf_add(to, hex, letters);
}

void pseudonym_of(const struct pseudonyms *pseudonyms, const char *kind, struct slice name,
                  struct buf *to)
{
    buf_addf(to, "%s-", kind);
    add_mark(pseudonyms, kind, name, 8, to);
}

/* --- what stands at a place of the text --- */

static int32_t point_at(struct slice text, size_t at, size_t *ret_len)
{
    int32_t point = -1;
    utf8proc_ssize_t used = at < text.len
                                ? utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                                   (utf8proc_ssize_t)(text.len - at), &point)
                                : 0;

    *ret_len = used > 0 ? (size_t)used : 1;
    return used > 0 ? point : -1;
}

static bool is_letter(int32_t point)
{
    utf8proc_category_t category = point < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(point);

    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           category == UTF8PROC_CATEGORY_MN;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_address_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           (unsigned char)c >= 0x80 || (c != '\0' && strchr("._%+-", c) != NULL);
}

/* Bytes of a run of letters from `at` on. */
static size_t word_len(struct slice text, size_t at)
{
    size_t len = 0, used;

    while (at + len < text.len && is_letter(point_at(text, at + len, &used)))
        len += used;
    return len;
}

static size_t email_len(struct slice text, size_t at)
{
    size_t local = 0, domain = 0, dots = 0;

    while (at + local < text.len && is_address_char(text.data[at + local]))
        local++;
    if (local == 0 || at + local >= text.len || text.data[at + local] != '@')
        return 0;
    at += local + 1;
    while (at + domain < text.len && is_address_char(text.data[at + domain]))
        dots += text.data[at + domain++] == '.';
    while (domain > 0 && strchr("._-+%", text.data[at + domain - 1]) != NULL)
        dots -= text.data[at + --domain] == '.';
    return domain > 0 && dots > 0 ? local + 1 + domain : 0;
}

static size_t url_len(struct slice text, size_t at)
{
    static const char *const starts[] = { "http://", "https://", "www." };
    struct slice rest = { text.data + at, text.len - at };
    size_t len = 0;

    for (size_t i = 0; len == 0 && i < sizeof(starts) / sizeof(starts[0]); i++)
        if (slice_starts_with(rest, starts[i]))
            len = strlen(starts[i]);
    if (len == 0)
        return 0;
    while (len < rest.len && (unsigned char)rest.data[len] > ' ' &&
           strchr("<>\"", rest.data[len]) == NULL)
        len++;
    while (len > 0 && strchr(".,;:!?)", rest.data[len - 1]) != NULL)
        len--;
    return len;
}

/* Phones, orders, accounts: five digits and more, single spaces, dashes and brackets among them. */
static size_t number_len(struct slice text, size_t at)
{
    size_t len = 0, digits = 0, last = 0;

    if (at < text.len && text.data[at] == '+')
        len++;
    for (; at + len < text.len; len++) {
        char c = text.data[at + len];

        if (is_digit(c)) {
            digits++;
            last = len + 1;
        } else if (strchr(" -()/", c) == NULL || len + 1 - last > 2 || digits == 0) {
            break;
        }
    }
    return digits >= LONG_NUMBER ? last : 0;
}

static bool begins_with(const char *word, const char *name)
{
    return strncmp(word, name, strlen(name)) == 0;
}

/* A word that is a name, or a capitalised one that bends it: the whole word goes. */
static size_t name_len(const struct pseudonyms *pseudonyms, struct slice text, size_t at)
{
    size_t len = word_len(text, at), used;
    bool capital = len > 0 && utf8proc_category(point_at(text, at, &used)) == UTF8PROC_CATEGORY_LU;
    AUTO_MEM char *word = len > 0 ? folded((struct slice){ text.data + at, len }) : NULL;

    for (size_t i = 0; word != NULL && i < pseudonyms->count; i++) {
        const char *name = pseudonyms->names[i];
        size_t name_bytes = strlen(name);

        if (strcmp(word, name) == 0)
            return len;
        if (capital && name_bytes >= 3 && begins_with(word, name) &&
            strlen(word) - name_bytes <= NAME_ENDING_MAX)
            return len;
    }
    return 0;
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

/* What begins here, if anything; how long, and by what word it goes. A word is looked at from its
 * start only. */
static size_t find(const struct pseudonyms *pseudonyms, struct slice text, size_t at,
                   const char **ret_kind)
{
    static const struct {
        const char *kind;
        size_t (*len)(struct slice text, size_t at);
    } kinds[] = { { "url", url_len }, { "email", email_len }, { "number", number_len } };
    size_t len = 0;

    for (size_t i = 0; len == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        len = kinds[i].len(text, at);
        *ret_kind = kinds[i].kind;
    }
    if (len > 0)
        return len;
    *ret_kind = "name";
    return name_len(pseudonyms, text, at);
}

static int put_mark(const struct pseudonyms *pseudonyms, const char *kind, struct slice what,
                    uint32_t *old_point, uint32_t *new_point, struct replaced *to)
{
    size_t before = to->text.len;
    struct moved moved = { .from = *old_point, .new_from = *new_point };

    buf_addf(&to->text, "[%s ", kind);
    add_mark(pseudonyms, kind, what, 4, &to->text);
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
        const char *kind = "";
        size_t used, len = in_word ? 0 : find(pseudonyms, text, at, &kind);
        int32_t point = point_at(text, at, &used);

        if (len > 0) {
            rc = put_mark(pseudonyms, kind, (struct slice){ text.data + at, len }, &old_point,
                          &new_point, ret);
            at += len;
            continue;
        }
        in_word = is_letter(point) || (used == 1 && is_digit(text.data[at]));
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
