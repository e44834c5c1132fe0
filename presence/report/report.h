/* SPDX-License-Identifier: Apache-2.0
 *
 * report — the figures as one page to read and to print: own SVG and tables, light and dark, no
 * script, nothing fetched. It draws the document of figures_json.h and knows nothing else, so
 * the page and the numbers cannot differ; the same figures give the same page, byte for byte.
 */
#ifndef PRESENCE_REPORT_H
#define PRESENCE_REPORT_H

#include "base/buf.h"
#include "base/format/json.h"

void report_html(const json_t *document, struct buf *to);

#endif
