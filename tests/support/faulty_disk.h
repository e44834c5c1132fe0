/* SPDX-License-Identifier: Apache-2.0
 *
 * faulty_disk — the disk under SQLite, as tests would like it: it fails when told to, it writes
 * down everything that was done to it, and from what it wrote it makes the files that would be
 * found after the power had failed at any moment.
 *
 * What a disk holds then: all that came before a sync of that file, and of what came after it
 * some sectors and not others. Writes before a sync that failed are never safe, whatever later
 * syncs say: the kernel has marked them clean (https://lwn.net/Articles/752063/).
 */
#ifndef TESTS_SUPPORT_FAULTY_DISK_H
#define TESTS_SUPPORT_FAULTY_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum faulty_call { FAULTY_WRITE, FAULTY_SYNC, FAULTY_CALL_COUNT };

/* From now on every database is opened on this disk. */
void faulty_disk_install(void);
/* The nth call from now fails (1: the next) with this code of SQLite's, and so do all of its kind
 * until faulty_disk_heal(). Only files whose path holds `part`. */
void faulty_disk_fail(enum faulty_call call, unsigned nth, int code, const char *part);
/* Whether something has failed since the last healing. */
bool faulty_disk_has_failed(void);
/* Back in order. True when something had failed. */
bool faulty_disk_heal(void);
/* How often a database was opened. */
unsigned faulty_disk_opened(void);
/* How long SQLite has slept because somebody else held what it wanted, as it asked to: whether the
 * machine is busy makes no difference. */
uint64_t faulty_disk_waited_ms(void);

/* Writes down what is done from now on to files in this folder; forgets what was. */
void faulty_disk_record(const char *folder);
/* How many things were done. */
size_t faulty_disk_done(void);
/* Makes in `to` the folder's files as they are found when the power fails after the first `done`
 * things. Folders below must be there. */
void faulty_disk_cut(size_t done, uint64_t seed, const char *to);

#endif
