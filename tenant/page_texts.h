/* SPDX-License-Identifier: Apache-2.0
 *
 * page_texts — what the widget says on the site's own page, while the chat is closed: the names of
 * its button, and of what stands beside that. In each of the tenant's languages, from the same
 * files as what an opened chat says (`page` of widget/texts/, which the build puts in here), and in
 * the tenant's own words where it has any.
 */
#ifndef TENANT_PAGE_TEXTS_H
#define TENANT_PAGE_TEXTS_H

#include "tenant/settings.h"

enum {
    PAGE_TEXT_MAX_POINTS = 150, /* each stands in the script that every page of the site loads */
    PAGE_TEXTS_MAX_BYTES = 96 * 1024 /* all of them, in as many languages as a tenant may have */
};

bool page_texts_has(const char *name);

/* { "fi": ["Keskustele kanssamme", …], … }, a list for each of `languages` (separated by spaces),
 * in the order in which loader.ts takes them and as long as the site needs; never without a
 * language.
 */
void page_texts_add(const struct tenant_settings *settings, const char *languages, struct buf *to);

#endif
