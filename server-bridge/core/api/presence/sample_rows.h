/* SPDX-License-Identifier: Apache-2.0
 *
 * sample_rows — samples read whole into memory, so that the store may be asked about each of their
 * chats in turn.
 */
#ifndef SERVER_BRIDGE_CORE_API_SAMPLE_ROWS_H
#define SERVER_BRIDGE_CORE_API_SAMPLE_ROWS_H

#include "storage/samples.h"

struct sample_rows {
    struct sampled *rows; /* owned, and their texts */
    size_t count, cap;
};
/* STORE_E_NONE: no such sample. Release it either way. */
int sample_rows_read(struct store *store, const struct tenant_name *tenant, struct slice sample,
                     struct sample_rows *rows) MUST_CHECK;
void sample_rows_release(struct sample_rows *rows);

struct sample_names {
    char **names; /* owned; the oldest sample first */
    size_t count;
};
/* Release it either way. */
int sample_names_read(struct store *store, const struct tenant_name *tenant,
                      struct sample_names *names) MUST_CHECK;
void sample_names_release(struct sample_names *names);

#endif
