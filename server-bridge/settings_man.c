/* SPDX-License-Identifier: Apache-2.0
 *
 * lasna.conf(5), made of the one table of settings.
 */
#include "server-bridge/settings.h"

#include "base/format/roff.h"

static const struct told {
    const char *section, *key, *type, *initial;
    bool live;
    const char *meaning;
} table[] = {
#define IS_LIVE_LIVE      true
#define IS_LIVE_RESTART   false
#define WORD_TEXT         "text"
#define WORD_ADDRESS      "address"
#define WORD_NUMBER       "whole number"
#define WORD_MILLISECONDS "milliseconds"
#define WORD_FLAG         "yes or no"
#define SETTING(section, key, type, initial, reload, meaning) \
    { #section, #key, WORD_##type, initial, IS_LIVE_##reload, meaning },
#include "server-bridge/settings.def"
#undef SETTING
};

static void add_text(struct buf *to, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *instead = roff_of(*text);

        if (instead != NULL)
            buf_add_text(to, instead);
        else
            buf_add(to, text, 1);
    }
}

static void add_setting(struct buf *to, const struct told *told)
{
    buf_addf(to, ".TP\n\\fB%s\\fR (%s", told->key, told->type);
    if (told->initial[0] != '\0') {
        buf_add_text(to, "; \\fB");
        add_text(to, told->initial);
        buf_add_text(to, "\\fR");
    }
    buf_add_text(to, told->live ? ")\n" : "; needs a restart)\n");
    add_text(to, told->meaning);
    buf_add_text(to, "\n");
}

void settings_man(struct buf *to)
{
    const char *section = "";

    buf_add_text(
        to,
        ".\\\" Made from the table of settings by `lasnad \\-\\-man`: do not edit.\n"
        ".TH LASNA.CONF 5 \"\" \"Läsnä " LASNA_VERSION "\" \"Läsnä\"\n"
        ".SH NAME\nlasna.conf \\- settings of a Läsnä instance\n"
        ".SH DESCRIPTION\n"
        "In INI form: sections, and in them a line for each setting, \\fIkey\\fR = \\fIvalue\\fR; "
        "what stands behind ; or # at the beginning of a line counts nothing. "
        "\\fIconf.d/*.conf\\fR beside the file is read after it, in order: what comes later "
        "counts. \\fBlasnad \\-\\-check\\-config\\fR says "
        "what is "
        "wrong, with file and line. What needs no restart counts after SIGHUP "
        "(\\fBsystemctl reload lasnad\\fR).\n"
        ".PP\nWhat tenants have their own way is no part of this file: \\fBlasnactl tenant "
        "settings\\fR.\n"
        ".SH SETTINGS\nBehind each: what it takes, and what counts when it is left out.\n");
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(section, table[i].section) != 0) {
            section = table[i].section;
            buf_addf(to, ".SS [%s]\n", section);
        }
        add_setting(to, &table[i]);
    }
    buf_add_text(to, ".SH SEE ALSO\n\\fBlasnad\\fR(8), \\fBlasnactl\\fR(1)\n");
}
