/* SPDX-License-Identifier: Apache-2.0
 *
 * import — `transcript import` and its like: a file read document by document, sent in batches,
 * each stored before the next is sent. What is there already is skipped, so an import that broke
 * off is run again. Documents that make no sense are told with their place; the rest is imported
 * all the same.
 */
#ifndef LASNACTL_IMPORT_H
#define LASNACTL_IMPORT_H

#include "base/buf.h"
#include "lasnactl/command.h"

/* Where the documents of an import come from, one after another. */
struct import_feed {
    /* SOURCE_E_END, SOURCE_E_BAD as of source_next(); ERR_IO. */
    int (*next)(struct import_feed *feed, json_t **ret_document, struct buf *problem);
    const char *unit; /* "line": what is counted, so that people find the bad ones */
    size_t place;     /* where the document last given stands */
    size_t bytes;     /* about how long it is */
    size_t read;      /* how far the feed has come, for progress */
};

/* Sends all of it, by the route of the command; tells what became of it. */
int import_from(struct client *client, const struct args *args, struct import_feed *feed);

int import_run(struct client *client, const struct args *args);

#endif
