/* SPDX-License-Identifier: Apache-2.0
 *
 * lasna.conf. What is accepted can be written out and read again, and is then the same: that
 * is how the supervisor hands settings to its roles.
 */
#include "server-bridge/settings.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    AUTO(settings) settings = NULL;
    AUTO(settings) again = NULL;
    AUTO_BUF problems, first, second;

    buf_init(&problems, 1 << 20);
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    if (settings_parse(&settings, (struct slice){ (const char *)input, len }, &problems) != OK) {
        MUST(settings == NULL && problems.len > 0);
        return 0;
    }
    settings_write(settings, &first);
    MUST(settings_parse(&again, buf_slice(&first), &problems) == OK);
    settings_write(again, &second);
    MUST(slice_equal(buf_slice(&first), buf_slice(&second)));
    return 0;
}
