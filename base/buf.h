/* SPDX-License-Identifier: Apache-2.0
 *
 * buf — a growing run of bytes with a ceiling. Nothing in this program grows without one.
 *
 * A failed append (ceiling or memory) marks the buffer: later appends do nothing and
 * buf_failed() tells, so that a long series of appends needs one check at its end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

struct buf {
    char *data;   /* owned; terminated once anything was appended */
    size_t len;   /* bytes, without the terminator */
    size_t cap;   /* bytes allocated */
    size_t limit; /* bytes it may ever hold */
    bool failed;
};

void buf_init(struct buf *buf, size_t limit_bytes);
void buf_release(struct buf *buf);
/* Forgets the content and the failure, keeps the memory. */
void buf_clear(struct buf *buf);

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_slice(struct buf *buf, struct slice text);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes, fit to stand in a script too. The text must be valid UTF-8. */
void buf_add_json(struct buf *buf, struct slice text);
/* Escapes & < > " ' for XML and HTML text and attributes. */
void buf_add_xml(struct buf *buf, struct slice text);

bool buf_failed(const struct buf *buf);
struct slice buf_slice(const struct buf *buf);

static inline void buf_auto_release(struct buf *buf)
{
    buf_release(buf);
}
#define AUTO_BUF __attribute__((cleanup(buf_auto_release))) struct buf

#endif
