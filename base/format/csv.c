/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/csv.h"

void csv_text(struct buf *to, const char *text)
{
    bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;

    buf_add_text(to, formula ? "\"'" : "\"");
    for (; *text != '\0'; text++)
        buf_add(to, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    buf_add_text(to, "\"");
}
