/* SPDX-License-Identifier: Apache-2.0
 *
 * The provisioning link that asks a REST API, as ejabberd has one: the core (the test, by a real
 * role socket), the API (played here) and name service (played here, too).
 */
#include "server-bridge/ipc/peer.h"
#include "server-bridge/xmpp/provision/provision.h"
#include "tests/support/cmocka.h"
#include "tests/support/fake_xmpp.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

#define ANNA "anna@agents.example"

enum { PATIENCE_MS = 60000 };

struct scene {
    struct event_base *base;
    struct evhttp *api;
    unsigned short port;
    struct provision *provision;
    struct ipc_peer *core;
    const char *awaited;
    struct buf told, asked; /* what the core was told; verb and body of what the API was asked */
    struct evhttp_request *unanswered;
    bool mute; /* it takes what it is asked, and says nothing */
    int status;
};

/* --- name service --- */

static bool name_leads_here;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    struct addrinfo *info;
    struct sockaddr_in *v4;

    (void)name;
    (void)hints;
    if (!name_leads_here)
        return EAI_NONAME;
    info = calloc(1, sizeof(*info) + sizeof(*v4));
    assert_non_null(info);
    v4 = (struct sockaddr_in *)(void *)(info + 1);
    *v4 = (struct sockaddr_in){ .sin_family = AF_INET,
                                .sin_port = htons(
                                    (uint16_t)strtoul(service == NULL ? "0" : service, NULL, 10)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    *info = (struct addrinfo){ .ai_family = AF_INET,
                               .ai_socktype = SOCK_STREAM,
                               .ai_protocol = IPPROTO_TCP,
                               .ai_addrlen = sizeof(*v4),
                               .ai_addr = (struct sockaddr *)v4 };
    *ret = info;
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    free(info);
}

/* --- the API --- */

static void on_asked(struct evhttp_request *request, void *context)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    struct scene *scene = context;
    const char *path = evhttp_request_get_uri(request);
    size_t len = evbuffer_get_length(body);

    buf_addf(&scene->asked, "%s ", path);
    buf_add(&scene->asked, evbuffer_pullup(body, -1), len);
    buf_add_text(&scene->asked, "\n");
    if (scene->mute && strstr(path, "status") == NULL)
        scene->unanswered = request;
    else
        evhttp_send_reply(request, strstr(path, "status") != NULL ? HTTP_OK : scene->status, "so",
                          NULL);
}

static void start_api(struct scene *scene)
{
    struct evhttp_bound_socket *bound;
    struct sockaddr_in at;
    socklen_t len = sizeof(at);

    scene->api = evhttp_new(scene->base);
    evhttp_set_gencb(scene->api, on_asked, scene);
    bound = evhttp_bind_socket_with_handle(scene->api, "127.0.0.1", scene->port);
    assert_non_null(bound);
    assert_int_equal(
        getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)(void *)&at, &len), 0);
    scene->port = ntohs(at.sin_port);
}

static void stop_api(struct scene *scene)
{
    if (scene->api != NULL)
        evhttp_free(scene->api);
    scene->api = NULL;
    scene->unanswered = NULL;
}

/* --- the core --- */

static void on_state(void *context, const union ipc_message *message)
{
    struct scene *scene = context;

    buf_add_text(&scene->told, message->link_state.up ? "up\n" : "down\n");
}

static void on_done(void *context, const union ipc_message *message)
{
    struct scene *scene = context;

    buf_addf(&scene->told, "%d %s %.*s\n", (int)message->provision_done.request,
             message->provision_done.done ? "done" : "failed",
             SLICE_ARG(message->provision_done.reason));
}

static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = {
    [IPC_link_state] = on_state, [IPC_provision_done] = on_done
};

static void on_closed(void *context)
{
    struct scene *scene = context;

    scene->core = ipc_peer_free(scene->core);
}

static void start_core(struct scene *scene, const char *host)
{
    struct ipc_peer_setup setup = { .base = scene->base,
                                    .self = IPC_CORE,
                                    .other = IPC_PROVISION,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = scene,
                                    .queue_max_bytes = 1 << 20 };
    char rest[128];
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    setup.fd = pair[0];
    assert_int_equal(ipc_peer_new(&scene->core, &setup), OK);
    provision_attach(scene->provision, pair[1]);
    (void)snprintf(rest, sizeof(rest), "http://%s:%u/api", host, (unsigned)scene->port);
    IPC_SEND(scene->core, link_start, .secret = SLICE_LITERAL("s"),
             .agents_domain = SLICE_LITERAL("agents.example"), .rest = slice_of(rest));
}

static void hire(struct scene *scene, unsigned request)
{
    IPC_SEND(scene->core, provision_account, .request = request, .jid = SLICE_LITERAL(ANNA),
             .password = SLICE_LITERAL("secret"));
}

static bool was_told(void *context)
{
    const struct scene *scene = context;

    return scene->told.data != NULL && strstr(scene->told.data, scene->awaited) != NULL;
}

static bool was_asked(void *context)
{
    const struct scene *scene = context;

    return scene->asked.data != NULL && strstr(scene->asked.data, scene->awaited) != NULL;
}

static void await(struct scene *scene, bool (*happened)(void *), const char *text)
{
    scene->awaited = text;
    assert_true(wait_until(scene->base, happened, scene, PATIENCE_MS));
}

static int begin(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct provision_setup setup = { .answer_ms = 2000 };

    scene->base = setup.base = event_base_new();
    scene->status = HTTP_OK;
    buf_init(&scene->told, 1 << 20);
    buf_init(&scene->asked, 1 << 20);
    name_leads_here = true;
    start_api(scene);
    assert_int_equal(provision_new(&scene->provision, &setup), OK);
    *state = scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;

    provision_free(scene->provision);
    ipc_peer_free(scene->core);
    stop_api(scene);
    buf_release(&scene->told);
    buf_release(&scene->asked);
    event_base_free(scene->base);
    free(scene);
    return 0;
}

static void account__where_the_api_takes_it__is_done(void **state)
{
    struct scene *scene = *state;

    start_core(scene, "127.0.0.1");
    await(scene, was_told, "up\n");
    hire(scene, 1);
    await(scene, was_told, "1 done");
    assert_non_null(strstr(scene->asked.data,
                           "/api/register {\"user\":\"anna\",\"host\":\"agents.example\","
                           "\"password\":\"secret\"}\n"));
    scene->status = 409;
    hire(scene, 2);
    await(scene, was_told, "2 done Account already exists");
    scene->status = 403;
    hire(scene, 3);
    await(scene, was_told, "3 failed ejabberd's REST API answered 403 to register: is its account");
}

/* What cannot even be begun is answered before asking returns. */
static void room__that_is_destroyed__or_never_was__is_done(void **state)
{
    struct scene *scene = *state;

    start_core(scene, "127.0.0.1");
    await(scene, was_told, "up\n");
    IPC_SEND(scene->core, provision_room, .request = 1,
             .address = SLICE_LITERAL("team-1@rooms.agents.example"));
    await(scene, was_told, "1 done");
    assert_non_null(
        strstr(scene->asked.data,
               "/api/destroy_room {\"name\":\"team-1\",\"service\":\"rooms.agents.example\"}\n"));
    scene->status = 404;
    IPC_SEND(scene->core, provision_room, .request = 2,
             .address = SLICE_LITERAL("team-1@rooms.agents.example"));
    await(scene, was_told, "2 done");
}

static void api__whose_name_leads_nowhere_yet__is_found_when_it_does(void **state)
{
    struct scene *scene = *state;

    name_leads_here = false;
    start_core(scene, "ejabberd.example");
    hire(scene, 1);
    await(scene, was_told, "1 failed the XMPP server is not there");
    name_leads_here = true;
    await(scene, was_told, "up\n");
    hire(scene, 2);
    await(scene, was_told, "2 done");
}

static void api__that_goes_while_it_is_asked__is_asked_again_when_it_is_back(void **state)
{
    struct scene *scene = *state;

    start_core(scene, "ejabberd.example");
    await(scene, was_told, "up\n");
    scene->mute = true;
    hire(scene, 1);
    await(scene, was_asked, "register");
    stop_api(scene);
    name_leads_here = false; /* nor can the next one be begun */
    hire(scene, 2);
    await(scene, was_told, "down\n");
    buf_clear(&scene->told);
    scene->mute = false;
    name_leads_here = true;
    start_api(scene);
    await(scene, was_told, "1 done");
    await(scene, was_told, "2 done");
}

static void link__that_ends_while_the_api_is_silent__ends(void **state)
{
    struct scene *scene = *state;

    start_core(scene, "127.0.0.1");
    await(scene, was_told, "up\n");
    scene->mute = true;
    hire(scene, 1);
    hire(scene, 2); /* waits in line */
    await(scene, was_asked, "register");
    scene->provision = provision_free(scene->provision);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SCENE(account__where_the_api_takes_it__is_done),
        IN_A_SCENE(room__that_is_destroyed__or_never_was__is_done),
        IN_A_SCENE(api__whose_name_leads_nowhere_yet__is_found_when_it_does),
        IN_A_SCENE(api__that_goes_while_it_is_asked__is_asked_again_when_it_is_back),
        IN_A_SCENE(link__that_ends_while_the_api_is_silent__ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
