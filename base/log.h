/* SPDX-License-Identifier: Apache-2.0
 *
 * log — lines that explain themselves, in logfmt:
 *
 *     time=… level=info role=core event=conversation.moved tenant=acme from=queued to=active
 *
 * An object carries its context (its link points to its owner's), so a call site adds only
 * the news. Event names are stable and dotted: people grep and chart them. Bodies of
 * messages, secrets and whole visitor addresses are never logged, at any level.
 *
 * Lines go to stderr in one write() each, so that roles sharing a file do not mix them; as JSON
 * objects with the same keys where that is asked for. The journal is told each line's priority.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_context {
    const struct log_context *parent; /* borrowed; NULL at the top */
    const char *key;                  /* borrowed */
    char value[64];
};

void log_context_init(struct log_context *context, const struct log_context *parent,
                      const char *key, const char *value);

/* Process-wide, set once at start: the name of this role and the least level written. */
void log_set_role(const char *role);
void log_set_level(enum log_level level);
void log_set_json(bool json);
/* Returns 0, or 1 when the name is none of debug, info, warning, error. */
int log_level_parse(const char *name, enum log_level *ret_level);

/* context may be NULL. The format holds `key=value` pairs; control characters in the
 * result are replaced, so that nobody can forge a line. Keeps errno. */
void log_event(enum log_level level, const struct log_context *context, const char *event,
               const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
