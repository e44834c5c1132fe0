/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered about billing: docs/billing.md tells what it means. Amounts are in the
 * currency's smallest unit.
 */
#include "server-bridge/core/api/answers/answers.h"

/* clang-format off */
static const struct member rule_members[] = {
    TEXT("id",               ALWAYS,  "Names it on statements."),
    ANYTHING("if",           MAYBE | MAP, "Its conditions; absent: it always holds."),
    FLAG("billable",         MAYBE,   "false: what it decides is not billed."),
    COUNT("price",           MAYBE,   "Of one conversation."),
    TEXT("text",             MAYBE,   "What its lines give as the reason."),
    NO_MORE,
};
static SHAPE(rule, "BillingRule", NULL);

static const struct member version_members[] = {
    COUNT("version",         ALWAYS,  "Counts from 1."),
    TEXT("from",             ALWAYS,  "The first month they hold for: 2026-10."),
    TEXT("zone",             ALWAYS,  "Where months begin."),
    TEXT("currency",         OR_NULL, "What prices are in; null: nothing has one."),
    TIME("made_at",          OR_NULL, "When."),
    TEXT("made_by",          ALWAYS,  "By whom."),
    OBJECT("rules",          LIST,    rule_shape, "In order, the first that holds decides."),
    NO_MORE,
};
static SHAPE(version, "BillingRules", NULL);

static const struct member totals_members[] = {
    COUNT("conversations",   ALWAYS,  "How many ended in the month."),
    COUNT("billable",        ALWAYS,  "How many of them are billed."),
    COUNT("credits",         ALWAYS,  "How many are taken back of earlier months."),
    WHOLE("due_conversations", ALWAYS, "billable less credits."),
    COUNT("amount",          OR_NULL, "For what is billable; null: without a currency."),
    WHOLE("credit",          OR_NULL, "What is taken back, from 0 down."),
    WHOLE("due",             OR_NULL, "What is to be paid."),
    NO_MORE,
};
static SHAPE(totals, "BillingTotals", NULL);

static const struct member month_members[] = {
    TEXT("month",            ALWAYS,  "2026-10."),
    WORD("state",            ALWAYS,  "open|closed", "open: the one to be closed next."),
    TIME("closed_at",        MAYBE | OR_NULL, "When it was closed."),
    TEXT("closed_by",        MAYBE,   "By whom."),
    TEXT("digest",           MAYBE,   "The SHA-256 of the statement's bytes, in hexadecimal."),
    OBJECT("totals",         MAYBE,   totals_shape, "Its sums."),
    NO_MORE,
};
static SHAPE(month, "BillingMonth", NULL);

static const struct member closed_members[] = {
    TEXT("month",            ALWAYS,  "2026-10."),
    TEXT("digest",           ALWAYS,  "The SHA-256 of the statement's bytes, in hexadecimal."),
    TIME("closed_at",        OR_NULL, "When."),
    TEXT("closed_by",        ALWAYS,  "By whom."),
    NO_MORE,
};
static SHAPE(closed, "BillingClosed", NULL);

static const struct member line_members[] = {
    COUNT("line",            ALWAYS,  "Counts from 1, in order of the ends."),
    ID("conversation",       ALWAYS,  "Which."),
    TIME("opened_at",        ALWAYS,  "When."),
    TIME("ended_at",         ALWAYS,  "When."),
    COUNT("visitor_messages", ALWAYS, "How many."),
    COUNT("visitor_words",   OR_NULL, "How many; null: the words had gone before they were counted."),
    COUNT("agent_messages",  ALWAYS,  "How many."),
    COUNT("answered_s",      OR_NULL, "Seconds until a person answered; null: nobody did."),
    COUNT("duration_s",      ALWAYS,  "Seconds from the first message to the last."),
    TEXT("rule",             ALWAYS,  "The one that decides."),
    TEXT("reason",           ALWAYS,  "Why, for people."),
    FLAG("billable",         ALWAYS,  "Whether it is billed."),
    COUNT("amount",          OR_NULL, "Its price; null: without a currency."),
    TEXT("transcript",       OR_NULL, "Where to read it; null: the visitor was erased."),
    NO_MORE,
};
static SHAPE(line, "BillingLine", NULL);

static const struct member credit_members[] = {
    COUNT("dispute",         ALWAYS,  "Its number."),
    TEXT("month",            ALWAYS,  "Of which statement …"),
    COUNT("line",            ALWAYS,  "… which line."),
    ID("conversation",       ALWAYS,  "Which."),
    TEXT("reason",           ALWAYS,  "Why it was contested."),
    TEXT("answer",           ALWAYS,  "What was answered."),
    WHOLE("amount",          OR_NULL, "From 0 down."),
    NO_MORE,
};
static SHAPE(credit, "BillingCredit", NULL);

static const struct member by_rule_members[] = {
    TEXT("rule",             ALWAYS,  "Which."),
    COUNT("conversations",   ALWAYS,  "How many it decided."),
    COUNT("billable",        ALWAYS,  "How many of them are billed."),
    COUNT("amount",          OR_NULL, "For how much."),
    NO_MORE,
};
static SHAPE(by_rule, "BillingByRule", NULL);

static const struct member dispute_members[] = {
    COUNT("dispute",         ALWAYS,  "Its number."),
    TEXT("month",            ALWAYS,  "Of which statement …"),
    COUNT("line",            ALWAYS,  "… which line."),
    ID("conversation",       OR_NULL, "Which."),
    WORD("state",            ALWAYS,  "open|accepted|rejected", "What became of it."),
    TEXT("reason",           ALWAYS,  "Why it should not be billed."),
    TIME("made_at",          OR_NULL, "When."),
    TEXT("made_by",          ALWAYS,  "By whom."),
    TEXT("answer",           OR_NULL, "What the tenant is told."),
    TIME("decided_at",       OR_NULL, "When it was decided."),
    TEXT("decided_by",       OR_NULL, "By whom."),
    TEXT("credited_in",      OR_NULL, "The month whose statement takes it back."),
    COUNT("amount",          ALWAYS,  "The line's."),
    NO_MORE,
};
static SHAPE(dispute, "BillingDispute", NULL);
static const struct member held_rules_members[] = {
    COUNT("version",         ALWAYS,  "Which rules."),
    TEXT("from",             ALWAYS,  "The first month they hold for."),
    OBJECT("rules",          LIST,    rule_shape, "The whole list."),
    NO_MORE,
};
static SHAPE(held_rules, "BillingRulesHeld", NULL);

static const struct member statement_members[] = {
    TEXT("tenant",           ALWAYS,  "Whose."),
    TEXT("title",            ALWAYS,  "What people call it."),
    TEXT("month",            ALWAYS,  "2026-10."),
    WORD("state",            ALWAYS,  "draft|closed", "draft: it may change still."),
    TIME("closed_at",        OR_NULL, "When it was closed."),
    TEXT("closed_by",        OR_NULL, "By whom."),
    TEXT("zone",             ALWAYS,  "Where the month begins."),
    TIME("from",             ALWAYS,  "Its first moment."),
    TIME("to",               ALWAYS,  "The moment after its last."),
    TEXT("currency",         OR_NULL, "What amounts are in."),
    TEXT("previous",         OR_NULL, "The digest of the statement before."),
    OBJECT("rules",          ALWAYS,  held_rules_shape, "By which rules."),
    OBJECT("totals",         ALWAYS,  totals_shape, "Its sums."),
    OBJECT("by_rule",        LIST,    by_rule_shape, "The same by rule, in their order."),
    OBJECT("credits",        LIST,    credit_shape, "What is taken back of earlier months."),
    OBJECT("lines",          LIST,    line_shape, "A line a conversation."),
    NO_MORE,
};
static SHAPE(statement, "BillingStatement", NULL);
/* clang-format on */

ANSWER(billing_rules_list, .status = 200, .items = &version_shape);
ANSWER(billing_rules_add, .status = 201, .shape = &version_shape,
       .refusals = "400 bad_rules, 409 month_closed, 409 other_currency, 503 not_saved");
ANSWER(billing_statements_list, .status = 200, .items = &month_shape);
ANSWER(billing_statement_close, .status = 201, .shape = &closed_shape,
       .refusals = "404 no_rules, 409 not_over, 409 not_next, 409 changed, 503 not_saved");
ANSWER(billing_statement_show, .status = 200, .shape = &statement_shape, .streamed = true,
       .types = "text/csv, text/html", .refusals = "404 no_rules");
ANSWER(billing_disputes_list, .status = 200, .items = &dispute_shape);
ANSWER(billing_dispute_add, .status = 201, .shape = &dispute_shape,
       .refusals = "404 not_found, 409 not_billed, 409 disputed, 503 not_saved");
ANSWER(billing_dispute_decide, .status = 200, .shape = &dispute_shape,
       .refusals = "404 not_found, 409 decided, 503 not_saved");
