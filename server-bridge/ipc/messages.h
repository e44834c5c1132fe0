/* SPDX-License-Identifier: Apache-2.0
 *
 * messages — everything the roles say to one another, in one table: its number, who may say
 * it, to whom, and its fields with their bounds. Structs, encoder, decoder, names and the
 * fuzz target all come from here. Adding a message: a row in IPC_MESSAGES and its fields.
 *
 * A role takes the tenant of a message from the socket it came by wherever it can: a link's
 * socket belongs to one tenant. Only web, which serves all of them, names it.
 */
#ifndef SERVER_BRIDGE_IPC_MESSAGES_H
#define SERVER_BRIDGE_IPC_MESSAGES_H

#include "base/format/emoji.h"
#include "base/id.h"
#include "base/slice.h"

#include <stdint.h>

enum ipc_role {
    IPC_SUPERVISOR = 1,
    IPC_WEB = 2,     /* faces the internet */
    IPC_CONTROL = 4, /* the same program on the operator's own socket */
    IPC_CORE = 8,
    IPC_LINK = 16,      /* one a tenant */
    IPC_PROVISION = 32, /* the link that may change the XMPP server */
    IPC_FETCH = 64      /* the only one that talks to the outside */
};

/* What became of a request to the outside. The words for people: fetch_outcome_text(). */
enum fetch_outcome {
    FETCH_DONE,            /* it was answered; the status says how */
    FETCH_REFUSED_URL,     /* not https, or with a user in it */
    FETCH_REFUSED_ADDRESS, /* none of the host's addresses is a public one */
    FETCH_NO_NAME,         /* the host's name leads nowhere */
    FETCH_NO_CONNECTION,
    FETCH_NOT_TRUSTED, /* TLS did not come about, or the certificate does not hold */
    FETCH_TIMEOUT,
    FETCH_TOO_LONG, /* the answer */
    FETCH_BUSY,     /* too much is going on; ask again */
    FETCH_LOST,     /* the role ended meanwhile: whether it arrived nobody knows */
    FETCH_FAILED,
    FETCH_OUTCOME_COUNT
};
enum {
    IPC_VERSION = 1,
    IPC_TEXT_MAX = 16384, /* what a visitor or agent says, in bytes */
    IPC_NAME_MAX = 512,   /* names, titles, languages */
    IPC_JID_MAX = 3071,
    IPC_URL_MAX = 2048,
    IPC_BODY_MAX = 262144,   /* one part of an HTTP body */
    IPC_CONFIG_MAX = 196608, /* what a site's widget is told */
    IPC_TEXTS_MAX = 98304,   /* what it says in the tenant's own words */
    IPC_HEADERS_MAX = 16384,
    IPC_MESSAGE_MAX = 1 << 20,
    CERTIFICATE_NAME_MAX = 128
};
#define CERTIFICATE_DEFAULT "default" /* the name of that of [web] certificate */

/* Field kinds: ID (16 bytes), NUM (uint64_t), FLAG (bool), TEXT (bytes with a bound). */
/* clang-format off */
#define IPC_ANY_WEB (IPC_WEB | IPC_CONTROL)
#define IPC_ANY_LINK (IPC_LINK | IPC_PROVISION)
#define IPC_ANY_CHILD (IPC_ANY_WEB | IPC_CORE | IPC_ANY_LINK | IPC_FETCH)

/*            name                 number  from             to */
#define IPC_MESSAGES(MESSAGE)                                                                      \
    /* The supervisor's channel: one datagram each, perhaps with a descriptor */                   \
    MESSAGE(settings,              1,      IPC_SUPERVISOR,  IPC_ANY_CHILD)                         \
    MESSAGE(attach,                2,      IPC_SUPERVISOR,  IPC_ANY_CHILD)                         \
    MESSAGE(listener,              3,      IPC_SUPERVISOR,  IPC_ANY_WEB)                           \
    MESSAGE(certificates,          9,      IPC_SUPERVISOR,  IPC_WEB)                               \
    MESSAGE(certificate,           4,      IPC_SUPERVISOR,  IPC_WEB)                               \
    MESSAGE(drain,                 5,      IPC_SUPERVISOR,  IPC_ANY_CHILD)                         \
    MESSAGE(ready,                 6,      IPC_ANY_CHILD,   IPC_SUPERVISOR)                        \
    MESSAGE(link_wanted,           7,      IPC_CORE,        IPC_SUPERVISOR)                        \
    MESSAGE(link_unwanted,         8,      IPC_CORE,        IPC_SUPERVISOR)                        \
    MESSAGE(ask_alive,             10,     IPC_SUPERVISOR,  IPC_ANY_CHILD)                         \
    MESSAGE(alive,                 11,     IPC_ANY_CHILD,   IPC_SUPERVISOR)                        \
    /* What web must know of the tenants */                                                        \
    MESSAGE(tenant_open,           20,     IPC_CORE,        IPC_ANY_WEB)                           \
    MESSAGE(tenant_site,           21,     IPC_CORE,        IPC_ANY_WEB)                           \
    MESSAGE(tenant_told,           19,     IPC_CORE,        IPC_ANY_WEB)                           \
    MESSAGE(tenant_close,          22,     IPC_CORE,        IPC_ANY_WEB)                           \
    MESSAGE(core_ready,            23,     IPC_CORE,        IPC_ANY_WEB)                           \
    /* … and how its certificates are */                                                           \
    MESSAGE(certificate_seen,      24,     IPC_WEB,         IPC_CORE)                              \
    /* A visitor's session, inwards: typed, validated, within the rate */                          \
    MESSAGE(session_hello,         30,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_say,           31,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_typing,        32,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_read,          33,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_page,          34,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_end,           35,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_survey,        36,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_event,         37,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_gone,          38,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_stay,          39,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_earlier,       28,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_forget,        29,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_mail,          26,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_upload,        27,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_react,         25,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(session_more,          88,     IPC_WEB,         IPC_CORE)                              \
    /* … and outwards: web makes frames of these */                                                \
    MESSAGE(tell_welcome,          40,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_refused,          41,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_conversation,     42,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_saved,            43,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_message,          44,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_receipt,          45,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_typing,           46,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_queue,            47,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_agent,            48,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_ended,            49,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_error,            50,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_availability,     51,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_idle,             53,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_earlier_end,      54,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_mailed,           57,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_revised,          56,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_reaction,         55,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_page,             89,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(tell_upload,           52,     IPC_CORE,        IPC_WEB)                               \
    /* The REST API: requests by number, answers in parts */                                       \
    MESSAGE(api_request,           60,     IPC_ANY_WEB,     IPC_CORE)                              \
    MESSAGE(api_answer,            61,     IPC_CORE,        IPC_ANY_WEB)                           \
    MESSAGE(api_part,              62,     IPC_CORE,        IPC_ANY_WEB)                           \
    MESSAGE(api_next,              63,     IPC_ANY_WEB,     IPC_CORE)                              \
    /* Files: requests by number, too. What goes out comes in api_parts, refusals as api_answer */  \
    MESSAGE(file_send,             64,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(file_go,               65,     IPC_CORE,        IPC_WEB)                               \
    MESSAGE(file_part,             66,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(file_open,             67,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(file_found,            68,     IPC_CORE,        IPC_WEB)                               \
    /* A survey of buyers: answered as the API is, in one piece */                                 \
    MESSAGE(survey_ask,            69,     IPC_WEB,         IPC_CORE)                              \
    /* Pictures of personas: refusals as api_answer, too */                                        \
    MESSAGE(avatar_open,           58,     IPC_WEB,         IPC_CORE)                              \
    MESSAGE(avatar_found,          59,     IPC_CORE,        IPC_WEB)                               \
    /* The link, told what to do */                                                                \
    MESSAGE(link_start,            70,     IPC_CORE,        IPC_ANY_LINK)                          \
    MESSAGE(link_member,           71,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_say,              72,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_chat_state,       73,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_presence,         74,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_receipt,          75,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_handled,          76,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_probe,            77,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_look,             78,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_room,             79,     IPC_CORE,        IPC_LINK)                              \
    MESSAGE(link_announce,         96,     IPC_CORE,        IPC_LINK)                              \
    /* … and what it heard */                                                                      \
    MESSAGE(link_state,            80,     IPC_ANY_LINK,    IPC_CORE)                              \
    MESSAGE(heard_message,         81,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(heard_presence,        82,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(heard_chat_state,      83,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(heard_receipt,         84,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(link_routed,           85,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(link_bounced,          86,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(link_broke_stream,     87,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(link_room_state,       97,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(link_admitted,         98,     IPC_LINK,        IPC_CORE)                              \
    MESSAGE(link_room_emptied,     94,     IPC_LINK,        IPC_CORE)                              \
    /* Changing the XMPP server, through the provisioning link */                                  \
    MESSAGE(provision_host,        90,     IPC_CORE,        IPC_PROVISION)                         \
    MESSAGE(provision_account,     91,     IPC_CORE,        IPC_PROVISION)                         \
    MESSAGE(provision_roster,      92,     IPC_CORE,        IPC_PROVISION)                         \
    MESSAGE(provision_done,        93,     IPC_PROVISION,   IPC_CORE)                              \
    MESSAGE(provision_room,        99,     IPC_CORE,        IPC_PROVISION)                         \
    /* The outside: requests by number */                                                          \
    MESSAGE(fetch_request,         110,    IPC_CORE,        IPC_FETCH)                             \
    MESSAGE(fetch_answer,          111,    IPC_FETCH,       IPC_CORE)                              \
    MESSAGE(fetch_mail,            112,    IPC_CORE,        IPC_FETCH)

/* What a message holds. Texts are borrowed: valid only while it is being handled. */

/* `key = value` lines, a section a block: what lasna.conf says, defaults filled in. */
#define IPC_FIELDS_settings(FIELD)                                                                 \
    FIELD(TEXT, text, 65536)
/* The descriptor with it is a stream to that role; `tenant` for links. A new one for the same
 * role replaces the old. */
#define IPC_FIELDS_attach(FIELD)                                                                   \
    FIELD(NUM,  role, 0)                                                                           \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(NUM,  index, 0)
/* The descriptor with it is a listening socket; kind is "http", "https" or "control". */
#define IPC_FIELDS_listener(FIELD)                                                                 \
    FIELD(TEXT, kind, 16)
/* The descriptor with it is a file that holds nothing but certificate messages: all there are, or,
 * not whole, all that could be looked for. */
#define IPC_FIELDS_certificates(FIELD)                                                             \
    FIELD(NUM,  bytes, 0)                                                                          \
    FIELD(FLAG, whole, 0)
/* file: where the chain lies. problem: why there is neither chain nor key; or empty */
#define IPC_FIELDS_certificate(FIELD)                                                              \
    FIELD(TEXT, name, CERTIFICATE_NAME_MAX)                                                        \
    FIELD(TEXT, file, 4096)                                                                        \
    FIELD(TEXT, chain, 65536)                                                                      \
    FIELD(TEXT, key, 16384)                                                                        \
    FIELD(TEXT, problem, IPC_NAME_MAX)
#define IPC_FIELDS_drain(FIELD)                                                                    \
    FIELD(NUM,  deadline_ms, 0)
#define IPC_FIELDS_ready(FIELD)                                                                    \
    FIELD(FLAG, ready, 0)
#define IPC_FIELDS_ask_alive(FIELD)                                                                \
    FIELD(FLAG, alive, 0)
#define IPC_FIELDS_alive(FIELD)                                                                    \
    FIELD(FLAG, alive, 0)
#define IPC_FIELDS_link_wanted(FIELD)                                                              \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(FLAG, provisions, 0)
#define IPC_FIELDS_link_unwanted(FIELD)                                                            \
    FIELD(TEXT, tenant, 32)

/* `config`: the JSON object that goes into the loader; `texts`: another, what an opened chat says in
 * the tenant's words, by language, or empty. Sites of a tenant follow, then tenant_told: opened again,
 * it keeps those it had until then, since a page may be loaded between the two. */
#define IPC_FIELDS_tenant_open(FIELD)                                                              \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(TEXT, former, IPC_NAME_MAX * 2) /* what it was called before; separated by spaces */             \
    FIELD(NUM,  messages, 0) /* this web's part: frames a second … */                                       \
    FIELD(NUM,  sessions, 0) /* … and browsers at once; 0: none */
#define IPC_FIELDS_tenant_site(FIELD)                                                              \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(ID,   site, 0)                                                                           \
    FIELD(TEXT, key, 26)                                                                           \
    FIELD(TEXT, origins, 4096)                                                                     \
    FIELD(TEXT, config, IPC_CONFIG_MAX)                                                            \
    FIELD(TEXT, texts, IPC_TEXTS_MAX)
#define IPC_FIELDS_tenant_told(FIELD)                                                              \
    FIELD(TEXT, tenant, 32)
#define IPC_FIELDS_tenant_close(FIELD)                                                             \
    FIELD(TEXT, tenant, 32)
#define IPC_FIELDS_core_ready(FIELD)                                                               \
    FIELD(FLAG, ready, 0)

/* As many as web has, one after the other, `first` beginning anew. names: that it is good for,
 * separated by spaces; negotiated: protocols and suites it came to in a handshake with itself;
 * problem: why the files are not served; warning: they are, but …. Where both are empty all is well. */
#define IPC_FIELDS_certificate_seen(FIELD)                                                         \
    FIELD(FLAG, first, 0)                                                                          \
    FIELD(TEXT, name, CERTIFICATE_NAME_MAX)                                                        \
    FIELD(TEXT, file, 4096)                                                                        \
    FIELD(FLAG, served, 0)                                                                         \
    FIELD(TEXT, names, 8192)                                                                       \
    FIELD(NUM,  chain, 0) /* certificates that are sent */                                         \
    FIELD(NUM,  expires_ms, 0)                                                                     \
    FIELD(TEXT, negotiated, IPC_NAME_MAX)                                                          \
    FIELD(TEXT, problem, IPC_NAME_MAX)                                                             \
    FIELD(TEXT, warning, IPC_NAME_MAX)

#define IPC_FIELDS_session_hello(FIELD)                                                            \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(ID,   site, 0)                                                                           \
    FIELD(TEXT, token, 64)                                                                         \
    FIELD(TEXT, conversation, 64)                                                                  \
    FIELD(NUM,  after, 0)                                                                          \
    FIELD(TEXT, language, 35)                                                                      \
    FIELD(TEXT, name, IPC_NAME_MAX)                                                                \
    FIELD(TEXT, email, IPC_NAME_MAX)                                                               \
    FIELD(TEXT, identity, 4096)                                                                    \
    FIELD(TEXT, page_url, IPC_URL_MAX)                                                             \
    FIELD(TEXT, page_title, IPC_NAME_MAX)                                                          \
    FIELD(TEXT, referrer, IPC_URL_MAX)                                                             \
    FIELD(TEXT, address, 16) /* 4 or 16 bytes */                                                   \
    FIELD(FLAG, hidden, 0)   /* in a tab that is not seen */
#define IPC_FIELDS_session_say(FIELD)                                                              \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, cid, 36 * 4)                                                                       \
    FIELD(TEXT, text, IPC_TEXT_MAX)                                                                \
    FIELD(NUM,  reply_to, 0)                                                                       \
    FIELD(TEXT, request, 32) /* what it asks for beside an answer, an event type; or empty */      \
    FIELD(TEXT, detail, 4096) /* … a JSON object */
#define IPC_FIELDS_session_typing(FIELD)                                                           \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(FLAG, on, 0)
#define IPC_FIELDS_session_read(FIELD)                                                             \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(NUM,  seq, 0)
/* emojis, here and below: all of its sender, with a space between */
#define IPC_FIELDS_session_react(FIELD)                                                            \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(NUM,  seq, 0)                                                                            \
    FIELD(TEXT, emojis, EMOJI_SET_BYTES)
#define IPC_FIELDS_session_page(FIELD)                                                             \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, url, IPC_URL_MAX)                                                                  \
    FIELD(TEXT, title, IPC_NAME_MAX)                                                               \
    FIELD(FLAG, hidden, 0) /* in a tab that is not seen */
#define IPC_FIELDS_session_stay(FIELD)                                                             \
    FIELD(ID,   session, 0)
#define IPC_FIELDS_session_more(FIELD)                                                             \
    FIELD(ID,   session, 0)
/* before: a conversation, in writing; empty: none */
#define IPC_FIELDS_session_earlier(FIELD)                                                          \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, before, 64)
#define IPC_FIELDS_session_forget(FIELD)                                                           \
    FIELD(ID,   session, 0)
/* to: an address, as the visitor wrote it */
#define IPC_FIELDS_session_mail(FIELD)                                                             \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, to, 254)
#define IPC_FIELDS_session_end(FIELD)                                                              \
    FIELD(ID,   session, 0)
/* detail: a JSON object that holds only what the protocol names, checked by web */
#define IPC_FIELDS_session_survey(FIELD)                                                           \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, detail, IPC_TEXT_MAX)
#define IPC_FIELDS_session_event(FIELD)                                                            \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, name, 64)                                                                          \
    FIELD(TEXT, detail, 4096)
#define IPC_FIELDS_session_gone(FIELD)                                                             \
    FIELD(ID,   session, 0)
/* It has a file of so many bytes to send, as the message with this cid. */
#define IPC_FIELDS_session_upload(FIELD)                                                           \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, cid, 36 * 4)                                                                       \
    FIELD(TEXT, name, IPC_NAME_MAX)                                                                \
    FIELD(NUM,  bytes, 0)

/* conversation: id text or empty; availability, state, from, delivery: the enums of chat/ */
#define IPC_FIELDS_tell_welcome(FIELD)                                                             \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, token, 64)                                                                         \
    FIELD(ID,   visitor, 0)                                                                        \
    FIELD(ID,   conversation, 0) /* none: null */                                                  \
    FIELD(NUM,  availability, 0)                                                                   \
    FIELD(TEXT, agent_name, IPC_NAME_MAX)                                                          \
    FIELD(TEXT, agent_avatar, IPC_URL_MAX)                                                         \
    FIELD(NUM,  last_seq, 0)                                                                       \
    FIELD(TEXT, settings, 4096) /* JSON object */                                                  \
    FIELD(FLAG, replays, 0)     /* what was said comes in pages now: a tell_page after each */
#define IPC_FIELDS_tell_page(FIELD)                                                                \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(FLAG, last, 0) /* else: another comes when session_more says that this one is out */
/* An error frame, then the close code */
#define IPC_FIELDS_tell_refused(FIELD)                                                             \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(NUM,  close_code, 0)                                                                     \
    FIELD(TEXT, code, 32)                                                                          \
    FIELD(TEXT, text, IPC_NAME_MAX)                                                                \
    FIELD(FLAG, guessed, 0) /* what was shown opens nothing */
#define IPC_FIELDS_tell_conversation(FIELD)                                                        \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(ID,   conversation, 0)                                                                   \
    FIELD(NUM,  state, 0)
#define IPC_FIELDS_tell_saved(FIELD)                                                               \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, cid, 36 * 4)                                                                       \
    FIELD(NUM,  seq, 0)                                                                            \
    FIELD(NUM,  at_ms, 0)                                                                          \
    FIELD(TEXT, file, 4096) /* a JSON object; empty: null */
/* earlier: of a conversation before the current one, as tell_earlier_end will say */
#define IPC_FIELDS_tell_message(FIELD)                                                             \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(FLAG, earlier, 0)                                                                        \
    FIELD(NUM,  seq, 0)                                                                            \
    FIELD(NUM,  from, 0)                                                                           \
    FIELD(TEXT, name, IPC_NAME_MAX)                                                                \
    FIELD(TEXT, avatar, IPC_URL_MAX) /* of whose words these are; empty: null */                   \
    FIELD(TEXT, text, IPC_TEXT_MAX)                                                                \
    FIELD(NUM,  at_ms, 0)                                                                          \
    FIELD(NUM,  reply_to, 0)                                                                       \
    FIELD(TEXT, cid, 36 * 4) /* empty: null */                                                     \
    FIELD(TEXT, file, 4096)  /* a JSON object; empty: null */                                      \
    FIELD(FLAG, edited, 0)                                                                         \
    FIELD(FLAG, withdrawn, 0)
/* It says this now; or it was withdrawn, and there is no text */
#define IPC_FIELDS_tell_revised(FIELD)                                                             \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(NUM,  seq, 0)                                                                            \
    FIELD(TEXT, text, IPC_TEXT_MAX)                                                                \
    FIELD(TEXT, file, 4096) /* a JSON object; empty: null */                                       \
    FIELD(NUM,  at_ms, 0)                                                                          \
    FIELD(FLAG, withdrawn, 0)
#define IPC_FIELDS_tell_reaction(FIELD)                                                            \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(NUM,  seq, 0)                                                                            \
    FIELD(NUM,  from, 0)                                                                           \
    FIELD(ID,   by, 0) /* whose all are: none, the visitor's */                                    \
    FIELD(TEXT, name, IPC_NAME_MAX)                                                                \
    FIELD(TEXT, emojis, EMOJI_SET_BYTES)
#define IPC_FIELDS_tell_receipt(FIELD)                                                             \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(NUM,  seq, 0)                                                                            \
    FIELD(NUM,  delivery, 0)
#define IPC_FIELDS_tell_typing(FIELD)                                                              \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(FLAG, on, 0)
#define IPC_FIELDS_tell_queue(FIELD)                                                               \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(NUM,  position, 0)                                                                       \
    FIELD(NUM,  waited_s, 0)
#define IPC_FIELDS_tell_agent(FIELD)                                                               \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(FLAG, joined, 0)                                                                         \
    FIELD(TEXT, name, IPC_NAME_MAX)                                                                \
    FIELD(TEXT, avatar, IPC_URL_MAX)
#define IPC_FIELDS_tell_earlier_end(FIELD)                                                         \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(ID,   conversation, 0) /* none: there was none */                                        \
    FIELD(NUM,  opened_ms, 0)                                                                      \
    FIELD(FLAG, more, 0) /* there are others before it */
/* The copy of the conversation is on its way */
#define IPC_FIELDS_tell_mailed(FIELD)                                                              \
    FIELD(ID,   session, 0)
/* left_s: until it closes by itself; 0: it does not any more */
#define IPC_FIELDS_tell_idle(FIELD)                                                                \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(NUM,  left_s, 0)
#define IPC_FIELDS_tell_ended(FIELD)                                                               \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, reason, 32)
#define IPC_FIELDS_tell_error(FIELD)                                                               \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, code, 32)                                                                          \
    FIELD(TEXT, text, IPC_NAME_MAX)                                                                \
    FIELD(TEXT, cid, 36 * 4)                                                                       \
    FIELD(NUM,  retry_after_ms, 0)
/* The ticket lets the bytes after the first `have` in, once; none are missing: it is said already. */
#define IPC_FIELDS_tell_upload(FIELD)                                                              \
    FIELD(ID,   session, 0)                                                                        \
    FIELD(TEXT, cid, 36 * 4)                                                                       \
    FIELD(TEXT, ticket, 64)                                                                        \
    FIELD(NUM,  have, 0)
/* To every session of the tenant */
#define IPC_FIELDS_tell_availability(FIELD)                                                        \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(NUM,  availability, 0)                                                                   \
    FIELD(TEXT, open, IPC_URL_MAX) /* while it is closed: when it will be open, JSON; or empty */

/* A request is known by its number on this socket. Who asks: by the bearer token or the cookie, or,
 * on the control socket, the operator. */
#define IPC_FIELDS_api_request(FIELD)                                                              \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, method, 8)                                                                         \
    FIELD(TEXT, path, IPC_URL_MAX)                                                                 \
    FIELD(TEXT, query, IPC_URL_MAX)                                                                \
    FIELD(TEXT, bearer, 256)                                                                       \
    FIELD(TEXT, repeat_key, 256)                                                                   \
    FIELD(TEXT, if_match, IPC_NAME_MAX)                                                            \
    FIELD(TEXT, if_none_match, IPC_NAME_MAX)                                                       \
    FIELD(TEXT, cookie, 64) /* a console user's session, from a page of our own */                 \
    FIELD(TEXT, body, IPC_BODY_MAX)
#define IPC_FIELDS_api_answer(FIELD)                                                               \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(NUM,  status, 0)                                                                         \
    FIELD(TEXT, content_type, 128)                                                                 \
    FIELD(TEXT, headers, IPC_NAME_MAX) /* more of them, each with its CRLF: Allow … */             \
    FIELD(TEXT, body, IPC_BODY_MAX)                                                                \
    FIELD(FLAG, more, 0) /* parts follow */
#define IPC_FIELDS_api_part(FIELD)                                                                 \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, body, IPC_BODY_MAX)                                                                \
    FIELD(FLAG, more, 0)                                                                           \
    FIELD(FLAG, broken, 0) /* it cannot be finished: break the connection off, so it shows */
/* What came so far has left for the one who asked: the next part, please. Core sends one part
 * for each of these, so a slow reader fills nobody's memory. wanted false: who asked is gone. */
#define IPC_FIELDS_api_next(FIELD)                                                                 \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(FLAG, wanted, 0)

/* A visitor's file begins to come in, `from` that byte on. Core says file_go for each part it can
 * take; after the last it answers, as to the API. */
#define IPC_FIELDS_file_send(FIELD)                                                                \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(TEXT, ticket, 64)                                                                        \
    FIELD(NUM,  from, 0)                                                                           \
    FIELD(NUM,  bytes, 0) /* that are to come */
#define IPC_FIELDS_file_go(FIELD)                                                                  \
    FIELD(NUM,  request, 0)
#define IPC_FIELDS_file_part(FIELD)                                                                \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, body, IPC_BODY_MAX)
/* Whoever has its address may see a file. The bytes follow as api_parts, one for each api_next.
 * `known`: who asks has it; `ranged`: a part is enough, from `first` to `last`, or of the end. */
#define IPC_FIELDS_file_open(FIELD)                                                                \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(TEXT, key, 64)                                                                           \
    FIELD(TEXT, name, IPC_NAME_MAX)                                                                \
    FIELD(FLAG, known, 0)                                                                          \
    FIELD(FLAG, ranged, 0)                                                                         \
    FIELD(FLAG, from_end, 0) /* the last `first` bytes */                                          \
    FIELD(NUM,  first, 0)                                                                          \
    FIELD(NUM,  last, 0)
/* type, key and name are of our own letters, fit for headers; bytes: of all of it; first and length:
 * of what comes, nothing where the range lies beyond, or who asks has it */
#define IPC_FIELDS_file_found(FIELD)                                                               \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, type, 64)                                                                          \
    FIELD(TEXT, key, 64)                                                                           \
    FIELD(TEXT, name, IPC_NAME_MAX)                                                                \
    FIELD(NUM,  bytes, 0)                                                                          \
    FIELD(NUM,  first, 0)                                                                          \
    FIELD(NUM,  length, 0)                                                                         \
    FIELD(FLAG, known, 0)                                                                          \
    FIELD(FLAG, ranged, 0)                                                                         \
    FIELD(FLAG, shown, 0) /* in the browser, as a picture; else saved */

#define IPC_FIELDS_avatar_open(FIELD)                                                              \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(TEXT, key, 26)
#define IPC_FIELDS_avatar_found(FIELD)                                                             \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, type, 64)                                                                          \
    FIELD(TEXT, body, 65536)

/* The page at a link, or what was posted on it. */
#define IPC_FIELDS_survey_ask(FIELD)                                                               \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, tenant, 32)                                                                        \
    FIELD(TEXT, link, 256)                                                                         \
    FIELD(TEXT, query, IPC_URL_MAX)                                                                \
    FIELD(TEXT, languages, IPC_NAME_MAX) /* that its reader likes: Accept-Language */              \
    FIELD(FLAG, posted, 0)                                                                         \
    FIELD(TEXT, body, 4096) /* … as forms are */

#define IPC_FIELDS_link_start(FIELD)                                                               \
    FIELD(TEXT, domain, IPC_JID_MAX) /* the component: acme.chat.example */                        \
    FIELD(TEXT, host, 64) /* numeric */                                                            \
    FIELD(NUM,  port, 0)                                                                           \
    FIELD(TEXT, secret, 256)                                                                       \
    FIELD(TEXT, agents_domain, IPC_JID_MAX) /* provisioning only: where accounts are made, */      \
    FIELD(TEXT, rest, IPC_URL_MAX)          /* and the REST API to ask; empty: as a component */
/* Only members are heard. The table replaces itself: `reset` comes first, link_room last. */
#define IPC_FIELDS_link_member(FIELD)                                                              \
    FIELD(TEXT, jid, IPC_JID_MAX)                                                                  \
    FIELD(FLAG, member, 0)                                                                         \
    FIELD(FLAG, supervises, 0)                                                                     \
    FIELD(FLAG, outsider, 0)                                                                       \
    FIELD(FLAG, bot,      0)                                                                       \
    FIELD(TEXT, language, 8) /* that the desk speaks with them; empty: English */                  \
    FIELD(FLAG, reset, 0)
/* `from`: localpart on our domain ("desk", "v…"). `ordinal` rises; link_routed speaks of it.
 * at_ms 0: now, else delay-stamped. `replaces`: stanza id corrected by this one, or none.
 * `receipts`: ask for delivered and displayed marks. `answers`: the stanza it is a reply to, or
 * empty; then `quote` is a line of what that said, and answers_own tells that `from` said it, not
 * `to`. `address`: the text is where a file lies. `reacts`: it is no
 * reply but a reaction by `emojis`, none where it is taken back, and the text the same in words. `invites`: into this room; or empty. */
#define IPC_FIELDS_link_say(FIELD)                                                                 \
    FIELD(NUM,  ordinal, 0)                                                                        \
    FIELD(TEXT, to, IPC_JID_MAX)                                                                   \
    FIELD(TEXT, from, 64)                                                                          \
    FIELD(ID,   stanza, 0)                                                                         \
    FIELD(TEXT, text, IPC_TEXT_MAX)                                                                \
    FIELD(NUM,  at_ms, 0)                                                                          \
    FIELD(ID,   replaces, 0)                                                                       \
    FIELD(FLAG, receipts, 0)                                                                       \
    FIELD(TEXT, answers, IPC_NAME_MAX)                                                             \
    FIELD(TEXT, quote, IPC_NAME_MAX)                                                               \
    FIELD(FLAG, answers_own, 0)                                                                    \
    FIELD(FLAG, address, 0)                                                                        \
    FIELD(TEXT, invites, IPC_JID_MAX)                                                                \
    FIELD(FLAG, reacts, 0) /* to what it answers, by: */                                           \
    FIELD(TEXT, emojis, EMOJI_SET_BYTES)
#define IPC_FIELDS_link_chat_state(FIELD)                                                          \
    FIELD(TEXT, to, IPC_JID_MAX)                                                                   \
    FIELD(TEXT, from, 64)                                                                          \
    FIELD(FLAG, composing, 0)
/* show: enum show of chat/; subscribe answers are the link's own business. `name`: of a visitor,
 * for whoever may see this presence */
#define IPC_FIELDS_link_presence(FIELD)                                                            \
    FIELD(TEXT, to, IPC_JID_MAX)                                                                   \
    FIELD(TEXT, from, 64)                                                                          \
    FIELD(NUM,  show, 0)                                                                           \
    FIELD(TEXT, status, IPC_NAME_MAX)                                                              \
    FIELD(TEXT, name, IPC_NAME_MAX)
/* displayed false: XEP-0184 received; true: XEP-0333 displayed */
#define IPC_FIELDS_link_receipt(FIELD)                                                             \
    FIELD(TEXT, to, IPC_JID_MAX)                                                                   \
    FIELD(TEXT, from, 64)                                                                          \
    FIELD(TEXT, stanza, IPC_NAME_MAX)                                                              \
    FIELD(FLAG, displayed, 0)
/* The core is done with what the link heard under this ordinal: it may be forgotten. What is
 * not handled is told again to a core that has restarted. */
#define IPC_FIELDS_link_handled(FIELD)                                                             \
    FIELD(NUM,  ordinal, 0)
/* Ask for the presence of an agent, as `from`; and show them ours again, for they may not have been
 * allowed to see it before */
#define IPC_FIELDS_link_probe(FIELD)                                                               \
    FIELD(TEXT, to, IPC_JID_MAX)                                                                   \
    FIELD(TEXT, from, 64)                                                                          \
    FIELD(FLAG, show, 0)
/* How the tenant's contacts look; it may come again. color: 0xrrggbb. site: "https://…", or empty */
#define IPC_FIELDS_link_look(FIELD)                                                                \
    FIELD(TEXT, title, IPC_NAME_MAX)                                                               \
    FIELD(TEXT, site, IPC_URL_MAX)                                                                 \
    FIELD(NUM,  color, 0)
/* Where the team room is, or would be; `off`: there is to be none, and one that was is destroyed. An
 * empty address: the server has no rooms. `empty`: the members, none by now, are put out of it, and
 * link_room_emptied follows. It may come again */
#define IPC_FIELDS_link_room(FIELD)                                                                \
    FIELD(TEXT, address, IPC_JID_MAX)                                                              \
    FIELD(TEXT, title, IPC_NAME_MAX)                                                               \
    FIELD(FLAG, off, 0)                                                                            \
    FIELD(FLAG, empty, 0)
/* The desk says so in the room, if that is open */
#define IPC_FIELDS_link_announce(FIELD)                                                            \
    FIELD(ID,   stanza, 0)                                                                         \
    FIELD(TEXT, text, IPC_TEXT_MAX)

#define IPC_FIELDS_link_state(FIELD)                                                               \
    FIELD(FLAG, up, 0)                                                                             \
    FIELD(TEXT, reason, IPC_NAME_MAX)
/* agent: bare JID, a member. stanza: origin-id where given, else the id attribute. speech: enum
 * speech of chat/; about: the stanza it speaks of, or empty. */
#define IPC_FIELDS_heard_message(FIELD)                                                            \
    FIELD(NUM,  ordinal, 0)                                                                        \
    FIELD(TEXT, agent, IPC_JID_MAX)                                                                \
    FIELD(TEXT, resource, 1023)                                                                    \
    FIELD(TEXT, to, 64) /* localpart, lower case; empty: our bare domain */                        \
    FIELD(TEXT, stanza, IPC_NAME_MAX)                                                              \
    FIELD(TEXT, text, IPC_TEXT_MAX)                                                                \
    FIELD(NUM,  speech, 0)                                                                         \
    FIELD(TEXT, about, IPC_NAME_MAX)
#define IPC_FIELDS_heard_presence(FIELD)                                                           \
    FIELD(TEXT, agent, IPC_JID_MAX)                                                                \
    FIELD(TEXT, resource, 1023)                                                                    \
    FIELD(TEXT, to, 64)                                                                            \
    FIELD(NUM,  show, 0)
#define IPC_FIELDS_heard_chat_state(FIELD)                                                         \
    FIELD(TEXT, agent, IPC_JID_MAX)                                                                \
    FIELD(TEXT, to, 64)                                                                            \
    FIELD(FLAG, composing, 0)
#define IPC_FIELDS_heard_receipt(FIELD)                                                            \
    FIELD(TEXT, agent, IPC_JID_MAX)                                                                \
    FIELD(TEXT, to, 64)                                                                            \
    FIELD(ID,   stanza, 0)                                                                         \
    FIELD(FLAG, displayed, 0)
/* The server has everything up to here (a barrier came back) */
#define IPC_FIELDS_link_routed(FIELD)                                                              \
    FIELD(NUM,  ordinal, 0)
#define IPC_FIELDS_link_bounced(FIELD)                                                             \
    FIELD(TEXT, to, 64) /* the contact that had sent it */                                         \
    FIELD(TEXT, from, IPC_JID_MAX) /* bare: whom it did not reach */                               \
    FIELD(ID,   stanza, 0)                                                                         \
    FIELD(TEXT, condition, 64)
/* The server closed the stream with an error while this one was in flight */
#define IPC_FIELDS_link_broke_stream(FIELD)                                                        \
    FIELD(ID,   stanza, 0)
#define IPC_FIELDS_link_room_state(FIELD)                                                          \
    FIELD(FLAG, open, 0)                                                                           \
    FIELD(TEXT, reason, IPC_NAME_MAX) /* why not */
/* They may come into the room, and could not before */
#define IPC_FIELDS_link_admitted(FIELD)                                                            \
    FIELD(TEXT, jid, IPC_JID_MAX)
/* The room that was to be empty is */
#define IPC_FIELDS_link_room_emptied(FIELD)                                                        \
    FIELD(FLAG, emptied, 0)

/* Each is answered by one provision_done with its request number. */
#define IPC_FIELDS_provision_host(FIELD)                                                           \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, domain, IPC_JID_MAX)                                                               \
    FIELD(FLAG, active, 0) /* reload the configuration, then activate; or deactivate */
#define IPC_FIELDS_provision_account(FIELD)                                                        \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, jid, IPC_JID_MAX)                                                                  \
    FIELD(TEXT, password, 256) /* empty: delete the account */
#define IPC_FIELDS_provision_roster(FIELD)                                                         \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, owner, IPC_JID_MAX)                                                                \
    FIELD(TEXT, contact, IPC_JID_MAX)                                                              \
    FIELD(TEXT, name, IPC_NAME_MAX)                                                                \
    FIELD(TEXT, group, IPC_NAME_MAX)                                                               \
    FIELD(FLAG, present, 0) /* or taken away */
/* It is destroyed; one that is not there is, too */
#define IPC_FIELDS_provision_room(FIELD)                                                           \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, address, IPC_JID_MAX)
#define IPC_FIELDS_provision_done(FIELD)                                                           \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(FLAG, done, 0)                                                                           \
    FIELD(TEXT, reason, IPC_NAME_MAX)
/* GET without a body, POST with one. headers: lines "Name: value", each with its end. answer_max:
 * bytes of the answer that are read; what comes after is FETCH_TOO_LONG, or left out where `cut`. */
#define IPC_FIELDS_fetch_request(FIELD)                                                            \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, url, IPC_URL_MAX)                                                                  \
    FIELD(TEXT, headers, 4096)                                                                     \
    FIELD(TEXT, body, IPC_BODY_MAX)                                                                \
    FIELD(NUM,  answer_max, 0)                                                                     \
    FIELD(FLAG, cut, 0)
/* A whole mail (RFC 5322, lines that end with CRLF) for the operator's own mail server, whose url,
 * user and password these are; no user: none is told. Answered by fetch_answer: status is that
 * server's last word, 250 when it took the mail. */
#define IPC_FIELDS_fetch_mail(FIELD)                                                               \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(TEXT, url, IPC_URL_MAX)                                                                  \
    FIELD(FLAG, tls, 0) /* nothing is said in the clear */                                         \
    FIELD(TEXT, user, IPC_NAME_MAX)                                                                \
    FIELD(TEXT, password, IPC_NAME_MAX)                                                            \
    FIELD(TEXT, from, 254)                                                                         \
    FIELD(TEXT, to, 254)                                                                           \
    FIELD(TEXT, text, IPC_BODY_MAX)
/* outcome: enum fetch_outcome; the rest counts when it is FETCH_DONE. */
#define IPC_FIELDS_fetch_answer(FIELD)                                                             \
    FIELD(NUM,  request, 0)                                                                        \
    FIELD(NUM,  outcome, 0)                                                                        \
    FIELD(NUM,  status, 0)                                                                         \
    FIELD(NUM,  took_ms, 0)                                                                        \
    FIELD(FLAG, whole, 0)                                                                          \
    FIELD(TEXT, headers, IPC_HEADERS_MAX)                                                          \
    FIELD(TEXT, body, IPC_BODY_MAX)
/* clang-format on */

/* From here on: what the table makes. */
#define IPC_C_ID                    struct id
#define IPC_C_NUM                   uint64_t
#define IPC_C_FLAG                  bool
#define IPC_C_TEXT                  struct slice
#define IPC_MEMBER(kind, name, max) IPC_C_##kind name;
#define IPC_STRUCT(name, number, from, to) \
    struct ipc_##name {                    \
        IPC_FIELDS_##name(IPC_MEMBER)      \
    };
IPC_MESSAGES(IPC_STRUCT)

/* A message's place in the table: IPC_session_say. Its number on the wire is another. */
#define IPC_ENUM(name, number, from, to) IPC_##name,
enum ipc_type { IPC_MESSAGES(IPC_ENUM) IPC_TYPE_COUNT };

#define IPC_UNION(name, number, from, to) struct ipc_##name name;
union ipc_message {
    IPC_MESSAGES(IPC_UNION)
};

#endif
