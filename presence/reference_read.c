/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/reference_read.h"

#include "base/format/text.h"

#include <ctype.h>
#include <stdlib.h>

struct reading {
    struct coded_conversation *to;
    size_t message; /* from 1; 0: of the conversation */
    struct buf *problem;
};

static int refuse(const struct reading *reading, const char *why, struct slice what)
{
    if (reading->message > 0)
        buf_addf(reading->problem, "message %zu: ", reading->message);
    if (what.len > 0) {
        buf_add_text(reading->problem, "\"");
        text_one_line(what, 40, reading->problem);
        buf_add_text(reading->problem, "\" ");
    }
    buf_addf(reading->problem, "%s", why);
    return REFERENCE_E_REFUSED;
}

static struct slice text_of(const json_t *object, const char *key)
{
    struct slice text = SLICE_NONE;

    return json_get_text(object, key, &text) == OK ? text : SLICE_NONE;
}

/* Under the one name or the other. */
static struct slice either(const json_t *object, const char *key, const char *other)
{
    struct slice text = text_of(object, key);

    return text.len > 0 ? text : text_of(object, other);
}

/* --- who said it --- */

static int read_role(const struct reading *reading, const json_t *turn, enum presence_role *ret)
{
    static const char *const roles[] = { "visitor", "agent", "bot", "system" };
    struct slice role = either(turn, "role", "from");

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        *ret = (enum presence_role)i;
        if (slice_is(role, roles[i]))
            return OK;
    }
    return refuse(reading, "is no role: visitor, agent, bot and system are.", role);
}

static int read_origin(const struct reading *reading, const json_t *turn, enum presence_origin *ret)
{
    static const char *const origins[] = { "typed", "canned", "bot", "system" };
    struct slice origin = text_of(turn, "origin");

    *ret = PRESENCE_TYPED;
    if (origin.len == 0)
        return OK;
    for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
        *ret = (enum presence_origin)i;
        if (slice_is(origin, origins[i]))
            return OK;
    }
    return refuse(reading, "is no origin: typed, canned, bot and system are.", origin);
}

/* --- its codes --- */

/* "INT.Q", or { "code": "INT.Q", … } as coders' exports have it. */
static int read_codes(const struct reading *reading, const json_t *turn, const char *key,
                      presence_codes *ret)
{
    const json_t *list = json_object_get(turn, key), *item;
    size_t i;

    *ret = 0;
    if (list != NULL && !json_is_null(list) && !json_is_array(list))
        return refuse(reading, "must be a list.", slice_of(key));
    json_array_foreach(list, i, item)
    {
        const json_t *name = json_is_object(item) ? json_object_get(item, "code") : item;
        struct slice id = json_is_string(name) ? slice_of(json_string_value(name)) : SLICE_NONE;
        enum presence_code code;

        if (presence_code_find(id, &code) != 0)
            return refuse(reading, "is no code of " PRESENCE_CODEBOOK_VERSION ".", id);
        *ret |= PRESENCE_CODE_BIT(code);
    }
    return OK;
}

/* Who says nothing of a message's codes has not judged it; an empty list says that it has none. */
static int read_rating(const struct reading *reading, const json_t *turn,
                       struct agreement_rating *rating)
{
    const presence_codes all = ((presence_codes)1 << PRESENCE_CODE_COUNT) - 1;
    presence_codes disputed = 0;
    int rc = read_codes(reading, turn, "codes", &rating->marked);

    if (rc == OK)
        rc = read_codes(reading, turn, "disputed", &disputed);
    rating->judged = json_is_array(json_object_get(turn, "codes")) ? all & ~disputed : 0;
    return rc;
}

static int read_turn(const struct reading *reading, const json_t *turn, size_t i)
{
    struct presence_message *message = &reading->to->messages[i];
    uint64_t reply_to = 0;
    int rc;

    *message = (struct presence_message){ .text = text_of(turn, "text"),
                                          .name = text_of(turn, "name"),
                                          .reply_to = PRESENCE_NO_REPLY };
    if (message->text.data == NULL)
        return refuse(reading, "it has no text: a reference holds the words that were coded.",
                      SLICE_NONE);
    if (json_get_uint(turn, "reply_to", &reply_to) == OK && reply_to <= i)
        message->reply_to = (size_t)reply_to;
    rc = read_role(reading, turn, &message->role);
    if (rc == OK)
        rc = read_origin(reading, turn, &message->origin);
    return rc == OK ? read_rating(reading, turn, &reading->to->ratings[i]) : rc;
}

/* --- the conversation --- */

static void read_language(struct coded_conversation *to)
{
    struct slice tag = either(to->json, "lang", "language");
    size_t len = 0;

    while (len < tag.len && len + 1 < sizeof(to->language) && tag.data[len] != '-') {
        to->language[len] = (char)tolower((unsigned char)tag.data[len]);
        len++;
    }
    to->language[len] = '\0';
}

static bool is_judged(const struct coded_conversation *conversation)
{
    for (size_t i = 0; i < conversation->count; i++)
        if (conversation->ratings[i].judged != 0)
            return true;
    return false;
}

static int read_turns(struct reading *reading)
{
    struct coded_conversation *to = reading->to;
    const json_t *turns = json_object_get(to->json, "turns");
    int rc = OK;

    turns = turns != NULL ? turns : json_object_get(to->json, "messages");
    if (!json_is_array(turns))
        return refuse(reading, "it is no conversation with turns or messages.", SLICE_NONE);
    to->count = json_array_size(turns);
    to->messages = calloc(to->count + 1, sizeof(*to->messages));
    to->ratings = calloc(to->count + 1, sizeof(*to->ratings));
    to->machine = calloc(to->count + 1, sizeof(*to->machine));
    if (to->messages == NULL || to->ratings == NULL || to->machine == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; rc == OK && i < to->count; i++) {
        reading->message = i + 1;
        rc = read_turn(reading, json_array_get(turns, i), i);
    }
    reading->message = 0;
    if (rc == OK && !is_judged(to))
        return refuse(reading, "no message of it has \"codes\".", SLICE_NONE);
    return rc;
}

int coded_conversation_read(struct slice line, struct coded_conversation *ret_conversation,
                            struct buf *problem)
{
    struct coded_conversation conversation = { 0 };
    struct reading reading = { &conversation, 0, problem };
    int rc = json_read(line, &conversation.json) == OK
                 ? OK
                 : refuse(&reading, "it is no JSON document.", SLICE_NONE);

    if (rc == OK) {
        read_language(&conversation);
        rc = read_turns(&reading);
    }
    if (rc != OK) {
        coded_conversation_release(&conversation);
        return rc;
    }
    *ret_conversation = conversation;
    return OK;
}

void coded_conversation_release(struct coded_conversation *conversation)
{
    json_decref(conversation->json);
    free(conversation->messages);
    free(conversation->ratings);
    free(conversation->machine);
}
