/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages between roles, as they are on the wire: every decoder of the table. What one took
 * apart gives the same bytes again, so there is one way to say a thing. Each input is tried
 * twice: as it is, and with a length that fits, so that mutations get past the header.
 */
#include "server-bridge/ipc/codec.h"
#include "tests/fuzz/fuzz.h"

static void decode(const uint8_t *bytes, size_t len)
{
    union ipc_message message;
    enum ipc_type type;
    uint8_t *again;

    if (ipc_decode(bytes, len, &type, &message) != OK)
        return;
    MUST(type < IPC_TYPE_COUNT && ipc_size(type, &message) == len);
    again = malloc(len);
    MUST(again != NULL);
    ipc_encode(type, &message, again);
    MUST(memcmp(again + 4, bytes + 4, len - 4) == 0);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    uint8_t *bytes = calloc(1, len + 1);
    size_t length;

    MUST(bytes != NULL);
    if (len > 0)
        memcpy(bytes, input, len);
    if (ipc_peek(bytes, len, &length) == OK && length != 0 && length <= len) {
        MUST(length >= IPC_HEADER_BYTES && length <= IPC_MESSAGE_MAX);
        decode(bytes, length);
    }
    if (len >= IPC_HEADER_BYTES)
        decode(bytes, len);
    free(bytes);
    return 0;
}
