/* SPDX-License-Identifier: Apache-2.0
 *
 * Transcripts: the record of each conversation, one document each, or all of them as lines or as a
 * page to read.
 * An export reads a page of conversations at a time and composes as fast as it is read.
 */
#include "server-bridge/core/api/chats/transcript_page.h"
#include "server-bridge/core/api/format.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/walk.h"

#include "presence/report/page.h"
#include "storage/transcripts/transcript.h"

#include <stdio.h>

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
    char title[256]; /* of the page, for those who read it */
    bool begun;
};

static int note_id(void *context, const struct stored_conversation *conversation)
{
    struct export *export = context;

    export->page[export->count++] = conversation->conversation;
    return 0;
}

static int add_line(struct export *export, struct conversation_id conversation, struct buf *to)
{
    int rc = transcript_write(export->core->store, &export->tenant, conversation, to);

    buf_add_text(to, rc == OK ? "\n" : "");
    return rc;
}

static int add_section(struct export *export, struct conversation_id conversation, struct buf *to)
{
    AUTO_BUF document;
    int rc;

    buf_init(&document, CALL_DOCUMENT_MAX_BYTES);
    rc = transcript_write(export->core->store, &export->tenant, conversation, &document);
    return rc == OK ? transcript_page_add(to, buf_slice(&document)) : rc;
}

/* Appends the next transcript; true in *none when there is no more. */
static int add_next(struct export *export, struct buf *to, bool *none)
{
    struct conversation_id conversation;
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
    conversation = export->page[export->next++];
    rc = export->title[0] == '\0' ? add_line(export, conversation, to)
                                  : add_section(export, conversation, to);
    return rc == STORE_E_NONE ? OK : rc; /* erased between two pages */
}

static int refill_export(void *context, struct buf *to, bool *last)
{
    struct export *export = context;
    size_t before = to->len;
    int rc = OK;

    while (rc == OK && !*last && to->len - before < CALL_PART_BYTES)
        rc = add_next(export, to, last);
    return rc;
}

static int refill_page(void *context, struct buf *to, bool *last)
{
    struct export *export = context;
    int rc;

    if (!export->begun)
        page_begin(to, "Transcripts of ", export->title);
    export->begun = true;
    rc = refill_export(context, to, last);
    if (rc == OK && *last)
        page_end(to);
    return rc;
}

void handle_transcripts_export(struct call *call)
{
    struct slice format = query_get(&call->query, "format");
    bool page = slice_is(format, "html");
    struct export *export;

    if (export_begin(call))
        return;
    if (format.data != NULL && !page && !slice_is(format, "jsonl")) {
        answer_problem(call, 400, "bad_parameter",
                       "\"format\" must be jsonl, html, csv, coded, convokit, qdpx or qdc.");
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
    if (page)
        (void)snprintf(export->title, sizeof(export->title), "%s", call->tenant->about.title);
    if (page)
        answer_stream_with(call, format_type(FORMAT_HTML), format_headers(FORMAT_HTML), refill_page,
                           export, free);
    else
        answer_stream(call, "application/jsonl", refill_export, export, free);
}
