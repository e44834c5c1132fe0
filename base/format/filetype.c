/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/filetype.h"

#include "base/format/bytes.h"
#include "base/format/text.h"

#include <strings.h>

static const struct {
    const char *mime;
    const char *endings; /* the first one is added where a name has none of them */
} types[FILETYPE_COUNT] = {
    [FILETYPE_NONE] = { "", "" },
    [FILETYPE_PNG] = { "image/png", "png" },
    [FILETYPE_JPEG] = { "image/jpeg", "jpg jpeg jpe jfif" },
    [FILETYPE_WEBP] = { "image/webp", "webp" },
    [FILETYPE_GIF] = { "image/gif", "gif" },
    [FILETYPE_PDF] = { "application/pdf", "pdf" },
    [FILETYPE_TEXT] = { "text/plain", "txt text log csv md" },
};

/* What a walk through a picture has found. */
struct picture {
    uint32_t width, height, frames;
    bool ended; /* at the very last byte */
};

/* --- PNG: chunks up to IEND, and nothing after it --- */

static bool take_png_chunk(struct slice bytes, size_t at, uint32_t len, struct picture *picture)
{
    bool first = at == 8;

    if (first != STANDS_AT(bytes, at + 4, "IHDR") || (first && len != 13))
        return false;
    if (first) {
        picture->width = big32(bytes, at + 8);
        picture->height = big32(bytes, at + 12);
    } else if (STANDS_AT(bytes, at + 4, "acTL") && len == 8) {
        picture->frames = big32(bytes, at + 8);
    } else if (STANDS_AT(bytes, at + 4, "IEND")) {
        picture->ended = len == 0 && at + 12 == bytes.len;
        return picture->ended;
    }
    return true;
}

static bool walk_png(struct slice bytes, struct picture *picture)
{
    size_t at = 8;

    while (!picture->ended) {
        uint32_t len = bytes_has(bytes, at, 12) ? big32(bytes, at) : UINT32_MAX;

        if (len > INT32_MAX || !bytes_has(bytes, at + 12, len) ||
            !take_png_chunk(bytes, at, len, picture))
            return false;
        at += 12 + (size_t)len;
    }
    return true;
}

/* --- JPEG: segments up to the picture itself, and an end --- */

static bool is_jpeg_frame(uint32_t marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* Cameras put a second picture or padding behind the first: it must end as a JPEG does, no more. */
static bool has_jpeg_end(struct slice bytes)
{
    size_t from = bytes.len > 65536 ? bytes.len - 65536 : 0;

    return memmem(bytes.data + from, bytes.len - from, "\xff\xd9", 2) != NULL;
}

static bool walk_jpeg(struct slice bytes, struct picture *picture)
{
    size_t at = 2;

    while (bytes_has(bytes, at, 4) && byte_at(bytes, at) == 0xFF) {
        uint32_t marker = byte_at(bytes, at + 1), len = big16(bytes, at + 2);

        if (marker == 0xFF) { /* fill */
            at++;
            continue;
        }
        if (marker < 0xC0 || marker == 0xD8 || marker == 0xD9 || len < 2 ||
            !bytes_has(bytes, at + 2, len))
            return false;
        if (marker == 0xDA) {
            picture->ended = has_jpeg_end(bytes);
            return picture->ended && picture->width > 0;
        }
        if (is_jpeg_frame(marker) && len >= 8) {
            picture->height = big16(bytes, at + 5);
            picture->width = big16(bytes, at + 7);
        }
        at += 2 + (size_t)len;
    }
    return false;
}

/* --- GIF: blocks up to the trailer, which is the last byte --- */

/* Past a chain of sub-blocks; SIZE_MAX: it has no end. */
static size_t skip_gif_blocks(struct slice bytes, size_t at)
{
    while (bytes_has(bytes, at, 1)) {
        uint32_t len = byte_at(bytes, at);

        at += 1 + (size_t)len;
        if (len == 0)
            return at;
    }
    return SIZE_MAX;
}

static size_t gif_table_bytes(uint32_t flags)
{
    return (flags & 0x80) != 0 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Past one block; SIZE_MAX: it is none. */
static size_t take_gif_block(struct slice bytes, size_t at, struct picture *picture)
{
    switch (byte_at(bytes, at)) {
    case 0x21: /* an extension */
        return bytes_has(bytes, at, 2) ? skip_gif_blocks(bytes, at + 2) : SIZE_MAX;
    case 0x2C: /* a frame */
        picture->frames++;
        if (!bytes_has(bytes, at, 11))
            return SIZE_MAX;
        at += 10 + gif_table_bytes(byte_at(bytes, at + 9)) + 1;
        return bytes_has(bytes, at, 1) ? skip_gif_blocks(bytes, at) : SIZE_MAX;
    case 0x3B:
        picture->ended = at + 1 == bytes.len;
        return picture->ended ? bytes.len : SIZE_MAX;
    default:
        return SIZE_MAX;
    }
}

static bool walk_gif(struct slice bytes, struct picture *picture)
{
    size_t at;

    if (!bytes_has(bytes, 0, 13))
        return false;
    picture->width = little16(bytes, 6);
    picture->height = little16(bytes, 8);
    at = 13 + gif_table_bytes(byte_at(bytes, 10));
    while (!picture->ended && bytes_has(bytes, at, 1))
        at = take_gif_block(bytes, at, picture);
    return picture->ended;
}

/* --- WebP: a RIFF that is as long as the file --- */

static void take_webp_size(struct slice bytes, struct picture *picture)
{
    uint32_t bits;

    if (STANDS_AT(bytes, 12, "VP8X")) {
        picture->width = little24(bytes, 24) + 1;
        picture->height = little24(bytes, 27) + 1;
    } else if (STANDS_AT(bytes, 12, "VP8L")) {
        bits = little32(bytes, 21);
        picture->width = (bits & 0x3FFF) + 1;
        picture->height = (bits >> 14 & 0x3FFF) + 1;
    } else if (STANDS_AT(bytes, 12, "VP8 ")) {
        picture->width = little16(bytes, 26) & 0x3FFF;
        picture->height = little16(bytes, 28) & 0x3FFF;
    }
}

static bool walk_webp(struct slice bytes, struct picture *picture)
{
    size_t at = 12;

    if (!bytes_has(bytes, 0, 30) || (size_t)little32(bytes, 4) + 8 != bytes.len)
        return false;
    take_webp_size(bytes, picture);
    while (bytes_has(bytes, at, 8)) {
        size_t len = little32(bytes, at + 4);

        picture->frames += STANDS_AT(bytes, at, "ANMF");
        len += len & 1;
        if (!bytes_has(bytes, at + 8, len))
            return false;
        at += 8 + len;
    }
    picture->ended = at == bytes.len;
    return picture->ended;
}

/* --- the rest --- */

static bool is_pdf(struct slice bytes)
{
    size_t from = bytes.len > 1024 ? bytes.len - 1024 : 0;

    return memmem(bytes.data + from, bytes.len - from, "%%EOF", 5) != NULL;
}

/* Text that begins with '<' is a page, a drawing or a feed to whoever guesses. */
static bool is_text(struct slice bytes)
{
    size_t at = text_mark(bytes);

    while (at < bytes.len && strchr(" \t\r\n\f\v", bytes.data[at]) != NULL && bytes.data[at] != 0)
        at++;
    if (at == bytes.len || bytes.data[at] == '<')
        return false;
    return text_check(bytes, NULL) == TEXT_FINE;
}

static const struct {
    enum filetype type;
    const char *magic;
    size_t len;
    bool (*walk)(struct slice bytes, struct picture *picture);
} pictures[] = {
    { FILETYPE_PNG, "\x89PNG\r\n\x1a\n", 8, walk_png },
    { FILETYPE_JPEG, "\xff\xd8\xff", 3, walk_jpeg },
    { FILETYPE_GIF, "GIF87a", 6, walk_gif },
    { FILETYPE_GIF, "GIF89a", 6, walk_gif },
    { FILETYPE_WEBP, "RIFF", 4, walk_webp },
};

static int measure(const struct picture *picture)
{
    if (picture->width == 0 || picture->height == 0)
        return FILETYPE_E_UNKNOWN;
    if ((uint64_t)picture->width * picture->height > FILETYPE_PIXELS_MAX ||
        picture->frames > FILETYPE_FRAMES_MAX)
        return FILETYPE_E_HUGE;
    return OK;
}

static int picture_of(struct slice bytes, size_t which, struct filetype_facts *ret_facts)
{
    struct picture picture = { 0 };
    int rc = pictures[which].walk(bytes, &picture) ? measure(&picture) : FILETYPE_E_UNKNOWN;

    if (rc == OK)
        *ret_facts = (struct filetype_facts){ pictures[which].type, picture.width, picture.height };
    return rc;
}

int filetype_of(struct slice bytes, struct filetype_facts *ret_facts)
{
    for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
        if (stands_at(bytes, 0, pictures[i].magic, pictures[i].len) &&
            (pictures[i].type != FILETYPE_WEBP || STANDS_AT(bytes, 8, "WEBP")))
            return picture_of(bytes, i, ret_facts);
    if (STANDS_AT(bytes, 0, "%PDF-")) {
        if (!is_pdf(bytes))
            return FILETYPE_E_UNKNOWN;
        *ret_facts = (struct filetype_facts){ .type = FILETYPE_PDF };
        return OK;
    }
    if (!is_text(bytes))
        return FILETYPE_E_UNKNOWN;
    *ret_facts = (struct filetype_facts){ .type = FILETYPE_TEXT };
    return OK;
}

bool filetype_is_picture(enum filetype type)
{
    return type >= FILETYPE_PNG && type <= FILETYPE_GIF;
}

const char *filetype_mime(enum filetype type)
{
    return types[type].mime;
}

enum filetype filetype_by_mime(struct slice mime)
{
    for (enum filetype type = FILETYPE_PNG; type < FILETYPE_COUNT; type++)
        if (slice_is(mime, types[type].mime))
            return type;
    return FILETYPE_NONE;
}

/* --- names --- */

static bool is_ending_of(struct slice ending, enum filetype type)
{
    if (ending.len == 0)
        return false;
    for (const char *at = types[type].endings; *at != '\0';) {
        size_t len = strcspn(at, " ");

        if (len == ending.len && strncasecmp(at, ending.data, len) == 0)
            return true;
        at += len + (at[len] == ' ');
    }
    return false;
}

/* What stands after the last dot; none: empty. */
static struct slice ending_of(struct slice name)
{
    for (size_t at = name.len; at > 1; at--)
        if (name.data[at - 1] == '.')
            return (struct slice){ name.data + at, name.len - at };
    return SLICE_NONE;
}

static struct slice without_folders(struct slice name)
{
    for (size_t at = name.len; at > 0; at--)
        if (name.data[at - 1] == '/' || name.data[at - 1] == '\\')
            return (struct slice){ name.data + at, name.len - at };
    return name;
}

static void add_ending(struct buf *to, struct slice name, enum filetype type)
{
    if (!is_ending_of(ending_of(name), type))
        buf_addf(to, ".%.*s", (int)strcspn(types[type].endings, " "), types[type].endings);
}

void filetype_name(struct slice name, enum filetype type, struct buf *to)
{
    AUTO_BUF line;

    buf_init(&line, (FILETYPE_NAME_POINTS + 2) * 4);
    text_one_line(without_folders(name), FILETYPE_NAME_POINTS, &line);
    while (line.len > 0 && line.data[line.len - 1] == '.')
        line.data[--line.len] = '\0'; /* Windows forgets it, and what stood before is the ending */
    if (line.len == 0)
        buf_add_text(&line, filetype_is_picture(type) ? "picture" : "file");
    buf_add_slice(to, buf_slice(&line));
    add_ending(to, buf_slice(&line), type);
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Runs of anything but letters and digits become one '-', or the '.' that is among them. */
static void add_plain(struct buf *to, struct slice name)
{
    char gap = '\0';

    for (size_t i = 0; i < name.len && to->len < FILETYPE_NAME_POINTS; i++) {
        char c = name.data[i];

        if (!is_plain(c)) {
            gap = c == '.' || gap == '.' ? '.' : '-';
            continue;
        }
        if (gap != '\0' && to->len > 0)
            buf_add(to, &gap, 1);
        gap = '\0';
        buf_add(to, &c, 1);
    }
}

void filetype_plain_name(struct slice name, enum filetype type, struct buf *to)
{
    struct slice ending = ending_of(name), stem = name;
    AUTO_BUF plain;

    buf_init(&plain, FILETYPE_NAME_POINTS + 2);
    if (is_ending_of(ending, type))
        stem.len -= ending.len + 1;
    add_plain(&plain, stem);
    if (plain.len == 0)
        buf_add_text(&plain, filetype_is_picture(type) ? "picture" : "file");
    buf_add_slice(to, buf_slice(&plain));
    if (stem.len < name.len)
        buf_addf(to, ".%.*s", SLICE_ARG(ending));
    else
        add_ending(to, SLICE_NONE, type);
}
