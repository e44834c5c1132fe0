/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/codebook.h"

#include <assert.h>

#define ROW(constant, id, group, expected, meaning) \
    { id, PRESENCE_##group, PRESENCE_CLASS_##expected, meaning },
static const struct presence_code_row rows[PRESENCE_CODE_COUNT] = { PRESENCE_CODES(ROW) };
#undef ROW

_Static_assert(PRESENCE_CODE_COUNT <= 32, "presence_codes holds 32");

const struct presence_code_row *presence_code_row(enum presence_code code)
{
    assert(code < PRESENCE_CODE_COUNT);
    return &rows[code];
}

int presence_code_find(struct slice id, enum presence_code *ret_code)
{
    for (size_t i = 0; i < PRESENCE_CODE_COUNT; i++) {
        if (slice_is(id, rows[i].id)) {
            *ret_code = (enum presence_code)i;
            return 0;
        }
    }
    return 1;
}

const char *presence_group_name(enum presence_group group)
{
    static const char *const names[PRESENCE_GROUP_COUNT] = { "cohesive", "interactive", "affective",
                                                             "relationship", "word of mouth" };

    assert(group < PRESENCE_GROUP_COUNT);
    return names[group];
}

presence_codes presence_group_codes(enum presence_group group)
{
    presence_codes codes = 0;

    for (size_t i = 0; i < PRESENCE_CODE_COUNT; i++)
        if (rows[i].group == group)
            codes |= PRESENCE_CODE_BIT(i);
    return codes;
}

char presence_class_letter(enum presence_class class_)
{
    return "ABH"[class_];
}
