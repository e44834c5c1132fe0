/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/core_double.h"

#include "server-bridge/core/api/openapi/openapi.h"
#include "server-bridge/core/api/route.h"
#include "server-bridge/core/outward/outward.h"
#include "server-bridge/core/survey/survey.h"
#include "server-bridge/ipc/codec.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_played.h"
#include "tests/support/schema.h"

#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

enum { QUEUE_MAX_BYTES = 1024 * 1024, FILLING_BYTES = 64 * 1024 };

struct core the_core;
struct conditions asked_with;

char outside_asked[512], outside_headers[1024], outside_body[4096];

bool outside_is_quick;

static struct role role;
static struct outward outward;
static asked_fn *outside_done;
static void *outside_context;
static char folder[64];
static struct web_peer webs[2]; /* the operator's, the public one's */
static int ends[2];
static struct heard answer;
static uint64_t last_request;
static bool slowly;
static const struct route *asked_route; /* NULL: none was */
static json_t *described;               /* the OpenAPI document, made once */
static uint8_t *bytes;
static size_t byte_count;

/* --- the other end --- */

static void on_request(void *context, const union ipc_message *message)
{
    api_handle(context, &message->api_request);
}

static void on_next(void *context, const union ipc_message *message)
{
    api_next(context, &message->api_next);
}

static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = {
    [IPC_api_request] = on_request,
    [IPC_api_next] = on_next,
};

static void on_closed(void *context)
{
    struct web_peer *web = context;

    api_forget_web(web->core, web);
    DL_DELETE(web->core->webs, web);
    web->ipc = ipc_peer_free(web->ipc);
}

static void start_web(size_t i, enum ipc_role web_role)
{
    struct ipc_peer_setup setup = { .base = role.base,
                                    .self = IPC_CORE,
                                    .other = web_role,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = &webs[i],
                                    .queue_max_bytes = QUEUE_MAX_BYTES };
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    setup.fd = fds[0];
    ends[i] = fds[1];
    webs[i] = (struct web_peer){ .core = &the_core, .role = web_role };
    assert_int_equal(ipc_peer_new(&webs[i].ipc, &setup), OK);
    DL_APPEND(the_core.webs, &webs[i]);
}

void double_start(const char *provision)
{
    char text[4096];
    AUTO_BUF problems;

    buf_init(&problems, 4096);
    (void)snprintf(folder, sizeof(folder), "/tmp/lasna-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(text, sizeof(text),
                   "[xmpp]\nprovision = %s\ncontrol_secret_file = /x\ntenants_dir = /x\n"
                   "[presence]\nrules = " RULES_FOLDER
                   "\n[storage]\ndir = %s\nkey_file = %s/instance.key\n",
                   provision, folder, folder);
    role = (struct role){ .self = IPC_CORE, .base = event_base_new() };
    assert_int_equal(settings_parse(&role.settings, slice_of(text), &problems), OK);
    the_core = (struct core){ .role = &role,
                              .started_ms = played_start(),
                              .password_cost = { .log_n = 4, .r = 8, .p = 1 } };
    assert_int_equal(directory_open(&the_core.directory, folder), OK);
    assert_int_equal(keys_start(&the_core), OK);
    assert_int_equal(settings_start(&the_core), OK);
    the_core.tenants_folder = folder;
    assert_int_equal(store_memory_open(&the_core.store), OK);
    outward = (struct outward){ .core = &the_core };
    the_core.outward = &outward;
    assert_int_equal(hooks_start(&the_core), OK);
    start_web(0, IPC_CONTROL);
    start_web(1, IPC_WEB);
    asked_with = (struct conditions){ NULL, NULL, NULL };
    outside_done = NULL;
    outside_is_quick = true;
    slowly = false;
}

static void forget_answer(void)
{
    json_decref(answer.json);
    free(answer.text);
    answer = (struct heard){ 0 };
}

void double_stop(void)
{
    char command[96];
    struct live_tenant *tenant, *next;

    (void)provision_answers(false, "stopping");
    (void)outside_answers(FETCH_LOST, 0);
    tenants_end_stop(&the_core);
    tenants_rename_stop(&the_core);
    api_stop(&the_core);
    snapshots_stop(&the_core);
    references_stop(&the_core);
    machine_stop(&the_core);
    for (size_t i = 0; i < 2; i++) {
        ipc_peer_free(webs[i].ipc);
        (void)close(ends[i]);
    }
    HASH_ITER(hh, the_core.tenants, tenant, next)
    tenants_drop(tenant);
    hooks_stop(&the_core);
    the_core.outward = NULL;
    directory_close(the_core.directory);
    free(the_core.settings);
    store_free(the_core.store);
    settings_free(role.settings);
    event_base_free(role.base);
    forget_answer();
    free(bytes);
    bytes = NULL;
    byte_count = 0;
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

/* --- the outside --- */

static void collect_bulk(void);

void ask_outside(struct core *core, const struct ipc_fetch_request *request, asked_fn *done,
                 void *context)
{
    (void)core;
    assert_null(outside_done);
    (void)slice_copy(request->url, outside_asked, sizeof(outside_asked));
    (void)slice_copy(request->headers, outside_headers, sizeof(outside_headers));
    (void)slice_copy(request->body, outside_body, sizeof(outside_body));
    outside_done = done;
    outside_context = context;
}

void ask_mail(struct core *core, const char *to, struct slice text, asked_fn *done, void *context)
{
    char url[300];

    (void)snprintf(url, sizeof(url), "mailto:%s", to);
    ask_outside(core, &(struct ipc_fetch_request){ .url = slice_of(url), .body = text }, done,
                context);
}

bool mail_is_on(const struct core *core)
{
    return core->role->settings->mail_url[0] != '\0';
}

const char *fetch_outcome_text(enum fetch_outcome outcome)
{
    return outcome == FETCH_TIMEOUT ? "it did not answer in time" : "something else";
}

bool outside_answers(enum fetch_outcome outcome, unsigned status)
{
    const struct ipc_fetch_answer said = { .outcome = outcome, .status = status };
    asked_fn *done = outside_done;

    outside_done = NULL;
    outside_asked[0] = outside_headers[0] = outside_body[0] = '\0';
    if (done != NULL)
        done(outside_context, &said);
    collect_bulk();
    return done != NULL;
}

void double_turn(void)
{
    (void)event_base_loop(role.base, EVLOOP_NONBLOCK);
    collect_bulk();
}

/* --- asking and hearing --- */

static void send_to_core(size_t i, enum ipc_type type, const void *message)
{
    size_t size = ipc_size(type, message);
    uint8_t *out = malloc(size);

    assert_non_null(out);
    ipc_encode(type, message, out);
    assert_int_equal(send(ends[i], out, size, MSG_NOSIGNAL), (ssize_t)size);
    free(out);
}

static void add_text(struct slice text)
{
    answer.text = realloc(answer.text, answer.len + text.len + 1);
    assert_non_null(answer.text);
    if (text.len > 0)
        memcpy(answer.text + answer.len, text.data, text.len);
    answer.len += text.len;
    answer.text[answer.len] = '\0';
    answer.parts++;
}

/* True: that was the end of it. */
static bool take_message(size_t i, enum ipc_type type, const union ipc_message *message)
{
    bool more;

    if (type == IPC_api_answer) {
        assert_int_equal(message->api_answer.request, last_request);
        answer.status = (unsigned)message->api_answer.status;
        assert_true(
            slice_copy(message->api_answer.headers, answer.headers, sizeof(answer.headers)));
        assert_true(slice_copy(message->api_answer.content_type, answer.type, sizeof(answer.type)));
        add_text(message->api_answer.body);
        more = message->api_answer.more;
    } else {
        assert_int_equal(type, IPC_api_part);
        assert_int_equal(message->api_part.request, last_request);
        add_text(message->api_part.body);
        answer.broken = message->api_part.broken;
        more = message->api_part.more;
    }
    if (more && !slowly)
        send_to_core(i, IPC_api_next,
                     &(struct ipc_api_next){ .request = last_request, .wanted = true });
    return !more;
}

/* Reads what has come; true when an answer is whole. */
static bool read_some(size_t i)
{
    size_t used;
    uint8_t *grown = realloc(bytes, byte_count + 65536);
    union ipc_message message;
    enum ipc_type type;
    bool whole = false;
    ssize_t got;

    assert_non_null(grown);
    bytes = grown;
    got = recv(ends[i], bytes + byte_count, 65536, MSG_DONTWAIT);
    byte_count += got > 0 ? (size_t)got : 0;
    while (byte_count >= IPC_HEADER_BYTES) {
        assert_int_equal(ipc_peek(bytes, byte_count, &used), OK);
        if (used == 0 || used > byte_count)
            break;
        assert_int_equal(ipc_decode(bytes, used, &type, &message), OK);
        whole = take_message(i, type, &message);
        memmove(bytes, bytes + used, byte_count - used);
        byte_count -= used;
    }
    return whole;
}

/* What core/answers.c does with bulk work. */
static void collect_bulk(void)
{
    struct store_answer stored;

    while (STORE_CALL(the_core.store, collect, &stored, 1) > 0) {
        assert_non_null(stored.bulk);
        stored.bulk->done(stored.bulk, stored.outcome);
    }
}

/* Whatever test asks: what is answered is what the OpenAPI document says. */
static void hold_to_its_word(void)
{
    const struct answered answered = { .route = asked_route,
                                       .status = answer.status,
                                       .type = answer.type,
                                       .headers = answer.headers,
                                       .json = answer.json };
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    if (described == NULL)
        described = openapi_document();
    if (asked_route != NULL && !answer.broken && !schema_allows(described, &answered, &problem))
        fail_msg("%s: the answer is not as told:%.*s\n%.2000s", asked_route->name,
                 SLICE_ARG(buf_slice(&problem)), answer.text);
}

/* How often, ten milliseconds each, nothing may come: threads work on what is asked, and the
 * machine may have other work. */
enum { A_TURN = 2, QUIET_TILL_NOTHING_COMES = 20, QUIET_TILL_IT_FAILS = 6000 };

static const struct heard *hear(size_t i, int patience)
{
    for (int quiet = 0; quiet < patience; quiet++) {
        struct pollfd poll_of = { .fd = ends[i], .events = POLLIN };

        (void)event_base_loop(role.base, EVLOOP_NONBLOCK);
        collect_bulk();
        if (outside_is_quick)
            (void)outside_answers(FETCH_DONE, 200);
        if (poll(&poll_of, 1, quiet > 0 ? 10 : 0) > 0)
            quiet = 0;
        if (read_some(i)) {
            answer.json = json_loadb(answer.text, answer.len, 0, NULL);
            hold_to_its_word();
            return &answer;
        }
    }
    return NULL;
}

static void ask_by(size_t i, const char *method, const char *path, const char *query,
                   const char *bearer, const char *cookie, const char *body)
{
    char allowed[ROUTE_METHODS_BYTES];
    struct path_values values;
    size_t prefix = strlen(API_PREFIX);

    asked_route = strncmp(path, API_PREFIX "/", prefix + 1) == 0
                      ? route_find(slice_of(method), slice_of(path + prefix), &values, allowed)
                      : NULL;
    forget_answer();
    send_to_core(i, IPC_api_request,
                 &(struct ipc_api_request){ .request = ++last_request,
                                            .method = slice_of(method),
                                            .path = slice_of(path),
                                            .query = slice_of(query),
                                            .bearer = slice_of(bearer),
                                            .cookie = slice_of(cookie),
                                            .repeat_key = slice_of(asked_with.repeat_key),
                                            .if_match = slice_of(asked_with.if_match),
                                            .if_none_match = slice_of(asked_with.if_none_match),
                                            .body = slice_of(body) });
}

const struct heard *ask(const char *method, const char *path, const char *query, const char *body)
{
    const struct heard *whole;

    ask_by(0, method, path, query, "", "", body);
    whole = hear(0, QUIET_TILL_IT_FAILS);
    assert_non_null(whole);
    return whole;
}

const struct heard *ask_as_web(const char *method, const char *path, const char *bearer)
{
    return ask_with(method, path, bearer, "");
}

const struct heard *ask_with(const char *method, const char *path, const char *bearer,
                             const char *body)
{
    const struct heard *whole;

    ask_by(1, method, path, "", bearer, "", body);
    whole = hear(1, QUIET_TILL_IT_FAILS);
    assert_non_null(whole);
    return whole;
}

const struct heard *ask_with_cookie(const char *method, const char *path, const char *cookie,
                                    const char *body)
{
    const struct heard *whole;

    ask_by(1, method, path, "", "", cookie, body);
    whole = hear(1, QUIET_TILL_IT_FAILS);
    assert_non_null(whole);
    return whole;
}

void ask_only(const char *method, const char *path, const char *query, const char *body)
{
    ask_by(0, method, path, query, "", "", body);
    for (int i = 0; i < 3; i++)
        (void)event_base_loop(role.base, EVLOOP_NONBLOCK);
}

void ask_only_with(const char *method, const char *path, const char *bearer)
{
    ask_by(1, method, path, "", bearer, "", "");
    for (int i = 0; i < 3; i++)
        (void)event_base_loop(role.base, EVLOOP_NONBLOCK);
}

const struct heard *heard(void)
{
    const struct heard *whole = hear(0, QUIET_TILL_IT_FAILS);

    assert_non_null(whole);
    return whole;
}

bool double_hears_nothing(void)
{
    return hear(0, QUIET_TILL_NOTHING_COMES) == NULL;
}

const struct heard *open_survey(const char *link)
{
    const struct ipc_survey_ask wish = { .request = ++last_request,
                                         .tenant = SLICE_LITERAL("acme"),
                                         .link = slice_of(link),
                                         .query = SLICE_LITERAL("lang=en"),
                                         .languages = SLICE_LITERAL("") };

    forget_answer();
    asked_route = NULL;
    survey_ask(&webs[0], &wish);
    return heard();
}

void double_read_slowly(bool slow)
{
    slowly = slow;
}

void double_next(bool wanted)
{
    send_to_core(0, IPC_api_next,
                 &(struct ipc_api_next){ .request = last_request, .wanted = wanted });
    (void)hear(0, QUIET_TILL_NOTHING_COMES);
}

void double_hears_a_part(void)
{
    for (int turn = 0; turn < QUIET_TILL_IT_FAILS && answer.parts == 0; turn++)
        (void)hear(0, A_TURN);
    assert_true(answer.parts > 0);
}

bool double_is_idle(void)
{
    for (int turn = 0; turn < QUIET_TILL_IT_FAILS && the_core.calls != NULL; turn++)
        (void)hear(0, A_TURN);
    return the_core.calls == NULL;
}

void double_web_dies(void)
{
    (void)shutdown(ends[0], SHUT_RDWR);
    for (int i = 0; i < 3; i++)
        (void)event_base_loop(role.base, EVLOOP_NONBLOCK);
}

void double_web_is_stuck(void)
{
    struct ipc_peer *peer = webs[1].ipc;
    struct ipc_api_part part = { .broken = true };
    size_t least = ipc_size(IPC_api_part, &part), room = QUEUE_MAX_BYTES;
    char *filling = calloc(1, FILLING_BYTES);

    assert_non_null(filling);
    while (room >= least) {
        for (; room >= least; room = QUEUE_MAX_BYTES - ipc_peer_queued(peer)) {
            size_t len = room - least < FILLING_BYTES ? room - least : FILLING_BYTES;

            part.body = (struct slice){ filling, len };
            ipc_peer_send(peer, IPC_api_part, &part);
        }
        (void)event_base_loop(role.base, EVLOOP_NONBLOCK); /* the socket takes some, too */
        room = QUEUE_MAX_BYTES - ipc_peer_queued(peer);
    }
    free(filling);
}

void double_tenant(const char *name)
{
    char body[160];

    (void)snprintf(body, sizeof(body), "{\"tenant\":\"%s\",\"origins\":[\"https://%s.example\"]}",
                   name, name);
    assert_int_equal(ask("POST", "/api/v1/tenants", "", body)->status, 201);
}

int double_setup(void **state)
{
    (void)state;
    double_start("manual");
    double_tenant("acme");
    return 0;
}

int double_teardown(void **state)
{
    (void)state;
    double_stop();
    return 0;
}

const char *code_of(const struct heard *of)
{
    const char *code = json_string_value(json_object_get(of->json, "code"));

    return code != NULL ? code : "(no code)";
}

const char *text_at(const struct heard *of, const char *key)
{
    const char *text = json_string_value(json_object_get(of->json, key));

    return text != NULL ? text : "(none)";
}
