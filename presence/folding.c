/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/folding.h"

#include "base/format/text.h"
#include "presence/coder/voikko.h"

#include <libstemmer.h>
#include <string.h>
#include <utf8proc.h>

enum {
    WORD_MAX_BYTES = 256,
    LANGUAGES = 3,
    FINNISH = 0,
    FINNISH_STEM =
        LANGUAGES + 1, /* without its base form, as it was indexed where there was no Voikko */
    FORMS_MAX = LANGUAGES + 2,
    CONTEXT_WORDS = 6,
    KNOWN = 4096,
    KNOWN_BYTES = 40 /* base forms remembered, by words no longer than that */
};

/* Between a message's last word and those as written, and between such as did not stand side by
 * side: no phrase reaches over it, for it is a token of the index (private use) and a letter of no
 * query. */
#define BEHIND "\xee\x80\x80"

static const struct {
    const char *tag, *stemmer;
} languages[LANGUAGES] = { { "fi", "finnish" }, { "en", "english" }, { "sv", "swedish" } };

/* A word and its base form; the word is its own base where Voikko knows none. */
struct known {
    char word[KNOWN_BYTES], base[VOIKKO_BASE_BYTES];
};

struct folder {
    struct voikko *voikko; /* NULL: none */
    struct known *known;   /* owned; a place a hash, the latest word wins */
    struct sb_stemmer *stemmers[LANGUAGES];
};

struct folder *folder_free(struct folder *folder)
{
    for (size_t i = 0; folder != NULL && i < LANGUAGES; i++)
        if (folder->stemmers[i] != NULL)
            sb_stemmer_delete(folder->stemmers[i]);
    if (folder != NULL) {
        folder->voikko = voikko_free(folder->voikko);
        free(folder->known);
    }
    free(folder);
    return NULL;
}

struct folder *folder_new(bool bases)
{
    AUTO(folder) folder = calloc(1, sizeof(*folder));
    struct folder *made = folder;

    for (size_t i = 0; folder != NULL && i < LANGUAGES; i++) {
        folder->stemmers[i] = sb_stemmer_new(languages[i].stemmer, "UTF_8");
        if (folder->stemmers[i] == NULL)
            return NULL;
    }
    if (folder != NULL && bases && voikko_open(&folder->voikko) == OK) {
        folder->known = calloc(KNOWN, sizeof(*folder->known));
        if (folder->known == NULL)
            return NULL;
    }
    folder = NULL;
    return made;
}

const char *folder_source(const struct folder *folder)
{
    return folder->voikko != NULL ? "voikko 3" : "stems 3";
}

/* --- words --- */

static bool is_wordy(int32_t point)
{
    utf8proc_category_t category;

    if (point < 0x80) /* by far the most */
        return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z') ||
               (point >= '0' && point <= '9');
    category = utf8proc_category(point);

    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_MN) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

/* The next word at or after *at, which moves behind it. */
static struct slice next_word(struct slice text, size_t *at)
{
    size_t from = *at, to;
    int32_t point;
    utf8proc_ssize_t used = 1;

    for (; from<text.len; from += used> 0 ? (size_t)used : 1) {
        used = utf8proc_iterate((const utf8proc_uint8_t *)text.data + from,
                                (utf8proc_ssize_t)(text.len - from), &point);
        if (used > 0 && is_wordy(point))
            break;
    }
    for (to = from; to < text.len; to += (size_t)used) {
        used = utf8proc_iterate((const utf8proc_uint8_t *)text.data + to,
                                (utf8proc_ssize_t)(text.len - to), &point);
        if (used <= 0 || !is_wordy(point))
            break;
    }
    *at = to;
    return (struct slice){ text.data + from, to - from };
}

/* The same for words in ASCII, without a table. */
static bool fold_ascii(struct slice word, char folded[WORD_MAX_BYTES])
{
    if (word.len == 0 || word.len >= WORD_MAX_BYTES)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.data[i];

        if (c >= 0x80)
            return false;
        folded[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    folded[word.len] = '\0';
    return true;
}

/* Case folded; longer words are cut, in index and query alike. False: empty. */
static bool fold(struct slice word, char folded[WORD_MAX_BYTES])
{
    utf8proc_uint8_t *out = NULL;
    size_t len;

    if (fold_ascii(word, folded))
        return true;
    if (word.len == 0)
        return false;
    if (utf8proc_map((const utf8proc_uint8_t *)word.data, (utf8proc_ssize_t)word.len, &out,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD) < 0)
        return false;
    len = strnlen((char *)out, WORD_MAX_BYTES - 1);
    while (len > 0 && ((unsigned char)out[len] & 0xc0) == 0x80)
        len--;
    memcpy(folded, out, len);
    folded[len] = '\0';
    free(out);
    return len > 0;
}

static struct slice stem(struct folder *folder, size_t language, const char *folded)
{
    struct sb_stemmer *stemmer = folder->stemmers[language];
    const sb_symbol *stemmed =
        sb_stemmer_stem(stemmer, (const sb_symbol *)folded, (int)strlen(folded));

    return stemmed == NULL
               ? slice_of(folded)
               : (struct slice){ (const char *)stemmed, (size_t)sb_stemmer_length(stemmer) };
}

static size_t language_of(struct slice tag)
{
    size_t i = 0;

    while (i < LANGUAGES &&
           !(slice_starts_with(tag, languages[i].tag) && (tag.len == 2 || tag.data[2] == '-')))
        i++;
    return i;
}

static void ask_voikko(struct folder *folder, const char *word, char base[VOIKKO_BASE_BYTES])
{
    struct voikko_word known;
    bool found = voikko_read(folder->voikko, slice_of(word), &known) == OK;

    (void)slice_copy(found ? (struct slice){ known.base, known.base_len } : slice_of(word), base,
                     VOIKKO_BASE_BYTES);
}

/* Asked once a word, as long as no other takes its place. */
static const char *base_of(struct folder *folder, const char *word)
{
    uint32_t hash = 2166136261u;
    size_t len = strlen(word);
    struct known *known;

    if (folder->voikko == NULL || len >= KNOWN_BYTES)
        return word;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)word[i]) * 16777619u;
    known = &folder->known[hash % KNOWN];
    if (strcmp(known->word, word) != 0) {
        memcpy(known->word, word, len + 1);
        ask_voikko(folder, word, known->base);
    }
    return known->base;
}

/* As it stands in the index; LANGUAGES is a language we do not know. */
static struct slice indexed(struct folder *folder, size_t language, const char *folded)
{
    if (language == FINNISH)
        return stem(folder, FINNISH, base_of(folder, folded));
    if (language == FINNISH_STEM)
        return stem(folder, FINNISH, folded);
    return language < LANGUAGES ? stem(folder, language, folded) : slice_of(folded);
}

static void add_word(struct buf *to, struct slice word)
{
    buf_add_text(to, to->len > 0 ? " " : "");
    buf_add_slice(to, word);
}

/* Those whose beginnings are not all beginnings of what is indexed. */
static void add_as_written(struct folder *folder, size_t language, struct slice text,
                           struct buf *to)
{
    char folded[WORD_MAX_BYTES];
    bool apart = true;
    size_t at = 0;
    struct slice word;

    while ((word = next_word(text, &at)).len > 0) {
        if (!fold(word, folded) || slice_starts_with(indexed(folder, language, folded), folded)) {
            apart = true;
            continue;
        }
        if (apart)
            add_word(to, SLICE_LITERAL(BEHIND));
        apart = false;
        add_word(to, slice_of(folded));
    }
}

void folder_words(struct folder *folder, struct slice language, struct slice text, struct buf *to)
{
    size_t which = language_of(language), at = 0;
    char folded[WORD_MAX_BYTES];
    struct slice word;

    buf_add_text(to, "");
    while ((word = next_word(text, &at)).len > 0)
        if (fold(word, folded))
            add_word(to, indexed(folder, which, folded));
    if (which < LANGUAGES)
        add_as_written(folder, which, text, to);
}

/* --- queries --- */

/* One thing asked for: a word, a phrase, or how a word begins. */
struct term {
    struct slice text;
    bool phrase, prefix;
};

static bool next_term(struct slice *rest, struct term *ret_term)
{
    size_t at = 0, to;
    const char *quote;

    while (at < rest->len && strchr(" \t\n", rest->data[at]) != NULL)
        at++;
    if (at >= rest->len)
        return false;
    if (rest->data[at] == '"') {
        quote = memchr(rest->data + at + 1, '"', rest->len - at - 1);
        to = quote != NULL ? (size_t)(quote - rest->data) : rest->len;
        *ret_term = (struct term){ { rest->data + at + 1, to - at - 1 }, true, false };
        to += quote != NULL;
    } else {
        for (to = at; to < rest->len && strchr(" \t\n\"", rest->data[to]) == NULL;)
            to++;
        *ret_term = (struct term){ { rest->data + at, to - at }, false, rest->data[to - 1] == '*' };
    }
    *rest = (struct slice){ rest->data + to, rest->len - to };
    return true;
}

/* The words of a term as one language has them: "lasku maksa". Only letters and digits, so the
 * quotes around it hold. */
static void add_form(struct folder *folder, size_t language, struct slice text, struct buf *to)
{
    char folded[WORD_MAX_BYTES];
    size_t at = 0, before = to->len;
    struct slice word;

    while ((word = next_word(text, &at)).len > 0) {
        if (!fold(word, folded))
            continue;
        buf_add_text(to, to->len > before ? " " : "");
        buf_add_slice(to, indexed(folder, language, folded));
    }
}

/* The form as written first: begin* is asked of it alone. */
static const size_t form_languages[FORMS_MAX] = { LANGUAGES, 2, 1, FINNISH, FINNISH_STEM };

/* ("lasku" OR "laskun"): in every language it might be in, each form once. */
static bool add_term(struct folder *folder, const struct term *term, struct buf *to)
{
    struct buf forms[FORMS_MAX];
    const char *sep = "(";

    for (size_t i = 0; i < FORMS_MAX; i++) {
        bool known = false;

        buf_init(&forms[i], 64 * 1024);
        buf_add_text(&forms[i], "");
        add_form(folder, form_languages[i], term->text, &forms[i]);
        for (size_t j = 0; j < i; j++)
            known = known || strcmp(forms[j].data, forms[i].data) == 0;
        if (known || forms[i].len == 0)
            continue;
        buf_addf(to, "%s\"%s\"%s", sep, forms[i].data, term->prefix && i == 0 ? " *" : "");
        sep = " OR ";
    }
    for (size_t i = 0; i < FORMS_MAX; i++)
        buf_release(&forms[i]);
    buf_add_text(to, sep[0] == '(' ? "" : ")");
    return sep[0] != '(';
}

int folder_query(struct folder *folder, struct slice query, const char *column, struct buf *to)
{
    struct term term;
    size_t terms = 0;
    AUTO_BUF all;

    buf_init(&all, 64 * 1024);
    while (next_term(&query, &term)) {
        size_t before = all.len;

        if (terms == QUERY_TERMS_MAX)
            return FOLDING_E_LONG;
        buf_add_text(&all, terms > 0 ? " AND " : "");
        if (add_term(folder, &term, &all)) {
            terms++;
        } else {
            all.len = before; /* marks only, as in "lasku ?" */
            if (all.data != NULL)
                all.data[before] = '\0';
        }
    }
    if (terms == 0)
        return FOLDING_E_EMPTY;
    if (column[0] != '\0')
        buf_addf(to, "%s : (%s)", column, all.data);
    else
        buf_add_slice(to, buf_slice(&all));
    return buf_failed(&all) || buf_failed(to) ? FOLDING_E_LONG : OK;
}

/* --- snippets --- */

static bool word_is_asked_for(struct folder *folder, size_t language, const char *folded,
                              struct slice query)
{
    char own[WORD_MAX_BYTES], asked[WORD_MAX_BYTES];
    struct term term;

    (void)slice_copy(indexed(folder, language, folded), own, sizeof(own));
    while (next_term(&query, &term)) {
        size_t at = 0;
        struct slice word;

        while ((word = next_word(term.text, &at)).len > 0) {
            if (!fold(word, asked))
                continue;
            if (term.prefix && strncmp(folded, asked, strlen(asked)) == 0)
                return true;
            if (slice_is(indexed(folder, language, asked), own) || strcmp(asked, own) == 0)
                return true;
        }
    }
    return false;
}

/* Where to begin, so that some words stand before the first one found. */
static size_t begin_of(struct folder *folder, size_t language, struct slice text,
                       struct slice query)
{
    size_t starts[CONTEXT_WORDS] = { 0 }, count = 0, at = 0;
    char folded[WORD_MAX_BYTES];
    struct slice word;

    while ((word = next_word(text, &at)).len > 0) {
        if (fold(word, folded) && word_is_asked_for(folder, language, folded, query))
            return count < CONTEXT_WORDS ? 0 : starts[count % CONTEXT_WORDS];
        starts[count++ % CONTEXT_WORDS] = (size_t)(word.data - text.data);
    }
    return 0;
}

void folder_snippet(struct folder *folder, struct slice language, struct slice text,
                    struct slice query, size_t points, struct buf *to)
{
    size_t which = language_of(language), from = begin_of(folder, which, text, query), at = 0,
           put = 0;
    struct slice rest = { text.data + from, text.len - from }, word;
    char folded[WORD_MAX_BYTES];
    AUTO_BUF marked;

    buf_init(&marked, 64 * 1024);
    buf_add_text(&marked, from > 0 ? "… " : "");
    while (text_points(buf_slice(&marked)) < 2 * points && (word = next_word(rest, &at)).len > 0) {
        size_t start = (size_t)(word.data - rest.data);
        bool asked = fold(word, folded) && word_is_asked_for(folder, which, folded, query);

        buf_add(&marked, rest.data + put, start - put);
        buf_add_text(&marked, asked ? "[" : "");
        buf_add_slice(&marked, word);
        buf_add_text(&marked, asked ? "]" : "");
        put = at;
    }
    if (at >= rest.len || next_word(rest, &at).len == 0)
        buf_add(&marked, rest.data + put, rest.len - put);
    text_one_line(buf_slice(&marked), points, to);
}
