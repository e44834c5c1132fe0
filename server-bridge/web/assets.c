/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/web.h"

#include "base/secret/digest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { ASSET_MAX_BYTES = 1 << 20 };
#define PLACE "__LASNA_CONFIG__"

static const char *const suffixes[ENCODING_COUNT] = { "", ".gz", ".br" };

static const struct {
    const char *ending, *type;
} types[] = {
    { ".js", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".html", "text/html; charset=utf-8" },
    { ".json", "application/json" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
};

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), end_len = strlen(ending);

    return len >= end_len && strcmp(text + len - end_len, ending) == 0;
}

static const char *type_of(const char *name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (ends_with(name, types[i].ending))
            return types[i].type;
    }
    return NULL;
}

struct asset *asset_free(struct asset *asset)
{
    if (asset == NULL)
        return NULL;
    for (int i = 0; i < ENCODING_COUNT; i++)
        free((void *)(uintptr_t)asset->body[i].data);
    free(asset->name);
    free(asset);
    return NULL;
}

static void make_etag(struct asset *asset)
{
    struct digest digest = digest_sha256(asset->body[ENCODING_PLAIN]);
    char hex[DIGEST_HEX_BYTES];

    digest_hex(&digest, hex);
    (void)snprintf(asset->etag, sizeof(asset->etag), "\"%.16s\"", hex);
}

static struct slice read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *bytes = file == NULL ? NULL : malloc(ASSET_MAX_BYTES);
    struct slice body = SLICE_NONE;

    if (bytes != NULL) {
        body.len = fread(bytes, 1, ASSET_MAX_BYTES, file);
        body.data = realloc(bytes, body.len + 1);
    }
    if (file != NULL)
        (void)fclose(file);
    return body;
}

static struct asset *load(const char *folder, const char *name)
{
    struct asset *asset = calloc(1, sizeof(*asset));
    char path[4096];

    if (asset == NULL)
        return NULL;
    for (int i = 0; i < ENCODING_COUNT; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffixes[i]);
        asset->body[i] = read_file(path);
    }
    asset->name = strdup(name);
    asset->type = type_of(name);
    if (asset->body[ENCODING_PLAIN].len == 0 || asset->name == NULL)
        return asset_free(asset);
    make_etag(asset);
    return asset;
}

static void load_hashed(struct assets *assets, const char *folder)
{
    char path[4096];
    struct dirent *entry;
    DIR *dir;

    (void)snprintf(path, sizeof(path), "%s/assets", folder);
    dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct asset *asset = type_of(entry->d_name) == NULL ? NULL : load(path, entry->d_name);

        if (asset != NULL)
            HASH_ADD_KEYPTR(hh, assets->files, asset->name, strlen(asset->name), asset);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

int assets_load(struct assets *assets, const char *folder)
{
    *assets = (struct assets){ .files = NULL };
    assets->loader = load(folder, "loader.js");
    assets->frame = load(folder, "frame.html");
    assets->join = load(folder, "join.html");
    load_hashed(assets, folder);
    if (assets->loader == NULL || assets->frame == NULL ||
        memmem(assets->loader->body[0].data, assets->loader->body[0].len, PLACE, strlen(PLACE)) ==
            NULL)
        log_event(LOG_WARNING, NULL, "web.no_widget", "folder=%s", folder);
    return OK;
}

void assets_release(struct assets *assets)
{
    struct asset *asset, *next;

    HASH_ITER(hh, assets->files, asset, next)
    {
        HASH_DEL(assets->files, asset);
        asset_free(asset);
    }
    assets->loader = asset_free(assets->loader);
    assets->frame = asset_free(assets->frame);
    assets->join = asset_free(assets->join);
}

struct asset *assets_find(const struct assets *assets, struct slice name)
{
    struct asset *asset;

    HASH_FIND(hh, assets->files, name.data, name.len, asset);
    return asset;
}

/* --- what is one site's own --- */

static struct slice gzip(struct slice plain)
{
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)plain.data, .avail_in = (uInt)plain.len };
    struct slice body = SLICE_NONE;
    uLong room;
    Bytef *bytes;

    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return body;
    room = deflateBound(&stream, (uLong)plain.len);
    bytes = malloc(room);
    stream.next_out = bytes;
    stream.avail_out = (uInt)room;
    if (bytes != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END)
        body = (struct slice){ (char *)bytes, stream.total_out };
    else
        free(bytes);
    (void)deflateEnd(&stream);
    return body;
}

struct asset *assets_make(const char *name, struct slice body)
{
    struct asset *asset = body.len == 0 ? NULL : calloc(1, sizeof(*asset));

    if (asset == NULL)
        return NULL;
    asset->name = strdup(name);
    asset->type = type_of(name);
    asset->body[ENCODING_PLAIN] = (struct slice){ slice_dup(body), body.len };
    if (asset->name == NULL || asset->body[ENCODING_PLAIN].data == NULL)
        return asset_free(asset);
    asset->body[ENCODING_GZIP] = gzip(asset->body[ENCODING_PLAIN]);
    make_etag(asset);
    return asset;
}

struct asset *assets_make_loader(const struct assets *assets, struct slice config)
{
    struct slice body = assets->loader == NULL ? SLICE_NONE : assets->loader->body[0];
    const char *place = body.len == 0 ? NULL : memmem(body.data, body.len, PLACE, strlen(PLACE));
    AUTO_BUF text;

    buf_init(&text, ASSET_MAX_BYTES);
    if (place == NULL)
        return NULL;
    buf_add(&text, body.data, (size_t)(place - body.data));
    buf_add_slice(&text, config);
    place += strlen(PLACE);
    buf_add(&text, place, body.len - (size_t)(place - body.data));
    return buf_failed(&text) ? NULL : assets_make("loader.js", buf_slice(&text));
}

enum encoding asset_choose(const struct asset *asset, struct slice accept_encoding)
{
    if (asset->body[ENCODING_BROTLI].len > 0 && http_token_in(accept_encoding, "br"))
        return ENCODING_BROTLI;
    if (asset->body[ENCODING_GZIP].len > 0 && http_token_in(accept_encoding, "gzip"))
        return ENCODING_GZIP;
    return ENCODING_PLAIN;
}
