/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/user.h"

#include "base/format/text.h"

#include <strings.h>

enum { DIFFERENT_BYTES_MIN = 5 };

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

int user_name_parse(struct slice text, char ret_name[USER_NAME_MAX + 1])
{
    if (text.len == 0 || !slice_copy(text, ret_name, USER_NAME_MAX + 1))
        return 1;
    for (char *c = ret_name; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
        if (!is_letter_or_digit(*c) && (c == ret_name || strchr("._-+@", *c) == NULL))
            return 1;
    }
    return strlen(ret_name) == text.len ? 0 : 1; /* no zero byte inside */
}

/* "aaaaaaaaaaaa", "121212121212" */
static bool is_monotonous(struct slice password)
{
    bool seen[256] = { false };
    unsigned different = 0;

    for (size_t i = 0; i < password.len; i++) {
        unsigned char byte = (unsigned char)password.data[i];

        different += !seen[byte];
        seen[byte] = true;
    }
    return different < DIFFERENT_BYTES_MIN;
}

static bool holds(struct slice text, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; len > 0 && i + len <= text.len; i++)
        if (strncasecmp(text.data + i, word, len) == 0)
            return true;
    return false;
}

/* What is left of those guessed first once twelve characters are asked for. */
static bool is_guessed_first(struct slice password)
{
    static const char *const stems[] = { "password",   "passw0rd",    "salasana",   "1234567890",
                                         "qwertyuiop", "qwerty12345", "1q2w3e4r5t", "abcdefghijkl",
                                         "iloveyou",   "letmein" };
    enum { MORE_BYTES = 6 }; /* "password2026!" is no better */

    for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++)
        if (holds(password, stems[i]) && password.len <= strlen(stems[i]) + MORE_BYTES)
            return true;
    return false;
}

const char *password_objection(struct slice password, const char *user)
{
    size_t points = text_points(password);

    if (points < PASSWORD_POINTS_MIN)
        return "A password has 12 characters at least; a few words in a row do well.";
    if (points > PASSWORD_POINTS_MAX)
        return "A password has 256 characters at most.";
    if (is_monotonous(password))
        return "That password repeats too few characters.";
    if (strlen(user) > 3 && holds(password, user))
        return "That password holds the user's name.";
    if (is_guessed_first(password))
        return "That password is among those that are guessed first.";
    return NULL;
}
