/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/clock.h"
#include "base/log_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = 1024, CONTEXT_DEPTH = 8 };

static const char *const level_names[] = { "debug", "info", "warning", "error" };
static enum log_level least_level = LOG_INFO;
static char role_name[48] = "-";
static bool as_json;
/* sd-daemon(3): syslog's priority before a line, where stderr is the journal. */
static const char *const priorities[] = { "<7>", "<6>", "<4>", "<3>" };

void log_context_init(struct log_context *context, const struct log_context *parent,
                      const char *key, const char *value)
{
    context->parent = parent;
    context->key = key;
    (void)snprintf(context->value, sizeof(context->value), "%s", value);
}

void log_set_role(const char *role)
{
    (void)snprintf(role_name, sizeof(role_name), "%s", role);
}

void log_set_level(enum log_level level)
{
    least_level = level;
}

void log_set_json(bool json)
{
    as_json = json;
}

int log_level_parse(const char *name, enum log_level *ret_level)
{
    for (unsigned i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return 1;
}

/* Appends at *used, never past the end of the line (one byte stays free for '\n'). */
static void append(char *line, size_t *used, const char *format, va_list args)
{
    size_t room = LINE_BYTES - 1 - *used;
    int wrote = vsnprintf(line + *used, room, format, args);

    if (wrote > 0)
        *used += (size_t)wrote < room ? (size_t)wrote : room - 1;
}

__attribute__((format(printf, 3, 4))) static void add(char *line, size_t *used, const char *format,
                                                      ...)
{
    va_list args;

    va_start(args, format);
    append(line, used, format, args);
    va_end(args);
}

static void add_context(char *line, size_t *used, const struct log_context *context)
{
    const struct log_context *chain[CONTEXT_DEPTH];
    int depth = 0;

    for (; context != NULL && depth < CONTEXT_DEPTH; context = context->parent)
        chain[depth++] = context;
    while (depth-- > 0)
        add(line, used, " %s=%s", chain[depth]->key, chain[depth]->value);
}

/* A terminal obeys the C1 controls as it does ESC, and so would a line of a log it shows. */
static void disarm(char *line, size_t used)
{
    for (size_t i = 0; i < used; i++) {
        unsigned char c = (unsigned char)line[i];
        unsigned char next = i + 1 < used ? (unsigned char)line[i + 1] : 0;

        if (c < 0x20 || c == 0x7f)
            line[i] = '?';
        else if (c == 0xc2 && next >= 0x80 && next <= 0x9f)
            line[i] = line[i + 1] = '?';
    }
}

/* Whoever was started from a service has the variable, too: only where it names our stderr. */
static bool is_for_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char name[48]; /* device:inode */
    struct stat ours;

    if (stream == NULL || fstat(STDERR_FILENO, &ours) != 0)
        return false;
    (void)snprintf(name, sizeof(name), "%llu:%llu", (unsigned long long)ours.st_dev,
                   (unsigned long long)ours.st_ino);
    return strcmp(stream, name) == 0;
}

static void write_line(enum log_level level, const char *line, size_t used)
{
    char whole[2 * LINE_BYTES];
    size_t len = 0;

    if (is_for_journal()) {
        memcpy(whole, priorities[level], 3);
        len = 3;
    }
    if (as_json) {
        len += log_json(line, used, whole + len, sizeof(whole) - 1 - len);
    } else {
        memcpy(whole + len, line, used);
        len += used;
    }
    whole[len++] = '\n';
    if (write(STDERR_FILENO, whole, len) < 0) {
        /* Nowhere left to say so. */
    }
}

void log_event(enum log_level level, const struct log_context *context, const char *event,
               const char *format, ...)
{
    char line[LINE_BYTES];
    char now[CLOCK_TEXT_BYTES];
    size_t used = 0;
    int saved_errno = errno;
    va_list args;

    if (level < least_level)
        return;
    clock_format(clock_now_ms(), now);
    add(line, &used, "time=%s level=%s role=%s event=%s", now, level_names[level], role_name,
        event);
    add_context(line, &used, context);
    if (format != NULL && format[0] != '\0') {
        add(line, &used, " ");
        va_start(args, format);
        append(line, &used, format, args);
        va_end(args);
    }
    disarm(line, used);
    write_line(level, line, used);
    errno = saved_errno;
}
