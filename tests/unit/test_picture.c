/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/picture.h"

#include "base/format/filetype.h"
#include "tests/support/cmocka.h"

#include <string.h>

enum { BLUE = 0x1f6feb, YELLOW = 0xffd400 };
enum { PALETTE_AT = 8 + 25 + 8 }; /* behind signature, IHDR and the chunk's own head */

static void letter_of_a_name__is_its_first__without_marks(void **state)
{
    static const struct {
        const char *title;
        char letter;
    } cases[] = { { "Acme", 'A' },
                  { "borealis", 'B' },
                  { "7 Seas", '7' },
                  { "\xc3\x85"
                    "bo",
                    'A' },
                  { "\xc3\xb6lj\xc3\xa4", 'O' },
                  { "", '\0' },
                  { "\xd0\x9c\xd0\xb8\xd1\x80", '\0' },
                  { "\xff", '\0' },
                  { "-", '\0' } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice title = { cases[i].title, strlen(cases[i].title) };

        assert_int_equal(picture_letter(title), cases[i].letter);
    }
}

static void each__is_a_small_png__the_same_again_and_unlike_every_other(void **state)
{
    static const struct {
        enum picture_kind kind;
        uint32_t color;
        char letter;
    } cases[] = { { PICTURE_VISITOR, BLUE, 'A' }, { PICTURE_DESK, BLUE, 'A' },
                  { PICTURE_DESK, BLUE, '9' },    { PICTURE_DESK, BLUE, '\0' },
                  { PICTURE_DESK, BLUE, '~' },    { PICTURE_VISITOR, YELLOW, 'A' } };
    enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
    struct buf files[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct filetype_facts facts = { .type = FILETYPE_NONE };
        AUTO_BUF again;

        buf_init(&again, PICTURE_MAX_BYTES);
        buf_init(&files[i], PICTURE_MAX_BYTES);
        assert_int_equal(picture_draw(&files[i], cases[i].kind, cases[i].color, cases[i].letter),
                         OK);
        assert_int_equal(picture_draw(&again, cases[i].kind, cases[i].color, cases[i].letter), OK);
        assert_int_equal(filetype_of(buf_slice(&files[i]), &facts), 0);
        assert_int_equal(facts.type, FILETYPE_PNG);
        assert_int_equal(facts.width, PICTURE_PIXELS);
        assert_int_equal(facts.height, PICTURE_PIXELS);
        assert_true(files[i].len < 2048); /* it is asked for once by every client of every agent */
        assert_true(slice_equal(buf_slice(&files[i]), buf_slice(&again)));
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < i; j++) /* what is no letter is three dots, whatever it is */
            assert_int_equal(slice_equal(buf_slice(&files[i]), buf_slice(&files[j])),
                             i == 4 && j == 3);
    }
    for (size_t i = 0; i < COUNT; i++)
        buf_release(&files[i]);
}

static void ink__is_black_or_white__whichever_reads_on_the_colour(void **state)
{
    static const struct {
        uint32_t color;
        unsigned char ink;
    } cases[] = { { BLUE, 0xff }, { YELLOW, 0 }, { 0, 0xff }, { 0xffffff, 0 }, { 0x777777, 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const unsigned char ground[] = { (unsigned char)(cases[i].color >> 16),
                                         (unsigned char)(cases[i].color >> 8),
                                         (unsigned char)cases[i].color };
        const unsigned char ink[] = { cases[i].ink, cases[i].ink, cases[i].ink };
        AUTO_BUF file;

        buf_init(&file, PICTURE_MAX_BYTES);
        assert_int_equal(picture_draw(&file, PICTURE_DESK, cases[i].color, 'A'), OK);
        assert_memory_equal(file.data + PALETTE_AT, ground, 3);
        assert_memory_equal(file.data + PALETTE_AT + 45, ink, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letter_of_a_name__is_its_first__without_marks),
        cmocka_unit_test(each__is_a_small_png__the_same_again_and_unlike_every_other),
        cmocka_unit_test(ink__is_black_or_white__whichever_reads_on_the_colour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
