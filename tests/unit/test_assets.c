/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/web.h"

#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static char *dir;
static struct assets assets;

static void put(const char *name, const char *text)
{
    char path[4096];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int start(void **state)
{
    char path[4096];

    (void)state;
    dir = scratch_new();
    (void)snprintf(path, sizeof(path), "%s/assets", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    put("loader.js", "start(__LASNA_CONFIG__);");
    put("frame.html", "<!doctype html>");
    put("assets/chat-1a2b.js", "chat()");
    put("assets/chat-1a2b.js.gz", "gzipped");
    put("assets/chat-1a2b.js.br", "brotli");
    put("assets/chat-1a2b.css", "p{}");
    put("assets/notes.txt", "not for anybody");
    assert_int_equal(assets_load(&assets, dir), OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    assets_release(&assets);
    dir = scratch_free(dir);
    return 0;
}

static struct asset *found(const char *name)
{
    struct asset *asset = assets_find(&assets, slice_of(name));

    assert_non_null(asset);
    return asset;
}

static void a_file__has_its_type_and_its_forms(void **state)
{
    const struct asset *chat = found("chat-1a2b.js");

    (void)state;
    assert_string_equal(chat->type, "text/javascript; charset=utf-8");
    assert_true(slice_is(chat->body[ENCODING_PLAIN], "chat()"));
    assert_true(slice_is(chat->body[ENCODING_GZIP], "gzipped"));
    assert_true(slice_is(chat->body[ENCODING_BROTLI], "brotli"));
    assert_string_equal(found("chat-1a2b.css")->type, "text/css; charset=utf-8");
}

static void what_has_no_type_or_no_name_of_ours__is_not_served(void **state)
{
    static const char *const names[] = { "notes.txt",          "chat-1a2b.js.gz", "",
                                         "../loader.js",       "loader.js",       "frame.html",
                                         "./chat-1a2b.js",     "chat-1a2b.j",     "CHAT-1a2b.js",
                                         "assets/chat-1a2b.js" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_null(assets_find(&assets, slice_of(names[i])));
}

static void the_best_form_both_sides_know__is_chosen(void **state)
{
    static const struct {
        const char *accepts;
        enum encoding chosen;
    } cases[] = {
        { "", ENCODING_PLAIN },           { "identity", ENCODING_PLAIN },
        { "gzip", ENCODING_GZIP },        { "gzip, deflate, br", ENCODING_BROTLI },
        { "deflate", ENCODING_PLAIN },    { "br", ENCODING_BROTLI },
        { "xgzip, bro", ENCODING_PLAIN }, { "gzip;q=0, br;q=0", ENCODING_PLAIN },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (asset_choose(found("chat-1a2b.js"), slice_of(cases[i].accepts)) != cases[i].chosen)
            fail_msg("for \"%s\"", cases[i].accepts);
    }
    assert_int_equal(asset_choose(found("chat-1a2b.css"), SLICE_LITERAL("gzip, br")),
                     ENCODING_PLAIN); /* there is no other form */
}

static void an_etag__follows_the_content(void **state)
{
    char before[24];

    (void)state;
    (void)snprintf(before, sizeof(before), "%s", found("chat-1a2b.js")->etag);
    assert_int_equal(before[0], '"');
    assert_string_not_equal(before, found("chat-1a2b.css")->etag);
    assets_release(&assets);
    put("assets/chat-1a2b.css", "q{}");
    assert_int_equal(assets_load(&assets, dir), OK);
    assert_string_equal(found("chat-1a2b.js")->etag, before);
}

static void the_loader_of_a_site__holds_its_configuration(void **state)
{
    struct asset *loader = assets_make_loader(&assets, SLICE_LITERAL("{\"color\":\"#123456\"}"));
    static const char expected[] = "start({\"color\":\"#123456\"});";
    char plain[256];
    z_stream stream = { .avail_out = sizeof(plain), .next_out = (Bytef *)plain };

    (void)state;
    assert_non_null(loader);
    assert_true(slice_is(loader->body[ENCODING_PLAIN], expected));
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)loader->body[ENCODING_GZIP].data;
    stream.avail_in = (uInt)loader->body[ENCODING_GZIP].len;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_true(slice_is((struct slice){ plain, stream.total_out }, expected));
    (void)inflateEnd(&stream);
    asset_free(loader);
}

static void without_a_widget__everything_is_empty_and_nothing_breaks(void **state)
{
    struct assets none;

    (void)state;
    assert_int_equal(assets_load(&none, "/nowhere/at/all"), OK);
    assert_null(none.loader);
    assert_null(assets_find(&none, SLICE_LITERAL("chat-1a2b.js")));
    assert_null(assets_make_loader(&none, SLICE_LITERAL("{}")));
    assets_release(&none);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(a_file__has_its_type_and_its_forms),
    CASE(what_has_no_type_or_no_name_of_ours__is_not_served),
    CASE(the_best_form_both_sides_know__is_chosen), CASE(an_etag__follows_the_content),
    CASE(the_loader_of_a_site__holds_its_configuration),
    CASE(without_a_widget__everything_is_empty_and_nothing_breaks))
