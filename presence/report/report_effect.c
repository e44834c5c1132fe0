/* SPDX-License-Identifier: Apache-2.0
 *
 * Buyers who chatted beside buyers who did not, and purchases after chats.
 */
#include "presence/report/report_parts.h"

#include <string.h>

static const struct {
    const char *id, *meaning;
} questions[] = {
    { "recommend", "would recommend (9 or 10 of 10)" },
    { "trust", "trusts the shop (4 or 5 of 5)" },
    { "again", "would buy again (4 or 5 of 5)" },
    { "satisfied", "is satisfied (4 or 5 of 5)" },
    { "effort", "found it easy (6 or 7 of 7)" },
    { "friend", "came by somebody they know" },
    { "bought", "bought" },
};

static const char *meaning_of(const char *id)
{
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        if (strcmp(questions[i].id, id) == 0)
            return questions[i].meaning;
    return id;
}

static void put_ratio(struct buf *to, const json_t *ratio)
{
    buf_add_text(to, "<td class=\"n\">");
    put_signed_interval(to, ratio, "likelier", 100, 0);
    buf_add_text(to, "</td>");
}

static void put_ratio_cell(struct buf *to, const json_t *ratio)
{
    if (!json_is_object(ratio))
        buf_add_text(to, "<td class=\"few\">–</td>");
    else
        put_ratio(to, ratio);
}

static void put_question(struct buf *to, const json_t *question)
{
    if (part_number(question, "chatted.n") + part_number(question, "not.n") < 1)
        return;
    buf_add_text(to, "<tr>");
    cell_text(to, meaning_of(part_text(question, "question")));
    put_share_cells(to, part(question, "chatted"));
    put_share_cells(to, part(question, "not"));
    put_difference_cell(to, part(question, "difference"));
    put_ratio_cell(to, part(question, "ratio"));
    buf_add_text(to, "</tr>");
}

static void put_order(struct buf *to, const json_t *orders)
{
    if (part(orders, "difference") == NULL) {
        buf_add_text(to, "<p>Mean order in ");
        put_text(to, part_text(orders, "currency"));
        buf_addf(to, ": too few to compare (n = %.0f who chatted, %.0f others).</p>",
                 part_number(orders, "chatted.n"), part_number(orders, "not.n"));
        return;
    }
    buf_addf(to, "<p>Mean order: %.2f ", part_number(orders, "chatted.mean"));
    put_text(to, part_text(orders, "currency"));
    buf_addf(to,
             " of those who chatted (n = %.0f), %.2f of the others (n = %.0f): a difference of ",
             part_number(orders, "chatted.n"), part_number(orders, "not.mean"),
             part_number(orders, "not.n"));
    put_signed_interval(to, orders, "difference", 1, 2);
    buf_add_text(to, ". A few large orders can make it.</p>");
}

static void put_orders(struct buf *to, const json_t *list)
{
    const json_t *orders;
    size_t i;

    json_array_foreach(list, i, orders) put_order(to, orders);
}

static void put_of_chatted(struct buf *to, const char *what, const json_t *share)
{
    if (part_number(share, "n") < 1)
        return;
    buf_addf(to, "<p>%s", what);
    put_share(to, share);
    buf_add_text(to, ".</p>");
}

static void put_effect(struct buf *to, const json_t *effect)
{
    const json_t *list = part(effect, "questions"), *question;
    size_t i;

    buf_add_text(to, "<h2>Buyers who chatted and buyers who did not</h2><p class=\"warn\">");
    put_text(to, part_text(effect, "warning"));
    buf_add_text(to,
                 " Whoever chats may have been keener, or in trouble, before the first word; who "
                 "answers a survey is not who buys.</p>");
    begin_table(to,
                "Buyer…|#Chatted|#95 %|#n|#Did not|#95 %|#n|#Difference, points|#Likelier by, %");
    json_array_foreach(list, i, question) put_question(to, question);
    end_table(to);
    put_orders(to, part(effect, "orders"));
    put_of_chatted(to, "Problem solved, of those who chatted: ", part(effect, "solved"));
    put_of_chatted(to, "Would have bought without the chat, as they say: ", part(effect, "anyway"));
    buf_addf(to,
             "<p class=\"note\">Answers: %.0f taken in, %.0f by a link of the site, %.0f by the "
             "widget, for which nobody vouches.</p>",
             part_number(effect, "told.import"), part_number(effect, "told.link"),
             part_number(effect, "told.widget"));
}

static void put_median(struct buf *to, const json_t *orders)
{
    if (!json_is_number(part(orders, "median_value"))) {
        buf_add_text(to, "; orders in ");
        put_text(to, part_text(orders, "currency"));
        buf_addf(to, ": too few (n = %.0f)", part_number(orders, "n"));
        return;
    }
    buf_addf(to, "; median order %.2f ", part_number(orders, "median_value"));
    put_text(to, part_text(orders, "currency"));
    buf_addf(to, " (%.2f – %.2f; n = %.0f)", part_number(orders, "low"),
             part_number(orders, "high"), part_number(orders, "n"));
}

static void put_purchases(struct buf *to, const json_t *purchases)
{
    const json_t *list = part(purchases, "orders"), *orders;
    size_t i;

    if (part_number(purchases, "chats.count") < 1)
        return;
    buf_add_text(to, "<h2>Purchases the site told of</h2><p>Chats with a purchase: ");
    put_share(to, part(purchases, "chats"));
    json_array_foreach(list, i, orders) put_median(to, orders);
    buf_add_text(to, ".</p>");
}

void report_effect(struct buf *to, const json_t *document)
{
    put_purchases(to, part(document, "purchases"));
    if (json_is_object(part(document, "effect")))
        put_effect(to, part(document, "effect"));
}
