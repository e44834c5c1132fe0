/* SPDX-License-Identifier: Apache-2.0
 *
 * xmpp_sink — in place of an XMPP server and its agents, for measuring everything but them.
 *
 * It accepts components (XEP-0114) under any secret, returns barriers, says yes to provisioning
 * and swallows messages. It also plays agents: available to each desk, taking every offer,
 * receipting every message of a visitor, and, with --rate, saying something to the visitors
 * they serve, so many messages a second over all of them, evenly (open loop), or, with --answer,
 * answering each of a visitor's words at once.
 *
 * With --seats an agent sits at each desk that asks for them: away and back again, --flap N times a
 * second over all from the first SIGUSR2 on, but for --watched JID, who changes at each.
 *
 * Texts that begin with "@<steady microseconds> " are timed; ours do too.
 *
 *     xmpp_sink [--port N] [--agents anna@agents.localhost,ben@…] [--rate N] [--answer]
 *               [--no-receipts] [--seats] [--flap N] [--watched JID]
 *
 * Prints `{"port": N}` when it listens, and its counts as a JSON line each second and at the
 * end. SIGUSR1 asks for that line now, and times anew from there.
 */
#include "base/clock.h"
#include "bench/latency.h"
#include "bench/seats.h"
#include "bench/stanza.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    AGENTS_MAX = 64,
    DOMAIN_MAX = 256,
    CONTACTS_MAX = 65536,
    PLACES = 4 * CONTACTS_MAX,
    OUT_MAX = 64 << 20
};

struct contact {
    char jid[320];   /* v…@acme.chat.localhost */
    char agent[256]; /* who took it */
    struct component *component;
};

struct component {
    struct sink *sink;
    struct bufferevent *stream;
    char domain[DOMAIN_MAX];
    bool ready;
    struct component *next;
};

struct counts {
    uint64_t from_visitors, from_desk, presences, receipts_sent, sent, receipts_got, barriers, iqs,
        errors;
};

struct sink {
    struct event_base *base;
    struct component *components; /* owned */
    char *agents[AGENTS_MAX];     /* borrowed from argv */
    size_t agent_count, next_agent;
    bool no_receipts, answers;
    unsigned rate;
    struct contact *contacts; /* owned */
    size_t contact_count, next_contact;
    uint32_t *places; /* owned; by hash of the JID: 1 + place in contacts; 0: free */
    uint64_t rate_since_us, rate_sent; /* open loop: what is due by now */
    uint64_t last_id;
    bool sits; /* agents sit where they are asked for */
    struct seats seats;
    struct counts counts, told;
    struct latency latency; /* visitor's intention → here */
};

/* ---- speaking ---------------------------------------------------------------------------- */

static void say(struct component *component, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct component *component, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)evbuffer_add_vprintf(bufferevent_get_output(component->stream), format, args);
    va_end(args);
}

static void show_agents(struct component *component)
{
    for (size_t i = 0; i < component->sink->agent_count; i++)
        say(component, "<presence from='%s/sink' to='desk@%s'/>", component->sink->agents[i],
            component->domain);
}

/* An agent's word to a visitor's contact, which was due at that time. */
static void say_to_visitor(struct component *component, struct slice agent, struct slice contact,
                           uint64_t due_us)
{
    struct sink *sink = component->sink;

    sink->counts.sent++;
    say(component,
        "<message type='chat' from='%.*s/sink' to='%.*s' id='s%" PRIu64 "'><body>@%" PRIu64
        " something an agent would say</body>%s</message>",
        SLICE_ARG(agent), SLICE_ARG(contact), ++sink->last_id, due_us,
        sink->no_receipts ? "" : "<request xmlns='urn:xmpp:receipts'/>");
}

static void say_to_contact(const struct contact *contact, uint64_t due_us)
{
    if (contact->component != NULL && contact->component->ready)
        say_to_visitor(contact->component, slice_of(contact->agent), slice_of(contact->jid),
                       due_us);
}

/* As many as are due since the start, whatever has become of the earlier ones. */
static void on_rate(evutil_socket_t fd, short what, void *context)
{
    uint64_t now_us = clock_steady_us(), due_us;
    struct sink *sink = context;

    (void)fd;
    (void)what;
    if (sink->contact_count == 0) {
        sink->rate_since_us = now_us;
        sink->rate_sent = 0;
        return;
    }
    for (;;) {
        due_us = sink->rate_since_us + sink->rate_sent * 1000000 / sink->rate;
        if (due_us > now_us)
            return;
        say_to_contact(&sink->contacts[sink->next_contact++ % sink->contact_count], due_us);
        sink->rate_sent++;
    }
}

static void on_flap(evutil_socket_t fd, short what, void *context)
{
    struct sink *sink = context;

    (void)fd;
    (void)what;
    seats_run(&sink->seats, clock_steady_us());
}

/* ---- hearing ----------------------------------------------------------------------------- */

static uint32_t *place_of(struct sink *sink, struct slice jid)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < jid.len; i++)
        hash = (hash ^ (unsigned char)jid.data[i]) * 16777619u;
    hash %= PLACES;
    while (sink->places[hash] != 0 && !slice_is(jid, sink->contacts[sink->places[hash] - 1].jid))
        hash = (hash + 1) % PLACES;
    return &sink->places[hash];
}

static void meet(struct component *component, struct slice jid, struct slice agent)
{
    struct sink *sink = component->sink;
    uint32_t *place = place_of(sink, jid);
    struct contact *contact;

    if (*place == 0) {
        if (sink->contact_count == CONTACTS_MAX)
            return;
        contact = &sink->contacts[sink->contact_count++];
        (void)slice_copy(jid, contact->jid, sizeof(contact->jid));
        *place = (uint32_t)sink->contact_count;
    }
    contact = &sink->contacts[*place - 1];
    contact->component = component;
    (void)slice_copy(agent, contact->agent, sizeof(contact->agent));
}

/* A visitor's words to the agent: receipted; and whoever writes is a contact from then on. */
static void from_visitor(struct component *component, struct slice from, struct slice to,
                         struct slice id, const struct stanza *stanza)
{
    uint64_t said_us = stanza_stamp_us(stanza_between(stanza->text, "<body>", '<'));
    uint64_t now_us = clock_steady_us();
    struct sink *sink = component->sink;

    sink->counts.from_visitors++;
    if (said_us != 0 && said_us <= now_us)
        latency_add(&sink->latency, now_us - said_us);
    if (sink->rate > 0)
        meet(component, from, to);
    if (sink->answers && said_us != 0)
        say_to_visitor(component, to, from, now_us);
    if (sink->no_receipts || stanza_find(stanza->text, "<request xmlns=") == NULL)
        return;
    sink->counts.receipts_sent++;
    say(component,
        "<message type='chat' from='%.*s/sink' to='%.*s'>"
        "<received xmlns='urn:xmpp:receipts' id='%.*s'/></message>",
        SLICE_ARG(to), SLICE_ARG(from), SLICE_ARG(id));
}

static void on_message(struct component *component, const struct stanza *stanza)
{
    struct slice from = stanza_attribute(stanza, " from="), to = stanza_attribute(stanza, " to="),
                 id = stanza_attribute(stanza, " id="), body;
    struct sink *sink = component->sink;

    if (slice_is(stanza_attribute(stanza, " type="), "error")) {
        sink->counts.errors++;
        return;
    }
    if (stanza_find(stanza->text, "<received xmlns=") != NULL) {
        sink->counts.receipts_got++;
        return;
    }
    body = stanza_between(stanza->text, "<body>", '<');
    if (body.len == 0)
        return;
    if (!slice_starts_with(from, "desk@")) {
        from_visitor(component, from, to, id, stanza);
        return;
    }
    sink->counts.from_desk++;
    if (stanza_find(body, "reply ok") != NULL)
        say(component,
            "<message type='chat' from='%.*s/sink' to='desk@%s' id='s%" PRIu64
            "'><body>ok</body></message>",
            SLICE_ARG(to), component->domain, ++sink->last_id);
}

static void show_seat(const struct seat *seat)
{
    say(seat->where, "<presence from='%s/sink' to='%s'>%s</presence>", seat->agent, seat->desk,
        seat->away ? "<show>away</show>" : "");
}

static void on_presence(struct component *component, const struct stanza *stanza)
{
    struct sink *sink = component->sink;

    sink->counts.presences++;
    if (!slice_is(stanza_attribute(stanza, " type="), "probe"))
        return;
    if (sink->sits)
        seats_asked(&sink->seats, component, stanza_attribute(stanza, " to="),
                    stanza_attribute(stanza, " from="));
    else
        say(component, "<presence from='%.*s/sink' to='%.*s'/>",
            SLICE_ARG(stanza_attribute(stanza, " to=")),
            SLICE_ARG(stanza_attribute(stanza, " from=")));
}

/* Barriers return as they came; whatever is to be set is done; what is asked is not known. */
static void on_iq(struct component *component, const struct stanza *stanza)
{
    struct slice from = stanza_attribute(stanza, " from="), to = stanza_attribute(stanza, " to="),
                 id = stanza_attribute(stanza, " id=");
    struct sink *sink = component->sink;

    if (slice_starts_with(id, "barrier-")) {
        sink->counts.barriers++;
        (void)bufferevent_write(component->stream, stanza->text.data, stanza->text.len);
        return;
    }
    sink->counts.iqs++;
    if (slice_is(stanza_attribute(stanza, " type="), "set"))
        say(component,
            "<iq type='result' from='%.*s' to='%.*s' id='%.*s'>"
            "<command xmlns='http://jabber.org/protocol/commands' status='completed'/></iq>",
            SLICE_ARG(to), SLICE_ARG(from), SLICE_ARG(id));
    else if (slice_is(stanza_attribute(stanza, " type="), "get"))
        say(component,
            "<iq type='error' from='%.*s' to='%.*s' id='%.*s'><error type='wait'>"
            "<remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            SLICE_ARG(to), SLICE_ARG(from), SLICE_ARG(id));
}

static void on_stream(struct component *component, const struct stanza *stanza)
{
    (void)slice_copy(stanza_attribute(stanza, " to="), component->domain,
                     sizeof(component->domain));
    say(component,
        "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
        "xmlns='jabber:component:accept' id='sink' from='%s'>",
        component->domain);
}

static void on_handshake(struct component *component, const struct stanza *stanza)
{
    (void)stanza;
    component->ready = true;
    say(component, "<handshake/>");
    show_agents(component);
}

static void on_end(struct component *component, const struct stanza *stanza)
{
    (void)stanza;
    say(component, "</stream:stream>");
}

static void handle(struct component *component, const struct stanza *stanza)
{
    static const struct {
        const char *start;
        void (*handle)(struct component *, const struct stanza *);
    } kinds[] = {
        { "<message", on_message },     { "<iq", on_iq },
        { "<presence", on_presence },   { "<stream:stream", on_stream },
        { "<handshake", on_handshake }, { "</stream:stream", on_end },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (slice_starts_with(stanza->text, kinds[i].start)) {
            kinds[i].handle(component, stanza);
            return;
        }
    }
}

static void on_read(struct bufferevent *stream, void *context)
{
    struct component *component = context;
    struct evbuffer *in = bufferevent_get_input(stream);
    struct slice text = { (const char *)evbuffer_pullup(in, -1), evbuffer_get_length(in) };
    size_t done = 0;

    for (;;) {
        struct slice rest = { text.data + done, text.len - done };
        struct stanza stanza;

        while (rest.len > 0 && rest.data[0] != '<') {
            rest.data++;
            rest.len--;
            done++;
        }
        if (rest.len < 2)
            break;
        stanza = stanza_next(rest);
        if (stanza.text.len == 0)
            break;
        handle(component, &stanza);
        done += stanza.text.len;
    }
    (void)evbuffer_drain(in, done);
    if (evbuffer_get_length(bufferevent_get_output(stream)) > OUT_MAX) {
        (void)fprintf(stderr, "xmpp_sink: a component does not read\n");
        exit(1);
    }
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
    struct component *component = context, **at = &component->sink->components;

    (void)what;
    seats_forget(&component->sink->seats, component);
    for (size_t i = 0; i < component->sink->contact_count; i++) {
        if (component->sink->contacts[i].component == component)
            component->sink->contacts[i].component = NULL;
    }
    while (*at != component)
        at = &(*at)->next;
    *at = component->next;
    bufferevent_free(stream);
    free(component);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                      int len, void *context)
{
    struct component *component = calloc(1, sizeof(*component));
    struct sink *sink = context;
    int on = 1;

    (void)listener;
    (void)from;
    (void)len;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    component->sink = sink;
    component->stream = bufferevent_socket_new(sink->base, fd, BEV_OPT_CLOSE_ON_FREE);
    component->next = sink->components;
    sink->components = component;
    (void)bufferevent_set_max_single_read(component->stream, 256 << 10);
    (void)bufferevent_set_max_single_write(component->stream, 256 << 10);
    bufferevent_setcb(component->stream, on_read, NULL, on_event, component);
    (void)bufferevent_enable(component->stream, EV_READ | EV_WRITE);
}

/* ---- telling ----------------------------------------------------------------------------- */

static void report(struct sink *sink, bool final)
{
    const struct counts *now = &sink->counts;
    struct rusage used;
    AUTO_BUF latency;

    buf_init(&latency, 4096);
    latency_add_json(&sink->latency, &latency);

    (void)getrusage(RUSAGE_SELF, &used);
    (void)printf(
        "{\"final\": %s, \"from_visitors\": %" PRIu64 ", \"from_visitors_last\": %" PRIu64
        ", \"sent\": %" PRIu64 ", \"receipts_sent\": %" PRIu64 ", \"receipts_got\": %" PRIu64
        ", \"from_desk\": %" PRIu64 ", \"barriers\": %" PRIu64 ", \"errors\": %" PRIu64
        ", \"seats\": %u, \"changed\": %" PRIu64
        ", \"contacts\": %zu, \"cpu_us\": %ld, \"latency_us\": %.*s}\n",
        final ? "true" : "false", now->from_visitors, now->from_visitors - sink->told.from_visitors,
        now->sent, now->receipts_sent, now->receipts_got, now->from_desk, now->barriers,
        now->errors, sink->seats.count, sink->seats.changed, sink->contact_count,
        (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 + used.ru_utime.tv_usec +
            used.ru_stime.tv_usec,
        SLICE_ARG(buf_slice(&latency)));
    (void)fflush(stdout);
    sink->told = *now;
}

static void on_second(evutil_socket_t fd, short what, void *context)
{
    struct sink *sink = context;

    (void)fd;
    (void)what;
    if (memcmp(&sink->told, &sink->counts, sizeof(sink->told)) != 0)
        report(sink, false);
}

static void on_asked(evutil_socket_t fd, short what, void *context)
{
    struct sink *sink = context;

    (void)fd;
    (void)what;
    report(sink, false);
    sink->latency = (struct latency){ .count = 0 };
}

/* When, by the clock all processes have. */
static void on_toggle(evutil_socket_t fd, short what, void *context)
{
    struct sink *sink = context;

    (void)fd;
    (void)what;
    (void)printf("{\"toggled_us\": %" PRIu64 "}\n", clock_steady_us());
    (void)fflush(stdout);
    seats_toggle_watched(&sink->seats);
}

static void on_signal(evutil_socket_t fd, short what, void *context)
{
    struct sink *sink = context;

    (void)fd;
    (void)what;
    (void)event_base_loopbreak(sink->base);
}

static void add_agents(struct sink *sink, char *list)
{
    char *rest = NULL;

    for (char *jid = strtok_r(list, ",", &rest); jid != NULL && sink->agent_count < AGENTS_MAX;
         jid = strtok_r(NULL, ",", &rest))
        sink->agents[sink->agent_count++] = jid;
}

static unsigned short read_options(struct sink *sink, int argc, char **argv)
{
    static const struct option options[] = { { "port", required_argument, NULL, 'p' },
                                             { "agents", required_argument, NULL, 'a' },
                                             { "rate", required_argument, NULL, 'r' },
                                             { "answer", no_argument, NULL, 'w' },
                                             { "no-receipts", no_argument, NULL, 'n' },
                                             { "seats", no_argument, NULL, 's' },
                                             { "flap", required_argument, NULL, 'f' },
                                             { "watched", required_argument, NULL, 'W' },
                                             { 0 } };
    unsigned short port = 0;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            port = (unsigned short)strtoul(optarg, NULL, 10);
        else if (option == 'a')
            add_agents(sink, optarg);
        else if (option == 'r')
            sink->rate = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'w')
            sink->answers = true;
        else if (option == 'n')
            sink->no_receipts = true;
        else if (option == 's')
            sink->sits = true;
        else if (option == 'f')
            sink->seats.rate = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'W')
            sink->seats.watched = optarg;
        else
            exit(2);
    }
    return port;
}

static struct evconnlistener *listen_on(struct sink *sink, unsigned short port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof(address);
    struct evconnlistener *listener = evconnlistener_new_bind(
        sink->base, on_accept, sink, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 128,
        (struct sockaddr *)&address, sizeof(address));

    if (listener == NULL ||
        getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &len) != 0) {
        (void)fprintf(stderr, "xmpp_sink: cannot listen on port %u: %s\n", port, strerror(errno));
        exit(1);
    }
    (void)printf("{\"port\": %u}\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return listener;
}

int main(int argc, char **argv)
{
    static const struct timeval second = { 1, 0 }, millisecond = { 0, 1000 };
    struct sink sink = { .base = event_base_new(), .seats = { .show = show_seat } };
    unsigned short port = read_options(&sink, argc, argv);
    struct evconnlistener *listener = listen_on(&sink, port);
    struct event *events[7] = {
        event_new(sink.base, -1, EV_PERSIST, on_second, &sink),
        event_new(sink.base, -1, EV_PERSIST, on_rate, &sink),
        evsignal_new(sink.base, SIGTERM, on_signal, &sink),
        evsignal_new(sink.base, SIGINT, on_signal, &sink),
        evsignal_new(sink.base, SIGUSR1, on_asked, &sink),
        evsignal_new(sink.base, SIGUSR2, on_toggle, &sink),
        event_new(sink.base, -1, EV_PERSIST, on_flap, &sink),
    };

    sink.contacts = calloc(CONTACTS_MAX, sizeof(*sink.contacts));
    sink.seats.all = calloc(SEATS_MAX, sizeof(*sink.seats.all));
    sink.places = calloc(PLACES, sizeof(*sink.places));
    (void)signal(SIGPIPE, SIG_IGN);
    (void)event_add(events[0], &second);
    if (sink.rate > 0)
        (void)event_add(events[1], &millisecond);
    (void)event_add(events[2], NULL);
    (void)event_add(events[3], NULL);
    (void)event_add(events[4], NULL);
    (void)event_add(events[5], NULL);
    if (sink.seats.rate > 0)
        (void)event_add(events[6], &millisecond);
    (void)event_base_dispatch(sink.base);
    report(&sink, true);
    for (size_t i = 0; i < 7; i++)
        event_free(events[i]);
    while (sink.components != NULL)
        on_event(sink.components->stream, 0, sink.components);
    evconnlistener_free(listener);
    event_base_free(sink.base);
    free(sink.seats.all);
    free(sink.contacts);
    free(sink.places);
    return 0;
}
