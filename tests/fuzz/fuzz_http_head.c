/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of a request. However the bytes come, the answer is the same, and what was taken
 * holds nothing a second reader could read in another way.
 */
#include "server-bridge/web/http_head.h"
#include "tests/fuzz/fuzz.h"

enum { STEPS_MAX_BYTES = 1024 };

static struct http_refusal refusal;

static size_t end_of(const char *bytes, size_t len)
{
    return http_head_end((struct slice){ bytes, len }, &refusal);
}

/* One byte at a time until it is decided; as conn.c does, of at most one byte over the limit. */
static size_t end_stepwise(const char *bytes, size_t len)
{
    size_t step = len > STEPS_MAX_BYTES ? len / STEPS_MAX_BYTES + 1 : 1;

    for (size_t have = 1; have < len; have += step) {
        size_t end = end_of(bytes, have);

        if (end != 0)
            return end;
    }
    return end_of(bytes, len);
}

static bool is_inside(struct slice part, const char *bytes, size_t len)
{
    return part.len == 0 || (part.data >= bytes && part.data + part.len <= bytes + len);
}

static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\0')
            return false;
    }
    return true;
}

static void check_head(const struct http_head *head, const char *bytes, size_t len)
{
    size_t lengths, hosts;

    MUST(head->header_count <= HTTP_HEADERS_MAX);
    MUST(is_inside(head->method, bytes, len) && head->method.len > 0);
    MUST(is_inside(head->path, bytes, len) && slice_starts_with(head->path, "/"));
    MUST(is_inside(head->query, bytes, len));
    MUST(head->path.len + head->query.len <= HTTP_TARGET_MAX);
    for (size_t i = 0; i < head->header_count; i++) {
        MUST(is_inside(head->headers[i].name, bytes, len) && head->headers[i].name.len > 0);
        MUST(is_inside(head->headers[i].value, bytes, len));
        MUST(is_plain(head->headers[i].name) && is_plain(head->headers[i].value));
    }
    (void)http_head_find(head, "content-length", &lengths);
    (void)http_head_find(head, "host", &hosts);
    MUST(lengths <= 1 && hosts <= 1 && (hosts == 1 || head->http_1_0));
    MUST(http_head_find(head, "transfer-encoding", NULL) == NULL);
    MUST(head->has_body == (head->body_bytes > 0));
    (void)http_head_has_token(head, "connection", "upgrade");
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct http_head head;
    size_t end;
    char *bytes;

    if (len == 0 || len > HTTP_HEAD_MAX_BYTES + 1)
        return 0;
    bytes = malloc(len); /* of its own, so that a byte too far is noticed */
    MUST(bytes != NULL);
    memcpy(bytes, input, len);
    end = end_of(bytes, len);
    MUST(end == end_stepwise(bytes, len));
    MUST(end == SIZE_MAX || end <= len);
    if (end != 0 && end != SIZE_MAX) {
        if (http_head_parse((struct slice){ bytes, end }, &head, &refusal))
            check_head(&head, bytes, end);
        else
            MUST(refusal.status >= 400 && refusal.status < 600);
    }
    free(bytes);
    return 0;
}
