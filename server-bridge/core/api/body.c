/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/body.h"

#include "base/format/text.h"

struct slice body_text(const struct call *call, const char *key)
{
    const json_t *value = json_object_get(call->body, key);

    if (!json_is_string(value))
        return SLICE_NONE;
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

static struct slice told(const struct call *call, const char *by_path, const char *key)
{
    return by_path[0] != '\0' ? slice_of(by_path) : body_text(call, key);
}

struct slice about_tenant(const struct call *call)
{
    return told(call, call->values.tenant, "tenant");
}

struct slice about_user(const struct call *call)
{
    return told(call, call->values.user, "user");
}

bool body_line(struct call *call, const char *key, unsigned max, const char *when_absent,
               char **ret_line)
{
    const json_t *value = json_object_get(call->body, key);
    AUTO_BUF clean;
    AUTO_BUF line;

    buf_init(&clean, 4096);
    buf_init(&line, 4096);
    if (!json_is_string(value)) {
        *ret_line = when_absent != NULL ? strdup(when_absent) : NULL;
        if (*ret_line != NULL || when_absent == NULL)
            return true;
    } else if (text_clean(body_text(call, key), max, &clean) != TEXT_FINE) {
        answer_problem(call, 400, "bad_field", "\"%s\" must be 1 to %u characters, not blank.", key,
                       max);
        return false;
    } else {
        text_one_line(buf_slice(&clean), max, &line);
        *ret_line = slice_dup(buf_slice(&line));
        if (*ret_line != NULL)
            return true;
    }
    answer_failed(call, RAISE(ERR_NO_MEMORY));
    return false;
}

bool body_lines(struct call *call, const char *key, unsigned max, char **ret_lines)
{
    struct slice text = body_text(call, key);
    AUTO_BUF clean;

    buf_init(&clean, (size_t)max * 4 + 1);
    if (text.len > 0 && text_clean(text, max, &clean) != TEXT_FINE) {
        answer_problem(call, 400, "bad_field", "\"%s\" must be at most %u characters, not blank.",
                       key, max);
        return false;
    }
    *ret_lines = slice_dup(buf_slice(&clean));
    if (*ret_lines == NULL)
        answer_failed(call, RAISE(ERR_NO_MEMORY));
    return *ret_lines != NULL;
}

bool body_words(struct call *call, const char *key, const char *when_absent,
                put_right_fn *put_right, char **ret_words)
{
    const json_t *list = json_object_get(call->body, key), *item;
    AUTO_BUF words;
    char word[512];
    size_t i;

    buf_init(&words, 8192);
    json_array_foreach(list, i, item)
    {
        struct slice raw = { json_string_value(item), json_string_length(item) };

        if (put_right(raw, word, sizeof(word)) != 0) {
            answer_problem(call, 400, "bad_field", "\"%s\" cannot hold \"%.*s\".", key,
                           SLICE_ARG(raw));
            return false;
        }
        if (words.len == 0 || !words_have(words.data, slice_of(word)))
            buf_addf(&words, "%s%s", words.len > 0 ? " " : "", word);
    }
    if (words.len == 0)
        buf_add_text(&words, when_absent);
    *ret_words = buf_failed(&words) ? NULL : slice_dup(buf_slice(&words));
    if (*ret_words == NULL)
        answer_problem(call, 400, "bad_field", "\"%s\" holds too much.", key);
    return *ret_words != NULL;
}
