/* SPDX-License-Identifier: Apache-2.0
 *
 * sample_status — how far the people are who code a tenant's samples, as JSON.
 */
#ifndef SERVER_BRIDGE_CORE_API_SAMPLE_STATUS_H
#define SERVER_BRIDGE_CORE_API_SAMPLE_STATUS_H

#include "base/format/json.h"
#include "storage/samples.h"

/* Appends an object a sample. */
int sample_status_list(struct store *store, const struct tenant_name *tenant,
                       json_t *items) MUST_CHECK;

#endif
