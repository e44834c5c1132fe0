/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/traces.h"

#include <string.h>
#include <strings.h>
#include <utf8proc.h>

enum { LONG_NUMBER = 5, ACCOUNT_LEAST = 15, ACCOUNT_MAX = 34 };
enum { TOKEN_MAX = 320 }; /* nothing is longer: each word is looked at, and to its end */

/* --- letters and digits --- */

int32_t trace_point(struct slice text, size_t at, size_t *ret_len)
{
    utf8proc_int32_t point = -1;
    utf8proc_ssize_t used = at < text.len
                                ? utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                                   (utf8proc_ssize_t)(text.len - at), &point)
                                : 0;

    *ret_len = used > 0 ? (size_t)used : 1;
    return used > 0 ? point : -1;
}

bool trace_is_letter(int32_t point)
{
    utf8proc_category_t category = point < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(point);

    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           category == UTF8PROC_CATEGORY_MN;
}

bool trace_is_digit(int32_t point)
{
    return point >= 0 && utf8proc_category(point) == UTF8PROC_CATEGORY_ND;
}

size_t trace_word(struct slice text, size_t at)
{
    size_t len = 0, used;

    while (at + len < text.len && trace_is_letter(trace_point(text, at + len, &used)))
        len += used;
    return len;
}

size_t trace_nick(struct slice text, size_t at)
{
    size_t len = trace_word(text, at), used;

    for (; len > 0 && at + len < text.len; len += used) {
        int32_t point = trace_point(text, at + len, &used);

        if (!trace_is_letter(point) && !trace_is_digit(point))
            break;
    }
    return len;
}

/* No further than TOKEN_MAX: a text of nothing but a_a_a… is gone through from each of its words.
 */
size_t trace_joined(struct slice text, size_t at)
{
    size_t len = trace_nick(text, at), used;

    for (size_t on = len; len > 0 && on < TOKEN_MAX && at + on < text.len; on += used) {
        int32_t point = trace_point(text, at + on, &used);

        if (trace_is_letter(point) || trace_is_digit(point))
            len = on + used;
        else if (point != '_')
            break;
    }
    return len;
}

static char byte_at(struct slice text, size_t at)
{
    return at < text.len ? text.data[at] : '\0';
}

static bool is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_one_of(char c, const char *list)
{
    return c != '\0' && strchr(list, c) != NULL;
}

/* --- addresses --- */

static bool is_address_char(char c)
{
    return is_ascii_letter(c) || is_ascii_digit(c) || (unsigned char)c >= 0x80 ||
           is_one_of(c, "._%+-");
}

/* No half of a letter, where TOKEN_MAX fell into it. */
static size_t whole_letters(struct slice text, size_t at, size_t len)
{
    while (len > 0 && ((unsigned char)byte_at(text, at + len) & 0xc0) == 0x80)
        len--;
    return len;
}

static size_t email_len(struct slice text, size_t at)
{
    size_t local = 0, domain = 0, dots = 0;

    while (local < TOKEN_MAX && is_address_char(byte_at(text, at + local)))
        local++;
    if (local == 0 || byte_at(text, at + local) != '@')
        return 0;
    at += local + 1;
    while (domain < TOKEN_MAX && is_address_char(byte_at(text, at + domain)))
        dots += text.data[at + domain++] == '.';
    domain = whole_letters(text, at, domain);
    while (domain > 0 && is_one_of(text.data[at + domain - 1], "._-+%"))
        dots -= text.data[at + --domain] == '.';
    return domain > 0 && dots > 0 ? local + 1 + domain : 0;
}

/* Up to white space or a bracket, without the marks of the sentence around it. */
static size_t url_end(struct slice text, size_t at, size_t len)
{
    while (at + len < text.len && (unsigned char)text.data[at + len] > ' ' &&
           !is_one_of(text.data[at + len], "<>\""))
        len++;
    while (len > 0 && is_one_of(text.data[at + len - 1], ".,;:!?)]'"))
        len--;
    return len;
}

/* "https://", "ftp://" … */
static size_t scheme_len(struct slice text, size_t at)
{
    size_t len = 0;

    while (len < TOKEN_MAX && (is_ascii_letter(byte_at(text, at + len)) ||
                               (len > 0 && is_one_of(byte_at(text, at + len), "+.-"))))
        len++;
    return len > 1 && at + len + 3 < text.len && strncmp(text.data + at + len, "://", 3) == 0
               ? len + 3
               : 0;
}

/* Those that are no words people write after a full stop without a space. */
static bool is_known_domain(struct slice label)
{
    static const char *const labels[] = { "com", "net",  "org", "fi",   "eu",  "ee",
                                          "dk",  "info", "biz", "shop", "app", "example" };

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (label.len == strlen(labels[i]) && strncasecmp(label.data, labels[i], label.len) == 0)
            return true;
    return false;
}

/* "shop.example/orders/7", "www.shop.example", "shop.fi": a host without a scheme. */
static size_t host_len(struct slice text, size_t at)
{
    size_t len = 0, label = 0, dots = 0;
    bool letters = true;

    for (; len < TOKEN_MAX; len++) {
        char c = byte_at(text, at + len);

        if (c == '.' && len > label &&
            (is_ascii_letter(byte_at(text, at + len + 1)) ||
             is_ascii_digit(byte_at(text, at + len + 1)))) {
            dots++;
            label = len + 1;
            letters = true;
        } else if (is_ascii_letter(c) || is_ascii_digit(c) || c == '-') {
            letters = letters && is_ascii_letter(c);
        } else {
            break;
        }
    }
    if (dots == 0 || !letters || len - label < 2 || (unsigned char)byte_at(text, at + len) >= 0x80)
        return 0;
    if (strncasecmp(text.data + at, "www.", 4) == 0 ||
        (byte_at(text, at + len) == '/' && (unsigned char)byte_at(text, at + len + 1) > ' ') ||
        is_known_domain((struct slice){ text.data + at + label, len - label }))
        return len;
    return 0;
}

static size_t url_len(struct slice text, size_t at)
{
    size_t len = scheme_len(text, at);

    if (len == 0)
        len = host_len(text, at);
    return len > 0 ? url_end(text, at, len) : 0;
}

/* After the @ of "@kallekko", which stays. */
static size_t nick_len(struct slice text, size_t at)
{
    size_t len = 0;

    if (at == 0 || text.data[at - 1] != '@')
        return 0;
    while (len < TOKEN_MAX && is_address_char(byte_at(text, at + len)))
        len++;
    len = whole_letters(text, at, len);
    while (len > 0 && is_one_of(text.data[at + len - 1], "._%+-"))
        len--;
    return len > 1 && is_ascii_letter(text.data[at]) ? len : 0;
}

/* --- numbers --- */

/* What stands between the digits of one number. */
static bool is_between(int32_t point)
{
    static const int32_t points[] = { ' ', '-', '(', ')', '/', 0xa0, 0x2007, 0x2009, 0x202f };

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        if (point == points[i])
            return true;
    return point >= 0x2010 && point <= 0x2013; /* hyphens and short dashes */
}

/* 13.10.1952, 040.123.4567, but no 129.90: one full stop is a decimal point. */
static bool is_dot_between(struct slice text, size_t at, bool dotted)
{
    size_t digits = 1;

    if (byte_at(text, at) != '.' || !is_ascii_digit(byte_at(text, at + 1)))
        return false;
    while (is_ascii_digit(byte_at(text, at + digits)))
        digits++;
    return dotted ||
           (byte_at(text, at + digits) == '.' && is_ascii_digit(byte_at(text, at + digits + 1)));
}

/* Phones, accounts, dates: five digits and more. */
static size_t number_len(struct slice text, size_t at)
{
    size_t len = byte_at(text, at) == '+', digits = 0, last = 0, between = 0, used;
    bool dotted = false;

    for (; at + len < text.len; len += used) {
        int32_t point = trace_point(text, at + len, &used);

        if (trace_is_digit(point)) {
            digits++;
            last = len + used;
            between = 0;
        } else if (digits > 0 && between == 0 && is_dot_between(text, at + len, dotted)) {
            dotted = true;
            between++;
        } else if (digits == 0 || ++between > 2 || !is_between(point)) {
            break;
        }
    }
    return digits >= LONG_NUMBER ? last : 0;
}

/* Orders, identity codes, licences: letters and digits without a space, of them five digits. */
static size_t code_len(struct slice text, size_t at)
{
    size_t len = 0, digits = 0, used, next;

    for (; len < TOKEN_MAX && at + len < text.len; len += used) {
        int32_t point = trace_point(text, at + len, &used);

        if (trace_is_digit(point)) {
            digits++;
        } else if (!trace_is_letter(point)) {
            int32_t after = trace_point(text, at + len + used, &next);

            if (len == 0 || !is_one_of(text.data[at + len], "-_+") ||
                (!trace_is_digit(after) && !trace_is_letter(after)))
                break;
        }
    }
    return digits >= LONG_NUMBER ? len : 0;
}

/* A group of an account number: with a digit in it, or four letters of a bank. */
static size_t account_group(struct slice text, size_t at, size_t *ret_digits)
{
    size_t len = 0, digits = 0, lower = 0;

    for (; is_ascii_letter(byte_at(text, at + len)) || is_ascii_digit(byte_at(text, at + len));
         len++) {
        digits += is_ascii_digit(text.data[at + len]);
        lower += text.data[at + len] >= 'a';
    }
    *ret_digits = digits;
    return digits > 0 || (len == 4 && lower == 0) ? len : 0;
}

/* "FI21 1234 5600 0007 85": an IBAN in groups. */
static size_t account_len(struct slice text, size_t at)
{
    size_t len = 4, signs = 4, last = 4, digits;

    if (!is_ascii_letter(byte_at(text, at)) || !is_ascii_letter(byte_at(text, at + 1)) ||
        !is_ascii_digit(byte_at(text, at + 2)) || !is_ascii_digit(byte_at(text, at + 3)))
        return 0;
    while (signs < ACCOUNT_MAX && byte_at(text, at + len) == ' ') {
        size_t group = account_group(text, at + len + 1, &digits);

        if (group == 0)
            break;
        len += 1 + group;
        signs += group;
        if (digits > 0)
            last = len;
    }
    return signs >= ACCOUNT_LEAST ? last : 0;
}

static size_t longest_number(struct slice text, size_t at)
{
    size_t number = number_len(text, at), code = code_len(text, at),
           account = account_len(text, at), longest = number > code ? number : code;

    return account > longest ? account : longest;
}

size_t trace_at(struct slice text, size_t at, const char **ret_kind)
{
    static const struct {
        const char *kind;
        size_t (*len)(struct slice text, size_t at);
    } kinds[] = { { "email", email_len },
                  { "url", url_len },
                  { "nick", nick_len },
                  { "number", longest_number } };
    size_t len = 0;

    for (size_t i = 0; len == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        len = kinds[i].len(text, at);
        *ret_kind = kinds[i].kind;
    }
    return len;
}
