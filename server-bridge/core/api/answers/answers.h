/* SPDX-License-Identifier: Apache-2.0
 *
 * answers — what each route of route.c answers: the status, the document's shape or what else it
 * is, and the refusals that are its own. A route without one does not compile.
 *
 *     instance.c   the server: status, checks, snapshots, settings of all
 *     tenants.c    tenants, sites, their settings and texts, identity, audit
 *     outward.c    webhooks
 *     people.c     agents, members, pictures, tokens
 *     users.c      console users and their sessions
 *     chats.c      conversations, transcripts, files, visitors
 *     figures.c    reports
 *     coding.c     codes, samples, agreement, buyers
 *     billing.c    rules, statements, disputes
 */
#ifndef SERVER_BRIDGE_CORE_API_ANSWERS_ANSWERS_H
#define SERVER_BRIDGE_CORE_API_ANSWERS_ANSWERS_H

#include "server-bridge/core/api/answers/shape.h"

struct answer {
    unsigned status;           /* when it is done; 204: with nothing to say */
    const struct shape *shape; /* of the document; NULL: it is none */
    const struct shape *items; /* of a page of them */
    bool streamed;        /* the document bears no ETag: it is too long to be made whole first */
    const char *types;    /* what it may be instead of JSON, separated by ", "; NULL: nothing */
    const char *refusals; /* "409 last_site, 502 xmpp_refused", besides those that any route
                             of its kind has; NULL: none */
};

/* ANSWER(site_add, .status = 201, …) is what handle_site_add() answers. */
#define ANSWER(handler, ...) const struct answer answer_##handler = { __VA_ARGS__ }

extern const struct answer
    /* instance.c */
    answer_openapi_show,
    answer_status_show, answer_check_show, answer_metrics_show, answer_verify_show,
    answer_snapshot_make, answer_snapshot_show, answer_snapshot_fetch, answer_snapshot_drop,
    answer_rekey, answer_erasures_show, answer_routes_show, answer_settings_list,
    answer_instance_settings_list, answer_settings_change, answer_audit_list,
    answer_tenant_settings_list, answer_tenant_settings_change, answer_tenant_audit_list,
    /* tenants.c */
    answer_tenants_list, answer_tenant_add, answer_tenant_adopt, answer_tenant_show,
    answer_tenant_change, answer_tenant_remove, answer_tenant_rename, answer_tenant_disable,
    answer_tenant_enable, answer_tenant_rekey, answer_sites_list, answer_site_add, answer_site_show,
    answer_site_remove, answer_tenant_texts_list, answer_tenant_access_show, answer_identity_show,
    answer_identity_set,
    /* outward.c */
    answer_webhooks_list, answer_webhook_add, answer_webhooks_dead, answer_webhooks_retry,
    answer_webhook_test, answer_webhook_rotate, answer_webhook_show, answer_webhook_remove,
    answer_conversation_mail,
    /* people.c */
    answer_agents_list, answer_agent_add, answer_agent_show, answer_agent_revoke,
    answer_agent_rename, answer_agent_limit, answer_agent_unstaff, answer_agent_staff,
    answer_members_list, answer_member_set, answer_member_show, answer_member_remove,
    answer_tenant_avatar_show, answer_tenant_avatar_set, answer_tenant_avatar_remove,
    answer_member_avatar_show, answer_member_avatar_set, answer_member_avatar_remove,
    answer_tokens_list, answer_token_create, answer_token_revoke,
    /* users.c */
    answer_users_list, answer_user_add, answer_user_show, answer_user_change, answer_user_remove,
    answer_user_reset, answer_user_sessions, answer_user_sessions_end, answer_session_begin,
    answer_session_show, answer_session_end, answer_session_invitation,
    answer_session_invitation_show, answer_session_password, answer_totp_begin, answer_totp_prove,
    answer_totp_remove,
    /* chats.c */
    answer_conversations_list, answer_conversation_show, answer_conversation_route,
    answer_conversation_end, answer_transcripts_list, answer_transcripts_export,
    answer_transcripts_search, answer_transcripts_import, answer_transcript_show, answer_files_list,
    answer_file_fetch, answer_visitor_show, answer_visitor_export, answer_visitor_erase,
    answer_presence_buyer_erase,
    /* figures.c */
    answer_report_show, answer_presence_report,
    /* coding.c */
    answer_presence_code, answer_presence_coders, answer_presence_codes_add,
    answer_presence_explain, answer_presence_codebook, answer_presence_agreement,
    answer_presence_reference_add, answer_presence_sample, answer_presence_samples,
    answer_presence_assign, answer_presence_next, answer_presence_coded, answer_presence_adjudicate,
    answer_presence_buyers, answer_presence_survey_links, answer_presence_codes_list,
    /* billing.c */
    answer_billing_rules_list, answer_billing_rules_add, answer_billing_statements_list,
    answer_billing_statement_close, answer_billing_statement_show, answer_billing_disputes_list,
    answer_billing_dispute_add, answer_billing_dispute_decide;

#endif
