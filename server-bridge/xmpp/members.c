/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/members.h"

#include <stdlib.h>

static int compare(struct slice a, const char *b)
{
    size_t len = strlen(b), least = a.len < len ? a.len : len;
    int order = least == 0 ? 0 : memcmp(a.data, b, least);

    return order != 0 ? order : (a.len > len) - (a.len < len);
}

/* The place of the JID, or where it would stand. */
static size_t place_of(const struct members *members, struct slice jid, bool *ret_found)
{
    size_t low = 0, high = members->count;

    *ret_found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(jid, members->jids[middle]);

        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void members_release(struct members *members)
{
    for (size_t i = 0; i < members->count; i++)
        free(members->jids[i]);
    free(members->jids);
    *members = (struct members){ 0 };
}

int members_add(struct members *members, struct slice jid)
{
    bool found;
    size_t place = place_of(members, jid, &found);
    char *copy;

    if (found)
        return OK;
    if (members->count == members->cap) {
        size_t cap = members->cap == 0 ? 16 : members->cap * 2;
        char **jids = realloc(members->jids, cap * sizeof(*jids));

        if (jids == NULL)
            return RAISE(ERR_NO_MEMORY);
        members->jids = jids;
        members->cap = cap;
    }
    copy = slice_dup(jid);
    if (copy == NULL)
        return RAISE(ERR_NO_MEMORY);
    memmove(members->jids + place + 1, members->jids + place,
            (members->count - place) * sizeof(*members->jids));
    members->jids[place] = copy;
    members->count++;
    return OK;
}

void members_remove(struct members *members, struct slice jid)
{
    bool found;
    size_t place = place_of(members, jid, &found);

    if (!found)
        return;
    free(members->jids[place]);
    members->count--;
    memmove(members->jids + place, members->jids + place + 1,
            (members->count - place) * sizeof(*members->jids));
}

bool members_has(const struct members *members, struct slice jid)
{
    bool found;

    (void)place_of(members, jid, &found);
    return found;
}
