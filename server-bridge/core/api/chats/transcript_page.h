/* SPDX-License-Identifier: Apache-2.0
 *
 * transcript_page — transcripts as a page to read and print: what was said, by whom and when, and
 * what agents noted. Made of the documents an export writes, so it holds what they hold.
 */
#ifndef SERVER_BRIDGE_CORE_API_TRANSCRIPT_PAGE_H
#define SERVER_BRIDGE_CORE_API_TRANSCRIPT_PAGE_H

#include "base/buf.h"
#include "base/result.h"

/* One document, as transcript_write() gives it, becomes a section of the page. */
int transcript_page_add(struct buf *to, struct slice document) MUST_CHECK;

#endif
