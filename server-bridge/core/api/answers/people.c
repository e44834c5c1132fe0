/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered about agents, their pictures, and tokens.
 */
#include "server-bridge/core/api/answers/answers.h"

/* clang-format off */
static const struct member member_members[] = {
    TEXT("tenant",           ALWAYS,  "Whom they serve."),
    TEXT("jid",              ALWAYS,  "The agent's bare JID."),
    TEXT("name",             OR_NULL, "The agent's name, for colleagues."),
    WORD("role",             ALWAYS,  "agent|supervisor|bot", "What they may there."),
    COUNT("limit",           ALWAYS,  "Conversations at once for this tenant."),
    TEXT("persona",          OR_NULL, "What this tenant's visitors see; null: the name."),
    TEXT("avatar",           OR_NULL, "Where the persona's picture is shown."),
    TEXT("signature",        OR_NULL, "Ends the copies visitors are mailed."),
    TEXT("skills",           LIST,    "Words that routing matches."),
    NO_MORE,
};
static SHAPE(member, "Member", NULL);

static const struct member member_set_members[] = {
    WORD("roster",           ALWAYS,  "changed|failed|manual", "Whether the desk stands among the agent's contacts now; manual: the agent adds it."),
    TEXT("warning",          OR_NULL, "That visitors see the agent's own name, for there is no persona; for people."),
    NO_MORE,
};
static SHAPE(member_set, "MemberSet", &member_shape);

static const struct member agent_members[] = {
    TEXT("jid",              ALWAYS,  "The bare JID the agent answers from."),
    TEXT("name",             ALWAYS,  "The agent's name, for colleagues."),
    TIME("created_at",       OR_NULL, "When they were added."),
    FLAG("revoked",          ALWAYS,  "Whether they are an agent no more."),
    FLAG("staffed",          ALWAYS,  "Whether somebody sits there; false: no offers."),
    COUNT("limit",           ALWAYS,  "Conversations at once over all tenants; 0: as many as each lets."),
    NO_MORE,
};
static SHAPE(agent, "Agent", NULL);

static const struct member agent_shown_members[] = {
    OBJECT("tenants",        LIST,    member_shape, "Whom they serve, and how."),
    NO_MORE,
};
static SHAPE(agent_shown, "AgentShown", &agent_shape);

static const struct member agent_added_members[] = {
    WORD("account",          ALWAYS,  "made|unchanged|manual", "The XMPP account: unchanged where no password was given, manual where accounts are not ours to make."),
    NO_MORE,
};
static SHAPE(agent_added, "AgentAdded", &agent_shape);

static const struct member revoked_members[] = {
    TEXT("jid",              ALWAYS,  "The agent's bare JID."),
    FLAG("revoked",          ALWAYS,  "true."),
    WORD("account",          ALWAYS,  "deleted|failed|manual", "The XMPP account."),
    NO_MORE,
};
static SHAPE(revoked, "AgentRevoked", NULL);

static const struct member avatar_members[] = {
    TEXT("tenant",           ALWAYS,  "Whose."),
    TEXT("jid",              MAYBE,   "Of which agent there; absent: the tenant's own."),
    TEXT("address",          ALWAYS,  "Where the public sees it."),
    TEXT("type",             ALWAYS,  "image/png, image/jpeg or image/webp."),
    COUNT("width",           ALWAYS,  "Pixels."),
    COUNT("height",          ALWAYS,  "Pixels."),
    COUNT("bytes",           ALWAYS,  "Of what is kept."),
    NO_MORE,
};
static SHAPE(avatar, "Avatar", NULL);

static const struct member avatar_shown_members[] = {
    TEXT("picture",          ALWAYS,  "Itself, in base64; can be put back."),
    NO_MORE,
};
static SHAPE(avatar_shown, "AvatarShown", &avatar_shape);

static const struct member token_members[] = {
    TEXT("id",               ALWAYS,  "Names it; opens nothing."),
    WORD("role",             ALWAYS,  "admin|tenant-admin|supervisor|analyst|coder", "What it may."),
    TEXT("tenant",           OR_NULL, "The only tenant it may see; null: an admin's."),
    TEXT("label",            OR_NULL, "What it is for; a coder's: the name they code under."),
    TIME("created_at",       OR_NULL, "When it was made."),
    TIME("expires_at",       OR_NULL, "Until when it holds."),
    TIME("used_at",          OR_NULL, "When it was last shown, to the hour or so."),
    NO_MORE,
};
static SHAPE(token, "Token", NULL);

static const struct member token_made_members[] = {
    TEXT("token",            OR_NULL, "Itself, for Authorization: Bearer: in this answer and in no other."),
    NO_MORE,
};
static SHAPE(token_made, "TokenMade", &token_shape);
/* clang-format on */

ANSWER(agents_list, .status = 200, .items = &agent_shown_shape);
ANSWER(agent_add, .status = 201, .shape = &agent_added_shape,
       .refusals = "409 agent_exists, 409 in_progress, 502 xmpp_refused");
ANSWER(agent_show, .status = 200, .shape = &agent_shown_shape);
ANSWER(agent_revoke, .status = 200, .shape = &revoked_shape);
ANSWER(agent_rename, .status = 200, .shape = &agent_shape);
ANSWER(agent_limit, .status = 200, .shape = &agent_shape);
ANSWER(agent_unstaff, .status = 200, .shape = &agent_shape);
ANSWER(agent_staff, .status = 200, .shape = &agent_shape);
ANSWER(members_list, .status = 200, .items = &member_shape);
ANSWER(member_set, .status = 200, .shape = &member_set_shape, .refusals = "409 agent_revoked");
ANSWER(member_show, .status = 200, .shape = &member_shape);
ANSWER(member_remove, .status = 204);
ANSWER(tenant_avatar_show, .status = 200, .shape = &avatar_shown_shape);
ANSWER(tenant_avatar_set, .status = 200, .shape = &avatar_shape, .refusals = "400 bad_picture");
ANSWER(tenant_avatar_remove, .status = 204);
ANSWER(member_avatar_show, .status = 200, .shape = &avatar_shown_shape);
ANSWER(member_avatar_set, .status = 200, .shape = &avatar_shape, .refusals = "400 bad_picture");
ANSWER(member_avatar_remove, .status = 204);
ANSWER(tokens_list, .status = 200, .items = &token_shape);
ANSWER(token_create, .status = 201, .shape = &token_made_shape, .refusals = "404 not_found");
ANSWER(token_revoke, .status = 204);
