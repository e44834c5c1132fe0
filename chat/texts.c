/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/texts.h"

static const char *const codes[LANGUAGE_COUNT] = { "en", "fi", "sv" };

static const char *const texts[LINE_COUNT][LANGUAGE_COUNT] = {
#define TEXT(name, en, fi, sv) [LINE_##name] = { en, fi, sv },
#include "chat/texts.def"
#undef TEXT
};

static bool is_code(struct slice code, const char *wanted)
{
    if (code.len < 2 || (code.len > 2 && code.data[2] != '-'))
        return false;
    return (code.data[0] | 0x20) == wanted[0] && (code.data[1] | 0x20) == wanted[1];
}

bool language_parse(struct slice code, enum language *ret_language)
{
    for (enum language language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        if (is_code(code, codes[language])) {
            *ret_language = language;
            return true;
        }
    }
    return false;
}

const char *language_code(enum language language)
{
    return codes[language];
}

const char *texts_get(enum language language, enum line line)
{
    return texts[line][language];
}

static const char *arg_at(const char *const *args, unsigned number)
{
    for (unsigned i = 1; *args != NULL; i++, args++) {
        if (i == number)
            return *args;
    }
    return "";
}

void texts_write(struct buf *to, enum language language, enum line line, const char *const *args)
{
    const char *at = texts[line][language];

    while (*at != '\0') {
        size_t plain = strcspn(at, "{");

        buf_add(to, at, plain);
        at += plain;
        if (*at == '{') { /* "{1}": the table holds no other braces */
            buf_add_text(to, arg_at(args, (unsigned)(at[1] - '0')));
            at += 3;
        }
    }
}
