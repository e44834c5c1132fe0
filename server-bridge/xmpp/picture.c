/* SPDX-License-Identifier: Apache-2.0
 *
 * A picture is a question asked of each point: ground or ink? It is asked of 4 by 4 points a
 * pixel, and how many say ink is the pixel's place in a palette of sixteen colours between the
 * two: edges are smooth, and the file is some hundred bytes.
 */
#include "server-bridge/xmpp/picture.h"

#include <math.h>
#include <utf8proc.h>
#include <zlib.h>

enum {
    FINE = 4,                           /* points along a pixel's side */
    SIDE = PICTURE_PIXELS * FINE,       /* … and along the picture's */
    PALETTE = 16,                       /* four bits a pixel */
    ROW_BYTES = 1 + PICTURE_PIXELS / 2, /* a filter's name before each row */
    GLYPH_ROWS = 7,
    GLYPH_COLUMNS = 5,
    GLYPH_POINT = 20,
    TAIL = 56
};

/* A row each seven bytes, its lowest five bits from left to right: A to Z, 0 to 9, three dots. */
static const unsigned char glyphs[][GLYPH_ROWS] = {
    { 0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11 }, { 0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e },
    { 0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e }, { 0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e },
    { 0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f }, { 0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10 },
    { 0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0e }, { 0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11 },
    { 0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e }, { 0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0c },
    { 0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11 }, { 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f },
    { 0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11 }, { 0x11, 0x11, 0x19, 0x15, 0x13, 0x11, 0x11 },
    { 0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e }, { 0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10 },
    { 0x0e, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0d }, { 0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11 },
    { 0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e }, { 0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04 },
    { 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e }, { 0x11, 0x11, 0x11, 0x11, 0x11, 0x0a, 0x04 },
    { 0x11, 0x11, 0x11, 0x15, 0x15, 0x1b, 0x11 }, { 0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11 },
    { 0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04 }, { 0x1f, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1f },
    { 0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e }, { 0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e },
    { 0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f }, { 0x1e, 0x01, 0x01, 0x0e, 0x01, 0x01, 0x1e },
    { 0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02 }, { 0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e },
    { 0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e }, { 0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08 },
    { 0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e }, { 0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c },
    { 0x00, 0x00, 0x00, 0x15, 0x00, 0x00, 0x00 },
};

static const unsigned char *glyph_of(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return glyphs[letter - 'A'];
    if (letter >= '0' && letter <= '9')
        return glyphs[26 + letter - '0'];
    return glyphs[36];
}

char picture_letter(struct slice title)
{
    utf8proc_int32_t point = 0, parts[8] = { 0 };
    int bound = 0;

    if (utf8proc_iterate((const utf8proc_uint8_t *)title.data, (utf8proc_ssize_t)title.len,
                         &point) <= 0 ||
        utf8proc_decompose_char(point, parts, 8, UTF8PROC_DECOMPOSE, &bound) <= 0)
        return '\0';
    if (parts[0] >= 'a' && parts[0] <= 'z')
        return (char)(parts[0] - 'a' + 'A');
    return (parts[0] >= 'A' && parts[0] <= 'Z') || (parts[0] >= '0' && parts[0] <= '9')
               ? (char)parts[0]
               : '\0';
}

/* --- ground or ink --- */

static bool in_ellipse(int x, int y, int center_y, int half_wide, int half_high)
{
    double dx = (x - SIDE / 2.0) / half_wide, dy = (double)(y - center_y) / half_high;

    return dx * dx + dy * dy <= 1;
}

static bool in_person(int x, int y)
{
    return in_ellipse(x, y, 142, 68, 68) || in_ellipse(x, y, 378, 128, 142);
}

/* All of it within the circle that some clients (Gajim) cut out. */
static bool in_bubble(int x, int y)
{
    enum { LEFT = 76, RIGHT = SIDE - LEFT, TOP = 72, BOTTOM = 260, ROUND = 44 };
    int beside = x < LEFT + ROUND ? LEFT + ROUND - x : x > RIGHT - ROUND ? x - RIGHT + ROUND : 0;
    int beyond = y < TOP + ROUND ? TOP + ROUND - y : y > BOTTOM - ROUND ? y - BOTTOM + ROUND : 0;
    bool in_box = beside * beside + beyond * beyond <= ROUND * ROUND;
    bool in_tail = y >= BOTTOM && y < BOTTOM + TAIL && x >= LEFT + ROUND &&
                   x - LEFT - ROUND < BOTTOM + TAIL - y;

    return in_box || in_tail;
}

static bool in_letter(int x, int y, char letter)
{
    int column = x - (SIDE - GLYPH_COLUMNS * GLYPH_POINT) / 2, row = y - 166;

    row += GLYPH_ROWS * GLYPH_POINT / 2;
    if (column < 0 || row < 0)
        return false;
    column /= GLYPH_POINT;
    row /= GLYPH_POINT;
    return column < GLYPH_COLUMNS && row < GLYPH_ROWS &&
           (glyph_of(letter)[row] >> (GLYPH_COLUMNS - 1 - column) & 1) != 0;
}

static bool is_ink(enum picture_kind kind, char letter, int x, int y)
{
    return kind == PICTURE_VISITOR ? in_person(x, y) : in_bubble(x, y) && !in_letter(x, y, letter);
}

static unsigned place_of(enum picture_kind kind, char letter, int x, int y)
{
    unsigned inked = 0;

    for (int i = 0; i < FINE * FINE; i++)
        inked += is_ink(kind, letter, x * FINE + i % FINE, y * FINE + i / FINE) ? 1 : 0;
    return inked < PALETTE ? inked : PALETTE - 1;
}

/* --- colours --- */

static double light_of(uint32_t part)
{
    double share = part / 255.0;

    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

/* As the widget has it: WCAG 2's relative luminance (widget/src/color.ts). */
static unsigned ink_on(uint32_t color)
{
    double light = 0.2126 * light_of(color >> 16 & 0xff) + 0.7152 * light_of(color >> 8 & 0xff) +
                   0.0722 * light_of(color & 0xff);

    return light > 0.179 ? 0x00 : 0xff;
}

static void fill_palette(uint32_t color, unsigned char palette[3 * PALETTE])
{
    unsigned ink = ink_on(color);

    for (unsigned i = 0; i < 3 * PALETTE; i++) {
        unsigned ground = color >> (16 - 8 * (i % 3)) & 0xff, step = i / 3;

        palette[i] = (unsigned char)((ground * (PALETTE - 1 - step) + ink * step) / (PALETTE - 1));
    }
}

/* --- the file --- */

static void add_number(struct buf *to, uint32_t number)
{
    const unsigned char bytes[] = { (unsigned char)(number >> 24), (unsigned char)(number >> 16),
                                    (unsigned char)(number >> 8), (unsigned char)number };

    buf_add(to, bytes, sizeof(bytes));
}

static void add_chunk(struct buf *to, const char name[4], const unsigned char *data, size_t len)
{
    uLong check = crc32(crc32(0, (const Bytef *)name, 4), data, (uInt)len);

    add_number(to, (uint32_t)len);
    buf_add(to, name, 4);
    buf_add(to, data, len);
    add_number(to, (uint32_t)check);
}

int picture_draw(struct buf *to, enum picture_kind kind, uint32_t color, char letter)
{
    static const unsigned char head[] = { 0,
                                          0,
                                          0,
                                          PICTURE_PIXELS,
                                          0,
                                          0,
                                          0,
                                          PICTURE_PIXELS,
                                          4,
                                          /* bits a pixel */ 3,
                                          /* by palette */ 0,
                                          0,
                                          0 };
    unsigned char rows[PICTURE_PIXELS * ROW_BYTES] = { 0 }, palette[3 * PALETTE], packed[4096];
    uLongf packed_len = sizeof(packed);

    for (int y = 0; y < PICTURE_PIXELS; y++) {
        for (int x = 0; x < PICTURE_PIXELS; x++)
            rows[y * ROW_BYTES + 1 + x / 2] |=
                (unsigned char)(place_of(kind, letter, x, y) << (x % 2 == 0 ? 4 : 0));
    }
    if (compress2(packed, &packed_len, rows, sizeof(rows), Z_BEST_COMPRESSION) != Z_OK)
        return RAISE(ERR_NO_MEMORY);
    fill_palette(color, palette);
    buf_add(to, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(to, "IHDR", head, sizeof(head));
    add_chunk(to, "PLTE", palette, sizeof(palette));
    add_chunk(to, "IDAT", packed, packed_len);
    add_chunk(to, "IEND", head, 0);
    return buf_failed(to) ? RAISE(ERR_NO_MEMORY) : OK;
}
