/* SPDX-License-Identifier: Apache-2.0
 *
 * route — everything that can be asked of the REST API, in one table: method, path, the least
 * authority that may ask, what asking costs, the handler, what it takes, and a sentence for people.
 * The dispatcher, the OpenAPI document, `lasnactl routes` and the isolation tests all read it.
 *
 * Adding a route: write its handler, add a row, and say in answers/ what it answers. A row without
 * a rule or a cost, or whose handler has no answer there, does not compile.
 */
#ifndef SERVER_BRIDGE_CORE_API_ROUTE_H
#define SERVER_BRIDGE_CORE_API_ROUTE_H

#include "base/buf.h"
#include "base/format/json.h"
#include "server-bridge/core/api/path.h"

#define API_PREFIX "/api/v1"

enum { IMPORT_ITEMS_MAX = 2000 /* transcripts in one request */ };

struct answer;
struct call;

/* Who may ask; each may all that those before it may. Up to TENANT_ADMIN one is bound to a
 * tenant and sees nothing outside it. Zero is none of them. */
enum authority {
    AUTHORITY_ANYONE = 1,
    AUTHORITY_CODER, /* sees the chats dealt to them, and nobody's codes */
    AUTHORITY_ANALYST,
    AUTHORITY_SUPERVISOR,
    AUTHORITY_TENANT_ADMIN,
    AUTHORITY_ADMIN,
    AUTHORITY_OPERATOR, /* whoever may open the control socket */
};
const char *authority_name(enum authority authority);

/* What asking costs, spent from the caller's budget and the tenant's (budget.h). */
enum cost {
    COST_LOOK = 1,    /* one thing that is at hand */
    COST_LIST = 2,    /* some of a list */
    COST_CHANGE = 5,  /* a commit */
    COST_SEARCH = 10, /* a walk, a hash of a password, a question to somebody else */
    COST_COMPUTE = 30 /* all of a tenant's conversations, perhaps */
};

enum field_kind {
    FIELD_TEXT,
    FIELD_TEXTS,
    FIELD_NUMBER,
    FIELD_FLAG,
    FIELD_OBJECTS,
    FIELD_MAP,
};

/* A member of a request's body. A table of them ends with a row without a name. */
struct field {
    const char *name;
    enum field_kind kind;
    bool required;
    unsigned max; /* code points of a text, of each of the texts, of those of a map; a number's
                     value; how many objects, whose members the handler checks */
    const char *meaning;
};

typedef void handler_fn(struct call *call);

struct route {
    const char *method;
    const char *path;
    enum authority least;
    enum cost cost;
    handler_fn *handle;
    const char *name;           /* the handler's; OpenAPI's operationId */
    const char *query;          /* parameters it takes, separated by a space */
    const struct field *fields; /* of its body; NULL: it takes none */
    const char *summary;
    const struct answer *answer; /* answers/answers.h */
};

size_t route_count(void);
const struct route *route_at(size_t i);

/* NULL: nothing of that method there. `ret_allowed` then lists the methods there are ("GET,
 * POST"), and stays empty when there is no such place at all. `path` is without API_PREFIX. */
enum { ROUTE_METHODS_BYTES = 64 };
const struct route *route_find(struct slice method, struct slice path,
                               struct path_values *ret_values,
                               char ret_allowed[ROUTE_METHODS_BYTES]);

/* Whether the body holds what the fields say and nothing else; tells what is wrong in
 * `problem`, for people. Types are strict: "3" is no number. */
bool fields_hold(const struct field *fields, const json_t *body, struct buf *problem);

#endif
