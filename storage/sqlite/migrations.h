/* SPDX-License-Identifier: Apache-2.0
 *
 * migrations — the numbered SQL files of sqlite/ and directory/, put into the program by the
 * build.
 */
#ifndef STORAGE_MIGRATIONS_H
#define STORAGE_MIGRATIONS_H

#include "storage/sqlite/database.h"

extern const struct migration store_migrations[];
extern const size_t store_migration_count;
extern const struct migration directory_migrations[];
extern const size_t directory_migration_count;

#endif
