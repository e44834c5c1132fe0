/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/known_names.h"

#include "base/auto.h"
#include "base/grow.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

enum {
    STEMS_MAX = 6,
    STEM_LEAST = 3, /* bytes: a shorter one is looked for as it is only */
    ENDING_MAX = 8,
    ENDING_OF_SHORT = 4, /* bytes: Anna-llekin; but no Ida-ho-an */
};

struct known_name {
    char *name;             /* owned; case folded */
    char *stems[STEMS_MAX]; /* owned; what its other forms begin with, the name itself first */
    size_t stem_count;
};

char *known_names_fold(struct slice text)
{
    utf8proc_uint8_t *out = NULL;

    if (utf8proc_map((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len, &out,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD) < 0)
        return NULL;
    return (char *)out;
}

static void name_release(struct known_name *name)
{
    free(name->name);
    for (size_t i = 0; i < name->stem_count; i++)
        free(name->stems[i]);
    *name = (struct known_name){ 0 };
}

void known_names_cut(struct known_names *names, size_t kept)
{
    while (names->count > kept)
        name_release(&names->items[--names->count]);
    /* Which bytes begin the rest is not counted down: a word too many is looked at. */
    if (kept == 0)
        (void)memset(names->begins, 0, sizeof(names->begins));
}

void known_names_release(struct known_names *names)
{
    known_names_cut(names, 0);
    free(names->items);
    *names = (struct known_names){ 0 };
}

/* --- how names are bent --- */

/* The first `kept` bytes of the name, then this. */
static int add_stem(struct known_name *name, size_t kept, const char *end)
{
    AUTO_BUF stem;

    buf_init(&stem, 4096);
    if (name->stem_count == STEMS_MAX)
        return OK;
    buf_add(&stem, name->name, kept);
    buf_add_text(&stem, end);
    name->stems[name->stem_count] = slice_dup(buf_slice(&stem));
    if (name->stems[name->stem_count] == NULL)
        return RAISE(ERR_NO_MEMORY);
    name->stem_count++;
    return OK;
}

/* Where the last letter of it begins. */
static size_t last_letter(const char *text, size_t len)
{
    while (len > 0 && ((unsigned char)text[--len] & 0xc0) == 0x80)
        ;
    return len;
}

/* What the consonants before a name's last vowel become in a closed syllable. */
static const struct {
    const char *strong, *weak;
} gradations[] = { { "kk", "k" },  { "pp", "p" },  { "tt", "t" },  { "nk", "ng" }, { "nt", "nn" },
                   { "mp", "mm" }, { "lt", "ll" }, { "rt", "rr" }, { "ht", "hd" } };

/* Matti: mati-; Lahti: lahdi-, lahde-; Mäki: mäe-; Järvi: järve-. */
static int add_vowel_stems(struct known_name *name, size_t len)
{
    size_t vowel = last_letter(name->name, len);
    bool is_i = strcmp(name->name + vowel, "i") == 0;
    int rc = is_i ? add_stem(name, vowel, "e") : OK;

    for (size_t i = 0; vowel > 2 && i < sizeof(gradations) / sizeof(gradations[0]); i++) {
        char end[8];

        if (strncmp(name->name + vowel - 2, gradations[i].strong, 2) != 0)
            continue;
        (void)snprintf(end, sizeof(end), "%s%s", gradations[i].weak, name->name + vowel);
        if (rc == OK)
            rc = add_stem(name, vowel - 2, end);
        (void)snprintf(end, sizeof(end), "%se", gradations[i].weak);
        if (rc == OK && is_i)
            rc = add_stem(name, vowel - 2, end);
        return rc;
    }
    if (rc == OK && is_i && vowel > 2 && name->name[vowel - 1] == 'k')
        rc = add_stem(name, vowel - 1, "e");
    return rc;
}

/* Markus: markukse-; Tuomas: tuomaa-. */
static int add_s_stems(struct known_name *name, size_t len)
{
    size_t vowel = last_letter(name->name, len - 1);
    char doubled[8] = "";
    int rc = add_stem(name, len - 1, "kse");

    (void)slice_copy((struct slice){ name->name + vowel, len - 1 - vowel }, doubled,
                     sizeof(doubled));
    return rc == OK ? add_stem(name, len - 1, doubled) : rc;
}

static bool ends_with(const char *text, size_t len, const char *end)
{
    return len > strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

static int add_stems(struct known_name *name)
{
    size_t len = strlen(name->name);
    int rc = add_stem(name, len, "");

    if (rc != OK || len <= STEM_LEAST)
        return rc;
    if (ends_with(name->name, len, "nen")) /* Virtanen: virtase- */
        return add_stem(name, len - 3, "s");
    return name->name[len - 1] == 's' ? add_s_stems(name, len) : add_vowel_stems(name, len);
}

/* --- names --- */

/* "Asiakaspalvelu / Anna": what people do, and words that join names, are in every text. */
static bool is_no_name(const char *word)
{
    static const char *const words[] = {
        "agent",
        "and",
        "anybody",
        "anything",
        "asiakas",
        "asiakaspalvelija",
        "asiakaspalvelu",
        "bot",
        "bye",
        "chat",
        "customer",
        "de",
        "desk",
        "friday",
        "guest",
        "guys",
        "hei",
        "hello",
        "help",
        "hey",
        "hi",
        "ja",
        "kiitos",
        "kund",
        "moi",
        "monday",
        "mr",
        "mrs",
        "ms",
        "myynti",
        "new",
        "och",
        "of",
        "sales",
        "saturday",
        "service",
        "somebody",
        "someone",
        "something",
        "sunday",
        "support",
        "system",
        "team",
        "thanks",
        "the",
        "thursday",
        "tiimi",
        "tuesday",
        "tuki",
        "turn",
        "user",
        "vieras",
        "visitor",
        "von",
        "wednesday",
        "whatever",
        "whoever",
        "you",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool has(const struct known_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].name, name) == 0)
            return true;
    return false;
}

static struct slice next_word(struct slice *rest, const char *between)
{
    size_t from = 0, to;
    struct slice word;

    while (from < rest->len && strchr(between, rest->data[from]) != NULL)
        from++;
    to = from;
    while (to < rest->len && strchr(between, rest->data[to]) == NULL)
        to++;
    word = (struct slice){ rest->data + from, to - from };
    *rest = (struct slice){ rest->data + to, rest->len - to };
    return word;
}

static int add_word(struct known_names *names, struct slice word)
{
    AUTO_MEM char *folded = known_names_fold(word);
    struct known_name *added;
    int rc;

    if (folded == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (is_no_name(folded) || has(names, folded))
        return OK;
    if (GROW(names->items, names->count, &names->cap) != OK)
        return ERR_NO_MEMORY;
    added = &names->items[names->count];
    *added = (struct known_name){ .name = folded };
    folded = NULL;
    rc = add_stems(added);
    if (rc != OK) {
        name_release(added);
        return rc;
    }
    names->begins[(unsigned char)added->name[0]] = true;
    names->count++;
    return OK;
}

static int add_words(struct known_names *names, struct slice name, const char *between)
{
    int rc = OK;

    while (rc == OK && name.len > 0) {
        struct slice word = next_word(&name, between);

        if (word.len >= 2)
            rc = add_word(names, word);
    }
    return rc;
}

/* Sini_88 is a word, and its parts are. */
int known_names_add(struct known_names *names, struct slice name)
{
    int rc = add_words(names, name, " \t\r\n,;:!?()/-.\"'@");

    return rc == OK ? add_words(names, name, " \t\r\n,;:!?()/-._\"'@") : rc;
}

/* --- looking --- */

/* "annalle", "matilta": without a capital only where people are spoken of, for Anna's "annan" is "I
 * give", too. */
static bool is_of_people(const char *ending)
{
    static const char *const endings[] = { "lle", "lla", "llä", "lta", "ltä" };

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strncmp(ending, endings[i], strlen(endings[i])) == 0)
            return true;
    return false;
}

/* Sini_88 is no form of Sini. */
static bool is_form_of(const struct known_name *name, const char *word, bool capital)
{
    for (size_t i = 0; i < name->stem_count; i++) {
        size_t len = strlen(name->stems[i]);
        const char *ending = word + len;

        if (len < STEM_LEAST || strncmp(word, name->stems[i], len) != 0 || *ending == '\0' ||
            strchr(ending, '_') != NULL)
            continue;
        if (strlen(ending) <= (len > STEM_LEAST ? ENDING_MAX : ENDING_OF_SHORT) &&
            (capital || is_of_people(ending)))
            return true;
    }
    return false;
}

static bool may_begin(const struct known_names *names, struct slice word)
{
    unsigned char first = word.len > 0 ? (unsigned char)word.data[0] : 0;

    return first >= 0x80 || names->begins[first] || names->begins[first | 0x20];
}

static bool is_capital(struct slice word)
{
    utf8proc_int32_t point = -1;

    return utf8proc_iterate((const utf8proc_uint8_t *)word.data, (utf8proc_ssize_t)word.len,
                            &point) > 0 &&
           utf8proc_category(point) == UTF8PROC_CATEGORY_LU;
}

const char *known_names_find(const struct known_names *names, struct slice word)
{
    AUTO_MEM char *folded = may_begin(names, word) ? known_names_fold(word) : NULL;
    bool capital = folded != NULL && is_capital(word);
    const char *form = NULL;

    for (size_t i = 0; folded != NULL && i < names->count; i++) {
        const struct known_name *name = &names->items[i];

        if (strcmp(folded, name->name) == 0)
            return name->name;
        /* Of Anna and Annamari, Annamarille is the longer one's. */
        if (is_form_of(name, folded, capital) &&
            (form == NULL || strlen(name->name) > strlen(form)))
            form = name->name;
    }
    return form;
}
