/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule files, line by line: a word at the margin opens a block, indented lines belong to it,
 * # begins a comment. The words a line may begin with are the two tables below.
 */
#include "presence/coder/rules_parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rules_fault(const struct rules_place *place, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_addf(place->problems, "%s:%u: %s\n", place->path, place->line, text);
    return ERR_CONFIG;
}

bool rules_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct slice rules_trimmed(struct slice text)
{
    while (text.len > 0 && rules_is_blank(text.data[0]))
        text.data++, text.len--;
    while (text.len > 0 && rules_is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

struct slice rules_take_word(struct slice *rest)
{
    size_t len = 0;
    struct slice word;

    *rest = rules_trimmed(*rest);
    while (len < rest->len && !rules_is_blank(rest->data[len]))
        len++;
    word = (struct slice){ rest->data, len };
    *rest = rules_trimmed((struct slice){ rest->data + len, rest->len - len });
    return word;
}

/* The next line of a file without its comment; false at the end. */
static bool next_line(struct slice text, size_t *at, struct slice *ret_line)
{
    size_t from = *at, end = from;
    const char *comment;

    if (from >= text.len)
        return false;
    while (end < text.len && text.data[end] != '\n')
        end++;
    *at = end + 1;
    *ret_line = (struct slice){ text.data + from, end - from };
    comment = memchr(ret_line->data, '#', ret_line->len);
    if (comment != NULL && (comment == ret_line->data || rules_is_blank(comment[-1])))
        ret_line->len = (size_t)(comment - ret_line->data);
    return true;
}

/* Ids are what codes are stored under: they must be told apart for ever. */
static int check_id(const struct parser *parser, struct slice id)
{
    if (id.len == 0 || id.len > 60)
        return rules_fault(&parser->place, "a rule needs an id of at most 60 characters");
    for (size_t i = 0; i < parser->rules->rule_count; i++) {
        if (slice_is(id, parser->rules->rules[i].id))
            return rules_fault(&parser->place, "the id %.*s is taken by line %u of %s",
                               SLICE_ARG(id), parser->rules->rules[i].line,
                               parser->rules->files[parser->rules->rules[i].file].path);
    }
    return OK;
}

static int open_rule(struct parser *parser, struct slice id)
{
    struct presence_rules *rules = parser->rules;
    struct rule *grown;
    int rc = check_id(parser, id);

    if (rc != OK)
        return rc;
    grown = realloc(rules->rules, (rules->rule_count + 1) * sizeof(*grown));
    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    rules->rules = grown;
    parser->rule = &grown[rules->rule_count];
    *parser->rule = (struct rule){ .id = slice_dup(id),
                                   .language = parser->language,
                                   .file = parser->file,
                                   .line = parser->place.line };
    if (parser->rule->id == NULL)
        return RAISE(ERR_NO_MEMORY);
    rules->rule_count++;
    parser->block = BLOCK_RULE;
    return OK;
}

static int read_rule(struct parser *parser, struct slice rest)
{
    struct slice id = rules_take_word(&rest);
    int rc = open_rule(parser, id);

    if (rc != OK)
        return rc;
    if (presence_code_find(rest, &parser->rule->code) != 0)
        return rules_fault(&parser->place, "there is no code \"%.*s\"; write: rule ID CODE",
                           SLICE_ARG(rest));
    return OK;
}

static int read_names(struct parser *parser, struct slice rest)
{
    int rc = open_rule(parser, rest);

    if (rc == OK)
        parser->rule->names = true;
    return rc;
}

static int read_version(struct parser *parser, struct slice rest)
{
    char *declared = parser->rules->declared;

    if (rest.len == 0 || rest.len >= sizeof(parser->rules->declared))
        return rules_fault(&parser->place, "a version has 1 to 15 characters");
    if (declared[0] != '\0' && !slice_is(rest, declared))
        return rules_fault(&parser->place, "version %.*s, but another file says %s",
                           SLICE_ARG(rest), declared);
    (void)slice_copy(rest, declared, sizeof(parser->rules->declared));
    return OK;
}

static int read_list(struct parser *parser, struct slice rest)
{
    parser->block = BLOCK_LIST; /* rules_gather_lists has it already */
    return rest.len > 0 ? OK : rules_fault(&parser->place, "a list needs a name");
}

static int read_plain(struct parser *parser, struct slice rest)
{
    parser->block = BLOCK_PLAIN;
    return rest.len == 0 ? OK : rules_fault(&parser->place, "words go on lines of their own");
}

static int read_common(struct parser *parser, struct slice rest)
{
    parser->block = BLOCK_COMMON;
    return rest.len == 0 ? OK : rules_fault(&parser->place, "words go on lines of their own");
}

static const struct keyword at_margin[] = {
    { "version", read_version }, /* of the rules as a whole; every file that says one agrees */
    { "list", read_list },       /* words for use as @name */
    { "plain", read_plain },     /* word = other spellings of it */
    { "common", read_common },   /* words by which the language is known */
    { "rule", read_rule },       /* rule ID CODE */
    { "names", read_names },     /* names ID: what { } holds is a name in this conversation */
};

/* minä = mä mää mie */
static int read_plain_line(struct parser *parser, struct slice line)
{
    struct lexicon *lexicon = &parser->rules->lexicon;
    struct slice plain = rules_take_word(&line), equals = rules_take_word(&line);
    int32_t to, from;
    int rc = lexicon_add(lexicon, plain, &to);

    if (rc == OK && (!slice_is(equals, "=") || line.len == 0))
        return rules_fault(&parser->place, "write: word = spelling spelling");
    while (rc == OK && line.len > 0) {
        rc = lexicon_add(lexicon, rules_take_word(&line), &from);
        if (rc == OK)
            lexicon->words[from].plain[parser->language] = to;
    }
    return rc;
}

static int read_common_line(struct parser *parser, struct slice line)
{
    struct lexicon *lexicon = &parser->rules->lexicon;
    int32_t id;
    int rc = OK;

    while (rc == OK && line.len > 0) {
        rc = lexicon_add(lexicon, rules_take_word(&line), &id);
        if (rc == OK)
            lexicon->words[id].languages |= 1u << parser->language;
    }
    return rc;
}

int rules_dispatch(struct parser *parser, const struct keyword *words, size_t count,
                   struct slice line)
{
    struct slice word = rules_take_word(&line);

    for (size_t i = 0; i < count; i++) {
        if (slice_is(word, words[i].word))
            return words[i].read(parser, line);
    }
    return rules_fault(&parser->place, "\"%.*s\" begins no line here", SLICE_ARG(word));
}

static int close_block(struct parser *parser)
{
    const struct rule *rule = parser->rule;

    parser->block = BLOCK_NONE;
    parser->rule = NULL;
    if (rule != NULL && rule->match.count == 0)
        return rules_fault(&parser->place, "rule %s matches nothing: it has no match line",
                           rule->id);
    return OK;
}

static int read_line(struct parser *parser, struct slice line)
{
    bool indented = rules_is_blank(line.data[0]);

    if (!indented) {
        int rc = close_block(parser);

        return rc != OK ? rc
                        : rules_dispatch(parser, at_margin,
                                         sizeof(at_margin) / sizeof(at_margin[0]), line);
    }
    line = rules_trimmed(line);
    switch (parser->block) {
    case BLOCK_RULE:
        return rules_read_rule_line(parser, line);
    case BLOCK_PLAIN:
        return read_plain_line(parser, line);
    case BLOCK_COMMON:
        return read_common_line(parser, line);
    case BLOCK_LIST:
        return OK;
    default:
        return rules_fault(&parser->place, "an indented line belongs to no block");
    }
}

static struct slice file_text(const struct presence_rules *rules, size_t file)
{
    return (struct slice){ rules->files[file].text, rules->files[file].len };
}

int rules_read_file(struct presence_rules *rules, size_t file, struct buf *problems)
{
    struct parser parser = { .rules = rules,
                             .place = { rules->files[file].path, 0, problems },
                             .file = file,
                             .language = rules->files[file].language };
    struct slice text = file_text(rules, file), line;
    int first = OK, rc;

    /* All faults of a file are told, not only the first. */
    for (size_t at = 0; next_line(text, &at, &line);) {
        parser.place.line++;
        rc = rules_trimmed(line).len == 0 ? OK : read_line(&parser, line);
        if (rc != OK && rc != ERR_CONFIG)
            return TRACE(rc);
        first = first == OK ? rc : first;
    }
    rc = close_block(&parser);
    return first == OK ? rc : first;
}

static int add_list(struct presence_rules *rules, const struct word_list *list,
                    const struct rules_place *place)
{
    struct word_list *grown;

    for (size_t i = 0; i < rules->list_count; i++) {
        if (rules->lists[i].language == list->language &&
            slice_equal(rules->lists[i].name, list->name))
            return rules_fault(place, "there is a list %.*s already", SLICE_ARG(list->name));
    }
    grown = realloc(rules->lists, (rules->list_count + 1) * sizeof(*grown));
    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    rules->lists = grown;
    grown[rules->list_count++] = *list;
    return OK;
}

/* A list's words reach to the next line at the margin: one run of the file's own text, comments
 * and all. */
int rules_gather_lists(struct presence_rules *rules, size_t file, struct buf *problems)
{
    struct slice text = file_text(rules, file), line;
    struct rules_place place = { rules->files[file].path, 0, problems };
    struct word_list *open = NULL;

    for (size_t at = 0; next_line(text, &at, &line);) {
        struct word_list list = { .language = rules->files[file].language };
        int rc;

        place.line++;
        if (line.len == 0)
            continue;
        if (rules_is_blank(line.data[0])) {
            if (open != NULL && rules_trimmed(line).len > 0) {
                line = rules_trimmed(line);
                open->words.data = open->words.data == NULL ? line.data : open->words.data;
                open->words.len = (size_t)(line.data + line.len - open->words.data);
            }
            continue;
        }
        open = NULL;
        if (!slice_is(rules_take_word(&line), "list") || line.len == 0)
            continue;
        list.name = line;
        rc = add_list(rules, &list, &place);
        if (rc != OK)
            return rc;
        open = &rules->lists[rules->list_count - 1];
    }
    return OK;
}
