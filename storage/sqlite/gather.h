/* SPDX-License-Identifier: Apache-2.0
 *
 * gather — how SQLite's writes reach the file. It writes each frame of its log in two, and each
 * page of a checkpoint by itself, and a system call costs as much as the page. Writes that follow
 * one another are gathered here and go out as one, at the latest before the file is synced.
 *
 * Nothing of what a sync promises changes: whatever is done with the file other than writing on
 * flushes first, and what went wrong then is what that call answers. Only for connections with
 * synchronous = FULL, which tell nobody of a write before they have synced it.
 */
#ifndef STORAGE_GATHER_H
#define STORAGE_GATHER_H

/* The name of the VFS, for sqlite3_open_v2(). Around the one that is the default when first asked.
 * NULL: it could not be made, and the default does as well. */
const char *gather_vfs(void);

#endif
