/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "tests/support/cmocka.h"

#include <sys/wait.h>
#include <unistd.h>

static void format__then_parse__gives_the_same_id(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        char text[ID_TEXT_BYTES];
        struct id id = id_new(), again;

        id_format(id, text);
        assert_int_equal(strlen(text), ID_TEXT_LEN);
        assert_int_equal(id_parse(slice_of(text), &again), 0);
        assert_true(id_equal(id, again));
    }
}

static void parent_and_child__never_make_the_same_id(void **state)
{
    struct id ours, theirs;
    int pipe_fds[2];
    pid_t pid;

    (void)state;
    ours = id_new(); /* there is something a fork could copy */
    assert_int_equal(pipe(pipe_fds), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        theirs = id_new();
        _exit(write(pipe_fds[1], &theirs, sizeof(theirs)) == sizeof(theirs) ? 0 : 1);
    }
    assert_int_equal(read(pipe_fds[0], &theirs, sizeof(theirs)), sizeof(theirs));
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    for (int i = 0; i < 100; i++) {
        assert_false(id_equal(ours, theirs));
        ours = id_new();
    }
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
}

static void parse__of_other_lengths_and_letters__is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "a",
        "aaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "Aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaa1aaaaaaaaaaaa",
        "aaaaaaaaaaaa/aaaaaaaaaaaaa",
    };
    struct id id;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(id_parse(slice_of(wrong[i]), &id), 1);
}

static void parse__of_a_second_spelling__is_refused(void **state)
{
    struct id id;

    (void)state;
    /* The last letter carries 3 bits; its lower 2 must be zero. */
    assert_int_equal(id_parse(slice_of("aaaaaaaaaaaaaaaaaaaaaaaaaa"), &id), 0);
    assert_true(id_is_none(id));
    assert_int_equal(id_parse(slice_of("aaaaaaaaaaaaaaaaaaaaaaaaab"), &id), 1);
}

static void new__a_thousand_times__never_repeats(void **state)
{
    struct id ids[1000];

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        ids[i] = id_new();
        for (size_t j = 0; j < i; j++)
            assert_false(id_equal(ids[i], ids[j]));
    }
}

RUN(cmocka_unit_test(format__then_parse__gives_the_same_id),
    cmocka_unit_test(parent_and_child__never_make_the_same_id),
    cmocka_unit_test(parse__of_other_lengths_and_letters__is_refused),
    cmocka_unit_test(parse__of_a_second_spelling__is_refused),
    cmocka_unit_test(new__a_thousand_times__never_repeats))
