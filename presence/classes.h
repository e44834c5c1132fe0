/* SPDX-License-Identifier: Apache-2.0
 *
 * classes — who may code what, as measured: the table classes.tsv that ships beside the rules.
 *
 * It is made by `presence_agreement --classes` from the reference sets and names the rules it was
 * measured on. Rules that have changed since have no classes until they are measured again: then
 * every code counts as class H, and nothing is charted from machine codes.
 */
#ifndef PRESENCE_CLASSES_H
#define PRESENCE_CLASSES_H

#include "presence/coder/coder.h"

/* Reads FOLDER/classes.tsv, if there is one for these very rules. presence_rules_load does so;
 * ERR_CONFIG: the file is there but broken, told in `problems`. */
int presence_classes_load(struct presence_rules *rules, const char *folder,
                          struct buf *problems) MUST_CHECK;

/* Whether there is a table of these rules at all. */
bool presence_classes_are_current(const struct presence_rules *rules);

struct presence_class_row {
    enum presence_class class_;
    double kappa, low, high;   /* NAN: undefined */
    unsigned messages, marked; /* messages measured on; of them marked by the reference */
};

/* H and no figures for a code, language or rules that were not measured. */
struct presence_class_row presence_class_of(const struct presence_rules *rules,
                                            const char *language, enum presence_code code);

#endif
