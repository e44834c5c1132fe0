/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule files, line by line: a word at the margin opens a block, indented lines belong to it,
 * # begins a comment. The words a line may begin with are the two tables below.
 */
#include "presence/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum block { BLOCK_NONE, BLOCK_LIST, BLOCK_PLAIN, BLOCK_COMMON, BLOCK_RULE };

struct parser {
    struct presence_rules *rules;
    struct rules_place place;
    size_t file, language;
    enum block block;
    struct rule *rule; /* the one open, in BLOCK_RULE; borrowed */
};

struct keyword {
    const char *word;
    int (*read)(struct parser *parser, struct slice rest);
};

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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trimmed(struct slice text)
{
    while (text.len > 0 && is_blank(text.data[0]))
        text.data++, text.len--;
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* Takes the first word off. */
static struct slice take_word(struct slice *rest)
{
    size_t len = 0;
    struct slice word;

    *rest = trimmed(*rest);
    while (len < rest->len && !is_blank(rest->data[len]))
        len++;
    word = (struct slice){ rest->data, len };
    *rest = trimmed((struct slice){ rest->data + len, rest->len - len });
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
    if (comment != NULL && (comment == ret_line->data || is_blank(comment[-1])))
        ret_line->len = (size_t)(comment - ret_line->data);
    return true;
}

static int patterns_of(struct parser *parser, struct slice rest, struct patterns *to)
{
    return pattern_read(parser->rules, parser->language, rest, &parser->place, to);
}

static int read_match(struct parser *parser, struct slice rest)
{
    return patterns_of(parser, rest, &parser->rule->match);
}

static int read_unless(struct parser *parser, struct slice rest)
{
    return patterns_of(parser, rest, &parser->rule->unless);
}

static int read_never(struct parser *parser, struct slice rest)
{
    return patterns_of(parser, rest, &parser->rule->never);
}

static int read_codes(struct parser *parser, struct slice rest, presence_codes *to)
{
    while (rest.len > 0) {
        struct slice id = take_word(&rest);
        enum presence_code code;

        if (presence_code_find(id, &code) != 0)
            return rules_fault(&parser->place, "there is no code %.*s", SLICE_ARG(id));
        *to |= PRESENCE_CODE_BIT(code);
    }
    return *to == 0 ? rules_fault(&parser->place, "name at least one code") : OK;
}

static int read_with(struct parser *parser, struct slice rest)
{
    return read_codes(parser, rest, &parser->rule->with);
}

static int read_without(struct parser *parser, struct slice rest)
{
    return read_codes(parser, rest, &parser->rule->without);
}

static int read_after(struct parser *parser, struct slice rest)
{
    return read_codes(parser, rest, &parser->rule->after);
}

static int read_not_after(struct parser *parser, struct slice rest)
{
    return read_codes(parser, rest, &parser->rule->not_after);
}

static int read_place(struct parser *parser, struct slice rest, unsigned *first, unsigned *last)
{
    struct slice side = take_word(&rest);
    char digits[8];
    int n = slice_copy(rest, digits, sizeof(digits)) ? atoi(digits) : 0;

    if (n < 1 || n > 999 || (!slice_is(side, "first") && !slice_is(side, "last")))
        return rules_fault(&parser->place, "say first N or last N, N from 1 to 999");
    *(slice_is(side, "first") ? first : last) = (unsigned)n;
    return OK;
}

static int read_in_chat(struct parser *parser, struct slice rest)
{
    return read_place(parser, rest, &parser->rule->first, &parser->rule->last);
}

static int read_turn(struct parser *parser, struct slice rest)
{
    return read_place(parser, rest, &parser->rule->turn_first, &parser->rule->turn_last);
}

static int read_role(struct parser *parser, struct slice rest)
{
    if (slice_is(rest, "visitor"))
        parser->rule->roles = 1u << PRESENCE_VISITOR;
    else if (slice_is(rest, "agent"))
        parser->rule->roles = 1u << PRESENCE_AGENT;
    else
        return rules_fault(&parser->place, "a role is visitor or agent");
    return OK;
}

static int read_not_negated(struct parser *parser, struct slice rest)
{
    if (rest.len > 0)
        return rules_fault(&parser->place, "nothing follows not-negated");
    parser->rule->not_negated = true;
    return OK;
}

static int read_linked(struct parser *parser, struct slice rest)
{
    if (rest.len > 0)
        return rules_fault(&parser->place, "nothing follows linked");
    parser->rule->linked = true;
    return OK;
}

static int read_own(struct parser *parser, struct slice rest)
{
    if (!parser->rule->names || rest.len > 0)
        return rules_fault(&parser->place, "own stands alone, and in a names block");
    parser->rule->own = true;
    return OK;
}

static int add_example(struct parser *parser, struct slice text, bool hit)
{
    struct rule *rule = parser->rule;
    struct example *grown = realloc(rule->examples, (rule->example_count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    rule->examples = grown;
    grown[rule->example_count++] = (struct example){ text, parser->place.line, hit };
    return OK;
}

static int read_hit(struct parser *parser, struct slice rest)
{
    return add_example(parser, rest, true);
}

static int read_miss(struct parser *parser, struct slice rest)
{
    return add_example(parser, rest, false);
}

static const struct keyword in_rule[] = {
    { "match", read_match },     /* gives the code where this fits … */
    { "unless", read_unless },   /* … but not where this fits over it */
    { "never", read_never },     /* … nor in a message where this fits anywhere */
    { "with", read_with },       /* only in a message that bears one of these codes */
    { "without", read_without }, /* only in one that bears none of them */
    { "after", read_after },     /* only where what the other said before bears one of them */
    { "not-after", read_not_after },
    { "place", read_in_chat }, /* only among the first or last N
                                  messages of the chat */
    { "turn", read_turn },     /* … of the speaker */
    { "role", read_role },
    { "not-negated", read_not_negated },
    { "linked", read_linked }, /* only where the message points at the one it answers */
    { "own", read_own },       /* of names: the speaker's own, not whom they address */
    { "hit", read_hit },
    { "miss", read_miss },
};

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
    struct slice id = take_word(&rest);
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
    struct slice plain = take_word(&line), equals = take_word(&line);
    int32_t to, from;
    int rc = lexicon_add(lexicon, plain, &to);

    if (rc == OK && (!slice_is(equals, "=") || line.len == 0))
        return rules_fault(&parser->place, "write: word = spelling spelling");
    while (rc == OK && line.len > 0) {
        rc = lexicon_add(lexicon, take_word(&line), &from);
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
        rc = lexicon_add(lexicon, take_word(&line), &id);
        if (rc == OK)
            lexicon->words[id].languages |= 1u << parser->language;
    }
    return rc;
}

static int dispatch(struct parser *parser, const struct keyword *words, size_t count,
                    struct slice line)
{
    struct slice word = take_word(&line);

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
    bool indented = is_blank(line.data[0]);

    if (!indented) {
        int rc = close_block(parser);

        return rc != OK
                   ? rc
                   : dispatch(parser, at_margin, sizeof(at_margin) / sizeof(at_margin[0]), line);
    }
    line = trimmed(line);
    switch (parser->block) {
    case BLOCK_RULE:
        return dispatch(parser, in_rule, sizeof(in_rule) / sizeof(in_rule[0]), line);
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
        rc = trimmed(line).len == 0 ? OK : read_line(&parser, line);
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
        if (is_blank(line.data[0])) {
            if (open != NULL && trimmed(line).len > 0) {
                line = trimmed(line);
                open->words.data = open->words.data == NULL ? line.data : open->words.data;
                open->words.len = (size_t)(line.data + line.len - open->words.data);
            }
            continue;
        }
        open = NULL;
        if (!slice_is(take_word(&line), "list") || line.len == 0)
            continue;
        list.name = line;
        rc = add_list(rules, &list, &place);
        if (rc != OK)
            return rc;
        open = &rules->lists[rules->list_count - 1];
    }
    return OK;
}
