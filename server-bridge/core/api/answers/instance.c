/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered about the server itself.
 */
#include "server-bridge/core/api/answers/answers.h"

/* clang-format off */
static const struct member role_members[] = {
    WORD("role",             ALWAYS,  "web|control", "What it does."),
    COUNT("index",           ALWAYS,  "Which of its kind."),
    COUNT("unsent_bytes",    ALWAYS,  "What waits to be read by it."),
    NO_MORE,
};
static SHAPE(role, "Role", NULL);

static const struct member certificate_members[] = {
    TEXT("certificate",      ALWAYS,  "Its folder, or default."),
    TEXT("names",            ALWAYS,  "The hosts it is for."),
    FLAG("served",           ALWAYS,  "Whether browsers get it."),
    TIME("expires_at",       OR_NULL, "Its last moment."),
    WHOLE("days_left",       OR_NULL, "Days until then; null: it is not served."),
    TEXT("problem",          ALWAYS,  "Why its files cannot be used; empty: they can."),
    TEXT("warning",          ALWAYS,  "What browsers may not like; empty: nothing."),
    NO_MORE,
};
static SHAPE(certificate, "Certificate", NULL);

static const struct member served_members[] = {
    TEXT("tenant",           ALWAYS,  "Its short name."),
    WORD("link",             ALWAYS,  "up|down", "Whether its desk is connected to the XMPP server."),
    FLAG("available",        ALWAYS,  "Whether its database answers."),
    FLAG("disabled",         ALWAYS,  "Whether nobody is served."),
    COUNT("queued",          ALWAYS,  "Conversations that wait for an agent."),
    COUNT("active",          ALWAYS,  "Conversations that an agent holds."),
    COUNT("agents_available", ALWAYS, "Agents who could take one more."),
    COUNT("agents_present",  ALWAYS,  "Agents whose clients say they are there."),
    COUNT("visitors",        ALWAYS,  "Browsers that are connected."),
    COUNT("in_flight",       ALWAYS,  "Writes and messages on their way."),
    NO_MORE,
};
static SHAPE(served, "TenantStatus", NULL);

static const struct member status_members[] = {
    TEXT("version",          ALWAYS,  "Of the software."),
    TIME("started_at",       OR_NULL, "When the core was started."),
    COUNT("uptime_s",        ALWAYS,  "Seconds since then."),
    FLAG("draining",         ALWAYS,  "Whether it is about to stop, and takes no new chats."),
    WORD("provision",        ALWAYS,  "automatic|manual", "Who makes hosts and accounts on the XMPP server."),
    OBJECT("roles",          LIST,    role_shape, "The processes that speak to the core."),
    COUNT("queued",          ALWAYS,  "Conversations that wait, over all tenants."),
    COUNT("active",          ALWAYS,  "Conversations that agents hold."),
    COUNT("visitors",        ALWAYS,  "Browsers that are connected."),
    COUNT("writes_waiting",  ALWAYS,  "What is not committed yet."),
    OBJECT("certificates",   LIST,    certificate_shape, "TLS certificates, as the web processes see them."),
    OBJECT("tenants",        LIST,    served_shape, "Each tenant in short."),
    NO_MORE,
};
static SHAPE(status, "Status", NULL);

static const struct member finding_members[] = {
    TEXT("area",             ALWAYS,  "Where: config, tls, xmpp, store, tenants, widget; audit, users, keys, avatars."),
    WORD("verdict",          ALWAYS,  "fine|warning|problem", "problem: something does not work; warning: it works, but not well."),
    TEXT("tenant",           OR_NULL, "Whose; null: the server's."),
    TEXT("text",             ALWAYS,  "What was found, and what to do, for people."),
    NO_MORE,
};
static SHAPE(finding, "Finding", NULL);

static const struct member findings_members[] = {
    FLAG("ok",               ALWAYS,  "Whether there is no problem."),
    COUNT("problems",        ALWAYS,  "How many there are."),
    OBJECT("findings",       LIST,    finding_shape, "What was looked at, and what of it."),
    NO_MORE,
};
static SHAPE(findings, "Findings", NULL);

static const struct member snapshot_members[] = {
    ID("id",                 ALWAYS,  "Names the copy."),
    WORD("kind",             ALWAYS,  "directory|transcripts|files|record", "What is copied."),
    TEXT("tenant",           OR_NULL, "Whose; null: the directory."),
    WORD("state",            ALWAYS,  "copying|ready|failed", "How far it is."),
    COUNT("copied_bytes",    ALWAYS,  "So much of it is there."),
    COUNT("expected_bytes",  ALWAYS,  "About so much it will be."),
    TEXT("sha256",           OR_NULL, "Of the whole, in hexadecimal, once it is ready."),
    COUNT("schema",          ALWAYS,  "The database's version."),
    COUNT("conversations",   ALWAYS,  "How many are in it."),
    COUNT("messages",        ALWAYS,  "How many are in it."),
    COUNT("files",           ALWAYS,  "How many are in it."),
    TEXT("problem",          OR_NULL, "Why it failed."),
    NO_MORE,
};
static SHAPE(snapshot, "Snapshot", NULL);

static const struct member key_mark_members[] = {
    TEXT("mark",             ALWAYS,  "Names the new instance.key, and says nothing of it."),
    NO_MORE,
};
static SHAPE(key_mark, "KeyMark", NULL);

static const struct member route_members[] = {
    TEXT("method",           ALWAYS,  "GET, POST, PUT, PATCH or DELETE."),
    TEXT("path",             ALWAYS,  "With its places in braces."),
    WORD("authority",        ALWAYS,  "anyone|coder|analyst|supervisor|tenant-admin|admin|operator", "The least that may ask."),
    COUNT("cost",            ALWAYS,  "What asking costs."),
    TEXT("name",             ALWAYS,  "As the audit and the OpenAPI document call it."),
    TEXT("summary",          ALWAYS,  "A sentence for people."),
    NO_MORE,
};
static SHAPE(route, "Route", NULL);

static const struct member setting_members[] = {
    TEXT("key",              ALWAYS,  "The setting, for wordings with a language: widget.title:fi."),
    TEXT("value",            ALWAYS,  "What counts."),
    WORD("from",             ALWAYS,  "built-in|server|tenant|site", "The layer that says so."),
    TEXT("type",             ALWAYS,  "number, milliseconds, flag, choice, wording, color, week …"),
    TEXT("range",            ALWAYS,  "What it may be, for people."),
    TEXT("initial",          ALWAYS,  "What counts when no layer says anything."),
    TEXT("counts",           ALWAYS,  "From when a change counts."),
    TEXT("lowest",           ALWAYS,  "The lowest layer that may say it: tenant or site."),
    WORD("set_by",           ALWAYS,  "admin|tenant-admin", "Who may change it for a tenant."),
    TEXT("meaning",          ALWAYS,  "A sentence for people."),
    FLAG("changed",          MAYBE,   "true: by this request."),
    NO_MORE,
};
static SHAPE(setting, "Setting", NULL);

static const struct member instance_setting_members[] = {
    TEXT("key",              ALWAYS,  "Section and key of lasna.conf: web.https."),
    TEXT("value",            ALWAYS,  "What counts; a secret's file is named, not shown."),
    TEXT("initial",          ALWAYS,  "What counts when the file says nothing."),
    WORD("counts",           ALWAYS,  "after a reload|after a restart", "From when a change counts."),
    TEXT("meaning",          ALWAYS,  "A sentence for people."),
    NO_MORE,
};
static SHAPE(instance_setting, "InstanceSetting", NULL);

static const struct member audit_entry_members[] = {
    COUNT("number",          ALWAYS,  "Counts on and on, over all tenants."),
    TIME("at",               OR_NULL, "When."),
    TEXT("who",              OR_NULL, "operator, user:NAME, token:ID, or an agent's JID."),
    TEXT("action",           OR_NULL, "The route's name, or what an agent did."),
    TEXT("tenant",           OR_NULL, "Whose; null: the server's."),
    TEXT("detail",           OR_NULL, "What exactly: key=value, separated by spaces."),
    TEXT("hash",             OR_NULL, "Of this entry and the hash before it, in hexadecimal."),
    NO_MORE,
};
static SHAPE(audit_entry, "AuditEntry", NULL);

static const struct member document_members[] = {
    TEXT("openapi",          ALWAYS,  "The version of the format."),
    NO_MORE,
};
static OPEN_SHAPE(document, "OpenApi");
/* clang-format on */

ANSWER(openapi_show, .status = 200, .shape = &document_shape);
ANSWER(status_show, .status = 200, .shape = &status_shape);
ANSWER(check_show, .status = 200, .shape = &findings_shape);
ANSWER(metrics_show, .status = 200, .types = "application/openmetrics-text");
ANSWER(verify_show, .status = 200, .shape = &findings_shape);
ANSWER(snapshot_make, .status = 202, .shape = &snapshot_shape,
       .refusals = "404 not_found, 409 in_progress, 409 rename_waits");
ANSWER(snapshot_show, .status = 200, .shape = &snapshot_shape);
ANSWER(snapshot_fetch, .status = 200, .types = "application/octet-stream",
       .refusals = "409 not_ready");
ANSWER(snapshot_drop, .status = 204);
ANSWER(rekey, .status = 200, .shape = &key_mark_shape, .refusals = "409 in_progress, 409 sealed");
ANSWER(erasures_show, .status = 200, .types = "text/plain");
ANSWER(routes_show, .status = 200, .items = &route_shape);
ANSWER(settings_list, .status = 200, .items = &setting_shape);
ANSWER(instance_settings_list, .status = 200, .items = &instance_setting_shape);
ANSWER(settings_change, .status = 200, .items = &setting_shape, .refusals = "400 bad_setting");
ANSWER(audit_list, .status = 200, .items = &audit_entry_shape);
/* The same of a tenant. */
ANSWER(tenant_settings_list, .status = 200, .items = &setting_shape, .refusals = "404 not_found");
ANSWER(tenant_settings_change, .status = 200, .items = &setting_shape,
       .refusals = "400 bad_setting");
ANSWER(tenant_audit_list, .status = 200, .items = &audit_entry_shape);
