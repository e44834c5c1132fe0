/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/openapi/schema.h"

#include <stdio.h>

enum { REF_BYTES = 96 };

/* --- what is taken --- */

static json_t *field_schema(const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return json_pack("{s:s, s:i, s:s}", "type", "string", "maxLength", (int)field->max,
                         "description", field->meaning);
    case FIELD_TEXTS:
        return json_pack("{s:s, s:{s:s, s:i}, s:s}", "type", "array", "items", "type", "string",
                         "maxLength", (int)field->max, "description", field->meaning);
    case FIELD_NUMBER:
        return json_pack("{s:s, s:i, s:i, s:s}", "type", "integer", "minimum", 0, "maximum",
                         (int)field->max, "description", field->meaning);
    case FIELD_OBJECTS:
        return json_pack("{s:s, s:{s:s}, s:i, s:s}", "type", "array", "items", "type", "object",
                         "maxItems", (int)field->max, "description", field->meaning);
    case FIELD_FLAG:
        return json_pack("{s:s, s:s}", "type", "boolean", "description", field->meaning);
    case FIELD_MAP:
        return json_pack("{s:s, s:{s:[s, s], s:i}, s:s}", "type", "object", "additionalProperties",
                         "type", "string", "null", "maxLength", (int)field->max, "description",
                         field->meaning);
    }
    return NULL;
}

json_t *schema_of_body(const struct field *fields)
{
    json_t *properties = json_object(), *required = json_array();

    for (const struct field *field = fields; field->name != NULL; field++) {
        (void)json_object_set_new(properties, field->name, field_schema(field));
        if (field->required)
            (void)json_array_append_new(required, json_string(field->name));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0,
                     "properties", properties, "required", required);
}

/* --- what is answered --- */

json_t *schema_ref(const char *component)
{
    char ref[REF_BYTES];

    (void)snprintf(ref, sizeof(ref), "#/components/schemas/%s", component);
    return json_pack("{s:s}", "$ref", ref);
}

static json_t *word_schema(const char *words)
{
    json_t *list = json_array();

    while (*words != '\0') {
        size_t len = strcspn(words, "|");

        (void)json_array_append_new(list, json_stringn(words, len));
        words += len + (words[len] != '\0');
    }
    return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

/* One of it, whatever stands around. */
static json_t *bare_schema(const struct member *member)
{
    switch (member->kind) {
    case MEMBER_TEXT:
        return json_pack("{s:s}", "type", "string");
    case MEMBER_ID:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[a-z2-7]{26}$");
    case MEMBER_TIME:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
    case MEMBER_WORD:
        return word_schema(member->words);
    case MEMBER_COUNT:
        return json_pack("{s:s, s:i}", "type", "integer", "minimum", 0);
    case MEMBER_WHOLE:
        return json_pack("{s:s}", "type", "integer");
    case MEMBER_NUMBER:
        return json_pack("{s:s}", "type", "number");
    case MEMBER_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case MEMBER_OBJECT:
        return schema_ref(member->shape->name);
    case MEMBER_TEXT_OR_OBJECT:
        return json_pack("{s:[{s:s}, o]}", "anyOf", "type", "string",
                         schema_ref(member->shape->name));
    case MEMBER_ANYTHING:
        return json_object();
    }
    return NULL;
}

/* The same, or null. */
static json_t *or_null(json_t *schema)
{
    json_t *type = json_object_get(schema, "type"), *words = json_object_get(schema, "enum");

    if (type == NULL)
        return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
    (void)json_object_set_new(schema, "type", json_pack("[O, s]", type, "null"));
    if (words != NULL)
        (void)json_array_append_new(words, json_null());
    return schema;
}

json_t *schema_of_member(const struct member *member)
{
    json_t *schema = bare_schema(member);

    if ((member->how & LIST) != 0)
        schema = json_pack("{s:s, s:o}", "type", "array", "items", schema);
    if ((member->how & MAP) != 0)
        schema = json_pack("{s:s, s:o}", "type", "object", "additionalProperties", schema);
    if ((member->how & OR_NULL) != 0)
        schema = or_null(schema);
    (void)json_object_set_new(schema, "description", json_string(member->meaning));
    return schema;
}

static void add_members(const struct shape *shape, json_t *properties, json_t *required)
{
    if (shape->beside != NULL)
        add_members(shape->beside, properties, required);
    for (const struct member *member = shape->members; member->name != NULL; member++) {
        (void)json_object_set_new(properties, member->name, schema_of_member(member));
        if ((member->how & MAYBE) == 0)
            (void)json_array_append_new(required, json_string(member->name));
    }
}

static void define_parts(json_t *schemas, const struct shape *shape)
{
    if (shape->beside != NULL)
        define_parts(schemas, shape->beside);
    for (const struct member *member = shape->members; member->name != NULL; member++)
        if (member->shape != NULL)
            schema_define(schemas, member->shape);
}

void schema_define(json_t *schemas, const struct shape *shape)
{
    json_t *properties, *required, *schema;

    if (json_object_get(schemas, shape->name) != NULL)
        return;
    properties = json_object();
    required = json_array();
    add_members(shape, properties, required);
    schema = json_pack("{s:s, s:o, s:o}", "type", "object", "required", required, "properties",
                       properties);
    if (shape->is_open)
        (void)json_object_set_new(schema, "additionalProperties", json_true());
    (void)json_object_set_new(schemas, shape->name, schema);
    define_parts(schemas, shape);
}

json_t *schema_of_page(const struct shape *items)
{
    return json_pack("{s:s, s:[s, s], s:{s:{s:s, s:o, s:s}, s:{s:[s, s], s:s}}}", "type", "object",
                     "required", "items", "next", "properties", "items", "type", "array", "items",
                     schema_ref(items->name), "description", "One page of them.", "next", "type",
                     "string", "null", "description",
                     "The cursor of the next page; null: this was the last.");
}
