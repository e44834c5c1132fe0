/* SPDX-License-Identifier: Apache-2.0
 *
 * source_ids — for source_csv.c alone: which conversations were met, and which of them more than
 * once. Of an id a hash is kept, so that a million take some megabytes.
 */
#ifndef LASNACTL_SOURCE_IDS_H
#define LASNACTL_SOURCE_IDS_H

#include "base/format/json.h"

struct source_ids {
    uint64_t *at; /* owned; hashes, 0: free; the lowest bit: met again */
    size_t count, cap;
};

/* Its rows have begun. *ret_again: they had before. ERR_NO_MEMORY. */
int source_ids_note(struct source_ids *ids, const json_t *id, bool *ret_again);
/* Whether it was noted more than once. */
bool source_ids_is_apart(const struct source_ids *ids, const json_t *id);
void source_ids_release(struct source_ids *ids);

#endif
