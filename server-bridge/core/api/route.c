/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/route.h"

#include "base/format/text.h"
#include "server-bridge/core/api/answers/answers.h"
#include "server-bridge/core/api/handlers.h"
#include "tenant/agent.h"
#include "tenant/avatar.h"
#include "tenant/billing/rules.h"
#include "tenant/hook.h"
#include "tenant/tenant.h"
#include "tenant/user.h"

static const char *const authority_names[] = {
    [AUTHORITY_ANYONE] = "anyone",
    [AUTHORITY_CODER] = "coder",
    [AUTHORITY_ANALYST] = "analyst",
    [AUTHORITY_SUPERVISOR] = "supervisor",
    [AUTHORITY_TENANT_ADMIN] = "tenant-admin",
    [AUTHORITY_ADMIN] = "admin",
    [AUTHORITY_OPERATOR] = "operator",
};

const char *authority_name(enum authority authority)
{
    return authority_names[authority];
}

/* clang-format off */
static const struct field no_fields[] = { { .name = NULL } };
static const struct field tenant_fields[] = {
    { "tenant",    FIELD_TEXT,   true,  TENANT_NAME_MAX,  "Its short name: a-z, 0-9 and inner hyphens; part of its addresses." },
    { "name",      FIELD_TEXT,   false, TENANT_TITLE_MAX, "What people call it; the short name when absent." },
    { "origins",   FIELD_TEXTS,  true,  256,              "Where the widget is embedded: https://acme.example." },
    { "languages", FIELD_TEXTS,  false, 16,               "Language tags, the default first; en when absent." },
    { "secret",    FIELD_TEXT,   false, 128,              "The component's secret where the XMPP server's admin chose it; made when absent. Never shown." },
    { .name = NULL },
};
static const struct field tenant_change_fields[] = {
    { "name",      FIELD_TEXT,   false, TENANT_TITLE_MAX, "What people call it." },
    { "origins",   FIELD_TEXTS,  false, 256,              "Where the widget is embedded, all of them: https://acme.example." },
    { "languages", FIELD_TEXTS,  false, 16,               "Language tags, the default first." },
    { "site",      FIELD_TEXT,   false, 26,               "Whose origins; the first site's when absent." },
    { .name = NULL },
};
static const struct field tenant_rename_fields[] = {
    { "to",        FIELD_TEXT,   true,  TENANT_NAME_MAX,  "Its short name from now on; what it is called now stays its own." },
    { .name = NULL },
};
static const struct field site_fields[] = {
    { "origins",   FIELD_TEXTS,  true,  256,              "Where the widget is embedded there: https://shop.acme.example." },
    { .name = NULL },
};
static const struct field agent_fields[] = {
    { "jid",       FIELD_TEXT,   true,  1023,             "The bare JID the agent answers from." },
    { "name",      FIELD_TEXT,   true,  80,               "The agent's name, for colleagues." },
    { "password",  FIELD_TEXT,   false, 128,              "Makes the XMPP account too, where we may. Never shown." },
    { .name = NULL },
};
static const struct field rename_fields[] = {
    { "name",      FIELD_TEXT,   true,  80,               "The agent's name from now on." },
    { .name = NULL },
};
static const struct field limit_fields[] = {
    { "limit",     FIELD_NUMBER, true,  1000,             "Conversations at once over all tenants; 0: as many as each tenant lets." },
    { .name = NULL },
};
static const struct field member_fields[] = {
    { "jid",       FIELD_TEXT,   true,  1023,             "An agent's JID." },
    { "role",      FIELD_TEXT,   false, 16,               "agent, supervisor or bot; agent when absent." },
    { "limit",     FIELD_NUMBER, false, 100,              "Conversations at once for this tenant; 3 when absent." },
    { "persona",   FIELD_TEXT,   false, 80,               "What this tenant's visitors see; the agent's name when absent." },
    { "signature", FIELD_TEXT,   false, SIGNATURE_MAX,    "Ends the copies visitors are mailed where this agent answered last, with {agent} and {company}; the tenant's desk.signature when absent or empty." },
    { "skills",    FIELD_TEXTS,  false, SKILL_MAX,        "Words that routing matches: fi, billing." },
    { .name = NULL },
};
static const struct field avatar_fields[] = {
    { "picture",   FIELD_TEXT,   true,  AVATAR_TEXT_MAX,  "A PNG, JPEG or WebP in base64: 32 to 1,024 pixels a side, 64 KiB; of what stands beside the picture in it nothing is kept." },
    { .name = NULL },
};
static const struct field token_fields[] = {
    { "role",      FIELD_TEXT,   true,  16,               "admin, tenant-admin, supervisor, analyst or coder." },
    { "tenant",    FIELD_TEXT,   false, TENANT_NAME_MAX,  "The only tenant it may see; for all but admins." },
    { "expires",   FIELD_TEXT,   false, 16,               "How long it holds: 12h, 90d; 90d when absent, 366d at most." },
    { "label",     FIELD_TEXT,   false, 80,               "What it is for, for people; a coder's: the name they code under." },
    { .name = NULL },
};
static const struct field login_fields[] = {
    { "user",      FIELD_TEXT,   true,  USER_NAME_MAX,       "The user's name." },
    { "password",  FIELD_TEXT,   true,  PASSWORD_POINTS_MAX, "The user's password." },
    { "code",      FIELD_TEXT,   false, 32,                  "What the authenticator app shows now, or a code for recovery; where the user has a second factor." },
    { "bearer",    FIELD_FLAG,   false, 0,                   "Answers the session's token, for Authorization: Bearer, and sets no cookie: for what is no browser." },
    { .name = NULL },
};
static const struct field new_password_fields[] = {
    { "password",  FIELD_TEXT,   true,  PASSWORD_POINTS_MAX, "The password of now." },
    { "new",       FIELD_TEXT,   true,  PASSWORD_POINTS_MAX, "The one from now on: 12 characters at least." },
    { .name = NULL },
};
static const struct field invitation_fields[] = {
    { "invitation", FIELD_TEXT,  true,  64,                  "The token an admin was given for this user." },
    { "password",  FIELD_TEXT,   true,  PASSWORD_POINTS_MAX, "The user's password from now on: 12 characters at least." },
    { .name = NULL },
};
static const struct field invitation_show_fields[] = {
    { "invitation", FIELD_TEXT,  true,  64,                  "The token an admin was given for a user." },
    { .name = NULL },
};
static const struct field own_password_fields[] = {
    { "password",  FIELD_TEXT,   true,  PASSWORD_POINTS_MAX, "The password of now." },
    { .name = NULL },
};
static const struct field code_fields[] = {
    { "code",      FIELD_TEXT,   true,  32,                  "What the authenticator app shows now; to take it away, a code for recovery does, too." },
    { .name = NULL },
};
static const struct field user_fields[] = {
    { "user",      FIELD_TEXT,   true,  USER_NAME_MAX,       "The name: a-z, 0-9 and . _ - + @; an e-mail address will do." },
    { "role",      FIELD_TEXT,   true,  16,                  "admin, tenant-admin, supervisor or analyst." },
    { "tenants",   FIELD_TEXTS,  false, TENANT_NAME_MAX,     "What they may see; for all but admins, who see all." },
    { "password",  FIELD_TEXT,   false, PASSWORD_POINTS_MAX, "Never shown; when absent an invitation is made, by which the user chooses one." },
    { .name = NULL },
};
static const struct field user_change_fields[] = {
    { "role",      FIELD_TEXT,   false, 16,                  "admin, tenant-admin, supervisor or analyst." },
    { "tenants",   FIELD_TEXTS,  false, TENANT_NAME_MAX,     "What they may see, all of it; for all but admins." },
    { "disabled",  FIELD_FLAG,   false, 0,                   "Whether they are kept out." },
    { .name = NULL },
};
static const struct field tenant_user_fields[] = {
    { "user",      FIELD_TEXT,   true,  USER_NAME_MAX,       "The name: a-z, 0-9 and . _ - + @; an e-mail address will do." },
    { "role",      FIELD_TEXT,   true,  16,                  "tenant-admin, supervisor or analyst." },
    { .name = NULL },
};
static const struct field tenant_user_change_fields[] = {
    { "role",      FIELD_TEXT,   false, 16,                  "tenant-admin, supervisor or analyst." },
    { "disabled",  FIELD_FLAG,   false, 0,                   "Whether they are kept out." },
    { .name = NULL },
};
static const struct field reset_fields[] = {
    { "second_factor", FIELD_FLAG, false, 0,                 "Takes the second factor away, too: the device is lost." },
    { .name = NULL },
};
static const struct field settings_fields[] = {
    { "values",    FIELD_MAP,    true,  32000,            "Each a setting's key and its value as a text; null: back to what the layer above says." },
    { .name = NULL },
};
static const struct field tenant_settings_fields[] = {
    { "values",    FIELD_MAP,    true,  32000,            "Each a setting's key and its value as a text; null: back to what the layer above says." },
    { "site",      FIELD_TEXT,   false, ID_TEXT_LEN,      "The site that differs; else they hold for the whole tenant." },
    { .name = NULL },
};

static const struct field import_fields[] = {
    { "transcripts", FIELD_OBJECTS, true, IMPORT_ITEMS_MAX,   "Documents as the export gives them; what is there already is left as it is." },
    { "more",      FIELD_FLAG,   false, 0,                "More follows at once: the search index waits for the last." },
    { .name = NULL },
};

static const struct field identity_fields[] = {
    { "renew",     FIELD_FLAG,   false, 0,                "Makes a new key; its secret is in this answer and in no other, and the old one counts no more." },
    { "required",  FIELD_FLAG,   false, 0,                "Whether nobody chats without an identity; no change when absent." },
    { .name = NULL },
};
static const struct field webhook_fields[] = {
    { "url",    FIELD_TEXT,  true,  HOOK_URL_MAX, "Where to: an https URL with a public address; or mailto: and an address, for callback, offline_form and conversation.ended." },
    { "events", FIELD_TEXTS, true,  32,           "What of: conversation.started, conversation.ended, message, survey, callback, offline_form." },
    { "texts",  FIELD_FLAG,  false, 0,            "Whether what people wrote goes along: messages' texts, surveys' comments; no when absent." },
    { .name = NULL },
};
static const struct field mail_fields[] = {
    { "to",     FIELD_TEXT,  false, 254, "Whom: vera@buyer.example." }, /* asked for after the conversation */
    { .name = NULL },
};
static const struct field rotate_fields[] = {
    { "overlap", FIELD_TEXT, false, 16, "How long the old secret signs, too: 24h when absent, 7d at most, 0 when it is known to others." },
    { .name = NULL },
};
static const struct field retry_fields[] = {
    { "notice", FIELD_TEXT,  false, ID_TEXT_LEN,  "The one to try again; all that were given up when absent." },
    { .name = NULL },
};
static const struct field snapshot_fields[] = {
    { "tenant", FIELD_TEXT, false, 32, "Whose transcripts; the directory (tenants, agents, tokens, audit) when absent." },
    { "files",  FIELD_FLAG, false, 0,  "Not the transcripts, but what the tenant's visitors sent: a tar archive." },
    { "record", FIELD_FLAG, false, 0,  "Not the transcripts, but what the directory knows of the tenant: its keys are in it." },
    { .name = NULL },
};
static const struct field adopt_fields[] = {
    { "tenant", FIELD_TEXT, true,  32, "The one that `lasnactl tenant import` has put into the data folder." },
    { .name = NULL },
};
static const struct field codes_fields[] = {
    { "coder",       FIELD_TEXT,    true,  60,               "The coder's name, or adjudicated; machine@… is the machine's alone." },
    { "transcripts", FIELD_OBJECTS, true,  IMPORT_ITEMS_MAX, "id (ours, or that of the import), turns or messages with codes, functions." },
    { .name = NULL },
};
static const struct field reference_fields[] = {
    { "lines",     FIELD_TEXT, true,  250000, "Conversations with codes, a JSON document a line, or the next stretch of them." },
    { "reference", FIELD_TEXT, false, 26,     "What the stretch before it was answered with; without one a reference begins." },
    { .name = NULL },
};
static const struct field agreement_fields[] = {
    { "reference", FIELD_TEXT, false, 250000, "Conversations with codes, a JSON document a line: the machine is compared with them." },
    { "reference_id", FIELD_TEXT, false, 26,  "The same, where it came by presence/references because it is longer; it is spent by this." },
    { "first",     FIELD_TEXT, false, 64,     "A coder of this tenant, the reference." },
    { "second",    FIELD_TEXT, false, 64,     "Another one, who is measured against the first." },
    { "sample",    FIELD_TEXT, false, 60,     "Only its chats, each with its weight; without first and second: its two coders." },
    { "classes",   FIELD_FLAG, false, 0,      "With a reference: also the class table of the rules, as it stands in classes.tsv." },
    { .name = NULL },
};

static const struct field sample_fields[] = {
    { "sample",    FIELD_TEXT,   true,  60,   "The name of the sample." },
    { "chats",     FIELD_NUMBER, false, 2000, "How many to draw; 60 when absent." },
    { "codes",     FIELD_TEXTS,  false, 16,   "Codes whose chats are drawn more often; those of relationship and word of mouth when absent." },
    { "with_percent", FIELD_NUMBER, false, 100, "How many of a hundred bear one of them; 50 when absent." },
    { "seed",      FIELD_NUMBER, false, 999999999, "The same seed draws the same chats; 1 when absent." },
    { .name = NULL },
};
static const struct field assignment_fields[] = {
    { "sample",    FIELD_TEXT,   true,  60,   "The name of the sample." },
    { "coders",    FIELD_TEXTS,  true,  60,   "Two to eight people; each chat is read by two of them." },
    { .name = NULL },
};
static const struct field adjudication_fields[] = {
    { "sample",    FIELD_TEXT,   true,  60,   "The name of the sample." },
    { .name = NULL },
};
static const struct field buyers_fields[] = {
    { "buyers", FIELD_OBJECTS, true, IMPORT_ITEMS_MAX, "Answers: id, at, chatted; bought, value, currency, recommend 0-10, trust, again, satisfied 1-5, effort 1-7, source, solved, anyway, subject." },
    { .name = NULL },
};
static const struct field survey_fields[] = {
    { "orders", FIELD_OBJECTS, true, IMPORT_ITEMS_MAX, "id; and, where the site knows it: at, chatted, value, currency." },
    { .name = NULL },
};
static const struct field buyer_fields[] = {
    { "id", FIELD_TEXT, true, 200, "The order's own, as the site or the answer named it." },
    { .name = NULL },
};
static const struct field billing_rules_fields[] = {
    { "from",     FIELD_TEXT,    true,  7,  "The month they hold from: 2026-10; not one that is closed." },
    { "zone",     FIELD_TEXT,    false, 63, "Where months begin: Europe/Helsinki; the tenant's own (hours.zone) when absent." },
    { "currency", FIELD_TEXT,    false, 3,  "What prices are in: EUR; nothing has a price when absent." },
    { "rules",    FIELD_OBJECTS, true,  BILLING_RULES_MAX, "In order, the first that holds decides: id, if, billable, price, text (docs/billing.md)." },
    { .name = NULL },
};
static const struct field billing_close_fields[] = {
    { "month", FIELD_TEXT, true, 7, "Which: 2026-10; over, and the one after the last that was closed." },
    { .name = NULL },
};
static const struct field billing_dispute_fields[] = {
    { "month",  FIELD_TEXT,   true, 7,        "Whose closed statement: 2026-10." },
    { "line",   FIELD_NUMBER, true, 10000000, "Which line of it, a billable one." },
    { "reason", FIELD_TEXT,   true, 500,      "Why it should not be billed." },
    { .name = NULL },
};
static const struct field billing_decision_fields[] = {
    { "dispute", FIELD_NUMBER, true,  1000000000, "Its number." },
    { "accept",  FIELD_FLAG,   true,  0,          "Whether it is right: then the line is a credit on the next statement." },
    { "answer",  FIELD_TEXT,   false, 500,        "What the tenant is told." },
    { .name = NULL },
};
static const struct field coded_fields[] = {
    { "coder",       FIELD_TEXT,    false, 60,  "Who coded; a coder's token says so itself. adjudicated: what was settled on." },
    { "transcripts", FIELD_OBJECTS, true,  100, "Chats as presence/next gave them, with codes beside the messages." },
    { .name = NULL },
};

#define ROUTE(verb, where, who, price, handler, takes, body, tells) \
    { #verb, where, AUTHORITY_##who, COST_##price, handle_##handler, #handler, takes, body, tells, \
      &answer_##handler }
/* Within a tenant the same is done for its own alone, under a name of its own. */
#define WITHIN(verb, where, who, price, handler, takes, body, tells) \
    { #verb, where, AUTHORITY_##who, COST_##price, handle_##handler, "tenant_" #handler, takes, body, \
      tells, &answer_##handler }

static const struct route routes[] = {
    ROUTE(GET,    "/openapi.json",           ANYONE, LIST,       openapi_show,      "",             NULL,          "This API, as an OpenAPI 3.1 document."),
    ROUTE(GET,    "/status",                 ADMIN, LIST,        status_show,       "",             NULL,          "How the instance does: uptime, roles, links, queues."),
    ROUTE(GET,    "/check",                  ADMIN, SEARCH,      check_show,        "area url",     NULL,          "Looks for what is wrong: config, tls, xmpp, store, tenants; widget: at the page of that url."),
    ROUTE(GET,    "/metrics",                ADMIN, LIST,        metrics_show,      "",             NULL,          "How the instance does, as OpenMetrics text."),
    ROUTE(GET,    "/verify",                 ADMIN, COMPUTE,     verify_show,       "",             NULL,          "Walks every store and the audit, off the loop: damage, gaps, rows of nobody."),
    ROUTE(POST,   "/snapshots",              ADMIN, COMPUTE,     snapshot_make,      "",             snapshot_fields, "Copies a database as it is now, off the loop, for a backup: a tenant's, or without one the directory."),
    ROUTE(GET,    "/snapshots/{id}",         ADMIN, LOOK,        snapshot_show,      "",             NULL,          "How far the copy is, and, when it is ready, its size, digest and counts."),
    ROUTE(GET,    "/snapshots/{id}/content", ADMIN, SEARCH,      snapshot_fetch,     "",             NULL,          "The copy itself, an SQLite file or a tar archive; read to its end, it is gone."),
    ROUTE(DELETE, "/snapshots/{id}",         ADMIN, LOOK,        snapshot_drop,      "",             NULL,          "Drops the copy, also while it is being made; else it goes ten minutes after it was last asked for."),
    ROUTE(POST,   "/rekey",                  ADMIN, COMPUTE,     rekey,             "",             no_fields,     "Makes another instance.key, by which the tenants' keys are sealed from now on."),
    ROUTE(GET,    "/erasures",               ADMIN, LIST,        erasures_show,      "tenant",       NULL,          "The ledger: which visitors were erased when, a line each; of one tenant, or of all."),
    ROUTE(GET,    "/routes",                 ADMIN, LIST,        routes_show,       "",             NULL,          "Everything that can be asked here, and who may."),
    ROUTE(GET,    "/settings",               ADMIN, LIST,        settings_list,     "",             NULL,          "What counts for tenants that say nothing else."),
    ROUTE(GET,    "/settings/instance",      ADMIN, LIST,        instance_settings_list, "",        NULL,          "What lasna.conf says, or leaves as it is; files with secrets are named, not shown."),
    ROUTE(PATCH,  "/settings",               ADMIN, CHANGE,      settings_change,   "",             settings_fields, "Changes that, for all tenants, at once."),
    ROUTE(GET,    "/audit",                  ADMIN, LIST,        audit_list,        "cursor limit", NULL,          "Who changed or read what, newest first."),
    ROUTE(GET,    "/tenants",                ADMIN, LIST,        tenants_list,      "cursor limit", NULL,          "All tenants, by name."),
    ROUTE(POST,   "/tenants",                ADMIN, CHANGE,      tenant_add,        "",             tenant_fields, "Adds a tenant, without a restart, whole or not at all."),
    ROUTE(POST,   "/adoptions",              ADMIN, CHANGE,      tenant_adopt,      "",             adopt_fields,  "Makes a tenant of another server known whose data was put into the data folder: whole or not at all, disabled."),
    ROUTE(GET,    "/tenants/{tenant}",       ANALYST, LOOK,      tenant_show,       "",             NULL,          "One tenant: domain, desk, sites, snippet, queue."),
    ROUTE(PATCH,  "/tenants/{tenant}",       ADMIN, CHANGE,      tenant_change,     "",             tenant_change_fields, "Changes what people call it, its languages, or where a site of it embeds the widget; counts at once."),
    ROUTE(DELETE, "/tenants/{tenant}",       ADMIN, CHANGE,      tenant_remove,     "",             NULL,          "Removes a tenant with all it has, for good; answers a certificate of deletion."),
    ROUTE(GET,    "/tenants/{tenant}/sites", ANALYST, LIST,      sites_list,        "",             NULL,          "A tenant's sites: the key each snippet bears, and where it may stand."),
    ROUTE(POST,   "/tenants/{tenant}/sites", ADMIN, CHANGE,      site_add,          "",             site_fields,   "Adds a site: a key of its own, settings that may differ; counts at once."),
    ROUTE(GET,    "/tenants/{tenant}/sites/{id}", ANALYST, LOOK,     site_show,         "",             NULL,          "One site of the tenant."),
    ROUTE(DELETE, "/tenants/{tenant}/sites/{id}", ADMIN, CHANGE,  site_remove,       "",             NULL,          "Takes a site away; its snippet opens nothing any more. The last one stays."),
    ROUTE(POST,   "/tenants/{tenant}/rename", ADMIN, CHANGE,    tenant_rename,     "",             tenant_rename_fields, "Gives the tenant another short name, whole or not at all; the one it had leads to it for as long as it lives."),
    ROUTE(POST,   "/tenants/{tenant}/disable", ADMIN, CHANGE,   tenant_disable,    "",             no_fields,     "Serves nobody there any more; keeps all data."),
    ROUTE(POST,   "/tenants/{tenant}/enable", ADMIN, CHANGE,    tenant_enable,     "",             no_fields,     "Serves again."),
    ROUTE(POST,   "/tenants/{tenant}/rekey", ADMIN, CHANGE,     tenant_rekey,      "",             no_fields,     "Gives it another key at rest, and seals all its secrets by that; they stay what they are."),
    ROUTE(GET,    "/tenants/{tenant}/settings", ANALYST, LIST,    tenant_settings_list, "site",       NULL,          "What counts for the tenant, or a site of it, and which layer says so."),
    ROUTE(PATCH,  "/tenants/{tenant}/settings", TENANT_ADMIN, CHANGE,  tenant_settings_change, "", tenant_settings_fields, "Changes the tenant's settings, or a site's; counts at once."),
    ROUTE(GET,    "/tenants/{tenant}/avatar", ANALYST, LOOK,     tenant_avatar_show, "",            NULL,          "The tenant's own picture: address, size, and itself in base64."),
    ROUTE(PUT,    "/tenants/{tenant}/avatar", TENANT_ADMIN, CHANGE,  tenant_avatar_set, "",          avatar_fields, "Gives the tenant a picture; visitors see it where a persona has none, and while nobody is there."),
    ROUTE(DELETE, "/tenants/{tenant}/avatar", TENANT_ADMIN, CHANGE,  tenant_avatar_remove, "",       NULL,          "Takes the tenant's picture away."),
    ROUTE(GET,    "/tenants/{tenant}/texts", ANALYST, LIST,      tenant_texts_list, "language site", NULL,   "All the chat says, by name, and what the tenant, or a site of it, says in its place."),
    ROUTE(GET,    "/tenants/{tenant}/audit", TENANT_ADMIN, LIST,    tenant_audit_list, "cursor limit", NULL,   "Who changed or read what of this tenant, newest first."),
    ROUTE(GET,    "/tenants/{tenant}/access", TENANT_ADMIN, SEARCH,  tenant_access_show, "since",        NULL,      "Who could see its chats, from when until when, and who did: looks, exports, conversations served."),
    ROUTE(GET,    "/tenants/{tenant}/identity", TENANT_ADMIN, LOOK,    identity_show, "",          NULL,          "The key the tenant's site signs identities with: which, since when, whether one is required."),
    ROUTE(POST,   "/tenants/{tenant}/identity", TENANT_ADMIN, CHANGE,  identity_set, "",           identity_fields, "Makes a new identity key, or says whether an identity is required."),
    ROUTE(GET,    "/tenants/{tenant}/webhooks", TENANT_ADMIN, LIST,    webhooks_list, "",           NULL,          "Where the tenant is told what happens, and how that goes."),
    ROUTE(POST,   "/tenants/{tenant}/webhooks", TENANT_ADMIN, CHANGE,  webhook_add, "",             webhook_fields, "Adds one; the secret its notices are signed with is in this answer and in no other."),
    ROUTE(GET,    "/tenants/{tenant}/webhooks/dead", TENANT_ADMIN, LIST,    webhooks_dead, "cursor limit", NULL,   "Notices that were given up, newest first, and why."),
    ROUTE(POST,   "/tenants/{tenant}/webhooks/retry", TENANT_ADMIN, CHANGE,  webhooks_retry, "",    retry_fields,  "Tries given-up notices again."),
    ROUTE(POST,   "/tenants/{tenant}/webhooks/{id}/test", TENANT_ADMIN, SEARCH,  webhook_test, "",  no_fields,     "Sends a notice of the type test now, and tells what came of it."),
    ROUTE(POST,   "/tenants/{tenant}/webhooks/{id}/rotate", TENANT_ADMIN, CHANGE,  webhook_rotate, "", rotate_fields, "Gives a webhook another secret, which is in this answer alone; the old one signs, too, for a while."),
    ROUTE(GET,    "/tenants/{tenant}/webhooks/{id}", TENANT_ADMIN, LOOK, webhook_show, "",      NULL,          "One of them, and how it goes."),
    ROUTE(DELETE, "/tenants/{tenant}/webhooks/{id}", TENANT_ADMIN, CHANGE,  webhook_remove, "",     NULL,          "Takes it away, with what it was not told yet."),
    ROUTE(GET,    "/tenants/{tenant}/agents", SUPERVISOR, LIST,    members_list,     "cursor limit", NULL,          "The agents who serve the tenant, by JID."),
    ROUTE(POST,   "/tenants/{tenant}/agents", ADMIN, CHANGE,     member_set,        "",             member_fields, "Assigns an agent; again replaces role, limit, persona, signature and skills."),
    ROUTE(GET,    "/tenants/{tenant}/agents/{jid}", SUPERVISOR, LOOK, member_show, "",        NULL,          "An agent as the tenant has them: role, limit, persona, skills."),
    ROUTE(DELETE, "/tenants/{tenant}/agents/{jid}", ADMIN, CHANGE,  member_remove,   "",             NULL,          "Takes the agent away from the tenant; conversations go back to the queue."),
    ROUTE(GET,    "/tenants/{tenant}/agents/{jid}/avatar", SUPERVISOR, LOOK,    member_avatar_show, "", NULL,    "The picture of an agent's persona there: address, size, and itself in base64."),
    ROUTE(PUT,    "/tenants/{tenant}/agents/{jid}/avatar", TENANT_ADMIN, CHANGE,  member_avatar_set, "", avatar_fields, "Gives an agent's persona there a picture, for visitors to see."),
    ROUTE(DELETE, "/tenants/{tenant}/agents/{jid}/avatar", TENANT_ADMIN, CHANGE,  member_avatar_remove, "", NULL, "Takes that picture away; the tenant's stands in its place."),
    ROUTE(GET,    "/tenants/{tenant}/conversations", SUPERVISOR, LIST,    conversations_list, "state cursor limit", NULL, "Conversations, newest first; state: open, queued, active, ended."),
    ROUTE(GET,    "/tenants/{tenant}/conversations/{id}", SUPERVISOR, LOOK,    conversation_show, "", NULL,         "One conversation: state, who, since when."),
    ROUTE(GET,    "/tenants/{tenant}/conversations/{id}/route", SUPERVISOR, LOOK,    conversation_route, "", NULL,  "Why a conversation is where it is, and who can be offered it."),
    ROUTE(POST,   "/tenants/{tenant}/conversations/{id}/end", SUPERVISOR, CHANGE,  conversation_end, "", no_fields, "Ends a conversation; its transcript is sealed."),
    ROUTE(POST,   "/tenants/{tenant}/conversations/{id}/mail", SUPERVISOR, CHANGE,  conversation_mail, "", mail_fields, "Orders a copy of a conversation by mail, to somebody it concerns."),
    ROUTE(GET,    "/tenants/{tenant}/transcripts", ANALYST, LIST,    transcripts_list, "state stage agent tag since until cursor limit", NULL, "Transcripts, newest first, without their messages."),
    ROUTE(GET,    "/tenants/{tenant}/transcripts/export", ANALYST, COMPUTE, transcripts_export, "format state since until coder book names", NULL, "All transcripts, newest first: JSON lines, an html page to read and print, or csv, coded, convokit, qdpx, qdc with codes."),
    ROUTE(GET,    "/tenants/{tenant}/transcripts/search", ANALYST, SEARCH,  transcripts_search, "q from since until stage tag agent cursor limit", NULL, "Messages with all the words of q, \"phrases\" and begin*, in all their forms; newest first."),
    ROUTE(POST,   "/tenants/{tenant}/transcripts/import", TENANT_ADMIN, COMPUTE, transcripts_import, "", import_fields, "Takes in transcripts from elsewhere; tells which were refused, and why."),
    ROUTE(GET,    "/tenants/{tenant}/transcripts/{id}", ANALYST, LOOK,    transcript_show, "", NULL,               "One transcript with its messages and events."),
    ROUTE(GET,    "/tenants/{tenant}/presence/report", ANALYST, COMPUTE, presence_report, "format since until stage language outcome coder book", NULL, "Figures of the transcripts, as JSON or a page to read."),
    ROUTE(POST,   "/tenants/{tenant}/presence/code", SUPERVISOR, COMPUTE, presence_code, "", no_fields, "Lets the machine code what is not coded yet, a slice at a time; tells what is left."),
    ROUTE(GET,    "/tenants/{tenant}/presence/coders", ANALYST, LIST,    presence_coders, "", NULL,              "Who has coded how much: the machine by its rules, people by name."),
    ROUTE(POST,   "/tenants/{tenant}/presence/codes", SUPERVISOR, COMPUTE, presence_codes_add, "", codes_fields, "Takes in a person's codes; tells which were refused, and why."),
    ROUTE(GET,    "/tenants/{tenant}/presence/explain/{id}", ANALYST, LOOK,    presence_explain, "seq", NULL,   "Why the message with that seq has its codes."),
    ROUTE(GET,    "/tenants/{tenant}/presence/codebook", ANALYST, LIST,    presence_codebook, "", NULL,         "The codes, their groups, what they mean, who may code them."),
    ROUTE(POST,   "/tenants/{tenant}/presence/agreement", ANALYST, COMPUTE, presence_agreement, "", agreement_fields, "How far coders agree: two of this tenant, or the machine with a reference sent along."),
    ROUTE(POST,   "/tenants/{tenant}/presence/references", ANALYST, SEARCH, presence_reference_add, "", reference_fields, "Takes in a reference too long for one request, stretch by stretch; kept in memory until it is measured by, or ten minutes have passed since the last; two of a tenant at most."),
    ROUTE(POST,   "/tenants/{tenant}/presence/samples", SUPERVISOR, COMPUTE, presence_sample, "", sample_fields, "Draws the chats that people are to code: by strata, with weights, by a seed."),
    ROUTE(GET,    "/tenants/{tenant}/presence/samples", ANALYST, LIST,    presence_samples, "cursor limit", NULL,            "The samples, and how far their coders are."),
    ROUTE(POST,   "/tenants/{tenant}/presence/assignments", SUPERVISOR, COMPUTE, presence_assign, "", assignment_fields, "Deals a sample out, two coders a chat; again deals anew what nobody has coded."),
    ROUTE(GET,    "/tenants/{tenant}/presence/next", CODER, LOOK,    presence_next, "coder sample", NULL,       "The next chat a coder has to code, without anybody's codes."),
    ROUTE(POST,   "/tenants/{tenant}/presence/coded", CODER, CHANGE,  presence_coded, "", coded_fields,          "Takes in a coder's codes of chats that were dealt to them."),
    ROUTE(POST,   "/tenants/{tenant}/presence/adjudicate", SUPERVISOR, COMPUTE, presence_adjudicate, "", adjudication_fields, "Settles what both coders agree on, and gives the next chat they differ about."),
    ROUTE(POST,   "/tenants/{tenant}/presence/buyers", TENANT_ADMIN, COMPUTE, presence_buyers, "", buyers_fields, "Takes in what buyers answered to a survey, those who chatted and those who did not."),
    ROUTE(POST,   "/tenants/{tenant}/presence/buyers/erase", TENANT_ADMIN, CHANGE,  presence_buyer_erase, "", buyer_fields, "Forgets what was answered for an order, for good; also after an old backup was put back."),
    ROUTE(POST,   "/tenants/{tenant}/presence/survey-links", TENANT_ADMIN, SEARCH,  presence_survey_links, "", survey_fields, "Links by which the buyers of these orders are asked, each once; nothing of them is kept until somebody answers."),
    ROUTE(GET,    "/tenants/{tenant}/presence/codes", ANALYST, COMPUTE, presence_codes_list, "coder book", NULL, "A coder's codes, a line a chat, as they can be taken in again."),
    ROUTE(GET,    "/tenants/{tenant}/files", SUPERVISOR, LIST,    files_list, "conversation visitor cursor limit", NULL, "What visitors sent, newest first: of all, of one conversation or of one visitor."),
    ROUTE(GET,    "/tenants/{tenant}/files/{id}", SUPERVISOR, SEARCH,  file_fetch, "from", NULL,                  "The bytes of one, as a download; from: that byte on, where an earlier answer broke off."),
    ROUTE(GET,    "/tenants/{tenant}/report", ANALYST, COMPUTE, report_show, "month week format", NULL,           "A month (2026-10) or a week (2026-W43) of chats: volumes, waits, outcomes, topics, survey; json, csv or html."),
    ROUTE(GET,    "/tenants/{tenant}/billing/rules", TENANT_ADMIN, LIST,    billing_rules_list, "cursor limit", NULL,         "The rules of what is billable, newest first, and from which month each holds."),
    ROUTE(POST,   "/tenants/{tenant}/billing/rules", ADMIN, CHANGE,  billing_rules_add, "", billing_rules_fields, "Adds rules that hold from a month on; closed months stay as they are."),
    ROUTE(GET,    "/tenants/{tenant}/billing/statements", TENANT_ADMIN, LIST,    billing_statements_list, "cursor limit", NULL, "The closed statements, newest first, with sums and digest, and before them the month to be closed next."),
    ROUTE(POST,   "/tenants/{tenant}/billing/statements", ADMIN, COMPUTE, billing_statement_close, "", billing_close_fields, "Closes a month: from then on its statement stays as it is, to the byte."),
    ROUTE(GET,    "/tenants/{tenant}/billing/statement", TENANT_ADMIN, COMPUTE, billing_statement_show, "month format", NULL, "A month's statement, closed or a draft: a line a conversation, and why it is billable or not; json, csv or html."),
    ROUTE(GET,    "/tenants/{tenant}/billing/disputes", TENANT_ADMIN, LIST,    billing_disputes_list, "state cursor limit", NULL, "Lines that were contested, newest first; state: open, accepted, rejected."),
    ROUTE(POST,   "/tenants/{tenant}/billing/disputes", TENANT_ADMIN, CHANGE,  billing_dispute_add, "", billing_dispute_fields, "Contests a billable line of a closed statement."),
    ROUTE(POST,   "/tenants/{tenant}/billing/decisions", ADMIN, CHANGE,  billing_dispute_decide, "", billing_decision_fields, "Accepts a dispute, which becomes a credit on the next statement, or rejects it."),
    ROUTE(GET,    "/tenants/{tenant}/visitors/{id}", SUPERVISOR, LOOK,    visitor_show, "", NULL,               "What is known of one visitor, and which conversations are theirs."),
    ROUTE(GET,    "/tenants/{tenant}/visitors/{id}/export", TENANT_ADMIN, COMPUTE, visitor_export, "files", NULL, "A copy of all of it: a line for the visitor, one for each conversation; files=yes: a tar archive, with what they sent."),
    ROUTE(POST,   "/tenants/{tenant}/visitors/{id}/erase", TENANT_ADMIN, COMPUTE, visitor_erase, "", no_fields,   "Forgets a visitor: rows, notes, codes, log; again at each start."),
    WITHIN(GET,   "/tenants/{tenant}/users", TENANT_ADMIN, LIST,    users_list,      "cursor limit", NULL,          "Who may see the tenant in the console: role, state; changeable: who sees nothing else."),
    WITHIN(POST,  "/tenants/{tenant}/users", TENANT_ADMIN, CHANGE,  user_add,        "",             tenant_user_fields, "Adds a console user who sees this tenant alone; the answer holds an invitation, and never again."),
    WITHIN(GET,   "/tenants/{tenant}/users/{user}", TENANT_ADMIN, LOOK,    user_show, "",            NULL,          "One of them."),
    WITHIN(PATCH, "/tenants/{tenant}/users/{user}", TENANT_ADMIN, CHANGE,  user_change, "",          tenant_user_change_fields, "Changes the role, or whether they are kept out; counts at once. A higher role ends an invitation that is open (invitation_ended)."),
    WITHIN(DELETE, "/tenants/{tenant}/users/{user}", TENANT_ADMIN, CHANGE,  user_remove, "",         NULL,          "Removes a console user of the tenant."),
    WITHIN(POST,  "/tenants/{tenant}/users/{user}/reset", TENANT_ADMIN, CHANGE,  user_reset, "",     reset_fields,  "Ends all sessions and the password; the answer holds an invitation to choose another."),
    WITHIN(GET,   "/tenants/{tenant}/users/{user}/sessions", TENANT_ADMIN, LIST,    user_sessions, "cursor limit", NULL, "Where the user is logged in: since when, last used, until when."),
    WITHIN(DELETE, "/tenants/{tenant}/users/{user}/sessions", TENANT_ADMIN, CHANGE,  user_sessions_end, "", NULL,   "Logs the user out everywhere, at once."),
    ROUTE(GET,    "/agents",                 ADMIN, LIST,        agents_list,       "cursor limit", NULL,          "All agents, by JID, with the tenants they serve."),
    ROUTE(POST,   "/agents",                 ADMIN, CHANGE,      agent_add,         "",             agent_fields,  "Adds an agent; with a password also the XMPP account, where we may."),
    ROUTE(GET,    "/agents/{jid}",           ADMIN, LOOK,        agent_show,        "",             NULL,          "One agent and the tenants served."),
    ROUTE(POST,   "/agents/{jid}/revoke",     ADMIN, CHANGE,      agent_revoke,      "",             no_fields,     "Ends an agent everywhere at once; deletes the XMPP account, where we may."),
    ROUTE(POST,   "/agents/{jid}/name",       ADMIN, CHANGE,      agent_rename,      "",             rename_fields, "Gives an agent another name: for colleagues, and for visitors where no persona is set."),
    ROUTE(POST,   "/agents/{jid}/limit",      ADMIN, CHANGE,      agent_limit,       "",             limit_fields,  "How many conversations the agent may have at once over all tenants; 0: as many as each tenant lets."),
    ROUTE(POST,   "/agents/{jid}/unstaff",    ADMIN, CHANGE,      agent_unstaff,     "",             no_fields,     "Nobody sits there, whatever the client shows: no offers anywhere, until staffed again."),
    ROUTE(POST,   "/agents/{jid}/staff",      ADMIN, CHANGE,      agent_staff,       "",             no_fields,     "Somebody sits there again."),
    ROUTE(POST,   "/session",                ANYONE, SEARCH,     session_begin,     "",             login_fields,  "Logs a console user in: sets a cookie, or answers a token."),
    ROUTE(GET,    "/session",                CODER, LOOK,        session_show,      "",             NULL,          "Who asks: user or token, role, tenants."),
    ROUTE(DELETE, "/session",                CODER, LOOK,        session_end,       "",             NULL,          "Logs out."),
    ROUTE(POST,   "/session/invitation",     ANYONE, SEARCH,     session_invitation, "",            invitation_fields, "Takes an invitation: chooses the password of the user it was made for."),
    ROUTE(POST,   "/session/invitation/show", ANYONE, CHANGE,    session_invitation_show, "",       invitation_show_fields, "Whom an invitation is for, and until when it holds; takes nothing."),
    ROUTE(POST,   "/session/password",       CODER, SEARCH,      session_password,  "",             new_password_fields, "Changes one's own password: all sessions end, a new one begins."),
    ROUTE(POST,   "/session/totp",           CODER, SEARCH,      totp_begin,        "",             own_password_fields, "Makes a secret for an authenticator app, and shows it this once."),
    ROUTE(POST,   "/session/totp/prove",     CODER, CHANGE,      totp_prove,        "",             code_fields,   "Proves that the app has it: codes are asked for from now on. Shows codes for recovery, once."),
    ROUTE(POST,   "/session/totp/remove",    CODER, CHANGE,      totp_remove,       "",             code_fields,   "Takes the second factor away."),
    ROUTE(GET,    "/users",                  ADMIN, LIST,        users_list,        "cursor limit", NULL,          "Console users, by name: role, tenants, state."),
    ROUTE(POST,   "/users",                  ADMIN, CHANGE,      user_add,          "",             user_fields,   "Adds a console user; without a password the answer holds an invitation, and never again."),
    ROUTE(GET,    "/users/{user}",           ADMIN, LOOK,        user_show,         "",             NULL,          "One console user."),
    ROUTE(PATCH,  "/users/{user}",           ADMIN, CHANGE,      user_change,       "",             user_change_fields, "Changes role, tenants, or whether they are kept out; counts at once. More rights end an invitation that is open (invitation_ended)."),
    ROUTE(DELETE, "/users/{user}",           ADMIN, CHANGE,      user_remove,       "",             NULL,          "Removes a console user; the last admin stays."),
    ROUTE(POST,   "/users/{user}/reset",     ADMIN, CHANGE,      user_reset,        "",             reset_fields,  "Ends all sessions and the password; the answer holds an invitation to choose another."),
    ROUTE(GET,    "/users/{user}/sessions",  ADMIN, LIST,        user_sessions,     "cursor limit", NULL,          "Where the user is logged in: since when, last used, until when."),
    ROUTE(DELETE, "/users/{user}/sessions",  ADMIN, CHANGE,      user_sessions_end, "",             NULL,          "Logs the user out everywhere, at once."),
    ROUTE(GET,    "/tokens",                 ADMIN, LIST,        tokens_list,       "cursor limit", NULL,          "Tokens for this API: role, tenant, until when; never the token itself."),
    ROUTE(POST,   "/tokens",                 ADMIN, CHANGE,      token_create,      "",             token_fields,  "Makes a token; it is in this answer, and never anywhere again."),
    ROUTE(DELETE, "/tokens/{id}",            ADMIN, CHANGE,      token_revoke,      "",             NULL,          "Revokes a token, at once."),
};
/* clang-format on */

size_t route_count(void)
{
    return sizeof(routes) / sizeof(routes[0]);
}

const struct route *route_at(size_t i)
{
    return &routes[i];
}

static void allow(const char *method, char allowed[ROUTE_METHODS_BYTES])
{
    size_t len = strlen(allowed);

    (void)snprintf(allowed + len, ROUTE_METHODS_BYTES - len, "%s%s", len > 0 ? ", " : "", method);
}

const struct route *route_find(struct slice method, struct slice path,
                               struct path_values *ret_values,
                               char ret_allowed[ROUTE_METHODS_BYTES])
{
    ret_allowed[0] = '\0';
    for (size_t i = 0; i < route_count(); i++) {
        *ret_values = (struct path_values){ .tenant = "" };
        if (!path_matches(routes[i].path, path, ret_values))
            continue;
        if (slice_is(method, routes[i].method))
            return &routes[i];
        allow(routes[i].method, ret_allowed);
    }
    return NULL;
}

static const char *const kind_names[] = {
    [FIELD_TEXT] = "a text",
    [FIELD_TEXTS] = "a list of texts",
    [FIELD_NUMBER] = "a whole number",
    [FIELD_FLAG] = "true or false",
    [FIELD_OBJECTS] = "a list of objects",
    [FIELD_MAP] = "an object of texts",
};

static bool text_fits(const struct field *field, const json_t *value, struct buf *problem)
{
    struct slice text = { json_string_value(value), json_string_length(value) };
    size_t points = 0;

    if (text_check(text, &points) != TEXT_FINE)
        buf_addf(problem, "\"%s\" holds a character that is not allowed.", field->name);
    else if (points > field->max)
        buf_addf(problem, "\"%s\" is longer than %u characters.", field->name, field->max);
    else
        return true;
    return false;
}

static bool texts_fit(const struct field *field, const json_t *list, struct buf *problem)
{
    const json_t *value;
    size_t i;

    json_array_foreach(list, i, value)
    {
        if (!json_is_string(value)) {
            buf_addf(problem, "\"%s\" must be a list of texts.", field->name);
            return false;
        }
        if (!text_fits(field, value, problem))
            return false;
    }
    return true;
}

static bool objects_fit(const struct field *field, const json_t *list, struct buf *problem)
{
    const json_t *value;
    size_t i;

    if (json_array_size(list) > field->max) {
        buf_addf(problem, "\"%s\" may hold at most %u.", field->name, field->max);
        return false;
    }
    json_array_foreach(list, i, value)
    {
        if (json_is_object(value))
            continue;
        buf_addf(problem, "\"%s\" must be a list of objects.", field->name);
        return false;
    }
    return true;
}

/* null is a value of its own there: whoever reads it says what it means. */
static bool map_fits(const struct field *field, const json_t *map, struct buf *problem)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)map, key, value)
    {
        if (json_is_null(value))
            continue;
        if (!json_is_string(value)) {
            buf_addf(problem, "\"%s\" must be an object of texts.", field->name);
            return false;
        }
        if (!text_fits(field, value, problem))
            return false;
    }
    return true;
}

static bool has_kind(const json_t *value, enum field_kind kind)
{
    switch (kind) {
    case FIELD_TEXT:
        return json_is_string(value);
    case FIELD_TEXTS:
    case FIELD_OBJECTS:
        return json_is_array(value);
    case FIELD_NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case FIELD_FLAG:
        return json_is_boolean(value);
    case FIELD_MAP:
        return json_is_object(value);
    }
    return false;
}

static bool field_holds(const struct field *field, const json_t *value, struct buf *problem)
{
    if (value == NULL || json_is_null(value)) {
        if (field->required)
            buf_addf(problem, "\"%s\" is missing.", field->name);
        return !field->required;
    }
    if (!has_kind(value, field->kind)) {
        buf_addf(problem, "\"%s\" must be %s.", field->name, kind_names[field->kind]);
        return false;
    }
    if (field->kind == FIELD_TEXT)
        return text_fits(field, value, problem);
    if (field->kind == FIELD_TEXTS)
        return texts_fit(field, value, problem);
    if (field->kind == FIELD_OBJECTS)
        return objects_fit(field, value, problem);
    if (field->kind == FIELD_MAP)
        return map_fits(field, value, problem);
    if (field->kind == FIELD_NUMBER && (uint64_t)json_integer_value(value) > field->max) {
        buf_addf(problem, "\"%s\" must be at most %u.", field->name, field->max);
        return false;
    }
    return true;
}

static bool is_known(const struct field *fields, const char *name)
{
    for (; fields->name != NULL; fields++)
        if (strcmp(fields->name, name) == 0)
            return true;
    return false;
}

bool fields_hold(const struct field *fields, const json_t *body, struct buf *problem)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)body, name, value)
    {
        if (!is_known(fields, name)) {
            buf_add_text(problem, "Unknown member \"");
            text_one_line(slice_of(name), 40, problem);
            buf_add_text(problem, "\".");
            return false;
        }
    }
    for (; fields->name != NULL; fields++)
        if (!field_holds(fields, json_object_get(body, fields->name), problem))
            return false;
    return true;
}
