/* SPDX-License-Identifier: Apache-2.0
 *
 * A row a message, RFC 4180 in UTF-8. A conversation without a message has one row with empty
 * columns, so that counting conversations gives the same in every format.
 */
#include "presence/export/exported.h"

#include "base/format/csv.h"

static const char head[] =
    "conversation,opened_at,language,stage,outcome,functions,seq,from,speaker,"
    "origin,at,reply_to,edited_at,withdrawn_at,text,codes\r\n";

static void add_cell(struct buf *to, const char *text)
{
    csv_text(to, text);
    buf_add_text(to, ",");
}

static void add_time(struct buf *to, uint64_t at_ms)
{
    exported_time(at_ms, to);
    buf_add_text(to, ",");
}

static void add_head(struct buf *to, const struct exported_chat *chat)
{
    const char *sep = "";

    buf_addf(to, "%s,", chat->id);
    add_time(to, chat->opened_ms);
    add_cell(to, chat->language);
    add_cell(to, chat->stage);
    add_cell(to, chat->outcome);
    for (unsigned i = 0; i < FUNCTION_COUNT; i++) {
        if ((chat->functions >> i & 1) == 0)
            continue;
        buf_addf(to, "%s%s", sep, figures_function_id((enum figures_function)i));
        sep = " ";
    }
    buf_add_text(to, ",");
}

static void add_message(struct buf *to, const struct exported_message *message)
{
    buf_addf(to, "%llu,%s,", (unsigned long long)message->seq, exported_from_name(message->from));
    add_cell(to, message->speaker);
    buf_addf(to, "%s,", exported_origin_name(message->origin));
    add_time(to, message->at_ms);
    if (message->reply_to > 0)
        buf_addf(to, "%llu", (unsigned long long)message->reply_to);
    buf_add_text(to, ",");
    add_time(to, message->edited_ms);
    add_time(to, message->withdrawn_ms);
    add_cell(to, message->text);
    for (size_t i = 0; i < message->code_count; i++)
        buf_addf(to, "%s%s", i > 0 ? " " : "", message->codes[i].code);
    buf_add_text(to, "\r\n");
}

static int add_chat(void *context, const struct exported_chat *chat)
{
    struct buf *to = context;

    for (size_t i = 0; i < chat->count; i++) {
        add_head(to, chat);
        add_message(to, &chat->messages[i]);
    }
    if (chat->count == 0) {
        add_head(to, chat);
        buf_add_text(to, ",,,,,,,,,\r\n");
    }
    return buf_failed(to) ? RAISE(ERR_LIMIT) : OK;
}

int export_csv(const struct export_wish *wish, struct buf *to)
{
    buf_add_text(to, head);
    return exported_each(wish, add_chat, to);
}
