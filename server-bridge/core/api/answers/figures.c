/* SPDX-License-Identifier: Apache-2.0
 *
 * What reports hold. How each figure is reckoned, and what the deeper parts of a presence report
 * are, is told in docs/presence.md: they change with the code book, and are open here.
 */
#include "server-bridge/core/api/answers/answers.h"

/* clang-format off */
static const struct member share_members[] = {
    COUNT("count",           ALWAYS,  "So many …"),
    COUNT("n",               ALWAYS,  "… of so many."),
    FLAG("too_few",          ALWAYS,  "Whether n is too small to say much."),
    NUMBER("share",          MAYBE | OR_NULL, "count / n, where n is not 0 …"),
    NUMBER("low",            MAYBE | OR_NULL, "… and its 95 % interval …"),
    NUMBER("high",           MAYBE | OR_NULL, "… by Wilson's formula."),
    NO_MORE,
};
static SHAPE(share, "Share", NULL);

static const struct member waits_members[] = {
    COUNT("n",               ALWAYS,  "How many waits …"),
    COUNT("chats",           ALWAYS,  "… of how many chats."),
    FLAG("too_few",          ALWAYS,  "Whether those chats are too few to say much."),
    NUMBER("median_s",       MAYBE | OR_NULL, "Seconds, where there is any."),
    NUMBER("median_low_s",   MAYBE | OR_NULL, "Its 95 % interval, of order statistics, with waits clustered in chats."),
    NUMBER("median_high_s",  MAYBE | OR_NULL, "Its upper end."),
    NUMBER("p90_s",          MAYBE | OR_NULL, "The 90th percentile, seconds."),
    NUMBER("p90_low_s",      MAYBE | OR_NULL, "Its interval."),
    NUMBER("p90_high_s",     MAYBE | OR_NULL, "Its upper end."),
    NO_MORE,
};
static SHAPE(waits, "Waits", NULL);

static const struct member csat_members[] = {
    NUMBER("score",          MAYBE | OR_NULL, "100 × count / n."),
    OBJECT("responded",      ALWAYS,  share_shape, "How many of the chats rated at all."),
    NO_MORE,
};
static SHAPE(csat, "Csat", &share_shape);

static const struct member nps_members[] = {
    COUNT("n",               ALWAYS,  "How many answered."),
    COUNT("promoters",       ALWAYS,  "Of them, with 9 or 10."),
    COUNT("detractors",      ALWAYS,  "Of them, with 0 to 6."),
    FLAG("too_few",          ALWAYS,  "Whether n is too small to say much."),
    NUMBER("score",          MAYBE | OR_NULL, "-100 to 100."),
    NUMBER("low",            MAYBE | OR_NULL, "Its 95 % interval."),
    NUMBER("high",           MAYBE | OR_NULL, "Its upper end."),
    OBJECT("responded",      ALWAYS,  share_shape, "How many of the chats answered at all."),
    NO_MORE,
};
static SHAPE(nps, "Nps", NULL);

static const struct member effort_members[] = {
    COUNT("n",               ALWAYS,  "How many answered."),
    FLAG("too_few",          ALWAYS,  "Whether that is too few to say much."),
    NUMBER("mean",           MAYBE | OR_NULL, "Of 1 to 7."),
    NUMBER("low",            MAYBE | OR_NULL, "Its 95 % interval."),
    NUMBER("high",           MAYBE | OR_NULL, "Its upper end."),
    OBJECT("responded",      ALWAYS,  share_shape, "How many of the chats answered at all."),
    NO_MORE,
};
static SHAPE(effort, "Effort", NULL);

static const struct member chats_members[] = {
    COUNT("n",               ALWAYS,  "How many."),
    COUNT("coded",           ALWAYS,  "Of them, coded by the coder whose codes count."),
    COUNT("faded",           ALWAYS,  "Whose words went by retention."),
    COUNT("one_sided",       ALWAYS,  "In which one side alone said something."),
    COUNT("empty",           ALWAYS,  "In which the visitor said nothing."),
    COUNT("by_stage",        MAP,     "By the stage of the customer relationship."),
    COUNT("by_language",     MAP,     "By the language of the widget."),
    NO_MORE,
};
static SHAPE(chats, "ChatFigures", NULL);

static const struct member words_members[] = {
    TEXT("language",         ALWAYS,  "Which."),
    COUNT("chats",           ALWAYS,  "Chats whose words are kept."),
    COUNT("visitor",         ALWAYS,  "Words of visitors …"),
    COUNT("agent",           ALWAYS,  "… and of agents."),
    FLAG("too_few",          ALWAYS,  "Whether that is too few to say more."),
    NUMBER("agent_per_visitor", MAYBE | OR_NULL, "One by the other …"),
    NUMBER("low",            MAYBE | OR_NULL, "… and its 95 % interval."),
    NUMBER("high",           MAYBE | OR_NULL, "Its upper end."),
    NO_MORE,
};
static SHAPE(words, "WordFigures", NULL);

static const struct member messages_members[] = {
    COUNT("visitor",         ALWAYS,  "Messages of visitors."),
    COUNT("agent",           ALWAYS,  "Of agents."),
    COUNT("bot",             ALWAYS,  "Of bots."),
    COUNT("system",          ALWAYS,  "Of ours."),
    OBJECT("canned",         ALWAYS,  share_shape, "How many of the agents' were canned."),
    OBJECT("words",          LIST,    words_shape, "How many words either side has, a language at a time."),
    NO_MORE,
};
static SHAPE(messages, "MessageFigures", NULL);

static const struct member times_members[] = {
    OBJECT("first_response", ALWAYS,  waits_shape, "From the visitor's first message to a person's."),
    OBJECT("response",       ALWAYS,  waits_shape, "From each turn of the visitor to a person's next message."),
    OBJECT("duration",       ALWAYS,  waits_shape, "From the first message to the last."),
    OBJECT("queue",          ALWAYS,  waits_shape, "From the queue to an agent."),
    COUNT("left_out_no_time", ALWAYS, "Waits whose times nobody knows."),
    COUNT("left_out_backwards", ALWAYS, "Waits that ended before they began."),
    NO_MORE,
};
static SHAPE(times, "TimeFigures", NULL);

static const struct member offers_members[] = {
    COUNT("offered",         ALWAYS,  "Conversations that were offered to an agent."),
    OBJECT("taken",          ALWAYS,  share_shape, "Offers that were taken."),
    OBJECT("declined",       ALWAYS,  share_shape, "Offers that were declined."),
    OBJECT("missed",         ALWAYS,  share_shape, "Offers nobody answered."),
    OBJECT("withdrawn",      ALWAYS,  share_shape, "Offers that were taken back."),
    NO_MORE,
};
static SHAPE(offers, "OfferFigures", NULL);

static const struct member staffing_members[] = {
    NUMBER("seen_min",       OR_NULL, "Minutes that were watched."),
    NUMBER("open_min",       OR_NULL, "Of them, in opening hours."),
    NUMBER("staffed_min",    OR_NULL, "Of those, with somebody there."),
    NUMBER("unstaffed_min",  OR_NULL, "With nobody there."),
    NUMBER("staffed_share",  OR_NULL, "One by the other."),
    NUMBER("agents",         OR_NULL, "How many were there, on average."),
    NUMBER("held",           OR_NULL, "Conversations in hand, on average."),
    NUMBER("queued",         OR_NULL, "Conversations that waited, on average."),
    NO_MORE,
};
static SHAPE(staffing, "Staffing", NULL);

static const struct member desk_hour_members[] = {
    COUNT("hour",            ALWAYS,  "0 to 23, in the tenant's zone."),
    COUNT("chats",           ALWAYS,  "How many began in it."),
    NO_MORE,
};
static SHAPE(desk_hour, "DeskHour", &staffing_shape);

static const struct member desk_members[] = {
    OBJECT("offers",         ALWAYS,  offers_shape, "What became of offers."),
    OBJECT("hours",          LIST,    desk_hour_shape, "By the hour of the day."),
    NUMBER("held_per_agent", OR_NULL, "Conversations in hand for each agent there."),
    NO_MORE,
};
static SHAPE(desk, "DeskFigures", &staffing_shape);

static const struct member day_members[] = {
    TEXT("day",              ALWAYS,  "2026-10-31, in the tenant's zone."),
    COUNT("chats",           ALWAYS,  "How many were opened."),
    NO_MORE,
};
static SHAPE(day, "DayCount", NULL);

static const struct member named_members[] = {
    TEXT("name",             ALWAYS,  "Empty: not told."),
    COUNT("chats",           ALWAYS,  "How many."),
    NO_MORE,
};
static SHAPE(named, "NamedCount", NULL);

static const struct member report_members[] = {
    WORD("format",           ALWAYS,  "lasna-report-1", "Of this document."),
    TEXT("tenant",           ALWAYS,  "Whose."),
    TEXT("title",            ALWAYS,  "What people call it."),
    TEXT("period",           ALWAYS,  "2026-10 or 2026-W43."),
    TEXT("zone",             ALWAYS,  "Where its days begin."),
    TIME("from",             ALWAYS,  "Its first moment."),
    TIME("to",               ALWAYS,  "The moment after its last."),
    OBJECT("answered",       ALWAYS,  share_shape, "By a person, of those in which the visitor said something."),
    OBJECT("by_day",         LIST,    day_shape, "Each day of it."),
    OBJECT("outcomes",       LIST,    named_shape, "What came of them, the most frequent first."),
    OBJECT("topics",         LIST,    named_shape, "Their tags, the most frequent first."),
    OBJECT("chats",          ALWAYS,  chats_shape, "How many, and what of."),
    OBJECT("messages",       ALWAYS,  messages_shape, "What was said in them."),
    OBJECT("times",          ALWAYS,  times_shape, "How long it took."),
    OBJECT("csat",           ALWAYS,  csat_shape, "How content visitors were."),
    OBJECT("nps",            ALWAYS,  nps_shape, "Whether they would recommend."),
    OBJECT("effort",         ALWAYS,  effort_shape, "How hard it was for them."),
    OBJECT("desk",           MAYBE,   desk_shape, "How the desk was staffed, where anybody watched."),
    NO_MORE,
};
static SHAPE(report, "PeriodReport", NULL);

static const struct member about_members[] = {
    TEXT("tenant",           ALWAYS,  "Whose."),
    TEXT("title",            ALWAYS,  "What people call it."),
    TIME("since",            OR_NULL, "As it was asked."),
    TIME("until",            OR_NULL, "As it was asked."),
    TIME("first",            OR_NULL, "The first chat's opening."),
    TIME("last",             OR_NULL, "The last chat's."),
    TEXT("zone",             MAYBE,   "The tenant's, by which months and days are told."),
    TEXT("since_day",        MAYBE,   "As it was asked, there."),
    TEXT("until_day",        MAYBE,   "As it was asked, there."),
    TEXT("first_day",        MAYBE,   "Of the first chat, there."),
    TEXT("last_day",         MAYBE,   "Of the last, there."),
    TEXT("stage",            ALWAYS,  "As it was asked; empty: any."),
    TEXT("language",         ALWAYS,  "As it was asked; empty: any."),
    TEXT("outcome",          ALWAYS,  "As it was asked; empty: any."),
    TEXT("coder",            ALWAYS,  "Whose codes count; empty: nobody's."),
    TEXT("book",             ALWAYS,  "By which code book."),
    FLAG("machine",          ALWAYS,  "Whether the coder is the machine."),
    NO_MORE,
};
static SHAPE(about, "PresenceAbout", NULL);

static const struct member orders_members[] = {
    TEXT("currency",         ALWAYS,  "EUR."),
    COUNT("n",               ALWAYS,  "How many orders."),
    FLAG("too_few",          ALWAYS,  "Whether that is too few to say more."),
    NUMBER("median_value",   MAYBE | OR_NULL, "Of one."),
    NUMBER("low",            MAYBE | OR_NULL, "Its 95 % interval."),
    NUMBER("high",           MAYBE | OR_NULL, "Its upper end."),
    NO_MORE,
};
static SHAPE(orders, "OrderFigures", NULL);

static const struct member purchases_members[] = {
    OBJECT("chats",          ALWAYS,  share_shape, "After which the visitor bought."),
    OBJECT("orders",         LIST,    orders_shape, "What, by currency."),
    NO_MORE,
};
static SHAPE(purchases, "PurchaseFigures", NULL);

static const struct member load_members[] = {
    COUNT("chats",           ALWAYS,  "So many in the agent's hand at once."),
    FLAG("and_more",         ALWAYS,  "Or more."),
    OBJECT("response",       ALWAYS,  waits_shape, "How soon they answered then."),
    NO_MORE,
};
static SHAPE(load, "LoadFigures", NULL);

static const struct member channel_members[] = {
    TEXT("stage",            ALWAYS,  "Of the customer relationship."),
    OBJECT("chats",          ALWAYS,  share_shape, "Of those whose course the platform saw."),
    NO_MORE,
};
static SHAPE(channel, "ChannelFigures", NULL);

static const struct member presence_members[] = {
    WORD("format",           ALWAYS,  "lasna-figures-1", "Of this document."),
    OBJECT("about",          ALWAYS,  about_shape, "What it is of."),
    OBJECT("chats",          ALWAYS,  chats_shape, "How many, and what of."),
    OBJECT("messages",       ALWAYS,  messages_shape, "What was said in them."),
    OBJECT("times",          ALWAYS,  times_shape, "How long it took."),
    OBJECT("purchases",      ALWAYS,  purchases_shape, "What sites told of purchases."),
    ANYTHING("effect",       MAYBE | MAP, "Buyers who chatted beside those who did not, where any answered."),
    OBJECT("desk",           MAYBE,   desk_shape, "How the desk was staffed, where anybody watched."),
    OBJECT("another_channel", LIST,   channel_shape, "Chats that were transferred, or in which a call or a meeting was asked for: F.CHANNEL as the platform saw it."),
    OBJECT("load",           LIST,    load_shape, "How soon agents answered, by how much they had in hand."),
    ANYTHING("canned",       MAP,     "Chats with canned replies beside those without."),
    OBJECT("csat",           ALWAYS,  csat_shape, "How content visitors were."),
    OBJECT("nps",            ALWAYS,  nps_shape, "Whether they would recommend."),
    OBJECT("effort",         ALWAYS,  effort_shape, "How hard it was for them."),
    ANYTHING("languages",    LIST,    "Signs of presence, a language at a time: stages, months, completeness, trajectory, reciprocity, word of mouth, the study's check."),
    ANYTHING("agents",       MAYBE | LIST, "By agent, where figures.by_agent says so."),
    ANYTHING("functions",    MAYBE | MAP, "What chats were for, by stage; with a coder."),
    NO_MORE,
};
static SHAPE(presence, "PresenceReport", NULL);
/* clang-format on */

ANSWER(report_show, .status = 200, .shape = &report_shape, .streamed = true,
       .types = "text/csv, text/html");
ANSWER(presence_report, .status = 200, .shape = &presence_shape, .streamed = true,
       .types = "text/html", .refusals = "404 not_found");
