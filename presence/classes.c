/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/classes.h"

#include "presence/coder/rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool presence_classes_are_current(const struct presence_rules *rules)
{
    return rules->classes_are_current;
}

static size_t find_language(const struct presence_rules *rules, const char *language)
{
    for (size_t i = 0; i < rules->language_count; i++) {
        if (strcmp(rules->languages[i], language) == 0)
            return i;
    }
    return SIZE_MAX;
}

struct presence_class_row presence_class_of(const struct presence_rules *rules,
                                            const char *language, enum presence_code code)
{
    size_t at = find_language(rules, language);

    if (!rules->classes_are_current || at == SIZE_MAX)
        return (struct presence_class_row){ PRESENCE_CLASS_H, NAN, NAN, NAN, 0, 0 };
    return rules->classes[at][code];
}

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);

    return end != text && *end == '\0' ? value : NAN;
}

/* language, code, class, measured, kappa, low, high, messages, marked */
static int read_row(struct presence_rules *rules, const char *line)
{
    char language[8], id[24], class_, measured, kappa[16], low[16], high[16];
    char messages[16], marked[16];
    struct presence_class_row row;
    enum presence_code code;
    const char *letter;
    size_t at;

    if (sscanf(line, "%7s %23s %c %c %15s %15s %15s %15s %15s", language, id, &class_, &measured,
               kappa, low, high, messages, marked) != 9)
        return 1;
    at = find_language(rules, language);
    letter = strchr("ABH", class_);
    if (at == SIZE_MAX || letter == NULL || presence_code_find(slice_of(id), &code) != 0)
        return 1;
    row.class_ = (enum presence_class)(letter - "ABH");
    row.kappa = number(kappa);
    row.low = number(low);
    row.high = number(high);
    row.messages = (unsigned)strtoul(messages, NULL, 10);
    row.marked = (unsigned)strtoul(marked, NULL, 10);
    rules->classes[at][code] = row;
    return 0;
}

static void forget(struct presence_rules *rules)
{
    for (size_t i = 0; i < RULES_MAX_LANGUAGES; i++) {
        for (size_t code = 0; code < PRESENCE_CODE_COUNT; code++)
            rules->classes[i][code] =
                (struct presence_class_row){ PRESENCE_CLASS_H, NAN, NAN, NAN, 0, 0 };
    }
}

int presence_classes_load(struct presence_rules *rules, const char *folder, struct buf *problems)
{
    char line[256], version[64] = "";
    unsigned number_ = 0;
    int rc = OK;
    AUTO_BUF path;
    FILE *file;

    forget(rules);
    buf_init(&path, 4096);
    buf_addf(&path, "%s/classes.tsv", folder);
    file = buf_failed(&path) ? NULL : fopen(path.data, "re");
    if (file == NULL)
        return OK;
    while (rc == OK && fgets(line, sizeof(line), file) != NULL) {
        number_++;
        if (number_ == 1 && sscanf(line, "rules %63s", version) != 1)
            rc = ERR_CONFIG;
        if (number_ > 2 && read_row(rules, line) != 0)
            rc = ERR_CONFIG;
    }
    (void)fclose(file);
    if (rc != OK)
        buf_addf(problems, "%s:%u: not a line of a class table; make it anew\n", path.data,
                 number_);
    rules->classes_are_current = rc == OK && strcmp(version, rules->version) == 0;
    return rc;
}
