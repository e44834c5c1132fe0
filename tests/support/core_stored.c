/* SPDX-License-Identifier: Apache-2.0
 *
 * What the double's tenants have: something to ask for.
 */
#include "server-bridge/core/files/files.h"
#include "server-bridge/core/outward/outward.h"
#include "storage/directory/tenant_keys.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

struct id double_hook(const char *tenant, struct conversation_id id)
{
    struct live_tenant *live = tenants_find(&the_core, slice_of(tenant));
    struct hook_change *change = calloc(1, sizeof(*change));
    char secret[HOOK_SECRET_BYTES];
    const struct stored_hook hook = { .hook = { id.id },
                                      .url = SLICE_LITERAL("https://hooks.example/"),
                                      .secret = slice_of(secret) };
    struct tenant_keys keys;

    hook_secret_new(secret);
    assert_int_equal(directory_keys_get(the_core.directory, &live->about.name, &keys), OK);
    assert_int_equal(hook_adding(change, &hook, &keys), OK);
    assert_int_equal(STORE_CALL(the_core.store, bulk, &live->about.name, &change->bulk), OK);
    assert_int_equal(STORE_CALL(the_core.store, collect, &(struct store_answer){ 0 }, 1), 1);
    assert_non_null(hook_begin(live, &change->hook));
    free(change);
    return id.id;
}

static void submit(const struct tenant_name *tenant, const struct chat_write *write)
{
    struct store_answer stored;

    assert_int_equal(STORE_CALL(the_core.store, submit, tenant, write), OK);
    assert_int_equal(STORE_CALL(the_core.store, collect, &stored, 1), 1);
    assert_int_equal(stored.outcome, STORE_DONE);
}

struct conversation_id double_conversation(const char *tenant, unsigned messages, size_t text_len,
                                           bool ended)
{
    struct conversation_id conversation = { id_new() };
    struct chat_write write = { .kind = WRITE_MESSAGE, .from = FROM_VISITOR };
    struct tenant_name name;
    char cid[16];
    AUTO_MEM char *text = malloc(text_len + 1);

    assert_non_null(text);
    memset(text, 'x', text_len);
    assert_int_equal(tenant_name_parse(slice_of(tenant), &name), 0);
    write.conversation = conversation;
    write.visitor.id = conversation.id; /* one id for both: routes take either */
    write.site.id = id_new();
    write.sender = SLICE_LITERAL("visitor");
    write.text = (struct slice){ text, text_len };
    for (unsigned i = 0; i < messages; i++) {
        (void)snprintf(cid, sizeof(cid), "%u", i);
        write.cid = slice_of(cid);
        write.opens = i == 0;
        write.message.id = id_new();
        write.at_ms = core_now_ms(&the_core);
        submit(&name, &write);
    }
    write.kind = WRITE_END;
    write.reason = SLICE_LITERAL("visitor");
    if (ended)
        submit(&name, &write);
    return conversation;
}

struct id double_file(const char *tenant, struct conversation_id id, const char *content)
{
    struct chat_write write = { .kind = WRITE_MESSAGE,
                                .from = FROM_VISITOR,
                                .conversation = id,
                                .visitor = { id.id },
                                .message = { id_new() },
                                .sender = SLICE_LITERAL("visitor"),
                                .cid = SLICE_LITERAL("file"),
                                .text = SLICE_LITERAL("price.txt"),
                                .at_ms = core_now_ms(&the_core),
                                .file = { .id = { id.id },
                                          .type = FILETYPE_TEXT,
                                          .bytes = strlen(content),
                                          .sha256 = digest_sha256(slice_of(content)) } };
    const struct tenant_name *name = &tenants_find(&the_core, slice_of(tenant))->about.name;
    char path[FILES_PATH_BYTES];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", the_core.tenants_folder, tenant);
    assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    assert_int_equal(files_folder(the_core.tenants_folder, name), OK);
    files_path(path, the_core.tenants_folder, name, write.file.id, false);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    submit(name, &write);
    return id.id;
}
