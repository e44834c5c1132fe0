/* SPDX-License-Identifier: Apache-2.0
 *
 * reference_read — one line of a reference file, understood. For reference.c alone.
 *
 * Nothing is guessed: a role, an origin or a code that is none, or a message without words, refuses
 * the whole line, for half of a conversation is read otherwise than all of it.
 */
#ifndef PRESENCE_REFERENCE_READ_H
#define PRESENCE_REFERENCE_READ_H

#include "base/format/json.h"
#include "presence/agreement.h"

enum { REFERENCE_LANGUAGE_BYTES = 8 };

/* One conversation, still in its JSON: texts are borrowed from it. */
struct coded_conversation {
    json_t *json;                            /* owned */
    char language[REFERENCE_LANGUAGE_BYTES]; /* "fi", also of "fi-FI"; "": not told */
    struct presence_message *messages;       /* owned */
    struct agreement_rating *ratings;        /* owned: the reference's, one a message */
    presence_codes *machine;                 /* owned: filled anew by each measuring */
    size_t count;
};

enum { REFERENCE_E_REFUSED = 1 };

/* REFERENCE_E_REFUSED: why stands in `problem`. On any failure there is nothing to release. */
int coded_conversation_read(struct slice line, struct coded_conversation *ret_conversation,
                            struct buf *problem) MUST_CHECK;
void coded_conversation_release(struct coded_conversation *conversation);

#endif
