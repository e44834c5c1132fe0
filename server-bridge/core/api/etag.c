/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/etag.h"

#include "base/format/base32.h"
#include "server-bridge/core/api/body.h"

#include <stdio.h>

enum { PART_BYTES = 10, PART_LEN = BASE32_LEN(PART_BYTES) };

/* --- tags --- */

/* Members that change though nobody changes anything. */
static const char *const live[] = { "available",        "link",     "queued",  "active",
                                    "agents_available", "visitors", "seen_at", "recovery_codes",
                                    "waiting",          "dead",     "problem", "next_try_at",
                                    "told_at" };

static void add_part(struct slice text, char *to)
{
    struct digest digest = digest_sha256(text);

    base32_encode(digest.bytes, PART_BYTES, to);
}

/* Without its live members; NULL: it has none. */
static char *described(const json_t *document)
{
    AUTO_JSON rest = json_copy((json_t *)(uintptr_t)document);
    bool differs = false;

    for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
        differs |= json_object_del(rest, live[i]) == 0;
    return differs ? json_dumps(rest, JSON_COMPACT) : NULL;
}

void etag_of(const json_t *document, struct slice text, char ret_tag[ETAG_BYTES])
{
    AUTO_MEM char *stable = described(document);
    char all[PART_LEN + 1], part[PART_LEN + 1];

    add_part(text, all);
    if (stable == NULL) {
        (void)snprintf(ret_tag, ETAG_BYTES, "\"%s\"", all);
        return;
    }
    add_part(slice_of(stable), part);
    (void)snprintf(ret_tag, ETAG_BYTES, "\"%s.%s\"", part, all);
}

/* Calls for each tag of the list, without its quotes; a W/ before it makes no difference: ours
 * are hashes of what is said, however it is packed on the way. */
static bool any_of(struct slice list, bool (*is)(struct slice tag, const char *wanted),
                   const char *wanted)
{
    const char *at = list.data, *end = list.data + list.len;

    if (slice_is(list, "*"))
        return true;
    while (at != NULL && at < end) {
        const char *open = memchr(at, '"', (size_t)(end - at));
        const char *close = open == NULL ? NULL : memchr(open + 1, '"', (size_t)(end - open - 1));

        if (close == NULL)
            return false;
        if (is((struct slice){ open + 1, (size_t)(close - open - 1) }, wanted))
            return true;
        at = close + 1;
    }
    return false;
}

/* `wanted` is quoted. */
static bool is_same(struct slice tag, const char *wanted)
{
    return slice_equal(tag, (struct slice){ wanted + 1, strlen(wanted) - 2 });
}

static bool describes_same(struct slice tag, const char *wanted)
{
    return tag.len >= PART_LEN && (tag.len == PART_LEN || tag.data[PART_LEN] == '.') &&
           memcmp(tag.data, wanted + 1, PART_LEN) == 0;
}

bool etag_is_in(struct slice list, const char *tag)
{
    return any_of(list, is_same, tag);
}

/* --- changes --- */

/* What is changed by one is shown by the other. */
static const struct {
    const char *change, *shown;
} guarded[] = {
    { "tenant_change", "tenant_show" },
    { "tenant_disable", "tenant_show" },
    { "tenant_enable", "tenant_show" },
    { "tenant_remove", "tenant_show" },
    { "tenant_rename", "tenant_show" },
    { "tenant_settings_change", "tenant_settings_list" },
    { "settings_change", "settings_list" },
    { "identity_set", "identity_show" },
    { "tenant_avatar_set", "tenant_avatar_show" },
    { "tenant_avatar_remove", "tenant_avatar_show" },
    { "member_avatar_set", "member_avatar_show" },
    { "member_avatar_remove", "member_avatar_show" },
    { "site_remove", "site_show" },
    { "member_set", "member_show" },
    { "member_remove", "member_show" },
    { "webhook_rotate", "webhook_show" },
    { "webhook_remove", "webhook_show" },
    { "billing_rules_add", "billing_rules_list" },
    { "agent_rename", "agent_show" },
    { "agent_limit", "agent_show" },
    { "agent_staff", "agent_show" },
    { "agent_unstaff", "agent_show" },
    { "agent_revoke", "agent_show" },
    { "user_change", "user_show" },
    { "user_remove", "user_show" },
    { "tenant_user_change", "tenant_user_show" },
    { "tenant_user_remove", "tenant_user_show" },
};

static const char *shown_by(const struct route *route)
{
    for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++)
        if (strcmp(guarded[i].change, route->name) == 0)
            return guarded[i].shown;
    return NULL;
}

static const struct route *route_named(const char *name)
{
    for (size_t i = 0; i < route_count(); i++)
        if (strcmp(route_at(i)->name, name) == 0)
            return route_at(i);
    return NULL;
}

bool etag_guards(const struct route *route)
{
    return shown_by(route) != NULL;
}

/* Looks, as the caller would by GET, and notes the tag. "": there is nothing to be seen. */
static void look(const struct call *call, const struct route *route, char ret_tag[ETAG_BYTES])
{
    struct call glance = { .core = call->core,
                           .route = route,
                           .caller = call->caller,
                           .tenant = call->tenant,
                           .values = call->values,
                           .busy = true };
    const char *site = json_string_value(json_object_get(call->body, "site"));
    AUTO_BUF query;

    buf_init(&query, QUERY_TEXT_MAX);
    if (site != NULL && words_have(route->query, SLICE_LITERAL("site")))
        buf_addf(&query, "site=%s", site);
    if (glance.values.jid[0] == '\0' && strstr(route->path, "{jid}") != NULL)
        (void)slice_copy(body_text(call, "jid"), glance.values.jid, sizeof(glance.values.jid));
    if (query_read(buf_slice(&query), route->query, &glance.query) == 0)
        route->handle(&glance);
    memcpy(ret_tag, glance.etag, ETAG_BYTES);
    buf_release(&glance.stream.out);
    free(glance.changed);
}

static bool is_of_same(const struct path_values *one, const struct path_values *other)
{
    return strcmp(one->tenant, other->tenant) == 0 && strcmp(one->jid, other->jid) == 0 &&
           strcmp(one->user, other->user) == 0 && id_equal(one->id, other->id);
}

/* Somebody's change of the same is on its way to disk: till then it looks as it was. */
static bool is_being_changed(const struct call *call, const char *shown)
{
    for (const struct call *other = call->core->calls; other != NULL; other = other->next) {
        const char *others = other == call || other->route == NULL ? NULL : shown_by(other->route);

        if (others != NULL && strcmp(others, shown) == 0 && other->job != NULL &&
            !other->answered && is_of_same(&other->values, &call->values))
            return true;
    }
    return false;
}

bool etag_may_change(struct call *call, struct slice if_match)
{
    const struct route *shown =
        etag_guards(call->route) ? route_named(shown_by(call->route)) : NULL;
    char tag[ETAG_BYTES] = "";

    if (if_match.len == 0)
        return true;
    if (shown == NULL) {
        answer_problem(call, 400, "if_match_not_taken",
                       "This takes no If-Match: nothing that is shown has a tag it could match.");
        return false;
    }
    look(call, shown, tag);
    if (tag[0] != '\0' && !is_being_changed(call, shown->name) &&
        any_of(if_match, describes_same, tag))
        return true;
    answer_problem(call, 412, "changed_meanwhile",
                   "It is not as it was when you looked. Look again, then change it.");
    return false;
}
