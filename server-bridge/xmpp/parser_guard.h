/* SPDX-License-Identifier: Apache-2.0
 *
 * parser_guard — stands between libstrophe and expat, for three things libstrophe leaves open:
 *
 * - Expat since 2.6 (and Debian's 2.5.0-1+deb12u5) defers parsing a token that came in parts:
 *   a stanza whose bytes arrive in two reads would wait for the next stanza. We switch it off.
 * - Libstrophe drops the prefix of attributes, so that `<message x:from="anna@…">`, which any
 *   server passes on, would overwrite the true `from`. We let no prefixed attribute through.
 * - It keeps siblings in a list it walks for each new one, and frees trees by recursion: we
 *   leave out what is wider or deeper than any stanza of ours needs, and say so. An answer that
 *   we asked for ourselves, of a server we trust, may be wider.
 *
 * It works by defining five of expat's functions in our own program: the dynamic linker
 * prefers them, and they call the real ones.
 */
#ifndef SERVER_BRIDGE_XMPP_PARSER_GUARD_H
#define SERVER_BRIDGE_XMPP_PARSER_GUARD_H

#include <stdbool.h>

enum {
    PARSER_GUARD_ELEMENTS_MAX = 200,
    PARSER_GUARD_DEPTH_MAX = 16,
    PARSER_GUARD_LIST_MAX = 10000, /* of an answer we asked for, see parser_guard_expect() */
};

/* Whether the guard is in force: false when libstrophe was linked so that it goes past us. */
bool parser_guard_is_active(void);

/* The answer from this address with this id is a long list, and may be one of
 * PARSER_GUARD_LIST_MAX elements. Until another is expected; "": none is. */
void parser_guard_expect(const char *from, const char *id);

/* Inside a stanza handler: whether elements were left out of this stanza. */
bool parser_guard_was_cut(void);

#endif
