/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/filetype.h"

#include "tests/support/cmocka.h"

#define BYTES(literal)                 \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

#define PNG_HEAD  "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
#define PNG_REST  "\x08\x06\0\0\0....\0\0\0\0IEND...."
#define PNG_SMALL PNG_HEAD "\0\0\x01\x40\0\0\0\xf0" PNG_REST

#define JPEG_HEAD "\xff\xd8\xff\xe0\0\x04.."
#define JPEG_SIZE "\xff\xc0\0\x0b\x08\0\xf0\x01\x40\x01..."
#define JPEG_SCAN "\xff\xda\0\x04..scan"

#define GIF_HEAD  "GIF89a\x40\x01\xf0\0\0\0\0"
#define GIF_FRAME ",\0\0\0\0\x01\0\x01\0\0\x02\x01.\0"

#define WEBP_SMALL "RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\x3f\xc1\x3b\0........\0"

static const struct {
    const char *name;
    struct slice bytes;
    enum filetype type;
    uint32_t width, height;
} fine[] = {
    { "png", BYTES(PNG_SMALL), FILETYPE_PNG, 320, 240 },
    { "jpeg", BYTES(JPEG_HEAD JPEG_SIZE JPEG_SCAN "\xff\xd9"), FILETYPE_JPEG, 320, 240 },
    { "jpeg with a second picture behind",
      BYTES(JPEG_HEAD JPEG_SIZE JPEG_SCAN "\xff\xd9\xff\xd8.."), FILETYPE_JPEG, 320, 240 },
    { "gif", BYTES(GIF_HEAD GIF_FRAME ";"), FILETYPE_GIF, 320, 240 },
    { "webp", BYTES(WEBP_SMALL), FILETYPE_WEBP, 320, 240 },
    { "pdf", BYTES("%PDF-1.7\n1 0 obj\n%%EOF\n"), FILETYPE_PDF, 0, 0 },
    { "text", BYTES("Hei!\nÄäkkösiä, too.\n"), FILETYPE_TEXT, 0, 0 },
    { "text with a mark", BYTES("\xef\xbb\xbfname;price\n"), FILETYPE_TEXT, 0, 0 },
};

static void what_we_pass_on_is_known_by_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        struct filetype_facts facts = { FILETYPE_NONE, 0, 0 };

        print_message("%s\n", fine[i].name);
        assert_int_equal(filetype_of(fine[i].bytes, &facts), OK);
        assert_int_equal(facts.type, fine[i].type);
        assert_int_equal(facts.width, fine[i].width);
        assert_int_equal(facts.height, fine[i].height);
    }
}

/* Cut anywhere behind its mark, no picture is one any more; and nothing is read beyond the cut (see
 * ASan). */
static void a_picture_that_is_cut_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        if (!filetype_is_picture(fine[i].type))
            continue;
        for (size_t len = 6; len + 5 < fine[i].bytes.len; len++) {
            char *bytes = malloc(len + 1);
            struct filetype_facts facts;

            memcpy(bytes, fine[i].bytes.data, len);
            assert_int_equal(filetype_of((struct slice){ bytes, len }, &facts), FILETYPE_E_UNKNOWN);
            free(bytes);
        }
    }
}

static void whatever_else_it_claims_to_be_is_refused(void **state)
{
    static const struct {
        const char *name;
        struct slice bytes;
    } hostile[] = {
        { "nothing", BYTES("") },
        { "white space", BYTES(" \n\t") },
        { "an svg", BYTES("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>") },
        { "an svg behind a declaration", BYTES("\n <?xml version='1.0'?><svg/>") },
        { "a page", BYTES("\xef\xbb\xbf<!doctype html><script>alert(1)</script>") },
        { "text with a zero", BYTES("text\0and more") },
        { "latin-1", BYTES("\xe4kki") },
        { "utf-16", BYTES("\xff\xfeH\0e\0i\0") },
        { "a zip", BYTES("PK\x03\x04\x14\0\0\0\x08\0") },
        { "a program", BYTES("\x7f"
                             "ELF\x02\x01\x01\0") },
        { "a windows program", BYTES("MZ\x90\0\x03\0\0\0") },
        { "a png with an archive behind it", BYTES(PNG_SMALL "PK\x03\x04") },
        { "a png whose first chunk is another", BYTES("\x89PNG\r\n\x1a\n\0\0\0\0IEND....") },
        { "a png with a chunk of 4 GB",
          BYTES(PNG_HEAD "\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0....\xff\xff\xff\xff"
                         "IDAT....") },
        { "a png of no width", BYTES(PNG_HEAD "\0\0\0\0\0\0\0\xf0" PNG_REST) },
        { "a gif with script behind it", BYTES(GIF_HEAD GIF_FRAME ";*/=1;alert(1)") },
        { "a gif that is script", BYTES("GIF89a/*.........*/=alert(1)//;") },
        { "a webp longer than it says", BYTES(WEBP_SMALL "PK\x03\x04") },
        { "another riff", BYTES("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0......................") },
        { "a jpeg without a frame", BYTES(JPEG_HEAD JPEG_SCAN "\xff\xd9") },
        { "a jpeg without an end", BYTES(JPEG_HEAD JPEG_SIZE JPEG_SCAN) },
        { "a pdf without an end", BYTES("%PDF-1.7\n") },
        { "a pdf behind something else", BYTES("<html>%PDF-1.7\n%%EOF") },
    };
    struct filetype_facts facts;

    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        print_message("%s\n", hostile[i].name);
        assert_int_equal(filetype_of(hostile[i].bytes, &facts), FILETYPE_E_UNKNOWN);
    }
}

static void a_picture_too_large_to_decode_is_refused(void **state)
{
    char moving[13 + 1001 * 15 + 1];
    struct filetype_facts facts;
    size_t at = 13;

    (void)state;
    assert_int_equal(
        filetype_of(SLICE_LITERAL(PNG_HEAD "\0\0\xff\xff\0\0\xff\xff" PNG_REST), &facts),
        FILETYPE_E_HUGE);
    assert_int_equal(
        filetype_of(SLICE_LITERAL(PNG_HEAD "\x7f\xff\xff\xff\x7f\xff\xff\xff" PNG_REST), &facts),
        FILETYPE_E_HUGE);
    memcpy(moving, GIF_HEAD, at);
    for (int frame = 0; frame < 1001; frame++, at += sizeof(GIF_FRAME) - 1)
        memcpy(moving + at, GIF_FRAME, sizeof(GIF_FRAME) - 1);
    moving[at++] = ';';
    assert_int_equal(filetype_of((struct slice){ moving, at }, &facts), FILETYPE_E_HUGE);
}

static void assert_named(const char *name, enum filetype type, const char *text, const char *plain)
{
    AUTO_BUF line, letters;

    buf_init(&line, 1024);
    buf_init(&letters, 1024);
    filetype_name(slice_of(name), type, &line);
    filetype_plain_name(buf_slice(&line), type, &letters);
    assert_string_equal(line.data, text);
    assert_string_equal(letters.data, plain);
}

static void names_are_text_with_an_ending_that_is_true(void **state)
{
    (void)state;
    assert_named("kuva 1.PNG", FILETYPE_PNG, "kuva 1.PNG", "kuva-1.PNG");
    assert_named("<img src=x onerror=alert(1)>.png", FILETYPE_PNG,
                 "<img src=x onerror=alert(1)>.png", "img-src-x-onerror-alert-1.png");
    assert_named("../../etc/passwd", FILETYPE_TEXT, "passwd.txt", "passwd.txt");
    assert_named("C:\\Users\\me\\hinta.csv", FILETYPE_TEXT, "hinta.csv", "hinta.csv");
    assert_named("page.html", FILETYPE_TEXT, "page.html.txt", "page.html.txt");
    assert_named("invoice.pdf.exe", FILETYPE_PDF, "invoice.pdf.exe.pdf", "invoice.pdf.exe.pdf");
    assert_named("trick.exe.", FILETYPE_PNG, "trick.exe.png", "trick.exe.png");
    assert_named("\xe2\x80\xaegnp.exe", FILETYPE_PNG, "gnp.exe.png", "gnp.exe.png");
    assert_named("a\r\nSet-Cookie: x.png", FILETYPE_PNG, "a Set-Cookie: x.png",
                 "a-Set-Cookie-x.png");
    assert_named("", FILETYPE_JPEG, "picture.jpg", "picture.jpg");
    assert_named("...", FILETYPE_TEXT, "file.txt", "file.txt");
    assert_named("写真.webp", FILETYPE_WEBP, "写真.webp", "picture.webp");
}

RUN(cmocka_unit_test(what_we_pass_on_is_known_by_its_bytes),
    cmocka_unit_test(a_picture_that_is_cut_is_none),
    cmocka_unit_test(whatever_else_it_claims_to_be_is_refused),
    cmocka_unit_test(a_picture_too_large_to_decode_is_refused),
    cmocka_unit_test(names_are_text_with_an_ending_that_is_true))
