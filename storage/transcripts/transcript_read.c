/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/transcript_reading.h"

#include "base/clock.h"
#include "base/format/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SOURCE_MAX_POINTS = 200, NAME_MAX_POINTS = 200 };

int reading_refuse(struct reading *reading, const char *format, ...)
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

json_t *reading_member(const json_t *object, const char *names)
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

struct slice reading_text(const json_t *value)
{
    if (!json_is_string(value))
        return SLICE_NONE;
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

int reading_label(struct reading *reading, const json_t *object, const char *names,
                  struct slice *ret)
{
    const json_t *value = reading_member(object, names);
    size_t points = 0;

    if (value == NULL)
        return OK;
    if (!json_is_string(value))
        return reading_refuse(reading, "\"%s\" must be a text.", names);
    if (json_string_length(value) > 0 &&
        (text_check(reading_text(value), &points) != TEXT_FINE || points > NAME_MAX_POINTS))
        return reading_refuse(reading, "\"%s\" must be at most %d characters of text.", names,
                              NAME_MAX_POINTS);
    *ret = reading_text(value);
    return OK;
}

/* --- times --- */

/* Seconds until the year 5138, beyond that milliseconds. */
static bool unix_time(double number, uint64_t *ret_ms)
{
    double ms = number < 1e11 ? number * 1000 : number;

    if (!(ms >= 0 && ms < 1e14))
        return false;
    *ret_ms = (uint64_t)(ms + 0.5);
    return true;
}

/* A number of seconds or milliseconds told as text, as in every CSV; less than nine digits are some
 * other number. */
static bool parse_unix_time(struct slice text, uint64_t *ret_ms)
{
    enum { DIGITS_LEAST = 9, DIGITS_MOST = 20 };
    char copy[DIGITS_MOST + 1];
    size_t digits = 0, points = 0;

    for (size_t i = 0; i < text.len; i++) {
        digits += text.data[i] >= '0' && text.data[i] <= '9';
        points += text.data[i] == '.' && digits >= DIGITS_LEAST;
    }
    return digits >= DIGITS_LEAST && points <= 1 && digits + points == text.len &&
           slice_copy(text, copy, sizeof(copy)) && unix_time(strtod(copy, NULL), ret_ms);
}

static bool parse_time(struct slice text, uint64_t *ret_ms)
{
    char full[64];

    if (clock_parse(text.data, text.len, ret_ms) == 0 || parse_unix_time(text, ret_ms))
        return true;
    if (text.len + 2 > sizeof(full)) /* no zone: UTC */
        return false;
    (void)snprintf(full, sizeof(full), "%.*sZ", SLICE_ARG(text));
    if (text.len > 10 && full[10] == ' ')
        full[10] = 'T';
    return clock_parse(full, text.len + 1, ret_ms) == 0;
}

int reading_time(struct reading *reading, const json_t *object, const char *names, uint64_t *ret_ms)
{
    const json_t *value = reading_member(object, names);

    if (value == NULL)
        return OK;
    if (json_is_number(value) ? unix_time(json_number_value(value), ret_ms)
                              : json_is_string(value) && parse_time(reading_text(value), ret_ms))
        return OK;
    return reading_refuse(reading, "\"%s\" is no time: RFC 3339 or Unix seconds are.", names);
}

/* --- ids --- */

struct id reading_made_id(const struct tenant_name *tenant, const char *kind, struct slice of)
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

    return id_parse(text, &id) == 0 && !id_is_none(id) ? id : reading_made_id(tenant, kind, text);
}

struct conversation_id transcript_conversation_id(const struct tenant_name *tenant,
                                                  struct slice source)
{
    return (struct conversation_id){ id_of(tenant, "conversation", source) };
}

static int read_ids(struct reading *reading)
{
    struct transcript *to = reading->to;
    const json_t *visitor = reading_member(reading->json, "visitor visitor_id");
    struct slice name = SLICE_NONE;
    struct id site;
    size_t points = 0;

    to->source = reading_text(reading_member(reading->json, "id"));
    if (text_check(to->source, &points) != TEXT_FINE || points == 0 || points > SOURCE_MAX_POINTS)
        return reading_refuse(reading, "\"id\" must be a text of 1 to %d characters.",
                              SOURCE_MAX_POINTS);
    to->about.conversation = transcript_conversation_id(reading->tenant, to->source);
    if (json_is_object(visitor)) {
        int rc = reading_label(reading, visitor, "name", &to->about.visitor_name);

        if (rc == OK)
            rc = reading_label(reading, visitor, "email", &to->about.email);
        if (rc == OK && json_get_bool(visitor, "verified", &to->about.verified) == JSON_E_TYPE)
            rc = reading_refuse(reading, "\"verified\" must be true or false.");
        if (rc != OK)
            return rc;
        name = reading_text(reading_member(visitor, "id"));
    } else if (visitor != NULL) {
        name = reading_text(visitor);
    }
    to->about.visitor.id = name.len > 0
                               ? id_of(reading->tenant, "visitor", name)
                               : reading_made_id(reading->tenant, "visitor of", to->source);
    if (id_parse(reading_text(reading_member(reading->json, "site")), &site) == 0)
        to->about.site.id = site;
    return OK;
}

/* --- the head --- */

static bool is_stage(struct slice text)
{
    return slice_is(text, "potential") || slice_is(text, "new") || slice_is(text, "existing") ||
           slice_is(text, "unknown");
}

char *reading_kept(const json_t *value)
{
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static int read_lists(struct reading *reading)
{
    struct transcript *to = reading->to;
    const json_t *tags = reading_member(reading->json, "tags"),
                 *survey = reading_member(reading->json, "survey");
    const json_t *attributes =
        reading_member(reading_member(reading->json, "visitor"), "attributes");

    if ((tags != NULL && !json_is_array(tags)) || (survey != NULL && !json_is_object(survey)) ||
        (attributes != NULL && !json_is_object(attributes)))
        return reading_refuse(reading,
                              "\"tags\" must be a list, \"survey\" and \"attributes\" objects.");
    to->details[0] = tags != NULL ? reading_kept(tags) : strdup("[]");
    to->details[1] = survey != NULL ? reading_kept(survey) : strdup("");
    to->details[2] = json_object_size(attributes) > 0 ? reading_kept(attributes) : strdup("");
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
    rc = reading_label(reading, reading->json, "language lang", &about->language);
    if (rc == OK)
        rc = reading_label(reading, reading->json, "stage", &about->stage);
    if (rc == OK && !is_stage(about->stage))
        rc = reading_refuse(reading, "\"stage\" must be potential, new, existing or unknown.");
    if (rc == OK)
        rc = reading_label(reading, reading->json, "stage_source", &about->stage_source);
    if (rc == OK)
        rc = reading_label(reading, reading->json, "end_reason", &about->end_reason);
    if (rc == OK)
        rc = reading_label(reading, reading->json, "outcome completion", &about->outcome);
    if (rc == OK)
        rc = reading_label(reading, reading->json, "agent agent_id", &reading->agent_name);
    if (rc == OK)
        rc = reading_time(reading, reading->json, "opened_at", &about->opened_ms);
    if (rc == OK)
        rc = reading_time(reading, reading->json, "ended_at", &about->ended_ms);
    return rc == OK ? read_lists(reading) : rc;
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
        return reading_refuse(reading, "It is no JSON object.");
    events = reading_member(reading->json, "events");
    agents = reading_member(reading->json, "agents");
    parts = json_array_size(events) + 2 * json_array_size(agents);
    if ((events != NULL && !json_is_array(events)) || parts > PARTS_MAX)
        return reading_refuse(reading, "\"events\" must be a list of at most %d.", PARTS_MAX);
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
        rc = reading_messages(reading);
    if (rc == OK)
        rc = reading_events(reading, events, agents);
    return rc == OK ? reading_notes(reading) : rc;
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
