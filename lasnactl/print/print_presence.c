/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/print/print.h"

#include "base/format/text.h"

void print_survey(const json_t *links, FILE *to)
{
    const json_t *link = json_array_get(json_object_get(links, "links"), 0);

    (void)fprintf(to, "%s\n", print_text_at(link, "url"));
    (void)fprintf(stderr, "It holds until %s, for one answer.\n",
                  print_text_at(link, "expires_at"));
}

void print_buyer_forgotten(const json_t *erased, FILE *to)
{
    (void)fputs("Forgotten.\n", to);
    if (!json_is_true(json_object_get(erased, "scrubbed")))
        (void)fputs("The database's log could not be emptied yet; that happens by itself.\n", to);
}

void print_coders(const json_t *items, FILE *to)
{
    static const struct column columns[] = { { "CODER", "coder" },
                                             { "BOOK", "book" },
                                             { "CONVERSATIONS", "conversations" },
                                             { "LATEST", "latest" },
                                             { .title = NULL } };

    print_table(items, columns, to);
}

/* Line by line, each of them tamed: words of strangers stand in it. */
void print_explained(const json_t *explained, FILE *to)
{
    for (const char *at = print_text_at(explained, "text"); *at != '\0';) {
        size_t len = strcspn(at, "\n"), indent = strspn(at, " ");
        AUTO_BUF line;

        buf_init(&line, 64 * 1024);
        if (indent < len)
            text_one_line((struct slice){ at + indent, len - indent }, 1000, &line);
        (void)fprintf(to, "%*s%.*s\n", (int)(indent < len ? indent : 0), "",
                      SLICE_ARG(buf_slice(&line)));
        at += len + (at[len] == '\n');
    }
}

void print_codebook(const json_t *book, FILE *to)
{
    static const struct column codes[] = { { "CODE", "code" },   { "EN", "class.en" },
                                           { "FI", "class.fi" }, { "SV", "class.sv" },
                                           { "GROUP", "group" }, { "THE MESSAGE…", "meaning" },
                                           { .title = NULL } };
    static const struct column functions[] = { { "FUNCTION", "code" },
                                               { "THE CHAT…", "meaning" },
                                               { .title = NULL } };

    (void)fprintf(to,
                  "Code book %s, rules %s. Class A: the machine codes alone; B: it suggests, a "
                  "person confirms; H: a person codes.\n\n",
                  print_text_at(book, "version"), print_text_at(book, "rules"));
    print_table(json_object_get(book, "codes"), codes, to);
    (void)fputc('\n', to);
    print_table(json_object_get(book, "functions"), functions, to);
}

/* Says it where not all of a sample could be compared. */
static void print_compared(const json_t *strata, FILE *to)
{
    json_int_t drawn = 0, compared = 0;
    const json_t *stratum;
    size_t i;

    json_array_foreach(strata, i, stratum)
    {
        drawn += json_integer_value(json_object_get(stratum, "drawn"));
        compared += json_integer_value(json_object_get(stratum, "compared"));
    }
    if (compared == drawn)
        return;
    (void)fprintf(to,
                  "Of %lld chats drawn %lld are compared; each stands for the others of its "
                  "stratum, too.",
                  (long long)drawn, (long long)compared);
    json_array_foreach(strata, i, stratum)
    {
        if (json_integer_value(json_object_get(stratum, "compared")) == 0)
            (void)fprintf(to, " Nothing is known of \"%s\".", print_text_at(stratum, "stratum"));
    }
    (void)fprintf(to, "\n\n");
}

void print_agreement(const json_t *agreement, FILE *to)
{
    static const struct column columns[] = {
        { "CODE", "code" },
        { "LANG", "language" },
        { "ROLE", "role" },
        { "N", "messages" },
        { "BOTH", "counts.both" },
        { "REF", "counts.first_only" },
        { "MEAS", "counts.second_only" },
        { "PREV", "prevalence" },
        { "%", "percent" },
        { "KAPPA", "kappa.value" },
        { "LOW", "kappa.low" },
        { "HIGH", "kappa.high" },
        { "10-FOLD", "folds.value" },
        { "AC1", "ac1.value" },
        { "ALPHA", "alpha.value" },
        { "PREC", "precision.value" },
        { "RECALL", "recall.value" },
        { "F1", "f1.value" },
        { "CLASS", "class" },
        { .title = NULL },
    };

    (void)fprintf(
        to,
        "Reference: %s. Measured: %s. Of N messages BOTH mark so many, the reference "
        "alone REF, the measured alone MEAS. LOW and HIGH are the 95 %% interval of κ, from "
        "draws of whole conversations; 10-FOLD is κ cross-validated. Intervals of all: "
        "--json.\n\n",
        print_text_at(agreement, "first"), print_text_at(agreement, "second"));
    print_compared(json_object_get(agreement, "strata"), to);
    print_table(json_object_get(agreement, "rows"), columns, to);
}
