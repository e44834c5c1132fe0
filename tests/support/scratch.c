/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/scratch.h"

#include "tests/support/cmocka.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *scratch_new(void)
{
    const char *under = getenv("TMPDIR");
    char path[4096] = "/tmp";

    if (under != NULL && strlen(under) < sizeof(path) - 20)
        strcpy(path, under);
    strcat(path, "/lasna-XXXXXX");
    assert_non_null(mkdtemp(path));
    return strdup(path);
}

static int drop(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

char *scratch_free(char *dir)
{
    assert_int_equal(nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(dir);
    return NULL;
}
