/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/http_head.h"

static bool refuse(struct http_refusal *refusal, unsigned status, const char *text)
{
    *refusal = (struct http_refusal){ status, text };
    return false;
}

/* RFC 9110 tchar: what methods and header names are made of. */
static bool is_token_char(unsigned char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_char((unsigned char)text.data[i]))
            return false;
    }
    return text.len > 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool http_equal_nocase(struct slice a, const char *b)
{
    if (a.len != strlen(b))
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.data[i]) != lower(b[i]))
            return false;
    }
    return true;
}

size_t http_head_end(struct slice bytes, struct http_refusal *ret_refusal)
{
    const char *at = bytes.data, *end = bytes.data + bytes.len;
    const char *line = at;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (at == bytes.data || at[-1] != '\r') {
            (void)refuse(ret_refusal, 400, "A line does not end in CR LF.");
            return SIZE_MAX;
        }
        at++;
        if (at - line == 2)
            return (size_t)(at - bytes.data);
        line = at;
    }
    if (bytes.len > HTTP_HEAD_MAX_BYTES) {
        (void)refuse(ret_refusal, 431, "The request's head is too large.");
        return SIZE_MAX;
    }
    return 0;
}

/* --- the request line --- */

/* Takes what stands before the next `c`; false when there is none. */
static bool cut(struct slice *rest, char c, struct slice *ret_part)
{
    const char *at = rest->len == 0 ? NULL : memchr(rest->data, c, rest->len);

    if (at == NULL)
        return false;
    *ret_part = (struct slice){ rest->data, (size_t)(at - rest->data) };
    rest->len -= ret_part->len + 1;
    rest->data = at + 1;
    return true;
}

/* Printable ASCII without space, quotes or brackets; a '#' never travels. */
static bool is_target(struct slice target)
{
    if (target.len == 0 || target.data[0] != '/')
        return false;
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.data[i];

        if (c <= 0x20 || c >= 0x7f || strchr("\"<>#\\^`{|}", c) != NULL)
            return false;
    }
    return true;
}

static bool parse_request_line(struct slice line, struct http_head *head,
                               struct http_refusal *refusal)
{
    struct slice target, version = line;

    if (!cut(&version, ' ', &head->method) || !cut(&version, ' ', &target) ||
        !is_token(head->method))
        return refuse(refusal, 400, "That is no request line.");
    if (!slice_is(version, "HTTP/1.1") && !slice_is(version, "HTTP/1.0"))
        return refuse(refusal, 505, "Only HTTP/1.1 is spoken here.");
    if (slice_is(head->method, "CONNECT"))
        return refuse(refusal, 405, "This is no proxy.");
    if (target.len > HTTP_TARGET_MAX)
        return refuse(refusal, 414, "The request's target is too long.");
    if (!is_target(target))
        return refuse(refusal, 400, "The request's target is not a path.");
    head->http_1_0 = slice_is(version, "HTTP/1.0");
    head->query = target;
    if (!cut(&head->query, '?', &head->path)) {
        head->path = target;
        head->query = SLICE_NONE;
    }
    return true;
}

/* --- the header fields --- */

static struct slice trim(struct slice text)
{
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = (struct slice){ text.data + 1, text.len - 1 };
    while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
        text.len--;
    return text;
}

static bool is_value(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool parse_field(struct slice line, struct http_head *head, struct http_refusal *refusal)
{
    struct http_header *header;
    struct slice name;

    if (line.data[0] == ' ' || line.data[0] == '\t')
        return refuse(refusal, 400, "Folded header lines are not accepted.");
    if (!cut(&line, ':', &name) || !is_token(name))
        return refuse(refusal, 400, "A header line has no proper name.");
    if (!is_value(line))
        return refuse(refusal, 400, "A header holds control characters.");
    if (head->header_count == HTTP_HEADERS_MAX)
        return refuse(refusal, 431, "There are too many headers.");
    header = &head->headers[head->header_count++];
    *header = (struct http_header){ name, trim(line) };
    return true;
}

const struct http_header *http_head_find(const struct http_head *head, const char *name,
                                         size_t *ret_count)
{
    const struct http_header *found = NULL;
    size_t count = 0;

    for (size_t i = 0; i < head->header_count; i++) {
        if (!http_equal_nocase(head->headers[i].name, name))
            continue;
        if (found == NULL)
            found = &head->headers[i];
        count++;
    }
    if (ret_count != NULL)
        *ret_count = count;
    return found;
}

bool http_token_in(struct slice list, const char *token)
{
    struct slice part;

    while (cut(&list, ',', &part)) {
        if (http_equal_nocase(trim(part), token))
            return true;
    }
    return http_equal_nocase(trim(list), token);
}

bool http_head_has_token(const struct http_head *head, const char *name, const char *token)
{
    for (size_t i = 0; i < head->header_count; i++) {
        if (http_equal_nocase(head->headers[i].name, name) &&
            http_token_in(head->headers[i].value, token))
            return true;
    }
    return false;
}

/* --- what the fields mean together --- */

static bool parse_length(struct slice value, uint64_t *ret_bytes)
{
    uint64_t bytes = 0;

    if (value.len == 0 || value.len > 15)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return false;
        bytes = bytes * 10 + (uint64_t)(value.data[i] - '0');
    }
    *ret_bytes = bytes;
    return true;
}

static bool is_host(struct slice host)
{
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.data[i];

        if (!is_token_char(c) && strchr(":[]", c) == NULL)
            return false;
    }
    return host.len > 0 && host.len <= 255;
}

static bool check_whole(struct http_head *head, struct http_refusal *refusal)
{
    size_t hosts, lengths;
    const struct http_header *host = http_head_find(head, "host", &hosts);
    const struct http_header *length = http_head_find(head, "content-length", &lengths);

    if (hosts > 1 || (hosts == 0 && !head->http_1_0) || (hosts == 1 && !is_host(host->value)))
        return refuse(refusal, 400, "There must be exactly one Host.");
    if (http_head_find(head, "transfer-encoding", NULL) != NULL)
        return refuse(refusal, 501, "Send a Content-Length; transfer codings are not accepted.");
    if (lengths > 1 || (lengths == 1 && !parse_length(length->value, &head->body_bytes)))
        return refuse(refusal, 400, "There must be at most one Content-Length, a number.");
    head->has_body = lengths == 1 && head->body_bytes > 0;
    if (head->has_body && (slice_is(head->method, "GET") || slice_is(head->method, "HEAD")))
        return refuse(refusal, 400, "A GET or HEAD has no body.");
    head->keep_alive = !head->http_1_0 && !http_head_has_token(head, "connection", "close");
    return true;
}

bool http_head_parse(struct slice bytes, struct http_head *ret_head,
                     struct http_refusal *ret_refusal)
{
    struct http_head head = { .header_count = 0 };
    struct slice line;
    bool first = true;

    if (memchr(bytes.data, '\0', bytes.len) != NULL)
        return refuse(ret_refusal, 400, "The head holds a NUL.");
    while (cut(&bytes, '\n', &line) && line.len > 1) {
        line.len--; /* the CR, which http_head_end has seen */
        if (memchr(line.data, '\r', line.len) != NULL)
            return refuse(ret_refusal, 400, "A CR stands alone.");
        if (first ? !parse_request_line(line, &head, ret_refusal)
                  : !parse_field(line, &head, ret_refusal))
            return false;
        first = false;
    }
    if (first)
        return refuse(ret_refusal, 400, "The request line is empty.");
    if (!check_whole(&head, ret_refusal))
        return false;
    *ret_head = head;
    return true;
}
