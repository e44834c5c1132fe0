/* SPDX-License-Identifier: Apache-2.0
 *
 * pack — the files a tenant's visitors sent, as one file: a tar archive (ustar) of plain files
 * whose names are ids. Nothing else goes in, and nothing else is taken out.
 */
#ifndef STORAGE_BACKUP_PACK_H
#define STORAGE_BACKUP_PACK_H

#include "base/buf.h"
#include "base/result.h"

#include <stdatomic.h>
#include <stdint.h>

/* Packs a folder, which may be missing, into the new file `to` (mode 0600). A file that goes
 * meanwhile is left out. `stop` set by another thread ends it. SNAPSHOT_E_*, ERR_IO; then `to` is
 * gone. */
int pack_write(const char *folder, const char *to, atomic_bool *stop) MUST_CHECK;

/* Reads it whole; with `folder` each file is written there (mode 0600, on disk). What does not hold
 * is a line in `problems`. */
int pack_read(const char *path, const char *folder, uint64_t *ret_files,
              struct buf *problems) MUST_CHECK;

/* --- for whoever makes an archive of something else, as it goes --- */

enum { PACK_BLOCK_BYTES = 512 };
/* The block before a plain file's bytes: its name, of 100 bytes at most, in a folder ("": none)
 * of 155. After the bytes come pack_padding() zeros, after all files two blocks of zeros. */
void pack_head(char ret_block[PACK_BLOCK_BYTES], const char *folder, const char *name,
               uint64_t size, uint64_t at_s);
size_t pack_padding(uint64_t size);

#endif
