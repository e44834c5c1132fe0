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

/* The base form in lower case, into `to`; *ret_len its bytes. VOIKKO_E_UNKNOWN: the dictionary
 * does not know the word, or its base form does not fit. */
int voikko_base(struct voikko *voikko, struct slice word, char *to, size_t size,
                size_t *ret_len) MUST_CHECK;

#endif
