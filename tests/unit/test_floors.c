/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/supervisor/floors.h"

#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void versions__compare_as_debian_policy_says(void **state)
{
    static const struct {
        const char *a, *b;
        int expected;
    } cases[] = {
        { "1.0", "1.0", 0 },
        { "1.0-1", "1.0-2", -1 },
        { "2.5.0-1+deb12u1", "2.5.0-1+deb12u5", -1 },
        { "2.5.0-1+deb12u10", "2.5.0-1+deb12u9", 1 },
        { "3.0.22-1~deb12u2", "3.0.22-1", -1 }, /* '~' is before the end */
        { "3.0.22-1~deb12u2", "3.0.22-1~deb12u1", 1 },
        { "3.5.1-1", "3.0.22-1~deb12u2", 1 },
        { "2.1.12-stable-8", "2.1.12-stable-8+deb12u1", -1 },
        { "1:1.0-1", "2.0-1", 1 }, /* the epoch first */
        { "0:1.0", "1.0", 0 },
        { "1.0~rc1", "1.0", -1 },
        { "1.0a", "1.0+", -1 }, /* letters before other characters */
        { "1.09", "1.9", 0 },   /* numbers, not digits */
        { "1.10", "1.9", 1 },
        { "1.0-1", "1.0", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(sign(floors_compare(cases[i].a, cases[i].b)), cases[i].expected);
        assert_int_equal(sign(floors_compare(cases[i].b, cases[i].a)), -cases[i].expected);
    }
}

static void note(void *context, const char *package, const char *have, const char *floor,
                 const char *why)
{
    char *said = context;

    (void)snprintf(said + strlen(said), 1024 - strlen(said), "%s %s<%s;", package, have, floor);
    assert_true(strlen(why) > 0);
}

static void check__names_what_is_installed_and_below(void **state)
{
    static const char list[] = "Package: libexpat1\n"
                               "Status: install ok installed\n"
                               "Architecture: amd64\n"
                               "Version: 2.5.0-1+deb12u1\n"
                               "\n"
                               "Package: libssl3\n"
                               "Status: deinstall ok config-files\n"
                               "Version: 3.0.1-1\n"
                               "\n"
                               "Package: prosody\n"
                               "Status: install ok installed\n"
                               "Version: 0.12.3-1+deb12u1\n"
                               "\n"
                               "Package: somebody-elses\n"
                               "Status: install ok installed\n"
                               "Version: 0.0.1\n";
    char said[1024] = "";
    FILE *status = fmemopen((void *)(uintptr_t)list, sizeof(list) - 1, "r");

    (void)state;
    assert_non_null(status);
    floors_check(status, note, said);
    (void)fclose(status);
    assert_string_equal(said, "libexpat1 2.5.0-1+deb12u1<2.5.0-1+deb12u5;");
}

RUN(cmocka_unit_test(versions__compare_as_debian_policy_says),
    cmocka_unit_test(check__names_what_is_installed_and_below))
