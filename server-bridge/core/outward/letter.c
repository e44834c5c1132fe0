/* SPDX-License-Identifier: Apache-2.0
 *
 * What a mail of ours says: a copy of a conversation, or what a mailto: hook is told. Plain text,
 * in the language of the conversation; headers that nothing in it can reach (base/format/mail.h).
 */
#include "server-bridge/core/outward/outward.h"

#include "base/clock.h"
#include "base/format/json.h"
#include "base/format/mail.h"
#include "base/format/text.h"

#include <inttypes.h>
#include <stdio.h>

enum { TEXT_MAX_BYTES = 80000 /* quoted, it is up to three times as long */, LANGUAGES = 3 };

enum phrase {
    COPY_SUBJECT,
    COPY_INTRO,
    YOU,
    VISITOR,
    CALLBACK_SUBJECT,
    MEETING_SUBJECT,
    ENDED_SUBJECT,
    OFFLINE_SUBJECT,
    NAME,
    EMAIL,
    NUMBER,
    TO,
    TIME,
    FOR,
    NOTED_BY,
    CONVERSATION,
    OPENED,
    ENDED,
    OUTCOME,
    CUT,
    PHRASE_COUNT
};

static const char *const languages[LANGUAGES] = { "en", "fi", "sv" };
static const char *const phrases[PHRASE_COUNT][LANGUAGES] = {
    [COPY_SUBJECT] = { "Your chat with %s", "Keskustelusi: %s", "Din chatt med %s" },
    [COPY_INTRO] = { "The copy of a chat that was asked for. Times are UTC.",
                     "Pyydetty jäljennös keskustelusta. Kellonajat ovat UTC-aikaa.",
                     "Den begärda kopian av en chatt. Tiderna är UTC." },
    [YOU] = { "You", "Sinä", "Du" },
    [VISITOR] = { "Visitor", "Kävijä", "Besökare" },
    [CALLBACK_SUBJECT] = { "Call back", "Soittopyyntö", "Ring upp" },
    [MEETING_SUBJECT] = { "Meeting wanted", "Tapaamispyyntö", "Möte önskas" },
    [ENDED_SUBJECT] = { "A chat ended", "Keskustelu päättyi", "En chatt avslutades" },
    [OFFLINE_SUBJECT] = { "Written while nobody was there", "Viesti poissa ollessa",
                          "Skrivet när ingen var på plats" },
    [NAME] = { "Name", "Nimi", "Namn" },
    [EMAIL] = { "E-mail", "Sähköposti", "E-post" },
    [NUMBER] = { "Number", "Numero", "Nummer" },
    [TO] = { "Contact", "Yhteystieto", "Kontakt" },
    [TIME] = { "When", "Milloin", "När" },
    [FOR] = { "For", "Soittaja", "För" },
    [NOTED_BY] = { "Noted by", "Kirjasi", "Antecknat av" },
    [CONVERSATION] = { "Conversation", "Keskustelu", "Chatt" },
    [OPENED] = { "Opened", "Alkoi", "Började" },
    [ENDED] = { "Ended", "Päättyi", "Avslutades" },
    [OUTCOME] = { "Outcome", "Tulos", "Resultat" },
    [CUT] = { "(The rest is too long for a mail.)", "(Loppu ei mahdu viestiin.)",
              "(Resten ryms inte i ett mejl.)" },
};

/* The one that begins the tag: "fi-FI" is fi. English where we have none. */
static size_t language_of(struct slice tag)
{
    for (size_t i = 0; i < LANGUAGES; i++) {
        if (slice_starts_with(tag, languages[i]) && (tag.len == 2 || tag.data[2] == '-'))
            return i;
    }
    return 0;
}

static const char *phrase(const struct letter *letter, enum phrase which)
{
    return phrases[which][letter->language];
}

/* "Number: +358 …", where there is one. */
static void add_fact(struct letter *letter, enum phrase name, struct slice value)
{
    if (value.len == 0)
        return;
    buf_addf(&letter->text, "%s: ", phrase(letter, name));
    text_one_line(value, 300, &letter->text);
    buf_add_text(&letter->text, "\n");
}

static void add_time(struct letter *letter, enum phrase name, uint64_t wall_ms)
{
    char chars[CLOCK_TEXT_BYTES];

    if (wall_ms == 0)
        return;
    clock_format(wall_ms, chars);
    add_fact(letter, name, slice_of(chars));
}

static void add_id(struct letter *letter, struct conversation_id conversation)
{
    char chars[ID_TEXT_BYTES];

    id_format(conversation.id, chars);
    add_fact(letter, CONVERSATION, slice_of(chars));
}

static void open_copy(struct letter *letter, const struct notice *notice, const char *title)
{
    char subject[512];

    (void)notice;
    (void)snprintf(subject, sizeof(subject), phrase(letter, COPY_SUBJECT), title);
    buf_add_text(&letter->subject, subject);
    buf_addf(&letter->text, "%s\n\n", phrase(letter, COPY_INTRO));
    letter->for_visitor = letter->with_messages = true;
}

static void open_callback(struct letter *letter, const struct notice *notice, const char *title)
{
    bool meeting = slice_is(notice->kind, "meeting");
    struct slice number = SLICE_NONE, to = SLICE_NONE, time = SLICE_NONE, who = SLICE_NONE;
    AUTO_JSON detail = NULL;

    if (json_read(notice->detail, &detail) == OK) {
        (void)!json_get_text(detail, "number", &number);
        (void)!json_get_text(detail, "to", &to);
        (void)!json_get_text(detail, "time", &time);
        (void)!json_get_text(detail, "for", &who);
    }
    buf_addf(&letter->subject, "%s: %s", title,
             phrase(letter, meeting ? MEETING_SUBJECT : CALLBACK_SUBJECT));
    add_fact(letter, NUMBER, number);
    add_fact(letter, TO, to);
    add_fact(letter, TIME, time);
    add_fact(letter, FOR, who);
    add_fact(letter, NOTED_BY, notice->agent);
    add_id(letter, notice->about.conversation);
}

static void open_offline(struct letter *letter, const struct notice *notice, const char *title)
{
    buf_addf(&letter->subject, "%s: %s", title, phrase(letter, OFFLINE_SUBJECT));
    add_fact(letter, NAME, notice->about.visitor_name);
    add_fact(letter, EMAIL, notice->about.email);
    add_id(letter, notice->about.conversation);
    buf_addf(&letter->text, "\n%.*s\n", SLICE_ARG(notice->message.text));
}

static void open_ended(struct letter *letter, const struct notice *notice, const char *title)
{
    const struct stored_conversation *about = &notice->about;

    buf_addf(&letter->subject, "%s: %s", title, phrase(letter, ENDED_SUBJECT));
    add_id(letter, about->conversation);
    add_time(letter, OPENED, about->opened_ms);
    add_time(letter, ENDED, about->ended_ms);
    add_fact(letter, OUTCOME, about->outcome);
    buf_add_text(&letter->text, "\n");
}

void letter_init(struct letter *letter)
{
    *letter = (struct letter){ .language = 0 };
    buf_init(&letter->subject, 4096);
    buf_init(&letter->agent, 1024);
    buf_init(&letter->sender, 4096);
    buf_init(&letter->text, TEXT_MAX_BYTES + 64 * 1024);
}

void letter_release(struct letter *letter)
{
    buf_release(&letter->subject);
    buf_release(&letter->agent);
    buf_release(&letter->sender);
    buf_release(&letter->text);
}

void letter_open(struct letter *letter, const struct notice *notice, const char *title, bool texts)
{
    letter->language = language_of(notice->about.language);
    if (notice->event == HOOK_TRANSCRIPT)
        open_copy(letter, notice, title);
    else if (notice->event == HOOK_CALLBACK)
        open_callback(letter, notice, title);
    else if (notice->event == HOOK_OFFLINE)
        open_offline(letter, notice, title);
    else
        open_ended(letter, notice, title);
    letter->with_messages = letter->with_messages || (texts && notice->event == HOOK_ENDED);
}

/* "[09:14] Anna: …"; more lines of one message stand under its first. */
bool letter_add_message(struct letter *letter, const struct stored_message *message)
{
    bool visitor = message->from == FROM_VISITOR;
    struct slice name = message->name, text = message->text;
    char chars[CLOCK_TEXT_BYTES];

    if (message->from == FROM_AGENT) {
        buf_clear(&letter->agent);
        text_one_line(name, 80, &letter->agent);
        buf_clear(&letter->sender);
        buf_add_slice(&letter->sender, message->sender);
    }
    if (letter->text.len + text.len > TEXT_MAX_BYTES) {
        buf_addf(&letter->text, "%s\n", phrase(letter, CUT));
        return false;
    }
    if (visitor && (letter->for_visitor || name.len == 0))
        name = slice_of(phrase(letter, letter->for_visitor ? YOU : VISITOR));
    clock_format(message->at_ms, chars);
    buf_addf(&letter->text, "[%.5s] ", chars + strlen("2026-03-02T"));
    text_one_line(name, 80, &letter->text);
    buf_add_text(&letter->text, name.len > 0 ? ": " : "");
    for (size_t i = 0; i < text.len; i++) {
        buf_add(&letter->text, text.data + i, 1);
        if (text.data[i] == '\n')
            buf_add_text(&letter->text, "        ");
    }
    buf_add_text(&letter->text, "\n");
    return true;
}

const char *letter_language(const struct letter *letter)
{
    return languages[letter->language];
}

/* One line of it; what is no mark stays as it is. */
static void fill(struct letter *letter, struct slice line, const char *title)
{
    const struct {
        const char *mark;
        struct slice value;
    } marks[] = { { "{agent}", buf_slice(&letter->agent) }, { "{company}", slice_of(title) } };

    while (line.len > 0) {
        struct slice put = { line.data, 1 };
        size_t taken = 1;

        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
            if (slice_starts_with(line, marks[i].mark)) {
                put = marks[i].value;
                taken = strlen(marks[i].mark);
            }
        }
        buf_add_slice(&letter->text, put);
        line = (struct slice){ line.data + taken, line.len - taken };
    }
    buf_add_text(&letter->text, "\n");
}

static bool names_agent(struct slice line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (slice_starts_with((struct slice){ line.data + i, line.len - i }, "{agent}"))
            return true;
    }
    return false;
}

void letter_sign(struct letter *letter, const char *signature, const char *title)
{
    if (!letter->for_visitor || signature[0] == '\0')
        return;
    buf_add_text(&letter->text, "\n-- \n"); /* where mail programs know a signature by */
    for (const char *at = signature; *at != '\0'; at += *at == '\n') {
        struct slice line = { at, strcspn(at, "\n") };

        at += line.len;
        if (letter->agent.len > 0 || !names_agent(line))
            fill(letter, line, title);
    }
}

void letter_close(const struct letter *letter, const struct envelope *envelope, struct buf *to)
{
    const char *domain = strchr(envelope->from, '@');
    char id[ID_TEXT_BYTES];

    id_format(envelope->notice.id, id);
    buf_add_text(to, "From: ");
    mail_add_mailbox(to, slice_of(envelope->title), slice_of(envelope->from));
    buf_add_text(to, "\r\nTo: ");
    mail_add_mailbox(to, SLICE_NONE, slice_of(envelope->to));
    buf_add_text(to, "\r\nSubject: ");
    mail_add_words(to, buf_slice(&letter->subject));
    buf_add_text(to, "\r\nDate: ");
    mail_add_date(to, envelope->now_ms);
    buf_addf(to,
             "\r\nMessage-ID: <%s%s>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
             "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
             "quoted-printable\r\n\r\n",
             id, domain == NULL ? "" : domain);
    mail_add_quoted_printable(to, buf_slice(&letter->text));
}
