/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/settings.h"
#include "tests/support/cmocka.h"

#include <stdio.h>

static const struct setting number = { "x.number", SETTING_NUMBER, "1",   "", 1,
                                       9,          false,          false, "", false };
static const struct setting span = {
    "x.ms", SETTING_MILLISECONDS, "1", "", 1000, 90000000, false, false, "", false
};
static const struct setting flag = {
    "x.flag", SETTING_FLAG, "no", "", 0, 0, false, false, "", false
};
static const struct setting choice = {
    "x.choice", SETTING_CHOICE, "one", "one two three", 0, 0, false, false, "", false
};
static const struct setting line = {
    "x.line", SETTING_LINE, "", "", 2, 5, false, false, "", false
};
static const struct setting color = { "x.color", SETTING_COLOR, "#000000", "", 0,
                                      0,         false,         false,     "", false };

/* What a value becomes; "!…" is the problem. */
static const char *put(const struct setting *setting, const char *value)
{
    static char text[256];
    AUTO_BUF right;
    AUTO_BUF problem;

    buf_init(&right, 4096);
    buf_init(&problem, 4096);
    if (setting_put_right(setting, slice_of(value), &right, &problem) == 0)
        (void)snprintf(text, sizeof(text), "%s", right.data);
    else
        (void)snprintf(text, sizeof(text), "!%s", problem.data);
    return text;
}

static void a_value__is_kept_in_one_spelling(void **state)
{
    static const struct {
        const struct setting *setting;
        const char *given, *kept;
    } rows[] = {
        { &number, "7", "7" },
        { &number, "07", "7" },
        { &span, "20000", "20000" },
        { &span, "20s", "20000" },
        { &span, "5min", "300000" },
        { &span, "1h", "3600000" },
        { &span, "1d", "86400000" },
        { &flag, "true", "yes" },
        { &flag, "off", "no" },
        { &choice, "two", "two" },
        { &line, " a\tb ", "a b" },
        { &line, "ääää", "ääää" },
        { &color, "#1F6feb", "#1f6feb" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(put(rows[i].setting, rows[i].given), rows[i].kept);
}

static void a_value_out_of_its_range__is_refused_with_the_range(void **state)
{
    static const struct {
        const struct setting *setting;
        const char *given, *tells;
    } rows[] = {
        { &number, "0", "!\"x.number\" must be 1 to 9." },
        { &number, "10", "1 to 9" },
        { &number, "5s", "1 to 9" },
        { &number, "-1", "1 to 9" },
        { &number, "", "1 to 9" },
        { &number, "99999999999999999999", "1 to 9" },
        { &span, "20 s", "1000 to 90000000 ms" },
        { &span, "20w", "1000 to 90000000 ms" },
        { &span, "2d", "1000 to 90000000 ms" },
        { &flag, "maybe", "yes or no" },
        { &choice, "four", "one, two or three" },
        { &choice, "", "one, two or three" },
        { &choice, "one two", "one, two or three" },
        { &line, "a", "2 to 5 characters" },
        { &line, "abcdef", "2 to 5 characters" },
        { &line, "   ", "2 to 5 characters" },
        { &line, "a\xff", "2 to 5 characters" },
        { &color, "red", "#rrggbb" },
        { &color, "#12345g", "#rrggbb" },
        { &color, "#123", "#rrggbb" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *what = put(rows[i].setting, rows[i].given);

        if (what[0] != '!' || strstr(what, rows[i].tells) == NULL)
            fail_msg("%s=%s: %s", rows[i].setting->key, rows[i].given, what);
    }
}

/* A wrong one would surface only where no layer says anything. */
static void every_initial_value__is_one_that_could_be_set(void **state)
{
    (void)state;
    for (size_t i = 0; i < setting_count(); i++) {
        const struct setting *setting = setting_at(i);
        bool text = setting->type == SETTING_LINE || setting->type == SETTING_WORDING;

        assert_ptr_equal(setting_find(slice_of(setting->key)), setting);
        assert_true(setting->meaning[strlen(setting->meaning) - 1] == '.');
        if (!(text && setting->initial[0] == '\0'))
            assert_string_equal(put(setting, setting->initial), setting->initial);
    }
}

/* --- layers --- */

static char *layer(const char *before, enum setting_layer which, const char *changes)
{
    json_t *read = json_loads(changes, 0, NULL);
    char *after = NULL;
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    assert_non_null(read);
    if (settings_layer_change(before, which, read, &after, &problem) != OK) {
        assert_null(after);
        assert_true(asprintf(&after, "!%s", problem.data) > 0);
    }
    json_decref(read);
    return after;
}

static void a_layer__holds_only_what_it_says(void **state)
{
    AUTO_MEM char *first = layer(NULL, LAYER_TENANT, "{\"routing.offer_ms\":\"30s\"}");
    AUTO_MEM char *second = layer(first, LAYER_TENANT, "{\"widget.color\":\"#AABBCC\"}");
    AUTO_MEM char *third = layer(second, LAYER_TENANT, "{\"routing.offer_ms\":null}");

    (void)state;
    assert_string_equal(first, "{\"routing.offer_ms\":\"30000\"}");
    assert_string_equal(second, "{\"routing.offer_ms\":\"30000\",\"widget.color\":\"#aabbcc\"}");
    assert_string_equal(third, "{\"widget.color\":\"#aabbcc\"}");
}

static void a_change_with_one_wrong_value__is_refused_whole(void **state)
{
    static const struct {
        enum setting_layer which;
        const char *changes, *tells;
    } rows[] = {
        { LAYER_TENANT, "{\"widget.color\":\"#aabbcc\",\"routing.offer_ms\":\"1\"}", "5000 to" },
        { LAYER_TENANT, "{\"widget.color\":\"#aabbcc\",\"x.y\":\"1\"}", "\"x.y\" is no setting" },
        { LAYER_TENANT, "{\"widget.color:fi\":\"#aabbcc\"}", "is no setting" },
        { LAYER_TENANT, "{\"widget.color\":7}", "must be a text" },
        { LAYER_SITE, "{\"routing.offer_ms\":\"30s\"}", "cannot differ by site" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_MEM char *what = layer("{}", rows[i].which, rows[i].changes);

        if (what[0] != '!' || strstr(what, rows[i].tells) == NULL)
            fail_msg("%s: %s", rows[i].changes, what);
    }
}

static struct tenant_settings *merged;

/* What an opened chat fetches. */
static const char *texts(void)
{
    static char said[512];
    AUTO_BUF all;

    buf_init(&all, sizeof(said) - 1);
    tenant_settings_texts(merged, &all);
    (void)slice_copy(buf_slice(&all), said, sizeof(said));
    return said;
}

static const char *from(const char *key)
{
    return json_string_value(json_object_get(json_object_get(merged->values, key), "from"));
}

static void merge(const char *server, const char *tenant, const char *site)
{
    const char *const layers[LAYER_COUNT] = { "", server, tenant, site };

    merged = tenant_settings_free(merged);
    assert_int_equal(tenant_settings_new(&merged, layers), OK);
}

/* In each language as its lowest layer has them; the page's script only holds that there are any.
 */
static void own_words__come_with_the_chat_and_not_with_the_page(void **state)
{
    AUTO_BUF page;

    (void)state;
    buf_init(&page, 4096);
    merge(NULL, NULL, NULL);
    assert_string_equal(texts(), "");
    tenant_settings_widget(merged, &page);
    assert_null(strstr(page.data, "texts"));
    merge("{\"widget.texts\":\"{\\\"end\\\":\\\"Stop\\\"}\"}",
          "{\"widget.texts:fi\":\"{\\\"end\\\":\\\"Lopeta\\\"}\"}", "{\"widget.texts:sv\":\"{}\"}");
    assert_string_equal(texts(), "{\"\":{\"end\":\"Stop\"},\"fi\":{\"end\":\"Lopeta\"},\"sv\":{}}");
    buf_clear(&page);
    tenant_settings_widget(merged, &page);
    assert_non_null(strstr(page.data, ",\"texts\":true"));
    merged = tenant_settings_free(merged);
}

/* A chat stops at a language that browsers know none of; and one that was set before, when we took
 * it, can be taken away. */
static void a_language_that_is_none__is_refused_and_passed_over(void **state)
{
    AUTO_MEM char *fine = layer(NULL, LAYER_TENANT, "{\"widget.texts:zh-hant\":\"{}\"}");
    AUTO_MEM char *broken = layer(NULL, LAYER_TENANT, "{\"widget.texts:xx-y\":\"{}\"}");
    AUTO_MEM char *large = layer(NULL, LAYER_TENANT, "{\"widget.texts:FI\":\"{}\"}");
    AUTO_MEM char *gone =
        layer("{\"widget.texts:xx-y\":\"{}\"}", LAYER_TENANT, "{\"widget.texts:xx-y\":null}");

    (void)state;
    assert_string_equal(fine, "{\"widget.texts:zh-hant\":\"{}\"}");
    assert_string_equal(broken, "!\"widget.texts:xx-y\" does not end with a language as fi, en-gb "
                                "or zh-hant, in small letters.");
    assert_non_null(strstr(large, "in small letters"));
    assert_string_equal(gone, "{}");
    merge(NULL, "{\"widget.texts:xx-y\":\"{}\",\"widget.texts:fi\":\"{}\"}", NULL);
    assert_string_equal(texts(), "{\"fi\":{}}");
    merge(NULL, "{\"widget.texts:sv\":\"{\\\"write\",\"widget.texts:fi\":\"{}\"}", NULL);
    assert_string_equal(texts(), "{\"fi\":{}}");
    merged = tenant_settings_free(merged);
}

static void one_wrong_text__is_named_with_its_setting(void **state)
{
    AUTO_MEM char *what =
        layer(NULL, LAYER_SITE, "{\"widget.texts:fi\":\"{\\\"ennd\\\":\\\"Lopeta\\\"}\"}");

    (void)state;
    assert_string_equal(what, "!\"widget.texts\": \"ennd\" is none of the chat's texts; "
                              "`lasnactl texts list` lists them.");
}

/* Words that are right say nothing against what is wrong beside them. */
static void what_is_wrong_beside_right_texts__is_told_alone(void **state)
{
    AUTO_MEM char *what = layer(NULL, LAYER_TENANT,
                                "{\"widget.texts:fi\":\"{\\\"end\\\":\\\"Lopeta\\\"}\","
                                "\"widget.glow\":\"yes\"}");

    (void)state;
    assert_string_equal(what,
                        "!\"widget.glow\" is no setting; `lasnactl settings list` lists them.");
}

static void the_lowest_layer_that_says_something__counts(void **state)
{
    (void)state;
    merge(NULL, NULL, NULL);
    assert_int_equal(merged->routing_offer_ms, 20000);
    assert_string_equal(merged->widget_color, "#1f6feb");
    assert_string_equal(from("widget.color"), "built-in");
    merge("{\"widget.color\":\"#111111\",\"routing.offer_ms\":\"6000\"}",
          "{\"widget.color\":\"#222222\"}", "{\"widget.color\":\"#333333\"}");
    assert_string_equal(merged->widget_color, "#333333");
    assert_string_equal(from("widget.color"), "site");
    assert_int_equal(merged->routing_offer_ms, 6000);
    assert_string_equal(from("routing.offer_ms"), "server");
    merge("{\"widget.color\":\"#111111\"}", "{\"widget.color\":\"#222222\"}", NULL);
    assert_string_equal(from("widget.color"), "tenant");
    merged = tenant_settings_free(merged);
}

/* Of a later version, or from a file somebody wrote by hand. */
static void what_a_layer_should_not_hold__is_passed_over(void **state)
{
    static const char *const layers[] = { "{\"widget.glow\":\"yes\"}",
                                          "{\"widget.color\":\"glow\"}",
                                          "{\"widget.color\":7}",
                                          "[]",
                                          "{",
                                          "" };

    (void)state;
    for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
        merge(NULL, layers[i], NULL);
        assert_string_equal(merged->widget_color, "#1f6feb");
        assert_string_equal(from("widget.color"), "built-in");
        assert_null(from("widget.glow"));
    }
    merged = tenant_settings_free(merged);
}

static void the_widget__is_told_its_group_as_json(void **state)
{
    AUTO_BUF text;
    AUTO_JSON config = NULL;

    (void)state;
    buf_init(&text, 65536);
    merge(NULL,
          "{\"widget.color\":\"#222222\",\"widget.button\":\"no\",\"widget.greeting:fi\":\"Hei\"}",
          NULL);
    buf_add_text(&text, "{\"x\":1");
    tenant_settings_widget(merged, &text);
    buf_add_text(&text, "}");
    config = json_loads(text.data, 0, NULL);
    assert_non_null(config);
    assert_string_equal(json_string_value(json_object_get(config, "color")), "#222222");
    assert_true(json_is_false(json_object_get(config, "button")));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(config, "greeting"), "fi")), "Hei");
    assert_null(json_object_get(config, "side")); /* as it is built in */
    assert_null(json_object_get(config, "offer_ms"));
    merged = tenant_settings_free(merged);
}

RUN(cmocka_unit_test(a_value__is_kept_in_one_spelling),
    cmocka_unit_test(a_value_out_of_its_range__is_refused_with_the_range),
    cmocka_unit_test(every_initial_value__is_one_that_could_be_set),
    cmocka_unit_test(a_layer__holds_only_what_it_says),
    cmocka_unit_test(a_change_with_one_wrong_value__is_refused_whole),
    cmocka_unit_test(own_words__come_with_the_chat_and_not_with_the_page),
    cmocka_unit_test(one_wrong_text__is_named_with_its_setting),
    cmocka_unit_test(a_language_that_is_none__is_refused_and_passed_over),
    cmocka_unit_test(what_is_wrong_beside_right_texts__is_told_alone),
    cmocka_unit_test(the_lowest_layer_that_says_something__counts),
    cmocka_unit_test(what_a_layer_should_not_hold__is_passed_over),
    cmocka_unit_test(the_widget__is_told_its_group_as_json))
