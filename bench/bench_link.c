/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_link — what the link alone costs: a core that says as much as the link takes, the
 * link in a process of its own, and xmpp_sink as the server.
 *
 *     bench_link out [MESSAGES]      core → link → server
 *     bench_link in [MESSAGES_A_SECOND] [SECONDS]    server → link → core, receipted
 */
#include "base/clock.h"
#include "server-bridge/ipc/peer.h"
#include "server-bridge/xmpp/link.h"

#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { QUEUE_MAX = 4 << 20, OUT_MESSAGES = 1000000, IN_RATE = 20000, IN_SECONDS = 10 };

struct bench {
    struct event_base *base;
    struct ipc_peer *link;
    pid_t sink_pid, link_pid;
    FILE *sink;
    uint64_t wanted, said, routed, heard, started_us, seconds;
    bool inwards;
};

static unsigned short start_sink(struct bench *bench, const char *program, const char *rate)
{
    char path[4096], line[64] = "";
    int pair[2];

    (void)snprintf(path, sizeof(path), "%.*s/xmpp_sink", (int)(strrchr(program, '/') - program),
                   program);
    if (pipe(pair) != 0)
        exit(1);
    bench->sink_pid = fork();
    if (bench->sink_pid == 0) {
        (void)dup2(pair[1], STDOUT_FILENO);
        (void)close(pair[0]);
        (void)execl(path, path, "--no-receipts", "--rate", rate, (char *)NULL);
        _exit(127);
    }
    (void)close(pair[1]);
    bench->sink = fdopen(pair[0], "r");
    if (fgets(line, sizeof(line), bench->sink) == NULL)
        exit(1);
    return (unsigned short)strtoul(strchr(line, ':') + 1, NULL, 10);
}

static void run_link(int fd)
{
    struct event_base *base = event_base_new();
    const struct link_setup setup = { .base = base, .tenant = "acme" };
    struct link *link = NULL;

    if (link_new(&link, &setup) != OK)
        _exit(1);
    link_attach(link, fd);
    (void)event_base_dispatch(base);
    _exit(0);
}

static void fill(struct bench *bench)
{
    static const char text[] = "@%" PRIu64 " Hello, what does the Pro plan cost for ten people?";
    char said[128];

    while (bench->said < bench->wanted && ipc_peer_queued(bench->link) < QUEUE_MAX) {
        struct ipc_link_say say = { .ordinal = ++bench->said,
                                    .to = SLICE_LITERAL("anna@agents.localhost"),
                                    .from = SLICE_LITERAL("vaaaaaaaaaaaaaaaaaaaaaaaaae"),
                                    .receipts = true };

        (void)snprintf(said, sizeof(said), text, clock_steady_us());
        say.text = slice_of(said);
        memcpy(say.stanza.bytes, &bench->said, sizeof(bench->said));
        ipc_peer_send(bench->link, IPC_link_say, &say);
    }
}

static void on_state(void *context, const union ipc_message *message)
{
    struct bench *bench = context;

    if (!message->link_state.up)
        return;
    bench->started_us = clock_steady_us();
    fill(bench);
}

static void on_routed(void *context, const union ipc_message *message)
{
    struct bench *bench = context;

    bench->routed = message->link_routed.ordinal;
    fill(bench);
    if (!bench->inwards && bench->routed == bench->wanted)
        (void)event_base_loopbreak(bench->base);
}

static void on_heard(void *context, const union ipc_message *message)
{
    const struct ipc_heard_message *heard = &message->heard_message;
    struct bench *bench = context;

    bench->heard++;
    IPC_SEND(bench->link, link_receipt, .to = heard->agent, .from = heard->to,
             .stanza = heard->stanza);
    IPC_SEND(bench->link, link_handled, .ordinal = heard->ordinal);
    if (clock_steady_us() - bench->started_us > bench->seconds * 1000000)
        (void)event_base_loopbreak(bench->base);
}

static void on_presence(void *context, const union ipc_message *message)
{
    (void)context;
    (void)message;
}

static void on_closed(void *context)
{
    (void)context;
    (void)fprintf(stderr, "bench_link: the link is gone\n");
    exit(1);
}

static void start_link(struct bench *bench, unsigned short port)
{
    static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = {
        [IPC_link_state] = on_state,
        [IPC_link_routed] = on_routed,
        [IPC_heard_message] = on_heard,
        [IPC_heard_presence] = on_presence,
    };
    struct ipc_peer_setup setup = { .self = IPC_CORE,
                                    .other = IPC_LINK,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = bench,
                                    .queue_max_bytes = 64 << 20 };
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        exit(1);
    bench->link_pid = fork();
    if (bench->link_pid == 0) {
        (void)close(pair[0]);
        run_link(pair[1]);
    }
    (void)close(pair[1]);
    bench->base = setup.base = event_base_new();
    setup.fd = pair[0];
    if (ipc_peer_new(&bench->link, &setup) != OK)
        exit(1);
    IPC_SEND(bench->link, link_start, .domain = SLICE_LITERAL("acme.chat.localhost"),
             .host = SLICE_LITERAL("127.0.0.1"), .port = port, .secret = SLICE_LITERAL("s"));
    IPC_SEND(bench->link, link_member, .jid = SLICE_LITERAL("anna@agents.localhost"),
             .member = true);
}

static void stop_sink(struct bench *bench)
{
    char line[1024];

    (void)kill(bench->sink_pid, SIGTERM);
    while (fgets(line, sizeof(line), bench->sink) != NULL) {
        if (strstr(line, "\"final\": true") != NULL)
            (void)printf("sink: %s", line);
    }
    (void)fclose(bench->sink);
    (void)waitpid(bench->sink_pid, NULL, 0);
}

int main(int argc, char **argv)
{
    bool inwards = argc > 1 && strcmp(argv[1], "in") == 0;
    uint64_t amount = argc > 2 ? strtoull(argv[2], NULL, 10) : inwards ? IN_RATE : OUT_MESSAGES;
    struct bench bench = { .inwards = inwards, .seconds = IN_SECONDS };
    struct rusage used;
    uint64_t took_us, count;
    char rate[32];
    double cpu_us;

    if (argc > 3)
        bench.seconds = strtoull(argv[3], NULL, 10);
    bench.wanted = inwards ? 1 : amount; /* inwards one is said, so that there is a contact */
    (void)snprintf(rate, sizeof(rate), "%" PRIu64, inwards ? amount : 0);
    start_link(&bench, start_sink(&bench, argv[0], rate));
    (void)event_base_dispatch(bench.base);
    took_us = clock_steady_us() - bench.started_us;
    (void)kill(bench.link_pid, SIGKILL);
    (void)wait4(bench.link_pid, NULL, 0, &used);
    stop_sink(&bench);
    count = inwards ? bench.heard : bench.wanted;
    cpu_us = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
             (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    (void)printf("link %s: %" PRIu64 " messages, %.0f a second, %.1f us of the link's CPU each\n",
                 inwards ? "in" : "out", count, (double)count * 1e6 / (double)took_us,
                 cpu_us / (double)count);
    ipc_peer_free(bench.link);
    event_base_free(bench.base);
    return 0;
}
