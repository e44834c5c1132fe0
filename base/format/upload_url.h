/* SPDX-License-Identifier: Apache-2.0
 *
 * upload_url — where the XMPP server keeps what its clients upload (XEP-0363), and which text is
 * the address of such a file.
 *
 * What passes is shown to visitors as a file's name that leads there: so it must lie below the
 * place for every browser alike. No path that is read in more than one way is an address here.
 */
#ifndef BASE_UPLOAD_URL_H
#define BASE_UPLOAD_URL_H

#include "base/buf.h"
#include "base/slice.h"

enum { UPLOAD_NAME_POINTS_MAX = 120, UPLOAD_URL_BYTES_MAX = 2048 };

/* "https://upload.chat.example/file_share/": an origin and a folder; http only where it leads to
 * this very machine. */
bool upload_place_is_fine(struct slice place);
/* Whether the text is one address below the place (a fine one; empty: nothing is), and nothing
 * beside it. `ret_name` gets what the file is called there, as one line. */
bool upload_url_name(const char *place, struct slice text, struct buf *ret_name);

#endif
