/* SPDX-License-Identifier: Apache-2.0
 *
 * scratch — a fresh folder for a test, gone when the test is.
 */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

/* Its path, to be given to scratch_free(). */
char *scratch_new(void);
/* The folder and all that is in it. Returns NULL. */
char *scratch_free(char *dir);

#endif
