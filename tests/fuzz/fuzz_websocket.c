/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes after the upgrade: the framing, and the frames in it. The first byte says in what
 * pieces they come; the same bytes in other pieces say the same to the core.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/support/web_double.h"

static char *told_in_pieces(const uint8_t *bytes, size_t len, size_t piece)
{
    char *told;

    double_start();
    (void)double_session(DOUBLE_OWN, SESSION_LIVE);
    for (size_t at = 0; at < len && the_conn.state == CONN_WEBSOCKET; at += piece)
        double_receives(bytes + at, len - at < piece ? len - at : piece);
    MUST(strstr(double_sent(), "broken") == NULL);
    told = strdup(double_told());
    MUST(told != NULL);
    double_stop();
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char *whole, *pieces;

    if (len < 2)
        return 0;
    whole = told_in_pieces(input + 1, len - 1, len);
    pieces = told_in_pieces(input + 1, len - 1, 1 + input[0] % 16);
    MUST(strcmp(whole, pieces) == 0);
    free(whole);
    free(pieces);
    return 0;
}
