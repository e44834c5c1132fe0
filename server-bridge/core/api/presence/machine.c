/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/presence/machine.h"

#include "server-bridge/core/api/answer.h"

#include "base/format/text.h"
#include "base/grow.h"
#include "storage/samples.h"

#include <stdio.h>

static const struct presence_rules *load(struct core *core, struct buf *problems)
{
    const struct settings *settings = core->role->settings;

    if (core->rules != NULL)
        return core->rules;
    if (presence_rules_load(&core->rules, settings->presence_rules, problems) != OK)
        return NULL;
    if (settings->presence_voikko && !presence_rules_use_voikko(core->rules))
        log_event(LOG_INFO, NULL, "presence.no_voikko",
                  "remedy=\"install libvoikko1 and voikko-fi\"");
    return core->rules;
}

const struct presence_rules *machine_try(struct core *core)
{
    AUTO_BUF problems;

    buf_init(&problems, 64 * 1024);
    return load(core, &problems);
}

const struct presence_rules *machine_rules(struct call *call)
{
    const struct core *core = call->core;
    const struct presence_rules *rules;
    AUTO_BUF problems;
    AUTO_BUF line;

    buf_init(&problems, 64 * 1024);
    buf_init(&line, 4096);
    rules = load(call->core, &problems);
    if (rules != NULL)
        return rules;
    text_one_line(buf_slice(&problems), 600, &line);
    answer_problem(call, 503, "no_rules",
                   "The machine's rules in %s cannot be read ([presence] rules names the folder): "
                   "%.*s",
                   core->role->settings->presence_rules, SLICE_ARG(buf_slice(&line)));
    return NULL;
}

void machine_stop(struct core *core)
{
    core->rules = presence_rules_free(core->rules);
}

void machine_name(const struct presence_rules *rules, char name[CODER_NAME_MAX])
{
    (void)snprintf(name, CODER_NAME_MAX, "machine@%s%s", presence_rules_version(rules),
                   presence_rules_have_voikko(rules) ? "+voikko" : "");
}

/* --- whose codes count --- */

bool coder_asked(struct call *call, struct coder_choice *choice)
{
    if (slice_copy(query_get(&call->query, "coder"), choice->asked, sizeof(choice->asked)) &&
        slice_copy(query_get(&call->query, "book"), choice->asked_book, sizeof(choice->asked_book)))
        return true;
    answer_problem(call, 400, "bad_parameter", "\"coder\" or \"book\" is too long.");
    return false;
}

/* The first that will do is the latest; what was settled on stands before what is merely later. */
static int consider(void *context, const struct stored_coder *row)
{
    struct coder_choice *choice = context;
    bool named = choice->asked[0] != '\0', settled = slice_is(row->name, SAMPLES_SETTLED);

    if ((named && !slice_is(row->name, choice->asked)) ||
        (choice->asked_book[0] != '\0' && !slice_is(row->book, choice->asked_book)) ||
        (choice->name[0] != '\0' &&
         (named || !settled || strcmp(choice->name, SAMPLES_SETTLED) == 0)))
        return 0;
    (void)slice_copy(row->name, choice->name, sizeof(choice->name));
    (void)slice_copy(row->book, choice->book, sizeof(choice->book));
    return 0;
}

int coder_choose(struct store *view, const struct tenant_name *tenant, struct coder_choice *choice)
{
    bool asked = choice->asked[0] != '\0' || choice->asked_book[0] != '\0';
    int rc;

    choice->name[0] = choice->book[0] = '\0';
    if (strcmp(choice->asked, "none") == 0)
        return OK;
    rc = codes_coders(view, tenant, consider, choice);
    return rc == OK && asked && choice->name[0] == '\0' ? STORE_E_NONE : rc;
}

bool coder_is_person(const char *name)
{
    return name != NULL && name[0] != '\0' && strncmp(name, "machine", 7) != 0 &&
           strcmp(name, SAMPLES_SETTLED) != 0 && strcmp(name, "none") != 0;
}

const char *coder_of(struct call *call, const char *asked)
{
    const char *own = call->caller.coder;

    if (call->caller.authority == AUTHORITY_CODER) {
        if (asked[0] == '\0' || strcmp(asked, own) == 0)
            return own;
        answer_problem(call, 403, "forbidden", "This token codes as %s, and as nobody else.", own);
        return NULL;
    }
    if (coder_is_person(asked) || strcmp(asked, SAMPLES_SETTLED) == 0)
        return asked;
    answer_problem(call, 400, "bad_field", "\"coder\" must be a person's name.");
    return NULL;
}

/* --- a conversation --- */

static int take_head(void *context, const struct stored_conversation *row)
{
    struct machine_chat *chat = context;

    chat->last_seq = row->last_seq;
    (void)slice_copy(row->language, chat->language, sizeof(chat->language));
    return 0;
}

/* Text and name stand in one allocation. */
static int take_message(void *context, const struct stored_message *row)
{
    static const enum presence_role roles[] = { PRESENCE_VISITOR, PRESENCE_AGENT, PRESENCE_BOT,
                                                PRESENCE_SYSTEM };
    static const enum presence_origin origins[] = { PRESENCE_TYPED, PRESENCE_CANNED,
                                                    PRESENCE_BY_BOT, PRESENCE_BY_SYSTEM };
    struct machine_chat *chat = context;
    char *bytes = malloc(row->text.len + row->name.len + 1);

    if (bytes == NULL || GROW(chat->messages, chat->count, &chat->cap) != OK) {
        free(bytes);
        return RAISE(ERR_NO_MEMORY);
    }
    memcpy(bytes, row->text.data, row->text.len);
    memcpy(bytes + row->text.len, row->name.data, row->name.len);
    chat->messages[chat->count++] = (struct presence_message){
        .role = roles[row->from],
        .origin = file_id_is_none(row->file.id) ? origins[row->origin] : PRESENCE_WITH_FILE,
        .text = { bytes, row->text.len },
        .name = { bytes + row->text.len, row->name.len },
        .reply_to = (size_t)row->reply_to, /* both count from 1, and mean none by 0 */
    };
    return 0;
}

int machine_chat_read(struct machine_chat *chat, struct store *store,
                      const struct tenant_name *tenant, struct conversation_id id)
{
    int rc;

    *chat = (struct machine_chat){ 0 };
    rc = STORE_CALL(store, conversation_get, tenant, id, take_head, chat);
    if (rc == OK)
        rc = STORE_CALL(store, messages, tenant, id, 0, SIZE_MAX, take_message, chat);
    if (rc != OK)
        machine_chat_release(chat);
    return rc;
}

void machine_chat_release(struct machine_chat *chat)
{
    for (size_t i = 0; i < chat->count; i++)
        free((char *)(uintptr_t)chat->messages[i].text.data);
    free(chat->messages);
    *chat = (struct machine_chat){ 0 };
}

struct presence_conversation machine_chat_view(const struct machine_chat *chat)
{
    return (struct presence_conversation){ .messages = chat->messages,
                                           .count = chat->count,
                                           .language = slice_of(chat->language) };
}
