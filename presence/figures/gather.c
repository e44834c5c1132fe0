/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/gather.h"

#include "base/format/json.h"
#include "base/format/text.h"
#include "base/grow.h"
#include "storage/codes.h"
#include "storage/staffing.h"

enum { PAGE = 128 };

/* What is needed of a conversation's row once it has gone by. */
struct head {
    struct conversation_id id;
    uint64_t opened_ms;
    char language[LANGUAGE_BYTES];
    enum figures_stage stage;
    int csat, nps, effort;
    bool wanted, faded;
};

struct gathering {
    struct store *store;
    const struct tenant_name *tenant;
    const struct gather_wish *wish;
    struct figures *figures;
    struct head page[PAGE];
    size_t page_count;
    bool past;                        /* older than wished for: the walk may end */
    struct figures_message *messages; /* owned; of the chat at hand */
    size_t count, cap;
    presence_codes shown;
    struct figures_chat chat;
    struct desk_offers offers; /* of that chat */
};

/* --- heads --- */

static enum figures_stage stage_of(struct slice name)
{
    for (enum figures_stage stage = 0; stage < STAGE_UNKNOWN; stage++)
        if (slice_is(name, figures_stage_name(stage)))
            return stage;
    return STAGE_UNKNOWN;
}

static int answer_of(const json_t *survey, const char *key)
{
    uint64_t value;

    return json_get_uint(survey, key, &value) == OK && value <= 10 ? (int)value : -1;
}

static void read_survey(struct slice text, struct head *head)
{
    AUTO_JSON survey = NULL;

    head->csat = head->nps = head->effort = -1;
    if (text.len == 0 || json_read(text, &survey) != OK)
        return;
    head->csat = answer_of(survey, "csat");
    head->nps = answer_of(survey, "nps");
    head->effort = answer_of(survey, "effort");
}

static bool is_wanted(const struct gather_wish *wish, const struct stored_conversation *row,
                      const struct head *head)
{
    bool any = wish->language[0] == '\0';

    return (wish->stage == STAGE_ANY || head->stage == wish->stage) &&
           (wish->outcome[0] == '\0' || slice_is(row->outcome, wish->outcome)) &&
           (any || slice_is(conversation_language(row), wish->language));
}

static int take_head(void *context, const struct stored_conversation *row)
{
    struct gathering *gathering = context;
    struct head *head = &gathering->page[gathering->page_count];
    struct slice language = conversation_language(row);

    if (row->opened_ms < gathering->wish->since_ms) {
        gathering->past = true;
        return 1;
    }
    if (language.len >= LANGUAGE_BYTES)
        language.len = LANGUAGE_BYTES - 1;
    gathering->page_count++;
    head->id = row->conversation;
    head->opened_ms = row->opened_ms;
    head->stage = stage_of(row->stage);
    head->faded = row->faded;
    (void)slice_copy(language, head->language, sizeof(head->language));
    head->wanted = is_wanted(gathering->wish, row, head);
    if (head->wanted)
        read_survey(row->survey, head);
    return 0;
}

/* --- one chat --- */

/* What was imported knows agents by name alone: their sender is the same for all. */
static uint16_t agent_of(struct figures *figures, const struct stored_message *row)
{
    bool named = slice_is(row->sender, "import");

    if (row->from != FROM_AGENT)
        return FIGURES_NOBODY;
    return figures_agent(figures, named ? row->name : row->sender, row->name);
}

static int take_message(void *context, const struct stored_message *row)
{
    struct gathering *gathering = context;

    if (GROW(gathering->messages, gathering->count, &gathering->cap) != OK)
        return ERR_NO_MEMORY;
    gathering->messages[gathering->count++] =
        (struct figures_message){ .from = row->from,
                                  .origin = row->origin,
                                  .wordless =
                                      !file_id_is_none(row->file.id) || row->withdrawn_ms > 0,
                                  .at_ms = row->at_ms,
                                  .words = (uint32_t)text_words(row->text),
                                  .agent = agent_of(gathering->figures, row) };
    return 0;
}

static void take_purchase(struct figures_chat *chat, struct slice detail)
{
    AUTO_JSON event = NULL;
    struct slice currency = SLICE_NONE;
    double value;

    chat->bought = true;
    if (json_read(detail, &event) != OK)
        return;
    value = json_number_value(json_object_get(event, "value"));
    (void)!json_get_text(event, "currency", &currency);
    if (value > 0 && value < 1e12 && slice_copy(currency, chat->currency, sizeof(chat->currency)))
        chat->cents = (uint64_t)(value * 100 + 0.5);
}

/* As the widget tells of it, and as transcripts from elsewhere do. */
static bool is_purchase(struct slice type)
{
    return slice_is(type, "site_purchase") || slice_is(type, "purchase");
}

/* A transfer, to somebody or to a skill; a call back or a meeting that was asked for. */
static bool moves_on(const struct stored_event *row)
{
    AUTO_JSON event = NULL;
    struct slice reason = SLICE_NONE;

    if (!slice_is(row->type, "released"))
        return slice_is(row->type, "transferred") || slice_is(row->type, "callback") ||
               slice_is(row->type, "meeting");
    if (json_read(row->detail, &event) == OK)
        (void)!json_get_text(event, "reason", &reason);
    return slice_is(reason, "transferred");
}

/* Of what happens in a chat, that which shows where it went: each chat of the platform has some. A
 * chat of which only another system tells, or its site, was not seen to stay. */
static bool tells_course(struct slice type)
{
    static const char *const types[] = { "queued",      "claimed",  "released", "ended",
                                         "transferred", "callback", "meeting" };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (slice_is(type, types[i]))
            return true;
    return false;
}

static int take_event(void *context, const struct stored_event *row)
{
    struct gathering *gathering = context;
    struct figures_chat *chat = &gathering->chat;

    desk_event(&gathering->figures->desk, &gathering->offers, row->type,
               row->agent.len > 0 ? row->agent : row->name);

    chat->watched |= tells_course(row->type);
    chat->moved_on |= moves_on(row);
    if (is_purchase(row->type) && !chat->bought)
        take_purchase(chat, row->detail);
    if (chat->queued_ms == 0 && slice_is(row->type, "queued"))
        chat->queued_ms = row->at_ms;
    if (chat->claimed_ms == 0 && slice_is(row->type, "claimed"))
        chat->claimed_ms = row->at_ms;
    return 0;
}

static int take_code(void *context, const struct stored_code *row)
{
    struct gathering *gathering = context;
    enum presence_code code;

    if (row->seq == 0) {
        for (unsigned i = 0; i < FUNCTION_COUNT; i++)
            if (slice_is(row->code, figures_function_id((enum figures_function)i)))
                gathering->chat.functions |= 1u << i;
    } else if (row->seq <= gathering->count && presence_code_find(row->code, &code) == 0) {
        gathering->messages[row->seq - 1].codes |= PRESENCE_CODE_BIT(code) & gathering->shown;
    }
    return 0;
}

static int read_codes(struct gathering *gathering, struct conversation_id id)
{
    const struct gather_wish *wish = gathering->wish;
    const struct coder_key coder = { slice_of(wish->coder), slice_of(wish->book) };
    char language[LANGUAGE_BYTES];
    int rc;

    if (wish->coder[0] == '\0')
        return OK;
    (void)slice_copy(gathering->chat.language, language, sizeof(language));
    language[strcspn(language, "-")] = '\0';
    gathering->shown =
        wish->shown == NULL ? ~(presence_codes)0 : wish->shown(wish->context, language);
    rc = codes_read(gathering->store, gathering->tenant, &coder, id, take_code, gathering);
    gathering->chat.coded = rc == OK;
    return rc == STORE_E_NONE ? OK : rc;
}

static uint32_t month_of(const struct gather_wish *wish, uint64_t opened_ms)
{
    return wish->month_of != NULL && opened_ms > 0 ? wish->month_of(wish->zone, opened_ms) : 0;
}

/* A chat that was not asked for is looked through for who had it in hand. */
static int add_unasked(struct gathering *gathering, const struct head *head)
{
    int rc;

    gathering->count = 0;
    rc = STORE_CALL(gathering->store, messages, gathering->tenant, head->id, 0, SIZE_MAX,
                    take_message, gathering);
    return rc == OK ? figures_add_unasked(gathering->figures, gathering->messages, gathering->count)
                    : rc;
}

static int add_chat(struct gathering *gathering, const struct head *head)
{
    const struct gather_wish *wish = gathering->wish;
    int rc;

    gathering->count = 0;
    gathering->offers.count = 0;
    if (head->opened_ms > 0)
        desk_chat(&gathering->figures->desk, wish->hour_of(wish->zone, head->opened_ms));
    gathering->chat = (struct figures_chat){ .language = slice_of(head->language),
                                             .stage = head->stage,
                                             .opened_ms = head->opened_ms,
                                             .month = month_of(wish, head->opened_ms),
                                             .faded = head->faded,
                                             .csat = head->csat,
                                             .nps = head->nps,
                                             .effort = head->effort };
    rc = STORE_CALL(gathering->store, messages, gathering->tenant, head->id, 0, SIZE_MAX,
                    take_message, gathering);
    if (rc == OK)
        rc = STORE_CALL(gathering->store, events, gathering->tenant, head->id, take_event,
                        gathering);
    if (rc == OK)
        rc = read_codes(gathering, head->id);
    gathering->chat.messages = gathering->messages;
    gathering->chat.count = gathering->count;
    return rc == OK ? figures_add(gathering->figures, &gathering->chat) : rc;
}

/* --- the desk, and the buyers --- */

static int take_buyer(void *context, const struct buyer *buyer)
{
    effect_add(&((struct gathering *)context)->figures->effect, buyer);
    return 0;
}

static int take_hour(void *context, const struct staffing_hour *hour)
{
    struct gathering *gathering = context;

    const struct gather_wish *wish = gathering->wish;

    desk_staffing(&gathering->figures->desk, wish->hour_of(wish->zone, hour->hour * 3600000), hour);
    return 0;
}

/* --- the walk, newest first --- */

static int add_page(struct gathering *gathering, uint64_t *before_ms,
                    struct conversation_id *before)
{
    int rc;

    gathering->page_count = 0;
    rc = STORE_CALL(gathering->store, conversations, gathering->tenant, LIST_ALL, *before_ms,
                    *before, PAGE, take_head, gathering);
    if (rc == 1 && gathering->past)
        rc = OK;
    for (size_t i = 0; rc == OK && i < gathering->page_count; i++) {
        *before_ms = gathering->page[i].opened_ms;
        *before = gathering->page[i].id;
        rc = gathering->page[i].wanted ? add_chat(gathering, &gathering->page[i])
                                       : add_unasked(gathering, &gathering->page[i]);
    }
    return rc;
}

int gather(struct store *store, const struct tenant_name *tenant, const struct gather_wish *wish,
           struct figures *figures)
{
    struct gathering *gathering = calloc(1, sizeof(*gathering));
    struct conversation_id before = { 0 };
    uint64_t before_ms = wish->until_ms;
    int rc = OK;

    if (gathering == NULL)
        return RAISE(ERR_NO_MEMORY);
    gathering->store = store;
    gathering->tenant = tenant;
    gathering->wish = wish;
    gathering->figures = figures;
    do
        rc = add_page(gathering, &before_ms, &before);
    while (rc == OK && gathering->page_count == PAGE && !gathering->past);
    if (rc == OK)
        rc = staffing_read(store, tenant, wish->since_ms, wish->until_ms, take_hour, gathering);
    if (rc == OK)
        rc = buyers_read(store, tenant, wish->since_ms, wish->until_ms, take_buyer, gathering);
    free(gathering->messages);
    free(gathering);
    return rc;
}
