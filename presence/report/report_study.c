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

static void put_comparison(struct buf *to, const json_t *functions)
{
    if (part_is(functions, "too_few") || part_number(functions, "df") < 1) {
        buf_add_text(to, "<p>Too little is coded to compare stages.</p>");
        return;
    }
    buf_addf(to,
             "<p>Cramér’s V = %.2f (%.2f to %.2f); χ² = %.2f with %.0f degrees of freedom, p = "
             "%.3g; by shuffling the stages over chats p = %.3g. %.0f chats.</p>",
             part_number(functions, "cramers_v"), part_number(functions, "low"),
             part_number(functions, "high"), part_number(functions, "chi2"),
             part_number(functions, "df"), part_number(functions, "p"),
             part_number(functions, "p_shuffled"), part_number(functions, "chats"));
    buf_add_text(to,
                 "<p class=\"note\">Stages potential, new and existing. A chat may have several "
                 "functions, so mentions are not independent and the p of χ² is a guide: shuffled "
                 "stages know that.");
    if (part_number(functions, "least_expected") < 5)
        buf_add_text(to, " Some expected counts are below 5: the approximation of χ² is poor.");
    buf_add_text(to, "</p>\n");
}

/* Nothing where the platform saw no chat: all are from elsewhere. */
void report_channel(struct buf *to, const json_t *document)
{
    const json_t *list = part(document, "another_channel"), *row;
    double seen = 0;
    size_t i;

    json_array_foreach(list, i, row) seen += part_number(row, "chats.n");
    if (seen < 1)
        return;
    buf_add_text(to, "<h2>Going on in another channel</h2>");
    begin_table(to, "Stage|#Chats that went on|#95 %|#n");
    json_array_foreach(list, i, row)
    {
        buf_add_text(to, "<tr>");
        cell_text(to, part_text(row, "stage"));
        put_share_cells(to, part(row, "chats"));
        buf_add_text(to, "</tr>");
    }
    end_table(to);
    buf_add_text(to,
                 "<p class=\"note\">Transferred, or a call or a meeting was asked for: F.CHANNEL "
                 "as the platform saw it, of chats whose course it saw.</p>\n");
}

void report_functions(struct buf *to, const json_t *document)
{
    const json_t *stages = part(document, "functions.stages"), *stage;
    const json_t *first = part(json_array_get(stages, 0), "functions");
    const char *id;
    json_t *of;
    size_t i;

    buf_add_text(to, "<h2>What chats were for</h2>");
    if (part_number(document, "functions.chats") < 1) {
        buf_add_text(to, "<p>No chat has a function yet: a person codes them.</p>");
        return;
    }
    begin_table(to, "Function|#potential|#new|#existing|#unknown");
    json_object_foreach((json_t *)(uintptr_t)first, id, of)
    {
        buf_add_text(to, "<tr>");
        put_function_cell(to, id);
        json_array_foreach(stages, i, stage)
            put_share_cell(to, json_object_get(part(stage, "functions"), id));
        buf_add_text(to, "</tr>");
    }
    end_table(to);
    put_comparison(to, part(document, "functions"));
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
