/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/rules.h"

#include "base/secret/digest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILE_BYTES = 1 << 20 };

static void rule_release(struct rule *rule)
{
    free(rule->id);
    free(rule->examples);
    patterns_release(&rule->match);
    patterns_release(&rule->unless);
    patterns_release(&rule->never);
    patterns_release(&rule->answers);
    patterns_release(&rule->answers_no);
}

struct presence_rules *presence_rules_free(struct presence_rules *rules)
{
    if (rules == NULL)
        return NULL;
    for (size_t i = 0; i < rules->rule_count; i++)
        rule_release(&rules->rules[i]);
    for (size_t i = 0; i < rules->file_count; i++) {
        free(rules->files[i].path);
        free(rules->files[i].text);
    }
    for (size_t i = 0; i < RULES_MAX_LANGUAGES; i++)
        choice_release(&rules->negation[i]);
    for (size_t i = 0; i < RULES_MAX_LANGUAGES; i++)
        stems_release(&rules->stems[i]);
    index_release(&rules->index);
    free(rules->rules);
    free(rules->files);
    free(rules->lists);
    lexicon_release(&rules->lexicon);
    free(rules);
    return NULL;
}

const char *presence_rules_version(const struct presence_rules *rules)
{
    return rules->version;
}

/* Reads a whole file; the caller owns the text. */
static int read_text(const char *path, char **ret_text, size_t *ret_len, struct buf *problems)
{
    FILE *file = fopen(path, "re");
    char *text = file == NULL ? NULL : malloc(MAX_FILE_BYTES + 1);
    size_t len = text == NULL ? 0 : fread(text, 1, MAX_FILE_BYTES + 1, file);
    bool read = text != NULL && ferror(file) == 0 && len <= MAX_FILE_BYTES;

    if (file != NULL)
        (void)fclose(file);
    if (!read) {
        free(text);
        buf_addf(problems, "%s: cannot be read, or is larger than %d bytes\n", path,
                 MAX_FILE_BYTES);
        return ERR_CONFIG;
    }
    text[len] = '\0';
    *ret_text = text;
    *ret_len = len;
    return OK;
}

/* Takes the text over, whatever comes of it. */
static int keep_file(struct presence_rules *rules, const char *path, char *text, size_t len)
{
    struct rule_file *grown = realloc(rules->files, (rules->file_count + 1) * sizeof(*grown));
    char *name = strdup(path);

    rules->files = grown == NULL ? rules->files : grown;
    if (grown == NULL || name == NULL || text == NULL) {
        free(text);
        free(name);
        return RAISE(ERR_NO_MEMORY);
    }
    grown[rules->file_count++] = (struct rule_file){ name, text, len, rules->language_count - 1 };
    return OK;
}

static int add_file(struct presence_rules *rules, const char *path, struct buf *problems)
{
    char *text;
    size_t len;
    int rc = read_text(path, &text, &len, problems);

    return rc != OK ? rc : keep_file(rules, path, text, len);
}

static int open_language(struct presence_rules *rules, const char *name, struct buf *problems)
{
    size_t count = rules->language_count;

    if (count == RULES_MAX_LANGUAGES ||
        !slice_copy(slice_of(name), rules->languages[count], sizeof(rules->languages[count]))) {
        buf_addf(problems, "%s: more than %d languages, or a name longer than 7\n", name,
                 RULES_MAX_LANGUAGES);
        return ERR_CONFIG;
    }
    rules->language_count++;
    return stems_init(&rules->stems[count], name);
}

static int is_rule_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".rules") == 0;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void free_entries(struct dirent **entries, int count)
{
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

/* By bytes, not by locale: the order of rules is part of what they say. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_language(struct presence_rules *rules, const char *folder, const char *name,
                        struct buf *problems)
{
    struct dirent **entries = NULL;
    AUTO_BUF path;
    int count, rc;

    buf_init(&path, 4096);
    buf_addf(&path, "%s/%s", folder, name);
    count = scandir(path.data, &entries, is_rule_file, by_name);
    if (count <= 0) {
        free_entries(entries, count);
        return OK; /* a file beside the folders, or a folder without rules */
    }
    rc = open_language(rules, name, problems);
    for (int i = 0; rc == OK && i < count; i++) {
        buf_clear(&path);
        buf_addf(&path, "%s/%s/%s", folder, name, entries[i]->d_name);
        rc = add_file(rules, path.data, problems);
    }
    free_entries(entries, count);
    return rc;
}

static int add_folder(struct presence_rules *rules, const char *folder, struct buf *problems)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, by_name), rc = OK;

    if (count < 0) {
        buf_addf(problems, "%s: cannot be read: %s\n", folder, strerror(errno));
        return ERR_CONFIG;
    }
    for (int i = 0; rc == OK && i < count; i++)
        rc = add_language(rules, folder, entries[i]->d_name, problems);
    free_entries(entries, count);
    if (rc == OK && rules->file_count == 0) {
        buf_addf(problems, "%s: holds no <language>/<name>.rules\n", folder);
        rc = ERR_CONFIG;
    }
    return rc;
}

/* Words that turn what follows into its opposite. */
static int read_negations(struct presence_rules *rules)
{
    for (size_t i = 0; i < rules->list_count; i++) {
        const struct word_list *list = &rules->lists[i];
        struct choice *to = &rules->negation[list->language];
        struct rules_place place = { "", 0, NULL };
        int rc;

        if (!slice_is(list->name, "negation"))
            continue;
        rc = choice_add(rules, list->language, SLICE_LITERAL("@negation"), &place, to);
        if (rc != OK)
            return FOLD(rc);
        choice_seal(to);
    }
    return OK;
}

/* The declared version and the first 32 bits of a digest of every file's name and text. */
static int name_version(struct presence_rules *rules)
{
    char hex[DIGEST_HEX_BYTES];
    struct digest digest;
    AUTO_BUF all;

    buf_init(&all, (size_t)MAX_FILE_BYTES * 64);
    for (size_t i = 0; i < rules->file_count; i++) {
        const char *path = rules->files[i].path, *name = strrchr(path, '/');

        buf_addf(&all, "%s%s\n", rules->languages[rules->files[i].language], name);
        buf_add(&all, rules->files[i].text, rules->files[i].len);
    }
    if (buf_failed(&all))
        return RAISE(ERR_LIMIT);
    digest = digest_sha256(buf_slice(&all));
    digest_hex(&digest, hex);
    (void)snprintf(rules->version, sizeof(rules->version), "%s-%.8s",
                   rules->declared[0] == '\0' ? "0" : rules->declared, hex);
    return OK;
}

static int read_all(struct presence_rules *rules, struct buf *problems)
{
    int first = OK;

    for (size_t i = 0; i < rules->file_count; i++) {
        int rc = rules_gather_lists(rules, i, problems);

        if (rc != OK)
            return rc;
    }
    for (size_t i = 0; i < rules->file_count; i++) {
        int rc = rules_read_file(rules, i, problems);

        if (rc != OK && rc != ERR_CONFIG)
            return TRACE(rc);
        first = first == OK ? rc : first;
    }
    return first == OK ? read_negations(rules) : first;
}

/* Once all files are there: what they say, indexed and named. */
static int finish(struct presence_rules *rules, struct buf *problems)
{
    int rc = read_all(rules, problems);

    if (rc == OK)
        rc = index_build(&rules->index, rules);
    return rc == OK ? name_version(rules) : rc;
}

int presence_rules_load(struct presence_rules **ret_rules, const char *folder, struct buf *problems)
{
    AUTO(presence_rules) rules = calloc(1, sizeof(*rules));
    int rc;

    if (rules == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = add_folder(rules, folder, problems);
    if (rc == OK)
        rc = finish(rules, problems);
    if (rc == OK)
        rc = presence_classes_load(rules, folder, problems);
    if (rc != OK)
        return rc;
    *ret_rules = rules;
    rules = NULL;
    return OK;
}

int rules_from_text(struct presence_rules **ret_rules, const char *language, struct slice text,
                    struct buf *problems)
{
    AUTO(presence_rules) rules = calloc(1, sizeof(*rules));
    int rc;

    if (rules == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = open_language(rules, language, problems);
    if (rc == OK)
        rc = keep_file(rules, "text/text.rules", slice_dup(text), text.len);
    if (rc == OK)
        rc = finish(rules, problems);
    if (rc != OK)
        return rc;
    *ret_rules = rules;
    rules = NULL;
    return OK;
}
