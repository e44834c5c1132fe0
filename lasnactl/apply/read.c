/* SPDX-License-Identifier: Apache-2.0
 *
 * read — a document that somebody wrote: every member known, every value as the API would take it,
 * or told where it is not. By tables; what a value must be, its check says, and puts it right.
 */
#include "lasnactl/apply/apply.h"

#include "base/format/base64url.h"
#include "base/format/text.h"
#include "lasnactl/avatar.h"
#include "tenant/agent.h"
#include "tenant/avatar.h"
#include "tenant/jid.h"
#include "tenant/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    AGENT_NAME_MAX = 80,
    MEMBER_LIMIT_MAX = 100,
    AGENT_LIMIT_MAX = 1000,
    LANGUAGES_MAX = 16,
    SKILLS_MAX = 64
};

/* A value, and where it stands: "tenants[0].settings". */
struct place {
    const char *path;
    json_t *value;
    struct buf *problem;
};

/* False: it cannot be, and was told. *ret_right: what to put in its place; left alone: nothing. */
typedef bool check_fn(const struct place *place, json_t **ret_right);

struct member {
    const char *key; /* NULL ends a table */
    check_fn *check;
    const char *initial; /* JSON, when absent; NULL: stays absent; "": must be there */
};

static bool wrong(const struct place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool wrong(const struct place *place, const char *format, ...)
{
    char text[512];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    buf_addf(place->problem, "%s %s", place->path[0] != '\0' ? place->path : "the document", text);
    return false;
}

static struct slice text_of(const json_t *value)
{
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

/* --- objects and lists --- */

static bool is_known(const struct member *members, const char *key)
{
    for (; members->key != NULL; members++)
        if (strcmp(members->key, key) == 0)
            return true;
    return false;
}

static bool check_member(const struct place *place, const struct member *member)
{
    const char *dot = place->path[0] != '\0' ? "." : "";
    json_t *value = json_object_get(place->value, member->key), *right = NULL;
    AUTO_BUF path;
    struct place inner = { .value = value, .problem = place->problem };

    buf_init(&path, 1024);
    buf_addf(&path, "%s%s%s", place->path, dot, member->key);
    inner.path = path.data != NULL ? path.data : "";
    if (value == NULL && member->initial != NULL && member->initial[0] == '\0')
        return wrong(&inner, "is missing.");
    if (value == NULL && member->initial != NULL)
        right = json_loads(member->initial, JSON_DECODE_ANY, NULL);
    if (value != NULL && !member->check(&inner, &right))
        return false;
    return right == NULL || json_object_set_new(place->value, member->key, right) == 0;
}

static bool check_members(const struct place *place, const struct member *members)
{
    const char *key;
    json_t *value;

    if (!json_is_object(place->value))
        return wrong(place, "must be an object.");
    json_object_foreach(place->value, key, value)
    {
        if (!is_known(members, key))
            return wrong(place, "has an unknown member \"%s\".", key);
    }
    for (; members->key != NULL; members++)
        if (!check_member(place, members))
            return false;
    return true;
}

static bool is_doubled(const json_t *list, size_t at, const char *key)
{
    const json_t *item = json_array_get(list, at);

    for (size_t i = 0; i < at; i++) {
        const json_t *other = json_array_get(list, i);

        if (key != NULL ? json_equal(json_object_get(other, key), json_object_get(item, key))
                        : json_equal(other, item))
            return true;
    }
    return false;
}

/* `key`: by which no two items may be the same; NULL: as a whole; "": they may. */
static bool check_items(const struct place *place, size_t min, size_t max, check_fn *check,
                        const char *key)
{
    if (!json_is_array(place->value) || json_array_size(place->value) < min ||
        json_array_size(place->value) > max)
        return wrong(place, "must be a list of %zu to %zu.", min, max);
    for (size_t i = 0; i < json_array_size(place->value); i++) {
        json_t *right = NULL;
        AUTO_BUF path;
        struct place inner = { .value = json_array_get(place->value, i),
                               .problem = place->problem };

        buf_init(&path, 1024);
        buf_addf(&path, "%s[%zu]", place->path, i);
        inner.path = path.data != NULL ? path.data : "";
        if (!check(&inner, &right))
            return false;
        if (right != NULL)
            (void)json_array_set_new(place->value, i, right);
        if ((key == NULL || key[0] != '\0') && is_doubled(place->value, i, key))
            return wrong(&inner, "stands there twice.");
    }
    return true;
}

/* --- values --- */

static bool check_format(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return slice_is(text_of(place->value), APPLY_FORMAT) ||
           wrong(place, "must be \"%s\".", APPLY_FORMAT);
}

static bool check_flag(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return json_is_boolean(place->value) || wrong(place, "must be true or false.");
}

static bool check_number(const struct place *place, json_int_t low, json_int_t high)
{
    json_int_t number = json_integer_value(place->value);

    return (json_is_integer(place->value) && number >= low && number <= high) ||
           wrong(place, "must be a number from %lld to %lld.", (long long)low, (long long)high);
}

static bool check_agent_limit(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_number(place, 0, AGENT_LIMIT_MAX);
}

static bool check_member_limit(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_number(place, 1, MEMBER_LIMIT_MAX);
}

static bool check_line(const struct place *place, json_t **ret_right)
{
    AUTO_BUF clean;
    AUTO_BUF line;

    buf_init(&clean, 4096);
    buf_init(&line, 4096);
    if (!json_is_string(place->value) ||
        text_clean(text_of(place->value), AGENT_NAME_MAX, &clean) != TEXT_FINE)
        return wrong(place, "must be a text of 1 to %d characters, not blank.", AGENT_NAME_MAX);
    text_one_line(buf_slice(&clean), AGENT_NAME_MAX, &line);
    *ret_right = json_stringn(line.data, line.len);
    return *ret_right != NULL;
}

static bool check_persona(const struct place *place, json_t **ret_right)
{
    return json_is_null(place->value) || check_line(place, ret_right);
}

static bool check_signature(const struct place *place, json_t **ret_right)
{
    AUTO_BUF clean;

    buf_init(&clean, (size_t)SIGNATURE_MAX * 4 + 1);
    if (json_is_null(place->value))
        return true;
    if (!json_is_string(place->value) ||
        text_clean(text_of(place->value), SIGNATURE_MAX, &clean) != TEXT_FINE)
        return wrong(place, "must be a text of 1 to %d characters, not blank.", SIGNATURE_MAX);
    *ret_right = json_stringn(clean.data, clean.len);
    return *ret_right != NULL;
}

/* As it is kept, so that what it carries beside the picture is no difference for ever. */
static bool check_avatar(const struct place *place, json_t **ret_right)
{
    AUTO_BUF bytes, text, why;

    buf_init(&bytes, AVATAR_SENT_MAX_BYTES + 3);
    buf_init(&text, AVATAR_TEXT_MAX + 1);
    buf_init(&why, 512);
    if (json_is_null(place->value))
        return true;
    if (!json_is_string(place->value) || !base64_decode(text_of(place->value), &bytes))
        return wrong(place,
                     "must be a picture's bytes in base64, as `base64 -w0 FILE` gives them.");
    if (!avatar_text(buf_slice(&bytes), &text, &why))
        return wrong(place, "cannot be: %.*s", SLICE_ARG(buf_slice(&why)));
    *ret_right = json_stringn(text.data, text.len);
    return *ret_right != NULL;
}

static bool check_tenant_name(const struct place *place, json_t **ret_right)
{
    struct tenant_name name;

    (void)ret_right;
    return (json_is_string(place->value) && tenant_name_parse(text_of(place->value), &name) == 0) ||
           wrong(place,
                 "must be 1 to %d of a-z, 0-9 and inner hyphens, and none of the names we keep.",
                 TENANT_NAME_MAX);
}

static bool check_jid(const struct place *place, json_t **ret_right)
{
    char jid[JID_MAX + 1];

    if (!json_is_string(place->value) ||
        jid_normalise_bare(text_of(place->value), jid, sizeof(jid)) != 0)
        return wrong(place, "must be a bare JID: anna@agents.example.");
    *ret_right = json_string(jid);
    return *ret_right != NULL;
}

static bool check_role(const struct place *place, json_t **ret_right)
{
    enum agent_role role;

    (void)ret_right;
    return (json_is_string(place->value) && agent_role_parse(text_of(place->value), &role) == 0) ||
           wrong(place, "must be agent, supervisor or bot.");
}

/* In the spelling that is kept, for a word spelt otherwise would be a difference for ever. */
static bool check_skill(const struct place *place, json_t **ret_right)
{
    char right[4 * SKILL_MAX + 1];

    (void)ret_right;
    return (json_is_string(place->value) &&
            skill_normalise(text_of(place->value), right, sizeof(right)) == 0 &&
            slice_is(text_of(place->value), right)) ||
           wrong(place, "must be one word without capitals.");
}

static bool check_skills(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_items(place, 0, SKILLS_MAX, check_skill, NULL);
}

static bool check_language(const struct place *place, json_t **ret_right)
{
    char right[TENANT_LANGUAGE_MAX + 1];

    (void)ret_right;
    return (json_is_string(place->value) &&
            language_normalise(text_of(place->value), right, sizeof(right)) == 0 &&
            slice_is(text_of(place->value), right)) ||
           wrong(place, "must be a language: fi, en-gb.");
}

static bool check_languages(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_items(place, 1, LANGUAGES_MAX, check_language, NULL);
}

static bool check_origin(const struct place *place, json_t **ret_right)
{
    char origin[512];

    if (!json_is_string(place->value) ||
        origin_normalise(text_of(place->value), origin, sizeof(origin)) != 0)
        return wrong(place, "must be an origin: https://acme.example, without a path.");
    *ret_right = json_string(origin);
    return *ret_right != NULL;
}

static bool check_origins(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_items(place, 1, TENANT_ORIGINS_MAX, check_origin, NULL);
}

/* One at a time, so that it can be told which. */
static bool check_settings(const struct place *place, enum setting_layer which, json_t **ret_right)
{
    const char *key;
    json_t *value, *all;

    if (!json_is_object(place->value))
        return wrong(place, "must be an object.");
    all = json_object();
    json_object_foreach(place->value, key, value)
    {
        AUTO_JSON one = json_pack("{s:O}", key, value);
        AUTO_JSON layer = NULL;
        AUTO_MEM char *kept = NULL;
        AUTO_BUF why;

        buf_init(&why, 1024);
        if (settings_layer_change(NULL, which, one, &kept, &why) != OK) {
            json_decref(all);
            return wrong(place, "cannot be: %.*s", SLICE_ARG(buf_slice(&why)));
        }
        layer = json_loads(kept, 0, NULL);
        (void)json_object_update(all, json_is_null(value) ? one : layer);
    }
    *ret_right = all;
    return true;
}

static bool check_tenant_settings(const struct place *place, json_t **ret_right)
{
    return check_settings(place, LAYER_TENANT, ret_right);
}

static bool check_site_settings(const struct place *place, json_t **ret_right)
{
    return check_settings(place, LAYER_SITE, ret_right);
}

/* --- what it consists of --- */

static bool check_identity(const struct place *place, json_t **ret_right)
{
    static const struct member members[] = { { "required", check_flag, "" }, { .key = NULL } };

    (void)ret_right;
    return check_members(place, members);
}

static bool check_site(const struct place *place, json_t **ret_right)
{
    static const struct member members[] = { { "origins", check_origins, "" },
                                             { "settings", check_site_settings, NULL },
                                             { .key = NULL } };

    (void)ret_right;
    return check_members(place, members);
}

static bool check_sites(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_items(place, 1, TENANT_SITES_MAX, check_site, "");
}

/* An assignment replaces the one before it, so it is always whole. */
static bool check_assignment(const struct place *place, json_t **ret_right)
{
    static const struct member members[] = { { "jid", check_jid, "" },
                                             { "role", check_role, "\"agent\"" },
                                             { "skills", check_skills, "[]" },
                                             { "limit", check_member_limit, "3" },
                                             { "persona", check_persona, "null" },
                                             { "signature", check_signature, "null" },
                                             { "avatar", check_avatar, NULL },
                                             { .key = NULL } };

    _Static_assert(AGENT_LIMIT_DEFAULT == 3, "an assignment's limit above");
    (void)ret_right;
    return check_members(place, members);
}

static bool check_assignments(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_items(place, 0, 10000, check_assignment, "jid");
}

static bool check_tenant(const struct place *place, json_t **ret_right)
{
    static const struct member members[] = {
        { "tenant", check_tenant_name, "" },         { "name", check_line, NULL },
        { "languages", check_languages, NULL },      { "disabled", check_flag, NULL },
        { "identity", check_identity, NULL },        { "sites", check_sites, NULL },
        { "settings", check_tenant_settings, NULL }, { "avatar", check_avatar, NULL },
        { "agents", check_assignments, NULL },       { .key = NULL }
    };

    (void)ret_right;
    return check_members(place, members);
}

static bool check_tenants(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_items(place, 0, 10000, check_tenant, "tenant");
}

static bool check_agent(const struct place *place, json_t **ret_right)
{
    static const struct member members[] = { { "jid", check_jid, "" },
                                             { "name", check_line, NULL },
                                             { "limit", check_agent_limit, NULL },
                                             { .key = NULL } };

    (void)ret_right;
    return check_members(place, members);
}

static bool check_agents(const struct place *place, json_t **ret_right)
{
    (void)ret_right;
    return check_items(place, 0, 10000, check_agent, "jid");
}

json_t *apply_read(const char *text, size_t len, struct buf *problem)
{
    static const struct member members[] = { { "lasna", check_format, "" },
                                             { "agents", check_agents, NULL },
                                             { "tenants", check_tenants, "" },
                                             { .key = NULL } };
    json_error_t error;
    struct place place = { .path = "", .problem = problem };

    if (!json_depth_is_within((struct slice){ text, len }, JSON_MAX_DEPTH)) {
        (void)wrong(&place, "nests too deep.");
        return NULL;
    }
    place.value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (place.value == NULL)
        (void)wrong(&place, "is no JSON: line %d: %s.", error.line, error.text);
    else if (check_members(&place, members))
        return place.value;
    json_decref(place.value);
    return NULL;
}
