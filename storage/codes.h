/* SPDX-License-Identifier: Apache-2.0
 *
 * codes — which codes of the code book a coder gave to which message. storage/ neither knows the
 * codes nor judges them; presence/ does.
 *
 * A coder codes a conversation whole: coding it again replaces what the coder said before. What
 * was coded when the conversation was shorter counts as not coded. Codes by an older code book
 * stand beside those by a newer one: who codes by another book is another coder.
 */
#ifndef STORAGE_CODES_H
#define STORAGE_CODES_H

#include "storage/store.h"

struct stored_code {
    uint64_t seq; /* 0: of the conversation itself */
    struct slice code, rule;
    uint32_t first, last; /* code points, end exclusive; both 0: no span */
};

struct coder_key {
    struct slice name, book;
};

/* What became of it when it was to be stored. */
enum coding_fate {
    CODING_STORED,
    CODING_UNKNOWN, /* there is no such conversation, or it is longer by now */
    CODING_BEYOND   /* a span ends beyond the text of its message */
};

/* One conversation's codes by one coder. */
struct coding {
    struct conversation_id conversation;
    uint64_t last_seq;         /* of the conversation when it was coded */
    struct stored_code *codes; /* owned, their texts not */
    size_t count, cap;
    char read_in[8]; /* the machine's: the language it read it in; "": it does not say */
    enum coding_fate fate;
};

/* A batch of them, for the tenant's writer. */
struct codes_bulk {
    struct store_bulk bulk; /* .apply by codes_bulk_init(), .done by the caller */
    char *coder, *book;     /* owned */
    uint64_t at_ms;
    struct coding *codings; /* owned */
    size_t count;
};

int codes_bulk_init(struct codes_bulk *bulk, struct slice coder, const char *book,
                    uint64_t at_ms) MUST_CHECK;
void codes_bulk_release(struct codes_bulk *bulk);
/* Appends; the slices stay the caller's until the bulk is done. ERR_NO_MEMORY. */
int coding_add(struct coding *coding, const struct stored_code *code) MUST_CHECK;

typedef int store_code_fn(void *context, const struct stored_code *code);
/* In order of seq, then code. STORE_E_NONE: this coder has not coded it as it is now. */
int codes_read(struct store *store, const struct tenant_name *tenant, const struct coder_key *coder,
               struct conversation_id conversation, store_code_fn *fn, void *context);

/* Where any coder, by any book, gave this code to words of the conversation: `code`, `seq`,
 * `first`, `last`, in order of seq. */
int codes_spans(struct store *store, const struct tenant_name *tenant,
                struct conversation_id conversation, struct slice code, store_code_fn *fn,
                void *context);

/* Conversations this coder has still to code, oldest rows first, at most `limit`; `ret_left`
 * counts all of them. Those without a message, or whose words are gone (retention.h), are never to
 * be coded. */
int codes_uncoded(struct store *store, const struct tenant_name *tenant,
                  const struct coder_key *coder, size_t limit, struct conversation_id *ret_ids,
                  size_t *ret_count, uint64_t *ret_left);

struct stored_coder {
    struct slice name, book;
    uint64_t conversations, latest_ms;
};
typedef int store_coder_fn(void *context, const struct stored_coder *coder);
/* All coders, the one that coded last first. */
int codes_coders(struct store *store, const struct tenant_name *tenant, store_coder_fn *fn,
                 void *context);

#endif
