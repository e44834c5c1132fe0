/* SPDX-License-Identifier: Apache-2.0
 *
 * coder — the machine that reads a conversation and says which codes its messages bear.
 *
 * Everything it knows of language is data: the rule files of a folder (presence/rules/, format in
 * docs/presence.md). Nothing here reads a clock, a network or a database: the same text under the
 * same rules gives the same codes, whoever asks and whenever.
 *
 *     presence_rules_load()   once a process; immutable afterwards, threads may share it
 *     presence_coder_new()    one a thread: memory it works in
 *     presence_code()         one conversation, whole: place in the chat and replies matter
 *
 * Who owns what: the caller owns rules and coder, and frees the coder first. Texts and names are
 * borrowed for the length of one presence_code(). What a callback is handed is borrowed until it
 * returns, except `rule`, which lives as long as the rules.
 *
 * Spans are counted in Unicode code points of the text as given, from 0, end exclusive; the text
 * need not be in NFC. A code stands at most once in a message, with the span that came first.
 */
#ifndef PRESENCE_CODER_H
#define PRESENCE_CODER_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/result.h"
#include "presence/codebook.h"

struct presence_rules; /* opaque */
struct presence_coder; /* opaque */

enum presence_role { PRESENCE_VISITOR, PRESENCE_AGENT, PRESENCE_BOT, PRESENCE_SYSTEM };
enum presence_origin {
    PRESENCE_TYPED,
    PRESENCE_CANNED,
    PRESENCE_BY_BOT,
    PRESENCE_BY_SYSTEM,
    PRESENCE_WITH_FILE, /* its text is the name of a file */
};

struct presence_message {
    enum presence_role role;
    enum presence_origin origin; /* only typed messages of visitor and agent are coded */
    struct slice text;           /* any bytes; what is not UTF-8 is refused, not guessed */
    struct slice name;           /* who speaks, as the other sees it; may be none */
    size_t reply_to;             /* number, from 1, of the message answered; PRESENCE_NO_REPLY */
};
#define PRESENCE_NO_REPLY 0

struct presence_conversation {
    const struct presence_message *messages; /* in order */
    size_t count;
    struct slice language;     /* as declared, "fi" or "fi-FI"; counts when the words do not tell */
    const struct slice *names; /* further names and nicks the parties go by */
    size_t name_count;
};

struct presence_instance {
    size_t message; /* index into the conversation */
    enum presence_code code;
    const char *rule;  /* its id: "fi.greet.word" */
    uint32_t from, to; /* code points of the message's text, end exclusive */
};

/* What became of one conversation. typed = coded + refused. */
struct presence_outcome {
    char language[8];                /* the rules' language it was read in; "" when none fits */
    size_t coded, left_out, refused; /* messages: read; not typed; not UTF-8 or too long */
    size_t instances;
};

enum { PRESENCE_MAX_POINTS = 1000000 }; /* a longer message is refused */

/* Reads every FOLDER/<language>/<name>.rules. ERR_CONFIG: `problems` says file, line and remedy. */
int presence_rules_load(struct presence_rules **ret_rules, const char *folder,
                        struct buf *problems) MUST_CHECK;
struct presence_rules *presence_rules_free(struct presence_rules *rules);
DEFINE_AUTO(presence_rules)

/* "1.0-3fa9c2d1": the version the files declare and a digest of all of them. A coder of these
 * rules is named "machine@" and this in stored codes. */
const char *presence_rules_version(const struct presence_rules *rules);

/* Runs the examples that stand in the rule files. Returns how many fail; each adds a line. */
size_t presence_rules_check(const struct presence_rules *rules, struct buf *problems);

int presence_coder_new(struct presence_coder **ret_coder,
                       const struct presence_rules *rules) MUST_CHECK;
struct presence_coder *presence_coder_free(struct presence_coder *coder);
DEFINE_AUTO(presence_coder)

/* Lets Voikko find the base forms of Finnish words, where it is installed; see
 * presence/coder/voikko.h. Codes may then differ, so such a coder is to be named
 * "machine@VERSION+voikko". PRESENCE_E_NO_VOIKKO: no library or no dictionary; the coder works on
 * without. */
enum { PRESENCE_E_NO_VOIKKO = 1 };
int presence_coder_use_voikko(struct presence_coder *coder) MUST_CHECK;

/* Every coder made of these rules from now on uses Voikko. False: it is not installed. */
bool presence_rules_use_voikko(struct presence_rules *rules);
bool presence_rules_have_voikko(const struct presence_rules *rules);

/* Called in order of messages, then of the code book. */
typedef void presence_instance_fn(void *context, const struct presence_instance *instance);

/* Reads a whole conversation. ERR_NO_MEMORY only. */
int presence_code(struct presence_coder *coder, const struct presence_conversation *conversation,
                  presence_instance_fn *each, void *context,
                  struct presence_outcome *ret_outcome) MUST_CHECK;

typedef void presence_name_fn(void *context, struct slice name);

/* Each name the parties go by: those given, and those the rules for names find. ERR_NO_MEMORY
 * only. */
int presence_names(struct presence_coder *coder, const struct presence_conversation *conversation,
                   presence_name_fn *each, void *context) MUST_CHECK;

/* Why the message at `index` got its codes, or why a rule that fitted did not count, as lines of
 * text for a person: language, how the words were read, then each rule that matched anywhere. */
int presence_explain(struct presence_coder *coder, const struct presence_conversation *conversation,
                     size_t index, struct buf *to) MUST_CHECK;

#endif
