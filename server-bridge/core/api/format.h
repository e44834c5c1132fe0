/* SPDX-License-Identifier: Apache-2.0
 *
 * format — documents that are made in three forms, by the query's `format`.
 */
#ifndef SERVER_BRIDGE_CORE_API_FORMAT_H
#define SERVER_BRIDGE_CORE_API_FORMAT_H

#include "server-bridge/core/api/answer.h"

enum format { FORMAT_JSON, FORMAT_CSV, FORMAT_HTML, FORMAT_COUNT };

/* JSON where nothing is said. False: answered. */
bool format_read(struct call *call, enum format *ret_format);
/* What a document of this form says of itself: its type, and more headers. */
const char *format_type(enum format format);
const char *format_headers(enum format format);
/* Takes the text over. */
void format_answer(struct call *call, enum format format, struct buf *text);

#endif
