/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/survey/survey.h"

#include <ctype.h>

static const char *const texts[SURVEY_TEXT_COUNT][SURVEY_LANGUAGES] = {
#define SURVEY_TEXT(name, en, fi, sv) { en, fi, sv },
#include "server-bridge/core/survey/survey_texts.def"
#undef SURVEY_TEXT
};
static const char *const tags[SURVEY_LANGUAGES] = { "en", "fi", "sv" };

const char *survey_text(enum survey_language language, enum survey_text text)
{
    return texts[text][language];
}

const char *survey_language_tag(enum survey_language language)
{
    return tags[language];
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) != 0;
}

/* Two letters that begin a tag. What stands first is liked best: browsers sort them so. */
enum survey_language survey_language_in(struct slice list)
{
    for (size_t i = 0; i + 1 < list.len; i++) {
        bool begins = i == 0 || list.data[i - 1] == ' ' || list.data[i - 1] == ',';
        bool ends = i + 2 == list.len || !is_letter(list.data[i + 2]);

        for (unsigned language = 0; begins && ends && language < SURVEY_LANGUAGES; language++)
            if (tolower((unsigned char)list.data[i]) == tags[language][0] &&
                tolower((unsigned char)list.data[i + 1]) == tags[language][1])
                return (enum survey_language)language;
    }
    return SURVEY_LANGUAGES;
}
