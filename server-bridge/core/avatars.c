/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures of personas and of tenants, for visitors: where each is found, and the bytes to whoever
 * asks there. The address is /p/<tenant>/<what the picture is known by>: it tells whose chat it is
 * in and nothing of the person, and holds as long as this tenant shows that picture.
 */
#include "server-bridge/core/core.h"

#include "storage/directory/avatars.h"
#include "tenant/avatar.h"

#include <stdio.h>

void avatar_address(const struct tenant_name *tenant, struct id avatar,
                    char ret_address[AVATAR_ADDRESS_BYTES])
{
    char id[ID_TEXT_BYTES];

    id_format(avatar, id);
    ret_address[0] = '\0';
    if (!id_is_none(avatar))
        (void)snprintf(ret_address, AVATAR_ADDRESS_BYTES, "/p/%s/%s", tenant->text, id);
}

struct slice avatar_of(const struct live_tenant *tenant, struct slice jid,
                       char ret_address[AVATAR_ADDRESS_BYTES])
{
    const struct membership *member = tenants_member(tenant, jid);
    bool own = member != NULL && !id_is_none(member->avatar);

    avatar_address(&tenant->about.name, own ? member->avatar : tenant->about.avatar, ret_address);
    return slice_of(ret_address);
}

struct slice avatar_of_words(const struct live_tenant *tenant, enum message_from from,
                             struct slice sender, char ret_address[AVATAR_ADDRESS_BYTES])
{
    if (from == FROM_AGENT || from == FROM_BOT)
        return avatar_of(tenant, sender, ret_address);
    return SLICE_NONE;
}

void avatar_changed(struct live_tenant *tenant, const char *jid, struct id avatar)
{
    struct membership *member =
        (struct membership *)(uintptr_t)tenants_member(tenant, slice_of(jid));

    if (jid[0] == '\0')
        tenant->about.avatar = avatar;
    else if (member != NULL)
        member->avatar = avatar;
}

/* Looked at again: the directory may have come from another server. */
static bool find(const struct live_tenant *tenant, struct slice key, struct buf *bytes,
                 struct filetype_facts *ret_facts)
{
    struct id id;
    AUTO_BUF kept, problem;

    buf_init(&kept, AVATAR_SENT_MAX_BYTES);
    buf_init(&problem, 512);
    return tenant != NULL && tenant->about.state == TENANT_LIVE && id_parse(key, &id) == 0 &&
           directory_avatar_find(tenant->core->directory, &tenant->about.name, id, bytes) == OK &&
           id_equal(avatar_id(buf_slice(bytes)), id) &&
           avatar_take(buf_slice(bytes), &kept, ret_facts, &problem);
}

/* Unknown, foreign and replaced are all the same. */
void avatar_give(struct web_peer *web, const struct ipc_avatar_open *open)
{
    struct filetype_facts facts;
    AUTO_BUF bytes;

    buf_init(&bytes, AVATAR_MAX_BYTES);
    if (find(tenants_called(web->core, open->tenant), open->key, &bytes, &facts))
        IPC_SEND(web->ipc, avatar_found, .request = open->request,
                 .type = slice_of(filetype_mime(facts.type)), .body = buf_slice(&bytes));
    else
        IPC_SEND(web->ipc, api_answer, .request = open->request, .status = 404,
                 .content_type = SLICE_LITERAL("text/plain; charset=utf-8"),
                 .body = SLICE_LITERAL("There is no such picture, or no more.\n"));
}
