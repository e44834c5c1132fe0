/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_zip — zip files in memory by libarchive, the same bytes for the same content: every
 * entry bears the first moment zip knows, no owner.
 */
#ifndef PRESENCE_ARCHIVE_ZIP_H
#define PRESENCE_ARCHIVE_ZIP_H

#include "base/auto.h"
#include "base/buf.h"

struct zip;

/* Writes into `to`, which outlives it. NULL: out of memory. */
struct zip *zip_new(struct buf *to);
struct zip *zip_free(struct zip *zip); /* what was not finished is no zip */
DEFINE_AUTO(zip)
int zip_add(struct zip *zip, const char *name, struct slice content) MUST_CHECK;
int zip_finish(struct zip *zip) MUST_CHECK;

#endif
