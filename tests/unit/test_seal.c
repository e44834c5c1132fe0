/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/seal.h"
#include "tests/support/cmocka.h"

enum { CHUNK = 64 * 1024, HEADER = 32, TAG = 16, MOST = 3 * CHUNK };

static struct seal_key key;
static uint8_t content[MOST];
static char *sealed; /* what was written */
static size_t sealed_len;

static struct seal_key derive(const char *secret)
{
    static const uint8_t salt[SEAL_SALT_BYTES] = { 7 };
    struct seal_key derived;

    assert_int_equal(seal_key_derive(slice_of(secret), salt, &derived), OK);
    return derived;
}

static int start(void **state)
{
    (void)state;
    key = derive("a secret of at least thirty-two characters");
    for (size_t i = 0; i < sizeof(content); i++)
        content[i] = (uint8_t)(i * 31 + i / 251);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    free(sealed);
    sealed = NULL;
    return 0;
}

/* Written in bits of an odd size, so that they fall across the chunks. */
static void write_sealed(size_t len)
{
    FILE *file;
    struct seal *seal;

    free(sealed);
    sealed = NULL;
    file = open_memstream(&sealed, &sealed_len);
    assert_non_null(file);
    assert_int_equal(seal_new(&seal, &key, "tenants/acme/transcripts.db.sealed", file), OK);
    for (size_t at = 0; at < len; at += 7919)
        assert_int_equal(seal_add(seal, content + at, len - at < 7919 ? len - at : 7919), OK);
    assert_int_equal(seal_end(seal), OK);
    (void)seal_free(seal);
    assert_int_equal(fclose(file), 0);
}

struct got {
    uint8_t bytes[MOST];
    size_t len;
};
static struct got got;

static int take(void *context, const void *bytes, size_t len)
{
    struct got *into = context;

    assert_true(into->len + len <= MOST);
    memcpy(into->bytes + into->len, bytes, len);
    into->len += len;
    return OK;
}

static int read_as(const struct seal_key *with, const char *name, size_t len)
{
    FILE *file = fmemopen(sealed, len, "r");
    int rc;

    assert_non_null(file);
    got.len = 0;
    rc = seal_read(with, name, file, take, &got);
    (void)fclose(file);
    return rc;
}

static int read_back(void)
{
    return read_as(&key, "tenants/acme/transcripts.db.sealed", sealed_len);
}

static void what_was_sealed__comes_back__whatever_its_length(void **state)
{
    static const size_t lengths[] = { 0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, MOST };

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        write_sealed(lengths[i]);
        assert_int_equal(read_back(), OK);
        assert_int_equal(got.len, lengths[i]);
        assert_memory_equal(got.bytes, content, lengths[i]);
    }
}

static void a_bit_that_flips__anywhere__is_noticed(void **state)
{
    (void)state;
    write_sealed(CHUNK + 100);
    for (size_t at = 0; at < sealed_len; at += at < HEADER || at > sealed_len - 40 ? 1 : 997) {
        sealed[at] ^= 4;
        assert_int_equal(read_back(), SEAL_E_BROKEN);
        sealed[at] ^= 4;
    }
    assert_int_equal(read_back(), OK);
}

static void a_file_cut_short__also_where_a_chunk_ends__is_noticed(void **state)
{
    static const size_t cuts[] = {
        HEADER,         HEADER + CHUNK + TAG, HEADER + 2 * (CHUNK + TAG),
        HEADER + CHUNK, HEADER - 1,           HEADER + 2 * (CHUNK + TAG) + 5
    };

    (void)state;
    write_sealed(2 * CHUNK + 100);
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
        assert_int_equal(read_as(&key, "tenants/acme/transcripts.db.sealed", cuts[i]),
                         SEAL_E_BROKEN);
}

static void chunks_in_another_order__are_noticed(void **state)
{
    static char held[CHUNK + TAG];

    (void)state;
    write_sealed(MOST);
    memcpy(held, sealed + HEADER, sizeof(held));
    memcpy(sealed + HEADER, sealed + HEADER + sizeof(held), sizeof(held));
    memcpy(sealed + HEADER + sizeof(held), held, sizeof(held));
    assert_int_equal(read_back(), SEAL_E_BROKEN);
    assert_int_equal(got.len, 0); /* not a byte is given out before it is proved */
}

static void another_key__or_another_name__opens_nothing(void **state)
{
    struct seal_key other = derive("another secret of thirty-two characters!");

    (void)state;
    write_sealed(100);
    assert_int_equal(read_as(&other, "tenants/acme/transcripts.db.sealed", sealed_len),
                     SEAL_E_BROKEN);
    assert_int_equal(read_as(&key, "tenants/borealis/transcripts.db.sealed", sealed_len),
                     SEAL_E_BROKEN);
    assert_int_equal(got.len, 0);
}

static void the_same_content__is_never_sealed_the_same_way(void **state)
{
    AUTO_MEM char *first = NULL;
    size_t len;

    (void)state;
    write_sealed(CHUNK);
    first = sealed;
    len = sealed_len;
    sealed = NULL;
    write_sealed(CHUNK);
    assert_int_equal(sealed_len, len);
    assert_memory_not_equal(first + HEADER, sealed + HEADER, 64);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(what_was_sealed__comes_back__whatever_its_length),
    CASE(a_bit_that_flips__anywhere__is_noticed),
    CASE(a_file_cut_short__also_where_a_chunk_ends__is_noticed),
    CASE(chunks_in_another_order__are_noticed), CASE(another_key__or_another_name__opens_nothing),
    CASE(the_same_content__is_never_sealed_the_same_way))
