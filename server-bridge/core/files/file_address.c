/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a file can be had: its id, and a keyed hash of tenant (as it was born) and id beside it.
 * The key is of this instance and told to nobody, so ids in transcripts open nothing, and nothing
 * that opens a file is stored. An address holds as long as the file is there.
 */
#include "server-bridge/core/files/files.h"

#include "base/format/upload_url.h"

#include <openssl/crypto.h>

static struct id seal(const struct core *core, const struct tenant_name *tenant,
                      struct file_id file)
{
    char id[ID_TEXT_BYTES], text[sizeof(tenant->text) + ID_TEXT_BYTES];
    struct digest mac;
    struct id half;

    id_format(file.id, id);
    (void)snprintf(text, sizeof(text), "%s/%s", tenant->text, id);
    mac = digest_hmac((struct slice){ (const char *)core->file_key.bytes, DIGEST_BYTES },
                      slice_of(text));
    memcpy(half.bytes, mac.bytes, ID_BYTES);
    return half;
}

static void format_key(const struct core *core, const struct tenant_name *tenant,
                       struct file_id file, char ret_key[FILE_KEY_BYTES])
{
    id_format(file.id, ret_key);
    id_format(seal(core, tenant, file), ret_key + ID_TEXT_LEN);
}

bool file_key_parse(const struct core *core, const struct tenant_name *tenant, struct slice key,
                    struct file_id *ret_file)
{
    struct file_id file;
    struct id told, true_one;

    if (key.len != FILE_KEY_LEN ||
        id_parse((struct slice){ key.data, ID_TEXT_LEN }, &file.id) != 0 ||
        id_parse((struct slice){ key.data + ID_TEXT_LEN, ID_TEXT_LEN }, &told) != 0)
        return false;
    true_one = seal(core, tenant, file);
    if (CRYPTO_memcmp(told.bytes, true_one.bytes, ID_BYTES) != 0)
        return false;
    *ret_file = file;
    return true;
}

static struct slice first_origin(const struct core *core)
{
    const char *origins = core->role->settings->web_origins;

    return (struct slice){ origins, strcspn(origins, " ") };
}

bool file_has_address(const struct core *core)
{
    return first_origin(core).len > 0;
}

void file_address(const struct live_tenant *tenant, const struct chat_file *file, struct slice name,
                  bool whole, struct buf *to)
{
    char key[FILE_KEY_BYTES];

    format_key(tenant->core, tenant_born(&tenant->about), file->id, key);
    if (whole)
        buf_add_slice(to, first_origin(tenant->core));
    buf_addf(to, "/f/%s/%s/", tenant->about.name.text, key);
    filetype_plain_name(name, file->type, to);
}

/* Only named, never fetched: what is there is between the XMPP server and who opens it. */
static void view_of_agent(const struct core *core, struct slice text, struct buf *to)
{
    AUTO_BUF name;

    buf_init(&name, IPC_NAME_MAX * 4);
    if (!upload_url_name(core->role->settings->xmpp_upload_url, text, &name))
        return;
    buf_add_text(to, "{\"name\":");
    buf_add_json(to, buf_slice(&name));
    buf_add_text(to, ",\"type\":null,\"size\":null,\"url\":");
    buf_add_json(to, text);
    buf_add_text(to, "}");
}

void file_view(const struct live_tenant *tenant, enum message_from from,
               const struct chat_file *file, struct slice text, struct buf *to)
{
    if (from == FROM_AGENT)
        view_of_agent(tenant->core, text, to);
    if (file == NULL || file_id_is_none(file->id))
        return;
    buf_add_text(to, "{\"name\":");
    buf_add_json(to, text);
    buf_addf(to, ",\"type\":\"%s\",\"size\":%llu,\"url\":\"", filetype_mime(file->type),
             (unsigned long long)file->bytes);
    file_address(tenant, file, text, false, to);
    buf_add_text(to, "\"}");
}
