/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/qda/lines.h"

#include "base/format/text.h"
#include "base/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARK_LETTERS_MAX = 16, HIDDEN_MAX = 4096, NUMBER_DIGITS = 5, HEAD_MAX = 4096 };

struct qda_moved {
    uint32_t from, to;         /* of the text, after the line's first point */
    uint32_t old_from, old_to; /* of the stored message */
};

/* Two texts side by side: as it was exported, and as it is stored. */
struct pair {
    struct slice text, old;
    size_t at, old_at;         /* bytes */
    uint32_t point, old_point; /* code points; point: since the line's first */
    struct qda_line *line;
};

/* --- letters --- */

static char byte_at(struct slice text, size_t at)
{
    return at < text.len ? text.data[at] : '\0';
}

static bool begins_point(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Of a word; all that is not ASCII counts. */
static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           (unsigned char)c >= 0x80;
}

static uint32_t points_of(struct slice text)
{
    uint32_t points = 0;

    for (size_t i = 0; i < text.len; i++)
        points += begins_point(text.data[i]);
    return points;
}

/* --- marks --- */

enum kind { NO_MARK, NAME, EMAIL, URL, NUMBER };

/* "[name 4f2a9c01]": what kind of mark stands there, and how long it is. */
static enum kind mark_at(struct slice text, size_t at, size_t *ret_len)
{
    static const char *const kinds[] = { "", "[name ", "[email ", "[url ", "[number " };
    struct slice rest = { text.data + at, at < text.len ? text.len - at : 0 };

    for (enum kind kind = NAME; kind <= NUMBER; kind++) {
        size_t len = strlen(kinds[kind]), letters = 0;

        if (!slice_starts_with(rest, kinds[kind]))
            continue;
        while (letters <= MARK_LETTERS_MAX &&
               (is_digit(byte_at(rest, len + letters)) ||
                (byte_at(rest, len + letters) >= 'a' && byte_at(rest, len + letters) <= 'f')))
            letters++;
        *ret_len = len + letters + 1;
        return letters > 0 && letters <= MARK_LETTERS_MAX && byte_at(rest, len + letters) == ']'
                   ? kind
                   : NO_MARK;
    }
    return NO_MARK;
}

/* Whether this much of the stored text can be what a mark of that kind took the place of. */
static bool may_hide(enum kind kind, struct slice old, size_t from, size_t len)
{
    size_t digits = 0, ats = 0, blanks = 0;

    for (size_t i = from; i < from + len; i++) {
        digits += is_digit(old.data[i]) || (unsigned char)old.data[i] >= 0x80;
        ats += old.data[i] == '@';
        blanks += (unsigned char)old.data[i] <= ' ';
    }
    switch (kind) {
    case NAME:
        return blanks == 0 && !is_word(byte_at(old, from + len));
    case EMAIL:
        return blanks == 0 && ats > 0;
    case URL:
        return blanks == 0;
    case NUMBER:
        return digits >= NUMBER_DIGITS && is_word(old.data[from + len - 1]);
    case NO_MARK:
        break;
    }
    return false;
}

/* Whether the texts agree from there on, up to the next mark or the message's end. */
static bool agree_from(const struct pair *pair, size_t at, size_t old_at)
{
    size_t len;

    for (;; at++) {
        char c = byte_at(pair->text, at);

        if (c == '\r')
            continue;
        if (old_at == pair->old.len)
            return at == pair->text.len || c == '\n';
        if (c != byte_at(pair->old, old_at))
            return mark_at(pair->text, at, &len) != NO_MARK;
        if (at >= pair->text.len)
            return false;
        old_at++;
    }
}

static bool note_moved(struct pair *pair, size_t len, size_t old_len)
{
    struct qda_line *line = pair->line;
    struct qda_moved *moved;

    if (GROW(line->moved, line->count, &line->cap) != OK)
        return false;
    moved = &line->moved[line->count++];
    moved->from = pair->point;
    moved->old_from = pair->old_point;
    pair->point += points_of((struct slice){ pair->text.data + pair->at, len });
    pair->old_point += points_of((struct slice){ pair->old.data + pair->old_at, old_len });
    moved->to = pair->point;
    moved->old_to = pair->old_point;
    pair->at += len;
    pair->old_at += old_len;
    return true;
}

static bool pass_mark(struct pair *pair, enum kind kind, size_t len)
{
    size_t left = pair->old.len - pair->old_at;

    for (size_t hidden = 1; hidden <= left && hidden <= HIDDEN_MAX; hidden++)
        if (begins_point(byte_at(pair->old, pair->old_at + hidden)) &&
            may_hide(kind, pair->old, pair->old_at, hidden) &&
            agree_from(pair, pair->at + len, pair->old_at + hidden))
            return note_moved(pair, len, hidden);
    return false;
}

/* --- messages --- */

/* The message from pair->at on; true: it is all there, and pair->at stands after it. */
static bool pass_message(struct pair *pair)
{
    for (;;) {
        char c = byte_at(pair->text, pair->at);
        size_t len = 0;
        enum kind kind;

        if (c == '\r') { /* a tool's way to end lines */
            if (!note_moved(pair, 1, 0))
                return false;
            continue;
        }
        if (pair->old_at == pair->old.len)
            return pair->at == pair->text.len || c == '\n';
        kind = pair->old.data[pair->old_at] != '[' ? mark_at(pair->text, pair->at, &len) : NO_MARK;
        if (kind != NO_MARK) {
            if (!pass_mark(pair, kind, len))
                return false;
            continue;
        }
        if (pair->at == pair->text.len || c != pair->old.data[pair->old_at])
            return false;
        pair->point += begins_point(c);
        pair->old_point += begins_point(c);
        pair->at++;
        pair->old_at++;
    }
}

/* A source's text on its way. */
struct reading {
    struct slice text;
    size_t at;
    uint32_t point;
};

static bool try_message(struct reading *reading, size_t head, const struct qda_message *message,
                        struct qda_line *line)
{
    struct pair pair = {
        .text = reading->text, .old = message->text, .at = reading->at + head, .line = line
    };

    line->count = 0;
    line->first =
        reading->point + points_of((struct slice){ reading->text.data + reading->at, head });
    if (!pass_message(&pair))
        return false;
    line->last = line->first + pair.point;
    line->points = pair.old_point;
    reading->at = pair.at + (pair.at < reading->text.len);
    reading->point = line->last + (pair.at < reading->text.len);
    return true;
}

/* "[3] agent A-4f2a9c01 2026-03-02T09:14:05.120Z: ", whoever it says spoke: a name may hold ": ",
 * so each place where the head may end is tried. */
static bool next_message(struct reading *reading, size_t seq, const struct qda_message *message,
                         struct qda_line *line)
{
    struct slice rest = { reading->text.data + reading->at, reading->text.len - reading->at };
    char begin[64], end[64];
    size_t end_len;

    (void)snprintf(begin, sizeof(begin), "[%zu] %s ", seq, message->from);
    end_len = (size_t)snprintf(end, sizeof(end), "%s%s: ", message->at[0] != '\0' ? " " : "",
                               message->at);
    if (!slice_starts_with(rest, begin))
        return false;
    for (size_t head = strlen(begin); head < HEAD_MAX && head < rest.len; head++) {
        struct slice here = { rest.data + head, rest.len - head };

        if (here.data[0] == '\n')
            return false;
        if (slice_starts_with(here, end) && try_message(reading, head + end_len, message, line))
            return true;
    }
    return false;
}

size_t qda_lines_find(struct slice text, const struct qda_message *messages, size_t count,
                      struct qda_line *lines)
{
    struct reading reading = { .text = text, .at = text_mark(text) };

    for (size_t i = 0; i < count; i++)
        if (!next_message(&reading, i + 1, &messages[i], &lines[i]))
            return i;
    for (; reading.at < text.len; reading.at++)
        if (strchr("\r\n ", text.data[reading.at]) == NULL || text.data[reading.at] == '\0')
            return count;
    return SIZE_MAX;
}

void qda_lines_release(struct qda_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i].moved);
}

uint32_t qda_line_place(const struct qda_line *line, uint32_t place, bool is_end)
{
    uint32_t at = place - line->first, passed = 0, old_passed = 0;

    for (size_t i = 0; i < line->count; i++) {
        const struct qda_moved *moved = &line->moved[i];

        if (at <= moved->from)
            break;
        if (at < moved->to)
            return is_end ? moved->old_to : moved->old_from;
        passed = moved->to;
        old_passed = moved->old_to;
    }
    return old_passed + (at - passed);
}
