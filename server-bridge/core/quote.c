/* SPDX-License-Identifier: Apache-2.0
 *
 * What a visitor's words answer, told to an agent as their client knows it: by the stanza it came
 * in, or went out in, with a line of what it said.
 */
#include "server-bridge/core/core.h"

#include "base/format/text.h"

#include <strings.h>

enum { QUOTE_POINTS = 80 };

struct finding {
    struct slice agent;
    struct quote *quote;
};

static int take(void *context, const struct stored_message *row)
{
    struct finding *finding = context;
    struct quote *quote = finding->quote;
    AUTO_BUF line;

    buf_init(&line, sizeof(quote->text) - 1);
    if (row->seq != quote->seq || row->withdrawn_ms != 0)
        return 1;
    text_one_line(row->text, QUOTE_POINTS, &line);
    if (buf_failed(&line))
        return 1;
    quote->own = row->from == FROM_VISITOR;
    if (quote->own)
        id_format(row->message.id, quote->stanza);
    else if (slice_equal(row->sender, finding->agent))
        (void)slice_copy(row->cid, quote->stanza, sizeof(quote->stanza));
    else
        id_format(carry_colleague_id(row->message).id, quote->stanza);
    (void)slice_copy(buf_slice(&line), quote->text, sizeof(quote->text));
    return 1;
}

void quote_find(struct live_tenant *tenant, struct conversation_id conversation, uint64_t seq,
                struct slice agent, struct quote *ret_quote)
{
    struct finding finding = { .agent = agent, .quote = ret_quote };

    *ret_quote = (struct quote){ .seq = seq };
    if (seq > 0 && STORE_CALL(tenant->core->store, messages, &tenant->about.name, conversation,
                              seq - 1, 1, take, &finding) < 0)
        log_event(LOG_ERROR, &tenant->log, "quote.unreadable", "");
}

/* --- words that begin like ours --- */

static bool begins_like_ours(struct slice line)
{
    struct slice mark = SLICE_LITERAL("[lasna]");

    line = text_after_blank(line);
    return line.len >= mark.len && strncasecmp(line.data, mark.data, mark.len) == 0;
}

void quote_add_words(struct buf *to, struct slice words)
{
    while (words.len > 0) {
        const char *end = memchr(words.data, '\n', words.len);
        size_t len = end == NULL ? words.len : (size_t)(end - words.data) + 1;

        if (begins_like_ours((struct slice){ words.data, len }))
            buf_add_text(to, "> ");
        buf_add(to, words.data, len);
        words = (struct slice){ words.data + len, words.len - len };
    }
}
