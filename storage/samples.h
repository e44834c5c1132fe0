/* SPDX-License-Identifier: Apache-2.0
 *
 * samples — which conversations people are to code by hand: drawn once, each with its stratum and
 * its weight, then dealt out to two coders. How they are drawn presence/sampling.h knows.
 *
 * Who is done is told by the codes themselves (codes.h): there is no second record of it. What is
 * erased leaves its sample, too.
 */
#ifndef STORAGE_SAMPLES_H
#define STORAGE_SAMPLES_H

#include "storage/codes.h"

#define SAMPLES_SETTLED "adjudicated" /* the coder who stands for what was settled on */

/* --- what may be drawn --- */

struct sample_frame {
    struct coder_key machine;
    const char *codes; /* a JSON list: which of its codes tell strata apart */
};
struct sample_chat {
    struct conversation_id conversation;
    struct slice language, stage;
    bool coded; /* by the machine, as it is now */
    bool with;  /* bears one of the codes */
};
typedef int sample_chat_fn(void *context, const struct sample_chat *chat);
/* Ended conversations whose words are there, oldest rows first: always in the same order. */
int samples_frame(struct store *store, const struct tenant_name *tenant,
                  const struct sample_frame *frame, sample_chat_fn *fn, void *context);

/* --- writing, by the tenant's writer --- */

struct sample_place {
    struct conversation_id conversation;
    char stratum[64];
    double weight;
};
struct sample_bulk {
    struct store_bulk bulk;              /* .apply by sample_bulk_init(), .done by the caller */
    char *name, *book, *machine, *codes; /* owned */
    uint64_t seed, made_ms;
    struct sample_place *places; /* owned; in order of reading */
    size_t count;
    bool exists; /* set when applied: there is one of that name, and nothing was done */
};
void sample_bulk_init(struct sample_bulk *bulk);
void sample_bulk_release(struct sample_bulk *bulk);

/* Who reads what. */
struct deal {
    uint64_t place;
    char *coders[2]; /* owned */
};
struct deal_bulk {
    struct store_bulk bulk; /* as above */
    char *sample;           /* owned */
    struct deal *deals;     /* owned */
    size_t count;
};
void deal_bulk_init(struct deal_bulk *bulk);
void deal_bulk_release(struct deal_bulk *bulk);

/* --- reading --- */

struct stored_sample {
    struct slice name, book, machine, codes;
    uint64_t seed, made_ms;
};
typedef int stored_sample_fn(void *context, const struct stored_sample *sample);
/* The oldest first. */
int samples_list(struct store *store, const struct tenant_name *tenant, stored_sample_fn *fn,
                 void *context);

struct sampled {
    uint64_t place, last_seq;
    struct conversation_id conversation;
    struct slice language, stratum, coders[2]; /* coders: empty, nobody yet */
    double weight;
    bool done[2];
    bool settled; /* by SAMPLES_SETTLED */
    bool faded;   /* its words are gone: nobody can read it any more */
};
typedef int sampled_fn(void *context, const struct sampled *row);
/* In order of reading. STORE_E_NONE: no such sample. */
int samples_read(struct store *store, const struct tenant_name *tenant, struct slice sample,
                 sampled_fn *fn, void *context);

/* Whether the conversation waits for this coder's codes; for SAMPLES_SETTLED: whether both of its
 * coders are done and nothing is settled yet. */
int samples_waits(struct store *store, const struct tenant_name *tenant, struct slice coder,
                  struct conversation_id conversation, bool *ret_waits) MUST_CHECK;

#endif
