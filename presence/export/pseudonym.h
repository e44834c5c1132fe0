/* SPDX-License-Identifier: Apache-2.0
 *
 * pseudonym — names, e-mail and web addresses, and long numbers in transcripts, replaced by marks
 * that tell them apart but not what they are: "[name 4f2a]", "[email 9c01]". The same thing has
 * the same mark throughout an instance's exports and none without its key (HMAC-SHA-256).
 *
 * Names are those the platform knows, the visitor's and the agents', and those by which a coder saw
 * somebody addressed (COH.VOC). A capitalised word that only
 * begins with one counts too (Annalle), for Finnish bends names. Other people's names, places and
 * what a story gives away stay: pseudonymised is not anonymous, and the manual says so.
 */
#ifndef PRESENCE_PSEUDONYM_H
#define PRESENCE_PSEUDONYM_H

#include "base/buf.h"
#include "base/secret/digest.h"

enum { PSEUDONYM_NAMES_MAX = 64 };

struct pseudonyms {
    struct slice key;
    char *names[PSEUDONYM_NAMES_MAX]; /* owned; parts of names, 2 letters and more */
    size_t count;
};

void pseudonyms_release(struct pseudonyms *pseudonyms);
/* Forgets the names, keeps the key. */
void pseudonyms_clear(struct pseudonyms *pseudonyms);
/* Each word of it from now on counts as a name. */
int pseudonyms_add(struct pseudonyms *pseudonyms, struct slice name) MUST_CHECK;

/* "V-4f2a9c": who it is, without saying who. `kind` keeps visitors and agents apart. */
void pseudonym_of(const struct pseudonyms *pseudonyms, const char *kind, struct slice name,
                  struct buf *to);

/* Where a place in the old text has gone to in the new one; both in code points. */
struct moved {
    uint32_t from, to;         /* of the old text, end exclusive */
    uint32_t new_from, new_to; /* of the new one */
};

struct replaced {
    struct buf text;
    struct moved *moved; /* owned; in order */
    size_t count, cap;
};

void replaced_release(struct replaced *replaced);
/* ret must be zeroed or used before. ERR_NO_MEMORY, ERR_LIMIT. */
int pseudonyms_replace(const struct pseudonyms *pseudonyms, struct slice text,
                       struct replaced *ret) MUST_CHECK;
/* A span's start, or its end: inside something replaced it goes to that thing's edge. */
uint32_t replaced_place(const struct replaced *replaced, uint32_t place, bool is_end);

#endif
