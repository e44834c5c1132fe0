/* SPDX-License-Identifier: Apache-2.0
 *
 * manifest — what a backup says of itself, written and read.
 */
#include "storage/backup/backup.h"

#include <stdio.h>

enum { MANIFEST_VERSION = 1, PIECES_MAX = 100000 };

static const struct {
    const char *name, *file;
    bool of_tenant;
} kinds[PIECE_KIND_COUNT] = {
    [PIECE_DIRECTORY] = { "directory", "lasna.db", false },
    [PIECE_TRANSCRIPTS] = { "transcripts", "transcripts.db", true },
    [PIECE_FILES] = { "files", "files.tar", true },
    [PIECE_ERASURES] = { "erasures", "erasures", false },
    [PIECE_RECORD] = { "record", "record.db", true },
};

bool piece_path(const struct backup *backup, const struct piece *piece, char *path, size_t size)
{
    bool of_tenant = kinds[piece->kind].of_tenant;
    int len = snprintf(path, size, "%s%s%s%s%s", of_tenant ? "tenants/" : "",
                       of_tenant ? piece->tenant.text : "", of_tenant ? "/" : "",
                       kinds[piece->kind].file, backup->sealed ? ".sealed" : "");

    return len > 0 && (size_t)len < size;
}

struct backup *backup_free(struct backup *backup)
{
    if (backup == NULL)
        return NULL;
    explicit_bzero(&backup->key, sizeof(backup->key));
    json_decref(backup->left_out);
    free(backup->pieces);
    free(backup->dir);
    free(backup);
    return NULL;
}

/* --- writing --- */

static json_t *digest_json(const struct digest *digest)
{
    char text[DIGEST_HEX_BYTES];

    digest_hex(digest, text);
    return json_string(text);
}

static json_t *piece_json(const struct backup *backup, const struct piece *piece)
{
    char path[256] = "";
    const char *tenant = piece->tenant.text[0] != '\0' ? piece->tenant.text : NULL;

    (void)piece_path(backup, piece, path, sizeof(path));
    return json_pack("{s:s, s:s, s:s?, s:I, s:o, s:I, s:o, s:I, s:I, s:I, s:I}", "kind",
                     kinds[piece->kind].name, "path", path, "tenant", tenant, "bytes",
                     (json_int_t)piece->facts.bytes, "sha256", digest_json(&piece->facts.sha256),
                     "stored_bytes", (json_int_t)piece->stored_bytes, "stored_sha256",
                     digest_json(&piece->stored_sha256), "schema", (json_int_t)piece->facts.schema,
                     "conversations", (json_int_t)piece->facts.conversations, "messages",
                     (json_int_t)piece->facts.messages, "files", (json_int_t)piece->facts.files);
}

static json_t *sealing_json(const struct backup *backup)
{
    char salt[2 * SEAL_SALT_BYTES + 1];

    if (!backup->sealed)
        return json_null();
    for (size_t i = 0; i < SEAL_SALT_BYTES; i++)
        (void)snprintf(salt + 2 * i, 3, "%02x", backup->salt[i]);
    return json_pack("{s:s, s:s, s:s}", "cipher", "AES-256-GCM", "kdf", "scrypt-32768-8-1", "salt",
                     salt);
}

/* Over the manifest without the mac itself, as jansson writes it: compact, keys in order. */
static struct digest mac_of(const struct backup *backup, const json_t *manifest)
{
    struct digest key = seal_key_for(&backup->key, "manifest");
    AUTO_MEM char *text = json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS);
    struct digest mac =
        digest_hmac((struct slice){ (const char *)key.bytes, DIGEST_BYTES }, slice_of(text));

    explicit_bzero(&key, sizeof(key));
    return mac;
}

/* What a key is known by, so that a wrong one is told from a changed manifest. */
static struct digest mark_of(const struct backup *backup)
{
    return seal_key_for(&backup->key, "mark");
}

json_t *manifest_of(const struct backup *backup)
{
    const char *tenant = backup->tenant.text[0] != '\0' ? backup->tenant.text : NULL;
    json_t *pieces = json_array(), *manifest;

    for (size_t i = 0; i < backup->count; i++)
        (void)json_array_append_new(pieces, piece_json(backup, &backup->pieces[i]));
    manifest = json_pack("{s:s, s:i, s:s, s:s, s:s?, s:o, s:O, s:o}", "format", "lasna-backup",
                         "version", MANIFEST_VERSION, "made_at", backup->made_at, "made_by",
                         backup->made_by, "tenant", tenant, "sealing", sealing_json(backup),
                         "left_out", backup->left_out, "pieces", pieces);
    if (manifest == NULL || json_array_size(pieces) != backup->count) {
        json_decref(manifest);
        return NULL;
    }
    if (backup->sealed) {
        struct digest mark = mark_of(backup), mac;

        (void)json_object_set_new(manifest, "key_mark", digest_json(&mark));
        mac = mac_of(backup, manifest);
        (void)json_object_set_new(manifest, "mac", digest_json(&mac));
    }
    return manifest;
}

/* --- reading --- */

static struct slice text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return (struct slice){ json_string_value(value), json_string_length(value) };
}

static bool read_digest(const json_t *object, const char *key, struct digest *ret_digest)
{
    return digest_parse(text_of(object, key), ret_digest) == 0;
}

static bool read_number(const json_t *object, const char *key, uint64_t *ret_number)
{
    const json_t *value = json_object_get(object, key);

    *ret_number = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool read_kind(struct slice name, enum piece_kind *ret_kind)
{
    for (size_t i = 0; i < PIECE_KIND_COUNT; i++) {
        if (slice_is(name, kinds[i].name)) {
            *ret_kind = (enum piece_kind)i;
            return true;
        }
    }
    return false;
}

/* Its path follows from kind and tenant, and is only compared: nothing here can point elsewhere. */
static bool read_piece(const struct backup *backup, const json_t *object, struct piece *piece)
{
    struct slice tenant = text_of(object, "tenant");
    char path[256];

    return read_kind(text_of(object, "kind"), &piece->kind) &&
           (tenant.data != NULL) == kinds[piece->kind].of_tenant &&
           (tenant.data == NULL || tenant_name_parse(tenant, &piece->tenant) == 0) &&
           piece_path(backup, piece, path, sizeof(path)) &&
           slice_is(text_of(object, "path"), path) &&
           read_number(object, "bytes", &piece->facts.bytes) &&
           read_digest(object, "sha256", &piece->facts.sha256) &&
           read_number(object, "stored_bytes", &piece->stored_bytes) &&
           read_digest(object, "stored_sha256", &piece->stored_sha256) &&
           read_number(object, "schema", &piece->facts.schema) &&
           read_number(object, "conversations", &piece->facts.conversations) &&
           read_number(object, "messages", &piece->facts.messages) &&
           read_number(object, "files", &piece->facts.files);
}

static bool read_pieces(struct backup *backup, const json_t *pieces)
{
    const json_t *object;
    size_t i;

    if (!json_is_array(pieces) || json_array_size(pieces) > PIECES_MAX)
        return false;
    backup->pieces = calloc(json_array_size(pieces) + 1, sizeof(*backup->pieces));
    if (backup->pieces == NULL)
        return false;
    json_array_foreach(pieces, i, object)
    {
        if (!read_piece(backup, object, &backup->pieces[backup->count]))
            return false;
        backup->count++;
    }
    return true;
}

static bool read_salt(struct backup *backup, const json_t *sealing)
{
    struct slice salt = text_of(sealing, "salt");
    struct digest padded;
    char hex[DIGEST_HEX_BYTES];

    backup->sealed = !json_is_null(sealing);
    if (!backup->sealed)
        return true;
    if (salt.len != 2 * SEAL_SALT_BYTES)
        return false;
    (void)snprintf(hex, sizeof(hex), "%.*s%032d", SLICE_ARG(salt), 0);
    if (digest_parse(slice_of(hex), &padded) != 0)
        return false;
    memcpy(backup->salt, padded.bytes, SEAL_SALT_BYTES);
    return slice_is(text_of(sealing, "cipher"), "AES-256-GCM") &&
           slice_is(text_of(sealing, "kdf"), "scrypt-32768-8-1");
}

static bool read_left_out(struct backup *backup, json_t *left_out)
{
    const char *tenant;
    json_t *why;

    if (!json_is_object(left_out))
        return false;
    json_object_foreach(left_out, tenant, why)
    {
        if (!json_is_string(why))
            return false;
    }
    backup->left_out = json_incref(left_out);
    return true;
}

static bool read_head(struct backup *backup, const json_t *manifest)
{
    struct slice tenant = text_of(manifest, "tenant");

    return slice_is(text_of(manifest, "format"), "lasna-backup") &&
           json_integer_value(json_object_get(manifest, "version")) == MANIFEST_VERSION &&
           (tenant.data == NULL || tenant_name_parse(tenant, &backup->tenant) == 0) &&
           slice_copy(text_of(manifest, "made_at"), backup->made_at, sizeof(backup->made_at)) &&
           slice_copy(text_of(manifest, "made_by"), backup->made_by, sizeof(backup->made_by)) &&
           read_left_out(backup, json_object_get(manifest, "left_out")) &&
           read_salt(backup, json_object_get(manifest, "sealing"));
}

static int open_with(struct backup *backup, const char *secret, json_t *manifest,
                     struct buf *problem)
{
    struct digest mark, mac, given_mark, given_mac;
    int rc = seal_key_derive(slice_of(secret), backup->salt, &backup->key);

    if (rc != OK)
        return rc;
    if (!read_digest(manifest, "key_mark", &given_mark) ||
        !read_digest(manifest, "mac", &given_mac)) {
        buf_add_text(problem, "its manifest bears no mark of a key.");
        return BACKUP_E_REFUSED;
    }
    mark = mark_of(backup);
    (void)json_object_del(manifest, "mac");
    mac = mac_of(backup, manifest);
    backup->opened = digest_equal(&mark, &given_mark) && digest_equal(&mac, &given_mac);
    if (backup->opened)
        return OK;
    buf_add_text(problem, digest_equal(&mark, &given_mark)
                              ? "its manifest was changed after it was written."
                              : "this key is not the one it was sealed with.");
    return BACKUP_E_REFUSED;
}

static int read_manifest(struct backup *backup, const char *secret, json_t *manifest,
                         struct buf *problem)
{
    if (!read_head(backup, manifest) || !read_pieces(backup, json_object_get(manifest, "pieces"))) {
        buf_add_text(problem,
                     "its manifest is none of this version's: damaged, or made by a later one.");
        return BACKUP_E_REFUSED;
    }
    if (!backup->sealed && secret != NULL) {
        buf_add_text(problem, "a key is given, but it is not sealed: anybody may have changed it. "
                              "Leave the key out if you trust it.");
        return BACKUP_E_REFUSED;
    }
    return backup->sealed && secret != NULL ? open_with(backup, secret, manifest, problem) : OK;
}

int backup_open(struct backup **ret_backup, const char *dir, const char *secret,
                struct buf *problem)
{
    AUTO(backup) backup = calloc(1, sizeof(*backup));
    AUTO_MEM char *path = NULL;
    AUTO_JSON manifest = NULL;
    int rc;

    if (backup != NULL)
        backup->dir = strdup(dir);
    if (backup == NULL || backup->dir == NULL || asprintf(&path, "%s/manifest.json", dir) < 0) {
        path = NULL;
        return RAISE(ERR_NO_MEMORY);
    }
    manifest = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    if (manifest == NULL) {
        buf_add_text(problem, "it holds no manifest.json that can be read: it is no backup.");
        return BACKUP_E_REFUSED;
    }
    rc = read_manifest(backup, secret, manifest, problem);
    if (rc != OK)
        return rc;
    *ret_backup = backup;
    backup = NULL;
    return OK;
}

const struct piece *backup_find(const struct backup *backup, enum piece_kind kind,
                                const struct tenant_name *tenant)
{
    for (size_t i = 0; i < backup->count; i++) {
        const struct piece *piece = &backup->pieces[i];

        if (piece->kind == kind &&
            strcmp(piece->tenant.text, tenant != NULL ? tenant->text : "") == 0)
            return piece;
    }
    return NULL;
}
