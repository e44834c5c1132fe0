/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/text.h"

#include "tests/support/cmocka.h"

#include <stdlib.h>

/* Any number up to 0x1fffff in the shape of UTF-8, with `len` bytes, right or wrong. */
static size_t encode(uint32_t point, size_t len, char to[4])
{
    static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (size_t i = len - 1; i > 0; i--, point >>= 6)
        to[i] = (char)(0x80 | (point & 0x3f));
    to[0] = (char)(unsigned char)(marks[len] | point);
    return len;
}

static size_t shortest(uint32_t point)
{
    if (point < 0x80)
        return 1;
    if (point < 0x800)
        return 2;
    return point < 0x10000 ? 3 : 4;
}

/* What XML 1.0 says, written down a second time, and the noncharacters of Unicode. */
static enum text_verdict expected(uint32_t point)
{
    bool xml = point == 9 || point == 10 || point == 13 || (point >= 0x20 && point <= 0xd7ff) ||
               (point >= 0xe000 && point <= 0xfffd) || (point >= 0x10000 && point <= 0x10ffff);
    bool nonchar = (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xffff) >= 0xfffe;

    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return TEXT_BAD_UTF8;
    return xml && !nonchar ? TEXT_FINE : TEXT_BAD_CHARACTER;
}

static void check__of_every_code_point__agrees_with_the_definition(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x1fffff; point++) {
        char bytes[4];
        struct slice text = { bytes, encode(point, shortest(point), bytes) };

        if (text_check(text, NULL) != expected(point))
            fail_msg("U+%04X: %s", (unsigned)point, text_verdict_name(text_check(text, NULL)));
    }
}

static void check__of_overlong_forms__is_bad_utf8(void **state)
{
    (void)state;
    for (size_t len = 2; len <= 4; len++) {
        uint32_t below = len == 2 ? 0x80 : len == 3 ? 0x800 : 0x10000;

        for (uint32_t point = 0; point < below; point++) {
            char bytes[4];
            struct slice text = { bytes, encode(point, len, bytes) };

            assert_int_equal(text_check(text, NULL), TEXT_BAD_UTF8);
        }
    }
}

/* By RFC 3629's own table of byte ranges. */
static bool is_utf8(const unsigned char *at, size_t len)
{
    static const struct form {
        unsigned char first[2], second[2];
        size_t len;
    } forms[] = {
        { { 0x00, 0x7f }, { 0, 0 }, 1 },       { { 0xc2, 0xdf }, { 0x80, 0xbf }, 2 },
        { { 0xe0, 0xe0 }, { 0xa0, 0xbf }, 3 }, { { 0xe1, 0xec }, { 0x80, 0xbf }, 3 },
        { { 0xed, 0xed }, { 0x80, 0x9f }, 3 }, { { 0xee, 0xef }, { 0x80, 0xbf }, 3 },
        { { 0xf0, 0xf0 }, { 0x90, 0xbf }, 4 }, { { 0xf1, 0xf3 }, { 0x80, 0xbf }, 4 },
        { { 0xf4, 0xf4 }, { 0x80, 0x8f }, 4 },
    };
    size_t used = 0;

    for (; len > 0; at += used, len -= used) {
        used = 0;
        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
            const struct form *form = &forms[i];

            if (at[0] < form->first[0] || at[0] > form->first[1] || len < form->len)
                continue;
            if (form->len > 1 && (at[1] < form->second[0] || at[1] > form->second[1]))
                continue;
            if ((form->len > 2 && (at[2] & 0xc0) != 0x80) ||
                (form->len > 3 && (at[3] & 0xc0) != 0x80))
                continue;
            used = form->len;
        }
        if (used == 0)
            return false;
    }
    return true;
}

static void check__of_runs_of_four_bytes__agrees_with_the_table(void **state)
{
    static const unsigned char edges[] = { 0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
                                           0xa0, 0xbe, 0xbf, 0xc0, 0xff };

    (void)state;
    for (unsigned run = 0x2020; run < 0x10000 * sizeof(edges) * sizeof(edges); run++) {
        const unsigned char bytes[4] = { (unsigned char)(run >> 8), (unsigned char)run,
                                         edges[(run >> 16) % sizeof(edges)],
                                         edges[(run >> 16) / sizeof(edges)] };
        enum text_verdict verdict;

        if (bytes[0] < 0x20 || bytes[1] < 0x20) /* forbidden, whatever follows */
            continue;
        verdict = text_check((struct slice){ (const char *)bytes, 4 }, NULL);
        if (verdict == TEXT_BAD_CHARACTER) /* U+FFFE, before the end was seen */
            assert_true(is_utf8(bytes, bytes[0] < 0xf0 && bytes[0] >= 0x80 ? 3 : 4) ||
                        is_utf8(bytes + 1, 3));
        else
            assert_int_equal(verdict == TEXT_FINE, is_utf8(bytes, 4));
    }
}

static void check__of_text_cut_anywhere__never_reads_on_and_counts_points(void **state)
{
    static const char whole[] = "aä€😀";
    size_t points = 0;

    (void)state;
    for (size_t len = 0; len < sizeof(whole); len++) {
        char *exact = malloc(len == 0 ? 1 : len);
        bool on_edge = len == 0 || len == 1 || len == 3 || len == 6 || len == 10;

        assert_non_null(exact);
        memcpy(exact, whole, len);
        assert_int_equal(text_check((struct slice){ exact, len }, &points),
                         on_edge ? TEXT_FINE : TEXT_BAD_UTF8);
        free(exact);
    }
    assert_int_equal(points, 4);
    assert_int_equal(text_points(SLICE_LITERAL("aä€😀")), 4);
}

static enum text_verdict clean(const char *text, size_t max_points, struct buf *ret)
{
    return text_clean(slice_of(text), max_points, ret);
}

static void clean__brings_text_to_nfc_and_line_ends_to_one_kind(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 65536);
    assert_int_equal(clean("a\xcc\x88iti", 10, &text), TEXT_FINE);
    assert_string_equal(text.data, "äiti");
    assert_int_equal(clean("\xe1\x84\x80\xe1\x85\xa1", 10, &text), TEXT_FINE); /* hangul */
    assert_string_equal(text.data, "가");
    assert_int_equal(clean("e\xcc\x81\xcc\xa7", 10, &text), TEXT_FINE); /* marks in order */
    assert_string_equal(text.data, "ȩ\xcc\x81");
    assert_int_equal(clean("\xe2\x84\xab", 10, &text), TEXT_FINE); /* Ångström sign */
    assert_string_equal(text.data, "Å");
    assert_int_equal(clean("a\r\nb\rc\n\r\nd", 20, &text), TEXT_FINE);
    assert_string_equal(text.data, "a\nb\nc\n\nd");
    assert_int_equal(clean("ﬁ ²", 10, &text), TEXT_FINE); /* canonical, not compatibility */
    assert_string_equal(text.data, "ﬁ ²");
}

static void clean__counts_points_after_composition(void **state)
{
    AUTO_BUF text, four;

    (void)state;
    buf_init(&text, 65536);
    buf_init(&four, 65536);
    for (int i = 0; i < 4; i++)
        buf_add_text(&four, "a\xcc\x88");
    assert_int_equal(text_clean(buf_slice(&four), 4, &text), TEXT_FINE);
    assert_int_equal(text_clean(buf_slice(&four), 3, &text), TEXT_TOO_LONG);
    /* Alpha with three marks: four points that become one. */
    assert_int_equal(clean("\xce\xb1\xcc\x93\xcc\x80\xcd\x85", 1, &text), TEXT_FINE);
    assert_string_equal(text.data, "ᾂ");
    /* One that composition takes apart for good: U+0958 is excluded from it. */
    assert_int_equal(clean("\xe0\xa5\x98", 1, &text), TEXT_TOO_LONG);
    assert_int_equal(clean("\xe0\xa5\x98", 2, &text), TEXT_FINE);
}

static void clean__of_nothing_to_see__is_blank(void **state)
{
    static const char *const blank[] = { "",
                                         " ",
                                         "\n\t ",
                                         "\xc2\xa0",
                                         "\xe2\x80\x8b\xe2\x80\x8d",
                                         "\xe3\x80\x80",
                                         "\xef\xbb\xbf",
                                         "\xe2\xa0\x80",
                                         "\xe3\x85\xa4",
                                         "\xe2\x80\xae",
                                         "\xc2\xad" };
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 65536);
    for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++)
        assert_int_equal(clean(blank[i], 10, &text), TEXT_BLANK);
    assert_int_equal(clean(" . ", 10, &text), TEXT_FINE);
    assert_int_equal(clean("👍", 1, &text), TEXT_FINE);
}

static void clean__of_more_than_its_buffer_holds__is_too_long(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 8);
    assert_int_equal(clean("123456789", 100, &text), TEXT_TOO_LONG);
    assert_int_equal(clean("12345678", 100, &text), TEXT_FINE); /* and is usable again */
    assert_int_equal(clean("\xed\xa0\x80", 100, &text), TEXT_BAD_UTF8);
    assert_int_equal(clean("a\x01", 100, &text), TEXT_BAD_CHARACTER);
    assert_int_equal(text.len, 0);
}

static const char *one_line(const char *text, size_t max_points, struct buf *to)
{
    buf_clear(to);
    text_one_line(slice_of(text), max_points, to);
    return to->data == NULL ? "" : to->data;
}

static void one_line__folds_space_and_drops_overrides_and_controls(void **state)
{
    AUTO_BUF to;

    (void)state;
    buf_init(&to, 4096);
    assert_string_equal(one_line("  a \r\n\t b\xc2\xa0\xe2\x80\xa8z  ", 20, &to), "a b z");
    assert_string_equal(one_line("a\xe2\x80\xaegpj.exe", 20, &to), "a gpj.exe");
    assert_string_equal(one_line("a\x1b[31mb\x7f", 20, &to), "a [31mb");
    assert_string_equal(one_line("a\xff"
                                 "b\xef\xbf\xbe",
                                 20, &to),
                        "a\xef\xbf\xbd"
                        "b\xef\xbf\xbd");
    assert_string_equal(one_line("", 20, &to), "");
}

static void one_line__cut_to_length__says_so(void **state)
{
    AUTO_BUF to;

    (void)state;
    buf_init(&to, 4096);
    assert_string_equal(one_line("äiti", 4, &to), "äiti");
    assert_string_equal(one_line("äiti!", 4, &to), "äiti…");
    assert_string_equal(one_line("ab cd", 3, &to), "ab…");
    assert_string_equal(one_line("abc  ", 3, &to), "abc");
}

static void one_line__of_any_bytes__gives_text_that_passes(void **state)
{
    AUTO_BUF to;
    uint32_t random = 1;

    (void)state;
    buf_init(&to, 4096);
    for (int i = 0; i < 20000; i++) {
        char bytes[24];

        for (size_t j = 0; j < sizeof(bytes); j++) {
            random = random * 1664525u + 1013904223u;
            bytes[j] = (char)(random >> 24);
        }
        buf_clear(&to);
        text_one_line((struct slice){ bytes, sizeof(bytes) }, 12, &to);
        assert_int_equal(text_check(buf_slice(&to), NULL), TEXT_FINE);
        assert_true(text_points(buf_slice(&to)) <= 13);
    }
}

static void the_start_of_a_text__tears_no_character(void **state)
{
    static const char text[] = "aä…👋b";
    static const size_t lens[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

    (void)state;
    for (size_t max = 0; max < sizeof(lens) / sizeof(lens[0]); max++) {
        struct slice start = text_start(slice_of(text), max);

        assert_int_equal(start.len, lens[max]);
        assert_ptr_equal(start.data, text);
    }
}

static void words__are_runs_with_a_letter_or_digit(void **state)
{
    static const struct {
        const char *text;
        size_t words;
    } cases[] = {
        { "", 0 },
        { "Moikka!", 1 },
        { "no niin, hei", 3 },
        { "3 x 4", 3 },
        { "👋🏽 :)", 0 },
        { "don't over-think", 2 },
        { "a\u00a0b\nc", 3 },
        { "… äö …", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(text_words(slice_of(cases[i].text)), cases[i].words);
}

RUN(cmocka_unit_test(check__of_every_code_point__agrees_with_the_definition),
    cmocka_unit_test(check__of_overlong_forms__is_bad_utf8),
    cmocka_unit_test(check__of_runs_of_four_bytes__agrees_with_the_table),
    cmocka_unit_test(check__of_text_cut_anywhere__never_reads_on_and_counts_points),
    cmocka_unit_test(clean__brings_text_to_nfc_and_line_ends_to_one_kind),
    cmocka_unit_test(clean__counts_points_after_composition),
    cmocka_unit_test(clean__of_nothing_to_see__is_blank),
    cmocka_unit_test(clean__of_more_than_its_buffer_holds__is_too_long),
    cmocka_unit_test(one_line__folds_space_and_drops_overrides_and_controls),
    cmocka_unit_test(one_line__cut_to_length__says_so),
    cmocka_unit_test(one_line__of_any_bytes__gives_text_that_passes),
    cmocka_unit_test(the_start_of_a_text__tears_no_character),
    cmocka_unit_test(words__are_runs_with_a_letter_or_digit))
