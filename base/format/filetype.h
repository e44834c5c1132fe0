/* SPDX-License-Identifier: Apache-2.0
 *
 * filetype — what the bytes of a file are, whatever its name says: one of a short list of types
 * that nobody's browser or chat client runs, or nothing we pass on. Pure: bytes in, verdict out.
 *
 * A type is known by its first bytes and by its frame as a whole, so that a PNG, GIF or WebP with
 * an archive behind it, or a page that begins like a picture, is none. JPEG and PDF have an end,
 * but cameras and programs put more behind it: there the type that is told with it is what
 * protects. Pictures are never decoded: what their heads say of width, height and frames must be
 * what a client can bear to decode.
 */
#ifndef BASE_FILETYPE_H
#define BASE_FILETYPE_H

#include "base/buf.h"
#include "base/slice.h"

#include <stdint.h>

enum filetype {
    FILETYPE_NONE,
    FILETYPE_PNG,
    FILETYPE_JPEG,
    FILETYPE_WEBP,
    FILETYPE_GIF,
    FILETYPE_PDF,
    FILETYPE_TEXT, /* UTF-8 without NUL that does not begin like markup */
    FILETYPE_COUNT
};

enum {
    FILETYPE_PIXELS_MAX = 50 * 1000 * 1000, /* of one picture: 200 MB in a client's memory */
    FILETYPE_FRAMES_MAX = 1000,             /* of a picture that moves */
    FILETYPE_NAME_POINTS = 120
};

struct filetype_facts {
    enum filetype type;
    uint32_t width, height; /* of a picture; else 0 */
};

/* 1: none of these; 2: a picture, but larger than anybody should decode. */
enum { FILETYPE_E_UNKNOWN = 1, FILETYPE_E_HUGE };
int filetype_of(struct slice bytes, struct filetype_facts *ret_facts) MUST_CHECK;

bool filetype_is_picture(enum filetype type);
/* "image/png"; "" for none. */
const char *filetype_mime(enum filetype type);
/* FILETYPE_NONE: we know none by that name. */
enum filetype filetype_by_mime(struct slice mime);

/* A name from a stranger as one line of text without folders, its ending one of the type's: what it
 * would have been run as is then in its middle ("page.html" becomes "page.html.txt"). */
void filetype_name(struct slice name, enum filetype type, struct buf *to);
/* The same in letters that may stand in an address, a header and any file system. */
void filetype_plain_name(struct slice name, enum filetype type, struct buf *to);

#endif
