/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/client.h"

#include "base/format/text.h"
#include "base/id.h"
#include "lasnactl/args.h"
#include "lasnactl/print/print.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>

#define API "http://lasna/api/v1"

enum { DOCUMENT_MAX_BYTES = 64 * 1024 * 1024, ASK_SECONDS = 90, STALL_SECONDS = 60 };

struct client {
    CURL *curl;
    char *socket;
    char key[ID_TEXT_BYTES]; /* of the next question; "": none */
    int folder;              /* of the socket, where its path is too long for an address */
    bool json;
};

int complain(int code, const char *format, ...)
{
    va_list list;

    (void)fputs("lasnactl: ", stderr);
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    (void)fputc('\n', stderr);
    return code;
}

/* An address holds 107 bytes. A longer path is named through its opened folder. */
static char *short_path(struct client *client, const char *path)
{
    const char *slash = strrchr(path, '/');
    AUTO_MEM char *folder = NULL;
    char *name = NULL;

    if (strlen(path) < sizeof(((struct sockaddr_un *)NULL)->sun_path) || slash == NULL)
        return strdup(path);
    folder = strndup(path, (size_t)(slash - path));
    if (folder != NULL)
        client->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (client->folder < 0 || asprintf(&name, "/proc/self/fd/%d%s", client->folder, slash) < 0)
        return strdup(path);
    return name;
}

struct client *client_open(const char *socket, bool json)
{
    AUTO(client) client = calloc(1, sizeof(*client));
    struct client *opened = client;

    if (client == NULL)
        return NULL;
    client->folder = -1;
    client->json = json;
    client->socket = short_path(client, socket);
    client->curl = curl_easy_init();
    if (client->socket == NULL || client->curl == NULL)
        return NULL;
    client = NULL;
    return opened;
}

struct client *client_free(struct client *client)
{
    if (client == NULL)
        return NULL;
    curl_easy_cleanup(client->curl);
    if (client->folder >= 0)
        (void)close(client->folder);
    free(client->socket);
    free(client);
    return NULL;
}

bool client_reaches(const struct client *client)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool reaches =
        fd >= 0 &&
        slice_copy(slice_of(client->socket), address.sun_path, sizeof(address.sun_path)) &&
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

    if (fd >= 0)
        (void)close(fd);
    return reaches;
}

/* What every request has: our socket and nothing from the environment. */
static void prepare(struct client *client, const char *method, const char *url)
{
    CURL *curl = client->curl;

    curl_easy_reset(curl);
    (void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    (void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
}

/* The daemon heard us, and we do not know what it did. */
static bool is_lost(CURLcode code)
{
    return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
}

static int explain(const struct client *client, CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return EXIT_DONE;
    case CURLE_COULDNT_CONNECT:
        return complain(EXIT_UNREACHABLE, "no daemon answers at %s. Is lasnad running?",
                        client->socket);
    case CURLE_OPERATION_TIMEDOUT:
        return complain(EXIT_UNREACHABLE, "the daemon at %s does not answer in time.",
                        client->socket);
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return complain(EXIT_UNREACHABLE, "the daemon at %s went away while it was asked.",
                        client->socket);
    case CURLE_PARTIAL_FILE:
        return complain(EXIT_REFUSED, "the answer broke off; the daemon's log says why.");
    default:
        return complain(EXIT_REFUSED, "%s.", curl_easy_strerror(code));
    }
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    buf_add(context, bytes, size * count);
    return buf_failed(context) ? 0 : size * count;
}

static unsigned status_of(CURL *curl)
{
    long status = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return (unsigned)status;
}

static int read_reply(struct client *client, struct slice text, struct reply *ret_reply)
{
    struct reply reply = { status_of(client->curl), NULL };

    if (text.len > 0)
        reply.document = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    if (text.len > 0 && reply.document == NULL)
        return complain(EXIT_REFUSED, "the daemon answered %u with something that is no JSON.",
                        reply.status);
    *ret_reply = reply;
    return EXIT_DONE;
}

void client_once(struct client *client)
{
    id_format(id_new(), client->key);
}

/* The body's type, and the key, where there is one. The caller frees it. */
static struct curl_slist *headers_of(const struct client *client)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    char line[64];

    (void)snprintf(line, sizeof(line), "Idempotency-Key: %s", client->key);
    return client->key[0] != '\0' ? curl_slist_append(headers, line) : headers;
}

/* A daemon that has just gone is back in a moment, or it is not. */
static CURLcode perform(const struct client *client, struct buf *answer)
{
    enum { TRIES = 20, PAUSE_MS = 250 };
    CURLcode code = curl_easy_perform(client->curl);

    for (int i = 0; i < TRIES && client->key[0] != '\0' &&
                    (is_lost(code) || (i > 0 && code == CURLE_COULDNT_CONNECT));
         i++) {
        (void)poll(NULL, 0, PAUSE_MS);
        buf_clear(answer);
        code = curl_easy_perform(client->curl);
    }
    return code;
}

int client_ask(struct client *client, const char *method, const char *path, const json_t *body,
               struct reply *ret_reply)
{
    CURL *curl = client->curl;
    AUTO_MEM char *sent = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    struct curl_slist *headers = headers_of(client);
    AUTO_BUF url;
    AUTO_BUF answer;
    int rc;

    buf_init(&url, 64 * 1024);
    buf_init(&answer, DOCUMENT_MAX_BYTES);
    buf_addf(&url, API "%s", path);
    prepare(client, method, url.data);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ASK_SECONDS);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    if (sent != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent);
        (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    }
    rc = explain(client, perform(client, &answer));
    curl_slist_free_all(headers);
    client->key[0] = '\0';
    if (sent != NULL)
        explicit_bzero(sent, strlen(sent)); /* may hold a password */
    return rc == EXIT_DONE ? read_reply(client, buf_slice(&answer), ret_reply) : rc;
}

void reply_release(struct reply *reply)
{
    json_decref(reply->document);
    reply->document = NULL;
}

/* Adds the items of the page to `all` and finds the way to the next; NULL: that was the last. */
static const char *take_page(const json_t *page, json_t *all)
{
    (void)json_array_extend(all, json_object_get(page, "items"));
    return json_string_value(json_object_get(page, "next"));
}

int client_ask_on(struct client *client, const char *path, struct reply *reply)
{
    json_t *all = json_array();
    const char *next = take_page(reply->document, all);
    int rc = EXIT_DONE;

    while (rc == EXIT_DONE && next != NULL) {
        AUTO_BUF more;

        buf_init(&more, 64 * 1024);
        buf_addf(&more, "%s%climit=500&cursor=", path, strchr(path, '?') != NULL ? '&' : '?');
        query_escape(next, &more);
        reply_release(reply);
        rc = client_ask(client, "GET", more.data, NULL, reply);
        if (rc == EXIT_DONE && reply->status != 200)
            rc = client_refused(client, reply);
        next = rc == EXIT_DONE ? take_page(reply->document, all) : NULL;
    }
    json_decref(reply->document);
    reply->document = all;
    return rc;
}

const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

int client_refused(const struct client *client, const struct reply *reply)
{
    const char *detail = json_string_value(json_object_get(reply->document, "detail"));
    const char *code = json_string_value(json_object_get(reply->document, "code"));
    AUTO_BUF line;

    buf_init(&line, 8192);
    text_one_line(slice_of(detail != NULL ? detail : "The daemon refused."), 2000, &line);
    if (client->json && reply->document != NULL)
        print_json(reply->document);
    return complain(EXIT_REFUSED, "%.*s (%s)", SLICE_ARG(buf_slice(&line)),
                    code != NULL ? code : "no code");
}

/* A refusal is short and goes to memory, the real thing to the stream. */
struct download {
    CURL *curl;
    FILE *to;
    struct buf refusal;
    bool full;
};

static size_t take_download(char *bytes, size_t size, size_t count, void *context)
{
    struct download *download = context;

    if (status_of(download->curl) != 200) {
        buf_add(&download->refusal, bytes, size * count);
        return size * count;
    }
    download->full = fwrite(bytes, size, count, download->to) != count;
    return download->full ? 0 : size * count;
}

int client_download(struct client *client, const char *path, FILE *to)
{
    struct download download = { .curl = client->curl, .to = to };
    struct reply reply = { 0 };
    AUTO_BUF url;
    CURLcode code;
    int rc;

    buf_init(&url, 64 * 1024);
    buf_init(&download.refusal, 64 * 1024);
    buf_addf(&url, API "%s", path);
    prepare(client, "GET", url.data);
    (void)curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    (void)curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, take_download);
    (void)curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &download);
    code = curl_easy_perform(client->curl);
    /* An answer that has begun and stops is a broken answer, whatever stopped it. */
    if ((code == CURLE_RECV_ERROR || code == CURLE_OPERATION_TIMEDOUT) &&
        status_of(client->curl) == 200)
        code = CURLE_PARTIAL_FILE;
    if (download.full)
        rc = complain(EXIT_REFUSED, "the file cannot be written: %s.", strerror(errno));
    else
        rc = explain(client, code);
    if (rc == EXIT_DONE && status_of(client->curl) != 200) {
        rc = read_reply(client, buf_slice(&download.refusal), &reply);
        if (rc == EXIT_DONE)
            rc = client_refused(client, &reply);
        reply_release(&reply);
    }
    buf_release(&download.refusal);
    return rc;
}

/* RFC 3986 pchar stays as it is; the daemon knows one spelling of a path. */
static void add_escaped(struct buf *to, const char *text, const char *plain)
{
    for (const char *c = text; *c != '\0'; c++) {
        bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                        (*c >= '0' && *c <= '9') || strchr(plain, *c) != NULL;

        if (is_plain)
            buf_add(to, c, 1);
        else
            buf_addf(to, "%%%02X", (unsigned)(unsigned char)*c);
    }
}

void path_escape(const char *value, struct buf *to)
{
    add_escaped(to, value, "-._~@:!$&'()*+,;=");
}

void query_escape(const char *value, struct buf *to)
{
    add_escaped(to, value, "-._~");
}

void path_fill(const char *pattern, const struct args *args, struct buf *to)
{
    const char *brace;
    bool in_query = false;

    for (; (brace = strchr(pattern, '{')) != NULL; pattern = strchr(brace, '}') + 1) {
        char name[32];
        const char *value;

        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(brace + 1, "}"), brace + 1);
        value = args_operand(args, name);
        /* An operand left out stands in a query, and takes its part of it along, and what follows.
         */
        if (value == NULL) {
            buf_add(to, pattern, strcspn(pattern, "?&"));
            return;
        }
        in_query = in_query || memchr(pattern, '?', (size_t)(brace - pattern)) != NULL;
        buf_add(to, pattern, (size_t)(brace - pattern));
        if (in_query)
            query_escape(value, to);
        else
            path_escape(value, to);
    }
    buf_add_text(to, pattern);
}

static void add_query(const char *names, const struct args *args, char separator, struct buf *to)
{
    while (*names != '\0') {
        char option[32];
        size_t len = strcspn(names, " ");
        const char *value;

        (void)snprintf(option, sizeof(option), "--%.*s", (int)len, names);
        value = args_get(args, option);
        if (value != NULL) {
            bool is_flag = option_find(option, strlen(option))->value == NULL;

            buf_addf(to, "%c%.*s=", separator, (int)len, names);
            query_escape(is_flag ? "yes" : value, to);
            separator = '&';
        }
        names += len + (names[len] != '\0');
    }
}

void path_query(const char *names, const struct args *args, struct buf *to)
{
    add_query(names, args, '?', to);
}

void path_query_more(const char *names, const struct args *args, struct buf *to)
{
    add_query(names, args, '&', to);
}
