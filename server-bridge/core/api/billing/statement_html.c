/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/billing/statement_page.h"

#include "presence/report/report_parts.h"
#include "tenant/billing/money.h"

enum { DAY_TEXT = 10, MINUTE_TEXT = 16 /* of 2026-10-31T21:59:05.120Z */ };

/* --- pieces --- */

static void put_money(struct buf *to, const json_t *amount, const char *currency)
{
    if (!json_is_integer(amount)) {
        buf_add_text(to, "–");
        return;
    }
    money_put(to, (int64_t)json_integer_value(amount), currency);
    buf_addf(to, " %s", currency);
}

static void cell_money(struct buf *to, const json_t *object, const char *currency)
{
    buf_add_text(to, "<td class=\"n\">");
    put_money(to, json_object_get(object, "amount"), currency);
    buf_add_text(to, "</td>");
}

static void put_minute(struct buf *to, const char *time)
{
    if (strlen(time) >= MINUTE_TEXT)
        buf_addf(to, "<time>%.10s %.5s</time>", time, time + DAY_TEXT + 1);
}

static void put_tile(struct buf *to, const json_t *number, const char *says)
{
    buf_add_text(to, "<div><b>");
    put_number(to, json_number_value(number));
    buf_addf(to, "</b><span>%s</span></div>", says);
}

/* --- head --- */

static void put_head(struct buf *to, const struct billing_statement *statement)
{
    const json_t *document = statement->document;
    char digest[DIGEST_HEX_BYTES];

    page_begin(to, "Statement of conversations for ", part_text(document, "title"));
    buf_addf(to, "<p class=\"soft\">%s, ", part_text(document, "month"));
    put_text(to, part_text(document, "zone"));
    buf_add_text(to, ". Conversations that ended from ");
    put_minute(to, part_text(document, "from"));
    buf_add_text(to, " until ");
    put_minute(to, part_text(document, "to"));
    buf_add_text(to, " UTC.</p>");
    if (!statement->closed) {
        buf_add_text(to,
                     "<p class=\"warn\">A draft: nothing of it is fixed until it is closed.</p>");
        return;
    }
    digest_hex(&statement->digest, digest);
    buf_add_text(to, "<p class=\"soft\">Closed ");
    put_minute(to, part_text(document, "closed_at"));
    buf_addf(to, " UTC. SHA-256 of its JSON: <code>%s</code></p>", digest);
}

static void put_sums(struct buf *to, const json_t *document)
{
    const json_t *totals = part(document, "totals");
    const char *currency = part_text(document, "currency");

    buf_add_text(to, "<div class=\"tiles\">");
    put_tile(to, part(totals, "conversations"), "conversations");
    put_tile(to, part(totals, "billable"), "of them billable");
    put_tile(to, part(totals, "credits"), "credits for earlier months");
    if (currency[0] != '\0') {
        buf_add_text(to, "<div><b>");
        put_money(to, part(totals, "due"), currency);
        buf_add_text(to, "</b><span>due</span></div>");
    } else {
        put_tile(to, part(totals, "due_conversations"), "due");
    }
    buf_add_text(to, "</div>\n");
}

/* --- tables --- */

static void put_by_rule(struct buf *to, const json_t *document)
{
    const char *currency = part_text(document, "currency");
    const json_t *row;
    size_t i;

    buf_add_text(to, "<h2>By rule</h2>");
    begin_table(to, "Rule|#Conversations|#Billable|#Amount");
    json_array_foreach(part(document, "by_rule"), i, row)
    {
        buf_add_text(to, "<tr>");
        cell_text(to, part_text(row, "rule"));
        cell_number(to, part_number(row, "conversations"));
        cell_number(to, part_number(row, "billable"));
        cell_money(to, row, currency);
        buf_add_text(to, "</tr>");
    }
    end_table(to);
    buf_addf(
        to,
        "<p class=\"note\">Rules of version %.0f, in force since %s. The first whose conditions "
        "all hold decides; every line names it, and why.</p>\n",
        part_number(document, "rules.version"), part_text(document, "rules.from"));
}

static void put_credits(struct buf *to, const json_t *document)
{
    const json_t *credit;
    size_t i;

    if (json_array_size(part(document, "credits")) == 0)
        return;
    buf_add_text(to, "<h2>Credits</h2>");
    begin_table(to, "Month|#Line|Conversation|Contested because|#Amount");
    json_array_foreach(part(document, "credits"), i, credit)
    {
        buf_add_text(to, "<tr>");
        cell_text(to, part_text(credit, "month"));
        cell_number(to, part_number(credit, "line"));
        cell_text(to, part_text(credit, "conversation"));
        cell_text(to, part_text(credit, "reason"));
        cell_money(to, credit, part_text(document, "currency"));
        buf_add_text(to, "</tr>");
    }
    end_table(to);
}

static void put_line(struct buf *to, const json_t *line, const char *currency)
{
    buf_addf(to, "<tr><td class=\"n\">%.0f</td><td>", part_number(line, "line"));
    put_minute(to, part_text(line, "ended_at"));
    buf_add_text(to, "</td>");
    cell_text(to, part_text(line, "conversation"));
    buf_addf(to, "<td class=\"n\">%.0f / %.0f</td><td>", part_number(line, "visitor_messages"),
             part_number(line, "agent_messages"));
    put_text(to, part_text(line, "rule"));
    buf_add_text(to, "<br><span class=\"i\">");
    put_text(to, part_text(line, "reason"));
    buf_addf(to, "</span></td><td>%s</td>", part_is(line, "billable") ? "yes" : "no");
    cell_money(to, line, currency);
    buf_add_text(to, "</tr>");
}

static void put_lines(struct buf *to, const json_t *document)
{
    const json_t *line;
    size_t i;

    buf_add_text(to, "<h2>Conversations</h2>");
    begin_table(to, "#Line|Ended, UTC|Conversation|#Messages|Rule and reason|Billable|#Amount");
    json_array_foreach(part(document, "lines"), i, line)
        put_line(to, line, part_text(document, "currency"));
    end_table(to);
    buf_add_text(to,
                 "<p class=\"note\">Messages: of the visitor / of agents. A conversation’s name "
                 "finds its transcript: <code>lasnactl transcript show</code>, or the address in "
                 "the JSON and CSV of this statement, until the transcript is erased.</p>\n");
}

void statement_html(const struct billing_statement *statement, struct buf *to)
{
    put_head(to, statement);
    put_sums(to, statement->document);
    put_by_rule(to, statement->document);
    put_credits(to, statement->document);
    put_lines(to, statement->document);
    page_end(to);
}
