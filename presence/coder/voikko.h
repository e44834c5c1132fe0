/* SPDX-License-Identifier: Apache-2.0
 *
 * voikko — base forms of Finnish words by libvoikko, where the machine has it.
 *
 * The library and its dictionary (voikko-fi, GPL-2) are loaded while running and never required:
 * without them words are brought together by their stems, which is coarser.
 */
#ifndef PRESENCE_VOIKKO_H
#define PRESENCE_VOIKKO_H

#include "base/auto.h"
#include "base/result.h"
#include "base/slice.h"

struct voikko; /* opaque; one thread's only */

enum { VOIKKO_E_ABSENT = 1, VOIKKO_E_UNKNOWN };

/* VOIKKO_E_ABSENT: no library, or no Finnish dictionary. */
int voikko_open(struct voikko **ret_voikko) MUST_CHECK;
struct voikko *voikko_free(struct voikko *voikko);

enum { VOIKKO_BASE_BYTES = 64 };

struct voikko_word {
    char base[VOIKKO_BASE_BYTES]; /* in lower case */
    size_t base_len;
    bool asks; /* the question clitic -ko or -kö is on it */
};

/* By the first of the dictionary's readings. VOIKKO_E_UNKNOWN: it does not know the word, or the
 * base form does not fit. */
int voikko_read(struct voikko *voikko, struct slice word, struct voikko_word *ret_word) MUST_CHECK;

#endif
