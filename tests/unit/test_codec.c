/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/random.h"
#include "server-bridge/ipc/codec.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>

static struct ipc_session_say a_say(void)
{
    return (struct ipc_session_say){ .session = id_new(),
                                     .cid = SLICE_LITERAL("c-1"),
                                     .text = SLICE_LITERAL("Hei, paljonko Pro maksaa?"),
                                     .reply_to = 3 };
}

static uint8_t *encoded(enum ipc_type type, const void *message, size_t *ret_len)
{
    uint8_t *bytes;

    *ret_len = ipc_size(type, message);
    assert_int_not_equal(*ret_len, 0);
    bytes = malloc(*ret_len);
    assert_non_null(bytes);
    ipc_encode(type, message, bytes);
    return bytes;
}

static void decode__of_what_was_encoded__gives_the_same_message(void **state)
{
    const struct ipc_session_say say = a_say();
    union ipc_message message;
    enum ipc_type type;
    size_t len;
    uint8_t *bytes = encoded(IPC_session_say, &say, &len);

    (void)state;
    assert_int_equal(ipc_decode(bytes, len, &type, &message), OK);
    assert_int_equal(type, IPC_session_say);
    assert_true(id_equal(message.session_say.session, say.session));
    assert_true(slice_equal(message.session_say.cid, say.cid));
    assert_true(slice_equal(message.session_say.text, say.text));
    assert_int_equal(message.session_say.reply_to, 3);
    free(bytes);
}

static void decode__of_every_kind_of_message__finds_it_again(void **state)
{
    union ipc_message empty, message;

    (void)state;
    memset(&empty, 0, sizeof(empty));
    for (enum ipc_type type = 0; type < IPC_TYPE_COUNT; type++) {
        size_t len;
        uint8_t *bytes = encoded(type, &empty, &len);
        enum ipc_type found;

        assert_int_equal(ipc_decode(bytes, len, &found, &message), OK);
        assert_int_equal(found, type);
        assert_string_not_equal(ipc_type_name(type), "unknown");
        free(bytes);
    }
}

static void decode__of_a_message_cut_anywhere__is_refused(void **state)
{
    const struct ipc_session_say say = a_say();
    union ipc_message message;
    enum ipc_type type;
    size_t len;
    uint8_t *bytes = encoded(IPC_session_say, &say, &len);

    (void)state;
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = malloc(cut + 1); /* so that a sanitizer sees a read past the end */

        memcpy(exact, bytes, cut);
        assert_int_equal(ipc_decode(exact, cut, &type, &message), ERR_CORRUPT);
        free(exact);
    }
    free(bytes);
}

static void decode__with_bytes_left_over__is_refused(void **state)
{
    const struct ipc_session_say say = a_say();
    union ipc_message message;
    enum ipc_type type;
    size_t len;
    uint8_t *bytes = encoded(IPC_session_say, &say, &len);

    (void)state;
    bytes = realloc(bytes, len + 1);
    bytes[len] = 0;
    assert_int_equal(ipc_decode(bytes, len + 1, &type, &message), ERR_CORRUPT);
    free(bytes);
}

static void decode__of_another_version_or_number__is_refused(void **state)
{
    const struct ipc_session_say say = a_say();
    union ipc_message message;
    enum ipc_type type;
    size_t len;
    uint8_t *bytes = encoded(IPC_session_say, &say, &len);

    (void)state;
    bytes[4]++;
    assert_int_equal(ipc_decode(bytes, len, &type, &message), ERR_CORRUPT);
    bytes[4]--;
    bytes[6] = 0xff;
    bytes[7] = 0xff;
    assert_int_equal(ipc_decode(bytes, len, &type, &message), ERR_CORRUPT);
    free(bytes);
}

static void decode__of_a_flag_that_is_neither__is_refused(void **state)
{
    const struct ipc_session_typing typing = { .session = id_new(), .on = true };
    union ipc_message message;
    enum ipc_type type;
    size_t len;
    uint8_t *bytes = encoded(IPC_session_typing, &typing, &len);

    (void)state;
    bytes[len - 1] = 2;
    assert_int_equal(ipc_decode(bytes, len, &type, &message), ERR_CORRUPT);
    free(bytes);
}

static void size__of_a_text_over_its_bound__is_none(void **state)
{
    static char text[IPC_TEXT_MAX + 1];
    const struct ipc_session_say most = { .text = { text, IPC_TEXT_MAX } };
    const struct ipc_session_say over = { .text = { text, IPC_TEXT_MAX + 1 } };

    (void)state;
    assert_int_not_equal(ipc_size(IPC_session_say, &most), 0);
    assert_int_equal(ipc_size(IPC_session_say, &over), 0);
}

static void decode__of_a_text_over_its_bound__is_refused(void **state)
{
    static char text[200];
    const struct ipc_session_say say = { .cid = { text, 36 * 4 } };
    union ipc_message message;
    enum ipc_type type;
    size_t len;
    uint8_t *bytes;

    (void)state;
    memset(text, 'x', sizeof(text));
    bytes = encoded(IPC_session_say, &say, &len);
    /* cid's length stands behind the header and the session id */
    bytes[IPC_HEADER_BYTES + ID_BYTES] += 1;
    assert_int_equal(ipc_decode(bytes, len, &type, &message), ERR_CORRUPT);
    free(bytes);
}

static void peek__before_the_length_is_there__asks_for_more(void **state)
{
    const uint8_t bytes[4] = { 20, 0, 0, 0 };
    size_t len = 1;

    (void)state;
    assert_int_equal(ipc_peek(bytes, 3, &len), OK);
    assert_int_equal(len, 0);
    assert_int_equal(ipc_peek(bytes, 4, &len), OK);
    assert_int_equal(len, 24);
}

static void peek__of_an_absurd_length__is_refused(void **state)
{
    const uint8_t large[4] = { 0, 0, 0x10, 0 }, small[4] = { 3, 0, 0, 0 };
    size_t len;

    (void)state;
    assert_int_equal(ipc_peek(large, 4, &len), ERR_CORRUPT);
    assert_int_equal(ipc_peek(small, 4, &len), ERR_CORRUPT);
}

static void may_pass__knows_who_may_say_what(void **state)
{
    (void)state;
    assert_true(ipc_may_pass(IPC_session_say, IPC_WEB, IPC_CORE));
    assert_false(ipc_may_pass(IPC_session_say, IPC_LINK, IPC_CORE));
    assert_false(ipc_may_pass(IPC_session_say, IPC_CONTROL, IPC_CORE));
    assert_false(ipc_may_pass(IPC_link_start, IPC_WEB, IPC_CORE));
    assert_false(ipc_may_pass(IPC_provision_account, IPC_CORE, IPC_LINK));
    assert_false(ipc_may_pass(IPC_heard_message, IPC_PROVISION, IPC_CORE));
}

static void decode__of_random_bytes__never_reads_past_them(void **state)
{
    struct prng prng = prng_seeded(1);

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t len = prng_below(&prng, 120);
        uint8_t *bytes = malloc(len + 1);
        union ipc_message message;
        enum ipc_type type;

        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)prng_below(&prng, i < 16 && i != 4 ? 100 : 256);
        if (len > 5) {
            bytes[4] = IPC_VERSION;
            bytes[5] = 0;
        }
        if (ipc_decode(bytes, len, &type, &message) == OK)
            assert_true(type < IPC_TYPE_COUNT);
        free(bytes);
    }
}

RUN(cmocka_unit_test(decode__of_what_was_encoded__gives_the_same_message),
    cmocka_unit_test(decode__of_every_kind_of_message__finds_it_again),
    cmocka_unit_test(decode__of_a_message_cut_anywhere__is_refused),
    cmocka_unit_test(decode__with_bytes_left_over__is_refused),
    cmocka_unit_test(decode__of_another_version_or_number__is_refused),
    cmocka_unit_test(decode__of_a_flag_that_is_neither__is_refused),
    cmocka_unit_test(size__of_a_text_over_its_bound__is_none),
    cmocka_unit_test(decode__of_a_text_over_its_bound__is_refused),
    cmocka_unit_test(peek__before_the_length_is_there__asks_for_more),
    cmocka_unit_test(peek__of_an_absurd_length__is_refused),
    cmocka_unit_test(may_pass__knows_who_may_say_what),
    cmocka_unit_test(decode__of_random_bytes__never_reads_past_them))
