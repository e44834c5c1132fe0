/* SPDX-License-Identifier: Apache-2.0
 *
 * figured — chats to be figured, in few words: coded by a person, in Finnish, of no known stage,
 * until a case says otherwise.
 */
#ifndef TESTS_SUPPORT_FIGURED_H
#define TESTS_SUPPORT_FIGURED_H

#include "presence/figures/figures_json.h"
#include "tests/support/cmocka.h"

#include <math.h>

#define BIT(code) PRESENCE_CODE_BIT(PRESENCE_##code)
#define SECOND    1000u

static inline struct figures_message said(enum message_from from, uint64_t at_s, uint32_t words,
                                          presence_codes codes)
{
    return (struct figures_message){ .from = from,
                                     .origin = from == FROM_BOT ? ORIGIN_BOT : ORIGIN_TYPED,
                                     .at_ms = at_s * SECOND,
                                     .words = words,
                                     .codes = codes,
                                     .agent = FIGURES_NOBODY };
}

static inline struct figures_chat chat_of(const struct figures_message *messages, size_t count)
{
    return (struct figures_chat){ .language = SLICE_LITERAL("fi"),
                                  .stage = STAGE_UNKNOWN,
                                  .opened_ms = 1,
                                  .messages = messages,
                                  .count = count,
                                  .coded = true,
                                  .csat = -1,
                                  .nps = -1,
                                  .effort = -1 };
}

static inline void add(struct figures *figures, const struct figures_chat *chat)
{
    assert_int_equal(figures_add(figures, chat), OK);
}

/* `count` chats: the visitor says 50 words with a greeting in two of three, the agent 25. */
static inline void add_many(struct figures *figures, size_t count, enum figures_stage stage)
{
    for (size_t i = 0; i < count; i++) {
        const struct figures_message messages[] = {
            said(FROM_VISITOR, 1, 50, i % 3 < 2 ? BIT(COH_GREET) | BIT(COH_VOC) : 0),
            said(FROM_AGENT, 2, 25, BIT(COH_GREET)),
        };
        struct figures_chat chat = chat_of(messages, 2);

        chat.stage = stage;
        add(figures, &chat);
    }
}

static inline void is_near(double is, double wanted)
{
    if (!(fabs(is - wanted) < 1e-5 * (1 + fabs(wanted))))
        fail_msg("%.10g is not %.10g", is, wanted);
}

static inline json_t *written(const struct figures *figures, const char *coder)
{
    const struct figures_about about = { .tenant = "acme",
                                         .title = "Acme Oy",
                                         .stage = "",
                                         .language = "",
                                         .outcome = "",
                                         .coder = coder,
                                         .book = "spc-1" };
    json_t *document = figures_json(figures, &about);

    assert_non_null(document);
    return document;
}

#endif
