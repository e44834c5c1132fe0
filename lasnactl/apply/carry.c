/* SPDX-License-Identifier: Apache-2.0
 *
 * carry — a plan, done change by change.
 */
#include "lasnactl/apply/apply.h"

#include "lasnactl/client.h"

static bool is_fine(const struct reply *reply)
{
    return reply->status >= 200 && reply->status <= 299;
}

/* Sites are known by ids that the instance made, perhaps a moment ago. */
static int name_site(struct client *client, const json_t *change)
{
    size_t place = (size_t)json_integer_value(json_object_get(change, "site_place"));
    struct reply reply = { 0 };
    const json_t *site;
    AUTO_BUF path;
    int rc;

    buf_init(&path, 512);
    if (json_object_get(change, "site_of") == NULL)
        return EXIT_DONE;
    buf_addf(&path, "/tenants/%s", text_of(change, "site_of"));
    rc = client_ask(client, "GET", path.data, NULL, &reply);
    if (rc == EXIT_DONE && !is_fine(&reply))
        rc = client_refused(client, &reply);
    site = json_array_get(json_object_get(reply.document, "sites"), place);
    if (rc == EXIT_DONE &&
        json_object_set(json_object_get(change, "body"), "site", json_object_get(site, "id")) != 0)
        rc = complain(EXIT_REFUSED, "%s has no site %zu any more.", text_of(change, "site_of"),
                      place + 1); /* without it, it would be the whole tenant's */
    reply_release(&reply);
    return rc;
}

/* What is left for people: on an XMPP server that is not ours, or whose roster did not follow. */
static void tell_left(const json_t *change, const json_t *answer)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(answer, "to_do"), i, item)
    {
        (void)complain(EXIT_DONE, "%s", json_string_value(item));
    }
    if (strcmp(text_of(answer, "roster"), "failed") == 0 ||
        strcmp(text_of(answer, "roster"), "manual") == 0)
        (void)complain(EXIT_DONE, "%s: the agent adds the desk to their contacts by hand.",
                       json_string_value(json_array_get(json_object_get(change, "lines"), 0)));
}

static int carry_out(struct client *client, const json_t *change)
{
    struct reply reply = { 0 };
    int rc = name_site(client, change);

    if (rc == EXIT_DONE)
        rc = client_ask(client, text_of(change, "method"), text_of(change, "path"),
                        json_object_get(change, "body"), &reply);
    if (rc == EXIT_DONE && !is_fine(&reply))
        rc = client_refused(client, &reply);
    if (rc == EXIT_DONE)
        tell_left(change, reply.document);
    reply_release(&reply);
    return rc;
}

void apply_print(const json_t *plan, size_t from, const char *before, FILE *to)
{
    const json_t *line;
    size_t i;

    for (; from < json_array_size(plan); from++) {
        json_array_foreach(json_object_get(json_array_get(plan, from), "lines"), i, line)
        {
            (void)fprintf(to, "%s%s\n", before, json_string_value(line));
        }
    }
}

int apply_carry_out(struct client *client, const json_t *plan)
{
    size_t count = json_array_size(plan);
    int rc = EXIT_DONE;

    for (size_t i = 0; i < count; i++) {
        rc = carry_out(client, json_array_get(plan, i));
        if (rc != EXIT_DONE) {
            (void)complain(rc, "%zu of %zu changes are done. Not done:", i, count);
            apply_print(plan, i, "  ", stderr);
            break;
        }
    }
    return rc;
}
