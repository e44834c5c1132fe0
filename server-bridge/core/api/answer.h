/* SPDX-License-Identifier: Apache-2.0
 *
 * answer — what goes back: JSON, problem details (RFC 9457), or a stream in parts.
 *
 * Each of these ends the call. Codes are stable and documented; texts are for people.
 */
#ifndef SERVER_BRIDGE_CORE_API_ANSWER_H
#define SERVER_BRIDGE_CORE_API_ANSWER_H

#include "server-bridge/core/api/call.h"

/* Takes `document` over; NULL counts as out of memory. */
void answer_json(struct call *call, unsigned status, json_t *document);
/* A document in JSON that was made before, and its tag: what etag_of() says of it. Copied. */
void answer_made(struct call *call, struct slice text, const char *etag);
/* Takes the text over, too. `headers`: lines with their ends, or "". */
void answer_text(struct call *call, const char *content_type, const char *headers,
                 struct buf *text);
void answer_nothing(struct call *call); /* 204 */
/* A header more, with whatever the call is answered: "Name: value\r\n". */
void answer_header(struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* `code` is a literal in snake_case. */
void answer_problem(struct call *call, unsigned status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* 404: unknown and foreign alike. `what` is "tenant", "conversation" … */
void answer_not_found(struct call *call, const char *what);
/* 405, with what would be allowed. */
void answer_not_allowed(struct call *call, const char *allowed);
void answer_not_authenticated(struct call *call); /* 401 */
/* Not now, with the time to wait in Retry-After and in the text: 429, or 503 where it is us. */
void answer_later(struct call *call, unsigned status, const char *code, uint64_t wait_ms,
                  const char *why);
/* What a core function returned: 503 for a tenant whose database is away, else 500, logged. */
void answer_failed(struct call *call, int rc);
void answer_tenant_unavailable(struct call *call);
void answer_renaming(struct call *call); /* 503: its tenant is closed for that moment */

/* A long answer: `refill` composes it bit by bit, as fast as it is read. The context is the
 * stream's from here on, whatever happens. */
void answer_stream(struct call *call, const char *content_type, stream_fn *refill, void *context,
                   void (*release)(void *context));
/* The same with more headers: lines with their ends. */
void answer_stream_with(struct call *call, const char *content_type, const char *headers,
                        stream_fn *refill, void *context, void (*release)(void *context));
/* Whoever reads is ready for the next part. */
void answer_stream_next(struct call *call);

/* Members that may be missing: an empty slice or 0 is null. */
json_t *json_text_or_null(struct slice text);
json_t *json_time_or_null(uint64_t wall_ms);
json_t *json_id(struct id id); /* none is null */
/* Words separated by spaces, as a list. */
json_t *json_words(const char *words);

#endif
