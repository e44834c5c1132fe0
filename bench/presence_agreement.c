/* SPDX-License-Identifier: Apache-2.0
 *
 * presence_agreement — the machine coder against reference files, as a table:
 *
 *     presence_agreement RULES [--classes | --differences CODE | --explain TEXT] [--voikko] FILE…
 *
 * --classes prints the table that ships as RULES/classes.tsv; --differences the messages where
 * the two disagree, --explain what the coder makes of one, for whoever tunes the rules.
 */
#include "presence/reference.h"

#include <stdio.h>

enum { MAX_FILE_BYTES = 64 << 20 };

struct options {
    bool classes, voikko;
    const char *differences, *explain;
};

static int add_file(struct reference *reference, const char *path, struct buf *problems)
{
    FILE *file = fopen(path, "re");
    AUTO_BUF text;
    char block[65536];
    size_t len;

    buf_init(&text, MAX_FILE_BYTES);
    if (file == NULL) {
        buf_addf(problems, "%s: cannot be read\n", path);
        return ERR_IO;
    }
    while ((len = fread(block, 1, sizeof(block), file)) > 0)
        buf_add(&text, block, len);
    (void)fclose(file);
    return reference_add(reference, buf_slice(&text), problems);
}

static int print(const struct reference *reference, struct presence_coder *coder,
                 const struct presence_rules *rules, const struct options *options, struct buf *to)
{
    enum presence_code code;

    if (options->explain != NULL) {
        const struct presence_message message = { .text = slice_of(options->explain) };
        struct presence_conversation conversation = { .messages = &message, .count = 1 };

        return presence_explain(coder, &conversation, 0, to);
    }
    if (options->classes)
        return reference_classes(reference, coder, presence_rules_version(rules), to);
    if (options->differences == NULL)
        return reference_table(reference, coder, to);
    if (presence_code_find(slice_of(options->differences), &code) != 0)
        return ERR_CONFIG;
    return reference_differences(reference, coder, code, to);
}

int main(int argc, char **argv)
{
    AUTO(presence_rules) rules = NULL;
    AUTO(presence_coder) coder = NULL;
    AUTO(reference) reference = NULL;
    struct options options = { 0 };
    AUTO_BUF problems, to;
    int rc;

    buf_init(&problems, 1 << 20);
    buf_init(&to, MAX_FILE_BYTES);
    rc = presence_rules_load(&rules, argc > 1 ? argv[1] : "presence/rules", &problems);
    if (rc == OK)
        rc = presence_coder_new(&coder, rules);
    if (rc == OK)
        rc = reference_new(&reference);
    for (int i = 2; rc == OK && i < argc; i++) {
        if (slice_is(slice_of(argv[i]), "--classes"))
            options.classes = true;
        else if (slice_is(slice_of(argv[i]), "--voikko"))
            rc = presence_coder_use_voikko(coder);
        else if (slice_is(slice_of(argv[i]), "--differences") && i + 1 < argc)
            options.differences = argv[++i];
        else if (slice_is(slice_of(argv[i]), "--explain") && i + 1 < argc)
            options.explain = argv[++i];
        else
            rc = add_file(reference, argv[i], &problems);
    }
    if (rc == OK)
        rc = print(reference, coder, rules, &options, &to);
    (void)fprintf(stderr, "%s", problems.data == NULL ? "" : problems.data);
    (void)printf("%s", to.data == NULL ? "" : to.data);
    return rc == OK ? 0 : 1;
}
