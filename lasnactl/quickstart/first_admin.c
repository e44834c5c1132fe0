/* SPDX-License-Identifier: Apache-2.0
 *
 * The first admin's link. Made once, and again only when its time is over and nobody took it:
 * saying quickstart again must not open another door beside one that is open.
 */
#include "lasnactl/quickstart/plan.h"

#include "base/clock.h"
#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/print/print.h"

#include <string.h>

static bool is_over(const json_t *user)
{
    const char *until = text_of(user, "invited_until");
    uint64_t until_ms;

    return clock_parse(until, strlen(until), &until_ms) != 0 || until_ms <= clock_now_ms();
}

/* The admin who stands for all of them: one who can log in, else one whose invitation holds, else
 * one whose invitation is over. NULL: there is none. */
static const json_t *find_admin(const json_t *users)
{
    const json_t *user, *invited = NULL;
    size_t i;

    json_array_foreach(users, i, user)
    {
        if (strcmp(text_of(user, "role"), "admin") != 0 ||
            strcmp(text_of(user, "state"), "disabled") == 0)
            continue;
        if (strcmp(text_of(user, "state"), "active") == 0)
            return user;
        if (invited == NULL || is_over(invited))
            invited = user;
    }
    return invited;
}

/* Takes the reply over. */
static void take_link(struct plan *plan, struct client *client, int rc, struct reply *reply)
{
    const char *name = text_of(reply->document, "user");
    const char *url = print_text_at(reply->document, "invitation.url");
    char remedy[160];

    if (rc != EXIT_DONE || reply->status >= 300) {
        plan_problem(plan, "admin", "see above; then say quickstart again",
                     "the first admin could not be invited");
        if (rc == EXIT_DONE)
            (void)client_refused(client, reply);
    } else if (url[0] == '\0') {
        (void)snprintf(remedy, sizeof(remedy),
                       "set origins in [web] of lasna.conf, reload, and say lasnactl user reset %s",
                       name);
        plan_problem(plan, "admin", remedy,
                     "%s was invited, but the service does not know its own address", name);
    } else {
        plan_fine(plan, "admin", "%s is invited: the link is below, this once", name);
        plan->admin = json_incref(json_object_get(reply->document, "invitation"));
    }
    reply_release(reply);
}

static void invite(struct plan *plan, struct client *client, const char *name)
{
    struct reply reply = { 0 };
    json_t *body = json_pack("{s:s, s:s}", "user", name, "role", "admin");
    int rc = client_ask(client, "POST", "/users", body, &reply);

    json_decref(body);
    take_link(plan, client, rc, &reply);
}

static void invite_again(struct plan *plan, struct client *client, const char *name)
{
    struct reply reply = { 0 };
    json_t *body = json_object();
    AUTO_BUF path;
    int rc;

    buf_init(&path, 1024);
    buf_add_text(&path, "/users/");
    path_escape(name, &path);
    buf_add_text(&path, "/reset");
    rc = client_ask(client, "POST", path.data, body, &reply);
    json_decref(body);
    take_link(plan, client, rc, &reply);
}

static void look(struct plan *plan, struct client *client, const json_t *users)
{
    const json_t *admin = find_admin(users);
    const char *name = admin != NULL ? text_of(admin, "user") : plan->admin_name;

    if (admin != NULL && strcmp(text_of(admin, "state"), "active") == 0)
        plan_fine(plan, "admin", "%s can log in", name);
    else if (admin != NULL && !is_over(admin))
        plan_fine(plan, "admin",
                  "%s is invited until %s; the link was shown, and lasnactl user reset %s makes "
                  "another",
                  name, text_of(admin, "invited_until"), name);
    else if (plan->dry_run)
        plan_fine(plan, "admin", "%s would be invited, by a link", name);
    else if (admin != NULL)
        invite_again(plan, client, name);
    else
        invite(plan, client, name);
}

void first_admin(struct plan *plan, struct client *client)
{
    struct reply reply = { 0 };

    if (!plan->asks_daemon || !client_reaches(client)) {
        plan_fine(plan, "admin",
                  "lasnad does not run yet; once it does, say this again for the "
                  "first admin's link");
        return;
    }
    if (client_ask(client, "GET", "/users?limit=500", NULL, &reply) != EXIT_DONE ||
        reply.status != 200 || client_ask_on(client, "/users", &reply) != EXIT_DONE)
        plan_problem(plan, "admin", "lasnactl status tells more", "lasnad does not tell its users");
    else
        look(plan, client, reply.document);
    reply_release(&reply);
}
