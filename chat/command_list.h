/* SPDX-License-Identifier: Apache-2.0
 *
 * command_list — the commands agents have, in one list: chat/ carries them out (commands.c), and
 * the link offers the same to clients that know ad-hoc commands (XEP-0050).
 *
 * COMMAND(name, word, place, usage, meaning, keeps_words)
 *   name:        command_<name>() carries it out
 *   place:       where it may be said
 *   keeps_words: what it holds is stored: received only when it is
 *
 * SUPERVISOR_COMMAND_LIST: the same for what only supervisors have; for others it does not exist.
 */
#ifndef CHAT_COMMAND_LIST_H
#define CHAT_COMMAND_LIST_H

enum place { AT_DESK = 1, AT_VISITOR = 2, ANYWHERE = 3 };

/* clang-format off */
#define COMMAND_LIST(COMMAND)                                                                      \
    COMMAND(ok,       "ok",        AT_DESK,    "ok [n]",                        HELP_OK,       false) \
    COMMAND(no,       "no",        AT_DESK,    "no [n]",                        HELP_NO,       false) \
    COMMAND(help,     "!help",     ANYWHERE,   "!help",                         HELP_HELP,     false) \
    COMMAND(info,     "!info",     ANYWHERE,   "!info",                         HELP_INFO,     false) \
    COMMAND(history,  "!history",  AT_VISITOR, "!history [n]",                  HELP_HISTORY,  false) \
    COMMAND(note,     "!note",     AT_VISITOR, "!note TEXT",                    HELP_NOTE,     true)  \
    COMMAND(c,        "!c",        AT_VISITOR, "!c [canned]",                   HELP_C,        true)  \
    COMMAND(to,       "!to",       AT_VISITOR, "!to AGENT|SKILL [why]",         HELP_TO,       false) \
    COMMAND(back,     "!back",     AT_VISITOR, "!back",                         HELP_BACK,     false) \
    COMMAND(end,      "!end",      AT_VISITOR, "!end [outcome]",                HELP_END,      false) \
    COMMAND(tag,      "!tag",      AT_VISITOR, "!tag [-]WORD …",                HELP_TAG,      false) \
    COMMAND(stage,    "!stage",    AT_VISITOR, "!stage potential|new|existing", HELP_STAGE,    false) \
    COMMAND(callback, "!callback", AT_VISITOR, "!callback TIME|NUMBER [@WHO]",  HELP_CALLBACK, true)  \
    COMMAND(here,     "!here",     ANYWHERE,   "!here",                         HELP_HERE,     false) \
    COMMAND(away,     "!away",     ANYWHERE,   "!away",                         HELP_AWAY,     false) \
    COMMAND(queue,    "!queue",    ANYWHERE,   "!queue",                        HELP_QUEUE,    false) \
    COMMAND(why,      "!why",      ANYWHERE,   "!why [n]",                      HELP_WHY,      false) \
    COMMAND(who,      "!who",      ANYWHERE,   "!who",                          HELP_WHO,      false) \
    COMMAND(room,     "!room",     AT_DESK,    "!room",                         HELP_ROOM,     false) \
    COMMAND(lang,     "!lang",     ANYWHERE,   "!lang en|fi|sv",                HELP_LANG,     false)

#define SUPERVISOR_COMMAND_LIST(COMMAND)                                                           \
    COMMAND(watch,    "!watch",    AT_DESK,    "!watch [#ID]",                  HELP_WATCH,    false) \
    COMMAND(unwatch,  "!unwatch",  ANYWHERE,   "!unwatch #ID",                  HELP_UNWATCH,  false) \
    COMMAND(whisper,  "!whisper",  ANYWHERE,   "!whisper #ID TEXT",             HELP_WHISPER,  true)  \
    COMMAND(join,     "!join",     AT_DESK,    "!join #ID",                     HELP_JOIN,     false) \
    COMMAND(takeover, "!takeover", ANYWHERE,   "!takeover #ID",                 HELP_TAKEOVER, false)
/* clang-format on */

#endif
