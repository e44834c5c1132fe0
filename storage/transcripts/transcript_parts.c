/* SPDX-License-Identifier: Apache-2.0
 *
 * What a transcript from elsewhere is made of: its messages, events and notes.
 */
#include "storage/transcripts/transcript_reading.h"

#include "base/format/text.h"

#include <stdio.h>

/* --- messages --- */

/* The place of a word in a list, or `count`. */
static size_t place(struct slice word, const char *const *words, size_t count)
{
    size_t i = 0;

    while (i < count && !slice_is(word, words[i]))
        i++;
    return i;
}

static int read_sender(struct reading *reading, const json_t *json, struct stored_message *message)
{
    static const char *const froms[] = { "visitor", "agent", "bot", "system" };
    static const char *const origins[] = { "typed", "canned", "bot", "system" };
    static const enum message_origin usual[] = { ORIGIN_TYPED, ORIGIN_TYPED, ORIGIN_BOT,
                                                 ORIGIN_SYSTEM };
    struct slice from = reading_text(reading_member(json, "from role"));
    const json_t *origin = reading_member(json, "origin");

    message->from = (enum message_from)place(from, froms, FROM_COUNT);
    if (message->from == FROM_COUNT)
        return reading_refuse(reading, "message %llu: from must be visitor, agent, bot or system.",
                              (unsigned long long)message->seq);
    message->origin = origin == NULL
                          ? usual[message->from]
                          : (enum message_origin)place(reading_text(origin), origins, ORIGIN_COUNT);
    if (message->origin == ORIGIN_COUNT)
        return reading_refuse(reading, "message %llu: origin must be typed, canned, bot or system.",
                              (unsigned long long)message->seq);
    if (message->from == FROM_AGENT)
        message->name = reading->agent_name;
    /* A set's name for the visitor ("V031") is its id, and stands at the top already. */
    return reading_label(reading, json, message->from == FROM_VISITOR ? "name" : "name who",
                         &message->name);
}

/* The text in NFC; where that changed it, the JSON holds the changed one from now on. */
static int read_text(struct reading *reading, json_t *json, const char *what, uint64_t number,
                     struct slice *ret_text)
{
    struct slice text = reading_text(reading_member(json, "text"));
    enum text_verdict verdict;
    AUTO_BUF clean;

    buf_init(&clean, 16 * 1024 * 1024);
    verdict = text_clean(text, TRANSCRIPT_TEXT_MAX, &clean);
    if (verdict != TEXT_FINE)
        return reading_refuse(reading, "%s %llu: text is %s.", what, (unsigned long long)number,
                              text_verdict_name(verdict));
    if (!slice_equal(text, buf_slice(&clean))) {
        if (json_object_set_new(json, "text", json_stringn(clean.data, clean.len)) != 0)
            return RAISE(ERR_NO_MEMORY);
        text = reading_text(reading_member(json, "text"));
    }
    *ret_text = text;
    return OK;
}

static int read_reply(struct reading *reading, const json_t *json, struct stored_message *message)
{
    uint64_t seq = message->seq, reply_to = 0;

    if (json_get_uint(json, "seq", &seq) == JSON_E_TYPE || seq != message->seq)
        return reading_refuse(reading, "message %llu: seq must count 1, 2, 3 without gaps.",
                              (unsigned long long)message->seq);
    if (json_get_uint(json, "reply_to", &reply_to) == JSON_E_TYPE || reply_to >= message->seq)
        return reading_refuse(reading,
                              "message %llu: reply_to must be the seq of an earlier message.",
                              (unsigned long long)message->seq);
    message->reply_to = reply_to;
    return OK;
}

static struct id message_id(struct conversation_id conversation, uint64_t seq)
{
    char text[64], id[ID_TEXT_BYTES];
    const struct tenant_name none = { "" };

    id_format(conversation.id, id);
    (void)snprintf(text, sizeof(text), "%s %llu", id, (unsigned long long)seq);
    return reading_made_id(&none, "message", slice_of(text));
}

/* What a message said before. */
static int read_earlier(struct reading *reading, const json_t *json, uint64_t seq)
{
    json_t *list = (json_t *)(uintptr_t)reading_member(json, "earlier");
    struct transcript *to = reading->to;
    size_t count = to->revision_count + json_array_size(list);
    struct stored_revision *grown;
    int rc = OK;

    if (list == NULL)
        return OK;
    if (!json_is_array(list) || count > PARTS_MAX)
        return reading_refuse(reading, "message %llu: earlier must be a list.",
                              (unsigned long long)seq);
    grown = realloc(to->revisions, (count + 1) * sizeof(*grown));
    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    to->revisions = grown;
    for (size_t i = 0; rc == OK && i < json_array_size(list); i++) {
        struct stored_revision *revision = &grown[to->revision_count++];
        json_t *item = json_array_get(list, i);

        *revision = (struct stored_revision){ .seq = seq };
        rc = read_text(reading, item, "earlier words of message", seq, &revision->text);
        if (rc == OK)
            rc = reading_time(reading, item, "until", &revision->until_ms);
    }
    return rc;
}

/* One that was withdrawn has no text any more. */
static int read_words(struct reading *reading, json_t *json, struct stored_message *message)
{
    int rc = reading_time(reading, json, "edited_at", &message->edited_ms);

    if (rc == OK)
        rc = reading_time(reading, json, "withdrawn_at", &message->withdrawn_ms);
    if (rc == OK &&
        (message->withdrawn_ms == 0 || reading_text(reading_member(json, "text")).len > 0))
        rc = read_text(reading, json, "message", message->seq, &message->text);
    return rc == OK ? read_earlier(reading, json, message->seq) : rc;
}

static int read_message(struct reading *reading, json_t *json, struct stored_message *message)
{
    int rc;

    if (!json_is_object(json))
        return reading_refuse(reading, "message %llu is no object.",
                              (unsigned long long)message->seq);
    message->message.id = message_id(reading->to->about.conversation, message->seq);
    rc = read_sender(reading, json, message);
    if (rc == OK)
        rc = read_words(reading, json, message);
    if (rc == OK)
        rc = read_reply(reading, json, message);
    if (rc == OK)
        rc = reading_time(reading, json, "at ts time", &message->at_ms);
    if (rc == OK)
        rc = reading_time(reading, json, "delivered_at", &message->delivered_ms);
    if (rc == OK)
        rc = reading_time(reading, json, "read_at", &message->read_ms);
    return rc;
}

/* A conversation without its own times lasts from its first known time to its last. */
static void take_times(struct stored_conversation *about, uint64_t at_ms)
{
    if (at_ms > 0 && (about->opened_ms == 0 || about->opened_ms > at_ms))
        about->opened_ms = at_ms;
    if (at_ms > about->changed_ms)
        about->changed_ms = at_ms;
}

int reading_messages(struct reading *reading)
{
    struct transcript *to = reading->to;
    const json_t *list = reading_member(reading->json, "messages turns");
    bool has_opening = to->about.opened_ms > 0;
    int rc = OK;

    if (!json_is_array(list) || json_array_size(list) > PARTS_MAX)
        return reading_refuse(reading, "\"messages\" must be a list of at most %d.", PARTS_MAX);
    to->messages = calloc(json_array_size(list) + 1, sizeof(*to->messages));
    if (to->messages == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; rc == OK && i < json_array_size(list); i++) {
        struct stored_message *message = &to->messages[to->message_count++];
        uint64_t opened_ms = to->about.opened_ms;

        message->seq = i + 1;
        rc = read_message(reading, json_array_get(list, i), message);
        take_times(&to->about, message->at_ms);
        if (has_opening)
            to->about.opened_ms = opened_ms;
    }
    to->about.last_seq = to->message_count;
    if (to->about.ended_ms == 0)
        to->about.ended_ms = to->about.changed_ms;
    to->about.changed_ms = to->about.ended_ms;
    return rc;
}

/* --- events --- */

/* What an event holds beyond its own columns stays together as its detail. */
static char *detail_of(const json_t *json)
{
    static const char *const columns[] = { "at", "type", "agent" };
    AUTO_JSON rest = json_copy((json_t *)(uintptr_t)json);

    for (size_t i = 0; rest != NULL && i < sizeof(columns) / sizeof(columns[0]); i++)
        (void)json_object_del(rest, columns[i]);
    if (rest == NULL)
        return NULL;
    return json_object_size(rest) == 0 ? strdup("") : reading_kept(rest);
}

static int read_event(struct reading *reading, const json_t *json, size_t i)
{
    struct transcript *to = reading->to;
    struct stored_event *event = &to->events[i];
    int rc;

    if (!json_is_object(json))
        return reading_refuse(reading, "event %zu is no object.", i + 1);
    rc = reading_time(reading, json, "at", &event->at_ms);
    if (rc == OK)
        rc = reading_label(reading, json, "type", &event->type);
    if (rc == OK && event->type.len == 0)
        rc = reading_refuse(reading, "event %zu has no type.", i + 1);
    if (rc == OK)
        rc = reading_label(reading, json, "agent", &event->name);
    to->details[DETAILS_FIRST + i] = rc == OK ? detail_of(json) : NULL;
    if (rc == OK && to->details[DETAILS_FIRST + i] == NULL)
        rc = RAISE(ERR_NO_MEMORY);
    event->detail = slice_of(to->details[DETAILS_FIRST + i]);
    return rc;
}

/* A stay told in "agents" alone: as the events it would have left here. */
static int add_stay(struct reading *reading, const json_t *agent)
{
    struct transcript *to = reading->to;
    struct stored_event claimed = { .type = SLICE_LITERAL("claimed") };
    struct stored_event left = { .type = SLICE_LITERAL("released") };
    int rc = OK;

    if (json_is_object(agent))
        rc = reading_label(reading, agent, "name", &claimed.name);
    if (rc == OK)
        rc = reading_time(reading, agent, "joined_at", &claimed.at_ms);
    if (rc == OK)
        rc = reading_time(reading, agent, "left_at", &left.at_ms);
    if (rc != OK || claimed.name.len == 0)
        return rc;
    left.name = claimed.name;
    to->events[to->event_count++] = claimed;
    if (left.at_ms > 0)
        to->events[to->event_count++] = left;
    return OK;
}

static bool has_stays(const struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->event_count; i++)
        if (slice_is(transcript->events[i].type, "claimed"))
            return true;
    return false;
}

int reading_events(struct reading *reading, const json_t *list, const json_t *agents)
{
    struct transcript *to = reading->to;
    bool told;
    int rc = OK;

    for (; rc == OK && to->event_count < json_array_size(list); to->event_count++)
        rc = read_event(reading, json_array_get(list, to->event_count), to->event_count);
    told = has_stays(to);
    for (size_t i = 0; rc == OK && !told && i < json_array_size(agents); i++)
        rc = add_stay(reading, json_array_get(agents, i));
    return rc;
}

/* --- notes --- */

static int read_note(struct reading *reading, json_t *json, size_t i)
{
    struct stored_note *note = &reading->to->notes[i];
    int rc;

    if (!json_is_object(json))
        return reading_refuse(reading, "note %zu is no object.", i + 1);
    rc = reading_time(reading, json, "at", &note->at_ms);
    if (rc == OK)
        rc = reading_label(reading, json, "by", &note->name);
    return rc == OK ? read_text(reading, json, "note", i + 1, &note->text) : rc;
}

int reading_notes(struct reading *reading)
{
    struct transcript *to = reading->to;
    json_t *list = (json_t *)(uintptr_t)reading_member(reading->json, "notes");
    int rc = OK;

    if ((list != NULL && !json_is_array(list)) || json_array_size(list) > PARTS_MAX)
        return reading_refuse(reading, "\"notes\" must be a list of at most %d.", PARTS_MAX);
    to->notes = calloc(json_array_size(list) + 1, sizeof(*to->notes));
    if (to->notes == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (; rc == OK && to->note_count < json_array_size(list); to->note_count++)
        rc = read_note(reading, json_array_get(list, to->note_count), to->note_count);
    return rc;
}
