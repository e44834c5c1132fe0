/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/schema.h"

#include "base/clock.h"
#include "server-bridge/core/api/openapi/responses.h"

#include <regex.h>
#include <stdio.h>
#include <strings.h>

/* Where in the document that is answered. */
struct place {
    const struct place *above;
    const char *name; /* NULL: … */
    size_t index;     /* … of a list */
};

struct check {
    const json_t *document;
    const json_t *schema, *value;
    const struct place *place;
    struct buf *problem;
};

static void tell_place(const struct place *place, struct buf *to)
{
    if (place == NULL)
        return;
    tell_place(place->above, to);
    if (place->name != NULL)
        buf_addf(to, ".%s", place->name);
    else
        buf_addf(to, "[%zu]", place->index);
}

static bool wrong(const struct check *check, const char *what, const char *which)
{
    if (check->problem->len == 0) {
        tell_place(check->place, check->problem);
        buf_addf(check->problem, " %s %s", what, which);
    }
    return false;
}

/* "#/components/schemas/Tenant", in the document. */
static const json_t *resolve(const json_t *document, const char *ref)
{
    const json_t *at = document;

    for (ref += strcspn(ref, "/"); at != NULL && *ref == '/';) {
        size_t len = strcspn(++ref, "/");

        at = json_object_getn(at, ref, len);
        ref += len;
    }
    return at;
}

static bool is_of(const json_t *value, const char *type)
{
    return (strcmp(type, "string") == 0 && json_is_string(value)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
           (strcmp(type, "number") == 0 && json_is_number(value)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
           (strcmp(type, "object") == 0 && json_is_object(value)) ||
           (strcmp(type, "array") == 0 && json_is_array(value)) ||
           (strcmp(type, "null") == 0 && json_is_null(value));
}

/* --- a keyword each --- */

static bool holds(const struct check *check);

static bool hold_ref(const struct check *check, const json_t *is)
{
    struct check there = *check;

    there.schema = resolve(check->document, json_string_value(is));
    return there.schema != NULL ? holds(&there) : wrong(check, "has no schema", "there");
}

static bool hold_any(const struct check *check, const json_t *list)
{
    const json_t *schema;
    size_t i;

    json_array_foreach(list, i, schema)
    {
        AUTO_BUF unsaid;
        struct check one = *check;

        buf_init(&unsaid, 4096);
        one.schema = schema;
        one.problem = &unsaid;
        if (holds(&one))
            return true;
    }
    return wrong(check, "is none of", "what it may be");
}

static bool hold_type(const struct check *check, const json_t *type)
{
    const json_t *one;
    size_t i;

    if (json_is_string(type))
        return is_of(check->value, json_string_value(type)) ||
               wrong(check, "is no", json_string_value(type));
    json_array_foreach(type, i, one)
    {
        if (is_of(check->value, json_string_value(one)))
            return true;
    }
    return wrong(check, "is of none of its", "types");
}

static bool hold_enum(const struct check *check, const json_t *words)
{
    const json_t *word;
    size_t i;

    json_array_foreach(words, i, word)
    {
        if (json_equal(word, check->value))
            return true;
    }
    return wrong(check, "is none of its words:",
                 json_is_string(check->value) ? json_string_value(check->value) : "no text");
}

static bool hold_pattern(const struct check *check, const json_t *pattern)
{
    regex_t regex;
    bool fits;

    if (!json_is_string(check->value))
        return true;
    if (regcomp(&regex, json_string_value(pattern), REG_EXTENDED | REG_NOSUB) != 0)
        return wrong(check, "has a bad", "pattern");
    fits = regexec(&regex, json_string_value(check->value), 0, NULL, 0) == 0;
    regfree(&regex);
    return fits || wrong(check, "does not fit", json_string_value(pattern));
}

static bool hold_format(const struct check *check, const json_t *format)
{
    uint64_t ms;

    if (!json_is_string(check->value))
        return true;
    if (strcmp(json_string_value(format), "date-time") != 0)
        return wrong(check, "has the unknown format", json_string_value(format));
    return clock_parse(json_string_value(check->value), json_string_length(check->value), &ms) ==
               0 ||
           wrong(check, "is no time:", json_string_value(check->value));
}

static bool hold_minimum(const struct check *check, const json_t *least)
{
    return !json_is_number(check->value) ||
           json_number_value(check->value) >= json_number_value(least) ||
           wrong(check, "is below its", "minimum");
}

static bool hold_required(const struct check *check, const json_t *names)
{
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name)
    {
        if (json_is_object(check->value) &&
            json_object_get(check->value, json_string_value(name)) == NULL)
            return wrong(check, "lacks", json_string_value(name));
    }
    return true;
}

/* What no other member of the schema speaks of is a fault, unless it says that it may be. */
static bool hold_members(const struct check *check, const json_t *properties)
{
    const json_t *more = json_object_get(check->schema, "additionalProperties");
    bool is_beside_ref = json_object_get(check->schema, "$ref") != NULL;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)check->value, name, value)
    {
        struct place place = { .above = check->place, .name = name };
        struct check member = { .document = check->document, .value = value, .place = &place };

        member.problem = check->problem;
        member.schema = json_object_get(properties, name);
        if (member.schema == NULL && json_is_object(more))
            member.schema = more;
        if (member.schema == NULL && (json_is_true(more) || is_beside_ref))
            continue;
        if (member.schema == NULL)
            return wrong(&member, "is a member", "nobody told of");
        if (!holds(&member))
            return false;
    }
    return true;
}

static bool hold_more(const struct check *check, const json_t *more)
{
    bool is_told = json_object_get(check->schema, "properties") != NULL;

    return is_told || !json_is_object(more) || hold_members(check, NULL);
}

static bool hold_items(const struct check *check, const json_t *schema)
{
    const json_t *value;
    size_t i;

    json_array_foreach(check->value, i, value)
    {
        struct place place = { .above = check->place, .index = i };
        struct check item = { .document = check->document, .schema = schema, .value = value };

        item.place = &place;
        item.problem = check->problem;
        if (!holds(&item))
            return false;
    }
    return true;
}

static bool hold_nothing(const struct check *check, const json_t *is)
{
    (void)check;
    (void)is;
    return true;
}

static bool holds(const struct check *check)
{
    static const struct {
        const char *keyword;
        bool (*hold)(const struct check *check, const json_t *is);
    } keywords[] = {
        { "$ref", hold_ref },           { "anyOf", hold_any },
        { "type", hold_type },          { "enum", hold_enum },
        { "pattern", hold_pattern },    { "format", hold_format },
        { "minimum", hold_minimum },    { "required", hold_required },
        { "properties", hold_members }, { "additionalProperties", hold_more },
        { "items", hold_items },        { "description", hold_nothing },
    };
    const char *keyword;
    json_t *is;

    json_object_foreach((json_t *)(uintptr_t)check->schema, keyword, is)
    {
        size_t i = 0;

        while (i < sizeof(keywords) / sizeof(keywords[0]) &&
               strcmp(keyword, keywords[i].keyword) != 0)
            i++;
        if (i == sizeof(keywords) / sizeof(keywords[0]))
            return wrong(check, "has a keyword this does not know:", keyword);
        if (!keywords[i].hold(check, is))
            return false;
    }
    return true;
}

bool schema_holds(const json_t *document, const json_t *schema, const json_t *value,
                  struct buf *problem)
{
    const struct check check = {
        .document = document, .schema = schema, .value = value, .problem = problem
    };

    return holds(&check);
}

/* --- a whole answer --- */

static const json_t *response_of(const json_t *document, const struct answered *answered)
{
    char verb[8] = "", status[8];
    const json_t *response, *ref;

    for (size_t i = 0; i < sizeof(verb) - 1 && answered->route->method[i] != '\0'; i++)
        verb[i] = (char)(answered->route->method[i] | 0x20);
    (void)snprintf(status, sizeof(status), "%u", answered->status);
    response = json_object_get(document, "paths");
    response = json_object_get(json_object_get(response, answered->route->path), verb);
    response = json_object_get(json_object_get(response, "responses"), status);
    ref = json_object_get(response, "$ref");
    return ref != NULL ? resolve(document, json_string_value(ref)) : response;
}

/* NULL: it is none of the types there may be. */
static const json_t *media_of(const json_t *content, const char *type)
{
    const json_t *media = json_object_getn(content, type, strcspn(type, ";"));

    return media != NULL ? media : json_object_get(content, "*/*");
}

static bool refuse(const struct answered *answered, const char *what, struct buf *problem)
{
    buf_addf(problem, " %u %s", answered->status, what);
    return false;
}

bool schema_allows(const json_t *document, const struct answered *answered, struct buf *problem)
{
    const json_t *response = response_of(document, answered);
    const json_t *content = json_object_get(response, "content"), *media, *schema;

    if (response == NULL)
        return refuse(answered, "is no status it may have", problem);
    if (strstr(answered->headers, "ETag: ") != NULL && !responses_have_etag(answered->route))
        return refuse(answered, "bears an ETag nobody told of", problem);
    if (responses_have_etag(answered->route) && answered->status == 200 &&
        strstr(answered->headers, "ETag: ") == NULL)
        return refuse(answered, "bears no ETag", problem);
    if (content == NULL)
        return answered->json == NULL || refuse(answered, "has a body", problem);
    media = media_of(content, answered->type);
    if (media == NULL)
        return refuse(answered, answered->type, problem);
    schema = json_object_get(media, "schema");
    return answered->json == NULL || schema == NULL || strstr(answered->type, "json") == NULL ||
           strstr(answered->type, "jsonl") != NULL || strstr(answered->type, "ndjson") != NULL ||
           schema_holds(document, schema, answered->json, problem);
}
