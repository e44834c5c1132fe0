/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcript_read.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { SOURCE_MAX_POINTS = 200, NAME_MAX_POINTS = 200, PARTS_MAX = 100000 };

/* One line on its way in. */
struct reading {
    json_t *json;
    const struct tenant_name *tenant;
    struct transcript *to;
    struct buf *problem;
    struct slice agent_name; /* of a set that names its agent once, at the top */
};

static int refuse(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int refuse(struct reading *reading, const char *format, ...)
{
    char text[512];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    text_one_line(slice_of(text), 300, reading->problem);
    return TRANSCRIPT_E_REFUSED;
}

/* --- members, by any of their names ("from role") --- */

static json_t *member(const json_t *object, const char *names)
{
    while (*names != '\0') {
        char name[24];
        size_t len = strcspn(names, " ");
        json_t *value;

        (void)snprintf(name, sizeof(name), "%.*s", (int)len, names);
        value = json_object_get(object, name);
        if (value != NULL && !json_is_null(value))
            return value;
        names += len + (names[len] == ' ');
    }
    return NULL;
}

static struct slice text_of(const json_t *value)
{
    if (!json_is_string(value))
        return SLICE_NONE;
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

/* A short text that must be one when it is there: names, languages, outcomes. */
static int read_label(struct reading *reading, const json_t *object, const char *names,
                      struct slice *ret)
{
    const json_t *value = member(object, names);
    size_t points = 0;

    if (value == NULL)
        return OK;
    if (!json_is_string(value))
        return refuse(reading, "\"%s\" must be a text.", names);
    if (json_string_length(value) > 0 &&
        (text_check(text_of(value), &points) != TEXT_FINE || points > NAME_MAX_POINTS))
        return refuse(reading, "\"%s\" must be at most %d characters of text.", names,
                      NAME_MAX_POINTS);
    *ret = text_of(value);
    return OK;
}

/* --- times --- */

static bool parse_time(struct slice text, uint64_t *ret_ms)
{
    char full[64];

    if (clock_parse(text.data, text.len, ret_ms) == 0)
        return true;
    if (text.len + 2 > sizeof(full)) /* no zone: UTC */
        return false;
    (void)snprintf(full, sizeof(full), "%.*sZ", SLICE_ARG(text));
    if (text.len > 10 && full[10] == ' ')
        full[10] = 'T';
    return clock_parse(full, text.len + 1, ret_ms) == 0;
}

/* Seconds until the year 5138, beyond that milliseconds. */
static bool unix_time(double number, uint64_t *ret_ms)
{
    double ms = number < 1e11 ? number * 1000 : number;

    if (!(ms >= 0 && ms < 1e14))
        return false;
    *ret_ms = (uint64_t)(ms + 0.5);
    return true;
}

static int read_time(struct reading *reading, const json_t *object, const char *names,
                     uint64_t *ret_ms)
{
    const json_t *value = member(object, names);

    if (value == NULL)
        return OK;
    if (json_is_number(value) ? unix_time(json_number_value(value), ret_ms)
                              : json_is_string(value) && parse_time(text_of(value), ret_ms))
        return OK;
    return refuse(reading, "\"%s\" is no time: RFC 3339 or Unix seconds are.", names);
}

/* --- ids --- */

/* Stable: the same words give the same id, other tenants' other ones. */
static struct id made_id(const struct tenant_name *tenant, const char *kind, struct slice of)
{
    AUTO_BUF text;
    struct digest digest;
    struct id id;

    buf_init(&text, 64 * 1024);
    buf_addf(&text, "lasna %s %s ", kind, tenant->text);
    buf_add_slice(&text, of);
    digest = digest_sha256(buf_slice(&text));
    memcpy(id.bytes, digest.bytes, sizeof(id.bytes));
    return id;
}

static struct id id_of(const struct tenant_name *tenant, const char *kind, struct slice text)
{
    struct id id;

    return id_parse(text, &id) == 0 && !id_is_none(id) ? id : made_id(tenant, kind, text);
}

struct conversation_id transcript_conversation_id(const struct tenant_name *tenant,
                                                  struct slice source)
{
    return (struct conversation_id){ id_of(tenant, "conversation", source) };
}

static int read_ids(struct reading *reading)
{
    struct transcript *to = reading->to;
    const json_t *visitor = member(reading->json, "visitor visitor_id");
    struct slice name = SLICE_NONE;
    struct id site;
    size_t points = 0;

    to->source = text_of(member(reading->json, "id"));
    if (text_check(to->source, &points) != TEXT_FINE || points == 0 || points > SOURCE_MAX_POINTS)
        return refuse(reading, "\"id\" must be a text of 1 to %d characters.", SOURCE_MAX_POINTS);
    to->about.conversation = transcript_conversation_id(reading->tenant, to->source);
    if (json_is_object(visitor)) {
        int rc = read_label(reading, visitor, "name", &to->about.visitor_name);

        if (rc == OK)
            rc = read_label(reading, visitor, "email", &to->about.email);
        if (rc == OK && json_get_bool(visitor, "verified", &to->about.verified) == JSON_E_TYPE)
            rc = refuse(reading, "\"verified\" must be true or false.");
        if (rc != OK)
            return rc;
        name = text_of(member(visitor, "id"));
    } else if (visitor != NULL) {
        name = text_of(visitor);
    }
    to->about.visitor.id = name.len > 0 ? id_of(reading->tenant, "visitor", name)
                                        : made_id(reading->tenant, "visitor of", to->source);
    if (id_parse(text_of(member(reading->json, "site")), &site) == 0)
        to->about.site.id = site;
    return OK;
}

/* --- the head --- */

static bool is_stage(struct slice text)
{
    return slice_is(text, "potential") || slice_is(text, "new") || slice_is(text, "existing") ||
           slice_is(text, "unknown");
}

enum { DETAILS_FIRST = 3 /* of the events; before them: tags, survey, attributes */ };

/* JSON we shall hand out again as it is: kept as text, owned by `details`. */
static char *kept_json(const json_t *value)
{
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static int read_lists(struct reading *reading)
{
    struct transcript *to = reading->to;
    const json_t *tags = member(reading->json, "tags"), *survey = member(reading->json, "survey");
    const json_t *attributes = member(member(reading->json, "visitor"), "attributes");

    if ((tags != NULL && !json_is_array(tags)) || (survey != NULL && !json_is_object(survey)) ||
        (attributes != NULL && !json_is_object(attributes)))
        return refuse(reading, "\"tags\" must be a list, \"survey\" and \"attributes\" objects.");
    to->details[0] = tags != NULL ? kept_json(tags) : strdup("[]");
    to->details[1] = survey != NULL ? kept_json(survey) : strdup("");
    to->details[2] = json_object_size(attributes) > 0 ? kept_json(attributes) : strdup("");
    if (to->details[0] == NULL || to->details[1] == NULL || to->details[2] == NULL)
        return RAISE(ERR_NO_MEMORY);
    to->about.tags = slice_of(to->details[0]);
    to->about.survey = slice_of(to->details[1]);
    to->about.attributes = slice_of(to->details[2]);
    return OK;
}

static int read_head(struct reading *reading)
{
    struct stored_conversation *about = &reading->to->about;
    int rc;

    about->state = CONVERSATION_ENDED; /* whatever it was: nobody is waiting here */
    about->stage = SLICE_LITERAL("unknown");
    about->end_reason = SLICE_LITERAL("imported");
    rc = read_label(reading, reading->json, "language lang", &about->language);
    if (rc == OK)
        rc = read_label(reading, reading->json, "stage", &about->stage);
    if (rc == OK && !is_stage(about->stage))
        rc = refuse(reading, "\"stage\" must be potential, new, existing or unknown.");
    if (rc == OK)
        rc = read_label(reading, reading->json, "stage_source", &about->stage_source);
    if (rc == OK)
        rc = read_label(reading, reading->json, "end_reason", &about->end_reason);
    if (rc == OK)
        rc = read_label(reading, reading->json, "outcome completion", &about->outcome);
    if (rc == OK)
        rc = read_label(reading, reading->json, "agent agent_id", &reading->agent_name);
    if (rc == OK)
        rc = read_time(reading, reading->json, "opened_at", &about->opened_ms);
    if (rc == OK)
        rc = read_time(reading, reading->json, "ended_at", &about->ended_ms);
    return rc == OK ? read_lists(reading) : rc;
}

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
    struct slice from = text_of(member(json, "from role"));
    const json_t *origin = member(json, "origin");

    message->from = (enum message_from)place(from, froms, FROM_COUNT);
    if (message->from == FROM_COUNT)
        return refuse(reading, "message %llu: from must be visitor, agent, bot or system.",
                      (unsigned long long)message->seq);
    message->origin = origin == NULL
                          ? usual[message->from]
                          : (enum message_origin)place(text_of(origin), origins, ORIGIN_COUNT);
    if (message->origin == ORIGIN_COUNT)
        return refuse(reading, "message %llu: origin must be typed, canned, bot or system.",
                      (unsigned long long)message->seq);
    if (message->from == FROM_AGENT)
        message->name = reading->agent_name;
    /* A set's name for the visitor ("V031") is its id, and stands at the top already. */
    return read_label(reading, json, message->from == FROM_VISITOR ? "name" : "name who",
                      &message->name);
}

/* The text in NFC; where that changed it, the JSON holds the changed one from now on. */
static int read_text(struct reading *reading, json_t *json, const char *what, uint64_t number,
                     struct slice *ret_text)
{
    struct slice text = text_of(member(json, "text"));
    enum text_verdict verdict;
    AUTO_BUF clean;

    buf_init(&clean, 16 * 1024 * 1024);
    verdict = text_clean(text, TRANSCRIPT_TEXT_MAX, &clean);
    if (verdict != TEXT_FINE)
        return refuse(reading, "%s %llu: text is %s.", what, (unsigned long long)number,
                      text_verdict_name(verdict));
    if (!slice_equal(text, buf_slice(&clean))) {
        if (json_object_set_new(json, "text", json_stringn(clean.data, clean.len)) != 0)
            return RAISE(ERR_NO_MEMORY);
        text = text_of(member(json, "text"));
    }
    *ret_text = text;
    return OK;
}

static int read_reply(struct reading *reading, const json_t *json, struct stored_message *message)
{
    uint64_t seq = message->seq, reply_to = 0;

    if (json_get_uint(json, "seq", &seq) == JSON_E_TYPE || seq != message->seq)
        return refuse(reading, "message %llu: seq must count 1, 2, 3 without gaps.",
                      (unsigned long long)message->seq);
    if (json_get_uint(json, "reply_to", &reply_to) == JSON_E_TYPE || reply_to >= message->seq)
        return refuse(reading, "message %llu: reply_to must be the seq of an earlier message.",
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
    return made_id(&none, "message", slice_of(text));
}

/* What a message said before. */
static int read_earlier(struct reading *reading, const json_t *json, uint64_t seq)
{
    json_t *list = (json_t *)(uintptr_t)member(json, "earlier");
    struct transcript *to = reading->to;
    size_t count = to->revision_count + json_array_size(list);
    struct stored_revision *grown;
    int rc = OK;

    if (list == NULL)
        return OK;
    if (!json_is_array(list) || count > PARTS_MAX)
        return refuse(reading, "message %llu: earlier must be a list.", (unsigned long long)seq);
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
            rc = read_time(reading, item, "until", &revision->until_ms);
    }
    return rc;
}

/* One that was withdrawn has no text any more. */
static int read_words(struct reading *reading, json_t *json, struct stored_message *message)
{
    int rc = read_time(reading, json, "edited_at", &message->edited_ms);

    if (rc == OK)
        rc = read_time(reading, json, "withdrawn_at", &message->withdrawn_ms);
    if (rc == OK && (message->withdrawn_ms == 0 || text_of(member(json, "text")).len > 0))
        rc = read_text(reading, json, "message", message->seq, &message->text);
    return rc == OK ? read_earlier(reading, json, message->seq) : rc;
}

static int read_message(struct reading *reading, json_t *json, struct stored_message *message)
{
    int rc;

    if (!json_is_object(json))
        return refuse(reading, "message %llu is no object.", (unsigned long long)message->seq);
    message->message.id = message_id(reading->to->about.conversation, message->seq);
    rc = read_sender(reading, json, message);
    if (rc == OK)
        rc = read_words(reading, json, message);
    if (rc == OK)
        rc = read_reply(reading, json, message);
    if (rc == OK)
        rc = read_time(reading, json, "at ts time", &message->at_ms);
    if (rc == OK)
        rc = read_time(reading, json, "delivered_at", &message->delivered_ms);
    if (rc == OK)
        rc = read_time(reading, json, "read_at", &message->read_ms);
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

static int read_messages(struct reading *reading)
{
    struct transcript *to = reading->to;
    const json_t *list = member(reading->json, "messages turns");
    bool has_opening = to->about.opened_ms > 0;
    int rc = OK;

    if (!json_is_array(list) || json_array_size(list) > PARTS_MAX)
        return refuse(reading, "\"messages\" must be a list of at most %d.", PARTS_MAX);
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
    return json_object_size(rest) == 0 ? strdup("") : kept_json(rest);
}

static int read_event(struct reading *reading, const json_t *json, size_t i)
{
    struct transcript *to = reading->to;
    struct stored_event *event = &to->events[i];
    int rc;

    if (!json_is_object(json))
        return refuse(reading, "event %zu is no object.", i + 1);
    rc = read_time(reading, json, "at", &event->at_ms);
    if (rc == OK)
        rc = read_label(reading, json, "type", &event->type);
    if (rc == OK && event->type.len == 0)
        rc = refuse(reading, "event %zu has no type.", i + 1);
    if (rc == OK)
        rc = read_label(reading, json, "agent", &event->name);
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
        rc = read_label(reading, agent, "name", &claimed.name);
    if (rc == OK)
        rc = read_time(reading, agent, "joined_at", &claimed.at_ms);
    if (rc == OK)
        rc = read_time(reading, agent, "left_at", &left.at_ms);
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

static int read_events(struct reading *reading, const json_t *list, const json_t *agents)
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
        return refuse(reading, "note %zu is no object.", i + 1);
    rc = read_time(reading, json, "at", &note->at_ms);
    if (rc == OK)
        rc = read_label(reading, json, "by", &note->name);
    return rc == OK ? read_text(reading, json, "note", i + 1, &note->text) : rc;
}

static int read_notes_of(struct reading *reading)
{
    struct transcript *to = reading->to;
    json_t *list = (json_t *)(uintptr_t)member(reading->json, "notes");
    int rc = OK;

    if ((list != NULL && !json_is_array(list)) || json_array_size(list) > PARTS_MAX)
        return refuse(reading, "\"notes\" must be a list of at most %d.", PARTS_MAX);
    to->notes = calloc(json_array_size(list) + 1, sizeof(*to->notes));
    if (to->notes == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (; rc == OK && to->note_count < json_array_size(list); to->note_count++)
        rc = read_note(reading, json_array_get(list, to->note_count), to->note_count);
    return rc;
}

/* --- the whole --- */

static int digest_line(struct reading *reading)
{
    AUTO_MEM char *line = json_dumps(reading->json, JSON_SORT_KEYS | JSON_COMPACT);

    if (line == NULL)
        return RAISE(ERR_NO_MEMORY);
    reading->to->digest = digest_sha256(slice_of(line));
    return OK;
}

static int read_all(struct reading *reading)
{
    const json_t *events, *agents;
    size_t parts;
    int rc;

    if (!json_is_object(reading->json))
        return refuse(reading, "It is no JSON object.");
    events = member(reading->json, "events");
    agents = member(reading->json, "agents");
    parts = json_array_size(events) + 2 * json_array_size(agents);
    if ((events != NULL && !json_is_array(events)) || parts > PARTS_MAX)
        return refuse(reading, "\"events\" must be a list of at most %d.", PARTS_MAX);
    reading->to->details = calloc(parts + DETAILS_FIRST + 1, sizeof(char *));
    reading->to->events = calloc(parts + 1, sizeof(*reading->to->events));
    if (reading->to->details == NULL || reading->to->events == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = digest_line(reading);
    if (rc == OK)
        rc = read_ids(reading);
    if (rc == OK)
        rc = read_head(reading);
    if (rc == OK)
        rc = read_messages(reading);
    if (rc == OK)
        rc = read_events(reading, events, agents);
    return rc == OK ? read_notes_of(reading) : rc;
}

int transcript_read(json_t *json, const struct tenant_name *tenant, struct transcript *ret,
                    struct buf *problem)
{
    struct transcript transcript = { 0 };
    struct reading reading = { json, tenant, &transcript, problem, SLICE_NONE };
    int rc = read_all(&reading);

    if (rc != OK) {
        transcript_release(&transcript);
        return rc;
    }
    *ret = transcript;
    return OK;
}

void transcript_release(struct transcript *transcript)
{
    size_t count = transcript->details == NULL ? 0 : transcript->event_count + DETAILS_FIRST + 1;

    for (size_t i = 0; i < count; i++)
        free(transcript->details[i]);
    free(transcript->details);
    free(transcript->messages);
    free(transcript->revisions);
    free(transcript->events);
    free(transcript->notes);
    *transcript = (struct transcript){ 0 };
}
