/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/apply/plan.h"

#include "base/format/text.h"

#include <stdarg.h>

enum { SHOWN_POINTS = 60 };

json_t *plan_add(struct comparing *comparing, const char *method, const char *path, json_t *body)
{
    json_t *change =
        json_pack("{s:[], s:s, s:s, s:o*}", "lines", "method", method, "path", path, "body", body);

    comparing->lost |= json_array_append_new(comparing->plan, change) != 0;
    return change;
}

json_t *plan_add_of_tenant(struct comparing *comparing, const char *method, const char *what,
                           json_t *body)
{
    AUTO_BUF path;

    buf_init(&path, 8192);
    buf_addf(&path, "/tenants/%s%s", comparing->tenant, what);
    return plan_add(comparing, method, path.data, body);
}

void plan_line(json_t *change, const char *format, ...)
{
    char text[8192];
    va_list list;
    AUTO_BUF line;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    buf_init(&line, 16 * 1024);
    text_one_line(slice_of(text), 2000, &line);
    (void)json_array_append_new(json_object_get(change, "lines"),
                                json_stringn(line.data, line.len));
}

void plan_show(const json_t *value, struct buf *to)
{
    const json_t *item;
    size_t i;

    if (json_is_string(value))
        text_one_line(slice_of(json_string_value(value)), SHOWN_POINTS, to);
    else if (json_is_integer(value))
        buf_addf(to, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        buf_add_text(to, json_is_true(value) ? "yes" : "no");
    json_array_foreach(value, i, item)
    {
        buf_addf(to, "%s%s", i > 0 ? "," : "", json_string_value(item));
    }
    if (to->len == 0)
        buf_add_text(to, "-");
}

void plan_difference(json_t *change, const char *of, const json_t *before, const json_t *after)
{
    AUTO_BUF was;
    AUTO_BUF is;

    buf_init(&was, 4096);
    buf_init(&is, 4096);
    plan_show(before, &was);
    plan_show(after, &is);
    plan_line(change, "~ %s %s → %s", of, was.data, is.data);
}

bool plan_differs(const json_t *wanted, const json_t *found, const char *key)
{
    const json_t *value = json_object_get(wanted, key);

    return value != NULL && !json_equal(value, json_object_get(found, key));
}
