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
        int order = compare(jid, members->known[middle].jid);

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
        free(members->known[i].jid);
    free(members->known);
    *members = (struct members){ 0 };
}

int members_add(struct members *members, struct slice jid, enum member_kind kind,
                enum language language)
{
    bool found;
    size_t place = place_of(members, jid, &found);
    char *copy;

    if (found) {
        members->known[place].kind = kind;
        members->known[place].language = language;
        return OK;
    }
    if (members->count == members->cap) {
        size_t cap = members->cap == 0 ? 16 : members->cap * 2;
        struct known_member *known = realloc(members->known, cap * sizeof(*known));

        if (known == NULL)
            return RAISE(ERR_NO_MEMORY);
        members->known = known;
        members->cap = cap;
    }
    copy = slice_dup(jid);
    if (copy == NULL)
        return RAISE(ERR_NO_MEMORY);
    memmove(members->known + place + 1, members->known + place,
            (members->count - place) * sizeof(*members->known));
    members->known[place] = (struct known_member){ copy, kind, language };
    members->count++;
    return OK;
}

void members_remove(struct members *members, struct slice jid)
{
    bool found;
    size_t place = place_of(members, jid, &found);

    if (!found)
        return;
    free(members->known[place].jid);
    members->count--;
    memmove(members->known + place, members->known + place + 1,
            (members->count - place) * sizeof(*members->known));
}

bool members_has(const struct members *members, struct slice jid)
{
    bool found;

    (void)place_of(members, jid, &found);
    return found;
}

static bool is_kind(const struct members *members, struct slice jid, enum member_kind kind)
{
    bool found;
    size_t place = place_of(members, jid, &found);

    return found && members->known[place].kind == kind;
}

bool members_supervises(const struct members *members, struct slice jid)
{
    return is_kind(members, jid, MEMBER_SUPERVISOR);
}

bool members_is_outsider(const struct members *members, struct slice jid)
{
    return is_kind(members, jid, MEMBER_OUTSIDER);
}

enum language members_language(const struct members *members, struct slice jid)
{
    bool found;
    size_t place = place_of(members, jid, &found);

    return found ? members->known[place].language : LANGUAGE_EN;
}

bool members_in_room(const struct members *members, struct slice jid)
{
    return is_kind(members, jid, MEMBER_AGENT) || is_kind(members, jid, MEMBER_SUPERVISOR);
}
