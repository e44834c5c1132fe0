/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of an import. What is taken has its seqs in order, texts that may pass as text, and
 * an id; what is refused says why; the same line twice is the same.
 */
#include "base/format/text.h"
#include "storage/transcripts/transcript_read.h"
#include "tests/fuzz/fuzz.h"

static void holds(const struct transcript *transcript)
{
    MUST(!id_is_none(transcript->about.conversation.id));
    MUST(transcript->about.state == CONVERSATION_ENDED);
    MUST(transcript->about.last_seq == transcript->message_count);
    for (size_t i = 0; i < transcript->message_count; i++) {
        const struct stored_message *message = &transcript->messages[i];

        MUST(message->seq == i + 1 && message->reply_to < message->seq);
        MUST(message->from < FROM_COUNT && message->origin < ORIGIN_COUNT);
        MUST(text_check(message->text, NULL) == TEXT_FINE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct tenant_name acme = { "acme" };
    struct transcript first, second;
    struct buf problem;
    json_t *json = NULL;

    if (json_read((struct slice){ (const char *)input, len }, &json) != OK)
        return 0;
    buf_init(&problem, 4096);
    if (transcript_read(json, &acme, &first, &problem) == OK) {
        holds(&first);
        MUST(transcript_read(json, &acme, &second, &problem) == OK);
        MUST(conversation_id_equal(first.about.conversation, second.about.conversation));
        transcript_release(&first);
        transcript_release(&second);
    } else {
        MUST(problem.len > 0);
    }
    buf_release(&problem);
    json_decref(json);
    return 0;
}
