/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/qda/codes.h"

#include <string.h>

static bool stands_already(const json_t *codes, const char *name)
{
    const json_t *code;
    size_t i;

    json_array_foreach(codes, i, code) if (strcmp(json_string_value(json_object_get(code, "code")),
                                                  name) == 0) return true;
    return false;
}

/* The part of a selection that is this line's; without a span where it has no words to point at. */
static bool is_on(const struct qda_coding *coding, const struct qda_line *line, uint32_t *ret_first,
                  uint32_t *ret_last)
{
    *ret_first = coding->first > line->first ? coding->first : line->first;
    *ret_last = coding->last < line->last ? coding->last : line->last;
    if (line->first == line->last)
        return coding->first <= line->first && coding->last >= line->last;
    return *ret_first < *ret_last;
}

/* A code stands in a message once: what a coder marked twice in it is one. */
static bool add_code(json_t *message, const char *name, const struct qda_line *line, uint32_t first,
                     uint32_t last)
{
    json_t *codes = json_object_get(message, "codes");
    json_t *code;

    if (stands_already(codes, name))
        return true;
    code = json_pack("{s:s}", "code", name);
    first = qda_line_place(line, first, false);
    last = qda_line_place(line, last, true);
    if (first < last) {
        (void)json_object_set_new(code, "first", json_integer(first));
        (void)json_object_set_new(code, "last", json_integer(last));
    }
    return json_array_append_new(codes, code) == 0;
}

/* How many messages it is on now; a selection may reach over several. */
static size_t add_selection(json_t *messages, const char *name, const struct qda_coding *coding,
                            const struct qda_line *lines, size_t count)
{
    size_t on = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t first, last;

        if (is_on(coding, &lines[i], &first, &last) &&
            add_code(json_array_get(messages, i), name, &lines[i], first, last))
            on++;
    }
    return on;
}

static void add_function(json_t *functions, const char *name)
{
    const json_t *function;
    size_t i;

    json_array_foreach(functions, i,
                       function) if (strcmp(json_string_value(function), name) == 0) return;
    (void)json_array_append_new(functions, json_string(name));
}

json_t *qda_codes_of(const struct qda_wish *wish, const struct qda_source *source,
                     const struct qda_line *lines, size_t count, struct qda_told *told)
{
    json_t *messages = json_array(), *functions = json_array();

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(messages, json_pack("{s:[]}", "codes"));
    for (size_t i = 0; i < source->count; i++) {
        const struct qda_coding *coding = &source->codings[i];
        const char *name = wish->project->codes.items[coding->code].name;

        if (wish->user != QDA_NOBODY && coding->user != wish->user)
            continue;
        if (wish->meanings[coding->code] == QDA_UNKNOWN) {
            told->unknown[coding->code]++;
        } else if (wish->meanings[coding->code] == QDA_FUNCTION) {
            add_function(functions, name);
            told->taken++;
        } else if (!coding->whole && add_selection(messages, name, coding, lines, count) > 0) {
            told->taken++;
        } else {
            told->nowhere++;
        }
    }
    return json_pack("{s:o, s:o}", "messages", messages, "functions", functions);
}
