/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered about tenants: themselves, their sites, texts, key, and who saw their chats.
 */
#include "server-bridge/core/api/answers/answers.h"

/* clang-format off */
static const struct member site_members[] = {
    ID("id",                 ALWAYS,  "Names it in this API."),
    TEXT("key",              ALWAYS,  "Stands behind its snippet's .js as ?site=."),
    TEXT("origins",          LIST,    "Where the widget is embedded: https://acme.example."),
    NO_MORE,
};
static SHAPE(site, "Site", NULL);

static const struct member tenant_members[] = {
    TEXT("tenant",           ALWAYS,  "Its short name, part of its addresses."),
    TEXT("former_names",     LIST,    "Short names it had, which lead to it still."),
    TEXT("name",             ALWAYS,  "What people call it."),
    TEXT("domain",           ALWAYS,  "Its component's domain at the XMPP server."),
    TEXT("desk",             OR_NULL, "Its desk's JID, the contact agents write to."),
    TEXT("avatar",           OR_NULL, "Where its picture is shown."),
    TEXT("languages",        LIST,    "Language tags, the default first."),
    FLAG("disabled",         ALWAYS,  "Whether nobody is served."),
    TIME("created_at",       OR_NULL, "When it was added."),
    FLAG("available",        ALWAYS,  "Whether its database answers."),
    WORD("link",             ALWAYS,  "up|down", "Whether its desk is connected to the XMPP server."),
    COUNT("queued",          ALWAYS,  "Conversations that wait for an agent."),
    COUNT("active",          ALWAYS,  "Conversations that an agent holds."),
    COUNT("agents_available", ALWAYS, "Agents who could take one more."),
    COUNT("visitors",        ALWAYS,  "Browsers that are connected."),
    OBJECT("sites",          LIST,    site_shape, "Where its widget is embedded."),
    TEXT("snippet",          OR_NULL, "What to paste into the first site's pages."),
    NO_MORE,
};
static SHAPE(tenant, "Tenant", NULL);

static const struct member added_members[] = {
    TEXT("to_do",            MAYBE | LIST, "What is left for the XMPP server's admin, where hosts are not ours to make."),
    NO_MORE,
};
static SHAPE(added, "TenantAdded", &tenant_shape);

static const struct member counting_members[] = {
    TEXT("value",            ALWAYS,  "What counts."),
    WORD("from",             ALWAYS,  "built-in|server|tenant|site", "The layer that says so."),
    NO_MORE,
};
static SHAPE(counting, "SettingValue", NULL);

static const struct member shown_members[] = {
    OBJECT("settings",       MAP,     counting_shape, "What counts for it, by the setting's key."),
    NO_MORE,
};
static SHAPE(shown, "TenantShown", &tenant_shape);

static const struct member certificate_members[] = {
    TEXT("tenant",           ALWAYS,  "The short name it had."),
    TEXT("former_names",     LIST,    "Those it had before."),
    TEXT("name",             ALWAYS,  "What people called it."),
    TEXT("domain",           ALWAYS,  "Its component's domain at the XMPP server."),
    TIME("created_at",       OR_NULL, "When it was added."),
    TIME("removed_at",       OR_NULL, "When the last of it was gone."),
    TEXT("by",               ALWAYS,  "Who removed it."),
    FLAG("counted",          ALWAYS,  "Whether the numbers are known: its database answered."),
    COUNT("conversations",   ALWAYS,  "How many went."),
    COUNT("messages",        ALWAYS,  "How many went."),
    COUNT("visitors",        ALWAYS,  "How many went."),
    NO_MORE,
};
static SHAPE(certificate, "CertificateOfDeletion", NULL);

static const struct member key_version_members[] = {
    TEXT("tenant",           ALWAYS,  "Its short name."),
    COUNT("version",         ALWAYS,  "Of its key at rest."),
    NO_MORE,
};
static SHAPE(key_version, "KeyVersion", NULL);

static const struct member text_members[] = {
    TEXT("key",              ALWAYS,  "Its name in widget.texts."),
    TEXT("english",          ALWAYS,  "What the chat says by itself, in English."),
    TEXT("own",              OR_NULL, "What the tenant says in its place."),
    NO_MORE,
};
static SHAPE(text, "ChatText", NULL);

static const struct member could_members[] = {
    TEXT("who",              OR_NULL, "operator, user:NAME, token:ID, or an agent's JID."),
    WORD("kind",             ALWAYS,  "operator|user|token|agent", "What that is."),
    TEXT("role",             OR_NULL, "As what."),
    FLAG("everywhere",       ALWAYS,  "Whether they see all tenants."),
    TIME("from",             OR_NULL, "Since when."),
    TIME("until",            OR_NULL, "Until when; null: still."),
    TEXT("given_by",         OR_NULL, "Who let them."),
    TEXT("ended_by",         OR_NULL, "Who ended it."),
    NO_MORE,
};
static SHAPE(could, "AccessSpan", NULL);

static const struct member did_members[] = {
    TEXT("who",              OR_NULL, "operator, user:NAME, token:ID, or an agent's JID."),
    WORD("kind",             ALWAYS,  "operator|user|token|agent", "What that is."),
    TEXT("what",             OR_NULL, "The route, the desk's command, or what an agent was given."),
    WORD("as",               ALWAYS,  "look|export|serve", "What it comes to."),
    COUNT("times",           ALWAYS,  "How often."),
    COUNT("things",          ALWAYS,  "Of how many different conversations, visitors, files …"),
    TIME("first_at",         OR_NULL, "The first time."),
    TIME("last_at",          OR_NULL, "The last time."),
    NO_MORE,
};
static SHAPE(did, "AccessLook", NULL);

static const struct member access_members[] = {
    TEXT("tenant",           ALWAYS,  "Whose chats."),
    TIME("since",            OR_NULL, "As it was asked; null: from its beginning."),
    TIME("until",            OR_NULL, "Now."),
    OBJECT("could",          LIST,    could_shape, "Who could see them, from when until when."),
    OBJECT("did",            LIST,    did_shape, "Who did."),
    NO_MORE,
};
static SHAPE(access, "AccessRecord", NULL);

static const struct member identity_members[] = {
    TEXT("tenant",           ALWAYS,  "Its short name."),
    TEXT("kid",              OR_NULL, "Names the key; null: there is none."),
    FLAG("required",         ALWAYS,  "Whether nobody chats without an identity."),
    TIME("created_at",       OR_NULL, "Since when it holds."),
    TEXT("secret",           MAYBE | OR_NULL, "Of a new key: in this answer and in no other."),
    NO_MORE,
};
static SHAPE(identity, "IdentityKey", NULL);
/* clang-format on */

ANSWER(tenants_list, .status = 200, .items = &tenant_shape);
ANSWER(tenant_add, .status = 201, .shape = &added_shape,
       .refusals = "409 in_progress, 409 tenant_exists, 409 name_kept, 502 xmpp_refused, "
                   "503 too_busy");
ANSWER(tenant_adopt, .status = 201, .shape = &tenant_shape,
       .refusals = "409 in_progress, 409 tenant_exists, 409 name_kept, 409 nothing_to_adopt, "
                   "409 bad_record, 503 too_busy");
ANSWER(tenant_show, .status = 200, .shape = &shown_shape);
ANSWER(tenant_change, .status = 200, .shape = &tenant_shape);
ANSWER(tenant_remove, .status = 200, .shape = &certificate_shape,
       .refusals = "409 in_progress, 502 removal_waits");
ANSWER(tenant_rename, .status = 200, .shape = &tenant_shape,
       .refusals = "409 in_progress, 409 tenant_exists, 409 name_kept, 409 same_name, "
                   "409 too_many, 409 folder_exists, 503 rename_waits");
ANSWER(tenant_disable, .status = 200, .shape = &tenant_shape);
ANSWER(tenant_enable, .status = 200, .shape = &tenant_shape, .refusals = "503 too_busy");
ANSWER(tenant_rekey, .status = 200, .shape = &key_version_shape,
       .refusals = "409 in_progress, 409 disabled, 409 sealed, 503 not_saved");
ANSWER(sites_list, .status = 200, .items = &site_shape);
ANSWER(site_add, .status = 201, .shape = &site_shape, .refusals = "409 too_many");
ANSWER(site_show, .status = 200, .shape = &site_shape);
ANSWER(site_remove, .status = 204, .refusals = "409 last_site");
ANSWER(tenant_texts_list, .status = 200, .items = &text_shape);
ANSWER(tenant_access_show, .status = 200, .shape = &access_shape);
ANSWER(identity_show, .status = 200, .shape = &identity_shape);
ANSWER(identity_set, .status = 200, .shape = &identity_shape, .refusals = "409 no_key");
