/* SPDX-License-Identifier: Apache-2.0
 *
 * handlers — one function a route; route.c's table says who may call it when. A handler
 * answers its call, or keeps it (call_keep) and answers later. None checks permission.
 */
#ifndef SERVER_BRIDGE_CORE_API_HANDLERS_H
#define SERVER_BRIDGE_CORE_API_HANDLERS_H

#include "base/slice.h"

struct call;

void handle_openapi_show(struct call *call);
void handle_status_show(struct call *call);
void handle_check_show(struct call *call);
void handle_routes_show(struct call *call);
void handle_verify_show(struct call *call);
void handle_metrics_show(struct call *call);
void handle_snapshot_make(struct call *call);
void handle_snapshot_show(struct call *call);
void handle_snapshot_fetch(struct call *call);
void handle_snapshot_drop(struct call *call);
void handle_erasures_show(struct call *call);
void handle_settings_list(struct call *call);
void handle_settings_change(struct call *call);
void handle_instance_settings_list(struct call *call);
void handle_audit_list(struct call *call);
void handle_tenant_access_show(struct call *call);
void handle_files_list(struct call *call);
void handle_file_fetch(struct call *call);
void handle_visitor_show(struct call *call);
void handle_visitor_export(struct call *call);
void handle_visitor_erase(struct call *call);
void handle_tenants_list(struct call *call);
void handle_tenant_add(struct call *call);
void handle_tenant_adopt(struct call *call);
void handle_tenant_show(struct call *call);
void handle_tenant_change(struct call *call);
void handle_tenant_remove(struct call *call);
void handle_tenant_rename(struct call *call);
void handle_tenant_disable(struct call *call);
void handle_tenant_enable(struct call *call);
void handle_tenant_rekey(struct call *call);
void handle_rekey(struct call *call);
void handle_sites_list(struct call *call);
void handle_site_add(struct call *call);
void handle_site_remove(struct call *call);
void handle_site_show(struct call *call);
void handle_tenant_settings_list(struct call *call);
void handle_tenant_texts_list(struct call *call);
void handle_tenant_settings_change(struct call *call);
void handle_tenant_audit_list(struct call *call);
void handle_identity_show(struct call *call);
void handle_identity_set(struct call *call);
/* outward/handle_check_widget.c: area widget of handle_check_show; answers the call. */
void check_widget(struct call *call, struct slice url);
/* outward/handle_mail.c */
void handle_conversation_mail(struct call *call);
/* outward/handle_webhooks.c */
void handle_webhooks_list(struct call *call);
void handle_webhook_add(struct call *call);
void handle_webhook_rotate(struct call *call);
void handle_webhook_remove(struct call *call);
void handle_webhook_show(struct call *call);
void handle_webhook_test(struct call *call);
void handle_webhooks_dead(struct call *call);
void handle_webhooks_retry(struct call *call);
void handle_tenant_avatar_show(struct call *call);
void handle_tenant_avatar_set(struct call *call);
void handle_tenant_avatar_remove(struct call *call);
void handle_member_avatar_show(struct call *call);
void handle_member_avatar_set(struct call *call);
void handle_member_avatar_remove(struct call *call);
void handle_members_list(struct call *call);
void handle_member_set(struct call *call);
void handle_member_remove(struct call *call);
void handle_member_show(struct call *call);
void handle_conversations_list(struct call *call);
void handle_conversation_show(struct call *call);
void handle_conversation_route(struct call *call);
void handle_conversation_end(struct call *call);
void handle_transcripts_list(struct call *call);
void handle_transcripts_export(struct call *call);
/* handle_export.c: answers the formats of researchers' tools; false: another format is asked. */
bool export_begin(struct call *call);
void handle_transcripts_search(struct call *call);
void handle_transcripts_import(struct call *call);
void handle_presence_report(struct call *call);
void handle_presence_code(struct call *call);
void handle_presence_explain(struct call *call);
void handle_presence_codebook(struct call *call);
void handle_presence_coders(struct call *call);
void handle_presence_codes_add(struct call *call);
void handle_presence_agreement(struct call *call);
void handle_presence_reference_add(struct call *call); /* presence/references.c */
void handle_presence_sample(struct call *call);
void handle_presence_samples(struct call *call);
void handle_presence_assign(struct call *call);
void handle_presence_next(struct call *call);
void handle_presence_coded(struct call *call);
void handle_presence_adjudicate(struct call *call);
void handle_presence_codes_list(struct call *call);
void handle_presence_buyers(struct call *call);
void handle_presence_buyer_erase(struct call *call);  /* visitor_erase.c */
void handle_presence_survey_links(struct call *call); /* survey/handle_survey.c */
void handle_report_show(struct call *call);           /* chats/ */
/* billing/ */
void handle_billing_rules_list(struct call *call);
void handle_billing_rules_add(struct call *call);
void handle_billing_statements_list(struct call *call);
void handle_billing_statement_show(struct call *call);
void handle_billing_statement_close(struct call *call);
void handle_billing_disputes_list(struct call *call);
void handle_billing_dispute_add(struct call *call);
void handle_billing_dispute_decide(struct call *call);
void handle_transcript_show(struct call *call);
void handle_agents_list(struct call *call);
void handle_agent_add(struct call *call);
void handle_agent_show(struct call *call);
void handle_agent_revoke(struct call *call);
void handle_agent_rename(struct call *call);
void handle_agent_limit(struct call *call);
void handle_agent_staff(struct call *call);
void handle_agent_unstaff(struct call *call);
void handle_session_begin(struct call *call);
void handle_session_show(struct call *call);
void handle_session_end(struct call *call);
void handle_session_password(struct call *call);
void handle_session_invitation(struct call *call);
void handle_session_invitation_show(struct call *call);
void handle_totp_begin(struct call *call);
void handle_totp_prove(struct call *call);
void handle_totp_remove(struct call *call);
void handle_users_list(struct call *call);
void handle_user_add(struct call *call);
void handle_user_show(struct call *call);
void handle_user_change(struct call *call);
void handle_user_remove(struct call *call);
void handle_user_reset(struct call *call);
void handle_user_sessions(struct call *call);
void handle_user_sessions_end(struct call *call);
void handle_tokens_list(struct call *call);
void handle_token_create(struct call *call);
void handle_token_revoke(struct call *call);

#endif
