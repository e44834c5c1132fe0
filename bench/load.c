/* SPDX-License-Identifier: Apache-2.0
 *
 * load — visitors by the thousand, spread over tenants, driven by commands on its input:
 *
 *     load --port N --site acme=KEY [--site borealis=KEY …] [--tls]
 *
 *     connect N              until N are there, at most 64 at the door at a time
 *     say RATE SECONDS K     the first K say RATE words a second over all of them, evenly, whether
 *                            or not earlier ones were answered (open loop)
 *     turns SECONDS K        each of the first K says its next word when the agent's answer to
 *                            the last has come (closed loop): as fast as it goes
 *     await N                how many of what is said is still to be answered by an agent: all
 *                            (1, first) or nothing (0); what a command waits for at its end
 *     close                  all leave
 *
 * Each command is answered by a JSON line when it is done; `say` and `turns` print
 * {"begun": true} first. Latencies count from when the word was due, not from when it was sent,
 * so a stall is charged to every word it held up (no coordinated omission).
 */
#include "base/clock.h"
#include "bench/latency.h"
#include "bench/visitor.h"

#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { VISITORS_MAX = 19000, SITES_MAX = 128, AT_THE_DOOR = 64, LINE_BYTES = 256 };
static const uint64_t settle_us = 120 * 1000000; /* words that are not answered by then are lost */

enum doing { DOING_NOTHING, DOING_CONNECT, DOING_SAY, DOING_TURNS, DOING_SETTLE };

struct counts {
    uint64_t said, saved, heard, received, refused;
};

struct load {
    struct visitor_setup setup;
    struct site sites[SITES_MAX];
    size_t site_count;
    struct visitor visitors[VISITORS_MAX];
    size_t opened, live, lost;
    bool answered; /* agents answer what is said */
    enum doing doing;
    size_t wanted;   /* DOING_CONNECT */
    size_t speakers; /* DOING_SAY, DOING_TURNS */
    uint64_t rate, began_us, until_us, settle_by_us;
    struct counts counts;
    struct latency ticks, words; /* due → `saved`; an agent's word → its frame */
    char line[LINE_BYTES];
    size_t line_len;
    struct event *pace, *commands;
};

/* ---- answers to commands ----------------------------------------------------------------- */

static void finish(struct load *load)
{
    load->doing = DOING_NOTHING;
    (void)event_del(load->pace);
    (void)event_add(load->commands, NULL);
    (void)fflush(stdout);
}

static void report_connected(struct load *load)
{
    (void)printf("{\"done\": \"connect\", \"live\": %zu, \"lost\": %zu, \"us\": %" PRIu64 "}\n",
                 load->live, load->lost, clock_steady_us() - load->began_us);
    finish(load);
}

static void report_said(struct load *load)
{
    const struct counts *counts = &load->counts;
    struct rusage used;
    AUTO_BUF ticks, words;

    buf_init(&ticks, 1024);
    buf_init(&words, 1024);
    latency_add_json(&load->ticks, &ticks);
    latency_add_json(&load->words, &words);
    (void)getrusage(RUSAGE_SELF, &used);
    (void)printf("{\"done\": \"say\", \"said\": %" PRIu64 ", \"saved\": %" PRIu64
                 ", \"heard\": %" PRIu64 ", \"receipts\": %" PRIu64 ", \"refused\": %" PRIu64
                 ", \"lost\": %zu, \"us\": %" PRIu64 ", \"tick_us\": %.*s, \"word_us\": %.*s}\n",
                 counts->said, counts->saved, counts->heard, counts->received, counts->refused,
                 load->lost, clock_steady_us() - load->began_us, SLICE_ARG(buf_slice(&ticks)),
                 SLICE_ARG(buf_slice(&words)));
    finish(load);
}

static bool is_settled(const struct load *load)
{
    const struct counts *counts = &load->counts;

    return counts->saved + counts->refused >= counts->said &&
           (!load->answered || counts->heard + counts->refused >= counts->said);
}

static void settle(struct load *load)
{
    if (is_settled(load) || clock_steady_us() > load->settle_by_us)
        report_said(load);
}

/* ---- what visitors tell ------------------------------------------------------------------ */

static void fill_the_door(struct load *load);

static void say(struct load *load, struct visitor *visitor, uint64_t due_us)
{
    load->counts.said++;
    visitor_say(visitor, due_us);
}

static void on_welcomed(void *context, struct visitor *visitor)
{
    struct load *load = context;

    (void)visitor;
    load->live++;
    if (load->doing == DOING_CONNECT)
        fill_the_door(load);
}

static void next_turn(struct load *load, struct visitor *visitor)
{
    uint64_t now_us = clock_steady_us();

    if (load->doing == DOING_TURNS && now_us < load->until_us)
        say(load, visitor, now_us);
}

static void on_saved(void *context, struct visitor *visitor, uint64_t due_us)
{
    struct load *load = context;

    load->counts.saved++;
    latency_add(&load->ticks, clock_steady_us() - due_us);
    if (!load->answered)
        next_turn(load, visitor);
}

static void on_heard(void *context, struct visitor *visitor, uint64_t said_us)
{
    struct load *load = context;

    load->counts.heard++;
    latency_add(&load->words, clock_steady_us() - said_us);
    if (load->answered)
        next_turn(load, visitor);
}

static void on_received(void *context, struct visitor *visitor)
{
    struct load *load = context;

    (void)visitor;
    load->counts.received++;
}

static void on_refused(void *context, struct visitor *visitor)
{
    struct load *load = context;

    (void)visitor;
    load->counts.refused++;
}

static void on_gone(void *context, struct visitor *visitor)
{
    struct load *load = context;

    (void)visitor;
    load->lost++;
    if (load->doing == DOING_CONNECT)
        fill_the_door(load);
}

static const struct visitor_handlers handlers = { .welcomed = on_welcomed,
                                                  .saved = on_saved,
                                                  .heard = on_heard,
                                                  .received = on_received,
                                                  .refused = on_refused,
                                                  .gone = on_gone };

/* ---- commands ---------------------------------------------------------------------------- */

static void fill_the_door(struct load *load)
{
    while (load->opened < load->wanted && load->opened - load->live - load->lost < AT_THE_DOOR) {
        size_t number = load->opened++;

        visitor_open(&load->visitors[number], &load->setup, &load->sites[number % load->site_count],
                     (unsigned)number);
    }
    if (load->doing == DOING_CONNECT && load->live + load->lost >= load->wanted)
        report_connected(load);
}

static void say_what_is_due(struct load *load, uint64_t now_us)
{
    for (;;) {
        uint64_t nth = load->counts.said, due_us = load->began_us + nth * 1000000 / load->rate;

        if (due_us > now_us || due_us >= load->until_us)
            return;
        say(load, &load->visitors[nth % load->speakers], due_us);
    }
}

static void on_pace(evutil_socket_t fd, short what, void *context)
{
    uint64_t now_us = clock_steady_us();
    struct load *load = context;

    (void)fd;
    (void)what;
    if (load->doing == DOING_SAY)
        say_what_is_due(load, now_us);
    if (load->doing != DOING_SETTLE && now_us >= load->until_us) {
        load->doing = DOING_SETTLE;
        load->settle_by_us = now_us + settle_us;
    }
    if (load->doing == DOING_SETTLE)
        settle(load);
}

static void begin(struct load *load, enum doing doing, uint64_t seconds, size_t speakers)
{
    static const struct timeval millisecond = { 0, 1000 };

    load->counts = (struct counts){ 0 };
    load->ticks = load->words = (struct latency){ .count = 0 };
    load->doing = doing;
    load->speakers = speakers < load->opened ? speakers : load->opened;
    load->began_us = clock_steady_us();
    load->until_us = load->began_us + seconds * 1000000;
    (void)printf("{\"begun\": true}\n");
    (void)fflush(stdout);
    (void)event_add(load->pace, &millisecond);
    for (size_t i = 0; doing == DOING_TURNS && i < load->speakers; i++)
        say(load, &load->visitors[i], clock_steady_us());
}

static void close_all(struct load *load)
{
    for (size_t i = 0; i < load->opened; i++)
        visitor_close(&load->visitors[i]);
    load->opened = load->live = load->lost = 0;
    (void)printf("{\"done\": \"close\"}\n");
    finish(load);
}

static void obey(struct load *load, const char *line)
{
    uint64_t a = 0, b = 0, c = 0;

    (void)event_del(load->commands); /* one at a time */
    if (sscanf(line, "connect %" SCNu64, &a) == 1 && a <= VISITORS_MAX) {
        load->doing = DOING_CONNECT;
        load->wanted = a;
        load->began_us = clock_steady_us();
        fill_the_door(load);
    } else if (sscanf(line, "say %" SCNu64 " %" SCNu64 " %" SCNu64, &a, &b, &c) == 3 && a > 0) {
        load->rate = a;
        begin(load, DOING_SAY, b, c);
    } else if (sscanf(line, "turns %" SCNu64 " %" SCNu64, &a, &b) == 2) {
        begin(load, DOING_TURNS, a, b);
    } else if (sscanf(line, "await %" SCNu64, &a) == 1) {
        load->answered = a != 0;
        (void)printf("{\"done\": \"await\"}\n");
        finish(load);
    } else if (strcmp(line, "close") == 0) {
        close_all(load);
    } else {
        (void)fprintf(stderr, "load: not understood: %s\n", line);
        exit(2);
    }
}

static void on_command(evutil_socket_t fd, short what, void *context)
{
    struct load *load = context;
    ssize_t got = read(fd, load->line + load->line_len, sizeof(load->line) - load->line_len);
    char *end;

    (void)what;
    if (got <= 0) {
        (void)event_base_loopbreak(load->setup.base);
        return;
    }
    load->line_len += (size_t)got;
    end = memchr(load->line, '\n', load->line_len);
    if (end == NULL)
        return;
    *end = '\0';
    load->line_len = 0; /* the driver waits for each answer, so one line is all there is */
    obey(load, load->line);
}

/* ---- starting ---------------------------------------------------------------------------- */

static void add_site(struct load *load, char *text)
{
    char *key = strchr(text, '=');

    if (key == NULL || load->site_count == SITES_MAX)
        exit(2);
    *key++ = '\0';
    load->sites[load->site_count++] = (struct site){ .tenant = text, .key = key };
}

static void read_options(struct load *load, int argc, char **argv)
{
    static const struct option options[] = { { "port", required_argument, NULL, 'p' },
                                             { "site", required_argument, NULL, 's' },
                                             { "tls", no_argument, NULL, 't' },
                                             { 0 } };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            load->setup.port = (unsigned short)strtoul(optarg, NULL, 10);
        else if (option == 's')
            add_site(load, optarg);
        else if (option == 't')
            load->setup.tls = SSL_CTX_new(TLS_client_method());
        else
            exit(2);
    }
    if (load->setup.port == 0 || load->site_count == 0) {
        (void)fprintf(stderr, "load: needs --port and at least one --site\n");
        exit(2);
    }
}

/* A connection a visitor: as many descriptors as we may have. */
static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    static struct load load;

    load.setup.base = event_base_new();
    load.setup.handlers = &handlers;
    load.setup.context = &load;
    read_options(&load, argc, argv);
    raise_limit();
    (void)signal(SIGPIPE, SIG_IGN);
    load.pace = event_new(load.setup.base, -1, EV_PERSIST, on_pace, &load);
    load.commands =
        event_new(load.setup.base, STDIN_FILENO, EV_READ | EV_PERSIST, on_command, &load);
    (void)event_add(load.commands, NULL);
    (void)event_base_dispatch(load.setup.base);
    SSL_CTX_free(load.setup.tls);
    return 0;
}
