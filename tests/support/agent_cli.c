/* SPDX-License-Identifier: Apache-2.0
 *
 * lasna_agent — an agent on a real XMPP connection, for scripts and demonstrations.
 *
 *     lasna_agent --jid anna@agents.localhost/x --password-file F --port 5222 [--accept]
 *                 [--echo PREFIX]
 *
 * Prints a JSON object a line: {"online": true}, then {"from": JID, "text": TEXT} for each
 * message. Reads commands, a line each: `say JID TEXT` and `raw XML`. --accept takes every
 * offer; --echo answers each message of a visitor with PREFIX and its text. Ends with its input.
 */
#include "base/buf.h"
#include "base/id.h"
#include "tests/support/xmpp_client.h"

#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strophe.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, LINE_BYTES = 65536 };

struct agent {
    struct xmpp_client *client;
    xmpp_ctx_t *ctx;
    bool accepts;
    const char *echo; /* NULL: says nothing by itself */
    size_t next;      /* stanza not yet looked at */
    char line[LINE_BYTES];
    size_t line_len;
};

static void say(struct agent *agent, const char *to, const char *text)
{
    char id[ID_TEXT_BYTES];

    id_format(id_new(), id);
    xmpp_client_say(agent->client, to, id, text);
}

static void print_message(const char *from, const char *text)
{
    AUTO_BUF line;

    buf_init(&line, 1 << 20);
    buf_add_text(&line, "{\"from\": ");
    buf_add_json(&line, slice_of(from));
    buf_add_text(&line, ", \"text\": ");
    buf_add_json(&line, slice_of(text));
    (void)printf("%.*s}\n", SLICE_ARG(buf_slice(&line)));
    (void)fflush(stdout);
}

/* What every client does by itself: say that a message has arrived. */
static void receipt(struct agent *agent, const char *from, const char *id)
{
    AUTO_BUF xml;

    buf_init(&xml, 8192);
    buf_addf(&xml,
             "<message type='chat' to='%s'><received xmlns='urn:xmpp:receipts' id='%s'/>"
             "</message>",
             from, id);
    xmpp_client_send(agent->client, xml.data);
}

static void on_message(struct agent *agent, xmpp_stanza_t *message)
{
    const char *from = xmpp_stanza_get_from(message), *id = xmpp_stanza_get_id(message);
    char *body = xmpp_message_get_body(message), *reply;

    if (body == NULL || from == NULL)
        return;
    print_message(from, body);
    if (id != NULL && xmpp_stanza_get_child_by_ns(message, "urn:xmpp:receipts") != NULL)
        receipt(agent, from, id);
    if (strncmp(from, "desk@", 5) == 0) {
        if (agent->accepts && strstr(body, "reply ok") != NULL)
            say(agent, from, "ok");
    } else if (agent->echo != NULL && strncmp(body, "[lasna]", 7) != 0 &&
               asprintf(&reply, "%s%s", agent->echo, body) >= 0) {
        say(agent, from, reply);
        free(reply);
    }
    xmpp_free(agent->ctx, body);
}

static void look(struct agent *agent)
{
    const char *text;

    while ((text = xmpp_client_heard(agent->client, agent->next)) != NULL) {
        xmpp_stanza_t *stanza = xmpp_stanza_new_from_string(agent->ctx, text);

        agent->next++;
        if (stanza == NULL)
            continue;
        if (strcmp(xmpp_stanza_get_name(stanza), "message") == 0)
            on_message(agent, stanza);
        (void)xmpp_stanza_release(stanza);
    }
    xmpp_client_forget(agent->client);
    agent->next = 0;
}

static void obey(struct agent *agent, char *line)
{
    char *to, *text = NULL;

    if (strncmp(line, "raw ", 4) == 0) {
        xmpp_client_send(agent->client, line + 4);
        return;
    }
    if (strncmp(line, "say ", 4) == 0) {
        to = line + 4;
        text = strchr(to, ' ');
    }
    if (text == NULL) {
        (void)fprintf(stderr, "lasna_agent: not understood: %s\n", line);
        return;
    }
    *text++ = '\0';
    say(agent, to, text);
}

/* False: the input has ended. */
static bool read_commands(struct agent *agent)
{
    ssize_t got =
        read(STDIN_FILENO, agent->line + agent->line_len, sizeof(agent->line) - agent->line_len);
    char *begin = agent->line, *end;

    if (got <= 0)
        return false;
    agent->line_len += (size_t)got;
    while ((end = memchr(begin, '\n', agent->line_len - (size_t)(begin - agent->line))) != NULL) {
        *end = '\0';
        obey(agent, begin);
        begin = end + 1;
    }
    agent->line_len -= (size_t)(begin - agent->line);
    memmove(agent->line, begin, agent->line_len);
    return agent->line_len < sizeof(agent->line);
}

static void serve(struct agent *agent)
{
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

    for (;;) {
        xmpp_client_run(agent->client);
        look(agent);
        if (!xmpp_client_is_connected(agent->client)) {
            (void)fprintf(stderr, "lasna_agent: the connection ended\n");
            return;
        }
        if (poll(&input, 1, 5) > 0 && !read_commands(agent))
            return;
    }
}

static void read_password(const char *path, char *password, size_t size)
{
    FILE *file = fopen(path, "re");

    if (file == NULL || fgets(password, (int)size, file) == NULL) {
        (void)fprintf(stderr, "lasna_agent: no password in %s\n", path);
        exit(1);
    }
    password[strcspn(password, "\r\n")] = '\0';
    (void)fclose(file);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "jid", required_argument, NULL, 'j' },
        { "password-file", required_argument, NULL, 'w' },
        { "host", required_argument, NULL, 'h' },
        { "port", required_argument, NULL, 'p' },
        { "accept", no_argument, NULL, 'a' },
        { "echo", required_argument, NULL, 'e' },
        { 0 },
    };
    static struct agent agent;
    struct xmpp_client_setup setup = { .host = "127.0.0.1", .port = 5222 };
    char password[256] = "";
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            setup.jid = optarg;
        else if (option == 'w')
            read_password(optarg, password, sizeof(password));
        else if (option == 'h')
            setup.host = optarg;
        else if (option == 'p')
            setup.port = (unsigned short)strtoul(optarg, NULL, 10);
        else if (option == 'a')
            agent.accepts = true;
        else if (option == 'e')
            agent.echo = optarg;
        else
            return 2;
    }
    if (setup.jid == NULL)
        return 2;
    setup.password = password;
    agent.client = xmpp_client_new(&setup, PATIENCE_MS);
    if (agent.client == NULL) {
        (void)fprintf(stderr, "lasna_agent: cannot log in as %s\n", setup.jid);
        return 1;
    }
    agent.ctx = xmpp_ctx_new(NULL, NULL);
    (void)printf("{\"online\": true}\n");
    (void)fflush(stdout);
    serve(&agent);
    xmpp_client_free(agent.client);
    xmpp_ctx_free(agent.ctx);
    return 0;
}
