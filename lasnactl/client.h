/* SPDX-License-Identifier: Apache-2.0
 *
 * client — the REST API over the control socket, by libcurl.
 */
#ifndef LASNACTL_CLIENT_H
#define LASNACTL_CLIENT_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/format/json.h"
#include "lasnactl/command.h"

struct client; /* one a run; its errors go to stderr as "lasnactl: …" */

/* `socket` is the path of the control socket. With `json`, what the API refuses is printed on
 * stdout as it came, too. NULL: out of memory. */
struct client *client_open(const char *socket, bool json);
struct client *client_free(struct client *client);
DEFINE_AUTO(client)

/* Whether a daemon listens there; says nothing. */
bool client_reaches(const struct client *client);

struct reply {
    unsigned status;
    json_t *document; /* owned; NULL when the answer has no body */
};

/* Asks and reads one JSON document. EXIT_DONE when the API answered, whatever it said: look
 * at the status. Else EXIT_UNREACHABLE or EXIT_REFUSED, told on stderr. */
int client_ask(struct client *client, const char *method, const char *path, const json_t *body,
               struct reply *ret_reply) MUST_CHECK;
/* The next question is a change that must not be done twice: it goes out under a key of its own,
 * and once more when the answer is lost. */
void client_once(struct client *client);
/* A list has begun to come from this path: asks for the pages after the first, until the reply
 * holds all items as one array. */
int client_ask_on(struct client *client, const char *path, struct reply *reply) MUST_CHECK;
void reply_release(struct reply *reply);

/* The text of a member; "" where there is none. */
const char *text_of(const json_t *object, const char *key);

/* Writes a long answer to a stream as it comes. Says itself what went wrong. */
int client_download(struct client *client, const char *path, FILE *to) MUST_CHECK;

/* Says what the API refused; returns EXIT_REFUSED. */
int client_refused(const struct client *client, const struct reply *reply);

/* "lasnactl: …" on stderr; returns `code`. */
int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends the path of a route with its operands, each escaped where it must be. */
void path_fill(const char *pattern, const struct args *args, struct buf *to);
/* Appends a value as it may stand between a path's slashes. */
void path_escape(const char *value, struct buf *to);
/* Appends a value as it may stand in a query. */
void query_escape(const char *value, struct buf *to);
/* Appends ?name=value&… of the options named in `names` that were given. */
void path_query(const char *names, const struct args *args, struct buf *to);
/* The same where a query has begun: &name=value… */
void path_query_more(const char *names, const struct args *args, struct buf *to);

#endif
