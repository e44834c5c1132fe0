/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/emoji.h"

#include "tests/support/cmocka.h"

static void one_emoji__of_every_make__is_one(void **state)
{
    static const char *const fine[] = {
        "👍",
        "❤",
        "❤️",
        "👍🏽",
        "☕",
        "©️",
        "🇫🇮",
        "#️⃣",
        "7⃣",
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "👩🏽‍❤️‍💋‍👨🏿",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
        assert_true(emoji_is_one(slice_of(fine[i])));
}

static void what_is_no_emoji__or_more_than_one__is_none(void **state)
{
    static const char *const wrong[] = {
        "",        "a",       "+1", "7",   "#",   "👍👍",        "👍 ",       "🇫",         "🇫🇮🇫",
        "👍‍", "‍👍", "👍a", "👍\n", "️", "👍\xcc\x81", "\xf0\x9f", "👍\xf0\x9f", "7️",
    };
    char many[EMOJI_BYTES_MAX + 4] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(emoji_is_one(slice_of(wrong[i])));
    while (strlen(many) <= EMOJI_BYTES_MAX) /* skin tones without end */
        strcat(many, *many == '\0' ? "👍" : "\xef\xb8\x8f");
    assert_false(emoji_is_one(slice_of(many)));
}

static void one_emoji__is_one_text__with_the_sign_for_colour_or_without(void **state)
{
    static const char *const same[][2] = {
        { "\u2764", "\u2764\uFE0F" },
        { "\U0001F44D\uFE0F", "\U0001F44D" },
        { "\u2615\uFE0F", "\u2615" },
        { "\u00A9", "\u00A9\uFE0F" },
        { "7\u20E3", "7\uFE0F\u20E3" },
        { "\U0001F3F3\u200D\U0001F308", "\U0001F3F3\uFE0F\u200D\U0001F308" },
        { "\u26F9\uFE0F\U0001F3FD\u200D\u2640", "\u26F9\U0001F3FD\u200D\u2640\uFE0F" },
        { "\U0001F1EB\U0001F1EE", "\U0001F1EB\U0001F1EE" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        for (size_t way = 0; way < 2; way++) {
            AUTO_BUF whole;

            buf_init(&whole, EMOJI_BYTES_MAX);
            assert_true(emoji_add(slice_of(same[i][way]), &whole));
            assert_string_equal(whole.data, same[i][1]);
        }
    }
}

static void what_is_no_emoji__adds_nothing(void **state)
{
    AUTO_BUF whole;

    (void)state;
    buf_init(&whole, EMOJI_BYTES_MAX);
    assert_false(emoji_add(SLICE_LITERAL("a"), &whole));
    assert_false(emoji_add(SLICE_NONE, &whole));
    assert_false(emoji_add(SLICE_LITERAL("\uFE0F"), &whole));
    assert_int_equal(whole.len, 0);
}

static void a_set__has_up_to_five__each_once__with_one_space_between(void **state)
{
    (void)state;
    assert_true(emoji_is_set(SLICE_NONE));
    assert_true(emoji_is_set(SLICE_LITERAL("👍")));
    assert_true(emoji_is_set(SLICE_LITERAL("👍 ❤️ 🎉 😂 😢")));
    assert_false(emoji_is_set(SLICE_LITERAL("👍 ❤️ 🎉 😂 😢 🔥")));
    assert_false(emoji_is_set(SLICE_LITERAL("👍 👍")));
    assert_false(emoji_is_set(SLICE_LITERAL("👍  ❤️")));
    assert_false(emoji_is_set(SLICE_LITERAL(" 👍")));
    assert_false(emoji_is_set(SLICE_LITERAL("👍 ")));
    assert_false(emoji_is_set(SLICE_LITERAL(" ")));
    assert_false(emoji_is_set(SLICE_LITERAL("👍 yes")));
}

static void a_set__is_taken_apart_one_by_one(void **state)
{
    struct slice rest = SLICE_LITERAL("👍 ❤️");

    (void)state;
    assert_true(slice_is(emoji_next(&rest), "👍"));
    assert_true(slice_is(emoji_next(&rest), "❤️"));
    assert_int_equal(rest.len, 0);
    assert_int_equal(emoji_next(&rest).len, 0);
}

RUN(cmocka_unit_test(one_emoji__of_every_make__is_one),
    cmocka_unit_test(what_is_no_emoji__or_more_than_one__is_none),
    cmocka_unit_test(one_emoji__is_one_text__with_the_sign_for_colour_or_without),
    cmocka_unit_test(what_is_no_emoji__adds_nothing),
    cmocka_unit_test(a_set__has_up_to_five__each_once__with_one_space_between),
    cmocka_unit_test(a_set__is_taken_apart_one_by_one))
