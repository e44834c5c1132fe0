/* SPDX-License-Identifier: Apache-2.0
 *
 * One form, no script. Every answer is a radio button in a fieldset of its own, so that a keyboard,
 * a screen reader and a narrow phone all have what they need without help from us.
 */
#include "server-bridge/core/survey/survey.h"

#include "base/secret/digest.h"
#include "server-bridge/core/api/path.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

static const struct question {
    const char *name; /* in the form, and in buyers.ask */
    enum survey_text asks;
    int low, high; /* 0 to 1: no and yes */
    enum survey_text low_word, high_word;
    size_t place; /* of an int in struct buyer */
    bool of_chat; /* nobody is asked who is known not to have chatted */
} questions[] = {
#define TO(member) offsetof(struct buyer, member)
    /* clang-format off */
    { "recommend", SURVEY_RECOMMEND, 0, 10, SURVEY_NOT_AT_ALL, SURVEY_CERTAINLY, TO(recommend), false },
    { "trust",     SURVEY_TRUST,     1, 5,  SURVEY_DISAGREE,   SURVEY_AGREE,     TO(trust),     false },
    { "again",     SURVEY_AGAIN,     1, 5,  SURVEY_DISAGREE,   SURVEY_AGREE,     TO(again),     false },
    { "satisfied", SURVEY_SATISFIED, 1, 5,  SURVEY_NOT_AT_ALL, SURVEY_VERY,      TO(satisfied), false },
    { "effort",    SURVEY_EFFORT,    1, 7,  SURVEY_DISAGREE,   SURVEY_AGREE,     TO(effort),    false },
    { "solved",    SURVEY_SOLVED,    0, 1,  SURVEY_NO,         SURVEY_YES,       TO(solved),    true },
    { "anyway",    SURVEY_ANYWAY,    0, 1,  SURVEY_NO,         SURVEY_YES,       TO(anyway),    true },
/* clang-format on */
#undef TO
};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

static const struct {
    const char *word;
    enum survey_text means;
} sources[] = {
    { "friend", SURVEY_FRIEND }, { "search", SURVEY_SEARCH }, { "ad", SURVEY_AD },
    { "social", SURVEY_SOCIAL }, { "known", SURVEY_KNOWN },   { "other", SURVEY_OTHER },
};
enum { SOURCES = sizeof(sources) / sizeof(sources[0]) };

bool survey_source(struct slice word, struct slice *ret_word)
{
    for (size_t i = 0; i < SOURCES; i++)
        if (slice_is(word, sources[i].word)) {
            *ret_word = slice_of(sources[i].word);
            return true;
        }
    return false;
}

/* --- how it looks --- */

static double linear(const char *hex)
{
    const char two[] = { hex[0], hex[1], '\0' };
    double part = (double)strtoul(two, NULL, 16) / 255;

    return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

/* Black or white, whichever reads better on it (WCAG 2.2, contrast ratio). */
static const char *ink_on(const char *color)
{
    double light =
        0.2126 * linear(color + 1) + 0.7152 * linear(color + 3) + 0.0722 * linear(color + 5);

    return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#fff" : "#000";
}

static void put_style(struct buf *to, const char *color)
{
    buf_addf(to,
             ":root{color-scheme:light dark}"
             "body{margin:0;font:16px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}"
             "header{background:%s;color:%s;padding:1.2rem 1rem}"
             "header p{max-width:40rem;margin:0 auto;font-weight:700}"
             "main{max-width:40rem;margin:0 auto;padding:1rem}"
             "h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}"
             "fieldset{border:1px solid GrayText;border-radius:12px;margin:0 0 1rem;padding:.6rem "
             "1rem;min-width:0}"
             "legend{padding:0 .4rem;font-weight:600}"
             "div{display:flex;flex-wrap:wrap;gap:2px}"
             "div.list{display:block}"
             "label{display:flex;align-items:center;gap:.5rem;min-height:44px;padding:0 .5rem}"
             ".scale label{flex-direction:column;justify-content:center;gap:2px;min-width:28px}"
             "input{width:20px;height:20px;margin:0}"
             ".ends{display:flex;flex-wrap:wrap;gap:0 2rem;margin:.2rem .5rem;font-size:.875rem}"
             "button{background:%s;color:%s;border:0;border-radius:12px;font:inherit;"
             "font-weight:600;padding:.7rem 1.4rem;min-height:44px;cursor:pointer}"
             ":focus-visible{outline:3px solid currentColor;outline-offset:2px}"
             "@media(forced-colors:active){button{border:2px solid}}",
             color, ink_on(color), color, ink_on(color));
}

/* The nonce lets this one style in, whatever else somebody might get into the page. */
static void begin(const struct survey_page *page, struct buf *to, struct buf *headers)
{
    char nonce[TOKEN_TEXT_BYTES];

    token_new(nonce);
    buf_addf(headers,
             "Content-Security-Policy: default-src 'none'; style-src 'nonce-%s'; form-action "
             "'self'; base-uri 'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n"
             "X-Robots-Tag: noindex\r\nVary: Accept-Language\r\n",
             nonce);
    buf_addf(to,
             "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\"><meta "
             "name=\"viewport\" content=\"width=device-width\"><title>",
             survey_language_tag(page->language));
    buf_add_xml(to, slice_of(survey_text(page->language, SURVEY_TITLE)));
    buf_add_text(to, " – ");
    buf_add_xml(to, page->company);
    buf_addf(to, "</title><style nonce=\"%s\">", nonce);
    put_style(to, page->color);
    buf_add_text(to, "</style></head><body><header><p>");
    buf_add_xml(to, page->company);
    buf_add_text(to, "</p></header><main>");
}

static void end(struct buf *to)
{
    buf_add_text(to, "</main></body></html>");
}

static void put(const struct survey_page *page, struct buf *to, enum survey_text text)
{
    buf_add_xml(to, slice_of(survey_text(page->language, text)));
}

static void put_paragraph(const struct survey_page *page, struct buf *to, enum survey_text text)
{
    buf_add_text(to, "<p>");
    put(page, to, text);
    buf_add_text(to, "</p>");
}

void survey_page_notice(const struct survey_page *page, enum survey_text says, struct buf *to,
                        struct buf *headers)
{
    begin(page, to, headers);
    buf_add_text(to, "<h1>");
    put(page, to, says);
    buf_add_text(to, "</h1>");
    end(to);
}

/* --- the form --- */

static void begin_question(const struct survey_page *page, struct buf *to, enum survey_text asks,
                           const char *looks)
{
    buf_add_text(to, "<fieldset><legend>");
    put(page, to, asks);
    buf_addf(to, "</legend><div class=\"%s\">", looks);
}

static void put_yes_no(const struct survey_page *page, struct buf *to, const char *name,
                       enum survey_text asks, bool required)
{
    begin_question(page, to, asks, "pair");
    for (int value = 1; value >= 0; value--) {
        buf_addf(to, "<label><input type=\"radio\" name=\"%s\" value=\"%d\"%s>", name, value,
                 required ? " required" : "");
        put(page, to, value == 1 ? SURVEY_YES : SURVEY_NO);
        buf_add_text(to, "</label>");
    }
    buf_add_text(to, "</div></fieldset>");
}

static void put_scale(const struct survey_page *page, struct buf *to,
                      const struct question *question)
{
    begin_question(page, to, question->asks, "scale");
    for (int value = question->low; value <= question->high; value++)
        buf_addf(to, "<label><input type=\"radio\" name=\"%s\" value=\"%d\">%d</label>",
                 question->name, value, value);
    buf_addf(to, "</div><p class=\"ends\"><span>%d = ", question->low);
    put(page, to, question->low_word);
    buf_addf(to, "</span><span>%d = ", question->high);
    put(page, to, question->high_word);
    buf_add_text(to, "</span></p></fieldset>");
}

static void put_source(const struct survey_page *page, struct buf *to)
{
    begin_question(page, to, SURVEY_SOURCE, "list");
    for (size_t i = 0; i < SOURCES; i++) {
        buf_addf(to, "<label><input type=\"radio\" name=\"source\" value=\"%s\">", sources[i].word);
        put(page, to, sources[i].means);
        buf_add_text(to, "</label>");
    }
    buf_add_text(to, "</div></fieldset>");
}

static bool is_asked(const struct survey_page *page, const struct question *question)
{
    return words_have(page->ask, slice_of(question->name)) &&
           !(question->of_chat && page->chatted == 0);
}

static bool is_source_asked(const struct survey_page *page)
{
    return words_have(page->ask, SLICE_LITERAL("source"));
}

static void put_questions(const struct survey_page *page, struct buf *to, bool of_chat)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        if (questions[i].of_chat != of_chat || !is_asked(page, &questions[i]))
            continue;
        if (questions[i].high == 1)
            put_yes_no(page, to, questions[i].name, questions[i].asks, false);
        else
            put_scale(page, to, &questions[i]);
    }
}

void survey_page_form(const struct survey_page *page, struct buf *to, struct buf *headers)
{
    begin(page, to, headers);
    buf_add_text(to, "<h1>");
    put(page, to, SURVEY_TITLE);
    buf_add_text(to, "</h1>");
    if (page->again) {
        buf_add_text(to, "<p role=\"alert\"><strong>");
        put(page, to, SURVEY_WRONG);
        buf_add_text(to, "</strong></p>");
    } else {
        put_paragraph(page, to, SURVEY_INTRO);
    }
    buf_add_text(to, "<form method=\"post\">");
    put_questions(page, to, false);
    if (is_source_asked(page))
        put_source(page, to);
    if (page->chatted == BUYER_UNTOLD)
        put_yes_no(page, to, "chatted", SURVEY_CHATTED, true);
    put_questions(page, to, true);
    buf_add_text(to, "<button>");
    put(page, to, SURVEY_SEND);
    buf_add_text(to, "</button></form>");
    put_paragraph(page, to, SURVEY_PRIVATE);
    end(to);
}

/* --- what was posted --- */

/* A whole number from low to high; BUYER_UNTOLD where there is none. */
static bool read_number(const struct query *form, const char *name, int low, int high, int *ret)
{
    struct slice text = query_get(form, name);
    int value = 0;

    *ret = BUYER_UNTOLD;
    if (text.data == NULL)
        return true;
    if (text.len == 0 || text.len > 2)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (text.data[i] - '0');
    }
    *ret = value;
    return value >= low && value <= high;
}

static bool read_questions(const struct survey_page *page, const struct query *form,
                           struct buyer *buyer)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        int *to = (int *)((char *)buyer + questions[i].place);

        if (!read_number(form, questions[i].name, questions[i].low, questions[i].high, to))
            return false;
        if (!is_asked(page, &questions[i]) || (questions[i].of_chat && !buyer->chatted))
            *to = BUYER_UNTOLD;
    }
    return true;
}

static bool read_source(const struct survey_page *page, const struct query *form,
                        struct buyer *buyer)
{
    struct slice told = query_get(form, "source"), source = SLICE_LITERAL("");

    if (told.data != NULL && !survey_source(told, &source))
        return false;
    if (is_source_asked(page))
        buyer->source = source;
    return true;
}

bool survey_page_read(const struct survey_page *page, struct slice body, struct buyer *buyer)
{
    struct query form;
    int chatted = page->chatted;

    if (query_read(body, "chatted recommend trust again satisfied effort source solved anyway",
                   &form) != 0 ||
        (page->chatted == BUYER_UNTOLD && !read_number(&form, "chatted", 0, 1, &chatted)) ||
        chatted == BUYER_UNTOLD)
        return false;
    buyer->chatted = chatted == 1;
    return read_source(page, &form, buyer) && read_questions(page, &form, buyer);
}
