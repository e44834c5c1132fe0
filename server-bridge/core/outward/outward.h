/* SPDX-License-Identifier: Apache-2.0
 *
 * outward — what leaves for other places than our own processes. For the files of outward/, and
 * for the API's handlers among them.
 *
 *     ask      one request to the outside, through the role fetch, and its answer
 *     hooks    each tenant's hooks while it is served, and the order in which they are told
 *     compose  what a notice says, and its signature
 *     letter   what a mail says
 *     page     what somebody's page says, as far as our widget is concerned
 *     own_copy a conversation to the visitor whose it is
 *     handle_webhooks, handle_mail, handle_check_widget   the API of it
 *
 * A notice is stored before anybody knows of it here (storage/notices.h), and goes only when its
 * hook has said that it took it: so it arrives at least once, in order at each hook, whatever
 * dies meanwhile. Each hook has one notice on its way, so none can take another's place; one that
 * does not answer is asked ever more seldom.
 */
#ifndef SERVER_BRIDGE_CORE_OUTWARD_OUTWARD_H
#define SERVER_BRIDGE_CORE_OUTWARD_OUTWARD_H

#include "server-bridge/core/core.h"
#include "storage/notices.h"

enum {
    OUTWARD_AT_ONCE = 512, /* notices on their way, of all tenants */
    OUTWARD_ANSWER_MAX = 64 * 1024,
    HOOK_ERROR_BYTES = 160,
};

/* --- ask.c --- */

/* Called exactly once, never before ask_outside() has returned; the answer is borrowed. */
typedef void asked_fn(void *context, const struct ipc_fetch_answer *answer);

/* What is asked, but for its number. */
void ask_outside(struct core *core, const struct ipc_fetch_request *request, asked_fn *done,
                 void *context);
/* The same for a mail, by [mail] of the settings. */
void ask_mail(struct core *core, const char *to, struct slice text, asked_fn *done, void *context);
bool mail_is_on(const struct core *core);
/* "the certificate does not hold": for people. */
const char *fetch_outcome_text(enum fetch_outcome outcome);

/* --- hooks.c --- */

enum hook_state {
    HOOK_IDLE,    /* nothing to tell */
    HOOK_READY,   /* in line */
    HOOK_TELLING, /* its notice is on its way, or what became of it is being stored */
    HOOK_PAUSED,  /* it did not take the last one */
};

/* A hook of a tenant that is served. */
struct hook {
    struct hook *next;                    /* of the tenant */
    struct hook *next_ready, *prev_ready; /* in line, of all tenants */
    struct live_tenant *tenant;
    uint64_t serial; /* another one each time it is served again */
    struct hook_id id;
    uint64_t row;
    unsigned events;
    bool texts;
    bool mails;            /* it leads to an address; row 0: each of its notices to its own */
    char *url, *secret;    /* owned */
    char *old_secret;      /* owned; signs, too, until … */
    uint64_t old_until_ms; /* … then; wall */
    uint64_t created_ms;
    enum hook_state state;
    struct event *pause;
    uint64_t paused_until_ms; /* wall */
    unsigned failures;        /* in a row */
    uint64_t round_row; /* mails: from here on all were tried in this round; 0: none was put off */
    unsigned rounds;    /* in a row in which some were put off */
    char error[HOOK_ERROR_BYTES];
    uint64_t told_ms; /* the last that it took; 0: none since we started */
};

/* Takes a stored one among those that are served; NULL: no memory, it is so at the next start. */
struct hook *hook_begin(struct live_tenant *tenant, const struct stored_hook *stored);
void hook_end(struct hook *hook);
/* It has another secret now; false: no memory, and it is so at the next start. */
bool hook_rotated(struct hook *hook, struct slice secret, uint64_t old_until_ms);
/* The old secret while it counts; "" afterwards. */
const char *hook_old_secret(const struct hook *hook, uint64_t now_ms);
struct hook *hook_find(const struct live_tenant *tenant, struct hook_id id);
/* There may be something to tell. `now`: also when it is paused. */
void hook_poke(struct hook *hook, bool now);
/* Whether it took what it was told; else why not, for people. */
bool hook_took(const struct ipc_fetch_answer *answer, char error[HOOK_ERROR_BYTES]);
/* A copy by mail was ordered. */
void hooks_mail_ordered(struct live_tenant *tenant);
int hooks_start(struct core *core) MUST_CHECK;
void hooks_stop(struct core *core);

/* --- compose.c --- */

enum { HOOK_SECRET_BYTES = 6 + 44 + 1 /* whsec_, and 32 bytes in base64 */ };

void hook_secret_new(char secret[HOOK_SECRET_BYTES]);
/* The body: a JSON object. `texts`: with what people said. */
void notice_compose(const struct notice *notice, const char *tenant, bool texts, struct buf *to);
/* The same for a trial, which tells of nothing. */
void notice_compose_test(struct notice_id id, const char *tenant, uint64_t at_ms, struct buf *to);
/* The headers, signed: after Standard Webhooks. */
void notice_sign(struct notice_id id, uint64_t now_ms, const char *secret, const char *old_secret,
                 struct slice body, struct buf *to);

/* --- letter.c --- */

struct letter {
    struct buf subject, text;
    struct buf agent;  /* who said something last, as the visitor knows them; empty: nobody did */
    struct buf sender; /* … and as we do: their bare JID */
    size_t language;
    bool with_messages; /* letter_add_message() each of the conversation's */
    bool for_visitor;
};

struct envelope {
    const char *from, *title; /* an address, and who is behind it */
    const char *to;
    struct notice_id notice;
    uint64_t now_ms;
};

void letter_init(struct letter *letter);
void letter_release(struct letter *letter);
/* What it is about. `title`: the tenant's. */
void letter_open(struct letter *letter, const struct notice *notice, const char *title, bool texts);
/* False: no more fits, which it says. */
bool letter_add_message(struct letter *letter, const struct stored_message *message);
/* Under a copy for the visitor: the tenant's signature, {agent} and {company} filled in. A line
 * that names an agent is left out where none said anything. */
void letter_sign(struct letter *letter, const char *signature, const char *title);
/* The code of the language it is in: "fi". */
const char *letter_language(const struct letter *letter);
/* The whole mail. */
void letter_close(const struct letter *letter, const struct envelope *envelope, struct buf *to);

/* --- the core's own --- */

struct outward {
    struct core *core;
    struct ipc_peer *fetch; /* NULL: away */
    struct asking *askings;
    uint64_t last_number;
    char *mail_password; /* owned; NULL: none */
    struct event *pump, *hourly;
    struct hook *ready; /* in line */
    uint64_t last_serial;
    size_t telling; /* notices on their way */
};

#endif
