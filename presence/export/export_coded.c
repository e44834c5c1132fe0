/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON lines for whoever computes: a chat a line with its messages, and beside each the codes it
 * bears. It is no archive (docs/transcript.md tells of that): what is
 * pseudonymised says so, and does not come in again as a person's codes.
 */
#include "presence/export/exported.h"

static void add_text(struct buf *to, const char *key, const char *text)
{
    buf_addf(to, ",\"%s\":", key);
    buf_add_json(to, slice_of(text));
}

static void add_time(struct buf *to, const char *key, uint64_t at_ms)
{
    buf_addf(to, ",\"%s\":%s", key, at_ms > 0 ? "\"" : "null");
    exported_time(at_ms, to);
    buf_add_text(to, at_ms > 0 ? "\"" : "");
}

static void add_number(struct buf *to, const char *key, uint64_t number)
{
    if (number > 0)
        buf_addf(to, ",\"%s\":%llu", key, (unsigned long long)number);
    else
        buf_addf(to, ",\"%s\":null", key);
}

static void add_functions(struct buf *to, const struct exported_chat *chat)
{
    const char *sep = "";

    buf_add_text(to, ",\"functions\":[");
    for (unsigned i = 0; i < FUNCTION_COUNT; i++) {
        if ((chat->functions >> i & 1) == 0)
            continue;
        buf_addf(to, "%s\"%s\"", sep, figures_function_id((enum figures_function)i));
        sep = ",";
    }
    buf_add_text(to, "]");
}

static void add_message(struct buf *to, const struct exported_message *message)
{
    buf_addf(to, "{\"seq\":%llu", (unsigned long long)message->seq);
    add_text(to, "from", exported_from_name(message->from));
    add_text(to, "speaker", message->speaker);
    add_text(to, "origin", exported_origin_name(message->origin));
    add_time(to, "at", message->at_ms);
    add_number(to, "reply_to", message->reply_to);
    add_time(to, "edited_at", message->edited_ms);
    add_time(to, "withdrawn_at", message->withdrawn_ms);
    add_text(to, "text", message->text);
    buf_add_text(to, ",\"codes\":[");
    for (size_t i = 0; i < message->code_count; i++)
        buf_addf(to, "%s{\"code\":\"%s\",\"first\":%u,\"last\":%u}", i > 0 ? "," : "",
                 message->codes[i].code, message->codes[i].first, message->codes[i].last);
    buf_add_text(to, "]}");
}

struct lines {
    const struct export_wish *wish;
    struct buf *to;
};

static int add_chat(void *context, const struct exported_chat *chat)
{
    const struct lines *lines = context;
    struct buf *to = lines->to;

    buf_addf(to, "{\"id\":\"%s\",\"pseudonymised\":%s,\"coded\":%s", chat->id,
             lines->wish->pseudonyms != NULL ? "true" : "false", chat->coded ? "true" : "false");
    add_text(to, "coder", lines->wish->coder);
    add_text(to, "book", lines->wish->book);
    add_text(to, "language", chat->language);
    add_text(to, "stage", chat->stage);
    add_text(to, "outcome", chat->outcome);
    add_time(to, "opened_at", chat->opened_ms);
    add_time(to, "ended_at", chat->ended_ms);
    add_functions(to, chat);
    buf_add_text(to, ",\"messages\":[");
    for (size_t i = 0; i < chat->count; i++) {
        buf_add_text(to, i > 0 ? "," : "");
        add_message(to, &chat->messages[i]);
    }
    buf_add_text(to, "]}\n");
    return buf_failed(to) ? RAISE(ERR_LIMIT) : OK;
}

int export_coded(const struct export_wish *wish, struct buf *to)
{
    struct lines lines = { wish, to };

    buf_add_text(to, "");
    return exported_each(wish, add_chat, &lines);
}
