/* SPDX-License-Identifier: Apache-2.0
 *
 * What a visitor's browser says, a frame a line. Whatever it is, what the core hears keeps to
 * the bounds of its messages (web_double.c) and is text that may pass on; what the browser
 * hears is JSON.
 */
#include "base/format/json.h"
#include "base/format/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/web_double.h"

static void check_told(void)
{
    const char *told = double_told();

    MUST(text_check(slice_of(told), NULL) == TEXT_FINE);
}

static void check_sent(void)
{
    const char *line = double_sent();

    while (*line != '\0') {
        size_t len = strcspn(line, "\n");
        json_error_t error;

        if (line[0] == '{') {
            json_t *frame = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);

            MUST(frame != NULL);
            json_decref(frame);
        } else {
            MUST(strncmp(line, "close ", 6) == 0);
        }
        line += len + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct slice rest = { (const char *)input, len };

    double_start();
    (void)double_session(DOUBLE_OWN, SESSION_GREETING);
    while (rest.len > 0 && the_conn.state == CONN_WEBSOCKET) {
        const char *end = memchr(rest.data, '\n', rest.len);
        size_t line = end == NULL ? rest.len : (size_t)(end - rest.data);
        char *frame = malloc(line + 1);

        MUST(frame != NULL);
        memcpy(frame, rest.data, line);
        session_message(the_conn.session, (struct slice){ frame, line });
        free(frame);
        double_clock_ms += 100;
        if (the_conn.session->state == SESSION_WAITING)
            session_welcomed(the_conn.session, false);
        check_told();
        check_sent();
        line += end == NULL ? 0 : 1;
        rest = (struct slice){ rest.data + line, rest.len - line };
    }
    double_stop();
    return 0;
}
