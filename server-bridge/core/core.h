/* SPDX-License-Identifier: Apache-2.0
 *
 * core — the role that knows. It owns the tenants, their rules (chat/), their memory
 * (storage/) and the sessions of their visitors; it parses only our own messages.
 *
 * This header is for the files of core/ alone: who is who, and what each file offers the
 * others. Everything runs on one loop; only the store's writers and work.h have threads.
 *
 *     web_side     what web says                 tenants   live tenants, coming and going
 *     link_side    what links say                sessions  browsers, by session and visitor
 *     carry        what chat/ wants done         answers   what storage says
 *     hello        a browser's first frame       provision hosts, accounts, rosters
 *     tenant_settings  settings in layers, and who must know them
 *     tenant_life, tenant_end  a tenant comes, stops, starts again, and goes
 *     tenant_rename    it is called otherwise
 *     history      what a visitor said before        quota     what one tenant may use
 *     rights       what visitors may ask for themselves
 *     agent_load   what agents have in hand at all tenants together
 *     supervision  what supervisors see, and that they looked
 *     rooms        each tenant's team room
 *     certificates  what web tells of them, and that one expires soon
 *     files/       visitors' files, in and out (files.h)
 *     survey/      what buyers are asked, who chatted and who did not
 *     api/         the REST API               work      what takes long, off the loop
 *     outward/     what leaves for other places: webhooks
 */
#ifndef SERVER_BRIDGE_CORE_CORE_H
#define SERVER_BRIDGE_CORE_CORE_H

#include "base/log.h"
#include "base/ratelimit.h"
#include "base/secret/password.h"
#include "chat/chat.h"
#include "server-bridge/core/certificates.h"
#include "server-bridge/ipc/peer.h"
#include "server-bridge/role.h"
#include "storage/directory/directory.h"
#include "storage/keys/tenant_key.h"
#include "storage/staffing.h"
#include "storage/store.h"
#include "tenant/settings.h"

#include <uthash.h>
#include <utlist.h>

struct event;
struct provision;
struct described;
struct guess;
struct works;
struct presence_rules;
struct indexing;
struct snapshot_job;
struct outward;
struct hook;
struct upload;
struct download;

enum {
    CORE_QUEUE_MAX_BYTES = 256 * 1024 * 1024, /* unsent to web, before it is given up */
    LINK_QUEUE_MAX_BYTES = 32 * 1024 * 1024,
    CONTACT_LOCAL_BYTES = 1 + ID_TEXT_BYTES /* "v" and the visitor's id */
};

/* A web process, or the one on the operator's own socket. */
struct web_peer {
    struct web_peer *next, *prev;
    struct core *core;
    struct ipc_peer *ipc;
    enum ipc_role role; /* IPC_CONTROL: whoever speaks here is the operator */
    unsigned index;
};

/* Something handed to a link and not yet known to have reached the XMPP server. */
struct in_flight {
    uint64_t ordinal;
    struct conversation_id conversation; /* none: a line of ours … */
    struct message_id message;
    uint64_t seq;
    unsigned round;
    bool awaited; /* … whose arrival the rules want to hear of */
};

/* An event born while chat_handle() was busy; fed in right after. */
struct later {
    struct later *next;
    enum chat_event_type type;
    struct conversation_id conversation;
    struct visitor_id visitor;
    uint64_t seq, delivery_seq;
    unsigned limit;
    bool more, refused;
    char *agent; /* owned; may be NULL */
};

/* A visitor with at least one browser here. */
struct visitor {
    UT_hash_handle hh;
    struct visitor_id id;
    struct session *sessions;
};

struct session {
    UT_hash_handle hh;
    struct session_id id;
    struct web_peer *web;
    struct live_tenant *tenant;
    struct visitor *visitor; /* NULL until the token is settled */
    struct session *next_of_visitor, *prev_of_visitor;
    struct replay *replay;   /* owned; NULL: it has been told all that was said before */
    struct earlier *earlier; /* owned; NULL: it asks for no earlier conversation now */
    struct site_id site;
    uint64_t told_seq; /* the highest seq this browser has got as `message` or `saved` */
    struct conversation_id told_of;   /* the conversation told_seq counts in */
    char *name, *language;            /* owned; NULL: not given */
    bool hidden;                      /* its tab is not seen */
    bool verified;                    /* the site vouches for the visitor, and says: */
    char *email, *stage, *attributes; /* owned; NULL: nothing */
};

/* Where browsers were sent away, for a page of it could not be read. */
struct unreadable {
    struct conversation_id conversation;
    unsigned times;
};
enum { UNREADABLE_KEPT = 16 };

/* A hello whose new visitor is being committed; its welcome waits for that. */
struct greeting {
    struct greeting *next;
    struct session_id session;
    struct visitor_id visitor;
    char token[TOKEN_TEXT_BYTES];
    char *page;    /* owned */
    char *subject; /* owned; whom the site says it is; "": nobody vouches */
};

/* What the tenant may use of what all share. */
struct quota {
    uint64_t messages, sessions; /* web counts them */
    uint64_t conversations;
    uint64_t storage_bytes; /* 0: no limit */
    uint64_t api;           /* cost a second: api/budget.h */
    uint64_t users;         /* console users bound to it */
    uint64_t used_bytes, measured_ms;
    bool told; /* that it is exhausted; once is enough */
};

/* The words of users.second_factor, each stricter than the one before. */
enum factor_wanted { FACTOR_OF_NONE, FACTOR_OF_ADMINS, FACTOR_OF_ALL };

/* A tenant is stopped: nobody is served, and its component session is closed. */
typedef void tenant_shut_fn(void *context);

struct live_tenant {
    UT_hash_handle hh;
    struct core *core;
    struct tenant about; /* owned */
    struct log_context log;
    struct chat *chat; /* NULL while the database is unavailable, or the tenant disabled */
    struct identity_key identity_key;
    struct quota quota;
    enum factor_wanted factor_wanted; /* of its console users; where it cannot be told, of all */
    struct ratelimit asked;           /* api/budget.h: what its users and tokens may still ask */
    struct event *tick;
    tenant_shut_fn *shut; /* its component session is closing: called when it has */
    void *shut_context;
    struct event *shut_limit;
    struct later *later;
    bool handling;

    struct ipc_peer *link;
    bool link_up;
    bool emptying;  /* it is disabled; its link stays until nobody is in its team room */
    bool room_open; /* its team room; else why not: */
    char room_reason[IPC_NAME_MAX + 1];
    uint64_t said_ordinal;       /* of the last link_say */
    struct in_flight *in_flight; /* ring */
    size_t in_flight_first, in_flight_count, in_flight_cap;

    struct hook *hooks;            /* outward/: where it wants to be told what happens */
    struct staffing_hour staffing; /* seen and not stored yet */
    struct visitor *visitors;      /* hash by id */
    struct greeting *greetings;    /* oldest first */
    struct unreadable unreadable[UNREADABLE_KEPT]; /* replay.c: ring */
    unsigned unreadable_next;
    struct outsiders outsiders; /* named by its settings; heard, and no members */
    struct membership *members; /* array */
    size_t member_count;
};

struct core {
    struct role *role;
    struct directory *directory;
    struct store *store;
    char *tenants_folder;        /* owned; where the store keeps them */
    struct live_tenant *tenants; /* hash by name */
    struct web_peer *webs;
    struct session *sessions; /* hash by id */
    struct event *answers;    /* the store's descriptor */
    struct provision *provision;
    struct outward *outward;           /* outward/: what leaves for other places */
    struct works *works;               /* threads for what takes long: work.h */
    struct indexing *indexings;        /* search indexes that are catching up */
    struct snapshot_job *snapshots;    /* copies for a backup: api/snapshot_job.h */
    struct presence_rules *rules;      /* of the machine coder; NULL: not asked for yet */
    struct held_reference *references; /* api/presence/references.h: on their way in */
    uint64_t now_ms;                   /* wall, never backwards */
    uint64_t started_ms;
    struct digest address_key, file_key, order_key;
    uint64_t writes_waiting;
    struct event *hourly; /* retention */
    struct certificates certificates;
    struct event *staffing;           /* looks at the desks */
    char *settings;                   /* owned; the server's layer, for all tenants */
    enum factor_wanted factor_wanted; /* what that says of console users */
    struct call *calls;               /* api/: kept to be answered later */
    uint64_t next_turn_ms;            /* steady; of the next tenant: api/tenants/turn.h */
    struct described *described;      /* api/openapi/; NULL: nobody asked yet */
    struct guess *guesses;            /* api/people/: names that were guessed at */
    struct budget *budgets;     /* api/budget.h: what tokens and users may still ask; hash by who */
    unsigned passwords_waiting; /* api/people/: to be hashed */
    struct password_cost password_cost;
    struct agent_brands *brands; /* brands.c; hash by agent */
    struct ending *endings;      /* tenant_end.c: tenants on their way out */
    struct event *moves;         /* tenant_rename.c: what could not move is tried again */
    struct upload *uploads;      /* uploads.c: files that come in, or wait for their message */
    struct event *uploads_clock;
    struct download *downloads;   /* downloads.c: files that go out */
    struct answering *answerings; /* survey/: what buyers answered, on its way to disk */
    bool draining;
};

/* keys.c */
/* The directory opens with the instance's key, which is made where nothing was ever sealed.
 * ERR_CONFIG: it is missing, or another one: it is logged. */
int keys_start(struct core *core) MUST_CHECK;
/* Another instance's key in the place of this one. DIRECTORY_E_SEALED (tenant_keys.h). ERR_IO: it
 * is logged; the key of before holds, unless a restart finds otherwise. */
int keys_renew(struct core *core) MUST_CHECK;
/* ERR_CORRUPT: its key, or a secret of it in the directory, does not open, which is logged. */
int keys_check(struct live_tenant *tenant) MUST_CHECK;
/* What its own database holds plain, or under the key before, is sealed by the one of now; then the
 * one before goes. */
void keys_settle(struct live_tenant *tenant, const struct tenant_keys *keys);
/* The last step of that: all is sealed by the key of this version. */
void keys_settled(struct core *core, const struct tenant_name *tenant, uint64_t version);

/* core.c: the time, for events and records; it never runs backwards: where the clock is set back,
 * it stands still. */
uint64_t core_now_ms(struct core *core);
/* What the clock shows, which may be less than a moment ago: for what is compared with people's
 * devices, and for log-ins, which must not hold for as long as time stands still. */
uint64_t core_clock_ms(void);
/* For waits: goes on, however the clock is set. */
uint64_t core_steady_ms(void);

/* tenants.c */
int tenants_start(struct core *core) MUST_CHECK;
void tenants_stop(struct core *core);
struct live_tenant *tenants_find(struct core *core, struct slice name);
/* What a web must know to serve the tenant. */
void tenants_tell_web(struct web_peer *web, const struct live_tenant *tenant);
/* Membership changed in the directory: tells the rules and the link. */
int tenants_member_set(struct live_tenant *tenant, const struct membership *member,
                       const struct agent *agent) MUST_CHECK;
/* The desk is among the member's contacts from now on: before, the XMPP server may have told
 * neither of the other. */
void tenants_introduced(struct live_tenant *tenant, struct slice jid);
/* They chose it at this tenant's desk: it is kept, and holds at every other one. */
void tenants_agent_speaks(struct live_tenant *tenant, struct slice jid, struct slice language);
/* They said !away or !here: it is kept. */
void tenants_member_away(struct live_tenant *tenant, struct slice jid, bool away);
void tenants_member_remove(struct live_tenant *tenant, const char *jid);
const struct membership *tenants_member(const struct live_tenant *tenant, struct slice jid);
/* A member, or somebody outside whom the tenant has named. */
bool tenants_hears(const struct live_tenant *tenant, struct slice jid);
/* Members and their names from the directory: of this tenant, or of all (NULL). */
int tenants_load_members(struct core *core, const struct live_tenant *only) MUST_CHECK;
/* Feeds one event to the tenant's rules, then whatever it gave rise to. */
void tenants_handle(struct live_tenant *tenant, struct chat_event *event);
/* Queues an event from within an effect. */
void tenants_later(struct live_tenant *tenant, const struct later *later);

/* tenant_life.c */
/* Takes the tenant over from the directory: opens its database, restores its conversations,
 * asks for its link, tells every web. ERR_*: it stays known, but unavailable. */
int tenants_add(struct core *core, const struct tenant *about) MUST_CHECK;
/* Ends its sessions, closes link and database; it stays known. `shut` comes later, once the
 * component session is closed; NULL: nobody waits, and that of one that is disabled closes when its
 * team room is empty. about.state says before what it is now. */
void tenants_shut(struct live_tenant *tenant, tenant_shut_fn *shut, void *context);
/* The other way; about.state is TENANT_LIVE again. ERR_*: unavailable. */
int tenants_resume(struct live_tenant *tenant) MUST_CHECK;
/* Forgets a tenant that is shut. */
void tenants_drop(struct live_tenant *tenant);
void tenants_free(struct live_tenant *tenant);
void tenants_link_closed(struct live_tenant *tenant);
/* Its link ends. */
void tenants_link_unwanted(struct live_tenant *tenant);

/* staffing.c: how the desks are staffed, looked at again and again. */
int staffing_start(struct core *core) MUST_CHECK;
void staffing_stop(struct core *core); /* before the store stops */

/* retention.c: words that are kept no longer go, now and every hour. */
int retention_start(struct core *core) MUST_CHECK;
void retention_stop(struct core *core);
void retention_run(struct live_tenant *tenant);

/* quota.c */
/* Whether the visitor's word would begin a conversation that may not begin; then it was told. */
bool quota_refuses(struct session *session, struct slice cid);
/* "conversations", "storage": nothing more may begin. NULL: all is well. */
const char *quota_exhausted(struct live_tenant *tenant);
uint64_t quota_used_bytes(struct live_tenant *tenant);

/* tenant_end.c */
typedef void tenant_end_fn(void *context, bool done, const char *reason);
/* Removes a tenant for good, live or half added. `done` is called once, maybe at once; not
 * done: it will be tried again. ERR_*: it is not called, and at most the mark was set. */
int tenants_end(struct core *core, const struct tenant *about, tenant_end_fn *done,
                void *context) MUST_CHECK;
/* Goes on with an end, or undoes an adding, that a kill cut short. */
void tenants_end_rest(struct core *core, const struct tenant *about);
bool tenants_is_ending(const struct core *core, const struct tenant_name *name);
/* After provision_stop(). */
void tenants_end_stop(struct core *core);

/* tenant_rename.c */
/* The tenant that is called that, or was. */
struct live_tenant *tenants_called(struct core *core, struct slice name);
/* As tenants_add(); of one that was renamed first moves what has not followed. What cannot is tried
 * again, and until then the tenant is known as TENANT_RENAMING and not served. */
int tenants_take_over(struct core *core, const struct tenant *about) MUST_CHECK;
/* The same, of the tenant of that name in the directory, and with its members. */
int tenants_take(struct core *core, const struct tenant_name *name) MUST_CHECK;
/* It was renamed, and something could not be moved yet. */
bool tenants_is_moving(const struct live_tenant *tenant);
/* After tenants_stop(). */
void tenants_rename_stop(struct core *core);

/* tenant_settings.c */
int settings_start(struct core *core) MUST_CHECK;
/* What counts for the tenant, or for one of its sites (NULL: for no site in particular). */
int settings_of(const struct live_tenant *tenant, const struct site *site,
                struct tenant_settings **ret_settings) MUST_CHECK;
/* The link hears those the settings name and who are no members, or no longer. */
void settings_tell_outsiders(struct live_tenant *tenant, bool heard);
/* What the tenant wrote down for its agents goes to the rules. */
void settings_tell_words(struct live_tenant *tenant);
int settings_rules(const struct live_tenant *tenant, struct chat_rules *ret_rules) MUST_CHECK;
/* Takes over from the settings what is looked at with each request: the quotas, and of whom a
 * second factor is wanted. */
int settings_quota(struct live_tenant *tenant) MUST_CHECK;
/* Each changes a layer in the directory, then tells rules and web: it counts at once. 1: refused
 * whole; why stands in `problem`. */
int settings_change_server(struct core *core, const json_t *changes,
                           struct buf *problem) MUST_CHECK;
int settings_change_tenant(struct live_tenant *tenant, const json_t *changes,
                           struct buf *problem) MUST_CHECK;
int settings_change_site(struct live_tenant *tenant, struct site *site, const json_t *changes,
                         struct buf *problem) MUST_CHECK;

/* sessions.c */
struct session *sessions_find(struct core *core, const struct web_peer *web, struct id id);
struct session *sessions_new(struct core *core, struct web_peer *web, struct id id,
                             struct live_tenant *tenant);
/* The token is settled: from now on the session hears what the visitor hears. */
bool sessions_settle(struct session *session, struct visitor_id visitor);
/* Whether the visitor has browsers here, and sees none of them. */
bool sessions_are_hidden(const struct visitor *visitor);
/* Forgets it; tells the rules when it had a visitor. */
void sessions_end(struct core *core, struct session *session);
void sessions_end_of_web(struct core *core, struct web_peer *web);
void sessions_end_of_tenant(struct core *core, struct live_tenant *tenant, unsigned close_code,
                            const char *code, const char *text);
void sessions_end_of_visitor(struct live_tenant *tenant, struct visitor_id visitor,
                             unsigned close_code, const char *code, const char *text);
struct visitor *sessions_visitor(const struct live_tenant *tenant, struct visitor_id id);
/* Its visitor says something: cid, text, reply_to and file are the caller's, the rest the
 * session's. */
void sessions_said(struct session *session, struct chat_event *said);

/* hello.c */
void hello_begin(struct core *core, struct web_peer *web, const struct ipc_session_hello *hello);
/* The browser has all that was said: its visitor is there. `familiar`: the agent they had last. */
void hello_come(struct session *session, struct slice page, const char *familiar);
/* Sends it away for a moment, and ends the session. */
void hello_refuse_later(struct session *session);
/* The oldest greeting's visitor is stored, or could not be. */
void hello_stored(struct live_tenant *tenant, bool stored);
/* While the tenant is closed: when it will be open, [["2026-…Z","2026-…Z"],…]; else empty. */
void hello_openings(const struct live_tenant *tenant, struct buf *ret_json);
/* "https://shop.example/pricing?x=1" → "/pricing": all an agent needs to see. */
struct slice hello_path(struct slice url);

/* web_side.c, link_side.c: handler tables and what happens when an end is gone. */
void web_side_attach(struct core *core, int fd, enum ipc_role role, unsigned index);
void web_side_stop(struct core *core);
void link_side_attach(struct core *core, int fd, const char *tenant);
void link_side_detach(struct live_tenant *tenant);
/* What they are, or speak, may have changed. */
void link_side_member(struct live_tenant *tenant, const struct membership *member);
/* The tenant's name, site or colour may have changed. */
void link_side_look(struct live_tenant *tenant);
/* All it must know, from the start: of a tenant that is not served, no member. */
void link_side_brief(struct live_tenant *tenant);

/* history.c: a visitor's earlier conversations, for their agent. */
void history_send(struct live_tenant *tenant, const struct chat_effect *effect);

/* agent_load.c: the agent's load here has changed; or the agent's limit, or where they serve. */
void agent_load_changed(struct live_tenant *tenant, struct slice jid, unsigned load);
void agent_load_tell(struct core *core, struct slice jid);

/* supervision.c: what is said, to a supervisor beside it; and the record that they looked. */
void supervision_show(struct live_tenant *tenant, const struct chat_effect *effect);
void supervision_audit(struct live_tenant *tenant, const struct chat_effect *effect);

/* rooms.c: the team room's address is appended; nothing where the XMPP server has no rooms. */
void rooms_address(const struct core *core, const struct tenant *about, struct buf *to);
/* Whether there is to be one, and what it is called, may have changed. */
void rooms_tell(struct live_tenant *tenant);
/* The link says so. */
void rooms_state(struct live_tenant *tenant, bool open, struct slice reason);
void rooms_admitted(struct live_tenant *tenant, struct slice jid);
void rooms_emptied(struct live_tenant *tenant);
/* A tenant is disabled: whether its link is still needed, to put everybody out of the room. */
bool rooms_empty(struct live_tenant *tenant);
/* Why a room that there should be is not open; NULL: all is well. */
const char *rooms_problem(const struct live_tenant *tenant);

/* avatars.c */
enum { AVATAR_ADDRESS_BYTES = TENANT_NAME_MAX + ID_TEXT_BYTES + 8 };
/* "/p/acme/…", at any origin of ours; "" where there is none. */
void avatar_address(const struct tenant_name *tenant, struct id avatar,
                    char ret_address[AVATAR_ADDRESS_BYTES]);
/* What visitors see beside this member: their own picture, else the tenant's. */
struct slice avatar_of(const struct live_tenant *tenant, struct slice jid,
                       char ret_address[AVATAR_ADDRESS_BYTES]);
/* The same beside a message; empty where nobody is seen there: a visitor's, ours. */
struct slice avatar_of_words(const struct live_tenant *tenant, enum message_from from,
                             struct slice sender, char ret_address[AVATAR_ADDRESS_BYTES]);
/* It is stored; jid "": the tenant's own. */
void avatar_changed(struct live_tenant *tenant, const char *jid, struct id avatar);
void avatar_give(struct web_peer *web, const struct ipc_avatar_open *open);

/* brands.c: another tenant of this agent's whose brand the text holds, as it is called; borrowed
 * until the next call. Empty: none. */
struct slice brands_in(struct live_tenant *tenant, struct slice agent, struct slice text);
void brands_stop(struct core *core);

/* quote.c */
struct quote {
    uint64_t seq;                  /* of what is quoted; 0: nothing is */
    bool own;                      /* the visitor said it */
    char stanza[IPC_NAME_MAX + 1]; /* as this agent's client knows it; "": it cannot be told */
    char text[IPC_NAME_MAX + 1];   /* a line of it */
};
/* Asks the store: not for a row's callback. */
void quote_find(struct live_tenant *tenant, struct conversation_id conversation, uint64_t seq,
                struct slice agent, struct quote *ret_quote);
/* Adds a visitor's words as an agent is told them: only lines of ours begin with "[lasna]", so one
 * of theirs that does is quoted. */
void quote_add_words(struct buf *to, struct slice words);

/* carry.c */
void carry_effect(void *context, const struct chat_effect *effect);
/* What colleagues said goes to an agent under the message's id with one bit turned: the same each
 * time, so shown once, and no receipt for it is taken for the message's. */
struct message_id carry_colleague_id(struct message_id message);
/* The ordinal of what is about to go to a link: CHAT_ROUTED, or CHAT_LINE_ROUTED, tells the rules
 * when it arrived. */
uint64_t carry_remember(struct live_tenant *tenant, struct in_flight flying);
/* The ordinal of a line of ours that is about to go to a link; nobody waits for its fate. */
uint64_t carry_aside(struct live_tenant *tenant, struct message_id message);
/* Everything still unconfirmed is unsent again. */
void carry_link_lost(struct live_tenant *tenant);
/* All up to the ordinal has reached the XMPP server. */
void carry_routed(struct live_tenant *tenant, uint64_t ordinal);

/* answers.c */
int answers_start(struct core *core) MUST_CHECK;
void answers_stop(struct core *core);
/* Takes the answers that are there. */
void answers_collect(struct core *core);
/* Copies the write and submits it; a refusal comes back as CHAT_STORE_FAILED, later. */
void answers_submit(struct live_tenant *tenant, const struct chat_write *write);

/* provision.c: asks the XMPP server for hosts, accounts and roster entries. Each `done` is
 * called exactly once, never before the asking call has returned. */
typedef void provision_done_fn(void *context, bool done, const char *reason);
int provision_start(struct core *core) MUST_CHECK;
void provision_stop(struct core *core);
void provision_side_attach(struct core *core, int fd);
/* Writes (or removes) the server's file for the tenant and activates (or deactivates) it. */
void provision_host(struct core *core, const struct tenant *tenant, bool active,
                    provision_done_fn *done, void *context);
/* The server's file for the tenant follows its name: what stands in it stays. */
int provision_rename(const struct core *core, const struct tenant_name *from,
                     const struct tenant *tenant) MUST_CHECK;
void provision_account(struct core *core, const char *jid, const char *password,
                       provision_done_fn *done, void *context);
void provision_roster(struct core *core, const struct ipc_provision_roster *item,
                      provision_done_fn *done, void *context);
/* Whether the server does as we say (prosody, ejabberd), or its admin does it by hand. */
/* The room is destroyed; that there is none is as good. */
void provision_room(struct core *core, const char *address, provision_done_fn *done, void *context);
bool provision_is_automatic(const struct core *core);
/* What the link of this tenant tells the XMPP server; borrowed. */
const char *provision_secret_of(const struct core *core, const struct tenant *tenant);

/* outward/ */
int outward_start(struct core *core) MUST_CHECK;
/* Before api_stop(); whoever waits for an answer gets none that helps. */
void outward_stop(struct core *core);
void outward_attach(struct core *core, int fd);
/* The tenant is served from now on, or no more. */
int hooks_open(struct live_tenant *tenant) MUST_CHECK;
void hooks_close(struct live_tenant *tenant);
/* Something of the tenant was stored: perhaps there is news. */
void hooks_written(struct live_tenant *tenant, const struct chat_write *write);

/* outward/own_copy.c */
/* Whether visitors may have their conversation mailed to them. */
bool own_copy_is_offered(const struct live_tenant *tenant);
/* Mails the latest one, and says so; or why not. */
void own_copy_mail(struct session *session, struct slice to);

/* rights.c */
/* Whether the visitor may see a conversation before the one named. */
bool rights_has_earlier(const struct session *session, struct slice before);
/* Tells it. `before` empty: the latest. */
void rights_tell_earlier(struct session *session, struct slice before);
/* The next page of it. */
void rights_next_earlier(struct session *session);
void rights_drop_earlier(struct session *session);
/* Forgets the visitor, and with that every session of theirs; or says why not. */
void rights_forget(struct session *session);

/* api/visitor_erase.c: a visitor's own wish. OK: it is in the ledger, and every session of theirs
 * is gone. ERASE_E_HELD: a legal hold keeps everything. ERR_*. */
enum { ERASE_E_HELD = 1 };
int erase_own(struct live_tenant *tenant, struct visitor_id visitor) MUST_CHECK;
/* Who was erased before, and came back with an old database, goes again. */
void erase_again(struct core *core, const struct tenant_name *tenant);

/* api/api.c */
void api_handle(struct web_peer *web, const struct ipc_api_request *request);
/* Its earlier part has been written out: the next, or none any more. */
void api_next(struct web_peer *web, const struct ipc_api_next *next);
/* A web that asked is gone: answers to it go nowhere. */
void api_forget_web(struct core *core, const struct web_peer *web);
/* Drops what is still kept; after provision_stop(). */
void api_stop(struct core *core);
/* api/snapshot_job.c: removes what a kill left; drops all, before work_stop(), which then waits for
 * none of them. */
int snapshots_start(struct core *core) MUST_CHECK;
void snapshots_stop(struct core *core);
/* api/machine.c: forgets the coder's rules; after work_stop(). */
void machine_stop(struct core *core);
/* api/presence/references.c: forgets those on their way in; those of one tenant. */
void references_stop(struct core *core);
void references_forget(struct core *core, const struct tenant_name *tenant);

/* "v" and the visitor's id: its localpart. */
static inline void contact_local(struct visitor_id visitor, char local[CONTACT_LOCAL_BYTES])
{
    local[0] = 'v';
    id_format(visitor.id, local + 1);
}

#endif
