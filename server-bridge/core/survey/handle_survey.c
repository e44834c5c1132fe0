/* SPDX-License-Identifier: Apache-2.0
 *
 * Links to the survey of buyers, for the site's thank-you page or an e-mail of its own.
 */
#include "server-bridge/core/survey/survey.h"

#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/presence/buyers_in.h"

#include <stdio.h>

static json_t *link_view(const struct live_tenant *tenant, const json_t *item,
                         const struct buyer *buyer, int chatted, uint64_t until_ms)
{
    const char *origins = tenant->core->role->settings->web_origins;
    struct survey_link link = { .order = buyer->id,
                                .told = BUYER_BY_LINK,
                                .chatted = chatted,
                                .at_s = buyer->at_ms / 1000,
                                .until_s = until_ms / 1000,
                                .cents = buyer->cents };
    char text[SURVEY_LINK_BYTES];
    AUTO_BUF url;

    (void)slice_copy(buyer->currency, link.currency, sizeof(link.currency));
    survey_link_write(tenant->core, &tenant->about, &link, text);
    buf_init(&url, 4096);
    buf_addf(&url, "%.*s/s/%s/%s", (int)strcspn(origins, " "), origins, tenant->about.name.text,
             text);
    return json_pack("{s:O, s:o, s:o}", "id", json_object_get(item, "id"), "url",
                     json_text_or_null(buf_slice(&url)), "expires_at", json_time_or_null(until_ms));
}

static void make_links(struct call *call, uint64_t until_ms)
{
    const json_t *list = json_object_get(call->body, "orders"), *item;
    json_t *links = json_array(), *refused = json_array();
    const char *first = NULL;
    size_t i;

    json_array_foreach(list, i, item)
    {
        int chatted = BUYER_UNTOLD;
        struct buyer buyer;
        const char *wrong = buyers_in_order(item, call->core, &call->tenant->about,
                                            core_now_ms(call->core), &buyer, &chatted);

        first = first == NULL ? wrong : first;
        if (wrong == NULL)
            (void)json_array_append_new(links,
                                        link_view(call->tenant, item, &buyer, chatted, until_ms));
        else
            (void)json_array_append_new(
                refused, json_pack("{s:I, s:s}", "item", (json_int_t)i, "why", wrong));
    }
    if (json_array_size(links) > 0 || first == NULL) {
        answer_json(call, 200, json_pack("{s:o, s:o}", "links", links, "refused", refused));
        return;
    }
    json_decref(links);
    json_decref(refused);
    answer_problem(call, 400, "bad_orders", "No order can be asked about: %s", first);
}

void handle_presence_survey_links(struct call *call)
{
    static const uint64_t day_ms = 86400000;
    AUTO(tenant_settings) settings = NULL;
    int rc = settings_of(call->tenant, NULL, &settings);

    if (rc != OK)
        answer_failed(call, rc);
    else if (call->core->role->settings->web_origins[0] == '\0')
        answer_problem(call, 409, "no_address",
                       "Nobody said where this service is reached: set origins in [web].");
    else
        make_links(call, core_now_ms(call->core) + settings->buyers_days * day_ms);
}
