/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/sqlite/known.h"

#include <stdlib.h>

struct known *known_find(struct known *all, struct conversation_id conversation)
{
    struct known *known;

    HASH_FIND(hh, all, &conversation, sizeof(conversation), known);
    return known;
}

void known_add(struct known **all, const struct known *what)
{
    struct known *known;

    if (HASH_COUNT(*all) >= KNOWN_MAX)
        known_forget_all(all); /* whoever still talks comes back by the next message */
    known = malloc(sizeof(*known) + what->agent.len);
    if (known == NULL)
        return;
    *known = *what;
    known->agent.data = (char *)(known + 1);
    if (what->agent.len > 0)
        memcpy(known + 1, what->agent.data, what->agent.len);
    HASH_ADD(hh, *all, conversation, sizeof(known->conversation), known);
}

static void forget(struct known **all, struct known *known)
{
    HASH_DEL(*all, known);
    free(known);
}

void known_forget(struct known **all, struct conversation_id conversation)
{
    struct known *known = known_find(*all, conversation);

    if (known != NULL)
        forget(all, known);
}

void known_forget_visitor(struct known **all, struct visitor_id visitor)
{
    struct known *known, *next;

    HASH_ITER(hh, *all, known, next)
    {
        if (visitor_id_equal(known->visitor, visitor))
            forget(all, known);
    }
}

void known_forget_all(struct known **all)
{
    struct known *known, *next;

    HASH_ITER(hh, *all, known, next)
    forget(all, known);
}
