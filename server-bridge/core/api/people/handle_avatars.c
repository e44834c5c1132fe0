/* SPDX-License-Identifier: Apache-2.0
 *
 * Avatars: the picture visitors see beside an agent's persona, and the tenant's own, which stands
 * where a persona has none. A picture comes as base64 in JSON, as everything here; what is kept of
 * it is given back the same way, so that what was read can be put back.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"

#include "base/format/base64url.h"
#include "storage/directory/avatars.h"
#include "tenant/avatar.h"
#include "tenant/jid.h"

#include <stdio.h>

/* Whose it is: a member of this tenant. False: answered. */
static bool read_member(struct call *call, char jid[JID_MAX + 1])
{
    if (jid_normalise_bare(slice_of(call->values.jid), jid, JID_MAX + 1) == 0 &&
        tenants_member(call->tenant, slice_of(jid)) != NULL)
        return true;
    answer_not_found(call, "agent");
    return false;
}

/* `with_picture`: the picture itself, too. */
static json_t *avatar_view(const struct call *call, const char *jid, struct slice kept,
                           const struct filetype_facts *facts, bool with_picture)
{
    char address[AVATAR_ADDRESS_BYTES];
    AUTO_BUF text;

    buf_init(&text, AVATAR_SENT_MAX_BYTES * 2);
    if (with_picture)
        base64_encode(kept, &text);
    avatar_address(&call->tenant->about.name, avatar_id(kept), address);
    return json_pack("{s:s, s:s*, s:s, s:s, s:i, s:i, s:i, s:s*}", "tenant",
                     call->tenant->about.name.text, "jid", jid[0] != '\0' ? jid : NULL, "address",
                     address, "type", filetype_mime(facts->type), "width", (int)facts->width,
                     "height", (int)facts->height, "bytes", (int)kept.len, "picture", text.data);
}

static void show(struct call *call, const char *jid)
{
    struct filetype_facts facts;
    AUTO_BUF bytes, kept, problem;
    int rc;

    buf_init(&bytes, AVATAR_MAX_BYTES);
    buf_init(&kept, AVATAR_SENT_MAX_BYTES);
    buf_init(&problem, 512);
    rc = directory_avatar_get(call->core->directory, &call->tenant->about.name, jid, &bytes);
    if (rc == DIRECTORY_E_NONE)
        answer_not_found(call, "avatar");
    else if (rc != OK)
        answer_failed(call, rc);
    else if (!avatar_take(buf_slice(&bytes), &kept, &facts, &problem))
        answer_failed(call, RAISE(ERR_CORRUPT));
    else
        answer_json(call, 200, avatar_view(call, jid, buf_slice(&kept), &facts, true));
}

/* False: answered. */
static bool take(struct call *call, struct buf *kept, struct filetype_facts *ret_facts)
{
    AUTO_BUF sent, problem;

    buf_init(&sent, AVATAR_SENT_MAX_BYTES + 3);
    buf_init(&problem, 512);
    if (!base64_decode(body_text(call, "picture"), &sent)) {
        answer_problem(call, 400, "bad_field", "\"picture\" must be a picture's bytes in base64.");
        return false;
    }
    if (avatar_take(buf_slice(&sent), kept, ret_facts, &problem))
        return true;
    answer_problem(call, 400, "bad_picture", "%.*s", SLICE_ARG(buf_slice(&problem)));
    return false;
}

static void set(struct call *call, const char *jid)
{
    struct filetype_facts facts;
    struct id avatar;
    char id[ID_TEXT_BYTES];
    AUTO_BUF kept;
    int rc;

    buf_init(&kept, AVATAR_SENT_MAX_BYTES);
    if (!take(call, &kept, &facts))
        return;
    avatar = avatar_id(buf_slice(&kept));
    id_format(avatar, id);
    if (asprintf(&call->changed, "avatar=%s bytes=%zu", id, kept.len) < 0)
        call->changed = NULL;
    audit_join(call);
    rc = directory_avatar_set(call->core->directory, &call->tenant->about.name, jid,
                              buf_slice(&kept));
    if (rc != OK) {
        answer_failed(call, rc < 0 ? rc : RAISE(ERR_BUG)); /* we have just seen whose it is */
        return;
    }
    avatar_changed(call->tenant, jid, avatar);
    answer_json(call, 200, avatar_view(call, jid, buf_slice(&kept), &facts, false));
}

static void remove_it(struct call *call, const char *jid)
{
    int rc;

    audit_join(call);
    rc = directory_avatar_remove(call->core->directory, &call->tenant->about.name, jid);
    if (rc == DIRECTORY_E_NONE) {
        answer_not_found(call, "avatar");
    } else if (rc != OK) {
        answer_failed(call, rc);
    } else {
        avatar_changed(call->tenant, jid, (struct id){ { 0 } });
        answer_nothing(call);
    }
}

void handle_tenant_avatar_show(struct call *call)
{
    show(call, "");
}

void handle_tenant_avatar_set(struct call *call)
{
    set(call, "");
}

void handle_tenant_avatar_remove(struct call *call)
{
    remove_it(call, "");
}

void handle_member_avatar_show(struct call *call)
{
    char jid[JID_MAX + 1];

    if (read_member(call, jid))
        show(call, jid);
}

void handle_member_avatar_set(struct call *call)
{
    char jid[JID_MAX + 1];

    if (read_member(call, jid))
        set(call, jid);
}

void handle_member_avatar_remove(struct call *call)
{
    char jid[JID_MAX + 1];

    if (read_member(call, jid))
        remove_it(call, jid);
}
