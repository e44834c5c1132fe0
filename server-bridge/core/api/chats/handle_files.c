/* SPDX-License-Identifier: Apache-2.0
 *
 * What visitors sent, for those who may read what they said: which files there are, and the bytes
 * of one. Those go out as a download and as nothing else, whatever they are.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include "storage/files.h"

#include <stdio.h>

/* --- which there are --- */

struct listing {
    json_t *items;
    uint64_t last_ms;
    struct file_id last;
};

static json_t *file_view(const struct listed_file *listed)
{
    const struct chat_file *file = &listed->file;
    char sha256[DIGEST_HEX_BYTES];

    digest_hex(&file->sha256, sha256);
    return json_pack("{s:o, s:o, s:s, s:I, s:I, s:I, s:s, s:o, s:o, s:o, s:I}", "id",
                     json_id(file->id.id), "name", json_text_or_null(listed->name), "type",
                     filetype_mime(file->type), "bytes", (json_int_t)file->bytes, "width",
                     (json_int_t)file->width, "height", (json_int_t)file->height, "sha256", sha256,
                     "at", json_time_or_null(listed->at_ms), "visitor", json_id(listed->visitor.id),
                     "conversation", json_id(listed->conversation.id), "seq",
                     (json_int_t)listed->seq);
}

static int list_one(void *context, const struct listed_file *listed)
{
    struct listing *listing = context;

    listing->last_ms = listed->at_ms;
    listing->last = listed->file.id;
    return json_array_append_new(listing->items, file_view(listed)) == 0 ? OK
                                                                         : RAISE(ERR_NO_MEMORY);
}

/* False: it is no id, and the call is answered. */
static bool read_id(struct call *call, const char *name, enum files_of of, struct files_wish *wish)
{
    struct slice text = query_get(&call->query, name);

    if (text.data == NULL)
        return true;
    if (wish->of == FILES_OF_TENANT && id_parse(text, &wish->id) == 0) {
        wish->of = of;
        return true;
    }
    answer_problem(call, 400, "bad_parameter",
                   wish->of != FILES_OF_TENANT ? "\"conversation\" or \"visitor\", not both."
                                               : "\"%s\" is no id.",
                   name);
    return false;
}

void handle_files_list(struct call *call)
{
    struct files_wish wish = { .of = FILES_OF_TENANT };
    struct listing listing = { .last_ms = 0 };
    char next[PAGE_CURSOR_BYTES] = "";
    struct slice cursor;
    int rc;

    if (!page_read(call, &wish.limit, &cursor) ||
        !page_moment(call, cursor, &wish.before_ms, &wish.after.id) ||
        !read_id(call, "conversation", FILES_OF_CONVERSATION, &wish) ||
        !read_id(call, "visitor", FILES_OF_VISITOR, &wish))
        return;
    listing.items = json_array();
    rc = files_list(call->core->store, &call->tenant->about.name, &wish, list_one, &listing);
    if (rc != OK) {
        json_decref(listing.items);
        answer_failed(call, rc);
        return;
    }
    if (json_array_size(listing.items) == wish.limit)
        page_cursor(listing.last_ms, listing.last.id, next);
    answer_page(call, listing.items, next);
}

/* --- the bytes of one --- */

struct reading {
    struct core *core;
    struct tenant_name tenant;
    struct file_id file;
    uint64_t at, bytes;
    char part[CALL_PART_BYTES];
};

static int refill(void *context, struct buf *to, bool *last)
{
    struct reading *reading = context;
    uint64_t left = reading->bytes - reading->at;
    size_t max = left < sizeof(reading->part) ? (size_t)left : sizeof(reading->part), got;
    int rc = files_read(reading->core->tenants_folder, &reading->tenant, reading->file, reading->at,
                        reading->part, max, &got);

    if (rc == OK && got < max)
        rc = RAISE(ERR_IO); /* shorter than its row says */
    if (rc != OK)
        return rc;
    buf_add(to, reading->part, got);
    reading->at += got;
    *last = reading->at == reading->bytes;
    return OK;
}

/* False: it is no byte of the file, and the call is answered. */
static bool read_from(struct call *call, uint64_t bytes, uint64_t *ret_from)
{
    struct slice text = query_get(&call->query, "from");
    char digits[20], *end = digits;

    *ret_from = 0;
    if (text.data == NULL)
        return true;
    if (slice_copy(text, digits, sizeof(digits)) && digits[0] >= '0' && digits[0] <= '9')
        *ret_from = strtoull(digits, &end, 10);
    if (end > digits && *end == '\0' && *ret_from < bytes)
        return true;
    answer_problem(call, 400, "bad_parameter", "\"from\" must be a byte of it: 0 to %llu.",
                   (unsigned long long)bytes - 1);
    return false;
}

static void send(struct call *call, const struct stored_file *found, uint64_t from)
{
    struct reading *reading = malloc(sizeof(*reading));
    AUTO_BUF name, headers;

    buf_init(&name, 1024);
    buf_init(&headers, 1024);
    if (reading == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    reading->core = call->core;
    reading->tenant = call->tenant->about.name;
    reading->file = found->file.id;
    reading->at = from;
    reading->bytes = found->file.bytes;
    filetype_plain_name(slice_of(found->name), found->file.type, &name);
    buf_addf(&headers,
             "Content-Disposition: attachment; filename=\"%.*s\"\r\n"
             "Content-Security-Policy: sandbox; default-src 'none'\r\n",
             SLICE_ARG(buf_slice(&name)));
    answer_stream_with(call, filetype_mime(found->file.type), headers.data, refill, reading, free);
}

void handle_file_fetch(struct call *call)
{
    struct stored_file found;
    uint64_t from;
    int rc = files_find(call->core->store, &call->tenant->about.name,
                        (struct file_id){ call->values.id }, &found);

    if (rc == STORE_E_NONE) {
        answer_not_found(call, "file");
    } else if (rc != OK) {
        answer_failed(call, rc);
    } else {
        if (read_from(call, found.file.bytes, &from))
            send(call, &found, from);
        free(found.name);
    }
}
