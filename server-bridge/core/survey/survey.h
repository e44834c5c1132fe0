/* SPDX-License-Identifier: Apache-2.0
 *
 * survey — buyers are asked, those who chatted and those who did not (storage/buyers.h): by a
 * link to their order, which their site had made, on a page of ours that needs no script.
 *
 *     survey_link   what stands in such an address: the order as a keyed hash, what is known of
 *                   it, until when it holds, and a seal. Nothing is kept of a link.
 *     survey_page   the page, in the language of its reader and the tenant's colour
 *     survey        what web asks: the page, and what was answered on it, once for each order
 *     handle_survey links by the API
 */
#ifndef SERVER_BRIDGE_CORE_SURVEY_H
#define SERVER_BRIDGE_CORE_SURVEY_H

#include "base/buf.h"
#include "server-bridge/core/core.h"
#include "storage/buyers.h"

/* --- survey_link.c --- */

enum { SURVEY_LINK_BYTES = 192, SURVEY_ORDER_MAX = 200 };

struct survey_link {
    struct id order;
    enum buyer_told told;
    int chatted; /* as the site says; BUYER_UNTOLD: it does not */
    uint64_t at_s, until_s;
    int64_t cents; /* BUYER_UNTOLD: not told */
    char currency[4];
};

/* What stands for the tenant's order of that name, everywhere. False: no order is called that, for
 * it is empty, no text, or longer than SURVEY_ORDER_MAX characters. */
bool survey_order(const struct core *core, const struct tenant *tenant, struct slice order,
                  struct id *ret_id) MUST_CHECK;
void survey_link_write(const struct core *core, const struct tenant *tenant,
                       const struct survey_link *link, char ret_text[SURVEY_LINK_BYTES]);
/* False: it is none of ours, or another tenant's: one of the same name that is no more, too. */
bool survey_link_read(const struct core *core, const struct tenant *tenant, struct slice text,
                      struct survey_link *ret_link);

/* What is part of an address, and of a script's text: three letters, and nothing else. */
bool survey_currency(struct slice word);

/* --- survey_texts.c --- */

enum survey_text {
#define SURVEY_TEXT(name, en, fi, sv) SURVEY_##name,
#include "server-bridge/core/survey/survey_texts.def"
#undef SURVEY_TEXT
    SURVEY_TEXT_COUNT
};
enum survey_language { SURVEY_EN, SURVEY_FI, SURVEY_SV, SURVEY_LANGUAGES };

const char *survey_text(enum survey_language language, enum survey_text text);
const char *survey_language_tag(enum survey_language language);
/* The first of these ("fi-FI, sv;q=0.5", "fi sv") that we speak; SURVEY_LANGUAGES: none. */
enum survey_language survey_language_in(struct slice tags);

/* --- survey_page.c --- */

struct survey_page {
    enum survey_language language;
    struct slice company;
    const char *color; /* #rrggbb */
    const char *ask;   /* words, as in buyers.ask */
    int chatted;       /* BUYER_UNTOLD: it is asked */
    bool again;        /* something in what was posted was not right */
};
/* The form; and a page that only says something. Each with the header lines it must be sent with:
 * nothing but its own style and itself. */
void survey_page_form(const struct survey_page *page, struct buf *to, struct buf *headers);
void survey_page_notice(const struct survey_page *page, enum survey_text says, struct buf *to,
                        struct buf *headers);
/* What a form holds, name=value&…: the answers go into *buyer, which holds what is known already.
 * False: no browser sends that for this page. */
bool survey_page_read(const struct survey_page *page, struct slice body, struct buyer *buyer);
/* Whether it is one of the words for how they heard of the site; as it lives for ever. */
bool survey_source(struct slice word, struct slice *ret_word);

/* --- survey.c --- */

/* What web asks of core/survey/ at all: a page, an answer, or a link for the page of a site. */
void survey_ask(struct web_peer *web, const struct ipc_survey_ask *ask);
void survey_forget_web(struct core *core, const struct web_peer *web);
/* A site's event: where it tells of a purchase by somebody who has chatted, whose order that is. */
void survey_event(const struct session *session, struct slice name, struct slice detail);

#endif
