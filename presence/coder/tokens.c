/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/tokens.h"

#include "presence/coder/icons.h"

#include <stdlib.h>
#include <utf8proc.h>

struct reader {
    const struct points *points;
    struct tokens *tokens;
    size_t at;
    size_t chunk_end; /* up to here the run between spaces is known to be words */
    uint16_t starts;  /* TOKEN_SENTENCE, TOKEN_CLAUSE that the next token bears */
};

void tokens_release(struct tokens *tokens)
{
    free(tokens->at);
    free(tokens->text);
    *tokens = (struct tokens){ 0 };
}

struct slice token_text(const struct tokens *tokens, const struct token *token)
{
    return (struct slice){ tokens->text + token->text, token->len };
}

static int32_t value_at(const struct reader *reader, size_t at)
{
    const struct points *points = reader->points;

    return at < points->count && !points->at[at].hidden ? points->at[at].value : 0;
}

static int reserve(struct tokens *tokens)
{
    if (tokens->count == tokens->cap) {
        size_t cap = tokens->cap == 0 ? 256 : tokens->cap * 2;
        struct token *at = realloc(tokens->at, cap * sizeof(*at));

        if (at == NULL)
            return RAISE(ERR_NO_MEMORY);
        tokens->at = at;
        tokens->cap = cap;
    }
    if (tokens->text_cap - tokens->text_len < TOKEN_MAX_BYTES) {
        size_t cap = tokens->text_cap == 0 ? 8192 : tokens->text_cap * 2;
        char *text = realloc(tokens->text, cap);

        if (text == NULL)
            return RAISE(ERR_NO_MEMORY);
        tokens->text = text;
        tokens->text_cap = cap;
    }
    return OK;
}

static void add_letters(struct tokens *tokens, struct token *token, const struct point *from,
                        size_t count)
{
    char *to = tokens->text + tokens->text_len;
    size_t len = 0;

    for (size_t i = 0; i < count && len + 4 <= TOKEN_MAX_BYTES; i++) {
        int32_t value = point_lower(from[i].value);

        if (value < 0x80)
            to[len++] = (char)value;
        else
            len += (size_t)utf8proc_encode_char(value, (utf8proc_uint8_t *)to + len);
    }
    token->text = (uint32_t)tokens->text_len;
    token->len = (uint16_t)len;
    tokens->text_len += len;
}

/* Letters' case, stretches and digits, in one look over the word. */
static uint16_t shape(const struct point *at, size_t count)
{
    size_t letters = 0, upper = 0, digits = 0, run = 1;
    uint16_t flags = 0;

    for (size_t i = 0; i < count; i++) {
        letters += point_is_letter(at[i].value);
        upper += point_is_upper(at[i].value);
        digits += point_is_digit(at[i].value);
        run = i > 0 && point_lower(at[i].value) == point_lower(at[i - 1].value) ? run + 1 : 1;
        if (run == 3 && point_is_letter(at[i].value))
            flags |= TOKEN_STRETCH;
    }
    if (letters >= 2 && upper == letters && digits == 0)
        flags |= TOKEN_UPPER;
    else if (point_is_upper(at[0].value))
        flags |= TOKEN_CAPITAL;
    if (digits > 0 && digits <= 3 && point_is_letter(at[0].value) &&
        point_is_digit(at[count - 1].value))
        flags |= TOKEN_NICK;
    return flags;
}

static int add(struct reader *reader, enum token_kind kind, size_t count, uint16_t flags)
{
    const struct point *at = reader->points->at + reader->at;
    bool tight = reader->at > 0 && !point_is_space(at[-1].value);
    struct token *token;
    int rc = reserve(reader->tokens);

    if (rc != OK)
        return TRACE(rc);
    token = &reader->tokens->at[reader->tokens->count++];
    *token = (struct token){ .from = at[0].from,
                             .to = at[count].from,
                             .kind = (uint8_t)kind,
                             .flags = (uint16_t)(flags | reader->starts),
                             .word = LEXICON_NONE,
                             .plain = LEXICON_NONE,
                             .base = LEXICON_NONE };
    if (tight)
        token->flags |= TOKEN_TIGHT;
    if (kind == TOKEN_MARK)
        token->mark = at[0].value < 0x80 ? (char)at[0].value : '\0';
    if (kind == TOKEN_WORD)
        add_letters(reader->tokens, token, at, count);
    reader->starts = 0;
    if (kind == TOKEN_MARK || kind == TOKEN_ICON)
        reader->starts = TOKEN_CLAUSE;
    if (kind == TOKEN_ICON || (flags & TOKEN_ENDS) != 0)
        reader->starts = TOKEN_CLAUSE | TOKEN_SENTENCE;
    reader->at += count;
    return OK;
}

static bool is_word(int32_t value)
{
    return point_is_letter(value) || point_is_digit(value);
}

static bool starts_with(const struct reader *reader, size_t at, const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (point_lower(value_at(reader, at + i)) != (unsigned char)text[i])
            return false;
    }
    return true;
}

/* The run of points up to white space. */
static size_t chunk_len(const struct reader *reader)
{
    size_t end = reader->at;

    while (value_at(reader, end) != 0 && !point_is_space(value_at(reader, end)))
        end++;
    return end - reader->at;
}

/* A sign that joins pieces of code and addresses, and that people do not put inside words. */
static bool joins_machine_text(int32_t before, int32_t value, int32_t after)
{
    bool letter_after = point_is_letter(after);

    switch (value) {
    case '_':
    case '\\':
    case '=':
    case '@':
        return is_word(before) && is_word(after);
    case ':':
        return after == ':' || (after == '/' && is_word(before));
    case '(':
        return is_word(before) && after == ')';
    default:
        return value == '.' && is_word(before) && letter_after && !point_is_upper(after);
    }
}

/* Whether this chunk is an address or a piece of code rather than words. One dot is not enough,
 * people leave out the space after it; but "shop.fi" and "photo.jpg" end in a short word. */
static bool is_machine_text(const struct reader *reader, size_t len)
{
    size_t dots = 0, last_dot = 0;

    for (size_t i = 1; i + 1 < len; i++) {
        const size_t at = reader->at + i;

        if (!joins_machine_text(value_at(reader, at - 1), value_at(reader, at),
                                value_at(reader, at + 1)))
            continue;
        if (value_at(reader, at) != '.')
            return true;
        dots++;
        last_dot = i;
    }
    while (len > 0 && !is_word(value_at(reader, reader->at + len - 1)))
        len--;
    return dots > 1 || (dots == 1 && len - last_dot >= 3 && len - last_dot <= 5);
}

/* Marks that may stand at the end of a chunk without being part of it. */
static bool is_trailing(int32_t value)
{
    return value == '.' || value == ',' || value == '!' || value == '?' || value == ')' ||
           value == ';' || value == ':' || value == '\'';
}

static bool begins_url(const struct reader *reader)
{
    return starts_with(reader, reader->at, "http://") ||
           starts_with(reader, reader->at, "https://") || starts_with(reader, reader->at, "www.");
}

static size_t machine_text_at(struct reader *reader)
{
    size_t len;

    if (reader->at < reader->chunk_end && !begins_url(reader))
        return 0;
    len = chunk_len(reader);
    reader->chunk_end = reader->at + len;
    if (!begins_url(reader) && !is_machine_text(reader, len))
        return 0;
    while (len > 1 && is_trailing(value_at(reader, reader->at + len - 1)))
        len--;
    return len;
}

static size_t hidden_len(const struct reader *reader)
{
    size_t end = reader->at;

    while (end < reader->points->count && reader->points->at[end].hidden)
        end++;
    return end - reader->at;
}

/* it's, jaa-a and ID:tä are one word each; a nick's colon is none of its letters. */
static bool joins(const struct reader *reader, size_t at)
{
    int32_t before = value_at(reader, at - 1), value = value_at(reader, at);
    int32_t after = value_at(reader, at + 1);

    if (value == '\'' || value == '-')
        return is_word(before) && point_is_letter(after);
    return value == ':' && point_is_upper(before) && point_is_letter(after) &&
           !point_is_upper(after);
}

static int read_word(struct reader *reader)
{
    bool mentioned = reader->at > 0 && value_at(reader, reader->at - 1) == '@';
    size_t end = reader->at;
    uint16_t flags;

    while (is_word(value_at(reader, end)) || (end > reader->at && joins(reader, end)))
        end++;
    flags = shape(reader->points->at + reader->at, end - reader->at);
    return add(reader, TOKEN_WORD, end - reader->at,
               (uint16_t)(flags | (mentioned ? TOKEN_MENTION : 0)));
}

static int read_number(struct reader *reader)
{
    size_t end = reader->at;

    while (point_is_digit(value_at(reader, end)) ||
           (end > reader->at && point_is_digit(value_at(reader, end - 1)) &&
            point_is_digit(value_at(reader, end + 1)) &&
            (value_at(reader, end) == '.' || value_at(reader, end) == ',' ||
             value_at(reader, end) == ':')))
        end++;
    if (point_is_letter(value_at(reader, end)))
        return read_word(reader); /* 4G, 23rd */
    return add(reader, TOKEN_NUMBER, end - reader->at, 0);
}

static int read_marks(struct reader *reader)
{
    int32_t first = value_at(reader, reader->at);
    size_t shouts = 0, asks = 0, end = reader->at;

    if (first == '!' || first == '?') {
        for (; value_at(reader, end) == '!' || value_at(reader, end) == '?'; end++) {
            shouts += value_at(reader, end) == '!';
            asks += value_at(reader, end) == '?';
        }
        return add(reader, TOKEN_MARK, end - reader->at,
                   (uint16_t)(TOKEN_ENDS | (shouts + asks > 1 ? TOKEN_STRONG : 0) |
                              (asks > 0 ? TOKEN_ASKS : 0)));
    }
    while (value_at(reader, end) == first && first == '.')
        end++;
    end = end == reader->at ? end + 1 : end;
    return add(reader, TOKEN_MARK, end - reader->at,
               first == '.' || first == 0x2026 ? TOKEN_ENDS : 0);
}

/* One token, or none of a space. */
static int read_one(struct reader *reader)
{
    int32_t value = value_at(reader, reader->at);
    size_t len;

    if (reader->points->at[reader->at].hidden)
        return add(reader, TOKEN_HIDDEN, hidden_len(reader), 0);
    if (point_is_space(value)) {
        if (value == '\n')
            reader->starts = TOKEN_CLAUSE | TOKEN_SENTENCE;
        reader->at++;
        return OK;
    }
    if ((len = icon_at(reader->points, reader->at)) > 0)
        return add(reader, TOKEN_ICON, len, 0);
    if ((len = machine_text_at(reader)) > 0)
        return add(reader, TOKEN_HIDDEN, len, 0);
    if (point_is_digit(value))
        return read_number(reader);
    if (point_is_letter(value))
        return read_word(reader);
    if (value == '@' && point_is_letter(value_at(reader, reader->at + 1))) {
        reader->at++;
        return OK;
    }
    return read_marks(reader);
}

int tokens_read(struct tokens *tokens, const struct points *points)
{
    struct reader reader = { points, tokens, 0, 0, TOKEN_CLAUSE | TOKEN_SENTENCE };
    int rc = OK;

    while (rc == OK && reader.at < points->count)
        rc = read_one(&reader);
    return rc;
}

/* The bytes of the letter that begins with this one. */
static size_t width_of(char first)
{
    unsigned char c = (unsigned char)first;

    if (c < 0x80)
        return 1;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* How often the letter at `at` stands on end. */
static size_t run_at(struct slice text, size_t at, size_t width)
{
    size_t run = 1;

    while (at + (run + 1) * width <= text.len &&
           memcmp(text.data + at, text.data + at + run * width, width) == 0)
        run++;
    return run;
}

/* Runs of three letters and more, made `most` long; double letters stay. */
static size_t squeeze(struct slice from, size_t most, char *to)
{
    size_t len = 0;

    for (size_t i = 0; i < from.len;) {
        size_t width = width_of(from.data[i]), run, keep;

        width = width > from.len - i ? from.len - i : width;
        run = run_at(from, i, width);
        keep = (run >= 3 ? most : run) * width;
        memcpy(to + len, from.data + i, keep);
        len += keep;
        i += run * width;
    }
    return len;
}

int32_t token_find(const struct lexicon *lexicon, const struct tokens *tokens,
                   const struct token *token)
{
    struct slice text = token_text(tokens, token);
    int32_t id = lexicon_find(lexicon, text);
    char squeezed[TOKEN_MAX_BYTES];

    if (id != LEXICON_NONE || (token->flags & TOKEN_STRETCH) == 0)
        return id;
    for (size_t most = 2; id == LEXICON_NONE && most >= 1; most--)
        id = lexicon_find(lexicon, (struct slice){ squeezed, squeeze(text, most, squeezed) });
    return id;
}
