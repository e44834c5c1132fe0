/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/views.h"

#include <inttypes.h>
#include <stdio.h>

static bool read_limit(struct slice text, size_t *ret_limit)
{
    size_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || value > PAGE_MAX)
            return false;
        value = value * 10 + (size_t)(text.data[i] - '0');
    }
    *ret_limit = value;
    return value >= 1 && value <= PAGE_MAX;
}

bool page_read(struct call *call, size_t *ret_limit, struct slice *ret_cursor)
{
    struct slice limit = query_get(&call->query, "limit");

    *ret_limit = PAGE_DEFAULT;
    *ret_cursor = query_get(&call->query, "cursor");
    if (limit.data == NULL || read_limit(limit, ret_limit))
        return true;
    answer_problem(call, 400, "bad_parameter", "\"limit\" must be a number from 1 to %d.",
                   PAGE_MAX);
    return false;
}

static bool read_digits(struct slice digits, uint64_t *ret_number)
{
    uint64_t number = 0;

    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9' || digits.len > 15)
            return false;
        number = number * 10 + (uint64_t)(digits.data[i] - '0');
    }
    *ret_number = number;
    return true;
}

static bool no_cursor(struct call *call)
{
    answer_problem(call, 400, "bad_parameter", "\"cursor\" is none that was given out.");
    return false;
}

bool page_number(struct call *call, struct slice cursor, uint64_t *ret_number)
{
    return read_digits(cursor, ret_number) || no_cursor(call);
}

bool page_moment(struct call *call, struct slice cursor, uint64_t *ret_ms, struct id *ret_id)
{
    const char *dash = cursor.len == 0 ? NULL : memchr(cursor.data, '-', cursor.len);
    size_t len = dash == NULL ? 0 : (size_t)(dash - cursor.data);
    uint64_t ms;
    struct id id;

    if (cursor.len == 0)
        return true;
    if (len == 0 || !read_digits((struct slice){ cursor.data, len }, &ms) ||
        id_parse((struct slice){ dash + 1, cursor.len - len - 1 }, &id) != 0)
        return no_cursor(call);
    *ret_ms = ms;
    *ret_id = id;
    return true;
}

void page_cursor(uint64_t ms, struct id id, char ret_cursor[PAGE_CURSOR_BYTES])
{
    char text[ID_TEXT_BYTES];

    id_format(id, text);
    (void)snprintf(ret_cursor, PAGE_CURSOR_BYTES, "%" PRIu64 "-%s", ms, text);
}

void answer_page(struct call *call, json_t *items, const char *next)
{
    answer_json(call, 200,
                json_pack("{s:o, s:o}", "items", items, "next", json_text_or_null(slice_of(next))));
}

static int by_member(const void *a, const void *b, void *key)
{
    return strcmp(json_string_value(json_object_get(*(json_t *const *)a, key)),
                  json_string_value(json_object_get(*(json_t *const *)b, key)));
}

static void answer_cut(struct call *call, json_t *const *sorted, size_t count, const char *key,
                       size_t limit, struct slice cursor)
{
    json_t *items = json_array();
    const char *last = "", *next = "";

    for (size_t i = 0; i < count && next[0] == '\0'; i++) {
        const char *name = json_string_value(json_object_get(sorted[i], key));

        /* The cursor's text is terminated: path_decode() does that. */
        if (cursor.len > 0 && strcmp(name, cursor.data) <= 0)
            continue;
        if (json_array_size(items) == limit) {
            next = last;
        } else {
            (void)json_array_append(items, sorted[i]);
            last = name;
        }
    }
    answer_page(call, items, next);
}

void answer_sorted(struct call *call, json_t *all, const char *key)
{
    AUTO_JSON owned = all;
    size_t count = json_array_size(all), limit;
    struct slice cursor;
    AUTO_MEM json_t **sorted = calloc(count + 1, sizeof(*sorted));

    if (sorted == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    if (!page_read(call, &limit, &cursor))
        return;
    for (size_t i = 0; i < count; i++)
        sorted[i] = json_array_get(owned, i);
    qsort_r(sorted, count, sizeof(*sorted), by_member, (void *)(uintptr_t)key);
    answer_cut(call, sorted, count, key, limit, cursor);
}

static void key_text(const json_t *item, const char *key, char *to, size_t size)
{
    const json_t *value = json_object_get(item, key);

    if (json_is_integer(value))
        (void)snprintf(to, size, "%lld", (long long)json_integer_value(value));
    else if (!slice_copy(slice_of(json_string_value(value)), to, size))
        to[0] = '\0';
}

/* How many items stand before the page; false: the cursor is none of theirs. */
static bool find_page(const json_t *all, const char *key, struct slice cursor, size_t *ret_begin)
{
    char text[PAGE_KEY_BYTES];
    const json_t *item;
    size_t i;

    *ret_begin = 0;
    if (cursor.len == 0)
        return true;
    json_array_foreach(all, i, item)
    {
        key_text(item, key, text, sizeof(text));
        if (slice_is(cursor, text)) {
            *ret_begin = i + 1;
            return true;
        }
    }
    return false;
}

void answer_ordered(struct call *call, json_t *all, const char *key)
{
    AUTO_JSON owned = all;
    char next[PAGE_KEY_BYTES] = "";
    json_t *items;
    size_t limit, at, count = json_array_size(all);
    struct slice cursor;

    if (!page_read(call, &limit, &cursor) || !(find_page(all, key, cursor, &at) || no_cursor(call)))
        return;
    items = json_array();
    for (; at < count && json_array_size(items) < limit; at++)
        (void)json_array_append(items, json_array_get(owned, at));
    if (at < count)
        key_text(json_array_get(owned, at - 1), key, next, sizeof(next));
    answer_page(call, items, next);
}

json_t *site_view(const struct site *site)
{
    return json_pack("{s:s, s:s, s:o}", "id", site->id, "key", site->key, "origins",
                     json_words(site->origins));
}

/* Where browsers reach us, for the snippet: the first of our public origins, or at least the
 * address we listen on. */
static void add_public_origin(const struct settings *settings, struct buf *to)
{
    const char *origins = settings->web_origins;

    if (origins[0] != '\0')
        buf_add(to, origins, strcspn(origins, " "));
    else if (settings->web_https[0] != '\0')
        buf_addf(to, "https://%s", settings->web_https);
    else
        buf_addf(to, "http://%s", settings->web_http);
}

static json_t *snippet(const struct live_tenant *tenant)
{
    AUTO_BUF text;

    buf_init(&text, 4096);
    buf_add_text(&text, "<script async src=\"");
    add_public_origin(tenant->core->role->settings, &text);
    buf_addf(&text, "/w/%s.js\"></script>", tenant->about.name.text);
    return buf_failed(&text) ? json_null() : json_stringn(text.data, text.len);
}

json_t *tenant_view(const struct live_tenant *tenant)
{
    const struct tenant *about = &tenant->about;
    struct chat_counts counts = { 0 };
    AUTO_MEM char *desk = NULL;
    json_t *sites = json_array();
    char avatar[AVATAR_ADDRESS_BYTES];

    if (tenant->chat != NULL)
        chat_counts(tenant->chat, &counts);
    for (size_t i = 0; i < about->site_count; i++)
        (void)json_array_append_new(sites, site_view(&about->sites[i]));
    if (asprintf(&desk, "desk@%s", about->domain) < 0)
        desk = NULL;
    avatar_address(&about->name, about->avatar, avatar);
    return json_pack(
        "{s:s, s:o, s:s, s:s, s:s?, s:o, s:o, s:b, s:o, s:b, s:s, s:i, s:i, s:i, s:i, s:o, s:o}",
        "tenant", about->name.text, "former_names", json_words(about->former), "name", about->title,
        "domain", about->domain, "desk", desk, "avatar", json_text_or_null(slice_of(avatar)),
        "languages", json_words(about->languages), "disabled", about->state == TENANT_DISABLED,
        "created_at", json_time_or_null(about->created_ms), "available", tenant->chat != NULL,
        "link", tenant->link_up ? "up" : "down", "queued", (int)counts.queued, "active",
        (int)counts.active, "agents_available", (int)counts.agents_available, "visitors",
        (int)counts.visitors, "sites", sites, "snippet", snippet(tenant));
}

json_t *agent_view(const struct agent *agent)
{
    return json_pack("{s:s, s:s, s:o, s:b, s:b, s:i}", "jid", agent->jid, "name", agent->name,
                     "created_at", json_time_or_null(agent->created_ms), "revoked", agent->revoked,
                     "staffed", !agent->unstaffed, "limit", (int)agent->limit);
}

json_t *member_view(const struct membership *member, const char *agent_name)
{
    char avatar[AVATAR_ADDRESS_BYTES];

    avatar_address(&member->tenant, member->avatar, avatar);
    return json_pack("{s:s, s:s, s:s?, s:s, s:i, s:s?, s:o, s:o, s:o}", "tenant",
                     member->tenant.text, "jid", member->jid, "name", agent_name, "role",
                     agent_role_name(member->role), "limit", (int)member->limit, "persona",
                     member->persona, "avatar", json_text_or_null(slice_of(avatar)), "signature",
                     json_text_or_null(slice_of(member->signature)), "skills",
                     json_words(member->skills));
}

const char *conversation_state_name(enum conversation_state state)
{
    static const char *const names[CONVERSATION_STATE_COUNT] = {
        [CONVERSATION_QUEUED] = "queued",
        [CONVERSATION_ACTIVE] = "active",
        [CONVERSATION_ENDED] = "ended",
    };

    return names[state];
}

json_t *conversation_view(const struct live_tenant *tenant,
                          const struct stored_conversation *conversation)
{
    struct chat_conversation_view live = { 0 };
    bool is_open =
        tenant->chat != NULL && chat_view(tenant->chat, conversation->conversation, &live);

    return json_pack(
        "{s:o, s:s, s:o, s:s, s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:i}", "id",
        json_id(conversation->conversation.id), "tenant", tenant->about.name.text, "site",
        json_id(conversation->site.id), "state",
        conversation_state_name(is_open ? live.state : conversation->state), "visitor", "id",
        json_id(conversation->visitor.id), "name", json_text_or_null(conversation->visitor_name),
        "agent", json_text_or_null(is_open ? slice_of(live.agent) : conversation->agent),
        "language", json_text_or_null(conversation->language), "stage",
        json_text_or_null(conversation->stage), "opened_at",
        json_time_or_null(conversation->opened_ms), "changed_at",
        json_time_or_null(conversation->changed_ms), "ended_at",
        json_time_or_null(conversation->ended_ms), "end_reason",
        json_text_or_null(conversation->end_reason), "last_seq", (json_int_t)conversation->last_seq,
        "position", (int)live.position);
}

struct agent_search {
    const char *jid;
    struct agent *found;
};

enum { SEARCH_FOUND = 100 };

static int if_it_is(void *context, const struct agent *agent)
{
    struct agent_search *search = context;

    if (strcmp(agent->jid, search->jid) != 0)
        return 0;
    *search->found = (struct agent){ .jid = strdup(agent->jid),
                                     .name = strdup(agent->name),
                                     .created_ms = agent->created_ms,
                                     .revoked = agent->revoked,
                                     .unstaffed = agent->unstaffed,
                                     .limit = agent->limit };
    memcpy(search->found->language, agent->language, sizeof(agent->language));
    if (search->found->jid != NULL && search->found->name != NULL)
        return SEARCH_FOUND;
    agent_release(search->found);
    return RAISE(ERR_NO_MEMORY);
}

int agent_find(const struct core *core, const char *jid, struct agent *ret_agent)
{
    struct agent_search search = { jid, ret_agent };
    int rc = directory_agents(core->directory, if_it_is, &search);

    if (rc == SEARCH_FOUND)
        return OK;
    return rc == OK ? DIRECTORY_E_NONE : rc;
}
