/* SPDX-License-Identifier: Apache-2.0
 *
 * backing_up — an instance of two tenants in a fresh folder, backups of it, and homes they are put
 * back to. A backup is made as lasnactl does, of what the daemon gives it, while something is said:
 * twenty chats of acme's hold "quokka", one of borealis's "wombat".
 */
#ifndef TESTS_SUPPORT_BACKING_UP_H
#define TESTS_SUPPORT_BACKING_UP_H

#include "storage/backup/restore.h"

#include <stdatomic.h>

#define SECRET  "0123456789abcdef0123456789abcdef"
#define MADE_MS 1764000000000 /* every backup of these tests */

extern char *dir;
extern char data[4096], made[4096], other[4096]; /* in dir: an instance, a backup, another home */
extern struct directory *directory;
extern struct store *store;
extern struct tenant_name acme, borealis;
extern struct buf problem;
extern atomic_bool stopped;

#define BACKING_UP(test) cmocka_unit_test_setup_teardown(test, backing_up_begin, backing_up_end)
int backing_up_begin(void **state);
int backing_up_end(void **state);

void say(const struct tenant_name *tenant, const char *text);
/* Acme's: one that was sent with a message, and one that is still coming in. */
void send_a_file(const char *words);
extern char sent[4096 + 128]; /* where the first lies, in a home */

/* Makes one in `made`; NULL: not sealed. */
void make(const char *secret);
extern bool without_files; /* an older backup, or one of a tenant that took none */
void add_piece(struct backup *backup, enum piece_kind kind, const struct tenant_name *tenant);
extern const char *forgery; /* done to the next piece; NULL: none */

struct backup *opened(const char *secret);
/* How many things do not hold; what they are is in `problem`. */
size_t found(const char *secret);
bool problem_says(const char *words);
bool files_hold(const char *where, const char *word);
bool has_folder(const char *where, const char *tenant);

int restore_to(const char *where, struct slice erasures, struct restore_report *report);
/* For restore_tenant(): nobody serves the tenant. */
bool is_closed(void *context, const struct tenant_name *tenant, struct buf *why);

#endif
