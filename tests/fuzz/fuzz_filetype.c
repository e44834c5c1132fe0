/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stranger's file is, and what it may be called.
 */
#include "base/format/still.h"
#include "base/format/text.h"
#include "tests/fuzz/fuzz.h"

static void name_it(struct slice name, enum filetype type)
{
    AUTO_BUF fine, again, plain;

    buf_init(&fine, 1024);
    buf_init(&again, 1024);
    buf_init(&plain, 1024);
    filetype_name(name, type, &fine);
    MUST(!buf_failed(&fine) && fine.len > 0);
    MUST(text_check(buf_slice(&fine), NULL) == TEXT_FINE);
    MUST(memchr(fine.data, '/', fine.len) == NULL && memchr(fine.data, '\n', fine.len) == NULL);
    filetype_plain_name(buf_slice(&fine), type, &plain);
    MUST(!buf_failed(&plain) && plain.len > 0 && plain.data[0] != '.');
    for (size_t i = 0; i < plain.len; i++)
        MUST(strchr("%?#/\\ \"';<>\r\n", plain.data[i]) == NULL);
    filetype_plain_name(buf_slice(&plain), type, &again);
    MUST(slice_equal(buf_slice(&again), buf_slice(&plain)));
}

/* What is copied is no more than there was, and copied again it is the same. */
static void copy_it(struct slice file, enum filetype type)
{
    AUTO_BUF once, twice;

    buf_init(&once, file.len + 1);
    buf_init(&twice, file.len + 1);
    if (!still_copy(file, type, &once))
        return;
    MUST(once.len <= file.len);
    MUST(still_copy(buf_slice(&once), type, &twice));
    MUST(slice_equal(buf_slice(&once), buf_slice(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char *bytes = malloc(len + 1); /* so that a byte too far is seen */
    struct slice file = { bytes, len };
    struct filetype_facts facts;

    MUST(bytes != NULL);
    memcpy(bytes, input, len);
    if (filetype_of(file, &facts) == OK) {
        MUST(facts.type > FILETYPE_NONE && facts.type < FILETYPE_COUNT);
        MUST(filetype_by_mime(slice_of(filetype_mime(facts.type))) == facts.type);
        MUST(filetype_is_picture(facts.type) == (facts.width > 0 && facts.height > 0));
        MUST((uint64_t)facts.width * facts.height <= FILETYPE_PIXELS_MAX);
        MUST(facts.type != FILETYPE_TEXT || memchr(bytes, '\0', len) == NULL);
    }
    for (enum filetype type = FILETYPE_PNG; type <= FILETYPE_GIF; type++)
        copy_it(file, type);
    name_it(file, FILETYPE_PNG);
    name_it(file, FILETYPE_TEXT);
    free(bytes);
    return 0;
}
