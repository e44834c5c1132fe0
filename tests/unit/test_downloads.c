/* SPDX-License-Identifier: Apache-2.0
 *
 * The core and web are played: the clock is moved by hand, and what web is told is counted.
 */
#include "server-bridge/core/files/files.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { AT_ONCE = 2000, STILL_MS = 10000, FILE_BYTES = 200000 };

static struct core the_core;
static struct web_peer the_web = { .core = &the_core };
static struct live_tenant acme, borealis;
static char *folder;
static char acme_file[256], borealis_file[256]; /* "<key>/<name>" */
static uint64_t now_ms, last_request, broken;
static unsigned found, refused, parts, broken_count;
static struct ipc_file_found last_found; /* its texts are gone */
static size_t sent_bytes;
static bool more;

uint64_t core_now_ms(struct core *core)
{
    (void)core;
    return now_ms;
}

struct live_tenant *tenants_called(struct core *core, struct slice name)
{
    (void)core;
    return slice_is(name, "acme") ? &acme : slice_is(name, "borealis") ? &borealis : NULL;
}

static void on_part(const struct ipc_api_part *part)
{
    if (part->broken) {
        broken = part->request;
        broken_count++;
        return;
    }
    parts++;
    sent_bytes += part->body.len;
    more = part->more;
}

void ipc_peer_send(struct ipc_peer *peer, enum ipc_type type, const void *message)
{
    (void)peer;
    if (type == IPC_api_part)
        on_part(message);
    found += type == IPC_file_found;
    if (type == IPC_file_found)
        last_found = *(const struct ipc_file_found *)message;
    refused += type == IPC_api_answer;
}

static void keep_file(struct live_tenant *tenant, const char *name, char ret_path[256])
{
    struct chat_write said = a_visitors_message((struct conversation_id){ id_new() }, "c1", "x");
    char path[FILES_PATH_BYTES];
    const char *key;
    AUTO_BUF address;
    int fd;

    buf_init(&address, 256);
    *tenant = (struct live_tenant){ .core = &the_core, .about.name = tenant_called(name) };
    tenant->chat = (struct chat *)tenant; /* only ever compared with NULL here */
    assert_int_equal(STORE_CALL(the_core.store, tenant_open, &tenant->about.name), OK);
    assert_int_equal(files_folder(folder, &tenant->about.name), OK);
    said.file = (struct chat_file){ .id = { id_new() }, .type = FILETYPE_PDF, .bytes = FILE_BYTES };
    said.opens = true;
    files_path(path, folder, &tenant->about.name, said.file.id, false);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, FILE_BYTES), 0);
    (void)close(fd);
    assert_int_equal(store_now(the_core.store, &tenant->about.name, &said).outcome, STORE_DONE);
    file_address(tenant, &said.file, said.text, false, &address);
    key = strstr(address.data, name) + strlen(name) + 1;
    assert_true(slice_copy(slice_of(key), ret_path, 256));
}

static int start(void **state)
{
    (void)state;
    folder = scratch_new();
    now_ms = 1700000000000;
    the_core = (struct core){ .tenants_folder = folder };
    last_request = broken = 0;
    found = refused = parts = broken_count = 0;
    sent_bytes = 0;
    assert_int_equal(store_sqlite_open(&the_core.store, folder, 1), OK);
    keep_file(&acme, "acme", acme_file);
    keep_file(&borealis, "borealis", borealis_file);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    downloads_forget_web(&the_core, &the_web);
    assert_null(the_core.downloads);
    the_core.store = store_free(the_core.store);
    folder = scratch_free(folder);
    return 0;
}

/* Whether it is given; `how`: which part of it is wanted. */
static bool ask_for_part(const struct live_tenant *tenant, const char *path,
                         const struct ipc_file_open *how)
{
    const char *slash = strchr(path, '/');
    struct ipc_file_open wanted = *how;
    unsigned before = found;

    wanted.request = ++last_request;
    wanted.tenant = slice_of(tenant->about.name.text);
    wanted.key = (struct slice){ path, (size_t)(slash - path) };
    wanted.name = slice_of(slash + 1);
    downloads_open(&the_web, &wanted);
    return found > before;
}

static bool ask_for(const struct live_tenant *tenant, const char *path)
{
    return ask_for_part(tenant, path, &(struct ipc_file_open){ .request = 0 });
}

static bool ask_more(uint64_t request)
{
    return downloads_next(&the_web, &(struct ipc_api_next){ .request = request, .wanted = true });
}

static void a_file_goes_out_part_by_part_and_is_forgotten_with_the_last(void **state)
{
    (void)state;
    assert_true(ask_for(&acme, acme_file));
    assert_true(ask_more(1));
    assert_true(more);
    assert_true(ask_more(1));
    assert_false(more);
    assert_false(ask_more(1));
    assert_int_equal(parts, 2);
}

/* Two parts of it take two turns, and each ends where it was to end. */
static void of_a_part_that_is_wanted__nothing_else_is_sent(void **state)
{
    static const struct {
        struct ipc_file_open how;
        uint64_t first, length;
    } rows[] = {
        { { .ranged = true, .first = 0, .last = 0 }, 0, 1 },
        { { .ranged = true, .first = 7, .last = 150006 }, 7, 150000 },
        { { .ranged = true, .first = 199999, .last = UINT64_MAX }, 199999, 1 },
        { { .ranged = true, .from_end = true, .first = 5 }, FILE_BYTES - 5, 5 },
        { { .ranged = true, .from_end = true, .first = FILE_BYTES + 1 }, 0, FILE_BYTES },
        { { .ranged = true, .first = 0, .last = UINT64_MAX }, 0, FILE_BYTES },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sent_bytes = 0;
        assert_true(ask_for_part(&acme, acme_file, &rows[i].how));
        assert_int_equal(last_found.first, rows[i].first);
        assert_int_equal(last_found.length, rows[i].length);
        assert_int_equal(last_found.bytes, FILE_BYTES);
        while (ask_more(last_request))
            ;
        assert_int_equal(sent_bytes, rows[i].length);
        assert_int_equal(broken_count, 0);
        assert_null(the_core.downloads);
    }
}

static void of_what_lies_beyond_or_is_known__there_is_nothing_to_send(void **state)
{
    static const struct ipc_file_open rows[] = {
        { .ranged = true, .first = FILE_BYTES, .last = UINT64_MAX },
        { .ranged = true, .first = UINT64_MAX, .last = UINT64_MAX },
        { .ranged = true, .from_end = true, .first = 0 },
        { .known = true },
        { .known = true, .ranged = true, .first = 1, .last = 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(ask_for_part(&acme, acme_file, &rows[i]));
        assert_int_equal(last_found.length, 0);
        assert_int_equal(last_found.bytes, FILE_BYTES);
        assert_null(the_core.downloads);
    }
}

static void one_tenants_readers_take_half_at_most_and_another_finds_room(void **state)
{
    (void)state;
    for (int i = 0; i < AT_ONCE / 2; i++)
        assert_true(ask_for(&acme, acme_file));
    assert_false(ask_for(&acme, acme_file));
    assert_int_equal(refused, 1);
    for (int i = 0; i < AT_ONCE / 4; i++)
        assert_true(ask_for(&borealis, borealis_file));
    assert_false(ask_for(&acme, acme_file));
}

/* 2 of them reads on, 3 does not; 1 is of another tenant. */
static void a_reader_who_does_not_read_makes_room_for_the_next_of_the_tenant(void **state)
{
    (void)state;
    assert_true(ask_for(&borealis, borealis_file));
    for (int i = 0; i < AT_ONCE / 2; i++)
        assert_true(ask_for(&acme, acme_file));
    assert_false(ask_for(&acme, acme_file));
    now_ms += STILL_MS - 1;
    assert_true(ask_more(2));
    now_ms += 1;
    assert_true(ask_for(&acme, acme_file));
    assert_int_equal(broken, 3);
    assert_int_equal(broken_count, 1);
    assert_false(ask_more(3));
    assert_true(ask_more(2));
    assert_true(ask_more(1));
}

static void
share__is_half_for_one_and_alike_for_several_and_leaves_room_for_a_newcomer(void **state)
{
    size_t held[4] = { 0 }, all = 0;
    bool any = true;

    (void)state;
    while (share_has_room(held[0], all, 400))
        held[0]++, all++;
    assert_int_equal(held[0], 200);
    while (any) { /* the others ask in turn */
        any = false;
        for (size_t i = 1; i < 4; i++) {
            if (share_has_room(held[i], all, 400)) {
                held[i]++, all++;
                any = true;
            }
        }
    }
    for (size_t i = 1; i < 4; i++)
        assert_in_range(held[i], 49, 51);
    assert_true(share_has_room(0, all, 400));
    assert_false(share_has_room(0, 400, 400));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(a_file_goes_out_part_by_part_and_is_forgotten_with_the_last),
    CASE(of_a_part_that_is_wanted__nothing_else_is_sent),
    CASE(of_what_lies_beyond_or_is_known__there_is_nothing_to_send),
    CASE(one_tenants_readers_take_half_at_most_and_another_finds_room),
    CASE(a_reader_who_does_not_read_makes_room_for_the_next_of_the_tenant),
    CASE(share__is_half_for_one_and_alike_for_several_and_leaves_room_for_a_newcomer))
