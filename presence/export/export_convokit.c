/* SPDX-License-Identifier: Apache-2.0
 *
 * A ConvoKit corpus (Chang et al. 2020), its folder in a zip: utterances.jsonl, conversations.json,
 * speakers.json, corpus.json, index.json. ConvoKit names a conversation by its first utterance,
 * so a conversation without a message cannot stand in it; corpus.json says how many there were.
 */
#include "presence/export/archive_zip.h"
#include "presence/export/exported.h"

#include <jansson.h>

struct corpus {
    struct buf utterances, conversations;
    json_t *speakers; /* an object: name → its entry */
    const char *sep;
    size_t chats, without_messages, messages, codes;
};

static void add_text(struct buf *to, const char *sep, const char *key, const char *text)
{
    buf_addf(to, "%s\"%s\":", sep, key);
    buf_add_json(to, slice_of(text));
}

static void add_codes(struct buf *to, const struct exported_message *message)
{
    buf_add_text(to, ",\"codes\":[");
    for (size_t i = 0; i < message->code_count; i++)
        buf_addf(to, "%s{\"code\":\"%s\",\"first\":%u,\"last\":%u}", i > 0 ? "," : "",
                 message->codes[i].code, message->codes[i].first, message->codes[i].last);
    buf_add_text(to, "]");
}

/* Two visitors may bear one name: they go by what tells them apart. Agents go by their name. */
static const char *speaker_of(const struct exported_chat *chat,
                              const struct exported_message *message)
{
    return message->from == FROM_VISITOR ? chat->person : message->speaker;
}

/* ConvoKit wants a time; where ours is not known it is null. */
static void add_utterance(struct buf *to, const struct exported_chat *chat,
                          const struct exported_message *message)
{
    buf_addf(to, "{\"id\":\"%s.%llu\",\"conversation_id\":\"%s.1\"", chat->id,
             (unsigned long long)message->seq, chat->id);
    add_text(to, ",", "text", message->text);
    add_text(to, ",", "speaker", speaker_of(chat, message));
    buf_addf(to, ",\"meta\":{\"from\":\"%s\",\"origin\":\"%s\"", exported_from_name(message->from),
             exported_origin_name(message->origin));
    add_codes(to, message);
    if (message->seq == 1)
        buf_add_text(to, "},\"reply-to\":null");
    else
        buf_addf(
            to, "},\"reply-to\":\"%s.%llu\"", chat->id,
            (unsigned long long)(message->reply_to > 0 ? message->reply_to : message->seq - 1));
    if (message->at_ms > 0)
        buf_addf(to, ",\"timestamp\":%llu.%03llu", (unsigned long long)(message->at_ms / 1000),
                 (unsigned long long)(message->at_ms % 1000));
    else
        buf_add_text(to, ",\"timestamp\":null");
    buf_add_text(to, ",\"vectors\":[]}\n");
}

static void add_conversation(struct corpus *corpus, const struct exported_chat *chat)
{
    struct buf *to = &corpus->conversations;
    const char *sep = "";

    buf_addf(to, "%s\"%s.1\":{\"meta\":{", corpus->sep, chat->id);
    add_text(to, "", "language", chat->language);
    add_text(to, ",", "stage", chat->stage);
    add_text(to, ",", "outcome", chat->outcome);
    buf_addf(to, ",\"coded\":%s,\"functions\":[", chat->coded ? "true" : "false");
    for (unsigned i = 0; i < FUNCTION_COUNT; i++) {
        if ((chat->functions >> i & 1) == 0)
            continue;
        buf_addf(to, "%s\"%s\"", sep, figures_function_id((enum figures_function)i));
        sep = ",";
    }
    buf_add_text(to, "]},\"vectors\":[]}");
    corpus->sep = ",\n";
}

static void note_speaker(struct corpus *corpus, const struct exported_chat *chat,
                         const struct exported_message *message)
{
    const char *speaker = speaker_of(chat, message);

    if (json_object_get(corpus->speakers, speaker) == NULL)
        (void)json_object_set_new(corpus->speakers, speaker,
                                  json_pack("{s:{s:s, s:s}, s:[]}", "meta", "role",
                                            exported_from_name(message->from), "name",
                                            message->speaker, "vectors"));
}

static int add_chat(void *context, const struct exported_chat *chat)
{
    struct corpus *corpus = context;

    corpus->chats++;
    corpus->without_messages += chat->count == 0;
    corpus->messages += chat->count;
    corpus->codes += chat->codes;
    if (chat->count > 0)
        add_conversation(corpus, chat);
    for (size_t i = 0; i < chat->count; i++) {
        add_utterance(&corpus->utterances, chat, &chat->messages[i]);
        note_speaker(corpus, chat, &chat->messages[i]);
    }
    return buf_failed(&corpus->utterances) || buf_failed(&corpus->conversations) ? RAISE(ERR_LIMIT)
                                                                                 : OK;
}

static const char index_json[] =
    "{\"utterances-index\":{\"from\":[\"<class 'str'>\"],\"origin\":[\"<class 'str'>\"],"
    "\"codes\":[\"<class 'list'>\"]},\"speakers-index\":{\"role\":[\"<class 'str'>\"],\"name\":["
    "\"<class 'str'>\"]},"
    "\"conversations-index\":{\"language\":[\"<class 'str'>\"],\"stage\":[\"<class 'str'>\"],"
    "\"outcome\":[\"<class 'str'>\"],\"coded\":[\"<class 'bool'>\"],\"functions\":[\"<class "
    "'list'>\"]},\"overall-index\":{\"tenant\":[\"<class 'str'>\"],\"coder\":[\"<class 'str'>\"],"
    "\"conversations\":[\"<class 'int'>\"],\"without_messages\":[\"<class 'int'>\"],\"messages\":["
    "\"<class 'int'>\"],\"codes\":[\"<class 'int'>\"]},\"version\":1,\"vectors\":[]}\n";

static int put_files(const struct export_wish *wish, struct corpus *corpus, struct buf *to)
{
    AUTO(zip) zip = zip_new(to);
    AUTO_MEM char *speakers = json_dumps(corpus->speakers, JSON_COMPACT | JSON_SORT_KEYS);
    AUTO_BUF about;
    int rc = zip == NULL || speakers == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    buf_init(&about, 64 * 1024);
    add_text(&about, "{", "tenant", wish->tenant->text);
    add_text(&about, ",", "coder", wish->coder);
    buf_addf(&about,
             ",\"conversations\":%zu,\"without_messages\":%zu,\"messages\":%zu,\"codes\":%zu}\n",
             corpus->chats, corpus->without_messages, corpus->messages, corpus->codes);
    buf_add_text(&corpus->conversations, "}\n");
    if (rc == OK)
        rc = zip_add(zip, "corpus/utterances.jsonl", buf_slice(&corpus->utterances));
    if (rc == OK)
        rc = zip_add(zip, "corpus/conversations.json", buf_slice(&corpus->conversations));
    if (rc == OK)
        rc = zip_add(zip, "corpus/speakers.json", slice_of(speakers));
    if (rc == OK)
        rc = zip_add(zip, "corpus/corpus.json", buf_slice(&about));
    if (rc == OK)
        rc = zip_add(zip, "corpus/index.json", slice_of(index_json));
    return rc == OK ? zip_finish(zip) : rc;
}

int export_convokit(const struct export_wish *wish, struct buf *to)
{
    struct corpus corpus = { .speakers = json_object(), .sep = "{" };
    int rc;

    buf_init(&corpus.utterances, to->limit);
    buf_init(&corpus.conversations, to->limit);
    rc = exported_each(wish, add_chat, &corpus);
    if (rc == OK && corpus.chats == corpus.without_messages)
        buf_add_text(&corpus.conversations, "{");
    if (rc == OK)
        rc = put_files(wish, &corpus, to);
    buf_release(&corpus.utterances);
    buf_release(&corpus.conversations);
    json_decref(corpus.speakers);
    return rc;
}
