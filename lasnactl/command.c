/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/command.h"

#include "lasnactl/apply/apply.h"
#include "lasnactl/avatar.h"
#include "lasnactl/backup/backup.h"
#include "lasnactl/body.h"
#include "lasnactl/export.h"
#include "lasnactl/print/print.h"
#include "lasnactl/qda/coded.h"
#include "lasnactl/quickstart/quickstart.h"
#include "lasnactl/transcripts/agreement.h"
#include "lasnactl/transcripts/coding.h"
#include "lasnactl/transcripts/import.h"
#include "lasnactl/transcripts/search.h"
#include "lasnactl/transcripts/submit.h"

#include <string.h>

/* clang-format off */
const struct option global_options[] = {
    { "--home",     "DIR", "The instance's folder; else LASNA_HOME, ./var/dev or /var/lib/lasna.", false },
    { "--json",     NULL,  "Print one JSON value on stdout; talk goes to stderr.", false },
    { "--no-input", NULL,  "Never ask anything.", false },
    { "--help",     NULL,  "Explain.", false },
    { "--version",  NULL,  "Print the version.", false },
    { "--man",      NULL,  "Print the manual page.", false },
    { "--completion", NULL, "Print what bash needs to complete our words.", false },
    { .name = NULL },
};
const struct option if_missing_option =
    { "--if-missing", NULL, "Where it exists already, leave it as it is and succeed.", false };

static const struct option no_options[] = { { .name = NULL } };
static const struct option tenant_add_options[] = {
    { "--name",        "TITLE",   "What people call the tenant.", false },
    { "--origin",      "URL",     "A site that embeds the widget: https://acme.example. May be repeated.", true },
    { "--lang",        "CODES",   "Languages, the default first: fi,en. Default: en.", false },
    { "--secret-file", "FILE",    "One line: the component's secret, where the XMPP server's admin chose it.", false },
    { .name = NULL },
};
static const struct option tenant_change_options[] = {
    { "--name",   "TITLE", "What people call the tenant.", false },
    { "--origin", "URL",   "A site that embeds the widget. May be repeated: these are all there are from now on.", false },
    { "--lang",   "CODES", "Languages, the default first: fi,en.", false },
    { "--site",   "ID",    "Whose origins; else those of the first site.", false },
    { .name = NULL },
};
static const struct option agent_add_options[] = {
    { "--name",          "NAME", "The agent's name, for colleagues.", false },
    { "--password-file", "FILE", "One line: makes the XMPP account too, where we may.", false },
    { .name = NULL },
};
static const struct option agent_set_options[] = {
    { "--limit", "N", "Conversations at once over all tenants; 0: as many as each tenant lets.", true },
    { .name = NULL },
};
static const struct option agent_rename_options[] = {
    { "--name", "NAME", "The agent's name from now on, for colleagues.", true },
    { .name = NULL },
};
static const struct option site_add_options[] = {
    { "--origin", "URL", "Where the widget is embedded there. May be repeated.", true },
    { .name = NULL },
};
static const struct option assign_options[] = {
    { "--role",    "ROLE",  "agent, supervisor or bot. Default: agent.", false },
    { "--skill",   "WORDS", "What routing may match: fi,billing. May be repeated.", false },
    { "--limit",   "N",     "Conversations at once for this tenant. Default: 3.", false },
    { "--persona", "NAME",  "What this tenant's visitors see; else the agent's name.", false },
    { "--signature", "TEXT", "Ends the copies visitors are mailed where this agent answered last, with {agent} and {company}; else desk.signature.", false },
    { .name = NULL },
};
static const struct option avatar_options[] = {
    { "-o",       "FILE", "Writes the picture there is into that file.", false },
    { "--remove", NULL,   "Takes the picture away.", false },
    { .name = NULL },
};
static const struct option conversation_list_options[] = {
    { "--state", "STATE", "Only these: open, queued, active or ended.", false },
    { .name = NULL },
};
static const struct option transcript_list_options[] = {
    { "--state", "STATE", "Only these: open, queued, active or ended.", false },
    { "--stage", "STAGE", "Only these: potential, new, existing or unknown.", false },
    { "--agent", "JID",   "Only those this agent has, or had last.", false },
    { "--tag",   "TAG",   "Only those with this tag.", false },
    { "--since", "TIME",  "Opened then or later: 2026-03-02 or 2026-03-02T09:14:05Z.", false },
    { "--until", "TIME",  "Opened before then.", false },
    { .name = NULL },
};
static const struct option export_options[] = {
    { "--format", "FORMAT", "jsonl, a JSON document a line; html, a page to read and print; csv, coded (JSON lines with codes), convokit (a zip), qdpx, qdc for researchers. Default: jsonl.", false },
    { "-o",       "FILE",   "Where to; the file appears whole or not at all. Default: stdout.", false },
    { "--state",  "STATE",  "Only these: open, queued, active or ended.", false },
    { "--since",  "TIME",   "Opened then or later: 2026-03-02 or 2026-03-02T09:14:05Z.", false },
    { "--until",  "TIME",   "Opened before then.", false },
    { "--coder",  "NAME",   "Not jsonl: whose codes; none for none. Default: adjudicated ones, else the latest.", false },
    { "--book",   "VERSION", "Not jsonl: by which code book they coded. Default: the one used last.", false },
    { "--names",  "HOW",    "Not jsonl: marks, in place of names, addresses, long numbers; or plain. Default: marks.", false },
    { .name = NULL },
};

static const struct option copy_options[] = {
    { "-o", "FILE", "Where to; the file appears whole or not at all. Default: stdout.", false },
    { .name = NULL },
};
static const struct option visitor_copy_options[] = {
    { "-o",      "FILE", "Where to; the file appears whole or not at all. Default: stdout.", false },
    { "--files", NULL,   "What the visitor sent goes along: a tar archive in place of the lines.", false },
    { .name = NULL },
};
static const struct option file_list_options[] = {
    { "--conversation", "ID", "Only those of this conversation.", false },
    { "--visitor",      "ID", "Only those this visitor sent.", false },
    { .name = NULL },
};
static const struct option import_options[] = {
    { "--format", "FORMAT", "jsonl, a document a line, or csv, a message a line. Default: jsonl.", false },
    { "--map",    "COLUMNS", "What the columns of a CSV mean: id=chat,from=sender,text=body,at=sent,agent=Rep.", false },
    { .name = NULL },
};
static const struct option token_options[] = {
    { "--role",    "ROLE",   "admin, tenant-admin, supervisor, analyst or coder.", true },
    { "--tenant",  "TENANT", "The only tenant it may see; for all but admins.", false },
    { "--expires", "TIME",   "How long it holds: 12h, 90d. Default: 90d; 366d at most.", false },
    { "--label",   "TEXT",   "What it is for; a coder's: the name they code under.", false },
    { .name = NULL },
};
static const struct option user_options[] = {
    { "--role",          "ROLE",   "admin, tenant-admin, supervisor or analyst.", true },
    { "--tenant",        "TENANT", "What they may see; for all but admins, who see all. May be repeated.", false },
    { "--password-file", "FILE",   "One line: the password; - asks for it. Without it an invitation is made.", false },
    { .name = NULL },
};
static const struct option user_set_options[] = {
    { "--role",   "ROLE",   "admin, tenant-admin, supervisor or analyst.", false },
    { "--tenant", "TENANT", "What they may see. May be repeated: these are all there are from now on.", false },
    { .name = NULL },
};
static const struct option user_reset_options[] = {
    { "--second-factor", NULL, "Takes the second factor away, too: the device is lost.", false },
    { .name = NULL },
};
static const struct option mail_options[] = {
    { "--to", "ADDRESS", "Whom: vera@buyer.example.", true },
    { .name = NULL },
};
static const struct option webhook_options[] = {
    { "--events", "NAMES", "What of: conversation.started, conversation.ended, message, survey, callback, offline_form; between commas.", true },
    { "--texts",  NULL,    "What people wrote goes along: messages' texts, surveys' comments.", false },
    { .name = NULL },
};
static const struct option rotate_options[] = {
    { "--overlap", "TIME", "How long the old secret signs, too: 24h, 7d at most; 0: others know it. Default: 24h.", false },
    { .name = NULL },
};
static const struct option yes_options[] = {
    { "--yes", NULL, "Yes, for good.", true },
    { .name = NULL },
};
static const struct option tenant_rename_options[] = {
    { "--yes", NULL, "Yes: its chat is closed for the moment this takes.", true },
    { .name = NULL },
};
static const struct option survey_options[] = {
    { "--value",    "NUMBER",   "What was paid: 129.9.", false },
    { "--currency", "CURRENCY", "In which currency: EUR.", false },
    { "--chatted",  "yes|no",   "Whether the buyer chatted, where the site knows it; else the survey asks.", false },
    { "--at",       "TIME",     "When it was bought: 2026-03-02T09:14:05Z. Default: now.", false },
    { .name = NULL },
};
static const struct option site_options[] = {
    { "--site", "ID", "Of this site alone; else of the whole tenant.", false },
    { .name = NULL },
};

static const struct option report_options[] = {
    { "--format",   "FORMAT", "html, a page to read and print, or json. Default: html; with --json json.", false },
    { "-o",         "FILE",   "Where to; the file appears whole or not at all. Default: stdout.", false },
    { "--since",    "TIME",   "Opened then or later: 2026-03-02 or 2026-03-02T09:14:05Z.", false },
    { "--until",    "TIME",   "Opened before then.", false },
    { "--stage",    "STAGE",  "Only these: potential, new, existing or unknown.", false },
    { "--language", "CODE",   "Only chats in this language: fi.", false },
    { "--outcome",  "TEXT",   "Only chats with this outcome.", false },
    { "--coder",    "NAME",   "Whose codes; none for times and surveys alone. Default: adjudicated ones, else the latest.", false },
    { "--book",     "VERSION", "By which code book they coded. Default: the one used last.", false },
    { .name = NULL },
};

static const struct option coder_options[] = {
    { "--coder",  "NAME",   "Whose codes these are; adjudicated for what coders settled on.", true },
    { "--user",   "NAME",   "Of a project (.qdpx): only what this user of it coded. Default: all that is coded in it.", false },
    { "--blank",  NULL,     "Of a project: chats without a coding were read, and hold none. Default: nobody has coded them.", false },
    { .name = NULL },
};
static const struct option agreement_options[] = {
    { "--reference", "FILE", "Conversations with codes, JSON lines: the machine is compared with them, plainly and in ten folds. - is stdin.", false },
    { "--first",     "NAME", "A coder of this tenant, the reference.", false },
    { "--second",    "NAME", "Another one, who is measured against the first.", false },
    { "--sample",    "SAMPLE", "Only its chats, each with its weight; alone: its two coders of each chat.", false },
    { "--classes",   NULL,   "With --reference: print the class table instead, as it stands in classes.tsv of the rules.", false },
    { .name = NULL },
};
static const struct option sample_options[] = {
    { "--chats", "N",       "How many to draw. Default: 60.", false },
    { "--code",  "CODES",   "Codes whose chats are drawn more often. May be repeated. Default: those of relationship and word of mouth.", false },
    { "--with",  "PERCENT", "How many of a hundred bear one of them. Default: 50.", false },
    { "--seed",  "N",       "The same seed draws the same chats. Default: 1.", false },
    { .name = NULL },
};
static const struct option assignment_options[] = {
    { "--coder", "NAME", "Who codes: two to eight people. May be repeated.", true },
    { .name = NULL },
};
static const struct option next_options[] = {
    { "--coder",  "NAME",   "Who codes.", true },
    { "--sample", "SAMPLE", "Only of this sample. Default: the oldest that has one left.", false },
    { .name = NULL },
};
static const struct option submit_options[] = {
    { "--coder", "NAME", "Who coded; adjudicated for what was settled on.", true },
    { .name = NULL },
};
static const struct option codes_options[] = {
    { "--coder", "NAME",    "Whose codes. Default: adjudicated ones, else the latest.", false },
    { "--book",  "VERSION", "By which code book they coded. Default: the one used last.", false },
    { "-o",      "FILE",    "Where to; the file appears whole or not at all. Default: stdout.", false },
    { .name = NULL },
};
static const struct option summary_options[] = {
    { "--month",  "MONTH",  "Which month: 2026-10.", false },
    { "--week",   "WEEK",   "Or which week: 2026-W43, from Monday on.", false },
    { "--format", "FORMAT", "html, a page to read and print, csv or json. Default: html; with --json json.", false },
    { "-o",       "FILE",   "Where to; the file appears whole or not at all. Default: stdout.", false },
    { .name = NULL },
};
#define MONTH_OPTION { "--month", "MONTH", "Which: 2026-10.", true }
static const struct option month_options[] = {
    MONTH_OPTION,
    { .name = NULL },
};
static const struct option statement_options[] = {
    MONTH_OPTION,
    { "--format", "FORMAT", "html, a page to read and print, csv or json. Default: html; with --json json.", false },
    { "-o",       "FILE",   "Where to; the file appears whole or not at all. Default: stdout.", false },
    { .name = NULL },
};
static const struct option dispute_options[] = {
    MONTH_OPTION,
    { "--line",   "N",    "Which line of that closed statement.", true },
    { "--reason", "TEXT", "Why it should not be billed.", true },
    { .name = NULL },
};
static const struct option dispute_list_options[] = {
    { "--state", "STATE", "Only these: open, accepted or rejected.", false },
    { .name = NULL },
};
static const struct option decide_options[] = {
    { "--accept", NULL,   "It is right: the line is a credit on the next statement.", false },
    { "--reject", NULL,   "It is not.", false },
    { "--answer", "TEXT", "What the tenant is told.", false },
    { .name = NULL },
};
static const struct option explain_options[] = {
    { "--seq", "N", "Which message: its seq in the transcript.", true },
    { .name = NULL },
};

#define KEY_FILE_OPTION \
    { "--key-file", "FILE", "One line, of 32 characters at least: the key that seals a backup. openssl rand -hex 32 makes one.", false }
static const struct option key_options[] = {
    KEY_FILE_OPTION,
    { .name = NULL },
};
static const struct option backup_options[] = {
    { "--tenant", "TENANT", "Only this tenant, whole: it can go on on another server (tenant import).", false },
    KEY_FILE_OPTION,
    { .name = NULL },
};
static const struct option tenant_import_options[] = {
    KEY_FILE_OPTION,
    { "--erasures", "FILE",   "A newer ledger than the backup's: data/erasures of the server it comes from.", false },
    { "--data",     "DIR",    "The folder of the databases, where it is not data/ under the home.", false },
    { .name = NULL },
};
static const struct option restore_options[] = {
    { "--tenant",   "TENANT", "Only this tenant's transcripts, in place of those it has.", false },
    KEY_FILE_OPTION,
    { "--erasures", "FILE",   "A newer ledger than the backup's: data/erasures of the instance that was.", false },
    { "--data",     "DIR",    "The folder of the databases, where it is not data/ under the home.", false },
    { "--yes",      NULL,     "Yes, replace what the tenant has.", false },
    { .name = NULL },
};
static const struct option search_options[] = {
    { "--from",   "WHO",    "Only words of these: visitor or agent.", false },
    { "--since",  "TIME",   "In chats opened then or later: 2026-03-02 or 2026-03-02T09:14:05Z.", false },
    { "--until",  "TIME",   "In chats opened before then.", false },
    { "--stage",  "STAGE",  "Only in these chats: potential, new, existing or unknown.", false },
    { "--tag",    "TAG",    "Only in chats with this tag.", false },
    { "--agent",  "NAME",   "Only in chats this agent wrote in: the name visitors see, or the JID.", false },
    { "--limit",  "N",      "How many at most, 1 to 200. Default: 20.", false },
    { "--cursor", "CURSOR", "Go on where the last page ended.", false },
    { .name = NULL },
};

static const struct option access_options[] = {
    { "--since",  "TIME",   "What was from then on: 2026-03-02 or 2026-03-02T09:14:05Z. Default: all.", false },
    { .name = NULL },
};
static const struct option apply_options[] = {
    { "-f",        "FILE", "The document, as tenant export writes it; - for stdin.", true },
    { "--prune",   NULL,   "Settings and assignments of which the document's lists do not tell are taken back.", false },
    { "--dry-run", NULL,   "Look, tell what would be done, change nothing.", false },
    { "--yes",     NULL,   "Do it without asking.", false },
    { .name = NULL },
};
static const struct option quickstart_options[] = {
    { "--agents",  "DOMAIN", "Where agents' accounts live. Default: agents. before HOST.", false },
    { "--admin",   "NAME",   "Who is invited first, once lasnad runs. Default: admin.", false },
    { "--proxy",   NULL,     "Another program ends TLS and passes on to 127.0.0.1:8080.", false },
    { "--root",    "DIR",    "The machine's file system, where it is not /: an image, a chroot.", false },
    { "--force",   NULL,     "Write files anew that somebody has changed.", false },
    { "--dry-run", NULL,     "Look, tell what would be written, change nothing.", false },
    { .name = NULL },
};

static const struct command commands[] = {
    { "tenant", "add", "TENANT", tenant_add_options, "POST", "/tenants", "", "/tenants/{TENANT}",
      body_tenant, print_tenant_added, NULL, "Adds a tenant, without a restart; prints the snippet." },
    { "tenant", "import", "DIR", tenant_import_options, "POST", "/adoptions", "", NULL,
      NULL, NULL, tenant_import_run, "Takes over a tenant of another server, whole, from a backup of it alone; it is disabled until it is enabled." },
    { "tenant", "list", "", no_options, "GET", "/tenants", "", NULL,
      NULL, print_tenants, NULL, "Lists the tenants." },
    { "tenant", "show", "TENANT", no_options, "GET", "/tenants/{TENANT}", "", NULL,
      NULL, print_tenant, NULL, "Shows a tenant: domain, desk, sites, snippet, settings." },
    { "tenant", "change", "TENANT", tenant_change_options, "PATCH", "/tenants/{TENANT}", "", NULL,
      body_tenant_change, print_tenant, NULL, "Changes what people call a tenant, its languages, or where its widget is embedded; counts at once." },
    { "tenant", "set", "TENANT KEY=VALUE…", site_options, "PATCH", "/tenants/{TENANT}/settings", "", NULL,
      body_tenant_settings, print_settings_changed, NULL, "Changes settings, at once, and shows them; KEY= goes back to what the layer above says." },
    { "tenant", "avatar", "TENANT [FILE]", avatar_options, "PUT", "/tenants/{TENANT}/avatar", "", NULL,
      NULL, NULL, avatar_run, "Gives a tenant a picture, seen where a persona has none: a PNG, JPEG or WebP. Without FILE: shows what there is." },
    { "tenant", "rename", "TENANT NAME", tenant_rename_options, "POST", "/tenants/{TENANT}/rename", "", NULL,
      body_tenant_rename, print_tenant, NULL, "Gives a tenant another short name, in addresses and folders; the one it had goes on to lead to it." },
    { "tenant", "disable", "TENANT", no_options, "POST", "/tenants/{TENANT}/disable", "", NULL,
      body_empty, print_done, NULL, "Serves nobody there any more; keeps all data." },
    { "tenant", "enable", "TENANT", no_options, "POST", "/tenants/{TENANT}/enable", "", NULL,
      body_empty, print_done, NULL, "Serves again." },
    { "tenant", "rekey", "TENANT", no_options, "POST", "/tenants/{TENANT}/rekey", "", NULL,
      body_empty, print_rekeyed, NULL, "Gives a tenant another key at rest and seals its secrets by that; they stay what they are." },
    { "tenant", "remove", "TENANT", yes_options, "DELETE", "/tenants/{TENANT}", "", NULL,
      NULL, print_removed, NULL, "Removes a tenant with all it has, for good; prints a certificate of deletion." },
    { "tenant", "settings", "TENANT", site_options, "GET", "/tenants/{TENANT}/settings", "site", NULL,
      NULL, print_settings, NULL, "Lists all settings: what counts, which layer says so, what it means." },
    { "tenant", "audit", "TENANT", no_options, "GET", "/tenants/{TENANT}/audit", "", NULL,
      NULL, print_audit, NULL, "Tells who changed or read what of a tenant, newest first." },
    { "tenant", "access", "TENANT", access_options, "GET", "/tenants/{TENANT}/access", "since", NULL,
      NULL, print_access_record, NULL, "Tells who could see a tenant's chats, from when until when, and who did." },
    { "tenant", "export", "[TENANT…]", copy_options, "GET", "/tenants", "", NULL,
      NULL, NULL, tenant_export_run, "Writes what tenants are, as apply takes it: no secret, no word of a chat. All without TENANT." },
    { "texts", "list", "TENANT [LANGUAGE]", site_options, "GET", "/tenants/{TENANT}/texts?language={LANGUAGE}", "site", NULL,
      NULL, print_texts, NULL, "Lists all the chat says, by name, and what the tenant says in its place." },
    { "texts", "set", "TENANT LANGUAGE FILE", site_options, "PATCH", "/tenants/{TENANT}/settings", "", NULL,
      body_texts, print_texts_set, NULL, "Says in the tenant's own words what a JSON file names: {\"write\": \"Write to us\"}; {} goes back to ours." },
    { "site", "add", "TENANT", site_add_options, "POST", "/tenants/{TENANT}/sites", "", NULL,
      body_site, print_site, NULL, "Adds a site to a tenant: a key of its own for the snippet, settings that may differ." },
    { "site", "list", "TENANT", no_options, "GET", "/tenants/{TENANT}/sites", "", NULL,
      NULL, print_sites, NULL, "Lists a tenant's sites: id, key, origins." },
    { "site", "remove", "TENANT ID", yes_options, "DELETE", "/tenants/{TENANT}/sites/{ID}", "", NULL,
      NULL, print_done, NULL, "Takes a site away: its snippet opens nothing any more." },
    { "identity", "show", "TENANT", no_options, "GET", "/tenants/{TENANT}/identity", "", NULL,
      NULL, print_identity, NULL, "Shows which key a tenant's site signs its visitors' identities with." },
    { "identity", "renew", "TENANT", no_options, "POST", "/tenants/{TENANT}/identity", "", NULL,
      body_identity_renew, print_identity, NULL, "Makes a new identity key and shows it once; the old one counts no more." },
    { "identity", "require", "TENANT", no_options, "POST", "/tenants/{TENANT}/identity", "", NULL,
      body_identity_require, print_identity, NULL, "From now on nobody chats with the tenant without an identity." },
    { "identity", "allow", "TENANT", no_options, "POST", "/tenants/{TENANT}/identity", "", NULL,
      body_identity_allow, print_identity, NULL, "Visitors may have an identity, and need none." },
    { "webhook", "add", "TENANT URL", webhook_options, "POST", "/tenants/{TENANT}/webhooks", "", "/tenants/{TENANT}/webhooks",
      body_webhook, print_webhook_added, NULL, "Tells this URL, or mailto:ADDRESS, what happens; prints the secret that signs it, this once." },
    { "webhook", "list", "TENANT", no_options, "GET", "/tenants/{TENANT}/webhooks", "", NULL,
      NULL, print_webhooks, NULL, "Lists where a tenant is told what happens, and how that goes." },
    { "webhook", "test", "TENANT ID", no_options, "POST", "/tenants/{TENANT}/webhooks/{ID}/test", "", NULL,
      body_empty, print_webhook_tested, NULL, "Sends a trial there now, and tells what came of it." },
    { "webhook", "rotate", "TENANT ID", rotate_options, "POST", "/tenants/{TENANT}/webhooks/{ID}/rotate", "", NULL,
      body_rotate, print_webhook_rotated, NULL, "Gives a webhook another secret and prints it, this once; the old one signs, too, for a while." },
    { "webhook", "remove", "TENANT ID", no_options, "DELETE", "/tenants/{TENANT}/webhooks/{ID}", "", NULL,
      NULL, print_done, NULL, "Takes a webhook away, with what it was not told yet." },
    { "webhook", "dead", "TENANT", no_options, "GET", "/tenants/{TENANT}/webhooks/dead", "", NULL,
      NULL, print_webhooks_dead, NULL, "Lists what could not be told and was given up, and why." },
    { "webhook", "retry", "TENANT [ID]", no_options, "POST", "/tenants/{TENANT}/webhooks/retry", "", NULL,
      body_retry, print_webhooks_retried, NULL, "Tries that again: the one, or all of it." },
    { "agent", "add", "JID", agent_add_options, "POST", "/agents", "", "/agents/{JID}",
      body_agent, print_agent_added, NULL, "Adds an agent; with a password also the XMPP account, where we may." },
    { "agent", "list", "", no_options, "GET", "/agents", "", NULL,
      NULL, print_agents, NULL, "Lists the agents and the tenants they serve." },
    { "agent", "show", "JID", no_options, "GET", "/agents/{JID}", "", NULL,
      NULL, print_agent, NULL, "Shows an agent." },
    { "agent", "revoke", "JID", no_options, "POST", "/agents/{JID}/revoke", "", NULL,
      body_empty, print_revoked, NULL, "Ends an agent everywhere at once; deletes the XMPP account, where we may." },
    { "agent", "rename", "JID", agent_rename_options, "POST", "/agents/{JID}/name", "", NULL,
      body_agent_rename, print_agent, NULL, "Gives an agent another name, at once." },
    { "agent", "set", "JID", agent_set_options, "POST", "/agents/{JID}/limit", "", NULL,
      body_agent_limit, print_agent_set, NULL, "Limits what an agent may have at once over all tenants together." },
    { "agent", "unstaff", "JID", no_options, "POST", "/agents/{JID}/unstaff", "", NULL,
      body_empty, print_staffed, NULL, "Says that nobody sits there, whatever the client shows: no offers anywhere." },
    { "agent", "staff", "JID", no_options, "POST", "/agents/{JID}/staff", "", NULL,
      body_empty, print_staffed, NULL, "Says that somebody sits there again." },
    { "agent", "assign", "JID TENANT", assign_options, "POST", "/tenants/{TENANT}/agents", "", NULL,
      body_member, print_assigned, NULL, "Lets an agent serve a tenant; again replaces role, skills, limit, persona and signature." },
    { "agent", "unassign", "JID TENANT", no_options, "DELETE", "/tenants/{TENANT}/agents/{JID}", "", NULL,
      NULL, print_done, NULL, "Takes an agent away from a tenant; conversations go back to the queue." },
    { "agent", "avatar", "JID TENANT [FILE]", avatar_options, "PUT", "/tenants/{TENANT}/agents/{JID}/avatar", "", NULL,
      NULL, NULL, avatar_run, "Gives an agent's persona at a tenant a picture for visitors to see: a PNG, JPEG or WebP. Without FILE: shows what there is." },
    { "conversation", "list", "TENANT", conversation_list_options, "GET", "/tenants/{TENANT}/conversations", "state", NULL,
      NULL, print_conversations, NULL, "Lists conversations, newest first." },
    { "conversation", "show", "TENANT ID", no_options, "GET", "/tenants/{TENANT}/conversations/{ID}", "", NULL,
      NULL, print_conversation, NULL, "Shows a conversation: state, who, since when." },
    { "conversation", "route", "TENANT ID", no_options, "GET", "/tenants/{TENANT}/conversations/{ID}/route", "", NULL,
      NULL, print_why, NULL, "Tells why a conversation is where it is, and who can be offered it." },
    { "conversation", "end", "TENANT ID", no_options, "POST", "/tenants/{TENANT}/conversations/{ID}/end", "", NULL,
      body_empty, print_done, NULL, "Ends a conversation." },
    { "conversation", "mail", "TENANT ID", mail_options, "POST", "/tenants/{TENANT}/conversations/{ID}/mail", "", NULL,
      body_mail, print_done, NULL, "Sends a copy of a conversation by mail, to somebody it concerns." },
    { "transcript", "list", "TENANT", transcript_list_options, "GET", "/tenants/{TENANT}/transcripts", "state stage agent tag since until", NULL,
      NULL, print_conversations, NULL, "Lists transcripts, newest first." },
    { "transcript", "show", "TENANT ID", no_options, "GET", "/tenants/{TENANT}/transcripts/{ID}", "", NULL,
      NULL, print_transcript, NULL, "Shows a transcript with its messages." },
    { "transcript", "export", "TENANT", export_options, "GET", "/tenants/{TENANT}/transcripts/export", "format state since until coder book names", NULL,
      NULL, NULL, export_run, "Writes all transcripts, newest first." },
    { "transcript", "search", "TENANT QUERY", search_options, "GET", "/tenants/{TENANT}/transcripts/search?q={QUERY}", "from since until stage tag agent limit cursor", NULL,
      NULL, NULL, search_run, "Finds messages with all these words, \"phrases\", begin*; in all their forms, newest first." },
    { "transcript", "import", "TENANT FILE", import_options, "POST", "/tenants/{TENANT}/transcripts/import", "", NULL,
      NULL, NULL, import_run, "Takes in transcripts from elsewhere; run again, it goes on where it broke off." },
    { "file", "list", "TENANT", file_list_options, "GET", "/tenants/{TENANT}/files", "conversation visitor", NULL,
      NULL, print_files, NULL, "Lists what visitors sent, newest first." },
    { "file", "get", "TENANT ID", copy_options, "GET", "/tenants/{TENANT}/files/{ID}", "", NULL,
      NULL, NULL, export_raw_run, "Writes one of these files; onto no terminal." },
    { "visitor", "show", "TENANT ID", no_options, "GET", "/tenants/{TENANT}/visitors/{ID}", "", NULL,
      NULL, print_visitor, NULL, "Shows what is known of a visitor, and which conversations are theirs." },
    { "visitor", "export", "TENANT ID", visitor_copy_options, "GET", "/tenants/{TENANT}/visitors/{ID}/export", "files", NULL,
      NULL, NULL, export_run, "Writes a copy of all that is kept of a visitor, a JSON document a line." },
    { "visitor", "erase", "TENANT ID", yes_options, "POST", "/tenants/{TENANT}/visitors/{ID}/erase", "", NULL,
      body_empty, print_erased, NULL, "Forgets a visitor, for good; also after an old backup was put back." },
    { "token", "create", "", token_options, "POST", "/tokens", "", NULL,
      body_token, print_token, NULL, "Makes a token for the REST API; prints it this once." },
    { "token", "list", "", no_options, "GET", "/tokens", "", NULL,
      NULL, print_tokens, NULL, "Lists tokens: role, tenant, until when, last used." },
    { "token", "revoke", "ID", no_options, "DELETE", "/tokens/{ID}", "", NULL,
      NULL, print_done, NULL, "Revokes a token, at once." },
    { "user", "add", "NAME", user_options, "POST", "/users", "", "/users/{NAME}",
      body_user, print_user, NULL, "Adds a console user; prints a link to choose a password by, this once." },
    { "user", "list", "", no_options, "GET", "/users", "", NULL,
      NULL, print_users, NULL, "Lists console users: role, tenants, state, last log-in." },
    { "user", "show", "NAME", no_options, "GET", "/users/{NAME}", "", NULL,
      NULL, print_user, NULL, "Shows a console user." },
    { "user", "set", "NAME", user_set_options, "PATCH", "/users/{NAME}", "", NULL,
      body_user_set, print_user, NULL, "Changes a console user's role or tenants, at once; more rights end an open invitation." },
    { "user", "disable", "NAME", no_options, "PATCH", "/users/{NAME}", "", NULL,
      body_user_disable, print_user, NULL, "Keeps a console user out; all sessions end at once." },
    { "user", "enable", "NAME", no_options, "PATCH", "/users/{NAME}", "", NULL,
      body_user_enable, print_user, NULL, "Lets a console user in again." },
    { "user", "reset", "NAME", user_reset_options, "POST", "/users/{NAME}/reset", "", NULL,
      body_user_reset, print_user, NULL, "Ends the password and all sessions; prints a link to choose another by." },
    { "user", "sessions", "NAME", no_options, "GET", "/users/{NAME}/sessions", "", NULL,
      NULL, print_user_sessions, NULL, "Lists where a console user is logged in." },
    { "user", "logout", "NAME", no_options, "DELETE", "/users/{NAME}/sessions", "", NULL,
      NULL, print_done, NULL, "Logs a console user out everywhere, at once." },
    { "user", "remove", "NAME", no_options, "DELETE", "/users/{NAME}", "", NULL,
      NULL, print_done, NULL, "Removes a console user; the last admin stays." },
    { "settings", "instance", "", no_options, "GET", "/settings/instance", "", NULL,
      NULL, print_instance_settings, NULL, "Lists what lasna.conf says, or leaves as it is, and whether a change needs a restart." },
    { "settings", "list", "", no_options, "GET", "/settings", "", NULL,
      NULL, print_settings, NULL, "Lists what counts for tenants that say nothing else." },
    { "settings", "set", "KEY=VALUE…", no_options, "PATCH", "/settings", "", NULL,
      body_settings, print_settings_changed, NULL, "Changes that, for all tenants, at once; KEY= goes back to what is built in." },
    { "audit", "list", "", no_options, "GET", "/audit", "", NULL,
      NULL, print_audit, NULL, "Tells who changed or read what, newest first." },
    { "presence", "report", "TENANT", report_options, "GET", "/tenants/{TENANT}/presence/report", "since until stage language outcome coder book", NULL,
      NULL, NULL, report_run, "Figures of the transcripts: times, surveys, social presence." },
    { "presence", "code", "TENANT", no_options, "POST", "/tenants/{TENANT}/presence/code", "", NULL,
      NULL, NULL, coding_run, "Lets the machine code what it has not coded yet; may be stopped and run again." },
    { "presence", "coders", "TENANT", no_options, "GET", "/tenants/{TENANT}/presence/coders", "", NULL,
      NULL, print_coders, NULL, "Lists who has coded how much." },
    { "presence", "import", "TENANT FILE", coder_options, "POST", "/tenants/{TENANT}/presence/codes", "", NULL,
      NULL, NULL, coded_run, "Takes in a person's codes: JSON lines, or a project (.qdpx) exported from here and coded in ATLAS.ti, MAXQDA, NVivo …" },
    { "presence", "buyers", "TENANT FILE", no_options, "POST", "/tenants/{TENANT}/presence/buyers", "", NULL,
      NULL, NULL, import_run, "Takes in what buyers answered to a survey, a JSON document a line: chatted or not." },
    { "presence", "survey-link", "TENANT ORDER", survey_options, "POST", "/tenants/{TENANT}/presence/survey-links", "", NULL,
      body_survey, print_survey, NULL, "Makes a link by which the buyer of that order is asked, once." },
    { "presence", "forget-buyer", "TENANT ORDER", yes_options, "POST", "/tenants/{TENANT}/presence/buyers/erase", "", NULL,
      body_buyer, print_buyer_forgotten, NULL, "Forgets what was answered for an order, for good; also after an old backup was put back." },
    { "presence", "export", "TENANT", codes_options, "GET", "/tenants/{TENANT}/presence/codes", "coder book", NULL,
      NULL, NULL, export_run, "Writes a coder's codes, a JSON document a chat, as import takes them." },
    { "presence", "sample", "TENANT SAMPLE", sample_options, "POST", "/tenants/{TENANT}/presence/samples", "", NULL,
      body_sample, print_sample, NULL, "Draws chats for people to code: by strata, with weights, by a seed." },
    { "presence", "samples", "TENANT", no_options, "GET", "/tenants/{TENANT}/presence/samples", "", NULL,
      NULL, print_samples, NULL, "Lists the samples, and how far their coders are." },
    { "presence", "assign", "TENANT SAMPLE", assignment_options, "POST", "/tenants/{TENANT}/presence/assignments", "", NULL,
      body_assignment, print_dealt, NULL, "Deals a sample out, two coders a chat; again deals anew what nobody has coded." },
    { "presence", "next", "TENANT", next_options, "GET", "/tenants/{TENANT}/presence/next", "coder sample", NULL,
      NULL, print_sheet, NULL, "Shows the next chat a coder has to code; with --json as a form to fill in." },
    { "presence", "submit", "TENANT FILE", submit_options, "POST", "/tenants/{TENANT}/presence/coded", "", NULL,
      body_coded, NULL, submit_run, "Takes in the form of a chat, filled in." },
    { "presence", "adjudicate", "TENANT SAMPLE", no_options, "POST", "/tenants/{TENANT}/presence/adjudicate", "", NULL,
      body_adjudication, print_adjudication, NULL, "Settles what both coders agree on, and shows the next chat they differ about." },
    { "presence", "explain", "TENANT ID", explain_options, "GET", "/tenants/{TENANT}/presence/explain/{ID}", "seq", NULL,
      NULL, print_explained, NULL, "Shows why a message has its codes." },
    { "presence", "codebook", "TENANT", no_options, "GET", "/tenants/{TENANT}/presence/codebook", "", NULL,
      NULL, print_codebook, NULL, "Shows the codes, and who may code them." },
    { "presence", "agreement", "TENANT", agreement_options, "POST", "/tenants/{TENANT}/presence/agreement", "", NULL,
      body_agreement, print_agreement, agreement_run, "Measures how far coders agree, with intervals." },
    { "report", NULL, "TENANT", summary_options, "GET", "/tenants/{TENANT}/report", "month week", NULL,
      NULL, NULL, report_run, "Writes a tenant's month or week: how many chats, how soon answered, what came of them." },
    { "billing", "rules", "TENANT", no_options, "GET", "/tenants/{TENANT}/billing/rules", "", NULL,
      NULL, print_billing_rules, NULL, "Shows the rules of what is billable, newest first, and from when they hold." },
    { "billing", "set", "TENANT FILE", no_options, "POST", "/tenants/{TENANT}/billing/rules", "", NULL,
      body_billing_rules, print_billing_version, NULL, "Sets rules that hold from a month on, from a JSON document; closed months stay as they are." },
    { "billing", "statement", "TENANT", statement_options, "GET", "/tenants/{TENANT}/billing/statement", "month", NULL,
      NULL, NULL, report_run, "Writes a month's statement, a line a conversation; a draft until it is closed." },
    { "billing", "statements", "TENANT", no_options, "GET", "/tenants/{TENANT}/billing/statements", "", NULL,
      NULL, print_billing_statements, NULL, "Lists the closed statements, and which month is next." },
    { "billing", "close", "TENANT", month_options, "POST", "/tenants/{TENANT}/billing/statements", "", NULL,
      body_billing_close, print_billing_closed, NULL, "Closes a month that is over: its statement stays as it is from then on." },
    { "billing", "dispute", "TENANT", dispute_options, "POST", "/tenants/{TENANT}/billing/disputes", "", NULL,
      body_billing_dispute, print_billing_dispute, NULL, "Contests a billable line of a closed statement." },
    { "billing", "disputes", "TENANT", dispute_list_options, "GET", "/tenants/{TENANT}/billing/disputes", "state", NULL,
      NULL, print_billing_disputes, NULL, "Lists what was contested, and what was decided." },
    { "billing", "decide", "TENANT NUMBER", decide_options, "POST", "/tenants/{TENANT}/billing/decisions", "", NULL,
      body_billing_decision, print_billing_dispute, NULL, "Accepts a dispute, which is a credit on the next statement then, or rejects it." },
    { "apply", NULL, "", apply_options, NULL, NULL, "", NULL,
      NULL, NULL, apply_run, "Brings tenants to what a document says, and shows the plan first; removes no tenant." },
    { "check", NULL, "[AREA] [URL]", no_options, "GET", "/check?area={AREA}&url={URL}", "", NULL,
      NULL, print_check, NULL, "Looks for what is wrong: config, tls, xmpp, store, tenants; all without AREA. widget URL: is that page ready?" },
    { "metrics", NULL, "", copy_options, "GET", "/metrics", "", NULL,
      NULL, NULL, export_run, "Prints how the instance does, as OpenMetrics text." },
    { "verify", NULL, "[DIR]", key_options, "GET", "/verify", "", NULL,
      NULL, NULL, verify_run, "Walks every store and the audit, and tells what does not hold; with DIR a backup, or a stopped home." },
    { "rekey", NULL, "", no_options, "POST", "/rekey", "", NULL,
      body_empty, print_done, NULL, "Makes another instance.key, by which the tenants' keys are sealed from now on." },
    { "backup", NULL, "DIR", backup_options, "POST", "/snapshots", "", NULL,
      NULL, NULL, backup_run, "Copies all databases, as they are while they are used, into a new folder, and proves it." },
    { "restore", NULL, "DIR", restore_options, NULL, NULL, "", NULL,
      NULL, NULL, restore_run, "Puts a backup back: into a home without an instance, or one tenant's transcripts." },
    { "quickstart", NULL, "HOST", quickstart_options, NULL, NULL, "", NULL,
      NULL, NULL, quickstart_run, "Makes a bare Debian server ours: looks at DNS, ports, Prosody and TLS, writes the configuration, invites the first admin." },
    { "status", NULL, "", no_options, "GET", "/status", "", NULL,
      NULL, print_status, NULL, "Tells how the instance does." },
    { "routes", NULL, "", no_options, "GET", "/routes", "", NULL,
      NULL, print_routes, NULL, "Lists what the REST API can be asked, and who may." },
};
/* clang-format on */

size_t command_count(void)
{
    return sizeof(commands) / sizeof(commands[0]);
}

const struct command *command_at(size_t i)
{
    return &commands[i];
}

const struct command *command_find(const char *noun, const char *verb)
{
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = &commands[i];

        if (strcmp(command->noun, noun) == 0 && (command->verb == NULL) == (verb == NULL) &&
            (verb == NULL || strcmp(command->verb, verb) == 0))
            return command;
    }
    return NULL;
}

static const struct command *first_of(const char *noun)
{
    for (size_t i = 0; i < command_count(); i++)
        if (strcmp(commands[i].noun, noun) == 0)
            return &commands[i];
    return NULL;
}

bool noun_is_known(const char *noun)
{
    return first_of(noun) != NULL;
}

bool noun_has_verbs(const char *noun)
{
    const struct command *first = first_of(noun);

    return first != NULL && first->verb != NULL;
}

static const struct option *find_in(const struct option *options, const char *name, size_t len)
{
    for (; options->name != NULL; options++)
        if (strlen(options->name) == len && memcmp(options->name, name, len) == 0)
            return options;
    return NULL;
}

static bool is(const struct option *option, const char *name, size_t len)
{
    return strlen(option->name) == len && memcmp(option->name, name, len) == 0;
}

const struct option *option_find(const char *name, size_t len)
{
    const struct option *found = find_in(global_options, name, len);

    if (found == NULL && is(&if_missing_option, name, len))
        found = &if_missing_option;
    for (size_t i = 0; found == NULL && i < command_count(); i++)
        found = find_in(commands[i].options, name, len);
    return found;
}

bool command_takes(const struct command *command, const struct option *option)
{
    size_t len = strlen(option->name);

    return find_in(global_options, option->name, len) != NULL ||
           find_in(command->options, option->name, len) != NULL ||
           (command->if_missing != NULL && is(&if_missing_option, option->name, len));
}

/* Levenshtein's distance, for short words; long ones are far from everything. */
static unsigned distance(const char *a, const char *b)
{
    enum { WORD_MAX = 32 };
    unsigned row[WORD_MAX + 1];
    size_t a_len = strlen(a), b_len = strlen(b);

    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);

            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[b_len];
}

struct nearest {
    const char *word, *best;
    unsigned best_distance;
};

static void consider(struct nearest *nearest, const char *candidate)
{
    unsigned far = distance(nearest->word, candidate);

    if (far < nearest->best_distance && far * 2 <= strlen(candidate)) {
        nearest->best = candidate;
        nearest->best_distance = far;
    }
}

const char *nearest_noun(const char *word)
{
    struct nearest nearest = { word, NULL, 4 };

    for (size_t i = 0; i < command_count(); i++)
        consider(&nearest, commands[i].noun);
    return nearest.best;
}

const char *nearest_verb(const char *noun, const char *word)
{
    struct nearest nearest = { word, NULL, 4 };

    for (size_t i = 0; i < command_count(); i++)
        if (strcmp(commands[i].noun, noun) == 0 && commands[i].verb != NULL)
            consider(&nearest, commands[i].verb);
    return nearest.best;
}

static void consider_all(struct nearest *nearest, const struct option *options)
{
    for (; options->name != NULL; options++)
        consider(nearest, options->name);
}

const char *nearest_option(const struct command *command, const char *word)
{
    struct nearest nearest = { word, NULL, 4 };

    consider_all(&nearest, global_options);
    for (size_t i = 0; i < command_count(); i++)
        if (command == NULL || command == &commands[i])
            consider_all(&nearest, commands[i].options);
    return nearest.best;
}
