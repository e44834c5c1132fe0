/* SPDX-License-Identifier: Apache-2.0
 *
 * One request to somebody we do not know, and what may come of it. Every switch of libcurl that
 * could lead elsewhere is set here, in one place.
 */
#include "server-bridge/fetch/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* The address is looked at where it is connected to: there is nothing between. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;

    if (purpose != CURLSOCKTYPE_IPCXN ||
        (!address_is_public(&address->addr) &&
         !address_ranges_hold(&transfer->fetch->allowed, &address->addr))) {
        transfer->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct slice text = { line, size * count };

    if (slice_starts_with(text, "HTTP/")) /* what came before was a 1xx */
        buf_clear(&transfer->headers);
    buf_add_slice(&transfer->headers, text);
    transfer->too_long = transfer->too_long || buf_failed(&transfer->headers);
    return transfer->too_long ? 0 : text.len;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t len = size * count, room = transfer->answer_max - transfer->body.len;

    buf_add(&transfer->body, bytes, len < room ? len : room);
    if (len <= room)
        return len;
    transfer->was_cut = transfer->cut;
    transfer->too_long = !transfer->cut;
    return 0;
}

/* "Name: value" lines, each with its end. */
static int add_headers(struct transfer *transfer, struct slice lines)
{
    /* No header of its own, where libcurl would wait for a 100 or announce a form. */
    static const char *const none[] = { "Expect:", "Content-Type:" };
    char line[1024];

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        struct curl_slist *longer = curl_slist_append(transfer->request_headers, none[i]);

        if (longer == NULL)
            return RAISE(ERR_NO_MEMORY);
        transfer->request_headers = longer;
    }
    while (lines.len > 0) {
        const char *end = memchr(lines.data, '\n', lines.len);
        size_t len = end == NULL ? lines.len : (size_t)(end - lines.data);
        struct curl_slist *longer = NULL;

        if (slice_copy((struct slice){ lines.data, len }, line, sizeof(line)))
            longer = curl_slist_append(transfer->request_headers, line);
        if (longer == NULL)
            return RAISE(ERR_NO_MEMORY);
        transfer->request_headers = longer;
        len += end != NULL;
        lines = (struct slice){ lines.data + len, lines.len - len };
    }
    return OK;
}

/* Where it may go and how long it may take. False: out of memory, or a libcurl that lacks what
 * we need; then nothing is asked. */
static bool set_limits(CURL *easy, struct transfer *transfer)
{
    const struct fetch *fetch = transfer->fetch;

    return curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           /* Whatever the environment says: */
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAINFO, fetch->ca) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS) == CURLE_OK &&
           /* Who gives up on a name does not wait for the thread that still asks for it: a name
            * server that is silent would hold up everybody else. */
           curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
}

static bool set_request(CURL *easy, struct transfer *transfer, const char *url,
                        const struct ipc_fetch_request *request)
{
    return curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)FETCH_MS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "lasna/" LASNA_VERSION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->request_headers) == CURLE_OK &&
           (request->body.len > 0 ||
            curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK) &&
           (request->body.len == 0 ||
            (curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body.len) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body.data) == CURLE_OK)) &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK;
}

int transfer_new(struct transfer **ret_transfer, struct fetch *fetch,
                 const struct ipc_fetch_request *request)
{
    AUTO(transfer) transfer = calloc(1, sizeof(*transfer));
    char url[IPC_URL_MAX + 1];

    if (transfer == NULL || !slice_copy(request->url, url, sizeof(url)))
        return RAISE(ERR_NO_MEMORY);
    transfer->fetch = fetch;
    transfer->request = request->request;
    transfer->cut = request->cut;
    transfer->answer_max =
        request->answer_max < IPC_BODY_MAX ? (size_t)request->answer_max : IPC_BODY_MAX;
    buf_init(&transfer->headers, IPC_HEADERS_MAX);
    buf_init(&transfer->body, IPC_BODY_MAX + 1);
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL || add_headers(transfer, request->headers) != OK ||
        !set_limits(transfer->easy, transfer) ||
        !set_request(transfer->easy, transfer, url, request))
        return RAISE(ERR_NO_MEMORY);
    *ret_transfer = transfer;
    transfer = NULL;
    return OK;
}

/* --- a mail --- */

static size_t give_mail(char *to, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t left = transfer->body.len - transfer->sent;
    size_t len = size * count < left ? size * count : left;

    if (len > 0)
        memcpy(to, transfer->body.data + transfer->sent, len);
    transfer->sent += len;
    return len;
}

static bool set_sender(CURL *easy, const struct ipc_fetch_mail *mail)
{
    char user[IPC_NAME_MAX + 1], password[IPC_NAME_MAX + 1], from[300];
    bool fine = true;

    (void)snprintf(from, sizeof(from), "<%.*s>", SLICE_ARG(mail->from));
    if (mail->user.len > 0 && slice_copy(mail->user, user, sizeof(user)) &&
        slice_copy(mail->password, password, sizeof(password))) {
        fine = curl_easy_setopt(easy, CURLOPT_USERNAME, user) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_PASSWORD, password) == CURLE_OK;
        explicit_bzero(password, sizeof(password));
    }
    return fine && curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from) == CURLE_OK;
}

static bool set_mail(CURL *easy, struct transfer *transfer, const struct ipc_fetch_mail *mail)
{
    char url[IPC_URL_MAX + 1], to[300];
    long tls = mail->tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE;

    (void)snprintf(to, sizeof(to), "<%.*s>", SLICE_ARG(mail->to));
    transfer->request_headers = curl_slist_append(NULL, to);
    return transfer->request_headers != NULL && slice_copy(mail->url, url, sizeof(url)) &&
           curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)FETCH_MAIL_MS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USE_SSL, tls) == CURLE_OK && set_sender(easy, mail) &&
           curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->request_headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_mail) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_READDATA, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK;
}

int transfer_mail_new(struct transfer **ret_transfer, struct fetch *fetch,
                      const struct ipc_fetch_mail *mail)
{
    AUTO(transfer) transfer = calloc(1, sizeof(*transfer));

    if (transfer == NULL)
        return RAISE(ERR_NO_MEMORY);
    transfer->fetch = fetch;
    transfer->request = mail->request;
    transfer->is_mail = true;
    buf_init(&transfer->headers, 0);
    buf_init(&transfer->body, IPC_BODY_MAX + 1);
    buf_add_slice(&transfer->body, mail->text);
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL || buf_failed(&transfer->body) ||
        !set_limits(transfer->easy, transfer) || !set_mail(transfer->easy, transfer, mail))
        return RAISE(ERR_NO_MEMORY);
    *ret_transfer = transfer;
    transfer = NULL;
    return OK;
}

struct transfer *transfer_free(struct transfer *transfer)
{
    if (transfer == NULL)
        return NULL;
    if (transfer->easy != NULL)
        curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->request_headers);
    buf_release(&transfer->headers);
    buf_release(&transfer->body);
    free(transfer);
    return NULL;
}

enum fetch_outcome transfer_outcome(const struct transfer *transfer, CURLcode code, long status)
{
    if (transfer->is_mail && status >= 400 && code != CURLE_OPERATION_TIMEDOUT)
        return FETCH_DONE; /* it was answered: with no */
    switch (code) {
    case CURLE_OK:
        return FETCH_DONE;
    case CURLE_WRITE_ERROR:
        return transfer->was_cut ? FETCH_DONE : transfer->too_long ? FETCH_TOO_LONG : FETCH_FAILED;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED: /* a user in the URL */
        return FETCH_REFUSED_URL;
    case CURLE_COULDNT_RESOLVE_HOST:
        return FETCH_NO_NAME;
    case CURLE_COULDNT_CONNECT:
        return transfer->refused ? FETCH_REFUSED_ADDRESS : FETCH_NO_CONNECTION;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_USE_SSL_FAILED:
        return FETCH_NOT_TRUSTED;
    case CURLE_OPERATION_TIMEDOUT:
        return FETCH_TIMEOUT;
    default:
        return FETCH_FAILED;
    }
}
