/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka wants its four headers before it; tests include this one instead, and end with
 *
 *     RUN(cmocka_unit_test(first__case__holds), …)
 *
 * The program's first argument filters its cases by name.
 */
#ifndef TESTS_SUPPORT_CMOCKA_H
#define TESTS_SUPPORT_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define RUN(...) RUN_WITH(NULL, NULL, __VA_ARGS__)

/* The same with something all cases share, made before the first and put away after the last. */
#define RUN_WITH(before, after, ...)                                       \
    int main(int argc, char **argv)                                        \
    {                                                                      \
        const struct CMUnitTest tests[] = { __VA_ARGS__ };                 \
                                                                           \
        if (argc > 1)                                                      \
            cmocka_set_test_filter(argv[1]);                               \
        return cmocka_run_group_tests_name(argv[0], tests, before, after); \
    }

#endif
