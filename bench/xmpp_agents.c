/* SPDX-License-Identifier: Apache-2.0
 *
 * xmpp_agents — agents on real client connections to a real server, as cheaply as it can be done:
 * each takes every offer, answers each of a visitor's words at once and, unless told otherwise,
 * receipts it and wants a receipt, as clients do.
 *
 *     xmpp_agents --port N --password-file F --agents anna@agents.localhost,ben@… [--no-receipts]
 *
 * Prints {"ready": N} when all are online. SIGUSR1 asks for a JSON line of counts and latencies,
 * and times anew from there.
 */
#include "base/clock.h"
#include "bench/latency.h"
#include "bench/stanza.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>

enum { AGENTS_MAX = 64, NAME_MAX_BYTES = 256, READ_BYTES = 256 << 10 };

enum agent_state { AGENT_GREETING, AGENT_AUTHENTICATING, AGENT_BINDING, AGENT_ONLINE };

struct desk; /* all of them */

struct agent {
    struct desk *desk;
    struct bufferevent *stream;
    char local[NAME_MAX_BYTES], domain[NAME_MAX_BYTES];
    enum agent_state state;
};

struct desk {
    struct event_base *base;
    struct agent agents[AGENTS_MAX];
    size_t agent_count, online;
    unsigned short port;
    char password[NAME_MAX_BYTES];
    bool no_receipts;
    uint64_t from_visitors, sent, errors, last_id;
    struct latency latency; /* visitor's intention → here */
};

static void say(struct agent *agent, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct agent *agent, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)evbuffer_add_vprintf(bufferevent_get_output(agent->stream), format, args);
    va_end(args);
}

/* ---- getting online ---------------------------------------------------------------------- */

static void open_stream(struct agent *agent)
{
    say(agent,
        "<?xml version='1.0'?><stream:stream to='%s' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
        agent->domain);
}

/* SASL PLAIN: a zero, the name, a zero, the password. */
static void authenticate(struct agent *agent)
{
    char plain[2 * NAME_MAX_BYTES + 2] = "";
    unsigned char text[2 * sizeof(plain)];
    size_t name = strlen(agent->local), password = strlen(agent->desk->password);

    memcpy(plain + 1, agent->local, name);
    memcpy(plain + name + 2, agent->desk->password, password);
    (void)EVP_EncodeBlock(text, (unsigned char *)plain, (int)(name + password + 2));
    say(agent, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>", text);
    agent->state = AGENT_AUTHENTICATING;
}

static void on_features(struct agent *agent, const struct stanza *stanza)
{
    (void)stanza;
    if (agent->state == AGENT_GREETING)
        authenticate(agent);
    else
        say(agent, "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                   "<resource>bench</resource></bind></iq>");
}

static void on_success(struct agent *agent, const struct stanza *stanza)
{
    (void)stanza;
    agent->state = AGENT_BINDING;
    open_stream(agent);
}

static void on_failure(struct agent *agent, const struct stanza *stanza)
{
    (void)fprintf(stderr, "xmpp_agents: %s: %.*s\n", agent->local, SLICE_ARG(stanza->text));
    exit(1);
}

static void on_iq(struct agent *agent, const struct stanza *stanza)
{
    if (agent->state != AGENT_BINDING || !slice_is(stanza_attribute(stanza, " id="), "bind"))
        return;
    agent->state = AGENT_ONLINE;
    say(agent, "<presence/>");
    if (++agent->desk->online == agent->desk->agent_count) {
        (void)printf("{\"ready\": %zu}\n", agent->desk->online);
        (void)fflush(stdout);
    }
}

/* ---- working ----------------------------------------------------------------------------- */

static void on_visitor(struct agent *agent, const struct stanza *stanza, uint64_t said_us)
{
    struct slice from = stanza_attribute(stanza, " from="), id = stanza_attribute(stanza, " id=");
    struct desk *desk = agent->desk;
    uint64_t now_us = clock_steady_us();

    desk->from_visitors++;
    if (said_us <= now_us)
        latency_add(&desk->latency, now_us - said_us);
    if (!desk->no_receipts)
        say(agent,
            "<message type='chat' to='%.*s'><received xmlns='urn:xmpp:receipts' id='%.*s'/>"
            "</message>",
            SLICE_ARG(from), SLICE_ARG(id));
    desk->sent++;
    say(agent,
        "<message type='chat' to='%.*s' id='%s%" PRIu64 "'><body>@%" PRIu64
        " something an agent would say</body>%s</message>",
        SLICE_ARG(from), agent->local, ++desk->last_id, now_us,
        desk->no_receipts ? "" : "<request xmlns='urn:xmpp:receipts'/>");
}

static void on_message(struct agent *agent, const struct stanza *stanza)
{
    struct slice from = stanza_attribute(stanza, " from="),
                 body = stanza_between(stanza->text, "<body>", '<');
    uint64_t said_us = stanza_stamp_us(body);

    if (slice_is(stanza_attribute(stanza, " type="), "error"))
        agent->desk->errors++;
    else if (said_us != 0)
        on_visitor(agent, stanza, said_us);
    else if (slice_starts_with(from, "desk@") && stanza_find(body, "reply ok") != NULL)
        say(agent, "<message type='chat' to='%.*s' id='%s%" PRIu64 "'><body>ok</body></message>",
            SLICE_ARG(from), agent->local, ++agent->desk->last_id);
}

static void handle(struct agent *agent, const struct stanza *stanza)
{
    static const struct {
        const char *start;
        void (*handle)(struct agent *, const struct stanza *);
    } kinds[] = {
        { "<message", on_message }, { "<iq", on_iq },           { "<stream:features", on_features },
        { "<success", on_success }, { "<failure", on_failure },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (slice_starts_with(stanza->text, kinds[i].start)) {
            kinds[i].handle(agent, stanza);
            return;
        }
    }
}

static void on_read(struct bufferevent *stream, void *context)
{
    struct evbuffer *in = bufferevent_get_input(stream);
    struct slice rest = { (const char *)evbuffer_pullup(in, -1), evbuffer_get_length(in) };
    size_t all = rest.len;

    for (;;) {
        struct stanza stanza;

        while (rest.len > 0 && rest.data[0] != '<') {
            rest.data++;
            rest.len--;
        }
        stanza = rest.len < 2 ? (struct stanza){ 0 } : stanza_next(rest);
        if (stanza.text.len == 0)
            break;
        handle(context, &stanza);
        rest.data += stanza.text.len;
        rest.len -= stanza.text.len;
    }
    (void)evbuffer_drain(in, all - rest.len);
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
    struct agent *agent = context;

    (void)stream;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
        return;
    (void)fprintf(stderr, "xmpp_agents: %s: the connection ended\n", agent->local);
    exit(1);
}

/* ---- starting ---------------------------------------------------------------------------- */

static void start_agent(struct agent *agent)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(agent->desk->port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int on = 1;

    agent->stream = bufferevent_socket_new(agent->desk->base, -1, BEV_OPT_CLOSE_ON_FREE);
    (void)bufferevent_set_max_single_read(agent->stream, READ_BYTES);
    bufferevent_setcb(agent->stream, on_read, NULL, on_event, agent);
    (void)bufferevent_enable(agent->stream, EV_READ | EV_WRITE);
    if (bufferevent_socket_connect(agent->stream, (struct sockaddr *)&to, sizeof(to)) != 0)
        exit(1);
    (void)setsockopt(bufferevent_getfd(agent->stream), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    open_stream(agent);
}

static void on_asked(evutil_socket_t fd, short what, void *context)
{
    struct desk *desk = context;
    AUTO_BUF latency;

    (void)fd;
    (void)what;
    buf_init(&latency, 4096);
    latency_add_json(&desk->latency, &latency);
    (void)printf("{\"from_visitors\": %" PRIu64 ", \"sent\": %" PRIu64 ", \"errors\": %" PRIu64
                 ", \"latency_us\": %.*s}\n",
                 desk->from_visitors, desk->sent, desk->errors, SLICE_ARG(buf_slice(&latency)));
    (void)fflush(stdout);
    desk->latency = (struct latency){ .count = 0 };
}

static void on_end(evutil_socket_t fd, short what, void *context)
{
    struct desk *desk = context;

    (void)fd;
    (void)what;
    (void)event_base_loopbreak(desk->base);
}

static void add_agents(struct desk *desk, char *list)
{
    char *rest = NULL;

    for (char *jid = strtok_r(list, ",", &rest); jid != NULL && desk->agent_count < AGENTS_MAX;
         jid = strtok_r(NULL, ",", &rest)) {
        struct agent *agent = &desk->agents[desk->agent_count++];
        char *at = strchr(jid, '@');

        if (at == NULL ||
            !slice_copy((struct slice){ jid, (size_t)(at - jid) }, agent->local,
                        sizeof(agent->local)) ||
            !slice_copy(slice_of(at + 1), agent->domain, sizeof(agent->domain)))
            exit(2);
        agent->desk = desk;
    }
}

static void read_password(struct desk *desk, const char *path)
{
    FILE *file = fopen(path, "re");

    if (file == NULL || fgets(desk->password, sizeof(desk->password), file) == NULL) {
        (void)fprintf(stderr, "xmpp_agents: no password in %s\n", path);
        exit(1);
    }
    desk->password[strcspn(desk->password, "\r\n")] = '\0';
    (void)fclose(file);
}

static void read_options(struct desk *desk, int argc, char **argv)
{
    static const struct option options[] = { { "port", required_argument, NULL, 'p' },
                                             { "agents", required_argument, NULL, 'a' },
                                             { "password-file", required_argument, NULL, 'w' },
                                             { "no-receipts", no_argument, NULL, 'n' },
                                             { 0 } };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            desk->port = (unsigned short)strtoul(optarg, NULL, 10);
        else if (option == 'a')
            add_agents(desk, optarg);
        else if (option == 'w')
            read_password(desk, optarg);
        else if (option == 'n')
            desk->no_receipts = true;
        else
            exit(2);
    }
}

int main(int argc, char **argv)
{
    static struct desk desk;
    struct event *asked, *end;

    desk.base = event_base_new();
    read_options(&desk, argc, argv);
    (void)signal(SIGPIPE, SIG_IGN);
    asked = evsignal_new(desk.base, SIGUSR1, on_asked, &desk);
    end = evsignal_new(desk.base, SIGTERM, on_end, &desk);
    (void)event_add(asked, NULL);
    (void)event_add(end, NULL);
    for (size_t i = 0; i < desk.agent_count; i++)
        start_agent(&desk.agents[i]);
    (void)event_base_dispatch(desk.base);
    for (size_t i = 0; i < desk.agent_count; i++)
        bufferevent_free(desk.agents[i].stream);
    event_free(asked);
    event_free(end);
    event_base_free(desk.base);
    return 0;
}
