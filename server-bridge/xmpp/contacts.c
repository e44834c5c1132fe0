/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/contacts.h"

#include "chat/chat.h"

#include <stdlib.h>

enum { BUCKETS = 4096 };

struct contact {
    struct contact *next;
    char *member, *local, *status, *name; /* owned */
    uint64_t show;
    bool owed;
};

struct contacts {
    struct contact *buckets[BUCKETS];
    size_t count;
};

static size_t bucket_of(struct slice member, struct slice local)
{
    uint32_t hash = 2166136261u; /* FNV-1a: the keys are ours, nobody chooses collisions */

    for (size_t i = 0; i < member.len; i++)
        hash = (hash ^ (unsigned char)member.data[i]) * 16777619u;
    for (size_t i = 0; i < local.len; i++)
        hash = (hash ^ (unsigned char)local.data[i]) * 16777619u;
    return hash % BUCKETS;
}

static struct contact **find(struct contacts *contacts, struct slice member, struct slice local)
{
    struct contact **at = &contacts->buckets[bucket_of(member, local)];

    while (*at != NULL && !(slice_is(member, (*at)->member) && slice_is(local, (*at)->local)))
        at = &(*at)->next;
    return at;
}

static void drop(struct contacts *contacts, struct contact **at)
{
    struct contact *contact = *at;

    *at = contact->next;
    free(contact->member);
    free(contact->local);
    free(contact->status);
    free(contact->name);
    free(contact);
    contacts->count--;
}

int contacts_new(struct contacts **ret_contacts)
{
    struct contacts *contacts = calloc(1, sizeof(*contacts));

    if (contacts == NULL)
        return RAISE(ERR_NO_MEMORY);
    *ret_contacts = contacts;
    return OK;
}

struct contacts *contacts_free(struct contacts *contacts)
{
    for (size_t i = 0; contacts != NULL && i < BUCKETS; i++) {
        while (contacts->buckets[i] != NULL)
            drop(contacts, &contacts->buckets[i]);
    }
    free(contacts);
    return NULL;
}

static int add(struct contacts *contacts, struct contact **at, struct slice member,
               struct slice local)
{
    struct contact *contact;

    if (contacts->count == CONTACTS_MAX)
        return RAISE(ERR_NO_MEMORY);
    contact = calloc(1, sizeof(*contact));
    if (contact == NULL)
        return RAISE(ERR_NO_MEMORY);
    contact->member = slice_dup(member);
    contact->local = slice_dup(local);
    contact->next = *at;
    *at = contact;
    contacts->count++;
    if (contact->member != NULL && contact->local != NULL)
        return OK;
    drop(contacts, at);
    return RAISE(ERR_NO_MEMORY);
}

int contacts_set(struct contacts *contacts, const struct ipc_link_presence *presence, bool sent)
{
    struct contact **at = find(contacts, presence->to, presence->from);
    char *status, *name;

    if (sent && presence->show == SHOW_GONE) {
        if (*at != NULL)
            drop(contacts, at);
        return OK;
    }
    status = slice_dup(presence->status);
    name = slice_dup(presence->name);
    if (status == NULL || name == NULL ||
        (*at == NULL && add(contacts, at, presence->to, presence->from) != OK)) {
        free(status);
        free(name);
        return RAISE(ERR_NO_MEMORY);
    }
    free((*at)->status);
    free((*at)->name);
    (*at)->status = status;
    (*at)->name = name;
    (*at)->show = presence->show;
    (*at)->owed = !sent;
    return OK;
}

static struct ipc_link_presence presence_of(const struct contact *contact, struct slice member)
{
    return (struct ipc_link_presence){ member, slice_of(contact->local), contact->show,
                                       slice_of(contact->status), slice_of(contact->name) };
}

bool contacts_get(struct contacts *contacts, struct slice member, struct slice local,
                  struct ipc_link_presence *ret_presence)
{
    const struct contact *contact = *find(contacts, member, local);

    if (contact == NULL)
        contact = *find(contacts, SLICE_NONE, local);
    if (contact == NULL || contact->show == SHOW_GONE)
        return false;
    *ret_presence = presence_of(contact, member);
    return true;
}

void contacts_each_shown(struct contacts *contacts, contacts_each_fn *each, void *context)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct contact *at = contacts->buckets[i]; at != NULL; at = at->next) {
            struct ipc_link_presence presence = presence_of(at, slice_of(at->member));

            if (!at->owed && at->show != SHOW_GONE)
                each(context, &presence);
        }
    }
}

void contacts_each_owed(struct contacts *contacts, contacts_each_fn *each, void *context)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct contact **at = &contacts->buckets[i];

        while (*at != NULL) {
            struct contact *contact = *at;
            struct ipc_link_presence presence = presence_of(contact, slice_of(contact->member));

            if (contact->owed)
                each(context, &presence);
            contact->owed = false;
            if (contact->show == SHOW_GONE)
                drop(contacts, at);
            else
                at = &contact->next;
        }
    }
}
