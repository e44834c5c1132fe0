/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/upload_url.h"

#include "tests/support/cmocka.h"

#define PLACE "https://upload.chat.example/file_share/"

static void a_folder_of_an_origin__is_a_place(void **state)
{
    static const char *const all[] = {
        PLACE,
        "https://chat.example/",
        "https://chat.example:5281/a/b/",
        "http://localhost:5280/upload/",
        "http://127.0.0.1/",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!upload_place_is_fine(slice_of(all[i])))
            fail_msg("%s is a place", all[i]);
    }
}

static void what_could_be_read_as_another__is_no_place(void **state)
{
    static const char *const all[] = {
        "",
        "https://",
        "https:///",
        "chat.example/",
        "ftp://chat.example/",
        "http://chat.example/",
        "http://localhost.example/",
        "https://chat.example",
        "https://chat.example/file",
        "https://anna@chat.example/",
        "https://chat.example:/",
        "https://chat.example:80a/",
        "https://.example/",
        "https://chat.example/a//",
        "https://chat.example/../",
        "https://chat.example/%2e/",
        "https://chat.example/?a/",
        "https://chat.example/#a/",
        "https://chat.example\\a/",
        "https://chat example/",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (upload_place_is_fine(slice_of(all[i])))
            fail_msg("%s is no place", all[i]);
    }
}

static void an_address_below_the_place__has_a_name(void **state)
{
    static const struct {
        const char *text, *name;
    } all[] = {
        { PLACE "s1/offer.pdf", "offer.pdf" },
        { PLACE "offer.pdf", "offer.pdf" },
        { PLACE "s1/Hinnasto%202026%20%C3%A4.pdf", "Hinnasto 2026 ä.pdf" },
        { PLACE "s1/a@b:c.pdf", "a@b:c.pdf" },
        { PLACE "s1/...", "..." },
        { PLACE "s1/%3Cb%3E%22.png", "<b>\".png" },
        { PLACE "s1/%E2%80%AEgpj.exe", "gpj.exe" }, /* the override that would turn it round */
        { PLACE "s1/%252f.pdf", "%2f.pdf" },        /* decoded once, as browsers do */
    };
    AUTO_BUF name;

    (void)state;
    buf_init(&name, 1024);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!upload_url_name(PLACE, slice_of(all[i].text), &name))
            fail_msg("%s is an address", all[i].text);
        assert_true(slice_is(buf_slice(&name), all[i].name));
    }
}

static void what_leads_elsewhere_or_is_more_than_an_address__is_none(void **state)
{
    static const char *const all[] = {
        "",
        PLACE,
        "offer.pdf",
        "http://upload.chat.example/file_share/s1/a.pdf",
        "https://upload.chat.example.evil.example/file_share/s1/a.pdf",
        "https://upload.chat.example@evil.example/file_share/s1/a.pdf",
        "https://anna@upload.chat.example/file_share/s1/a.pdf",
        "https://upload.chat.example:8443/file_share/s1/a.pdf",
        "https://UPLOAD.chat.example/file_share/s1/a.pdf",
        "https://upload.chat.example/file_sharing/s1/a.pdf",
        "https://upload.chat.example/other/a.pdf",
        "aesgcm://upload.chat.example/file_share/s1/a.pdf#key",
        PLACE "../admin",
        PLACE "s1/../../admin",
        PLACE "s1/./a.pdf",
        PLACE "s1/%2e%2E/a.pdf",
        PLACE "s1/.%2e",
        PLACE "s1/%2fa.pdf",
        PLACE "s1/%5Ca.pdf",
        PLACE "s1\\..\\a.pdf",
        PLACE "s1//a.pdf",
        PLACE "s1/",
        PLACE "s1/a.pdf?x=1",
        PLACE "s1/a.pdf#x",
        PLACE "s1/a.pdf and words",
        PLACE "s1/a.pdf\nwords",
        PLACE "s1/a%00.pdf",
        PLACE "s1/a%0a.pdf",
        PLACE "s1/a%7F.pdf",
        PLACE "s1/a%",
        PLACE "s1/a%4",
        PLACE "s1/a%zz",
        PLACE "s1/%20",
        PLACE "s1/ä.pdf",
        "see " PLACE "s1/a.pdf",
    };
    AUTO_BUF name;

    (void)state;
    buf_init(&name, 1024);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (upload_url_name(PLACE, slice_of(all[i]), &name))
            fail_msg("%s is no address", all[i]);
    }
}

static void an_address_longer_than_any_of_a_server__is_none(void **state)
{
    char text[UPLOAD_URL_BYTES_MAX + 2];
    AUTO_BUF name;

    (void)state;
    buf_init(&name, 1024);
    memset(text, 'a', sizeof(text));
    memcpy(text, PLACE "s1/a/", sizeof(PLACE "s1/a/") - 1);
    for (size_t at = sizeof(PLACE) + 10; at < sizeof(text); at += 100)
        text[at] = '/';
    assert_true(upload_url_name(PLACE, (struct slice){ text, sizeof(text) - 2 }, &name));
    assert_false(upload_url_name(PLACE, (struct slice){ text, sizeof(text) - 1 }, &name));
}

static void without_a_place__nothing_is_an_address(void **state)
{
    AUTO_BUF name;

    (void)state;
    buf_init(&name, 1024);
    assert_false(upload_url_name("", slice_of(PLACE "s1/a.pdf"), &name));
}

RUN(cmocka_unit_test(a_folder_of_an_origin__is_a_place),
    cmocka_unit_test(what_could_be_read_as_another__is_no_place),
    cmocka_unit_test(an_address_below_the_place__has_a_name),
    cmocka_unit_test(what_leads_elsewhere_or_is_more_than_an_address__is_none),
    cmocka_unit_test(an_address_longer_than_any_of_a_server__is_none),
    cmocka_unit_test(without_a_place__nothing_is_an_address))
