/* SPDX-License-Identifier: Apache-2.0
 *
 * Searching transcripts. The index catches up first (search_index.h), then the question is asked
 * off the loop. Filters are words of fixed lists, mapped to fixed SQL; the query's own words reach
 * the database only as quoted terms made of letters and digits.
 */
#include "server-bridge/core/api/chats/search_index.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/task.h"
#include "server-bridge/core/api/walk.h"

#include "presence/folding.h"
#include "storage/transcripts/search.h"

#include <inttypes.h>
#include <stdio.h>

enum { SNIPPET_POINTS = 160, QUERY_MAX_BYTES = 1024, SEARCH_DEFAULT = 20, SEARCH_MAX = 200 };
enum { TAG_BYTES = 256, AGENT_BYTES = 3072 };

struct searching {
    struct task task;
    struct index_waiter waiter; /* before the task begins */
    struct call *call;          /* while it waits; NULL: gone */
    struct search_wish wish;
    char query[QUERY_MAX_BYTES], column[8], stage[16];
    char tag[TAG_BYTES], agent[AGENT_BYTES];
    bool bases;            /* by Voikko */
    bool too_many;         /* words */
    struct folder *folder; /* on the thread */
    json_t *items;
    uint64_t last_place;
};

/* --- what is asked for --- */

/* One of a few words; absent is the first of them. */
static bool read_choice(struct call *call, const char *name, const char *const *words, size_t count,
                        char *to, size_t size)
{
    struct slice value = query_get(&call->query, name);

    to[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (value.data == NULL || slice_is(value, words[i]))
            return value.data == NULL || slice_copy(value, to, size);
    answer_problem(call, 400, "bad_parameter", "\"%s\" is none of its words.", name);
    return false;
}

static bool read_numbers(struct call *call, struct searching *searching)
{
    struct slice limit = query_get(&call->query, "limit");
    struct slice cursor = query_get(&call->query, "cursor");
    size_t value = 0;

    for (size_t i = 0; i < limit.len && value <= SEARCH_MAX; i++)
        value = limit.data[i] >= '0' && limit.data[i] <= '9'
                    ? value * 10 + (size_t)(limit.data[i] - '0')
                    : SEARCH_MAX + 1;
    searching->wish.limit = limit.data == NULL ? SEARCH_DEFAULT : value;
    if (searching->wish.limit < 1 || searching->wish.limit > SEARCH_MAX) {
        answer_problem(call, 400, "bad_parameter", "\"limit\" must be a number from 1 to %d.",
                       SEARCH_MAX);
        return false;
    }
    for (size_t i = 0; i < cursor.len; i++) {
        if (cursor.data[i] < '0' || cursor.data[i] > '9' || i > 18) {
            answer_problem(call, 400, "bad_parameter", "\"cursor\" is none that was given out.");
            return false;
        }
        searching->wish.before = searching->wish.before * 10 + (uint64_t)(cursor.data[i] - '0');
    }
    return true;
}

/* A tag as agents write it, an agent by name or JID: values of a row, bound as such. */
static bool read_text(struct call *call, const char *name, char *to, size_t size)
{
    if (slice_copy(query_get(&call->query, name), to, size))
        return true;
    answer_problem(call, 400, "bad_parameter", "\"%s\" is too long.", name);
    return false;
}

static bool read_wish(struct call *call, struct searching *searching)
{
    static const char *const columns[] = { "anyone", "visitor", "agent" };
    static const char *const stages[] = { "any", "potential", "new", "existing", "unknown" };
    struct slice query = query_get(&call->query, "q");

    if (query.len == 0 || !slice_copy(query, searching->query, sizeof(searching->query))) {
        answer_problem(call, 400, "bad_parameter", "\"q\" must be 1 to %d bytes of words.",
                       QUERY_MAX_BYTES - 1);
        return false;
    }
    if (!read_choice(call, "from", columns, 3, searching->column, sizeof(searching->column)) ||
        !read_choice(call, "stage", stages, 5, searching->stage, sizeof(searching->stage)) ||
        !read_numbers(call, searching))
        return false;
    if (strcmp(searching->column, "anyone") == 0)
        searching->column[0] = '\0';
    if (strcmp(searching->stage, "any") == 0)
        searching->stage[0] = '\0';
    searching->wish.stage = searching->stage;
    searching->wish.tag = searching->tag;
    searching->wish.agent = searching->agent;
    return read_text(call, "tag", searching->tag, sizeof(searching->tag)) &&
           read_text(call, "agent", searching->agent, sizeof(searching->agent)) &&
           query_time(call, "since", &searching->wish.since_ms) &&
           query_time(call, "until", &searching->wish.until_ms);
}

/* --- on the thread --- */

static int take_hit(void *context, const struct search_hit *hit)
{
    static const char *const froms[FROM_COUNT] = { "visitor", "agent", "bot", "system" };
    struct searching *searching = context;
    json_t *item;
    AUTO_BUF snippet;

    buf_init(&snippet, 64 * 1024);
    buf_add_text(&snippet, "");
    folder_snippet(searching->folder, hit->language, hit->message.text, slice_of(searching->query),
                   SNIPPET_POINTS, &snippet);
    item = json_pack("{s:o, s:I, s:s, s:o, s:o, s:o, s:s%, s:s%}", "conversation",
                     json_id(hit->conversation.id), "seq", (json_int_t)hit->message.seq, "from",
                     froms[hit->message.from], "name", json_text_or_null(hit->message.name), "at",
                     json_time_or_null(hit->message.at_ms), "opened_at",
                     json_time_or_null(hit->opened_ms), "stage", hit->stage.data, hit->stage.len,
                     "snippet", snippet.data, snippet.len);
    searching->last_place = hit->place;
    return json_array_append_new(searching->items, item) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

static int run(struct task *task)
{
    struct searching *searching = (struct searching *)task;
    AUTO_BUF match;
    int rc;

    buf_init(&match, 64 * 1024);
    searching->folder = folder_new(searching->bases);
    searching->items = json_array();
    if (searching->folder == NULL || searching->items == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = folder_query(searching->folder, slice_of(searching->query), searching->column, &match);
    searching->too_many = rc == FOLDING_E_LONG;
    if (rc == FOLDING_E_EMPTY || rc == FOLDING_E_LONG) /* nothing but marks: nothing is found */
        return OK;
    if (rc == OK) {
        searching->wish.match = match.data;
        rc = search_find(task->view, &task->tenant, &searching->wish, take_hit, searching);
    }
    return rc;
}

/* --- on the loop --- */

static void answer(struct task *task, struct call *call)
{
    struct searching *searching = (struct searching *)task;
    char next[32] = "";

    if (searching->too_many) {
        answer_problem(call, 400, "bad_parameter", "\"q\" may have %d words and phrases.",
                       QUERY_TERMS_MAX);
        return;
    }
    if (json_array_size(searching->items) == searching->wish.limit)
        (void)snprintf(next, sizeof(next), "%" PRIu64, searching->last_place);
    answer_json(call, 200,
                json_pack("{s:O, s:o}", "items", searching->items, "next",
                          json_text_or_null(slice_of(next))));
}

static void release(struct task *task)
{
    struct searching *searching = (struct searching *)task;

    (void)folder_free(searching->folder);
    json_decref(searching->items);
    free(searching);
}

static void forget_call(void *job)
{
    ((struct searching *)job)->call = NULL;
}

/* The index has what was said: now the question itself. */
static void on_indexed(struct index_waiter *waiter, int rc)
{
    struct searching *searching =
        (struct searching *)((char *)waiter - offsetof(struct searching, waiter));
    struct call *call = searching->call;

    if (call == NULL) {
        release(&searching->task);
        return;
    }
    call->release_job = NULL;
    call->tenant = call_tenant(call);
    if (rc == OK && call->tenant != NULL) {
        task_begin(call, &searching->task, WORK_QUICK, "search", false);
        return;
    }
    release(&searching->task);
    if (rc == OK)
        answer_not_found(call, "tenant");
    else
        answer_failed(call, rc);
}

void handle_transcripts_search(struct call *call)
{
    struct searching *searching = calloc(1, sizeof(*searching));

    if (searching == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    searching->task = (struct task){ .run = run, .answer = answer, .release = release };
    searching->bases = call->core->role->settings->presence_voikko;
    if (!read_wish(call, searching) || !call_keep(call, "search", NULL)) {
        release(&searching->task);
        return;
    }
    searching->call = call;
    call->job = searching;
    call->release_job = forget_call;
    searching->waiter.ready = on_indexed;
    index_catch_up(call->core, &call->tenant->about.name, &searching->waiter);
}
