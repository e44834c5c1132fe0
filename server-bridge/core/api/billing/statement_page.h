/* SPDX-License-Identifier: Apache-2.0
 *
 * statement_page — a statement as others than programs read it. The same document gives the same
 * bytes. Pure.
 */
#ifndef SERVER_BRIDGE_CORE_API_BILLING_STATEMENT_PAGE_H
#define SERVER_BRIDGE_CORE_API_BILLING_STATEMENT_PAGE_H

#include "storage/billing/billing.h"

/* A row a line, then a row a credit. */
void statement_csv(const struct billing_statement *statement, struct buf *to);
/* A page to read and print. */
void statement_html(const struct billing_statement *statement, struct buf *to);

#endif
