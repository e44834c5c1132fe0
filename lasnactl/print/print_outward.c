/* SPDX-License-Identifier: Apache-2.0
 *
 * What leaves for other places, and what did not get there.
 */
#include "lasnactl/print/print.h"

void print_webhook_added(const json_t *webhook, FILE *to)
{
    if (json_is_array(webhook)) { /* it was there: a list of all */
        print_webhooks(webhook, to);
        return;
    }
    if (json_object_get(webhook, "secret") == NULL) {
        (void)fprintf(to, "Webhook %s: what it is told goes by mail.\n",
                      print_text_at(webhook, "id"));
        return;
    }
    (void)fprintf(to,
                  "Webhook %s. What it is told is signed with this secret, which is shown this "
                  "once:\n\n%s\n",
                  print_text_at(webhook, "id"), print_text_at(webhook, "secret"));
}

void print_webhook_rotated(const json_t *webhook, FILE *to)
{
    (void)fprintf(
        to,
        "%s\n\nShown this once. Until %s notices bear two signatures, by this secret and by "
        "the old one.\n",
        print_text_at(webhook, "secret"), print_text_at(webhook, "old_until"));
}

void print_webhooks(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "ID", "id" },       { "URL", "url" },         { "EVENTS", "events" },
        { "TEXTS", "texts" }, { "STATE", "state" },     { "WAITING", "waiting" },
        { "DEAD", "dead" },   { "PROBLEM", "problem" }, { "NEXT TRY", "next_try_at" },
        { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_webhook_tested(const json_t *trial, FILE *to)
{
    if (json_is_true(json_object_get(trial, "delivered")))
        (void)fprintf(to, "%s took it, in %lld ms.\n", print_text_at(trial, "url"),
                      (long long)json_integer_value(json_object_get(trial, "took_ms")));
    else
        (void)fprintf(to, "%s did not take it: %s.\n", print_text_at(trial, "url"),
                      print_text_at(trial, "problem"));
}

void print_webhooks_dead(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "ID", "id" },           { "URL", "url" },          { "EVENT", "event" },
        { "AT", "at" },           { "GIVEN UP", "dead_at" }, { "TRIES", "tries" },
        { "PROBLEM", "problem" }, { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_webhooks_retried(const json_t *answer, FILE *to)
{
    (void)fprintf(to, "%lld are tried again.\n",
                  (long long)json_integer_value(json_object_get(answer, "retried")));
}
