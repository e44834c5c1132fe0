/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/rules.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *word;
    enum element_kind kind;
} places[] = {
    { "START", ELEMENT_START },   { "END", ELEMENT_END },   { "SENTENCE", ELEMENT_SENTENCE },
    { "CLAUSE", ELEMENT_CLAUSE }, { "STOP", ELEMENT_STOP }, { "{", ELEMENT_OPEN },
    { "}", ELEMENT_CLOSE },
};

#define CLASS_NAME(name, test) #name,
static const char *const class_names[TOKEN_CLASS_COUNT] = { TOKEN_CLASSES(CLASS_NAME) };
#undef CLASS_NAME

void choice_release(struct choice *choice)
{
    free(choice->words);
    free(choice->bases);
    free(choice->heads);
    free(choice->tails);
    *choice = (struct choice){ 0 };
}

void patterns_release(struct patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++) {
        for (size_t k = 0; k < patterns->at[i].count; k++) {
            choice_release(&patterns->at[i].elements[k].takes);
            choice_release(&patterns->at[i].elements[k].not );
        }
        free(patterns->at[i].elements);
    }
    free(patterns->at);
    *patterns = (struct patterns){ 0 };
}

static int add_number(int32_t **numbers, size_t *count, int32_t number)
{
    int32_t *grown = realloc(*numbers, (*count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    grown[(*count)++] = number;
    *numbers = grown;
    return OK;
}

static int add_text(struct slice **texts, size_t *count, struct slice text)
{
    struct slice *grown = realloc(*texts, (*count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    grown[(*count)++] = text;
    *texts = grown;
    return OK;
}

static int add_class(struct slice name, const struct rules_place *place, struct choice *to)
{
    for (size_t i = 0; i < TOKEN_CLASS_COUNT; i++) {
        if (slice_is(name, class_names[i])) {
            to->classes |= 1u << i;
            return OK;
        }
    }
    return rules_fault(place, "there is no class %.*s; words are written in lower case",
                       SLICE_ARG(name));
}

/* The next run of bytes that are no white space; none at the end. */
static struct slice next_item(struct slice text, size_t *at)
{
    size_t from;

    while (*at < text.len && strchr(" \t\n", text.data[*at]) != NULL)
        (*at)++;
    if (*at >= text.len)
        return SLICE_NONE;
    from = *at;
    while (*at < text.len && strchr(" \t\n", text.data[*at]) == NULL)
        (*at)++;
    return (struct slice){ text.data + from, *at - from };
}

/* The list of that name in this language, else in "any". */
static const struct word_list *find_list(const struct presence_rules *rules, size_t language,
                                         struct slice name)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < rules->list_count; i++) {
            const struct word_list *list = &rules->lists[i];
            bool ours = pass == 0 ? list->language == language
                                  : strcmp(rules->languages[list->language], "any") == 0;

            if (ours && slice_equal(list->name, name))
                return list;
        }
    }
    return NULL;
}

static size_t end_of_line(struct slice text, size_t at)
{
    while (at < text.len && text.data[at] != '\n')
        at++;
    return at;
}

static int add_list(struct presence_rules *rules, size_t language, struct slice name,
                    const struct rules_place *place, struct choice *to)
{
    const struct word_list *list = find_list(rules, language, name);
    int rc = OK;

    if (list == NULL)
        return rules_fault(place, "there is no list @%.*s", SLICE_ARG(name));
    for (size_t at = 0; rc == OK;) {
        struct slice word = next_item(list->words, &at);

        if (word.len == 0)
            break;
        if (word.data[0] == '#') {
            at = end_of_line(list->words, at);
            continue;
        }
        if (word.data[0] == '@')
            return rules_fault(place, "the list @%.*s names another list; write its words",
                               SLICE_ARG(name));
        rc = choice_add(rules, language, word, place, to);
    }
    return rc;
}

static bool is_class(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < 'A' || text.data[i] > 'Z')
            return false;
    }
    return text.len > 1;
}

static int add_word(struct presence_rules *rules, struct slice text, int32_t **numbers,
                    size_t *count)
{
    int32_t id;
    int rc = lexicon_add(&rules->lexicon, text, &id);

    return rc != OK ? TRACE(rc) : add_number(numbers, count, id);
}

int choice_add(struct presence_rules *rules, size_t language, struct slice text,
               const struct rules_place *place, struct choice *to)
{
    struct slice rest = { text.data + 1, text.len - 1 };

    if (text.len == 0)
        return rules_fault(place, "a choice is empty: nothing stands beside the |");
    if (text.len > 1 && text.data[0] == '@')
        return add_list(rules, language, rest, place, to);
    if (text.len > 1 && text.data[0] == '~')
        return add_word(rules, stems_find(&rules->stems[language], rest), &to->bases,
                        &to->base_count);
    if (text.len > 1 && text.data[0] == '*')
        return add_text(&to->tails, &to->tail_count, rest);
    if (text.len > 1 && text.data[text.len - 1] == '*')
        return add_text(&to->heads, &to->head_count, (struct slice){ text.data, text.len - 1 });
    if (is_class(text))
        return add_class(text, place, to);
    return add_word(rules, text, &to->words, &to->word_count);
}

static int by_number(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;

    return (left > right) - (left < right);
}

void choice_seal(struct choice *choice)
{
    if (choice->word_count > 1)
        qsort(choice->words, choice->word_count, sizeof(choice->words[0]), by_number);
    if (choice->base_count > 1)
        qsort(choice->bases, choice->base_count, sizeof(choice->bases[0]), by_number);
}

static int read_choices(struct presence_rules *rules, size_t language, struct slice text,
                        const struct rules_place *place, struct choice *to)
{
    size_t from = 0;

    for (size_t i = 0; i <= text.len; i++) {
        int rc;

        if (i < text.len && text.data[i] != '|')
            continue;
        rc = choice_add(rules, language, (struct slice){ text.data + from, i - from }, place, to);
        if (rc != OK)
            return rc;
        from = i + 1;
    }
    choice_seal(to);
    return OK;
}

static int read_gap(struct slice item, const struct rules_place *place, struct element *element)
{
    element->kind = ELEMENT_GAP;
    element->gap = 3;
    if (item.len == 2)
        return OK;
    if (item.len != 3 || item.data[2] < '1' || item.data[2] > '0' + PATTERN_MAX_GAP)
        return rules_fault(place, "a gap is .. or ..1 to ..%d, not %.*s", PATTERN_MAX_GAP,
                           SLICE_ARG(item));
    element->gap = (unsigned)(item.data[2] - '0');
    return OK;
}

/* word|other!but|not, with ? after it when it may be missing */
static int read_token(struct presence_rules *rules, size_t language, struct slice item,
                      const struct rules_place *place, struct element *element)
{
    const char *but;
    struct slice takes;
    int rc;

    element->kind = ELEMENT_TOKEN;
    if (item.len > 1 && item.data[item.len - 1] == '?') {
        element->optional = true;
        item.len--;
    }
    if (item.len == 1 && strchr(",.:;!?-()", item.data[0]) != NULL) {
        element->mark = item.data[0];
        return OK;
    }
    but = memchr(item.data, '!', item.len);
    takes = but == NULL ? item : (struct slice){ item.data, (size_t)(but - item.data) };
    element->any = takes.len == 0;
    rc = takes.len == 0 ? OK : read_choices(rules, language, takes, place, &element->takes);
    if (rc != OK || but == NULL)
        return rc;
    return read_choices(rules, language, (struct slice){ but + 1, item.len - takes.len - 1 }, place,
                        &element->not );
}

static int read_element(struct presence_rules *rules, size_t language, struct slice item,
                        const struct rules_place *place, struct element *element)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (slice_is(item, places[i].word)) {
            element->kind = places[i].kind;
            return OK;
        }
    }
    if (slice_starts_with(item, ".."))
        return read_gap(item, place, element);
    return read_token(rules, language, item, place, element);
}

/* What keeps matching linear in the text: few gaps, few elements that may be missing. */
static int check(const struct pattern *pattern, const struct rules_place *place)
{
    size_t gaps = 0, optional = 0, tokens = 0, opened = 0, closed = 0;

    for (size_t i = 0; i < pattern->count; i++) {
        const struct element *element = &pattern->elements[i];

        gaps += element->kind == ELEMENT_GAP;
        optional += element->optional;
        tokens += element->kind == ELEMENT_TOKEN && !element->optional;
        opened += element->kind == ELEMENT_OPEN;
        closed += element->kind == ELEMENT_CLOSE;
    }
    if (tokens == 0)
        return rules_fault(place, "the pattern takes no word for certain");
    if (gaps > PATTERN_MAX_GAPS || optional > PATTERN_MAX_OPTIONAL)
        return rules_fault(place, "at most %d gaps and %d words that may be missing",
                           PATTERN_MAX_GAPS, PATTERN_MAX_OPTIONAL);
    if (opened != closed || opened > 1)
        return rules_fault(place, "{ and } mark one span, once");
    return OK;
}

static int read_elements(struct presence_rules *rules, size_t language, struct slice text,
                         const struct rules_place *place, struct pattern *pattern)
{
    for (size_t at = 0;;) {
        struct slice item = next_item(text, &at);
        int rc;

        if (item.len == 0)
            return check(pattern, place);
        if (pattern->count == PATTERN_MAX_ELEMENTS)
            return rules_fault(place, "a pattern has at most %d words", PATTERN_MAX_ELEMENTS);
        rc = read_element(rules, language, item, place, &pattern->elements[pattern->count++]);
        if (rc != OK)
            return rc;
    }
}

int pattern_read(struct presence_rules *rules, size_t language, struct slice text,
                 const struct rules_place *place, struct patterns *to)
{
    struct pattern *grown = realloc(to->at, (to->count + 1) * sizeof(*grown));
    struct pattern *pattern;

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    to->at = grown;
    pattern = &to->at[to->count];
    *pattern =
        (struct pattern){ .elements = calloc(PATTERN_MAX_ELEMENTS, sizeof(pattern->elements[0])) };
    if (pattern->elements == NULL)
        return RAISE(ERR_NO_MEMORY);
    to->count++;
    return read_elements(rules, language, text, place, pattern);
}
