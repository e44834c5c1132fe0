/* SPDX-License-Identifier: Apache-2.0
 *
 * codebook — the codes of social presence, version spc-1, in one table.
 *
 * The codes are our own, on the template of Rourke, Anderson, Garrison & Archer 1999 as used for
 * instant messaging (Tang & Hew 2020, table 1); they answer the questions of Koponen & Rytsy 2020
 * and are not that article's codes. Say so wherever results are shown (docs/presence.md).
 *
 * A code's class says who may code it: A the machine alone, B the machine suggests and a person
 * confirms, H a person. Classes are measured per language, never decreed (presence/classes.h). What
 * the book expects at best is in the table, and caps what is measured on conversations that the
 * rules were written with in sight.
 */
#ifndef PRESENCE_CODEBOOK_H
#define PRESENCE_CODEBOOK_H

#include "base/slice.h"

#include <stdint.h>

#define PRESENCE_CODEBOOK_VERSION "spc-1"

enum presence_group {
    PRESENCE_COHESIVE,
    PRESENCE_INTERACTIVE,
    PRESENCE_AFFECTIVE,
    PRESENCE_RELATIONSHIP,  /* kept apart from COH, so that both readings can be computed */
    PRESENCE_WORD_OF_MOUTH, /* signals: a private chat tells of eWOM, it is none itself */
    PRESENCE_GROUP_COUNT
};

/* CODE(constant, id, group, class expected of the machine at best, present when the message…) */
#define PRESENCE_CODES(CODE)                                                                       \
    CODE(COH_GREET, "COH.GREET", COHESIVE, A, "opens with or contains a salutation")               \
    CODE(COH_CLOSE, "COH.CLOSE", COHESIVE, A, "takes leave or wishes well for after the chat")     \
    CODE(COH_VOC, "COH.VOC", COHESIVE, A, "addresses the other by name or nick")                   \
    CODE(COH_INCL, "COH.INCL", COHESIVE, B,                                                        \
         "says we, us, our so that it includes the other party")                                   \
    CODE(COH_SMALL, "COH.SMALL", COHESIVE, H, "makes small talk outside the matter")               \
    CODE(INT_Q, "INT.Q", INTERACTIVE, A, "asks the other, or asks for something told or shown")    \
    CODE(INT_THANK, "INT.THANK", INTERACTIVE, A, "thanks for or appreciates what the other did")   \
    CODE(INT_AGR, "INT.AGR", INTERACTIVE, B, "agrees with the other's claim, accepts a proposal")  \
    CODE(INT_ACK, "INT.ACK", INTERACTIVE, B,                                                       \
         "shows the message was received or followed, no more")                                    \
    CODE(INT_COMP, "INT.COMP", INTERACTIVE, B, "praises the other, the service or the product")    \
    CODE(INT_APOL, "INT.APOL", INTERACTIVE, A, "apologises")                                       \
    CODE(INT_SUPP, "INT.SUPP", INTERACTIVE, H, "shows empathy, reassures, offers help beyond")     \
    CODE(INT_REPLY, "INT.REPLY", INTERACTIVE, B, "refers back to a particular earlier message")    \
    CODE(AFF_ICON, "AFF.ICON", AFFECTIVE, A, "holds an emoticon, emoji or sticker")                \
    CODE(AFF_PARA, "AFF.PARA", AFFECTIVE, A, "laughs, stretches, shouts, or cries out in letters") \
    CODE(AFF_POS, "AFF.POS", AFFECTIVE, H, "states a positive feeling in words")                   \
    CODE(AFF_NEG, "AFF.NEG", AFFECTIVE, H, "states a negative feeling in words")                   \
    CODE(AFF_HUM, "AFF.HUM", AFFECTIVE, H, "jokes, teases, is ironic")                             \
    CODE(AFF_SELF_PERS, "AFF.SELF.PERS", AFFECTIVE, H,                                             \
         "tells of own private life, traits, weakness")                                            \
    CODE(AFF_SELF_BIZ, "AFF.SELF.BIZ", AFFECTIVE, H, "tells of own firm beyond what is needed")    \
    CODE(REL_HIST, "REL.HIST", RELATIONSHIP, B, "refers to shared history of the parties")         \
    CODE(REL_MAINT, "REL.MAINT", RELATIONSHIP, H,                                                  \
         "tends the relationship: loyalty, wishes, ahead")                                         \
    CODE(REL_REFER, "REL.REFER", RELATIONSHIP, B, "has recommended or will recommend the company") \
    CODE(WOM_SRC, "WOM.SRC", WORD_OF_MOUTH, B, "tells that word of mouth brought them")            \
    CODE(WOM_POS, "WOM.POS", WORD_OF_MOUTH, B, "reports or announces public praise")               \
    CODE(WOM_NEG, "WOM.NEG", WORD_OF_MOUTH, B, "reports or threatens public criticism")

#define PRESENCE_CONSTANT(constant, id, group, expected, meaning) PRESENCE_##constant,
enum presence_code { PRESENCE_CODES(PRESENCE_CONSTANT) PRESENCE_CODE_COUNT };
#undef PRESENCE_CONSTANT

enum presence_class { PRESENCE_CLASS_A, PRESENCE_CLASS_B, PRESENCE_CLASS_H };

struct presence_code_row {
    const char *id; /* "COH.GREET", as in files and exports */
    enum presence_group group;
    enum presence_class expected;
    const char *meaning; /* continues "the message …" */
};

/* A set of codes, one bit each. */
typedef uint32_t presence_codes;
#define PRESENCE_CODE_BIT(code) ((presence_codes)1 << (code))

/* The row of a code; the code must be one of the table. */
const struct presence_code_row *presence_code_row(enum presence_code code);
/* 1: there is no code of that id. */
int presence_code_find(struct slice id, enum presence_code *ret_code);
/* "cohesive", "interactive" … */
const char *presence_group_name(enum presence_group group);
presence_codes presence_group_codes(enum presence_group group);
char presence_class_letter(enum presence_class class_);

#endif
