/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/avatar.h"

#include "tests/support/cmocka.h"

/* Appends a PNG of these sides, with so many bytes of pixels and of words beside them. */
static void add_png(struct buf *to, unsigned width, unsigned height, size_t pixels, size_t words)
{
    char zeros[1024] = { 0 };

    buf_add(to, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", 18);
    buf_addf(to, "%c%c", (int)(width >> 8), (int)(width & 0xFF));
    buf_add(to, "\0\0", 2);
    buf_addf(to, "%c%c", (int)(height >> 8), (int)(height & 0xFF));
    buf_add(to, "\x08\x02\0\0\0.sum", 9);
    for (int part = 0; part < 2; part++) {
        size_t len = part == 0 ? words : pixels;

        buf_addf(to, "%c%c%c%c", 0, (int)(len >> 16), (int)(len >> 8 & 0xFF), (int)(len & 0xFF));
        buf_add_text(to, part == 0 ? "tEXt" : "IDAT");
        for (size_t left = len; left > 0; left -= left < sizeof(zeros) ? left : sizeof(zeros))
            buf_add(to, zeros, left < sizeof(zeros) ? left : sizeof(zeros));
        buf_add_text(to, ".sum");
    }
    buf_add(to, "\0\0\0\0IEND.sum", 12);
}

static void assert_refused(struct slice sent, const char *says)
{
    struct filetype_facts facts;
    AUTO_BUF kept, problem;

    buf_init(&kept, 2 * AVATAR_SENT_MAX_BYTES);
    buf_init(&problem, 512);
    assert_false(avatar_take(sent, &kept, &facts, &problem));
    if (problem.data == NULL || strstr(problem.data, says) == NULL)
        fail_msg("says \"%s\", not \"%s\"", problem.data, says);
}

static void a_picture_is_kept_without_what_stands_beside_it(void **state)
{
    struct filetype_facts facts = { .type = FILETYPE_NONE };
    AUTO_BUF sent, plain, kept, problem;

    (void)state;
    buf_init(&sent, AVATAR_SENT_MAX_BYTES);
    buf_init(&plain, AVATAR_SENT_MAX_BYTES);
    buf_init(&kept, AVATAR_SENT_MAX_BYTES);
    buf_init(&problem, 512);
    add_png(&sent, 256, 250, 100, 70 * 1024);
    assert_true(avatar_take(buf_slice(&sent), &kept, &facts, &problem));
    assert_int_equal(facts.type, FILETYPE_PNG);
    assert_int_equal(facts.width, 256);
    assert_int_equal(facts.height, 250);
    assert_true(kept.len < 256);
    assert_true(avatar_take(buf_slice(&kept), &plain, &facts, &problem));
    assert_true(slice_equal(buf_slice(&kept), buf_slice(&plain)));
    assert_true(id_equal(avatar_id(buf_slice(&kept)), avatar_id(buf_slice(&plain))));
    assert_false(id_equal(avatar_id(buf_slice(&kept)), avatar_id(buf_slice(&sent))));
}

static void sides_and_bytes_have_bounds(void **state)
{
    static const struct {
        unsigned width, height;
        size_t pixels, words;
        const char *says; /* NULL: it is taken */
    } cases[] = {
        { 32, 32, 10, 0, NULL },
        { 1024, 1024, 10, 0, NULL },
        { 31, 32, 10, 0, "32 to 1024 pixels" },
        { 32, 31, 10, 0, "32 to 1024 pixels" },
        { 1025, 64, 10, 0, "32 to 1024 pixels" },
        { 64, 1025, 10, 0, "32 to 1024 pixels" },
        { 64, 64, AVATAR_MAX_BYTES - 57, 0, NULL },
        { 64, 64, AVATAR_MAX_BYTES - 56, 0, "65537 bytes; 64 KiB are enough" },
        { 64, 64, 10, AVATAR_SENT_MAX_BYTES, "64 KiB are enough" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct filetype_facts facts;
        AUTO_BUF sent, kept, problem;

        buf_init(&sent, 2 * AVATAR_SENT_MAX_BYTES);
        buf_init(&kept, AVATAR_SENT_MAX_BYTES);
        buf_init(&problem, 512);
        add_png(&sent, cases[i].width, cases[i].height, cases[i].pixels, cases[i].words);
        print_message("%u x %u, %zu bytes\n", cases[i].width, cases[i].height, sent.len);
        if (cases[i].says != NULL)
            assert_refused(buf_slice(&sent), cases[i].says);
        else
            assert_true(avatar_take(buf_slice(&sent), &kept, &facts, &problem));
    }
}

static void what_is_no_still_picture_is_refused(void **state)
{
    static const struct {
        struct slice sent;
        const char *says;
    } cases[] = {
        { { "", 0 }, "no whole PNG" },
        { { "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 58 }, "no whole PNG" },
        { { "GIF89a\x40\x01\xf0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01.\0;", 29 }, "no whole PNG" },
        { { "%PDF-1.7\n%%EOF\n", 15 }, "no whole PNG" },
        { { "just words", 10 }, "no whole PNG" },
        { { "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x02\0\0\0.sum"
            "\0\0\0\0IEND.sum",
            45 },
          "32 to 1024 pixels" },
        { { "RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x3f\0\0\x3f\0\0"
            "ANMF\0\0\0\0",
            38 },
          "It moves" },
    };
    AUTO_BUF polyglot;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i].sent, cases[i].says);
    buf_init(&polyglot, 4096);
    add_png(&polyglot, 64, 64, 10, 0);
    buf_add_text(&polyglot, "PK\x03\x04 an archive");
    assert_refused(buf_slice(&polyglot), "no whole PNG");
}

RUN(cmocka_unit_test(a_picture_is_kept_without_what_stands_beside_it),
    cmocka_unit_test(sides_and_bytes_have_bounds),
    cmocka_unit_test(what_is_no_still_picture_is_refused))
