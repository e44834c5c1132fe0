/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/openapi/parameters.h"

#include "server-bridge/core/api/etag.h"
#include "server-bridge/core/api/openapi/responses.h"
#include "server-bridge/core/api/openapi/schema.h"
#include "server-bridge/core/api/repeat.h"

#define STAGES "potential|new|existing|unknown"

/* Of that route; NULL: wherever that name stands. The first that fits counts. */
static const struct parameter {
    const char *of;
    struct member is;
} parameters[] = {
    /* clang-format off */
    { NULL, TEXT("tenant", ALWAYS, "A tenant's short name, or one it had.") },
    { "token_revoke", TEXT("id", ALWAYS, "The token's id.") },
    { NULL, ID("id", ALWAYS, "Which.") },
    { NULL, TEXT("jid", ALWAYS, "An agent's bare JID.") },
    { NULL, TEXT("user", ALWAYS, "A console user's name.") },
    { NULL, TEXT("cursor", MAYBE, "\"next\" of the page before; absent: the first page.") },
    { NULL, COUNT("limit", MAYBE, "How many a page: from 1; 50 when absent, 20 when searching.") },
    { NULL, TEXT("since", MAYBE, "From then on: 2026-03-02 (its first moment in UTC), or 2026-03-02T09:14:05Z.") },
    { NULL, TEXT("until", MAYBE, "Before then: 2026-03-02, or 2026-03-02T09:14:05Z.") },
    { NULL, WORD("area", MAYBE, "config|tls|xmpp|store|tenants|widget", "What to look at; all but widget when absent.") },
    { NULL, TEXT("url", MAYBE, "With area=widget: the page's whole address.") },
    { NULL, ID("site", MAYBE, "The site that may differ; the whole tenant when absent.") },
    { "tenant_texts_list", TEXT("language", MAYBE, "Its own words in that language; those for all when absent.") },
    { NULL, TEXT("language", MAYBE, "Of the widget: fi; any when absent.") },
    { "billing_disputes_list", WORD("state", MAYBE, "open|accepted|rejected", "All when absent.") },
    { NULL, WORD("state", MAYBE, "all|open|queued|active|ended", "all when absent; formats with codes take all and ended alone.") },
    { "transcripts_search", WORD("stage", MAYBE, "any|" STAGES, "any when absent.") },
    { NULL, WORD("stage", MAYBE, STAGES, "Of the customer relationship; any when absent.") },
    { NULL, TEXT("agent", MAYBE, "The JID, or (searching) the name visitors see.") },
    { NULL, TEXT("tag", MAYBE, "One that the conversation bears.") },
    { NULL, TEXT("outcome", MAYBE, "What came of it.") },
    { "transcripts_export", WORD("format", MAYBE, "jsonl|html|csv|coded|convokit|qdpx|qdc", "jsonl when absent.") },
    { "presence_report", WORD("format", MAYBE, "json|html", "json when absent.") },
    { NULL, WORD("format", MAYBE, "json|csv|html", "json when absent.") },
    { NULL, TEXT("coder", MAYBE, "Whose codes; the latest that will do when absent, none: nobody's. A coder's token says it itself.") },
    { NULL, TEXT("book", MAYBE, "By which code book; the one of now when absent.") },
    { NULL, WORD("names", MAYBE, "marks|plain", "Whether names become marks; marks when absent.") },
    { NULL, TEXT("q", ALWAYS, "All the words, \"phrases\" and begin*.") },
    { "file_fetch", COUNT("from", MAYBE, "That byte on; 0 when absent.") },
    { NULL, WORD("from", MAYBE, "anyone|visitor|agent", "Whose messages; anyone's when absent.") },
    { NULL, COUNT("seq", ALWAYS, "Which message, from 1.") },
    { NULL, TEXT("sample", MAYBE, "The name of the sample; the first with something to do when absent.") },
    { NULL, ID("conversation", MAYBE, "Only what belongs to it.") },
    { NULL, ID("visitor", MAYBE, "Only what belongs to them.") },
    { "billing_statement_show", TEXT("month", ALWAYS, "2026-10.") },
    { NULL, TEXT("month", MAYBE, "2026-10; this or a week.") },
    { NULL, TEXT("week", MAYBE, "2026-W43; this or a month.") },
    { NULL, WORD("files", MAYBE, "yes|no", "yes: an archive with what they sent; no when absent.") },
    { NULL, TEXT("Idempotency-Key", MAYBE, "A random name for this request, up to 256 characters: within 24 hours it is done once.") },
    { NULL, TEXT("If-Match", MAYBE, "An ETag: done only if it is as it was then, else 412.") },
    { NULL, TEXT("If-None-Match", MAYBE, "ETags that were seen: what is one of these still is not sent, but 304.") },
    /* clang-format on */
};

static const struct member *find(const struct route *route, struct slice name)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        const struct parameter *parameter = &parameters[i];

        if (slice_is(name, parameter->is.name) &&
            (parameter->of == NULL || strcmp(parameter->of, route->name) == 0))
            return &parameter->is;
    }
    return NULL;
}

/* A name without a row is told without a meaning; a test says so. */
static void add(json_t *list, const struct route *route, const char *in, const char *name,
                size_t len)
{
    const struct member *is = find(route, (struct slice){ name, len });
    json_t *parameter = json_pack("{s:s%, s:s, s:b}", "name", name, len, "in", in, "required",
                                  is != NULL && (is->how & MAYBE) == 0);
    json_t *schema = is != NULL ? schema_of_member(is) : json_pack("{s:s}", "type", "string");

    if (is != NULL)
        (void)json_object_set_new(parameter, "description", json_string(is->meaning));
    (void)json_object_del(schema, "description");
    (void)json_object_set_new(parameter, "schema", schema);
    (void)json_array_append_new(list, parameter);
}

json_t *parameters_of(const struct route *route)
{
    json_t *list = json_array();

    for (const char *at = strchr(route->path, '{'); at != NULL; at = strchr(at + 1, '{'))
        add(list, route, "path", at + 1, strcspn(at + 1, "}"));
    if (repeat_is_taken(route))
        add(list, route, "header", "Idempotency-Key", 15);
    if (etag_guards(route))
        add(list, route, "header", "If-Match", 8);
    if (responses_have_etag(route))
        add(list, route, "header", "If-None-Match", 13);
    for (const char *at = route->query; *at != '\0';) {
        size_t len = strcspn(at, " ");

        add(list, route, "query", at, len);
        at += len + (at[len] != '\0');
    }
    return list;
}
