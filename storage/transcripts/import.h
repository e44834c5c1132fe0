/* SPDX-License-Identifier: Apache-2.0
 *
 * import — transcripts from elsewhere into a tenant's store, a batch at a time, all of it or
 * none. What is there already is left as it is, so an import that broke off is run again.
 *
 * They arrive sealed: nothing imported ever waits for an agent.
 */
#ifndef STORAGE_IMPORT_H
#define STORAGE_IMPORT_H

#include "storage/transcripts/transcript_read.h"

enum import_verdict {
    IMPORT_NEW,   /* stored now */
    IMPORT_KNOWN, /* the very same is there already */
    IMPORT_CLASH, /* another conversation has this id */
};

struct import_item {
    struct transcript transcript; /* owned */
    enum import_verdict verdict;
    size_t place; /* the caller's: where it stood in what was sent */
};

struct import {
    struct store_bulk bulk; /* .apply is set by import_init(), .done by the caller */
    struct import_item *items;
    size_t count;
};

/* The items are the import's from now on; import_release() frees them. */
void import_init(struct import *import, struct import_item *items, size_t count);
void import_release(struct import *import);

#endif
