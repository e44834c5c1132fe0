/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/presence/sample_status.h"

#include "server-bridge/core/api/answer.h"

#include <string.h>

static int take_head(void *context, const struct stored_sample *row)
{
    json_t *entry =
        json_pack("{s:s%, s:s%, s:s%, s:I, s:o}", "sample", row->name.data, row->name.len, "book",
                  row->book.data, row->book.len, "machine", row->machine.data, row->machine.len,
                  "seed", (json_int_t)row->seed, "made_at", json_time_or_null(row->made_ms));
    AUTO_MEM char *codes = slice_dup(row->codes);

    if (entry == NULL || codes == NULL) {
        json_decref(entry);
        return RAISE(ERR_NO_MEMORY);
    }
    (void)json_object_set_new(entry, "codes", json_words(codes));
    return json_array_append_new(context, entry) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

struct counting {
    size_t chats, both, settled, gone;
    json_t *coders;
};

static json_t *entry_of(json_t *coders, struct slice name)
{
    json_t *entry;
    size_t i;

    json_array_foreach(coders, i, entry)
    {
        if (slice_is(name, json_string_value(json_object_get(entry, "coder"))))
            return entry;
    }
    entry = json_pack("{s:s%, s:i, s:i}", "coder", name.data, name.len, "chats", 0, "done", 0);
    (void)json_array_append_new(coders, entry);
    return entry;
}

static void count_up(json_t *entry, const char *key)
{
    (void)json_object_set_new(entry, key,
                              json_integer(json_integer_value(json_object_get(entry, key)) + 1));
}

static int take_row(void *context, const struct sampled *row)
{
    struct counting *counting = context;

    counting->chats++;
    counting->both += row->done[0] && row->done[1];
    counting->settled += row->settled;
    counting->gone += row->faded && !(row->done[0] && row->done[1]);
    for (int i = 0; i < 2; i++) {
        json_t *entry = row->coders[i].len > 0 ? entry_of(counting->coders, row->coders[i]) : NULL;

        if (entry != NULL)
            count_up(entry, "chats");
        if (entry != NULL && row->done[i])
            count_up(entry, "done");
    }
    return 0;
}

int sample_status_list(struct store *store, const struct tenant_name *tenant, json_t *items)
{
    int rc = samples_list(store, tenant, take_head, items);
    json_t *entry;
    size_t i;

    json_array_foreach(items, i, entry)
    {
        struct counting counting = { .coders = json_array() };

        if (rc == OK)
            rc = samples_read(store, tenant,
                              slice_of(json_string_value(json_object_get(entry, "sample"))),
                              take_row, &counting);
        (void)json_object_set_new(entry, "chats", json_integer((json_int_t)counting.chats));
        (void)json_object_set_new(entry, "both_done", json_integer((json_int_t)counting.both));
        (void)json_object_set_new(entry, "settled", json_integer((json_int_t)counting.settled));
        (void)json_object_set_new(entry, "faded", json_integer((json_int_t)counting.gone));
        (void)json_object_set_new(entry, "coders", counting.coders);
    }
    return rc;
}
