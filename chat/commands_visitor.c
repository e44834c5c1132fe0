/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about one conversation, said in the visitor's chat by the agent who holds it. What is
 * written about it (notes, tags, stage) may still be after its end, while the contact lingers.
 */
#include "chat/commands.h"

#include "base/format/text.h"

#include <stdio.h>

enum { TAG_POINTS = 32, TAGS_MAX = 16, HISTORY_MAX = 10, REPLY_POINTS = 4000 };

static bool holds(const struct call *call)
{
    bool theirs = call->conv != NULL && call->conv->agent == call->member;

    if (theirs && call->conv->state == CONVERSATION_ACTIVE)
        return true;
    commands_answer(call,
                    theirs && call->conv->state == CONVERSATION_ENDED ? LINE_OVER : LINE_NOT_YOURS,
                    NO_ARGS);
    return false;
}

static bool holds_or_held(const struct call *call)
{
    if (call->conv != NULL && call->conv->state != CONVERSATION_QUEUED &&
        call->conv->agent == call->member)
        return true;
    commands_answer(call, LINE_NOT_YOURS, NO_ARGS);
    return false;
}

void command_end(const struct call *call)
{
    struct slice outcome;

    if (holds(call) && ending_may(call, &outcome))
        conversation_ask_end(call->chat, call->conv, "agent", outcome);
}

void command_back(const struct call *call)
{
    if (!holds(call))
        return;
    routing_pass(call->chat, call->conv, call->member);
    conversation_ask_release(call->chat, call->conv, "back");
}

void command_to(const struct call *call)
{
    struct slice why = call->rest, word;
    char to[128];

    if (!commands_next_word(&why, &word)) {
        commands_answer_usage(call);
        return;
    }
    if (!holds(call))
        return;
    transfer_read(call->chat, call->rest, &word, &why);
    (void)slice_copy(text_start(word, 100), to, sizeof(to));
    commands_answer(call, transfer_ask(call->chat, call->conv, word, why), ARGS(to));
}

/* Listed as they would be sent: that is the preview. */
static void list_canned(const struct call *call)
{
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES * 16);
    canned_list(call->chat, call->conv, &text);
    if (text.len == 0)
        commands_answer(call, LINE_NO_CANNED, NO_ARGS);
    else
        commands_answer_text(call, text.data);
}

/* What is sent is received when it is on disk, as an agent's own words are. */
void command_c(const struct call *call)
{
    AUTO_BUF text;
    char which[48];

    buf_init(&text, LINE_BYTES * 16);
    if (!holds(call)) {
        commands_done(call);
    } else if (call->rest.len == 0) {
        list_canned(call);
        commands_done(call);
    } else if (!canned_find(call->chat, call->conv, call->rest, &text)) {
        (void)slice_copy(text_start(call->rest, 40), which, sizeof(which));
        commands_answer(call, LINE_NO_SUCH_CANNED, ARGS(which));
        commands_done(call);
    } else if (text_points(buf_slice(&text)) > REPLY_POINTS) {
        commands_answer(call, LINE_TOO_LONG, NO_ARGS);
        commands_done(call);
    } else {
        saying_send(call->chat, call->member, call->conv, call->said, buf_slice(&text),
                    ORIGIN_CANNED);
    }
}

/* --- who it is --- */

static void add_part(struct buf *to, const char *part)
{
    if (part[0] != '\0')
        buf_addf(to, "%s%s", to->len == 0 ? "" : " · ", part);
}

static void add_line(const struct call *call, struct buf *to, enum line line, const char *arg)
{
    buf_add_text(to, " · ");
    texts_write(to, call->member->language, line, ARGS(arg));
}

/* `["billing","urgent"]` as people read it: billing urgent */
static void show_tags(const char *tags, struct buf *to)
{
    for (const char *at = tags; *at != '\0'; at++) {
        if (*at == ',')
            buf_add_text(to, " ");
        else if (*at != '[' && *at != ']' && *at != '"')
            buf_add(to, at, 1);
    }
}

void command_info(const struct call *call)
{
    const struct conversation *conv = call->conv;
    const struct guest *guest = visitors_find(call->chat, call->said->visitor);
    char title[NAME_BYTES], open[24];
    AUTO_BUF text, tags;

    buf_init(&text, LINE_BYTES);
    buf_init(&tags, TAGS_BYTES);
    if (visitor_id_is_none(call->said->visitor)) {
        const char *playbook = canned_playbook(call->chat, call->member->language);

        if (playbook[0] == '\0')
            commands_answer(call, LINE_NO_PLAYBOOK, NO_ARGS);
        else
            commands_answer_text(call, playbook);
        return;
    }
    if (!holds_or_held(call))
        return;
    conversation_title(conv, title, sizeof(title));
    chat_format_wait(call->chat->now_ms - conv->opened_ms, open, sizeof(open));
    add_part(&text, title);
    add_part(&text, conv->language);
    if (guest == NULL)
        add_line(call, &text, LINE_INFO_NOT_HERE, "");
    else
        add_part(&text, guest->page);
    add_line(call, &text, LINE_INFO_OPEN, open);
    add_line(call, &text, LINE_INFO_STAGE, conv->stage);
    if (conv->verified)
        add_line(call, &text, LINE_INFO_VERIFIED, "");
    add_part(&text, conv->email);
    add_part(&text, conv->about);
    show_tags(conv->tags, &tags);
    if (tags.len > 0)
        add_line(call, &text, LINE_INFO_TAGS, tags.data);
    commands_answer_text(call, text.data);
}

void command_history(const struct call *call)
{
    struct slice rest = call->rest, word;
    unsigned count = 1;

    if (!holds(call))
        return;
    if (commands_next_word(&rest, &word)) {
        count = 0;
        for (size_t i = 0; i < word.len && word.data[i] >= '0' && word.data[i] <= '9'; i++)
            count = count > HISTORY_MAX ? count : count * 10 + (unsigned)(word.data[i] - '0');
    }
    if (count < 1 || count > HISTORY_MAX) {
        commands_answer_usage(call);
        return;
    }
    DO(call->chat, CHAT_DO_SEND_HISTORY, .agent = slice_of(call->member->jid),
       .visitor = call->conv->visitor, .conversation = call->conv->id, .limit = count);
    DO(call->chat, CHAT_DO_AUDIT, .agent = slice_of(call->member->jid),
       .conversation = call->conv->id, .code = "history");
}

/* The core has sent what there was. */
void on_sent_history(struct chat *chat, const struct chat_event *event)
{
    struct member *member = agents_find(chat, event->agent);

    if (member != NULL && event->seq == 0)
        chat_aside(chat, member, event->visitor, LINE_NO_EARLIER, NO_ARGS);
}

/* --- what is written about it --- */

/* Known again by its stanza, as an agent's words are; so it may come as often as it likes. */
void command_note(const struct call *call)
{
    const struct chat_event *said = call->said;

    if (call->rest.len == 0)
        commands_answer_usage(call);
    if (call->rest.len == 0 || !holds_or_held(call)) {
        commands_done(call);
        return;
    }
    STORE(call->chat, .kind = WRITE_NOTE, .conversation = call->conv->id,
          .visitor = call->conv->visitor, .agent = said->agent, .sender = said->agent,
          .name = slice_of(call->member->name), .cid = said->stanza, .text = call->rest,
          .resource = said->resource, .ordinal = said->ordinal);
}

/* Letters of any language, digits, '-' and '_': what stands in JSON as it is. */
static bool is_tag(struct slice tag)
{
    size_t points = 0;

    for (size_t i = 0; i < tag.len; i++) {
        unsigned char c = (unsigned char)tag.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';

        if (!plain && c < 0x80)
            return false;
        points += (c & 0xc0) != 0x80;
    }
    return tag.len > 0 && tag.data[0] != '-' && points <= TAG_POINTS;
}

static unsigned count_tags(const char *tags)
{
    unsigned quotes = 0;

    for (; *tags != '\0'; tags++)
        quotes += *tags == '"';
    return quotes / 2;
}

/* The array without this tag: in `["a","b"]` each tag goes with one comma, if there is one. */
static void drop_tag(char *tags, const char *quoted)
{
    char *at = strstr(tags, quoted);
    size_t len = strlen(quoted);

    if (at == NULL)
        return;
    if (at[len] == ',')
        len++;
    else if (at[-1] == ',')
        at--, len++;
    memmove(at, at + len, strlen(at + len) + 1);
}

static enum line change_tag(char *tags, struct slice tag, bool add)
{
    char quoted[TAG_POINTS * 4 + 3];
    size_t len = strlen(tags);

    (void)snprintf(quoted, sizeof(quoted), "\"%.*s\"", SLICE_ARG(tag));
    if (!add)
        drop_tag(tags, quoted);
    if (!add || strstr(tags, quoted) != NULL)
        return LINE_TAGS_ARE;
    if (count_tags(tags) == TAGS_MAX || len + strlen(quoted) + 1 >= TAGS_BYTES)
        return LINE_TOO_MANY_TAGS;
    (void)snprintf(tags + len - 1, TAGS_BYTES - len + 1, "%s%s]", len > 2 ? "," : "", quoted);
    return LINE_TAGS_ARE;
}

static void lower(struct slice word, char *ret_text, size_t size)
{
    (void)slice_copy(word, ret_text, size);
    for (char *at = ret_text; *at != '\0'; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
}

/* All of the words, or none of them. */
static bool change_tags(const struct call *call, char tags[TAGS_BYTES])
{
    struct slice rest = call->rest, word;
    char text[TAG_POINTS * 4 + 1];

    while (commands_next_word(&rest, &word)) {
        bool add = word.data[0] != '-';
        enum line line = LINE_BAD_TAG;

        if (!add || word.data[0] == '#')
            word = (struct slice){ word.data + 1, word.len - 1 };
        lower(word, text, sizeof(text));
        if (is_tag(slice_of(text)))
            line = change_tag(tags, slice_of(text), add);
        if (line != LINE_TAGS_ARE) {
            (void)slice_copy(text_start(word, 40), text, sizeof(text));
            commands_answer(call, line, ARGS(text));
            return false;
        }
    }
    return true;
}

static void answer_tags(struct chat *chat, struct member *member, struct visitor_id visitor,
                        const char *tags)
{
    AUTO_BUF text;

    buf_init(&text, TAGS_BYTES);
    show_tags(tags, &text);
    chat_aside(chat, member, visitor, text.len == 0 ? LINE_NO_TAGS : LINE_TAGS_ARE,
               ARGS(text.len == 0 ? "" : text.data));
}

void command_tag(const struct call *call)
{
    char tags[TAGS_BYTES];

    if (!holds_or_held(call))
        return;
    (void)snprintf(tags, sizeof(tags), "%s", call->conv->tags);
    if (!change_tags(call, tags))
        return;
    if (call->rest.len == 0) {
        answer_tags(call->chat, call->member, call->conv->visitor, tags);
        return;
    }
    (void)snprintf(call->conv->tags, sizeof(call->conv->tags), "%s", tags);
    STORE(call->chat, .kind = WRITE_TAGS, .conversation = call->conv->id,
          .visitor = call->conv->visitor, .agent = slice_of(call->member->jid),
          .name = slice_of(call->member->name), .text = slice_of(call->conv->tags));
}

void command_stage(const struct call *call)
{
    static const char *const stages[] = { "potential", "new", "existing", "unknown" };

    if (!holds_or_held(call))
        return;
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        if (!commands_is_word(call->rest, stages[i]))
            continue;
        STORE(call->chat, .kind = WRITE_STAGE, .conversation = call->conv->id,
              .visitor = call->conv->visitor, .agent = slice_of(call->member->jid),
              .name = slice_of(call->member->name), .text = slice_of(stages[i]),
              .reason = SLICE_LITERAL("agent"));
        return;
    }
    commands_answer_usage(call);
}

/* +358 40 123 4567, (09) 123-4567 */
static bool is_number(struct slice text)
{
    static const char between[] = { '+', '-', '(', ')', '/', ' ' };
    unsigned digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if ((c < '0' || c > '9') && memchr(between, c, sizeof(between)) == NULL)
            return false;
        digits += c >= '0' && c <= '9';
    }
    return digits >= 5;
}

/* "@Tuula" behind the rest says who calls. False: it names nobody; the agent was told who there is.
 */
static bool take_caller(const struct call *call, struct slice *rest,
                        const struct outsider **ret_who)
{
    const struct outsiders *named = &call->chat->rules.outsiders;
    struct slice who = *rest;
    char name[OUTSIDER_NAME_BYTES];
    AUTO_BUF known;

    buf_init(&known, LINE_BYTES);
    *ret_who = NULL;
    while (who.len > 0 && who.data[who.len - 1] != ' ')
        who.len--;
    who = (struct slice){ rest->data + who.len, rest->len - who.len };
    if (!slice_starts_with(who, "@"))
        return true;
    *rest = (struct slice){ rest->data, rest->len - who.len };
    while (rest->len > 0 && rest->data[rest->len - 1] == ' ')
        rest->len--;
    who = (struct slice){ who.data + 1, who.len - 1 };
    *ret_who = outsiders_named(named, who);
    if (*ret_who != NULL && (*ret_who)->callbacks)
        return true;
    for (unsigned i = 0; i < named->count; i++) {
        if (named->all[i].callbacks)
            buf_addf(&known, "%s@%s", known.len == 0 ? "" : ", ", named->all[i].name);
    }
    (void)slice_copy(who, name, sizeof(name));
    commands_answer(call, LINE_NO_CALLER, ARGS(name));
    if (known.len > 0)
        commands_answer(call, LINE_CALLERS_ARE, ARGS(known.data));
    return false;
}

/* What stands behind the command, without whoever is to call; else the agent was told why not. */
static bool is_wish(const struct call *call, struct slice *rest, const struct outsider **ret_who)
{
    if (!holds(call) || !take_caller(call, rest, ret_who))
        return false;
    if (rest->len > 0 && rest->len <= 200)
        return true;
    commands_answer_usage(call);
    return false;
}

void command_callback(const struct call *call)
{
    const struct slice event = SLICE_LITERAL("callback");
    const struct chat_event *said = call->said;
    const struct outsider *who;
    struct slice rest = call->rest;
    AUTO_BUF detail;
    AUTO_BUF hears;

    buf_init(&detail, 4096);
    buf_init(&hears, HEARS_BYTES);
    if (!is_wish(call, &rest, &who)) {
        commands_done(call);
        return;
    }
    buf_addf(&detail, "{\"%s\":", is_number(rest) ? "number" : "time");
    buf_add_json(&detail, rest);
    if (who != NULL) {
        buf_add_text(&detail, ",\"for\":");
        buf_add_json(&detail, slice_of(who->name));
    }
    buf_add_text(&detail, "}");
    calls_hearers(call->chat, event, who == NULL ? SLICE_NONE : slice_of(who->jid), &hears);
    STORE(call->chat, .kind = WRITE_EVENT, .conversation = call->conv->id,
          .visitor = call->conv->visitor, .message = chat_new_message_id(call->chat),
          .event = event, .agent = said->agent, .sender = said->agent,
          .name = slice_of(call->member->name), .cid = said->stanza, .text = rest,
          .detail = buf_slice(&detail), .hears = buf_slice(&hears), .resource = said->resource,
          .ordinal = said->ordinal);
}

/* --- what storage says to it --- */

static bool is_callback(const struct chat_write *write)
{
    return write->kind == WRITE_EVENT && slice_is(write->event, "callback");
}

/* Of a command that keeps words: its stanza waits for them to be on disk. */
static bool keeps_words(const struct chat_write *write)
{
    return write->kind == WRITE_NOTE || (is_callback(write) && write->sender.len > 0);
}

void commands_stored(struct chat *chat, const struct chat_event *event)
{
    const struct chat_write *write = event->write;
    struct conversation *conv = conversation_find(chat, write->conversation);
    struct member *member = agents_find(chat, write->agent);
    char text[TAGS_BYTES];

    (void)slice_copy(write->text, text, sizeof(text));
    if (conv != NULL && write->kind == WRITE_STAGE) {
        (void)slice_copy(write->text, conv->stage, sizeof(conv->stage));
        queue_rank(chat, conv);
    }
    if (write->kind == WRITE_NOTE && write->reason.len > 0) {
        commands_whispered(chat, write);
        return;
    }
    if (keeps_words(write))
        saying_handled(chat, write);
    if (write->kind == WRITE_EVENT && !event->repeat)
        calls_hear(chat, write);
    if (member == NULL)
        return;
    if (write->kind == WRITE_NOTE && !event->repeat)
        chat_aside(chat, member, write->visitor, LINE_NOTED, NO_ARGS);
    else if (write->kind == WRITE_TAGS)
        answer_tags(chat, member, write->visitor, text);
    else if (write->kind == WRITE_STAGE)
        chat_aside(chat, member, write->visitor, LINE_STAGE_IS, ARGS(text));
    else if (is_callback(write) && !event->repeat)
        chat_aside(chat, member, write->visitor, LINE_CALLBACK_NOTED, ARGS(text));
    else if (write->kind == WRITE_EVENT && conv != NULL && slice_is(write->event, "joined"))
        onlookers_joined(chat, conv, member);
    else if (write->kind == WRITE_EVENT && conv != NULL && slice_is(write->event, "left"))
        onlookers_left(chat, conv, member);
}

/* No receipt for what is not on disk; the agent is told. */
void commands_failed(struct chat *chat, const struct chat_event *event)
{
    const struct chat_write *write = event->write;
    struct member *member = agents_find(chat, write->agent);

    if (keeps_words(write))
        DO(chat, CHAT_DO_HANDLED, .ordinal = write->ordinal);
    if (member == NULL)
        return;
    if (visitor_id_is_none(write->visitor) || slice_is(write->event, "joined") ||
        slice_is(write->event, "left")) /* it was said to the desk */
        chat_desk(chat, member, LINE_NOT_SAVED, NO_ARGS);
    else if (write->kind != WRITE_EVENT || is_callback(write))
        chat_aside(chat, member, write->visitor, LINE_NOT_SAVED, NO_ARGS);
}
