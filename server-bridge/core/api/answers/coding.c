/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered about codes: the machine's and people's, samples, agreement; and about buyers.
 */
#include "server-bridge/core/api/answers/answers.h"

/* clang-format off */
static const struct member run_members[] = {
    TEXT("coder",            ALWAYS,  "machine@, and its rules' version."),
    COUNT("chats",           ALWAYS,  "How many were coded now."),
    COUNT("messages",        ALWAYS,  "Of how many messages."),
    COUNT("codes",           ALWAYS,  "How many it gave."),
    COUNT("refused",         ALWAYS,  "Messages it cannot read."),
    COUNT("left",            ALWAYS,  "Chats that are left; ask again until that is 0."),
    NO_MORE,
};
static SHAPE(run, "CodingRun", NULL);

static const struct member coder_members[] = {
    TEXT("coder",            ALWAYS,  "A person's name, adjudicated, or machine@…."),
    TEXT("book",             ALWAYS,  "By which code book."),
    COUNT("conversations",   ALWAYS,  "How many they coded."),
    TIME("latest",           OR_NULL, "When the last of them."),
    NO_MORE,
};
static SHAPE(coder, "Coder", NULL);

static const struct member coded_members[] = {
    COUNT("imported",        ALWAYS,  "How many chats were taken in."),
    COUNT("known",           ALWAYS,  "0: what a coder said before is replaced."),
    COUNT("messages",        ALWAYS,  "How many messages they have."),
    OBJECT("refused",        LIST,    refused_shape, "Which were not."),
    NO_MORE,
};
static SHAPE(coded, "CodesTaken", NULL);

static const struct member explanation_members[] = {
    ID("conversation",       ALWAYS,  "The chat."),
    COUNT("seq",             ALWAYS,  "The message in it."),
    TEXT("coder",            ALWAYS,  "machine@, and its rules' version."),
    TEXT("text",             ALWAYS,  "Lines for people: which rule gave which code, and why others did not."),
    NO_MORE,
};
static SHAPE(explanation, "CodingExplained", NULL);

static const struct member book_code_members[] = {
    TEXT("code",             ALWAYS,  "Its id."),
    TEXT("group",            ALWAYS,  "The group of the book."),
    TEXT("meaning",          ALWAYS,  "A sentence for people."),
    TEXT("class",            MAP,     "By language, how far the machine may be trusted with it: A, B, H: a person must."),
    NO_MORE,
};
static SHAPE(book_code, "BookCode", NULL);

static const struct member function_members[] = {
    TEXT("code",             ALWAYS,  "Its id."),
    TEXT("meaning",          ALWAYS,  "A sentence for people."),
    NO_MORE,
};
static SHAPE(function, "BookFunction", NULL);

static const struct member codebook_members[] = {
    TEXT("version",          ALWAYS,  "Of the book."),
    TEXT("rules",            ALWAYS,  "Of the machine's rules."),
    OBJECT("codes",          LIST,    book_code_shape, "What messages may bear."),
    OBJECT("functions",      LIST,    function_shape, "What chats may be for."),
    NO_MORE,
};
static SHAPE(codebook, "Codebook", NULL);

static const struct member measure_members[] = {
    NUMBER("value",          OR_NULL, "null: it cannot be reckoned."),
    NUMBER("low",            OR_NULL, "Its 95 % interval."),
    NUMBER("high",           OR_NULL, "Its upper end."),
    NO_MORE,
};
static SHAPE(measure, "Measure", NULL);

static const struct member counts_members[] = {
    NUMBER("both",           ALWAYS,  "Messages that both mark; of a sample, sums of weights."),
    NUMBER("first_only",     ALWAYS,  "That the first alone marks."),
    NUMBER("second_only",    ALWAYS,  "That the second alone marks."),
    NUMBER("neither",        ALWAYS,  "That neither marks."),
    NO_MORE,
};
static SHAPE(counts, "AgreementCounts", NULL);

static const struct member agreement_row_members[] = {
    TEXT("code",             ALWAYS,  "Its id."),
    TEXT("language",         ALWAYS,  "Of the chats."),
    WORD("role",             ALWAYS,  "both|visitor|agent", "Whose messages."),
    COUNT("messages",        ALWAYS,  "How many were compared."),
    COUNT("conversations",   ALWAYS,  "Of how many chats."),
    OBJECT("counts",         ALWAYS,  counts_shape, "Who marks what."),
    NUMBER("prevalence",     OR_NULL, "How many of them bear it, by the first."),
    NUMBER("percent",        OR_NULL, "On how many of a hundred both agree."),
    NUMBER("percent_low",    OR_NULL, "Its 95 % interval."),
    NUMBER("percent_high",   OR_NULL, "Its upper end."),
    OBJECT("kappa",          ALWAYS,  measure_shape, "Cohen's."),
    OBJECT("ac1",            ALWAYS,  measure_shape, "Gwet's, which rare codes do not push down."),
    OBJECT("alpha",          ALWAYS,  measure_shape, "Krippendorff's."),
    OBJECT("precision",      ALWAYS,  measure_shape, "Of the second, by the first."),
    OBJECT("recall",         ALWAYS,  measure_shape, "Of the second, by the first."),
    OBJECT("f1",             ALWAYS,  measure_shape, "Of both."),
    OBJECT("folds",          OR_NULL, measure_shape, "κ of the machine in ten-fold cross-validation; of two coders null."),
    TEXT("class",            ALWAYS,  "What κ makes it, without folds: A, B, H …"),
    NO_MORE,
};
static SHAPE(agreement_row, "AgreementRow", NULL);

static const struct member compared_members[] = {
    TEXT("stratum",          ALWAYS,  "Which chats."),
    COUNT("drawn",           ALWAYS,  "How many are in the sample."),
    COUNT("compared",        ALWAYS,  "How many both have coded: they stand for the rest. 0: nothing is known of them."),
    NO_MORE,
};
static SHAPE(compared, "ComparedStratum", NULL);

static const struct member agreement_members[] = {
    TEXT("first",            ALWAYS,  "The reference."),
    TEXT("second",           ALWAYS,  "Who is measured against it."),
    TEXT("sample",           OR_NULL, "Whose chats alone count."),
    OBJECT("strata",         MAYBE | LIST, compared_shape, "Of a sample: how much of it could be compared."),
    OBJECT("rows",           LIST,    agreement_row_shape, "By code, language and role."),
    TEXT("classes",          OR_NULL, "The class table, where it was asked for: lines, tabs between columns."),
    TEXT("problems_told",    OR_NULL, "Lines of the reference that could not be read, and why."),
    NO_MORE,
};
static SHAPE(agreement, "Agreement", NULL);

static const struct member held_members[] = {
    ID("reference",          ALWAYS,  "What more lines come under, and what it is measured by: presence/agreement."),
    COUNT("bytes",           ALWAYS,  "How much of it is here."),
    NO_MORE,
};
static SHAPE(held, "ReferenceHeld", NULL);

static const struct member stratum_members[] = {
    TEXT("stratum",          ALWAYS,  "Which chats."),
    COUNT("chats",           ALWAYS,  "How many there are."),
    COUNT("drawn",           ALWAYS,  "How many were drawn."),
    NO_MORE,
};
static SHAPE(stratum, "Stratum", NULL);

static const struct member sample_members[] = {
    TEXT("sample",           ALWAYS,  "Its name."),
    TEXT("book",             ALWAYS,  "By which code book."),
    TEXT("machine",          ALWAYS,  "Whose codes it was drawn by."),
    TEXT("codes",            LIST,    "Codes whose chats were drawn more often."),
    COUNT("seed",            ALWAYS,  "The same seed draws the same chats."),
    COUNT("chats",           ALWAYS,  "How many it has."),
    NO_MORE,
};
static SHAPE(sample, "Sample", NULL);

static const struct member drawn_members[] = {
    OBJECT("strata",         LIST,    stratum_shape, "What it was drawn from."),
    NO_MORE,
};
static SHAPE(drawn, "SampleDrawn", &sample_shape);

static const struct member progress_members[] = {
    TEXT("coder",            ALWAYS,  "A person."),
    COUNT("chats",           ALWAYS,  "Dealt to them."),
    COUNT("done",            ALWAYS,  "Of them, coded."),
    NO_MORE,
};
static SHAPE(progress, "CoderProgress", NULL);

static const struct member sample_status_members[] = {
    TIME("made_at",          OR_NULL, "When it was drawn."),
    COUNT("both_done",       ALWAYS,  "Chats both coders have coded."),
    COUNT("settled",         ALWAYS,  "Chats that were settled."),
    COUNT("faded",           ALWAYS,  "Chats whose words went before both had."),
    OBJECT("coders",         LIST,    progress_shape, "How far they are."),
    NO_MORE,
};
static SHAPE(sample_status, "SampleStatus", &sample_shape);

static const struct member dealt_members[] = {
    TEXT("sample",           ALWAYS,  "Its name."),
    COUNT("chats",           ALWAYS,  "How many were dealt out."),
    COUNT("codings_kept",    ALWAYS,  "What was coded before, and counts still."),
    NO_MORE,
};
static SHAPE(dealt, "SampleDealt", NULL);

/* --- sheets: what people code on --- */

static const struct member span_code_members[] = {
    TEXT("code",             ALWAYS,  "Its id."),
    COUNT("first",           ALWAYS,  "The word it begins with, from 1 …"),
    COUNT("last",            ALWAYS,  "… and the one it ends with."),
    NO_MORE,
};
static SHAPE(span_code, "SpanCode", NULL);

static const struct member code_dispute_members[] = {
    TEXT("code",             ALWAYS,  "Its id."),
    TEXT("by",               ALWAYS,  "Who says so; the other does not."),
    NO_MORE,
};
static SHAPE(code_dispute, "CodeDispute", NULL);

static const struct member sheet_message_members[] = {
    COUNT("seq",             ALWAYS,  "Counts from 1 without gaps."),
    WORD("from",             ALWAYS,  "visitor|agent|bot|system", "Who said it."),
    TEXT("name",             OR_NULL, "The name visitors saw."),
    WORD("origin",           ALWAYS,  "typed|canned|bot|system", "How it was made."),
    TIME("at",               OR_NULL, "When."),
    COUNT("reply_to",        OR_NULL, "The seq it answers to."),
    TEXT("text",             ALWAYS,  "The words."),
    TEXT_OR_OBJECT("codes",  LIST,    span_code_shape, "To be filled in; what both agree on is."),
    OBJECT("disputed",       MAYBE | LIST, code_dispute_shape, "What they differ about."),
    NO_MORE,
};
static SHAPE(sheet_message, "SheetMessage", NULL);

static const struct member sheet_members[] = {
    ID("id",                 ALWAYS,  "The chat."),
    TEXT("language",         OR_NULL, "Of the widget."),
    TEXT("book",             ALWAYS,  "By which code book."),
    OBJECT("messages",       LIST,    sheet_message_shape, "What was said."),
    TEXT_OR_OBJECT("functions", LIST, span_code_shape, "What the chat is for: to be filled in."),
    OBJECT("disputed",       MAYBE | LIST, code_dispute_shape, "Functions they differ about."),
    NO_MORE,
};
static SHAPE(sheet, "Sheet", NULL);

static const struct member next_members[] = {
    ID("id",                 OR_NULL, "The chat; null: there is none to code, and no sheet."),
    TEXT("language",         MAYBE | OR_NULL, "Of the widget."),
    TEXT("book",             MAYBE,   "By which code book."),
    OBJECT("messages",       MAYBE | LIST, sheet_message_shape, "What was said."),
    TEXT_OR_OBJECT("functions", MAYBE | LIST, span_code_shape, "What the chat is for: to be filled in."),
    TEXT("coder",            ALWAYS,  "Who codes."),
    TEXT("sample",           MAYBE,   "Of which sample it is."),
    COUNT("dealt",           ALWAYS,  "Chats dealt to them there."),
    COUNT("left",            ALWAYS,  "Of them, to be coded still."),
    NO_MORE,
};
static SHAPE(next, "SheetNext", NULL);

static const struct member settled_members[] = {
    TEXT("sample",           ALWAYS,  "Its name."),
    COUNT("settled",         ALWAYS,  "Chats both agreed on, settled now."),
    COUNT("open",            ALWAYS,  "Chats they differ about."),
    OBJECT("next",           OR_NULL, sheet_shape, "The first of them."),
    NO_MORE,
};
static SHAPE(settled, "Settled", NULL);

/* --- buyers --- */

static const struct member buyers_members[] = {
    COUNT("imported",        ALWAYS,  "How many answers were taken in."),
    COUNT("known",           ALWAYS,  "How many were there already."),
    OBJECT("refused",        LIST,    refused_shape, "Which were not."),
    NO_MORE,
};
static SHAPE(buyers, "BuyersTaken", NULL);

static const struct member link_members[] = {
    TEXT("id",               ALWAYS,  "The order's own."),
    TEXT("url",              OR_NULL, "What its buyer opens, once."),
    TIME("expires_at",       OR_NULL, "Until when."),
    NO_MORE,
};
static SHAPE(link, "SurveyLink", NULL);

static const struct member links_members[] = {
    OBJECT("links",          LIST,    link_shape, "One for each order."),
    OBJECT("refused",        LIST,    refused_shape, "Orders nobody can be asked about."),
    NO_MORE,
};
static SHAPE(links, "SurveyLinks", NULL);
/* clang-format on */

ANSWER(presence_code, .status = 200, .shape = &run_shape,
       .refusals = "409 in_progress, 503 no_rules, 503 not_saved");
ANSWER(presence_coders, .status = 200, .items = &coder_shape);
ANSWER(presence_codes_add, .status = 200, .shape = &coded_shape, .refusals = "503 not_saved");
ANSWER(presence_explain, .status = 200, .shape = &explanation_shape, .refusals = "503 no_rules");
ANSWER(presence_codebook, .status = 200, .shape = &codebook_shape, .refusals = "503 no_rules");
ANSWER(presence_agreement, .status = 200, .shape = &agreement_shape, .refusals = "503 no_rules");
ANSWER(presence_reference_add, .status = 200, .shape = &held_shape, .refusals = "413 too_large");
ANSWER(presence_sample, .status = 201, .shape = &drawn_shape,
       .refusals = "409 in_progress, 409 not_coded, 409 nothing_there, 409 sample_exists, "
                   "503 no_rules, 503 not_saved");
ANSWER(presence_samples, .status = 200, .items = &sample_status_shape);
ANSWER(presence_assign, .status = 200, .shape = &dealt_shape,
       .refusals = "409 in_progress, 503 not_saved");
ANSWER(presence_next, .status = 200, .shape = &next_shape);
ANSWER(presence_coded, .status = 200, .shape = &coded_shape, .refusals = "503 not_saved");
ANSWER(presence_adjudicate, .status = 200, .shape = &settled_shape,
       .refusals = "409 in_progress, 503 not_saved");
ANSWER(presence_buyers, .status = 200, .shape = &buyers_shape, .refusals = "503 not_saved");
ANSWER(presence_survey_links, .status = 200, .shape = &links_shape,
       .refusals = "400 bad_orders, 409 no_address");
ANSWER(presence_codes_list, .status = 200, .types = "application/x-ndjson");
