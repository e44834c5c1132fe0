/* SPDX-License-Identifier: Apache-2.0
 *
 * texts — everything the desk says to agents, in every language it speaks: one row a text, in
 * texts.def. {1}, {2} … stand for what differs; a translation may use them in its own order.
 * Commands, outcomes and stages are the same words in every language.
 */
#ifndef CHAT_TEXTS_H
#define CHAT_TEXTS_H

#include "base/buf.h"

enum language { LANGUAGE_EN, LANGUAGE_FI, LANGUAGE_SV, LANGUAGE_COUNT };

enum line {
#define TEXT(name, en, fi, sv) LINE_##name,
#include "chat/texts.def"
#undef TEXT
    LINE_COUNT
};

/* What stands for {1}, {2} …, in order; NO_ARGS where there is nothing to stand for. */
#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NO_ARGS   ((const char *const[]){ NULL })

/* "fi", and "fi-FI" too. False: a language the desk does not speak; *ret_language stays. */
bool language_parse(struct slice code, enum language *ret_language);
const char *language_code(enum language language);

/* The text as it stands in the table. */
const char *texts_get(enum language language, enum line line);
/* The text with its arguments in place; one that is not given leaves nothing. */
void texts_write(struct buf *to, enum language language, enum line line, const char *const *args);

#endif
