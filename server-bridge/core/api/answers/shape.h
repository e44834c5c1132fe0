/* SPDX-License-Identifier: Apache-2.0
 *
 * shape — what stands in a document that is answered: its members, each with what it may be and a
 * sentence for people. The OpenAPI document is made of these; tests hold every answer they meet
 * against it, so a member that a handler adds without a row here, or leaves out, is found.
 *
 * Not checked while serving: handlers make what they make. For the files of this folder, whose
 * tables these macros fill, and for openapi/, which reads them.
 */
#ifndef SERVER_BRIDGE_CORE_API_ANSWERS_SHAPE_H
#define SERVER_BRIDGE_CORE_API_ANSWERS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum member_kind {
    MEMBER_TEXT,
    MEMBER_ID,    /* 26 characters of base32 */
    MEMBER_TIME,  /* RFC 3339 in UTC, with milliseconds */
    MEMBER_WORD,  /* a text, one of `words` */
    MEMBER_COUNT, /* a whole number from 0 */
    MEMBER_WHOLE, /* a whole number */
    MEMBER_NUMBER,
    MEMBER_FLAG,
    MEMBER_OBJECT,         /* of that shape */
    MEMBER_TEXT_OR_OBJECT, /* a text, or of that shape */
    MEMBER_ANYTHING,       /* JSON that somebody else described */
};

/* How it is there. */
enum {
    ALWAYS = 0,
    OR_NULL = 1, /* null: none, or not yet */
    MAYBE = 2,   /* not in every answer */
    LIST = 4,    /* a list of such */
    MAP = 8,     /* an object of such, by name */
};

struct shape;

/* A table of them ends with a row without a name. */
struct member {
    const char *name;
    enum member_kind kind;
    unsigned how;
    const char *words;         /* with a | between them */
    const struct shape *shape; /* of MEMBER_OBJECT */
    const char *meaning;
};

struct shape {
    const char *name;           /* of the component in the OpenAPI document */
    const struct shape *beside; /* whose members it has, too; NULL: none */
    const struct member *members;
    bool is_open; /* it may have members that are not told here */
};

#define TEXT(name, how, meaning)                    \
    {                                               \
        name, MEMBER_TEXT, how, NULL, NULL, meaning \
    }
#define ID(name, how, meaning)                    \
    {                                             \
        name, MEMBER_ID, how, NULL, NULL, meaning \
    }
#define TIME(name, how, meaning)                    \
    {                                               \
        name, MEMBER_TIME, how, NULL, NULL, meaning \
    }
#define WORD(name, how, words, meaning)              \
    {                                                \
        name, MEMBER_WORD, how, words, NULL, meaning \
    }
#define COUNT(name, how, meaning)                    \
    {                                                \
        name, MEMBER_COUNT, how, NULL, NULL, meaning \
    }
#define WHOLE(name, how, meaning)                    \
    {                                                \
        name, MEMBER_WHOLE, how, NULL, NULL, meaning \
    }
#define NUMBER(name, how, meaning)                    \
    {                                                 \
        name, MEMBER_NUMBER, how, NULL, NULL, meaning \
    }
#define FLAG(name, how, meaning)                    \
    {                                               \
        name, MEMBER_FLAG, how, NULL, NULL, meaning \
    }
#define OBJECT(name, how, shape, meaning)                 \
    {                                                     \
        name, MEMBER_OBJECT, how, NULL, &(shape), meaning \
    }
#define TEXT_OR_OBJECT(name, how, shape, meaning)                 \
    {                                                             \
        name, MEMBER_TEXT_OR_OBJECT, how, NULL, &(shape), meaning \
    }
#define ANYTHING(name, how, meaning)                    \
    {                                                   \
        name, MEMBER_ANYTHING, how, NULL, NULL, meaning \
    }
#define NO_MORE      \
    {                \
        .name = NULL \
    }

/* SHAPE(site, "Site", NULL) is made of site_members. */
#define SHAPE(which, component, more) \
    const struct shape which##_shape = { component, more, which##_members, false }
#define OPEN_SHAPE(which, component) \
    const struct shape which##_shape = { component, NULL, which##_members, true }

/* Which of what was sent was not taken: in more than one file. */
extern const struct shape refused_shape;

#endif
