/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/avatar.h"

#include "base/format/still.h"
#include "base/secret/digest.h"

static bool sides_fit(const struct filetype_facts *facts)
{
    return facts->width >= AVATAR_SIDE_MIN && facts->width <= AVATAR_SIDE_MAX &&
           facts->height >= AVATAR_SIDE_MIN && facts->height <= AVATAR_SIDE_MAX;
}

static bool is_taken(enum filetype type)
{
    return type == FILETYPE_PNG || type == FILETYPE_JPEG || type == FILETYPE_WEBP;
}

/* Whether all of it could be copied, and what was kept is the same picture still. */
static bool keep(struct slice sent, const struct filetype_facts *facts, struct buf *kept)
{
    struct filetype_facts again;
    size_t from = kept->len;

    return still_copy(sent, facts->type, kept) &&
           filetype_of((struct slice){ kept->data + from, kept->len - from }, &again) == OK &&
           again.width == facts->width && again.height == facts->height;
}

bool avatar_take(struct slice sent, struct buf *kept, struct filetype_facts *ret_facts,
                 struct buf *problem)
{
    struct filetype_facts facts = { .type = FILETYPE_NONE };
    int rc = sent.len > AVATAR_SENT_MAX_BYTES ? FILETYPE_E_UNKNOWN : filetype_of(sent, &facts);
    size_t from = kept->len;

    if (sent.len > AVATAR_SENT_MAX_BYTES)
        buf_addf(problem, "It has %zu bytes; %d KiB are enough for 256 x 256 pixels.", sent.len,
                 AVATAR_MAX_BYTES / 1024);
    else if (rc != FILETYPE_E_HUGE && !is_taken(facts.type))
        buf_add_text(problem, "It is no whole PNG, JPEG or WebP picture.");
    else if (rc != OK || !sides_fit(&facts))
        buf_addf(problem, "A side may have %d to %d pixels; 256 x 256 looks well.", AVATAR_SIDE_MIN,
                 AVATAR_SIDE_MAX);
    else if (!keep(sent, &facts, kept))
        buf_add_text(problem, "It moves or breaks off; a still picture, whole, is taken.");
    else if (kept->len - from > AVATAR_MAX_BYTES)
        buf_addf(problem, "It has %zu bytes; %d KiB are enough for 256 x 256 pixels.",
                 kept->len - from, AVATAR_MAX_BYTES / 1024);
    else
        *ret_facts = facts;
    return problem->len == 0;
}

struct id avatar_id(struct slice kept)
{
    struct digest digest = digest_sha256(kept);
    struct id id;

    memcpy(id.bytes, digest.bytes, ID_BYTES);
    return id;
}
