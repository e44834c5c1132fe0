/* SPDX-License-Identifier: Apache-2.0
 *
 * settings — one table (settings.def), read from lasna.conf and conf.d/ beside it.
 *
 * Only the supervisor reads files. It checks a whole new set, swaps it in or keeps the old
 * one, and hands the roles the result as text over their channel.
 */
#ifndef SERVER_BRIDGE_SETTINGS_H
#define SERVER_BRIDGE_SETTINGS_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/result.h"

#include <stdint.h>

#define SETTINGS_C_TEXT         char *
#define SETTINGS_C_ADDRESS      char *
#define SETTINGS_C_NUMBER       uint64_t
#define SETTINGS_C_MILLISECONDS uint64_t
#define SETTINGS_C_FLAG         bool

/* [web] http becomes web_http. Texts are owned and never NULL. */
struct settings {
#define SETTING(section, key, type, initial, reload, meaning) SETTINGS_C_##type section##_##key;
#include "server-bridge/settings.def"
#undef SETTING
};

/* Reads `path`, then every *.conf in the folder conf.d beside it in the order of their names.
 * Unknown sections and keys, bad values and doubled keys are refused; `problems` then tells
 * file, line and remedy, a line each. ERR_CONFIG, ERR_NO_MEMORY. */
int settings_read(struct settings **ret_settings, const char *path,
                  struct buf *problems) MUST_CHECK;
/* The same from text in memory, as settings_write makes it. */
int settings_parse(struct settings **ret_settings, struct slice text,
                   struct buf *problems) MUST_CHECK;
/* All settings as lasna.conf would say them, defaults too. */
void settings_write(const struct settings *settings, struct buf *to);
/* The table for people: each setting with its default and meaning. */
void settings_list(struct buf *to);
/* The same as a manual page, lasna.conf(5). */
void settings_man(struct buf *to);
/* Each of the table with its value of now, in order. `fn` ends it with anything but OK, which is
 * returned. */
struct settings_entry {
    const char *section, *key, *initial, *meaning;
    const char *value; /* as lasna.conf would say it; until fn returns */
    bool live;         /* a reload is enough */
};
typedef int settings_entry_fn(void *context, const struct settings_entry *entry);
int settings_each(const struct settings *settings, settings_entry_fn *fn, void *context) MUST_CHECK;
/* What this process logs, and how, from now on. */
void settings_apply_log(const struct settings *settings);
/* Names settings that differ and need a restart, a line each; nothing when none does. */
void settings_restart_needed(const struct settings *old, const struct settings *new,
                             struct buf *to);

struct settings *settings_free(struct settings *settings);
DEFINE_AUTO(settings)

/* `name` under home, unless it is absolute. malloc'ed; NULL when memory is out. */
char *settings_path(const struct settings *settings, const char *name);

#endif
