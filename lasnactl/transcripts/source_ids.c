/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/source_ids.h"

#include <stdlib.h>

static uint64_t hash_of(const json_t *id)
{
    uint64_t hash = 14695981039346656037u;

    for (const char *at = json_string_value(id); *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    return (hash | 2) & ~(uint64_t)1;
}

static uint64_t *place_of(const struct source_ids *ids, uint64_t hash)
{
    size_t i = (size_t)(hash >> 2) & (ids->cap - 1);

    while (ids->at[i] != 0 && (ids->at[i] & ~(uint64_t)1) != hash)
        i = (i + 1) & (ids->cap - 1);
    return &ids->at[i];
}

static int widen(struct source_ids *ids)
{
    struct source_ids wider = { .cap = ids->cap == 0 ? 1024 : ids->cap * 2 };

    wider.at = calloc(wider.cap, sizeof(*wider.at));
    if (wider.at == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < ids->cap; i++)
        if (ids->at[i] != 0)
            *place_of(&wider, ids->at[i] & ~(uint64_t)1) = ids->at[i];
    free(ids->at);
    ids->at = wider.at;
    ids->cap = wider.cap;
    return OK;
}

int source_ids_note(struct source_ids *ids, const json_t *id, bool *ret_again)
{
    uint64_t hash = hash_of(id), *place;
    int rc = ids->count * 2 >= ids->cap ? widen(ids) : OK;

    if (rc != OK)
        return rc;
    place = place_of(ids, hash);
    *ret_again = *place != 0;
    ids->count += *place == 0;
    *place = hash | *ret_again;
    return OK;
}

bool source_ids_is_apart(const struct source_ids *ids, const json_t *id)
{
    return ids->cap > 0 && (*place_of(ids, hash_of(id)) & 1) != 0;
}

void source_ids_release(struct source_ids *ids)
{
    free(ids->at);
    *ids = (struct source_ids){ 0 };
}
