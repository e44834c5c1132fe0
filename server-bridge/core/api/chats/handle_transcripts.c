/* SPDX-License-Identifier: Apache-2.0
 *
 * Transcripts: the record of each conversation, one document each, or all of them as lines.
 * An export reads a page of conversations at a time and composes as fast as it is read.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/walk.h"

#include "storage/transcripts/transcript.h"

enum { EXPORT_PAGE = 16 };

void handle_transcripts_list(struct call *call)
{
    struct walk walk;

    if (walk_read(call, &walk))
        walk_answer(call, &walk);
}

struct document {
    struct core *core;
    struct tenant_name tenant;
    struct conversation_id conversation;
};

static int refill_document(void *context, struct buf *to, bool *last)
{
    const struct document *document = context;

    *last = true;
    return transcript_write(document->core->store, &document->tenant, document->conversation, to);
}

void handle_transcript_show(struct call *call)
{
    struct document *document = malloc(sizeof(*document));

    if (document == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    *document = (struct document){ call->core, call->tenant->about.name, { call->values.id } };
    answer_stream(call, "application/json", refill_document, document, free);
}

struct export
{
    struct core *core;
    struct tenant_name tenant;
    struct walk walk;
    struct conversation_id page[EXPORT_PAGE];
    size_t count, next;
};

static int note_id(void *context, const struct stored_conversation *conversation)
{
    struct export *export = context;

    export->page[export->count++] = conversation->conversation;
    return 0;
}

/* Appends the next transcript's line; true in *none when there is no more. */
static int add_line(struct export *export, struct buf *to, bool *none)
{
    int rc;

    if (export->next == export->count) {
        export->next = export->count = 0;
        rc = walk_page(&export->walk, export->core->store, &export->tenant, note_id, export);
        if (rc != OK)
            return rc;
    }
    *none = export->next == export->count && export->walk.done;
    if (export->next == export->count)
        return OK;
    rc = transcript_write(export->core->store, &export->tenant, export->page[export->next++], to);
    buf_add_text(to, rc == OK ? "\n" : "");
    return rc == STORE_E_NONE ? OK : rc; /* erased between two pages */
}

static int refill_export(void *context, struct buf *to, bool *last)
{
    struct export *export = context;
    size_t before = to->len;
    int rc = OK;

    while (rc == OK && !*last && to->len - before < CALL_PART_BYTES)
        rc = add_line(export, to, last);
    return rc;
}

void handle_transcripts_export(struct call *call)
{
    struct slice format = query_get(&call->query, "format");
    struct export *export;

    if (export_begin(call))
        return;
    if (format.data != NULL && !slice_is(format, "jsonl")) {
        answer_problem(call, 400, "bad_parameter",
                       "\"format\" must be jsonl, csv, convokit, qdpx or qdc.");
        return;
    }
    export = calloc(1, sizeof(*export));
    if (export == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    if (!walk_read(call, &export->walk)) {
        free(export);
        return;
    }
    export->core = call->core;
    export->tenant = call->tenant->about.name;
    export->walk.limit = EXPORT_PAGE;
    answer_stream(call, "application/jsonl", refill_export, export, free);
}
