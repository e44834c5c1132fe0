/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/mail.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <time.h>

enum {
    LOCAL_MAX = 64,
    LABEL_MAX = 63,
    LINE_MAX_CHARS = 75, /* quoted-printable: 76 with the soft end */
    WORD_BYTES = 45,     /* in base64 60 characters, and 72 as an encoded word */
    PLAIN_MAX = 60,      /* longer header texts are folded, so encoded */
};

/* --- addresses --- */

static bool is_atext(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Runs of allowed characters with single dots between. Returns how many runs; 0: it is none. */
static size_t dotted(struct slice text, bool (*allowed)(char c), size_t run_max)
{
    size_t runs = 1, run = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '.' && run > 0) {
            runs++;
            run = 0;
        } else if (!allowed(text.data[i]) || ++run > run_max) {
            return 0;
        }
    }
    return run > 0 ? runs : 0;
}

static bool is_domain_char(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

bool mail_address_is_fine(struct slice address)
{
    const char *at = address.len == 0 ? NULL : memchr(address.data, '@', address.len);
    struct slice local, domain;

    if (at == NULL || address.len > MAIL_ADDRESS_MAX)
        return false;
    local = (struct slice){ address.data, (size_t)(at - address.data) };
    domain = (struct slice){ at + 1, address.len - local.len - 1 };
    return local.len <= LOCAL_MAX && local.len > 0 && local.data[0] != '-' &&
           dotted(local, is_atext, LOCAL_MAX) > 0 &&
           dotted(domain, is_domain_char, LABEL_MAX) > 1 && domain.data[0] != '-';
}

/* --- headers --- */

static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < ' ' || text.data[i] > '~')
            return false;
    }
    /* What looks like an encoded word must not be taken for one. */
    return text.len == 0 || (text.len <= PLAIN_MAX && memmem(text.data, text.len, "=?", 2) == NULL);
}

/* As many bytes as fit into a word, and no half character. */
static size_t word_len(struct slice text)
{
    size_t len = text.len < WORD_BYTES ? text.len : WORD_BYTES;

    while (len > 0 && len < text.len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--;
    return len > 0 ? len : text.len < WORD_BYTES ? text.len : WORD_BYTES;
}

static void add_encoded(struct buf *to, struct slice text)
{
    unsigned char bytes[WORD_BYTES], encoded[WORD_BYTES * 2];

    for (bool first = true; text.len > 0; first = false) {
        size_t len = word_len(text);

        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f
                           ? ' '
                           : (unsigned char)text.data[i];
        (void)EVP_EncodeBlock(encoded, bytes, (int)len);
        buf_addf(to, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", (const char *)encoded);
        text = (struct slice){ text.data + len, text.len - len };
    }
}

void mail_add_words(struct buf *to, struct slice text)
{
    if (text.len == 0 || is_plain(text))
        buf_add_slice(to, text);
    else
        add_encoded(to, text);
}

void mail_add_mailbox(struct buf *to, struct slice name, struct slice address)
{
    bool quotes = is_plain(name);

    if (name.len > 0 && quotes) {
        buf_add_text(to, "\"");
        for (size_t i = 0; i < name.len; i++)
            buf_addf(to, "%s%c", strchr("\"\\", name.data[i]) != NULL ? "\\" : "", name.data[i]);
        buf_add_text(to, "\" ");
    } else if (name.len > 0) {
        add_encoded(to, name);
        buf_add_text(to, "\r\n ");
    }
    buf_addf(to, "<%.*s>", SLICE_ARG(address));
}

void mail_add_date(struct buf *to, uint64_t wall_ms)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    buf_addf(to, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday % 7], tm.tm_mday,
             months[tm.tm_mon % 12], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* --- bodies --- */

/* A space or tab at a line's end would be lost on the way. */
static bool goes_as_it_is(struct slice text, size_t i)
{
    unsigned char c = (unsigned char)text.data[i];
    bool ends = i + 1 == text.len || text.data[i + 1] == '\n';

    if (c == ' ' || c == '\t')
        return !ends;
    return c > ' ' && c <= '~' && c != '=';
}

void mail_add_quoted_printable(struct buf *to, struct slice text)
{
    size_t column = 0;

    for (size_t i = 0; i < text.len; i++) {
        bool plain = goes_as_it_is(text, i);

        if (text.data[i] == '\n') {
            buf_add_text(to, "\r\n");
            column = 0;
            continue;
        }
        if (column + (plain ? 1 : 3) > LINE_MAX_CHARS) {
            buf_add_text(to, "=\r\n");
            column = 0;
        }
        if (plain)
            buf_add(to, text.data + i, 1);
        else
            buf_addf(to, "=%02X", (unsigned)(unsigned char)text.data[i]);
        column += plain ? 1 : 3;
    }
    if (column > 0)
        buf_add_text(to, "\r\n");
}
