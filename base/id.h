/* SPDX-License-Identifier: Apache-2.0
 *
 * id — 128 random bits, written as 26 characters of lower-case base32 (RFC 4648 alphabet,
 * no padding). One struct per kind of thing, so that a visitor cannot pass for a conversation.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/slice.h"

#include <stdint.h>

enum { ID_BYTES = 16, ID_TEXT_LEN = 26, ID_TEXT_BYTES = ID_TEXT_LEN + 1 };

struct id {
    uint8_t bytes[ID_BYTES]; /* all zero: none */
};

struct id id_new(void);
bool id_is_none(struct id id);
bool id_equal(struct id a, struct id b);
void id_format(struct id id, char text[ID_TEXT_BYTES]);
/* 1: not 26 characters of the alphabet, or bits set that an id cannot have. */
int id_parse(struct slice text, struct id *ret_id);

/* The kinds. Each wraps the same bytes under a name of its own. */
#define ID_KIND(kind)                                                          \
    struct kind##_id {                                                         \
        struct id id;                                                          \
    };                                                                         \
    static inline bool kind##_id_equal(struct kind##_id a, struct kind##_id b) \
    {                                                                          \
        return id_equal(a.id, b.id);                                           \
    }                                                                          \
    static inline bool kind##_id_is_none(struct kind##_id a)                   \
    {                                                                          \
        return id_is_none(a.id);                                               \
    }

ID_KIND(visitor)      /* a person in a browser, as far as their token reaches */
ID_KIND(conversation) /* one exchange */
ID_KIND(message)      /* one message; also the id of its stanzas */
ID_KIND(session)      /* one live browser connection; never stored */
ID_KIND(site)         /* one web place of a tenant */
ID_KIND(file)         /* what a message carries beside its words; also its name on disk */

#endif
