/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/still.h"

#include "tests/support/cmocka.h"

#define BYTES(literal)                 \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

#define CHUNK(mark) "\0\0\0\x03" mark "abc.sum"
#define PNG_BEFORE  "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xf0\x08\x06\0\0\0...."
#define PNG_END     "\0\0\0\0IEND...."
#define JPEG_JFIF   "\xff\xe0\0\x07JFIF\0"
#define JPEG_ICC    "\xff\xe2\0\x10ICC_PROFILE\0.."
#define JPEG_ADOBE   \
    "\xff\xee\0\x08" \
    "Adobe."
#define JPEG_EXIF    \
    "\xff\xe1\0\x0c" \
    "Exif\0\0GPS!"
#define JPEG_COMMENT \
    "\xff\xfe\0\x06" \
    "Anna"
#define JPEG_SIZE   "\xff\xc0\0\x0b\x08\0\xf0\x01\x40\x01..."
#define JPEG_SCAN   "\xff\xda\0\x04..scan\xff\0of\xff\xd0it"
#define JPEG_TABLES "\xff\xc4\0\x06..\xff\xd9" /* an end that is none: it stands in a table */
#define WEBP_PIXELS "VP8L\x0e\0\0\0\x2f\x3f\xc1\x3b\0........."

static const struct {
    const char *name;
    enum filetype type;
    struct slice sent, kept;
} stills[] = {
    { "png: colours stay; words, times, places and what nobody knows go", FILETYPE_PNG,
      BYTES(PNG_BEFORE CHUNK("gAMA") CHUNK("tEXt") CHUNK("iTXt") CHUNK("eXIf") CHUNK("tIME")
                CHUNK("teSt") CHUNK("PLTE") CHUNK("tRNS") CHUNK("IDAT") CHUNK("zTXt") PNG_END),
      BYTES(PNG_BEFORE CHUNK("gAMA") CHUNK("PLTE") CHUNK("tRNS") CHUNK("IDAT") PNG_END) },
    { "png: the film behind the first picture goes", FILETYPE_PNG,
      BYTES(PNG_BEFORE CHUNK("acTL") CHUNK("fcTL") CHUNK("IDAT") CHUNK("fcTL") CHUNK("fdAT")
                PNG_END),
      BYTES(PNG_BEFORE CHUNK("IDAT") PNG_END) },
    { "jpeg: how colours are meant stays; who, where and with what goes", FILETYPE_JPEG,
      BYTES("\xff\xd8" JPEG_JFIF JPEG_EXIF JPEG_ICC JPEG_COMMENT JPEG_ADOBE JPEG_SIZE JPEG_SCAN
            "\xff\xd9"),
      BYTES("\xff\xd8" JPEG_JFIF JPEG_ICC JPEG_ADOBE JPEG_SIZE JPEG_SCAN "\xff\xd9") },
    { "jpeg: the small picture beside it goes, and what nobody draws", FILETYPE_JPEG,
      BYTES("\xff\xd8\xff\xe0\0\x13JFIF\0\x01\x02\x01\0\x60\0\x61\x01\x01rgb"
            "\xff\xf0\0\x06"
            "Anna"
            "\xff\xfd\0\x06"
            "Anna" JPEG_SIZE JPEG_SCAN "\xff\xd9"),
      BYTES("\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\x01\0\x60\0\x61\0\0" JPEG_SIZE JPEG_SCAN
            "\xff\xd9") },
    { "jpeg: what lies behind its end goes", FILETYPE_JPEG,
      BYTES("\xff\xd8" JPEG_SIZE JPEG_SCAN "\xff\xd9"
            "PK\x03\x04 an archive \xff\xd9"),
      BYTES("\xff\xd8" JPEG_SIZE JPEG_SCAN "\xff\xd9") },
    { "jpeg: several scans with tables between", FILETYPE_JPEG,
      BYTES("\xff\xd8" JPEG_SIZE JPEG_SCAN JPEG_TABLES JPEG_SCAN JPEG_COMMENT JPEG_SCAN "\xff\xd9"),
      BYTES("\xff\xd8" JPEG_SIZE JPEG_SCAN JPEG_TABLES JPEG_SCAN JPEG_SCAN "\xff\xd9") },
    { "webp: notes go, with the flags that tell of them", FILETYPE_WEBP,
      BYTES("RIFF\x3a\0\0\0WEBPVP8X\x0a\0\0\0\x1c\0\0\0......"
            "VP8 \x04\0\0\0...."
            "EXIF\x03\0\0\0GPS."
            "XMP \x04\0\0\0Anna"),
      BYTES("RIFF\x22\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0......"
            "VP8 \x04\0\0\0....") },
    { "webp: one without notes is as it was", FILETYPE_WEBP,
      BYTES("RIFF\x1a\0\0\0WEBP" WEBP_PIXELS), BYTES("RIFF\x1a\0\0\0WEBP" WEBP_PIXELS) },
};

static void only_what_draws_is_copied(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stills) / sizeof(stills[0]); i++) {
        AUTO_BUF once, twice;

        buf_init(&once, 1024);
        buf_init(&twice, 1024);
        print_message("%s\n", stills[i].name);
        assert_true(still_copy(stills[i].sent, stills[i].type, &once));
        assert_int_equal(once.len, stills[i].kept.len);
        assert_memory_equal(once.data, stills[i].kept.data, once.len);
        assert_true(still_copy(buf_slice(&once), stills[i].type, &twice));
        assert_true(slice_equal(buf_slice(&once), buf_slice(&twice)));
    }
}

/* Cut anywhere it is none, and nothing is read beyond the cut (see ASan). A WebP tells its length
 * at once: filetype_of() sees that one is cut. */
static void a_picture_that_breaks_off_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stills) / sizeof(stills[0]); i++) {
        for (size_t len = 0; stills[i].type != FILETYPE_WEBP && len < stills[i].kept.len; len++) {
            char *bytes = malloc(len + 1);
            AUTO_BUF copy;

            buf_init(&copy, 1024);
            memcpy(bytes, stills[i].kept.data, len);
            assert_false(still_copy((struct slice){ bytes, len }, stills[i].type, &copy));
            free(bytes);
        }
    }
}

static void what_moves_and_what_is_no_picture_is_none(void **state)
{
    static const struct slice moving = BYTES("RIFF\x1c\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0......"
                                             "ANMF\x02\0\0\0..");
    static const struct slice gif =
        BYTES("GIF89a\x40\x01\xf0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01.\0;");
    AUTO_BUF copy;

    (void)state;
    buf_init(&copy, 1024);
    assert_false(still_copy(moving, FILETYPE_WEBP, &copy));
    assert_false(still_copy(gif, FILETYPE_GIF, &copy));
    assert_false(still_copy(SLICE_LITERAL("<svg xmlns=''></svg>"), FILETYPE_TEXT, &copy));
    assert_false(still_copy(SLICE_NONE, FILETYPE_PNG, &copy));
}

static void a_full_buffer_is_told(void **state)
{
    AUTO_BUF copy;

    (void)state;
    buf_init(&copy, 40);
    assert_false(still_copy(stills[0].sent, FILETYPE_PNG, &copy));
}

RUN(cmocka_unit_test(only_what_draws_is_copied),
    cmocka_unit_test(a_picture_that_breaks_off_is_none),
    cmocka_unit_test(what_moves_and_what_is_no_picture_is_none),
    cmocka_unit_test(a_full_buffer_is_told))
