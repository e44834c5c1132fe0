/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/brand.h"

#include "base/buf.h"

#include <stdlib.h>
#include <utf8proc.h>
#include <uthash.h>
#include <utlist.h>

enum { WORDS_MAX_BYTES = 64 * 1024 };

struct owner {
    struct owner *next;
    char *tenant, *shown;
};

struct phrase {
    struct phrase *next; /* those that begin with the same word */
    struct owner *owner;
    char *words; /* " first second " */
};

struct first_word {
    UT_hash_handle hh;
    char *word;
    struct phrase *phrases;
};

struct brands {
    struct owner *owners;
    struct first_word *words; /* hash */
};

int brands_new(struct brands **ret_brands)
{
    *ret_brands = calloc(1, sizeof(**ret_brands));
    return *ret_brands == NULL ? RAISE(ERR_NO_MEMORY) : OK;
}

static void free_phrases(struct phrase *phrases)
{
    struct phrase *phrase, *next;

    LL_FOREACH_SAFE(phrases, phrase, next)
    {
        free(phrase->words);
        free(phrase);
    }
}

struct brands *brands_free(struct brands *brands)
{
    struct first_word *word, *next_word;
    struct owner *owner, *next_owner;

    if (brands == NULL)
        return NULL;
    HASH_ITER(hh, brands->words, word, next_word)
    {
        HASH_DEL(brands->words, word);
        free_phrases(word->phrases);
        free(word->word);
        free(word);
    }
    LL_FOREACH_SAFE(brands->owners, owner, next_owner)
    {
        free(owner->tenant);
        free(owner->shown);
        free(owner);
    }
    free(brands);
    return NULL;
}

/* --- words --- */

static bool is_letter(utf8proc_int32_t point)
{
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
        return true;
    default:
        return false;
    }
}

/* "Go to BOREALIS.example!" → " go to borealis example "; how many words. */
static size_t take_words(struct slice text, struct buf *to)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text.data;
    utf8proc_ssize_t left = (utf8proc_ssize_t)text.len;
    size_t count = 0;
    bool inside = false;

    buf_add_text(to, " ");
    while (left > 0) {
        utf8proc_uint8_t lower[4];
        utf8proc_int32_t point;
        utf8proc_ssize_t len = utf8proc_iterate(at, left, &point);

        if (len <= 0) /* never in what was checked at the door */
            break;
        if (is_letter(point)) {
            count += !inside;
            inside = true;
            buf_add(to, (char *)lower,
                    (size_t)utf8proc_encode_char(utf8proc_tolower(point), lower));
        } else if (inside) {
            inside = false;
            buf_add_text(to, " ");
        }
        at += len;
        left -= len;
    }
    if (inside)
        buf_add_text(to, " ");
    return buf_failed(to) ? 0 : count;
}

/* The word behind the space that `at` points to. */
static struct slice first_of(const char *at)
{
    return (struct slice){ at + 1, strcspn(at + 1, " ") };
}

/* --- putting together --- */

static struct owner *owner_of(struct brands *brands, const char *tenant)
{
    struct owner *owner;

    LL_FOREACH(brands->owners, owner)
    {
        if (strcmp(owner->tenant, tenant) == 0)
            return owner;
    }
    owner = calloc(1, sizeof(*owner));
    if (owner == NULL)
        return NULL;
    owner->tenant = strdup(tenant);
    owner->shown = strdup(tenant);
    LL_PREPEND(brands->owners, owner);
    return owner->tenant == NULL || owner->shown == NULL ? NULL : owner;
}

static struct first_word *word_of(struct brands *brands, struct slice text)
{
    struct first_word *word;

    HASH_FIND(hh, brands->words, text.data, text.len, word);
    if (word != NULL)
        return word;
    word = calloc(1, sizeof(*word));
    if (word == NULL || (word->word = slice_dup(text)) == NULL) {
        free(word);
        return NULL;
    }
    HASH_ADD_KEYPTR(hh, brands->words, word->word, text.len, word);
    return word;
}

/* `words` as take_words() gives them. */
static int add_phrase(struct brands *brands, struct owner *owner, struct slice words)
{
    struct phrase *phrase = calloc(1, sizeof(*phrase));
    struct first_word *first = word_of(brands, first_of(words.data));

    if (phrase == NULL || first == NULL || (phrase->words = slice_dup(words)) == NULL) {
        free(phrase);
        return RAISE(ERR_NO_MEMORY);
    }
    phrase->owner = owner;
    LL_PREPEND(first->phrases, phrase);
    return OK;
}

/* clang-format off */
static const char *const legal_forms[] = {
    "oy", "oyj", "ab", "abp", "as", "asa", "ltd", "llc", "inc", "gmbh", "ag", "plc", "co", "corp",
    "bv", "nv", "sa", "sas",
};
/* clang-format on */

static bool is_legal_form(struct slice text)
{
    bool is = false;
    AUTO_BUF words;

    buf_init(&words, 256);
    if (take_words(text, &words) == 1) {
        for (size_t i = 0; i < sizeof(legal_forms) / sizeof(legal_forms[0]); i++)
            is = is || slice_is(first_of(words.data), legal_forms[i]);
    }
    return is;
}

/* "Borealis Oy" → "Borealis" */
static struct slice without_legal_form(struct slice title)
{
    const char *space = title.len == 0 ? NULL : memrchr(title.data, ' ', title.len);
    size_t at;

    if (space == NULL)
        return title;
    at = (size_t)(space - title.data);
    if (at > 0 && is_legal_form((struct slice){ space + 1, title.len - at - 1 }))
        title.len = at;
    return title;
}

int brands_add_name(struct brands *brands, const char *tenant, const char *title)
{
    struct owner *owner = owner_of(brands, tenant);
    struct slice name = without_legal_form(slice_of(title));
    char *shown = slice_dup(name);
    size_t count;
    AUTO_BUF words;

    buf_init(&words, WORDS_MAX_BYTES);
    if (owner == NULL || shown == NULL) {
        free(shown);
        return RAISE(ERR_NO_MEMORY);
    }
    free(owner->shown);
    owner->shown = shown;
    count = take_words(name, &words);
    if (count == 0 || (count == 1 && words.len < BRAND_NAME_LETTERS + strlen("  ")))
        return OK;
    return add_phrase(brands, owner, buf_slice(&words));
}

int brands_add_origin(struct brands *brands, const char *tenant, struct slice origin)
{
    const char *scheme = memmem(origin.data, origin.len, "://", 3);
    struct owner *owner = owner_of(brands, tenant);
    struct slice host = SLICE_NONE;
    const char *port;
    AUTO_BUF words;

    buf_init(&words, WORDS_MAX_BYTES);
    if (owner == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (scheme != NULL)
        host = (struct slice){ scheme + 3, origin.len - (size_t)(scheme + 3 - origin.data) };
    if (slice_starts_with(host, "www."))
        host = (struct slice){ host.data + 4, host.len - 4 };
    port = host.len == 0 ? NULL : memchr(host.data, ':', host.len);
    if (port != NULL)
        host.len = (size_t)(port - host.data);
    if (host.len < 2 || memchr(host.data, '.', host.len) == NULL ||
        (host.data[host.len - 1] >= '0' && host.data[host.len - 1] <= '9') ||
        take_words(host, &words) < 2)
        return OK;
    return add_phrase(brands, owner, buf_slice(&words));
}

static int add_stretch(struct brands *brands, struct owner *owner, struct slice text)
{
    AUTO_BUF words;

    buf_init(&words, WORDS_MAX_BYTES);
    if (take_words(text, &words) < BRAND_CANNED_WORDS)
        return OK;
    return add_phrase(brands, owner, buf_slice(&words));
}

/* What stands between placeholders and line breaks. */
static int add_stretches(struct brands *brands, struct owner *owner, struct slice text)
{
    size_t begin = 0;
    int rc = OK;

    for (size_t i = 0; rc == OK && i <= text.len; i++) {
        if (i < text.len && text.data[i] != '{' && text.data[i] != '}' && text.data[i] != '\\')
            continue;
        if (i == text.len || text.data[i] != '}')
            rc = add_stretch(brands, owner, (struct slice){ text.data + begin, i - begin });
        begin = i + (i < text.len && text.data[i] == '\\' ? 2 : 1);
        if (begin > text.len)
            break;
    }
    return rc;
}

int brands_add_canned(struct brands *brands, const char *tenant, const char *lines)
{
    struct owner *owner = owner_of(brands, tenant);
    int rc = owner == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    while (rc == OK && *lines != '\0') {
        size_t len = strcspn(lines, "\n"), name = strcspn(lines, ":\n");

        if (name < len)
            rc = add_stretches(brands, owner, (struct slice){ lines + name + 1, len - name - 1 });
        lines += len + (lines[len] == '\n');
    }
    return rc;
}

/* --- finding --- */

/* The longest phrase that begins here; of equal ones our own. */
static const struct phrase *match_at(const struct brands *brands, const char *own,
                                     struct slice rest)
{
    const struct slice word = first_of(rest.data);
    const struct phrase *phrase, *best = NULL;
    const struct first_word *first;
    size_t best_len = 0;

    HASH_FIND(hh, brands->words, word.data, word.len, first);
    if (first == NULL)
        return NULL;
    LL_FOREACH(first->phrases, phrase)
    {
        size_t len = strlen(phrase->words);
        bool ours = strcmp(phrase->owner->tenant, own) == 0;

        if (!slice_starts_with(rest, phrase->words) || len < best_len || (len == best_len && !ours))
            continue;
        best = phrase;
        best_len = len;
    }
    return best;
}

const char *brands_named(const struct brands *brands, const char *own, struct slice text)
{
    struct slice rest;
    AUTO_BUF words;

    buf_init(&words, WORDS_MAX_BYTES);
    if (brands->words == NULL || take_words(text, &words) == 0)
        return NULL;
    for (rest = buf_slice(&words); rest.len > 1;) {
        const struct phrase *phrase = match_at(brands, own, rest);
        size_t passed = 1 + first_of(rest.data).len;

        if (phrase != NULL && strcmp(phrase->owner->tenant, own) != 0)
            return phrase->owner->shown;
        if (phrase != NULL)
            passed = strlen(phrase->words) - 1;
        rest = (struct slice){ rest.data + passed, rest.len - passed };
    }
    return NULL;
}
