/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered about conversations, their transcripts, files, and visitors.
 */
#include "server-bridge/core/api/answers/answers.h"

#define STATES "queued|active|ended"
#define STAGES "potential|new|existing|unknown"
#define FROMS  "visitor|agent|bot|system"

/* clang-format off */
static const struct member conversation_visitor_members[] = {
    ID("id",                 OR_NULL, "Names the visitor."),
    TEXT("name",             OR_NULL, "As they told it, or as the site vouched."),
    NO_MORE,
};
static SHAPE(conversation_visitor, "ConversationVisitor", NULL);

static const struct member conversation_members[] = {
    ID("id",                 ALWAYS,  "Names it; its transcript, too."),
    TEXT("tenant",           ALWAYS,  "Whose."),
    ID("site",               OR_NULL, "Where the visitor chats."),
    WORD("state",            ALWAYS,  STATES, "ended: the transcript is sealed."),
    OBJECT("visitor",        ALWAYS,  conversation_visitor_shape, "Who asks."),
    TEXT("agent",            OR_NULL, "The JID of who holds it, or held it last."),
    TEXT("language",         OR_NULL, "Of the widget."),
    TEXT("stage",            OR_NULL, "Of the customer relationship: potential, new, existing or unknown."),
    TIME("opened_at",        OR_NULL, "When."),
    TIME("changed_at",       OR_NULL, "When something last happened."),
    TIME("ended_at",         OR_NULL, "When."),
    TEXT("end_reason",       OR_NULL, "Why it ended."),
    COUNT("last_seq",        ALWAYS,  "How many messages it has."),
    COUNT("position",        ALWAYS,  "Its place in the queue; 0: it does not wait."),
    NO_MORE,
};
static SHAPE(conversation, "Conversation", NULL);

static const struct member why_members[] = {
    ID("id",                 ALWAYS,  "The conversation."),
    TEXT("why",              LIST,    "The rules' account of it, lines for people."),
    NO_MORE,
};
static SHAPE(why, "RoutingAccount", NULL);

static const struct member end_members[] = {
    ID("id",                 ALWAYS,  "The conversation."),
    WORD("state",            ALWAYS,  "ended", "It is stored."),
    NO_MORE,
};
static SHAPE(end, "ConversationEnded", NULL);

/* --- the transcript document: docs/transcript.md --- */

static const struct member transcript_visitor_members[] = {
    ID("id",                 ALWAYS,  "Names the visitor."),
    TEXT("name",             OR_NULL, "As they told it, or as the site vouched."),
    FLAG("verified",         ALWAYS,  "Whether the site vouched."),
    TEXT("email",            OR_NULL, "As they told it."),
    ANYTHING("attributes",   MAP,     "What the site vouched for besides."),
    NO_MORE,
};
static SHAPE(transcript_visitor, "TranscriptVisitor", NULL);

static const struct member stay_members[] = {
    TEXT("name",             ALWAYS,  "The name visitors saw."),
    TIME("joined_at",        OR_NULL, "From when."),
    TIME("left_at",          OR_NULL, "Until when."),
    NO_MORE,
};
static SHAPE(stay, "AgentStay", NULL);

static const struct member survey_members[] = {
    COUNT("csat",            MAYBE | OR_NULL, "How content, 1 to 5."),
    COUNT("nps",             MAYBE | OR_NULL, "Whether they would recommend, 0 to 10."),
    COUNT("effort",          MAYBE | OR_NULL, "How hard it was, 1 to 7."),
    TEXT("comment",          MAYBE | OR_NULL, "Their words."),
    NO_MORE,
};
static OPEN_SHAPE(survey, "Survey");

static const struct member sent_file_members[] = {
    ID("id",                 ALWAYS,  "Names it: GET …/files/{id}."),
    TEXT("type",             ALWAYS,  "The type its bytes have."),
    COUNT("bytes",           ALWAYS,  "How many."),
    COUNT("width",           MAYBE,   "Of a picture."),
    COUNT("height",          MAYBE,   "Of a picture."),
    TEXT("sha256",           ALWAYS,  "Of its bytes, in hexadecimal."),
    NO_MORE,
};
static SHAPE(sent_file, "SentFile", NULL);

static const struct member earlier_members[] = {
    TEXT("text",             ALWAYS,  "What it said."),
    TIME("until",            OR_NULL, "Until when."),
    NO_MORE,
};
static SHAPE(earlier, "EarlierText", NULL);

static const struct member message_members[] = {
    COUNT("seq",             ALWAYS,  "Counts from 1 without gaps."),
    WORD("from",             ALWAYS,  FROMS, "Who said it."),
    TEXT("name",             OR_NULL, "The name visitors saw."),
    WORD("origin",           ALWAYS,  "typed|canned|bot|system", "How it was made."),
    TIME("at",               OR_NULL, "When it was stored."),
    TEXT("text",             ALWAYS,  "The words; of a file its name; empty: withdrawn, or gone by retention."),
    OBJECT("file",           MAYBE,   sent_file_shape, "What it carries."),
    COUNT("reply_to",        OR_NULL, "The seq it answers to."),
    TIME("delivered_at",     OR_NULL, "When it reached the other side."),
    TIME("read_at",          OR_NULL, "When it was read there."),
    TIME("edited_at",        MAYBE,   "When its agent corrected it."),
    TIME("withdrawn_at",     MAYBE,   "When its agent withdrew it."),
    OBJECT("earlier",        MAYBE | LIST, earlier_shape, "What it said before, oldest first."),
    NO_MORE,
};
static SHAPE(message, "Message", NULL);

static const struct member event_members[] = {
    TIME("at",               OR_NULL, "When."),
    TEXT("type",             ALWAYS,  "queued, claimed, released, transferred, reaction, ended …"),
    TEXT("agent",            MAYBE,   "The name visitors saw."),
    NO_MORE,
};
static OPEN_SHAPE(event, "Event");

static const struct member note_members[] = {
    TIME("at",               OR_NULL, "When."),
    TEXT("by",               ALWAYS,  "Which agent."),
    TEXT("text",             ALWAYS,  "Words for colleagues; no visitor ever got them."),
    NO_MORE,
};
static SHAPE(note, "Note", NULL);

static const struct member transcript_members[] = {
    ID("id",                 ALWAYS,  "Names it."),
    TEXT("tenant",           ALWAYS,  "Whose."),
    ID("site",               ALWAYS,  "Where the visitor chatted."),
    TEXT("language",         ALWAYS,  "Of the widget; empty: not told."),
    WORD("stage",            ALWAYS,  STAGES, "Of the customer relationship."),
    TEXT("stage_source",     OR_NULL, "Who told it: agent, or identity."),
    OBJECT("visitor",        ALWAYS,  transcript_visitor_shape, "Who asked."),
    TIME("opened_at",        OR_NULL, "When."),
    TIME("ended_at",         OR_NULL, "When."),
    TEXT("end_reason",       OR_NULL, "Why it ended."),
    TEXT("tags",             LIST,    "What agents called it."),
    TEXT("outcome",          OR_NULL, "What came of it."),
    OBJECT("survey",         OR_NULL, survey_shape, "What the visitor answered after it."),
    OBJECT("agents",         LIST,    stay_shape, "Who was there, from when until when."),
    OBJECT("messages",       LIST,    message_shape, "What was said."),
    OBJECT("events",         LIST,    event_shape, "What happened."),
    OBJECT("notes",          LIST,    note_shape, "Agents' words for colleagues."),
    NO_MORE,
};
static SHAPE(transcript, "Transcript", NULL);

static const struct member hit_members[] = {
    ID("conversation",       ALWAYS,  "Where it was said."),
    COUNT("seq",             ALWAYS,  "Which message there."),
    WORD("from",             ALWAYS,  FROMS, "Who said it."),
    TEXT("name",             OR_NULL, "The name visitors saw."),
    TIME("at",               OR_NULL, "When it was said."),
    TIME("opened_at",        OR_NULL, "When the conversation began."),
    TEXT("stage",            ALWAYS,  "Of the customer relationship."),
    TEXT("snippet",          ALWAYS,  "Of its text, the words asked for in [ ]."),
    NO_MORE,
};
static SHAPE(hit, "SearchHit", NULL);

static const struct member refused_members[] = {
    COUNT("item",            ALWAYS,  "Its place in what was sent, from 0."),
    TEXT("why",              ALWAYS,  "What is wrong with it, for people."),
    NO_MORE,
};
SHAPE(refused, "RefusedItem", NULL);

static const struct member imported_members[] = {
    COUNT("imported",        ALWAYS,  "How many were taken in."),
    COUNT("known",           ALWAYS,  "How many were there already."),
    COUNT("messages",        ALWAYS,  "How many messages they have."),
    OBJECT("refused",        LIST,    refused_shape, "Which were not."),
    NO_MORE,
};
static SHAPE(imported, "Imported", NULL);

static const struct member file_members[] = {
    ID("id",                 ALWAYS,  "Names it."),
    TEXT("name",             OR_NULL, "The visitor's own."),
    TEXT("type",             ALWAYS,  "The type its bytes have."),
    COUNT("bytes",           ALWAYS,  "How many."),
    COUNT("width",           ALWAYS,  "Of a picture; else 0."),
    COUNT("height",          ALWAYS,  "Of a picture; else 0."),
    TEXT("sha256",           ALWAYS,  "Of its bytes, in hexadecimal."),
    TIME("at",               OR_NULL, "When it was sent."),
    ID("visitor",            OR_NULL, "Who sent it."),
    ID("conversation",       OR_NULL, "Where."),
    COUNT("seq",             ALWAYS,  "In which message."),
    NO_MORE,
};
static SHAPE(file, "File", NULL);

static const struct member visitor_members[] = {
    TEXT("tenant",           ALWAYS,  "Whose."),
    ID("id",                 ALWAYS,  "Names the visitor."),
    TEXT("name",             OR_NULL, "As they told it, or as the site vouched."),
    TEXT("language",         OR_NULL, "Of the widget."),
    TEXT("subject",          OR_NULL, "Who they are for the site that vouched."),
    TIME("since",            OR_NULL, "When they first came."),
    ID("conversations",      LIST,    "Theirs."),
    NO_MORE,
};
static SHAPE(visitor, "Visitor", NULL);

static const struct member erased_members[] = {
    ID("id",                 ALWAYS,  "Who was erased."),
    COUNT("conversations",   ALWAYS,  "How many went."),
    COUNT("messages",        ALWAYS,  "How many went."),
    FLAG("scrubbed",         ALWAYS,  "Whether the database's log is empty, too; false: somebody reads still, and it is done later."),
    NO_MORE,
};
static SHAPE(erased, "Erased", NULL);
/* clang-format on */

ANSWER(conversations_list, .status = 200, .items = &conversation_shape);
ANSWER(conversation_show, .status = 200, .shape = &conversation_shape);
ANSWER(conversation_route, .status = 200, .shape = &why_shape);
ANSWER(conversation_end, .status = 200, .shape = &end_shape,
       .refusals = "409 conversation_ended, 503 not_saved");
ANSWER(transcripts_list, .status = 200, .items = &conversation_shape);
ANSWER(transcript_show, .status = 200, .shape = &transcript_shape, .streamed = true);
ANSWER(transcripts_export, .status = 200, .shape = NULL,
       .types = "application/jsonl, text/html, text/csv, application/zip, application/xml",
       .refusals = "503 no_rules");
ANSWER(transcripts_search, .status = 200, .items = &hit_shape);
ANSWER(transcripts_import, .status = 200, .shape = &imported_shape, .refusals = "503 not_saved");
ANSWER(files_list, .status = 200, .items = &file_shape);
ANSWER(file_fetch, .status = 200, .types = "*/*");
ANSWER(visitor_show, .status = 200, .shape = &visitor_shape);
ANSWER(visitor_export, .status = 200, .types = "application/jsonl, application/x-tar");
ANSWER(visitor_erase, .status = 200, .shape = &erased_shape,
       .refusals = "409 legal_hold, 503 not_saved");
ANSWER(presence_buyer_erase, .status = 200, .shape = &erased_shape,
       .refusals = "409 legal_hold, 503 not_saved");
