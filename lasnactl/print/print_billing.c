/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules, statements and disputes, for people. The statement itself is a document: export.h.
 */
#include "lasnactl/print/print.h"

#include "base/auto.h"

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void print_rule(const json_t *rule, FILE *to)
{
    AUTO_MEM char *ifs = json_dumps(json_object_get(rule, "if"), JSON_COMPACT | JSON_ENCODE_ANY);
    const json_t *price = json_object_get(rule, "price");

    (void)fprintf(to, "  %-20s ", print_text_at(rule, "id"));
    if (json_is_false(json_object_get(rule, "billable")))
        (void)fprintf(to, "not billable");
    else if (json_is_integer(price))
        (void)fprintf(to, "%12lld", (long long)json_integer_value(price));
    else
        (void)fprintf(to, "billable    ");
    (void)fprintf(to, "  %s\n", ifs != NULL && strcmp(ifs, "null") != 0 ? ifs : "always");
}

void print_billing_version(const json_t *version, FILE *to)
{
    const char *currency = print_text_at(version, "currency");
    const json_t *rule;
    size_t i;

    (void)fprintf(to, "Version %lld, from %s on; months of %s; %s%s. By %s, %s.\n",
                  number_of(version, "version"), print_text_at(version, "from"),
                  print_text_at(version, "zone"),
                  currency[0] != '\0' ? "prices in the smallest unit of " : "no prices", currency,
                  print_text_at(version, "made_by"), print_text_at(version, "made_at"));
    json_array_foreach(json_object_get(version, "rules"), i, rule) print_rule(rule, to);
}

void print_billing_rules(const json_t *items, FILE *to)
{
    const json_t *version;
    size_t i;

    if (json_array_size(items) == 0)
        (void)fprintf(to, "There are no rules yet, so there are no statements.\n");
    json_array_foreach(items, i, version) print_billing_version(version, to);
}

void print_billing_closed(const json_t *closed, FILE *to)
{
    (void)fprintf(to, "%s is closed. SHA-256 of its JSON: %s\n", print_text_at(closed, "month"),
                  print_text_at(closed, "digest"));
}

void print_billing_statements(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "MONTH", "month" },
        { "STATE", "state" },
        { "CLOSED", "closed_at" },
        { "CONVERSATIONS", "totals.conversations" },
        { "BILLABLE", "totals.billable" },
        { "CREDITS", "totals.credits" },
        { "DUE", "totals.due" },
        { .title = NULL },
    };
    const json_t *statement;
    size_t i;

    print_table(items, columns, to);
    json_array_foreach(items, i, statement) /* too long for a column, and of use only whole */
    {
        if (print_text_at(statement, "digest")[0] != '\0')
            (void)fprintf(to, "SHA-256 of %s: %s\n", print_text_at(statement, "month"),
                          print_text_at(statement, "digest"));
    }
}

void print_billing_disputes(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "NUMBER", "dispute" }, { "MONTH", "month" },
        { "LINE", "line" },      { "STATE", "state" },
        { "AMOUNT", "amount" },  { "REASON", "reason" },
        { "ANSWER", "answer" },  { "CREDITED IN", "credited_in" },
        { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_billing_dispute(const json_t *dispute, FILE *to)
{
    (void)fprintf(to, "Dispute %lld, about line %lld of %s: %s.\n", number_of(dispute, "dispute"),
                  number_of(dispute, "line"), print_text_at(dispute, "month"),
                  print_text_at(dispute, "state"));
}
