/* SPDX-License-Identifier: Apache-2.0
 *
 * What a notice says. docs/webhooks.md lists every member; what is not listed does not leave.
 * Names, addresses and attributes of visitors never do, and what people wrote only where the tenant
 * asked for it; but whoever is to call back must be told where and when.
 */
#include "server-bridge/core/outward/outward.h"

#include "base/clock.h"
#include "base/format/json.h"
#include "base/secret/digest.h"
#include "base/secret/random.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { SECRET_KEY_BYTES = 32, SECRET_PREFIX_LEN = 6 };

static json_t *text(struct slice words)
{
    return words.len == 0 ? json_null() : json_stringn(words.data, words.len);
}

static json_t *id_text(struct id id)
{
    char chars[ID_TEXT_BYTES];

    if (id_is_none(id))
        return json_null();
    id_format(id, chars);
    return json_string(chars);
}

static json_t *time_text(uint64_t wall_ms)
{
    char chars[CLOCK_TEXT_BYTES];

    if (wall_ms == 0)
        return json_null();
    clock_format(wall_ms, chars);
    return json_string(chars);
}

/* A JSON document that storage keeps as text. */
static json_t *stored_json(struct slice stored)
{
    json_t *json = NULL;

    return json_read(stored, &json) == OK ? json : NULL;
}

/* --- each event's own members --- */

static void add_started(json_t *data, const struct notice *notice, bool texts)
{
    (void)texts;
    (void)json_object_set_new(data, "opened_at", time_text(notice->about.opened_ms));
}

static void add_ended(json_t *data, const struct notice *notice, bool texts)
{
    const struct stored_conversation *about = &notice->about;
    json_t *tags = stored_json(about->tags);

    (void)texts;
    (void)json_object_set_new(data, "opened_at", time_text(about->opened_ms));
    (void)json_object_set_new(data, "ended_at", time_text(about->ended_ms));
    (void)json_object_set_new(data, "reason", text(about->end_reason));
    (void)json_object_set_new(data, "outcome", text(about->outcome));
    (void)json_object_set_new(data, "tags", tags != NULL ? tags : json_array());
    (void)json_object_set_new(data, "messages", json_integer((json_int_t)about->last_seq));
}

static void add_message(json_t *data, const struct notice *notice, bool texts)
{
    static const char *const froms[FROM_COUNT] = { "visitor", "agent", "bot", "system" };
    static const char *const origins[ORIGIN_COUNT] = { "typed", "canned", "bot", "system" };
    const struct stored_message *message = &notice->message;

    (void)json_object_set_new(data, "seq", json_integer((json_int_t)message->seq));
    (void)json_object_set_new(data, "from", json_string(froms[message->from % FROM_COUNT]));
    (void)json_object_set_new(data, "origin", json_string(origins[message->origin % ORIGIN_COUNT]));
    (void)json_object_set_new(data, "at", time_text(message->at_ms));
    if (texts)
        (void)json_object_set_new(data, "text", text(message->text));
}

static void add_survey(json_t *data, const struct notice *notice, bool texts)
{
    static const char *const marks[] = { "csat", "nps", "effort" };
    static const char *const words[] = { "comment", "heard_of_us" };
    AUTO_JSON survey = stored_json(notice->about.survey);

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        json_t *mark = json_object_get(survey, marks[i]);

        (void)json_object_set_new(data, marks[i], mark == NULL ? json_null() : json_incref(mark));
    }
    for (size_t i = 0; texts && i < sizeof(words) / sizeof(words[0]); i++) {
        json_t *word = json_object_get(survey, words[i]);

        (void)json_object_set_new(data, words[i], word == NULL ? json_null() : json_incref(word));
    }
}

static void add_callback(json_t *data, const struct notice *notice, bool texts)
{
    static const char *const members[] = { "number", "to", "time", "for" };
    AUTO_JSON detail = stored_json(notice->detail);

    (void)texts;
    (void)json_object_set_new(data, "kind", text(notice->kind));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *member = json_object_get(detail, members[i]);

        (void)json_object_set_new(data, members[i],
                                  member == NULL ? json_null() : json_incref(member));
    }
    (void)json_object_set_new(data, "agent", text(notice->agent));
}

/* The form is what the tenant asked for; who filled it in, too, goes along only with the words. */
static void add_offline(json_t *data, const struct notice *notice, bool texts)
{
    (void)json_object_set_new(data, "opened_at", time_text(notice->about.opened_ms));
    if (!texts)
        return;
    (void)json_object_set_new(data, "name", text(notice->about.visitor_name));
    (void)json_object_set_new(data, "email", text(notice->about.email));
    (void)json_object_set_new(data, "text", text(notice->message.text));
}

static void (*const adders[HOOK_EVENT_COUNT])(json_t *data, const struct notice *notice,
                                              bool texts) = {
    [HOOK_STARTED] = add_started, [HOOK_ENDED] = add_ended,       [HOOK_MESSAGE] = add_message,
    [HOOK_SURVEY] = add_survey,   [HOOK_CALLBACK] = add_callback, [HOOK_OFFLINE] = add_offline,
};

/* --- the whole --- */

/* Takes `data` over. */
static void put_together(const char *type, struct notice_id id, const char *tenant, uint64_t at_ms,
                         json_t *data, struct buf *to)
{
    AUTO_JSON body = json_pack("{s:s, s:o, s:o, s:s, s:o}", "type", type, "id", id_text(id.id),
                               "timestamp", time_text(at_ms), "tenant", tenant, "data", data);
    AUTO_MEM char *dumped = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);

    if (dumped != NULL)
        buf_add_text(to, dumped);
}

void notice_compose(const struct notice *notice, const char *tenant, bool texts, struct buf *to)
{
    const struct stored_conversation *about = &notice->about;
    json_t *data =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "conversation", id_text(about->conversation.id),
                  "visitor", id_text(about->visitor.id), "site", id_text(about->site.id),
                  "language", text(about->language), "stage", text(about->stage));

    adders[notice->event](data, notice, texts);
    put_together(hook_event_name(notice->event), notice->notice, tenant, notice->at_ms, data, to);
}

void notice_compose_test(struct notice_id id, const char *tenant, uint64_t at_ms, struct buf *to)
{
    put_together("test", id, tenant, at_ms, json_object(), to);
}

/* --- signing --- */

void hook_secret_new(char secret[HOOK_SECRET_BYTES])
{
    unsigned char key[SECRET_KEY_BYTES];

    random_bytes(key, sizeof(key));
    memcpy(secret, "whsec_", SECRET_PREFIX_LEN);
    (void)EVP_EncodeBlock((unsigned char *)secret + SECRET_PREFIX_LEN, key, sizeof(key));
    OPENSSL_cleanse(key, sizeof(key));
}

/* Standard Webhooks: the key is what the text behind whsec_ says, and the id, the time and the
 * body are signed, with dots between. */
static struct digest signature(struct slice id, uint64_t now_s, const char *secret,
                               struct slice body)
{
    unsigned char key[SECRET_KEY_BYTES + 1] = { 0 }; /* the decoder counts the padding, too */
    struct digest digest;
    AUTO_BUF content;

    buf_init(&content, body.len + 128);
    buf_addf(&content, "%.*s.%" PRIu64 ".", SLICE_ARG(id), now_s);
    buf_add_slice(&content, body);
    (void)EVP_DecodeBlock(key, (const unsigned char *)secret + SECRET_PREFIX_LEN,
                          HOOK_SECRET_BYTES - SECRET_PREFIX_LEN - 1);
    digest =
        digest_hmac((struct slice){ (const char *)key, SECRET_KEY_BYTES }, buf_slice(&content));
    OPENSSL_cleanse(key, sizeof(key));
    return digest;
}

static void add_signature(struct slice id, uint64_t now_s, const char *secret, struct slice body,
                          struct buf *to)
{
    unsigned char encoded[DIGEST_BYTES * 2];
    struct digest digest = signature(id, now_s, secret, body);

    (void)EVP_EncodeBlock(encoded, digest.bytes, DIGEST_BYTES);
    buf_addf(to, " v1,%s", (const char *)encoded);
}

void notice_sign(struct notice_id id, uint64_t now_ms, const char *secret, const char *old_secret,
                 struct slice body, struct buf *to)
{
    uint64_t now_s = now_ms / 1000;
    char id_chars[ID_TEXT_BYTES];

    id_format(id.id, id_chars);
    buf_addf(to,
             "Content-Type: application/json\nwebhook-id: %s\nwebhook-timestamp: %" PRIu64
             "\nwebhook-signature:",
             id_chars, now_s);
    add_signature(slice_of(id_chars), now_s, secret, body, to);
    if (old_secret[0] != '\0')
        add_signature(slice_of(id_chars), now_s, old_secret, body, to);
    buf_add_text(to, "\n");
}
