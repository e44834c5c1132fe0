/* SPDX-License-Identifier: Apache-2.0
 *
 * check widget URL — is a site's page ready for the chat? The page is fetched as a browser would
 * get it, and each thing that must be right is told in one line, with what to do where it is not.
 */
#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/outward/outward.h"
#include "server-bridge/core/outward/page.h"

#include "base/format/text.h"

#include <inttypes.h>
#include <stdio.h>

enum { SNIPPETS_MAX = 4, ORIGIN_BYTES = 512, POLICIES_MAX = 16 };
enum verdict { FINE, WARNING, PROBLEM };

struct looking {
    struct core *core;
    struct call *call;         /* NULL: gone */
    char origin[ORIGIN_BYTES]; /* of the page */
    const char *tenant;        /* once it is known */
    json_t *findings;
    int problems;
};

static void find(struct looking *looking, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Pieces of a stranger's page stand in these lines: they are made one line, and short. */
static void find(struct looking *looking, enum verdict verdict, const char *format, ...)
{
    static const char *const names[] = { "fine", "warning", "problem" };
    AUTO_BUF line;
    char text[1024];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    buf_init(&line, 4096);
    text_one_line(slice_of(text), 400, &line);
    looking->problems += verdict == PROBLEM;
    (void)json_array_append_new(looking->findings,
                                json_pack("{s:s, s:s, s:s?, s:s%}", "area", "widget", "verdict",
                                          names[verdict], "tenant", looking->tenant, "text",
                                          line.data, line.len));
}

/* --- what must be right --- */

static bool look_at_answer(struct looking *looking, const struct ipc_fetch_answer *answer)
{
    struct slice type = page_header(answer->headers, "content-type", 0);
    struct slice location = page_header(answer->headers, "location", 0);

    if (answer->outcome != FETCH_DONE) {
        find(looking, PROBLEM, "The page could not be read: %s.",
             fetch_outcome_text((enum fetch_outcome)answer->outcome));
        return false;
    }
    if (answer->status >= 300 && answer->status < 400) {
        find(looking, PROBLEM, "The page moved to %.*s: check that one.", SLICE_ARG(location));
        return false;
    }
    if (answer->status != 200 || !slice_starts_with(type, "text/html")) {
        find(looking, PROBLEM, "This is no page: it answered %" PRIu64 ", of the type %.*s.",
             answer->status, SLICE_ARG(type));
        return false;
    }
    find(looking, FINE, "The page came over https, in %" PRIu64 " ms.", answer->took_ms);
    if (!answer->whole)
        find(looking, WARNING, "The page is long: only its first 256 KiB were looked at.");
    return true;
}

/* Whether it is one of our own public origins. */
static bool is_ours(const struct looking *looking, struct slice origin)
{
    const char *at = looking->core->role->settings->web_origins;
    char wanted[ORIGIN_BYTES], own[ORIGIN_BYTES];

    if (origin_normalise(origin, wanted, sizeof(wanted)) != 0)
        return false;
    while (*at != '\0') {
        size_t len = strcspn(at, " ");

        if (origin_normalise((struct slice){ at, len }, own, sizeof(own)) == 0 &&
            strcmp(own, wanted) == 0)
            return true;
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    return false;
}

static void look_at_snippet(struct looking *looking, const struct page_snippet *snippet)
{
    find(looking, FINE, "The snippet is there, for the tenant %.*s.", SLICE_ARG(snippet->tenant));
    if (snippet->origin.len == 0)
        find(looking, PROBLEM, "The snippet's src names no host: write the whole of it, https://…");
    else if (!is_ours(looking, snippet->origin))
        find(looking, PROBLEM,
             "The snippet loads from %.*s, which is not in [web] origins: not this service.",
             SLICE_ARG(snippet->origin));
    else if (!slice_starts_with(snippet->origin, "https://"))
        find(looking, PROBLEM,
             "The snippet loads over http, which browsers refuse on a page of https: %.*s.",
             SLICE_ARG(snippet->origin));
    if (!snippet->is_async)
        find(looking, WARNING, "The snippet is not async: the page waits for it.");
    if (snippet->has_integrity)
        find(looking, PROBLEM,
             "The snippet has an integrity hash: the script holds the tenant's "
             "settings and changes with them, so take it away.");
}

static void look_at_tenant(struct looking *looking, struct slice name)
{
    const struct live_tenant *tenant = tenants_called(looking->core, name);

    if (tenant == NULL) {
        find(looking, PROBLEM, "There is no tenant %.*s here.", SLICE_ARG(name));
        return;
    }
    looking->tenant = tenant->about.name.text;
    if (tenant->about.state != TENANT_LIVE || tenant->chat == NULL)
        find(looking, PROBLEM,
             "The tenant is not served now: lasnactl tenant enable, check store.");
    for (size_t i = 0; i < tenant->about.site_count; i++) {
        const struct site *site = &tenant->about.sites[i];

        if (!origin_list_has(site->origins, slice_of(looking->origin)))
            continue;
        find(looking, FINE, "%s is an origin of its site %s.", looking->origin, site->key);
        return;
    }
    find(looking, PROBLEM, "%s is no origin of this tenant, so its pages are refused.",
         looking->origin);
}

struct policies {
    struct slice all[POLICIES_MAX];
    size_t count;
};

/* Every policy must allow it; a header may hold several, with commas between. */
static void gather_policies(const struct ipc_fetch_answer *answer, struct policies *policies)
{
    struct slice policy;

    policies->count = 0;
    for (size_t i = 0; policies->count < POLICIES_MAX; i++) {
        policy = page_header(answer->headers, "content-security-policy", i);
        if (policy.len == 0)
            break;
        while (policy.len > 0 && policies->count < POLICIES_MAX) {
            const char *comma = memchr(policy.data, ',', policy.len);
            size_t len = comma == NULL ? policy.len : (size_t)(comma - policy.data);

            policies->all[policies->count++] = (struct slice){ policy.data, len };
            len += comma != NULL;
            policy = (struct slice){ policy.data + len, policy.len - len };
        }
    }
    for (size_t i = 0; policies->count < POLICIES_MAX; i++) {
        policy = page_meta_policy(answer->body, i);
        if (policy.len == 0)
            break;
        policies->all[policies->count++] = policy;
    }
}

static void look_at_policies(struct looking *looking, const struct ipc_fetch_answer *answer,
                             const struct page_snippet *snippet)
{
    static const char *const lacks[] = { "script-src", "frame-src" };
    char origin[ORIGIN_BYTES];
    struct slice directive, allowed;
    struct policies policies;
    int before = looking->problems;
    bool same;

    if (origin_normalise(snippet->origin, origin, sizeof(origin)) != 0)
        return;
    same = strcmp(origin, looking->origin) == 0;
    gather_policies(answer, &policies);
    for (size_t i = 0; i < policies.count; i++) {
        for (int need = PAGE_NEEDS_SCRIPT; need <= PAGE_NEEDS_FRAME; need++) {
            if (!page_policy_allows(policies.all[i], (enum page_need)need, origin, same,
                                    snippet->nonce, &directive, &allowed))
                find(looking, PROBLEM,
                     "Content-Security-Policy: add %s to %s (its %.*s allows: %.*s).", origin,
                     lacks[need], SLICE_ARG(directive), SLICE_ARG(allowed));
        }
    }
    if (policies.count == 0)
        find(looking, FINE, "The page has no Content-Security-Policy that could stand in the way.");
    else if (looking->problems == before)
        find(looking, FINE, "Its Content-Security-Policy lets our script and our frame in.");
}

static void look_at_isolation(struct looking *looking, const struct ipc_fetch_answer *answer)
{
    struct slice embedder = page_header(answer->headers, "cross-origin-embedder-policy", 0);

    if (slice_starts_with(embedder, "require-corp"))
        find(looking, PROBLEM,
             "Cross-Origin-Embedder-Policy: require-corp keeps our frame out; the "
             "page cannot have both.");
}

static void look(struct looking *looking, const struct ipc_fetch_answer *answer)
{
    struct page_snippet snippets[SNIPPETS_MAX];
    size_t count;

    if (!look_at_answer(looking, answer))
        return;
    count = page_snippets(answer->body, snippets, SNIPPETS_MAX);
    if (count == 0) {
        find(looking, PROBLEM,
             "There is no snippet in the page as it is sent: paste the line that "
             "`lasnactl tenant show` prints. (What a tag manager adds later is not "
             "seen from here.)");
        return;
    }
    if (count > 1)
        find(looking, WARNING, "The snippet is there %zu times; only the first counts.", count);
    look_at_snippet(looking, &snippets[0]);
    look_at_tenant(looking, snippets[0].tenant);
    look_at_policies(looking, answer, &snippets[0]);
    look_at_isolation(looking, answer);
}

/* --- the call --- */

static void forget_call(void *job)
{
    ((struct looking *)job)->call = NULL;
}

static void on_answer(void *context, const struct ipc_fetch_answer *answer)
{
    struct looking *looking = context;
    struct call *call = looking->call;

    if (call != NULL) {
        call->release_job = NULL;
        look(looking, answer);
        answer_json(call, 200,
                    json_pack("{s:b, s:i, s:O}", "ok", looking->problems == 0, "problems",
                              looking->problems, "findings", looking->findings));
    }
    json_decref(looking->findings);
    free(looking);
}

/* "https://acme.example/pricing" → "https://acme.example" */
static bool read_origin(struct slice url, char origin[ORIGIN_BYTES])
{
    size_t len = strlen("https://");

    if (!hook_url_is_fine(url))
        return false;
    while (len < url.len && url.data[len] != '/')
        len++;
    return origin_normalise((struct slice){ url.data, len }, origin, ORIGIN_BYTES) == 0;
}

void check_widget(struct call *call, struct slice url)
{
    struct looking *looking = calloc(1, sizeof(*looking));

    if (looking != NULL)
        looking->findings = json_array();
    if (looking == NULL || looking->findings == NULL) {
        free(looking);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    if (!read_origin(url, looking->origin)) {
        json_decref(looking->findings);
        free(looking);
        answer_problem(call, 400, "bad_parameter",
                       "\"url\" must be a page's whole address: https://acme.example/pricing.");
        return;
    }
    (void)call_keep(call, "check", NULL);
    looking->core = call->core;
    looking->call = call;
    call->job = looking;
    call->release_job = forget_call;
    ask_outside(call->core,
                &(struct ipc_fetch_request){ .url = url,
                                             .headers = SLICE_LITERAL("Accept: text/html\n"),
                                             .answer_max = IPC_BODY_MAX,
                                             .cut = true },
                on_answer, looking);
}
