/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/survey/survey.h"

#include "server-bridge/core/api/path.h"

#include <stdlib.h>

#define SURVEY_ASK "ask.js" /* web lets in only who comes from a site of the tenant's */
enum { PAGE_MAX_BYTES = 64 * 1024, ANSWERINGS_MAX = 1000 };
static const uint64_t day_ms = 86400000;

/* What one request is about, until it is answered. */
struct visit {
    struct web_peer *web;
    uint64_t request;
    struct live_tenant *tenant; /* NULL: none of that name */
    struct tenant_settings *settings;
    struct survey_page page;
    struct survey_link link;
};

/* An answer on its way to disk. */
struct answering {
    struct buyers_bulk bulk; /* first: it is what the store gives back */
    struct buyer buyer;
    char currency[4]; /* its */
    struct answering *next, *prev;
    struct web_peer *web; /* NULL: gone */
    struct core *core;
    uint64_t request;
    struct tenant_name tenant;
    enum survey_language language;
};

/* --- saying something --- */

static void send_page(struct web_peer *web, uint64_t request, unsigned status,
                      const struct buf *page, const struct buf *headers)
{
    if (buf_failed(page) || buf_failed(headers))
        log_event(LOG_ERROR, NULL, "survey.no_page", "");
    IPC_SEND(web->ipc, api_answer, .request = request, .status = status,
             .content_type = SLICE_LITERAL("text/html; charset=utf-8"),
             .headers = buf_slice(headers), .body = buf_slice(page));
}

static void say(const struct visit *visit, unsigned status, enum survey_text text)
{
    AUTO_BUF page, headers;

    buf_init(&page, PAGE_MAX_BYTES);
    buf_init(&headers, IPC_NAME_MAX);
    survey_page_notice(&visit->page, text, &page, &headers);
    send_page(visit->web, visit->request, status, &page, &headers);
}

static void show_form(const struct visit *visit, unsigned status)
{
    AUTO_BUF page, headers;

    buf_init(&page, PAGE_MAX_BYTES);
    buf_init(&headers, IPC_NAME_MAX);
    survey_page_form(&visit->page, &page, &headers);
    send_page(visit->web, visit->request, status, &page, &headers);
}

/* --- who reads it --- */

/* ?lang=sv, else what the browser likes, else the tenant's first. */
static enum survey_language language_of(const struct live_tenant *tenant,
                                        const struct ipc_survey_ask *ask)
{
    struct query query;
    enum survey_language found = SURVEY_LANGUAGES;

    if (query_read(ask->query, "lang", &query) == 0)
        found = survey_language_in(query_get(&query, "lang"));
    if (found == SURVEY_LANGUAGES)
        found = survey_language_in(ask->languages);
    if (found == SURVEY_LANGUAGES && tenant != NULL)
        found = survey_language_in(slice_of(tenant->about.languages));
    return found == SURVEY_LANGUAGES ? SURVEY_EN : found;
}

static int begin(struct visit *visit, const struct ipc_survey_ask *ask)
{
    struct live_tenant *tenant = tenants_called(visit->web->core, ask->tenant);

    if (tenant != NULL && settings_of(tenant, NULL, &visit->settings) != OK)
        return ERR_NO_MEMORY;
    visit->tenant = tenant;
    visit->page = (struct survey_page){ .language = language_of(tenant, ask),
                                        .company = slice_of("Läsnä"),
                                        .color = "#1f6feb",
                                        .ask = "" };
    if (tenant != NULL) {
        visit->page.company = slice_of(tenant->about.title);
        visit->page.color = visit->settings->widget_color;
        visit->page.ask = visit->settings->buyers_ask;
    }
    return OK;
}

/* --- what was answered --- */

static void on_stored(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct answering *answering = (struct answering *)bulk;
    struct core *core = answering->core;
    struct live_tenant *tenant = tenants_find(core, slice_of(answering->tenant.text));
    struct visit visit = { .web = answering->web,
                           .request = answering->request,
                           .page = { .language = answering->language, .color = "#1f6feb" } };
    AUTO(tenant_settings) settings = NULL;

    DL_DELETE(core->answerings, answering);
    if (tenant != NULL && settings_of(tenant, NULL, &settings) == OK) {
        visit.page.company = slice_of(tenant->about.title);
        visit.page.color = settings->widget_color;
    }
    if (outcome == STORE_DONE && answering->bulk.kept == 0)
        log_event(LOG_INFO, tenant != NULL ? &tenant->log : NULL, "survey.answered", "by=%s",
                  answering->buyer.told == BUYER_BY_LINK ? "link" : "widget");
    if (visit.web != NULL && outcome != STORE_DONE)
        say(&visit, 503, SURVEY_LATER);
    else if (visit.web != NULL)
        say(&visit, 200, answering->bulk.kept > 0 ? SURVEY_ALREADY : SURVEY_THANKS);
    free(answering);
}

void survey_forget_web(struct core *core, const struct web_peer *web)
{
    struct answering *answering;

    DL_FOREACH(core->answerings, answering)
    {
        if (answering->web == web)
            answering->web = NULL;
    }
}

static bool submit(const struct visit *visit, const struct buyer *buyer)
{
    struct core *core = visit->web->core;
    struct answering *answering, *other;
    size_t count = 0;

    DL_COUNT(core->answerings, other, count);
    answering = count < ANSWERINGS_MAX ? calloc(1, sizeof(*answering)) : NULL;
    if (answering == NULL)
        return false;
    buyers_bulk_init(&answering->bulk);
    answering->bulk.bulk.done = on_stored;
    answering->buyer = *buyer;
    memcpy(answering->currency, visit->link.currency, sizeof(answering->currency));
    answering->buyer.currency = slice_of(answering->currency);
    answering->bulk.buyers = &answering->buyer;
    answering->bulk.count = 1;
    answering->web = visit->web;
    answering->core = core;
    answering->request = visit->request;
    answering->tenant = visit->tenant->about.name;
    answering->language = visit->page.language;
    DL_APPEND(core->answerings, answering);
    if (STORE_CALL(core->store, bulk, &answering->tenant, &answering->bulk.bulk) == OK)
        return true;
    DL_DELETE(core->answerings, answering);
    free(answering);
    return false;
}

static void take_answer(struct visit *visit, struct slice body)
{
    const struct survey_link *link = &visit->link;
    struct buyer buyer = { .id = link->order,
                           .told = link->told,
                           .subject = slice_of(""),
                           .source = slice_of(""),
                           .currency = slice_of(link->currency),
                           .at_ms = link->at_s * 1000,
                           .bought = 1,
                           .cents = link->cents };

    if (!survey_page_read(&visit->page, body, &buyer)) {
        visit->page.again = true;
        show_form(visit, 400);
    } else if (!submit(visit, &buyer)) {
        say(visit, 503, SURVEY_LATER);
    }
}

/* --- what is asked --- */

/* Whose orders of that day are not known any more, they are not asked about, either. */
static bool is_over(const struct visit *visit)
{
    uint64_t now_ms = core_now_ms(visit->web->core), at_ms = visit->link.at_s * 1000;
    uint64_t keep_ms = visit->settings->retention_days * day_ms;

    return now_ms >= visit->link.until_s * 1000 ||
           (keep_ms > 0 && !visit->settings->retention_hold && now_ms >= at_ms + keep_ms);
}

/* --- a link for the page of a site, where its widget tells of a purchase --- */

static void read_money(const struct query *query, struct survey_link *link)
{
    struct slice currency = query_get(query, "currency"), value = query_get(query, "value");
    char text[24], *end;
    double amount;

    if (!survey_currency(currency) || value.len == 0 || !slice_copy(value, text, sizeof(text)))
        return;
    amount = strtod(text, &end);
    if (*end != '\0' || !(amount >= 0 && amount < 1e12))
        return;
    link->cents = (int64_t)(amount * 100 + 0.5);
    (void)slice_copy(currency, link->currency, sizeof(link->currency));
}

/* False: there is nothing to ask. Nobody vouches for what a browser tells, so such a link counts
 * for less than one that the site had made. */
static bool make_link(const struct visit *visit, const struct ipc_survey_ask *ask,
                      char ret_text[SURVEY_LINK_BYTES])
{
    struct core *core = visit->web->core;
    struct survey_link link = { .told = BUYER_BY_WIDGET,
                                .chatted = BUYER_UNTOLD,
                                .cents = BUYER_UNTOLD };
    struct buyer_known known = { .answered = false };
    struct query query;

    if (visit->tenant == NULL || visit->tenant->chat == NULL || !visit->settings->widget_buyers ||
        query_read(ask->query, "id value currency", &query) != 0)
        return false;
    link.at_s = core_now_ms(core) / 1000;
    link.until_s = link.at_s + visit->settings->buyers_days * day_ms / 1000;
    read_money(&query, &link);
    if (!survey_order(core, &visit->tenant->about, query_get(&query, "id"), &link.order) ||
        buyer_known(core->store, &visit->tenant->about.name, link.order, &known) != OK ||
        known.answered)
        return false;
    survey_link_write(core, &visit->tenant->about, &link, ret_text);
    return true;
}

static void give_link(const struct visit *visit, const struct ipc_survey_ask *ask)
{
    char text[SURVEY_LINK_BYTES];
    AUTO_BUF module;

    buf_init(&module, 1024);
    if (make_link(visit, ask, text))
        buf_addf(&module, "export default '/s/%s/%s';", visit->tenant->about.name.text, text);
    else
        buf_add_text(&module, "export default '';");
    IPC_SEND(visit->web->ipc, api_answer, .request = ask->request, .status = 200,
             .content_type = SLICE_LITERAL("text/javascript; charset=utf-8"),
             .headers = SLICE_LITERAL("Access-Control-Allow-Origin: *\r\n"
                                      "Cross-Origin-Resource-Policy: cross-origin\r\n"),
             .body = buf_slice(&module));
}

static void handle(struct visit *visit, const struct ipc_survey_ask *ask)
{
    struct core *core = visit->web->core;
    struct buyer_known known = { .answered = false };

    if (slice_is(ask->link, SURVEY_ASK)) {
        give_link(visit, ask);
    } else if (visit->tenant == NULL ||
               !survey_link_read(core, &visit->tenant->about, ask->link, &visit->link)) {
        say(visit, 404, SURVEY_UNKNOWN);
    } else if (is_over(visit)) {
        say(visit, 410, SURVEY_EXPIRED);
    } else if (visit->tenant->chat == NULL || buyer_known(core->store, &visit->tenant->about.name,
                                                          visit->link.order, &known) != OK) {
        say(visit, 503, SURVEY_LATER);
    } else if (known.answered && known.told >= visit->link.told) {
        say(visit, 200, SURVEY_ALREADY);
    } else {
        visit->page.chatted = visit->link.chatted != BUYER_UNTOLD ? visit->link.chatted
                              : known.chatted                     ? 1
                                                                  : BUYER_UNTOLD;
        if (ask->posted)
            take_answer(visit, ask->body);
        else
            show_form(visit, 200);
    }
}

void survey_ask(struct web_peer *web, const struct ipc_survey_ask *ask)
{
    struct visit visit = { .web = web, .request = ask->request };

    if (begin(&visit, ask) == OK)
        handle(&visit, ask);
    else
        IPC_SEND(web->ipc, api_answer, .request = ask->request, .status = 503,
                 .content_type = SLICE_LITERAL("text/plain; charset=utf-8"),
                 .body = SLICE_LITERAL("Try again in a moment.\n"));
    (void)tenant_settings_free(visit.settings);
}

/* --- whose order it is --- */

static void on_order_stored(struct store_bulk *bulk, enum store_outcome outcome)
{
    if (outcome != STORE_DONE)
        log_event(LOG_WARNING, NULL, "survey.order_lost", "");
    free(bulk);
}

void survey_event(const struct session *session, struct slice name, struct slice detail)
{
    struct core *core = session->tenant->core;
    struct slice order = SLICE_NONE;
    AUTO_JSON event = NULL;
    struct order_bulk *bulk;
    struct id id;

    if (!slice_is(name, "site_purchase") || conversation_id_is_none(session->told_of) ||
        json_read(detail, &event) != OK || json_get_text(event, "id", &order) != OK ||
        !survey_order(core, &session->tenant->about, order, &id))
        return;
    bulk = calloc(1, sizeof(*bulk));
    if (bulk == NULL)
        return;
    order_bulk_init(bulk, id, session->visitor->id, core_now_ms(core));
    bulk->bulk.done = on_order_stored;
    if (STORE_CALL(core->store, bulk, &session->tenant->about.name, &bulk->bulk) != OK)
        on_order_stored(&bulk->bulk, STORE_FAILED);
}
