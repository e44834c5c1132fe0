/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/range.h"

#define UNIT "bytes="

/* Digits at the beginning; a number beyond all files is the largest there is. */
static bool take_number(struct slice *rest, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t at = 0;

    for (; at < rest->len && rest->data[at] >= '0' && rest->data[at] <= '9'; at++)
        number = number > (UINT64_MAX - 9) / 10 ? UINT64_MAX
                                                : number * 10 + (uint64_t)(rest->data[at] - '0');
    *rest = (struct slice){ rest->data + at, rest->len - at };
    *ret_number = number;
    return at > 0;
}

static bool take_dash(struct slice *rest)
{
    if (rest->len == 0 || rest->data[0] != '-')
        return false;
    *rest = (struct slice){ rest->data + 1, rest->len - 1 };
    return true;
}

struct byte_range range_parse(struct slice value)
{
    const struct byte_range none = { .any = false };
    struct byte_range range = { .any = true, .last = UINT64_MAX };
    struct slice rest;

    if (!slice_starts_with(value, UNIT))
        return none;
    rest = (struct slice){ value.data + strlen(UNIT), value.len - strlen(UNIT) };
    if (take_dash(&rest)) {
        range.from_end = true;
        return take_number(&rest, &range.first) && rest.len == 0 ? range : none;
    }
    if (!take_number(&rest, &range.first) || !take_dash(&rest))
        return none;
    if (rest.len > 0 && !take_number(&rest, &range.last))
        return none;
    return rest.len == 0 && range.first <= range.last ? range : none;
}
