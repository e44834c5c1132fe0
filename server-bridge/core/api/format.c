/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/format.h"

static const struct {
    const char *name, *type, *headers;
} formats[FORMAT_COUNT] = {
    [FORMAT_JSON] = { "json", "application/json", "" },
    [FORMAT_CSV] = { "csv", "text/csv; charset=utf-8", "" },
    [FORMAT_HTML] = { "html", "text/html; charset=utf-8",
                      "Content-Security-Policy: default-src 'none'; style-src "
                      "'unsafe-inline'\r\n" },
};

bool format_read(struct call *call, enum format *ret_format)
{
    struct slice told = query_get(&call->query, "format");

    *ret_format = FORMAT_JSON;
    for (enum format format = 0; format < FORMAT_COUNT; format++) {
        if (!slice_is(told, formats[format].name))
            continue;
        *ret_format = format;
        return true;
    }
    if (told.data == NULL)
        return true;
    answer_problem(call, 400, "bad_parameter", "\"format\" must be json, csv or html.");
    return false;
}

const char *format_type(enum format format)
{
    return formats[format].type;
}

const char *format_headers(enum format format)
{
    return formats[format].headers;
}

void format_answer(struct call *call, enum format format, struct buf *text)
{
    answer_text(call, format_type(format), format_headers(format), text);
}
