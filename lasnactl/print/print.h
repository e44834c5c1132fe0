/* SPDX-License-Identifier: Apache-2.0
 *
 * print — answers for people: aligned tables and short lines. Whatever came from outside goes
 * through text_one_line(), so that nobody can steer the terminal.
 */
#ifndef LASNACTL_PRINT_H
#define LASNACTL_PRINT_H

#include "lasnactl/command.h"

/* One JSON value on stdout, for --json; {} where there is none. */
void print_json(const json_t *document);

/* A column: a title, and where its value stands in a row: "visitor.name". */
struct column {
    const char *title; /* NULL ends a table */
    const char *path;
};

/* Columns as wide as their widest value; nothing but the titles when there are no rows. */
void print_table(const json_t *rows, const struct column *columns, FILE *to);

/* The same columns of one object, a line each. */
void print_facts(const json_t *object, const struct column *facts, FILE *to);
/* The text at "visitor.name"; "" when there is none. */
const char *print_text_at(const json_t *object, const char *path);

void print_done(const json_t *document, FILE *to);
void print_tenants(const json_t *items, FILE *to);
void print_tenant(const json_t *tenant, FILE *to);
void print_tenant_added(const json_t *tenant, FILE *to);
void print_rekeyed(const json_t *rekeyed, FILE *to);
void print_site(const json_t *site, FILE *to);
void print_sites(const json_t *items, FILE *to);
void print_removed(const json_t *certificate, FILE *to);
void print_agent_set(const json_t *agent, FILE *to);
void print_staffed(const json_t *agent, FILE *to);
void print_revoked(const json_t *agent, FILE *to);
void print_files(const json_t *items, FILE *to);
void print_visitor(const json_t *visitor, FILE *to);
void print_erased(const json_t *erased, FILE *to);
void print_survey(const json_t *links, FILE *to);
void print_buyer_forgotten(const json_t *erased, FILE *to);
void print_token(const json_t *token, FILE *to);
void print_tokens(const json_t *items, FILE *to);
void print_user(const json_t *user, FILE *to);
void print_users(const json_t *items, FILE *to);
void print_user_sessions(const json_t *items, FILE *to);
void print_settings(const json_t *items, FILE *to);
void print_settings_changed(const json_t *items, FILE *to);
void print_instance_settings(const json_t *items, FILE *to);
void print_texts(const json_t *items, FILE *to);
void print_texts_set(const json_t *items, FILE *to);
void print_audit(const json_t *items, FILE *to);
void print_access_record(const json_t *record, FILE *to);
void print_identity(const json_t *identity, FILE *to);
void print_webhook_added(const json_t *webhook, FILE *to);
void print_webhook_rotated(const json_t *webhook, FILE *to);
void print_webhooks(const json_t *items, FILE *to);
void print_webhook_tested(const json_t *trial, FILE *to);
void print_webhooks_dead(const json_t *items, FILE *to);
void print_webhooks_retried(const json_t *answer, FILE *to);
void print_agents(const json_t *items, FILE *to);
void print_agent(const json_t *agent, FILE *to);
void print_agent_added(const json_t *agent, FILE *to);
void print_avatar(const json_t *avatar, FILE *to);
void print_assigned(const json_t *member, FILE *to);
void print_conversations(const json_t *items, FILE *to);
void print_conversation(const json_t *conversation, FILE *to);
void print_why(const json_t *answer, FILE *to);
void print_transcript(const json_t *transcript, FILE *to);
void print_billing_version(const json_t *version, FILE *to);
void print_billing_rules(const json_t *items, FILE *to);
void print_billing_closed(const json_t *closed, FILE *to);
void print_billing_statements(const json_t *items, FILE *to);
void print_billing_disputes(const json_t *items, FILE *to);
void print_billing_dispute(const json_t *dispute, FILE *to);
void print_coders(const json_t *items, FILE *to);
void print_explained(const json_t *explained, FILE *to);
void print_codebook(const json_t *book, FILE *to);
void print_sample(const json_t *sample, FILE *to);
void print_samples(const json_t *items, FILE *to);
void print_dealt(const json_t *dealt, FILE *to);
void print_sheet(const json_t *sheet, FILE *to);
void print_adjudication(const json_t *answer, FILE *to);
void print_agreement(const json_t *agreement, FILE *to);
void print_check(const json_t *report, FILE *to);
void print_status(const json_t *status, FILE *to);
void print_routes(const json_t *items, FILE *to);

#endif
