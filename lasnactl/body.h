/* SPDX-License-Identifier: Apache-2.0
 *
 * body — what the command line says, as the API wants it. NULL: it cannot be made; said why.
 */
#ifndef LASNACTL_BODY_H
#define LASNACTL_BODY_H

#include "lasnactl/command.h"

json_t *body_empty(const struct args *args);
json_t *body_tenant(const struct args *args);
json_t *body_tenant_change(const struct args *args);
json_t *body_agent(const struct args *args);
json_t *body_identity_renew(const struct args *args);
json_t *body_identity_require(const struct args *args);
json_t *body_identity_allow(const struct args *args);
json_t *body_mail(const struct args *args);
json_t *body_webhook(const struct args *args);
json_t *body_rotate(const struct args *args);
json_t *body_retry(const struct args *args);
json_t *body_member(const struct args *args);
json_t *body_agent_limit(const struct args *args);
json_t *body_agreement(const struct args *args);
json_t *body_sample(const struct args *args);
json_t *body_assignment(const struct args *args);
json_t *body_survey(const struct args *args);
json_t *body_buyer(const struct args *args);
json_t *body_adjudication(const struct args *args);
json_t *body_coded(const struct args *args);
json_t *body_billing_rules(const struct args *args);
json_t *body_billing_close(const struct args *args);
json_t *body_billing_dispute(const struct args *args);
json_t *body_billing_decision(const struct args *args);
json_t *body_settings(const struct args *args);
json_t *body_user(const struct args *args);
json_t *body_user_set(const struct args *args);
json_t *body_user_disable(const struct args *args);
json_t *body_user_enable(const struct args *args);
json_t *body_user_reset(const struct args *args);
json_t *body_site(const struct args *args);
json_t *body_agent_rename(const struct args *args);
json_t *body_tenant_rename(const struct args *args);
json_t *body_token(const struct args *args);
json_t *body_tenant_settings(const struct args *args);
json_t *body_texts(const struct args *args);

#endif
