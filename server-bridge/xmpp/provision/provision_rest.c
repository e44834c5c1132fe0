/* SPDX-License-Identifier: Apache-2.0
 *
 * ejabberd's way: its REST API (mod_http_api) on loopback, as an account that may do no more
 * than this. A component's host is there as soon as its link connects, so hosts need nothing.
 *
 * Requests wait in line on one connection. Until the API has answered `status`, and again when
 * it could not be reached, it is asked now and then; the jobs wait within their time.
 */
#include "server-bridge/xmpp/provision/provision_way.h"

#include "base/format/json.h"
#include "tenant/jid.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

enum { ANSWER_S = 8, PROBE_MS = 500, ANSWER_MAX_BYTES = 64 * 1024 };
enum { HTTP_DENIED = 401, HTTP_FORBIDDEN = 403, HTTP_CONFLICT = 409 };
enum { URL_PART_MAX = 255, AUTH_MAX = 1024 };

struct rest {
    struct provision_way base;
    char host[URL_PART_MAX + 1], path[URL_PART_MAX + 1]; /* of the API: 127.0.0.1, /api */
    uint16_t port;
    char authorization[AUTH_MAX]; /* the whole value of that header */
    struct evhttp_connection *connection;
    struct event *probe;    /* due while it is not up */
    struct asking *askings; /* owned; until they are answered */
    bool up, probing;
    uint64_t last_id;
};

/* What hangs on a request; it outlives a job that ran out of time. */
struct asking {
    struct asking *next, *prev;
    struct rest *rest;
    struct provision_job *job; /* NULL: dropped, or a probe */
};

/* --- what each kind of job says --- */

static json_t *say_user_add(const struct provision_wish *wish, const struct jid *about)
{
    return json_pack("{s:s%, s:s%, s:s}", "user", about->local.data, about->local.len, "host",
                     about->domain.data, about->domain.len, "password", wish->name);
}

static json_t *say_user_delete(const struct provision_wish *wish, const struct jid *about)
{
    (void)wish;
    return json_pack("{s:s%, s:s%}", "user", about->local.data, about->local.len, "host",
                     about->domain.data, about->domain.len);
}

static json_t *say_item(const struct provision_wish *wish, const struct jid *about)
{
    struct jid owner;

    if (jid_split(slice_of(wish->owner), &owner) != 0)
        return NULL;
    return json_pack("{s:s%, s:s%, s:s%, s:s%}", "localuser", owner.local.data, owner.local.len,
                     "localhost", owner.domain.data, owner.domain.len, "user", about->local.data,
                     about->local.len, "host", about->domain.data, about->domain.len);
}

static json_t *say_roster_add(const struct provision_wish *wish, const struct jid *about)
{
    json_t *item = say_item(wish, about);
    AUTO_MEM char *group = strdup(wish->group);

    if (item == NULL || group == NULL)
        return item;
    for (char *at = group; *at != '\0'; at++)
        if (*at == ';') /* there it stands between two groups */
            *at = ',';
    (void)json_object_set_new(item, "nick", json_string(wish->name));
    (void)json_object_set_new(item, "group", json_string(group));
    (void)json_object_set_new(item, "subs", json_string("both"));
    return item;
}

static json_t *say_room(const struct provision_wish *wish, const struct jid *about)
{
    (void)wish;
    return json_pack("{s:s%, s:s%}", "name", about->local.data, about->local.len, "service",
                     about->domain.data, about->domain.len);
}

/* `done_too`: an answer that says what was wanted is so already. NULL verb: nothing to ask. */
static const struct {
    const char *verb;
    json_t *(*say)(const struct provision_wish *wish, const struct jid *about);
    int done_too;
    const char *why; /* told along with done_too */
} verbs[PROVISION_KIND_COUNT] = {
    [PROVISION_USER_ADD] = { "register", say_user_add, HTTP_CONFLICT, "Account already exists" },
    [PROVISION_USER_DELETE] = { "unregister", say_user_delete, HTTP_NOTFOUND, "" },
    [PROVISION_ROSTER_ADD] = { "add_rosteritem", say_roster_add, 0, "" },
    [PROVISION_ROSTER_REMOVE] = { "delete_rosteritem", say_item, HTTP_NOTFOUND, "" },
    [PROVISION_ROOM_DOWN] = { "destroy_room", say_room, HTTP_NOTFOUND, "" },
};

/* --- asking --- */

static void wait_for_it(struct rest *rest)
{
    static const struct timeval soon = { 0, PROBE_MS * 1000 };

    if (!rest->up)
        (void)event_add(rest->probe, &soon);
}

static void rest_drop(struct provision_way *way, struct provision_job *job)
{
    (void)way;
    if (job->asking != NULL)
        ((struct asking *)job->asking)->job = NULL;
    job->asking = NULL;
}

/* What waits in line still may be done, or fail: nobody waits for that any more. */
static void lost(struct rest *rest)
{
    if (rest->up) {
        rest->up = false;
        for (struct provision_job *job = provision_jobs(rest->base.provision); job != NULL;
             job = job->next)
            rest_drop(&rest->base, job);
        log_event(LOG_WARNING, rest->base.log, "link.down", "reason=\"the REST API is away\"");
        provision_went_down(rest->base.provision, "the REST API is away");
    }
    wait_for_it(rest);
}

static void judge(struct rest *rest, struct provision_job *job, int status)
{
    char reason[128];

    (void)snprintf(reason, sizeof(reason), "ejabberd's REST API answered %d to %s%s", status,
                   verbs[job->kind].verb,
                   status == HTTP_DENIED || status == HTTP_FORBIDDEN
                       ? ": is its account allowed to in api_permissions?"
                       : "");
    if (status == HTTP_OK)
        provision_finish(rest->base.provision, job, true, "");
    else if (status == verbs[job->kind].done_too)
        provision_finish(rest->base.provision, job, true, verbs[job->kind].why);
    else
        provision_finish(rest->base.provision, job, false, reason);
}

static void asking_free(struct asking *asking)
{
    DL_DELETE(asking->rest->askings, asking);
    if (asking->job != NULL)
        asking->job->asking = NULL;
    free(asking);
}

/* Status 0, or no request at all: nobody answered. */
static void on_answer(struct evhttp_request *request, void *context)
{
    struct asking *asking = context;
    struct rest *rest = asking->rest;
    struct provision_job *job = asking->job;
    int status = request == NULL ? 0 : evhttp_request_get_response_code(request);

    asking_free(asking);
    if (status != 0 && job != NULL)
        judge(rest, job, status);
    if (status != 0)
        return;
    if (job != NULL)
        job->id[0] = '\0'; /* it is asked again once the API is there */
    lost(rest);
}

static struct asking *asking_new(struct rest *rest, struct provision_job *job)
{
    struct asking *asking = calloc(1, sizeof(*asking));

    if (asking == NULL)
        return NULL;
    asking->rest = rest;
    asking->job = job;
    if (job != NULL)
        job->asking = asking;
    DL_APPEND(rest->askings, asking);
    return asking;
}

/* True: it is answered once, and where it cannot even be begun, before this returns. False: out of
 * memory. `job` NULL: a probe. */
static bool post(struct rest *rest, const char *verb, const json_t *body, struct provision_job *job,
                 void (*answer)(struct evhttp_request *, void *))
{
    AUTO_MEM char *text = json_dumps(body, JSON_COMPACT);
    struct asking *asking = text == NULL ? NULL : asking_new(rest, job);
    struct evhttp_request *request = asking == NULL ? NULL : evhttp_request_new(answer, asking);
    char path[URL_PART_MAX * 2];

    if (request == NULL) {
        if (asking != NULL)
            asking_free(asking);
        return false;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", rest->path, verb);
    (void)evhttp_add_header(evhttp_request_get_output_headers(request), "Host", rest->host);
    (void)evhttp_add_header(evhttp_request_get_output_headers(request), "Authorization",
                            rest->authorization);
    (void)evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                            "application/json");
    (void)evbuffer_add(evhttp_request_get_output_buffer(request), text, strlen(text));
    explicit_bzero(text, strlen(text)); /* it may hold a password */
    if (evhttp_make_request(rest->connection, request, EVHTTP_REQ_POST, path) == 0)
        return true;     /* `asking` may be gone */
    asking_free(asking); /* the request is freed already */
    return false;
}

static void rest_ask(struct provision_way *way, struct provision_job *job)
{
    struct rest *rest = (struct rest *)way;
    struct jid about;
    json_t *body;
    bool posted;

    if (verbs[job->kind].verb == NULL) {
        provision_finish(way->provision, job, true, "");
        return;
    }
    body = jid_split(slice_of(job->wish.about), &about) == 0
               ? verbs[job->kind].say(&job->wish, &about)
               : NULL;
    if (body == NULL) {
        provision_finish(way->provision, job, false, "an address or text that cannot be sent");
        return;
    }
    (void)snprintf(job->id, sizeof(job->id), "%llu", (unsigned long long)++rest->last_id);
    posted = post(rest, verbs[job->kind].verb, body, job, on_answer);
    json_decref(body);
    if (!posted)
        provision_finish(way->provision, job, false, "no memory");
}

/* --- whether it is there --- */

static void on_status(struct evhttp_request *request, void *context)
{
    struct asking *asking = context;
    struct rest *rest = asking->rest;
    int status = request == NULL ? 0 : evhttp_request_get_response_code(request);

    asking_free(asking);
    rest->probing = false;
    if (status == HTTP_OK && !rest->up) {
        rest->up = true;
        log_event(LOG_INFO, rest->base.log, "link.up", "rest=%s:%u", rest->host,
                  (unsigned)rest->port);
        provision_came_up(rest->base.provision);
        return;
    }
    if (status != 0 && status != HTTP_OK)
        log_event(LOG_WARNING, rest->base.log, "provision.refused",
                  "status=%d remedy=\"see [xmpp] control_secret_file and ejabberd's "
                  "api_permissions\"",
                  status);
    wait_for_it(rest);
}

static void on_probe(evutil_socket_t fd, short what, void *context)
{
    struct rest *rest = context;
    AUTO_JSON nothing = json_object();

    (void)fd;
    (void)what;
    if (rest->probing)
        return;
    rest->probing = true;
    if (post(rest, "status", nothing, NULL, on_status))
        return;
    rest->probing = false;
    wait_for_it(rest);
}

static bool rest_is_up(const struct provision_way *way)
{
    return ((const struct rest *)way)->up;
}

static bool rest_close(struct provision_way *way)
{
    (void)way;
    return true;
}

static void rest_free(struct provision_way *way)
{
    struct rest *rest = (struct rest *)way;

    if (rest->connection != NULL)
        evhttp_connection_free(rest->connection); /* with what waits in line, and tells nobody */
    while (rest->askings != NULL)
        asking_free(rest->askings);
    if (rest->probe != NULL)
        event_free(rest->probe);
    explicit_bzero(rest->authorization, sizeof(rest->authorization));
    free(rest);
}

/* --- made --- */

static int take_url(struct rest *rest, struct slice url)
{
    AUTO_MEM char *text = slice_dup(url);
    struct evhttp_uri *uri = text == NULL ? NULL : evhttp_uri_parse(text);
    const char *host = uri == NULL ? NULL : evhttp_uri_get_host(uri);
    const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
    int rc = host == NULL || evhttp_uri_get_port(uri) <= 0 ? RAISE(ERR_CONFIG) : OK;

    if (rc == OK && host != NULL) {
        rest->port = (uint16_t)evhttp_uri_get_port(uri);
        (void)snprintf(rest->host, sizeof(rest->host), "%s", host);
        (void)snprintf(rest->path, sizeof(rest->path), "%s", path == NULL ? "" : path);
    }
    if (uri != NULL)
        evhttp_uri_free(uri);
    return rc;
}

/* RFC 7617: "Basic " and the base64 of lasna@DOMAIN:PASSWORD. */
static int take_secret(struct rest *rest, const struct ipc_link_start *start)
{
    AUTO_BUF pair;
    int rc = OK;

    buf_init(&pair, AUTH_MAX / 2);
    buf_addf(&pair, "lasna@%.*s:%.*s", SLICE_ARG(start->agents_domain), SLICE_ARG(start->secret));
    if (buf_failed(&pair)) {
        rc = RAISE(ERR_CONFIG);
    } else {
        memcpy(rest->authorization, "Basic ", 6);
        (void)EVP_EncodeBlock((unsigned char *)rest->authorization + 6,
                              (const unsigned char *)pair.data, (int)pair.len);
        explicit_bzero(pair.data, pair.len);
    }
    return rc;
}

static int connect_rest(struct rest *rest, const struct ipc_link_start *start)
{
    struct event_base *loop = provision_base(rest->base.provision);
    int rc = take_url(rest, start->rest);

    if (rc == OK)
        rc = take_secret(rest, start);
    if (rc != OK)
        return rc;
    rest->connection = evhttp_connection_base_new(loop, NULL, rest->host, rest->port);
    rest->probe = event_new(loop, -1, 0, on_probe, rest);
    if (rest->connection == NULL || rest->probe == NULL)
        return RAISE(ERR_NO_MEMORY);
    evhttp_connection_set_timeout(rest->connection, ANSWER_S);
    evhttp_connection_set_max_body_size(rest->connection, ANSWER_MAX_BYTES);
    event_active(rest->probe, EV_TIMEOUT, 0);
    return OK;
}

int provision_rest_new(struct provision_way **ret_way, struct provision *provision,
                       const struct ipc_link_start *start)
{
    static const struct provision_way_ops ops = { .is_up = rest_is_up,
                                                  .ask = rest_ask,
                                                  .drop = rest_drop,
                                                  .close = rest_close,
                                                  .free = rest_free };
    struct rest *rest = calloc(1, sizeof(*rest));
    int rc;

    if (rest == NULL)
        return RAISE(ERR_NO_MEMORY);
    rest->base = (struct provision_way){ &ops, provision, provision_log(provision) };
    rc = connect_rest(rest, start);
    if (rc != OK) {
        rest_free(&rest->base);
        return rc;
    }
    *ret_way = &rest->base;
    return OK;
}
