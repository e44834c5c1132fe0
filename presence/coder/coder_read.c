/* SPDX-License-Identifier: Apache-2.0
 *
 * A conversation made ready: every message as tokens, the language it is in, the words' numbers
 * in that language, and the names its parties go by.
 */
#include "presence/coder/coder_state.h"

#include <stdlib.h>
#include <string.h>

static bool is_coded(const struct presence_message *message)
{
    return message->origin == PRESENCE_TYPED &&
           (message->role == PRESENCE_VISITOR || message->role == PRESENCE_AGENT);
}

static int read_tokens(struct presence_coder *coder, const struct presence_message *message,
                       struct read_message *read, struct presence_outcome *outcome)
{
    int rc = points_read(&coder->points, message->text);

    *read = (struct read_message){ .role = message->role,
                                   .coded = is_coded(message),
                                   .linked = message->reply_to != PRESENCE_NO_REPLY };
    read->reading.tokens = &coder->tokens;
    read->reading.first = coder->tokens.count;
    if (rc == OK)
        rc = tokens_read(&coder->tokens, &coder->points);
    read->reading.end = coder->tokens.count;
    if (rc == POINTS_E_REFUSED) {
        outcome->refused += read->coded;
        outcome->left_out += !read->coded;
        read->coded = false;
        return OK;
    }
    if (rc != OK)
        return rc;
    outcome->coded += read->coded;
    outcome->left_out += !read->coded;
    if (read->coded) {
        read->ordinal = ++coder->coded;
        read->turn_ordinal = ++coder->turns[read->role];
    }
    return OK;
}

static int reserve(struct presence_coder *coder, size_t count)
{
    struct read_message *grown;

    if (count <= coder->cap)
        return OK;
    grown = realloc(coder->messages, count * sizeof(*grown));
    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    coder->messages = grown;
    coder->cap = count;
    return OK;
}

/* SIZE_MAX: there are no rules for what is declared, or nothing is. */
static size_t find_declared(const struct presence_rules *rules, struct slice declared)
{
    size_t k = 0;

    while (k < rules->language_count && !(declared.len >= 2 && strlen(rules->languages[k]) == 2 &&
                                          memcmp(declared.data, rules->languages[k], 2) == 0))
        k++;
    return k < rules->language_count ? k : SIZE_MAX;
}

/* Neighbours share words ("was", "in"): against what is declared, or where nothing is, a language
 * needs more than a fifth of all words, and against one we have no rules for more than a third. Of
 * chats that are in it English has two fifths at least, and Finnish a quarter. */
static bool is_enough(size_t votes, size_t words, bool foreign)
{
    return votes * (foreign ? 3 : 5) > words;
}

/* One vote a word for each language it is common in. The words of bots count too: they speak
 * the visitor's language. */
static size_t vote(struct presence_coder *coder, struct slice declared)
{
    size_t votes[RULES_MAX_LANGUAGES] = { 0 }, best = SIZE_MAX, most = 0, second = 0, words = 0;
    const struct presence_rules *rules = coder->rules;
    size_t said = find_declared(rules, declared);

    for (size_t i = 0; i < coder->tokens.count; i++) {
        uint32_t languages = coder->tokens.at[i].word == LEXICON_NONE
                                 ? 0
                                 : rules->lexicon.words[coder->tokens.at[i].word].languages;

        words += coder->tokens.at[i].kind == TOKEN_WORD;
        for (size_t k = 0; k < rules->language_count; k++)
            votes[k] += languages >> k & 1;
    }
    for (size_t k = 0; k < rules->language_count; k++) {
        if (votes[k] > most || (k == said && (votes[k] == most || best == SIZE_MAX))) {
            second = most;
            most = votes[k];
            best = k;
        } else if (votes[k] > second) {
            second = votes[k];
        }
    }
    if (best == said || best == SIZE_MAX)
        return best;
    return most > second && is_enough(most, words, said == SIZE_MAX && declared.len > 0) ? best
                                                                                         : said;
}

static size_t find_common(const struct presence_rules *rules)
{
    for (size_t k = 0; k < rules->language_count; k++) {
        if (strcmp(rules->languages[k], "any") == 0)
            return k;
    }
    return SIZE_MAX;
}

/* The stem of the base form where Voikko knows it, else of the word as written. */
static struct cached_form find_form(struct presence_coder *coder, struct slice word)
{
    struct cached_form form = { .language = (uint8_t)coder->language };
    struct voikko_word known;

    if (coder->voikko != NULL && strcmp(coder->rules->languages[coder->language], "fi") == 0 &&
        voikko_read(coder->voikko, word, &known) == OK) {
        form.flags = known.asks ? TOKEN_CLITIC : TOKEN_NO_CLITIC;
        word = (struct slice){ known.base, known.base_len };
    }
    form.base =
        lexicon_find(&coder->rules->lexicon, stems_find(&coder->stems[coder->language], word));
    return form;
}

static struct cached_form cached_form(struct presence_coder *coder, struct slice word)
{
    struct cached_form *cached;
    uint32_t h = 2166136261u ^ (uint32_t)coder->language;

    if (word.len == 0 || word.len > sizeof(cached->text))
        return find_form(coder, word);
    for (size_t i = 0; i < word.len; i++)
        h = (h ^ (unsigned char)word.data[i]) * 16777619u;
    cached = &coder->cache[(h ^ h >> 15) & (CODER_CACHE - 1)];
    if (cached->len != word.len || cached->language != coder->language ||
        memcmp(cached->text, word.data, word.len) != 0) {
        *cached = find_form(coder, word);
        cached->len = (uint8_t)word.len;
        memcpy(cached->text, word.data, word.len);
    }
    return *cached;
}

/* What the word is in the language read: its plain form, its base, whether it is common. */
static void settle_words(struct presence_coder *coder)
{
    for (size_t i = 0; i < coder->tokens.count; i++) {
        struct token *token = &coder->tokens.at[i];
        const struct lexicon_word *word;
        struct slice text = token_text(&coder->tokens, token);
        struct cached_form form;

        token->plain = token->word;
        if (token->kind != TOKEN_WORD || coder->language == SIZE_MAX)
            continue;
        if (token->word != LEXICON_NONE) {
            word = &coder->rules->lexicon.words[token->word];
            if (word->plain[coder->language] != LEXICON_NONE) {
                token->plain = word->plain[coder->language];
                word = &coder->rules->lexicon.words[token->plain];
                text = (struct slice){ word->text, word->len };
            }
            if ((word->languages >> coder->language & 1) != 0)
                token->flags |= TOKEN_COMMON;
        }
        form = cached_form(coder, text);
        token->base = form.base;
        token->flags |= form.flags;
    }
}

enum { OF_VISITOR = 1 << PRESENCE_VISITOR, OF_AGENT = 1 << PRESENCE_AGENT };

static void add_name(struct presence_coder *coder, struct slice name, unsigned owners)
{
    size_t slot = 0;

    while (slot < coder->name_count &&
           !slice_equal(name, (struct slice){ coder->names[slot].text, coder->names[slot].len }))
        slot++;
    if (slot == CODER_MAX_NAMES || name.len < 2 || name.len >= CODER_NAME_BYTES)
        return;
    if (slot == coder->name_count) {
        memcpy(coder->names[slot].text, name.data, name.len);
        coder->names[slot].len = name.len;
        coder->names[slot].owners = 0;
        coder->name_count++;
    }
    coder->names[slot].owners |= owners;
}

/* Given names may hold several words, and words that are no names ("Anna from Acme"): those that
 * the language commonly uses are left out. They are read like a message, then forgotten. */
static int add_given_name(struct presence_coder *coder, struct slice name, unsigned owners)
{
    size_t tokens = coder->tokens.count, text = coder->tokens.text_len;
    int rc = name.len == 0 ? POINTS_E_REFUSED : points_read(&coder->points, name);

    if (rc == OK)
        rc = tokens_read(&coder->tokens, &coder->points);
    for (size_t i = tokens; rc == OK && i < coder->tokens.count; i++) {
        const struct token *token = &coder->tokens.at[i];
        int32_t word = token_find(&coder->rules->lexicon, &coder->tokens, token);

        if (token->kind == TOKEN_WORD &&
            (word == LEXICON_NONE || coder->rules->lexicon.words[word].languages == 0))
            add_name(coder, token_text(&coder->tokens, token), owners);
    }
    coder->tokens.count = tokens;
    coder->tokens.text_len = text;
    return rc == POINTS_E_REFUSED ? OK : rc;
}

static int add_given_names(struct presence_coder *coder,
                           const struct presence_conversation *conversation)
{
    int rc = OK;

    for (size_t i = 0; rc == OK && i < conversation->name_count; i++)
        rc = add_given_name(coder, conversation->names[i], OF_VISITOR | OF_AGENT);
    for (size_t i = 0; rc == OK && i < conversation->count; i++) {
        if (conversation->messages[i].role <= PRESENCE_AGENT)
            rc = add_given_name(coder, conversation->messages[i].name,
                                1u << conversation->messages[i].role);
    }
    return rc;
}

/* Whose the name is that a rule found in this message: who joins is the agent. */
static unsigned owners_of(const struct rule *rule, const struct read_message *message)
{
    if (message->role > PRESENCE_AGENT)
        return OF_AGENT;
    return rule->own ? 1u << message->role : (OF_VISITOR | OF_AGENT) & ~(1u << message->role);
}

static void find_names_in(struct presence_coder *coder, const struct rule *rule,
                          const struct read_message *message)
{
    const struct reading *reading = &message->reading;
    struct match match;

    if (rule->roles != 0 && (rule->roles & 1u << message->role) == 0)
        return;
    for (size_t at = reading->first; coder_next_match(coder, rule, reading, &at, &match);) {
        if (!match_over(&rule->unless, reading, match.first, match.end))
            add_name(coder, token_text(&coder->tokens, &coder->tokens.at[match.span_first]),
                     owners_of(rule, message));
    }
}

/* "My name is …", "nick: …": what the names rules hold between { and }. */
static void find_names(struct presence_coder *coder)
{
    const struct presence_rules *rules = coder->rules;

    for (size_t i = 0; i < coder->count; i++) {
        coder_look_at(coder, &coder->messages[i].reading);
        for (size_t r = 0; r < rules->rule_count; r++) {
            size_t language = rules->rules[r].language;

            if (rules->rules[r].names && (language == coder->language || language == coder->common))
                find_names_in(coder, &rules->rules[r], &coder->messages[i]);
        }
    }
}

/* A word is a name only in the mouth of the other: who says their own name addresses nobody. */
static void mark_names(struct presence_coder *coder, const struct read_message *message)
{
    for (size_t i = message->reading.first; i < message->reading.end; i++) {
        struct token *token = &coder->tokens.at[i];
        struct slice text = token_text(&coder->tokens, token);

        for (size_t k = 0; token->kind == TOKEN_WORD && k < coder->name_count; k++) {
            if ((coder->names[k].owners & ~(1u << message->role)) != 0 &&
                slice_equal(text, (struct slice){ coder->names[k].text, coder->names[k].len }))
                token->flags |= TOKEN_NAME;
        }
    }
}

int coder_read(struct presence_coder *coder, const struct presence_conversation *conversation,
               struct presence_outcome *outcome)
{
    int rc = reserve(coder, conversation->count);

    coder->tokens.count = coder->tokens.text_len = 0;
    coder->count = conversation->count;
    coder->coded = coder->turns[0] = coder->turns[1] = 0;
    coder->name_count = 0;
    for (size_t i = 0; rc == OK && i < conversation->count; i++)
        rc = read_tokens(coder, &conversation->messages[i], &coder->messages[i], outcome);
    if (rc != OK)
        return TRACE(rc);
    for (size_t i = 0; i < coder->tokens.count; i++) {
        struct token *token = &coder->tokens.at[i];

        if (token->kind == TOKEN_WORD)
            token->word = token_find(&coder->rules->lexicon, &coder->tokens, token);
    }
    coder->common = find_common(coder->rules);
    coder->language = vote(coder, conversation->language);
    settle_words(coder);
    rc = add_given_names(coder, conversation);
    if (rc != OK)
        return TRACE(rc);
    for (size_t i = 0; i < coder->count; i++)
        reading_find_body(&coder->messages[i].reading);
    find_names(coder);
    for (size_t i = 0; i < coder->count; i++) {
        mark_names(coder, &coder->messages[i]);
        reading_find_body(&coder->messages[i].reading);
    }
    return OK;
}
