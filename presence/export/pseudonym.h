/* SPDX-License-Identifier: Apache-2.0
 *
 * pseudonym — names, nicks, e-mail and web addresses, and long numbers in transcripts, replaced by
 * marks that tell them apart but not what they are: "[name 4f2a9c01]", "[email 9c01b7aa]". The same
 * thing has the same mark throughout an instance's exports and none without its key (HMAC-SHA-256).
 *
 * Names are those the platform knows, the visitor's and all the tenant's agents', and those by
 * which a coder saw somebody addressed (COH.VOC); known_names.h says which words are forms of one.
 * What is no name is found by traces.h. Other people's names, places and what a story gives away
 * stay: pseudonymised is not anonymous, and the manual says so.
 */
#ifndef PRESENCE_PSEUDONYM_H
#define PRESENCE_PSEUDONYM_H

#include "base/buf.h"
#include "base/secret/digest.h"
#include "presence/export/known_names.h"

struct pseudonyms {
    struct slice key;
    struct known_names names;
    size_t lasting; /* so many of them stand in all texts; the rest in the chat at hand */
};

void pseudonyms_release(struct pseudonyms *pseudonyms);
/* Forgets the names of the chat at hand, keeps the lasting ones and the key. */
void pseudonyms_clear(struct pseudonyms *pseudonyms);
/* Each word of it from now on counts as a name. */
int pseudonyms_add(struct pseudonyms *pseudonyms, struct slice name) MUST_CHECK;
/* The same, for all texts to come; those of the chat at hand are forgotten. */
int pseudonyms_add_lasting(struct pseudonyms *pseudonyms, struct slice name) MUST_CHECK;

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
