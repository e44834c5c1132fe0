/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/presence/sample_rows.h"

#include "base/grow.h"

static bool keep(struct slice *text)
{
    char *copy = slice_dup(*text);

    *text = (struct slice){ copy, copy == NULL ? 0 : text->len };
    return copy != NULL;
}

static int take_row(void *context, const struct sampled *row)
{
    struct sample_rows *rows = context;
    struct sampled *to;
    bool kept;

    if (GROW(rows->rows, rows->count, &rows->cap) != OK)
        return ERR_NO_MEMORY;
    to = &rows->rows[rows->count++];
    *to = *row;
    kept = keep(&to->language);
    kept &= keep(&to->stratum);
    kept &= keep(&to->coders[0]);
    kept &= keep(&to->coders[1]);
    return kept ? 0 : RAISE(ERR_NO_MEMORY);
}

int sample_rows_read(struct store *store, const struct tenant_name *tenant, struct slice sample,
                     struct sample_rows *rows)
{
    *rows = (struct sample_rows){ 0 };
    return samples_read(store, tenant, sample, take_row, rows);
}

static void drop(struct slice text)
{
    free((char *)(uintptr_t)text.data);
}

void sample_rows_release(struct sample_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        drop(rows->rows[i].language);
        drop(rows->rows[i].stratum);
        drop(rows->rows[i].coders[0]);
        drop(rows->rows[i].coders[1]);
    }
    free(rows->rows);
    *rows = (struct sample_rows){ 0 };
}

static int take_name(void *context, const struct stored_sample *row)
{
    struct sample_names *names = context;
    char **grown = realloc(names->names, (names->count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    names->names = grown;
    grown[names->count] = slice_dup(row->name);
    return grown[names->count++] == NULL ? RAISE(ERR_NO_MEMORY) : 0;
}

int sample_names_read(struct store *store, const struct tenant_name *tenant,
                      struct sample_names *names)
{
    *names = (struct sample_names){ NULL, 0 };
    return samples_list(store, tenant, take_name, names);
}

void sample_names_release(struct sample_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct sample_names){ NULL, 0 };
}
