/* SPDX-License-Identifier: Apache-2.0
 *
 * What the study asked: what chats were for, what visitors tell of recommending, and whether the
 * relationship is tended with existing customers only.
 */
#include "presence/report/report_parts.h"

#include "presence/figures/figures.h"

#include <string.h>

/* --- what chats were for --- */

static void put_function_cell(struct buf *to, const char *id)
{
    for (enum figures_function function = 0; function < FUNCTION_COUNT; function++)
        if (strcmp(id, figures_function_id(function)) == 0)
            cell_named(to, id, figures_function_meaning(function));
}

/* "24 of 191", and below it the share's interval, unless there is too little for one. */
static void put_function_share(struct buf *to, const json_t *share)
{
    bool too_few = part_is(share, "too_few");

    buf_add_text(to, too_few ? "<td class=\"n i\">" : "<td class=\"n\">");
    put_number(to, part_number(share, "count"));
    buf_add_text(to, " of ");
    put_number(to, part_number(share, "n"));
    if (!too_few)
        buf_addf(to, "<br><span class=\"i\">%.1f–%.1f %%</span>", 100 * part_number(share, "low"),
                 100 * part_number(share, "high"));
    buf_add_text(to, "</td>");
}

void report_functions(struct buf *to, const json_t *document)
{
    const json_t *stages = part(document, "functions.stages"), *stage;
    const json_t *first = part(json_array_get(stages, 0), "functions");
    const char *id;
    json_t *of;
    size_t i;

    buf_add_text(to, "<h2>What chats were for</h2>");
    if (part_number(document, "functions.df") < 1) {
        buf_add_text(to, "<p>Too little is coded to compare stages.</p>");
        return;
    }
    begin_table(to, "Function|#potential|#new|#existing|#unknown");
    json_object_foreach((json_t *)(uintptr_t)first, id, of)
    {
        buf_add_text(to, "<tr>");
        put_function_cell(to, id);
        json_array_foreach(stages, i, stage)
            put_function_share(to, json_object_get(part(stage, "functions"), id));
        buf_add_text(to, "</tr>");
    }
    end_table(to);
    buf_addf(to, "<p>χ² = %.2f with %.0f degrees of freedom, p = %.3g; Cramér’s V = %.2f.</p>",
             part_number(document, "functions.chi2"), part_number(document, "functions.df"),
             part_number(document, "functions.p"), part_number(document, "functions.cramers_v"));
    buf_add_text(
        to, "<p class=\"note\">Chats with the function, and the 95 % interval of their share. The "
            "test is of stages potential, new and existing. A chat may have several "
            "functions, so mentions are not independent and p is a guide.");
    if (part_number(document, "functions.least_expected") < 5)
        buf_add_text(to, " Some expected counts are below 5: the approximation is poor.");
    buf_add_text(to, "</p>\n");
}

/* --- word of mouth --- */

static void put_balance(struct buf *to, const json_t *balance)
{
    buf_add_text(to, "Visitors told of public praise in ");
    put_number(to, part_number(balance, "positive"));
    buf_add_text(to, " messages and of public criticism in ");
    put_number(to, part_number(balance, "negative"));
    buf_add_text(to, "; balance: ");
    if (part_is(balance, "too_few")) {
        buf_add_text(to, "too few (n = ");
    } else {
        put_signed_interval(to, balance, "balance", 1, 2);
        buf_add_text(to, " (n = ");
    }
    put_number(to, part_number(balance, "chats"));
    buf_add_text(to, " chats that tell of either). ");
}

static void put_word_of_mouth(struct buf *to, const json_t *of)
{
    buf_add_text(to, "<h3>Word of mouth</h3><p>");
    if (put_without(to, part(of, "balance"), "Whether visitors praise or criticise in public"))
        put_balance(to, part(of, "balance"));
    if (put_without(to, part(of, "referral"), "How many tell of a referral")) {
        buf_add_text(to, "Chats in which the visitor told of a referral or promised one: ");
        put_share(to, part(of, "referral"));
        buf_add_text(to, ".");
    }
    buf_add_text(to, "</p><p class=\"note\">A private chat is no electronic word of mouth itself; "
                     "it tells of it (Hennig-Thurau et al. 2004).</p>\n");
}

/* --- the study's check --- */

static void put_side(struct buf *to, const json_t *side)
{
    const json_t *row;
    size_t i;

    json_array_foreach(part(side, "relationship_by_stage"), i, row)
    {
        buf_add_text(to, "<tr>");
        cell_text(to, part_text(side, "side"));
        cell_text(to, part_text(row, "stage"));
        put_share_cells(to, part(row, "chats"));
        buf_add_text(to, "</tr>");
    }
}

static void put_study(struct buf *to, const json_t *check)
{
    const json_t *sides = part(check, "sides"), *side;
    size_t i;

    buf_add_text(to, "<h3>The study’s check</h3><p>Koponen and Rytsy (2020) found relationship "
                     "maintenance with existing customers only. Here, chats with at least one "
                     "code of the relationship. ");
    if (!put_without(to, check, "How many chats tend the relationship")) {
        buf_add_text(to, "</p>");
        return;
    }
    buf_add_text(to, "</p>");
    begin_table(to, "Side|Stage|#Chats with|#95 %|#n");
    json_array_foreach(sides, i, side) put_side(to, side);
    end_table(to);
    buf_add_text(to, "<p>Existing customers less potential and new ones: ");
    json_array_foreach(sides, i, side)
    {
        buf_addf(to, "%s%s ", i > 0 ? "; " : "", part_text(side, "side"));
        put_difference(to, part(side, "existing_less_others"));
    }
    buf_add_text(to, ".</p>\n");
}

void report_language_study(struct buf *to, const json_t *language)
{
    put_word_of_mouth(to, part(language, "word_of_mouth"));
    put_study(to, part(language, "study_check"));
}
