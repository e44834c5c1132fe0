/* SPDX-License-Identifier: Apache-2.0
 *
 * The PROXY protocol. However the bytes come, the answer is the same: what was asked for more
 * is never taken back, and a header never ends behind what was there.
 */
#include "server-bridge/web/proxy_header.h"
#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct proxy_header header = { .bytes = 0 }, again = { .bytes = 0 };
    enum proxy_verdict verdict = PROXY_MORE;
    char *bytes;

    if (len == 0 || len > PROXY_HEADER_MAX_BYTES)
        return 0;
    bytes = malloc(len); /* of its own, so that a byte too far is noticed */
    MUST(bytes != NULL);
    memcpy(bytes, input, len);
    for (size_t have = 1; verdict == PROXY_MORE && have <= len; have++)
        verdict = proxy_header_parse((struct slice){ bytes, have }, &header);
    if (verdict == PROXY_DONE) {
        MUST(header.bytes > 0 && header.bytes <= len);
        MUST(header.client.ss_family == 0 || header.client.ss_family == AF_INET ||
             header.client.ss_family == AF_INET6);
        MUST(!header.own || header.client.ss_family == 0);
        MUST(proxy_header_parse((struct slice){ bytes, len }, &again) == PROXY_DONE);
        MUST(header.bytes == again.bytes && header.own == again.own &&
             header.client.ss_family == again.client.ss_family);
    } else {
        MUST(proxy_header_parse((struct slice){ bytes, len }, &again) == verdict);
    }
    free(bytes);
    return 0;
}
