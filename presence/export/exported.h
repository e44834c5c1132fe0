/* SPDX-License-Identifier: Apache-2.0
 *
 * exported — one conversation as researchers get it, with its codes: loaded once, so that every
 * format says the same of it. Pseudonymised unless that is switched off (pseudonym.h); spans of
 * codes move with their words.
 */
#ifndef PRESENCE_EXPORTED_H
#define PRESENCE_EXPORTED_H

#include "presence/coder/coder.h"
#include "presence/export/pseudonym.h"
#include "presence/figures/figures.h"
#include "storage/store.h"

enum { EXPORTED_CODE_BYTES = 24 };

struct exported_code {
    char code[EXPORTED_CODE_BYTES];
    uint32_t first, last; /* code points of the message's text as exported, end exclusive */
};

struct exported_message {
    uint64_t seq, at_ms, reply_to, edited_ms, withdrawn_ms;
    enum message_from from;
    enum message_origin origin;
    char *speaker, *text;        /* owned */
    uint32_t points;             /* of the text */
    struct exported_code *codes; /* owned */
    size_t code_count, code_cap;
    struct replaced replaced; /* while loading */
};

struct exported_chat {
    char id[ID_TEXT_BYTES];
    char *visitor; /* owned; as `speaker` of the visitor's messages */
    char *person;  /* owned; who that is, also where two visitors bear one name */
    uint64_t opened_ms, ended_ms;
    char language[LANGUAGE_BYTES], stage[16];
    char *outcome; /* owned */
    bool coded;
    uint32_t functions;                /* bit per figures_function */
    struct exported_message *messages; /* owned */
    size_t count, cap;
    size_t codes; /* in all messages */
};

struct export_wish {
    struct store *store;
    const struct tenant_name *tenant;
    uint64_t since_ms, until_ms;
    bool ended_only;
    const char *coder, *book;      /* whose codes, by which code book; "": no codes */
    struct pseudonyms *pseudonyms; /* NULL: as it is */
    struct presence_coder *reader; /* finds names that are said; NULL: only known ones are hidden */
};

void exported_release(struct exported_chat *chat);
/* Calls fn for each conversation, newest first; its chat lives until it returns. ERR_*. */
typedef int exported_fn(void *context, const struct exported_chat *chat);
int exported_each(const struct export_wish *wish, exported_fn *fn, void *context) MUST_CHECK;

const char *exported_from_name(enum message_from from);
const char *exported_origin_name(enum message_origin origin);
/* RFC 3339, or "" where the time is not known. */
void exported_time(uint64_t at_ms, struct buf *to);

/* The formats. Each appends a whole file. ERR_LIMIT: larger than the buffer may become. */
int export_csv(const struct export_wish *wish, struct buf *to) MUST_CHECK;
int export_coded(const struct export_wish *wish, struct buf *to) MUST_CHECK;    /* JSON lines */
int export_convokit(const struct export_wish *wish, struct buf *to) MUST_CHECK; /* a zip */
int export_qdpx(const struct export_wish *wish, struct buf *to) MUST_CHECK;     /* a zip */
int export_qdc(struct buf *to) MUST_CHECK; /* the code book alone */

#endif
