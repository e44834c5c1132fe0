/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/billing/statement_page.h"

#include "base/format/csv.h"
#include "presence/report/report_parts.h"
#include "tenant/billing/money.h"

static const char head[] =
    "kind,month,line,conversation,opened_at,ended_at,visitor_messages,visitor_words,"
    "agent_messages,answered_s,duration_s,rule,reason,billable,amount,amount_minor,currency,"
    "transcript\r\n";

static void add_text(struct buf *to, const json_t *object, const char *key)
{
    csv_text(to, part_text(object, key));
    buf_add_text(to, ",");
}

/* Empty where there is none. */
static void add_number(struct buf *to, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_integer(value))
        buf_addf(to, "%lld", (long long)json_integer_value(value));
    buf_add_text(to, ",");
}

static void add_amount(struct buf *to, const json_t *row, const char *currency)
{
    const json_t *amount = json_object_get(row, "amount");

    if (json_is_integer(amount))
        money_put(to, (int64_t)json_integer_value(amount), currency);
    buf_add_text(to, ",");
    add_number(to, row, "amount");
    buf_addf(to, "%s,", currency);
}

static void add_line(struct buf *to, const char *month, const json_t *line, const char *currency)
{
    static const char *const numbers[] = { "visitor_messages", "visitor_words", "agent_messages",
                                           "answered_s", "duration_s" };

    buf_addf(to, "line,%s,", month);
    add_number(to, line, "line");
    buf_addf(to, "%s,%s,%s,", part_text(line, "conversation"), part_text(line, "opened_at"),
             part_text(line, "ended_at"));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        add_number(to, line, numbers[i]);
    add_text(to, line, "rule");
    add_text(to, line, "reason");
    buf_addf(to, "%s,", part_is(line, "billable") ? "yes" : "no");
    add_amount(to, line, currency);
    buf_addf(to, "%s\r\n", part_text(line, "transcript"));
}

static void add_credit(struct buf *to, const json_t *credit, const char *currency)
{
    buf_addf(to, "credit,%s,", part_text(credit, "month"));
    add_number(to, credit, "line");
    buf_addf(to, "%s,,,,,,,,", part_text(credit, "conversation"));
    buf_add_text(to, "\"dispute ");
    buf_addf(to, "%lld\",", (long long)json_integer_value(json_object_get(credit, "dispute")));
    add_text(to, credit, "reason");
    buf_add_text(to, "no,");
    add_amount(to, credit, currency);
    buf_add_text(to, "\r\n");
}

void statement_csv(const struct billing_statement *statement, struct buf *to)
{
    const json_t *document = statement->document, *row;
    const char *currency = part_text(document, "currency");
    size_t i;

    buf_add_text(to, head);
    json_array_foreach(part(document, "lines"), i, row)
        add_line(to, part_text(document, "month"), row, currency);
    json_array_foreach(part(document, "credits"), i, row) add_credit(to, row, currency);
}
