/* SPDX-License-Identifier: Apache-2.0
 *
 * found — what there is on the instance, as a document.
 */
#include "lasnactl/apply/apply.h"

#include "lasnactl/client.h"

#include <string.h>

/* One document, or all items of a list. */
static int get(struct client *client, const char *path, json_t **ret_document)
{
    struct reply reply = { 0 };
    int rc = client_ask(client, "GET", path, NULL, &reply);

    if (rc == EXIT_DONE && reply.status != 200)
        rc = client_refused(client, &reply);
    if (rc == EXIT_DONE && json_is_array(json_object_get(reply.document, "items")))
        rc = client_ask_on(client, path, &reply);
    if (rc == EXIT_DONE)
        *ret_document = json_incref(reply.document);
    reply_release(&reply);
    return rc;
}

static json_t *sorted(const json_t *object)
{
    AUTO_MEM char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

    return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

/* What a layer says itself: "tenant", or "site". */
static int find_settings(struct client *client, const char *path, const char *layer,
                         json_t **ret_settings)
{
    AUTO_JSON items = NULL;
    AUTO_JSON said = json_object();
    const json_t *item;
    int rc = get(client, path, &items);
    size_t i;

    json_array_foreach(items, i, item)
    {
        if (strcmp(text_of(item, "from"), layer) == 0)
            (void)json_object_set(said, text_of(item, "key"), json_object_get(item, "value"));
    }
    if (rc == EXIT_DONE)
        *ret_settings = sorted(said);
    return rc;
}

static int find_site(struct client *client, const char *tenant, const json_t *site, json_t *sites)
{
    json_t *settings = NULL;
    AUTO_BUF path;
    int rc;

    buf_init(&path, 512);
    buf_addf(&path, "/tenants/%s/settings?site=%s", tenant, text_of(site, "id"));
    rc = find_settings(client, path.data, "site", &settings);
    if (rc == EXIT_DONE)
        (void)json_array_append_new(sites, json_pack("{s:O, s:o}", "origins",
                                                     json_object_get(site, "origins"), "settings",
                                                     settings));
    return rc;
}

static int find_sites(struct client *client, const json_t *tenant, json_t *sites)
{
    const json_t *site;
    int rc = EXIT_DONE;
    size_t i;

    json_array_foreach(json_object_get(tenant, "sites"), i, site)
    {
        rc = find_site(client, text_of(tenant, "tenant"), site, sites);
        if (rc != EXIT_DONE)
            break;
    }
    return rc;
}

static int find_identity(struct client *client, const char *tenant, json_t **ret_identity)
{
    AUTO_JSON shown = NULL;
    AUTO_BUF path;
    int rc;

    buf_init(&path, 512);
    buf_addf(&path, "/tenants/%s/identity", tenant);
    rc = get(client, path.data, &shown);
    if (rc == EXIT_DONE)
        *ret_identity = json_pack("{s:O, s:b}", "required", json_object_get(shown, "required"),
                                  "key", json_is_string(json_object_get(shown, "kid")));
    return rc;
}

static json_t *member_found(const json_t *member)
{
    static const char *const kept[] = { "jid", "role", "skills", "limit", "persona", "signature" };
    json_t *found = json_object();

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        (void)json_object_set(found, kept[i], json_object_get(member, kept[i]));
    if (text_of(member, "persona")[0] == '\0')
        (void)json_object_set_new(found, "persona", json_null()); /* none is kept as "" */
    return found;
}

/* The picture itself, of whom the list says that there is one. */
static int find_avatar(struct client *client, const json_t *listed, const char *place, json_t *into)
{
    AUTO_JSON shown = NULL;
    int rc = EXIT_DONE;

    if (!json_is_string(json_object_get(listed, "avatar")))
        return EXIT_DONE;
    rc = get(client, place, &shown);
    if (rc == EXIT_DONE)
        (void)json_object_set(into, "avatar", json_object_get(shown, "picture"));
    return rc;
}

static int find_member(struct client *client, const json_t *member, json_t *members)
{
    json_t *found = member_found(member);
    AUTO_BUF place;

    buf_init(&place, 16 * 1024);
    buf_addf(&place, "/tenants/%s/agents/", text_of(member, "tenant"));
    path_escape(text_of(member, "jid"), &place);
    buf_add_text(&place, "/avatar");
    (void)json_array_append_new(members, found);
    return find_avatar(client, member, place.data, found);
}

/* Agents come by JID, each with where they serve. */
static int find_members(struct client *client, const json_t *agents, const char *tenant,
                        json_t *members)
{
    const json_t *agent, *member;
    int rc = EXIT_DONE;
    size_t i, j;

    json_array_foreach(agents, i, agent)
    {
        json_array_foreach(json_object_get(agent, "tenants"), j, member)
        {
            if (rc == EXIT_DONE && strcmp(text_of(member, "tenant"), tenant) == 0)
                rc = find_member(client, member, members);
        }
    }
    return rc;
}

static int find_tenant(struct client *client, const json_t *tenant, const json_t *agents,
                       json_t *tenants)
{
    const char *name = text_of(tenant, "tenant");
    AUTO_JSON identity = NULL;
    AUTO_JSON settings = NULL;
    AUTO_JSON sites = json_array();
    AUTO_JSON members = json_array();
    json_t *found;
    AUTO_BUF path, avatar;
    int rc;

    buf_init(&path, 512);
    buf_init(&avatar, 512);
    buf_addf(&avatar, "/tenants/%s/avatar", name);
    buf_addf(&path, "/tenants/%s/settings", name);
    rc = find_settings(client, path.data, "tenant", &settings);
    if (rc == EXIT_DONE)
        rc = find_sites(client, tenant, sites);
    if (rc == EXIT_DONE)
        rc = find_identity(client, name, &identity);
    if (rc == EXIT_DONE)
        rc = find_members(client, agents, name, members);
    if (rc != EXIT_DONE)
        return rc;
    found = json_pack("{s:s, s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "tenant", name, "name",
                      json_object_get(tenant, "name"), "languages",
                      json_object_get(tenant, "languages"), "disabled",
                      json_object_get(tenant, "disabled"), "identity", identity, "sites", sites,
                      "settings", settings, "agents", members);
    (void)json_array_append_new(tenants, found);
    return find_avatar(client, tenant, avatar.data, found);
}

static bool is_asked_for(const json_t *names, const char *tenant)
{
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name)
    {
        if (strcmp(json_string_value(name), tenant) == 0)
            return true;
    }
    return names == NULL;
}

static json_t *agents_found(const json_t *agents)
{
    json_t *found = json_array();
    const json_t *agent;
    size_t i;

    json_array_foreach(agents, i, agent)
    {
        (void)json_array_append_new(found, json_pack("{s:O, s:O, s:O, s:O}", "jid",
                                                     json_object_get(agent, "jid"), "name",
                                                     json_object_get(agent, "name"), "limit",
                                                     json_object_get(agent, "limit"), "revoked",
                                                     json_object_get(agent, "revoked")));
    }
    return found;
}

static json_t *origins_of(const json_t *tenant)
{
    json_t *origins = json_array();
    const json_t *site;
    size_t i;

    json_array_foreach(json_object_get(tenant, "sites"), i, site)
    {
        (void)json_array_extend(origins, json_object_get(site, "origins"));
    }
    return origins;
}

/* Every tenant there is, asked for or not: by what it might be known under another name. */
static json_t *all_of(const json_t *listed)
{
    json_t *all = json_array();
    const json_t *tenant;
    size_t i;

    json_array_foreach(listed, i, tenant)
    {
        (void)json_array_append_new(
            all, json_pack("{s:O, s:O, s:o}", "tenant", json_object_get(tenant, "tenant"),
                           "former_names", json_object_get(tenant, "former_names"), "origins",
                           origins_of(tenant)));
    }
    return all;
}

int apply_find(struct client *client, const json_t *names, json_t **ret_found)
{
    AUTO_JSON agents = NULL;
    AUTO_JSON listed = NULL;
    AUTO_JSON tenants = json_array();
    const json_t *tenant;
    int rc = get(client, "/agents", &agents);
    size_t i;

    if (rc == EXIT_DONE)
        rc = get(client, "/tenants", &listed);
    json_array_foreach(listed, i, tenant)
    {
        if (rc == EXIT_DONE && is_asked_for(names, text_of(tenant, "tenant")))
            rc = find_tenant(client, tenant, agents, tenants);
    }
    if (rc == EXIT_DONE)
        *ret_found = json_pack("{s:s, s:o, s:O, s:o}", "lasna", APPLY_FORMAT, "agents",
                               agents_found(agents), "tenants", tenants, "all", all_of(listed));
    return rc;
}
