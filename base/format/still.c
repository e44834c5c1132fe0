/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/still.h"

#include "base/format/bytes.h"

static void add(struct buf *to, struct slice bytes, size_t at, size_t len)
{
    buf_add(to, bytes.data + at, len);
}

/* Whether one of the marks, four letters each, stands there. */
static bool is_among(struct slice bytes, size_t at, const char *marks)
{
    for (; *marks != '\0'; marks += 4)
        if (stands_at(bytes, at, marks, 4))
            return true;
    return false;
}

/* --- PNG: size, palette, transparency, colours, pixels; chunks have a sum of their own --- */

static bool copy_png(struct slice bytes, struct buf *to)
{
    static const char drawing[] = "IHDRPLTEIDATIENDtRNSsRGBgAMAcHRMiCCPsBIT";
    size_t at = 8;

    if (!bytes_has(bytes, 0, at))
        return false;
    add(to, bytes, 0, at);
    while (bytes_has(bytes, at, 12)) {
        size_t len = 12 + (size_t)big32(bytes, at);

        if (!bytes_has(bytes, at, len))
            return false;
        if (is_among(bytes, at + 4, drawing))
            add(to, bytes, at, len);
        if (STANDS_AT(bytes, at + 4, "IEND"))
            return true;
        at += len;
    }
    return false;
}

/* --- JPEG: tables, frames and scans, up to the end of the first picture --- */

enum { JFIF_BYTES = 18 }; /* behind them: a small picture, perhaps of what was cut away since */

/* Of what programs put in, only what says how colours are meant; nothing of what no browser draws.
 */
static bool draws_jpeg(struct slice bytes, size_t at, uint32_t marker)
{
    if (marker == 0xE0)
        return STANDS_AT(bytes, at + 4, "JFIF\0");
    if (marker == 0xE2)
        return STANDS_AT(bytes, at + 4, "ICC_PROFILE\0");
    if (marker == 0xEE)
        return STANDS_AT(bytes, at + 4, "Adobe");
    return marker < 0xE0;
}

static void add_jpeg_segment(struct buf *to, struct slice bytes, size_t at, size_t len)
{
    if (byte_at(bytes, at + 1) != 0xE0 || len <= JFIF_BYTES) {
        add(to, bytes, at, len);
        return;
    }
    buf_add(to, "\xff\xe0\0\x10", 4);
    add(to, bytes, at + 4, JFIF_BYTES - 6);
    buf_add(to, "\0\0", 2); /* it is none wide and none high */
}

/* Of the others none stands between segments. */
static bool has_length(uint32_t marker)
{
    return marker >= 0xC0 && (marker < 0xD0 || marker > 0xD8);
}

/* To the next marker behind a scan: 0xFF there is data before a zero, and a place to begin again
 * before D0 to D7. */
static size_t skip_scan(struct slice bytes, size_t at)
{
    while (bytes_has(bytes, at, 2) &&
           (byte_at(bytes, at) != 0xFF || byte_at(bytes, at + 1) == 0 ||
            (byte_at(bytes, at + 1) >= 0xD0 && byte_at(bytes, at + 1) <= 0xD7)))
        at++;
    return at;
}

static bool copy_jpeg(struct slice bytes, struct buf *to)
{
    size_t at = 2;

    if (!bytes_has(bytes, 0, at))
        return false;
    add(to, bytes, 0, at);
    while (bytes_has(bytes, at, 2) && byte_at(bytes, at) == 0xFF) {
        uint32_t marker = byte_at(bytes, at + 1);
        size_t len = bytes_has(bytes, at, 4) ? 2 + (size_t)big16(bytes, at + 2) : 0, end;

        if (marker == 0xD9) {
            add(to, bytes, at, 2);
            return true;
        }
        if (marker == 0xFF) { /* fill */
            at++;
            continue;
        }
        if (!has_length(marker) || len < 4 || !bytes_has(bytes, at, len))
            return false;
        end = marker == 0xDA ? skip_scan(bytes, at + len) : at + len;
        if (draws_jpeg(bytes, at, marker))
            add_jpeg_segment(to, bytes, at, end - at);
        at = end;
    }
    return false;
}

/* --- WebP: one picture, perhaps with its transparency and colours --- */

enum { WEBP_HEAD = 12, WEBP_TELLS = 0x0C /* Exif and XMP: flags of what stays away */ };

static void add_webp_chunk(struct buf *to, struct slice bytes, size_t at, size_t len)
{
    char flags;

    if (!STANDS_AT(bytes, at, "VP8X") || len < 9) {
        add(to, bytes, at, len);
        return;
    }
    flags = (char)(byte_at(bytes, at + 8) & ~(uint32_t)WEBP_TELLS);
    add(to, bytes, at, 8);
    buf_add(to, &flags, 1);
    add(to, bytes, at + 9, len - 9);
}

static bool copy_webp(struct slice bytes, struct buf *to)
{
    size_t at = WEBP_HEAD, from = to->len;

    if (!bytes_has(bytes, 0, at))
        return false;
    add(to, bytes, 0, at);
    while (bytes_has(bytes, at, 8)) {
        size_t len = little32(bytes, at + 4);

        len += 8 + (len & 1);
        if (STANDS_AT(bytes, at, "ANMF") || !bytes_has(bytes, at, len))
            return false;
        if (is_among(bytes, at, "VP8XVP8 VP8LALPHICCP"))
            add_webp_chunk(to, bytes, at, len);
        at += len;
    }
    if (buf_failed(to) || at != bytes.len)
        return false;
    for (size_t i = 0, len = to->len - from - 8; i < 4; i++)
        to->data[from + 4 + i] = (char)(len >> (8 * i) & 0xFF);
    return true;
}

bool still_copy(struct slice bytes, enum filetype type, struct buf *to)
{
    bool whole = false;

    if (type == FILETYPE_PNG)
        whole = copy_png(bytes, to);
    else if (type == FILETYPE_JPEG)
        whole = copy_jpeg(bytes, to);
    else if (type == FILETYPE_WEBP)
        whole = copy_webp(bytes, to);
    return whole && !buf_failed(to);
}
