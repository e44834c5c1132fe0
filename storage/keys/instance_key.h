/* SPDX-License-Identifier: Apache-2.0
 *
 * instance_key — the one key of an installation: a file of one line, beside the data folder and in
 * no backup. It seals the keys of the tenants (tenant_key.h) and nothing else.
 */
#ifndef STORAGE_INSTANCE_KEY_H
#define STORAGE_INSTANCE_KEY_H

#include "base/result.h"
#include "base/secret/digest.h"

enum { INSTANCE_KEY_MARK_BYTES = 16 + 1 };

struct instance_key {
    struct digest key;
    char mark[INSTANCE_KEY_MARK_BYTES]; /* names it, and tells nothing of it */
};

enum { INSTANCE_KEY_E_NONE = 1 /* there is no such file */ };

/* Reads it. ERR_CONFIG: it cannot be read, others may read it, or it is none: it is logged. */
int instance_key_read(const char *path, struct instance_key *ret_key) MUST_CHECK;
/* Makes one (mode 0600), on disk when this returns; never in the place of another. ERR_IO: it is
 * logged. */
int instance_key_make(const char *path, struct instance_key *ret_key) MUST_CHECK;
/* The one that is to take its place: in a file beside it until everything is sealed by that. A kill
 * leaves both, and what is sealed tells which counts. Made only where none waits. */
int instance_key_prepare(const char *path, struct instance_key *ret_next) MUST_CHECK;
int instance_key_read_next(const char *path, struct instance_key *ret_next) MUST_CHECK;
/* It has its place. ERR_IO: it is logged, and waits still. */
int instance_key_replace(const char *path) MUST_CHECK;
/* It is not to have it. */
void instance_key_drop_next(const char *path);

/* What a kill left half made beside it goes: nothing is sealed with it, or it has its name already.
 */
void instance_key_tidy(const char *path);

/* What the line of such a file says. */
struct instance_key instance_key_of(struct slice line);
void instance_key_wipe(struct instance_key *key);

#endif
