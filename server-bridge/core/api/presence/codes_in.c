/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/presence/codes_in.h"

#include "presence/figures/figures.h"
#include "storage/transcripts/transcript_read.h"

static struct slice text_of(const json_t *value)
{
    return json_is_string(value)
               ? (struct slice){ json_string_value(value), json_string_length(value) }
               : SLICE_NONE;
}

/* "INT.Q", or { "code": "INT.Q", "first": 3, "last": 9 }. False: no code of the book. */
static bool read_code(const json_t *json, struct stored_code *code)
{
    uint64_t first = 0, last = 0;
    enum presence_code known;

    code->code = text_of(json_is_object(json) ? json_object_get(json, "code") : json);
    if (json_is_object(json) &&
        (json_get_uint(json, "first", &first) == JSON_E_TYPE ||
         json_get_uint(json, "last", &last) == JSON_E_TYPE || first > last || last > UINT32_MAX))
        return false;
    code->first = (uint32_t)first;
    code->last = (uint32_t)last;
    return presence_code_find(code->code, &known) == 0;
}

static bool is_function(struct slice id)
{
    for (enum figures_function function = 0; function < FUNCTION_COUNT; function++)
        if (slice_is(id, figures_function_id(function)))
            return true;
    return false;
}

/* What is no list would pass for nobody's codes, and be final. */
static bool is_list(const json_t *value)
{
    return value == NULL || json_is_array(value);
}

/* NULL: fine; else what is wrong. */
static const char *read_message(struct coding *coding, const json_t *message, uint64_t seq)
{
    const json_t *codes = json_object_get(message, "codes"), *value;
    uint64_t told = seq;
    size_t i;

    if (!json_is_object(message) || !is_list(codes))
        return "A message is no object, or its codes are no list.";
    if (json_get_uint(message, "seq", &told) == JSON_E_TYPE || told != seq)
        return "Its messages are not in their order.";
    json_array_foreach(codes, i, value)
    {
        struct stored_code code = { .seq = seq, .rule = SLICE_NONE };

        if (!read_code(value, &code))
            return "A code is none of the code book, or its span is none.";
        if (coding_add(coding, &code) != OK)
            return "Out of memory.";
    }
    return NULL;
}

static const char *read_codes(struct coding *coding, const json_t *messages)
{
    const json_t *message;
    const char *wrong = NULL;
    size_t i;

    json_array_foreach(messages, i, message)
    {
        wrong = read_message(coding, message, i + 1);
        if (wrong != NULL)
            break;
    }
    return wrong;
}

static const char *read_functions(struct coding *coding, const json_t *functions)
{
    const json_t *value;
    size_t i;

    if (!is_list(functions))
        return "Its functions are no list.";
    json_array_foreach(functions, i, value)
    {
        const struct stored_code code = { .code = text_of(value) };

        if (!is_function(code.code))
            return "A function is none of the code book.";
        if (coding_add(coding, &code) != OK)
            return "Out of memory.";
    }
    return NULL;
}

struct slice code_name(struct slice id)
{
    enum presence_code code;

    if (presence_code_find(id, &code) == 0)
        return slice_of(presence_code_row(code)->id);
    for (enum figures_function function = 0; function < FUNCTION_COUNT; function++)
        if (slice_is(id, figures_function_id(function)))
            return slice_of(figures_function_id(function));
    return SLICE_NONE;
}

const char *codes_in_read(const json_t *item, const struct tenant_name *tenant,
                          struct coding *coding)
{
    const json_t *messages = json_object_get(item, "messages");
    struct slice id = text_of(json_object_get(item, "id"));
    struct slice book = text_of(json_object_get(item, "book"));
    const char *wrong;

    if (book.len > 0 && !slice_is(book, PRESENCE_CODEBOOK_VERSION))
        return "It was coded by another code book than " PRESENCE_CODEBOOK_VERSION ".";
    if (json_is_true(json_object_get(item, "pseudonymised")))
        return "It is pseudonymised: its spans are not of the words that are stored.";
    if (messages == NULL)
        messages = json_object_get(item, "turns");
    if (id.len == 0 || !json_is_array(messages))
        return "It needs an id, and messages or turns.";
    coding->conversation = transcript_conversation_id(tenant, id);
    coding->last_seq = json_array_size(messages);
    wrong = read_codes(coding, messages);
    return wrong == NULL ? read_functions(coding, json_object_get(item, "functions")) : wrong;
}
