/* SPDX-License-Identifier: Apache-2.0
 *
 * compare — what is wanted beside what is found, and what must be asked of the API to get there.
 * Pure, on documents: no I/O.
 */
#include "lasnactl/apply/plan.h"

#include "lasnactl/client.h"

#include <stdarg.h>
#include <string.h>

static const json_t *find_by(const json_t *list, const char *key, const char *text)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (strcmp(text_of(item, key), text) == 0)
            return item;
    }
    return NULL;
}

static bool cannot(struct comparing *comparing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool cannot(struct comparing *comparing, const char *format, ...)
{
    char text[4096];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    buf_add_text(comparing->problem, text);
    return false;
}

/* --- a tenant --- */

/* As the API leaves one it has just made. */
static json_t *found_when_added(const json_t *wanted)
{
    const json_t *name = json_object_get(wanted, "name"),
                 *languages = json_object_get(wanted, "languages"),
                 *site = json_array_get(json_object_get(wanted, "sites"), 0);

    return json_pack("{s:O, s:O, s:b, s:{s:b, s:b}, s:[{s:O, s:{}}], s:{}, s:[]}", "name",
                     name != NULL ? name : json_object_get(wanted, "tenant"), "languages",
                     languages != NULL ? languages : json_null(), "disabled", false, "identity",
                     "required", false, "key", false, "sites", "origins",
                     json_object_get(site, "origins"), "settings", "settings", "agents");
}

static bool lists_share(const json_t *one, const json_t *other)
{
    const json_t *a, *b;
    size_t i, j;

    json_array_foreach(one, i, a)
    {
        json_array_foreach(other, j, b)
        {
            if (json_equal(a, b))
                return true;
        }
    }
    return false;
}

/* One that was renamed, here or in the document, must not be made a second time. */
static bool is_another_of(struct comparing *comparing, const json_t *tenant, const json_t *origins)
{
    AUTO_JSON own = json_pack("[s]", comparing->tenant);
    const char *name = text_of(tenant, "tenant");

    if (lists_share(own, json_object_get(tenant, "former_names")))
        return !cannot(comparing, "tenants[%zu].tenant: %s is called %s here. Write that.",
                       comparing->at, comparing->tenant, name);
    if (find_by(json_object_get(comparing->wanted, "tenants"), "tenant", name) == NULL &&
        lists_share(origins, json_object_get(tenant, "origins")))
        return !cannot(comparing,
                       "tenants[%zu].tenant: there is no %s, but %s with the same origin. Is it "
                       "that one, `lasnactl tenant rename %s %s` first; is it another, let the "
                       "document name %s, too.",
                       comparing->at, comparing->tenant, name, name, comparing->tenant, name);
    return false;
}

static bool is_known_otherwise(struct comparing *comparing, const json_t *origins)
{
    const json_t *tenant;
    size_t i;

    json_array_foreach(json_object_get(comparing->found, "all"), i, tenant)
    {
        if (is_another_of(comparing, tenant, origins))
            return true;
    }
    return false;
}

static json_t *add_tenant(struct comparing *comparing, const json_t *wanted)
{
    const json_t *site = json_array_get(json_object_get(wanted, "sites"), 0);
    json_t *change;

    if (is_known_otherwise(comparing, json_object_get(site, "origins")))
        return NULL;
    if (site == NULL) {
        (void)cannot(comparing,
                     "tenants[%zu].sites is missing: %s is not there yet, and a new tenant needs "
                     "an origin.",
                     comparing->at, comparing->tenant);
        return NULL;
    }
    change = plan_add(comparing, "POST", "/tenants",
                      json_pack("{s:s, s:O, s:O*, s:O*}", "tenant", comparing->tenant, "origins",
                                json_object_get(site, "origins"), "name",
                                json_object_get(wanted, "name"), "languages",
                                json_object_get(wanted, "languages")));
    plan_line(change, "+ tenant %s", comparing->tenant);
    return found_when_added(wanted);
}

static void compare_names(struct comparing *comparing, const json_t *wanted, const json_t *found)
{
    static const char *const keys[] = { "name", "languages" };
    json_t *body = json_object(), *change = NULL;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        AUTO_BUF of;

        buf_init(&of, 512);
        if (!plan_differs(wanted, found, keys[i]))
            continue;
        if (change == NULL)
            change = plan_add_of_tenant(comparing, "PATCH", "", json_incref(body));
        (void)json_object_set(body, keys[i], json_object_get(wanted, keys[i]));
        buf_addf(&of, "%s %s", comparing->tenant, keys[i]);
        plan_difference(change, of.data, json_object_get(found, keys[i]),
                        json_object_get(wanted, keys[i]));
    }
    json_decref(body);
}

/* One setting of a layer, into the request's values. */
static void set(json_t *change, json_t *into, const char *of, const char *key, const json_t *before,
                json_t *value)
{
    AUTO_BUF what;

    buf_init(&what, 1024);
    buf_addf(&what, "%s %s", of, key);
    (void)json_object_set(into, key, value);
    if (json_is_null(value)) {
        AUTO_BUF was;

        buf_init(&was, 4096);
        plan_show(before, &was);
        plan_line(change, "- %s %s", what.data, was.data);
    } else {
        plan_difference(change, what.data, before, value);
    }
}

/* Whether anything is to be done with a layer; `values` gets what. */
static json_t *compare_settings(struct comparing *comparing, const char *of, const json_t *wanted,
                                const json_t *found)
{
    json_t *values = json_object(), *value;
    json_t *change =
        json_pack("{s:[], s:s, s:{s:o}}", "lines", "method", "PATCH", "body", "values", values);
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)wanted, key, value)
    {
        const json_t *before = json_object_get(found, key);

        if (json_is_null(value) ? before != NULL : !json_equal(value, before))
            set(change, values, of, key, before, value);
    }
    json_object_foreach((json_t *)(uintptr_t)found, key, value)
    {
        if (comparing->prune && wanted != NULL && json_object_get(wanted, key) == NULL)
            set(change, values, of, key, value, json_null());
    }
    if (json_object_size(values) > 0) {
        AUTO_BUF path;

        buf_init(&path, 512);
        buf_addf(&path, "/tenants/%s/settings", comparing->tenant);
        (void)json_object_set_new(change, "path", json_string(path.data));
        comparing->lost |= json_array_append(comparing->plan, change) != 0;
        return change; /* the plan has it, too */
    }
    json_decref(change);
    return NULL;
}

static void mean_site(struct comparing *comparing, json_t *change, size_t place)
{
    (void)json_object_set_new(change, "site_of", json_string(comparing->tenant));
    (void)json_object_set_new(change, "site_place", json_integer((json_int_t)place));
}

static void compare_site(struct comparing *comparing, size_t place, const json_t *wanted,
                         const json_t *found)
{
    AUTO_BUF of;
    AUTO_JSON settings = NULL;

    buf_init(&of, 512);
    buf_addf(&of, "%s site %zu", comparing->tenant, place + 1);
    settings = compare_settings(comparing, of.data, json_object_get(wanted, "settings"),
                                json_object_get(found, "settings"));
    if (settings != NULL)
        mean_site(comparing, settings, place);
    if (plan_differs(wanted, found, "origins")) {
        json_t *origins = json_object_get(wanted, "origins");
        json_t *change =
            plan_add_of_tenant(comparing, "PATCH", "", json_pack("{s:O}", "origins", origins));

        buf_add_text(&of, " origins");
        plan_difference(change, of.data, json_object_get(found, "origins"), origins);
        mean_site(comparing, change, place);
    }
}

/* As the API leaves one it has just made. The caller owns it. */
static json_t *add_site(struct comparing *comparing, size_t place, const json_t *wanted)
{
    json_t *origins = json_object_get(wanted, "origins");
    json_t *change =
        plan_add_of_tenant(comparing, "POST", "/sites", json_pack("{s:O}", "origins", origins));
    AUTO_BUF shown;

    buf_init(&shown, 4096);
    plan_show(origins, &shown);
    plan_line(change, "+ %s site %zu %s", comparing->tenant, place + 1,
              shown.data != NULL ? shown.data : "");
    return json_pack("{s:O, s:{}}", "origins", origins, "settings");
}

/* A site is known by its place. None is taken away: its snippet would open nothing any more. */
static void compare_sites(struct comparing *comparing, const json_t *wanted, const json_t *found)
{
    const json_t *there = json_object_get(found, "sites"), *site;
    size_t i;

    json_array_foreach(json_object_get(wanted, "sites"), i, site)
    {
        json_t *before = json_array_get(there, i);

        before = before != NULL ? json_incref(before) : add_site(comparing, i, site);
        compare_site(comparing, i, site, before);
        json_decref(before);
    }
}

/* A key made here is shown to nobody: it counts only so that an identity may be required. */
static void compare_identity(struct comparing *comparing, const json_t *wanted, const json_t *found)
{
    const json_t *before = json_object_get(found, "identity");
    const json_t *after = json_object_get(wanted, "identity");
    bool required = json_is_true(json_object_get(after, "required"));
    bool makes_key = required && !json_is_true(json_object_get(before, "key"));
    json_t *body, *change;

    if (!plan_differs(after, before, "required"))
        return;
    body = json_pack("{s:b}", "required", required);
    if (makes_key)
        (void)json_object_set_new(body, "renew", json_true());
    change = plan_add_of_tenant(comparing, "POST", "/identity", body);
    plan_line(change, "~ %s identity.required %s → %s%s", comparing->tenant,
              required ? "no" : "yes", required ? "yes" : "no",
              makes_key ? ", with a key: `lasnactl identity renew` shows one" : "");
}

static void compare_state(struct comparing *comparing, const json_t *wanted, const json_t *found)
{
    bool disabled = json_is_true(json_object_get(wanted, "disabled"));
    json_t *change;

    if (!plan_differs(wanted, found, "disabled"))
        return;
    change =
        plan_add_of_tenant(comparing, "POST", disabled ? "/disable" : "/enable", json_object());
    plan_line(change, "~ %s disabled %s → %s", comparing->tenant, disabled ? "no" : "yes",
              disabled ? "yes" : "no");
}

/* --- its pictures, and those of its agents --- */

static bool has_avatar(const json_t *found)
{
    return json_is_string(json_object_get(found, "avatar"));
}

/* `place`: below the tenant's. A picture is told of, not shown. */
static void compare_avatar(struct comparing *comparing, const char *place, const char *whose,
                           const json_t *wanted, const json_t *found)
{
    json_t *picture = json_object_get(wanted, "avatar");
    json_t *change;

    if (picture == NULL || !plan_differs(wanted, found, "avatar"))
        return;
    if (json_is_null(picture) && has_avatar(found)) {
        change = plan_add_of_tenant(comparing, "DELETE", place, NULL);
        plan_line(change, "- %s avatar", whose);
    } else if (!json_is_null(picture)) {
        change =
            plan_add_of_tenant(comparing, "PUT", place, json_pack("{s:O}", "picture", picture));
        plan_line(change, "%s %s avatar", has_avatar(found) ? "~" : "+", whose);
    }
}

static void compare_persona_avatar(struct comparing *comparing, const json_t *wanted,
                                   const json_t *found)
{
    const char *jid = text_of(wanted, "jid");
    AUTO_BUF place, whose;

    buf_init(&place, 16 * 1024);
    buf_init(&whose, 8192);
    buf_add_text(&place, "/agents/");
    path_escape(jid, &place);
    buf_add_text(&place, "/avatar");
    buf_addf(&whose, "%s at %s", jid, comparing->tenant);
    compare_avatar(comparing, place.data, whose.data, wanted, found);
}

/* --- its agents --- */

/* What assigning says: a picture is put by itself. */
static json_t *without_avatar(const json_t *member)
{
    json_t *rest = json_copy((json_t *)(uintptr_t)member);

    (void)json_object_del(rest, "avatar");
    return rest;
}

static void assign(struct comparing *comparing, const json_t *wanted, const json_t *found)
{
    static const char *const keys[] = { "role", "skills", "limit", "persona", "signature" };
    const char *jid = text_of(wanted, "jid");
    AUTO_JSON body = without_avatar(wanted);
    AUTO_JSON before = without_avatar(found);
    json_t *change;

    if (found != NULL && json_equal(body, before))
        return;
    if (json_is_null(json_object_get(body, "persona")))
        (void)json_object_del(body, "persona");
    if (json_is_null(json_object_get(body, "signature")))
        (void)json_object_del(body, "signature");
    change = plan_add_of_tenant(comparing, "POST", "/agents", json_incref(body));
    if (found == NULL)
        plan_line(change, "+ %s to %s", jid, comparing->tenant);
    for (size_t i = 0; found != NULL && i < sizeof(keys) / sizeof(keys[0]); i++) {
        AUTO_BUF of;

        buf_init(&of, 8192);
        buf_addf(&of, "%s at %s %s", jid, comparing->tenant, keys[i]);
        if (plan_differs(wanted, found, keys[i]))
            plan_difference(change, of.data, json_object_get(found, keys[i]),
                            json_object_get(wanted, keys[i]));
    }
}

static void unassign(struct comparing *comparing, const char *jid)
{
    AUTO_BUF what;

    buf_init(&what, 16 * 1024);
    buf_add_text(&what, "/agents/");
    path_escape(jid, &what);
    plan_line(plan_add_of_tenant(comparing, "DELETE", what.data, NULL), "- %s from %s", jid,
              comparing->tenant);
}

static bool compare_assignments(struct comparing *comparing, const json_t *wanted,
                                const json_t *found)
{
    const json_t *list = json_object_get(wanted, "agents"),
                 *there = json_object_get(found, "agents");
    const json_t *agents = json_object_get(comparing->found, "agents");
    const json_t *member;
    size_t i;

    json_array_foreach(list, i, member)
    {
        const char *jid = text_of(member, "jid");
        const json_t *agent = find_by(agents, "jid", jid);

        if (json_is_true(json_object_get(agent, "revoked")))
            return cannot(comparing,
                          "tenants[%zu].agents[%zu].jid: %s was revoked here. Take it out, or add "
                          "it again first (`lasnactl agent add`).",
                          comparing->at, i, jid);
        if (agent == NULL &&
            find_by(json_object_get(comparing->wanted, "agents"), "jid", jid) == NULL)
            return cannot(comparing,
                          "tenants[%zu].agents[%zu].jid: %s is no agent here, and not among the "
                          "document's \"agents\".",
                          comparing->at, i, jid);
        assign(comparing, member, find_by(there, "jid", jid));
        compare_persona_avatar(comparing, member, find_by(there, "jid", jid));
    }
    json_array_foreach(there, i, member)
    {
        if (comparing->prune && list != NULL &&
            find_by(list, "jid", text_of(member, "jid")) == NULL)
            unassign(comparing, text_of(member, "jid"));
    }
    return true;
}

static bool compare_tenant(struct comparing *comparing, const json_t *wanted)
{
    const json_t *there;
    AUTO_JSON found = NULL;

    comparing->tenant = text_of(wanted, "tenant");
    there = find_by(json_object_get(comparing->found, "tenants"), "tenant", comparing->tenant);
    found = there != NULL ? json_incref((json_t *)(uintptr_t)there) : add_tenant(comparing, wanted);
    if (found == NULL)
        return false;
    compare_names(comparing, wanted, found);
    json_decref(compare_settings(comparing, comparing->tenant, json_object_get(wanted, "settings"),
                                 json_object_get(found, "settings")));
    compare_sites(comparing, wanted, found);
    if (!compare_assignments(comparing, wanted, found))
        return false;
    compare_avatar(comparing, "/avatar", comparing->tenant, wanted, found);
    compare_identity(comparing, wanted, found);
    compare_state(comparing, wanted, found);
    return true;
}

/* --- agents as such --- */

static void limit_agent(struct comparing *comparing, const json_t *wanted, const json_t *found)
{
    AUTO_JSON none = json_pack("{s:i}", "limit", 0);
    const char *jid = text_of(wanted, "jid");
    AUTO_BUF path;
    AUTO_BUF of;
    json_t *change;

    buf_init(&path, 16 * 1024);
    buf_init(&of, 8192);
    if (!plan_differs(wanted, found != NULL ? found : none, "limit"))
        return;
    buf_add_text(&path, "/agents/");
    path_escape(jid, &path);
    buf_add_text(&path, "/limit");
    buf_addf(&of, "agent %s limit", jid);
    change = plan_add(comparing, "POST", path.data,
                      json_pack("{s:O}", "limit", json_object_get(wanted, "limit")));
    plan_difference(change, of.data, json_object_get(found != NULL ? found : none, "limit"),
                    json_object_get(wanted, "limit"));
}

static bool compare_agent(struct comparing *comparing, size_t at, const json_t *wanted)
{
    const char *jid = text_of(wanted, "jid");
    const json_t *found = find_by(json_object_get(comparing->found, "agents"), "jid", jid);

    if (json_is_true(json_object_get(found, "revoked")))
        return cannot(comparing,
                      "agents[%zu].jid: %s was revoked here. Take it out, or add it again first "
                      "(`lasnactl agent add`).",
                      at, jid);
    if (found == NULL && json_object_get(wanted, "name") == NULL)
        return cannot(comparing, "agents[%zu].name is missing: %s is not there yet.", at, jid);
    if (found != NULL && plan_differs(wanted, found, "name"))
        return cannot(comparing,
                      "agents[%zu].name: %s is called \"%s\" here, and agents keep their names. "
                      "Write that, or leave \"name\" out.",
                      at, jid, text_of(found, "name"));
    if (found == NULL)
        plan_line(
            plan_add(comparing, "POST", "/agents",
                     json_pack("{s:s, s:O}", "jid", jid, "name", json_object_get(wanted, "name"))),
            "+ agent %s", jid);
    limit_agent(comparing, wanted, found);
    return true;
}

json_t *apply_compare(const json_t *wanted, const json_t *found, bool prune, struct buf *problem)
{
    struct comparing comparing = {
        .wanted = wanted, .found = found, .prune = prune, .plan = json_array(), .problem = problem
    };
    const json_t *item;
    bool fine = true;
    size_t i;

    json_array_foreach(json_object_get(wanted, "agents"), i, item)
    {
        fine = fine && compare_agent(&comparing, i, item);
    }
    json_array_foreach(json_object_get(wanted, "tenants"), i, item)
    {
        comparing.at = i;
        fine = fine && compare_tenant(&comparing, item);
    }
    if (fine && comparing.lost)
        fine = cannot(&comparing, "Out of memory.");
    if (fine)
        return comparing.plan;
    json_decref(comparing.plan);
    return NULL;
}
