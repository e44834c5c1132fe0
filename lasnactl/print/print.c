/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/print/print.h"

#include "base/format/text.h"

#include <inttypes.h>

enum { COLUMNS_MAX = 20, CELL_POINTS = 60 };

void print_json(const json_t *document)
{
    if (document == NULL)
        (void)fputs("{}", stdout);
    else
        (void)json_dumpf(document, stdout, JSON_INDENT(2));
    (void)fputc('\n', stdout);
}

/* The value at "visitor.name"; NULL: none. */
static const json_t *at(const json_t *object, const char *path)
{
    char name[32];

    while (object != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");

        (void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
        object = json_object_get(object, name);
        path += len + (path[len] != '\0');
    }
    return object;
}

const char *print_text_at(const json_t *object, const char *path)
{
    const char *text = json_string_value(at(object, path));

    return text != NULL ? text : "";
}

static void add_value(const json_t *value, struct buf *to);

static void add_list(const json_t *list, struct buf *to)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const json_t *tenant = json_object_get(item, "tenant");

        buf_add_text(to, i > 0 ? " " : "");
        add_value(tenant != NULL ? tenant : item, to);
    }
}

static void add_value(const json_t *value, struct buf *to)
{
    if (json_is_string(value))
        buf_add(to, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value))
        buf_addf(to, "%" PRId64, (int64_t)json_integer_value(value));
    else if (json_is_real(value))
        buf_addf(to, "%.2f", json_real_value(value));
    else if (json_is_boolean(value))
        buf_add_text(to, json_is_true(value) ? "yes" : "no");
    else if (json_is_array(value))
        add_list(value, to);
    else
        buf_add_text(to, "-");
}

/* One cell as it is printed. */
static void add_cell(const json_t *row, const char *path, struct buf *cell)
{
    AUTO_BUF raw;

    buf_init(&raw, 64 * 1024);
    buf_clear(cell);
    add_value(at(row, path), &raw);
    text_one_line(buf_slice(&raw), CELL_POINTS, cell);
}

static void print_padded(struct slice text, size_t width, bool last, FILE *to)
{
    size_t points = text_points(text);

    (void)fprintf(to, "%.*s%*s", SLICE_ARG(text),
                  last || points >= width ? 0 : (int)(width - points), "");
    (void)fputs(last ? "\n" : "  ", to);
}

static void measure(const json_t *rows, const struct column *columns, struct buf *cell,
                    size_t widths[COLUMNS_MAX])
{
    const json_t *row;
    size_t i;

    for (size_t c = 0; columns[c].title != NULL; c++)
        widths[c] = strlen(columns[c].title);
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; columns[c].title != NULL; c++) {
            size_t points;

            add_cell(row, columns[c].path, cell);
            points = text_points(buf_slice(cell));
            widths[c] = points > widths[c] ? points : widths[c];
        }
    }
}

void print_table(const json_t *rows, const struct column *columns, FILE *to)
{
    size_t widths[COLUMNS_MAX] = { 0 }, i;
    const json_t *row;
    AUTO_BUF cell;

    buf_init(&cell, 64 * 1024);
    measure(rows, columns, &cell, widths);
    for (size_t c = 0; columns[c].title != NULL; c++)
        print_padded(slice_of(columns[c].title), widths[c], columns[c + 1].title == NULL, to);
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; columns[c].title != NULL; c++) {
            add_cell(row, columns[c].path, &cell);
            print_padded(buf_slice(&cell), widths[c], columns[c + 1].title == NULL, to);
        }
    }
}

void print_facts(const json_t *object, const struct column *facts, FILE *to)
{
    AUTO_BUF cell;

    buf_init(&cell, 64 * 1024);
    for (; facts->title != NULL; facts++) {
        add_cell(object, facts->path, &cell);
        (void)fprintf(to, "%-13s %.*s\n", facts->title, SLICE_ARG(buf_slice(&cell)));
    }
}

static void print_lines(const json_t *lines, FILE *to)
{
    const json_t *line;
    size_t i;

    json_array_foreach(lines, i, line)(void) fprintf(to, "%s\n", json_string_value(line));
}

void print_done(const json_t *document, FILE *to)
{
    (void)document;
    (void)fputs("Done.\n", to);
}

void print_tenants(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "TENANT", "tenant" },           { "NAME", "name" },     { "LINK", "link" },
        { "DISABLED", "disabled" },       { "QUEUED", "queued" }, { "ACTIVE", "active" },
        { "AGENTS", "agents_available" }, { "DOMAIN", "domain" }, { .title = NULL },
    };

    print_table(items, columns, to);
}

/* Those that are not as built in, with the layer that says so. */
static void print_own_settings(const json_t *settings, FILE *to)
{
    const json_t *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)settings, key, value)
    {
        AUTO_BUF cell;

        buf_init(&cell, 4096);
        if (strcmp(print_text_at(value, "from"), "built-in") == 0)
            continue;
        add_cell(value, "value", &cell);
        (void)fprintf(to, "\n%s = %.*s (%s)", key, SLICE_ARG(buf_slice(&cell)),
                      print_text_at(value, "from"));
    }
    (void)fputc('\n', to);
}

void print_tenant(const json_t *tenant, FILE *to)
{
    static const struct column facts[] = {
        { "tenant", "tenant" },     { "name", "name" },          { "domain", "domain" },
        { "desk", "desk" },         { "link", "link" },          { "languages", "languages" },
        { "disabled", "disabled" }, { "created", "created_at" }, { "queued", "queued" },
        { "active", "active" },     { "visitors", "visitors" },  { "avatar", "avatar" },
        { .title = NULL },
    };
    static const struct column before[] = { { "was called", "former_names" }, { .title = NULL } };
    static const struct column sites[] = {
        { "SITE", "id" }, { "KEY", "key" }, { "ORIGINS", "origins" }, { .title = NULL }
    };

    print_facts(tenant, facts, to);
    if (json_array_size(at(tenant, "former_names")) > 0)
        print_facts(tenant, before, to);
    (void)fputc('\n', to);
    print_table(at(tenant, "sites"), sites, to);
    print_own_settings(at(tenant, "settings"), to);
    (void)fprintf(to, "\n%s\n", print_text_at(tenant, "snippet"));
}

void print_tenant_added(const json_t *tenant, FILE *to)
{
    (void)fprintf(to,
                  "Tenant %s is at %s; its desk is %s.\nPut this into the site's pages:\n\n%s\n",
                  print_text_at(tenant, "tenant"), print_text_at(tenant, "domain"),
                  print_text_at(tenant, "desk"), print_text_at(tenant, "snippet"));
    if (json_array_size(at(tenant, "to_do")) > 0) {
        (void)fputs("\nLeft for you to do:\n", to);
        print_lines(at(tenant, "to_do"), to);
    }
}

void print_agents(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "JID", "jid" }, { "NAME", "name" }, { "TENANTS", "tenants" }, { .title = NULL }
    };

    print_table(items, columns, to);
}

void print_agent(const json_t *agent, FILE *to)
{
    static const struct column facts[] = {
        { "jid", "jid" },         { "name", "name" },       { "created", "created_at" },
        { "revoked", "revoked" }, { "staffed", "staffed" }, { "limit", "limit" },
        { .title = NULL },
    };
    static const struct column tenants[] = {
        { "TENANT", "tenant" },   { "ROLE", "role" },     { "LIMIT", "limit" },
        { "PERSONA", "persona" }, { "SKILLS", "skills" }, { .title = NULL },
    };

    print_facts(agent, facts, to);
    (void)fputc('\n', to);
    print_table(at(agent, "tenants"), tenants, to);
}

void print_agent_added(const json_t *agent, FILE *to)
{
    const char *account = print_text_at(agent, "account");

    (void)fprintf(to, "Agent %s is known.\n", print_text_at(agent, "jid"));
    if (strcmp(account, "made") == 0)
        (void)fputs("The XMPP account was made.\n", to);
    else if (strcmp(account, "manual") == 0)
        (void)fputs("The XMPP account is not ours to make: make it on its server.\n", to);
}

void print_agent_set(const json_t *agent, FILE *to)
{
    long long limit = json_integer_value(at(agent, "limit"));

    if (limit > 0)
        (void)fprintf(to, "%s has at most %lld at once over all tenants.\n",
                      print_text_at(agent, "jid"), limit);
    else
        (void)fprintf(to, "%s has as many as each tenant lets.\n", print_text_at(agent, "jid"));
}

void print_staffed(const json_t *agent, FILE *to)
{
    (void)fprintf(to, "%s %s.\n", print_text_at(agent, "jid"),
                  json_is_true(at(agent, "staffed")) ? "is offered conversations again"
                                                     : "is offered nothing until staffed again");
}

void print_assigned(const json_t *member, FILE *to)
{
    const char *roster = print_text_at(member, "roster");

    (void)fprintf(to, "%s serves %s.\n", print_text_at(member, "jid"),
                  print_text_at(member, "tenant"));
    if (strcmp(roster, "changed") != 0)
        (void)fputs("The desk could not be put among the agent's contacts: add it by hand.\n", to);
}

void print_avatar(const json_t *avatar, FILE *to)
{
    static const struct column facts[] = {
        { "tenant", "tenant" }, { "agent", "jid" },   { "address", "address" },
        { "type", "type" },     { "width", "width" }, { "height", "height" },
        { "bytes", "bytes" },   { .title = NULL },
    };

    print_facts(avatar, facts, to);
}

void print_conversations(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "ID", "id" },
        { "STATE", "state" },
        { "OPENED", "opened_at" },
        { "ENDED", "ended_at" },
        { "VISITOR", "visitor.name" },
        { "AGENT", "agent" },
        { "MESSAGES", "last_seq" },
        { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_conversation(const json_t *conversation, FILE *to)
{
    static const struct column facts[] = {
        { "id", "id" },
        { "state", "state" },
        { "visitor", "visitor.name" },
        { "agent", "agent" },
        { "language", "language" },
        { "opened", "opened_at" },
        { "changed", "changed_at" },
        { "ended", "ended_at" },
        { "reason", "end_reason" },
        { "messages", "last_seq" },
        { .title = NULL },
    };

    print_facts(conversation, facts, to);
}

/* Each line of a text by itself, so that its breaks stay and nothing else gets through. */
static void print_text(const char *text, FILE *to)
{
    AUTO_BUF line;

    buf_init(&line, 64 * 1024);
    for (;;) {
        size_t len = strcspn(text, "\n");

        buf_clear(&line);
        text_one_line((struct slice){ text, len }, 4000, &line);
        (void)fprintf(to, "%.*s\n", SLICE_ARG(buf_slice(&line)));
        if (text[len] == '\0')
            return;
        text += len + 1;
        (void)fputs("                                ", to);
    }
}

void print_why(const json_t *answer, FILE *to)
{
    const json_t *lines = json_object_get(answer, "why");

    for (size_t i = 0; i < json_array_size(lines); i++)
        print_text(json_string_value(json_array_get(lines, i)), to);
}

static void print_message(const json_t *message, FILE *to)
{
    const char *name = print_text_at(message, "name");
    AUTO_BUF who;

    buf_init(&who, 1024);
    text_one_line(slice_of(name[0] != '\0' ? name : print_text_at(message, "from")), 18, &who);
    /* Of 2026-03-02T09:14:05.120Z the time of day. */
    (void)fprintf(to, "%.8s ",
                  strlen(print_text_at(message, "at")) > 19 ? print_text_at(message, "at") + 11
                                                            : "");
    (void)fprintf(to, "%c ", strcmp(print_text_at(message, "from"), "visitor") == 0 ? '<' : '>');
    print_padded(buf_slice(&who), 18, false, to);
    print_text(print_text_at(message, "text"), to);
}

void print_transcript(const json_t *transcript, FILE *to)
{
    static const struct column facts[] = {
        { "id", "id" },
        { "tenant", "tenant" },
        { "visitor", "visitor.name" },
        { "language", "language" },
        { "opened", "opened_at" },
        { "ended", "ended_at" },
        { "reason", "end_reason" },
        { .title = NULL },
    };
    const json_t *message;
    size_t i;

    print_facts(transcript, facts, to);
    (void)fputc('\n', to);
    json_array_foreach(at(transcript, "messages"), i, message) print_message(message, to);
}

void print_check(const json_t *report, FILE *to)
{
    const json_t *finding;
    size_t i;

    json_array_foreach(at(report, "findings"), i, finding)
    {
        const char *tenant = print_text_at(finding, "tenant");

        (void)fprintf(to, "%-8s %-8s %s%s", print_text_at(finding, "verdict"),
                      print_text_at(finding, "area"), tenant, tenant[0] != '\0' ? ": " : "");
        print_text(print_text_at(finding, "text"), to);
    }
    (void)fprintf(to, "%" PRId64 " problems.\n",
                  (int64_t)json_integer_value(at(report, "problems")));
}

void print_status(const json_t *status, FILE *to)
{
    static const struct column facts[] = {
        { "version", "version" },     { "started", "started_at" },     { "uptime s", "uptime_s" },
        { "provision", "provision" }, { "visitors", "visitors" },      { "queued", "queued" },
        { "active", "active" },       { "unsaved", "writes_waiting" }, { .title = NULL },
    };
    static const struct column tenants[] = {
        { "TENANT", "tenant" },     { "LINK", "link" },     { "DATABASE", "available" },
        { "QUEUED", "queued" },     { "ACTIVE", "active" }, { "AGENTS", "agents_available" },
        { "VISITORS", "visitors" }, { .title = NULL },
    };
    static const struct column certificates[] = {
        { "CERTIFICATE", "certificate" }, { "SERVED", "served" },   { "DAYS LEFT", "days_left" },
        { "PROBLEM", "problem" },         { "WARNING", "warning" }, { .title = NULL },
    };

    print_facts(status, facts, to);
    (void)fputc('\n', to);
    if (json_array_size(at(status, "certificates")) > 0) {
        print_table(at(status, "certificates"), certificates, to);
        (void)fputc('\n', to);
    }
    print_table(at(status, "tenants"), tenants, to);
}

void print_routes(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "METHOD", "method" }, { "PATH", "path" },       { "LEAST", "authority" },
        { "COST", "cost" },     { "SUMMARY", "summary" }, { .title = NULL },
    };

    print_table(items, columns, to);
}
