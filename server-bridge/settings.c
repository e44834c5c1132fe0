/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/settings.h"

#include "base/format/address.h"
#include "base/format/mail.h"
#include "base/format/upload_url.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LINE_MAX_BYTES = 8192, FILE_MAX_BYTES = 65536, FILES_MAX = 64 };
enum setting_type { TYPE_TEXT, TYPE_ADDRESS, TYPE_NUMBER, TYPE_MILLISECONDS, TYPE_FLAG };
enum setting_reload { RELOAD_LIVE, RELOAD_RESTART };

struct setting {
    const char *section, *key;
    enum setting_type type;
    const char *initial;
    enum setting_reload reload;
    const char *meaning;
    size_t offset;
};

static const struct setting table[] = {
#define SETTING(section, key, type, initial, reload, meaning) \
    { #section,                                               \
      #key,                                                   \
      TYPE_##type,                                            \
      initial,                                                \
      RELOAD_##reload,                                        \
      meaning,                                                \
      offsetof(struct settings, section##_##key) },
#include "server-bridge/settings.def"
#undef SETTING
};
enum { SETTING_COUNT = sizeof(table) / sizeof(table[0]) };

static char **text_of(const struct settings *settings, const struct setting *setting)
{
    return (char **)((char *)(uintptr_t)settings + setting->offset);
}

static uint64_t *number_of(const struct settings *settings, const struct setting *setting)
{
    return (uint64_t *)((char *)(uintptr_t)settings + setting->offset);
}

static bool *flag_of(const struct settings *settings, const struct setting *setting)
{
    return (bool *)((char *)(uintptr_t)settings + setting->offset);
}

static bool is_text(const struct setting *setting)
{
    return setting->type == TYPE_TEXT || setting->type == TYPE_ADDRESS;
}

static const char *assign_text(char **to, const char *value)
{
    char *copy = strdup(value);

    if (copy == NULL)
        return "less memory";
    free(*to);
    *to = copy;
    return NULL;
}

/* NULL when the value was taken, else what it should have been. */
static const char *assign(struct settings *settings, const struct setting *setting,
                          const char *value)
{
    struct sockaddr_storage address;
    char *end;
    unsigned long long number;

    switch (setting->type) {
    case TYPE_ADDRESS:
        if (value[0] != '\0' && address_listen_parse(slice_of(value), &address) != 0)
            return "a numeric address and a port, like 127.0.0.1:8080 or [::]:8080";
        return assign_text(text_of(settings, setting), value);
    case TYPE_TEXT:
        return assign_text(text_of(settings, setting), value);
    case TYPE_NUMBER:
    case TYPE_MILLISECONDS:
        errno = 0;
        number = strtoull(value, &end, 10);
        if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0)
            return "a whole number";
        *number_of(settings, setting) = number;
        return NULL;
    case TYPE_FLAG:
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
            return "yes or no";
        *flag_of(settings, setting) = value[0] == 'y';
        return NULL;
    }
    return "something else";
}

static struct settings *with_defaults(void)
{
    struct settings *settings = calloc(1, sizeof(*settings));

    for (size_t i = 0; settings != NULL && i < SETTING_COUNT; i++) {
        if (assign(settings, &table[i], table[i].initial) != NULL)
            return settings_free(settings);
    }
    return settings;
}

struct settings *settings_free(struct settings *settings)
{
    for (size_t i = 0; settings != NULL && i < SETTING_COUNT; i++) {
        if (is_text(&table[i]))
            free(*text_of(settings, &table[i]));
    }
    free(settings);
    return NULL;
}

/* Levenshtein distance of two short words, for suggestions. */
static size_t distance(const char *a, const char *b)
{
    size_t row[64], b_len = strlen(b);

    if (b_len >= sizeof(row) / sizeof(row[0]))
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = diagonal + (a[i] == b[j - 1] ? 0 : 1);
            size_t gap = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = change < gap ? change : gap;
        }
    }
    return row[b_len];
}

/* The nearest setting by name; NULL when none is near. */
static const struct setting *suggestion(const char *section, const char *key)
{
    const struct setting *best = NULL;
    size_t best_distance = 4;

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        size_t d = distance(key, table[i].key) + (strcmp(section, table[i].section) == 0 ? 0 : 2);

        if (d < best_distance) {
            best_distance = d;
            best = &table[i];
        }
    }
    return best;
}

/* One file (or text) being read. */
struct reading {
    struct settings *settings;
    struct buf *problems;
    const char *name;
    struct slice rest; /* not yet read */
    unsigned line;
    bool failed;
    bool seen[SETTING_COUNT];
};

static void complain_unknown(struct reading *reading, const char *section, const char *key)
{
    const struct setting *near = suggestion(section, key);

    reading->failed = true;
    buf_addf(reading->problems, "%s:%u: there is no setting [%s] %s", reading->name, reading->line,
             section, key);
    if (near != NULL)
        buf_addf(reading->problems, "; did you mean [%s] %s?", near->section, near->key);
    buf_add_text(reading->problems,
                 near == NULL ? "; lasnad --list-settings shows them all\n" : "\n");
}

static int on_setting(void *context, const char *section, const char *key, const char *value)
{
    struct reading *reading = context;

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *wanted;

        if (strcmp(table[i].section, section) != 0 || strcmp(table[i].key, key) != 0)
            continue;
        if (reading->seen[i]) {
            reading->failed = true;
            buf_addf(reading->problems, "%s:%u: [%s] %s is set twice in this file; keep one\n",
                     reading->name, reading->line, section, key);
        }
        reading->seen[i] = true;
        wanted = assign(reading->settings, &table[i], value);
        if (wanted != NULL) {
            reading->failed = true;
            buf_addf(reading->problems, "%s:%u: [%s] %s should be %s, not \"%s\"\n", reading->name,
                     reading->line, section, key, wanted, value);
        }
        return 1;
    }
    complain_unknown(reading, section, key);
    return 1;
}

/* inih's line source; also where lines are counted. */
static char *next_line(char *to, int size, void *context)
{
    struct reading *reading = context;
    size_t len = 0;

    if (reading->rest.len == 0)
        return NULL;
    while (len < reading->rest.len && len + 1 < (size_t)size) {
        to[len] = reading->rest.data[len];
        if (to[len++] == '\n')
            break;
    }
    to[len] = '\0';
    reading->rest.data += len;
    reading->rest.len -= len;
    reading->line++;
    return to;
}

static int read_text(struct settings *settings, const char *name, struct slice text,
                     struct buf *problems)
{
    struct reading reading = {
        .settings = settings, .problems = problems, .name = name, .rest = text
    };
    int bad_line;

    if (memchr(text.data == NULL ? "" : text.data, '\0', text.len) != NULL) {
        buf_addf(problems, "%s: not a text file\n", name);
        return ERR_CONFIG;
    }
    ini_use_stack = false;
    ini_max_line = LINE_MAX_BYTES;
    ini_allow_multiline = false;
    bad_line = ini_parse_stream(next_line, &reading, on_setting, &reading);
    if (bad_line != 0) {
        buf_addf(problems, "%s:%d: neither a [section] nor key = value\n", name, bad_line);
        return ERR_CONFIG;
    }
    return reading.failed ? ERR_CONFIG : OK;
}

static bool is_one_of(const char *value, const char *const *choices)
{
    for (; *choices != NULL; choices++) {
        if (strcmp(value, *choices) == 0)
            return true;
    }
    return false;
}

static void check_mail(const struct settings *settings, struct buf *problems)
{
    static const char *const tls[] = { "required", "none", NULL };
    struct slice url = slice_of(settings->mail_url);

    if (!is_one_of(settings->mail_tls, tls))
        buf_add_text(problems, "[mail] tls should be required or none\n");
    if (url.len == 0)
        return;
    if (!slice_starts_with(url, "smtp://") && !slice_starts_with(url, "smtps://"))
        buf_add_text(problems, "[mail] url should be like smtp://mail.example:587\n");
    if (!mail_address_is_fine(slice_of(settings->mail_from)))
        buf_add_text(problems, "[mail] url needs from beside it, like chat@chat.example\n");
    if (settings->mail_user[0] != '\0' && settings->mail_password_file[0] == '\0')
        buf_add_text(problems, "[mail] user needs password_file beside it\n");
}

/* What no single value can tell. */
static int check_whole(const struct settings *settings, struct buf *problems)
{
    static const char *const limits[] = { "production", "load", NULL };
    static const char *const provision[] = { "prosody", "ejabberd", "manual", NULL };
    static const char *const formats[] = { "logfmt", "json", NULL };
    static const char *const levels[] = { "debug", "info", "warning", "error", NULL };
    size_t before = problems->len;
    struct address_ranges ranges;

    check_mail(settings, problems);
    if (address_ranges_parse(slice_of(settings->fetch_allow), &ranges) != 0)
        buf_addf(problems, "[fetch] allow should be at most %d ranges like 127.0.0.1/32\n",
                 ADDRESS_RANGES_MAX);
    if (address_ranges_parse(slice_of(settings->web_proxies), &ranges) != 0)
        buf_addf(problems, "[web] proxies should be at most %d ranges like 127.0.0.1/32\n",
                 ADDRESS_RANGES_MAX);
    if (!is_one_of(settings->web_limits, limits))
        buf_add_text(problems, "[web] limits should be production or load\n");
    if (!is_one_of(settings->xmpp_provision, provision))
        buf_add_text(problems, "[xmpp] provision should be prosody, ejabberd or manual\n");
    if (!is_one_of(settings->log_level, levels))
        buf_add_text(problems, "[log] level should be debug, info, warning or error\n");
    if (!is_one_of(settings->log_format, formats))
        buf_add_text(problems, "[log] format should be logfmt or json\n");
    if (settings->web_processes < 1 || settings->web_processes > 64)
        buf_add_text(problems, "[web] processes should be 1 to 64\n");
    if (settings->storage_writers < 1 || settings->storage_writers > 32)
        buf_add_text(problems, "[storage] writers should be 1 to 32\n");
    if (settings->xmpp_upload_url[0] != '\0' &&
        !upload_place_is_fine(slice_of(settings->xmpp_upload_url)))
        buf_add_text(problems, "[xmpp] upload_url should be like "
                               "https://upload.chat.example/file_share/, with the slash\n");
    if (settings->xmpp_port < 1 || settings->xmpp_port > 65535)
        buf_add_text(problems, "[xmpp] port should be 1 to 65535\n");
    if (settings->web_https[0] != '\0' &&
        (settings->web_certificate[0] == '\0' || settings->web_private_key[0] == '\0'))
        buf_add_text(problems, "[web] https needs certificate and private_key beside it\n");
    if (strcmp(settings->xmpp_provision, "prosody") == 0 &&
        (settings->xmpp_control_secret_file[0] == '\0' || settings->xmpp_tenants_dir[0] == '\0'))
        buf_add_text(problems,
                     "[xmpp] provision = prosody needs control_secret_file and tenants_dir\n");
    if (strcmp(settings->xmpp_provision, "ejabberd") == 0 &&
        (settings->xmpp_control_secret_file[0] == '\0' ||
         settings->xmpp_component_secret_file[0] == '\0' || settings->xmpp_rest[0] == '\0'))
        buf_add_text(problems, "[xmpp] provision = ejabberd needs rest, control_secret_file and "
                               "component_secret_file\n");
    if (settings->xmpp_rest[0] != '\0' &&
        !slice_starts_with(slice_of(settings->xmpp_rest), "http://"))
        buf_add_text(problems, "[xmpp] rest should be like http://127.0.0.1:5280/api\n");
    return problems->len == before ? OK : ERR_CONFIG;
}

int settings_parse(struct settings **ret_settings, struct slice text, struct buf *problems)
{
    AUTO(settings) settings = with_defaults();
    int rc;

    if (settings == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = read_text(settings, "settings", text, problems);
    if (rc == OK)
        rc = check_whole(settings, problems);
    if (rc != OK)
        return rc;
    *ret_settings = settings;
    settings = NULL;
    return OK;
}

static int read_file(struct settings *settings, const char *path, struct buf *problems)
{
    AUTO_MEM char *bytes = malloc(FILE_MAX_BYTES + 1);
    FILE *file = fopen(path, "re");
    size_t len;

    if (file == NULL || bytes == NULL) {
        buf_addf(problems, "%s: cannot be read: %s\n", path, strerror(errno));
        if (file != NULL)
            (void)fclose(file);
        return ERR_CONFIG;
    }
    len = fread(bytes, 1, FILE_MAX_BYTES + 1, file);
    (void)fclose(file);
    if (len > FILE_MAX_BYTES) {
        buf_addf(problems, "%s: larger than 64 KiB, so hardly a configuration\n", path);
        return ERR_CONFIG;
    }
    return read_text(settings, path, (struct slice){ bytes, len }, problems);
}

static int is_conf(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

static int read_folder(struct settings *settings, const char *path, struct buf *problems)
{
    const char *slash = strrchr(path, '/');
    int dir_len = slash == NULL ? 1 : (int)(slash - path);
    struct dirent **entries = NULL;
    char folder[4096], file[8192];
    int count, rc = OK;

    (void)snprintf(folder, sizeof(folder), "%.*s/conf.d", dir_len, slash == NULL ? "." : path);
    count = scandir(folder, &entries, is_conf, alphasort);
    for (int i = 0; i < count; i++) {
        (void)snprintf(file, sizeof(file), "%s/%s", folder, entries[i]->d_name);
        if (read_file(settings, file, problems) != OK)
            rc = ERR_CONFIG;
        free(entries[i]);
    }
    free(entries);
    return rc;
}

int settings_read(struct settings **ret_settings, const char *path, struct buf *problems)
{
    AUTO(settings) settings = with_defaults();
    int rc, folder_rc;

    if (settings == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = read_file(settings, path, problems);
    folder_rc = read_folder(settings, path, problems);
    if (rc == OK)
        rc = folder_rc;
    if (rc == OK)
        rc = check_whole(settings, problems);
    if (rc != OK)
        return rc;
    *ret_settings = settings;
    settings = NULL;
    return OK;
}

static void add_value(struct buf *to, const struct settings *settings,
                      const struct setting *setting)
{
    switch (setting->type) {
    case TYPE_TEXT:
    case TYPE_ADDRESS:
        buf_add_text(to, *text_of(settings, setting));
        break;
    case TYPE_NUMBER:
    case TYPE_MILLISECONDS:
        buf_addf(to, "%llu", (unsigned long long)*number_of(settings, setting));
        break;
    case TYPE_FLAG:
        buf_add_text(to, *flag_of(settings, setting) ? "yes" : "no");
        break;
    }
}

void settings_write(const struct settings *settings, struct buf *to)
{
    const char *section = "";

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(section, table[i].section) != 0) {
            section = table[i].section;
            buf_addf(to, "[%s]\n", section);
        }
        buf_addf(to, "%s = ", table[i].key);
        add_value(to, settings, &table[i]);
        buf_add_text(to, "\n");
    }
}

int settings_each(const struct settings *settings, settings_entry_fn *fn, void *context)
{
    int rc = OK;

    for (size_t i = 0; rc == OK && i < SETTING_COUNT; i++) {
        struct settings_entry entry = { .section = table[i].section,
                                        .key = table[i].key,
                                        .initial = table[i].initial,
                                        .meaning = table[i].meaning,
                                        .live = table[i].reload == RELOAD_LIVE };
        AUTO_BUF value;

        buf_init(&value, LINE_MAX_BYTES);
        add_value(&value, settings, &table[i]);
        entry.value = value.data != NULL ? value.data : "";
        rc = buf_failed(&value) ? RAISE(ERR_NO_MEMORY) : fn(context, &entry);
    }
    return rc;
}

void settings_apply_log(const struct settings *settings)
{
    enum log_level level;

    if (log_level_parse(settings->log_level, &level) == 0)
        log_set_level(level);
    log_set_json(strcmp(settings->log_format, "json") == 0);
}

void settings_list(struct buf *to)
{
    const char *section = "";

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(section, table[i].section) != 0) {
            section = table[i].section;
            buf_addf(to, "[%s]\n", section);
        }
        buf_addf(to, "# %s%s\n%s = %s\n", table[i].meaning,
                 table[i].reload == RELOAD_LIVE ? "" : " (needs a restart)", table[i].key,
                 table[i].initial);
    }
}

void settings_restart_needed(const struct settings *old, const struct settings *new, struct buf *to)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        AUTO_BUF a, b;

        buf_init(&a, LINE_MAX_BYTES);
        buf_init(&b, LINE_MAX_BYTES);
        add_value(&a, old, &table[i]);
        add_value(&b, new, &table[i]);
        if (table[i].reload == RELOAD_RESTART && !slice_equal(buf_slice(&a), buf_slice(&b)))
            buf_addf(to, "[%s] %s\n", table[i].section, table[i].key);
    }
}

char *settings_path(const struct settings *settings, const char *name)
{
    char *path = NULL;

    if (name[0] == '/')
        return strdup(name);
    return asprintf(&path, "%s/%s", settings->instance_home, name) < 0 ? NULL : path;
}
