/* SPDX-License-Identifier: Apache-2.0
 *
 * What names somebody or something: addresses, origins, tenants, ids. A name that was brought
 * to its form stays as it is when brought there again.
 */
#include "base/id.h"
#include "tenant/jid.h"
#include "tenant/tenant.h"
#include "tests/fuzz/fuzz.h"

static void split(struct slice text)
{
    struct jid jid, again;

    if (jid_split(text, &jid) != 0)
        return;
    MUST(jid.domain.len > 0 && jid.domain.len <= JID_PART_MAX);
    MUST(jid.local.len <= JID_PART_MAX && jid.resource.len <= JID_PART_MAX);
    MUST(jid.bare.data == text.data && jid.bare.len <= text.len);
    MUST(memchr(jid.bare.data, '/', jid.bare.len) == NULL);
    MUST(jid_split(jid.bare, &again) == 0);
    MUST(slice_equal(again.local, jid.local) && slice_equal(again.domain, jid.domain));
    MUST(again.resource.len == 0);
}

static void normalise(struct slice text)
{
    char once[JID_MAX + 1], twice[JID_MAX + 1];

    if (jid_normalise_bare(text, once, sizeof(once)) == 0) {
        MUST(jid_normalise_bare(slice_of(once), twice, sizeof(twice)) == 0);
        MUST(strcmp(once, twice) == 0);
    }
    if (origin_normalise(text, once, sizeof(once)) == 0) {
        MUST(origin_normalise(slice_of(once), twice, sizeof(twice)) == 0);
        MUST(strcmp(once, twice) == 0);
        MUST(origin_list_has(once, slice_of(once)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char *bytes = malloc(len + 1), id_text[ID_TEXT_BYTES];
    struct slice text = { bytes, len };
    struct tenant_name name;
    struct id id;

    MUST(bytes != NULL);
    memcpy(bytes, input, len);
    bytes[len] = '\0';
    split(text);
    normalise(text);
    if (tenant_name_parse(text, &name) == 0)
        MUST(slice_is(text, name.text));
    if (id_parse(text, &id) == 0) {
        id_format(id, id_text);
        MUST(slice_is(text, id_text));
    }
    free(bytes);
    return 0;
}
