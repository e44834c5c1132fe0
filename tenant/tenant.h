/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant — a customer organisation: the wall nothing crosses.
 *
 * Plain descriptions, as the directory (storage/directory/directory.h) keeps them. Who is live
 * right now and what they do is chat/'s business.
 */
#ifndef TENANT_TENANT_H
#define TENANT_TENANT_H

#include "base/id.h"
#include "base/slice.h"

enum {
    TENANT_NAME_MAX = 32,  /* [a-z0-9][a-z0-9-]*: also a DNS label and a folder */
    TENANT_TITLE_MAX = 80, /* code points */
    TENANT_SITES_MAX = 16,
    TENANT_ORIGINS_MAX = 16, /* a site */
    TENANT_LANGUAGE_MAX = 16,
    TENANT_FORMER_MAX = 16, /* names it had before */
};

/* Every storage verb takes one first: a query that forgets it does not compile. */
struct tenant_name {
    char text[TENANT_NAME_MAX + 1];
};

/* 1: empty, too long, or a character that is not a lower-case letter, digit or inner '-';
 * also the names we keep for ourselves (control, desk, admin, www …). */
int tenant_name_parse(struct slice text, struct tenant_name *ret_name);
static inline bool tenant_name_equal(const struct tenant_name *a, const struct tenant_name *b)
{
    return strcmp(a->text, b->text) == 0;
}

/* One web place of a tenant where the widget is embedded. */
struct site {
    char id[ID_TEXT_BYTES];
    char key[ID_TEXT_BYTES]; /* public: stands in the snippet */
    char *origins;           /* owned; scheme://host[:port], separated by one space */
    char *settings;          /* owned; JSON object: in what it differs from the tenant */
};

enum tenant_state {
    TENANT_LIVE,
    TENANT_DISABLED, /* keeps its data, refuses everyone */
    TENANT_ADDING,   /* not yet whole: undone at the next start */
    TENANT_REMOVING, /* no more served: what is left of it goes */
    TENANT_RENAMING, /* in memory alone: closed for the moment in which it moves */
};

struct tenant {
    struct tenant_name name;
    char *title;     /* owned; what people call it: "Acme Oy" */
    char *domain;    /* owned; its XMPP component: acme.chat.example */
    char *languages; /* owned; the first is the default: "fi en" */
    char *secret;    /* owned; the component's; never shown, never logged */
    enum tenant_state state;
    uint64_t created_ms; /* wall */
    char *settings;      /* owned; JSON object of what differs from the defaults */
    struct id avatar;    /* what its picture is known by (avatar.h); none: it has none */
    struct site *sites;  /* owned */
    size_t site_count;

    struct tenant_name born; /* the name it was added under; "": it still bears that */
    char *former;            /* owned; what else it was called, oldest first: "acme"; may be NULL */
    struct tenant_moving {   /* renamed, and not all has followed yet … */
        struct tenant_name from; /* … from here; "": all has */
        uint64_t at_ms;
    } moving;
};

void tenant_release(struct tenant *tenant);

/* What keyed hashes are made with: it stays when the tenant is renamed. */
static inline const struct tenant_name *tenant_born(const struct tenant *tenant)
{
    return tenant->born.text[0] != '\0' ? &tenant->born : &tenant->name;
}
/* Whether the tenant was called that before. */
bool tenant_was_called(const struct tenant *tenant, struct slice name);

/* Accepts exact origins only: scheme http or https, a host, perhaps a port; no path. The
 * form compared everywhere: lower case, default ports left out. 1: not an origin. */
int origin_normalise(struct slice text, char *ret_origin, size_t size);
/* fi, en-gb, zh-hant-tw: language, perhaps script, region and variants, as BCP 47 writes them and
 * browsers take them (they stop at anything else); in lower case. */
bool language_is_tag(struct slice text);
/* fi, en-GB: the same, in lower case. 1: not a language. */
int language_normalise(struct slice text, char *ret_language, size_t size);
/* Whether a space-separated list holds this origin, compared as normalised text. */
bool origin_list_has(const char *list, struct slice origin);

#endif
